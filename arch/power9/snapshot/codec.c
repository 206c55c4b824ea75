/* SPDX-License-Identifier: BSD-2-Clause */
/* codec.c: the sections of a power9 snapshot. Pure. Read next: state.c. */
#include "codec.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "arch/power9/platform.h"
#include "devices/hvterm.h"
#include "devices/virtio/virtio_blk.h"
#include "devices/virtio/virtio_console.h"
#include "devices/virtio/virtio_net.h"
#include "devices/virtio/virtio_pci.h"
#include "devices/virtio/virtio_rng.h"
#include "queue.h"
#include "vmm/snapshot/codec.h"

#define QUEUE_SHIFT_MAX 24 /* of PAPR's; KVM takes 16 */

static struct arch_state *create(void)
{
	struct arch_state *state = calloc(1, sizeof(*state));

	if (state)
		state->model = &p9_xive;
	return state;
}

static void dispose(struct arch_state *state)
{
	if (!state)
		return;
	for (size_t i = 0; i < state->queue_count; i++)
		free(state->queues[i].entries);
	free(state->queues);
	free(state->lines.all);
	free(state->sources);
	free(state->cpus);
	device_states_free(&state->devices);
	free(state);
}

/* --- the numbers of each struct ----------------------------------------- */

#define CPU(...) FIELD(struct p9_cpu, __VA_ARGS__)
const struct field p9_cpu_fields[] = {
	CPU(pc, 1, 0, FIELD_HEX, 1, "pc"),        CPU(msr, 1, 0, FIELD_HEX, 2, "msr"),
	CPU(cr, 1, 0, FIELD_SET, 3, "cr"),        CPU(ctr, 1, 0, FIELD_SET, 4, "ctr"),
	CPU(lr, 1, 0, FIELD_SET, 5, "lr"),        CPU(xer, 1, 0, FIELD_SET, 6, "xer"),
	CPU(srr0, 1, 0, FIELD_SET, 7, "srr0"),    CPU(srr1, 1, 0, FIELD_SET, 8, "srr1"),
	CPU(pid, 1, 0, FIELD_SET, 9, "pid"),      CPU(sprg[0], 8, 0, FIELD_SET, 10, "sprg"),
	CPU(gpr[0], 32, 0, FIELD_SET, 11, "gpr"), { 0 },
};

const struct field p9_modes_fields[] = {
	FIELD(struct p9_modes, process_table, 1, 0, FIELD_HEX, 1, "process-table"),
	FIELD(struct p9_modes, gtse, 1, 1, FIELD_FLAG, 2, "gtse"),
	FIELD(struct p9_modes, vty_signals, 1, 1, FIELD_FLAG, 3, "terminal-interrupts"),
	{ 0 },
};

const struct field p9_line_fields[] = {
	FIELD(struct p9_line, source, 1, 0, FIELD_HEX, 0, NULL),
	FIELD(struct p9_line, on, 1, 1, FIELD_FLAG, 1, "on"),
	FIELD(struct p9_line, count, 1, 0, FIELD_NUMBER, 2, "signals"),
	{ 0 },
};

/* These have descriptions of their own. */
#define SOURCE(...) FIELD(struct p9_source, __VA_ARGS__)
static const struct field source_fields[] = { SOURCE(lisn, 1),          SOURCE(lsi, 1, 1),
	                                      SOURCE(asserted, 1, 1),   SOURCE(target.masked, 1, 1),
	                                      SOURCE(target.server, 1), SOURCE(target.priority, 1),
	                                      SOURCE(target.eisn, 1),   SOURCE(pq, 1, 3),
	                                      SOURCE(pending, 1, 1),    { 0 } };

#define QUEUE(...) FIELD(struct p9_queue, __VA_ARGS__)
static const struct field queue_fields[] = { QUEUE(server, 1), QUEUE(priority, 1), QUEUE(flags, 1),
	                                     QUEUE(shift, 1),  QUEUE(addr, 1),     QUEUE(toggle, 1, 1),
	                                     QUEUE(index, 1),  QUEUE(len, 1),      { 0 } };

static const struct field place_fields[] = { QUEUE(published, 1, 1), QUEUE(place, 1), { 0 } };

/* --- encode ----------------------------------------------------------- */

