/* SPDX-License-Identifier: BSD-2-Clause */
/* codec.c: the state of a POWER9 machine: what comes back, and what is refused. */
#include "arch/power9/snapshot/codec.h"
#include "arch/power9/lab/irq.h"
#include "devices/hvterm.h"

#include "arch/power9/snapshot/describe.h"
#include "tests/unit/codec.h"
#include "tests/unit/fields.h"

#define REG(size_log, n) ((uint64_t)(size_log) << 52 | 0x1000000000000000 | (n))
#define COUNT(array)     (sizeof(array) / sizeof((array)[0]))

#define SERVER1 8 /* of vCPU 1 */

static struct error err;

static const struct p9_source sources[] = {
	{ .lisn = 0, .target = { false, 0, 6, 0x10 }, .pq = 0 },
	{ .lisn = 1,
	  .lsi = true,
	  .asserted = true,
	  .target = { false, SERVER1, 5, 0x11 },
	  .pq = 2,
	  .pending = true },
	{ .lisn = 0x1000, .target = { true, 0x99999999, 0xff, 0x12 }, .pq = PQ_OFF },
	{ .lisn = P9_SOURCES_MAX - 1, .target = { false, SERVER1, 0, UINT32_MAX }, .pq = 3 },
};

static const struct p9_queue queues[] = {
	{ .server = 0,
	  .priority = 6,
	  .flags = 1,
	  .shift = 16,
	  .addr = 0x10000,
	  .toggle = 1,
	  .index = 16383,
	  .published = true,
	  .place = 0x80003fff },
	{ .server = SERVER1,
	  .priority = 0,
	  .flags = 0x80000001,
	  .shift = 12,
	  .addr = MEMORY - 4096,
	  .index = 5 },
};

static const struct p9_line lines_of[] = { { 0x1000, true, 0 }, { 0x1001, false, UINT64_MAX - 1 } };

static void fill_cpu(struct p9_cpu *cpu, uint8_t first, uint32_t server)
{
	for (size_t i = 0; i < offsetof(struct p9_cpu, regs); i++)
		((uint8_t *)cpu)[i] = (uint8_t)(first + i + i / 256);
	cpu->regs[0] = (struct p9_reg){ REG(2, 1), { 0x89abcdef, 0 } };
	cpu->regs[1] = (struct p9_reg){ REG(3, 2), { 0x0123456789abcdef, 0 } };
	cpu->regs[2] = (struct p9_reg){ REG(4, 3), { 0x1112131415161718, 0x2122232425262728 } };
	cpu->reg_count = first & 1 ? 3 : P9_REGS_MAX;
	for (unsigned i = 3; i < cpu->reg_count; i++)
		cpu->regs[i] = (struct p9_reg){ REG(3, i), { i, 0 } };
	cpu->server = server;
	cpu->vp_state = 0x3132333435363738 + first;
}

static struct arch_state *build(void)
{
	struct arch_state *state = arch_codec->create();
	struct fifo *typed = device_states_add(&state->devices, &hvterm_section, 0);

	state->cpus = calloc(VCPUS, sizeof(*state->cpus));
	state->cpu_count = VCPUS;
	fill_cpu(&state->cpus[0], 1, 0);
	fill_cpu(&state->cpus[1], 100, SERVER1);
	state->sources = calloc(COUNT(sources), sizeof(sources[0]));
	memcpy(state->sources, sources, sizeof(sources));
	state->source_count = COUNT(sources);
	state->queues = calloc(COUNT(queues), sizeof(queues[0]));
	memcpy(state->queues, queues, sizeof(queues));
	state->queue_count = COUNT(queues);
	state->lines.all = calloc(COUNT(lines_of), sizeof(lines_of[0]));
	memcpy(state->lines.all, lines_of, sizeof(lines_of));
	state->lines.count = COUNT(lines_of);
	fifo_put(typed, (const uint8_t *)"typed\n", 6);
	state->queues[0].len = 5;
	state->queues[0].entries = malloc(5);
	memcpy(state->queues[0].entries, "\x80\0\0\x01\x02", 5);
	state->has_time_base = true;
	state->time_base = 0xfedcba9876543210;
	state->modes = (struct p9_modes){
		.process_table = 0x10004, .gtse = true, .vty_signals = true, .time_offset = -5
	};
	return state;
}

