/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * state.h: saves and restores a VM, or its interrupts alone, within the process. The order is data: the
 * tables of named steps in arch/ARCH/snapshot/state.c; the trace shows each step. The bytes pass through the
 * codec every time.
 */
#ifndef VMM_SNAPSHOT_STATE_H
#define VMM_SNAPSHOT_STATE_H

#include "arch_snapshot.h"

/* A snapshot, encoded. free() bytes. */
struct state_bytes {
	uint8_t *bytes;
	size_t len;
	uint64_t like; /* the identity of its RAM in this process, see dirty.h; 0: none */
	bool sealed;   /* it comes from a file, or will go to one: its checksums are valid */
};

/*
 * The VM must be paused; it can be resumed unchanged afterwards, also after an error: KVM's, -ENOMEM. But
 * after -ENOTRECOVERABLE it must be destroyed: state that the save took from it could not be given back.
 */
int state_save(struct vm *vm, enum snap_kind kind, struct state_bytes *out, struct error *err);

/*
 * The same, but not encoded: the sections, for snap_free(), also after an error. With a copy of RAM there is
 * no section of RAM; instead the copy, which live.h has made, is brought up to date.
 */
int state_collect(struct vm *vm, enum snap_kind kind, const struct ram *copy, struct snapshot *snap,
                  struct error *err);

/*
 * Restores into a VM just created, or (fresh false) one that has run and is paused. A snapshot of interrupts
 * alone leaves everything else of the VM unchanged. -EBADMSG, -EBUSY: the bytes are no snapshot that fits
 * this VM, which is unchanged. After any other error the VM must be destroyed.
 */
int state_load(struct vm *vm, const struct state_bytes *in, bool fresh, struct error *err);

/*
 * Reads what is pending, without changing anything; SNAP_VM: with the registers that decide whether it can be
 * delivered. The VM must be paused; the caller frees the state with arch_codec->free(). Errors as
 * state_save().
 */
int state_look(struct vm *vm, enum snap_kind kind, struct arch_state **state, struct error *err);

/* Lists what is pending where, and why it is not delivered, for pending_free() after success. The VM must be
 * paused. Errors as state_save(). */
struct pending_list;
int state_answer(struct vm *vm, struct pending_list *list, struct error *err);

#endif
