/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * abi.h: all that the test guest and zpvm agree on beyond the architecture.
 *
 * A guest prints, takes interrupts and stops by architected means only. The
 * one private call is the checkpoint: "I am here, tell me what to do". The
 * answer comes through memory (a mailbox for each vCPU in the shared block),
 * so a checkpoint is complete the moment it is made: a snapshot taken there
 * carries no half-finished call, and each VM that is restored from it can be
 * given a command of its own.
 *
 * Read next: guest/main.c.
 */
#ifndef GUEST_ABI_H
#define GUEST_ABI_H

#ifndef __ASSEMBLER__
#include <stdint.h>
#endif

/*
 * The checkpoint call.
 *   s390x   DIAG %r2,%r3,ABI_CHECKPOINT_DIAG   r2 = id, r3 = the shared block
 *   power9  sc 1, r3 = ABI_CHECKPOINT_HCALL    r4 = id, r5 = the shared block
 * r2 (r3) becomes 0. The shared block is named by its guest real address.
 */
#define ABI_CHECKPOINT_DIAG  0x501
#define ABI_CHECKPOINT_HCALL 0xf100

/* Checkpoint ids. */
#define ABI_CP_NOP   0 /* returns at once: the cheapest exit there is */
#define ABI_CP_READY 1 /* the vCPU waits here until its mailbox is filled */

/*
 * Commands (struct abi_mailbox). The guest clears the mailbox when it has
 * read it, does as it is told and comes back to ABI_CP_READY. Interrupts are
 * disabled at every checkpoint and in every command that does not say else.
 */
#define ABI_CMD_NONE   0  /* nobody answers: run a short demonstration, then stop */
#define ABI_CMD_ENABLE 1  /* open all interrupts, take what is pending, close them */
#define ABI_CMD_WAIT   2  /* arg0 = n: sleep enabled until this vCPU took n since ABI_CP_READY */
#define ABI_CMD_SPIN   3  /* arg0 = n: the same, but loop instead of sleeping */
#define ABI_CMD_CLOSED 4  /* loop with interrupts disabled until the mailbox is filled again */
#define ABI_CMD_TIMER  5  /* arg0 = microseconds from now; arg1 = ABI_TIMER_* */
#define ABI_CMD_PRINT  6  /* print the log on the console */
#define ABI_CMD_STOP   7  /* arg0 = exit status: end the VM in the architected way */
#define ABI_CMD_CRASH  8  /* execute an illegal instruction */
#define ABI_CMD_TOUCH  9  /* arg0 = guest real address: load a byte from it, store it back */
#define ABI_CMD_START  10 /* arg0 = vCPU: start it (SIGP RESTART, RTAS start-cpu) */
#define ABI_CMD_EXITS  11 /* arg0 = n: make n ABI_CP_NOP checkpoints */
#define ABI_CMD_ROUTE \
	12 /* power9: arg0 = source, arg1 = server, arg2 = priority, arg3 = how many (0: 1): unmask it */
#define ABI_CMD_HCALL 13 /* power9: arg0 = number, then r4 to r8; result: r3, then r4 to r7 */
#define ABI_CMD_OFFLINE \
	14 /* stop this vCPU, not 0, by itself (SIGP STOP, RTAS stop-self); START starts it anew */
#define ABI_CMD_KEY 15 /* s390x: arg0 = address, arg1 = storage key for its page; value: the key it had */
#define ABI_CMD_FILL \
	21 /* arg0 = address, arg1 = n: store arg2 into n doublewords, arg3 (0: 4096) bytes apart */

/*
 * s390x: execute an instruction. Results: condition code, value (if it gives
 * one), program-interruption code (0: none; the instruction is then skipped).
 */
#define ABI_CMD_CHANNEL \
	16 /* arg0 = ABI_CHANNEL_*, arg1 = general register 1, arg2 = operand address (SCHM: register 2) */
#define ABI_CMD_SERVC   17 /* arg0 = SCLP command word, arg1 = real address of the SCCB */
#define ABI_CMD_SIGP    18 /* arg0 = CPU address, arg1 = order, arg2 = parameter; value: the status register */
#define ABI_CMD_DIAG    19 /* arg0 = code, arg1-4 = registers 1-4; DIAG %r2,%r4; values: registers 2 and 3 */
#define ABI_CMD_PTF     22 /* arg0 = the register of PERFORM TOPOLOGY FUNCTION, and afterwards the value */
#define ABI_CMD_STSI    23 /* arg0-1 = registers 0 and 1, arg2 = address of the block; value: register 0 */
#define ABI_CMD_PROGRAM 20 /* arg0 = 1: program interruptions go to the log, as others do; 0: they crash */

/* s390x: drive the 3215 console, which is subchannel 0; arg0 = the ISC of its interruptions */
#define ABI_CMD_PRINT3215 40 /* print a line */
#define ABI_CMD_READ3215 \
	41              /* wait for attention, read a line; value: its length; value2: its first 8 bytes */
