/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that knows nothing of zpvm: says hello, loops until the doubleword at 0x8000 is not zero, says bye and
 * powers off by RTAS. core.c runs it.
 */
#define H_PUT_TERM_CHAR 0x58
#define H_RTAS          0xf000
#define VTY             0x30000000
#define RTAS_POWER_OFF  1

	.macro	say text			/* six characters: from the left of r6 */
	li	3, H_PUT_TERM_CHAR
	lis	4, VTY >> 16
	li	5, 6
	lis	6, \text@ha
	ld	6, \text@l(6)
	li	7, 0
	sc	1
	.endm

	.globl	_start
	.text
_start:
	say	hello
	li	14, 0
	ori	14, 14, 0x8000
1:	ld	15, 0(14)
	cmpdi	15, 0
	beq	1b
	say	bye
	lis	3, 0
	ori	3, 3, H_RTAS
	lis	4, rtas@ha
	addi	4, 4, rtas@l
	sc	1
2:	b	2b

	.data
	.balign	8
	/* The register's bytes, as the big-endian text that it is. */
hello:	.byte	0, 0, '\n', 'o', 'l', 'l', 'e', 'h'
bye:	.byte	0, 0, '\n', ' ', ' ', 'e', 'y', 'b'
rtas:	.byte	0, 0, 0, RTAS_POWER_OFF, 0, 0, 0, 2, 0, 0, 0, 1	/* token, arguments, results */
	.fill	3, 4, 0xffffffff
