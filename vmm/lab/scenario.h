/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scenario.h: a text file of steps that are done to a VM. Pure: this module parses the text; run.c executes
 * the steps.
 *
 * Each line is one step; '#' starts a comment; words are separated by blanks and are either bare or
 * key=value. zpvm-scenario(5) describes the grammar for users.
 */
#ifndef VMM_LAB_SCENARIO_H
#define VMM_LAB_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "vmm/clock.h"
#include "vmm/snapshot/codec.h"
#include "vmm/cpu_op.h"
#include "vmm/error.h"
#include "irq.h"
#include "version.h"
#include "wanted.h"

/*
 * The steps. A row is a step's kind; its verb, with a second word if the verb has several steps, whose rows
 * stand together; the function that reads what is special in its words (step_*.c, which are pure); the
 * function that executes it (run*.c); what it needs; and what it does. step_words.c lists the words of each,
 * struct step has what they say, zpvm-scenario(5) is for users.
 */
#define SCENARIO_STEPS(X)                                                                                    \
	X(GUEST, "guest", parse_guest, step_guest, NEEDS_VM,                                                 \
	  "Give the test guest a command, which it obeys when it runs.")                                     \
	X(RUN, "run", parse_wait, step_run, NEEDS_VM, "Resume the VM, wait, and pause it.")                  \
	X(RESUME, "resume", parse_words, step_resume, NEEDS_VM, "Let the VM run.")                           \
	X(WAIT, "wait", parse_wait, step_wait, NEEDS_VM, "Wait until vCPUs are where they should be.")       \
	X(PAUSE, "pause", parse_words, step_pause, NEEDS_VM, "Stop all vCPUs of the VM.")                    \
	X(SLEEP, "sleep", parse_words, step_sleep, NEEDS_VM, "Let time pass.")                               \
	X(INJECT, "inject", parse_inject, step_inject, NEEDS_VM, "Make an interrupt pending.")               \
	X(NAME, "name", parse_irq, step_name, NEEDS_VM,                                                      \
	  "Give a label to an interrupt that a device or the guest raises.")                                 \
	X(POKE, "poke", parse_memory, step_poke, NEEDS_VM, "Write bytes to guest memory.")                   \
	X(STOPWATCH, "stopwatch", parse_words, step_stopwatch, NEEDS_NOTHING,                                \
	  "Print the time since the last such step.")                                                        \
	X(IRQCHIP, "irqchip", parse_irqchip, step_irqchip, NEEDS_VM,                                         \
	  "Change the interrupt controller, or its pending interrupts.")                                     \
	X(CPU, "cpu", parse_cpu, step_cpu, NEEDS_VM, "Operate on a vCPU as an operator would.")              \
	X(SNAPSHOT, "snapshot", parse_words, step_snapshot, NEEDS_VM, "Take a snapshot of the VM.")          \
	X(RESTORE, "restore", parse_words, step_restore, NEEDS_NOTHING,                                      \
	  "Restore a snapshot into a VM, which is made if it does not exist.")                               \
	X(SAVE, "save", parse_words, step_save, NEEDS_NOTHING, "Write a snapshot to a file.")                \
	X(LOAD, "load", parse_words, step_load, NEEDS_NOTHING, "Read a snapshot from a file.")               \
	X(ADD, "add", parse_irq, step_add, NEEDS_NOTHING, "Make an interrupt pending in a snapshot.")        \
	X(DROP, "drop", parse_words, step_drop, NEEDS_NOTHING,                                               \
	  "Remove a pending interrupt from a snapshot.")                                                     \
	X(EXEC, "exec", parse_words, step_exec, NEEDS_NOTHING,                                               \
	  "Go on in a new process, with nothing but this snapshot.")                                         \
	X(VM, "vm", parse_words, step_vm, NEEDS_NOTHING, "Make this VM the current one.")                    \
	X(SHOW_PENDING, "show pending", parse_words, step_show_pending, NEEDS_VM,                            \
	  "Print the pending interrupts.")                                                                   \
	X(SHOW_LOG, "show log", parse_words, step_show_log, NEEDS_VM,                                        \
	  "Print the interrupts that the guest has taken.")                                                  \
	X(SHOW_STATS, "show stats", parse_words, step_show_stats, NEEDS_VM, "Print KVM's counters.")         \
	X(EXPECT_PENDING, "expect pending", parse_words, step_expect_pending, NEEDS_VM,                      \
	  "So many interrupts are pending.")                                                                 \
	X(EXPECT_TAKEN, "expect taken", parse_labels, step_expect_taken, NEEDS_VM,                           \
	  "These interrupts were taken, in this order, since the last such step.")                           \
	X(EXPECT_STATE, "expect state", parse_words, step_expect_state, NEEDS_VM,                            \
	  "The vCPU is in this state.")                                                                      \
	X(EXPECT_RESULT, "expect result", parse_result, step_expect_result, NEEDS_VM,                        \
	  "The guest's last command had these results.")                                                     \
	X(EXPECT_ANSWERS, "expect answers", parse_answers, step_expect_answers, NEEDS_VM,                    \
	  "A repeated command gave each answer so often.")                                                   \
	X(EXPECT_MEMORY, "expect memory", parse_memory, step_expect_memory, NEEDS_VM,                        \
	  "Guest memory has these bytes.")                                                                   \
	X(EXPECT_STAT, "expect stat", parse_stat, step_expect_stat, NEEDS_VM,                                \
	  "KVM's counters have these values.")                                                               \
	X(EXPECT_HOST_LOG, "expect host-log", parse_words, step_expect_host_log, NEEDS_NOTHING,              \
	  "The host's kernel log has this text; without a text: nothing that is wrong.")                     \
	X(EXPECT_PC, "expect pc", parse_pc, step_expect_pc, NEEDS_VM,                                        \
	  "The next instruction is at this place.")                                                          \
	X(EXPECT_REGISTER, "expect register", parse_register, step_expect_register, NEEDS_VM,                \
	  "Registers have these values.")                                                                    \
	X(EXPECT_LATE, "expect late", parse_words, step_expect_late, NEEDS_VM,                               \
	  "So many pages that come late were waited for.")                                                   \
	X(RACE, "race", parse_race, step_race, NEEDS_VM, "Execute two groups of steps at once, many times.") \
	X(CREATE_VCPU, "create-vcpu", parse_words, step_create_vcpu, NEEDS_VM,                               \
	  "Make the next vCPU that the setting vcpus-late has left out.")                                    \
	X(CLOCK_STEP, "clock-step", parse_words, step_clock_step, NEEDS_VM, "Advance the guest's clock.")    \
	X(ZERO_STATS, "zero stats", parse_words, step_zero_stats, NEEDS_VM,                                  \
	  "Count KVM's counters from here on.")                                                              \
	X(STEP, "step", parse_step, step_step, NEEDS_VM, "Execute instructions of a vCPU one by one.")       \
	X(SCHEDULE, "schedule", parse_schedule, step_schedule, NEEDS_VM, "Step several vCPUs in turn.")      \
	X(SWEEP, "sweep", parse_sweep, step_sweep, NEEDS_VM,                                                 \
	  "Execute the block after each instruction of a window.")                                           \
	X(EXPLORE, "explore", parse_explore, step_explore, NEEDS_VM,                                         \
	  "Execute the block after each schedule of some vCPUs.")                                            \
	X(MARK, "mark", parse_mark, step_mark, NEEDS_VM, "In a recording: what must be the same here.")      \
	X(CLOCK_AT, "clock-at", parse_words, step_clock_at, NEEDS_VM,                                        \
	  "In a recording: set the guest's clock.")                                                          \
	X(AT, "at", parse_at, step_at, NEEDS_VM,                                                             \
	  "In a recording: wait until the guest is as far as it was.")                                       \
	X(TYPED, "typed", parse_typed, step_typed, NEEDS_VM,                                                 \
	  "In a recording: type just this, without a newline.")                                              \
	X(TYPE, "type", parse_words, step_type, NEEDS_VM, "Type a line at a console.")                       \
	X(LATE, "late", parse_late, step_late, NEEDS_VM,                                                     \
	  "Take memory away, which comes back when somebody waits for it.")                                  \
	X(QUIESCE, "quiesce", parse_words, step_quiesce, NEEDS_VM, "Ask the guest to shut down.")            \
	X(SAY, "say", parse_words, step_say, IS_TEXT, "Print a heading.")

