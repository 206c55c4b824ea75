/* SPDX-License-Identifier: BSD-2-Clause */
/* options.c: see options.h. An option is a row of rows[], a subcommand is a row of subcommands[]. Pure. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "date.h"
#include "number.h"

/* --- options ---------------------------------------------------------- */

/* How the argument is read and stored: see store(). */
enum how {
	FLAG,
	WORD,
	ONCE,
	NUMBER,
	SECONDS,
	SIZE,
	NAME,
	UUID,
	START,
	CLOCK,
	REBOOT,
	IO,
	SANDBOX,
	RULE,
	DEVICE,
	TRACE,
	MOMENT,
	PIXELS,
	CONTINUE,
	HELP
};

#define FIELD(name) offsetof(struct options, name)
#define RUN         (1u << ACTION_RUN)
#define TIMELINE    (1u << ACTION_TIMELINE)

static const struct row {
	unsigned of; /* a bit for the action of each subcommand that takes it */
	const char *name;
	char letter; /* 0: none */
	/* What the help calls its argument; NULL: none; "[=...]": it may be left out; "this|that": words that
	 * it can be, of which "help" lists the others. Completion, too, reads this. */
	const char *arg;
	enum how how;
	size_t field;     /* of struct options */
	uint64_t max;     /* the greatest number that is allowed; of DEVICE: its kind; of HELP: the action */
	const char *what; /* completes the error "this argument is not ..."; of ONCE: "names one ..." */
	const char *help; /* NULL: the option is not meant for users, and the help leaves it out */
} rows[] = {
	{ RUN, "kernel", 'k', "FILE", ONCE, FIELD(guest), 0, "file",
	  "the guest, instead of the operand GUEST" },
	{ RUN, "initrd", 'i', "FILE", ONCE, FIELD(initrd), 0, "file", "Linux's initial RAM disk" },
	{ RUN, "params", 'p', "TEXT", ONCE, FIELD(params), 0, "text",
	  "the guest's parameters (command line)" },
	{ RUN, "append", 0, "TEXT", ONCE, FIELD(params), 0, "text", "the same" },
	{ RUN, "disk", 'd', "FILE", DEVICE, FIELD(devices), DEVICE_DISK, NULL,
	  "a disk with the contents of FILE[,ro][,cow]; ro: it cannot\n"
	  "be written; cow: what is written is forgotten in the end" },
	{ RUN, "net", 'n', "TO", DEVICE, FIELD(devices), DEVICE_NET, NULL,
	  "a network interface; TO is tap=NAME or stream=SOCKET, and\n"
	  "[,mac=ADDRESS]" },
	{ RUN, "rng", 0, "[=FILE]", DEVICE, FIELD(devices), DEVICE_RNG, NULL,
	  "a source of random numbers, of FILE or the host's" },
	{ RUN, "virtio-console", 0, NULL, DEVICE, FIELD(devices), DEVICE_CONSOLE, NULL,
	  "a virtio console, which knows the terminal's size\n(with --console=virtio)" },
	{ RUN, "io", 0, "exit|thread", IO, 0, 0, "exit or thread",
	  "where virtio devices work: in the exit of the vCPU that has\n"
	  "notified them (default), or in a thread of their own" },
	{ RUN, "memory", 'm', "SIZE", SIZE, FIELD(memory), 0, "a size (64M, 1G)",
	  "guest memory, with K, M or G (default 64M)" },
	{ RUN, "vcpus", 'c', "N", NUMBER, FIELD(vcpus), UINT16_MAX, "a number of vCPUs",
	  "number of vCPUs (default 1)" },
	{ RUN, "vcpu-stride", 0, "N", NUMBER, FIELD(vcpu_stride), UINT16_MAX, "a distance of vCPU ids",
	  "their ids are multiples of N (default 1)" },
	{ RUN, "irqchip", 0, "auto|flic|xive|xics|none", WORD, FIELD(irqchip), 0, NULL,
	  "the interrupt controller: auto (default); flic on s390x;\nxive or xics on POWER9; none" },
	{ RUN, "name", 0, "NAME", NAME, 0, 0, "a name of 1 to 255 printable ASCII characters",
	  "the VM's name, which the guest can read (default zpvm)" },
	{ RUN, "uuid", 0, "UUID", UUID, 0, 0, "a UUID (01234567-89ab-cdef-0123-456789abcdef)",
	  "the VM's UUID, which the guest can read (default: none)" },
	{ RUN, "scenario", 's', "FILE", ONCE, FIELD(scenario), 0, "file",
	  "do as this scenario says, see zpvm-scenario(5); -: steps are\n"
	  "done as they are typed (help lists them)" },
	{ RUN, "record", 0, "FILE", ONCE, FIELD(record), 0, "file",
	  "write what is done to the guest, by a scenario or from outside,\nand what becomes of it, to "
	  "FILE" },
	{ RUN, "replay", 0, "FILE", ONCE, FIELD(replay), 0, "file",
	  "do as this recording says, and compare" },
	{ RUN, "until", 0, "LINE", NUMBER, FIELD(until), UINT32_MAX, "a line",
	  "leave out the steps behind this line of the scenario" },
	{ RUN, "gdb", 0, "WHERE", ONCE, FIELD(gdb), 0, "place",
	  "stand until a gdb connects to the port WHERE of 127.0.0.1, or\n"
	  "to the socket WHERE, and do what it says; see zpvm(1)" },
	{ RUN, "history", 0, "N", NUMBER, FIELD(history), 10000, "a number of snapshots up to 10000",
	  "gdb can go back: all is done by exact steps, and up to N\nsnapshots are kept" },
	{ RUN, "timeout", 't', "SECONDS", SECONDS, FIELD(timeout_ms), 1000000, "a number of seconds",
	  "give the guest this long (default: any time; of a scenario\n"
	  "or a COMMAND 10, unless it sets its own or on a terminal)" },
	{ RUN, "reboot", 0, "exit|again", REBOOT, 0, 0, "exit or again",
	  "when the guest asks for a reboot: exit (default), with status\n"
	  "66, or again: it is loaded anew" },
	{ RUN, "save", 0, "FILE", ONCE, FIELD(save), 0, "file",
	  "write a snapshot of the VM to FILE when the run ends, when a\n"
	  "scenario's step `save` says so, and at SIGUSR2" },
	{ RUN, "restore", 0, "FILE", ONCE, FIELD(restore), 0, "file",
	  "go on from this snapshot (-: standard input) instead of\n"
	  "loading GUEST; the machine is made as it says" },
	{ RUN, "console", 0, "sclp|line|3215|hvterm|virtio", WORD, FIELD(console), 0, NULL,
	  "where input goes: virtio; s390x: sclp (default), line, 3215;\npower9: hvterm (default)" },
	{ RUN, "clock", 0, "stand|follow", CLOCK, 0, 0, "stand or follow",
	  "the guest's clock over a pause and a restore: stand (default: it\n"
	  "stands still) or follow (it follows real time)" },
	{ RUN, "clock-start", 0, "TIME", START, 0, 0,
	  "seconds since 1970, or a time of UTC (2026-01-31T23:59:59)",
	  "what time it is when the guest starts (default: the host's)" },
	{ RUN, "sandbox", 0, "auto|on|off", SANDBOX, 0, 0, "auto, on or off",
	  "what zpvm can still do once the guest runs: as little as the kernel\n"
	  "can enforce (auto, the default; on: it must enforce all of it),\n"
	  "or all (off)" },
	{ RUN, "break", 0, "RULE|help", RULE, FIELD(broken), 0, NULL,
	  "break this rule of the order of each save and restore, to see what\n"
	  "it prevents; help: the rules of this architecture" },
	{ RUN, "symbols", 0, "FILE", ONCE, FIELD(symbols), 0, "file",
	  "a scenario's names of addresses: an ELF file, or a list like\n"
	  "System.map (default: those of GUEST)" },
	{ RUN, "control", 0, "SOCKET", ONCE, FIELD(control), 0, "socket",
	  "obey steps that come by this socket; see zpvm ctl" },
	{ RUN, "quiet", 'q', NULL, FLAG, FIELD(quiet), 0, NULL, "do not print a scenario's steps" },
	{ 1u << ACTION_PROBE | 1u << ACTION_INSPECT | 1u << ACTION_DIFF, "json", 0, NULL, FLAG, FIELD(json),
	  0, NULL, "the same as a JSON object" },
	{ 1u << ACTION_DIFF, "irq", 0, NULL, FLAG, FIELD(irq_only), 0, NULL,
	  "compare interrupts, and nothing else" },
	{ 1u << ACTION_INSPECT, "core", 0, "OUT", ONCE, FIELD(core), 0, "file",
	  "write the VM as an ELF core, which gdb and crash read, to OUT" },
	{ 1u << ACTION_PROBE, "diff", 0, NULL, FLAG, FIELD(probe_diff), 0, NULL,
	  "compare two reports of `zpvm probe --json`" },
	{ ~0u, "help", 'h', NULL, HELP, 0, ACTION_HELP, NULL, "print this" },
	{ RUN, "help-steps", 0, NULL, HELP, 0, ACTION_STEPS, NULL,
	  "print the steps of scenarios, and their words" },
	{ RUN, "trace", 0, "[=WHAT|help]", TRACE, 0, 0, NULL,
	  "show what happens, nested by its cause; WHAT: irq, exit, json,\n"
	  "... or help, and :FILE (default: standard error)" },
	{ TIMELINE, "output", 'o', "FILE", ONCE, FIELD(output), 0, "file",
	  "write the picture to FILE: .svg, .html (enlarges, searches), or\n"
	  ".json (Chrome's trace format, for Perfetto)" },
	{ TIMELINE, "text", 0, NULL, FLAG, FIELD(text), 0, NULL, "print it (the default without --output)" },
	{ TIMELINE, "irq", 0, "LABEL", ONCE, FIELD(irq), 0, "interrupt",
	  "only interrupts with this label or of this type" },
	{ TIMELINE, "from", 0, "SECONDS", MOMENT, FIELD(from), 0, "a time in seconds (0.25)",
	  "what was before is left out; seconds since the start" },
	{ TIMELINE, "to", 0, "SECONDS", MOMENT, FIELD(to), 0, "a time in seconds (0.25)",
	  "what came later is left out" },
	{ TIMELINE, "width", 0, "PIXELS", PIXELS, FIELD(width), 20000, "a width of 600 to 20000 pixels",
	  "of the picture (default 1400)" },
	/* The step `exec` of a scenario passes this one to the new process. */
	{ RUN, "continue", 0, "FD:LINE:INPUT", CONTINUE, 0, 0, "FD:LINE:INPUT", NULL },
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static int add_device(struct device_options *devices, enum device_kind kind, const char *text,
                      const char *name, struct error *err)
{
	if (devices->count == DEVICE_OPTIONS_MAX)
		return error_set(err, -EINVAL, "%s: more than %d devices", name, DEVICE_OPTIONS_MAX);
	devices->list[devices->count++] = (struct device_option){ kind, text };
	return 0;
}

/* Seconds, with up to nine decimals, as nanoseconds. */
static bool parse_moment(const char *text, uint64_t *ns)
{
	size_t whole = strspn(text, "0123456789"), part = 0;

	*ns = 0;
	for (const char *digit = text; digit < text + whole; digit++)
		*ns = *ns * 10 + (uint64_t)(*digit - '0');
	if (text[whole] == '.')
		part = strspn(text + whole + 1, "0123456789");
	for (size_t i = 0; i < 9; i++)
		*ns = *ns * 10 + (i < part ? (uint64_t)(text[whole + 1 + i] - '0') : 0);
	return !whole || whole > 9 || part > 9 || text[whole + (text[whole] == '.') + part];
}

static int store(const struct row *row, const char *arg, struct options *o, struct error *err)
{
	void *field = (char *)o + row->field;
	const char **word = field;
	uint64_t *number = field;
	bool wrong = false;
	char name[24];

	snprintf(name, sizeof(name), row->letter ? "-%.1s" : "--%s", row->letter ? &row->letter : row->name);
	switch (row->how) {
	case FLAG: *(bool *)field = true; break;
	case ONCE:
		/* Of two one would be forgotten without a word. */
		if (*word)
			return error_set(err, -EINVAL, "%s names one %s: %s or %s?", name, row->what, *word,
			                 arg);
		*word = arg;
		break;
	case DEVICE: return add_device(&o->devices, (enum device_kind)row->max, arg, name, err);
	case SIZE: wrong = number_parse_size(arg, number) || !*number; break;
	case SECONDS:
	case NUMBER:
		wrong = number_parse(arg, row->max, number) || !*number;
		*number *= row->how == SECONDS ? 1000 : 1;
		break;
	case PIXELS: wrong = number_parse(arg, row->max, number) || *number < 600; break;
	case MOMENT: wrong = parse_moment(arg, number); break;
	case NAME: wrong = !identity_set_name(&o->identity, arg); break;
	case UUID: wrong = !identity_set_uuid(&o->identity, arg); break;
	case START:
		wrong = date_parse(arg, &o->clock_start);
		o->has_clock_start = true;
		break;
	case CLOCK:
		o->clock = clock_policy_find(arg);
		wrong = !o->clock;
		break;
	case REBOOT:
		o->again = !strcmp(arg, "again");
		wrong = !o->again && strcmp(arg, "exit");
		break;
	case SANDBOX:
		o->sandbox = !strcmp(arg, "on")    ? SANDBOX_ON
		             : !strcmp(arg, "off") ? SANDBOX_OFF
		                                   : SANDBOX_AUTO;
		wrong = o->sandbox == SANDBOX_AUTO && strcmp(arg, "auto");
		break;
	case IO:
		o->io_thread = !strcmp(arg, "thread");
		wrong = !o->io_thread && strcmp(arg, "exit");
		break;
	case CONTINUE:
		wrong = sscanf(arg, "%d:%" SCNu64 ":%d", &o->continue_fd, &o->continue_line,
		               &o->continue_input) != 3 ||
		        o->continue_fd < 0;
		snprintf(o->continue_path, sizeof(o->continue_path), "/proc/self/fd/%d", o->continue_fd);
		break;
	case HELP: o->action = (enum action)row->max; break;
	case RULE:
		o->action = strcmp(arg, "help") ? o->action : ACTION_RULES;
		*word = arg;
		break;
	case TRACE:
		if (arg && !strcmp(arg, "help")) {
			o->action = ACTION_EVENTS;
			return 0;
		}
		o->trace = true;
		o->trace_what = arg;
		break;
	case WORD: *word = arg; break;
	}
	return wrong ? error_set(err, -EINVAL, "%s%c%s: not %s", name, row->letter ? ' ' : '=', arg,
	                         row->what)
	             : 0;
}

/* --- subcommands ------------------------------------------------------ */

/* What run is given besides options; the guest, if it is an operand, has been taken. */
static int check_run(struct options *o, char *const *words, struct error *err)
{
	/* A process that a scenario's `exec` started has the same words as the one before it. */
	bool restored = o->restore && o->continue_fd < 0;
	const char *loaded = o->guest ? o->guest : o->initrd ? o->initrd : o->params;

	if (o->continue_fd >= 0)
		o->restore = o->continue_path;
	if (!o->restore && !o->guest)
		return error_set(err, -EINVAL, "which guest? see zpvm run --help");
	if (restored && loaded)
		return error_set(err, -EINVAL, "--restore: nothing is loaded beside the snapshot: %s?",
		                 loaded);
	if (restored &&
	    (o->memory || o->vcpus || o->vcpu_stride || o->irqchip || identity_given(&o->identity)))
		return error_set(err, -EINVAL, "--restore: the machine is made as the snapshot says");
	if (restored && o->has_clock_start)
		return error_set(err, -EINVAL, "--restore: the guest's clock goes on; see --clock");
	if (restored && o->again)
		return error_set(err, -EINVAL,
		                 "--reboot=again: there is no guest to load anew, but a snapshot");
	if (o->replay && o->scenario)
		return error_set(err, -EINVAL, "--replay: a recording is a scenario: %s or %s?", o->replay,
		                 o->scenario);
	if (o->replay)
		o->scenario = o->replay;
	o->command = words;
	if ((o->until || (o->symbols && !o->gdb)) && !o->scenario && !*words)
		return error_set(err, -EINVAL, "--%s: of a scenario only", o->until ? "until" : "symbols");
	if (*words && **words == '-')
		return error_set(err, -EINVAL, "%s: options stand before the command; see zpvm run --help",
		                 *words);
	if (o->scenario && *words)
		return error_set(err, -EINVAL, "%s: a scenario gives the commands; see zpvm run --help",
		                 *words);
	if (o->gdb && (o->scenario || *words))
		return error_set(err, -EINVAL, "--gdb: gdb gives the steps and commands (monitor STEP): %s?",
		                 o->scenario ? o->scenario : *words);
	if (o->gdb && (o->control || o->record))
		return error_set(err, -EINVAL, "--%s: not with --gdb", o->control ? "control" : "record");
	if (o->history && !o->gdb)
		return error_set(err, -EINVAL, "--history: of --gdb only");
	if (o->gdb && o->again)
		return error_set(err, -EINVAL, "--reboot=again: not with --gdb");
	if (o->control && o->record)
		return error_set(err, -EINVAL,
		                 "--control: a recording would not have what comes by a socket");
	if (o->again && (o->scenario || *words))
		return error_set(err, -EINVAL,
		                 "--reboot=again: a scenario says itself what follows a reboot");
	if (o->again && o->record)
		return error_set(err, -EINVAL, "--reboot=again: a recording is of one life of the guest");
	return 0;
}

static const char files_about[] =
	"usage: zpvm inspect [--json] [--core=OUT] FILE\n"
	"       zpvm diff [--irq] [--json] FILE FILE\n"
	"       zpvm check FILE...\n"
	"\n"
	"Reads snapshots of either architecture, on any machine; - is standard input.\n"
	"\n"
	"inspect prints each pending interrupt, and whether it can be delivered or why not;\n"
	"then the machine, every source, queue and register (what is zero or unused is left\n"
	"out), a line each; with --json one JSON object.\n"
	"diff prints what only the first (-) or the second (+) file has, interrupts first,\n"
	"and a summary.\n"
	"check looks for what cannot be in a snapshot that zpvm made, and names it.\n"
	"\n";
static const char files_exits[] =
	"\n"
	"Exit status: 0; 64 wrong usage; 65 a file is no good. Of diff as of diff(1): 0 the\n"
	"same, 1 different, 2 trouble.\n";

static const char timeline_about[] =
	"usage: zpvm timeline [OPTION]... TRACE\n"
	"\n"
	"Reads what zpvm run --trace=json:TRACE has written, on any machine (-: standard\n"
	"input), and draws it: a lane for each vCPU, each interrupt from its injection to its\n"
	"end, snapshots and restores. Options may follow TRACE.\n"
	"\n";

static const struct subcommand {
	const char *name;
	enum action action;
	int least, most;   /* how many snapshots it takes; what run takes is for run_operands() to say */
	const char *usage; /* its lines in the help of zpvm */
	const char *about; /* its own help, above the list of options */
	const char *exits; /* and below it */
} subcommands[] = {
	{ "run", ACTION_RUN, 0, 0,
	  "zpvm run [OPTION]... GUEST [COMMAND]...   run a guest in a VM\n"
	  "zpvm run --restore=FILE [COMMAND]...      go on from a snapshot\n"
	  "zpvm run --help                           its options",
	  "usage: zpvm run [OPTION]... GUEST [COMMAND]...\n"
	  "       zpvm run [OPTION]... --restore=FILE [COMMAND]...\n"
	  "\n"
	  "Creates a VM, loads GUEST (a Linux kernel or another ELF executable for this\n"
	  "machine) and runs it until it stops. Standard input is typed at its console;\n"
	  "SIGTERM asks it to shut down. COMMAND is one for the test guest, as after `guest`\n"
	  "in a scenario. Options may follow GUEST. On a terminal Ctrl-A x ends zpvm.\n"
	  "\n"
	  "Linux: zpvm run -k vmlinuz -i initrd.img -p \"quiet panic=1\" -m 512M -d disk.img\n"
	  "\n",
	  "\n"
	  "Exit status: the guest's own if it is 0 to 63 (0 too when it stops all its vCPUs,\n"
	  "or shuts down in a disabled wait); 64 wrong usage; 65 the guest,\n"
	  "the scenario or the snapshot cannot be used; 66 the guest asked for a reboot; 70 the\n"
	  "scenario's expectations were not met; 71 KVM or the host failed; 72 the guest\n"
	  "crashed; 77 this host's KVM lacks something that is needed; 124 the time was up.\n" },
	{ "probe", ACTION_PROBE, 0, 0,
	  "zpvm probe [--json]                       what this host's KVM offers\n"
	  "zpvm probe --diff REPORT REPORT           what differs between two hosts",
	  "usage: zpvm probe [--json]\n"
	  "       zpvm probe --diff REPORT REPORT\n"
	  "\n"
	  "Prints what this host's KVM offers: capabilities, the attributes of its interrupt\n"
	  "controllers, and limits, which are found by trying in a VM made for it.\n"
	  "--diff says what differs between two reports that --json has written, of any\n"
	  "hosts; that needs no KVM.\n"
	  "\n",
	  "\n"
	  "Exit status: 0, also when zpvm needs something that is missing; 64 wrong usage;\n"
	  "71 /dev/kvm cannot be used. Of --diff: 0 the same, 1 different, 2 trouble.\n" },
	{ "inspect", ACTION_INSPECT, 1, 1, "zpvm inspect [--json] FILE                what is in a snapshot",
	  files_about, files_exits },
	{ "diff", ACTION_DIFF, 2, 2, "zpvm diff [--irq] [--json] FILE FILE      what differs in two of them",
	  files_about, files_exits },
	{ "check", ACTION_CHECK, 1, INT_MAX,
	  "zpvm check FILE...                        whether they are good", files_about, files_exits },
	{ "timeline", ACTION_TIMELINE, 1, 1,
	  "zpvm timeline [-o x.svg] TRACE            what a run's trace looks like", timeline_about,
	  "\nExit status: 0; 64 wrong usage; 65 TRACE is no good; 71 a file could not be written.\n" },
	{ "ctl", ACTION_CTL, 1, INT_MAX,
	  "zpvm ctl SOCKET [STEP]...                 do steps to a VM that runs",
	  "usage: zpvm ctl SOCKET [STEP]...\n"
	  "\n"
	  "Has a zpvm that was started with --control=SOCKET do a step of a scenario, as\n"
	  "`zpvm ctl SOCKET show pending`; without a STEP each line of standard input. A VM\n"
	  "that runs goes on afterwards, unless the step is `pause`. `help` lists the steps,\n"
	  "`help STEP` its words; `quit` ends that zpvm.\n"
	  "\n",
	  "\n"
	  "Exit status: as that of a scenario with the step: 0; 65 it is wrong; 70 what it\n"
	  "expects is not so; 71 it failed, or nobody listens at SOCKET; 64 wrong usage.\n" },
};
#define SUBCOMMAND_COUNT (sizeof(subcommands) / sizeof(subcommands[0]))

/* --- what follows from the tables ------------------------------------- */

/* What getopt_long() returns for an option: its letter, or a number that is no letter. */
static int code(const struct row *row)
{
	return row->letter ? row->letter : 256 + (int)(row - rows);
}

/* How getopt_long() is told of the options of a subcommand. */
struct getopt_tables {
	struct option longs[ROW_COUNT + 1];
	char letters[2 * ROW_COUNT + 3];
};

static void make_tables(const struct subcommand *sub, struct getopt_tables *tables)
{
	struct option *next = tables->longs;
	char *letters = tables->letters;

	*tables = (struct getopt_tables){ .letters = "+:" };
	for (const struct row *row = rows; row < rows + ROW_COUNT; row++) {
		int has_arg = !row->arg          ? no_argument
		              : *row->arg == '[' ? optional_argument
		                                 : required_argument;

		if (row->of >> sub->action & 1)
			*next++ = (struct option){ row->name, has_arg, NULL, code(row) };
		if (row->of >> sub->action & 1 && row->letter)
			sprintf(letters + strlen(letters), "%c%s", row->letter, row->arg ? ":" : "");
	}
}

/* Whether this is the option, maybe with an argument, not the beginning of its name. */
static bool is_whole(const char *word, const char *name)
{
	size_t len = strcspn(word, "=");

	return len == strlen(name) && !strncmp(word, name, len);
}

/* Stores the options that follow argv[0]. *end is the first word behind them, *all whether options end there
 * for good (--). */
static int parse_options(int argc, char *const argv[], struct options *o, int *end, bool *all,
                         struct error *err)
{
	const struct subcommand *sub = o->subcommand;
	struct getopt_tables tables;
	int opt, rc, at = 1;

	make_tables(sub, &tables);
	opterr = 0;
	optind = 0; /* GNU: start over */
	while ((opt = getopt_long(argc, argv, tables.letters, tables.longs, NULL)) != -1) {
		const struct row *row = rows;

		while (row < rows + ROW_COUNT && code(row) != opt)
			row++;
		/* Only run accepts the beginning of an option's name in place of the whole. */
		if (row == rows + ROW_COUNT ||
		    (sub->action != ACTION_RUN && argv[at][1] == '-' && !is_whole(argv[at] + 2, row->name)))
			return error_set(err, -EINVAL, "%s: %s; see zpvm %s --help", argv[at],
			                 opt == ':' ? "needs a value" : "unknown option", sub->name);
		rc = store(row, optarg, o, err);
		if (rc || o->action != sub->action)
			return rc;
		at = optind; /* the word that is read next, which an error names */
	}
	*all = optind > at;
	*end = optind;
	return 0;
}

/* argv[0] is the subcommand. */
static int parse_subcommand(int argc, char *const argv[], struct options *o, struct error *err)
{
	const struct subcommand *sub = o->subcommand;
	int end, rc, least = sub->least, most = sub->most;
	bool all;

	rc = parse_options(argc, argv, o, &end, &all, err);
	if (rc || o->action != sub->action)
		return rc;
	/* Options may stand behind the guest, too, up to the first word of a command. */
	if (sub->action == ACTION_RUN && end < argc && !o->guest && (!o->restore || o->continue_fd >= 0)) {
		int guest = end;

		end = 1;
		o->guest = argv[guest];
		rc = all ? 0 : parse_options(argc - guest, argv + guest, o, &end, &all, err);
		if (rc || o->action != sub->action)
			return rc;
		end += guest;
	}
	/* And behind a trace. */
	if (sub->action == ACTION_TIMELINE && end < argc && !all) {
		int operand = end;

		rc = parse_options(argc - operand, argv + operand, o, &end, &all, err);
		if (rc || o->action != sub->action)
			return rc;
		o->files = argv + operand;
		if (argc - operand > end)
			return error_set(err, -EINVAL, "too many trace files; see zpvm timeline --help");
		return 0;
	}
	argc -= end;
	argv += end;
	if (sub->action == ACTION_RUN)
		return check_run(o, argv, err);
	o->files = argv;
	if (o->probe_diff)
		least = most = 2;
	if (argc && !most)
		return error_set(err, -EINVAL, "%s: unknown option; see zpvm %s --help", *argv, sub->name);
	if (argc < least || argc > most)
		return error_set(err, -EINVAL, "too %s %s; see zpvm %s --help", argc < least ? "few" : "many",
		                 o->probe_diff                    ? "reports"
		                 : sub->action == ACTION_TIMELINE ? "trace files"
		                 : sub->action == ACTION_CTL      ? "words: which socket?"
		                                                  : "snapshot files",
		                 sub->name);
	return 0;
}

int options_parse(int argc, char *const argv[], struct options *o, struct error *err)
{
	char names[80] = "";

	*o = (struct options){ .continue_fd = -1, .continue_input = -1, .argc = argc, .argv = argv };
	if (argc < 2)
		return error_set(err, -EINVAL, "no command; see zpvm --help");
	if (argc == 3 && !strcmp(argv[1], "help")) {
		char *const words[] = { argv[0], argv[2], "--help", NULL };
		int rc = options_parse(3, words, o, err);

		o->argv = argv;
		return rc;
	}
	for (const struct subcommand *sub = subcommands; sub < subcommands + SUBCOMMAND_COUNT; sub++) {
		if (!strcmp(argv[1], sub->name)) {
			o->subcommand = sub;
			o->action = sub->action;
			return parse_subcommand(argc - 1, argv + 1, o, err);
		}
		sprintf(names + strlen(names), "%s%s", *names ? ", " : "", sub->name);
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		o->action = ACTION_VERSION;
	else if (!strcmp(argv[1], "--completion"))
		o->action = ACTION_TABLE;
	else if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
		o->action = ACTION_HELP;
	else
		return error_set(err, -EINVAL, "%s: unknown command; there are %s: see zpvm --help", argv[1],
		                 names);
	return 0;
}

/* Indents all lines but the first. */
static void print_lines(const char *text, int indent, FILE *out)
{
	for (; *text; text++)
		fprintf(out, "%c%*s", *text, *text == '\n' ? indent : 0, "");
	fputc('\n', out);
}

void options_help(const struct options *o, FILE *out)
{
	const struct subcommand *sub = o->subcommand;

	for (size_t i = 0; !sub && i < SUBCOMMAND_COUNT; i++) {
		fputs(i ? "       " : "usage: ", out);
		print_lines(subcommands[i].usage, 7, out);
	}
	fputs(sub ? sub->about
	          : "       zpvm --version\n\n"
	            "zpvm is a small virtual machine monitor for Linux KVM on s390x and POWER9.\n"
	            "See zpvm(1).\n",
	      out);
	for (const struct row *row = rows; sub && row < rows + ROW_COUNT; row++) {
		const char *arg = row->arg ? row->arg : "";
		char name[60];

		if (!row->help || !(row->of >> sub->action & 1))
			continue;
		snprintf(name, sizeof(name), "%s%s%s", row->name, *arg && *arg != '[' ? "=" : "", arg);
		/* One that leaves no room has a line of its own. */
		fprintf(out, strlen(name) > 17 ? "  %c%c%c --%s\n%25s" : "  %c%c%c --%-17s%s",
		        row->letter ? '-' : ' ', row->letter ? row->letter : ' ', row->letter ? ',' : ' ',
		        name, "");
		print_lines(row->help, 25, out);
	}
	fputs(sub ? sub->exits : "", out);
}

void options_table(FILE *out)
{
	for (const struct subcommand *sub = subcommands; sub < subcommands + SUBCOMMAND_COUNT; sub++) {
		const char *text = strstr(sub->usage, "  ");

		text += strspn(text, " ");
		fprintf(out, "%s\t-\t-\t-\t%.*s\n", sub->name, (int)strcspn(text, "\n"), text);
		for (const struct row *row = rows; row < rows + ROW_COUNT; row++) {
			if (!row->help || !(row->of >> sub->action & 1))
				continue;
			fprintf(out, "%s\t%c\t%s\t%s\t", sub->name, row->letter ? row->letter : '-',
			        row->name, row->arg ? row->arg : "-");
			for (const char *c = row->help; *c; c++)
				fputc(*c == '\n' ? ' ' : *c, out);
			fputc('\n', out);
		}
	}
}
