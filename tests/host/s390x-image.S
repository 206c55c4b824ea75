/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A raw image with the mark and the parameter area of a Linux kernel. It prints its parameters and its initial
 * RAM disk (at most 256 bytes), and stops its only CPU. Parameters that begin with "again" make it ask for a
 * reboot, with "kexec" go on by DIAGNOSE 0x308, subcode 1, at another entry, with "clear" by subcode 0.
 */
#define EXT_NEW_PSW 0x1b0
#define INITRD      0x10408
#define INITRD_SIZE 0x10410
#define PARAMS      0x10480

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

	/* DIAGNOSE 0x308. */
	.macro	diag308 subcode
	lghi	%r2, 0
	lghi	%r4, \subcode
	.insn	rs, 0x83000000, %r2, %r4, 0x308(%r0)
	.endm

	.macro	begin_output
	larl	%r1, closed
	mvc	EXT_NEW_PSW(8, %r0), 0(%r1)
	larl	%r1, service_signals
	lctlg	%c0, %c0, 0(%r1)
	servc	0x00780005, mask		/* WRITE EVENT MASK */
	.endm

	.globl	_start
	.text
	.org	0x10000
_start:
	jg	begin
	.org	0x10008
	.ascii	"S390EP"
	.org	0x10430
	.quad	100				/* bytes of parameters */
	.org	0x11000
begin:
	begin_output
	larl	%r8, text
	lgfi	%r5, PARAMS
	mvc	0(100, %r8), 0(%r5)
	oc	0(100, %r8), blanks - text(%r8)	/* no characters of zero */
	servc	0x00760005, say			/* WRITE EVENT DATA */
	lgfi	%r6, INITRD
	lg	%r7, 0(%r6)
	lg	%r6, INITRD_SIZE - INITRD(%r6)
	aghi	%r6, -1
	jm	1f
	larl	%r1, copy
	ex	%r6, 0(%r1)
	servc	0x00760005, say
1:	larl	%r1, words
	clc	0(5, %r5), 0(%r1)
	je	again
	clc	0(5, %r5), 5(%r1)
	je	kexec
	clc	0(5, %r5), 10(%r1)
	je	clear
stop:	lghi	%r2, 0
	lghi	%r3, 0				/* CPU address 0: this one */
2:	sigp	%r2, %r3, 5			/* STOP */
	j	2b
again:	diag308	3
kexec:	larl	%r1, second_psw
	mvc	0(8, %r0), 0(%r1)
	diag308	1
clear:	larl	%r1, second_psw
	mvc	0(8, %r0), 0(%r1)
	lghi	%r9, 1
	diag308	0

	/* Nothing is left of what has been set: control registers, event mask. */
	.org	0x12000
second:
	begin_output
	ltgr	%r9, %r9
	jnz	stop				/* a clear reset clears registers, too */
	servc	0x00760005, second_text
	j	stop

copy:	mvc	0(1, %r8), 0(%r7)
words:	.ascii	"again", "kexec", "clear"
	.balign	8
closed:	.quad	0x0000000180000000
wait:	.quad	0x0102000180000000, 0		/* external interruptions open */
second_psw:
	.long	0x00080001, 0x80012000		/* a short PSW: 64 bits */
service_signals:
	.quad	0x2e0
	.balign	8
mask:	.short	28
	.byte	0, 0, 0, 0
	.short	0, 0, 4				/* response; length of the masks */
	.long	0, 0x00000040, 0, 0		/* sends ASCII text (type 0x1a) */
	.balign	8
say:	.short	115				/* length, function and control, response */
	.byte	0, 0, 0, 0
	.short	0
	.short	107				/* one event buffer: ASCII */
	.byte	0x1a, 0
	.short	0
text:	.fill	100, 1, 0x20
	.ascii	"\n"
blanks:	.fill	100, 1, 0x20
	.balign	8
second_text:
	.short	29
	.byte	0, 0, 0, 0
	.short	0
	.short	21
	.byte	0x1a, 0
	.short	0
	.ascii	"the second one\n"
