/* SPDX-License-Identifier: BSD-2-Clause */
/* step.c: a step of a scenario, from its words; see line.h. Pure. Read next: run.c. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"

static const struct command {
	const char *name;
	uint32_t command;
	const char *arg[ABI_ARGS]; /* keys */
	unsigned needed;           /* how many of them must be there */
	const char *arch;          /* NULL: both */
} commands[] = {
	{ "enable", ABI_CMD_ENABLE, { 0 }, 0, NULL },
	{ "wait", ABI_CMD_WAIT, { "count" }, 1, NULL },
	{ "spin", ABI_CMD_SPIN, { "count" }, 1, NULL },
	{ "closed", ABI_CMD_CLOSED, { 0 }, 0, NULL },
	{ "timer", ABI_CMD_TIMER, { "us", "type" }, 1, NULL },
	{ "print", ABI_CMD_PRINT, { 0 }, 0, NULL },
	{ "echo", ABI_CMD_ECHO, { 0 }, 0, NULL },
	{ "stop", ABI_CMD_STOP, { "status" }, 0, NULL },
	{ "crash", ABI_CMD_CRASH, { 0 }, 0, NULL },
	{ "touch", ABI_CMD_TOUCH, { "address" }, 1, NULL },
	{ "fill", ABI_CMD_FILL, { "address", "pages", "value" }, 3, NULL },
	{ "start", ABI_CMD_START, { "vcpu" }, 1, NULL },
	{ "key", ABI_CMD_KEY, { "address", "value" }, 2, "s390x" },
	{ "offline", ABI_CMD_OFFLINE, { 0 }, 0, NULL },
	{ "exits", ABI_CMD_EXITS, { "count" }, 1, NULL },
	{ "route", ABI_CMD_ROUTE, { "source", "server", "priority", "sources" }, 3, "power9" },
	{ "ipi", ABI_CMD_IPI, { "vcpu", "count" }, 1, "power9" },
	{ "cede", ABI_CMD_CEDE, { 0 }, 0, "power9" },
	{ "flood", ABI_CMD_FLOOD, { "source", "sources", "rounds", "burst", "wait" }, 1, "power9" },
	{ "count", ABI_CMD_COUNT, { "source", "sources" }, 1, "power9" },
	{ "retarget", ABI_CMD_RETARGET, { "source", "a", "b", "times" }, 4, "power9" },
	{ "cppr", ABI_CMD_CPPR, { "value" }, 1, "power9" },
	{ "fuzz", ABI_CMD_FUZZ, { "seed", "count" }, 2, "power9" },
	{ "channel", ABI_CMD_CHANNEL, { "op", "id", "address" }, 1, "s390x" },
	{ "servc", ABI_CMD_SERVC, { "command", "sccb" }, 2, "s390x" },
	{ "sigp", ABI_CMD_SIGP, { "vcpu", "order", "parm" }, 2, "s390x" },
	{ "diag", ABI_CMD_DIAG, { "code", "r1", "r2", "r3", "r4" }, 1, "s390x" },
	{ "program", ABI_CMD_PROGRAM, { "log" }, 1, "s390x" },
	{ "print3215", ABI_CMD_PRINT3215, { "isc" }, 1, "s390x" },
	{ "read3215", ABI_CMD_READ3215, { "isc" }, 1, "s390x" },
	{ "driver", ABI_CMD_DRIVER, { "source", "address", "after", "defer" }, 1, "power9" },
	{ "control", ABI_CMD_CONTROL, { "cr0", "cr6", "cr14" }, 0, "s390x" },
	{ "ipi", ABI_CMD_IPI, { "vcpu", "count", "order", "from", "take" }, 3, "s390x" },
	{ "hcall", ABI_CMD_HCALL, { "nr", "r4", "r5", "r6", "r7", "r8" }, 1, "power9" },
};