static void round_trip(struct snapshot *snap)
{
	struct arch_state *state = build(), *back = arch_codec->create();

	is(encode_state(state, snap, &err), 0, "encode");
	is(decode_state(back, snap, VCPUS, MEMORY, &err), 0, "decode");
	is(back->cpu_count, VCPUS, "both vCPUs");
	for (unsigned i = 0; i < VCPUS; i++)
		ok(!memcmp(&state->cpus[i], &back->cpus[i], sizeof(back->cpus[i])),
		   "all registers and the thread context of vCPU %u", i);
	ok(back->source_count == COUNT(sources) && !memcmp(back->sources, sources, sizeof(sources)),
	   "the sources");
	is(back->queue_count, COUNT(queues), "the queues");
	for (size_t i = 0; i < COUNT(queues) && i < back->queue_count; i++) {
		const struct p9_queue *a = &state->queues[i], *b = &back->queues[i];

		ok(a->server == b->server && a->priority == b->priority && a->flags == b->flags &&
		           a->shift == b->shift && a->addr == b->addr && a->toggle == b->toggle &&
		           a->index == b->index && a->len == b->len && a->published == b->published &&
		           a->place == b->place && (!a->len || !memcmp(a->entries, b->entries, a->len)),
		   "queue %zu and its entries", i);
	}
	ok(!memcmp(device_states_find(&back->devices, HVTERM_TAG, 0),
	           device_states_find(&state->devices, HVTERM_TAG, 0), sizeof(struct fifo)),
	   "what was typed");
	ok(back->modes.process_table == 0x10004 && back->modes.gtse && back->modes.vty_signals &&
	           back->modes.time_offset == -5,
	   "what the partition has set");
	ok(back->has_time_base && back->time_base == state->time_base, "the time base");
	ok(back->queue_count > 1 && !back->queues[1].entries, "a queue that is all zeros has no bytes");
	is(back->lines.count, COUNT(lines_of), "the irqfds");
	for (size_t i = 0; i < back->lines.count; i++)
		ok(back->lines.all[i].source == lines_of[i].source &&
		           back->lines.all[i].on == lines_of[i].on &&
		           back->lines.all[i].count == lines_of[i].count,
		   "irqfd %zu", i);
	arch_codec->free(back);
	arch_codec->free(state);
}

/* The same machine with XICS: no queues, and what waits is in the source's state. */
static struct arch_state *build_xics(void)
{
	struct arch_state *state = build();

	state->model = &p9_xics;
	for (unsigned i = 0; i < VCPUS; i++) {
		state->cpus[i].vp_state = 0;
		state->cpus[i].icp = i ? 0xff0000005ff0000 : 0xff00000004ff0000;
	}
	for (size_t i = 0; i < state->queue_count; i++)
		free(state->queues[i].entries);
	state->queue_count = 0;
	state->sources[0].target.priority = 0xff;
	return state;
}

/* Without a controller: neither contexts nor sources. */
static void no_controller(void)
{
	struct arch_state *state = build_xics(), *back = arch_codec->create();
	struct snapshot snap;

	state->model = &p9_none;
	state->source_count = 0;
	state->lines.count = 0;
	snap_init(&snap, "power9");
	is(encode_state(state, &snap, &err), 0, "no controller: encode");
	ok(!snap_find(&snap, P9_TAG_VP, 0) && !snap_find(&snap, P9_TAG_ICP, 0), "no contexts");
	is(decode_state(back, &snap, VCPUS, MEMORY, &err), 0, "decode");
	ok(back->model == &p9_none && !back->source_count, "there is none");
	snap_free(&snap);
	state->source_count = 1;
	snap_init(&snap, "power9");
	encode_state(state, &snap, &err);
	is(decode_only(&snap), -EBADMSG, "a source is a controller's");
	snap_free(&snap);
	arch_codec->free(back);
	arch_codec->free(state);
}

