/* SPDX-License-Identifier: BSD-2-Clause */
/* options.c: the command line. */
#include "vmm/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "tap.h"

static struct options o;
static struct error err;
static char words[512];

/* Parses a command line; words are separated by one blank. */
static int parse(const char *line)
{
	static char *argv[20]; /* options.argv and .command are of it */
	char *rest = words, *word;
	int argc = 0;

	memset(argv, 0, sizeof(argv));
	err.text[0] = 0;
	snprintf(words, sizeof(words), "%s", line);
	while ((word = strsep(&rest, " ")) && argc < 19)
		argv[argc++] = word;
	return options_parse(argc, argv, &o, &err);
}

/* The help that this command line asks for, until the next one; "" if it asks for none. */
static const char *help_of(const char *line)
{
	static char text[8192];
	FILE *f = fmemopen(text, sizeof(text), "w");

	text[0] = 0;
	if (f && !parse(line) && o.action == ACTION_HELP)
		options_help(&o, f);
	if (f)
		fclose(f);
	return text;
}

static bool helps(const char *line, const char *beginning)
{
	return !strncmp(help_of(line), beginning, strlen(beginning));
}

static void good(void)
{
	static const char help_zpvm[] = "usage: zpvm run [OPTION]... GUEST [COMMAND]...   run a guest";
	static const char help_run[] = "usage: zpvm run [OPTION]... GUEST [COMMAND]...\n";

	is(parse("zpvm run g"), 0, "a guest alone");
	ok(o.action == ACTION_RUN && !strcmp(o.guest, "g") && !o.memory && !o.vcpus && !o.timeout_ms &&
	           !o.scenario && !o.trace && !o.trace_what && !o.quiet,
	   "and nothing else is said");
	is(parse("zpvm run -m 2G -c 4 -s f.scn -t 7 -q --trace=:t guest.elf"), 0, "all options, short");
	ok(o.memory == 2ULL << 30 && o.vcpus == 4 && o.timeout_ms == 7000 && !strcmp(o.scenario, "f.scn") &&
	           o.quiet && o.trace && !strcmp(o.trace_what, ":t") && !strcmp(o.guest, "guest.elf"),
	   "each has its value");
	is(parse("zpvm run --memory=1M --vcpus=2 --scenario=x --timeout=1 --quiet --trace g"), 0,
	   "all options, long");
	ok(o.memory == 1 << 20 && o.vcpus == 2 && o.timeout_ms == 1000 && !strcmp(o.scenario, "x") &&
	           o.quiet && o.trace && !o.trace_what && !strcmp(o.guest, "g"),
	   "each has its value; --trace alone takes no word");
	is(parse("zpvm run --memory 3M g"), 0, "a long option's value as the next word");
	is(o.memory, 3 << 20, "is taken");
	is(parse("zpvm run -m64M -qc2 g"), 0, "options joined");
	ok(o.memory == 64 << 20 && o.quiet && o.vcpus == 2, "are all taken");
	is(parse("zpvm run --vcpu-stride=8 --irqchip=xics g"), 0, "a machine's shape");
	ok(o.vcpu_stride == 8 && !strcmp(o.irqchip, "xics"), "is taken");
	is(parse("zpvm run --name=web --uuid=01234567-89ab-cdef-0123-456789abcdef g"), 0,
	   "a name and a UUID");
	ok(!strcmp(o.identity.name, "web") && o.identity.uuid[15] == 0xef && !o.has_clock_start, "are taken");
	is(parse("zpvm run --clock-start=1970-01-01T00:00:01 g"), 0, "a time");
	ok(o.has_clock_start && o.clock_start == 1000000000 && !*o.identity.name, "is taken");
	is(parse("zpvm run -c 65535 g"), 0, "most vCPUs");
	is(parse("zpvm run -- -g"), 0, "after -- everything is a guest");
	ok(!strcmp(o.guest, "-g"), "even with a dash");
	is(parse("zpvm run --save=s --break=reset-first g"), 0, "a file for snapshots, a rule to break");
	ok(!strcmp(o.save, "s") && !strcmp(o.broken, "reset-first") && !o.restore && !strcmp(o.guest, "g"),
	   "are named");
	is(parse("zpvm run --restore=f"), 0, "a snapshot instead of a guest");
	ok(!strcmp(o.restore, "f") && !o.guest && !*o.command, "no guest is named");
	is(parse("zpvm run --restore - --save s exits count=3"), 0, "one from standard input, and a command");
	ok(!strcmp(o.restore, "-") && !o.guest && !strcmp(o.command[0], "exits") && o.command[1],
	   "all words are the command's");
	ok(!parse("zpvm run --break=help") && o.action == ACTION_RULES, "--break=help needs no guest");
	ok(!parse("zpvm run --help-steps") && o.action == ACTION_STEPS, "nor does --help-steps");
	is(parse("zpvm run --console=line g"), 0, "a console");
	ok(!strcmp(o.console, "line") && !*o.command, "is named");
	is(parse("zpvm run --clock=follow g"), 0, "a clock's policy");
	is(o.clock, CLOCK_FOLLOW, "is taken");
	ok(!parse("zpvm run --clock=stand g") && o.clock == CLOCK_STAND, "and the other one");
	is(parse("zpvm run -q g timer us=5 -x"), 0, "a command for the guest");
	ok(!o.console && !o.clock && o.quiet && !strcmp(o.command[0], "timer") &&
	           !strcmp(o.command[1], "us=5") && !strcmp(o.command[2], "-x") && !o.command[3],
	   "is all that follows");
	is(parse("zpvm run g"), 0, "parsing again starts over");
	ok(!o.memory && !o.quiet && !o.trace, "and nothing is left");
	ok(helps("zpvm --help", help_zpvm), "--help");
	ok(helps("zpvm -h", help_zpvm), "-h");
	ok(helps("zpvm help", help_zpvm), "help");
	ok(helps("zpvm help run", help_run), "help of a command");
	ok(helps("zpvm run -h g", help_run), "run -h");
	ok(helps("zpvm probe -h", "usage: zpvm probe"), "probe -h");
	ok(helps("zpvm diff -h", "usage: zpvm inspect"), "diff -h");
	ok(!parse("zpvm -V") && o.action == ACTION_VERSION, "-V");
	ok(!parse("zpvm --version") && o.action == ACTION_VERSION, "--version");
	ok(helps("zpvm run --help", help_run), "run --help");
	ok(helps("zpvm run -q --help -m", help_run), "run --help among others");
	ok(!parse("zpvm probe") && o.action == ACTION_PROBE && !o.json, "probe");
	ok(!parse("zpvm probe --diff a b") && o.action == ACTION_PROBE && o.probe_diff &&
	           !strcmp(o.files[1], "b"),
	   "probe --diff");
	ok(!parse("zpvm inspect --core=out a") && !strcmp(o.core, "out") && !strcmp(o.files[0], "a"),
	   "inspect --core");
	ok(!parse("zpvm diff --irq --json a b") && o.irq_only && o.json, "diff --irq --json");
	ok(!parse("zpvm probe --json") && o.action == ACTION_PROBE && o.json, "probe --json");
	ok(!parse("zpvm probe") && !o.json, "parsing again starts over there too");
	ok(!parse("zpvm inspect a") && o.action == ACTION_INSPECT && !o.json && !strcmp(o.files[0], "a") &&
	           !o.files[1],
	   "inspect");
	ok(!parse("zpvm inspect --json -") && o.json && !strcmp(o.files[0], "-"),
	   "--json, of standard input");
	ok(!parse("zpvm diff -- -a b") && o.action == ACTION_DIFF && !strcmp(o.files[0], "-a") &&
	           !strcmp(o.files[1], "b"),
	   "diff");
	ok(!parse("zpvm check a b c") && o.action == ACTION_CHECK && !strcmp(o.files[2], "c") && !o.files[3],
	   "check");
	ok(helps("zpvm diff --help", "usage: zpvm inspect"), "their help");
	ok(!parse("zpvm timeline t") && o.action == ACTION_TIMELINE && !strcmp(o.files[0], "t") &&
	           !o.output && !o.text && !o.from && !o.to && !o.width && !o.irq,
	   "timeline");
	ok(!parse("zpvm timeline --irq=disk -o a.svg t --text --from=0.25 --to=12.000000001 --width=700") &&
	           !strcmp(o.files[0], "t") && !strcmp(o.output, "a.svg") && !strcmp(o.irq, "disk") &&
	           o.text && o.from == 250000000 && o.to == 12000000001 && o.width == 700,
	   "its options, before and behind the trace");
	ok(helps("zpvm timeline -h", "usage: zpvm timeline"), "its help");
	ok(helps("zpvm probe --json --help", "usage: zpvm probe"), "probe --help");
}

