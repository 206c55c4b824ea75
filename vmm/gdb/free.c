/* SPDX-License-Identifier: BSD-2-Clause */
/* free.c: the guest runs as without gdb, but for its breakpoints. See session.h. */
#include "session.h"

#include "vmm/input.h"

#define LOOK_MS 10 /* so often it is seen whether gdb wants something */

static int set_breakpoints(struct gdb_session *s, bool on)
{
	struct vm *vm = gdb_vm(s);
	struct break_point list[BREAKS_MAX];
	unsigned count = on ? s->point_count : 0;
	int rc = 0;

	for (unsigned i = 0; i < count; i++)
		list[i] = s->points[i].at;
	for (unsigned i = 0; i < vm->vcpu_count && !rc; i++)
		rc = arch_breakpoints(&vm->vcpus[i], list, count, s->r.err);
	return rc;
}

static const struct gdb_point *point_at(const struct gdb_session *s, uint64_t pc)
{
	for (unsigned i = 0; i < s->point_count; i++)
		if (!s->points[i].at.watched && s->points[i].at.address == pc)
			return &s->points[i];
	return NULL;
}

/* It has come to a breakpoint, or has changed something. */
static int has_stopped(struct gdb_session *s, unsigned cpu)
{
	struct vcpu *vcpu = &gdb_vm(s)->vcpus[cpu];
	uint64_t pc = 0, address;
	int rc = arch_pc(vcpu, &pc, s->r.err);

	s->stop = (struct stop){ STOP_BREAK, cpu, point_at(s, pc), 0 };
	if (arch_has_changed(vcpu, &address))
		s->stop = (struct stop){ STOP_CHANGE, cpu, NULL, address };
	vcpu->event.kind = EVENT_PAUSED;
	return rc;
}

bool free_other(struct gdb_session *s)
{
	struct vm *vm = gdb_vm(s);

	for (unsigned i = 0; i < vm->vcpu_count; i++)
		if (vm->vcpus[i].event.kind == EVENT_BREAK)
			return !has_stopped(s, i) && (s->stop.why == STOP_CHANGE || s->stop.point);
	return false;
}

/* Until the VM stands, or gdb wants it to. */
static int wait(struct gdb_session *s, unsigned *which, bool *stands)
{
	struct vm *vm = gdb_vm(s);
	bool interrupted, online;

	for (;;) {
		*stands = !runner_wait(&s->r, vm, s->r.current, VCPU_ALL, LOOK_MS, which);
		if (s->detached ? link_connected(&s->link) : link_wants_stop(&s->link, &interrupted))
			return 0;
		if (gdb_late(s) || (*stands && !s->detached))
			return 0;
		if (!*stands)
			continue;
		/* Without gdb nobody gives commands. */
		if (vm->vcpus[*which].state == VCPU_ENDED)
			return 0;
		if (!runner_answer(&s->r, vm, &online) || !online)
			return 0;
		vm_resume(vm);
	}
}

static void see_sleepers(struct gdb_session *s)
{
	struct vm *vm = gdb_vm(s);

	s->asleep = 0;
	for (unsigned i = 0; i < vm->vcpu_count && i < 64; i++)
		s->asleep |= (uint64_t)vm_vcpu_asleep(vm, i) << i;
}

int free_run(struct gdb_session *s)
{
	struct vm *vm = gdb_vm(s);
	unsigned which = 0;
	bool stands = false;
	int rc, held;

	s->stop = (struct stop){ STOP_ASKED, s->stop.cpu, NULL, 0 };
	if (free_other(s))
		return 0;
	rc = set_breakpoints(s, true);
	if (rc)
		return rc;
	vm_resume(vm);
	input_allow(s->run.input, vm);
	rc = wait(s, &which, &stands);
	see_sleepers(s);
	held = input_hold(s->run.input, s->r.err);
	rc = rc ? rc : held;
	held = vm_pause(vm, s->r.err);
	rc = rc ? rc : held;
	if (!rc)
		rc = set_breakpoints(s, false);
	if (rc || !stands)
		return rc;
	s->stop = (struct stop){ STOP_IDLE, which, NULL, 0 };
	if (vm->vcpus[which].state == VCPU_ENDED)
		s->stop.why = STOP_ENDED;
	else if (vm->vcpus[which].event.kind == EVENT_BREAK)
		rc = has_stopped(s, which);
	return rc;
}
