/* SPDX-License-Identifier: BSD-2-Clause */
/* options.c: see options.h. Pure. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "number.h"

const char options_help[] = "usage: zpvm run [OPTION]... GUEST [COMMAND]...   run a guest in a VM\n"
			    "       zpvm run --restore=FILE [COMMAND]...      go on from a snapshot\n"
			    "       zpvm run --help                           its options\n"
			    "       zpvm probe [--json]                       what this host's KVM offers\n"
			    "       zpvm inspect [--json] FILE                what is in a snapshot\n"
			    "       zpvm diff FILE FILE                       what differs in two of them\n"
			    "       zpvm check FILE...                        whether they are good\n"
			    "       zpvm --version\n"
			    "\n"
			    "zpvm is a small virtual machine monitor for Linux KVM on s390x and POWER9.\n"
			    "See zpvm(1).\n";

const char options_run_help[] =
	"usage: zpvm run [OPTION]... GUEST [COMMAND]...\n"
	"       zpvm run [OPTION]... --restore=FILE [COMMAND]...\n"
	"\n"
	"Creates a VM, loads GUEST (a static ELF executable for this machine) and runs\n"
	"it until it stops. Standard input is typed at its console; SIGTERM asks it to\n"
	"shut down. COMMAND is one for the test guest, as after `guest` in a scenario.\n"
	"On a terminal Ctrl-A x ends zpvm.\n"
	"\n"
	"  -m, --memory=SIZE      guest memory, with K, M or G (default 64M)\n"
	"  -c, --vcpus=N          number of vCPUs (default 1)\n"
	"      --vcpu-stride=N    their ids are multiples of N (default 1)\n"
	"      --irqchip=MODEL    the interrupt controller: auto (default); flic on s390x;\n"
	"                         xive or xics on POWER9\n"
	"  -s, --scenario=FILE    do as this scenario says; see zpvm(1)\n"
	"  -t, --timeout=SECONDS  give the guest this long (default 10, on a terminal any\n"
	"                         time; a scenario may set its own, and this overrides it)\n"
	"      --save=FILE        write a snapshot of the VM to FILE when the run ends, when a\n"
	"                         scenario's step `save` says so, and at SIGUSR2\n"
	"      --restore=FILE     go on from this snapshot (-: standard input) instead of\n"
	"                         loading GUEST; the machine is made as it says\n"
	"      --console=NAME     where input goes (s390x: sclp, line, 3215; power9: hvterm)\n"
	"      --clock=POLICY     the guest's clock over a pause and a restore: stand (default: it\n"
	"                         stands still) or follow (it follows real time)\n"
	"      --break=RULE       break this rule of the order of each save and restore, to see what\n"
	"                         it prevents; help: the rules of this architecture\n"
	"  -q, --quiet            do not print a scenario's steps\n"
	"  -h, --help             print this\n"
	"      --trace[=FILE]     a line for each ioctl, exit, injection and each step of\n"
	"                         a save or restore, to FILE or standard error\n"
	"\n"
	"Exit status: the guest's own if it is 0 to 63 (0 too when it stops all its vCPUs,\n"
	"or shuts down in a disabled wait); 64 wrong usage; 65 the guest,\n"
	"the scenario or the snapshot cannot be used; 66 the guest asked for a reboot; 70 the\n"
	"scenario's expectations were not met; 71 KVM or the host failed; 72 the guest\n"
	"crashed; 77 this host's KVM lacks something that is needed; 124 the time was up.\n";

const char options_probe_help[] =
	"usage: zpvm probe [--json]\n"
	"\n"
	"Prints what this host's KVM offers: capabilities, the attributes of its interrupt\n"
	"controllers, and limits, which are found by trying in a VM made for it.\n"
	"\n"
	"      --json             the same as a JSON object\n"
	"\n"
	"Exit status: 0, also when zpvm needs something that is missing; 64 wrong usage;\n"
	"71 /dev/kvm cannot be used.\n";

enum {
	OPT_HELP = 256,
	OPT_TRACE,
	OPT_STRIDE,
	OPT_IRQCHIP,
	OPT_CONSOLE,
	OPT_SAVE,
	OPT_RESTORE,
	OPT_CONTINUE,
	OPT_CLOCK,
	OPT_BREAK
};

static const struct option longs[] = {
	{ "memory", required_argument, NULL, 'm' },
	{ "vcpus", required_argument, NULL, 'c' },
	{ "scenario", required_argument, NULL, 's' },
	{ "timeout", required_argument, NULL, 't' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "trace", optional_argument, NULL, OPT_TRACE },
	{ "vcpu-stride", required_argument, NULL, OPT_STRIDE },
	{ "irqchip", required_argument, NULL, OPT_IRQCHIP },
	{ "console", required_argument, NULL, OPT_CONSOLE },
	{ "save", required_argument, NULL, OPT_SAVE },
	{ "restore", required_argument, NULL, OPT_RESTORE },
	{ "continue", required_argument, NULL, OPT_CONTINUE }, /* a scenario's step `exec` says it */
	{ "clock", required_argument, NULL, OPT_CLOCK },
	{ "break", required_argument, NULL, OPT_BREAK },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

/* Of two files one would be forgotten without a word. */
static int once(const char **to, const char *name, const char *arg, struct error *err)
{
	if (*to)
		return error_set(err, -EINVAL, "%s names one file: %s or %s?", name, *to, arg);
	*to = arg;
	return 0;
}

