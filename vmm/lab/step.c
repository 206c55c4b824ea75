/* SPDX-License-Identifier: BSD-2-Clause */
/* step.c: a step of a scenario, from its words; see line.h. Pure. Read next: step_guest.c, run.c. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"

static int parse_wait(struct line *l)
{
	static const char *const names[] = { "ready",  "stop",  "crash",   "timeout", "open",
		                             "reboot", "begun", "offline", "asleep",  "taken" };
	const char *text = line_value(l, "until");
	unsigned until = UNTIL_READY;

	if (text && line_choice(l, "until", text, names, sizeof(names) / sizeof(names[0]), &until))
		return -EINVAL;
	l->step->until = until;
	if (until == UNTIL_STOP && line_number(l, "status", 255, &l->step->value))
		return -EINVAL;
	if (until == UNTIL_TIMEOUT) {
		l->step->value = 100;
		if (line_number(l, "ms", 600000, &l->step->value))
			return -EINVAL;
	}
	if (until == UNTIL_TAKEN) {
		l->step->value = 1;
		return line_number(l, "count", ABI_LOG, &l->step->value);
	}
	return line_cpu(l, until == UNTIL_OPEN || until >= UNTIL_BEGUN ? 0 : VCPU_ALL);
}

static int parse_clock_step(struct line *l)
{
	if (!line_value(l, "ms"))
		return line_wrong(l, "clock-step: ms= is missing");
	return line_number(l, "ms", 1000000000000, &l->step->value);
}

static int parse_nothing(struct line *l)
{
	(void)l;
	return 0;
}

static int parse_sleep(struct line *l)
{
	return line_bare_number(l, 1, "milliseconds", 600000, &l->step->value);
}

/* E... names, as strerrorname_np() gives them. */
static int error_number(const char *name)
{
	for (int code = 1; code < 200; code++)
		if (!strcmp(error_name(code), name) && name[1] != '?') /* "E?": a number without a name */
			return code;
	return 0;
}

/* fails=NAME: the error that the step must fail with. */
static int parse_fails(struct line *l)
{
	const char *fails = line_value(l, "fails");

	l->step->fails = fails ? error_number(fails) : 0;
	return fails && !l->step->fails ? line_wrong(l, "fails: %s is no error's name", fails) : 0;
}

/* The words not used so far are for the architecture. The first of them must be a bare one: the kind. */
static unsigned other_words(struct line *l, struct word *words)
{
	unsigned count = 0;

	for (unsigned w = 1; w < l->count; w++) {
		if (l->used[w])
			continue;
		l->used[w] = true;
		words[count++] = l->words[w];
	}
	return count && !words[0].key ? count : 0;
}

/* Checks that the label does not mean another interrupt already. */
static int check_label(struct line *l)
{
	const char *label = l->step->name;
	const struct irq *irq = &l->step->irq;
	const struct step *named;

	if (label && irq_is_timer(label))
		return line_wrong(l, "as=%s: that is what `guest timer` leads to", label);
	named = label ? line_labelled(l, label) : NULL;
	return named && !irq_equal(&named->irq, irq)
	               ? line_wrong(l, "as=%s: means another interrupt in line %u", label, named->line)
	               : 0;
}

static int parse_inject(struct line *l)
{
	struct word words[MAX_WORDS];
	const char *label = line_value(l, "as");
	uint64_t legacy = 0;
	unsigned count;

	l->step->value = 1;
	if (!strcmp(l->arch, "s390x") && line_number(l, "legacy", 1, &legacy))
		return -EINVAL;
	if (line_number(l, "times", 1000000, &l->step->value) ||
	    line_number(l, "batch", 1000000, &l->step->batch) || parse_fails(l))
		return -EINVAL;
	if (!l->step->value)
		return line_wrong(l, "times: 0 is not allowed");
	if (!l->step->batch && line_value(l, "batch"))
		return line_wrong(l, "batch: 0 is not allowed");
	if (label && line_name(l, label, "as", &l->step->name))
		return -EINVAL;
	count = other_words(l, words);
	if (!count)
		return line_wrong(l, "inject: the kind of interrupt is missing");
	if (irq_parse(words, count, &l->step->irq, l->err) || check_label(l))
		return -EINVAL;
	l->step->irq.legacy = legacy;
	return 0;
}

