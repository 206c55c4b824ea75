/* SPDX-License-Identifier: BSD-2-Clause */
/* words_of.h: what a codec says of a state: its description, and what is wrong with it, as text. */
#ifndef TESTS_UNIT_WORDS_OF_H
#define TESTS_UNIT_WORDS_OF_H

#include <stdlib.h>

#include "tap.h"
#include "vmm/snapshot/codec.h"
#include "vmm/snapshot/outline.h"

#define WORDS_MAX 65536

/* One blank behind each path. The text is good until the next call; the outline is freed. */
static inline const char *print_words(struct outline *o)
{
	static char text[WORDS_MAX];
	FILE *out = fmemopen(text, sizeof(text), "w");
	char *to = text;

	*text = 0;
	outline_print(o, out);
	fclose(out);
	outline_free(o);
	for (const char *p = text; *p; p++)
		if (*p != ' ' || p[1] != ' ')
			*to++ = *p;
	*to = 0;
	return text;
}

static inline const char *described(const struct state_codec *codec, const struct arch_state *state,
                                    const struct codec_scope *scope)
{
	struct outline o = { 0 };

	codec->describe(state, scope, &o);
	return print_words(&o);
}

/* A snapshot with no sections: the offset of what is wrong is 0. */
static inline const char *wrong_in(const struct state_codec *codec, const struct arch_state *state,
                                   const struct codec_scope *scope)
{
	struct outline o = { 0 };
	struct snapshot none;

	snap_init(&none, codec->arch);
	codec->check(state, scope, &none, &o);
	return print_words(&o);
}

/* Exactly one line is wrong, and it says this. */
static inline void one_wrong(const struct state_codec *codec, const struct arch_state *state,
                             const struct codec_scope *scope, const char *part)
{
	const char *said = wrong_in(codec, state, scope), *end = strchr(said, '\n');

	if (!ok(end && !end[1] && strstr(said, part), "%s", part))
		printf("# got \"%s\"\n", said);
}

#endif
