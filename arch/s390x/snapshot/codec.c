/* SPDX-License-Identifier: BSD-2-Clause */
/* codec.c: the sections of an s390x snapshot. Pure. Read next: state.c. */
#include "codec.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "codec_adapter.h"
#include "describe.h"
#include "arch/s390x/watchdog_state.h"
#include "devices/css/channel_state.h"
#include "devices/sclp/sclp.h"
#include "devices/virtio/virtio_blk.h"
#include "devices/virtio/virtio_ccw.h"
#include "devices/virtio/virtio_console.h"
#include "devices/virtio/virtio_net.h"
#include "devices/virtio/virtio_rng.h"
#include "vmm/snapshot/codec.h"

static struct arch_state *create(void)
{
	return calloc(1, sizeof(struct arch_state));
}

static void dispose(struct arch_state *state)
{
	if (!state)
		return;
	for (unsigned i = 0; i < state->cpu_count; i++)
		free(state->cpus[i].irqs);
	free(state->cpus);
	free(state->floating);
	free(state->keys);
	free(state->routing.routes);
	free(state->routing.notifies);
	device_states_free(&state->devices);
	free(state);
}

/* --- one interrupt ---------------------------------------------------- */

static void put_irq(struct snap_section *s, const struct s390_irq *irq)
{
	const struct s390_irq_type *t = s390_irq_type(irq->type);

	snap_put32(s, irq->type);
	if (!t)
		return;
	for (const struct s390_irq_field *f = s390_irq_first(t->payload); f->payload == t->payload; f++)
		snap_put_number(s, f->size, s390_irq_get(irq, f));
}

/* Into zeros. False: a type that cannot be pending where `how` says it was. */
static bool get_irq(struct snap_reader *r, struct s390_irq *irq, unsigned how)
{
	const struct s390_irq_type *t = s390_irq_type(irq->type = snap_get32(r));

	if (!t)
		return false;
	for (const struct s390_irq_field *f = s390_irq_first(t->payload); f->payload == t->payload; f++)
		s390_irq_set(irq, f, snap_get_number(r, f->size));
	return t->pending & how;
}

/* --- sections --------------------------------------------------------- */

static void put_irqs(struct snap_section *s, const struct s390_irq *irqs, size_t count)
{
	snap_put32(s, (uint32_t)count);
	for (size_t i = 0; i < count; i++)
		put_irq(s, &irqs[i]);
}

#define CPU(...) FIELD(struct s390_cpu, __VA_ARGS__)
const struct field s390_cpu_fields[] = {
	CPU(psw_mask, 1, 0, FIELD_HEX, 1, "psw.mask"),
	CPU(psw_addr, 1, 0, FIELD_HEX, 2, "psw.address"),
	CPU(gpr[0], 16, 0, FIELD_SET, 13, "gpr"),
	CPU(cr[0], 16, 0, FIELD_SET, 14, "cr"),
	CPU(fpr[0], 16, 0, FIELD_SET, 16, "fpr"),
	CPU(acr[0], 16, 0, FIELD_SET, 15, "acr"),
	CPU(fpc, 1, 0, FIELD_HEX, 12, "fpc"),
	CPU(prefix, 1, 0, FIELD_HEX, 3, "prefix"),
	CPU(reg[S390_REG_TODPR], 1, 0, FIELD_HEX, 4, "todpr"),
	CPU(reg[S390_REG_CPU_TIMER], 1, 0, FIELD_HEX, 5, "cpu-timer"),
	CPU(reg[S390_REG_CLOCK_COMP], 1, 0, FIELD_HEX, 6, "clock-comparator"),
	CPU(reg[S390_REG_PP], 1, 0, FIELD_HEX, 7, "pp"),
	CPU(reg[S390_REG_GBEA], 1, 0, FIELD_HEX, 8, "gbea"),
	CPU(reg[S390_REG_PFTOKEN], 1, 0, FIELD_HEX, 9, "pfault-token"),
	CPU(reg[S390_REG_PFCOMPARE], 1, 0, FIELD_HEX, 10, "pfault-compare"),
	CPU(reg[S390_REG_PFSELECT], 1, 0, FIELD_HEX, 11, "pfault-select"),
	CPU(mp_state, 1), /* shown as a word, before the others */
	{ 0 },
};

static void put_cpu(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	fields_put(s, s390_cpu_fields, &state->cpus[vcpu]);
}

static bool get_cpu(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory)
{
	(void)memory;
	fields_get(r, s390_cpu_fields, &state->cpus[vcpu]);
	return !r->bad && !snap_left(r);
}

/* The list's length is believed only as far as there are bytes for it (an entry has six at least). */
static bool get_irqs(struct snap_reader *r, unsigned how, size_t max, struct s390_irq **irqs, size_t *count)
{
	uint32_t n = snap_get32(r);

	if (r->bad || n > max || n > snap_left(r) / 6)
		return false;
	*irqs = n ? snap_alloc(r, n, sizeof(**irqs)) : NULL;
	if (n && !*irqs)
		return false;
	*count = n;
	for (uint32_t i = 0; i < n; i++)
		if (!get_irq(r, &(*irqs)[i], how))
			return false;
	return true;
}