static void put_cpu(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	const struct p9_cpu *cpu = &state->cpus[vcpu];

	snap_put32(s, cpu->server);
	fields_put(s, p9_cpu_fields, cpu);
	snap_put32(s, cpu->reg_count);
	for (unsigned i = 0; i < cpu->reg_count; i++) {
		unsigned size = p9_reg_size(cpu->regs[i].id);

		snap_put64(s, cpu->regs[i].id);
		if (size == 4)
			snap_put32(s, (uint32_t)cpu->regs[i].value[0]);
		for (unsigned k = 0; k < size / 8; k++)
			snap_put64(s, cpu->regs[i].value[k]);
	}
}

static bool has_context(const struct arch_state *state)
{
	return state->model == &p9_xive;
}

/* In the order of memory: it is a piece of the controller's own. */
static void put_context(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	snap_put(s, &state->cpus[vcpu].vp_state, sizeof(uint64_t));
}

static bool has_icp(const struct arch_state *state)
{
	return state->model == &p9_xics;
}

static void put_icp(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	snap_put64(s, state->cpus[vcpu].icp);
}

static void put_sources(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	(void)vcpu;
	snap_put32(s, (uint32_t)state->source_count);
	for (size_t i = 0; i < state->source_count; i++)
		fields_put(s, source_fields, &state->sources[i]);
}

static void put_queues(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	(void)vcpu;
	snap_put32(s, (uint32_t)state->queue_count);
	for (size_t i = 0; i < state->queue_count; i++) {
		fields_put(s, queue_fields, &state->queues[i]);
		snap_put(s, state->queues[i].entries, state->queues[i].len);
	}
}

static void put_lines(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	(void)vcpu;
	snap_put32(s, (uint32_t)state->lines.count);
	for (size_t i = 0; i < state->lines.count; i++)
		fields_put(s, p9_line_fields, &state->lines.all[i]);
}

static bool has_places(const struct arch_state *state)
{
	for (size_t i = 0; i < state->queue_count; i++)
		if (state->queues[i].published)
			return true;
	return false;
}

static void put_places(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	(void)vcpu;
	snap_put32(s, (uint32_t)state->queue_count);
	for (size_t i = 0; i < state->queue_count; i++)
		fields_put(s, place_fields, &state->queues[i]);
}

static void put_modes(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	(void)vcpu;
	fields_put(s, p9_modes_fields, &state->modes);
}

static bool has_time(const struct arch_state *state)
{
	return state->modes.time_offset;
}

static void put_time(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	(void)vcpu;
	snap_put64(s, (uint64_t)state->modes.time_offset);
}

static bool has_clock(const struct arch_state *state)
{
	return state->has_time_base;
}

static void put_clock(struct snap_section *s, const struct arch_state *state, unsigned vcpu)
{
	(void)vcpu;
	snap_put64(s, state->time_base);
}

/* --- decode ----------------------------------------------------------- */

/* A vCPU's server number is its id, which the VM's stride says. */
static bool get_cpu(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory)
{
	struct p9_cpu *cpu = &state->cpus[vcpu];

	(void)memory;
	if (snap_get32(r) != cpu->server)
		return false;
	fields_get(r, p9_cpu_fields, cpu);
	cpu->reg_count = snap_get32(r);
	if (cpu->reg_count > P9_REGS_MAX)
		return false;
	for (unsigned i = 0; i < cpu->reg_count; i++) {
		struct p9_reg *reg = &cpu->regs[i];
		unsigned size;

		reg->id = snap_get64(r);
		size = p9_reg_size(reg->id);
		if (!size)
			return false;
		if (size == 4)
			reg->value[0] = snap_get32(r);
		for (unsigned k = 0; k < size / 8; k++)
			reg->value[k] = snap_get64(r);
	}
	return true;
}

static bool get_context(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory)
{
	const void *bytes = snap_get(r, sizeof(uint64_t));

	(void)memory;
	if (bytes)
		memcpy(&state->cpus[vcpu].vp_state, bytes, sizeof(uint64_t));
	return has_context(state);
}

static bool get_icp(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory)
{
	(void)memory;
	state->cpus[vcpu].icp = snap_get64(r);
	return true;
}

struct p9_source *p9_source_at(const struct arch_state *state, uint32_t lisn)
{
	size_t low = 0, high = state->source_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (state->sources[middle].lisn < lisn)
			low = middle + 1;
		else
			high = middle;
	}
	return low < state->source_count && state->sources[low].lisn == lisn ? &state->sources[low] : NULL;
}

/* Server numbers are multiples of the second one. */
bool p9_has_server(const struct arch_state *state, uint32_t server)
{
	uint32_t stride = state->cpu_count > 1 ? state->cpus[1].server : 1;

	return server % stride == 0 && server / stride < state->cpu_count;
}

