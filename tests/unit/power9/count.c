/* SPDX-License-Identifier: BSD-2-Clause */
/* count.c: what is in eventfds and queues, counted, added and taken away. */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>

#include "arch/power9/snapshot/codec.h"
#include "arch/power9/snapshot/queue.h"
#include "tests/unit/tap.h"
#include "tests/unit/words.h"
#include "vmm/snapshot/codec.h"

static struct error err;

/* A queue of four entries, as words; eisn is the source's number. */
static void queue_drop(const uint32_t before[4], uint32_t index, uint32_t toggle, uint32_t eisn,
                       const uint32_t after[4], uint32_t index_after, uint32_t toggle_after, const char *what)
{
	char line[32];
	struct arch_state *state = arch_codec->create();
	struct p9_queue *q;
	struct irq irq;
	bool same = true;

	snprintf(line, sizeof(line), "source %u", eisn);
	irq = irq_of(line);
	state->sources = calloc(1, sizeof(*state->sources));
	state->source_count = 1;
	state->sources[0] = (struct p9_source){ .lisn = eisn, .pq = PQ_P, .target = { .eisn = eisn } };
	q = state->queues = calloc(1, sizeof(*q));
	state->queue_count = 1;
	*q = (struct p9_queue){ .shift = 4, .index = index, .toggle = toggle, .len = 16 };
	q->entries = malloc(16);
	for (int i = 0; i < 4; i++)
		((uint32_t *)q->entries)[i] = htobe32(before[i]);
	q->len = p9_queue_stored(q->entries, q->len);
	p9_count_unread(state); /* as decoding does */
	is(arch_state_drop(state, &irq, &err), 0, "%s: dropped", what);
	for (uint32_t i = 0; i < 4; i++)
		same &= p9_queue_entry(q, i) == after[i];
	ok(same, "... from its queue");
	ok(q->index == index_after && q->toggle == toggle_after && !state->sources[0].pq,
	   "... which is one shorter");
	arch_codec->free(state);
}

static void stored(void)
{
	static const uint64_t zeros[4], last[4] = { 0, 0, 0, 1 }, second[4] = { 0, 1 };

	is(p9_queue_stored(zeros, sizeof(zeros)), 0, "of zeros nothing is stored");
	is(p9_queue_stored(second, sizeof(second)), 16, "up to the last entry that is none");
	is(p9_queue_stored(last, sizeof(last)), 32, "which may be the last of all");
	is(p9_queue_stored(zeros, 4), 4, "of a queue of one entry all");
}

static void queues(void)
{
	enum { G = 1u << 31 };
	static const uint32_t first[4] = { G | 5, G | 6, G | 7 }, first_after[4] = { G | 6, G | 7, 7 };
	static const uint32_t turn[4] = { 9, G | 6, G | 7, G | 8 },
			      turn_after[4] = { G | 9, G | 6, G | 7, G | 9 };
	static const uint32_t edge[4] = { G | 5, G | 6, G | 7, G | 8 },
			      edge_after[4] = { G | 5, G | 6, G | 7, 8 };
	static const uint32_t even[4] = { 5, 6, 0, 0 }, even_after[4] = { 6, G | 6, 0, 0 };
	static const uint32_t last[4] = { G | 5, 0, 0, 0 }, last_after[4] = { 5, 0, 0, 5 };

	queue_drop(first, 3, 1, 5, first_after, 2, 1, "the first of three");
	queue_drop(turn, 1, 0, 8, turn_after, 0, 0, "the last of a round, behind which one more came");
	queue_drop(edge, 0, 0, 8, edge_after, 3, 1, "the last of a round");
	queue_drop(even, 2, 0, 5, even_after, 1, 0, "the first of two in an even round");
	queue_drop(last, 1, 1, 0, last_after, 0, 1, "one that is not stored, behind which one more came");
}

/* The decrementer of vCPU 1, with so many ticks to go, when it was set to 1000 us. */
static enum timer_state timer(int64_t left)
{
	struct arch_state *state = arch_codec->create();
	struct irq irq = irq_of_timer(ABI_TIMER_CLOCK, 1);
	enum timer_state is;

	state->cpus = calloc(2, sizeof(*state->cpus));
	state->cpu_count = 2;
	state->cpus[1].dec_left = left;
	is = arch_state_timer(state, &irq, 1000);
	arch_codec->free(state);
	return is;
}

static void timers(void)
{
	enum { US = 512 };
	struct arch_state *none = arch_codec->create();
	struct irq source = irq_of("source 4096"), dec = irq_of_timer(ABI_TIMER_CLOCK, 1);

	is(arch_state_timer(none, &source, 0), TIMER_NONE, "a source is no timer");
	is(arch_state_timer(none, &dec, 0), TIMER_OFF, "a vCPU that is not there has none");
	arch_codec->free(none);
	is(timer(-1), TIMER_DUE, "the decrementer is negative");
	is(timer(0), TIMER_ARMED, "not when it is 0");
	is(timer(1000 * US), TIMER_ARMED, "it will come in its time");
	is(timer((1000 + TIMER_SLACK) * US), TIMER_ARMED, "or a little later");
	is(timer((1001 + TIMER_SLACK) * US), TIMER_OFF, "it will not");
	is(timer(INT64_MAX), TIMER_OFF, "nor ever");
}

int main(void)
{
	struct irq signal = irq_of("irqfd gsi=0x1000"), trigger = irq_of("source 0x1000"),
		   none = irq_of("irqfd gsi=0x1001"), nowhere = irq_of("irqfd gsi=0x2000");
	struct arch_state *state = arch_codec->create();

	stored();
	queues();
	state->sources = calloc(2, sizeof(*state->sources));
	state->sources[0].lisn = 0x1000;
	state->sources[1].lisn = 0x1001;
	state->source_count = 2;
	state->lines.all = calloc(1, sizeof(*state->lines.all));
	state->lines.all[0] = (struct p9_line){ .source = 0x1000, .on = true };
	state->lines.count = 1;
	is(arch_state_count(state, &signal), 0, "nothing is signalled");
	is(arch_state_add(state, &signal, &err), 0, "a signal is added");
	ok(state->lines.all[0].count == 1 && !state->sources[0].pending, "and is in the eventfd");
	is(arch_state_count(state, &signal), 1, "it is due");
	is(arch_state_add(state, &trigger, &err), 0, "the source is triggered besides");
	is(arch_state_count(state, &trigger), 2, "which makes two");
	is(arch_state_add(state, &signal, &err), -EEXIST, "a third would merge with one of them");
	is(arch_state_add(state, &none, &err), -EOPNOTSUPP, "a source without an irqfd");
	has(err.text, "source 0x1001 has no irqfd", "is said");
	is(arch_state_add(state, &nowhere, &err), -EOPNOTSUPP, "one that there is not");
	is(arch_state_drop(state, &signal, &err), 0, "one goes away");
	ok(!state->lines.all[0].count, "the signal first");
	is(arch_state_drop(state, &signal, &err), 0, "and the other");
	is(arch_state_drop(state, &signal, &err), -ENOENT, "then there is none");
	arch_codec->free(state);
	timers();
	return tap_done();
}
