/* SPDX-License-Identifier: BSD-2-Clause */
/* run_late.c: the steps that have guest memory come late. See late.h, runner.h. */
#include <errno.h>
#include <inttypes.h>

#include "runner.h"

int step_late(struct runner *r, const struct step *s)
{
	struct vm_run *run = r->current;
	bool running = vm_running(&run->vm);
	int rc;

	if (s->late.address == LATE_OFF)
		return runner_host(r, late_end(&run->late, r->err));
	rc = runner_stop_world(r);
	if (rc)
		return rc;
	run->exact = false; /* when a page comes is a matter of time */
	rc = late_take(&run->late, &run->vm.ram, s->late.address, s->late.pages, s->late.ms, r->err);
	if (s->fails)
		rc = runner_refusal(r, s, rc);
	else if (rc)
		rc = rc == -EINVAL || rc == -EBUSY ? error_blame(r->err, rc, FAULT_DATA) : runner_host(r, rc);
	if (!rc && running)
		vm_resume(&run->vm);
	return rc;
}

int step_expect_late(struct runner *r, const struct step *s)
{
	uint64_t waited = __atomic_load_n(&r->current->late.waited, __ATOMIC_RELAXED);
	char text[80];

	wanted_text(&s->want, text, sizeof(text));
	return wanted_has(&s->want, waited)
	               ? 0
	               : runner_unmet(r, "somebody waited for %" PRIu64 " pages, not %s", waited, text);
}