#define ABI_CMD_ECHO 42 /* write the lines typed at the console back, until one is "stop" */

#define ABI_CMD_DRIVER                                                                                     \
	48                 /* power9: of source arg0; it quiets the register at arg1 (0: none) when it has \
	                      been called arg2 times; arg3 = 1: it leaves the EOI to somebody else */
#define ABI_CMD_CONTROL 44 /* s390x: arg0-2 = control registers 0, 6, 14: the subclasses that are open */
#define ABI_KEEP        UINT64_MAX /* ... or: as it is */
/* power9; results: r3 and up. A source must have been routed. */
#define ABI_CMD_CEDE    49 /* H_CEDE, once */
#define ABI_CMD_FLOOD                                                                                        \
	51 /* arg0 = first source, arg1 = sources, arg2 = rounds, arg3 = triggers of each a round (0: 1);    \
	      arg4 = 1: open, until each was taken and is quiet, before the next round. Their interrupts are \
	      counted, not logged */
#define ABI_CMD_COUNT                                                                                       \
	52 /* arg0 = first source, arg1 = sources (0: 1): result: taken in all, least and most of one; then \
	      logged again */
#define ABI_CMD_RETARGET                                                                                     \
	53 /* arg0 = source, arg1, arg2 = vCPUs that have a queue, arg3 = n: send it to one and the other, n \
	      times */
#define ABI_CMD_CPPR 54 /* arg0: accept interrupts more favoured than this only; 0xff: all */
#define ABI_CMD_FUZZ                                                                                     \
	55 /* arg0 = seed, arg1 = n hypercalls with random arguments, then H_INT_RESET; result: how many \
	      succeeded */

/*
 * arg0 = code of an instruction or two, from the most significant byte on (power9: each word as it is
 * written), arg1 = how many bytes of it; the general registers from and to abi_order.reg. It must go on
 * behind itself. s390x: arg2 = address at which a PSW is stored before that leads there (ABI_KEEP: none),
 * arg3 = its mask (ABI_KEEP: closed), arg4 = 1: in its short form, for LPSW. A program interruption ends it:
 * abi_order.trap, and the results of s390x. power9 sets r0, r3 to r12; results: r3 to r7; trap: the vector.
 */
#define ABI_CMD_INSN 56

/*
 * arg0 = vCPU, arg1 = n: signal it n times, each when the one before has been
 * taken.
 * power9: by its IPI's source; n = 0: once; result: n, ticks.
 * s390x: arg2 = order. External call (2), emergency signal (3): with interrupts
 * open, and until it has taken arg4 of them from vCPU arg3 itself. Start (4),
 * restart (6): of an offline vCPU, which stops itself after each.
 */
#define ABI_CMD_IPI 43

#define ABI_COMMANDS 64 /* all are below */

/* ABI_CMD_CHANNEL, arg0. */
#define ABI_CHANNEL_SSCH  0
#define ABI_CHANNEL_TSCH  1
#define ABI_CHANNEL_STSCH 2
#define ABI_CHANNEL_MSCH  3
#define ABI_CHANNEL_CSCH  4
#define ABI_CHANNEL_HSCH  5
#define ABI_CHANNEL_RSCH  6
#define ABI_CHANNEL_XSCH  7
#define ABI_CHANNEL_STCRW 8
#define ABI_CHANNEL_TPI   9
#define ABI_CHANNEL_CHSC  10
#define ABI_CHANNEL_RCHP  11
#define ABI_CHANNEL_SCHM  12
#define ABI_CHANNEL_SAL   13
#define ABI_CHANNEL_STCPS 14
#define ABI_CHANNEL_OPS   15

/* Results of these: where the condition code, the value and the program-interruption code stand. */
#define ABI_RESULT_CC     0
#define ABI_RESULT_VALUE  1
#define ABI_RESULT_PGM    2
#define ABI_RESULT_VALUE2 3

/* ABI_CMD_TIMER, arg1. */
#define ABI_TIMER_CLOCK 0 /* clock comparator; decrementer */
#define ABI_TIMER_CPU   1 /* s390x: the CPU timer */

/* Record kinds (struct abi_record); what its fields hold. */
#define ABI_EXT                                                               \
	1 /* s390x external: number = code; parm = the CPU address            \
	     (0x1201, 0x1202), the parameter (0x2401) or the 64-bit parameter \
	     (0x2603, where parm2 = subcode in the CPU address), else 0 */
#define ABI_IO                                                                                         \
	2 /* s390x I/O: number = subsystem-identification word, parm = interruption parameter, parm2 = \
	     identification word */
#define ABI_MCHK                                                                                 \
	3             /* s390x machine check: parm = interruption code, number = external-damage \
	                 code, parm2 = failing-storage address */
#define ABI_RESTART 4 /* s390x restart */
#define ABI_XIVE                                                                                  \
	5         /* power9 source: number = EISN, parm = priority, parm2 = PQ bits found at EOI; \
	             XICS: number = source, 2 for an IPI, parm2 = 0 */
