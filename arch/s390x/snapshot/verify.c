/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify.c: see describe.h. A restore asks these rules before it changes anything, so one stands here only if
 * no guest and no scenario can make KVM break it. An I/O interrupt of a subchannel that the machine does not
 * have, for one, breaks none: KVM takes any. What depends on this host's KVM is in arch_state_fits().
 */
#include <inttypes.h>
#include <string.h>

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
	static const uint8_t none[sizeof(irq->mchk.fixed_logout)];

	return !(irq->mchk.cr14 & ~(uint64_t)S390_CR14_CHANNEL_REPORT) && !irq->mchk.ext_damage_code &&
	       !irq->mchk.failing_storage_address && !memcmp(irq->mchk.fixed_logout, none, sizeof(none));
}

/* KVM holds so many of each kind that queues, and ENQUEUE fails at one more: half of the list is in then. */
static void check_queued(const struct checked *c)
{
	static const struct {
		uint32_t first, last;
		size_t max;
		const char *name;
	} kinds[] = {
		{ 0, S390_IO_MAX, S390_IO_QUEUE, "I/O interrupts" },
		{ S390_VIRTIO, S390_VIRTIO, S390_VIRTIO_QUEUE, "virtio interrupts" },
		{ S390_PFAULT_DONE, S390_PFAULT_DONE, S390_PFAULT_QUEUE, "completed page faults" },
	};

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		size_t n = 0;

		for (size_t i = 0; i < c->state->floating_count; i++)
			n += c->state->floating[i].type >= kinds[k].first &&
			     c->state->floating[i].type <= kinds[k].last;
		if (n > kinds[k].max)
			SAY(c, S390_TAG_FLOATING, 0, "%zu %s are pending, and KVM holds %zu", n,
			    kinds[k].name, kinds[k].max);
	}
}

/* Service signals and machine checks become one. */
static void check_floating(const struct checked *c)
{
	bool service = false, mchk = false;

	for (size_t i = 0; i < c->state->floating_count; i++) {
		const struct s390_irq *irq = &c->state->floating[i];

		if (irq->type <= S390_IO_MAX)
			check_io(c, i, irq);
		if (irq->type == S390_MCHK && !keeps_all(irq))
			SAY(c, S390_TAG_FLOATING, 0,
			    "interrupt %zu: of a floating machine check KVM keeps the code and CR14 %08x "
			    "alone",
			    i, S390_CR14_CHANNEL_REPORT);
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
