/* SPDX-License-Identifier: BSD-2-Clause */
/* describe.c: see describe.h. Registers that are zero, and sources as new ones are, are left out. */
#include "describe.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "queue.h"
#include "vmm/snapshot/outline.h"

/* --- vCPUs ------------------------------------------------------------ */

/* "LPCR_64": lpcr; "DEC_EXPIRY": dec-expiry; the third vector register: vr.2. */
static void register_path(const struct p9_reg_name *reg, char *path, size_t size)
{
	size_t len;

	if (!reg->name)
		snprintf(path, size, "register-%" PRIx64, reg->id);
	else if (reg->number >= 0)
		snprintf(path, size, "%s.%d", reg->name, reg->number);
	else
		snprintf(path, size, "%s", reg->name);
	len = strlen(path);
	if (len > 3 && !strcmp(path + len - 3, "_64"))
		path[len - 3] = 0;
	for (char *p = path; *p; p++)
		*p = *p == '_' ? '-' : (char)tolower(*p);
}

/* In a snapshot they stand as they do in the table; any other order is only slower. */
static void describe_register(const struct p9_reg *reg, size_t i, struct outline *out)
{
	struct p9_reg_name name = p9_reg_nth(i % p9_reg_count());
	char path[32];

	if (name.id != reg->id)
		name = p9_reg_find(reg->id);
	register_path(&name, path, sizeof(path));
	if (reg->value[1])
		outline_text(out, path, "0x%" PRIx64 " 0x%" PRIx64, reg->value[0], reg->value[1]);
	else if (reg->value[0])
		outline_hex(out, path, reg->value[0]);
}

/* The thread context's first doubleword, as the OS ring of a TIMA has it (POWER9 User's Manual, interrupts).
 */
static void describe_context(uint64_t vp_state, struct outline *out)
{
	static const char *const names[] = { "nsr", "cppr", "ipb", "lsmfb", "ack", "inc", "age", "pipr" };
	uint8_t bytes[8];
	char path[16];

	memcpy(bytes, &vp_state, sizeof(bytes));
	for (unsigned i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "context.%s", names[i]);
		outline_hex(out, path, bytes[i]);
	}
}

/* Kernel devices/xics.rst. */
static void describe_icp(uint64_t icp, struct outline *out)
{
	outline_hex(out, "icp.cppr", icp >> 56);
	outline_hex(out, "icp.xisr", icp >> 32 & 0xffffff);
	outline_hex(out, "icp.mfrr", P9_ICP_MFRR(icp));
	outline_hex(out, "icp.pending-priority", icp >> 16 & 0xff);
}

static void describe_cpus(const struct arch_state *state, const struct codec_scope *scope,
                          struct outline *out)
{
	for (unsigned i = 0; i < state->cpu_count; i++) {
		const struct p9_cpu *cpu = &state->cpus[i];

		outline_at(out, "vcpu.%u", i);
		outline_number(out, "server", cpu->server);
		if (scope->kind == SNAP_VM)
			fields_describe(p9_cpu_fields, cpu, out);
		for (unsigned r = 0; scope->kind == SNAP_VM && r < cpu->reg_count; r++)
			describe_register(&cpu->regs[r], r, out);
		if (state->model == &p9_xics)
			describe_icp(cpu->icp, out);
		if (state->model == &p9_xive)
			describe_context(cpu->vp_state, out);
	}
}

/* --- sources and queues ----------------------------------------------- */

/* As the guest's machine came up with it. */
static bool is_new(const struct arch_state *state, const struct p9_source *s)
{
	return s->target.masked && !s->target.server && s->target.priority == state->model->new_priority &&
	       !s->target.eisn && !s->asserted && !s->pending && (s->pq == PQ_OFF || !s->pq);
}

static void describe_source(const struct arch_state *state, const struct p9_source *s, struct outline *out)
{
	outline_at(out, "source.%x", s->lisn);
	outline_text(out, "pq", "%u%u", s->pq >> 1, s->pq & 1);
	if (s->target.masked)
		outline_flag(out, "masked", true);
	if (s->target.eisn || state->model->queues)
		outline_hex(out, "eisn", s->target.eisn);
	outline_number(out, "server", s->target.server);
	outline_number(out, "priority", s->target.priority);
	if (s->lsi)
		outline_number(out, "level", s->asserted);
	if (s->pending)
		outline_flag(out, "pending", true);
	if (p9_due(state, s))
		outline_number(out, "due", p9_due(state, s));
}

static void describe_queue(const struct p9_index *index, const struct p9_queue *q, struct outline *out)
{
	uint32_t place = p9_index_place(index, q), at, eisn;
	char sum[SNAP_SUM_TEXT];

	outline_at(out, "queue.%u.%u", q->server, q->priority);
	outline_hex(out, "address", q->addr);
	outline_hex(out, "size", 1ULL << q->shift);
	outline_hex(out, "flags", q->flags);
	outline_number(out, "toggle", q->toggle);
	outline_number(out, "index", q->index);
	outline_number(out, "bytes", q->len);
	outline_text(out, "sum", "%s", snap_sum_text(q->entries, q->len, sum));
	if (q->published) {
		outline_number(out, "read.index", place & ~P9_ENTRY_GENERATION);
		outline_number(out, "read.generation", place >> 31);
	}
	/* The oldest first. */
	while (p9_queue_read(q, &place, &at, &eisn)) {
		const struct p9_source *s = p9_index_source(index, q, eisn);

		if (s)
			outline_item(out, "entry", "%u: EISN 0x%x of source %x, PQ %u%u", at, eisn, s->lisn,
			             s->pq >> 1, s->pq & 1);
		else
			outline_item(out, "entry", "%u: EISN 0x%x of no source", at, eisn);
		outline_member_number(out, "entry", at);
		outline_member(out, "eisn", "0x%x", eisn);
		if (s) {
			outline_member(out, "source", "0x%x", s->lisn);
			outline_member(out, "pq", "%u%u", s->pq >> 1, s->pq & 1);
		}
	}
}

static void describe_sources(const struct arch_state *state, struct outline *out)
{
	size_t fresh = 0;

	outline_at(out, "sources");
	outline_text(out, "controller", "%s", state->model->name);
	outline_number(out, "count", state->source_count);
	for (size_t i = 0; i < state->source_count; i++)
		fresh += is_new(state, &state->sources[i]);
	outline_number(out, "new", fresh);
	for (size_t i = 0; i < state->source_count; i++)
		if (!is_new(state, &state->sources[i]))
			describe_source(state, &state->sources[i], out);
}

void p9_describe(const struct arch_state *state, const struct codec_scope *scope, struct outline *out)
{
	struct p9_index index;

	describe_cpus(state, scope, out);
	describe_sources(state, out);
	if (p9_index_make(&index, state))
		for (size_t i = 0; i < state->queue_count; i++)
			describe_queue(&index, &state->queues[i], out);
	else
		out->bad = true;
	p9_index_free(&index);
	for (size_t i = 0; i < state->lines.count; i++) {
		outline_at(out, "irqfd.%x", state->lines.all[i].source);
		fields_describe(p9_line_fields, &state->lines.all[i], out);
	}
	if (scope->kind != SNAP_VM)
		return;
	if (state->has_time_base) {
		outline_at(out, "clock");
		outline_hex(out, "time-base", state->time_base);
	}
	if (state->modes.time_offset) {
		outline_at(out, "time-of-day");
		outline_text(out, "offset", "%" PRId64 " ns", state->modes.time_offset);
	}
	outline_at(out, "modes");
	fields_describe(p9_modes_fields, &state->modes, out);
	device_states_describe(&state->devices, out);
}
