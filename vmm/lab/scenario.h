/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scenario.h: a text file of steps that are done to a VM. Pure: this module parses the text; run.c executes
 * the steps.
 *
 * Each line is one step; '#' starts a comment; words are separated by blanks and are either bare or
 * key=value. zpvm(1) describes the grammar for users.
 */
#ifndef VMM_LAB_SCENARIO_H
#define VMM_LAB_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/clock.h"
#include "vmm/snapshot/codec.h"
#include "vmm/cpu_op.h"
#include "vmm/error.h"
#include "irq.h"
#include "wanted.h"

/*
 * The steps. A row is a step's kind; its verb, with a second word if the verb has several steps, whose rows
 * stand together; the function that reads its words (step.c, which is pure); the function that executes it
 * (run*.c); and what it needs. zpvm(1) says what each step does, struct step what it stores.
 */
#define SCENARIO_STEPS(X)                                                                          \
	X(GUEST, "guest", step_parse_guest, step_guest, NEEDS_VM)                                  \
	X(RUN, "run", parse_wait, step_run, NEEDS_VM)                                              \
	X(RESUME, "resume", parse_nothing, step_resume, NEEDS_VM)                                  \
	X(WAIT, "wait", parse_wait, step_wait, NEEDS_VM)                                           \
	X(PAUSE, "pause", parse_nothing, step_pause, NEEDS_VM)                                     \
	X(SLEEP, "sleep", parse_sleep, step_sleep, NEEDS_VM)                                       \
	X(INJECT, "inject", parse_inject, step_inject, NEEDS_VM)                                   \
	X(NAME, "name", parse_name, step_name, NEEDS_VM)                                           \
	X(POKE, "poke", parse_poke, step_poke, NEEDS_VM)                                           \
	X(STOPWATCH, "stopwatch", parse_stopwatch, step_stopwatch, NEEDS_NOTHING)                  \
	X(IRQCHIP, "irqchip", parse_irqchip, step_irqchip, NEEDS_VM)                               \
	X(CPU, "cpu", parse_cpu, step_cpu, NEEDS_VM)                                               \
	X(SNAPSHOT, "snapshot", parse_snapshot, step_snapshot, NEEDS_VM)                           \
	X(RESTORE, "restore", parse_restore, step_restore, NEEDS_NOTHING)                          \
	X(SAVE, "save", parse_save, step_save, NEEDS_NOTHING)                                      \
	X(LOAD, "load", parse_save, step_load, NEEDS_NOTHING)                                      \
	X(ADD, "add", parse_add, step_add, NEEDS_NOTHING)                                          \
	X(DROP, "drop", parse_drop, step_drop, NEEDS_NOTHING)                                      \
	X(EXEC, "exec", parse_vm, step_exec, NEEDS_NOTHING)                                        \
	X(VM, "vm", parse_vm, step_vm, NEEDS_NOTHING)                                              \
	X(SHOW_PENDING, "show pending", parse_nothing, step_pending, NEEDS_VM)                     \
	X(SHOW_LOG, "show log", parse_nothing, step_show_log, NEEDS_VM)                            \
	X(SHOW_STATS, "show stats", parse_nothing, step_show_stats, NEEDS_VM)                      \
	X(EXPECT_PENDING, "expect pending", parse_count, step_pending, NEEDS_VM)                   \
	X(EXPECT_TAKEN, "expect taken", parse_labels, step_expect_taken, NEEDS_VM)                 \
	X(EXPECT_STATE, "expect state", parse_state, step_expect_state, NEEDS_VM)                  \
	X(EXPECT_RESULT, "expect result", parse_result, step_expect_result, NEEDS_VM)              \
	X(EXPECT_ANSWERS, "expect answers", parse_answers, step_expect_answers, NEEDS_VM)          \
	X(EXPECT_MEMORY, "expect memory", parse_memory, step_expect_memory, NEEDS_VM)              \
	X(EXPECT_STAT, "expect stat", parse_stat, step_expect_stat, NEEDS_VM)                      \
	X(EXPECT_HOST_LOG, "expect host-log", parse_host_log, step_expect_host_log, NEEDS_NOTHING) \
	X(EXPECT_PC, "expect pc", parse_pc, step_expect_pc, NEEDS_VM)                              \
	X(EXPECT_REGISTER, "expect register", parse_register, step_expect_register, NEEDS_VM)      \
	X(EXPECT_LATE, "expect late", parse_waited, step_expect_late, NEEDS_VM)                    \
	X(RACE, "race", parse_race, step_race, NEEDS_VM)                                           \
	X(RACE_TURN, "}", parse_race_turn, step_race_turn, NEEDS_NOTHING)                          \
	X(CREATE_VCPU, "create-vcpu", parse_fails, step_create_vcpu, NEEDS_VM)                     \
	X(CLOCK_STEP, "clock-step", parse_clock_step, step_clock_step, NEEDS_VM)                   \
	X(ZERO_STATS, "zero stats", parse_nothing, step_zero_stats, NEEDS_VM)                      \
	X(STEP, "step", parse_step, step_step, NEEDS_VM)                                           \
	X(SCHEDULE, "schedule", parse_schedule, step_schedule, NEEDS_VM)                           \
	X(SWEEP, "sweep", parse_sweep, step_sweep, NEEDS_VM)                                       \
	X(EXPLORE, "explore", parse_explore, step_explore, NEEDS_VM)                               \
	X(MARK, "mark", parse_mark, step_mark, NEEDS_VM)                                           \
	X(CLOCK_AT, "clock-at", parse_clock_at, step_clock_at, NEEDS_VM)                           \
	X(TYPE, "type", parse_type, step_type, NEEDS_VM)                                           \
	X(LATE, "late", parse_late, step_late, NEEDS_VM)                                           \
	X(QUIESCE, "quiesce", parse_fails, step_quiesce, NEEDS_VM)                                 \
	X(SAY, "say", parse_say, step_say, IS_TEXT)

