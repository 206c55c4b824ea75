/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run_explore.c: the step that tries all schedules of some vCPUs, instruction by instruction, with at most so
 * many preemptions: a depth-first search, which goes back to a snapshot at each branch. A state that was
 * seen with at least as many preemptions left is not searched again. See trial.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state_hash.h"
#include "stepping.h"
#include "trial.h"

#define EXPLORE_CPUS 4
#define TURNS_MAX    100 /* more than the preemptions allow, unless vCPUs often sleep */

/* A state that has been searched. The hash is 0 where the table is empty. */
struct seen {
	uint64_t hash;
	uint16_t cpu;
	uint16_t left; /* preemptions */
};

struct explore {
	struct runner *r;
	const struct step *s;
	struct vm_run *run;
	struct trials trials;
	unsigned cpus[EXPLORE_CPUS];
	unsigned cpu_count;
	uint64_t steps, pruned;
	struct seen *seen;
	size_t seen_count, seen_size;
};

/* A schedule so far, and what is left of it. */
struct place {
	struct turn turns[TURNS_MAX];
	unsigned turn_count;
	uint64_t done[EXPLORE_CPUS]; /* instructions */
	unsigned at;                 /* which of the vCPUs was stepped last */
	unsigned left;               /* preemptions */
};

/* --- states that were seen ---------------------------------------------------- */

static struct seen *slot(struct seen *table, size_t size, uint64_t hash, uint16_t cpu)
{
	size_t i = (hash + cpu) % size;

	while (table[i].hash && (table[i].hash != hash || table[i].cpu != cpu))
		i = (i + 1) % size;
	return &table[i];
}

static int grow(struct explore *x)
{
	size_t size = x->seen_size ? 2 * x->seen_size : 1024;
	struct seen *table;

	if (2 * x->seen_count < x->seen_size)
		return 0;
	table = calloc(size, sizeof(*table));
	if (!table)
		return error_set(x->r->err, -ENOMEM, "out of memory for the states of an exploration");
	for (size_t i = 0; i < x->seen_size; i++)
		if (x->seen[i].hash)
			*slot(table, size, x->seen[i].hash, x->seen[i].cpu) = x->seen[i];
	free(x->seen);
	x->seen = table;
	x->seen_size = size;
	return 0;
}

/* Whether all that can follow from here has been tried; if not, it is going to be. */
static int is_known(struct explore *x, const struct named_snapshot *state, const struct place *p, bool *known)
{
	struct seen *s;
	struct state_sums sums;
	uint64_t hash;
	int rc = grow(x);

	if (!rc)
		rc = state_hash(state->state.bytes, state->state.len, state->state.sealed, &sums, x->r->err);
	if (rc)
		return rc;
	/* What is left of each window is a part of the state. */
	hash = state_mix(sums.ram ^ sums.cpus << 1 ^ sums.rest << 2, (const uint8_t *)p->done,
	                 sizeof(p->done));
	hash += !hash;
	s = slot(x->seen, x->seen_size, hash, (uint16_t)p->at);
	*known = s->hash && s->left >= p->left;
	x->seen_count += !s->hash;
	if (!*known)
		*s = (struct seen){ hash, (uint16_t)p->at, (uint16_t)p->left };
	return 0;
}

/* --- schedules ------------------------------------------------------------------ */

static void schedule_text(const struct place *p, char *text, size_t size)
{
	size_t len = (size_t)snprintf(text, size, "schedule");

	for (unsigned i = 0; i < p->turn_count && len < size; i++)
		len += (size_t)snprintf(text + len, size - len, " %u:%" PRIu64, p->turns[i].cpu,
		                        p->turns[i].count);
}

static void add_turn(struct place *p, unsigned cpu, uint64_t count)
{
	if (p->turn_count && p->turns[p->turn_count - 1].cpu == cpu)
		p->turns[p->turn_count - 1].count += count;
	else if (p->turn_count < TURNS_MAX)
		p->turns[p->turn_count++] = (struct turn){ (uint16_t)cpu, count };
}

/* Executes up to so many instructions of vCPU number i. *moved: it could; a delivery alone is a part of one.
 */
static int step_some(struct explore *x, struct place *p, unsigned i, uint64_t count, bool *moved)
{
	uint64_t left = x->s->explore.window - p->done[i];
	struct step_limit limit = { .instructions = count < left ? count : left };
	struct step_result result;
	struct vcpu *vcpu = NULL;
	int rc;

	*moved = false;
	if (!limit.instructions)
		return 0;
	rc = stepping_vcpu(x->r, x->cpus[i], &vcpu);
	if (rc || vcpu->state != VCPU_PARKED)
		return rc;
	rc = stepping_do(x->r, vcpu, &limit, &result);
	if (rc)
		return rc;
	if (result.last == STEPPED_LATE) {
		char text[200];

		stepping_text(x->r, vcpu, &result, text, sizeof(text));
		return runner_unmet(x->r, "%s", text);
	}
	x->steps += result.instructions;
	*moved = result.instructions;
	if (!*moved)
		return 0;
	p->done[i] += result.instructions;
	p->at = i;
	add_turn(p, x->cpus[i], result.instructions);
	return 0;
}

