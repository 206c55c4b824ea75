/* SPDX-License-Identifier: BSD-2-Clause */
/* torture_options.c: the command line of torture. */
#include "tests/torture/options.h"

#include <string.h>

#include "tap.h"

static struct torture_config c;
static struct error err;
static bool help;
static char words[512];

/* Parses a command line; words are separated by one blank. */
static int parse(const char *line)
{
	static char *argv[20];
	char *rest = words, *word;
	int argc = 0;

	memset(argv, 0, sizeof(argv));
	c = (struct torture_config){ .seed = 77 };
	err.text[0] = 0;
	snprintf(words, sizeof(words), "%s", line);
	while ((word = strsep(&rest, " ")) && argc < 19)
		argv[argc++] = word;
	return torture_options(argc, argv, &c, &help, &err);
}

static const struct {
	const char *line, *message;
} refused[] = {
	{ "torture", "which guest?" },
	{ "torture g h", "only one guest can be named; see" },
	{ "torture --trace g", "--trace: unknown option" },
	{ "torture --seed=x g", "--seed=x: not a number" },
	{ "torture --seed", "--seed: needs a value" },
	{ "torture --rounds=0 g", "--rounds=0: not a number from 1" },
	{ "torture --steps=100001 g", "--steps=100001: not a number from 1 to 100000" },
	{ "torture --seconds=-1 g", "--seconds=-1: not a number from 1" },
	{ "torture -c 9 g", "-c 9: not a number from 1 to 8" },
};

int main(void)
{
	is(parse("torture g"), 0, "a guest alone");
	ok(!help && !strcmp(c.guest, "g") && c.seed == 77 && c.rounds == 100 && c.steps == 60 && !c.seconds &&
	           !c.vcpus && !c.irqchip && !c.keep,
	   "with what it does when nothing is said");
	is(parse("torture --seed=0 --rounds=2 --steps=3 --seconds=4 -c 8 --irqchip=xics -o f --break=clock "
	         "g"),
	   0, "all options");
	ok(!c.seed && c.rounds == 2 && c.steps == 3 && c.seconds == 4 && c.vcpus == 8 &&
	           !strcmp(c.irqchip, "xics") && !strcmp(c.keep, "f") && !strcmp(c.broken, "clock"),
	   "each has its value");
	ok(!parse("torture --seconds=9 g") && !c.rounds, "for a time: any number of rounds");
	ok(!parse("torture --help --seed") && help, "--help");
	ok(!parse("torture -h") && help, "-h");
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		ok(parse(refused[i].line) && strstr(err.text, refused[i].message), "%s: %s", refused[i].line,
		   err.text);
	return tap_done();
}
