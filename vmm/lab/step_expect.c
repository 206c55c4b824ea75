/* SPDX-License-Identifier: BSD-2-Clause */
/* step_expect.c: the steps `expect` that compare numbers, from their words. See line.h, wanted.h. Pure. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "vmm/cpu_op.h"

/* What name= is, in *key; false: it is no such name. */
typedef bool (*name_key)(const struct line *l, const char *name, uint64_t *key);

static int wanted(struct line *l, const char *what, const char *text, uint64_t max, struct wanted *w)
{
	int rc = wanted_parse(text, max, w);

	if (rc == -E2BIG)
		return line_wrong(l, "%s: %s has more than %d alternatives", what, text, WANTED_MAX);
	if (rc == -ERANGE)
		return line_wrong(l, "%s: %s is too large (at most %" PRIu64 ")", what, text, max);
	return rc ? line_wrong(l, "%s: %s is not a number, a range (2..5) or several of them (1|2)", what,
	                       text)
	          : 0;
}

/*
 * Each key=NUMBERS whose key `find` knows. otherwise: the vCPU if none is named; needed: what the message
 * says if there is none of them.
 */
static int parse_pairs(struct line *l, const char *what, name_key find, uint16_t otherwise,
                       const char *needed)
{
	struct step *step = l->step;

	step->expected = calloc(MAX_WORDS, sizeof(*step->expected));
	if (!step->expected)
		return error_set(l->err, -ENOMEM, "out of memory");
	for (unsigned w = 0; w < l->count; w++) {
		struct expected *e = &step->expected[step->expected_count];
		const char *name = l->words[w].key;

		if (!name || !find(l, name, &e->key))
			continue;
		for (unsigned i = 0; i < step->expected_count; i++)
			if (!strcmp(step->expected[i].name, name))
				return line_wrong(l, "%s: %s= stands twice", what, name);
		e->name = name;
		if (wanted(l, name, l->words[w].text, UINT64_MAX, &e->want))
			return -EINVAL;
		l->used[w] = true;
		step->expected_count++;
	}
	return step->expected_count ? line_cpu(l, otherwise) : line_wrong(l, "%s: %s", what, needed);
}

int parse_count(struct line *l)
{
	const char *text = line_bare(l, 2);

	return text ? wanted(l, "the number pending", text, UINT32_MAX, &l->step->want)
	            : line_wrong(l, "the number pending is missing");
}

int parse_waited(struct line *l)
{
	const char *text = line_bare(l, 2);

	return text ? wanted(l, "the number of pages", text, UINT32_MAX, &l->step->want)
	            : line_wrong(l, "the number of pages is missing");
}

static const char *const power9_results[ABI_RESULTS] = { "r3", "r4", "r5", "r6", "r7" };
static const char *const s390x_results[ABI_RESULTS] = { "cc", "value", "pgm", "value2", "value3" };

/* One of the architecture's names; a register after `guest insn`; what ended that. */
static bool result_key(const struct line *l, const char *name, uint64_t *key)
{
	bool s390x = !strcmp(l->arch, "s390x");
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
	return parse_pairs(l, "expect result", result_key, 0,
	                   strcmp(l->arch, "s390x")
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
	return parse_pairs(l, "expect answers", number_key, 0, "an answer and its count are needed: 0=100");
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
	return parse_pairs(l, "expect stat", stat_key, VCPU_ALL, "a counter's name and value are needed");
}

/* Any name but cpu: the architecture knows them. NAME=NUMBERS ...: registers. */
int parse_register(struct line *l)
{
	return parse_pairs(l, "expect register", stat_key, 0, "NAME=NUMBER is needed");
}

static bool mark_key(const struct line *l, const char *name, uint64_t *key)
{
	static const char *const names[] = {
		"taken", "log", "ram", "cpus", "rest", "pc0", "pc1", "pc2", "pc3"
	};

	(void)l;
	for (*key = 0; *key < sizeof(names) / sizeof(names[0]); ++*key)
		if (!strcmp(names[*key], name))
			return true;
	return false;
}

/* taken=N log=SUM pc0=ADDRESS ... cpus=SUM ram=SUM rest=SUM: recording.c writes it. */
int parse_mark(struct line *l)
{
	return parse_pairs(l, "mark", mark_key, 0,
	                   "one of these is needed: taken=, log=, pc0= to pc3=, cpus=, ram= or rest=");
}
