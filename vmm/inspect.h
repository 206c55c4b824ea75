/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inspect.h: what is in a snapshot, of either architecture, on any machine:
 * described, compared with another one, and checked. Pure. Read next: codec.h,
 * arch/<arch>/describe.c.
 */
#ifndef VMM_INSPECT_H
#define VMM_INSPECT_H

#include "codec.h"
#include "ledger.h"
#include "outline.h"
#include "section_vm.h"

/* A snapshot, taken apart whole. */
struct inspected {
	struct snapshot snap;
	const struct state_codec *codec;
	struct section_vm vm;
	struct arch_state *state;
	struct ledger books; /* empty if it has none */
};

/*
 * The bytes must be sealed, and outlive it. -EBADMSG, with the offset, for what is no
 * snapshot, or has a section that must be known and is not; -ENOMEM.
 * inspect_close() is needed after success only.
 */
int inspect_open(struct inspected *in, const uint8_t *bytes, size_t len, struct error *err);
void inspect_close(struct inspected *in);

/* All of it; RAM as runs of bytes. */
void inspect_describe(const struct inspected *in, struct outline *out);

/* What only one of two has, as outline_diff(); RAM by pages. Returns how many lines it took; -ENOMEM. */
long inspect_diff(const struct inspected *a, const struct inspected *b, FILE *out);

/* Everything that cannot be in a snapshot that zpvm made, a line each. */
void inspect_check(const struct inspected *in, struct outline *wrong);

#endif
