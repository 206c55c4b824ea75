/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exact.c: the vCPUs in turn, by single steps: what happens depends on nothing but the state before, so that
 * it can be done again. See session.h, vmm/debug/single_step.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "session.h"

#define SLEEP_MS 1 /* a unit of HISTORY_SLEEP */

/* What is to be done, and what came of it. */
struct task {
	struct gdb_session *s;
	uint64_t units;  /* so many at most */
	bool stops;      /* at breakpoints; else the last one is remembered */
	uint64_t before; /* of those, one that is not behind here */
	uint64_t from;   /* the units before this task */
	/* The result: */
	uint64_t done;
	struct stop hit; /* why: STOP_STEP: none */
	uint64_t hit_at; /* the units behind it */
	struct step_result steps;
};

/* --- breakpoints ------------------------------------------------------------------ */

/* What is watched is where the vCPU finds it now. */
static int begin_to_watch(struct gdb_session *s)
{
	struct vm *vm = gdb_vm(s);
	uint64_t left;

	for (struct gdb_point *p = s->points; p < s->points + s->point_count; p++) {
		const void *bytes;

		if (!p->at.watched)
			continue;
		if (arch_translate(&vm->vcpus[s->cpu], p->at.address, &p->gpa, &left, s->r.err) ||
		    left < p->at.size)
			p->gpa = UINT64_MAX;
		bytes = p->gpa == UINT64_MAX ? NULL : ram_see(&vm->ram, p->gpa, p->at.size);
		if (bytes)
			memcpy(p->was, bytes, p->at.size);
	}
	return 0;
}

static bool has_changed(struct gdb_session *s, struct gdb_point *p)
{
	const void *bytes = p->gpa == UINT64_MAX ? NULL : ram_see(&gdb_vm(s)->ram, p->gpa, p->at.size);

	if (!bytes || !memcmp(bytes, p->was, p->at.size))
		return false;
	memcpy(p->was, bytes, p->at.size);
	return true;
}

/* Where gdb wants the VM to be: going back, in front of the change. */
static void look_at(struct task *t, unsigned cpu, uint64_t pc, struct gdb_point *p)
{
	uint64_t at = t->from + t->done;

	if (p->at.watched && has_changed(t->s, p) && (t->stops || at - 1 < t->before)) {
		t->hit = (struct stop){ STOP_CHANGE, cpu, p, p->at.address };
		t->hit_at = t->stops ? at : at - 1;
	} else if (!p->at.watched && p->at.address == pc && at < t->before) {
		t->hit = (struct stop){ STOP_BREAK, cpu, p, 0 };
		t->hit_at = at;
	}
}

static bool is_unit(const struct vcpu *vcpu, const struct step_result *so_far)
{
	(void)vcpu;
	return so_far->last <= STEPPED_EVENT;
}

/* After each step, on the vCPU's thread: whether it was the last one. */
static bool after_step(struct vcpu *vcpu, const struct step_result *so_far, void *arg)
{
	struct task *t = arg;

	if (!is_unit(vcpu, so_far))
		return false;
	t->done++;
	for (unsigned i = 0; i < t->s->point_count; i++)
		look_at(t, vcpu->index, so_far->pc, &t->s->points[i]);
	return t->done == t->units || (t->stops && t->hit.why != STOP_STEP);
}

/* --- one vCPU ---------------------------------------------------------------------- */

/* Steps the vCPU as the task says. One that does not run does nothing. */
static int step_vcpu(struct gdb_session *s, unsigned cpu, struct task *t)
{
	const struct step_limit limit = { .ms = s->run.timeout_ms, .watch = after_step, .arg = t };
	struct vcpu *vcpu = &gdb_vm(s)->vcpus[cpu];
	uint64_t bit = cpu < 64 ? 1ULL << cpu : 0;
	int rc;

	t->s = s;
	t->from = s->history.at;
	t->done = 0;
	t->hit.why = STOP_STEP;
	t->hit.cpu = cpu;
	if (vcpu->state != VCPU_PARKED || !t->units)
		return 0;
	rc = single_step(vcpu, &limit, &t->steps, s->r.err);
	s->asleep &= ~bit;
	if (!rc && t->steps.last == STEPPED_ASLEEP)
		s->asleep |= bit;
	return rc;
}

static bool has_ended(struct gdb_session *s)
{
	struct vm *vm = gdb_vm(s);
	unsigned which = 0;

	if (vm_wait(vm, VCPU_ALL, 0, &which) || vm->vcpus[which].state != VCPU_ENDED)
		return false;
	s->stop = (struct stop){ STOP_ENDED, which, NULL, 0 };
	return true;
}

