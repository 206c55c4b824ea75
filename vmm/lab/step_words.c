/* SPDX-License-Identifier: BSD-2-Clause */
/* step_words.c: see step_words.h. Pure. Read next: step.c. */
#include "step_words.h"

#include <ctype.h>
#include <string.h>

#include "vmm/cpu_op.h"

static const char *const state_names[CPU_STATES] = { "ready", "running", "paused", "offline", "waiting" };

const char *cpu_state_name(enum cpu_state state)
{
	return state_names[state];
}

static const char *const until_names[] = { "ready", "stop",    "crash",  "timeout", "open", "reboot",
	                                   "begun", "offline", "asleep", "taken",   "end" };

static const char *const end_names[END_KINDS] = { "any", "stop", "crash", "reboot" };

static const char *const cpu_op_names[CPU_OPS] = {
	[CPU_OP_STOP] = "stop",
	[CPU_OP_START] = "start",
	[CPU_OP_RESTART] = "restart",
	[CPU_OP_RESET] = "reset",
	[CPU_OP_INITIAL_RESET] = "initial-reset",
	[CPU_OP_CLEAR_RESET] = "clear-reset",
	[CPU_OP_STORE_STATUS] = "store-status",
};

/* The columns of the table. */
#define AT(member)              offsetof(struct step, member)
#define NUMBER(member, a, b)    WORD_NUMBER, .field = AT(member), .min = (a), .max = (b)
#define NAME(member)            WORD_NAME, .field = AT(member)
#define TEXT(member)            WORD_TEXT, .field = AT(member)
#define WANTED                  WORD_WANTED, .field = AT(want), .max = UINT32_MAX
#define CHOICE(member, list, n) WORD_CHOICE, .field = AT(member), .words = (list), .word_count = (n)
#define NEEDED                  .use = WORD_NEEDED
#define OWN                     .use = WORD_OWN
#define WHEN_(what)             1u << UNTIL_##what
#define WHEN(what)              .when = WHEN_(what)
#define ELSE                    .otherwise =

#define WAITS  (IN(RUN) | IN(WAIT))
#define PAIRS  (IN(EXPECT_RESULT) | IN(EXPECT_ANSWERS) | IN(EXPECT_STAT) | IN(EXPECT_REGISTER) | IN(MARK))
#define RAISES (IN(INJECT) | IN(NAME) | IN(ADD))
#define REFUSES                                                                                        \
	(IN(INJECT) | IN(ADD) | IN(IRQCHIP) | IN(CPU) | IN(SAVE) | IN(LOAD) | IN(DROP) | IN(RESTORE) | \
	 IN(LATE) | IN(CREATE_VCPU) | IN(QUIESCE))
#define OF_CPU                                                                                   \
	(IN(GUEST) | IN(EXPECT_STATE) | IN(EXPECT_PC) | IN(EXPECT_RESULT) | IN(EXPECT_ANSWERS) | \
	 IN(EXPECT_REGISTER) | IN(MARK) | IN(STEP) | IN(SWEEP))

