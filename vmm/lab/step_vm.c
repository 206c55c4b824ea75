/* SPDX-License-Identifier: BSD-2-Clause */
/* step_vm.c: the words of steps with vCPUs, memory, and consoles. See line.h. Pure. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "transcript.h"
#include "vmm/cpu_op.h"

int parse_wait(struct line *l)
{
	return l->step->wait.until == UNTIL_END && l->step->wait.by == END_STOP ? line_word(l, "status") : 0;
}

int parse_cpu(struct line *l)
{
	l->step->operate.address = CPU_OP_NOWHERE;
	return l->step->operate.op == CPU_OP_STORE_STATUS ? line_word(l, "address") : 0;
}

/* HEX...: an even number of hexadecimal digits, in any number of words. */
int parse_memory(struct line *l)
{
	struct step *step = l->step;
	unsigned word = step->kind == STEP_POKE ? 2 : 3;
	uint8_t *bytes = line_array(l, strlen(step->text), 1);
	const char *text;

	step->memory.bytes = bytes;
	if (!bytes)
		return -ENOMEM;
	while ((text = line_bare(l, word++))) {
		size_t len = strlen(text);

		if (len % 2 || strspn(text, "0123456789abcdefABCDEF") != len)
			return line_wrong(l, "memory: %s is not an even number of hexadecimal digits", text);
		for (; *text; text += 2) {
			const char digits[] = { text[0], text[1], 0 };

			bytes[step->memory.count++] = (uint8_t)strtoul(digits, NULL, 16);
		}
	}
	return step->memory.count ? 0 : line_wrong(l, "memory: the bytes are missing");
}

/* ADDRESS, or "off", without other words. */
int parse_late(struct line *l)
{
	const char *text = line_bare(l, 1);

	if (text && !strcmp(text, "off")) {
		l->step->late.address = LATE_OFF;
		for (unsigned w = 0; w < l->count; w++)
			l->used[w] &= !l->words[w].key;
		return 0;
	}
	return text ? line_word(l, "ADDRESS") : line_wrong(l, "the address is missing");
}

/* The word, as bytes, into the step. */
static int parse_text(struct line *l, const char *word)
{
	uint8_t *bytes = line_array(l, strlen(word) + 1, 1);
	long len;

	if (!bytes)
		return -ENOMEM;
	len = bytes_parse(word, bytes);
	l->at = word;
	if (len < 0)
		return line_wrong(l, "%s: only \\n, \\r, \\t, \\s, \\\\ and \\x with two digits are known",
		                  word);
	l->step->outside.bytes = bytes;
	l->step->outside.len = (unsigned)len;
	return 0;
}

/* [taken=N] [[count=N] TEXT] */
int parse_at(struct line *l)
{
	const char *text = line_bare(l, 1);

	if (!text)
		return line_value(l, "taken")
		               ? 0
		               : line_wrong(l, "at: what has the guest printed, or taken (taken=)?");
	if (parse_text(l, text) || line_word(l, "count"))
		return -EINVAL;
	l->at = text;
	return l->step->outside.len > PLACE_TEXT
	               ? line_wrong(l, "at: a text of more than %d bytes", PLACE_TEXT)
	               : 0;
}

int parse_typed(struct line *l)
{
	const char *text = line_bare(l, 1);

	return text ? parse_text(l, text) : line_wrong(l, "typed: the text is missing");
}
