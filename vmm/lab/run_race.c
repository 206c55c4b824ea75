/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run_race.c: two groups of steps at once, many times. The first group is executed by this thread, like any
 * steps; the second one by a thread that does what the world around a VM may do at any moment: it makes
 * interrupts pending, whatever zpvm is doing with the VM. It neither looks at the ledger nor at the runner:
 * what it injects gets its entry before the round, and is recorded after it. See runner.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arch_lab.h"
#include "runner.h"

/* A step of the second group. */
struct racer {
	const struct step *step;
	struct fate fate;
	bool done; /* KVM has accepted it in this round */
};

/* The second group, during a round. */
struct second {
	struct vm *vm;
	struct racer *racers;
	size_t count;
	uint64_t begin; /* by time_now() */
	const struct step *failed;
	int rc;
	struct error err;
};

/* --- the second group's thread ------------------------------------------ */

static void sleep_ns(uint64_t ns)
{
	struct timespec ts = { .tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000) };

	nanosleep(&ts, NULL);
}

static int race_poke(struct second *b, const struct step *s)
{
	uint8_t *bytes = ram_at(&b->vm->ram, s->memory.address, s->memory.count);

	if (!bytes)
		return error_set(&b->err, -EINVAL, "0x%" PRIx64 ": the guest has no such memory",
		                 s->memory.address);
	memcpy(bytes, s->memory.bytes, s->memory.count);
	return 0;
}

/* fails=: KVM may refuse it so. */
static int race_inject(struct second *b, struct racer *racer)
{
	const struct step *s = racer->step;
	struct trace_event span;
	int rc;

	trace_begin(b->vm->trace, &span, TRACE_IRQ, s->irq.cpu == IRQ_ANY_CPU ? -1 : s->irq.cpu, "injected",
	            NULL);
	if (span.id) {
		irq_trace_add(&span, &s->irq, s->name, 0);
		trace_text(&span, "by", "line %u", s->line);
	}
	rc = arch_inject_unsettled(b->vm, &s->irq, &b->err);
	if (span.id)
		trace_code(&span, rc);
	trace_end(b->vm->trace, &span);
	racer->done = !rc;
	return rc == -racer->step->fails ? 0 : rc;
}

static void *run_second(void *arg)
{
	struct second *b = arg;
	uint64_t now = time_now();

	if (now < b->begin)
		sleep_ns(b->begin - now);
	for (size_t i = 0; i < b->count && !b->rc; i++) {
		const struct step *s = b->racers[i].step;

		switch (s->kind) {
		case STEP_SLEEP: sleep_ns(s->ms * 1000000); break;
		case STEP_POKE: b->rc = race_poke(b, s); break;
		default: b->rc = race_inject(b, &b->racers[i]); break;
		}
		b->failed = b->rc ? s : NULL;
	}
	return NULL;
}

/* --- rounds ------------------------------------------------------------- */

/* 0, 1/2, 1/4, 3/4, 1/8 ... of ns: so the second group begins at all moments of the first one. */
static uint64_t part(uint64_t ns, uint64_t round)
{
	uint64_t at = 0;

	for (unsigned bit = 1; round; round >>= 1, bit++)
		at += round & 1 ? ns >> bit : 0;
	return at;
}

/* Waits until one more would not merge with those that the guest has not taken. */
static int wait_for_room(struct runner *r, struct racer *racer)
{
	uint64_t deadline = time_now() + r->config->timeout_ms * 1000000;

	for (;;) {
		int rc = vm_run_read_log(r->current, r->err);

		if (rc)
			return runner_host(r, rc);
		racer->fate = (struct fate){ 0 };
		if (runner_fate(r, racer->step, 1, &racer->fate))
			return 0;
		if (time_now() > deadline)
			return runner_unmet(r, "%s: the guest runs, and has not taken the last one",
			                    racer->step->text);
		sleep_ns(200000);
	}
}

/*
 * If one more would merge with one that is pending, waits until the guest, if it runs, has taken that. It is
 * paused once at most: one that is paused again and again may come to nothing.
 */
static int let_take(struct runner *r, struct racer *racer)
{
	bool fits, running = vm_running(&r->current->vm);
	int rc = runner_find_fate(r, racer->step, 1, &racer->fate);

	fits = !rc && runner_fate(r, racer->step, 1, &racer->fate);
	if (racer->fate.running)
		vm_resume(&r->current->vm);
	return rc || fits || !running ? rc : wait_for_room(r, racer);
}

