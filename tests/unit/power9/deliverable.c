/* SPDX-License-Identifier: BSD-2-Clause */
/* deliverable.c: each reason why an interrupt of power9 is not delivered, with XIVE and XICS, and their
 * order. */
#include <endian.h>
#include <stdlib.h>

#include "arch/power9/snapshot/codec.h"
#include "arch/power9/snapshot/describe.h"
#include "arch/power9/snapshot/queue.h"
#include "tests/unit/answer_of.h"

#define G  P9_ENTRY_GENERATION
#define EE 0x8000

static uint8_t flags[2] = { SECTION_ONLINE, SECTION_ONLINE };
static struct codec_scope scope = { SNAP_VM, 2, 8, 1 << 20, flags };

static void context(struct arch_state *state, unsigned cpu, uint8_t cppr, uint8_t ipb)
{
	((uint8_t *)&state->cpus[cpu].vp_state)[1] = cppr;
	((uint8_t *)&state->cpus[cpu].vp_state)[2] = ipb;
}

static void fill(struct p9_queue *q, uint32_t first, uint32_t second, uint32_t index)
{
	uint32_t entries[4] = { htobe32(first), htobe32(second) };

	free(q->entries);
	q->len = 16;
	q->entries = malloc(q->len);
	memcpy(q->entries, entries, q->len);
	q->index = index;
}

/* Two vCPUs, with a queue of four entries each, of priority 5 and 3, and two sources that point at the first.
 */
static struct arch_state *build(const struct p9_model *model)
{
	struct arch_state *state = power9_codec.create();

	state->model = model;
	state->cpus = calloc(2, sizeof(*state->cpus));
	state->cpu_count = 2;
	state->sources = calloc(2, sizeof(*state->sources));
	state->source_count = 2;
	state->queues = calloc(2, sizeof(*state->queues));
	state->queue_count = model == &p9_xive ? 2 : 0;
	for (unsigned i = 0; i < 2; i++) {
		state->cpus[i].server = 8 * i;
		state->cpus[i].msr = EE;
		state->cpus[i].dec_left = 1;
		state->cpus[i].icp = 0xff000000ff000000;
		context(state, i, 0xff, 0);
		state->sources[i] =
			(struct p9_source){ .lisn = 0x1000 + i, .target = { false, 0, 5, 0x1000 + i } };
		state->queues[i] = (struct p9_queue){ .server = 8 * i,
			                              .priority = i ? 3 : 5,
			                              .shift = 4,
			                              .toggle = 1,
			                              .published = true,
			                              .place = G };
	}
	return state;
}

static void says(struct arch_state *state, const char *what)
{
	p9_count_unread(state);
	answer_has(answer_of(&power9_codec, state, &scope, false), what);
}

/* --- XIVE -------------------------------------------------------------------- */

static void events(void)
{
	struct arch_state *state = build(&p9_xive);

	says(state, "nothing is pending\n");
	fill(&state->queues[0], G | 0x1000, G | 0x1001, 2);
	context(state, 0, 0xff, 0x80 >> 5);
	state->sources[0].pq = state->sources[1].pq = PQ_P;
	says(state, "2 interrupts are pending, all deliverable\n"
	            "vCPU 0    source 0x1000 priority 5 PQ 10, entry 0 of its queue: deliverable, vCPU 0 "
	            "takes it first\n"
	            "vCPU 0    source 0x1001 priority 5 PQ 10, entry 1 of its queue:\n"
	            "           deliverable, vCPU 0 takes it after 1 other\n");
	state->cpus[0].msr = 0;
	says(state, "not deliverable: vCPU 0 MSR[EE] is 0\n");
	context(state, 0, 5, 0x80 >> 5);
	says(state, "not deliverable: vCPU 0 CPPR is 5, which lets only more favored priorities than 5 "
	            "through, vCPU 0 MSR[EE]");
	context(state, 0, 6, 0x80 >> 5);
	state->cpus[0].msr = EE;
	says(state, "2 interrupts are pending, all deliverable\n");
	flags[0] = 0;
	says(state, "not deliverable: vCPU 0 has not been started\n");
	flags[0] = SECTION_ONLINE;
	context(state, 0, 5, 0);
	says(state,
	     "not deliverable: vCPU 0 has acknowledged priority 5, and its handler reads the queue next\n");
	state->queues[0].published = false;
	context(state, 0, 0xff, 0);
	says(state, "not deliverable: vCPU 0 is not notified of priority 5 (IPB)\n");
	context(state, 0, 0xff, 0x80 >> 5);
	scope.kind = SNAP_IRQ;
	says(state, "unknown whether deliverable: the registers are not in this snapshot\n");
	context(state, 0, 2, 0x80 >> 5);
	says(state, "not deliverable: vCPU 0 CPPR is 2");
	scope.kind = SNAP_VM;
	power9_codec.free(state);
}

