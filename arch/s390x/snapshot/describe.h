/* SPDX-License-Identifier: BSD-2-Clause */
/* describe.h: for codec.c: describes an s390x machine's state (describe.c), and checks it for errors that
 * prevent a restore (verify.c); see vmm/snapshot/codec.h. Pure. */
#ifndef ARCH_S390X_SNAPSHOT_DESCRIBE_H
#define ARCH_S390X_SNAPSHOT_DESCRIBE_H

#include "codec.h"
#include "vmm/snapshot/codec.h"
#include "vmm/snapshot/field.h"

void s390_describe(const struct arch_state *state, const struct codec_scope *scope, struct outline *out);
void s390_check(const struct arch_state *state, const struct codec_scope *scope, const struct snapshot *snap,
                struct outline *wrong);

/* codec.c, codec_adapter.c: what their sections have. */
extern const struct field s390_cpu_fields[], s390_clock_fields[], s390_adapter_fields[], s390_ais_fields[];

/* Writes an interrupt with all its fields into text. */
#define S390_IRQ_ALL 512
void s390_irq_all(const struct s390_irq *irq, char text[S390_IRQ_ALL]);

#endif
