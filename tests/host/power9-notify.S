/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that only notifies: api_notify.c has made its first virtio device ready. It makes a request available,
 * notifies, loops until the request is done, counts it, and begins again.
 */
	/* The queue's place in the BAR of the first function, a guest real address. */
#define NOTIFY_TOP 0x2000
#define NOTIFY_LOW 0x80003000

	.globl	_start
	.text
_start:
	li	6, 0
	lis	7, 4
	ori	7, 7, 0x1002			/* the index of the available ring */
	lis	8, 4
	ori	8, 8, 0x2002			/* that of the used ring */
	lis	9, 4
	ori	9, 9, 0x8000			/* the count */
	li	10, NOTIFY_TOP
	sldi	10, 10, 32
	oris	10, 10, NOTIFY_LOW >> 16
	ori	10, 10, NOTIFY_LOW & 0xffff
1:	addi	6, 6, 1
	sth	6, 0(7)
	sync
	li	11, 0
	stw	11, 0(10)
	clrldi	12, 6, 48
2:	lhz	5, 0(8)
	cmpw	5, 12
	bne	2b
	ld	5, 0(9)
	addi	5, 5, 1
	std	5, 0(9)
	b	1b
