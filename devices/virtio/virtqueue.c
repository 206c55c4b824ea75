/* SPDX-License-Identifier: BSD-2-Clause */
/* virtqueue.c: see virtqueue.h. Pure. */
#include "virtqueue.h"

#include <endian.h>
#include <string.h>

#define DESC_BYTES    16
#define DESC_NEXT     1
#define DESC_WRITE    2
#define DESC_INDIRECT 4

#define AVAIL_NO_INTERRUPT 1

/* Offsets in both rings (2.7.6, 2.7.8); the entries are followed by the other side's event index (2.7.7.2).
 */
#define RING_FLAGS   0
#define RING_INDEX   2
#define RING_ENTRIES 4
#define AVAIL_BYTES  2
#define USED_BYTES   8

struct desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};

static uint64_t avail_event_at(const struct virtqueue_state *s)
{
	return s->used + RING_ENTRIES + USED_BYTES * (uint64_t)s->size;
}

static uint64_t used_event_at(const struct virtqueue_state *s)
{
	return s->avail + RING_ENTRIES + AVAIL_BYTES * (uint64_t)s->size;
}

bool virtqueue_valid(const struct virtqueue_state *s, uint64_t memory)
{
	const struct {
		uint64_t at, len, align;
	} areas[] = {
		{ s->desc, DESC_BYTES * (uint64_t)s->size, 16 },
		{ s->avail, used_event_at(s) + 2 - s->avail, 2 },
		{ s->used, avail_event_at(s) + 2 - s->used, 4 },
	};

	if (!s->size || s->size > VIRTQUEUE_SIZE_MAX || s->size & (s->size - 1))
		return false;
	for (unsigned i = 0; i < sizeof(areas) / sizeof(areas[0]); i++)
		if (areas[i].at % areas[i].align || areas[i].at > memory ||
		    areas[i].len > memory - areas[i].at)
			return false;
	return true;
}

/* --- the rings, which other threads change: an enabled queue is valid, so all of it is in RAM
 * ---------------- */

static uint16_t load16(const struct ram *ram, gpa_t gpa)
{
	return le16toh(__atomic_load_n((const uint16_t *)ram_see(ram, gpa, 2), __ATOMIC_ACQUIRE));
}

/* What was written before is seen before this. */
static void store16(const struct ram *ram, gpa_t gpa, uint16_t v)
{
	__atomic_store_n((uint16_t *)ram_at(ram, gpa, 2), htole16(v), __ATOMIC_RELEASE);
}

/* False, for a return statement. */
static bool broken(struct virtqueue *q, const char *how)
{
	if (!q->broken)
		q->broken = how;
	return false;
}

bool virtqueue_ready(struct virtqueue *q, const struct ram *ram, bool event_idx)
{
	const struct virtqueue_state *s = &q->state;
	uint16_t index;

	if (!s->enabled || q->broken)
		return false;
	index = load16(ram, s->avail + RING_INDEX);
	if (index == s->next_avail && event_idx) {
		/* The driver compares this after it has written its index: one of us sees the other's. */
		store16(ram, avail_event_at(s), s->next_avail);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		index = load16(ram, s->avail + RING_INDEX);
	}
	if ((uint16_t)(index - s->next_avail) > s->size)
		return broken(q, "more requests are available than the queue has entries");
	return index != s->next_avail;
}

/* A descriptor of a table of n entries: a copy, as the driver could change it after it was checked. */
static bool fetch(struct virtqueue *q, const struct ram *ram, gpa_t table, uint32_t n, uint16_t i,
                  struct desc *d)
{
	const uint8_t *at;

	if (i >= n)
		return broken(q, "a descriptor is beyond its table");
	at = ram_see(ram, table + DESC_BYTES * (uint64_t)i, DESC_BYTES);
	if (!at)
		return broken(q, "a table of descriptors is not in memory");
	memcpy(&d->addr, at, 8);
	memcpy(&d->len, at + 8, 4);
	memcpy(&d->flags, at + 12, 2);
	memcpy(&d->next, at + 14, 2);
	d->addr = le64toh(d->addr);
	d->len = le32toh(d->len);
	d->flags = le16toh(d->flags);
	d->next = le16toh(d->next);
	return true;
}

static bool add(struct virtqueue *q, const struct ram *ram, struct virtqueue_chain *chain,
                const struct desc *d)
{
	struct virtqueue_bytes *to = d->flags & DESC_WRITE ? &chain->in : &chain->out;
	void *at;

	if (to == &chain->out && chain->in.count)
		return broken(q, "a buffer to read comes after one to write");
	if (d->len > VIRTQUEUE_BYTES_MAX - chain->out.len - chain->in.len)
		return broken(q, "a request is too long");
	/* What the driver gives is only read, though the list of its parts cannot say so. */
	at = to == &chain->in ? ram_at(ram, d->addr, d->len) : (void *)ram_see(ram, d->addr, d->len);
	if (!at)
		return broken(q, "a buffer is not in memory");
	if (!d->len)
		return true;
	chain->vec[chain->out.count + chain->in.count] = (struct iovec){ at, d->len };
	to->count++;
	to->len += d->len;
	return true;
}

