/* SPDX-License-Identifier: BSD-2-Clause */
/* describe.c: a POWER9 machine's state in words, and what cannot be in one. */
#include "arch/power9/snapshot/codec.h"
#include "arch/power9/snapshot/queue.h"
#include "arch/power9/registers.h"
#include "devices/hvterm.h"
#include "tests/unit/words_of.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const uint8_t flags[2] = { SECTION_ONLINE, 0 };
static const struct codec_scope vm = { SNAP_VM, 2, 8, 1 << 20, flags },
				irq = { SNAP_IRQ, 2, 8, 1 << 20, flags };

/* Of vCPU 0's queue source 0x1000 has one entry that waits; 0x1001 points there too; 0x1002 at vCPU 1's. */
static const struct p9_source sources[] = {
	{ .lisn = 0, .target = { .masked = true }, .pq = PQ_OFF },
	{ .lisn = 0xf80, .lsi = true, .asserted = true, .target = { false, 0, 5, 0xf80 } },
	{ .lisn = 0x1000, .target = { false, 0, 5, 0x100 }, .pq = PQ_P },
	{ .lisn = 0x1001, .target = { false, 0, 5, 0x101 } },
	{ .lisn = 0x1002, .target = { false, 8, 3, 0x102 }, .pq = PQ_P | PQ_Q },
	{ .lisn = 0x1003, .target = { true, 8, 3, 0x103 } },
};

/* The first queue has gone round once: entries of the new generation end at index 1. */
static const uint8_t first[] = { 0, 0, 1, 0, 0x80, 0, 1, 0, 0x80, 0, 1, 1, 0x80, 0, 1, 1 };
static const uint8_t second[] = { 0x80, 0, 1, 2 };

static struct arch_state *build(void)
{
	struct arch_state *state = power9_codec.create();

	state->cpu_count = 2;
	state->cpus = calloc(2, sizeof(*state->cpus));
	state->cpus[1].server = 8;
	state->cpus[0].pc = 0x1234;
	state->cpus[0].gpr[31] = 0x31;
	state->cpus[0].sprg[2] = 0x22;
	memcpy(&state->cpus[1].vp_state, "\x80\xff\x04\xff\x01\xff\x02\x03", 8);
	for (size_t i = 0; i < p9_reg_count(); i++) {
		bool any = i != P9_REG_DPDES && i != P9_REG_VPA_ADDR && i != P9_REG_VPA_SLB &&
		           i != P9_REG_VPA_DTL;

		state->cpus[0].regs[i] = (struct p9_reg){ p9_reg_nth(i).id, { any ? i + 1 : 0, i == 50 } };
		state->cpus[1].regs[i].id = p9_reg_nth(i).id;
	}
	state->cpus[0].reg_count = state->cpus[1].reg_count = (unsigned)p9_reg_count();
	state->cpus[0].regs[P9_REG_VPA_ADDR].value[0] = 0x3080;
	state->cpus[0].regs[P9_REG_VPA_SLB] =
		(struct p9_reg){ p9_reg_nth(P9_REG_VPA_SLB).id, { 0x3400, 0x280 } };
	state->cpus[0].regs[P9_REG_VPA_DTL] =
		(struct p9_reg){ p9_reg_nth(P9_REG_VPA_DTL).id, { 0xfff80, 96 } };
	state->source_count = COUNT(sources);
	state->sources = malloc(sizeof(sources));
	memcpy(state->sources, sources, sizeof(sources));
	state->queue_count = 2;
	state->queues = calloc(2, sizeof(*state->queues));
	state->queues[0] = (struct p9_queue){
		0, 5, 1, 16, 0x10000, 0, 1, malloc(sizeof(first)), sizeof(first), false, 0
	};
	memcpy(state->queues[0].entries, first, sizeof(first));
	state->queues[1] =
		(struct p9_queue){ 8,     3, 1, 16, 0x20000, 1, 1, malloc(sizeof(second)), sizeof(second),
		                   false, 0 };
	memcpy(state->queues[1].entries, second, sizeof(second));
	state->lines.count = 1;
	state->lines.all = calloc(2, sizeof(*state->lines.all));
	state->lines.all[0] = (struct p9_line){ 0x1001, true, 3 };
	state->modes.gtse = true;
	state->modes.time_offset = -3000000000;
	state->has_time_base = true;
	state->time_base = 0x123456789ab;
	fifo_put(device_states_add(&state->devices, &hvterm_section, 0), (const uint8_t *)"abc\n", 4);
	p9_count_unread(state); /* as decoding does */
	return state;
}