static void xics(void)
{
	struct arch_state *state = build_xics(), *back = arch_codec->create();
	const struct irq ipi = { .code = KIND_IPI, .cpu = 1 }, no_ipi = { .code = KIND_IPI, .cpu = VCPUS };
	struct snapshot snap;
	unsigned count;
	char *text;

	snap_init(&snap, "power9");
	is(encode_state(state, &snap, &err), 0, "XICS: encode");
	is(decode_state(back, &snap, VCPUS, MEMORY, &err), 0, "decode");
	ok(back->model == &p9_xics && back->cpus[0].icp == state->cpus[0].icp &&
	           back->cpus[1].icp == state->cpus[1].icp,
	   "it is XICS, and both vCPUs have their presentation");
	ok(!memcmp(back->sources, state->sources, sizeof(sources)), "the sources");
	state->sources[2].pq = 3; /* taken, not ended, and queued behind that */
	state->sources[3].pending = true;
	state->sources[0].pq = PQ_Q; /* masked before it was presented */
	text = pending_lines(state, VCPUS, &count);
	is(count, 7, "pending, pending and queued, taken and queued, masked, and two IPIs");
	has(text, "vCPU 1    source 0x1 priority 5 PQ 10, level 1\n", "a level");
	has(text, "vCPU 1    IPI priority 5 (MFRR)\n", "an IPI");
	is(arch_state_count(state, &ipi), 1, "of vCPU 1");
	is(arch_state_count(state, &no_ipi), 0, "of a vCPU that is not there");
	free(text);
	state->queue_count = 1;
	state->queues[0].entries = NULL;
	state->queues[0].len = 0;
	snap_free(&snap);
	snap_init(&snap, "power9");
	encode_state(state, &snap, &err);
	is(decode_only(&snap), -EBADMSG, "event queues are XIVE's");
	snap_free(&snap);
	arch_codec->free(back);
	arch_codec->free(state);
}

static void pending(void)
{
	struct arch_state *state = build();
	unsigned count;
	char *text = pending_lines(state, VCPUS, &count);

	is(count, 2, "one that is added and one with Q; P is none, as it is in no queue");
	is(lines(text), 2, "a line for each source");
	has(text, "source    source 0x1 priority 5 PQ 10, level 1, was added\n", "P");
	has(text, "source    source 0xfffff priority 0 PQ 11, once more\n", "P and Q");
	free(text);
	arch_codec->free(state);
}

/* Applies a change to a good state; what decoding it says. */
static int changed(void (*change)(struct arch_state *state))
{
	struct arch_state *state = build();
	struct snapshot snap;
	int rc;

	change(state);
	snap_init(&snap, "power9");
	encode_state(state, &snap, &err);
	rc = decode_only(&snap);
	snap_free(&snap);
	arch_codec->free(state);
	return rc;
}

#define CHANGE(name, statement)                       \
	static void name(struct arch_state *state)    \
	{                                             \
		struct p9_source *s = state->sources; \
		struct p9_queue *q = state->queues;   \
		(void)s;                              \
		(void)q;                              \
		statement;                            \
	}

CHANGE(nothing, )
CHANGE(pq_4, s->pq = 4)
CHANGE(lisn_max, s->lisn = P9_SOURCES_MAX)
CHANGE(source_server, s->target.server = 1)
CHANGE(source_asserted, s->asserted = true)
CHANGE(cpu_order, state->cpus[1].server = 0)
CHANGE(line_source, state->lines.all[0].source = P9_SOURCES_MAX)
CHANGE(line_count, state->lines.all[0].count = UINT64_MAX)
CHANGE(source_server_masked, s->target.server = VCPUS; s->target.masked = true)
CHANGE(source_priority, s->target.priority = P9_PRIORITIES)
CHANGE(queue_server, q->server = VCPUS)
CHANGE(queue_priority, q->priority = P9_PRIORITIES)
CHANGE(queue_shift_1, q->shift = 1; q->len = 0; q->index = 0)
CHANGE(queue_shift_25, q->shift = 25)
CHANGE(queue_shift_64, q->shift = 64)
CHANGE(queue_shift_huge, q->shift = UINT32_MAX)
CHANGE(queue_too_large, q->shift = 21; q->addr = 0)
CHANGE(queue_all, q->shift = 20; q->addr = 0)
CHANGE(queue_beyond, q->addr = MEMORY)
CHANGE(queue_across, q->addr = MEMORY - 32768)
CHANGE(queue_far, q->addr = UINT64_MAX - 65535)
CHANGE(queue_unaligned, q->addr = 0x11000)
CHANGE(queue_toggle, q->toggle = 2)
CHANGE(queue_index, q->index = 16384)
CHANGE(queue_long, q[1].entries = calloc(1, 4097); q[1].len = 4097)
CHANGE(queue_full, q[1].entries = calloc(1, 4096); q[1].len = 4096)
CHANGE(table_none, state->modes.process_table = 0)
CHANGE(table_beyond, state->modes.process_table = MEMORY)
CHANGE(table_last, state->modes.process_table = MEMORY - 4096)
CHANGE(table_across, state->modes.process_table = MEMORY - 4096 + 1)
CHANGE(table_huge, state->modes.process_table = 25)
CHANGE(table_odd, state->modes.process_table = 0x10020)
CHANGE(table_wraps, state->modes.process_table = UINT64_MAX - 4095 + 24)
CHANGE(reg_1, state->cpus[0].regs[1].id = REG(1, 2))
CHANGE(reg_32, state->cpus[0].regs[1].id = REG(5, 2))
CHANGE(reg_0, state->cpus[0].regs[1].id = 0)

