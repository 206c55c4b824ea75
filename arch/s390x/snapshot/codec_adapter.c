/* SPDX-License-Identifier: BSD-2-Clause */
/* codec_adapter.c: see codec_adapter.h. */
#include "codec_adapter.h"

#include <stdlib.h>

#define ROUTE_BYTES  45
#define NOTIFY_BYTES 20

void adapters_put(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	(void)vcpu;
	snap_put32(s, (uint32_t)state->adapter_count);
	for (size_t i = 0; i < state->adapter_count; i++) {
		const struct s390_adapter *a = &state->adapters[i];

		snap_put32(s, a->id);
		snap_put8(s, a->isc);
		snap_put8(s, a->maskable);
		snap_put8(s, a->swap);
		snap_put8(s, a->flags);
		snap_put8(s, a->masked);
	}
	snap_put8(s, state->ais.offered);
	snap_put8(s, state->ais.simm);
	snap_put8(s, state->ais.nimm);
}

/* Ids are in order and in KVM's range; only a maskable adapter is masked; no modes without suppression. */
bool adapters_read(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory)
{
	uint32_t n = snap_get32(r);

	(void)vcpu, (void)memory;
	if (r->bad || n > S390_ADAPTERS)
		return false;
	state->adapter_count = n;
	for (uint32_t i = 0; i < n; i++) {
		struct s390_adapter *a = &state->adapters[i];

		a->id = snap_get32(r);
		a->isc = snap_get8(r);
		a->maskable = snap_get8(r);
		a->swap = snap_get8(r);
		a->flags = snap_get8(r);
		a->masked = snap_get8(r);
		if (a->id >= S390_ADAPTERS || (i && a->id <= a[-1].id) || a->maskable > 1 || a->swap > 1 ||
		    a->masked > a->maskable)
			return false;
	}
	state->ais.offered = snap_get8(r);
	state->ais.simm = snap_get8(r);
	state->ais.nimm = snap_get8(r);
	return state->ais.offered <= 1 && (state->ais.offered || !(state->ais.simm | state->ais.nimm));
}

void routes_put(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	(void)vcpu;
	snap_put32(s, (uint32_t)state->routing.route_count);
	for (size_t i = 0; i < state->routing.route_count; i++) {
		const struct s390_route *at = &state->routing.routes[i];

		snap_put32(s, at->gsi);
		snap_put32(s, at->adapter);
		snap_put64(s, at->indicator);
		snap_put64(s, at->indicator_bit);
		snap_put64(s, at->summary);
		snap_put32(s, at->summary_bit);
		snap_put8(s, at->irqfd);
		snap_put64(s, at->signals);
	}
	snap_put32(s, (uint32_t)state->routing.notify_count);
	for (size_t i = 0; i < state->routing.notify_count; i++) {
		snap_put32(s, state->routing.notifies[i].subchannel);
		snap_put64(s, state->routing.notifies[i].queue);
		snap_put64(s, state->routing.notifies[i].count);
	}
}

static bool has_adapter(const struct arch_state *state, uint32_t id)
{
	for (size_t i = 0; i < state->adapter_count; i++)
		if (state->adapters[i].id == id)
			return true;
	return false;
}

/* An eventfd holds less than all ones. */
static bool route_ok(const struct arch_state *state, const struct s390_route *at, uint64_t memory)
{
	return !s390_route_wrong(at, memory) && has_adapter(state, at->adapter) &&
	       at->irqfd <= S390_IRQFD_ON && at->signals < UINT64_MAX &&
	       (at->irqfd != S390_IRQFD_NONE || !at->signals);
}

static bool read_routes(struct snap_reader *r, struct arch_state *state, uint64_t memory)
{
	uint32_t n = snap_get32(r);

	if (r->bad || n > S390_GSIS || n > snap_left(r) / ROUTE_BYTES)
		return false;
	state->routing.routes = n ? calloc(n, sizeof(*state->routing.routes)) : NULL;
	if (n && !state->routing.routes)
		return false;
	state->routing.route_count = n;
	for (uint32_t i = 0; i < n; i++) {
		struct s390_route *at = &state->routing.routes[i];

		at->gsi = snap_get32(r);
		at->adapter = snap_get32(r);
		at->indicator = snap_get64(r);
		at->indicator_bit = snap_get64(r);
		at->summary = snap_get64(r);
		at->summary_bit = snap_get32(r);
		at->irqfd = snap_get8(r);
		at->signals = snap_get64(r);
		if (!route_ok(state, at, memory) || (i && at->gsi <= at[-1].gsi))
			return false;
	}
	return true;
}

static bool known(const struct s390_notify *all, size_t count, const struct s390_notify *n)
{
	for (size_t i = 0; i < count; i++)
		if (all[i].subchannel == n->subchannel && all[i].queue == n->queue)
			return true;
	return false;
}

static bool read_notifies(struct snap_reader *r, struct arch_state *state)
{
	uint32_t n = snap_get32(r);

	if (r->bad || n > S390_NOTIFIES || n > snap_left(r) / NOTIFY_BYTES)
		return false;
	state->routing.notifies = n ? calloc(n, sizeof(*state->routing.notifies)) : NULL;
	if (n && !state->routing.notifies)
		return false;
	state->routing.notify_count = n;
	for (uint32_t i = 0; i < n; i++) {
		struct s390_notify *at = &state->routing.notifies[i];

		at->subchannel = snap_get32(r);
		at->queue = snap_get64(r);
		at->count = snap_get64(r);
		if (at->count == UINT64_MAX || known(state->routing.notifies, i, at))
			return false;
	}
	return true;
}

bool routes_read(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory)
{
	(void)vcpu;
	return read_routes(r, state, memory) && read_notifies(r, state);
}