/* No vCPU can go on within its window: the schedule is complete. */
static int complete(struct explore *x, const struct place *p)
{
	char text[200];
	struct trial trial = { .value = x->trials.count, .example = text, .length = p->turn_count };
	bool good;
	int rc;

	schedule_text(p, text, sizeof(text));
	rc = trial_run(x->r, x->s, &trial, &x->trials, &good);
	x->r->current = x->run;
	return rc;
}

static int search(struct explore *x, const struct place *p);

/* Goes on from p, whose state is the VM's, with vCPU number i. */
static int go_on(struct explore *x, const struct place *p, unsigned i, bool preempts, bool *moved)
{
	struct place next = *p;
	int rc = step_some(x, &next, i, 1, moved);

	next.left -= preempts && *moved;
	return rc || !*moved ? rc : search(x, &next);
}

/* The VM is in the state of p, and is left in any. */
static int branch(struct explore *x, const struct place *p, const struct named_snapshot *here)
{
	bool first = !p->turn_count, can_go = false, any;
	int rc = go_on(x, p, p->at, false, &can_go);

	any = can_go;
	for (unsigned i = 0; i < x->cpu_count && !rc; i++) {
		bool preempts = can_go && !first, moved = false;

		if (i == p->at || (preempts && !p->left))
			continue;
		rc = trial_back(x->r, x->run, here);
		if (!rc)
			rc = go_on(x, p, i, preempts, &moved);
		any |= !rc && moved;
	}
	if (rc || any)
		return rc;
	rc = trial_back(x->r, x->run, here);
	return rc ? rc : complete(x, p);
}

static int search(struct explore *x, const struct place *p)
{
	struct named_snapshot here;
	bool known = false;
	int rc = trial_save(x->r, &here);

	if (!rc)
		rc = is_known(x, &here, p, &known);
	x->pruned += known;
	if (!rc && !known)
		rc = branch(x, p, &here);
	named_snapshot_free(&here);
	return rc;
}

/* --- random schedules ------------------------------------------------------------- */

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	return *state ^= *state << 17;
}

/* One schedule from the state that the VM is in: each turn has up to eight instructions. */
static int random_schedule(struct explore *x, struct place *p, uint64_t *random)
{
	unsigned stuck = 0; /* a bit for each vCPU that cannot go on before another one has */
	int rc = 0;

	while (stuck != (1u << x->cpu_count) - 1 && p->turn_count < TURNS_MAX && !rc) {
		unsigned i = (unsigned)(next_random(random) % x->cpu_count);
		bool moved;

		rc = step_some(x, p, i, next_random(random) % 8 + 1, &moved);
		stuck = moved ? 0 : stuck | 1u << i;
	}
	return rc ? rc : complete(x, p);
}

static int random_schedules(struct explore *x, const struct place *start, const struct named_snapshot *base)
{
	uint64_t random = x->s->explore.seed * 0x9e3779b97f4a7c15 + 1;
	int rc = 0;

	for (uint64_t n = 0; n < x->s->explore.tries && !rc; n++) {
		struct place p = *start;

		rc = random_schedule(x, &p, &random);
		if (!rc)
			rc = trial_back(x->r, x->run, base);
	}
	return rc;
}

static int read_cpus(struct explore *x, const char *text)
{
	unsigned count = x->run->vm.vcpu_count;

	for (char *end; *text; text = *end ? end + 1 : end) {
		unsigned long cpu = strtoul(text, &end, 10);

		if (end == text || cpu >= count)
			return runner_wrong(x->r, "vcpus: there is no vCPU %.*s", (int)strcspn(text, ","),
			                    text);
		if (x->cpu_count == EXPLORE_CPUS)
			return runner_wrong(x->r, "vcpus: more than %d", EXPLORE_CPUS);
		x->cpus[x->cpu_count++] = (unsigned)cpu;
	}
	return x->cpu_count ? 0 : runner_wrong(x->r, "vcpus: none is given");
}

static int report(struct explore *x)
{
	uint64_t ns = time_now() - x->trials.begun;

	if (!x->s->explore.tries)
		runner_result(x->r, "%zu states, %" PRIu64 " seen again", x->seen_count, x->pruned);
	runner_result(x->r, "%" PRIu64 " schedules, %" PRIu64 " instructions in %" PRIu64 " ms",
	              x->trials.count, x->steps, ns / 1000000);
	if (x->trials.count == 1 && !x->steps)
		return runner_unmet(x->r, "no schedule: none of the vCPUs can execute an instruction");
	return trials_end(x->r, &x->trials, NULL);
}

int step_explore(struct runner *r, const struct step *s)
{
	struct explore x = { .r = r, .s = s, .run = r->current };
	struct place start = { .left = (unsigned)s->explore.preemptions };
	struct named_snapshot base = { .name = "" };
	int rc = runner_stop_world(r), back = 0;

	if (!rc)
		rc = read_cpus(&x, s->explore.vcpus);
	trials_begin(&x.trials, r, "explore");
	if (!rc)
		rc = trial_save(r, &base);
	if (!rc)
		rc = s->explore.tries ? random_schedules(&x, &start, &base) : search(&x, &start);
	if (!rc || rc == -EINTR)
		back = trial_back(r, x.run, &base);
	rc = back ? back : rc;
	named_snapshot_free(&base);
	free(x.seen);
	progress_end(&x.trials.progress);
	return rc ? rc : report(&x);
}
