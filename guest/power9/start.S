/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * start.S: the interrupt vectors at their architected places (Power ISA
 * Book III, "Interrupt Definitions"), and where the vCPUs begin. The guest
 * runs in real mode, little-endian, linked at 0. Handlers run with MSR[EE] off,
 * so they do not interrupt each other and have one save area and one stack.
 *
 * Read next: cpu.c (cpu_main), then xive.c.
 */
#include "abi.h"
#include "power9/cpu.h"

	.macro	LOAD_ADDRESS register, symbol
	lis	\register, \symbol@ha
	addi	\register, \register, \symbol@l
	.endm

/* ELFv2: a C function finds its TOC by its own address in r12. */
	.macro	CALL function
	LOAD_ADDRESS %r12, \function
	mtctr	%r12
	bctrl
	.endm

	.macro	INTERRUPT handler
	mtsprg1	%r1
	mfsprg0	%r1
	std	%r12, CPU_GPRS+12*8(%r1)
	LOAD_ADDRESS %r12, \handler
	b	interrupt
	.endm

	.macro	CRASH vector
	li	%r3, \vector
	b	crash_entry
	.endm

/*
 * Vectors are 0x20 bytes apart where they are closest. All that are not
 * expected crash, be they defined or not.
 */
	.section .text.vectors, "ax"
	.set	vector, 0x100
	.rept	(0x2000 - 0x100) / 0x20
	.org	vector
	.if	vector == 0x500
	INTERRUPT external_interrupt
	.elseif	vector == 0x900
	INTERRUPT decrementer_interrupt
	.else
	CRASH	vector
	.endif
	.set	vector, vector + 0x20
	.endr

	.text

/* r1: struct cpu, its old value in SPRG1; r12: the handler, its old value saved. */
interrupt:
	.irp	n, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	std	%r\n, CPU_GPRS+\n*8(%r1)
	.endr
	mfsprg1	%r0
	std	%r0, CPU_GPRS+1*8(%r1)
	mfcr	%r0
	std	%r0, CPU_CR(%r1)
	mflr	%r0
	std	%r0, CPU_LR(%r1)
	mfctr	%r0
	std	%r0, CPU_CTR(%r1)
	mfxer	%r0
	std	%r0, CPU_XER(%r1)
	mfsrr0	%r0
	std	%r0, CPU_SRR0(%r1)
	mfsrr1	%r0
	std	%r0, CPU_SRR1(%r1)
	addi	%r1, %r1, CPU_INTERRUPT_STACK
	mtctr	%r12
	bctrl
	mfsprg0	%r1
	ld	%r0, CPU_SRR1(%r1)
	mtsrr1	%r0
	ld	%r0, CPU_SRR0(%r1)
	mtsrr0	%r0
	ld	%r0, CPU_XER(%r1)
	mtxer	%r0
	ld	%r0, CPU_CTR(%r1)
	mtctr	%r0
	ld	%r0, CPU_LR(%r1)
	mtlr	%r0
	ld	%r0, CPU_CR(%r1)
	mtcr	%r0
	.irp	n, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
	ld	%r\n, CPU_GPRS+\n*8(%r1)
	.endr
	ld	%r1, CPU_GPRS+1*8(%r1)
	rfid

/* r3: the vector. Nobody returns. A second one on the way to the first one's end goes to the end. */
crash_entry:
	mfsprg0	%r6
	ld	%r5, CPU_INSN(%r6)
	cmpdi	%r5, 0
	bne	insn_trap
	lwz	%r5, CPU_CRASHED(%r6)
	cmpwi	%r5, 0
	bne	crash_end
	li	%r5, 1
	stw	%r5, CPU_CRASHED(%r6)
	addi	%r1, %r6, CPU_INTERRUPT_STACK
	mfsrr0	%r4
	mfsrr1	%r5
	CALL	unexpected_interrupt
crash_end:
	LOAD_ADDRESS %r4, os_term_args
	lis	%r3, H_RTAS@ha
	addi	%r3, %r3, H_RTAS@l
	sc	1
	b	crash_end

/* One given instruction: see insn.c. r13, which C does not use here, points to the registers. */
	.globl	insn_enter, insn_end
insn_enter:
	mflr	%r0
	std	%r0, 16(%r1)
	std	%r13, -8(%r1)
	stdu	%r1, -64(%r1)
	std	%r2, 24(%r1)
	mr	%r13, %r3
	mtctr	%r4
	.irp	n, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
	ld	%r\n, \n*8(%r13)
	.endr
	bctr
insn_end:
	.irp	n, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
	std	%r\n, \n*8(%r13)
	.endr
insn_done:
	ld	%r2, 24(%r1)
	addi	%r1, %r1, 64
	ld	%r13, -8(%r1)
	ld	%r0, 16(%r1)
	mtlr	%r0
	blr
insn_trap:
	std	%r3, 16*8(%r5)
	mr	%r13, %r5
	b	insn_done

	.globl	start, secondary_start
start:
	mr	%r4, %r3		/* the device tree */
	li	%r3, 0
secondary_start:
	LOAD_ADDRESS %r6, cpus
	mulli	%r5, %r3, CPU_SIZE
	add	%r6, %r6, %r5
	mtsprg0	%r6
	addi	%r1, %r6, CPU_STACK
	CALL	cpu_main

	.section .note.GNU-stack, "", @progbits