enum step_needs {
	NEEDS_VM,      /* the current VM, which must not be one that a failed restore has left behind */
	NEEDS_NOTHING, /* no VM, or the step checks for itself that it has one */
	IS_TEXT,       /* nothing, and its line is not shown: it prints a text of its own */
};

#define KIND(kind, verb, parse, run, needs) STEP_##kind,
enum step_kind { SCENARIO_STEPS(KIND) STEP_KINDS };
#undef KIND

enum until {
	UNTIL_READY,
	UNTIL_STOP,
	UNTIL_CRASH,
	UNTIL_TIMEOUT,
	UNTIL_OPEN,
	UNTIL_REBOOT,
	UNTIL_BEGUN,
	UNTIL_OFFLINE,
	UNTIL_ASLEEP,
	UNTIL_TAKEN
};
enum cpu_state { CPU_READY, CPU_RUNNING, CPU_PAUSED, CPU_OFFLINE, CPU_WAITING, CPU_STATES };

#define SCENARIO_NAME 24 /* bytes of a label or name, with the NUL */

/* The lines between { and }: they are parsed anew whenever they are executed, with the value of the variable.
 */
struct block {
	char *text;                   /* owned; NULL: the step has none */
	unsigned line;                /* of its first line */
	unsigned end;                 /* of the line with its } */
	char variable[SCENARIO_NAME]; /* "": it has none */
};

/* A part of a schedule: so many instructions of a vCPU. */
struct turn {
	uint16_t cpu;
	uint64_t count;
};

#define LATE_OFF UINT64_MAX

/* expect result: register n of `guest insn` is RESULT_REG + n; RESULT_TRAP: what ended it. Below: result[] */
#define RESULT_REG  100
#define RESULT_TRAP 116

/*
 * A race: `race n=COUNT {`, steps, `} {`, steps, `}`. Its groups are the steps between these three, which
 * know each other by their places in steps[].
 */
struct race {
	size_t second; /* where the first group ends, and the second one begins behind */
	size_t end;    /* 0: not known yet */
};

/* A number that is compared. */
struct expected {
	const char *name; /* as the scenario has it */
	uint64_t key;     /* result: which one, or RESULT_*; answers: which answer */
	struct wanted want;
};

