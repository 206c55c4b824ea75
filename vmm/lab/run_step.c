/* SPDX-License-Identifier: BSD-2-Clause */
/* run_step.c: the steps that execute a vCPU instruction by instruction, and that look at its registers. See
 * runner.h, vmm/debug/single_step.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "runner.h"
#include "stepping.h"
#include "vmm/debug/arch_debug.h"

const struct symbols *runner_symbols(struct runner *r)
{
	struct error ignored;

	if (r->config->symbols)
		return r->config->symbols;
	/* Without symbols everything else works: symbols_find() says that there are none. */
	if (!r->has_symbols && r->config->boot && r->config->boot->kernel.name)
		symbols_read(&r->symbols, &r->config->boot->kernel, 0, &ignored);
	r->has_symbols = true;
	return &r->symbols;
}

static int find_place(struct runner *r, const char *text, uint64_t *address)
{
	return runner_blame(r, symbols_find(runner_symbols(r), text, address, r->err));
}

int stepping_vcpu(struct runner *r, unsigned cpu, struct vcpu **vcpu)
{
	struct vm *vm = &r->current->vm;
	int rc = runner_stop_world(r);

	if (rc)
		return rc;
	if (cpu >= vm->vcpu_count)
		return runner_wrong(r, "there is no vCPU %u", cpu);
	*vcpu = &vm->vcpus[cpu];
	return 0;
}

static const char *state_text(const struct vcpu *vcpu)
{
	switch (vcpu->state) {
	case VCPU_HELD: return "is at a checkpoint";
	case VCPU_OFFLINE:
	case VCPU_SUSPENDED: return "is offline";
	case VCPU_WAITING: return "is in a disabled wait";
	case VCPU_ENDED: return "has ended the VM";
	default: return "was stopped";
	}
}

/* What it has just taken, or what it waits for: "" or with what stands before it. */
static void add_why(struct vcpu *vcpu, const struct step_result *result, char *text, size_t size)
{
	char why[160] = "";
	bool asleep = vcpu->state == VCPU_PARKED && result->last == STEPPED_ASLEEP;

	if (asleep)
		arch_sleep_text(vcpu, why, sizeof(why));
	else
		arch_delivery_text(vcpu, result->delivered, why, sizeof(why));
	if (*why)
		snprintf(text, size, asleep ? " (%s)" : ": %s", why);
}

void stepping_text(struct runner *r, struct vcpu *vcpu, const struct step_result *result, char *text,
                   size_t size)
{
	char at[120];
	size_t len;

	const char *how = vcpu->state != VCPU_PARKED       ? state_text(vcpu)
	                  : result->last == STEPPED_ASLEEP ? "waits for an interrupt"
	                  : result->last == STEPPED_LATE   ? "has no more time (--timeout)"
	                                                   : "is";

	symbols_text(runner_symbols(r), result->pc, at, sizeof(at));
	if (vcpu->state == VCPU_PARKED && result->last < STEPPED_EVENT)
		snprintf(text, size, "vCPU %u is at %s, after %" PRIu64 " instruction%s", vcpu->index, at,
		         result->instructions, result->instructions == 1 ? "" : "s");
	else
		snprintf(text, size, "vCPU %u %s after %" PRIu64 " instruction%s, at %s", vcpu->index, how,
		         result->instructions, result->instructions == 1 ? "" : "s", at);
	len = strlen(text);
	add_why(vcpu, result, text + len, size - len);
}

/* What is known of a vCPU while it is stepped. */
struct watch {
	struct runner *r;
	unsigned taken; /* records in the guest's log */
	uint64_t from;  /* instructions before this step */
};

/* Says which interrupt was taken, and when: the instruction after which its record is in the log. */
static bool watch(struct vcpu *vcpu, const struct step_result *so_far, void *arg)
{
	const struct abi_shared *shared = checkpoint_shared(vcpu->vm);
	struct watch *w = arg;
	char text[96];

	for (; shared && w->taken < shared->taken && w->taken < ABI_LOG; w->taken++) {
		struct ledger *l = &w->r->current->ledger;
		const struct ledger_entry *e = ledger_match(l, &shared->log[w->taken]);

		l->after[w->taken] = w->from + so_far->instructions;
		irq_record_text(&shared->log[w->taken], text, sizeof(text));
		runner_result(w->r, "%s%s%s%s was taken after %" PRIu64 " instructions of vCPU %u",
		              e ? e->label : "", e ? " (" : "", text, e ? ")" : "", l->after[w->taken],
		              vcpu->index);
	}
	return session_stopped(w->r);
}

static bool stop(struct vcpu *vcpu, const struct step_result *so_far, void *arg)
{
	const struct watch *w = arg;

	(void)vcpu;
	(void)so_far;
	return session_stopped(w->r);
}

int stepping_do(struct runner *r, struct vcpu *vcpu, const struct step_limit *limit,
                struct step_result *result)
{
	const struct abi_shared *shared = checkpoint_shared(vcpu->vm);
	uint64_t *stepped = vcpu->index < ABI_CPUS ? &r->current->ledger.stepped[vcpu->index] : NULL;
	struct watch w = { .r = r, .taken = shared ? shared->taken : 0, .from = stepped ? *stepped : 0 };
	struct step_limit with = *limit;
	struct trace_event span;
	int rc;

