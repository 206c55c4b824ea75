/* SPDX-License-Identifier: BSD-2-Clause */
/* step_vm.c: the words of steps with vCPUs, and memory. See line.h. Pure. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "vmm/cpu_op.h"

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
