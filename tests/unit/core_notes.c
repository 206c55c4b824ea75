/* SPDX-License-Identifier: BSD-2-Clause */
/* core_notes.c: notes of a core: each register at its place, in the order of bytes of its machine. */
#include "vmm/snapshot/core_notes.h"

#include <stdlib.h>
#include <string.h>

#include "arch/power9/snapshot/codec.h"
#include "tap.h"
#include "vmm/snapshot/codec.h"

static void bytes(void)
{
	struct core_notes n = { .little = false };

	core_note_begin(&n, "CORE", 7);
	core_put(&n, 0x01020304, 4);
	core_put(&n, 0xab, 1);
	core_note_end(&n);
	ok(!n.bad && n.len == 28 &&
	           !memcmp(n.bytes, "\0\0\0\5\0\0\0\5\0\0\0\7CORE\0\0\0\0\1\2\3\4\xab\0\0\0", 28),
	   "big-endian, in whole words");
	free(n.bytes);
	n = (struct core_notes){ .little = true };
	core_note_begin(&n, "LINUX", 0x102);
	core_put(&n, 0x01020304, 4);
	core_pad(&n, 8);
	core_note_end(&n);
	ok(!n.bad && n.len == 28 &&
	           !memcmp(n.bytes, "\6\0\0\0\x8\0\0\0\2\1\0\0LINUX\0\0\0\4\3\2\1\0\0\0\0", 28),
	   "little-endian, padded");
	free(n.bytes);
}

/* The contents of the first note of this type. */
static const uint8_t *find(const struct core_notes *n, uint32_t type, uint32_t *len)
{
	for (size_t at = 0; at < n->len;) {
		uint32_t head[3];

		memcpy(head, n->bytes + at, sizeof(head)); /* both little-endian: this machine and the note */
		at += sizeof(head) + (head[0] + 3) / 4 * 4;
		*len = head[1];
		if (head[2] == type)
			return n->bytes + at;
		at += (head[1] + 3) / 4 * 4;
	}
	return NULL;
}

static uint64_t number(const uint8_t *from)
{
	uint64_t value = 0;

	for (int i = 7; i >= 0; i--)
		value = value << 8 | from[i];
	return value;
}

/* The golden snapshots' vector registers are zero. */
static void vectors(void)
{
	struct arch_state *state = power9_codec.create();
	struct core_notes n = { .little = true };
	struct p9_cpu *cpu = state->cpus = calloc(1, sizeof(*cpu));
	uint32_t len = 0;
	const uint8_t *at;

	state->cpu_count = 1;
	cpu->reg_count = 5;
	cpu->regs[0] = (struct p9_reg){ P9_VSR(3), { 0x31, 0x32 } };
	cpu->regs[1] = (struct p9_reg){ P9_VR(4), { 0x41, 0x42 } };
	cpu->regs[2] = (struct p9_reg){ p9_reg_nth(P9_REG_VSCR).id, { 0x10000 } };
	cpu->regs[3] = (struct p9_reg){ p9_reg_nth(P9_REG_VRSAVE).id, { 0x77 } };
	cpu->regs[4] = (struct p9_reg){ p9_reg_nth(P9_REG_FPSCR).id, { 0x88 } };
	power9_codec.core_notes(state, 0, &n);
	at = find(&n, 0x100, &len);
	ok(at && len == 544 && number(at + 64) == 0x41 && number(at + 72) == 0x42 &&
	           number(at + 512) == 0x10000 && number(at + 528) == 0x77,
	   "VMX: VR4, VSCR, VRSAVE");
	at = find(&n, 0x102, &len);
	ok(at && len == 256 && number(at + 24) == 0x32, "VSX: the second half of VSR3");
	at = find(&n, CORE_NT_FPREGSET, &len);
	ok(at && len == 264 && number(at + 24) == 0x31 && number(at + 256) == 0x88,
	   "floating point: FPR3, FPSCR");
	at = find(&n, CORE_NT_PRSTATUS, &len);
	ok(at && len == 504 && at[CORE_PRSTATUS_PID] == 1, "status: thread 1");
	free(n.bytes);
	power9_codec.free(state);
}

int main(void)
{
	bytes();
	vectors();
	return tap_done();
}