/* Those of the more favored priority come first, and those of another vCPU do not count. */
static void order(void)
{
	struct arch_state *state = build(&p9_xive);

	state->queues[1].server = 0;
	state->queues[1].priority = 6;
	fill(&state->queues[1], G | 0x1001, 0, 1);
	fill(&state->queues[0], G | 0x1000, 0, 1);
	context(state, 0, 0xff, 0x80 >> 5 | 0x80 >> 6);
	says(state, "source 0x1001 priority 6 PQ 00, entry 0 of its queue:\n"
	            "           deliverable, vCPU 0 takes it after 1 other\n");
	context(state, 0, 6, 0x80 >> 5 | 0x80 >> 6);
	says(state, "2 interrupts are pending, 1 of them deliverable\n");
	power9_codec.free(state);
}

static void queue_is_full(void)
{
	struct arch_state *state = build(&p9_xive);
	uint32_t *entries;

	fill(&state->queues[0], G | 0x1000, G | 0x1000, 0);
	entries = (uint32_t *)state->queues[0].entries;
	entries[2] = entries[3] = htobe32(G | 0x1001);
	state->queues[0].toggle = 0;
	context(state, 0, 0xff, 0x80 >> 5);
	says(state, "4 interrupts are pending, all deliverable\n");
	says(state, "entry 3 of its queue, which is full: the next event overwrites the oldest");
	power9_codec.free(state);
}

static void off_the_queue(void)
{
	struct arch_state *state = build(&p9_xive);
	struct p9_source *s = &state->sources[0];

	s->pq = PQ_P | PQ_Q;
	says(state, "source    source 0x1000 priority 5 PQ 11, once more:\n           not deliverable: Q is "
	            "1: it comes "
	            "again after the EOI\n");
	s->pq = 0;
	s->pending = true;
	says(state, "not deliverable: it is triggered when it is restored\n");
	s->target.priority = 4;
	says(state, "it is triggered when it is restored, its target has no event queue of this priority\n");
	s->target.masked = true;
	says(state, "it is triggered when it is restored, the source is masked\n");
	s->pending = false;
	s->lsi = s->asserted = true;
	s->pq = PQ_OFF;
	says(state, "source    source 0x1000 priority 4 PQ 01, level 1: not deliverable: the source is off "
	            "(PQ 01)\n");
	s->asserted = false;
	says(state, "nothing is pending\n");
	s->lsi = false;
	state->lines.all = calloc(1, sizeof(*state->lines.all));
	state->lines.all[0] = (struct p9_line){ .source = 0x1000, .count = 3 };
	state->lines.count = 1;
	says(state, "eventfd   signal of source 0x1000 (3x): not deliverable: its irqfd is off, the source "
	            "is off (PQ 01)\n");
	state->lines.all[0].on = true;
	s->pq = 0;
	s->target = (struct p9_target){ .priority = 5 };
	says(state, "eventfd   signal of source 0x1000 (3x): not deliverable: KVM triggers it when the VM "
	            "goes on\n");
	power9_codec.free(state);
}

/* --- XICS ----------------------------------------------------------------------- */

#define ICP(cppr, xisr, mfrr, pending) \
	((uint64_t)(cppr) << 56 | (uint64_t)(xisr) << 32 | (mfrr) << 24 | (pending) << 16)

