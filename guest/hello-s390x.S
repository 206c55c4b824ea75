/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hello-s390x.S: the smallest guest that says something and ends orderly: one to start from. zpvm-guest(7) says what
 * else it finds. Entered in the 64-bit mode with DAT off and interruptions disabled.
 *
 *	gcc -m64 -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-Ttext=0x10000 -o hello.elf hello-s390x.S
 *	zpvm run hello.elf
 */
	.globl	_start
	.text
_start:
	lgfi	%r2, 0x00760005		/* WRITE EVENT DATA */
	larl	%r3, sccb
	.insn	rre, 0xb2200000, %r2, %r3	/* SERVICE CALL; its signal stays pending */
	larl	%r1, quiesced
	lpswe	0(%r1)

	.data
	.balign	8
	/* A disabled wait at address 0 or 0xfff: the machine is powered off. */
quiesced:
	.quad	0x0002000180000000, 0xfff
sccb:	.short	sccb_end - sccb
	.byte	0, 0, 0, 0		/* function code, control mask */
	.short	0			/* the response: 0x0020 */
	.short	sccb_end - event_start	/* an event buffer: its length, */
	.set	event_start, . - 2
	.byte	0x1a, 0			/* type (text for the ASCII console), flags */
	.short	0
	.ascii	"hello\n"
sccb_end:
