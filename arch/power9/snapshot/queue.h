/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * queue.h: what can be told of event queues and their sources. A queue is a
 * ring of 32-bit entries: the generation bit, which the controller turns over
 * each time round, and the EISN of a source. The guest alone knows where it
 * reads. The test guest says so (guest/abi.h), and what waits is known exactly.
 * With any other it is a guess: a source has P until the guest has ended its
 * event, unless the guest has changed PQ by itself, so that as many of the last
 * entries wait as sources have P; and the last one waits while the vCPU has not
 * acknowledged it. Pure. Source: POWER9 Processor User's Manual, interrupts.
 */
#ifndef ARCH_POWER9_SNAPSHOT_QUEUE_H
#define ARCH_POWER9_SNAPSHOT_QUEUE_H

#include "codec.h"

#define P9_ENTRY_GENERATION 0x80000000u

/* The entry at a position, 0 and up; one that is not stored is zero. */
uint32_t p9_queue_entry(const struct p9_queue *q, uint32_t at);

/*
 * How many of the len bytes of a page are stored: without the zeros at its end, which is most of it, but
 * whole doublewords. The page is aligned to one.
 */
uint32_t p9_queue_stored(const void *page, uint32_t len);

/* How many entries there is room for. */
uint32_t p9_queue_room(const struct p9_queue *q);

/*
 * The entry written so many before the last one (0: the last one): false when
 * its generation says that there is none.
 */
bool p9_queue_written(const struct p9_queue *q, uint32_t before, uint32_t *at, uint32_t *eisn);

/* Sources by the queue that they point at, and by EISN: made once for a state. */
struct p9_index {
	const struct arch_state *state;
	uint32_t *by_queue; /* by server, priority and EISN; masked ones last */
	uint32_t *by_eisn;
	size_t pointing; /* so many are not masked */
};

/* False: out of memory; it is to be freed all the same. */
bool p9_index_make(struct p9_index *index, const struct arch_state *state);
void p9_index_free(struct p9_index *index);

/* A source with this EISN: one that points at the queue, or else any; NULL: there is none. */
const struct p9_source *p9_index_source(const struct p9_index *index, const struct p9_queue *q,
                                        uint32_t eisn);

/* Whether the queue has such a place: an index, and in the first bit a generation. */
bool p9_queue_has(const struct p9_queue *q, uint32_t place);

/*
 * Where the guest reads the queue next: as it says, or a guess: the index, with the generation bit of an
 * entry that is new there.
 */
uint32_t p9_index_place(const struct p9_index *index, const struct p9_queue *q);

/* The entry at a place, if it is new: then its index and EISN, and the place moves on. */
bool p9_queue_read(const struct p9_queue *q, uint32_t *place, uint32_t *at, uint32_t *eisn);

/*
 * Counts for each source its events that wait. One that no vCPU would be told of does not wait: its
 * notification is lost. False: out of memory.
 */
bool p9_count_unread(struct arch_state *state);

#endif
