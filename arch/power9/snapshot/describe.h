/* SPDX-License-Identifier: BSD-2-Clause */
/* describe.h: for codec.c: describes a power9 machine's state (describe.c), and checks it for errors that
 * prevent a restore (verify.c); see vmm/snapshot/codec.h. Pure. */
#ifndef ARCH_POWER9_SNAPSHOT_DESCRIBE_H
#define ARCH_POWER9_SNAPSHOT_DESCRIBE_H

#include "codec.h"
#include "vmm/snapshot/codec.h"
#include "vmm/snapshot/field.h"

void p9_describe(const struct arch_state *state, const struct codec_scope *scope, struct outline *out);
/* core.c: see vmm/snapshot/core_notes.h */
extern const struct core_arch p9_core;
void p9_core_notes(const struct arch_state *state, unsigned vcpu, struct core_notes *notes);

/* deliverable.c */
void p9_pending(const struct arch_state *state, const struct codec_scope *scope, struct pending_list *list);
void p9_check(const struct arch_state *state, const struct codec_scope *scope, const struct snapshot *snap,
              struct outline *wrong);

/* codec.c: the numbers of its sections. */
extern const struct field p9_cpu_fields[], p9_modes_fields[], p9_line_fields[];

#endif
