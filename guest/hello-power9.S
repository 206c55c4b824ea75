/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hello-power9.S: the smallest guest that says something and ends orderly: one to start from. zpvm-guest(7) says what
 * else it finds. Entered in 64-bit little-endian real mode, with the device tree's address in r3.
 *
 *	gcc -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-Ttext=0x10000 -o hello.elf hello-power9.S
 *	zpvm run hello.elf
 */
	.globl	_start
	.text
_start:
	li	3, 0x58			/* H_PUT_TERM_CHAR: */
	li	4, 0			/* to the partition's console, */
	li	5, 6			/* six bytes, */
	lis	6, hello@ha		/* from the left of r6 and r7 */
	addi	6, 6, hello@l
	ld	6, 0(6)
	li	7, 0
	sc	1
	lis	3, 0
	ori	3, 3, 0xf000		/* H_RTAS: the call in the buffer at r4 */
	lis	4, power_off@ha
	addi	4, 4, power_off@l
	sc	1
	b	.			/* not reached */

	.data
	.balign	8
hello:	.byte	0, 0, '\n', 'o', 'l', 'l', 'e', 'h'	/* as a doubleword in little-endian order */
	/* Big-endian words: token (/rtas has its number), 2 arguments, 1 result; then these three. */
power_off:
	.byte	0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1
	.fill	3, 4, 0xffffffff
