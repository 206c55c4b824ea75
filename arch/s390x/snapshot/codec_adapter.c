/* SPDX-License-Identifier: BSD-2-Clause */
/* codec_adapter.c: see codec_adapter.h. */
#include "codec_adapter.h"

#include <stdlib.h>

#include "describe.h"

#define ADAPTER(...) FIELD(struct s390_adapter, __VA_ARGS__)
const struct field s390_adapter_fields[] = {
	ADAPTER(id, 1, S390_ADAPTERS - 1),
	ADAPTER(isc, 1, 0, FIELD_NUMBER, 1, "isc"),
	ADAPTER(maskable, 1, 1, FIELD_FLAG, 2, "maskable"),
	ADAPTER(swap, 1, 1, FIELD_FLAG, 4, "swap"),
	ADAPTER(flags, 1, 0, FIELD_HEX, 5, "flags"),
	ADAPTER(masked, 1, 1, FIELD_FLAG, 3, "masked"),
	{ 0 },
};

#define AIS(...) FIELD(struct s390_ais, __VA_ARGS__)
const struct field s390_ais_fields[] = {
	AIS(offered, 1, 1, FIELD_FLAG, 1, "offered"),
	AIS(simm, 1, 0, FIELD_HEX, 2, "single-mode"),
	AIS(nimm, 1, 0, FIELD_HEX, 3, "no-interruptions-mode"),
	{ 0 },
};

/* A description shows two of these in a line. */
#define ROUTE(...) FIELD(struct s390_route, __VA_ARGS__)
static const struct field route_fields[] = { ROUTE(gsi, 1),
	                                     ROUTE(adapter, 1),
	                                     ROUTE(indicator, 1),
	                                     ROUTE(indicator_bit, 1),
	                                     ROUTE(summary, 1),
	                                     ROUTE(summary_bit, 1),
	                                     ROUTE(irqfd, 1, S390_IRQFD_ON),
	                                     ROUTE(signals, 1),
	                                     { 0 } };

#define NOTIFY(...) FIELD(struct s390_notify, __VA_ARGS__)
static const struct field notify_fields[] = {
	NOTIFY(subchannel, 1), NOTIFY(queue, 1), NOTIFY(count, 1), { 0 }
};

#define ROUTE_BYTES  45
#define NOTIFY_BYTES 20

void adapters_put(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	(void)vcpu;
	snap_put32(s, (uint32_t)state->adapter_count);
	for (size_t i = 0; i < state->adapter_count; i++)
		fields_put(s, s390_adapter_fields, &state->adapters[i]);
	fields_put(s, s390_ais_fields, &state->ais);
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

		fields_get(r, s390_adapter_fields, a);
		if (r->bad || (i && a->id <= a[-1].id) || a->masked > a->maskable)
			return false;
	}
	fields_get(r, s390_ais_fields, &state->ais);
	return state->ais.offered || !(state->ais.simm | state->ais.nimm);
}

void routes_put(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	(void)vcpu;
	snap_put32(s, (uint32_t)state->routing.route_count);
	for (size_t i = 0; i < state->routing.route_count; i++)
		fields_put(s, route_fields, &state->routing.routes[i]);
	snap_put32(s, (uint32_t)state->routing.notify_count);
	for (size_t i = 0; i < state->routing.notify_count; i++)
		fields_put(s, notify_fields, &state->routing.notifies[i]);
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
	return !s390_route_wrong(at, memory) && has_adapter(state, at->adapter) && at->signals < UINT64_MAX &&
	       (at->irqfd != S390_IRQFD_NONE || !at->signals);
}

static bool read_routes(struct snap_reader *r, struct arch_state *state, uint64_t memory)
{
	uint32_t n = snap_get32(r);

	if (r->bad || n > S390_GSIS || n > snap_left(r) / ROUTE_BYTES)
		return false;
	state->routing.routes = n ? snap_alloc(r, n, sizeof(*state->routing.routes)) : NULL;
	if (n && !state->routing.routes)
		return false;
	state->routing.route_count = n;
	for (uint32_t i = 0; i < n; i++) {
		struct s390_route *at = &state->routing.routes[i];

		fields_get(r, route_fields, at);
		if (r->bad || !route_ok(state, at, memory) || (i && at->gsi <= at[-1].gsi))
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
	state->routing.notifies = n ? snap_alloc(r, n, sizeof(*state->routing.notifies)) : NULL;
	if (n && !state->routing.notifies)
		return false;
	state->routing.notify_count = n;
	for (uint32_t i = 0; i < n; i++) {
		struct s390_notify *at = &state->routing.notifies[i];

		fields_get(r, notify_fields, at);
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