static bool device(unsigned i, enum device_kind kind, const char *text)
{
	const struct device_option *d = &o.devices.list[i];

	return i < o.devices.count && d->kind == kind &&
	       (text ? d->text && !strcmp(d->text, text) : !d->text);
}

static void kernels(void)
{
	char *argv[DEVICE_OPTIONS_MAX + 5] = { "zpvm", "run", "g" };
	int argc = 3;

	is(parse("zpvm run -k k -i i -p a=b -m 512M -c 2"), 0, "a kernel");
	ok(!strcmp(o.guest, "k") && !strcmp(o.initrd, "i") && !strcmp(o.params, "a=b") && !*o.command &&
	           o.memory == 512 << 20 && o.vcpus == 2 && !o.again && !o.devices.count,
	   "is the guest");
	is(parse("zpvm run --kernel=k --initrd=i --params=p --reboot=again"), 0, "all in long");
	ok(!strcmp(o.guest, "k") && !strcmp(o.initrd, "i") && !strcmp(o.params, "p") && o.again,
	   "have their values");
	ok(!parse("zpvm run -k k --append p --reboot=exit") && !strcmp(o.params, "p") && !o.again,
	   "--append");
	ok(!parse("zpvm run --io=thread g") && o.io_thread && !parse("zpvm run --io=exit g") &&
	           !o.io_thread && !parse("zpvm run g") && !o.io_thread,
	   "--io");
	ok(!parse("zpvm run -k k exits") && !strcmp(o.guest, "k") && !strcmp(o.command[0], "exits"),
	   "with --kernel all words are the command's");
	is(parse("zpvm run g --vcpus=2 -m 1G -p x"), 0, "options behind the guest");
	ok(!strcmp(o.guest, "g") && o.vcpus == 2 && o.memory == 1 << 30 && !strcmp(o.params, "x") &&
	           !*o.command,
	   "are taken");
	is(parse("zpvm run -q g -c 2 exits -c 3"), 0, "and before a command");
	ok(o.quiet && o.vcpus == 2 && !strcmp(o.command[0], "exits") && !strcmp(o.command[1], "-c") &&
	           !strcmp(o.command[2], "3"),
	   "whose words are its own");
	ok(!parse("zpvm run g -q -- exits") && o.quiet && !strcmp(o.command[0], "exits"), "-- ends them");
	ok(helps("zpvm run g --help", "usage: zpvm run"), "--help behind the guest");
	is(parse("zpvm run g -d a --net=tap=t --disk b,ro --rng -n stream=s --rng=f --virtio-console"), 0,
	   "devices");
	ok(o.devices.count == 7 && device(0, DEVICE_DISK, "a") && device(1, DEVICE_NET, "tap=t") &&
	           device(2, DEVICE_DISK, "b,ro") && device(3, DEVICE_RNG, NULL) &&
	           device(4, DEVICE_NET, "stream=s") && device(5, DEVICE_RNG, "f") &&
	           device(6, DEVICE_CONSOLE, NULL),
	   "keep their order");
	ok(!parse("zpvm run --restore=f -d a") && device(0, DEVICE_DISK, "a"), "also beside a snapshot");
	while (argc < DEVICE_OPTIONS_MAX + 3)
		argv[argc++] = "-da";
	is(options_parse(argc, argv, &o, &err), 0, "as many as there may be");
	is(o.devices.count, DEVICE_OPTIONS_MAX, "are taken");
	argv[argc++] = "-da";
	is(options_parse(argc, argv, &o, &err), -EINVAL, "one more is refused");
	has(err.text, "-d: more than 32 devices", "and it says why");
}