static const struct step_word words[] = {
	/* Bare words, of each step in their order. */
	{ IN(GUEST), "COMMAND", WORD_OTHER, OWN, .help = "the command, and its own words" },
	{ IN(SLEEP), "MS", NUMBER(ms, 0, 600000), NEEDED, .help = "milliseconds" },
	{ IN(STOPWATCH), "NAME", NAME(name), NEEDED, .help = "what was timed" },
	{ IN(CPU), "CPU", WORD_CPU, NEEDED, .help = "the vCPU" },
	{ IN(CPU), "OPERATION", CHOICE(operate.op, cpu_op_names, CPU_OPS), NEEDED, .help = "the operation" },
	{ IN(ADD), "SNAPSHOT", NAME(snapshot), NEEDED, .help = "the snapshot's name" },
	{ IN(SNAPSHOT) | IN(RESTORE) | IN(SAVE) | IN(LOAD) | IN(DROP) | IN(EXEC), "SNAPSHOT", NAME(name),
	  NEEDED, .help = "the snapshot's name" },
	{ IN(VM), "NAME", NAME(name), NEEDED, .help = "the VM's name" },
	{ IN(RESTORE), "VM", NAME(vm), NEEDED, .help = "the VM's name" },
	{ IN(SAVE), "FILE", TEXT(file), .help = "the file; if it is not said, the command line's" },
	{ IN(LOAD), "FILE", TEXT(file), .help = "the file" },
	{ IN(DROP), "LABEL", NAME(label), NEEDED, .help = "the interrupt's label" },
	{ RAISES, "KIND", WORD_OTHER, OWN, .help = "the kind of interrupt, and its own words" },
	{ IN(IRQCHIP), "OPERATION", WORD_OTHER, OWN, .help = "the operation, and its own words" },
	{ IN(POKE) | IN(EXPECT_MEMORY), "ADDRESS", NUMBER(memory.address, 0, UINT64_MAX), NEEDED,
	  .help = "the address" },
	{ IN(POKE) | IN(EXPECT_MEMORY), "HEX...", WORD_OTHER, OWN, .help = "the bytes" },
	{ IN(EXPECT_PENDING), "NUMBERS", WANTED, NEEDED, .help = "the number pending" },
	{ IN(EXPECT_LATE), "NUMBERS", WANTED, NEEDED, .help = "the number of pages" },
	{ IN(EXPECT_TAKEN), "LABEL...", WORD_OTHER, OWN, .help = "the interrupts, by their labels" },
	{ IN(EXPECT_STATE), "STATE", CHOICE(state, state_names, CPU_STATES), NEEDED, .help = "the state" },
	{ PAIRS, "NAME=NUMBERS...", WORD_OTHER, OWN, .help = "what is compared, and its value" },
	{ IN(SCHEDULE), "CPU:COUNT...", WORD_OTHER, OWN, .help = "how many instructions of which vCPU" },
	{ IN(SWEEP), "VARIABLE=FROM..TO", WORD_OTHER, OWN, .help = "after how many instructions" },
	{ IN(CLOCK_AT), "HIGH", NUMBER(clock.high, 0, UINT64_MAX), NEEDED, .help = "the clock's first word" },
	{ IN(CLOCK_AT), "LOW", NUMBER(clock.low, 0, UINT64_MAX), NEEDED, .help = "its second word" },
	{ IN(AT) | IN(TYPED), "TEXT", WORD_OTHER, OWN,
	  .help = "what was printed, or typed: a word with \\n, \\s and so on" },
	{ IN(LATE), "ADDRESS", NUMBER(late.address, 0, LATE_OFF - 1), OWN, .help = "the address" },

	/* key=value */
	{ WAITS, "until", CHOICE(wait.until, until_names, sizeof(until_names) / sizeof(until_names[0])),
	  ELSE "ready", .help = "what is waited for" },
	{ WAITS, "status", NUMBER(wait.value, 0, 255), WHEN(STOP), ELSE "0", .help = "the guest's status" },
	{ WAITS, "by", CHOICE(wait.by, end_names, END_KINDS), WHEN(END), ELSE "any",
	  .help = "how the guest ends" },
	{ WAITS, "status", NUMBER(wait.value, 0, 255), OWN, WHEN(END), ELSE "0",
	  .help = "with by=stop: its status" },
	{ WAITS, "ms", NUMBER(wait.value, 0, 600000), WHEN(TIMEOUT), ELSE "100", .help = "for how long" },
	{ WAITS, "count", NUMBER(wait.value, 0, ABI_LOG), WHEN(TAKEN), ELSE "1", .help = "how many" },
	{ WAITS, "cpu", WORD_CPU, WHEN(READY) | WHEN_(STOP) | WHEN_(CRASH) | WHEN_(TIMEOUT) | WHEN_(REBOOT),
	  ELSE "all", .help = "which vCPU" },
	{ WAITS, "cpu", WORD_CPU, WHEN(OPEN) | WHEN_(BEGUN) | WHEN_(OFFLINE) | WHEN_(ASLEEP), ELSE "0",
	  .help = "which vCPU" },
	{ IN(GUEST), "sends", WORD_OTHER, OWN, .help = "the label of the interrupt that the guest sends" },
	{ IN(GUEST), "repeat", NUMBER(guest.repeat, 1, 1000000000), .help = "how often the guest obeys" },
	{ IN(INJECT), "times", NUMBER(inject.times, 1, 1000000), ELSE "1", .help = "how often" },
	{ IN(INJECT), "batch", NUMBER(inject.batch, 1, 1000000), .help = "so many in one call" },
	{ IN(INJECT), "legacy", WORD_OTHER, OWN, ELSE "0",
	  .help = "s390x: by the call that came before the others" },
	{ IN(NAME), "as", NAME(name), NEEDED, .help = "the label" },
	{ IN(INJECT) | IN(ADD), "as", NAME(name), .help = "the label" },
	{ IN(NAME), "due", NUMBER(due, 0, 1000000), ELSE "0",
	  .help = "so often will the guest itself raise it" },
	{ IN(CPU), "address", NUMBER(operate.address, 0, UINT32_MAX), OWN,
	  .help = "store-status: where, if not at the architected location" },
	{ IN(SNAPSHOT), "kind", CHOICE(snap_kind, snap_kind_names, SNAP_KINDS), ELSE "vm",
	  .help = "what is in it" },
	{ IN(EXPECT_PC), "pc", TEXT(place), OWN, .help = "an address or a symbol" },
	{ IN(CLOCK_STEP), "ms", NUMBER(ms, 0, 1000000000000), NEEDED, .help = "by how much" },
	{ IN(RACE), "n", NUMBER(rounds, 1, 1000000), ELSE "1", .help = "how often" },
	{ IN(STEP), "until", TEXT(step.until), .help = "up to an address, a symbol, or delivery" },
	{ IN(STEP), "n", NUMBER(step.count, 0, UINT32_MAX), OWN, ELSE "1",
	  .help = "how many instructions; with until, at most" },
	{ IN(SWEEP), "by", NUMBER(sweep.by, 1, UINT32_MAX), ELSE "1",
	  .help = "at each so many instructions" },
	{ IN(SWEEP), "write", TEXT(sweep.write), .help = "a file for the first point that failed" },
	{ IN(EXPLORE), "vcpus", TEXT(explore.vcpus), ELSE "0,1", .help = "which vCPUs" },
	{ IN(EXPLORE), "window", NUMBER(explore.window, 1, 100), ELSE "20",
	  .help = "how many instructions of each" },
	{ IN(EXPLORE), "preemptions", NUMBER(explore.preemptions, 0, 16), ELSE "2",
	  .help = "how many, at most" },
	{ IN(EXPLORE), "seed", NUMBER(explore.seed, 0, UINT64_MAX), ELSE "0",
	  .help = "random schedules instead of all" },
	{ IN(EXPLORE), "tries", NUMBER(explore.tries, 0, 1000000), ELSE "0", .help = "how many random ones" },
	{ IN(AT), "taken", NUMBER(outside.taken, 0, ABI_LOG),
	  .help = "how many interrupts the guest had taken" },
	{ IN(AT), "count", NUMBER(outside.count, 1, UINT64_MAX), OWN, ELSE "1",
	  .help = "how often the text was printed" },
	{ IN(TYPE) | IN(TYPED), "console", NAME(name), .help = "which console" },
	{ IN(LATE), "pages", NUMBER(late.pages, 1, 4096), ELSE "1", .help = "how many" },
	{ IN(LATE), "ms", NUMBER(late.ms, 0, 1000), ELSE "0", .help = "how long each of them takes" },
	{ OF_CPU, "cpu", WORD_CPU, ELSE "0", .help = "which vCPU" },
	{ IN(EXPECT_STAT), "cpu", WORD_CPU, ELSE "all", .help = "which vCPU" },
	{ REFUSES, "fails", WORD_ERROR, .field = AT(fails), .help = "the error that it must fail with" },
	{ IN(TYPE) | IN(SAY) | IN(EXPECT_HOST_LOG), "TEXT", WORD_REST, .field = AT(said), .help = "a text" },
	{ IN(RACE) | IN(SWEEP) | IN(EXPLORE), "{", WORD_OTHER, OWN, .help = "steps follow, up to a line }" },
};

