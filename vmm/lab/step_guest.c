/* SPDX-License-Identifier: BSD-2-Clause */
/* step_guest.c: the step `guest`: the test guest's commands, by their words. See line.h and guest/abi.h.
 * Pure. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "step_words.h"

static const struct command {
	const char *name;
	uint32_t command;
	const char *arg[ABI_ARGS]; /* keys */
	unsigned needed;           /* how many of them must be there */
	const char *arch;          /* NULL: both */
} commands[] = {
	{ "enable", ABI_CMD_ENABLE, { 0 }, 0, NULL },
	{ "wait", ABI_CMD_WAIT, { "count" }, 1, NULL },
	{ "spin", ABI_CMD_SPIN, { "count" }, 1, NULL },
	{ "closed", ABI_CMD_CLOSED, { 0 }, 0, NULL },
	{ "timer", ABI_CMD_TIMER, { "us", "type" }, 1, NULL },
	{ "print", ABI_CMD_PRINT, { 0 }, 0, NULL },
	{ "echo", ABI_CMD_ECHO, { 0 }, 0, NULL },
	{ "stop", ABI_CMD_STOP, { "status" }, 0, NULL },
	{ "crash", ABI_CMD_CRASH, { 0 }, 0, NULL },
	{ "touch", ABI_CMD_TOUCH, { "address" }, 1, NULL },
	{ "fill", ABI_CMD_FILL, { "address", "pages", "value", "step" }, 3, NULL },
	{ "start", ABI_CMD_START, { "vcpu" }, 1, NULL },
	{ "key", ABI_CMD_KEY, { "address", "value" }, 2, "s390x" },
	{ "offline", ABI_CMD_OFFLINE, { 0 }, 0, NULL },
	{ "exits", ABI_CMD_EXITS, { "count" }, 1, NULL },
	{ "route", ABI_CMD_ROUTE, { "source", "server", "priority", "sources" }, 3, "power9" },
	{ "ipi", ABI_CMD_IPI, { "vcpu", "count" }, 1, "power9" },
	{ "cede", ABI_CMD_CEDE, { 0 }, 0, "power9" },
	{ "flood", ABI_CMD_FLOOD, { "source", "sources", "rounds", "burst", "wait" }, 1, "power9" },
	{ "count", ABI_CMD_COUNT, { "source", "sources" }, 1, "power9" },
	{ "retarget", ABI_CMD_RETARGET, { "source", "a", "b", "times" }, 4, "power9" },
	{ "cppr", ABI_CMD_CPPR, { "value" }, 1, "power9" },
	{ "fuzz", ABI_CMD_FUZZ, { "seed", "count" }, 2, NULL },
	{ "channel", ABI_CMD_CHANNEL, { "op", "id", "address" }, 1, "s390x" },
	{ "servc", ABI_CMD_SERVC, { "command", "sccb" }, 2, "s390x" },
	{ "sigp", ABI_CMD_SIGP, { "vcpu", "order", "parm" }, 2, "s390x" },
	{ "diag", ABI_CMD_DIAG, { "code", "r1", "r2", "r3", "r4" }, 1, "s390x" },
	{ "ptf", ABI_CMD_PTF, { "r1" }, 1, "s390x" },
	{ "stsi", ABI_CMD_STSI, { "r0", "r1", "address" }, 3, "s390x" },
	{ "program", ABI_CMD_PROGRAM, { "log" }, 1, "s390x" },
	{ "print3215", ABI_CMD_PRINT3215, { "isc" }, 1, "s390x" },
	{ "read3215", ABI_CMD_READ3215, { "isc" }, 1, "s390x" },
	{ "driver", ABI_CMD_DRIVER, { "source", "address", "after", "defer" }, 1, "power9" },
	{ "control", ABI_CMD_CONTROL, { "cr0", "cr6", "cr14" }, 0, "s390x" },
	{ "ipi", ABI_CMD_IPI, { "vcpu", "count", "order", "from", "take" }, 3, "s390x" },
	{ "insn", ABI_CMD_INSN, { 0 }, 0, NULL }, /* parse_insn() reads its words */
	{ "hcall", ABI_CMD_HCALL, { "nr", "r4", "r5", "r6", "r7", "r8" }, 1, "power9" },
};

/* An argument of a command: a number, or one of the words that stand for one. */
static int guest_argument(struct line *l, const char *key, const char *text, uint64_t *value)
{
	static const char *const timers[] = { [ABI_TIMER_CLOCK] = "clock", [ABI_TIMER_CPU] = "cpu" };
	static const char *const channel[ABI_CHANNEL_OPS] = {
		[ABI_CHANNEL_SSCH] = "ssch", [ABI_CHANNEL_TSCH] = "tsch", [ABI_CHANNEL_STSCH] = "stsch",
		[ABI_CHANNEL_MSCH] = "msch", [ABI_CHANNEL_CSCH] = "csch", [ABI_CHANNEL_HSCH] = "hsch",
		[ABI_CHANNEL_RSCH] = "rsch", [ABI_CHANNEL_XSCH] = "xsch", [ABI_CHANNEL_STCRW] = "stcrw",
		[ABI_CHANNEL_TPI] = "tpi",   [ABI_CHANNEL_CHSC] = "chsc", [ABI_CHANNEL_RCHP] = "rchp",
		[ABI_CHANNEL_SCHM] = "schm", [ABI_CHANNEL_SAL] = "sal",   [ABI_CHANNEL_STCPS] = "stcps",
	};
	bool is_timer = !strcmp(key, "type"), is_channel = !strcmp(key, "op");
	unsigned index = 0;

	if (!is_timer && !is_channel)
		return line_check_number(l, key, text, 0, UINT64_MAX, value);
	/* power9 has the one timer. */
	if (line_choice(l, key, text, is_timer ? timers : channel,
	                is_channel                    ? ABI_CHANNEL_OPS
	                : strcmp(l->s->arch, "s390x") ? 1
	                                              : 2,
	                &index))
		return -EINVAL;
	*value = index;
	return 0;
}