static void refused(void)
{
	static const struct {
		void (*change)(struct arch_state *state);
		int rc;
		const char *what;
	} all[] = {
		{ nothing, 0, "a good state" },
		{ pq_4, -EBADMSG, "PQ of three bits" },
		{ lisn_max, -EBADMSG, "a source beyond the last" },
		{ source_asserted, -EBADMSG, "a message source with a level" },
		{ cpu_order, -EBADMSG, "two vCPUs that are one server" },
		{ line_source, -EBADMSG, "an irqfd of a source beyond the last" },
		{ line_count, -EBADMSG, "more signals than an eventfd holds" },
		{ source_server, -EBADMSG, "a source to a vCPU that is not there" },
		{ source_server_masked, 0, "the same while it is masked" },
		{ source_priority, -EBADMSG, "a source with the hypervisor's priority" },
		{ queue_server, -EBADMSG, "a queue of a vCPU that is not there" },
		{ queue_priority, -EBADMSG, "a queue with the hypervisor's priority" },
		{ queue_shift_1, -EBADMSG, "a queue of less than an entry" },
		{ queue_shift_25, -EBADMSG, "a queue of 32 MiB" },
		{ queue_shift_64, -EBADMSG, "a queue of 2^64 bytes" },
		{ queue_shift_huge, -EBADMSG, "a queue of 2^4294967295 bytes" },
		{ queue_too_large, -EBADMSG, "a queue larger than memory" },
		{ queue_all, 0, "a queue as large as memory" },
		{ queue_beyond, -EBADMSG, "a queue behind memory" },
		{ queue_across, -EBADMSG, "a queue across the end of memory" },
		{ queue_far, -EBADMSG, "a queue at the end of the address space" },
		{ queue_unaligned, -EBADMSG, "a queue that is not aligned" },
		{ queue_toggle, -EBADMSG, "a toggle bit of 2" },
		{ queue_index, -EBADMSG, "an index beyond the queue" },
		{ queue_long, -EBADMSG, "more bytes than the queue has" },
		{ queue_full, 0, "as many as it has" },
		{ table_none, 0, "no process table" },
		{ table_beyond, -EBADMSG, "a process table behind memory" },
		{ table_last, 0, "one in the last page" },
		{ table_across, -EBADMSG, "one across the end of memory" },
		{ table_huge, -EBADMSG, "one of 2^37 bytes" },
		{ table_odd, -EBADMSG, "one of 2^44 bytes" },
		{ table_wraps, -EBADMSG, "one at the end of the address space" },
		{ reg_1, -EBADMSG, "a register of 2 bytes" },
		{ reg_32, -EBADMSG, "a register of 32 bytes" },
		{ reg_0, -EBADMSG, "a register without size" },
	};

	for (size_t i = 0; i < COUNT(all); i++)
		is(changed(all[i].change), all[i].rc, "%s", all[i].what);
}

/* A number at an offset of the section with this tag: too large to be true. */
static void count_refused(const struct snapshot *good, uint32_t tag, size_t at, uint32_t value)
{
	const struct snap_section *s = snap_find(good, tag, 0);
	uint8_t saved[4];

	memcpy(saved, s->bytes + at, 4);
	for (int b = 0; b < 4; b++)
		s->bytes[at + b] = (uint8_t)(value >> 8 * (3 - b));
	is(decode_only(good), -EBADMSG, "a count of %u", value);
	memcpy(s->bytes + at, saved, 4);
}

