/* SPDX-License-Identifier: BSD-2-Clause */
/* scenario.c: see scenario.h. Pure. Read next: run.c. */
#include "scenario.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"

#define MAX_WORDS 40

/* What is being parsed: the file, and the line. */
struct parser {
	struct scenario *s;
	const char *arch;
	struct step *step; /* being filled */
	struct word words[MAX_WORDS];
	unsigned count;
	bool used[MAX_WORDS];
	struct error *err;
};

/* --- words ------------------------------------------------------------ */

static int wrong(struct parser *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int wrong(struct parser *p, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return error_set(p->err, -EINVAL, "%s", text);
}

/* The i-th bare word, or NULL; the keyword of the line is the 0th. */
static const char *bare(struct parser *p, unsigned i)
{
	for (unsigned w = 0; w < p->count; w++)
		if (!p->words[w].key && !i--) {
			p->used[w] = true;
			return p->words[w].text;
		}
	return NULL;
}

static const char *value_of(struct parser *p, const char *key)
{
	for (unsigned w = 0; w < p->count; w++)
		if (p->words[w].key && !strcmp(p->words[w].key, key)) {
			p->used[w] = true;
			return p->words[w].text;
		}
	return NULL;
}

static int check_number(struct parser *p, const char *what, const char *text, uint64_t max, uint64_t *value)
{
	int rc = number_parse(text, max, value);

	if (rc == -ERANGE)
		return wrong(p, "%s: %s is too large (at most %" PRIu64 ")", what, text, max);
	return rc ? wrong(p, "%s: %s is not a number", what, text) : 0;
}

/* key=NUMBER; *value stays as it is when the key is not there. */
static int number_of(struct parser *p, const char *key, uint64_t max, uint64_t *value)
{
	const char *text = value_of(p, key);

	return text ? check_number(p, key, text, max, value) : 0;
}

static int bare_number(struct parser *p, unsigned i, const char *what, uint64_t max, uint64_t *value)
{
	const char *text = bare(p, i);

	return text ? check_number(p, what, text, max, value) : wrong(p, "%s is missing", what);
}

/* A name: letters, digits, '.', '_', '-'. */
static int bare_name(struct parser *p, const char *text, const char *what, const char **name)
{
	size_t len =
		text ? strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") : 0;

	if (!text)
		return wrong(p, "%s is missing", what);
	if (!len || text[len] || len >= SCENARIO_NAME)
		return wrong(p, "%s: %s is not a name (letters, digits, . _ -, at most %d)", what, text,
		             SCENARIO_NAME - 1);
	*name = text;
	return 0;
}

static int choice(struct parser *p, const char *what, const char *text, const char *const *names,
                  unsigned count, unsigned *index)
{
	char all[160] = "";

	for (unsigned i = 0; i < count; i++) {
		size_t len = strlen(all);

		if (!strcmp(text, names[i])) {
			*index = i;
			return 0;
		}
		snprintf(all + len, sizeof(all) - len, "%s%s", i ? ", " : "", names[i]);
	}
	return wrong(p, "%s: %s is not one of: %s", what, text, all);
}

static int cpu_of(struct parser *p, uint16_t otherwise)
{
	uint64_t cpu = otherwise;
	int rc = number_of(p, "cpu", UINT16_MAX - 1, &cpu);

	p->step->cpu = (uint16_t)cpu;
	return rc;
}

/* --- steps ------------------------------------------------------------ */

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
	{ "stop", ABI_CMD_STOP, { "status" }, 0, NULL },
	{ "crash", ABI_CMD_CRASH, { 0 }, 0, NULL },
	{ "touch", ABI_CMD_TOUCH, { "address" }, 1, NULL },
	{ "start", ABI_CMD_START, { "vcpu" }, 1, NULL },
	{ "key", ABI_CMD_KEY, { "address", "value" }, 2, "s390x" },
	{ "offline", ABI_CMD_OFFLINE, { 0 }, 0, NULL },
	{ "exits", ABI_CMD_EXITS, { "count" }, 1, NULL },
	{ "route", ABI_CMD_ROUTE, { "source", "server", "priority" }, 3, "power9" },
	{ "hcall", ABI_CMD_HCALL, { "nr", "r4", "r5", "r6", "r7", "r8" }, 1, "power9" },
};

