/* SPDX-License-Identifier: BSD-2-Clause */
/* api_refuse_power9.c: see refuse.h. TAP; argv[1] is the test guest. */
#define TAKEN 3 /* the signal of the irqfd that is off stays there */

#include "arch/power9/cpu.h"
#include "arch/power9/registers.h"
#include "arch/power9/snapshot/codec.h"
#include "arch/power9/xive.h"
#include "refuse.h"

static void no_queue(struct arch_state *state)
{
	struct p9_source *s = &state->sources[state->source_count - 1];

	s->target = (struct p9_target){ false, 0, 6, 0x1000 };
}

static void masked(struct arch_state *state)
{
	state->sources[state->source_count - 1].target.priority = 7;
}

static void two_irqfds(struct arch_state *state)
{
	state->lines.all[1].source = state->lines.all[0].source;
}

static void small_queue(struct arch_state *state)
{
	state->queues[0].shift = 12;
	state->queues[0].len = 0;
	state->queues[0].index = 0;
}

static void large_queue(struct arch_state *state)
{
	state->queues[0].shift = 21;
	state->queues[0].addr = 0x400000;
}

static void flags(struct arch_state *state)
{
	state->queues[0].flags = 0;
}

static void register_unknown(struct arch_state *state)
{
	state->cpus[1].regs[7].id ^= 0x0f00;
}

static void register_missing(struct arch_state *state)
{
	state->cpus[1].reg_count--;
}

static void vpa(struct arch_state *state)
{
	state->cpus[1].regs[P9_REG_VPA_ADDR].value[0] = 0x10040;
}

static void log_alone(struct arch_state *state)
{
	state->cpus[1].regs[P9_REG_VPA_DTL] =
		(struct p9_reg){ p9_reg_nth(P9_REG_VPA_DTL).id, { 0x10000, 96 } };
}

static void hypervisor(struct arch_state *state)
{
	state->cpus[0].msr |= 1ULL << 60;
}

static void transaction(struct arch_state *state)
{
	state->cpus[0].msr |= 1ULL << 33;
}

static void ail(struct arch_state *state)
{
	state->cpus[0].regs[P9_REG_LPCR_64].value[0] ^= 1ULL << LPCR_AIL_SHIFT;
}

static void doorbell(struct arch_state *state)
{
	state->cpus[1].regs[P9_REG_DPDES].value[0] = 1;
}

/* As a guest can: it writes zeros over its queue, in which an event waits. */
static void spoiled_queue(struct arch_state *state)
{
	memset(state->queues[0].entries, 0, state->queues[0].len);
}

static void second_queue(struct arch_state *state)
{
	struct p9_queue more = { .server = state->queues[0].server, .priority = 6, .flags = 1, .shift = 16 };

	more.addr = 0x800000;
	more.toggle = 1;
	state->queues = reallocarray(state->queues, ++state->queue_count, sizeof(more));
	state->queues[state->queue_count - 1] = more;
}

static void xisr(struct arch_state *state)
{
	state->cpus[0].icp |= 0xabcdeULL << 32;
}

/* The last one ends the emulated host if it is not refused. */
static const struct refusal refusals[] = {
	{ no_queue, "points at server 0, priority 6, where there is no queue" },
	{ masked, "is masked, and of server 0, priority 7, which there is not" },
	{ two_irqfds, "section XLIN 0: source 1001 has two irqfds" },
	{ small_queue, "2^12 bytes, flags 1; KVM takes 2^16" },
	{ large_queue, "2^21 bytes, flags 1; KVM takes 2^16" },
	{ flags, "2^16 bytes, flags 0; KVM takes" },
	{ register_unknown, "section CPU 1: no register has the id" },
	{ register_missing, "section CPU 1: register 104000000000005f is missing" },
	{ vpa, "section CPU 1: a virtual processor area (10040, 0, 0)" },
	{ log_alone, "section CPU 1: an SLB shadow buffer or dispatch trace log without VPA" },
	{ hypervisor, "section CPU 0: MSR 9000" },
	{ transaction, "the vCPU is in a transaction" },
	{ ail, "this host's KVM does not have all of its modes" },
	{ doorbell, "section CPU 1: DPDES 1: a doorbell waits" },
};

static void test_xics(struct vm_config c)
{
	static const struct refusal of_icp = { xisr, "section ICP 0: XISR abcde is no source" };
	struct state_bytes whole = { 0 };
	struct vm vm;

	c.irqchip = "xics";
	if (start(&vm, &c, &err) || vm_pause(&vm, &err) || state_save(&vm, SNAP_VM, &whole, &err)) {
		ok(false, "a VM with XICS (%s)", err.text);
		return;
	}
	refuse(&vm, &whole, &whole, &of_icp);
	free(whole.bytes);
	vm_destroy(&vm);
}

int main(int argc, char **argv)
{
	static const struct refusal of_queue = { second_queue, "KVM on this host can have one queue a vCPU" };
	struct state_bytes whole = { 0 }, spoiled = { 0 };
	struct vm_config c;
	struct vm vm;

	power9 = true;
	if (api_begin(argc, argv))
		return 1;
	c = config(arch_info.ram_default, 2);
	test_xics(c);
	if (skipped_for_pages("what is refused of a XIVE"))
		return api_end();
	if (make(&vm, &c) || state_save(&vm, SNAP_VM, &whole, &err)) {
		ok(false, "a VM with a snapshot (%s)", err.text);
		return api_end();
	}
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		refuse(&vm, &whole, &whole, &refusals[i]);
	if (xive_single_escalation())
		refuse(&vm, &whole, &whole, &of_queue);
	goes_on(&vm);
	ok(!spoil(&whole, spoiled_queue, &spoiled) && !state_load(&vm, &spoiled, false, &err),
	   "what a guest has done to its queue is no reason to refuse it (%s)", err.text);
	free(spoiled.bytes);
	free(whole.bytes);
	vm_destroy(&vm);
	return api_end();
}