enum step_needs {
	NEEDS_VM,      /* the current VM, which must not be one that a failed restore has left behind */
	NEEDS_NOTHING, /* no VM, or the step checks for itself that it has one */
	IS_TEXT,       /* nothing, and its line is not shown: it prints a text of its own */
};

#define KIND(kind, verb, parse, run, needs, help) STEP_##kind,
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
	UNTIL_TAKEN,
	UNTIL_END
};
enum end_by { END_ANY, END_STOP, END_CRASH, END_REBOOT, END_KINDS };
enum cpu_state { CPU_READY, CPU_RUNNING, CPU_PAUSED, CPU_OFFLINE, CPU_WAITING, CPU_STATES };

#define SCENARIO_NAME 24 /* bytes of a label or name, with the NUL */

#define STEP_BLOCKS 2 /* at most, of one step */

/* The lines between { and }. Its variable, if it has one, is the step's. */
struct block {
	char *text;             /* as it is in the source, with the line of its } */
	size_t len;             /* without that line */
	unsigned line, end;     /* of its first line, and of its } */
	struct scenario *steps; /* the steps, for the first value of the variable */
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

/* A number that is compared. */
struct expected {
	const char *name; /* as the scenario has it */
	uint64_t key;     /* result: which one, or RESULT_*; answers: which answer */
	struct wanted want;
};

/* What a line says. A step owns all that it points to: step_free(). */
struct step {
	enum step_kind kind;
	unsigned line;
	uint16_t cpu;            /* which vCPU, or VCPU_ALL */
	int fails;               /* the errno value that it must fail with, else 0 */
	struct versions kernels; /* of the host, on which it is executed */
	char *text;              /* the line, without blanks around it and comment; behind it, its words */
	const char
		*name;  /* a snapshot, a VM, a stopwatch, a console; the label of irq. NULL: none is named */
	struct irq irq; /* inject, name, add; guest: the one that the command sends */
	struct block block[STEP_BLOCKS];
	unsigned block_count;
	void *array; /* the one among the following that it has, if any */
	union {
		struct {
			uint32_t command; /* ABI_CMD_* */
			uint64_t arg[ABI_ARGS];
			uint64_t repeat;  /* the guest obeys so often, and counts its answers; 0: once, and
			                     does not */
			uint64_t *reg;    /* insn: the registers */
			const char *name; /* of the command, and of its arguments: static */
			const char *const *keys;
		} guest;
		struct {
			enum until until;
			uint64_t value; /* the status of a stop, the milliseconds of a timeout, how many are
			                   taken */
			enum end_by by; /* end: how */
		} wait;                 /* run, wait */
		struct {
			uint64_t times;
			uint64_t batch; /* so many in one call; 0: not said */
		} inject;
		uint64_t due; /* name: so often will the guest itself raise it */
		uint64_t ms;  /* sleep, clock-step */
		struct {
			uint64_t address; /* guest real */
			uint8_t *bytes;
			unsigned count;
		} memory; /* poke, expect memory */
		struct irqchip_op irqchip;
		struct {
			enum cpu_op op;
			uint64_t address; /* or CPU_OP_NOWHERE */
		} operate;                /* cpu */
		enum snap_kind snap_kind; /* snapshot */
		const char *vm;           /* restore */
		const char *file;         /* save, load; NULL: that of the command line */
		const char *snapshot;     /* add */
		const char *label;        /* drop */
		struct wanted want;       /* expect pending, expect late */
		struct {
			const char **labels;
			unsigned count;
		} taken;
		enum cpu_state state; /* expect state */
		struct {
			struct expected *all;
			unsigned count;
		} expect;          /* result, answers, stat, register; mark */
		const char *place; /* expect pc: an address or a symbol */
		struct {
			uint8_t *bytes;
			unsigned len;
			uint64_t count; /* at: so often was it printed; 0: no text is said */
			uint64_t taken; /* at: interrupts, in the guest's log; 0: not said */
		} outside;              /* at, typed */
		const char *said;       /* type, say, expect host-log: a text, which may be empty */
		struct {
			uint64_t count;    /* instructions; 0: no limit */
			const char *until; /* a place, or "delivery"; NULL: not said */
		} step;
		struct {
			struct turn *turns;
			unsigned count;
		} schedule;
		uint64_t rounds; /* race, whose blocks are its two groups */
		struct {
			const char *variable;
			uint64_t from, to, by; /* its values */
			const char *write;     /* a file for the first point that failed; NULL: none */
		} sweep;
		struct {
			const char *vcpus; /* "0,1" */
			uint64_t window, preemptions;
			uint64_t seed, tries; /* so many random schedules; tries 0: all schedules */
		} explore;
		struct {
			uint64_t high, low;
		} clock; /* clock-at */
		struct {
			uint64_t address; /* guest real, or LATE_OFF */
			uint64_t pages, ms;
		} late;
	};
};

#define SCENARIO_ORDER 32 /* vCPUs whose order can be given */

struct scenario {
	const char *file;                    /* for messages; not owned; NULL: none */
	const char *arch;                    /* this host's; not owned */
	uint64_t memory;                     /* bytes; 0: not given */
	uint64_t vcpus;                      /* 0: not given */
	uint64_t vcpu_stride;                /* 0: not given */
	uint64_t vcpus_late;                 /* so many of them are made by steps */
	uint16_t vcpu_order[SCENARIO_ORDER]; /* in which KVM makes them */
	unsigned vcpu_order_count;           /* 0: not given; else it is that of the vCPUs */
	uint64_t sources;                    /* message sources, power9; 0: not given */
	char *irqchip;                       /* the architecture's word; NULL: not given */
	uint64_t timeout_ms;                 /* of each wait; 0: not given */
	enum clock_policy clock;
	bool input;    /* standard input is for the guest */
	bool restored; /* the first VM comes from a file */
	bool typed;    /* its steps come one by one; see typed.h */
	bool made;     /* and its VM exists: no setting can follow */
	struct step *steps;
	size_t count, room;
	char *source; /* the text as it was; NULL in a block */

