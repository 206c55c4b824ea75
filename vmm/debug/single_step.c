/* SPDX-License-Identifier: BSD-2-Clause */
/* single_step.c: see single_step.h. */
#include "single_step.h"

#include <errno.h>
#include <sched.h>

#include "arch_debug.h"
#include "vmm/vcpu.h"

struct stepping {
	const struct step_limit *limit;
	struct step_result *result;
	struct error *err;
	int rc;
};

/* Whether the step was the last one. */
static bool is_over(struct vcpu *vcpu, const struct stepping *s)
{
	const struct step_result *result = s->result;
	const struct step_limit *limit = s->limit;
	bool watched = limit->watch && limit->watch(vcpu, result, limit->arg);

	return watched || result->last >= STEPPED_EVENT || (limit->delivery && result->deliveries) ||
	       (limit->instructions && result->instructions == limit->instructions) ||
	       (limit->has_pc && result->pc == limit->pc);
}

static int step_once(struct vcpu *vcpu, struct stepping *s, struct arch_step *arch, struct event *event)
{
	struct step_result *result = s->result;
	int rc;

	arch->delivered = 0;
	rc = arch_step(vcpu, arch, &result->last, event, s->err);

	if (rc)
		return rc;
	result->instructions += result->last == STEPPED_INSTRUCTION ||
	                        (result->last == STEPPED_EVENT && event->kind != EVENT_CRASH && !arch->idle);
	result->delivered = arch->delivered;
	result->deliveries += result->last == STEPPED_DELIVERY || arch->delivered;
	return arch_pc(vcpu, &result->pc, s->err);
}

static void run(struct vcpu *vcpu, void *arg, struct event *event)
{
	struct stepping *s = arg;
	struct arch_step arch = { .timers = s->limit->timers };
	struct error ignored;
	int rc;

	s->rc = arch_step_begin(vcpu, &arch, s->err);
	if (s->rc)
		return;
	do
		s->rc = step_once(vcpu, s, &arch, event);
	while (!s->rc && !is_over(vcpu, s));
	rc = arch_step_end(vcpu, &arch, s->rc ? &ignored : s->err);
	if (!s->rc)
		s->rc = rc;
}

int single_step(struct vcpu *vcpu, const struct step_limit *limit, struct step_result *result,
                struct error *err)
{
	struct stepping s = { .limit = limit, .result = result, .err = err };
	struct vcpu_alone alone = { run, &s };
	int rc;

	*result = (struct step_result){ .last = STEPPED_INSTRUCTION };
	/* Its thread may have to look at itself, and may just have been made. */
	while (!__atomic_load_n(&vcpu->tid, __ATOMIC_RELAXED))
		sched_yield();
	if (!vcpu->blocked)
		kvm_run_sleeps(vcpu->tid, &vcpu->blocked); /* opens it; the answer is of no use yet */
	rc = vcpu_run_alone(vcpu, &alone, limit->ms, err);
	if (!rc)
		rc = s.rc;
	return rc ? rc : arch_pc(vcpu, &result->pc, err);
}