/* A label for an interrupt that a device is going to raise. */
static int parse_name(struct line *l)
{
	struct word words[MAX_WORDS];
	const char *label = line_value(l, "as");
	unsigned count;

	if (line_name(l, label, "as", &l->step->name) ||
	    line_number(l, "due", 1000000, &l->step->value)) /* times that the guest itself will raise it */
		return -EINVAL;
	count = other_words(l, words);
	if (!count)
		return line_wrong(l, "name: the kind of interrupt is missing");
	return irq_parse(words, count, &l->step->irq, l->err) || check_label(l) ? -EINVAL : 0;
}

/* SNAPSHOT KIND key=value... */
static int parse_add(struct line *l)
{
	struct word words[MAX_WORDS];
	const char *label = line_value(l, "as");
	unsigned count;

	if (line_name(l, line_bare(l, 1), "the snapshot's name", &l->step->name2) || parse_fails(l) ||
	    (label && line_name(l, label, "as", &l->step->name)))
		return -EINVAL;
	count = other_words(l, words);
	if (!count)
		return line_wrong(l, "add: the kind of interrupt is missing");
	return irq_parse(words, count, &l->step->irq, l->err) || check_label(l) ? -EINVAL : 0;
}

static int parse_irqchip(struct line *l)
{
	struct word words[MAX_WORDS];
	unsigned count;

	if (parse_fails(l))
		return -EINVAL;
	count = other_words(l, words);
	if (!count)
		return line_wrong(l, "irqchip: the operation is missing");
	return irqchip_parse(words, count, &l->step->op, l->err);
}

static int parse_cpu(struct line *l)
{
	static const char *const names[CPU_OPS] = {
		[CPU_OP_STOP] = "stop",
		[CPU_OP_START] = "start",
		[CPU_OP_RESTART] = "restart",
		[CPU_OP_RESET] = "reset",
		[CPU_OP_INITIAL_RESET] = "initial-reset",
		[CPU_OP_CLEAR_RESET] = "clear-reset",
		[CPU_OP_STORE_STATUS] = "store-status",
	};
	const char *name = line_bare(l, 2);
	uint64_t cpu;
	unsigned op;

	if (line_bare_number(l, 1, "the vCPU", UINT16_MAX - 1, &cpu))
		return -EINVAL;
	if (!name || line_choice(l, "cpu", name, names, CPU_OPS, &op))
		return name ? -EINVAL : line_wrong(l, "cpu: the operation is missing");
	l->step->cpu = (uint16_t)cpu;
	l->step->cpu_op = op;
	l->step->value = CPU_OP_NOWHERE;
	if (op == CPU_OP_STORE_STATUS && line_number(l, "address", UINT32_MAX, &l->step->value))
		return -EINVAL;
	return parse_fails(l);
}

static int parse_snapshot(struct line *l)
{
	const char *kind = line_value(l, "kind");
	unsigned i = SNAP_VM;

	if (line_name(l, line_bare(l, 1), "the snapshot's name", &l->step->name) ||
	    (kind && line_choice(l, "kind", kind, snap_kind_names, SNAP_KINDS, &i)))
		return -EINVAL;
	l->step->snap_kind = i;
	return 0;
}

/* NAME [FILE] */
static int parse_save(struct line *l)
{
	l->step->name2 = line_bare(l, 2);
	return line_name(l, line_bare(l, 1), "the snapshot's name", &l->step->name) || parse_fails(l)
	               ? -EINVAL
	               : 0;
}

/* SNAPSHOT LABEL */
static int parse_drop(struct line *l)
{
	if (line_name(l, line_bare(l, 1), "the snapshot's name", &l->step->name) ||
	    line_name(l, line_bare(l, 2), "the interrupt's label", &l->step->name2))
		return -EINVAL;
	return parse_fails(l);
}