	const struct scenario *beside; /* whose labels its steps know, too; NULL: none */

	/* A block: what it is in, its variable and that one's value. */
	const struct scenario *outer; /* NULL: this is no block */
	const char *variable;         /* NULL: it has none */
	uint64_t value;
	unsigned group; /* of a race, from 1 on; 0: this is no race */
};

/*
 * text need not end in NUL. file is for messages ("file:line: ..."), arch is
 * this host's: a scenario made for another is refused. -EINVAL for anything
 * wrong; scenario_free() is needed only after success. *s must stay where it is.
 */
int scenario_parse(struct scenario *s, const char *text, size_t len, const char *file, const char *arch,
                   struct error *err);
void scenario_free(struct scenario *s);

/*
 * Parses one line, which must be a step that could come next in s: labels that it uses are those of the steps
 * in s. If step->block_count is not 0, so many blocks must follow, which are not parsed yet. -EINVAL: *column
 * is where the wrong word is in the line, from 1 on, or the end of the line if a word is missing. The step
 * refers neither to the line nor to s; step_free() is needed only after success. The caller sets step->line.
 */
int scenario_parse_step(const struct scenario *s, const char *line, size_t len, struct step *step,
                        unsigned *column, struct error *err);
void step_free(struct step *step);

/*
 * Parses lines that follow those of s so far, the first of which has this number, and appends their steps. If
 * a line is wrong, s stays as it was. -EINVAL with *more: nothing is wrong, but the text ends within a block.
 */
int scenario_append(struct scenario *s, const char *text, size_t len, unsigned line, bool *more,
                    struct error *err);

/* Parses a line that may be a setting, a comment or empty. 1: it is none of these; nothing was done. */
int scenario_setting(struct scenario *s, const char *line, size_t len, struct error *err);

/* Whether all of its settings together make sense. */
int scenario_settings_check(const struct scenario *s, struct error *err);

/*
 * Parses the block of a step of outer, which must outlive it, with this value of its variable. Errors as
 * of scenario_parse().
 */
int scenario_parse_block(struct scenario *s, const struct scenario *outer, const struct step *step,
                         uint64_t value, struct error *err);

/*
 * Writes the scenario with the sweep s, which is not in a block, replaced by one of its points: `step
 * n=value` and the block.
 */
int scenario_print_point(const struct scenario *s, const struct step *sweep, uint64_t value, char **text,
                         size_t *len, struct error *err);

/* Writes the lines of the step, with its blocks. */
void step_print(const struct step *step, FILE *f);

/* Whether a step is about what the guest prints. */
bool scenario_listens(const struct scenario *s);

const char *cpu_state_name(enum cpu_state state);

#endif
