/* SPDX-License-Identifier: BSD-2-Clause */
/* codec_route.h: the section of routes, irqfds and notifications. Pure. For codec.c. */
#ifndef ARCH_S390X_CODEC_ROUTE_H
#define ARCH_S390X_CODEC_ROUTE_H

#include "codec.h"
#include "vmm/snapshot.h"

void routes_put(struct snap_section *s, const struct arch_state *state);

/* The state's adapters are known already. memory is the guest's, in bytes. False: wrong, or out of memory. */
bool routes_read(struct snap_reader *r, struct arch_state *state, uint64_t memory);

#endif
