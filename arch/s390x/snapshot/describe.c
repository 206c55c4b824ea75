/* SPDX-License-Identifier: BSD-2-Clause */
/* describe.c: see describe.h. Registers that are zero are left out. */
#include "describe.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vmm/snapshot/outline.h"

#define PAGE 4096

static void hex_nth(struct outline *out, const char *name, unsigned n, uint64_t value)
{
	char path[24];

	snprintf(path, sizeof(path), "%s.%u", name, n);
	if (value)
		outline_hex(out, path, value);
}

/* --- interrupts ------------------------------------------------------- */

void s390_irq_all(const struct s390_irq *irq, char text[S390_IRQ_ALL])
{
	s390_irq_text(irq, text, S390_IRQ_ALL);
	s390_irq_text_rest(irq, text, S390_IRQ_ALL);
}

static void describe_irqs(const char *path, const struct s390_irq *irqs, size_t count, struct outline *out)
{
	char text[S390_IRQ_ALL];

	for (size_t i = 0; i < count; i++) {
		s390_irq_all(&irqs[i], text);
		outline_item(out, path, "%s", text);
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

static void describe_registers(const struct s390_cpu *cpu, struct outline *out)
{
	/* In the order of their numbers in codec.h. */
	static const char *const names[S390_REGS] = {
		"todpr", "cpu-timer",    "clock-comparator", "pp",
		"gbea",  "pfault-token", "pfault-compare",   "pfault-select"
	};

	describe_mp_state(cpu->mp_state, out);
	outline_hex(out, "psw.mask", cpu->psw_mask);
	outline_hex(out, "psw.address", cpu->psw_addr);
	outline_hex(out, "prefix", cpu->prefix);
	for (unsigned i = 0; i < S390_REGS; i++)
		outline_hex(out, names[i], cpu->reg[i]);
	outline_hex(out, "fpc", cpu->fpc);
	for (unsigned i = 0; i < 16; i++)
		hex_nth(out, "gpr", i, cpu->gpr[i]);
	for (unsigned i = 0; i < 16; i++)
		hex_nth(out, "cr", i, cpu->cr[i]);
	for (unsigned i = 0; i < 16; i++)
		hex_nth(out, "acr", i, cpu->acr[i]);
	for (unsigned i = 0; i < 16; i++)
		hex_nth(out, "fpr", i, cpu->fpr[i]);
}

static void describe_cpus(const struct arch_state *state, const struct codec_scope *scope,
                          struct outline *out)
{
	for (unsigned i = 0; i < state->cpu_count; i++) {
		const struct s390_cpu *cpu = &state->cpus[i];

		outline_at(out, "vcpu.%u", i);
		if (scope->kind == SNAP_VM)
			describe_registers(cpu, out);
		describe_irqs("pending", cpu->irqs, cpu->irq_count, out);
	}
}

/* --- adapters --------------------------------------------------------- */

static void describe_adapters(const struct arch_state *state, struct outline *out)
{
	for (size_t i = 0; i < state->adapter_count; i++) {
		const struct s390_adapter *a = &state->adapters[i];

		outline_at(out, "adapter.%u", a->id);
		outline_number(out, "isc", a->isc);
		outline_flag(out, "maskable", a->maskable);
		outline_flag(out, "masked", a->masked);
		outline_flag(out, "swap", a->swap);
		outline_hex(out, "flags", a->flags);
	}
	outline_at(out, "suppression");
	outline_flag(out, "offered", state->ais.offered);
	outline_hex(out, "single-mode", state->ais.simm);
	outline_hex(out, "no-interruptions-mode", state->ais.nimm);
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
			outline_item(out, "run", "0x%zx, %zu pages: 0x%02x", at * PAGE, next - at,
			             state->keys[at]);
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
	outline_hex(out, "tod", state->tod);
	outline_hex(out, "epoch", state->tod_epoch);
	if (state->keys)
		describe_keys(state, out);
}