static void put_local(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	put_irqs(s, state->cpus[vcpu].irqs, state->cpus[vcpu].irq_count);
}

static bool get_local(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory)
{
	(void)memory;
	return get_irqs(r, S390_LOCAL, S390_LOCAL_MAX, &state->cpus[vcpu].irqs, &state->cpus[vcpu].irq_count);
}

static void put_floating(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	(void)vcpu;
	put_irqs(s, state->floating, state->floating_count);
}

static bool get_floating(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory)
{
	(void)vcpu, (void)memory;
	return get_irqs(r, S390_FLOATS, S390_FLOATING_MAX, &state->floating, &state->floating_count);
}

const struct field s390_clock_fields[] = {
	FIELD(struct arch_state, tod_epoch, 1, 0, FIELD_HEX, 2, "epoch"),
	FIELD(struct arch_state, tod, 1, 0, FIELD_HEX, 1, "tod"),
	{ 0 },
};

static void put_clock(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	(void)vcpu;
	fields_put(s, s390_clock_fields, state);
}

static bool get_clock(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory)
{
	(void)vcpu, (void)memory;
	fields_get(r, s390_clock_fields, state);
	return true;
}

static bool has_keys(const struct arch_state *state)
{
	return state->keys;
}

static void put_keys(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	(void)vcpu;
	snap_put(s, state->keys, state->key_count);
}

static bool get_keys(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory)
{
	size_t count = snap_left(r);

	(void)vcpu;
	if (count != memory / 4096)
		return false;
	state->keys = snap_alloc(r, count, 1);
	if (!state->keys)
		return false;
	memcpy(state->keys, snap_get(r, count), count);
	state->key_count = count;
	return true;
}

static const struct codec_section sections[] = {
	{ S390_TAG_CPU, 1, true, false, NULL, put_cpu, get_cpu },
	{ S390_TAG_LOCAL, 1, true, true, NULL, put_local, get_local },
	{ S390_TAG_FLOATING, 1, false, true, NULL, put_floating, get_floating },
	{ S390_TAG_ADAPTERS, 1, false, true, NULL, adapters_put, adapters_read },
	{ S390_TAG_ROUTES, 1, false, true, NULL, routes_put, routes_read },
	{ .tag = SECTIONS_OF_DEVICES },
	{ S390_TAG_CLOCK, 1, false, false, NULL, put_clock, get_clock },
	{ S390_TAG_KEYS, 1, false, false, has_keys, put_keys, get_keys },
	{ 0 },
};

/* The devices that the machine can have. */
static const struct device_row devices[] = {
	{ &css_section, 1, 1 },
	{ &sclp_section, 1, 1 },
	{ &watchdog_section, 1, 1 },
	{ &virtio_blk_section, 0, CSS_SUBCHANNELS - 1 },
	{ &virtio_net_section, 0, CSS_SUBCHANNELS - 1 },
	{ &virtio_rng_section, 0, CSS_SUBCHANNELS - 1 },
	{ &virtio_console_section, 0, CSS_SUBCHANNELS - 1 },
	{ &virtio_ccw_section, 0, CSS_SUBCHANNELS - 1 },
	{ 0 },
};

static bool room(struct arch_state *state, unsigned vcpus)
{
	state->cpus = calloc(vcpus, sizeof(*state->cpus));
	state->cpu_count = state->cpus ? vcpus : 0;
	return state->cpus;
}

/* --- for people ------------------------------------------------------- */

static unsigned pending(const struct arch_state *state)
{
	unsigned count = (unsigned)state->floating_count;

	for (size_t i = 0; i < state->routing.route_count; i++)
		count += state->routing.routes[i].signals != 0;
	for (unsigned c = 0; c < state->cpu_count; c++)
		count += (unsigned)state->cpus[c].irq_count;
	return count;
}

static const char *const pending_paths[] = { "floating", "vcpu.*.pending", NULL };
static const char *const irq_paths[] = { "floating", "vcpu.*.pending", "adapter.*", "suppression.*",
	                                 "route.*",  "notification.*", NULL };
static const char *const clock_paths[] = { "vcpu.*.cpu-timer", "vcpu.*.todpr", NULL };

const struct state_codec s390x_codec = {
	.arch = "s390x",
	.sections = sections,
	.devices = devices,
	.device_states = offsetof(struct arch_state, devices),
	.create = create,
	.free = dispose,
	.room = room,
	.pending = pending,
	.answer = s390_pending,
	.core = &s390_core,
	.core_notes = s390_core_notes,
	.pending_paths = pending_paths,
	.irq_paths = irq_paths,
	.clock_paths = clock_paths,
	.describe = s390_describe,
	.check = s390_check,
};
