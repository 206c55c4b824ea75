/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * step.c: a step of a scenario, from the words of its line, by the table in step_words.c; what no table can
 * say is in the other step_*.c. See line.h. Pure.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "step_words.h"
#include "vmm/cpu_op.h"

/* The first of these steps that gives an interrupt this label. */
static const struct step *labelled(const struct scenario *s, const char *label)
{
	const struct step *found = NULL;

	for (size_t k = 0; k < s->count && !found; k++) {
		const struct step *step = &s->steps[k];

		if ((step->kind == STEP_INJECT || step->kind == STEP_NAME || step->kind == STEP_ADD) &&
		    step->name && !strcmp(step->name, label))
			return step;
		for (unsigned i = 0; i < step->block_count && step->kind == STEP_RACE && !found; i++)
			found = step->block[i].steps ? labelled(step->block[i].steps, label) : NULL;
	}
	return found;
}

const struct step *line_labelled(const struct line *l, const char *label)
{
	const struct step *found = NULL;

	for (const struct scenario *in = l->s; in && !found; in = in->outer ? in->outer : in->beside)
		found = labelled(in, label);
	return found;
}

/* --- a word ---------------------------------------------------------------- */

/* E... names, as strerrorname_np() gives them. */
static int error_number(const char *name)
{
	for (int code = 1; code < 200; code++)
		if (!strcmp(error_name(code), name) && name[1] != '?') /* "E?": a number without a name */
			return code;
	return 0;
}

/* The last word of the step's verb, for errors. */
static const char *last_word(const struct line *l)
{
	const char *verb = step_verb(l->step->kind), *blank = strchr(verb, ' ');

	return blank ? blank + 1 : verb;
}

static int read_cpu(struct line *l, const char *what, const char *text)
{
	uint64_t cpu;

	if (line_check_number(l, what, text, 0, UINT16_MAX - 1, &cpu))
		return -EINVAL;
	l->step->cpu = (uint16_t)cpu;
	return 0;
}

static int read_error(struct line *l, const char *what, const char *text)
{
	l->at = text;
	l->step->fails = error_number(text);
	return l->step->fails ? 0 : line_wrong(l, "%s: %s is no error's name", what, text);
}

/* The rest of the line behind the words that it begins with. */
static const char *rest(const struct line *l)
{
	static const char blanks[] = " \t";
	const char *text = l->step->text;

	for (unsigned words = l->prefixes + l->count; words; words--) {
		text += strcspn(text, blanks);
		text += strspn(text, blanks);
	}
	return text;
}

/* Stores the text in the step, as the row says. */
static int read_word(struct line *l, const struct step_word *w, const char *text)
{
	void *field = (char *)l->step + w->field;
	const char *what = step_word_is_bare(w) ? w->help : w->name;

	switch (w->type) {
	case WORD_NUMBER: return line_check_number(l, what, text, w->min, w->max, field);
	case WORD_CPU: return read_cpu(l, what, text);
	case WORD_NAME: return line_name(l, text, what, field);
	case WORD_TEXT: *(const char **)field = text; return 0;
	case WORD_CHOICE:
		return line_choice(l, step_word_is_bare(w) ? last_word(l) : what, text, w->words,
		                   w->word_count, field);
	case WORD_WANTED: return line_wanted(l, what, text, w->max, field);
	case WORD_ERROR: return read_error(l, what, text);
	case WORD_REST: *(const char **)field = rest(l); return 0;
	case WORD_OTHER: break;
	}
	return 0;
}

static int missing(struct line *l, const struct step_word *w)
{
	l->at = l->end;
	if (w->type == WORD_CHOICE)
		return line_wrong(l, "%s: %s is missing", step_verb(l->step->kind), w->help);
	if (w->type == WORD_NUMBER && !step_word_is_bare(w))
		return line_wrong(l, "%s: %s= is missing", step_verb(l->step->kind), w->name);
	return line_wrong(l, "%s is missing", step_word_is_bare(w) ? w->help : w->name);
}

