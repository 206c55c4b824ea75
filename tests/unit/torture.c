/* SPDX-License-Identifier: BSD-2-Clause */
/* torture.c: random programs: the same ones for the same seed, and scenarios all of them, with each
 * architecture. */
#include "tests/torture/torture_text.h"

#include <stdlib.h>

#include "tap.h"
#include "vmm/lab/scenario.h"
#include "tests/torture/torture_words.h"

#define SEEDS 100
#define STEPS 120

static struct error err;
static const char *arch, *irqchip;

static char *text_of(const struct torture_program *p, struct torture_count *count)
{
	char *text;
	size_t len;

	if (torture_program_text(p, &text, &len, count, &err))
		return NULL;
	return text;
}

static char *text_of_seed(uint64_t seed, unsigned cpus, struct torture_count *count)
{
	struct torture_program p;
	char *text = NULL;

	if (!torture_program_make(&p, seed, cpus, irqchip, STEPS, &err)) {
		text = text_of(&p, count);
		torture_program_free(&p);
	}
	return text;
}

/* Whether it is a scenario, of as many snapshots and restores as are said. */
static bool is_good(const char *text, const struct torture_count *count)
{
	struct scenario s;
	uint64_t snapshots = 0, restores = 0;

	err.text[0] = 0;
	if (!text || scenario_parse(&s, text, strlen(text), "text", arch, &err)) {
		printf("# %s\n", err.text);
		return false;
	}
	for (size_t i = 0; i < s.count; i++) {
		snapshots += s.steps[i].kind == STEP_SNAPSHOT;
		restores += s.steps[i].kind == STEP_RESTORE || s.steps[i].kind == STEP_EXEC;
	}
	scenario_free(&s);
	return snapshots == count->snapshots && restores == count->restores;
}

static void seeds(void)
{
	struct torture_count count, all = { 0 };
	unsigned bad = 0, different = 0;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		char *text = text_of_seed(seed, 0, &count), *again = text_of_seed(seed, 0, &count);

		bad += !is_good(text, &count);
		different += !text || !again || strcmp(text, again);
		all.snapshots += count.snapshots;
		all.restores += count.restores;
		all.injections += count.injections;
		free(text);
		free(again);
	}
	is(bad, 0, "%s: %d seeds: all are scenarios", arch, SEEDS);
	is(different, 0, "the same seed, the same text");
	ok(all.snapshots > 5 * SEEDS && all.restores > 5 * SEEDS && all.injections > 20 * SEEDS,
	   "with snapshots, restores and interrupts");
}

static void shapes(void)
{
	struct torture_count count;

	for (unsigned cpus = 1; cpus <= TORTURE_CPUS; cpus++) {
		char *text = text_of_seed(7, cpus, &count), want[16];

		snprintf(want, sizeof(want), "vcpus %u\n", cpus);
		ok(is_good(text, &count), "with %u vCPUs", cpus);
		has(text ? text : "", want, "as it says");
		free(text);
	}
}

/* A part of a program is a program: what a shrinker relies on. */
static void parts(void)
{
	struct torture_program p;
	struct torture_count count;
	unsigned bad = 0;

	if (!ok(!torture_program_make(&p, 11, 0, irqchip, STEPS, &err), "a program"))
		return;
	for (unsigned i = 0; i <= STEPS; i++) {
		struct torture_program part = p;
		char *text;

		part.actions += i / 3;
		part.count = STEPS - i;
		text = text_of(&part, &count);
		bad += !is_good(text, &count);
		free(text);
	}
	is(bad, 0, "all its parts are scenarios");
	torture_program_free(&p);
}

int main(void)
{
	struct torture_words *w = malloc(sizeof(*w));
	struct prng r = { 1 };

	/* power9 has the decrementer alone. */
	arch_torture_words(w, 1, NULL, &r);
	arch = w->timers == 1 ? "power9" : "s390x";
	free(w);
	seeds();
	shapes();
	parts();
	if (!strcmp(arch, "power9")) {
		irqchip = "xics";
		seeds();
	}
	return tap_done();
}
