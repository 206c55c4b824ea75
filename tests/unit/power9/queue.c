/* SPDX-License-Identifier: BSD-2-Clause */
/* queue.c: what waits in event queues, and of which sources. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "arch/power9/snapshot/codec.h"
#include "arch/power9/snapshot/queue.h"
#include "vmm/snapshot/codec.h"
#include "tests/unit/tap.h"

enum { G = 1u << 31, PRIORITY = 5, NOTICE = 0x80 >> PRIORITY };

/* Two vCPUs with a queue of four entries each, and two sources that point at the first. */
static struct arch_state *build(void)
{
	struct arch_state *state = arch_codec->create();

	state->cpus = calloc(2, sizeof(*state->cpus));
	state->cpu_count = 2;
	state->sources = calloc(2, sizeof(*state->sources));
	state->source_count = 2;
	state->queues = calloc(2, sizeof(*state->queues));
	state->queue_count = 2;
	for (unsigned i = 0; i < 2; i++) {
		state->cpus[i].server = i;
		((uint8_t *)&state->cpus[i].vp_state)[1] = 0xff;
		state->sources[i] =
			(struct p9_source){ .lisn = 7 + i, .target = { false, 0, PRIORITY, 7 + i } };
		state->queues[i] = (struct p9_queue){ .server = i,
			                              .priority = PRIORITY,
			                              .shift = 4,
			                              .toggle = 1,
			                              .published = true,
			                              .place = G };
	}
	return state;
}

static void fill(struct arch_state *state, unsigned n, const uint32_t entries[4], uint32_t index,
                 uint32_t toggle)
{
	struct p9_queue *q = &state->queues[n];

	free(q->entries);
	q->len = 16;
	q->entries = malloc(q->len);
	for (int i = 0; i < 4; i++)
		((uint32_t *)q->entries)[i] = htobe32(entries[i]);
	q->index = index;
	q->toggle = toggle;
}

static void notice(struct arch_state *state, unsigned cpu, uint8_t cppr, uint8_t ipb)
{
	((uint8_t *)&state->cpus[cpu].vp_state)[1] = cppr;
	((uint8_t *)&state->cpus[cpu].vp_state)[2] = ipb;
}

static void waits(struct arch_state *state, unsigned first, unsigned second, const char *what)
{
	ok(p9_count_unread(state) && p9_due(state, &state->sources[0]) == first &&
	           p9_due(state, &state->sources[1]) == second,
	   "%s: %u, %u", what, p9_due(state, &state->sources[0]), p9_due(state, &state->sources[1]));
}

/* The guest says where it reads. */
static void told(void)
{
	static const uint32_t two[4] = { G | 7, G | 8 }, turned[4] = { 7, G | 8, G | 8, G | 7 };
	struct arch_state *state = build();

	waits(state, 0, 0, "an empty queue");
	fill(state, 0, two, 2, 1);
	notice(state, 0, 0xff, NOTICE);
	waits(state, 1, 1, "two events, whatever PQ is");
	state->sources[0].pq = PQ_OFF;
	state->sources[0].target = (struct p9_target){ false, 1, PRIORITY, 7 };
	waits(state, 1, 1, "one of a source that is off and points elsewhere by now");
	state->sources[0].pq = PQ_P | PQ_Q;
	waits(state, 2, 1, "Q is one more");
	is(p9_room(state, &state->sources[0]), 0, "then there is no room");
	is(p9_room(state, &state->sources[1]), 2, "but beside an event that has left P behind there is");
	state->queues[0].place = G | 1;
	waits(state, 1, 1, "the first is read");
	state->sources[0].pq = PQ_P;
	waits(state, 0, 1, "P alone is not one");
	notice(state, 0, 0xff, 0);
	waits(state, 0, 0, "nobody tells the vCPU");
	notice(state, 0, PRIORITY, 0);
	waits(state, 0, 1, "it is in its handler");
	state->sources[1].target.eisn = 9;
	waits(state, 0, 1, "the source has another EISN by now");
	fill(state, 0, turned, 1, 0);
	state->sources[1].target.eisn = 8;
	state->queues[0].place = G | 2;
	waits(state, 2, 1, "a queue that has turned");
	state->queues[0].place = 1;
	waits(state, 0, 0, "read to its end");
	state->queues[0].place = 77;
	waits(state, 0, 0, "a place that there is not");
	ok(p9_queue_has(&state->queues[0], G | 3) && !p9_queue_has(&state->queues[0], 4),
	   "the last place, and none");
	arch_codec->free(state);
}

/* It does not. */
static void guessed(void)
{
	static const uint32_t two[4] = { G | 7, G | 8 }, turned[4] = { 7, 0, 0, G | 8 };
	struct arch_state *state = build();
	struct p9_index index;

	state->queues[0].published = state->queues[1].published = false;
	fill(state, 0, two, 2, 1);
	waits(state, 0, 0, "a guess: neither has P, nothing is told");
	notice(state, 0, 0xff, NOTICE);
	waits(state, 0, 1, "the last one is not acknowledged");
	state->sources[1].pq = PQ_P;
	waits(state, 0, 1, "it has P");
	state->sources[0].pq = PQ_P;
	notice(state, 0, 0xff, 0);
	waits(state, 1, 1, "both have P");
	state->sources[0].target.eisn = 9;
	waits(state, 0, 1, "P, but no entry: a mask dropped it");
	state->sources[0].target.eisn = 7;
	fill(state, 0, turned, 1, 0);
	waits(state, 1, 1, "a queue that has turned");
	ok(p9_index_make(&index, state) && p9_index_place(&index, &state->queues[0]) == (G | 3),
	   "... which is read from before its turn");
	p9_index_free(&index);
	arch_codec->free(state);
}

static void held_back(void)
{
	static const uint32_t one[4] = { G | 7 };
	struct arch_state *state = build();

	state->lines.all = calloc(1, sizeof(*state->lines.all));
	state->lines.all[0] = (struct p9_line){ 7, false, 5 };
	state->lines.count = 1;
	waits(state, 2, 0, "of five signals a source takes two");
	is(p9_room(state, &state->sources[0]), 0, "and no more");
	fill(state, 0, one, 1, 1);
	notice(state, 0, 0xff, NOTICE);
	waits(state, 3, 0, "beside an event that has left P behind");
	state->sources[0].pq = PQ_P;
	waits(state, 2, 0, "with P one");
	state->lines.all[0].count = 0;
	is(p9_room(state, &state->sources[0]), 1, "there is room for Q");
	arch_codec->free(state);
}

int main(void)
{
	told();
	guessed();
	held_back();
	return tap_done();
}
