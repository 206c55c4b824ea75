/* SPDX-License-Identifier: BSD-2-Clause */
/* complete.c: see complete.h. Pure. */
#include "complete.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "step_words.h"

#define BLANKS " \t"

/* A line that is being completed. */
struct completion {
	const char *text; /* the words before the last one, and this */
	const char *part;
	unsigned words;   /* before the last one */
	const char *last; /* what was offered before, so that nothing is offered twice in a row */
	const struct complete_source *source;
	FILE *f;
};

/* Offers key=word or word, if what was typed is its beginning. */
static void offer(struct completion *c, const char *key, const char *word, const char *end)
{
	char text[160];

	snprintf(text, sizeof(text), "%s%s%s%s", key ? key : "", key ? "=" : "", word, end);
	if (*text && !strncmp(text, c->part, strlen(c->part)))
		fprintf(c->f, "%s\n", text);
}

static void offer_names(struct completion *c, const char *key, enum complete_names what)
{
	char *text = NULL, *rest, *name;
	size_t len;
	FILE *f = c->source->list && what ? open_memstream(&text, &len) : NULL;

	if (!f)
		return;
	c->source->list(c->source->arg, what, f);
	fclose(f);
	rest = text;
	while (text && (name = strsep(&rest, "\n")))
		if (*name)
			offer(c, key, name, "");
	free(text);
}

/* Word number n of the line; its length is 0 if there is none. */
static const char *word_at(const char *text, unsigned n, size_t *len)
{
	text += strspn(text, BLANKS);
	while (n--) {
		text += strcspn(text, BLANKS);
		text += strspn(text, BLANKS);
	}
	*len = strcspn(text, BLANKS);
	return text;
}

/* Whether the row's verb begins with the words of the line before the last, as far as both go. *left: so many
 * words of the verb are not typed yet. */
static bool fits(const struct completion *c, const char *verb, unsigned *left)
{
	unsigned count = strchr(verb, ' ') ? 2 : 1;

	for (unsigned n = 0; n < count && n < c->words; n++) {
		size_t len, want;
		const char *typed = word_at(c->text, n, &len), *word = word_at(verb, n, &want);

		if (len != want || memcmp(typed, word, len))
			return false;
	}
	*left = count > c->words ? count - c->words : 0;
	return true;
}

/* Whether key= is in the line already. */
static bool given(const struct completion *c, const char *key)
{
	for (unsigned n = 0; n < c->words; n++) {
		size_t len;
		const char *word = word_at(c->text, n, &len);

		if (len > strlen(key) && !strncmp(word, key, strlen(key)) && word[strlen(key)] == '=')
			return true;
	}
	return false;
}

static enum complete_names names_of(enum step_kind kind, const char *word)
{
	if (!strcmp(word, "SNAPSHOT"))
		return NAMES_SNAPSHOT;
	if (!strcmp(word, "VM") || (kind == STEP_VM && !strcmp(word, "NAME")))
		return NAMES_VM;
	return !strncmp(word, "LABEL", 5) || !strcmp(word, "as") ? NAMES_LABEL : NAMES_NONE;
}

/* A bare word, in its place. */
static void offer_bare(struct completion *c, enum step_kind kind, const struct step_word *w)
{
	const char *name;

	for (unsigned i = 0; i < w->word_count; i++)
		offer(c, NULL, w->words[i], "");
	offer_names(c, NULL, names_of(kind, w->name));
	for (unsigned i = 0; kind == STEP_GUEST && (name = guest_command_name(i, c->source->arch)); i++)
		offer(c, NULL, name, "");
	for (unsigned i = 0; !strcmp(w->name, "KIND") && (name = irq_kind_name(i)); i++)
		offer(c, NULL, name, "");
}

/* key=..., with the words that it can have once the = is there. */
static void offer_key(struct completion *c, const struct step_word *w)
{
	size_t len = strlen(w->name);

	if (given(c, w->name))
		return;
	if (strncmp(c->part, w->name, len) || c->part[len] != '=') {
		offer(c, NULL, w->name, "=");
		return;
	}
	for (unsigned i = 0; i < w->word_count; i++)
		offer(c, w->name, w->words[i], "");
	offer_names(c, w->name, names_of(STEP_KINDS, w->name));
}

/* Whether a word before it has the same name: a step has some with several meanings. */
static bool is_again(enum step_kind kind, const struct step_word *w)
{
	const struct step_word *before = step_word_next(kind, NULL);

	while (before != w && strcmp(before->name, w->name))
		before = step_word_next(kind, before);
	return before != w;
}

static void offer_words(struct completion *c, enum step_kind kind)
{
	unsigned bare = strchr(step_verb(kind), ' ') ? 2 : 1, at = bare;
	const struct step_word *w = NULL;

	for (unsigned n = bare; n < c->words; n++) {
		size_t len;
		const char *word = word_at(c->text, n, &len);

		at += !memchr(word, '=', len);
	}
	while ((w = step_word_next(kind, w))) {
		if (step_word_is_bare(w) && isupper((unsigned char)*w->name)) {
			if (bare++ == at || strstr(w->name, "..."))
				offer_bare(c, kind, w);
		} else if (step_word_is_bare(w)) {
			offer(c, NULL, w->name, "");
		} else if (!is_again(kind, w)) {
			offer_key(c, w);
		}
	}
}

/* The first or second word of a line: each once, as the rows of a verb stand together. */
static void offer_verb(struct completion *c, const char *verb)
{
	size_t len;
	const char *word = word_at(verb, c->words, &len);
	char text[32];

	if (c->last && strlen(c->last) >= len && !strncmp(c->last, word, len) &&
	    (!c->last[len] || c->last[len] == ' '))
		return;
	c->last = word;
	snprintf(text, sizeof(text), "%.*s", (int)len, word);
	offer(c, NULL, text, "");
}

void complete_line(const char *text, const struct complete_source *source, FILE *f)
{
	struct completion c = { .text = text, .part = text, .source = source, .f = f };
	unsigned left;
	size_t len;
	bool help = !strncmp(text + strspn(text, BLANKS), "help ", 5);

	if (help)
		text = c.text = c.part = text + strspn(text, BLANKS) + 5;
	for (const char *word; word = word_at(text, c.words, &len), len && word[len]; c.words++)
		;
	c.part = word_at(text, c.words, &len);
	for (enum step_kind kind = 0; kind < STEP_KINDS; kind++) {
		if (!fits(&c, step_verb(kind), &left) || (help && c.words))
			continue;
		if (left)
			offer_verb(&c, step_verb(kind));
		else
			offer_words(&c, kind);
	}
	if (!help && !c.words) {
		offer(&c, NULL, "help", "");
		offer(&c, NULL, "quit", "");
	}
}
