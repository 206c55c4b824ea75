/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lowcore.h: the prefix area of a vCPU: the storage at real address 0 where
 * the machine leaves what an interruption is about and finds the PSW of its
 * handler (Principles of Operation, chapter 3, "Assigned Storage Locations").
 * Part of what is not assigned holds the vCPU's own data: it is the one place
 * that a handler can address before it has a register to spare.
 */
#ifndef GUEST_S390X_LOWCORE_H
#define GUEST_S390X_LOWCORE_H

/* For start.S; checked below. */
#define LC_RESTART_OLD     0x120
#define LC_EXT_OLD         0x130
#define LC_MCHK_OLD        0x160
#define LC_IO_OLD          0x170
#define LC_STACK           0x200
#define LC_INTERRUPT_STACK 0x208
#define LC_RESTART_STACK   0x210
#define LC_ONLINE          0x21c
#define LC_IN_RESTART      0x21d
#define LC_CRASHED         0x21e
#define LC_PROGRAM         0x21f
#define LC_GPRS            0x228
#define LC_RESTART_GPRS    0x2a8
#define LC_PROGRAM_GPRS    0x328
#define LC_PROGRAM_STACK   0x3a8
#define LC_PROGRAM_NEXT    0x3b0
#define LC_PROGRAM_OLD     0x150
#define LC_INSN_GPRS       0x3c0
#define LC_INSN_STACK      0x440
#define LC_INSN_CC         0x448
#define LC_INSN_CODE       0x450

/* LC_PROGRAM: what becomes of a program interruption. */
#define PROGRAM_CRASHES 0
#define PROGRAM_SKIPS   1 /* goes on at program_next; program_seen says what it was */
#define PROGRAM_LOGS    2

/* PSW (chapter 4, "Program-Status-Word Format"). */
#define PSW_IO   0x0200000000000000 /* bit 6: I/O mask */
#define PSW_EXT  0x0100000000000000 /* bit 7: external mask */
#define PSW_MCHK 0x0004000000000000 /* bit 13: machine-check mask */
#define PSW_WAIT 0x0002000000000000 /* bit 14 */
#define PSW_64   0x0000000180000000 /* bits 31 and 32: 64-bit addressing */

/* What a called function may write above the stack pointer (s390x ELF ABI, "The Stack Frame"): 160. */
#define STACK_SIZE  4096
#define STACK_FRAME 160

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

#include "abi.h"

struct psw {
	uint64_t mask;
	uint64_t address;
};

struct lowcore {
	uint8_t unused0[0x80];
	uint32_t ext_parm; /* 0x80 */
	uint16_t ext_cpu;
	uint16_t ext_code;
	uint16_t svc_length;
	uint16_t svc_number;
	uint16_t program_length;
	uint16_t program_code;   /* 0x8e */
	uint32_t data_exception; /* 0x90 */
	uint8_t unused1[0xa8 - 0x94];
	uint64_t translation_exception; /* 0xa8 */
	uint8_t unused2[0xb8 - 0xb0];
	uint32_t io_subsystem; /* 0xb8 */
	uint32_t io_parm;
	uint32_t io_word;
	uint8_t unused3[0xe8 - 0xc4];
	uint64_t mchk_code; /* 0xe8 */
	uint8_t unused4[0xf4 - 0xf0];
	uint32_t mchk_damage; /* 0xf4 */
	uint64_t mchk_address;
	uint8_t unused5[0x120 - 0x100];
	struct psw restart_old; /* 0x120 */
	struct psw ext_old;
	struct psw svc_old;
	struct psw program_old;
	struct psw mchk_old;
	struct psw io_old;
	uint8_t unused6[0x1a0 - 0x180];
	struct psw restart_new; /* 0x1a0 */
	struct psw ext_new;
	struct psw svc_new;
	struct psw program_new;
	struct psw mchk_new;
	struct psw io_new;

	/* From here on ours. The stack pointers are ready for a call. */
	uint64_t stack; /* 0x200 */
	uint64_t interrupt_stack;
	uint64_t restart_stack;
	uint16_t cpu;
	uint8_t logging; /* a record is being written: see interrupt.c */
	uint8_t reserved;
	uint8_t online; /* the vCPU has been started; a restart is now an event */
	uint8_t in_restart;
	uint8_t crashed;
	uint8_t program;
	uint32_t restarts; /* came while logging */
	uint32_t reserved3;
	uint64_t gprs[16]; /* of what an external, I/O or machine-check handler interrupted */
	uint64_t restart_gprs[16];
	uint64_t program_gprs[16];
	uint64_t program_stack;
	uint64_t program_next;
	uint64_t program_seen;
	uint64_t insn_gprs[16]; /* insn.c: before the instruction, and after it */
	uint64_t insn_stack;
	uint64_t insn_cc;
	uint8_t insn_code[32];
	uint8_t unused7[0x11b8 - 0x470];
	uint64_t ext_parm2;               /* 0x11b8, the machine's again */
	uint8_t unused8[0x2000 - 0x11c0]; /* with the save areas at 0x1200 */
};

