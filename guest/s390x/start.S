/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * start.S: where the guest begins, and where interruptions enter it. Handlers
 * run with all interruptions closed, as their new PSWs say, so external, I/O
 * and machine-check handlers never interrupt each other and share a save area
 * and a stack. A restart cannot be closed: it has its own.
 *
 * Read next: cpu.c (boot), then interrupt.c.
 */
#include "abi.h"
#include "s390x/lowcore.h"

	.section .text.start, "ax"
	.globl start
start:
	larl	%r15, stacks + STACK_SIZE - STACK_FRAME
	brasl	%r14, boot

	.text

	.macro	INTERRUPT name, handler, old
	.globl	\name
	.balign	8
\name:
	stmg	%r0, %r15, LC_GPRS(%r0)
	lg	%r15, LC_INTERRUPT_STACK(%r0)
	lghi	%r2, 0
	brasl	%r14, \handler
	lmg	%r0, %r15, LC_GPRS(%r0)
	lpswe	\old(%r0)
	.endm

	INTERRUPT external_entry, external_interrupt, LC_EXT_OLD
	INTERRUPT io_entry, io_interrupt, LC_IO_OLD
	INTERRUPT mchk_entry, mchk_interrupt, LC_MCHK_OLD

/*
 * The first restart brings the vCPU to life, any later one is an event. One
 * that comes before the last one's handler is done overwrites the old PSW, and
 * the way back is lost: that is the architecture's, all we can do is to say so.
 */
	.globl	restart_entry
	.balign	8
restart_entry:
	cli	LC_ONLINE(%r0), 0
	je	first_restart
	stmg	%r0, %r15, LC_RESTART_GPRS(%r0)
	lg	%r15, LC_RESTART_STACK(%r0)
	lghi	%r2, 0
	ts	LC_IN_RESTART(%r0)
	jnz	2f
	brasl	%r14, restart_interrupt
	lmg	%r0, %r15, LC_RESTART_GPRS(%r0)
	mvi	LC_IN_RESTART(%r0), 0
	lpswe	LC_RESTART_OLD(%r0)
2:	brasl	%r14, restart_nested

first_restart:
	lg	%r15, LC_STACK(%r0)
	lghi	%r2, 0
	brasl	%r14, cpu_main

/* The restart new PSW of a vCPU that is started to stop itself: see ipi.c. */
	.globl	bounce_entry
	.balign	8
bounce_entry:
	lg	%r15, LC_STACK(%r0)
	lghi	%r2, 0
	brasl	%r14, ipi_bounce

/* Nobody returns from these. A second one on the way to the first one's end goes to the end. */
	.macro	CRASH name, handler
	.globl	\name
	.balign	8
\name:
	ts	LC_CRASHED(%r0)
	jnz	crash_end
	lg	%r15, LC_INTERRUPT_STACK(%r0)
	lghi	%r2, 0
	brasl	%r14, \handler
	.endm

	CRASH	program_crash, program_interrupt
	CRASH	svc_entry, svc_interrupt

	.globl	program_entry
	.balign	8
program_entry:
	cli	LC_PROGRAM(%r0), PROGRAM_CRASHES
	je	program_crash
	stmg	%r0, %r15, LC_PROGRAM_GPRS(%r0)
	lg	%r15, LC_PROGRAM_STACK(%r0)
	lghi	%r2, 0
	brasl	%r14, program_expected
	lmg	%r0, %r15, LC_PROGRAM_GPRS(%r0)
	lpswe	LC_PROGRAM_OLD(%r0)

/*
 * One given instruction, with all registers as given: see insn.c. The code in the lowcore loads them, and comes to
 * insn_end, where no register but those that were given has a meaning.
 */
	.globl	insn_enter, insn_end
insn_enter:
	stmg	%r6, %r15, 48(%r15)
	stg	%r15, LC_INSN_STACK(%r0)
	lghi	%r1, LC_INSN_CODE
	br	%r1
insn_end:
	stmg	%r0, %r15, LC_INSN_GPRS(%r0)
	lghi	%r1, 0
	ipm	%r1
	srl	%r1, 28
	stg	%r1, LC_INSN_CC(%r0)
	lg	%r15, LC_INSN_STACK(%r0)
	lmg	%r6, %r15, 48(%r15)
	br	%r14

crash_end:
	larl	%r1, crash_psw
	lpswe	0(%r1)

	.section .rodata
	.balign	8
crash_psw:
	.quad	PSW_WAIT | PSW_64, ABI_WAIT_CRASHED

	.section .note.GNU-stack, "", @progbits
