/* SPDX-License-Identifier: BSD-2-Clause */
/* core_notes.c: see core_notes.h. Pure. */
#include "core_notes.h"

#include <stdlib.h>
#include <string.h>

void core_put(struct core_notes *n, uint64_t value, unsigned size)
{
	if (n->len + size > n->room) {
		size_t room = n->room ? 2 * n->room : 4096;
		uint8_t *p = realloc(n->bytes, room);

		if (!p) {
			n->bad = true;
			return;
		}
		n->bytes = p;
		n->room = room;
	}
	for (unsigned i = 0; i < size; i++)
		n->bytes[n->len++] = (uint8_t)(value >> 8 * (n->little ? i : size - 1 - i));
}

void core_pad(struct core_notes *n, size_t to)
{
	while (!n->bad && n->len - n->begin < to)
		core_put(n, 0, 1);
}

/* Names and contents take whole words. */
static void align(struct core_notes *n)
{
	while (!n->bad && n->len % 4)
		core_put(n, 0, 1);
}

void core_note_begin(struct core_notes *n, const char *name, uint32_t type)
{
	core_put(n, strlen(name) + 1, 4);
	n->size_at = n->len;
	core_put(n, 0, 4); /* the length: see core_note_end() */
	core_put(n, type, 4);
	for (size_t i = 0; i <= strlen(name); i++)
		core_put(n, (uint8_t)name[i], 1);
	align(n);
	n->begin = n->len;
}

void core_note_end(struct core_notes *n)
{
	size_t end = n->len;

	if (n->bad)
		return;
	n->len = n->size_at;
	core_put(n, end - n->begin, 4);
	n->len = end;
	align(n);
}

void core_status_begin(struct core_notes *n, unsigned vcpu)
{
	core_note_begin(n, "CORE", CORE_NT_PRSTATUS);
	core_pad(n, CORE_PRSTATUS_PID);
	core_put(n, vcpu + 1, 4); /* 0 is no thread */
	core_pad(n, CORE_PRSTATUS_REGS);
}
