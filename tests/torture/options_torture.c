/* SPDX-License-Identifier: BSD-2-Clause */
/* options_torture.c: the command line of `zpvm torture`. Pure. See options.h. */
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "vmm/number.h"
#include "vmm/options.h"
#include "torture_text.h"
#include "torture_words.h"

#define STEPS  60
#define ROUNDS 100

const char options_torture_help[] =
	"usage: zpvm torture [OPTION]... GUEST\n"
	"\n"
	"Runs random scenarios with the test guest GUEST, each in a process of its own:\n"
	"interrupts, vCPUs that run, loop, sleep, stop and start, snapshots and restores\n"
	"at any time. Each must come to its end with nothing lost or doubled. One that\n"
	"does not is made as short as it can be, and written to a file.\n"
	"\n"
	"      --seed=N           of the first round; the next has the next (default: any)\n"
	"      --rounds=N         so many (default 100, or any number with --seconds)\n"
	"      --steps=N          so many random actions in each (default 60)\n"
	"      --seconds=N        begin no round after so long\n"
	"  -c, --vcpus=N          1 to 8 vCPUs (default: 1 to 4, by the seed)\n"
	"      --irqchip=MODEL    the interrupt controller, as of zpvm run\n"
	"  -o, --output=FILE      for what failed (default torture-SEED.scn)\n"
	"      --break=RULE       as of zpvm run: the scenarios should find the damage\n"
	"\n"
	"Exit status: 0 all rounds were good; 64 wrong usage; 65 GUEST or MODEL is no good;\n"
	"70 a round was not; 71 the host failed; 77 it lacks something that is needed.\n";

enum { OPT_HELP = 256, OPT_IRQCHIP, OPT_SEED, OPT_ROUNDS, OPT_STEPS, OPT_SECONDS, OPT_BREAK };

static const struct option longs[] = {
	{ "seed", required_argument, NULL, OPT_SEED },   { "rounds", required_argument, NULL, OPT_ROUNDS },
	{ "steps", required_argument, NULL, OPT_STEPS }, { "seconds", required_argument, NULL, OPT_SECONDS },
	{ "vcpus", required_argument, NULL, 'c' },       { "irqchip", required_argument, NULL, OPT_IRQCHIP },
	{ "output", required_argument, NULL, 'o' },      { "break", required_argument, NULL, OPT_BREAK },
	{ "help", no_argument, NULL, OPT_HELP },         { NULL, 0, NULL, 0 },
};

static int positive(const char *option, const char *arg, uint64_t max, uint64_t *value, struct error *err)
{
	if (number_parse(arg, max, value) || !*value)
		return error_set(err, -EINVAL, "%s%s: not a number from 1 to %llu", option, arg,
		                 (unsigned long long)max);
	return 0;
}

static int parse_one(int opt, char *arg, struct options *o, struct error *err)
{
	switch (opt) {
	case OPT_SEED:
		o->seeded = true;
		return number_parse(arg, UINT64_MAX, &o->seed)
		               ? error_set(err, -EINVAL, "--seed=%s: not a number", arg)
		               : 0;
	case OPT_ROUNDS: return positive("--rounds=", arg, UINT32_MAX, &o->rounds, err);
	case OPT_STEPS: return positive("--steps=", arg, TORTURE_STEPS_MAX, &o->steps, err);
	case OPT_SECONDS: return positive("--seconds=", arg, UINT32_MAX, &o->seconds, err);
	case 'c': return positive("-c ", arg, TORTURE_CPUS, &o->vcpus, err);
	case OPT_IRQCHIP: o->irqchip = arg; return 0;
	case 'o': o->keep = arg; return 0;
	case OPT_BREAK:
		o->broken = arg;
		o->action = strcmp(arg, "help") ? o->action : ACTION_RULES;
		return 0;
	default: o->action = ACTION_TORTURE_HELP; return 0;
	}
}

int options_parse_torture(int argc, char *const argv[], struct options *o, struct error *err)
{
	int opt, rc = 0, at = 1;

	o->action = ACTION_TORTURE;
	o->steps = STEPS;
	opterr = 0;
	optind = 0; /* GNU: start over */
	while (!rc && o->action == ACTION_TORTURE &&
	       (opt = getopt_long(argc, argv, "+:c:o:h", longs, NULL)) != -1) {
		if (opt == '?' || opt == ':')
			return error_set(err, -EINVAL, "%s: %s; see zpvm torture --help", argv[at],
			                 opt == ':' ? "needs a value" : "unknown option");
		rc = parse_one(opt, optarg, o, err);
		at = optind;
	}
	if (rc || o->action != ACTION_TORTURE)
		return rc;
	if (argc != optind + 1)
		return error_set(err, -EINVAL, "%s see zpvm torture --help",
		                 argc == optind ? "which guest?" : "only one guest can be named;");
	if (!o->rounds && !o->seconds)
		o->rounds = ROUNDS;
	o->guest = argv[optind];
	return 0;
}
