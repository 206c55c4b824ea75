/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that only notifies: api_notify.c has made its first virtio device ready. It makes a request available,
 * notifies, loops until the request is done, counts it, and begins again.
 */
#define AVAIL_INDEX 0x41002
#define USED_INDEX  0x42002
#define DONE        0x48000
#define SUBCHANNEL  0x10001	/* the first behind the console's */
#define NOTIFY      3		/* function of DIAGNOSE 0x500 */

	.globl	_start
	.text
_start:
	lghi	%r6, 0
	lgfi	%r7, AVAIL_INDEX
	lgfi	%r8, USED_INDEX
	lgfi	%r9, DONE
1:	aghi	%r6, 1
	strvh	%r6, 0(%r7)			/* little-endian */
	bcr	15, 0
	lghi	%r1, NOTIFY
	lgfi	%r2, SUBCHANNEL
	lghi	%r3, 0				/* the queue */
	lghi	%r4, 0
	diag	%r2, %r4, 0x500
2:	lrvh	%r5, 0(%r8)
	xr	%r5, %r6
	tmll	%r5, 0xffff
	jnz	2b
	lg	%r5, 0(%r9)
	aghi	%r5, 1
	stg	%r5, 0(%r9)
	j	1b