/* An argument of a command: a number, or one of the words that stand for one. */
static int guest_argument(struct line *l, const char *key, const char *text, uint64_t *value)
{
	static const char *const timers[] = { [ABI_TIMER_CLOCK] = "clock", [ABI_TIMER_CPU] = "cpu" };
	static const char *const channel[ABI_CHANNEL_OPS] = {
		[ABI_CHANNEL_SSCH] = "ssch", [ABI_CHANNEL_TSCH] = "tsch", [ABI_CHANNEL_STSCH] = "stsch",
		[ABI_CHANNEL_MSCH] = "msch", [ABI_CHANNEL_CSCH] = "csch", [ABI_CHANNEL_HSCH] = "hsch",
		[ABI_CHANNEL_RSCH] = "rsch", [ABI_CHANNEL_XSCH] = "xsch", [ABI_CHANNEL_STCRW] = "stcrw",
		[ABI_CHANNEL_TPI] = "tpi",   [ABI_CHANNEL_CHSC] = "chsc", [ABI_CHANNEL_RCHP] = "rchp",
		[ABI_CHANNEL_SCHM] = "schm", [ABI_CHANNEL_SAL] = "sal",   [ABI_CHANNEL_STCPS] = "stcps",
	};
	bool is_timer = !strcmp(key, "type"), is_channel = !strcmp(key, "op");
	unsigned index = 0;

	if (!is_timer && !is_channel)
		return line_check_number(l, key, text, UINT64_MAX, value);
	/* power9 has the one timer. */
	if (line_choice(l, key, text, is_timer ? timers : channel,
	                is_channel                 ? ABI_CHANNEL_OPS
	                : strcmp(l->arch, "s390x") ? 1
	                                           : 2,
	                &index))
		return -EINVAL;
	*value = index;
	return 0;
}

static bool names_irq(const struct step *s)
{
	return (s->kind == STEP_INJECT || s->kind == STEP_NAME || s->kind == STEP_ADD) && s->name;
}

/* sends=LABEL: the command makes the guest itself raise that interrupt. */
static int parse_sends(struct line *l)
{
	const char *label = line_value(l, "sends");

	for (const struct step *s = l->s->steps; label && s < l->step; s++) {
		if (!names_irq(s) || strcmp(s->name, label))
			continue;
		l->step->name = s->name;
		l->step->irq = s->irq;
		return 0;
	}
	return label ? line_wrong(l, "sends: nothing above is injected or named as=%s", label) : 0;
}

static int parse_guest(struct line *l)
{
	const char *name = line_bare(l, 1), *other = NULL;

	if (!name)
		return line_wrong(l, "guest: the command is missing");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct command *c = &commands[i];

		if (strcmp(c->name, name))
			continue;
		if (c->arch && strcmp(c->arch, l->arch)) {
			other = c->arch;
			continue;
		}
		l->step->command = c->command;
		for (unsigned a = 0; a < ABI_ARGS && c->arg[a]; a++) {
			const char *text = line_value(l, c->arg[a]);

			if (!text && a < c->needed)
				return line_wrong(l, "guest %s: %s= is missing", name, c->arg[a]);
			if (text && guest_argument(l, c->arg[a], text, &l->step->arg[a]))
				return -EINVAL;
			if (!text && c->command == ABI_CMD_CONTROL)
				l->step->arg[a] = ABI_KEEP;
		}
		return parse_sends(l) ? -EINVAL : line_cpu(l, 0);
	}
	return other ? line_wrong(l, "guest %s: only on %s", name, other)
	             : line_wrong(l, "guest: %s is no command of the guest (guest/abi.h)", name);
}

