/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scenario.h: a text file that says what happens to a VM, step by step. Pure:
 * this file reads the text; run.c executes the steps.
 *
 * One step a line; '#' starts a comment; words are separated by blanks and
 * are either bare or key=value. zpvm(1) describes the grammar for users.
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

enum step_kind {
	STEP_GUEST,     /* give a vCPU that waits at a checkpoint its next command */
	STEP_RUN,       /* resume, then wait */
	STEP_RESUME,    /* let all vCPUs run that have something to do */
	STEP_WAIT,      /* until what `until` says */
	STEP_PAUSE,     /* stop the world */
	STEP_SLEEP,     /* value milliseconds */
	STEP_INJECT,    /* irq, value times */
	STEP_NAME,      /* irq, which a device or the guest is going to raise (value times), is called name */
	STEP_POKE,      /* put bytes at guest real address value */
	STEP_STOPWATCH, /* print the time since the last one, as name */
	STEP_IRQCHIP,   /* op, on the interrupt controller */
	STEP_CPU,       /* cpu_op, on vCPU cpu; value: the address, or CPU_OP_NOWHERE */
	STEP_SNAPSHOT,  /* as name; snap_kind */
	STEP_RESTORE,   /* snapshot name into VM name2, made if it does not exist */
	STEP_SAVE,      /* snapshot name into file name2; NULL: that of the command line */
	STEP_LOAD,      /* the same, from the file */
	STEP_ADD,       /* irq becomes pending in snapshot name2, with label name */
	STEP_DROP,      /* the interrupt with label name2 is pending in snapshot name no more */
	STEP_EXEC,      /* the rest in a new process, from snapshot name */
	STEP_VM,        /* the steps below mean VM name */
	STEP_SHOW_PENDING,   /* print what KVM holds */
	STEP_SHOW_LOG,       /* print what the guest has taken */
	STEP_EXPECT_PENDING, /* value interrupts */
	STEP_EXPECT_TAKEN,   /* exactly names, in this order, since the last such step */
	STEP_EXPECT_STATE,   /* vCPU cpu is in state */
	STEP_EXPECT_RESULT,  /* of the last command that vCPU cpu was given */
	STEP_EXPECT_MEMORY,  /* bytes at guest real address value */
	STEP_TYPE,           /* name2, and a newline, at console name */
	STEP_QUIESCE,        /* ask the guest to shut down */
	STEP_SAY,            /* print the rest of the line */
};

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

struct step {
	enum step_kind kind;
	unsigned line;
	const char *text; /* the line, without blanks around it and comment */
	uint16_t cpu;
	uint64_t value;
	uint64_t batch; /* STEP_INJECT: so many in one call; 0: not said */
	enum until until;
	enum cpu_state state;
	enum cpu_op cpu_op;
	enum snap_kind snap_kind;
	uint32_t command; /* ABI_CMD_* */
	uint64_t arg[ABI_ARGS];
	unsigned given; /* STEP_EXPECT_RESULT: a bit for each result[] that is meant */
	uint64_t result[ABI_RESULTS];
	struct irq irq;
	struct irqchip_op op;
	int fails;        /* the errno value it must fail with, else 0; of the steps that take fails= */
	const char *name; /* STEP_INJECT, STEP_ADD: the label, or NULL; STEP_GUEST: of irq, which the command
	                     sends */
	const char *name2;
	const char **names; /* STEP_EXPECT_TAKEN: labels; STEP_EXPECT_RESULT: of result[] */
	uint8_t *bytes;
	unsigned byte_count;
	unsigned name_count;
};

struct scenario {
	const char *file;     /* for messages; not owned */
	uint64_t memory;      /* bytes; 0: not said */
	uint64_t vcpus;       /* 0: not said */
	uint64_t vcpu_stride; /* 0: not said */
	uint64_t sources;     /* message sources, power9; 0: not said */
	const char *irqchip;  /* the architecture's word; NULL: not said */
	uint64_t timeout_ms;  /* of each wait; 0: not said */
	enum clock_policy clock;
	bool input;    /* standard input is the guest's */
	bool restored; /* the first VM comes from a file */
	struct step *steps;
	size_t count;
	void *pool; /* owns the texts and names */
};

/*
 * text need not end in NUL. file is for messages ("file:line: ..."), arch is
 * this host's: a scenario made for another is refused. -EINVAL for anything
 * wrong; scenario_free() is needed only after success.
 */
int scenario_parse(struct scenario *s, const char *text, size_t len, const char *file, const char *arch,
                   struct error *err);
void scenario_free(struct scenario *s);

const char *cpu_state_name(enum cpu_state state);

#endif