const struct step_word *step_word_next(enum step_kind kind, const struct step_word *after)
{
	const struct step_word *end = words + sizeof(words) / sizeof(words[0]);
	const struct step_word *w = after ? after + 1 : words;

	while (w < end && !(w->steps & 1ULL << kind))
		w++;
	return w < end ? w : NULL;
}

bool step_word_is_bare(const struct step_word *word)
{
	return !islower((unsigned char)word->name[0]);
}

static const struct {
	const char *verb, *help;
} steps[] = {
#define ROW(kind, verb, parse, run, needs, help) [STEP_##kind] = { verb, help },
	SCENARIO_STEPS(ROW)
};

const char *step_verb(enum step_kind kind)
{
	return steps[kind].verb;
}

const char *step_help(enum step_kind kind)
{
	return steps[kind].help;
}

static void print_word(const struct step_word *w, FILE *f)
{
	static const char *const types[] = {
		"NUMBER", "CPU", "NAME", "WORD", "", "NUMBERS", "ERROR", "", ""
	};

	fprintf(f, step_word_is_bare(w) ? "    %s" : "    %s=%s", w->name, types[w->type]);
	for (unsigned i = 0; i < w->word_count; i++)
		fprintf(f, "%s%s", i ? "|" : step_word_is_bare(w) ? " " : "", w->words[i]);
	for (unsigned i = 0, before = 0; i < sizeof(until_names) / sizeof(until_names[0]); i++)
		if (w->when & 1u << i)
			fprintf(f, "%s%s", before++ ? "|" : " with until=", until_names[i]);
	fprintf(f, ": %s%s%s%s\n", w->help, w->otherwise ? " (" : "", w->otherwise ? w->otherwise : "",
	        w->otherwise ? ")" : "");
}

unsigned step_print_help(const char *verb, FILE *f)
{
	size_t len = verb ? strlen(verb) : 0;
	unsigned count = 0;

	for (enum step_kind kind = 0; kind < STEP_KINDS; kind++) {
		if (verb && (strncmp(steps[kind].verb, verb, len) ||
		             (steps[kind].verb[len] && steps[kind].verb[len] != ' ')))
			continue;
		fprintf(f, "%s: %s\n", steps[kind].verb, steps[kind].help);
		for (const struct step_word *w = step_word_next(kind, NULL); w; w = step_word_next(kind, w))
			print_word(w, f);
		if (kind == STEP_GUEST)
			guest_print_commands(f);
		count++;
	}
	return count;
}