static bool get_source(struct snap_reader *r, struct p9_source *source, const struct arch_state *state)
{
	fields_get(r, source_fields, source);
	if (r->bad || source->lisn >= P9_SOURCES_MAX || (source->asserted && !source->lsi))
		return false;
	return source->target.masked || (p9_has_server(state, source->target.server) &&
	                                 source->target.priority < state->model->priorities);
}

static bool get_queue(struct snap_reader *r, struct p9_queue *q, const struct arch_state *state,
                      uint64_t memory)
{
	const void *entries;

	fields_get(r, queue_fields, q);
	if (r->bad || !p9_has_server(state, q->server) || q->priority >= P9_PRIORITIES || q->shift < 2 ||
	    q->shift > QUEUE_SHIFT_MAX || q->addr > memory || 1ULL << q->shift > memory - q->addr ||
	    q->addr & ((1ULL << q->shift) - 1) || q->len > 1u << q->shift || q->index >= 1u << (q->shift - 2))
		return false;
	entries = snap_get(r, q->len);
	if (!entries || !q->len)
		return entries != NULL;
	q->entries = snap_alloc(r, q->len, 1);
	if (q->entries)
		memcpy(q->entries, entries, q->len);
	return q->entries;
}

/* A list's length is believed only as far as there are bytes for it. */
static bool get_count(struct snap_reader *r, size_t entry, size_t max, size_t *count)
{
	*count = snap_get32(r);
	return !r->bad && *count <= max && *count <= snap_left(r) / entry;
}

static bool get_sources(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory)
{
	size_t count;

	(void)vcpu, (void)memory;
	if (!get_count(r, 18, state->model->priorities ? P9_SOURCES_MAX : 0, &count))
		return false;
	state->sources = snap_alloc(r, count + 1, sizeof(*state->sources));
	if (!state->sources)
		return false;
	for (; state->source_count < count; state->source_count++) {
		struct p9_source *s = &state->sources[state->source_count];

		/* In ascending order, so none stands twice. */
		if (!get_source(r, s, state) || (state->source_count && s->lisn <= s[-1].lisn))
			return false;
	}
	return true;
}

/* Queues stand by server, then priority, each once. */
static uint64_t queue_order(const struct p9_queue *q)
{
	return (uint64_t)q->server * P9_PRIORITIES + q->priority;
}

static bool get_queues(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory)
{
	size_t count;

	(void)vcpu;
	if (!get_count(r, 33, (size_t)state->cpu_count * state->model->queues, &count))
		return false;
	state->queues = snap_alloc(r, count + 1, sizeof(*state->queues));
	if (!state->queues)
		return false;
	while (state->queue_count < count) {
		struct p9_queue *q = &state->queues[state->queue_count++]; /* its entries are to be freed */

		if (!get_queue(r, q, state, memory) ||
		    (q != state->queues && queue_order(q) <= queue_order(q - 1)))
			return false;
	}
	return true;
}

static bool get_places(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory)
{
	(void)vcpu, (void)memory;
	if (snap_get32(r) != state->queue_count)
		return false;
	for (size_t i = 0; i < state->queue_count; i++) {
		struct p9_queue *q = &state->queues[i];

		fields_get(r, place_fields, q);
		if (q->published ? !p9_queue_has(q, q->place) : q->place)
			return false;
	}
	return has_places(state);
}

/* A process table lies in memory: 4 KiB, times two to the power of what stands in its last five bits. */
static bool get_modes(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory)
{
	struct p9_modes *m = &state->modes;
	uint64_t addr, size;

	(void)vcpu;
	fields_get(r, p9_modes_fields, m);
	addr = m->process_table & ~0xfffULL;
	size = m->process_table & 0xfff;
	return (!m->process_table || (size <= 24 && addr < memory && 1ULL << (12 + size) <= memory - addr));
}

static bool get_lines(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory)
{
	size_t count;

	(void)vcpu, (void)memory;
	if (!get_count(r, 13, P9_LINES_MAX, &count))
		return false;
	state->lines.all = snap_alloc(r, count + 1, sizeof(*state->lines.all));
	if (!state->lines.all)
		return false;
	for (; state->lines.count < count; state->lines.count++) {
		struct p9_line *line = &state->lines.all[state->lines.count];

		fields_get(r, p9_line_fields, line);
		/* An eventfd holds less than its largest number. */
		if (r->bad || line->source >= P9_SOURCES_MAX || line->count == UINT64_MAX)
			return false;
	}
	return true;
}

