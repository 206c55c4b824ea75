/* SPDX-License-Identifier: BSD-2-Clause */
/* run_irq.c: the steps that make interrupts pending, or that operate on their controller. See runner.h. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "arch_lab.h"
#include "vmm/arch.h"
#include "runner.h"

int runner_refusal(struct runner *r, const struct step *s, int rc)
{
	if (rc != -s->fails)
		return runner_unmet(r, "gave %s, not %s", rc ? error_name(rc) : "no error",
		                    error_name(s->fails));
	runner_result(r, "refused: %s", r->err->text);
	return 0;
}

bool runner_fate(struct runner *r, const struct step *s, unsigned count, struct fate *f)
{
	f->known = arch_room(&r->current->vm, &s->irq, &f->dropped, &f->room);
	return s->inject.batch <= 1 &&
	       (f->known ? !f->dropped && f->room >= count : !ledger_coalesces(&r->current->ledger, &s->irq));
}

int runner_find_fate(struct runner *r, const struct step *s, unsigned count, struct fate *f)
{
	struct vm_run *run = r->current;
	int rc = vm_run_read_log(run, r->err);

	*f = (struct fate){ .running = false };
	if (rc)
		return runner_host(r, rc);
	f->running = !runner_fate(r, s, count, f) && vm_running(&run->vm);
	if (!f->running)
		return 0;
	rc = vm_pause(&run->vm, r->err);
	if (!rc)
		rc = vm_run_read_log(run, r->err);
	if (rc)
		return runner_host(r, rc);
	runner_fate(r, s, count, f);
	return 0;
}

static int enter(struct runner *r, const struct step *s, unsigned count, const struct fate *f)
{
	struct ledger *l = &r->current->ledger;
	unsigned dropped = count < f->dropped ? count : f->dropped, left = count - dropped;
	int rc;

	if (!f->known || !count)
		return ledger_inject(l, s->name, &s->irq, count, r->err);
	rc = ledger_name(l, s->name, &s->irq, r->err);
	if (!rc)
		rc = ledger_expect(l, &s->irq, count, r->err);
	if (rc)
		return rc;
	ledger_withdraw(l, &s->irq, dropped);
	for (size_t i = 0; i < l->count; i++)
		if (irq_equal(&l->entries[i].irq, &s->irq))
			l->entries[i].coalesced += left > f->room ? left - f->room : 0;
	return 0;
}

int runner_enter(struct runner *r, const struct step *s, unsigned count, const struct fate *f)
{
	struct vm_run *run = r->current;
	struct irq_tally tally;
	int rc;

	irq_tally_begin(&tally, run->vm.trace, &run->ledger);
	rc = enter(r, s, count, f);
	irq_tally_end(&tally, run->vm.trace, &run->ledger, NULL);
	return rc;
}

/* KVM's calls are within this event. */
static void trace_inject(const struct runner *r, const struct step *s, unsigned count,
                         struct trace_event *span)
{
	const struct vm_run *run = r->current;
	const struct ledger_entry *e;

	trace_begin(run->vm.trace, span, TRACE_IRQ, s->irq.cpu == IRQ_ANY_CPU ? -1 : s->irq.cpu, "injected",
	            NULL);
	if (!span->id)
		return;
	e = ledger_find_irq(&run->ledger, &s->irq);
	irq_trace_add(span, &s->irq, s->name ? s->name : e ? e->label : NULL, count);
	trace_text(span, "by", "line %u", s->line);
}

/*
 * Injects count interrupts, `batch` in each call, until the deadline, and records those that KVM accepted.
 * *refused: what KVM answered to the first one that it refused, or 0.
 */
static int inject(struct runner *r, const struct step *s, unsigned count, unsigned batch, uint64_t deadline,
                  int *refused)
{
	struct vm_run *run = r->current;
	struct error why;
	struct fate fate;
	unsigned all = 0, calls = 0;
	int rc = runner_find_fate(r, s, count, &fate);

	if (rc)
		return rc;
	/* The clock is not read for each: that takes longer than a trigger. */
	while (all < count && !*refused && (calls++ % 64 || time_now() < deadline)) {
		unsigned some = count - all < batch ? count - all : batch, done = 0;
		struct trace_event span;

		trace_inject(r, s, some, &span);
		*refused = arch_inject(&run->vm, &s->irq, some, &done, &why);
		if (span.id)
			trace_code(&span, *refused);
		trace_end(run->vm.trace, &span);
		all += done;
	}
	rc = runner_enter(r, s, all, &fate);
	if (fate.running)
		vm_resume(&run->vm);
	if (*refused && !rc)
		*r->err = why;
	if (rc)
		return runner_blame(r, rc);
	return all == count || *refused
	               ? 0
	               : error_set(r->err, -ETIMEDOUT, "within %" PRIu64 " s only %u of %u were injected",
	                           r->config->timeout_ms / 1000, all, count);
}

/* With fails= alone each injection must fail. With batch= too, the first failure ends the step, and must be
 * that one. */
int step_inject(struct runner *r, const struct step *s)
{
	uint64_t batch = s->inject.batch ? s->inject.batch : 1, turn = batch;
	uint64_t deadline = time_now() + r->config->timeout_ms * 1000000;

	if (s->name && !s->irq.want.kind)
		return runner_wrong(r, "as=%s: such an interrupt leaves no record that could be expected",
		                    s->name);
	/* While the guest takes nothing, they can all be recorded at once. */
	if (!s->fails && !vm_running(&r->current->vm))
		turn = s->inject.times;
	for (uint64_t i = 0; i < s->inject.times; i += turn) {
		uint64_t left = s->inject.times - i;
		int refused = 0;
		int rc = inject(r, s, (unsigned)(left < turn ? left : turn), (unsigned)batch, deadline,
		                &refused);

		if (rc)
			return rc;
		if (refused && !s->fails)
			return runner_blame(r, refused);
		if (s->fails && (refused || !s->inject.batch || left <= batch))
			rc = runner_refusal(r, s, refused);
		if (rc || (refused && s->inject.batch))
			return rc;
	}
	return 0;
}

static int do_dropping(struct runner *r, const struct irqchip_op *op)
{
	struct arch_state *before;
	int rc = runner_note_pending(r->current, &before, r->err);

	if (rc)
		return rc;
	rc = arch_irqchip(&r->current->vm, op, r->err);
	if (rc)
		arch_codec->free(before);
	return rc ? rc : runner_record_change(r->current, before, r->err);
}

int step_irqchip(struct runner *r, const struct step *s)
{
	struct vm_run *run = r->current;
	int rc = runner_stop_world(r);

	if (rc)
		return rc;
	rc = s->irqchip.drops ? do_dropping(r, &s->irqchip) : arch_irqchip(&run->vm, &s->irqchip, r->err);
	if (s->fails)
		return runner_refusal(r, s, rc);
	return runner_blame(r, rc);
}

int step_name(struct runner *r, const struct step *s)
{
	int rc;

	if (!s->irq.want.kind)
		return runner_wrong(r, "as=%s: such an interrupt leaves no record that could be expected",
		                    s->name);
	rc = vm_run_read_log(r->current, r->err);
	if (rc)
		return runner_host(r, rc);
	rc = ledger_name(&r->current->ledger, s->name, &s->irq, r->err);
	if (rc)
		return runner_blame(r, rc);
	rc = ledger_expect(&r->current->ledger, &s->irq, s->due, r->err);
	if (rc)
		return error_blame(r->err, rc, FAULT_UNMET);
	if (s->due)
		ledger_promise(&r->current->ledger, &s->irq, IRQ_ANY_CPU, 0);
	return 0;
}