static const struct {
	const char *line, *message;
} refused[] = {
	{ "zpvm", "no command" },
	{ "zpvm frobnicate", "frobnicate: unknown command" },
	{ "zpvm -m", "-m: unknown command" },
	{ "zpvm run", "which guest?" },
	{ "zpvm run -q", "which guest?" },
	{ "zpvm run -s f g echo", "echo: a scenario gives the commands" },
	{ "zpvm run --console", "--console: needs a value" },
	{ "zpvm run --clock=run g", "--clock=run: not stand or follow" },
	{ "zpvm run --vcpu-stride=0 g", "--vcpu-stride=0: not a distance of vCPU ids" },
	{ "zpvm run --irqchip", "--irqchip: needs a value" },
	{ "zpvm run -m", "-m: needs a value" },
	{ "zpvm run --memory", "--memory: needs a value" },
	{ "zpvm run -q -c", "-c: needs a value" },
	{ "zpvm run -m 0 g", "-m 0: not a size" },
	{ "zpvm run -m 64MB g", "-m 64MB: not a size" },
	{ "zpvm run -m -1 g", "-m -1: not a size" },
	{ "zpvm run -m 99999999T g", "not a size" },
	{ "zpvm run --memory= g", "-m : not a size" },
	{ "zpvm run -c 0 g", "-c 0: not a number of vCPUs" },
	{ "zpvm run -c 65536 g", "-c 65536: not a number of vCPUs" },
	{ "zpvm run -c two g", "-c two: not a number of vCPUs" },
	{ "zpvm run -t 0 g", "-t 0: not a number of seconds" },
	{ "zpvm run -t 1000001 g", "-t 1000001: not a number" },
	{ "zpvm run -t 1s g", "-t 1s: not a number" },
	{ "zpvm run -x g", "-x: unknown option" },
	{ "zpvm run -xq g", "-xq: unknown option" },
	{ "zpvm run -q -qxq g", "-qxq: unknown option" },
	{ "zpvm run --frob g", "--frob: unknown option" },
	{ "zpvm run --frob=1 -q g", "--frob=1: unknown option" },
	{ "zpvm run --quiet=1 g", "--quiet=1" },
	{ "zpvm run --save g", "which guest?" },
	{ "zpvm run --restore", "--restore: needs a value" },
	{ "zpvm run -c 2 --restore=f", "--restore: the machine is made as the snapshot says" },
	{ "zpvm run --restore=f -m 1G", "--restore: the machine is made" },
	{ "zpvm run --restore=f --vcpu-stride=8", "--restore: the machine is made" },
	{ "zpvm run --restore=f --irqchip=xics", "--restore: the machine is made" },
	{ "zpvm run --restore=f --name=n", "--restore: the machine is made" },
	{ "zpvm run --uuid=01234567-89ab-cdef-0123-456789abcdef --restore=f",
	  "--restore: the machine is made" },
	{ "zpvm run --restore=f --clock-start=0", "--restore: the guest's clock goes on" },
	{ "zpvm run --name= g", "--name=: not a name of 1 to 255" },
	{ "zpvm run --uuid=7 g", "--uuid=7: not a UUID" },
	{ "zpvm run --clock-start=noon g", "--clock-start=noon: not seconds since 1970, or a time" },
	{ "zpvm run --restore=f -s x.scn exits", "exits: a scenario gives the commands" },
	{ "zpvm inspect", "too few snapshot files; see zpvm inspect --help" },
	{ "zpvm inspect a b", "too many snapshot files" },
	{ "zpvm timeline", "too few trace files; see zpvm timeline --help" },
	{ "zpvm timeline a b", "too many trace files" },
	{ "zpvm timeline a --text b", "too many trace files" },
	{ "zpvm timeline --json a", "--json: unknown option" },
	{ "zpvm timeline --from=1e3 a", "--from=1e3: not a time in seconds" },
	{ "zpvm timeline --to=.5 a", "--to=.5: not a time in seconds" },
	{ "zpvm timeline --to=1.0000000001 a", "--to=1.0000000001: not a time" },
	{ "zpvm timeline --width=599 a", "--width=599: not a width" },
	{ "zpvm timeline --width=20001 a", "--width=20001: not a width" },
	{ "zpvm timeline -o a.svg -o b.svg t", "-o names one file: a.svg or b.svg?" },
	{ "zpvm inspect --jso a", "--jso: unknown option" },
	{ "zpvm diff a", "too few snapshot files; see zpvm diff --help" },
	{ "zpvm diff a b c", "too many snapshot files" },
	{ "zpvm diff --core=x a b", "--core=x: unknown option" },
	{ "zpvm check", "too few snapshot files" },
	{ "zpvm ctl", "too few words: which socket?" },
	{ "zpvm run --control=a --control=b g", "--control names one socket" },
	{ "zpvm run --control=a --record=r -s x.scn g", "--control: a recording would not have" },
	{ "zpvm probe --xml", "--xml: unknown option; see zpvm probe --help" },
	{ "zpvm probe --diff a", "too few reports" },
	{ "zpvm probe --diff a b c", "too many reports" },
	{ "zpvm inspect --cor=out a", "--cor=out: unknown option" },
	{ "zpvm probe --json=1", "--json=1: unknown option" },
	{ "zpvm probe guest", "guest: unknown option" },
	{ "zpvm probe --json -", "-: unknown option" },
	{ "zpvm run --json g", "--json: unknown option" },
	{ "zpvm run --restore=f --save=s -- -x", "-x: options stand before the command" },
	{ "zpvm run g -- -x", "-x: options stand before the command" },
	{ "zpvm run -- g -q", "-q: options stand before the command" },
	{ "zpvm run g -x", "-x: unknown option; see zpvm run --help" },
	{ "zpvm run g -q -c", "-c: needs a value" },
	{ "zpvm run g -s f.scn echo", "echo: a scenario gives the commands" },
	{ "zpvm run g -k h", "-k names one file: g or h?" },
	{ "zpvm run -k g -i i --initrd=j", "-i names one file: i or j?" },
	{ "zpvm run -k g -p a --append b", "--append names one text: a or b?" },
	{ "zpvm run -i i -p p", "which guest?" },
	{ "zpvm run --restore=f -k g", "--restore: nothing is loaded beside the snapshot: g?" },
	{ "zpvm run --restore=f -i i", "--restore: nothing is loaded beside the snapshot: i?" },
	{ "zpvm run --record=f --reboot=again g", "--reboot=again: a recording is of one life of the guest" },
	{ "zpvm run --until=5 g", "--until: of a scenario only" },
	{ "zpvm run --history=5 g", "--history: of --gdb only" },
	{ "zpvm run --gdb=1 -s f g", "--gdb: gdb gives the steps and commands (monitor STEP): f?" },
	{ "zpvm run --gdb=1 g echo", "--gdb: gdb gives the steps and commands (monitor STEP): echo?" },
	{ "zpvm run --gdb=1 --reboot=again g", "--reboot=again: not with --gdb" },
	{ "zpvm run --replay=f -s s g", "--replay: a recording is a scenario: f or s?" },
	{ "zpvm run --restore=f -p p", "--restore: nothing is loaded beside the snapshot: p?" },
	{ "zpvm run --restore=f --reboot=again", "--reboot=again: there is no guest" },
	{ "zpvm run --reboot=no g", "--reboot=no: not exit or again" },
	{ "zpvm run --io=kernel g", "--io=kernel: not exit or thread" },
	{ "zpvm run --sandbox=no g", "--sandbox=no: not auto, on or off" },
	{ "zpvm run --reboot=again -s f g", "--reboot=again: a scenario" },
	{ "zpvm run --reboot=again g echo", "--reboot=again: a scenario" },
	{ "zpvm run -d", "-d: needs a value" },
	{ "zpvm run --save=a --save=b g", "--save names one file: a or b?" },
	{ "zpvm run --restore=a --restore b", "--restore names one file: a or b?" },
	{ "zpvm run -s a --scenario=b g", "-s names one file: a or b?" },
	{ "zpvm inpsect f",
	  "inpsect: unknown command; there are run, probe, inspect, diff, check, timeline" },
	{ "zpvm help dance", "dance: unknown command" },
	{ "zpvm run --t 1 g", "--t: unknown option" }, /* trace or timeout? */
};

