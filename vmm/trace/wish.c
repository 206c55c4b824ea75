/* SPDX-License-Identifier: BSD-2-Clause */
/* wish.c: see wish.h. Pure. */
#include "wish.h"

#include <errno.h>
#include <string.h>

#define WORD(kind, name, what) [TRACE_##kind] = { name, what },
const struct trace_word trace_words[TRACE_KINDS] = { TRACE_KINDS_LIST(WORD)[TRACE_NOTE] = { "note", NULL } };

static bool is(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && !strncmp(word, name, len);
}

static int add_word(struct trace_wish *wish, const char *word, size_t len, struct error *err)
{
	if (is(word, len, "json")) {
		wish->json = true;
		return 0;
	}
	if (is(word, len, "all")) {
		wish->kinds = ~0u;
		return 0;
	}
	for (unsigned i = 0; i < TRACE_NOTE; i++)
		if (is(word, len, trace_words[i].name)) {
			wish->kinds |= 1u << i;
			return 0;
		}
	return error_set(
		err, -EINVAL,
		"--trace: %.*s is not one of irq, exit, kvm, snapshot, step, guest, vcpu, all, json; "
		"a file is named by --trace=:FILE",
		(int)len, word);
}

int trace_parse(struct trace_wish *wish, const char *text, struct error *err)
{
	int rc = 0;

	*wish = (struct trace_wish){ .kinds = 0 };
	while (text && *text && *text != ':' && !rc) {
		size_t len = strcspn(text, ",:");

		rc = add_word(wish, text, len, err);
		text += len + (text[len] == ',');
	}
	if (!rc && text && *text == ':' && !text[1])
		rc = error_set(err, -EINVAL, "--trace: no file is named after the colon");
	if (rc)
		return rc;
	wish->file = text && *text ? text + 1 : NULL;
	/* Who reads lines does not want to see each entry into the guest. */
	if (!wish->kinds)
		wish->kinds = wish->json ? ~0u : ~(1u << TRACE_VCPU);
	wish->kinds |= 1u << TRACE_NOTE;
	return 0;
}
