/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * power9.h: what the lessons have in common on POWER9: two CPUs, of which CPU 1 signals CPU 0 by an IPI of XICS.
 * CPU 0 begins at `waiter`, with interrupts off, CPU 1 at `waker`. s390x.h has the same words.
 */
#define H_EOI   0x64
#define H_CPPR  0x68
#define H_IPI   0x6c
#define H_XIRR  0x74
#define H_CEDE  0xe0
#define H_RTAS  0xf000
#define EE_RI   0x8002 /* of the MSR */
#define SHARED  0x8000 /* the bytes that both use, at these offsets: */
#define A       0
#define B       8
#define C       16

	.macro	hcall number
	li	3, \number
	sc	1
	.endm

	.macro	begin
	.section .vectors, "ax"			/* the external interrupt's, 0x500 */
	b	handler
	.globl	_start
	.text
_start:
	li	14, 0
	ori	14, 14, SHARED
	li	4, 0xff
	hcall	H_CPPR				/* accept all */
	lis	15, 0x7fff			/* no decrementer interrupt for the next seconds */
	mtdec	15
	lis	4, start_cpu@ha
	addi	4, 4, start_cpu@l
	lis	5, start_waker@ha
	addi	5, 5, start_waker@l
	li	6, 16
	stwbrx	5, 6, 4
	lis	3, 0
	ori	3, 3, H_RTAS
	sc	1
	b	waiter

	.data
	.balign	4
	/* Big-endian words: token, 3 arguments, 1 result; server, address, r3. */
start_cpu:
	.byte	0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 1
	.fill	3, 4, 0
	.text
start_waker:
	li	14, 0
	ori	14, 14, SHARED
	lis	15, 0x7fff
	mtdec	15
	b	waker
	.endm

	.macro	put place, value
	li	15, \value
	stb	15, \place(14)
	.endm

	.macro	copy to, from
	lbz	16, \from(14)
	stb	16, \to(14)
	.endm

	.macro	add_one place
	lbz	16, \place(14)
	addi	16, 16, 1
	stb	16, \place(14)
	.endm

	.macro	if_set place, label
	lbz	15, \place(14)
	cmpdi	15, 0
	bne	\label
	.endm

	/* What a CPU has stored is there before what it loads next. */
	.macro	fence
	sync
	.endm

	.macro	again label
	b	\label
	.endm

	.macro	signal
	li	4, 0
	li	5, 4
	sync
	hcall	H_IPI				/* CPU 0's, with priority 4 */
	.endm

	.macro	open
	li	15, 0
	ori	15, 15, EE_RI
	mtmsrd	15, 1
	.endm

	/* H_CEDE opens interrupts, and waits for the next one; closed afterwards, if the handler returns so. */
	.macro	doze
	hcall	H_CEDE
	.endm

	.macro	forever
76:	doze
	b	76b
	.endm

	/* A hypercall changes SRR0, SRR1 and what a function call may. */
	.macro	handler_begins
handler:
	mfsrr0	20
	mfsrr1	21
	mfcr	22
	mr	23, 3
	hcall	H_XIRR
	mr	24, 4
	li	4, 0
	li	5, 0xff
	hcall	H_IPI				/* the slot is empty again */
	mr	4, 24
	hcall	H_EOI
	.endm

	.macro	return_open
	mr	3, 23
	mtcr	22
	mtsrr0	20
	mtsrr1	21
	rfid
	.endm

	.macro	return_closed
	rldicl	21, 21, 48, 1			/* MSR[EE] off */
	rotldi	21, 21, 16
	return_open
	.endm