static bool short_accepted(char letter)
{
	char line[40];

	snprintf(line, sizeof(line), "zpvm run -%c g", letter);
	if (!parse(line))
		return true;
	/* With a value it can be wrong, but not unknown. */
	return !strstr(err.text, "unknown option");
}

/* Each option in the help is accepted, and each letter that is accepted is in the help. */
static void help(void)
{
	char name[40], line[100], *text = strdup(help_of("zpvm run --help"));

	for (const char *p = text; (p = strstr(p, "--")); p += 2) {
		size_t len = strcspn(p + 2, "=[ \n,");
		bool value = p[2 + len] == '=';

		snprintf(name, sizeof(name), "%.*s", (int)len + 2, p);
		if (!strcmp(name, "--help"))
			continue;
		snprintf(line, sizeof(line), "zpvm run %s%s g%s", name,
		         !value                       ? ""
		         : !strcmp(name, "--clock")   ? "=stand"
		         : !strcmp(name, "--reboot")  ? "=exit"
		         : !strcmp(name, "--io")      ? "=thread"
		         : !strcmp(name, "--sandbox") ? "=on"
		         : !strcmp(name, "--uuid")    ? "=00000000-0000-0000-0000-000000000000"
		                                      : "=1",
		         /* These are about a scenario, or a command. */
		         !strcmp(name, "--record") || !strcmp(name, "--until") || !strcmp(name, "--symbols")
		                 ? " echo"
		         : !strcmp(name, "--history") ? " --gdb=1"
		                                      : "");
		is(parse(line), 0, "the help's %s is accepted%s", name, value ? " with a value" : "");
		if (value) {
			snprintf(line, sizeof(line), "zpvm run %s", name);
			ok(parse(line) == -EINVAL && strstr(err.text, "needs a value"), "%s needs a value",
			   name);
		}
	}
	for (char c = '!'; c < 127; c++) {
		snprintf(name, sizeof(name), "  -%c, --", c);
		if (c == '-' || c == ':')
			continue;
		if (short_accepted(c) != (strstr(text, name) != NULL))
			ok(false, "-%c is either parsed or in the help, not both", c);
	}
	free(text);
	has(help_of("zpvm --help"), "zpvm run", "the help names the command");
	has(help_of("zpvm --help"), "--version", "and --version");
	has(help_of("zpvm --help"), "zpvm probe", "and the other command");
	has(help_of("zpvm probe --help"), "--json", "whose help names its option");
	has(help_of("zpvm inspect --help"), "--json   ", "which inspect has, too");
	has(help_of("zpvm diff --help"), "--irq   ", "and diff, with one of its own");
	ok(!strstr(help_of("zpvm check --help"), "--json   "), "and check has not");
}