static void words(void)
{
	struct arch_state *state = build();
	const char *text = described(&power9_codec, state, &vm);

	has(text, "vcpu.0.pc 0x1234\n", "the program counter");
	has(text, "vcpu.0.gpr.31 0x31\n", "a general register");
	has(text, "vcpu.0.sprg.2 0x22\n", "a SPRG");
	ok(!strstr(text, "vcpu.0.gpr.30 ") && !strstr(text, "vcpu.1.lpcr"), "but none that is zero");
	has(text, "vcpu.0.lpcr 0x1\n", "LPCR by its name");
	has(text, "vcpu.0.dec-expiry 0x3\n", "a name of two words");
	has(text, "vcpu.0.vsr.5 0x33 0x1\n", "a long register");
	has(text, "vcpu.0.vr.31 ", "the other half of them");
	has(text, "vcpu.1.server 8\n", "the server number");
	has(text, "vcpu.1.context.nsr 0x80\n", "the thread context");
	has(text, "vcpu.1.context.cppr 0xff\n", "its CPPR");
	has(text, "sources.new 1\n", "sources as new ones are counted");
	has(text, "source.1000.pq 10\n", "PQ");
	has(text, "source.f80.level 1\n", "a line that is up");
	has(text, "source.1003.masked yes\n", "a masked one");
	has(text, "source.1001.due 2\n", "what an irqfd holds is due");
	has(text, "queue.0.5.address 0x10000\n", "a queue");
	has(text, "queue.0.5.entry 0: EISN 0x100 of source 1000, PQ 10\n",
	    "the entry that waits, and not those before it");
	has(text, "queue.8.3.entry 0: EISN 0x102 of source 1002, PQ 11\n", "of the other queue");
	has(text, "irqfd.1001.signals 3\n", "an irqfd");
	has(text, "time-of-day.offset -3000000000 ns\n", "the time of day that the guest has set");
	has(text, "modes.gtse yes\n", "modes");
	has(text, "clock.time-base 0x123456789ab\n", "the clock");
	has(text, "terminal.typed abc\\x0a\n", "what was typed");
	ok(!strstr(text, "queue.0.5.read"), "where the guest reads it did not say");
	state->queues[0].published = true;
	state->queues[0].place = 3;
	text = described(&power9_codec, state, &vm);
	has(text, "queue.0.5.read.index 3\n", "where the guest reads");
	has(text, "queue.0.5.read.generation 0\n", "and the generation of what is new there");
	text = described(&power9_codec, state, &irq);
	ok(!strstr(text, ".pc ") && !strstr(text, "modes") && !strstr(text, "clock") &&
	           strstr(text, "vcpu.1.context.nsr"),
	   "of interrupts alone: no registers, no modes");
	state->has_time_base = false;
	ok(!strstr(described(&power9_codec, state, &vm), "clock"), "nor is there a clock in the first files");
	state->model = &p9_xics;
	state->cpus[1].icp = 0x0500000203ff0000;
	text = described(&power9_codec, state, &irq);
	has(text, "vcpu.1.icp.cppr 0x5\n", "XICS: the presentation controller");
	has(text, "vcpu.1.icp.xisr 0x2\n", "its source");
	power9_codec.free(state);
}

static void one(void (*spoil)(struct arch_state *state), const char *said)
{
	struct arch_state *state = build();

	spoil(state);
	one_wrong(&power9_codec, state, &vm, said);
	power9_codec.free(state);
}

static void register_twice(struct arch_state *state)
{
	state->cpus[0].regs[7] = state->cpus[0].regs[70];
}

static void register_unknown(struct arch_state *state)
{
	state->cpus[0].regs[7].id ^= 0x0f00;
}

static void register_gone(struct arch_state *state)
{
	struct p9_cpu *cpu = &state->cpus[0];

	memmove(&cpu->regs[7], &cpu->regs[8], (--cpu->reg_count - 7) * sizeof(cpu->regs[0]));
}

/* KVM wants the VPA before what goes with it. */
static void registers_exchanged(struct arch_state *state)
{
	struct p9_reg *regs = state->cpus[0].regs, vpa = regs[P9_REG_VPA_ADDR];

	regs[P9_REG_VPA_ADDR] = regs[P9_REG_VPA_SLB];
	regs[P9_REG_VPA_SLB] = vpa;
}

static void doorbell(struct arch_state *state)
{
	state->cpus[1].regs[P9_REG_DPDES].value[0] = 1;
}

static void hypervisor(struct arch_state *state)
{
	state->cpus[0].msr = 0x9000000000001001;
}

static void transaction(struct arch_state *state)
{
	state->cpus[0].msr = 0x8000000200001001;
}

static void vpa_nowhere(struct arch_state *state)
{
	state->cpus[0].regs[P9_REG_VPA_ADDR].value[0] = 1 << 20;
}

static void slb_between(struct arch_state *state)
{
	state->cpus[0].regs[P9_REG_VPA_SLB].value[0] = 0x3440;
}

static void log_too_long(struct arch_state *state)
{
	state->cpus[0].regs[P9_REG_VPA_DTL].value[1] = 129;
}