static int parse_restore(struct line *l)
{
	int rc = line_name(l, line_bare(l, 1), "the snapshot's name", &l->step->name);

	if (!rc)
		rc = line_name(l, line_bare(l, 2), "the VM's name", &l->step->name2);
	return rc ? rc : parse_fails(l);
}

static int parse_vm(struct line *l)
{
	return line_name(l, line_bare(l, 1), "the VM's name", &l->step->name);
}

static const char *const state_names[CPU_STATES] = { "ready", "running", "paused", "offline", "waiting" };

const char *cpu_state_name(enum cpu_state state)
{
	return state_names[state];
}

/* Whether the label may be known when the step is executed. A file contains labels that only a run sees. */
static bool label_known(const struct line *l, const char *label)
{
	bool known = l->s->restored || irq_is_timer(label) || line_labelled(l, label);

	for (const struct scenario *in = l->s; in; in = in->outer)
		for (const struct step *s = in->steps; s < in->steps + in->count; s++)
			known |= s->kind == STEP_LOAD;
	return known;
}

/* ADDRESS HEX...: an even number of hexadecimal digits, in any number of words from word `from` on. */
static int parse_memory_from(struct line *l, unsigned from)
{
	struct step *step = l->step;
	const char *text;

	if (line_bare_number(l, from, "the address", UINT64_MAX, &step->value))
		return -EINVAL;
	while ((text = line_bare(l, ++from))) {
		size_t len = strlen(text);
		uint8_t *bytes;

		if (len % 2 || strspn(text, "0123456789abcdefABCDEF") != len)
			return line_wrong(l, "memory: %s is not an even number of hexadecimal digits", text);
		bytes = realloc(step->bytes, step->byte_count + len / 2);
		if (!bytes)
			return error_set(l->err, -ENOMEM, "out of memory");
		step->bytes = bytes;
		for (; *text; text += 2) {
			const char digits[] = { text[0], text[1], 0 };

			bytes[step->byte_count++] = (uint8_t)strtoul(digits, NULL, 16);
		}
	}
	return step->byte_count ? 0 : line_wrong(l, "memory: the bytes are missing");
}

static int parse_poke(struct line *l)
{
	return parse_memory_from(l, 1);
}

static int parse_memory(struct line *l)
{
	return parse_memory_from(l, 2);
}

static int parse_state(struct line *l)
{
	const char *text = line_bare(l, 2);
	unsigned i = 0;

	if (!text || line_choice(l, "state", text, state_names, CPU_STATES, &i))
		return text ? -EINVAL : line_wrong(l, "expect state: the state is missing");
	l->step->state = i;
	return line_cpu(l, 0);
}

static int parse_labels(struct line *l)
{
	const char *text;

	l->step->names = calloc(MAX_WORDS, sizeof(*l->step->names));
	if (!l->step->names)
		return error_set(l->err, -ENOMEM, "out of memory");
	while ((text = line_bare(l, 2 + l->step->name_count))) {
		if (!label_known(l, text))
			return line_wrong(l, "expect taken: nothing above is injected or named as=%s", text);
		l->step->names[l->step->name_count++] = text;
	}
	return 0;
}

/* --- stepping ----------------------------------------------------------- */

/* An address or a symbol, with or without a number added: the guest's file has the symbols. */
static int parse_place(struct line *l, const char *key)
{
	l->step->name2 = line_value(l, key);
	return l->step->name2 ? line_cpu(l, 0) : line_wrong(l, "%s=ADDRESS or %s=SYMBOL is needed", key, key);
}

static int parse_pc(struct line *l)
{
	return parse_place(l, "pc");
}

/* [n=COUNT] [until=ADDRESS|SYMBOL|delivery] [cpu=N] */
static int parse_step(struct line *l)
{
	l->step->name2 = line_value(l, "until");
	l->step->value = l->step->name2 ? 0 : 1;
	if (line_number(l, "n", UINT32_MAX, &l->step->value))
		return -EINVAL;
	if (l->step->name2 && line_value(l, "n") && !l->step->value)
		return line_wrong(l, "n: 0 is not allowed with until");
	return line_cpu(l, 0);
}

