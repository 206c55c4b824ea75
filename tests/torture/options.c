/* SPDX-License-Identifier: BSD-2-Clause */
/* options.c: the command line of torture. Pure. See options.h. */
#include "options.h"

#include <errno.h>
#include <getopt.h>

#include "torture_text.h"
#include "torture_words.h"
#include "vmm/number.h"

#define STEPS  60
#define ROUNDS 100

const char torture_help[] =
	"usage: torture [OPTION]... GUEST\n"
	"       torture --shrink=FILE [OPTION]... GUEST | --restore=SNAPSHOT\n"
	"\n"
	"Runs random scenarios with the test guest GUEST, each in a process of its own (the\n"
	"zpvm that lies beside this program):\n"
	"interrupts, vCPUs that run, loop, sleep, stop and start, snapshots and restores\n"
	"at any time. Each must come to its end with nothing lost or doubled. One that\n"
	"does not is made as short as it can be, and written to a file.\n"
	"\n"
	"      --shrink=FILE      shrink this scenario or recording, which fails, instead: to\n"
	"                         the lines that it needs to fail in the same way\n"
	"      --restore=FILE     with --shrink: as of zpvm run\n"
	"      --seed=N           of the first round; the next has the next (default: any)\n"
	"      --rounds=N         so many (default 100, or any number with --seconds)\n"
	"      --steps=N          so many random actions in each (default 60)\n"
	"      --seconds=N        begin no round after so long\n"
	"  -c, --vcpus=N          1 to 8 vCPUs (default: 1 to 4, by the seed)\n"
	"      --irqchip=MODEL    the interrupt controller, as of zpvm run\n"
	"  -o, --output=FILE      for what failed (default torture-SEED.scn, shrunk.scn)\n"
	"      --break=RULE       as of zpvm run: the scenarios should find the damage\n"
	"\n"
	"Exit status: 0 all rounds were good; 64 wrong usage; 65 GUEST or MODEL is no good;\n"
	"70 a round was not; 71 the host failed; 77 it lacks something that is needed.\n";

enum {
	OPT_HELP = 256,
	OPT_IRQCHIP,
	OPT_SEED,
	OPT_ROUNDS,
	OPT_STEPS,
	OPT_SECONDS,
	OPT_BREAK,
	OPT_SHRINK,
	OPT_RESTORE
};

static const struct option longs[] = {
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "rounds", required_argument, NULL, OPT_ROUNDS },
	{ "steps", required_argument, NULL, OPT_STEPS },
	{ "seconds", required_argument, NULL, OPT_SECONDS },
	{ "vcpus", required_argument, NULL, 'c' },
	{ "irqchip", required_argument, NULL, OPT_IRQCHIP },
	{ "output", required_argument, NULL, 'o' },
	{ "break", required_argument, NULL, OPT_BREAK },
	{ "shrink", required_argument, NULL, OPT_SHRINK },
	{ "restore", required_argument, NULL, OPT_RESTORE },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static int positive(const char *option, const char *arg, uint64_t max, uint64_t *value, struct error *err)
{
	if (number_parse(arg, max, value) || !*value)
		return error_set(err, -EINVAL, "%s%s: not a number from 1 to %llu", option, arg,
		                 (unsigned long long)max);
	return 0;
}

static int parse_one(int opt, char *arg, struct torture_config *c, struct error *err)
{
	uint64_t vcpus = 0;
	int rc;

	switch (opt) {
	case OPT_SEED:
		return number_parse(arg, UINT64_MAX, &c->seed)
		               ? error_set(err, -EINVAL, "--seed=%s: not a number", arg)
		               : 0;
	case OPT_ROUNDS: return positive("--rounds=", arg, UINT32_MAX, &c->rounds, err);
	case OPT_STEPS: return positive("--steps=", arg, TORTURE_STEPS_MAX, &c->steps, err);
	case OPT_SECONDS: return positive("--seconds=", arg, UINT32_MAX, &c->seconds, err);
	case 'c':
		rc = positive("-c ", arg, TORTURE_CPUS, &vcpus, err);
		c->vcpus = (unsigned)vcpus;
		return rc;
	case OPT_IRQCHIP: c->irqchip = arg; return 0;
	case 'o': c->keep = arg; return 0;
	case OPT_SHRINK: c->shrink = arg; return 0;
	case OPT_RESTORE: c->restore = arg; return 0;
	default: c->broken = arg; return 0;
	}
}

int torture_options(int argc, char *const argv[], struct torture_config *c, bool *help, struct error *err)
{
	int opt, rc, at = 1;

	c->steps = STEPS;
	*help = false;
	opterr = 0;
	optind = 0; /* GNU: start over */
	while ((opt = getopt_long(argc, argv, "+:c:o:h", longs, NULL)) != -1) {
		if (opt == '?' || opt == ':')
			return error_set(err, -EINVAL, "%s: %s; see torture --help", argv[at],
			                 opt == ':' ? "needs a value" : "unknown option");
		*help = opt == OPT_HELP || opt == 'h';
		if (*help)
			return 0;
		rc = parse_one(opt, optarg, c, err);
		if (rc)
			return rc;
		at = optind;
	}
	if (c->restore && !c->shrink)
		return error_set(err, -EINVAL, "--restore: of --shrink only; see torture --help");
	if (c->restore && argc == optind)
		return 0;
	if (argc != optind + 1 || c->restore)
		return error_set(err, -EINVAL, "%s see torture --help",
		                 argc == optind ? "which guest?" : "only one guest can be named;");
	if (!c->rounds && !c->seconds)
		c->rounds = ROUNDS;
	c->guest = argv[optind];
	return 0;
}