struct step {
	enum step_kind kind;
	struct race race;
	unsigned line;
	const char *text; /* the line, without blanks around it and comment */
	uint16_t cpu;
	/* clock-at: the first word; race: how often; step: instructions, 0: no limit; explore: the window;
	 * sleep, clock-step: milliseconds; inject, name: how many times; poke, expect memory: a guest real
	 * address; late: the same, or LATE_OFF; cpu: an address or CPU_OP_NOWHERE; run, wait: what goes with
	 * `until`
	 */
	uint64_t value;
	uint64_t batch; /* late: pages; inject: so many in one call; 0: not said; explore: preemptions;
	                   clock-at: the second word */
	enum until until;
	enum cpu_state state;
	enum cpu_op cpu_op;
	enum snap_kind snap_kind;
	uint32_t command;       /* ABI_CMD_* */
	uint64_t arg[ABI_ARGS]; /* guest: the command's; late: the milliseconds */
	uint32_t
		repeat; /* guest: how often the guest obeys, counting its answers; 0: once, and it does not */
	uint64_t *reg;  /* guest insn: the registers */
	struct wanted want;        /* expect pending */
	struct expected *expected; /* expect result, answers, stat */
	unsigned expected_count;
	struct irq irq; /* inject, name, add; guest: the one that the command sends */
	struct irqchip_op op;
	int fails; /* fails=: the errno value that it must fail with, else 0 */
	/* A snapshot, a VM (vm), a console (type), what was timed or said, or is in the host's log; the label
	 * of irq. May be NULL. */
	const char *name;
	/* restore: the VM; save, load: the file, NULL: that of the command line; add: the snapshot; drop: the
	 * label; type: the text */
	const char *name2;
	const char **names; /* expect taken: labels */
	uint8_t *bytes;
	unsigned byte_count;
	unsigned name_count;
	struct turn *turns; /* schedule */
	unsigned turn_count;
	struct block block;
	uint64_t from, to, by; /* sweep: the values of the block's variable */
	uint64_t seed, tries;  /* explore: so many random schedules; tries 0: all */
};

#define SCENARIO_ORDER 32 /* vCPUs whose order can be given */

struct scenario {
	const char *file;                    /* for messages; not owned */
	uint64_t memory;                     /* bytes; 0: not given */
	uint64_t vcpus;                      /* 0: not given */
	uint64_t vcpu_stride;                /* 0: not given */
	uint64_t vcpus_late;                 /* so many of them are made by steps */
	uint16_t vcpu_order[SCENARIO_ORDER]; /* in which KVM makes them */
	unsigned vcpu_order_count;           /* 0: not given; else it is that of the vCPUs */
	uint64_t sources;                    /* message sources, power9; 0: not given */
	const char *irqchip;                 /* the architecture's word; NULL: not given */
	uint64_t timeout_ms;                 /* of each wait; 0: not given */
	enum clock_policy clock;
	bool input;                   /* standard input is for the guest */
	bool restored;                /* the first VM comes from a file */
	const struct scenario *outer; /* what a block is in; NULL: this is no block */
	struct step *steps;
	size_t count;
	void *pool;   /* owns the texts and names */
	char *source; /* the text as it was; NULL in a block */
};

/*
 * text need not end in NUL. file is for messages ("file:line: ..."), arch is
 * this host's: a scenario made for another is refused. -EINVAL for anything
 * wrong; scenario_free() is needed only after success.
 */
int scenario_parse(struct scenario *s, const char *text, size_t len, const char *file, const char *arch,
                   struct error *err);
void scenario_free(struct scenario *s);

/*
 * Parses a block of a step of outer, which must outlive it, with this value of its variable. Errors as above.
 */
int scenario_parse_block(struct scenario *s, const struct scenario *outer, const struct block *block,
                         uint64_t value, const char *arch, struct error *err);

/*
 * Writes the scenario with the sweep s, which is not in a block, replaced by one of its points: `step
 * n=value` and the block.
 */
int scenario_print_point(const struct scenario *s, const struct step *sweep, uint64_t value, char **text,
                         size_t *len, struct error *err);

const char *cpu_state_name(enum cpu_state state);

#endif
