/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify.c: see describe.h. A rule stands here if no guest and no scenario can
 * make KVM break it. An I/O interrupt of a subchannel that the machine does
 * not have, for one, is none: KVM takes any.
 */
#include <inttypes.h>
#include <string.h>

#include "describe.h"
#include "irq.h"
#include "vmm/outline.h"

/* What a rule looks at, and where it says what is wrong. */
struct checked {
	const struct arch_state *state;
	const struct codec_scope *scope;
	const struct snapshot *snap;
	struct outline *wrong;
};

#define SAY(c, tag, id, ...) codec_wrong((c)->wrong, (c)->snap, tag, id, __VA_ARGS__)

/* --- floating --------------------------------------------------------- */

static bool has_isc(const struct arch_state *state, unsigned isc)
{
	for (size_t i = 0; i < state->adapter_count; i++)
		if ((state->adapters[i].isc & 7) == isc)
			return true;
	return false;
}

/* The type says again what it is of, and the word again whether that is an adapter. */
static void check_io(const struct checked *c, size_t n, const struct s390_irq *irq)
{
	uint32_t like = (uint32_t)(irq->io.subchannel_id >> 1 & 3) << 16 | irq->io.subchannel_nr;
	bool adapter = irq->type == S390_ADAPTER;

	if (adapter != !!(irq->io.word & ADAPTER_BIT))
		SAY(c, S390_TAG_FLOATING, 0,
		    "interrupt %zu: type %08x, identification word %08x: of an adapter or not?", n, irq->type,
		    irq->io.word);
	else if (adapter && !has_isc(c->state, s390_isc(irq->io.word)))
		SAY(c, S390_TAG_FLOATING, 0, "interrupt %zu: no adapter is registered with ISC %u", n,
		    s390_isc(irq->io.word));
	else if (!adapter && irq->type != like)
		SAY(c, S390_TAG_FLOATING, 0, "interrupt %zu: type %08x is not of subchannel %04x%04x", n,
		    irq->type, irq->io.subchannel_id, irq->io.subchannel_nr);
}

/* Service signals and machine checks become one. */
static void check_floating(const struct checked *c)
{
	bool service = false, mchk = false;

	for (size_t i = 0; i < c->state->floating_count; i++) {
		const struct s390_irq *irq = &c->state->floating[i];

		if (irq->type <= S390_IO_MAX)
			check_io(c, i, irq);
		if ((irq->type == S390_SERVICE && service) || (irq->type == S390_MCHK && mchk))
			SAY(c, S390_TAG_FLOATING, 0, "interrupt %zu: two %s are pending", i,
			    irq->type == S390_MCHK ? "machine checks" : "service signals");
		service |= irq->type == S390_SERVICE;
		mchk |= irq->type == S390_MCHK;
	}
}

/* --- local ------------------------------------------------------------ */

static bool has_sender(uint32_t type)
{
	return type == S390_EMERGENCY || type == S390_EXTERNAL_CALL;
}

/* KVM keeps one of each type, and of emergency signals one from each sender. */
static bool same_place(const struct s390_irq *a, const struct s390_irq *b)
{
	return a->type == b->type && (a->type != S390_EMERGENCY || a->source == b->source);
}

static void check_local(const struct checked *c, unsigned vcpu)
{
	const struct s390_cpu *cpu = &c->state->cpus[vcpu];
	char text[96];

	for (size_t i = 0; i < cpu->irq_count; i++) {
		const struct s390_irq *irq = &cpu->irqs[i];
		size_t k = 0;

		s390_irq_text(irq, text, sizeof(text));
		while (k < i && !same_place(&cpu->irqs[k], irq))
			k++;
		if (k < i)
			SAY(c, S390_TAG_LOCAL, vcpu, "%s: another one is pending", text);
		if (has_sender(irq->type) && irq->source >= c->state->cpu_count)
			SAY(c, S390_TAG_LOCAL, vcpu, "%s: there are %u vCPUs", text, c->state->cpu_count);
		if (irq->type == S390_STOP && irq->stop_flags > 1)
			SAY(c, S390_TAG_LOCAL, vcpu, "%s: the one flag is 1", text);
		if (irq->type == S390_STOP && cpu->mp_state == S390_MP_STOPPED)
			SAY(c, S390_TAG_LOCAL, vcpu, "%s: the vCPU is stopped", text);
		if (irq->type == S390_SET_PREFIX && irq->prefix >= c->scope->memory)
			SAY(c, S390_TAG_LOCAL, vcpu, "%s: there is no memory", text);
	}
}

