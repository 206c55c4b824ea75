/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * parsed.h: a snapshot, of either architecture, taken apart and validated
 * whole. What reads a file and what restores one ask the same questions here;
 * what only a host's KVM can answer is arch_state_fits() (arch.h). Pure. Read
 * next: codec.h, arch/ARCH/snapshot/verify.c.
 */
#ifndef VMM_SNAPSHOT_PARSED_H
#define VMM_SNAPSHOT_PARSED_H

#include "outline.h"
#include "section_vm.h"

/* A section that belongs to a layer above, and what it makes of that. */
struct section_extra {
	/* *data: what close() takes; NULL when there is no such section, or of a version that is not known.
	 */
	int (*open)(const struct snapshot *snap, const char *arch, void **data, struct error *err);
	void (*describe)(const void *data, struct outline *out);
	void (*close)(void *data);
};

struct parsed_snapshot {
	struct snapshot snap;
	const struct state_codec *codec;
	struct section_vm vm;
	uint64_t wall; /* nanoseconds of CLOCK_REALTIME when the VM stopped; 0: it does not say */
	struct arch_state *state;
	const struct section_extra *extra; /* NULL: none */
	void *extra_data;
};

/*
 * The bytes must outlive it; sealed: their sums count; extra may be NULL. -EBADMSG, with the offset, for what
 * is no snapshot, or has a section that must be known and is not; -ENOMEM. parsed_close() is needed after
 * success only.
 */
int parsed_open(struct parsed_snapshot *p, const uint8_t *bytes, size_t len, bool sealed,
                const struct section_extra *extra, struct error *err);
void parsed_close(struct parsed_snapshot *p);

/* Adds a line for everything that makes it impossible to restore, on any host. */
void parsed_check(const struct parsed_snapshot *p, struct outline *wrong);

/* The same as an error, for who restores it: the first of these lines, -EBADMSG; -ENOMEM. */
int parsed_refuse(const struct parsed_snapshot *p, struct error *err);

#endif
