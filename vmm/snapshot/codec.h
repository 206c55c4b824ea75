/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec.h: the state of a machine, of either architecture, as sections of a
 * snapshot. An architecture says in a table what each section is; here is what
 * is done with all of them. Pure. Read next: arch/ARCH/snapshot/codec.c.
 */
#ifndef VMM_SNAPSHOT_CODEC_H
#define VMM_SNAPSHOT_CODEC_H

#include <stdio.h>

#include "snapshot.h"

/* A machine's state but RAM, in the architecture's own struct. */
struct arch_state;

/* Of the whole VM, or of its interrupts alone. */
enum snap_kind { SNAP_VM, SNAP_IRQ, SNAP_KINDS };
extern const char *const snap_kind_names[SNAP_KINDS];

struct outline;

struct codec_section {
	uint32_t tag;
	uint32_t version;
	bool per_vcpu; /* one for each, its number is the id */
	bool irq;      /* interrupt state: also in a snapshot of that alone */
	/* Whether the state has such a section; NULL: always. Asked of a state that lacks it, as it is
	 * decoded. */
	bool (*has)(const struct arch_state *state);
	void (*put)(struct snap_section *s, const struct arch_state *state, unsigned vcpu);
	/* False: this cannot have been put there. memory: of the VM, in bytes. */
	bool (*get)(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory);
};

/* A vCPU's flags. */
enum { SECTION_ONLINE = 1, SECTION_HELD = 2 };

/* What the state is of; the snapshot's section "VM  " says it. */
struct codec_scope {
	enum snap_kind kind;
	unsigned vcpus;
	unsigned stride;      /* of their ids */
	uint64_t memory;      /* bytes */
	const uint8_t *flags; /* one a vCPU; the snapshot's own bytes */
};

struct state_codec {
	const char *arch;
	const struct codec_section *sections;   /* tag 0: the end */
	struct arch_state *(*create)(void);     /* NULL: out of memory */
	void (*free)(struct arch_state *state); /* NULL is fine */
	/* Before the sections: makes room for the vCPUs. */
	bool (*begin)(struct arch_state *state, const struct snapshot *snap, const struct codec_scope *scope);
	/* After the sections: what follows from several of them. NULL: nothing. False: out of memory. */
	bool (*finish)(struct arch_state *state);
	/* One line for each interrupt that is pending; returns how many. out may be NULL. */
	unsigned (*pending)(const struct arch_state *state, FILE *out);
	/* All of a state that was decoded, in the architecture's words. */
	void (*describe)(const struct arch_state *state, const struct codec_scope *scope,
	                 struct outline *out);
	/*
	 * What can be decoded and must not be restored: KVM would refuse it, or make something else of it.
	 * codec_wrong() for each. A restore asks too, so nothing that a guest can do may break a rule.
	 */
	void (*check)(const struct arch_state *state, const struct codec_scope *scope,
	              const struct snapshot *snap, struct outline *wrong);
};

extern const struct state_codec s390x_codec, power9_codec;

/* That of the architecture that is linked. */
extern const struct state_codec *const arch_codec;

/* Adds the sections of this kind. -ENOMEM. */
int codec_encode(const struct state_codec *codec, const struct arch_state *state, enum snap_kind kind,
                 unsigned vcpus, struct snapshot *snap, struct error *err);

/*
 * Into a state just created. -EBADMSG, with the offset, for what cannot have
 * been encoded, and for a section that is missing or of another version.
 */
int codec_decode(const struct state_codec *codec, struct arch_state *state, const struct snapshot *snap,
                 const struct codec_scope *scope, struct error *err);

/* Adds a line: what is wrong, in the section with this tag and id, and its offset. */
void codec_wrong(struct outline *wrong, const struct snapshot *snap, uint32_t tag, uint32_t id,
                 const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Whether the section is one of the codec's, in a snapshot of this scope. */
bool codec_knows(const struct state_codec *codec, const struct snap_section *s,
                 const struct codec_scope *scope);

#endif
