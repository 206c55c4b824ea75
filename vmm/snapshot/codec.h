/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec.h: the state of a machine, of either architecture, as sections of a snapshot. An architecture
 * describes its sections in a table; the functions here process the table. Pure. Read next:
 * arch/ARCH/snapshot/codec.c.
 */
#ifndef VMM_SNAPSHOT_CODEC_H
#define VMM_SNAPSHOT_CODEC_H

#include "device_section.h"

struct pending_list; /* pending.h */
struct core_arch;    /* core_notes.h */
struct core_notes;

/* A machine's state without RAM, in the architecture's own struct. */
struct arch_state;

/* Of the whole VM, or of its interrupts alone. */
enum snap_kind { SNAP_VM, SNAP_IRQ, SNAP_KINDS };
extern const char *const snap_kind_names[SNAP_KINDS];

/* In place of a tag: the sections of the devices stand here. They are not interrupt state. */
#define SECTIONS_OF_DEVICES UINT32_MAX

struct codec_section {
	uint32_t tag;
	uint32_t version;
	bool per_vcpu; /* one for each vCPU, whose number is the id */
	bool irq;      /* interrupt state: also in a snapshot of interrupts alone */
	/* Whether the state has such a section; NULL: always. While a state is decoded, called before this
	 * section is in it. */
	bool (*has)(const struct arch_state *state);
	void (*put)(struct snap_section *s, const struct arch_state *state, unsigned vcpu);
	/* False: put() cannot have written this. memory: the VM's, in bytes. */
	bool (*get)(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory);
};

/* A vCPU's flags. */
enum { SECTION_ONLINE = 1, SECTION_HELD = 2 };

/* The machine that the state belongs to, from the snapshot's section "VM  ". */
struct codec_scope {
	enum snap_kind kind;
	unsigned vcpus;
	unsigned stride;      /* of their ids */
	uint64_t memory;      /* bytes */
	const uint8_t *flags; /* one for each vCPU; the snapshot's own bytes */
};

struct state_codec {
	const char *arch;
	const struct codec_section *sections;   /* tag 0: the end */
	const struct device_row *devices;       /* those that the machine can have */
	size_t device_states;                   /* the offset of struct device_states in struct arch_state */
	struct arch_state *(*create)(void);     /* NULL: out of memory */
	void (*free)(struct arch_state *state); /* NULL is fine */
	/* Makes room for the vCPUs. False: out of memory. */
	bool (*room)(struct arch_state *state, unsigned vcpus);
	/* Before the sections are decoded. NULL: nothing. */
	void (*begin)(struct arch_state *state, const struct snapshot *snap, const struct codec_scope *scope);
	/* An ELF core: what the file is, and the notes of a vCPU. */
	const struct core_arch *core;
	void (*core_notes)(const struct arch_state *state, unsigned vcpu, struct core_notes *notes);
	/* Patterns (fnmatch(3)) of paths in a description, each list with NULL at its end: the items that are
	 * the pending interrupts; all state of the interrupt controller; what goes on by itself. */
	const char *const *pending_paths, *const *irq_paths, *const *clock_paths;
	/* After the sections: derives values from several of them. NULL: nothing. False: out of memory. */
	bool (*finish)(struct arch_state *state);
	/* How many interrupts are pending. */
	unsigned (*pending)(const struct arch_state *state);
	/*
	 * Lists what is pending where, and whether it can be delivered, or why not. The registers decide, so
	 * a scope of interrupts alone leaves it open. A timer whose time has come is listed too, and so is a
	 * line that is up at a source that is off.
	 */
	void (*answer)(const struct arch_state *state, const struct codec_scope *scope,
	               struct pending_list *list);
	/* Describes all of a decoded state, in the architecture's terms. */
	void (*describe)(const struct arch_state *state, const struct codec_scope *scope,
	                 struct outline *out);
	/*
	 * Reports, by codec_wrong(), everything that can be decoded and must not be restored, because KVM
	 * would refuse or change it. A restore calls this too, so no guest may be able to break a rule.
	 */
	void (*check)(const struct arch_state *state, const struct codec_scope *scope,
	              const struct snapshot *snap, struct outline *wrong);
};

static inline struct device_states *codec_devices(const struct state_codec *codec,
                                                  const struct arch_state *state)
{
	return (struct device_states *)((uintptr_t)state + codec->device_states);
}

extern const struct state_codec s390x_codec, power9_codec;

/* The codec of the linked architecture. */
extern const struct state_codec *const arch_codec;

/* Adds the sections of this kind. -ENOMEM. */
int codec_encode(const struct state_codec *codec, const struct arch_state *state, enum snap_kind kind,
                 unsigned vcpus, struct snapshot *snap, struct error *err);

/*
 * Decodes into a state just created. -EBADMSG, with the offset, for data that cannot have been encoded, and
 * for a section that is missing or of another version.
 */
int codec_decode(const struct state_codec *codec, struct arch_state *state, const struct snapshot *snap,
                 const struct codec_scope *scope, struct error *err);

/* Adds a line that describes an error in the section with this tag and id, with the section's offset. */
void codec_wrong(struct outline *wrong, const struct snapshot *snap, uint32_t tag, uint32_t id,
                 const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Whether the section is one of the codec's, in a snapshot of this scope. */
bool codec_knows(const struct state_codec *codec, const struct snap_section *s,
                 const struct codec_scope *scope);

#endif