#define LC_CHECK(offset, field) \
	_Static_assert((offset) == offsetof(struct lowcore, field), "struct lowcore, " #field)
LC_CHECK(0x84, ext_cpu);
LC_CHECK(0x86, ext_code);
LC_CHECK(0x8e, program_code);
LC_CHECK(0xa8, translation_exception);
LC_CHECK(0xb8, io_subsystem);
LC_CHECK(0xc0, io_word);
LC_CHECK(0xe8, mchk_code);
LC_CHECK(0xf8, mchk_address);
LC_CHECK(LC_RESTART_OLD, restart_old);
LC_CHECK(LC_EXT_OLD, ext_old);
LC_CHECK(LC_MCHK_OLD, mchk_old);
LC_CHECK(LC_IO_OLD, io_old);
LC_CHECK(0x1a0, restart_new);
LC_CHECK(0x1f0, io_new);
LC_CHECK(LC_STACK, stack);
LC_CHECK(LC_INTERRUPT_STACK, interrupt_stack);
LC_CHECK(LC_RESTART_STACK, restart_stack);
LC_CHECK(LC_ONLINE, online);
LC_CHECK(LC_IN_RESTART, in_restart);
LC_CHECK(LC_CRASHED, crashed);
LC_CHECK(LC_GPRS, gprs);
LC_CHECK(0x11b8, ext_parm2);
LC_CHECK(LC_RESTART_GPRS, restart_gprs);
LC_CHECK(LC_PROGRAM, program);
LC_CHECK(LC_PROGRAM_GPRS, program_gprs);
LC_CHECK(LC_PROGRAM_STACK, program_stack);
LC_CHECK(LC_PROGRAM_NEXT, program_next);
LC_CHECK(LC_PROGRAM_OLD, program_old);
LC_CHECK(LC_INSN_GPRS, insn_gprs);
LC_CHECK(LC_INSN_STACK, insn_stack);
LC_CHECK(LC_INSN_CC, insn_cc);
LC_CHECK(LC_INSN_CODE, insn_code);
_Static_assert(sizeof(struct lowcore) == 0x2000, "struct lowcore");

/* The vCPU's own. Real address 0 is a good pointer here: the compiler must not see that it is 0. */
static inline struct lowcore *this_lowcore(void)
{
	struct lowcore *lc;

	asm("lghi %0,0" : "=d"(lc));
	return lc;
}

/* start.S: what the new PSWs point to. */
extern char restart_entry[], external_entry[], svc_entry[], program_entry[], mchk_entry[], io_entry[];
extern char bounce_entry[];

/* cpu.c: called by start.S. */
_Noreturn void boot(void);
_Noreturn void cpu_main(struct lowcore *lc);

/* cpu.c: load a PSW with this mask and go on behind it. */
void psw_switch(uint64_t mask);
#define PSW_CLOSED PSW_64

/* cpu.c: control register 0, and the values that it has unless a command says else. */
void cr0_load(uint64_t value);
uint64_t cr0_store(void);
#define CR0_SERVICE 0x2e0  /* the reset value and bit 54, service signal */
#define CR0_ALL     0xeee0 /* all external interruptions: see cpu.c */

/* cpu.c: never, as far as a test is concerned. */
#define CLOCK_NEVER     UINT64_MAX
#define CPU_TIMER_NEVER INT64_MAX
void clock_comparator_set(uint64_t tod);
void cpu_timer_set(uint64_t units);

/* interrupt.c: called by start.S. */
void external_interrupt(struct lowcore *lc);
void io_interrupt(struct lowcore *lc);
void mchk_interrupt(struct lowcore *lc);
void restart_interrupt(struct lowcore *lc);
_Noreturn void restart_nested(struct lowcore *lc);
void program_expected(struct lowcore *lc);
_Noreturn void program_interrupt(struct lowcore *lc);
_Noreturn void svc_interrupt(struct lowcore *lc);

/* start.S: save what C needs, and go to insn_code; where that code ends. */
void insn_enter(void);
extern char insn_end[];

/* con3215.c: print a line, read one (its length, and its first eight bytes) on the 3215, with interruptions
 * of this ISC. */
void con3215_print(uint64_t isc);
unsigned int con3215_read(uint64_t isc, uint64_t *first);
/* An I/O interruption of this subchannel came. */
void con3215_interrupt(uint32_t id);
/* Of the service signal's parameter: the block it is about. The rest says that events wait to be read. */
#define SCLP_SCCB 0xfffffff8

/* sclp.c: once, before the first line is printed. */
void sclp_init(void);

/* cpu.c: SIGNAL PROCESSOR until it is not busy; the condition code, and the status if that is 1. */
unsigned int sigp(unsigned int cpu, uint64_t order, uint32_t parm, uint32_t *status);
#define SIGP_SENSE         0x01
#define SIGP_EXTERNAL_CALL 0x02
#define SIGP_EMERGENCY     0x03
#define SIGP_START         0x04
#define SIGP_STOP          0x05
#define SIGP_RESTART       0x06
#define SIGP_SET_PREFIX    0x0d
#define SIGP_STOPPED       0x40 /* status */

/* ipi.c: ABI_CMD_IPI; a signal has been taken; where a vCPU lives that is started to stop itself. */
void ipi(unsigned int cpu, const struct abi_mailbox *m);
void ipi_taken(unsigned int order, unsigned int from, unsigned int cpu);
_Noreturn void ipi_bounce(struct lowcore *lc);

/* cpu.c: the prefix area of vCPU 1 and up. */
struct lowcore *lowcore_of(unsigned int cpu);
void lowcore_fill(struct lowcore *lc, unsigned int cpu);

/* sclp.c: a service signal came. Whether it was for the console alone, and so nobody else's business. */
int sclp_service_signal(uint32_t parm);

#endif
#endif
