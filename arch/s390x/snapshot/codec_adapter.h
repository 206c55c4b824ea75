/* SPDX-License-Identifier: BSD-2-Clause */
/* codec_adapter.h: the sections of adapters, and of routes, irqfds and notifications. Pure. For codec.c. */
#ifndef ARCH_S390X_SNAPSHOT_CODEC_ADAPTER_H
#define ARCH_S390X_SNAPSHOT_CODEC_ADAPTER_H

#include "codec.h"
#include "vmm/snapshot/snapshot.h"

void adapters_put(struct snap_section *s, const struct arch_state *state, unsigned vcpu);
bool adapters_read(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory);

void routes_put(struct snap_section *s, const struct arch_state *state, unsigned vcpu);

/* The state's adapters are known already. False: wrong, or out of memory. */
bool routes_read(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory);

#endif