#define ABI_DEC 6 /* power9 decrementer */
#define ABI_PROGRAM                                                                             \
	7 /* s390x program, after ABI_CMD_PROGRAM: number = code, parm = translation exception, \
	     parm2 = data exception; both 0 if the code has none */

#define ABI_MAGIC          0x7a70766d /* "zpvm" */
#define ABI_VERSION        7
#define ABI_VERSION_ORDERS 6 /* has struct abi_order, but not what follows it; the rest is the same */
#define ABI_VERSION_OLDEST 5 /* has neither */
#define ABI_ARGS           6 /* of a command */
#define ABI_RESULTS        5
#define ABI_CPUS           8    /* vCPUs the test guest knows how to start */
#define ABI_LOG            1024 /* records; when they are used up the guest crashes, saying so */

/* How the guest ended (struct abi_shared, stopped). */
#define ABI_RUNNING 0
#define ABI_STOPPED 1 /* as told; status is valid */
#define ABI_CRASHED 2 /* an exception it did not expect; it has said so on the console */

/*
 * The s390x guest ends in a disabled wait that says in its PSW address how: one
 * of these, where to STOPPED twice the status (0-255) is added. Twice, because
 * the address must be even: KVM simulates LPSWE while a machine check is
 * pending, and an odd address is then a specification exception.
 * power9 ends by RTAS power-off, or by ibm,os-term after a crash.
 */
#define ABI_WAIT_STOPPED 0x7a705000
#define ABI_WAIT_CRASHED 0x7a70c0de

#ifndef __ASSEMBLER__

/* Everything is in the guest's own byte order: the VMM's, as it runs on the same KVM. */

struct abi_mailbox {
	uint32_t command;
	uint32_t open; /* the guest writes it: not 0 while ABI_CMD_SPIN loops, interrupts enabled */
	uint64_t arg[ABI_ARGS];
	uint64_t result[ABI_RESULTS]; /* of the last command that has any; the guest writes it */
};

struct abi_record {
	uint32_t seq; /* 0, 1, 2 ... in the order taken, over all vCPUs */
	uint16_t cpu; /* the vCPU that took it */
	uint16_t kind;
	uint32_t number;
	uint32_t reserved;
	uint64_t parm;
	uint64_t parm2;
};

/*
 * power9: an event queue that the guest reads, and the place of the entry that it reads next. The place is
 * one word, so that it is right at every moment, and it moves on when what the entry led to is in the log.
 * When a hypercall or the operator takes the queue away, the VMM clears the address.
 */
#define ABI_PRIORITIES 7
struct abi_queue {
	uint64_t address; /* 0: there is no queue */
	uint32_t place;   /* the index; the first bit is the generation that a new entry has there */
	uint32_t used;    /* there was a queue once: its interrupt may come late */
};

/*
 * power9, XIVE: the end of an interrupt is a load, and if the source was triggered meanwhile (Q), a store
 * that triggers it anew. In between only the vCPU knows of that trigger: while its pc is at `first` or behind
 * it, but before `end`, what the load gave is in r5 as it was in memory, and the number of the source in r8.
 */
struct abi_eoi {
	uint32_t first, end; /* addresses; 0: not said */
};

/*
 * How to obey the command in the mailbox, filled in before it: `repeat` times (0: once), counting how often
 * each result[0] came. A command without results has the answer of the one before it.
 */
#define ABI_ANSWERS 8
struct abi_order {
	uint32_t repeat;
	uint32_t reserved;
	struct {
		uint64_t value;
		uint64_t count; /* 0: this one and those behind it are not used */
	} answer[ABI_ANSWERS];
	uint64_t others;  /* how often there was no room for one more */
	uint64_t reg[16]; /* ABI_CMD_INSN; registers that it does not set stay as they are */
	uint64_t trap; /* s390x: the instruction length that the program interruption gave; power9: the vector
	                */
};

struct abi_shared {
	uint32_t magic;
	uint32_t version;
	uint32_t stopped;
	uint32_t status;
	uint32_t taken;     /* records in log[]; written after the record it counts */
	uint32_t console;   /* s390x: the SCCB of the console, whose service signals leave no record */
	uint32_t listening; /* s390x: not 0: nor do those that announce events: the console waits for them */
	uint32_t
		queues; /* power9, XIVE: address of struct abi_queue[ABI_CPUS][ABI_PRIORITIES]; 0: not said */
	struct abi_mailbox mailbox[ABI_CPUS];
	struct abi_record log[ABI_LOG];
	struct abi_order order[ABI_CPUS]; /* from version 6 on */
	/* From version 7 on: */
	struct abi_eoi eoi;
	/* While the VMM says so, and only then, each record gets a stamp: the guest's clock. */
	uint32_t stamping;
	uint32_t reserved;
	uint64_t stamp[ABI_LOG]; /* 0: the record has none */
};

#endif
#endif