/* What the row says of this text, which is NULL if there is none. */
static int take_word(struct line *l, const struct step_word *w, const char *text)
{
	if (!text && w->use == WORD_NEEDED)
		return missing(l, w);
	if (!text && w->type == WORD_CPU) {
		l->step->cpu = strcmp(w->otherwise, "all") ? 0 : VCPU_ALL;
		return 0;
	}
	if (!text)
		text = w->otherwise;
	return text || w->type == WORD_REST ? read_word(l, w, text) : 0;
}

int line_word(struct line *l, const char *name)
{
	const struct step_word *w = NULL;

	do
		w = step_word_next(l->step->kind, w);
	while (strcmp(w->name, name));
	return take_word(l, w, step_word_is_bare(w) ? line_bare(l, 1) : line_value(l, name));
}

/* All words that the step's own function does not read. */
static int take_words(struct line *l)
{
	unsigned bare = strchr(step_verb(l->step->kind), ' ') ? 2 : 1;

	for (const struct step_word *w = NULL; (w = step_word_next(l->step->kind, w));) {
		if (w->use == WORD_OWN || (w->when && !(w->when & 1u << l->step->wait.until)))
			continue;
		if (take_word(l, w, step_word_is_bare(w) ? line_bare(l, bare++) : line_value(l, w->name)))
			return -EINVAL;
	}
	return 0;
}

int parse_words(struct line *l)
{
	(void)l;
	return 0;
}

/* --- a line ------------------------------------------------------------------ */

/* What follows the verb in its row: its second word, or "". NULL: the row is of another verb. */
static const char *second_word(unsigned row, const char *verb)
{
	size_t len = strlen(verb);
	const char *rest = step_verb(row) + len;

	if (strncmp(step_verb(row), verb, len) || (*rest && *rest != ' '))
		return NULL;
	return *rest ? rest + 1 : rest;
}

/* Which step it is. */
static int find_kind(struct line *l)
{
	const char *verb = line_bare(l, 0), *word, *names[STEP_KINDS];
	unsigned first = 0, count = 0, i = 0;

	while (first < STEP_KINDS && !second_word(first, verb))
		first++;
	if (first == STEP_KINDS && !strcmp(verb, "}"))
		return l->s->group ? line_check_used(l)
		                   : line_wrong(l, "}: there is no race that it could end");
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
	return 0;
}

static int parse(struct line *l, char *words)
{
	static int (*const special[])(struct line *) = {
#define ROW(kind, verb, parse, run, needs, help) [STEP_##kind] = parse,
		SCENARIO_STEPS(ROW)
#undef ROW
	};
	int rc = line_split(l, words);

	if (!rc)
		rc = l->count ? find_kind(l) : line_wrong(l, "the step is missing");
	if (!rc && l->step->kind == STEP_EXEC && l->s->outer && !l->s->group)
		rc = line_wrong(l, "exec: not in a block");
	if (!rc)
		rc = take_words(l);
	if (!rc)
		rc = special[l->step->kind](l);
	if (!rc)
		rc = line_check_used(l);
	return rc ? rc : race_check(l);
}

int scenario_parse_step(const struct scenario *s, const char *line, size_t len, struct step *step,
                        unsigned *column, struct error *err)
{
	struct line l = { .s = s, .step = step, .err = err };
	const char *text = line_trim(line, &len);
	int rc;

	*step = (struct step){ .text = calloc(2, len + 1) };
	if (!step->text)
		return error_set(err, -ENOMEM, "out of memory for a scenario");
	memcpy(step->text, text, len);
	rc = parse(&l, memcpy(step->text + len + 1, text, len));
	*column = 0;
	if (rc)
		*column = (unsigned)(text - line) + 1 +
		          (l.at >= l.begin && l.at <= l.end ? (unsigned)(l.at - l.begin) : 0);
	if (rc)
		step_free(step);
	return rc;
}

void step_free(struct step *step)
{
	for (unsigned i = 0; i < step->block_count; i++) {
		free(step->block[i].text);
		if (step->block[i].steps)
			scenario_free(step->block[i].steps);
		free(step->block[i].steps);
	}
	free(step->array);
	free(step->text);
	*step = (struct step){ 0 };
}