	with.ms = r->config->timeout_ms;
	if (runner_shows(r)) {
		with.watch = watch;
		with.arg = &w;
	} else if (r->config->interrupt || r->session.order) {
		with.watch = stop;
		with.arg = &w;
	}
	trace_begin(vcpu->vm->trace, &span, TRACE_STEP, vcpu->index, "instructions", NULL);
	rc = single_step(vcpu, &with, result, r->err);
	if (span.id && rc)
		trace_code(&span, rc);
	else if (span.id)
		trace_number(&span, "count", result->instructions);
	trace_end(vcpu->vm->trace, &span);
	if (stepped)
		*stepped += result->instructions;
	if (rc == -EBUSY)
		return runner_unmet(r, "vCPU %u does not run: it %s", vcpu->index, state_text(vcpu));
	return runner_host(r, rc);
}

/* What `until` may name besides a place. */
enum { UNTIL_DELIVERY, UNTIL_CHECKPOINT, UNTIL_SLEEP, UNTIL_WORDS };
static const char *const until_words[UNTIL_WORDS] = { "delivery", "checkpoint", "asleep" };

/* What it has not come to. */
static const char *const until_missed[UNTIL_WORDS + 1] = {
	", and no interrupt was delivered", ", and has come to no checkpoint",
	", and does not wait for an interrupt", "", /* a place: where it is has been said */
};

/* Whether the step has come to what it was to come to. */
static bool has_come(const struct step *s, unsigned word, const struct step_limit *limit,
                     const struct vcpu *vcpu, const struct step_result *result)
{
	if (!s->step.until)
		return result->instructions == s->step.count;
	switch (word) {
	case UNTIL_DELIVERY: return result->deliveries;
	case UNTIL_CHECKPOINT: return vcpu->state == VCPU_HELD;
	case UNTIL_SLEEP: return result->last == STEPPED_ASLEEP;
	default: return result->pc == limit->pc;
	}
}

/* Steps the vCPU, and says in text how far it came. It may have ended the VM: then r->outcome says so. */
static int advance(struct runner *r, struct vcpu *vcpu, const struct step_limit *limit,
                   struct step_result *result, char *text, size_t size)
{
	int rc = stepping_do(r, vcpu, limit, result);

	if (!rc && vcpu->state == VCPU_ENDED)
		rc = run_ended(vcpu->vm, vcpu->index, r->outcome, r->err);
	else if (!rc)
		stepping_text(r, vcpu, result, text, size);
	return rc;
}

int step_step(struct runner *r, const struct step *s)
{
	struct step_limit limit = { .instructions = s->step.count };
	struct vcpu *vcpu = NULL;
	struct step_result result;
	unsigned word = 0;
	char text[400];
	int rc = stepping_vcpu(r, s->cpu, &vcpu);

	if (rc || (!s->step.until && !s->step.count))
		return rc;
	while (s->step.until && word < UNTIL_WORDS && strcmp(s->step.until, until_words[word]))
		word++;
	limit.delivery = limit.timers = s->step.until && word == UNTIL_DELIVERY;
	limit.has_pc = s->step.until && word == UNTIL_WORDS;
	if (limit.has_pc)
		rc = find_place(r, s->step.until, &limit.pc);
	if (!rc)
		rc = advance(r, vcpu, &limit, &result, text, sizeof(text));
	if (rc || r->outcome->kind != OUTCOME_DONE)
		return rc;
	if (!has_come(s, word, &limit, vcpu, &result))
		return runner_unmet(r, "%s%s", text, s->step.until ? until_missed[word] : "");
	runner_result(r, "%s", text);
	return 0;
}

int step_schedule(struct runner *r, const struct step *s)
{
	struct step_result result;
	struct vcpu *vcpu = NULL;
	char text[400];

	for (unsigned i = 0; i < s->schedule.count; i++) {
		struct step_limit limit = { .instructions = s->schedule.turns[i].count };
		int rc = stepping_vcpu(r, s->schedule.turns[i].cpu, &vcpu);

		/* To step_limit 0 is no limit, here it is nothing to do. */
		if (!rc && !limit.instructions)
			continue;
		if (!rc)
			rc = advance(r, vcpu, &limit, &result, text, sizeof(text));
		if (rc || r->outcome->kind != OUTCOME_DONE)
			return rc;
		if (result.instructions < limit.instructions)
			return runner_unmet(r, "%s", text);
		runner_result(r, "%s", text);
	}
	return 0;
}

int step_expect_pc(struct runner *r, const struct step *s)
{
	char is[120], must[120];
	uint64_t address = 0, pc = 0;
	struct vcpu *vcpu = NULL;
	int rc = stepping_vcpu(r, s->cpu, &vcpu);

	if (!rc)
		rc = find_place(r, s->place, &address);
	if (!rc)
		rc = runner_host(r, arch_pc(vcpu, &pc, r->err));
	if (rc || pc == address)
		return rc;
	symbols_text(runner_symbols(r), pc, is, sizeof(is));
	symbols_text(runner_symbols(r), address, must, sizeof(must));
	return runner_unmet(r, "vCPU %u is at %s, not at %s", s->cpu, is, must);
}

int step_expect_register(struct runner *r, const struct step *s)
{
	struct vcpu *vcpu = NULL;
	uint64_t value;
	char text[100];
	int rc = stepping_vcpu(r, s->cpu, &vcpu);

	for (unsigned i = 0; i < s->expect.count && !rc; i++) {
		const struct expected *e = &s->expect.all[i];

		rc = arch_register(vcpu, e->name, &value, r->err);
		if (rc == -ENOENT)
			return runner_blame(r, rc);
		if (!rc && !wanted_has(&e->want, value)) {
			wanted_text(&e->want, text, sizeof(text));
			return runner_unmet(r, "vCPU %u: %s is 0x%" PRIx64 ", not %s", s->cpu, e->name, value,
			                    text);
		}
	}
	return runner_host(r, rc);
}
