/* SPDX-License-Identifier: BSD-2-Clause */
/* codec.c: the table of sections: which are of a snapshot, which are missing, unknown or of another version.
 */
#include "vmm/snapshot/codec.h"

#include <errno.h>
#include <stdlib.h>

#include "tap.h"

#define ONE  SNAP_TAG('O', 'N', 'E', ' ')
#define EACH SNAP_TAG('E', 'A', 'C', 'H')
#define MAY  SNAP_TAG('M', 'A', 'Y', ' ')

#define VCPUS  3
#define MEMORY 77

/* A machine that is easy to look at. */
struct arch_state {
	uint32_t one, may, each[VCPUS];
};

static struct error err;

static bool has_may(const struct arch_state *state)
{
	return state->may;
}

static void put_one(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	(void)vcpu;
	snap_put32(s, state->one);
}

static bool get_one(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory)
{
	(void)vcpu;
	state->one = snap_get32(r);
	return memory == MEMORY && state->one != 13;
}

static void put_may(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	(void)vcpu;
	snap_put32(s, state->may);
}

static bool get_may(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory)
{
	(void)vcpu;
	(void)memory;
	state->may = snap_get32(r);
	return true;
}

static void put_each(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	snap_put32(s, state->each[vcpu]);
}

static bool get_each(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory)
{
	(void)memory;
	state->each[vcpu] = snap_get32(r);
	return true;
}

static bool room(struct arch_state *state, unsigned vcpus)
{
	(void)vcpus;
	*state = (struct arch_state){ 0 };
	return true;
}

static const struct codec_section sections[] = {
	{ ONE, 4, false, true, NULL, put_one, get_one },
	{ EACH, 2, true, false, NULL, put_each, get_each },
	{ MAY, 1, false, true, has_may, put_may, get_may },
	{ 0 },
};
static const struct device_row devices[] = { { 0 } };
static const struct state_codec codec = {
	.arch = "test", .sections = sections, .devices = devices, .room = room
};
static const struct arch_state full = { 1, 2, { 10, 11, 12 } };

static struct codec_scope scope(enum snap_kind kind)
{
	return (struct codec_scope){ kind, VCPUS, 1, MEMORY, NULL };
}

static int decode(const struct snapshot *snap, enum snap_kind kind, struct arch_state *state)
{
	const struct codec_scope of = scope(kind);

	return codec_decode(&codec, state, snap, &of, &err);
}

static void kinds(void)
{
	static const struct arch_state without = { 1, 0, { 10, 11, 12 } };
	struct arch_state state;
	struct snapshot snap;

	snap_init(&snap, "test");
	is(codec_encode(&codec, &full, SNAP_VM, VCPUS, &snap, &err), 0, "a whole machine");
	ok(snap.count == 5 && snap.sections[0].version == 4 && snap.sections[3].id == 2, "has all sections");
	is(decode(&snap, SNAP_VM, &state), 0, "and is decoded");
	ok(!memcmp(&state, &full, sizeof(full)), "to what it was");
	snap_free(&snap);

	snap_init(&snap, "test");
	codec_encode(&codec, &full, SNAP_IRQ, VCPUS, &snap, &err);
	is(snap.count, 2, "interrupts alone have those of interrupts");
	is(decode(&snap, SNAP_IRQ, &state), 0, "which are all that is looked for");
	ok(state.one == 1 && state.may == 2 && !state.each[0], "and all that comes back");
	is(decode(&snap, SNAP_VM, &state), -EBADMSG, "they are no whole machine");
	has(err.text, "section EACH 0 is missing", "and what is missing is said");
	snap_free(&snap);

	snap_init(&snap, "test");
	codec_encode(&codec, &without, SNAP_VM, VCPUS, &snap, &err);
	is(snap.count, 4, "a section that the state has not");
	is(decode(&snap, SNAP_VM, &state), 0, "need not be there");
	ok(!memcmp(&state, &without, sizeof(state)), "and none comes back");
	snap_free(&snap);
}

static void wrong(void)
{
	struct arch_state state;
	struct snapshot snap;

	snap_init(&snap, "test");
	codec_encode(&codec, &full, SNAP_VM, VCPUS, &snap, &err);
	snap_remove(&snap, EACH, 1);
	is(decode(&snap, SNAP_VM, &state), -EBADMSG, "one vCPU's section is missing");
	has(err.text, "section EACH 1 is missing", "and which is said");
	snap_remove(&snap, ONE, 0);
	is(decode(&snap, SNAP_VM, &state), -EBADMSG, "the VM's");
	has(err.text, "section ONE 0 is missing", "too");
	snap_free(&snap);

	for (unsigned way = 0; way < 4; way++) {
		struct snap_section *s;
		uint8_t *bytes;
		struct snapshot decoded;
		size_t len;

		snap_init(&snap, "test");
		codec_encode(&codec, &full, SNAP_VM, VCPUS, &snap, &err);
		s = &snap.sections[0];
		if (way == 0)
			s->version = 5;
		else if (way == 1)
			s->bytes[3] = 13;
		else if (way == 2)
			s->len--;
		else
			snap_put8(s, 0);
		snap_encode(&snap, &bytes, &len, &err);
		is(snap_decode(&decoded, bytes, len, false, &err), 0, "way %u: a good container", way);
		is(decode(&decoded, SNAP_VM, &state), -EBADMSG, "with a section that is not");
		has(err.text, way ? "section ONE 0" : "section ONE 0 has version 5, this zpvm reads 4",
		    "which is named");
		has(err.text, "offset ", "with its offset");
		snap_free(&decoded);
		free(bytes);
		snap_free(&snap);
	}
}

static void known(void)
{
	struct snap_section s = { .tag = EACH, .id = 2 };
	struct codec_scope of = scope(SNAP_VM);

	ok(codec_knows(&codec, &s, &of), "the last vCPU's section is known");
	s.id = 3;
	ok(!codec_knows(&codec, &s, &of), "one of a vCPU that there is not is unknown");
	s = (struct snap_section){ .tag = ONE, .id = 1 };
	ok(!codec_knows(&codec, &s, &of), "a second one of the VM");
	s.tag = SNAP_TAG('W', 'H', 'A', 'T');
	ok(!codec_knows(&codec, &s, &of), "one with another tag");
	of = scope(SNAP_IRQ);
	s = (struct snap_section){ .tag = EACH };
	ok(!codec_knows(&codec, &s, &of), "and one of a whole machine among interrupts alone");
	ok(snap_optional(SNAP_TAG('b', 'o', 'o', 'k')) && !snap_optional(ONE), "small letters are optional");
}

int main(void)
{
	kinds();
	wrong();
	known();
	return tap_done();
}