static int parse_guest(struct parser *p)
{
	static const char *const timers[] = { [ABI_TIMER_CLOCK] = "clock", [ABI_TIMER_CPU] = "cpu" };
	const char *name = bare(p, 1);

	if (!name)
		return wrong(p, "guest: the command is missing");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct command *c = &commands[i];

		if (strcmp(c->name, name))
			continue;
		if (c->arch && strcmp(c->arch, p->arch))
			return wrong(p, "guest %s: only on %s", name, c->arch);
		p->step->command = c->command;
		for (unsigned a = 0; a < ABI_ARGS && c->arg[a]; a++) {
			const char *text = value_of(p, c->arg[a]);

			if (!text && a < c->needed)
				return wrong(p, "guest %s: %s= is missing", name, c->arg[a]);
			if (text && !strcmp(c->arg[a], "type")) {
				unsigned type = ABI_TIMER_CLOCK;
				unsigned count = strcmp(p->arch, "s390x") ? 1 : 2; /* power9 has the one */

				if (choice(p, "type", text, timers, count, &type))
					return -EINVAL;
				p->step->arg[a] = type;
			} else if (text && check_number(p, c->arg[a], text, UINT64_MAX, &p->step->arg[a])) {
				return -EINVAL;
			}
		}
		return cpu_of(p, 0);
	}
	return wrong(p, "guest: %s is no command of the guest (guest/abi.h)", name);
}

static int parse_wait(struct parser *p)
{
	static const char *const names[] = { "ready", "stop", "crash", "timeout" };
	const char *text = value_of(p, "until");
	unsigned until = UNTIL_READY;

	if (text && choice(p, "until", text, names, 4, &until))
		return -EINVAL;
	p->step->until = until;
	if (until == UNTIL_STOP && number_of(p, "status", 255, &p->step->value))
		return -EINVAL;
	if (until == UNTIL_TIMEOUT) {
		p->step->value = 100;
		if (number_of(p, "ms", 600000, &p->step->value))
			return -EINVAL;
	}
	return cpu_of(p, STEP_ALL_CPUS);
}

static int parse_nothing(struct parser *p)
{
	(void)p;
	return 0;
}

