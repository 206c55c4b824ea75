/* SPDX-License-Identifier: BSD-2-Clause */
/* step_expect.c: the steps `expect` that compare numbers, from their words. See line.h, wanted.h. Pure. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "step_words.h"

/* What name= is, in *key; false: it is no such name. */
typedef bool (*name_key)(const struct line *l, const char *name, uint64_t *key);

int line_wanted(struct line *l, const char *what, const char *text, uint64_t max, struct wanted *w)
{
	int rc = wanted_parse(text, max, w);

	l->at = text;
	if (rc == -E2BIG)
		return line_wrong(l, "%s: %s has more than %d alternatives", what, text, WANTED_MAX);
	if (rc == -ERANGE)
		return line_wrong(l, "%s: %s is too large (at most %" PRIu64 ")", what, text, max);
	return rc ? line_wrong(l, "%s: %s is not a number, a range (2..5) or several of them (1|2)", what,
	                       text)
	          : 0;
}

/* Each key=NUMBERS whose key `find` knows. needed: what the message says if there is none of them. */
static int parse_pairs(struct line *l, name_key find, const char *needed)
{
	const char *what = step_verb(l->step->kind);
	struct expected *all = line_array(l, MAX_WORDS, sizeof(*all));
	unsigned count = 0;

	if (!all)
		return -ENOMEM;
	for (unsigned w = 0; w < l->count; w++) {
		struct expected *e = &all[count];
		const char *name = l->words[w].key;

		if (!name || !find(l, name, &e->key))
			continue;
		l->at = name;
		for (unsigned i = 0; i < count; i++)
			if (!strcmp(all[i].name, name))
				return line_wrong(l, "%s: %s= stands twice", what, name);
		e->name = name;
		if (line_wanted(l, name, l->words[w].text, UINT64_MAX, &e->want))
			return -EINVAL;
		l->used[w] = true;
		count++;
	}
	l->step->expect.all = all;
	l->step->expect.count = count;
	l->at = l->end;
	return count ? 0 : line_wrong(l, "%s: %s", what, needed);
}

static const char *const power9_results[ABI_RESULTS] = { "r3", "r4", "r5", "r6", "r7" };
static const char *const s390x_results[ABI_RESULTS] = { "cc", "value", "pgm", "value2", "value3" };

/* One of the architecture's names; a register after `guest insn`; what ended that. */
static bool result_key(const struct line *l, const char *name, uint64_t *key)
{
	bool s390x = !strcmp(l->s->arch, "s390x");
	const char *const *names = s390x ? s390x_results : power9_results;
	char reg[8];

	for (*key = 0; *key < ABI_RESULTS; ++*key)
		if (!strcmp(names[*key], name))
			return true;
	for (*key = RESULT_REG; *key < RESULT_TRAP; ++*key) {
		snprintf(reg, sizeof(reg), "r%u", (unsigned)(*key - RESULT_REG));
		if (!strcmp(reg, name))
			return true;
	}
	return !strcmp(name, s390x ? "ilc" : "vector");
}

/* NAME=NUMBERS ..., which may be negative: the results of the guest's last command. */
int parse_result(struct line *l)
{
	return parse_pairs(l, result_key,
	                   strcmp(l->s->arch, "s390x")
	                           ? "one of these is needed: r3=, r4=, r5=, r6= or r7="
	                           : "one of these is needed: cc=, value=, pgm=, value2= or value3=");
}

/* A number, which may be negative. */
static bool number_key(const struct line *l, const char *name, uint64_t *key)
{
	struct wanted w;
	bool is = !wanted_parse(name, UINT64_MAX, &w) && w.count == 1 && w.range[0].from == w.range[0].to;

	(void)l;
	*key = is ? w.range[0].from : 0;
	return is;
}

/* ANSWER=COUNT ...: how often a repeated command gave each answer. */
int parse_answers(struct line *l)
{
	return parse_pairs(l, number_key, "an answer and its count are needed: 0=100");
}

/* Any name but cpu: KVM knows them. */
static bool stat_key(const struct line *l, const char *name, uint64_t *key)
{
	(void)l;
	*key = 0;
	return strcmp(name, "cpu");
}

/* NAME=NUMBERS ...: KVM's own counters. */
int parse_stat(struct line *l)
{
	return parse_pairs(l, stat_key, "a counter's name and value are needed");
}

/* Any name but cpu: the architecture knows them. NAME=NUMBERS ...: registers. */
int parse_register(struct line *l)
{
	return parse_pairs(l, stat_key, "NAME=NUMBER is needed");
}

static bool mark_key(const struct line *l, const char *name, uint64_t *key)
{
	static const char *const names[] = { "taken", "log", "printed", "ram", "cpus",
		                             "rest",  "pc0", "pc1",     "pc2", "pc3" };

	(void)l;
	for (*key = 0; *key < sizeof(names) / sizeof(names[0]); ++*key)
		if (!strcmp(names[*key], name))
			return true;
	return false;
}

/* taken=N log=SUM printed=SUM pc0=ADDRESS ... cpus=SUM ram=SUM rest=SUM: recording.c writes it. */
int parse_mark(struct line *l)
{
	return parse_pairs(
		l, mark_key,
		"one of these is needed: taken=, log=, printed=, pc0= to pc3=, cpus=, ram= or rest=");
}
