/* SPDX-License-Identifier: BSD-2-Clause */
/* describe.c: see describe.h. Registers that are zero are left out. */
#include "describe.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vmm/snapshot/outline.h"

#define PAGE 4096

/* --- interrupts ------------------------------------------------------- */

void s390_irq_all(const struct s390_irq *irq, char text[S390_IRQ_ALL])
{
	s390_irq_text(irq, text, S390_IRQ_ALL);
	s390_irq_text_rest(irq, text, S390_IRQ_ALL);
}

const char *s390_schid(const struct s390_irq *irq, char text[S390_SCHID])
{
	snprintf(text, S390_SCHID, "%x.%x.%04x", irq->io.subchannel_id >> 8, irq->io.subchannel_id >> 1 & 3,
	         irq->io.subchannel_nr);
	return text;
}

void s390_irq_members(const struct s390_irq *irq, s390_member *member, void *to)
{
	const struct s390_irq_type *type = s390_irq_type(irq->type);

	if (irq->type <= S390_IO_MAX) {
		member(to, "isc", s390_isc(irq->io.word), true);
		if (irq->type != S390_ADAPTER)
			member(to, "parm", irq->io.parm, false);
		return;
	}
	for (const struct s390_irq_field *f = s390_irq_first(type->payload); f->payload == type->payload;
	     f++) {
		uint64_t value = s390_irq_get(irq, f);

		if (f->word && (value || f->flags & (S390_NEEDED | S390_SEEN)))
			member(to, f->word, value, f->digits == S390_DECIMAL);
	}
}

static void add_member(void *out, const char *name, uint64_t value, bool decimal)
{
	if (decimal)
		outline_member_number(out, name, value);
	else
		outline_member(out, name, "0x%" PRIx64, value);
}

static void describe_irqs(const char *path, const struct s390_irq *irqs, size_t count, struct outline *out)
{
	char text[S390_IRQ_ALL], schid[S390_SCHID];

	for (size_t i = 0; i < count; i++) {
		s390_irq_all(&irqs[i], text);
		outline_item(out, path, "%s", text);
		outline_member(out, "type", "%s", s390_irq_word(&irqs[i]));
		if (irqs[i].type <= S390_IO_MAX && irqs[i].type != S390_ADAPTER)
			outline_member(out, "schid", "%s", s390_schid(&irqs[i], schid));
		s390_irq_members(&irqs[i], add_member, out);
	}
}

/* --- vCPUs ------------------------------------------------------------ */

static void describe_mp_state(uint8_t state, struct outline *out)
{
	switch (state) {
	case S390_MP_STOPPED: outline_text(out, "mp-state", "stopped"); break;
	case S390_MP_CHECK_STOP: outline_text(out, "mp-state", "check stop"); break;
	case S390_MP_OPERATING: outline_text(out, "mp-state", "operating"); break;
	case S390_MP_LOAD: outline_text(out, "mp-state", "load"); break;
	default: outline_text(out, "mp-state", "unknown (%u)", state);
	}
}

static void describe_cpus(const struct arch_state *state, const struct codec_scope *scope,
                          struct outline *out)
{
	for (unsigned i = 0; i < state->cpu_count; i++) {
		const struct s390_cpu *cpu = &state->cpus[i];

		outline_at(out, "vcpu.%u", i);
		if (scope->kind == SNAP_VM) {
			describe_mp_state(cpu->mp_state, out);
			fields_describe(s390_cpu_fields, cpu, out);
		}
		describe_irqs("pending", cpu->irqs, cpu->irq_count, out);
	}
}

/* --- adapters --------------------------------------------------------- */

static void describe_adapters(const struct arch_state *state, struct outline *out)
{
	for (size_t i = 0; i < state->adapter_count; i++) {
		outline_at(out, "adapter.%u", state->adapters[i].id);
		fields_describe(s390_adapter_fields, &state->adapters[i], out);
	}
	outline_at(out, "suppression");
	fields_describe(s390_ais_fields, &state->ais, out);
}

static void describe_routes(const struct arch_state *state, struct outline *out)
{
	static const char *const irqfds[] = { "none", "off", "on" };

	for (size_t i = 0; i < state->routing.route_count; i++) {
		const struct s390_route *at = &state->routing.routes[i];

		outline_at(out, "route.%u", at->gsi);
		outline_number(out, "adapter", at->adapter);
		outline_text(out, "indicator", "0x%" PRIx64 " bit %" PRIu64, at->indicator,
		             at->indicator_bit);
		outline_text(out, "summary", "0x%" PRIx64 " bit %u", at->summary, at->summary_bit);
		outline_text(out, "irqfd", "%s", irqfds[at->irqfd]);
		if (at->irqfd != S390_IRQFD_NONE)
			outline_number(out, "signals", at->signals);
	}
	for (size_t i = 0; i < state->routing.notify_count; i++) {
		const struct s390_notify *n = &state->routing.notifies[i];
		char path[32];

		outline_at(out, "notification.%08x", n->subchannel);
		snprintf(path, sizeof(path), "%" PRIu64, n->queue);
		outline_number(out, path, n->count);
	}
}

/* --- the rest --------------------------------------------------------- */

static void describe_key_run(size_t page, size_t count, uint8_t key, struct outline *out)
{
	outline_item(out, "run", "0x%zx, %zu pages: 0x%02x", page * PAGE, count, key);
	outline_member(out, "address", "0x%zx", page * PAGE);
	outline_member_number(out, "pages", count);
	outline_member(out, "key", "0x%02x", key);
}

/* Runs of pages that have the same key, which is not zero. */
static void describe_keys(const struct arch_state *state, struct outline *out)
{
	size_t next;

	outline_at(out, "storage-keys");
	outline_number(out, "pages", state->key_count);
	for (size_t at = 0; at < state->key_count; at = next) {
		for (next = at + 1; next < state->key_count && state->keys[next] == state->keys[at]; next++)
			;
		if (state->keys[at])
			describe_key_run(at, next - at, state->keys[at], out);
	}
}

void s390_describe(const struct arch_state *state, const struct codec_scope *scope, struct outline *out)
{
	describe_cpus(state, scope, out);
	outline_at(out, "%s", "");
	describe_irqs("floating", state->floating, state->floating_count, out);
	describe_adapters(state, out);
	describe_routes(state, out);
	if (scope->kind != SNAP_VM)
		return;
	device_states_describe(&state->devices, out);
	outline_at(out, "clock");
	fields_describe(s390_clock_fields, state, out);
	if (state->keys)
		describe_keys(state, out);
}
