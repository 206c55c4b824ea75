/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * s390x.h: what the lessons have in common on s390x: two CPUs, of which CPU 1 signals CPU 0 by SIGP emergency
 * signal. CPU 0 begins at `waiter`, with interruptions closed, CPU 1 at `waker`. power9.h has the same words.
 */
#define EXT_OLD_PSW     0x130
#define RESTART_NEW_PSW 0x1a0
#define EXT_NEW_PSW     0x1b0
#define SHARED          0x8000 /* the bytes that both use, at these offsets: */
#define A               0
#define B               8
#define C               16

	.macro	begin
	.globl	_start
	.text
_start:
	lgfi	%r5, SHARED
	larl	%r1, new_psws
	mvc	RESTART_NEW_PSW(32, %r0), 0(%r1)
	lctlg	%c0, %c0, 32(%r1)
	lghi	%r3, 1
	sigp	%r2, %r3, 6			/* RESTART of CPU 1 */
	j	waiter

	.data
	.balign	8
new_psws:
	.quad	0x0000000180000000, start_waker, 0x0000000180000000, handler
	.quad	0x40e0				/* CR0: emergency signals */
	.text
start_waker:
	lgfi	%r5, SHARED
	j	waker
	.endm

	.macro	put place, value
	mvi	\place(%r5), \value
	.endm

	.macro	copy to, from
	mvc	\to(1, %r5), \from(%r5)
	.endm

	.macro	add_one place
	ic	%r4, \place(%r5)
	aghi	%r4, 1
	stc	%r4, \place(%r5)
	.endm

	.macro	if_set place, label
	cli	\place(%r5), 0
	jne	\label
	.endm

	/* What CPU 0 has stored is there before what it loads next. */
	.macro	fence
	bcr	15, 0
	.endm

	.macro	again label
	j	\label
	.endm

	.macro	signal
	lghi	%r3, 0
	sigp	%r2, %r3, 3			/* EMERGENCY SIGNAL to CPU 0 */
	.endm

	.macro	open
	stosm	0x80(%r5), 1
	.endm

	/* An enabled wait, until the next signal; closed afterwards, if the handler returns so. */
	.macro	doze
	larl	%r1, 77f
	lpswe	0(%r1)
	.data
	.balign	8
77:	.quad	0x0102000180000000, 78f
	.text
78:
	.endm

	.macro	forever
76:	doze
	j	76b
	.endm

	.macro	handler_begins
handler:
	.endm

	/* Back to where it was interrupted, no longer waiting. */
	.macro	return_open
	ni	EXT_OLD_PSW + 1(%r0), 0xfd
	lpswe	EXT_OLD_PSW(%r0)
	.endm

	.macro	return_closed
	ni	EXT_OLD_PSW(%r0), 0xfe
	return_open
	.endm