/* CPU:COUNT ... */
static int parse_schedule(struct line *l)
{
	struct step *step = l->step;
	const char *text, *colon;
	char cpu[8];

	step->turns = calloc(MAX_WORDS, sizeof(*step->turns));
	if (!step->turns)
		return error_set(l->err, -ENOMEM, "out of memory");
	while ((text = line_bare(l, 1 + step->turn_count))) {
		struct turn *turn = &step->turns[step->turn_count++];
		uint64_t number;

		colon = strchr(text, ':');
		if (!colon || (size_t)(colon - text) >= sizeof(cpu))
			return line_wrong(l, "schedule: %s is not CPU:COUNT", text);
		snprintf(cpu, sizeof(cpu), "%.*s", (int)(colon - text), text);
		if (line_check_number(l, "schedule", cpu, UINT16_MAX - 1, &number) ||
		    line_check_number(l, "schedule", colon + 1, UINT32_MAX, &turn->count))
			return -EINVAL;
		turn->cpu = (uint16_t)number;
	}
	return step->turn_count ? 0 : line_wrong(l, "schedule: CPU:COUNT is missing");
}

/* FROM..TO, or FROM */
static int parse_range(struct line *l, const char *name, const char *text)
{
	const char *dots = strstr(text, "..");
	char from[24];

	snprintf(from, sizeof(from), "%.*s", dots ? (int)(dots - text) : (int)strlen(text), text);
	if (line_check_number(l, name, from, UINT32_MAX, &l->step->from) ||
	    line_check_number(l, name, dots ? dots + 2 : from, UINT32_MAX, &l->step->to))
		return -EINVAL;
	return l->step->to < l->step->from ? line_wrong(l, "%s: %s is no range: it is empty", name, text) : 0;
}

/* VARIABLE=FROM..TO [by=K] [cpu=N] [write=FILE] { */
static int parse_sweep(struct line *l)
{
	const char *name = NULL;

	l->step->by = 1;
	l->step->name = line_value(l, "write");
	if (l->step->name && l->s->outer)
		return line_wrong(l, "write: not in a block");
	if (line_number(l, "by", UINT32_MAX, &l->step->by) || line_cpu(l, 0))
		return -EINVAL;
	if (!l->step->by)
		return line_wrong(l, "by: 0 is not allowed");
	for (unsigned w = 0; w < l->count && !name; w++)
		if (l->words[w].key && !l->used[w])
			name = l->words[w].key;
	if (!name)
		return line_wrong(l, "sweep: n=FROM..TO is needed");
	if (strspn(name, "abcdefghijklmnopqrstuvwxyz") != strlen(name))
		return line_wrong(l, "sweep: %s is not a variable (letters from a to z)", name);
	if (line_name(l, name, "sweep", &name) || parse_range(l, name, line_value(l, name)))
		return -EINVAL;
	return line_block(l, name);
}

/* [vcpus=0,1] [preemptions=K] [window=N] [seed=N] [tries=N] { */
static int parse_explore(struct line *l)
{
	const char *text = line_value(l, "vcpus");
	struct step *step = l->step;

	step->value = 20;
	step->batch = 2;
	step->name2 = text ? text : "0,1";
	if (strspn(step->name2, "0123456789,") != strlen(step->name2))
		return line_wrong(l, "vcpus: %s is not a list of vCPUs (0,1)", step->name2);
	if (line_number(l, "window", 100, &step->value) || line_number(l, "preemptions", 16, &step->batch))
		return -EINVAL;
	if (line_number(l, "seed", UINT64_MAX, &step->seed) || line_number(l, "tries", 1000000, &step->tries))
		return -EINVAL;
	if (!step->value)
		return line_wrong(l, "window: 0 is not allowed");
	if (step->seed && !step->tries)
		step->tries = 100;
	return line_block(l, NULL);
}

