/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify.c: see describe.h. A restore asks p9_check() before it changes anything, so
 * a rule stands here only if no guest and no scenario can make KVM break it. What
 * depends on this host's KVM is in arch_state_fits().
 */
#include <inttypes.h>

#include "describe.h"
#include "queue.h"
#include "vmm/snapshot/outline.h"

/* What a rule looks at, and where it says what is wrong. */
struct checked {
	const struct arch_state *state;
	const struct snapshot *snap;
	uint64_t memory;
	struct outline *wrong;
};

#define SAY(c, tag, id, ...) codec_wrong((c)->wrong, (c)->snap, tag, id, __VA_ARGS__)

/* Power ISA Book III, MSR: hypervisor state; a transaction is suspended, or under way. */
#define MSR_HV (1ULL << 60)
#define MSR_TS (3ULL << 33)

/* What KVM asks of areas that a guest registers (LoPAR, H_REGISTER_VPA). */
#define VPA_ALIGN 128
#define DTL_ENTRY 48

/* KVM encodes it so wide; the first bit of an entry is the generation. */
#define EISN_MAX    0x7fffffffu
#define QUEUE_SHIFT 16 /* of the queues that KVM takes, which the device tree tells the guest */
#define QUEUE_FLAGS 1  /* always notify: KVM knows no other */

static bool vpa_fits(const struct checked *c, uint64_t addr, uint64_t len)
{
	return !addr || (addr % VPA_ALIGN == 0 && addr < c->memory && len <= c->memory - addr);
}

/* Where the register stands in the table, likely at hint; as many as there are: nowhere. */
static size_t place_of(uint64_t id, size_t hint)
{
	size_t n = 0;

	if (hint < p9_reg_count() && p9_reg_nth(hint).id == id)
		return hint;
	while (n < p9_reg_count() && p9_reg_nth(n).id != id)
		n++;
	return n;
}

/* Registers that KVM would refuse, or change, or that could bring the host down. They are all there, in
 * order. */
static void check_values(const struct checked *c, unsigned vcpu)
{
	const struct p9_cpu *cpu = &c->state->cpus[vcpu];
	const uint64_t dpdes = cpu->regs[P9_REG_DPDES].value[0], *vpa = cpu->regs[P9_REG_VPA_ADDR].value;
	const uint64_t *slb = cpu->regs[P9_REG_VPA_SLB].value, *dtl = cpu->regs[P9_REG_VPA_DTL].value;

	if (dpdes)
		SAY(c, P9_TAG_CPU, vcpu,
		    "DPDES %" PRIx64 ": a doorbell waits, but each vCPU is a core of its own, where no other "
		    "thread could ring it",
		    dpdes);
	if (cpu->msr & MSR_HV)
		SAY(c, P9_TAG_CPU, vcpu, "MSR %" PRIx64 ": a guest is never in hypervisor state", cpu->msr);
	if (cpu->msr & MSR_TS)
		SAY(c, P9_TAG_CPU, vcpu,
		    "MSR %" PRIx64 ": the vCPU is in a transaction, whose state no snapshot has", cpu->msr);
	if (!vpa_fits(c, vpa[0], 0) || !vpa_fits(c, slb[0], slb[1]) || !vpa_fits(c, dtl[0], dtl[1]))
		SAY(c, P9_TAG_CPU, vcpu,
		    "a virtual processor area (%" PRIx64 ", %" PRIx64 ", %" PRIx64
		    ") is outside memory, or not aligned to %d bytes",
		    vpa[0], slb[0], dtl[0], VPA_ALIGN);
	if ((slb[0] || dtl[0]) && !vpa[0])
		SAY(c, P9_TAG_CPU, vcpu, "an SLB shadow buffer or dispatch trace log without VPA");
	if (dtl[0] && dtl[1] < DTL_ENTRY)
		SAY(c, P9_TAG_CPU, vcpu, "a dispatch trace log of %" PRIu64 " bytes has no entry", dtl[1]);
}

