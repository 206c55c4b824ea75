/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that is linked in several ways: at a virtual address, position-independent, in either byte order. It
 * takes an interrupt, prints through a pointer that a relocation has set, and powers off by RTAS.
 */
#define H_PUT_TERM_CHAR 0x58
#define H_RTAS          0xf000
#define VTY             0x30000000
#define RTAS_POWER_OFF  1

#define SYSTEM_CALL 0xc00
#define RFID        0x4c000024

#ifdef __BIG_ENDIAN__
#define LOAD_TEXT ldx
#else
#define LOAD_TEXT ldbrx
#endif

	.globl	_start
	.text
_start:
	bcl	20, 31, 1f
1:	mflr	14
	/* An interrupt has its handler in the same byte order. */
	lis	15, RFID >> 16
	ori	15, 15, RFID & 0xffff
	li	16, SYSTEM_CALL
	stw	15, 0(16)
	dcbst	0, 16
	sync
	icbi	0, 16
	isync
	sc
	ld	15, pointer - 1b(14)
	li	16, 8
	li	3, H_PUT_TERM_CHAR
	lis	4, VTY >> 16
	li	5, 16
	LOAD_TEXT 6, 0, 15
	LOAD_TEXT 7, 16, 15
	sc	1
	lis	3, 0
	ori	3, 3, H_RTAS
	addi	4, 14, rtas - 1b
	clrldi	4, 4, 4				/* of a virtual address, the real one */
	sc	1
2:	b	2b

	.balign	8
pointer:
	.quad	text
text:	.ascii	"hello, relocated"
rtas:	.byte	0, 0, 0, RTAS_POWER_OFF, 0, 0, 0, 2, 0, 0, 0, 1	/* token, arguments, results */
	.fill	12, 1, 0xff
