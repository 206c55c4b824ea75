/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that knows nothing of zpvm: says hello, loops until the doubleword at 0x8000 is not zero, says bye and
 * stops its only CPU. core.c runs it.
 */
#define EXT_NEW_PSW 0x1b0

	/* SERVICE CALL, and wait for its service signal. */
	.macro	servc command, sccb
	larl	%r1, 9f
	stg	%r1, EXT_NEW_PSW + 8(%r0)
	lgfi	%r2, \command
	larl	%r3, \sccb
	.insn	rre, 0xb2200000, %r2, %r3
	larl	%r1, wait
	lpswe	0(%r1)
9:
	.endm

	.globl	_start
	.text
_start:
	larl	%r1, closed
	mvc	EXT_NEW_PSW(8, %r0), 0(%r1)
	larl	%r1, service_signals
	lctlg	%c0, %c0, 0(%r1)
	servc	0x00780005, mask		/* WRITE EVENT MASK */
	servc	0x00760005, hello		/* WRITE EVENT DATA */
	lghi	%r4, 0
	lgfi	%r5, 0x8000
1:	lg	%r4, 0(%r5)
	ltgr	%r4, %r4
	jz	1b
	servc	0x00760005, bye
	lghi	%r2, 0
	lghi	%r3, 0				/* CPU address 0: this one */
2:	sigp	%r2, %r3, 5			/* STOP */
	j	2b

	.data
	.macro	sccb name, text
	.balign	8
\name:	.short	20				/* length, function and control, response */
	.byte	0, 0, 0, 0
	.short	0
	.short	12				/* one event buffer: ASCII */
	.byte	0x1a, 0
	.short	0
	.ascii	"\text\n"
	.endm
closed:	.quad	0x0000000180000000
wait:	.quad	0x0102000180000000, 0		/* external interruptions open */
service_signals:
	.quad	0x2e0
	.balign	8
mask:	.short	28
	.byte	0, 0, 0, 0
	.short	0, 0, 4				/* response; length of the masks */
	.long	0, 0x00000040, 0, 0		/* sends ASCII text (type 0x1a) */
	sccb	hello, hello
	sccb	bye, "bye  "