static bool get_time(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory)
{
	(void)vcpu, (void)memory;
	state->modes.time_offset = (int64_t)snap_get64(r);
	return has_time(state);
}

static bool get_clock(struct snap_reader *r, struct arch_state *state, unsigned vcpu, uint64_t memory)
{
	(void)vcpu, (void)memory;
	state->has_time_base = true;
	state->time_base = snap_get64(r);
	return true;
}

/* Queues and targets name servers, so the vCPUs come first. */
static const struct codec_section sections[] = {
	{ P9_TAG_CPU, 2, true, false, NULL, put_cpu, get_cpu },
	{ P9_TAG_VP, 1, true, true, has_context, put_context, get_context },
	{ P9_TAG_ICP, 1, true, true, has_icp, put_icp, get_icp },
	{ P9_TAG_SOURCES, 2, false, true, NULL, put_sources, get_sources },
	{ P9_TAG_QUEUES, 1, false, true, NULL, put_queues, get_queues },
	{ P9_TAG_PLACES, 1, false, true, has_places, put_places, get_places },
	{ P9_TAG_LINES, 1, false, true, NULL, put_lines, get_lines },
	{ .tag = SECTIONS_OF_DEVICES },
	{ P9_TAG_MODES, 1, false, false, NULL, put_modes, get_modes },
	{ P9_TAG_TIME, 1, false, false, has_time, put_time, get_time },
	{ P9_TAG_CLOCK, 1, false, false, has_clock, put_clock, get_clock },
	{ 0 },
};

/* The devices that the machine can have. */
static const struct device_row devices[] = {
	{ &hvterm_section, 1, 1 },
	{ &virtio_blk_section, 0, P9_PCI_SLOTS },
	{ &virtio_net_section, 0, P9_PCI_SLOTS },
	{ &virtio_rng_section, 0, P9_PCI_SLOTS },
	{ &virtio_console_section, 0, P9_PCI_SLOTS },
	{ &virtio_pci_section, 0, P9_PCI_SLOTS },
	{ 0 },
};

static bool room(struct arch_state *state, unsigned vcpus)
{
	state->cpus = calloc(vcpus, sizeof(*state->cpus));
	state->cpu_count = state->cpus ? vcpus : 0;
	return state->cpus;
}

static void begin(struct arch_state *state, const struct snapshot *snap, const struct codec_scope *scope)
{
	for (unsigned i = 0; i < state->cpu_count; i++)
		state->cpus[i].server = i * scope->stride;
	state->model = snap_find(snap, P9_TAG_ICP, 0)  ? &p9_xics
	               : snap_find(snap, P9_TAG_VP, 0) ? &p9_xive
	                                               : &p9_none;
}

/* --- show ------------------------------------------------------------- */

bool p9_has_ipi(const struct arch_state *state, unsigned cpu)
{
	return has_icp(state) && P9_ICP_MFRR(state->cpus[cpu].icp) != P9_ICP_NONE;
}

static unsigned pending(const struct arch_state *state)
{
	unsigned count = 0;

	for (size_t i = 0; i < state->source_count; i++)
		count += p9_due(state, &state->sources[i]);
	for (unsigned i = 0; i < state->cpu_count; i++)
		count += p9_has_ipi(state, i);
	return count;
}

static const char *const pending_paths[] = { NULL };
static const char *const irq_paths[] = { "source.*",         "sources.*",    "queue.*", "irqfd.*",
	                                 "vcpu.*.context.*", "vcpu.*.icp.*", NULL };
static const char *const clock_paths[] = { "vcpu.*.dec-expiry", "vcpu.*.tb-offset",
	                                   "vcpu.*.vtb",        "vcpu.*.purr",
	                                   "vcpu.*.spurr",      "vcpu.*.ic",
	                                   "vcpu.*.pmc[1-6]",   NULL };

const struct state_codec power9_codec = {
	.arch = "power9",
	.sections = sections,
	.devices = devices,
	.device_states = offsetof(struct arch_state, devices),
	.create = create,
	.free = dispose,
	.room = room,
	.begin = begin,
	.finish = p9_count_unread,
	.pending = pending,
	.answer = p9_pending,
	.core = &p9_core,
	.core_notes = p9_core_notes,
	.pending_paths = pending_paths,
	.irq_paths = irq_paths,
	.clock_paths = clock_paths,
	.describe = p9_describe,
	.check = p9_check,
};
