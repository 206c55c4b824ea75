/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio_section.c: the sections of virtio devices in a snapshot. Pure. */
#include <stdlib.h>
#include <string.h>

#include "virtio_blk.h"
#include "virtio_console.h"
#include "virtio_net.h"
#include "virtio_rng.h"
#include "vmm/snapshot/device_section.h"

/* --- what they have in common ------------------------------------------------ */

void virtio_put(struct snap_section *s, const struct virtio_state *state)
{
	snap_put16(s, state->id);
	snap_put8(s, state->count);
	snap_put8(s, state->status);
	snap_put8(s, state->generation);
	snap_put8(s, state->due);
	snap_put64(s, state->features);
	for (unsigned i = 0; i < state->count; i++) {
		const struct virtqueue_state *q = &state->queues[i];

		snap_put8(s, q->enabled);
		snap_put16(s, q->size);
		snap_put64(s, q->desc);
		snap_put64(s, q->avail);
		snap_put64(s, q->used);
		snap_put16(s, q->next_avail);
		snap_put16(s, q->next_used);
		snap_put16(s, q->signalled);
	}
}

/* A reader that is bad stays bad: a flag that is none spoils the whole. */
static bool get_flag(struct snap_reader *r)
{
	uint8_t v = snap_get8(r);

	r->bad |= v > 1;
	return v;
}

static bool get_queue(struct snap_reader *r, struct virtqueue_state *q, uint64_t memory)
{
	q->enabled = get_flag(r);
	q->size = snap_get16(r);
	q->desc = snap_get64(r);
	q->avail = snap_get64(r);
	q->used = snap_get64(r);
	q->next_avail = snap_get16(r);
	q->next_used = snap_get16(r);
	q->signalled = snap_get16(r);
	if (r->bad || !q->size || q->size > VIRTQUEUE_SIZE_MAX || q->size & (q->size - 1))
		return false;
	return !q->enabled || virtqueue_valid(q, memory);
}

/* What virtio_set_status() lets a driver reach. */
static bool is_possible(const struct virtio_state *s)
{
	if (s->status & VIRTIO_FEATURES_OK && !(s->features & VIRTIO_F_VERSION_1))
		return false;
	return !(s->status & VIRTIO_DRIVER_OK) || s->status & VIRTIO_FEATURES_OK;
}

bool virtio_get(struct snap_reader *r, struct virtio_state *state, uint16_t id, uint64_t memory)
{
	*state = (struct virtio_state){ .id = snap_get16(r) };
	state->count = snap_get8(r);
	state->status = snap_get8(r);
	state->generation = snap_get8(r);
	state->due = snap_get8(r);
	state->features = snap_get64(r);
	if (r->bad || state->id != id || !state->count || state->count > VIRTIO_QUEUES_MAX ||
	    state->due >> state->count || !is_possible(state))
		return false;
	for (unsigned i = 0; i < state->count; i++)
		if (!get_queue(r, &state->queues[i], memory))
			return false;
	return true;
}

static void describe_common(const struct virtio_state *state, const char *name, unsigned id,
                            struct outline *out)
{
	outline_at(out, "%s.%u", name, id);
	outline_hex(out, "status", state->status);
	outline_hex(out, "features", state->features);
	outline_number(out, "generation", state->generation);
	outline_hex(out, "due", state->due);
	for (unsigned i = 0; i < state->count; i++) {
		const struct virtqueue_state *q = &state->queues[i];

		outline_at(out, "%s.%u.queue.%u", name, id, i);
		outline_flag(out, "enabled", q->enabled);
		outline_number(out, "size", q->size);
		outline_hex(out, "descriptors", q->desc);
		outline_hex(out, "available", q->avail);
		outline_hex(out, "used", q->used);
		outline_number(out, "next-available", q->next_avail);
		outline_number(out, "next-used", q->next_used);
		outline_number(out, "signalled", q->signalled);
	}
	outline_at(out, "%s.%u", name, id);
}

/* --- disk ---------------------------------------------------------------------- */

static void put_blk(struct snap_section *s, const void *of)
{
	const struct virtio_blk_state *state = of;

	virtio_put(s, &state->virtio);
	snap_put8(s, state->ro);
	snap_put8(s, state->cow);
	snap_put64(s, state->mark.size);
	snap_put64(s, state->mark.inode);
	snap_put64(s, state->mark.changed);
	snap_put64(s, state->count);
	snap_put(s, state->blocks, (size_t)state->count * VIRTIO_BLK_BLOCK_LEN);
}

/* Their numbers must ascend, and be on the disk. */
static bool get_blocks(struct snap_reader *r, struct virtio_blk_state *state)
{
	struct snap_reader blocks = *r;
	uint64_t next = 0;

	if (state->count > snap_left(r) / VIRTIO_BLK_BLOCK_LEN || (state->count && !state->cow))
		return false;
	state->blocks = snap_get(r, (size_t)state->count * VIRTIO_BLK_BLOCK_LEN);
	for (uint64_t i = 0; i < state->count; i++) {
		uint64_t block = snap_get64(&blocks);

		if (block < next || block >= disk_blocks(state->mark.size))
			return false;
		next = block + 1;
		snap_get(&blocks, DISK_BLOCK);
	}
	return true;
}