static int parse_sleep(struct parser *p)
{
	return bare_number(p, 1, "milliseconds", 600000, &p->step->value);
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
static int parse_fails(struct parser *p)
{
	const char *fails = value_of(p, "fails");

	p->step->fails = fails ? error_number(fails) : 0;
	return fails && !p->step->fails ? wrong(p, "fails: %s is no error's name", fails) : 0;
}

/* The words that are not ours are the architecture's; the first of them must be a bare one. */
static unsigned other_words(struct parser *p, struct word *words)
{
	unsigned count = 0;

	for (unsigned w = 1; w < p->count; w++) {
		if (p->used[w])
			continue;
		p->used[w] = true;
		words[count++] = p->words[w];
	}
	return count && !words[0].key ? count : 0;
}

/* A label means one interrupt; "timer" is taken. */
static int check_label(struct parser *p)
{
	const char *label = p->step->name;
	const struct irq *irq = &p->step->irq;

	if (label && !strcmp(label, "timer"))
		return wrong(p, "as=timer: that is what `guest timer` leads to");
	for (const struct step *s = p->s->steps; label && s < p->step; s++)
		if (s->kind == STEP_INJECT && s->name && !strcmp(s->name, label) && !irq_equal(&s->irq, irq))
			return wrong(p, "as=%s: means another interrupt in line %u", label, s->line);
	return 0;
}

static int parse_inject(struct parser *p)
{
	struct word words[MAX_WORDS];
	const char *label = value_of(p, "as");
	unsigned count;

	p->step->value = 1;
	if (number_of(p, "times", 1000000, &p->step->value) || parse_fails(p))
		return -EINVAL;
	if (!p->step->value)
		return wrong(p, "times: 0 is none");
	if (label && bare_name(p, label, "as", &p->step->name))
		return -EINVAL;
	count = other_words(p, words);
	if (!count)
		return wrong(p, "inject: the kind of interrupt is missing");
	return irq_parse(words, count, &p->step->irq, p->err) || check_label(p) ? -EINVAL : 0;
}

static int parse_irqchip(struct parser *p)
{
	struct word words[MAX_WORDS];
	unsigned count;

	if (parse_fails(p))
		return -EINVAL;
	count = other_words(p, words);
	if (!count)
		return wrong(p, "irqchip: the operation is missing");
	return irqchip_parse(words, count, &p->step->op, p->err);
}

static int parse_snapshot(struct parser *p)
{
	return bare_name(p, bare(p, 1), "the snapshot's name", &p->step->name);
}

static int parse_restore(struct parser *p)
{
	int rc = bare_name(p, bare(p, 1), "the snapshot's name", &p->step->name);

	if (!rc)
		rc = bare_name(p, bare(p, 2), "the VM's name", &p->step->name2);
	return rc ? rc : parse_fails(p);
}

static int parse_vm(struct parser *p)
{
	return bare_name(p, bare(p, 1), "the VM's name", &p->step->name);
}

static int parse_show(struct parser *p)
{
	static const char *const names[] = { "pending", "log" };
	const char *what = bare(p, 1);
	unsigned i = 0;

	if (!what || choice(p, "show", what, names, 2, &i))
		return what ? -EINVAL : wrong(p, "show: pending or log?");
	p->step->kind = i ? STEP_SHOW_LOG : STEP_SHOW_PENDING;
	return 0;
}

static const char *const state_names[] = { "ready", "running", "paused", "offline" };

const char *cpu_state_name(enum cpu_state state)
{
	return state_names[state];
}

static bool label_known(const struct parser *p, const char *label)
{
	if (!strcmp(label, "timer")) /* what `guest timer` leads to */
		return true;
	for (const struct step *s = p->s->steps; s < p->step; s++)
		if (s->kind == STEP_INJECT && s->name && !strcmp(s->name, label))
			return true;
	return false;
}

/* r3=NUMBER ..., a negative one too: the registers of a hypercall's answer. */
static int parse_result(struct parser *p)
{
	static const char *const names[ABI_RESULTS] = { "r3", "r4", "r5", "r6", "r7" };

	for (unsigned i = 0; i < ABI_RESULTS; i++) {
		const char *text = value_of(p, names[i]);
		bool minus = text && *text == '-';

		if (!text)
			continue;
		if (check_number(p, names[i], text + minus, UINT64_MAX, &p->step->result[i]))
			return -EINVAL;
		if (minus)
			p->step->result[i] = -p->step->result[i];
		p->step->given |= 1u << i;
	}
	return p->step->given ? cpu_of(p, 0) : wrong(p, "expect result: which? r3= to r7=");
}

static int parse_expect(struct parser *p)
{
	static const char *const names[] = { "pending", "taken", "state", "result" };
	static const enum step_kind step_kinds[] = { STEP_EXPECT_PENDING, STEP_EXPECT_TAKEN,
		                                     STEP_EXPECT_STATE, STEP_EXPECT_RESULT };
	const char *what = bare(p, 1), *text;
	unsigned i = 0;

	if (!what || choice(p, "expect", what, names, 4, &i))
		return what ? -EINVAL : wrong(p, "expect: what?");
	p->step->kind = step_kinds[i];
	if (i == 3)
		return parse_result(p);
	if (i == 0)
		return bare_number(p, 2, "the number pending", UINT32_MAX, &p->step->value);
	if (i == 2) {
		text = bare(p, 2);
		if (!text || choice(p, "state", text, state_names, 4, &i))
			return text ? -EINVAL : wrong(p, "expect state: which?");
		p->step->state = i;
		return cpu_of(p, 0);
	}
	p->step->names = calloc(MAX_WORDS, sizeof(*p->step->names));
	if (!p->step->names)
		return error_set(p->err, -ENOMEM, "out of memory");
	while ((text = bare(p, 2 + p->step->name_count))) {
		if (!label_known(p, text))
			return wrong(p, "expect taken: nothing above is injected as=%s", text);
		p->step->names[p->step->name_count++] = text;
	}
	return 0;
}

static int parse_say(struct parser *p)
{
	p->step->name = p->step->text + strlen("say");
	p->step->name += strspn(p->step->name, " \t");
	return 0;
}

static const struct verb {
	const char *name;
	enum step_kind kind;
	int (*parse)(struct parser *p);
} verbs[] = {
	{ "guest", STEP_GUEST, parse_guest },
	{ "run", STEP_RUN, parse_wait },
	{ "resume", STEP_RESUME, parse_nothing },
	{ "wait", STEP_WAIT, parse_wait },
	{ "pause", STEP_PAUSE, parse_nothing },
	{ "sleep", STEP_SLEEP, parse_sleep },
	{ "inject", STEP_INJECT, parse_inject },
	{ "irqchip", STEP_IRQCHIP, parse_irqchip },
	{ "snapshot", STEP_SNAPSHOT, parse_snapshot },
	{ "restore", STEP_RESTORE, parse_restore },
	{ "vm", STEP_VM, parse_vm },
	{ "show", STEP_SHOW_PENDING, parse_show },
	{ "expect", STEP_EXPECT_PENDING, parse_expect },
	{ "say", STEP_SAY, parse_say },
};

/* --- the file --------------------------------------------------------- */

/* Words that say how the first VM is made. 1: it was none of them. */
static int parse_header(struct parser *p)
{
	struct scenario *s = p->s;
	const char *word = p->words[0].text, *text;
	uint64_t v = 0;

	if (strcmp(word, "arch") && strcmp(word, "vcpus") && strcmp(word, "memory") &&
	    strcmp(word, "timeout"))
		return 1;
	if (s->count)
		return wrong(p, "%s: must stand before the first step", word);
	bare(p, 0);
	text = bare(p, 1);
	if (!text)
		return wrong(p, "%s: what?", word);
	if (!strcmp(word, "arch"))
		return strcmp(text, p->arch)
		               ? wrong(p, "this scenario is for %s, this zpvm for %s", text, p->arch)
		               : 0;
	if (!strcmp(word, "memory"))
		return number_parse_size(text, &s->memory) || !s->memory
		               ? wrong(p, "memory: %s is not a size (64M, 1G)", text)
		               : 0;
	if (check_number(p, word, text, 100000, &v))
		return -EINVAL;
	if (!v)
		return wrong(p, "%s: 0 is none", word);
	if (!strcmp(word, "vcpus"))
		s->vcpus = v;
	else
		s->timeout_ms = v * 1000;
	return 0;
}

/* Cuts the line into words, in place. */
static int split(struct parser *p, char *line)
{
	char *rest = line, *word;

	p->count = 0;
	memset(p->used, 0, sizeof(p->used));
	while ((word = strsep(&rest, " \t"))) {
		char *equals = strchr(word, '=');

		if (!*word)
			continue;
		if (p->count && !strcmp(p->words[0].text, "say"))
			break; /* free text follows */
		if (p->count == MAX_WORDS)
			return wrong(p, "more than %d words", MAX_WORDS);
		p->words[p->count].key = equals ? word : NULL;
		p->words[p->count++].text = equals ? equals + 1 : word;
		if (equals)
			*equals = 0;
		if (equals && (equals == word || !equals[1]))
			return wrong(p, "word %u: key=value needs both", p->count);
	}
	return p->words[0].key ? wrong(p, "%s= starts no step", p->words[0].key) : 0;
}

/* A word that nobody asked for is a mistake. */
static int check_used(struct parser *p)
{
	for (unsigned w = 0; w < p->count; w++)
		if (!p->used[w])
			return wrong(p, "%s%s%s: not understood here", p->words[w].key ? p->words[w].key : "",
			             p->words[w].key ? "=" : "", p->words[w].text);
	return 0;
}

static int parse_step(struct parser *p)
{
	const char *word = bare(p, 0);
	size_t i;
	int rc;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verbs[i].name, word))
			break;
	if (i == sizeof(verbs) / sizeof(verbs[0]))
		return wrong(p, "%s: no such step", word);
	p->step->kind = verbs[i].kind;
	rc = verbs[i].parse(p);
	return rc ? rc : check_used(p);
}

