/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify.c: see describe.h. A restore asks these rules before it changes anything, so one stands here only if
 * no guest and no scenario can make KVM break it. An I/O interrupt of a subchannel that the machine does not
 * have, for one, breaks none: KVM takes any. What depends on this host's KVM is in arch_state_fits().
 */
#include <inttypes.h>

#include "describe.h"
#include "vmm/snapshot/outline.h"
#include "vmm/snapshot/section_vm.h"

/* Bits of the floating-point-control register that no facility uses (Principles of Operation, ch. 19). */
#define FPC_RESERVED 0x03030088u

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

	if (adapter != !!(irq->io.word & S390_ADAPTER_BIT))
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

/* Of a floating machine check KVM keeps the code, and that it is a channel report. */
static bool keeps_all(const struct s390_irq *irq)
{
	return !(irq->mchk.cr14 & ~(uint64_t)S390_CR14_CHANNEL_REPORT) && !irq->mchk.ext_damage_code &&
	       !irq->mchk.failing_storage_address && !irq->mchk.fixed_logout[0] && !irq->mchk.fixed_logout[1];
}

/* KVM holds so many of each kind that queues, and ENQUEUE fails at one more: half of the list is in then. */
static void check_queued(const struct checked *c)
{
	for (const struct s390_irq_type *t = s390_irq_types; t < s390_irq_types_end; t++) {
		size_t n = 0;

		if (!(t->pending & S390_QUEUES))
			continue;
		for (size_t i = 0; i < c->state->floating_count; i++)
			n += s390_irq_type(c->state->floating[i].type) == t;
		if (n > t->max)
			SAY(c, S390_TAG_FLOATING, 0, "%zu %s are pending, and KVM holds %zu", n, t->several,
			    t->max);
	}
}

/* Service signals and machine checks become one. */
static void check_floating(const struct checked *c)
{
	bool seen[32] = { false };

	for (size_t i = 0; i < c->state->floating_count; i++) {
		const struct s390_irq *irq = &c->state->floating[i];
		const struct s390_irq_type *t = s390_irq_type(irq->type);

		if (irq->type <= S390_IO_MAX)
			check_io(c, i, irq);
		if (irq->type == S390_MCHK && !keeps_all(irq))
			SAY(c, S390_TAG_FLOATING, 0,
			    "interrupt %zu: of a floating machine check KVM keeps the code and CR14 %08x "
			    "alone",
			    i, S390_CR14_CHANNEL_REPORT);
		if (!(t->pending & S390_QUEUES) && seen[t - s390_irq_types])
			SAY(c, S390_TAG_FLOATING, 0, "interrupt %zu: two %s are pending", i, t->several);
		seen[t - s390_irq_types] = true;
	}
}

/* --- local ------------------------------------------------------------ */

static bool has_sender(const struct s390_irq *irq)
{
	return s390_irq_type(irq->type)->payload == S390_PAYLOAD_SENDER;
}

static void check_local(const struct checked *c, unsigned vcpu)
{
	const struct s390_cpu *cpu = &c->state->cpus[vcpu];
	char text[96];

	for (size_t i = 0; i < cpu->irq_count; i++) {
		const struct s390_irq *irq = &cpu->irqs[i];
		size_t k = 0;

		s390_irq_text(irq, text, sizeof(text));
		while (k < i && !s390_irq_excludes(&cpu->irqs[k], irq))
			k++;
		if (k < i)
			SAY(c, S390_TAG_LOCAL, vcpu, "%s: another one is pending", text);
		if (has_sender(irq) && irq->source >= c->state->cpu_count)
			SAY(c, S390_TAG_LOCAL, vcpu, "%s: there are %u vCPUs", text, c->state->cpu_count);
		if (irq->type == S390_STOP && irq->stop_flags > 1)
			SAY(c, S390_TAG_LOCAL, vcpu, "%s: the one flag is 1", text);
		if (irq->type == S390_STOP && cpu->mp_state == S390_MP_STOPPED)
			SAY(c, S390_TAG_LOCAL, vcpu, "%s: the vCPU is stopped", text);
		if (irq->type == S390_SET_PREFIX && irq->prefix >= c->scope->memory)
			SAY(c, S390_TAG_LOCAL, vcpu, "%s: there is no memory", text);
		if (irq->type == S390_MCHK && !(irq->mchk.mcic & S390_MCIC_LOCAL))
			SAY(c, S390_TAG_LOCAL, vcpu, "%s: it is neither exigent nor repressible", text);
	}
}

/* KVM_RUN of a vCPU that is stopped is EINVAL. */
static void check_mp_state(const struct checked *c, unsigned vcpu)
{
	unsigned mp_state = c->state->cpus[vcpu].mp_state;

	if (mp_state != S390_MP_STOPPED && mp_state != S390_MP_OPERATING)
		SAY(c, S390_TAG_CPU, vcpu, "MP state %u: KVM takes %u (stopped) and %u (operating) alone",
		    mp_state, S390_MP_STOPPED, S390_MP_OPERATING);
	else if (mp_state == S390_MP_STOPPED && c->scope->flags[vcpu] & SECTION_ONLINE)
		SAY(c, S390_TAG_CPU, vcpu, "MP state %u, but section VM says that it runs", mp_state);
}

static void check_cpu(const struct checked *c, unsigned vcpu)
{
	const struct s390_cpu *cpu = &c->state->cpus[vcpu];

	check_mp_state(c, vcpu);
	if (cpu->prefix >= c->scope->memory || cpu->prefix % 8192)
		SAY(c, S390_TAG_CPU, vcpu, "no prefix can be %08x", cpu->prefix);
	if (cpu->fpc & FPC_RESERVED)
		SAY(c, S390_TAG_CPU, vcpu, "FPC %08x has bits that are reserved", cpu->fpc);
	if (cpu->reg[S390_REG_TODPR] > UINT32_MAX)
		SAY(c, S390_TAG_CPU, vcpu, "the TOD programmable register has 32 bits: %" PRIx64,
		    cpu->reg[S390_REG_TODPR]);
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
	check_queued(&c);
	check_keys(&c);
}