static void log_too_short(struct arch_state *state)
{
	state->cpus[0].regs[P9_REG_VPA_DTL].value[1] = 47;
}

static void no_register(struct arch_state *state)
{
	state->cpus[0].reg_count = 0;
}

static void log_alone(struct arch_state *state)
{
	state->cpus[0].regs[P9_REG_VPA_ADDR].value[0] = 0;
}

static void queue_of_4k(struct arch_state *state)
{
	state->queues[0].shift = 12;
}

static void queue_flags(struct arch_state *state)
{
	state->queues[1].flags = 0;
}

static void masked_priority(struct arch_state *state)
{
	state->sources[5].target.priority = 7;
}

static void masked_server(struct arch_state *state)
{
	state->sources[5].target.server = 4;
}

static void eisn(struct arch_state *state)
{
	state->sources[5].target.eisn = 0x80000000;
}

static void xisr(struct arch_state *state)
{
	state->model = &p9_xics;
	state->cpus[0].icp = 0xff000000ff000000;
	state->cpus[1].icp = 0x05000003ffff0000;
}

static void no_queue(struct arch_state *state)
{
	state->sources[3].target.priority = 4;
}

/* A guest can do that: mask a source that is triggered, give it another EISN, write to its queue. */
static void entry_lost(struct arch_state *state)
{
	state->sources[4].target.eisn = 0x104;
	state->queues[0].entries[3] = 0x77;
}

static void irqfd_of_none(struct arch_state *state)
{
	state->lines.all[0].source = 0xf80;
}

static void irqfd_twice(struct arch_state *state)
{
	state->lines.all[state->lines.count++] = state->lines.all[0];
}

static void many(struct arch_state *state)
{
	for (unsigned i = 0; i < 8; i++)
		state->cpus[0].regs[i].id = i;
}

static void rules(void)
{
	struct arch_state *state = build();
	char missing[100];

	is(strlen(wrong_in(&power9_codec, state, &vm)), 0, "nothing is wrong");
	many(state);
	ok(strstr(wrong_in(&power9_codec, state, &vm), "no register has the id 7"),
	   "all that is wrong is said");
	is(strlen(wrong_in(&power9_codec, state, &irq)), 0, "but not of what is not there");
	power9_codec.free(state);
	state = build();
	entry_lost(state);
	is(strlen(wrong_in(&power9_codec, state, &vm)), 0,
	   "P without an entry, and an entry of no source, can be");
	power9_codec.free(state);
	one(register_twice, "section CPU 0: register 1040000000000079 stands twice");
	one(register_unknown, "section CPU 0: no register has the id 1030000000000f0c");
	one(register_gone, "section CPU 0: register 103000000000000c is missing, or not in its place");
	snprintf(missing, sizeof(missing), "section CPU 0: register %" PRIx64 " is missing",
	         p9_reg_nth(0).id);
	one(no_register, missing);
	one(registers_exchanged, "section CPU 0: register 1030000000000082 is missing, or not in its place");
	one(doorbell, "section CPU 1: DPDES 1: a doorbell waits, but each vCPU is a core of its own");
	one(hypervisor, "section CPU 0: MSR 9000000000001001: a guest is never in hypervisor state");
	one(transaction, "section CPU 0: MSR 8000000200001001: the vCPU is in a transaction");
	one(vpa_nowhere, "section CPU 0: a virtual processor area (100000, 3400, fff80) is outside memory");
	one(slb_between, "section CPU 0: a virtual processor area (3080, 3440, fff80) is outside memory");
	one(log_too_long, "section CPU 0: a virtual processor area (3080, 3400, fff80) is outside memory");
	one(log_too_short, "section CPU 0: a dispatch trace log of 47 bytes has no entry");
	one(log_alone, "section CPU 0: an SLB shadow buffer or dispatch trace log without VPA");
	one(queue_of_4k,
	    "section XEQ 0: queue of server 0, priority 5: 2^12 bytes, flags 1; KVM takes 2^16 and 1 alone");
	one(queue_flags, "section XEQ 0: queue of server 8, priority 3: 2^16 bytes, flags 0; KVM takes");
	one(masked_priority,
	    "section XSRC 0: source 1003 is masked, and of server 8, priority 7, which there is not");
	one(masked_server,
	    "section XSRC 0: source 1003 is masked, and of server 4, priority 3, which there is not");
	one(eisn, "section XSRC 0: source 1003: no EISN can be 0x80000000");
	one(xisr, "section ICP 1: XISR 3 is no source");
	one(no_queue, "section XSRC 0: source 1001 points at server 0, priority 4, where there is no queue");
	one(irqfd_of_none, "section XLIN 0: an irqfd of f80, which is no message source");
	one(irqfd_twice, "section XLIN 0: source 1001 has two irqfds");
}

int main(void)
{
	words();
	rules();
	return tap_done();
}