static int parse_wait(struct line *l)
{
	static const char *const names[] = { "ready", "stop",   "crash", "timeout",
		                             "open",  "reboot", "begun", "offline" };
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
	return line_cpu(l, until == UNTIL_OPEN || until >= UNTIL_BEGUN ? 0 : STEP_ALL_CPUS);
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

/* fails=NAME: the error that must come. */
static int parse_fails(struct line *l)
{
	const char *fails = line_value(l, "fails");

	l->step->fails = fails ? error_number(fails) : 0;
	return fails && !l->step->fails ? line_wrong(l, "fails: %s is no error's name", fails) : 0;
}

/* The words that are not ours are the architecture's; the first of them must be a bare one. */
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

/* What `guest timer` leads to: these labels are taken. */
static bool is_timer_label(const char *label)
{
	return !strcmp(label, "timer") || !strcmp(label, "cpu-timer");
}

/* A label means one interrupt. */
static int check_label(struct line *l)
{
	const char *label = l->step->name;
	const struct irq *irq = &l->step->irq;

	if (label && is_timer_label(label))
		return line_wrong(l, "as=%s: that is what `guest timer` leads to", label);
	for (const struct step *s = l->s->steps; label && s < l->step; s++)
		if (names_irq(s) && !strcmp(s->name, label) && !irq_equal(&s->irq, irq))
			return line_wrong(l, "as=%s: means another interrupt in line %u", label, s->line);
	return 0;
}

static int parse_inject(struct line *l)
{
	struct word words[MAX_WORDS];
	const char *label = line_value(l, "as");
	unsigned count;

	l->step->value = 1;
	if (line_number(l, "times", 1000000, &l->step->value) ||
	    line_number(l, "batch", 1000000, &l->step->batch) || parse_fails(l))
		return -EINVAL;
	if (!l->step->value)
		return line_wrong(l, "times: 0 is none");
	if (!l->step->batch && line_value(l, "batch"))
		return line_wrong(l, "batch: 0 is none");
	if (label && line_name(l, label, "as", &l->step->name))
		return -EINVAL;
	count = other_words(l, words);
	if (!count)
		return line_wrong(l, "inject: the kind of interrupt is missing");
	return irq_parse(words, count, &l->step->irq, l->err) || check_label(l) ? -EINVAL : 0;
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
		return name ? -EINVAL : line_wrong(l, "cpu: what is done to it?");
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

static int parse_show(struct line *l)
{
	static const char *const names[] = { "pending", "log" };
	const char *what = line_bare(l, 1);
	unsigned i = 0;

	if (!what || line_choice(l, "show", what, names, 2, &i))
		return what ? -EINVAL : line_wrong(l, "show: pending or log?");
	l->step->kind = i ? STEP_SHOW_LOG : STEP_SHOW_PENDING;
	return 0;
}

static const char *const state_names[] = { "ready", "running", "paused", "offline" };

const char *cpu_state_name(enum cpu_state state)
{
	return state_names[state];
}

/* A file brings labels that only a run knows. */
static bool label_known(const struct line *l, const char *label)
{
	bool known = l->s->restored || is_timer_label(label);

	for (const struct step *s = l->s->steps; s < l->step; s++)
		known |= s->kind == STEP_LOAD || (names_irq(s) && !strcmp(s->name, label));
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

/* NAME=NUMBER ..., a negative one too: what the guest's last command gave. */
static int parse_result(struct line *l)
{
	static const char *const power9[ABI_RESULTS] = { "r3", "r4", "r5", "r6", "r7" };
	static const char *const s390x[ABI_RESULTS] = { "cc", "value", "pgm", "value2", "value3" };
	const char *const *names = strcmp(l->arch, "s390x") ? power9 : s390x;

	l->step->names = calloc(ABI_RESULTS, sizeof(*l->step->names));
	if (!l->step->names)
		return error_set(l->err, -ENOMEM, "out of memory");
	for (unsigned i = 0; i < ABI_RESULTS; i++) {
		const char *text = line_value(l, names[i]);
		bool minus = text && *text == '-';

		l->step->names[i] = names[i];
		if (!text)
			continue;
		if (line_check_number(l, names[i], text + minus, UINT64_MAX, &l->step->result[i]))
			return -EINVAL;
		if (minus)
			l->step->result[i] = -l->step->result[i];
		l->step->given |= 1u << i;
	}
	return l->step->given ? line_cpu(l, 0)
	                      : line_wrong(l, "expect result: which? %s=, %s=, %s=, %s= or %s=", names[0],
	                                   names[1], names[2], names[3], names[4]);
}

static int parse_expected_state(struct line *l)
{
	const char *text = line_bare(l, 2);
	unsigned i = 0;

	if (!text || line_choice(l, "state", text, state_names, 4, &i))
		return text ? -EINVAL : line_wrong(l, "expect state: which?");
	l->step->state = i;
	return line_cpu(l, 0);
}

static int parse_expected_labels(struct line *l)
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

static int parse_expect(struct line *l)
{
	static const char *const names[] = { "pending", "taken", "state", "result", "memory" };
	static const enum step_kind step_kinds[] = { STEP_EXPECT_PENDING, STEP_EXPECT_TAKEN,
		                                     STEP_EXPECT_STATE, STEP_EXPECT_RESULT,
		                                     STEP_EXPECT_MEMORY };
	const char *what = line_bare(l, 1);
	unsigned i = 0;

	if (!what || line_choice(l, "expect", what, names, 5, &i))
		return what ? -EINVAL : line_wrong(l, "expect: what?");
	l->step->kind = step_kinds[i];
	switch (l->step->kind) {
	case STEP_EXPECT_TAKEN: return parse_expected_labels(l);
	case STEP_EXPECT_STATE: return parse_expected_state(l);
	case STEP_EXPECT_RESULT: return parse_result(l);
	case STEP_EXPECT_MEMORY: return parse_memory_from(l, 2);
	default: return line_bare_number(l, 2, "the number pending", UINT32_MAX, &l->step->value);
	}
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

static int parse_say(struct line *l)
{
	l->step->name = l->step->text + strlen("say");
	l->step->name += strspn(l->step->name, " \t");
	return 0;
}

static const struct verb {
	const char *name;
	enum step_kind kind;
	int (*parse)(struct line *l);
} verbs[] = {
	{ "guest", STEP_GUEST, parse_guest },
	{ "run", STEP_RUN, parse_wait },
	{ "resume", STEP_RESUME, parse_nothing },
	{ "wait", STEP_WAIT, parse_wait },
	{ "pause", STEP_PAUSE, parse_nothing },
	{ "sleep", STEP_SLEEP, parse_sleep },
	{ "inject", STEP_INJECT, parse_inject },
	{ "name", STEP_NAME, parse_name },
	{ "poke", STEP_POKE, parse_poke },
	{ "stopwatch", STEP_STOPWATCH, parse_stopwatch },
	{ "irqchip", STEP_IRQCHIP, parse_irqchip },
	{ "cpu", STEP_CPU, parse_cpu },
	{ "snapshot", STEP_SNAPSHOT, parse_snapshot },
	{ "restore", STEP_RESTORE, parse_restore },
	{ "save", STEP_SAVE, parse_save },
	{ "load", STEP_LOAD, parse_save },
	{ "add", STEP_ADD, parse_add },
	{ "drop", STEP_DROP, parse_drop },
	{ "exec", STEP_EXEC, parse_vm },
	{ "vm", STEP_VM, parse_vm },
	{ "show", STEP_SHOW_PENDING, parse_show },
	{ "expect", STEP_EXPECT_PENDING, parse_expect },
	{ "type", STEP_TYPE, parse_type },
	{ "quiesce", STEP_QUIESCE, parse_fails },
	{ "say", STEP_SAY, parse_say },
};

int step_parse(struct line *l)
{
	const char *word = line_bare(l, 0);
	size_t i;
	int rc;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verbs[i].name, word))
			break;
	if (i == sizeof(verbs) / sizeof(verbs[0]))
		return line_wrong(l, "%s: no such step", word);
	l->step->kind = verbs[i].kind;
	rc = verbs[i].parse(l);
	return rc ? rc : line_check_used(l);
}
