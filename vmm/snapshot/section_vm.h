/* SPDX-License-Identifier: BSD-2-Clause */
/* section_vm.h: the section of a snapshot that describes its machine. Pure. */
#ifndef VMM_SNAPSHOT_SECTION_VM_H
#define VMM_SNAPSHOT_SECTION_VM_H

#include "codec.h"
#include "vmm/identity.h"

#define TAG_VM   SNAP_TAG('V', 'M', ' ', ' ')
#define TAG_WALL SNAP_TAG('w', 'a', 'l', 'l') /* real time when the VM stopped */
#define TAG_NAME SNAP_TAG('n', 'a', 'm', 'e') /* the VM's name and UUID */

/* The ledger of a VM's interrupts (lab/ledger_section.h): optional. Version 1, without promises, is read
 * too. */
#define TAG_LEDGER     SNAP_TAG('b', 'o', 'o', 'k')
#define LEDGER_VERSION 2

static inline bool ledger_section_known(const struct snap_section *s)
{
	return s->version == 1 || s->version == LEDGER_VERSION;
}

struct section_vm {
	struct codec_scope scope;
	uint64_t shared;  /* guest real address of struct abi_shared; 0: not known yet */
	uint32_t sources; /* message sources requested; 0: the machine's default */
	char irqchip[9];  /* the architecture's word */
};

void section_vm_put(struct snapshot *snap, const struct section_vm *vm);

/* Nanoseconds since 1970 (UTC); 0 if the snapshot does not contain it. -EBADMSG, with the offset. */
void section_wall_put(struct snapshot *snap, uint64_t wall);
int section_wall_get(const struct snapshot *snap, uint64_t *wall, struct error *err);

/* The VM's name and UUID; empty if the snapshot does not contain them. -EBADMSG, with the offset. */
void section_name_put(struct snapshot *snap, const struct identity *identity);
int section_name_get(const struct snapshot *snap, struct identity *identity, struct error *err);

/* Whether this zpvm knows the section, in a snapshot of this scope. */
bool section_known(const struct state_codec *codec, const struct snap_section *s,
                   const struct codec_scope *scope);

/*
 * Refuses unknown sections that are not optional, because their state could not be restored: -EBADMSG, with
 * the offset.
 */
int sections_check(const struct state_codec *codec, const struct snapshot *snap,
                   const struct codec_scope *scope, struct error *err);

/* -EBADMSG, with the offset. */
int section_vm_get(const struct snapshot *snap, struct section_vm *vm, struct error *err);

#endif
