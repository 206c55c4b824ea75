/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that sets SPRG0 by H_SET_SPRG0, and asks for two random numbers by H_RANDOM. It powers off by RTAS if the
 * register has the value then, the other registers have theirs, and the numbers differ; else it executes an illegal
 * instruction.
 */
#define H_SET_SPRG0    0x24
#define H_RANDOM       0x300
#define H_RTAS         0xf000
#define RTAS_POWER_OFF 1

	.globl	_start
	.text
_start:
	li	14, 0x1234
	mtsprg1	14
	li	3, H_SET_SPRG0
	lis	4, 0x5a5a
	ori	4, 4, 0x4321
	mr	15, 4
	sc	1
	cmpdi	3, 0			/* H_SUCCESS */
	bne	wrong
	mfsprg0	16
	cmpd	16, 15
	bne	wrong
	mfsprg1	16
	cmpd	16, 14
	bne	wrong
	li	3, H_RANDOM
	sc	1
	cmpdi	3, 0
	bne	wrong
	mr	17, 4
	li	3, H_RANDOM
	sc	1
	cmpd	4, 17
	beq	wrong
	lis	3, 0
	ori	3, 3, H_RTAS
	lis	4, rtas@ha
	addi	4, 4, rtas@l
	sc	1
wrong:	.long	0

	.data
	.balign	8
rtas:	.byte	0, 0, 0, RTAS_POWER_OFF, 0, 0, 0, 2, 0, 0, 0, 1	/* token, arguments, results */
	.fill	3, 4, 0xffffffff