/* What completion reads: each line has five fields, and the help of a command has each of its options. */
static void table(void)
{
	char *text = NULL, *rest, *line, *field[5], help[8192], name[60];
	size_t size, lines = 0;
	FILE *f = open_memstream(&text, &size);

	is(parse("zpvm --completion"), 0, "--completion");
	ok(o.action == ACTION_TABLE && f, "asks for the tables");
	options_table(f);
	fclose(f);
	for (rest = text; (line = strsep(&rest, "\n")) && *line; lines++) {
		for (int i = 0; i < 5; i++)
			field[i] = strsep(&line, "\t");
		if (!field[4] || line || !*field[4])
			ok(false, "a line of five fields: %s", field[0]);
		snprintf(name, sizeof(name), "zpvm %s --help", field[0]);
		snprintf(help, sizeof(help), "%s", help_of(name));
		snprintf(name, sizeof(name), "--%s", field[2]);
		if (*field[2] != '-' && !strstr(help, name))
			ok(false, "%s is in the help of %s", name, field[0]);
	}
	ok(lines > 50, "five fields in each of %zu lines", lines);
	free(text);
}

int main(void)
{
	good();
	table();
	kernels();
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		is(parse(refused[i].line), -EINVAL, "refused: %s", refused[i].line);
		has(err.text, refused[i].message, "and it says \"%s\"", refused[i].message);
	}
	help();
	return tap_done();
}
