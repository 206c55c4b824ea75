/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * queue.h: evaluates event queues and their sources. A queue is a ring of 32-bit entries: the generation bit,
 * which the controller inverts after each round, and the EISN of a source. Only the guest knows where it
 * reads. The test guest publishes that (guest/abi.h), and the waiting entries are known exactly. With any
 * other guest they are a guess: a source has P until the EOI of its event, unless the guest has changed PQ
 * itself, so as many of the last entries wait as sources have P; and the last one waits while the vCPU has
 * not acknowledged it. Pure. Source: POWER9 Processor User's Manual, interrupts.
 */
#ifndef ARCH_POWER9_SNAPSHOT_QUEUE_H
#define ARCH_POWER9_SNAPSHOT_QUEUE_H

#include "codec.h"

#define P9_ENTRY_GENERATION 0x80000000u

/* The entry at an index, 0 and up; one that is not stored is zero. */
uint32_t p9_queue_entry(const struct p9_queue *q, uint32_t at);

/*
 * How many of the len bytes of a page are stored: whole doublewords, without the zeros at the end, which are
 * most of the page. The page is aligned to a doubleword.
 */
uint32_t p9_queue_stored(const void *page, uint32_t len);

/* The number of entries of the ring. */
uint32_t p9_queue_room(const struct p9_queue *q);

/* Sources by their target queue, and by EISN; made once for a state. */
struct p9_index {
	const struct arch_state *state;
	uint32_t *by_queue; /* by server, priority and EISN; masked ones last */
	uint32_t *by_eisn;
	size_t pointing; /* the number of sources that are not masked */
};

/* False: out of memory; it must be freed even then. */
bool p9_index_make(struct p9_index *index, const struct arch_state *state);
void p9_index_free(struct p9_index *index);

/* A source with this EISN: one whose target is the queue, or else any; NULL: there is none. */
const struct p9_source *p9_index_source(const struct p9_index *index, const struct p9_queue *q,
                                        uint32_t eisn);

/* Whether the queue has this place: an index, and in the first bit a generation. */
bool p9_queue_has(const struct p9_queue *q, uint32_t place);

/*
 * The place where the guest reads the queue next, as published or a guess: the index, and the generation bit
 * of a new entry there.
 */
uint32_t p9_index_place(const struct p9_index *index, const struct p9_queue *q);

/* Reads the entry at a place, if it is new: returns its index and EISN, and advances the place. */
bool p9_queue_read(const struct p9_queue *q, uint32_t *place, uint32_t *at, uint32_t *eisn);

/* Whether a vCPU is or will be notified of what is in the queue: otherwise it does not wait, but is lost. */
bool p9_index_waits(const struct p9_index *index, const struct p9_queue *q);

/* The source of an event that waits in the queue; NULL: none has this EISN. */
const struct p9_source *p9_index_event(const struct p9_index *index, const struct p9_queue *q, uint32_t eisn);

/*
 * Counts for each source its waiting events. An event that no vCPU would be notified of does not wait: it is
 * lost. False: out of memory.
 */
bool p9_count_unread(struct arch_state *state);

#endif