static bool get_blk(struct snap_reader *r, void *to, uint64_t memory)
{
	struct virtio_blk_state *state = to;

	if (!virtio_get(r, &state->virtio, VIRTIO_ID_BLK, memory))
		return false;
	state->ro = get_flag(r);
	state->cow = get_flag(r);
	state->mark.size = snap_get64(r);
	state->mark.inode = snap_get64(r);
	state->mark.changed = snap_get64(r);
	state->count = snap_get64(r);
	if (r->bad || !state->mark.size || state->mark.size % DISK_SECTOR || state->mark.size > INT64_MAX)
		return false;
	return get_blocks(r, state);
}

static void describe_blk(const void *of, unsigned id, struct outline *out)
{
	const struct virtio_blk_state *state = of;
	char sum[SNAP_SUM_TEXT];

	describe_common(&state->virtio, "virtio-blk", id, out);
	outline_flag(out, "ro", state->ro);
	outline_flag(out, "cow", state->cow);
	outline_number(out, "bytes", state->mark.size);
	outline_number(out, "inode", state->mark.inode);
	outline_number(out, "changed-ns", state->mark.changed);
	outline_number(out, "changed-blocks", state->count);
	if (state->count)
		outline_text(out, "changed-blocks-sum", "%s",
		             snap_sum_text(state->blocks, (size_t)state->count * VIRTIO_BLK_BLOCK_LEN, sum));
}

static void release_blk(void *of)
{
	free(((struct virtio_blk_state *)of)->owned);
}

const struct device_section virtio_blk_section = {
	.tag = VIRTIO_BLK_TAG,
	.version = 1,
	.name = "virtio-blk",
	.size = sizeof(struct virtio_blk_state),
	.put = put_blk,
	.get = get_blk,
	.describe = describe_blk,
	.release = release_blk,
};

/* --- network card ------------------------------------------------------------------ */

static void put_net(struct snap_section *s, const void *of)
{
	const struct virtio_net_state *state = of;

	virtio_put(s, &state->virtio);
	snap_put(s, state->port.mac, NET_MAC);
	snap_put8(s, state->port.up);
}

static bool get_net(struct snap_reader *r, void *to, uint64_t memory)
{
	struct virtio_net_state *state = to;
	const void *mac;

	if (!virtio_get(r, &state->virtio, VIRTIO_ID_NET, memory))
		return false;
	mac = snap_get(r, NET_MAC);
	state->port.up = get_flag(r);
	if (r->bad)
		return false;
	memcpy(state->port.mac, mac, NET_MAC);
	return true;
}

static void describe_net(const void *of, unsigned id, struct outline *out)
{
	const struct virtio_net_state *state = of;
	const uint8_t *mac = state->port.mac;

	describe_common(&state->virtio, "virtio-net", id, out);
	outline_text(out, "mac", "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
	             mac[5]);
	outline_flag(out, "link", state->port.up);
}

const struct device_section virtio_net_section = {
	.tag = VIRTIO_NET_TAG,
	.version = 1,
	.name = "virtio-net",
	.size = sizeof(struct virtio_net_state),
	.put = put_net,
	.get = get_net,
	.describe = describe_net,
};

/* --- random bytes --------------------------------------------------------------------- */

static void put_rng(struct snap_section *s, const void *state)
{
	virtio_put(s, state);
}

static bool get_rng(struct snap_reader *r, void *state, uint64_t memory)
{
	return virtio_get(r, state, VIRTIO_ID_RNG, memory);
}

static void describe_rng(const void *state, unsigned id, struct outline *out)
{
	describe_common(state, "virtio-rng", id, out);
}

const struct device_section virtio_rng_section = {
	.tag = VIRTIO_RNG_TAG,
	.version = 1,
	.name = "virtio-rng",
	.size = sizeof(struct virtio_state),
	.put = put_rng,
	.get = get_rng,
	.describe = describe_rng,
};

/* --- console ---------------------------------------------------------------------------- */

static void put_console(struct snap_section *s, const void *of)
{
	const struct virtio_console_state *state = of;

	virtio_put(s, &state->virtio);
	fifo_encode(&state->in, s);
}

static bool get_console(struct snap_reader *r, void *to, uint64_t memory)
{
	struct virtio_console_state *state = to;

	return virtio_get(r, &state->virtio, VIRTIO_ID_CONSOLE, memory) && fifo_decode(&state->in, r);
}

static void describe_console(const void *of, unsigned id, struct outline *out)
{
	const struct virtio_console_state *state = of;

	describe_common(&state->virtio, "virtio-console", id, out);
	outline_bytes(out, "typed", state->in.bytes, state->in.len);
}

const struct device_section virtio_console_section = {
	.tag = VIRTIO_CONSOLE_TAG,
	.version = 1,
	.name = "virtio-console",
	.size = sizeof(struct virtio_console_state),
	.put = put_console,
	.get = get_console,
	.describe = describe_console,
};