/* One register more than there is room for, and the bytes for it. */
static void too_many_registers(const struct snapshot *good)
{
	struct snapshot snap;
	size_t i = 0, len;

	while (good->sections[i].tag != SNAP_TAG('C', 'P', 'U', ' ') || good->sections[i].id != 1)
		i++;
	len = good->sections[i].len;
	copy_sections(&snap, good, i, len + 16, false);
	memcpy(snap.sections[i].bytes + len, snap.sections[i].bytes + len - 16, 16);
	is(snap.sections[i].bytes[4 + 49 * 8 + 3], P9_REGS_MAX, "vCPU 1 has all registers");
	snap.sections[i].bytes[4 + 49 * 8 + 3]++;
	is(decode_only(&snap), -EBADMSG, "one more is refused");
	snap_free(&snap);
}

/* How many of one interrupt are pending. */
static void counting(void)
{
	static const struct {
		const char *source;
		unsigned count;
	} all[] = { { "0", 0 }, { "1", 1 }, { "0x1000", 0 }, { "0xfffff", 1 }, { "7", 0 } };
	struct arch_state *state = build();
	struct irq irq;

	for (size_t i = 0; i < COUNT(all); i++) {
		const struct word words[] = { { NULL, "source" }, { NULL, all[i].source } };

		irq_parse(words, 2, &irq, &err);
		is(arch_state_count(state, &irq), all[i].count, "pending of source %s", all[i].source);
	}
	irq = irq_of_timer(ABI_TIMER_CLOCK, 0);
	is(arch_state_count(state, &irq), 0, "a decrementer is no source");
	arch_codec->free(state);
}

static void sizes(void)
{
	static const unsigned want[16] = { [2] = 4, [3] = 8, [4] = 16 };
	unsigned wrong = 0;

	for (unsigned i = 0; i < 16; i++)
		wrong += p9_reg_size((uint64_t)i << 52 | 0xff0fffffffffffff) != want[i];
	is(wrong, 0, "register sizes: 4, 8, 16 bytes, no other");
}

/* With an argument: writes the good state to that file. */
int main(int argc, char **argv)
{
	struct snapshot snap;

	allocation_watch();
	snap_init(&snap, "power9");
	round_trip(&snap);
	if (argc > 1) {
		int rc = write_seed(&snap, argv[1]);

		snap_free(&snap);
		return rc;
	}
	check_sections(&snap, (const uint32_t[]){ P9_TAG_CLOCK, P9_TAG_TIME, 0 });
	largest = 0;
	for (int i = 0; i < 2; i++) {
		uint32_t value = i ? UINT32_MAX : P9_SOURCES_MAX;

		count_refused(&snap, SNAP_TAG('X', 'S', 'R', 'C'), 0, value);
		count_refused(&snap, SNAP_TAG('X', 'E', 'Q', ' '), 0, value);
		count_refused(&snap, SNAP_TAG('X', 'L', 'I', 'N'), 0, value);
		count_refused(&snap, SNAP_TAG('C', 'P', 'U', ' '), 4 + 49 * 8, value);
	}
	count_refused(&snap, SNAP_TAG('X', 'E', 'Q', ' '), 0, VCPUS * P9_PRIORITIES + 1);
	count_refused(&snap, SNAP_TAG('C', 'P', 'U', ' '), 4 + 49 * 8, P9_REGS_MAX + 1);
	ok(largest && largest < 1 << 20, "none makes a large allocation (%zu)", largest);
	too_many_registers(&snap);
	is(decode_only(&snap), 0, "unchanged it is good");
	snap_free(&snap);
	refused();
	pending();
	xics();
	no_controller();
	counting();
	sizes();
	fields_complete("vCPU", p9_cpu_fields, offsetof(struct p9_cpu, regs), 0, 0);
	/* The offset of the time of day, the last member, is a section of its own. */
	fields_complete("modes", p9_modes_fields, offsetof(struct p9_modes, time_offset), 6, 0);
	fields_complete("irqfd", p9_line_fields, sizeof(struct p9_line), 3, 1);
	return tap_done();
}
