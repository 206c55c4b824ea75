/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest that `make bench` runs under zpvm and under the bare calls: says
 * "x", leaves BENCH_EXITS times by the cheapest exit there is, says "y".
 */
#include "bench.h"
#include "guest/abi.h"

#define EXT_NEW_PSW	0x1b0

	/* SERVICE CALL, and wait for its service signal: while that is pending there is no other. */
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
	servc	0x00760005, sccb_x		/* WRITE EVENT DATA */
	lgfi	%r5, BENCH_EXITS
1:	lghi	%r2, ABI_CP_NOP
	lghi	%r3, 0
	diag	%r2, %r3, ABI_CHECKPOINT_DIAG
	brctg	%r5, 1b
	servc	0x00760005, sccb_y
2:	j	2b

	.data
	.macro	sccb name, text
	.balign	8
\name:
	.short	16				/* length, function and control, response */
	.byte	0, 0, 0, 0
	.short	0
	.short	8				/* one event buffer: ASCII */
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
	sccb	sccb_x, x
	sccb	sccb_y, y