static void check_cpu(const struct checked *c, unsigned vcpu)
{
	const struct s390_cpu *cpu = &c->state->cpus[vcpu];

	if (cpu->mp_state < S390_MP_STOPPED || cpu->mp_state > S390_MP_LOAD)
		SAY(c, S390_TAG_CPU, vcpu, "there is no MP state %u", cpu->mp_state);
	if (cpu->prefix >= c->scope->memory || cpu->prefix % 8192)
		SAY(c, S390_TAG_CPU, vcpu, "no prefix can be %08x", cpu->prefix);
}

/* --- the rest --------------------------------------------------------- */

static void check_keys(const struct checked *c)
{
	size_t first = 0, count = 0;

	for (size_t i = c->state->key_count; i--;)
		if (c->state->keys[i] & 1) {
			first = i;
			count++;
		}
	if (count)
		SAY(c, S390_TAG_KEYS, 0, "%zu pages, the first at 0x%zx: a key has no last bit", count,
		    first * 4096);
}

void s390_check(const struct arch_state *state, const struct codec_scope *scope, const struct snapshot *snap,
                struct outline *wrong)
{
	struct checked c = { state, scope, snap, wrong };

	for (unsigned i = 0; i < state->cpu_count; i++) {
		check_local(&c, i);
		if (scope->kind == SNAP_VM)
			check_cpu(&c, i);
	}
	check_floating(&c);
	check_keys(&c);
}

/* --- an account's entry ------------------------------------------------ */

/* Those that leave a record, by the scenario's word; the others have no entry. */
static const struct {
	const char *name;
	enum s390_kind code;
	bool floats, local;
	uint16_t record;
} booked[] = {
	{ "io", KIND_IO, true, false, ABI_IO },
	{ "airq", KIND_AIRQ, true, false, ABI_IO },
	{ "irqfd", KIND_IRQFD, true, false, ABI_IO },
	{ "service", KIND_SERVICE, true, false, ABI_EXT },
	{ "virtio", KIND_VIRTIO, true, false, ABI_EXT },
	{ "pfault-done", KIND_PFAULT_DONE, true, false, ABI_EXT },
	{ "pfault-init", KIND_PFAULT_INIT, false, true, ABI_EXT },
	{ "emergency", KIND_EMERGENCY, false, true, ABI_EXT },
	{ "extcall", KIND_EXTERNAL_CALL, false, true, ABI_EXT },
	{ "timer", KIND_TIMER, false, true, ABI_EXT },
	{ "cpu-timer", KIND_TIMER, false, true, ABI_EXT },
	{ "mchk", KIND_MCHK, true, true, ABI_MCHK },
	{ "restart", KIND_RESTART, false, true, ABI_RESTART },
	{ "program", KIND_PROGRAM, false, true, ABI_PROGRAM },
};

bool s390_irq_possible(const struct irq *irq)
{
	size_t k = 0;

	while (k < sizeof(booked) / sizeof(booked[0]) && strcmp(booked[k].name, irq->kind))
		k++;
	return k < sizeof(booked) / sizeof(booked[0]) && booked[k].code == irq->code &&
	       booked[k].record == irq->want.kind &&
	       (irq->cpu == IRQ_ANY_CPU ? booked[k].floats : booked[k].local);
}