/* The two words of a clock reading. */
static int parse_clock_at(struct line *l)
{
	return line_bare_number(l, 1, "the clock's first word", UINT64_MAX, &l->step->value) ||
	                       line_bare_number(l, 2, "its second word", UINT64_MAX, &l->step->batch)
	               ? -EINVAL
	               : 0;
}

/* ADDRESS pages=N ms=N, or "off" */
static int parse_late(struct line *l)
{
	struct step *step = l->step;
	const char *text = line_bare(l, 1);

	if (text && !strcmp(text, "off")) {
		step->value = LATE_OFF;
		return 0;
	}
	step->batch = 1;
	if (line_bare_number(l, 1, "the address", LATE_OFF - 1, &step->value) ||
	    line_number(l, "pages", 4096, &step->batch) || line_number(l, "ms", 1000, &step->arg[0]) ||
	    parse_fails(l))
		return -EINVAL;
	return step->batch ? 0 : line_wrong(l, "pages: 0 is not allowed");
}

static int parse_stopwatch(struct line *l)
{
	return line_name(l, line_bare(l, 1), "what was timed", &l->step->name);
}

/* [console=NAME] TEXT, as it stands in the line. */
static int parse_type(struct line *l)
{
	static const char blanks[] = " \t";
	const char *console = line_value(l, "console"), *text = l->step->text + strlen("type");

	text += strspn(text, blanks);
	if (console) {
		text += strcspn(text, blanks);
		text += strspn(text, blanks);
	}
	l->step->name2 = text;
	return console ? line_name(l, console, "console", &l->step->name) : 0;
}

/* What follows both words of `expect host-log`, as it stands in the line. */
static int parse_host_log(struct line *l)
{
	static const char word[] = "host-log";
	const char *text = strstr(l->step->text, word) + strlen(word);

	text += strspn(text, " \t");
	l->step->name = *text ? text : NULL;
	return 0;
}

static int parse_say(struct line *l)
{
	l->step->name = l->step->text + strlen("say");
	l->step->name += strspn(l->step->name, " \t");
	return 0;
}

static const struct {
	const char *verb; /* with its second word, if it has one */
	int (*parse)(struct line *l);
} steps[] = {
#define ROW(kind, verb, parse, run, needs) [STEP_##kind] = { verb, parse },
	SCENARIO_STEPS(ROW)
};

/* What follows the verb in the row: its second word, or "". NULL: the row is of another verb. */
static const char *second_word(unsigned row, const char *verb)
{
	size_t len = strlen(verb);
	const char *rest = steps[row].verb + len;

	if (strncmp(steps[row].verb, verb, len) || (*rest && *rest != ' '))
		return NULL;
	return *rest ? rest + 1 : rest;
}

int step_parse(struct line *l)
{
	const char *verb = line_bare(l, 0), *word, *names[STEP_KINDS];
	unsigned first = 0, count = 0, i = 0;
	int rc;

	while (first < STEP_KINDS && !second_word(first, verb))
		first++;
	if (first == STEP_KINDS)
		return line_wrong(l, "%s: no such step", verb);
	for (; first + count < STEP_KINDS && (word = second_word(first + count, verb)); count++)
		names[count] = word;
	if (*names[0]) {
		word = line_bare(l, 1);
		if (!word && l->count > 1)
			word = l->words[1].key; /* expect pc=... */
		if (!word && count == 2)
			return line_wrong(l, "%s: %s or %s?", verb, names[0], names[1]);
		if (!word)
			return line_wrong(l, "%s: the second word is missing", verb);
		if (line_choice(l, verb, word, names, count, &i))
			return -EINVAL;
	}
	l->step->kind = first + i;
	if (l->step->kind == STEP_EXEC && l->s->outer)
		return line_wrong(l, "exec: not in a block");
	rc = steps[first + i].parse(l);
	if (!rc)
		rc = line_check_used(l);
	return rc ? rc : race_check(l);
}