/* An indirect descriptor is the last of its table, and leads to the only other one (2.7.5.3). */
static bool indirect(struct virtqueue *q, const struct desc *d, bool nested)
{
	if (nested || d->flags & DESC_NEXT)
		return broken(q, "an indirect descriptor is not the last");
	if (!d->len || d->len % DESC_BYTES || d->len > DESC_BYTES * VIRTQUEUE_SIZE_MAX)
		return broken(q, "the length of an indirect table is wrong");
	return true;
}

static bool follow(struct virtqueue *q, const struct ram *ram, struct virtqueue_chain *chain)
{
	gpa_t table = q->state.desc;
	uint32_t n = q->state.size;
	uint16_t i = chain->head;
	bool nested = false;
	struct desc d;

	for (unsigned count = 0; count < VIRTQUEUE_SIZE_MAX;) {
		if (!fetch(q, ram, table, n, i, &d))
			return false;
		if (d.flags & DESC_INDIRECT) {
			if (!indirect(q, &d, nested))
				return false;
			table = d.addr;
			n = d.len / DESC_BYTES;
			i = 0;
			nested = true;
			continue;
		}
		if (!add(q, ram, chain, &d))
			return false;
		if (!(d.flags & DESC_NEXT))
			return true;
		count++;
		i = d.next;
	}
	return broken(q, "a request has too many descriptors");
}

bool virtqueue_take(struct virtqueue *q, const struct ram *ram, bool event_idx, struct virtqueue_chain *chain)
{
	struct virtqueue_state *s = &q->state;

	if (!virtqueue_ready(q, ram, event_idx))
		return false;
	chain->head =
		load16(ram, s->avail + RING_ENTRIES + AVAIL_BYTES * (uint64_t)(s->next_avail % s->size));
	chain->out = chain->in = (struct virtqueue_bytes){ 0 };
	if (!follow(q, ram, chain))
		return false;
	chain->out.at = chain->vec;
	chain->in.at = chain->vec + chain->out.count;
	s->next_avail++;
	return true;
}

void virtqueue_return(struct virtqueue *q)
{
	q->state.next_avail--;
}

void virtqueue_done(struct virtqueue *q, const struct ram *ram, const struct virtqueue_chain *chain,
                    uint32_t written)
{
	struct virtqueue_state *s = &q->state;
	uint32_t entry[2] = { htole32(chain->head), htole32(written) };

	memcpy(ram_at(ram, s->used + RING_ENTRIES + USED_BYTES * (uint64_t)(s->next_used % s->size),
	              USED_BYTES),
	       entry, sizeof(entry));
	s->next_used++;
	store16(ram, s->used + RING_INDEX, s->next_used);
}

bool virtqueue_signal(struct virtqueue *q, const struct ram *ram, bool event_idx)
{
	struct virtqueue_state *s = &q->state;
	uint16_t before = s->signalled, now = s->next_used, event;

	if (!s->enabled || before == now)
		return false;
	s->signalled = now;
	/* The driver writes what it wants, then looks at the index again. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!event_idx)
		return !(load16(ram, s->avail + RING_FLAGS) & AVAIL_NO_INTERRUPT);
	event = load16(ram, used_event_at(s));
	return (uint16_t)(now - event - 1) < (uint16_t)(now - before);
}

/* --- bytes
 * ---------------------------------------------------------------------------------------------------- */

/* to and from: at most one of them. */
static size_t move(struct virtqueue_bytes *b, uint8_t *to, const uint8_t *from, size_t len)
{
	size_t left = len < b->len ? len : b->len, moved = left;

	b->len -= moved;
	while (left) {
		size_t n = left < b->at->iov_len ? left : b->at->iov_len;

		if (to)
			memcpy(to + moved - left, b->at->iov_base, n);
		if (from)
			memcpy(b->at->iov_base, from + moved - left, n);
		b->at->iov_base = (uint8_t *)b->at->iov_base + n;
		b->at->iov_len -= n;
		left -= n;
		if (!b->at->iov_len) {
			b->at++;
			b->count--;
		}
	}
	return moved;
}

size_t virtqueue_read(struct virtqueue_bytes *out, void *to, size_t len)
{
	return move(out, to, NULL, len);
}

size_t virtqueue_write(struct virtqueue_bytes *in, const void *from, size_t len)
{
	return move(in, NULL, from, len);
}

size_t virtqueue_skip(struct virtqueue_bytes *bytes, size_t len)
{
	return move(bytes, NULL, NULL, len);
}

uint8_t *virtqueue_last(struct virtqueue_bytes *bytes)
{
	struct iovec *last;

	if (!bytes->len)
		return NULL;
	last = &bytes->at[bytes->count - 1];
	bytes->len--;
	if (!--last->iov_len)
		bytes->count--;
	return (uint8_t *)last->iov_base + last->iov_len;
}
