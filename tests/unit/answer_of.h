/* SPDX-License-Identifier: BSD-2-Clause */
/* answer_of.h: what a codec answers to "what is pending where, and why is it not delivered", as text. */
#ifndef TESTS_UNIT_ANSWER_OF_H
#define TESTS_UNIT_ANSWER_OF_H

#include "tap.h"
#include "vmm/snapshot/codec.h"
#include "vmm/snapshot/pending.h"

/* The list as it is printed, with a vCPU's masks; or (json) each interrupt as JSON. Good until the next call.
 */
static inline const char *answer_of(const struct state_codec *codec, const struct arch_state *state,
                                    const struct codec_scope *scope, bool json)
{
	static char text[65536];
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct pending_list list = { 0 };
	char sum[96];
	struct json j;

	codec->answer(state, scope, &list);
	ok(!list.bad, "an answer");
	pending_sum(&list, sum);
	fprintf(out, "%s\n", sum);
	json_begin(&j, out);
	for (size_t i = 0; i < list.count && json; i++)
		pending_json(&list.irqs[i], NULL, &j);
	if (!json)
		pending_print(&list, true, "", out);
	fclose(out);
	pending_free(&list);
	return text;
}

/* The answer has this part, whose line ends are blanks in the name of the test. */
static inline void answer_has(const char *answer, const char *part)
{
	char name[300];

	snprintf(name, sizeof(name), "%s", part);
	for (char *p = name; *p; p++)
		*p = *p == '\n' ? ' ' : *p;
	if (!ok(strstr(answer, part), "%s", name))
		for (const char *p = answer; *p; p += strcspn(p, "\n") + 1)
			printf("# %.*s\n", (int)strcspn(p, "\n"), p);
}

#endif