static int add_time(struct gdb_session *s, uint64_t ms)
{
	return arch_time_passes(gdb_vm(s), ms * SLEEP_MS, s->r.err);
}

/* --- what was done already -------------------------------------------------------------- */

static int differs(struct gdb_session *s)
{
	history_cut(&s->history);
	gdb_say(s, "the history does not repeat itself: it ends here\n");
	return 0;
}

/* A change from outside: there is a snapshot of what it has led to. */
static int change_again(struct gdb_session *s)
{
	struct history *h = &s->history;

	for (unsigned i = 0; i < h->count; i++)
		if (h->points[i].outside && h->points[i].at == h->at + 1)
			return history_load(h, &s->r, &h->points[i]);
	return differs(s);
}

/* The next stretch, or what the task wants of it. */
static int again(struct gdb_session *s, struct task *t)
{
	struct history *h = &s->history;
	struct stretch next = history_next(h);
	uint64_t count = next.count < t->units ? next.count : t->units;
	int rc;

	if (next.cpu == HISTORY_OUTSIDE) {
		t->hit.why = STOP_STEP;
		rc = change_again(s);
		return rc ? rc : begin_to_watch(s);
	}
	if (next.cpu == HISTORY_SLEEP) {
		t->hit.why = STOP_STEP;
		rc = add_time(s, count);
		h->at += rc ? 0 : count;
		return rc;
	}
	t->units = count;
	rc = step_vcpu(s, next.cpu, t);
	if (rc)
		return rc;
	h->at += t->done;
	if (t->done < count && !(t->stops && t->hit.why != STOP_STEP))
		return differs(s);
	return 0;
}

/* To this place, which the history has, from a snapshot before it. */
int exact_go(struct gdb_session *s, uint64_t at)
{
	struct history *h = &s->history;
	const struct point *from = history_before(h, at);
	/* Whoever goes back once will soon do it again: a snapshot in between makes that fast. */
	uint64_t near = at > HISTORY_NEAR ? at - HISTORY_NEAR : 0;
	int rc = from ? history_load(h, &s->r, from) : -ENOENT;

	while (!rc && h->at < at && h->at < h->end) {
		struct task t = { .units = (h->at < near ? near : at) - h->at, .before = 0 };

		rc = again(s, &t);
		if (!rc && h->at == near)
			rc = history_keep(h, &s->r, h->at - from->at >= HISTORY_NEAR);
	}
	return rc;
}

/* --- on --------------------------------------------------------------------------------------- */

/* The next vCPU in turn that can do something. *moved: one could. */
static int next_turn(struct gdb_session *s, struct task *t, bool *moved)
{
	struct vm *vm = gdb_vm(s);
	int rc = 0;

	*moved = false;
	for (unsigned i = 0; i < vm->vcpu_count && !rc && !*moved; i++) {
		unsigned cpu = s->next++ % vm->vcpu_count;

		rc = step_vcpu(s, cpu, t);
		*moved = !rc && t->done;
		if (*moved)
			rc = history_add(&s->history, cpu, t->done, s->r.err);
		if (!rc && vm->vcpus[cpu].state == VCPU_PARKED && t->steps.last == STEPPED_LATE && !t->done)
			gdb_say(s, "vCPU %u does not come to the end of an instruction\n", cpu);
	}
	return rc;
}

/* Whether one of them sleeps: the others cannot run. */
static bool any_sleeps(struct gdb_session *s)
{
	struct vm *vm = gdb_vm(s);

	for (unsigned i = 0; i < vm->vcpu_count; i++)
		if (vm->vcpus[i].state == VCPU_PARKED)
			return true;
	return false;
}

static int sleep_on(struct gdb_session *s)
{
	static const struct timespec ms = { .tv_nsec = SLEEP_MS * 1000000 };
	int rc = add_time(s, 1);

	nanosleep(&ms, NULL);
	return rc ? rc : history_add(&s->history, HISTORY_SLEEP, 1, s->r.err);
}

static int go_on(struct gdb_session *s, struct task *t, bool *idle)
{
	struct history *h = &s->history;
	bool moved = true;
	int rc;

	*idle = false;
	if (h->at < h->end)
		return again(s, t);
	rc = next_turn(s, t, &moved);
	if (rc || moved)
		return rc ? rc : history_keep(h, &s->r, false);
	t->hit.why = STOP_STEP;
	*idle = !any_sleeps(s);
	return *idle ? 0 : sleep_on(s);
}