static int parse_one(int opt, char *arg, struct options *o, struct error *err)
{
	switch (opt) {
	case 'm':
		if (number_parse_size(arg, &o->memory) || !o->memory)
			return error_set(err, -EINVAL, "-m %s: not a size (64M, 1G)", arg);
		return 0;
	case 'c':
		if (number_parse(arg, UINT16_MAX, &o->vcpus) || !o->vcpus)
			return error_set(err, -EINVAL, "-c %s: not a number of vCPUs", arg);
		return 0;
	case 't':
		if (number_parse(arg, 1000000, &o->timeout_ms) || !o->timeout_ms)
			return error_set(err, -EINVAL, "-t %s: not a number of seconds", arg);
		o->timeout_ms *= 1000;
		return 0;
	case OPT_STRIDE:
		if (number_parse(arg, UINT16_MAX, &o->vcpu_stride) || !o->vcpu_stride)
			return error_set(err, -EINVAL, "--vcpu-stride=%s: not a distance of vCPU ids", arg);
		return 0;
	case OPT_IRQCHIP: o->irqchip = arg; return 0;
	case 's': return once(&o->scenario, "-s", arg, err);
	case 'q': o->quiet = true; return 0;
	case OPT_CONSOLE: o->console = arg; return 0;
	case OPT_CONTINUE:
		if (sscanf(arg, "%d:%" SCNu64 ":%d", &o->continue_fd, &o->continue_line,
		           &o->continue_input) != 3 ||
		    o->continue_fd < 0)
			return error_set(err, -EINVAL, "--continue=%s: not FD:LINE:INPUT", arg);
		snprintf(o->continue_path, sizeof(o->continue_path), "/proc/self/fd/%d", o->continue_fd);
		o->restore = o->continue_path;
		return 0;
	case OPT_SAVE: return once(&o->save, "--save", arg, err);
	case OPT_RESTORE:
		/* what goes on stands first */
		return o->continue_fd < 0 ? once(&o->restore, "--restore", arg, err) : 0;
	case OPT_CLOCK:
		o->clock = clock_policy_find(arg);
		return o->clock ? 0 : error_set(err, -EINVAL, "--clock=%s: not stand or follow", arg);
	case OPT_BREAK:
		o->broken = arg;
		o->action = strcmp(arg, "help") ? o->action : ACTION_RULES;
		return 0;
	case OPT_TRACE:
		o->trace = true;
		o->trace_file = arg;
		return 0;
	default: o->action = ACTION_RUN_HELP; return 0;
	}
}

/* args[0] is "run". */
static int parse_run(int argc, char *const argv[], struct options *o, struct error *err)
{
	int opt, at = 1;
	bool restored;

	opterr = 0;
	optind = 0; /* GNU: start over */
	while ((opt = getopt_long(argc, argv, "+:m:c:s:t:qh", longs, NULL)) != -1) {
		int rc;

		if (opt == '?' || opt == ':')
			return error_set(err, -EINVAL, "%s: %s; see zpvm run --help", argv[at],
			                 opt == ':' ? "needs a value" : "unknown option");
		rc = parse_one(opt, optarg, o, err);
		if (rc || o->action != ACTION_RUN)
			return rc;
		at = optind; /* the word that it reads next; it may not move on for each of its letters */
	}
	/* What goes on has the command line that it had before. */
	restored = o->restore && o->continue_fd < 0;
	if (!o->restore && argc == optind)
		return error_set(err, -EINVAL, "which guest? see zpvm run --help");
	if (restored && (o->memory || o->vcpus || o->vcpu_stride || o->irqchip))
		return error_set(err, -EINVAL, "--restore: the machine is made as the snapshot says");
	if (!restored && optind < argc)
		o->guest = argv[optind++];
	o->command = argv + optind;
	if (*o->command && **o->command == '-')
		return error_set(err, -EINVAL, "%s: options stand before the guest; see zpvm run --help",
		                 *o->command);
	if (o->scenario && *o->command)
		return error_set(err, -EINVAL, "%s: a scenario gives the commands; see zpvm run --help",
		                 *o->command);
	return 0;
}

/* args[0] is "probe". */
static int parse_probe(int argc, char *const argv[], struct options *o, struct error *err)
{
	o->action = ACTION_PROBE;
	for (int i = 1; i < argc && o->action == ACTION_PROBE; i++) {
		if (!strcmp(argv[i], "--json"))
			o->json = true;
		else if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			o->action = ACTION_PROBE_HELP;
		else
			return error_set(err, -EINVAL, "%s: unknown option; see zpvm probe --help", argv[i]);
	}
	return 0;
}

int options_parse(int argc, char *const argv[], struct options *o, struct error *err)
{
	*o = (struct options){
		.action = ACTION_RUN, .continue_fd = -1, .continue_input = -1, .argc = argc, .argv = argv
	};
	if (argc < 2)
		return error_set(err, -EINVAL, "no command; see zpvm --help");
	if (argc == 3 && !strcmp(argv[1], "help")) {
		int rc;
		char *const words[] = { argv[0], argv[2], "--help", NULL };

		rc = options_parse(3, words, o, err);
		o->argv = argv;
		return rc;
	}
	if (!strcmp(argv[1], "run"))
		return parse_run(argc - 1, argv + 1, o, err);
	if (!strcmp(argv[1], "probe"))
		return parse_probe(argc - 1, argv + 1, o, err);
	if (!strcmp(argv[1], "inspect") || !strcmp(argv[1], "diff") || !strcmp(argv[1], "check"))
		return options_parse_files(argc - 1, argv + 1, o, err);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		o->action = ACTION_VERSION;
	else if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
		o->action = ACTION_HELP;
	else
		return error_set(err, -EINVAL,
		                 "%s: unknown command; there are run, probe, inspect, diff, check: see "
		                 "zpvm --help",
		                 argv[1]);
	return 0;
}