/* Before a round: each interrupt has an entry, and it is known what will become of one more. */
static int prepare(struct runner *r, struct second *b)
{
	for (size_t i = 0; i < b->count; i++) {
		struct racer *racer = &b->racers[i];
		struct irq parts[IRQ_PARTS];
		int rc;

		racer->done = false;
		if (racer->step->kind != STEP_INJECT || !racer->step->irq.want.kind)
			continue;
		if (irq_parts(&racer->step->irq, parts) != 1)
			return runner_wrong(r, "%s: leads to more than one interrupt", racer->step->text);
		rc = runner_blame(
			r, ledger_name(&r->current->ledger, racer->step->name, &racer->step->irq, r->err));
		if (!rc)
			rc = let_take(r, racer);
		if (rc)
			return rc;
	}
	return 0;
}

/* After a round: what KVM accepted is due, in the VM, and in the snapshots that were made meanwhile if it is
 * there. */
static int record(struct runner *r, const struct step *race, struct second *b)
{
	const struct scenario *first = race->block[0].steps;
	int rc = 0;

	for (size_t i = 0; i < b->count && !rc; i++) {
		const struct racer *racer = &b->racers[i];

		if (!racer->done)
			continue;
		rc = runner_host(r, arch_settle(&r->current->vm, &racer->step->irq, r->err));
		if (!rc)
			rc = runner_blame(r, runner_enter(r, racer->step, 1, &racer->fate));
		for (size_t k = 0; k < first->count && !rc; k++)
			if (first->steps[k].kind == STEP_SNAPSHOT)
				rc = runner_settle_snapshot(r, first->steps[k].name, &racer->step->irq, 1);
	}
	return rc;
}

static int first_group(struct runner *r, const struct step *race)
{
	const struct scenario *first = race->block[0].steps;
	int rc = 0;

	for (size_t i = 0; i < first->count && !rc && r->outcome->kind == OUTCOME_DONE; i++)
		rc = runner_do_step(r, &first->steps[i]);
	return rc;
}

/* *took: how long the first group needs. */
static int do_round(struct runner *r, const struct step *race, struct second *b, uint64_t round,
                    uint64_t *took)
{
	uint64_t start;
	pthread_t thread;
	int rc = prepare(r, b);

	if (rc)
		return rc;
	start = time_now();
	b->begin = start + part(*took, round);
	rc = -pthread_create(&thread, NULL, run_second, b);
	if (rc)
		return error_set(r->err, rc, "cannot make a thread: %s", strerror(-rc));
	rc = first_group(r, race);
	*took = time_now() - start;
	pthread_join(thread, NULL);
	if (!rc && b->rc) {
		*r->err = b->err;
		rc = runner_blame(r, error_prefix(r->err, b->rc, "line %u", b->failed->line));
	}
	return rc ? rc : record(r, race, b);
}

/* The steps, which the rounds do not print again. */
static void print_steps(const struct runner *r, const struct step *race)
{
	for (unsigned b = 0; b < race->block_count && !r->config->quiet; b++) {
		const struct scenario *group = race->block[b].steps;

		for (size_t i = 0; i < group->count; i++)
			printf("%4u  %s\n", group->steps[i].line, group->steps[i].text);
		printf("%4u  %s\n", race->block[b].end, b + 1 < race->block_count ? "} {" : "}");
	}
}

int step_race(struct runner *r, const struct step *s)
{
	const struct run_config *config = r->config;
	struct run_config quiet = *config;
	const struct scenario *second = s->block[1].steps;
	struct second b = { .vm = &r->current->vm, .count = second->count };
	uint64_t round, took = 0, begin = time_now();
	int rc = 0;

	b.racers = calloc(b.count + 1, sizeof(*b.racers));
	if (!b.racers)
		return error_set(r->err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < b.count; i++)
		b.racers[i].step = &second->steps[i];
	print_steps(r, s);
	quiet.quiet = true;
	r->config = &quiet;
	for (round = 0; round < s->rounds && !rc && r->outcome->kind == OUTCOME_DONE; round++)
		rc = do_round(r, s, &b, round, &took);
	r->config = config;
	free(b.racers);
	if (rc)
		return error_prefix(r->err, rc, "round %" PRIu64 " of %" PRIu64, round, s->rounds);
	runner_result(r, "%" PRIu64 " rounds, %" PRIu64 " ms", round, (time_now() - begin) / 1000000);
	return 0;
}