int exact_run(struct gdb_session *s)
{
	bool idle = false, interrupted;
	int rc = history_settle(&s->history, &s->r);

	if (!rc)
		rc = begin_to_watch(s);
	s->stop = (struct stop){ STOP_ASKED, s->stop.cpu, NULL, 0 };
	s->next = s->stop.cpu;
	while (!rc && !idle && !gdb_late(s) && !link_wants_stop(&s->link, &interrupted)) {
		struct task t = { .units = HISTORY_APART, .stops = true, .before = UINT64_MAX };

		rc = go_on(s, &t, &idle);
		if (rc || has_ended(s))
			return rc;
		if (t.hit.why != STOP_STEP) {
			s->stop = t.hit;
			return 0;
		}
	}
	if (idle)
		s->stop.why = STOP_IDLE;
	return rc;
}

static const char *cannot(struct gdb_session *s, unsigned cpu, const struct task *t)
{
	switch (gdb_vm(s)->vcpus[cpu].state) {
	case VCPU_OFFLINE:
	case VCPU_SUSPENDED: return "is stopped";
	case VCPU_HELD: return "is at a checkpoint, where it waits for `monitor guest ...`";
	case VCPU_WAITING: return "is in a disabled wait";
	case VCPU_ENDED: return "has ended the VM";
	default:
		return t->steps.last == STEPPED_ASLEEP ? "waits for an interrupt"
		                                       : "does not come to the end of the instruction";
	}
}

int exact_step(struct gdb_session *s, unsigned cpu)
{
	struct history *h = &s->history;
	struct task t = { .units = 1, .stops = true, .before = UINT64_MAX };
	int rc = history_settle(h, &s->r);

	s->stop = (struct stop){ STOP_STEP, cpu, NULL, 0 };
	if (!rc)
		rc = begin_to_watch(s);
	/* The same again needs no future of its own. */
	if (!rc && h->at < h->end && history_next(h).cpu == cpu) {
		rc = again(s, &t);
	} else if (!rc) {
		history_cut(h);
		rc = step_vcpu(s, cpu, &t);
		if (!rc && t.done)
			rc = history_add(h, cpu, t.done, s->r.err);
		if (!rc)
			rc = history_keep(h, &s->r, false);
	}
	if (rc || has_ended(s))
		return rc;
	if (!t.done)
		gdb_say(s, "vCPU %u %s\n", cpu, cannot(s, cpu, &t));
	if (t.hit.why == STOP_CHANGE)
		s->stop = t.hit;
	return 0;
}

/* --- back -------------------------------------------------------------------------------------- */

static int to_begin(struct gdb_session *s)
{
	s->stop = (struct stop){ STOP_BEGIN, s->stop.cpu, NULL, 0 };
	if (!s->history.most)
		gdb_say(s, "there is no history: it begins with --history or `monitor history N`\n");
	return s->history.count ? history_load(&s->history, &s->r, &s->history.points[0]) : 0;
}

int exact_step_back(struct gdb_session *s, unsigned cpu)
{
	struct history *h = &s->history;
	uint64_t to;
	int rc = history_settle(h, &s->r);

	s->stop = (struct stop){ STOP_STEP, cpu, NULL, 0 };
	if (rc)
		return rc;
	return history_last(h, cpu, &to) ? exact_go(s, to) : to_begin(s);
}

/* Looks for the last stop between two places, of which the first is a snapshot's. */
static int look_between(struct gdb_session *s, const struct point *from, uint64_t to, uint64_t before,
                        struct task *found)
{
	struct history *h = &s->history;
	int rc = history_load(h, &s->r, from);

	if (!rc)
		rc = begin_to_watch(s);
	found->hit.why = STOP_STEP;
	while (!rc && h->at < to && h->at < h->end) {
		struct task t = { .units = to - h->at, .before = before };

		rc = again(s, &t);
		if (!rc && t.hit.why != STOP_STEP)
			*found = t;
	}
	return rc;
}

int exact_back(struct gdb_session *s)
{
	struct history *h = &s->history;
	bool interrupted;
	int rc = history_settle(h, &s->r);
	uint64_t before = h->at, to = before;

	s->stop = (struct stop){ STOP_ASKED, s->stop.cpu, NULL, 0 };
	while (!rc && h->count && to > h->points[0].at) {
		const struct point *from = history_before(h, to - 1);
		uint64_t at = from->at;
		struct task found;

		rc = look_between(s, from, to, before, &found);
		if (!rc && found.hit.why != STOP_STEP) {
			s->stop = found.hit;
			return exact_go(s, found.hit_at);
		}
		to = at;
		if (!rc && link_wants_stop(&s->link, &interrupted))
			return exact_go(s, to);
	}
	return rc ? rc : to_begin(s);
}
