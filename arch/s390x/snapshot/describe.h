/* SPDX-License-Identifier: BSD-2-Clause */
/* describe.h: for codec.c: describes an s390x machine's state (describe.c), and checks it for errors that
 * prevent a restore (verify.c); see vmm/snapshot/codec.h. Pure. */
#ifndef ARCH_S390X_SNAPSHOT_DESCRIBE_H
#define ARCH_S390X_SNAPSHOT_DESCRIBE_H

#include "codec.h"
#include "vmm/snapshot/codec.h"
#include "vmm/snapshot/field.h"

void s390_describe(const struct arch_state *state, const struct codec_scope *scope, struct outline *out);
/* core.c: see vmm/snapshot/core_notes.h */
extern const struct core_arch s390_core;
void s390_core_notes(const struct arch_state *state, unsigned vcpu, struct core_notes *notes);

/* deliverable.c */
void s390_pending(const struct arch_state *state, const struct codec_scope *scope, struct pending_list *list);
void s390_check(const struct arch_state *state, const struct codec_scope *scope, const struct snapshot *snap,
                struct outline *wrong);

/* codec.c, codec_adapter.c: what their sections have. */
extern const struct field s390_cpu_fields[], s390_clock_fields[], s390_adapter_fields[], s390_ais_fields[];

/* Writes an interrupt with all its fields into text. */
#define S390_IRQ_ALL 512
void s390_irq_all(const struct s390_irq *irq, char text[S390_IRQ_ALL]);

/* The kind of interrupt, as a scenario's word; its fields by the words of a scenario: those that are not
 * zero, or make it what it is. Of an I/O interrupt these are ISC and parameter, and here is its subchannel.
 */
const char *s390_irq_word(const struct s390_irq *irq);
typedef void s390_member(void *to, const char *name, uint64_t value, bool decimal);
void s390_irq_members(const struct s390_irq *irq, s390_member *member, void *to);
#define S390_SCHID 16
const char *s390_schid(const struct s390_irq *irq, char text[S390_SCHID]);

#endif