/* Each register once, in the order that KVM wants, and none that KVM would not know. */
static void check_registers(const struct checked *c, unsigned vcpu)
{
	const struct p9_cpu *cpu = &c->state->cpus[vcpu];
	bool seen[P9_REGS_MAX] = { false }, good = true;
	size_t at = 0;

	for (unsigned i = 0; i < cpu->reg_count; i++) {
		size_t n = place_of(cpu->regs[i].id, i);

		good &= n < p9_reg_count() && !seen[n];
		if (n == p9_reg_count())
			SAY(c, P9_TAG_CPU, vcpu, "no register has the id %" PRIx64, cpu->regs[i].id);
		else if (seen[n])
			SAY(c, P9_TAG_CPU, vcpu, "register %" PRIx64 " stands twice", cpu->regs[i].id);
		else
			seen[n] = true;
	}
	while (at < cpu->reg_count && cpu->regs[at].id == p9_reg_nth(at).id)
		at++;
	if (at == p9_reg_count())
		check_values(c, vcpu);
	else if (good)
		SAY(c, P9_TAG_CPU, vcpu, "register %" PRIx64 " is missing, or not in its place",
		    p9_reg_nth(at).id);
}

static const struct p9_queue *queue_at(const struct arch_state *state, const struct p9_target *t)
{
	size_t low = 0, high = state->queue_count;
	uint64_t key = (uint64_t)t->server << 8 | t->priority;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct p9_queue *q = &state->queues[middle];

		if (((uint64_t)q->server << 8 | q->priority) == key)
			return q;
		if (((uint64_t)q->server << 8 | q->priority) < key)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/*
 * KVM sends what points at no queue to another vCPU, or refuses it. A masked source
 * keeps its place in a queue. PQ and the entries of queues follow no rule: a guest
 * sets PQ as it likes, gives a source another EISN while an event of it waits, masks
 * it while it triggers (P, and no entry anywhere), and writes to its queues.
 */
static void check_sources(const struct checked *c)
{
	for (size_t i = 0; i < c->state->source_count; i++) {
		const struct p9_source *s = &c->state->sources[i];
		const struct p9_target *t = &s->target;

		if (t->eisn > EISN_MAX)
			SAY(c, P9_TAG_SOURCES, 0, "source %x: no EISN can be 0x%x", s->lisn, t->eisn);
		if (t->masked && (t->priority >= P9_PRIORITIES || !p9_has_server(c->state, t->server)))
			SAY(c, P9_TAG_SOURCES, 0,
			    "source %x is masked, and of server %u, priority %u, which there is not", s->lisn,
			    t->server, t->priority);
		if (!t->masked && !queue_at(c->state, t))
			SAY(c, P9_TAG_SOURCES, 0,
			    "source %x points at server %u, priority %u, where there is no queue", s->lisn,
			    t->server, t->priority);
	}
}

static void check_queues(const struct checked *c)
{
	for (size_t i = 0; i < c->state->queue_count; i++) {
		const struct p9_queue *q = &c->state->queues[i];

		if (q->shift != QUEUE_SHIFT || q->flags != QUEUE_FLAGS)
			SAY(c, P9_TAG_QUEUES, 0,
			    "queue of server %u, priority %u: 2^%u bytes, flags %x; KVM takes 2^%d and %x "
			    "alone",
			    q->server, q->priority, q->shift, q->flags, QUEUE_SHIFT, QUEUE_FLAGS);
	}
}

static void check_lines(const struct checked *c)
{
	const struct p9_line *lines = c->state->lines.all;

	for (size_t i = 0; i < c->state->lines.count; i++) {
		const struct p9_source *s = p9_source_at(c->state, lines[i].source);

		if (!s || s->lsi)
			SAY(c, P9_TAG_LINES, 0, "an irqfd of %x, which is no message source",
			    lines[i].source);
		for (size_t k = 0; k < i; k++)
			if (lines[k].source == lines[i].source)
				SAY(c, P9_TAG_LINES, 0, "source %x has two irqfds", lines[i].source);
	}
}

/* XICS: what was taken and not ended is an IPI, or one of the sources. */
static void check_icp(const struct checked *c, unsigned vcpu)
{
	uint32_t xisr = P9_ICP_XISR(c->state->cpus[vcpu].icp);

	if (xisr && xisr != XICS_IPI && !p9_source_at(c->state, xisr))
		SAY(c, P9_TAG_ICP, vcpu, "XISR %x is no source", xisr);
}

void p9_check(const struct arch_state *state, const struct codec_scope *scope, const struct snapshot *snap,
              struct outline *wrong)
{
	struct checked c = { .state = state, .snap = snap, .memory = scope->memory, .wrong = wrong };

	for (unsigned i = 0; i < state->cpu_count; i++) {
		if (scope->kind == SNAP_VM)
			check_registers(&c, i);
		if (state->model == &p9_xics)
			check_icp(&c, i);
	}
	check_lines(&c);
	if (!state->model->queues)
		return;
	check_sources(&c);
	check_queues(&c);
}
