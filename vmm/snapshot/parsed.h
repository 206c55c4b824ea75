/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * parsed.h: a snapshot, of either architecture, decoded and validated as a whole. Commands that read a file
 * and the restore use the same checks here; those that only a host's KVM can make are in arch_state_fits()
 * (arch_snapshot.h). Pure. Read next: codec.h, arch/ARCH/snapshot/verify.c.
 */
#ifndef VMM_SNAPSHOT_PARSED_H
#define VMM_SNAPSHOT_PARSED_H

#include "outline.h"
#include "section_vm.h"

/* The functions of a higher layer for a section that belongs to it. */
struct section_extra {
	/* *data is the argument of close(); NULL if there is no such section, or its version is unknown. */
	int (*open)(const struct snapshot *snap, const char *arch, void **data, struct error *err);
	void (*describe)(const void *data, struct outline *out);
	void (*close)(void *data);
	size_t shared_size; /* of the block at section_vm.shared: all of it must be in memory */
};

struct parsed_snapshot {
	struct snapshot snap;
	const struct state_codec *codec;
	struct section_vm vm;
	uint64_t wall; /* nanoseconds of CLOCK_REALTIME when the VM stopped; 0: not in the snapshot */
	struct identity identity;
	struct arch_state *state;
	const struct section_extra *extra; /* NULL: none */
	void *extra_data;
};

/*
 * The bytes must outlive it; sealed: their checksums are checked; extra may be NULL. -EBADMSG, with the
 * offset, if they are no snapshot, or have a section that must be known and is not; -ENOMEM. parsed_close()
 * is needed after success only.
 */
int parsed_open(struct parsed_snapshot *p, const uint8_t *bytes, size_t len, bool sealed,
                const struct section_extra *extra, struct error *err);
void parsed_close(struct parsed_snapshot *p);

/* Adds a line for every error that prevents a restore on any host. */
void parsed_check(const struct parsed_snapshot *p, struct outline *wrong);

/* The same for a restore, as an error: the first of these lines, -EBADMSG; -ENOMEM. */
int parsed_refuse(const struct parsed_snapshot *p, struct error *err);

#endif