/* Takes the comment and the blanks off. NULL: nothing is left. */
static char *trim(char *line)
{
	size_t len;

	line += strspn(line, " \t\r");
	for (char *hash = line; (hash = strchr(hash, '#')); hash++)
		if (hash == line || hash[-1] == ' ' || hash[-1] == '\t') {
			*hash = 0;
			break;
		}
	len = strlen(line);
	while (len && strchr(" \t\r", line[len - 1]))
		line[--len] = 0;
	return len ? line : NULL;
}

/* shown keeps the line whole for display; line is cut up. */
static int parse_line(struct parser *p, char *line, const char *shown, unsigned number)
{
	int rc = split(p, line);

	if (!rc)
		rc = parse_header(p);
	if (rc != 1)
		return rc ? rc : check_used(p);
	p->step = &p->s->steps[p->s->count];
	p->step->line = number;
	p->step->text = shown;
	rc = parse_step(p);
	if (rc)
		free(p->step->names);
	else
		p->s->count++;
	return rc;
}

int scenario_parse(struct scenario *s, const char *text, size_t len, const char *file, const char *arch,
                   struct error *err)
{
	struct parser p = { .s = s, .arch = arch, .err = err };
	unsigned number = 0, lines = 1;
	char *copy, *shown, *line;

	*s = (struct scenario){ .file = file, .timeout_ms = 10000 };
	for (size_t i = 0; i < len; i++) {
		lines += text[i] == '\n';
		if (!text[i])
			return error_set(err, -EINVAL, "%s:%u: a NUL byte: not a text", file, lines);
	}
	/* Two copies: one to cut into words, one to show. */
	s->pool = calloc(2, len + 1);
	s->steps = calloc(lines, sizeof(*s->steps));
	if (!s->pool || !s->steps) {
		scenario_free(s);
		return error_set(err, -ENOMEM, "%s: out of memory", file);
	}
	copy = s->pool;
	memcpy(copy, text, len);
	shown = copy + len + 1;
	memcpy(shown, text, len);
	while ((line = strsep(&copy, "\n"))) {
		char *show = trim(strsep(&shown, "\n"));
		int rc;

		number++;
		line = trim(line);
		rc = line ? parse_line(&p, line, show, number) : 0;
		if (rc) {
			scenario_free(s);
			return error_prefix(err, rc, "%s:%u", file, number);
		}
	}
	return 0;
}

void scenario_free(struct scenario *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->steps[i].names);
	free(s->steps);
	free(s->pool);
	*s = (struct scenario){ 0 };
}