/* sends=LABEL: the command makes the guest itself raise that interrupt. */
static int parse_sends(struct line *l)
{
	const char *label = line_value(l, "sends");
	const struct step *named = label ? line_labelled(l, label) : NULL;

	if (!named)
		return label ? line_wrong(l, "sends: nothing above is injected or named as=%s", label) : 0;
	l->step->name = named->name;
	l->step->irq = named->irq;
	return 0;
}

/* What a command itself causes is expected once. */
static int check_repeat(struct line *l)
{
	const char *label, *text = line_value(l, "repeat");
	struct irq irq;

	return text && irq_of_command(l->step->guest.command, l->step->guest.arg, 0, &irq, &label)
	               ? line_wrong(l, "repeat: not of a command that causes an interrupt")
	               : 0;
}

/* key=NUMBER; *value is unchanged if the key is missing. */
static int number(struct line *l, const char *key, uint64_t max, uint64_t *value)
{
	const char *text = line_value(l, key);

	return text ? line_check_number(l, key, text, 0, max, value) : 0;
}

/* code=HEX: up to eight bytes, for arg[0] and arg[1]. */
static int parse_code(struct line *l, const char *text, uint64_t arg[ABI_ARGS])
{
	size_t len = strlen(text), unit = strcmp(l->s->arch, "s390x") ? 8 : 4;

	if (!len || len > 16 || len % unit || strspn(text, "0123456789abcdefABCDEF") != len)
		return line_wrong(l, "code: %s is no instruction: hexadecimal digits, %s", text,
		                  unit == 8 ? "8 or 16" : "4 to 16");
	arg[0] = strtoull(text, NULL, 16) << (64 - 4 * len);
	arg[1] = len / 2;
	return 0;
}

/* The instruction, and r0= to r15=. */
static int parse_insn(struct line *l)
{
	bool s390x = !strcmp(l->s->arch, "s390x");
	uint64_t *arg = l->step->guest.arg;
	const char *code = line_value(l, "code");

	l->step->guest.reg = line_array(l, 16, sizeof(*l->step->guest.reg));
	if (!l->step->guest.reg)
		return -ENOMEM;
	if (!code)
		return line_wrong(l, "guest insn: code= is missing");
	arg[2] = ABI_KEEP;
	arg[3] = ABI_KEEP;
	if (parse_code(l, code, arg) ||
	    (s390x && (number(l, "psw", UINT64_MAX, &arg[2]) || number(l, "mask", UINT64_MAX, &arg[3]) ||
	               number(l, "short", 1, &arg[4]))))
		return -EINVAL;
	for (unsigned i = 0; i < 16; i++) {
		char name[4];

		snprintf(name, sizeof(name), "r%u", i);
		if ((s390x || i == 0 || (i >= 3 && i <= 12)) &&
		    number(l, name, UINT64_MAX, &l->step->guest.reg[i]))
			return -EINVAL;
	}
	return 0;
}

int parse_guest(struct line *l)
{
	const char *name = line_bare(l, 1), *other = NULL;

	if (!name)
		return line_wrong(l, "guest: the command is missing");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct command *c = &commands[i];

		if (strcmp(c->name, name))
			continue;
		if (c->arch && strcmp(c->arch, l->s->arch)) {
			other = c->arch;
			continue;
		}
		l->step->guest.command = c->command;
		l->step->guest.name = c->name;
		l->step->guest.keys = c->arg;
		for (unsigned a = 0; a < ABI_ARGS && c->arg[a]; a++) {
			const char *text = line_value(l, c->arg[a]);

			if (!text && a < c->needed)
				return line_wrong(l, "guest %s: %s= is missing", name, c->arg[a]);
			if (text && guest_argument(l, c->arg[a], text, &l->step->guest.arg[a]))
				return -EINVAL;
			if (!text && c->command == ABI_CMD_CONTROL)
				l->step->guest.arg[a] = ABI_KEEP;
		}
		if (c->command == ABI_CMD_INSN && parse_insn(l))
			return -EINVAL;
		return parse_sends(l) || check_repeat(l) ? -EINVAL : 0;
	}
	return other ? line_wrong(l, "guest %s: only on %s", name, other)
	             : line_wrong(l, "guest: %s is no command of the guest (guest/abi.h)", name);
}

const char *guest_command_name(unsigned number, const char *arch)
{
	const struct command *c = &commands[number];

	if (number >= sizeof(commands) / sizeof(commands[0]))
		return NULL;
	return c->arch && strcmp(c->arch, arch) ? "" : c->name;
}

void guest_print_commands(FILE *f)
{
	for (const struct command *c = commands; c < commands + sizeof(commands) / sizeof(commands[0]); c++) {
		fprintf(f, "    %s", c->name);
		for (unsigned a = 0; a < ABI_ARGS && c->arg[a]; a++)
			fprintf(f, a < c->needed ? " %s=" : " [%s=]", c->arg[a]);
		fprintf(f, c->arch ? ": on %s\n" : "\n", c->arch);
	}
}