static void xics(void)
{
	struct arch_state *state = build(&p9_xics);

	state->sources[0].pending = true;
	says(state, "vCPU 0    source 0x1000 priority 5 PQ 00: deliverable, vCPU 0 takes it first\n");
	state->cpus[0].icp = ICP(5u, 0, 0xffu, 0xffu);
	says(state,
	     "not deliverable: vCPU 0 CPPR is 5, which lets only more favored priorities than 5 through\n");
	state->cpus[0].icp = ICP(0xffu, 0x1001, 0xffu, 4u);
	says(state, "not deliverable: server 0 presents source 0x1001 of priority 4 (XISR)\n");
	state->cpus[0].icp = ICP(0xffu, 0x1000, 0xffu, 5u);
	says(state, "deliverable, vCPU 0 takes it first\n");
	state->cpus[0].msr = 0;
	says(state, "not deliverable: vCPU 0 MSR[EE] is 0\n");
	state->cpus[0].msr = EE;
	state->cpus[0].icp = ICP(0xffu, 0, 4u, 0xffu);
	says(state, "vCPU 0    IPI priority 4 (MFRR): deliverable, vCPU 0 takes it first\n");
	answer_has(answer_of(&power9_codec, state, &scope, true),
	           "  \"server\": 0,\n  \"priority\": 4,\n  \"text\": \"IPI ");
	says(state, "vCPU 0    source 0x1000 priority 5 PQ 00: deliverable, vCPU 0 takes it after 1 other\n");
	state->cpus[0].icp = ICP(4u, 0, 4u, 0xffu);
	says(state, "vCPU 0    IPI priority 4 (MFRR):\n           not deliverable: vCPU 0 CPPR is 4");
	state->cpus[0].icp = ICP(0xffu, 0, 0xffu, 0xffu);
	state->sources[0].target.priority = 0xff;
	says(state, "not deliverable: the source is masked\n");
	state->sources[0].target = (struct p9_target){ .server = 3, .priority = 5 };
	says(state, "not deliverable: no vCPU has this server number\n");
	state->sources[0].pending = false;
	state->sources[0].pq = PQ_P | PQ_Q;
	says(state, "not deliverable: it is queued: it comes again after the EOI\n");
	power9_codec.free(state);
}

/* --- the decrementer, and the words ---------------------------------------------- */

static void decrementer(void)
{
	struct arch_state *state = build(&p9_none);

	says(state, "nothing is pending\n");
	state->cpus[0].dec_left = -1;
	says(state, "vCPU 0    decrementer, its time has come: deliverable, vCPU 0 takes it first\n");
	state->cpus[0].msr = 0;
	says(state, "vCPU 0    decrementer, its time has come: not deliverable: vCPU 0 MSR[EE] is 0\n");
	flags[0] = 0;
	says(state, "nothing is pending\n");
	flags[0] = SECTION_ONLINE;
	/* A snapshot says when, and what time it is. */
	state->has_time_base = true;
	state->time_base = 100;
	says(state, "nothing is pending\n");
	state->cpus[0].reg_count = 1;
	state->cpus[0].regs[0] = (struct p9_reg){ p9_reg_nth(P9_REG_DEC_EXPIRY).id, { 99 } };
	says(state, "decrementer");
	state->cpus[0].regs[0].value[0] = 101;
	says(state, "nothing is pending\n");
	power9_codec.free(state);
}

static void words(void)
{
	struct arch_state *state = build(&p9_xive);

	state->cpus[1].msr = 0x8000000000001033;
	context(state, 0, 0, 0x80 >> 5 | 0x80 >> 6);
	context(state, 1, 3, 0);
	flags[1] = 0;
	says(state, "vCPU 0    server 0; MSR EE (EE is 1: open); CPPR 0x00 lets no priority through; has "
	            "events of priority 5, 6 "
	            "(IPB)\n");
	says(state, "vCPU 1    server 8, not started; MSR SF, ME, IR, DR, RI, LE (EE is 0: closed); CPPR "
	            "0x03 lets priorities "
	            "below 3 through\n");
	flags[1] = SECTION_ONLINE;
	power9_codec.free(state);
	state = build(&p9_xics);
	state->cpus[0].icp = ICP(5u, 0x1001, 0xffu, 4u);
	says(state, "CPPR 0x05 lets priorities below 5 through; presents source 0x1001 (XISR)\n");
	power9_codec.free(state);
}

static void as_json(void)
{
	struct arch_state *state = build(&p9_xive);
	const char *text;

	fill(&state->queues[1], G | 0x1001, 0, 1);
	context(state, 1, 0xff, 0x80 >> 3);
	state->sources[1].pq = PQ_P;
	p9_count_unread(state);
	text = answer_of(&power9_codec, state, &scope, true);
	ok(strstr(text, "{\n  \"type\": \"source\",\n  \"where\": \"vCPU 1\",\n  \"vcpu\": 1,\n  \"source\": "
	                "\"0x1001\",\n"
	                "  \"eisn\": \"0x1001\",\n  \"server\": 8,\n  \"priority\": 3,\n  \"pq\": \"10\",\n  "
	                "\"entry\": 0,\n"
	                "  \"text\": \"source 0x1001 priority 3 PQ 10, entry 0 of its queue\",\n  "
	                "\"deliverable\": true,\n"
	                "  \"after\": 0,\n  \"why\": \"vCPU 1 takes it first\"\n}\n"),
	   "an object with named members");
	power9_codec.free(state);
}

int main(void)
{
	events();
	order();
	queue_is_full();
	off_the_queue();
	xics();
	decrementer();
	words();
	as_json();
	return tap_done();
}
