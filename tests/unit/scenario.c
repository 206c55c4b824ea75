/* SPDX-License-Identifier: BSD-2-Clause */
/* scenario.c: the grammar of scenarios, step by step and mistake by mistake. */
#include "vmm/lab/scenario.h"

#include <errno.h>
#include <stdlib.h>

#include "tap.h"
#include "vmm/lab/step_words.h"

static struct scenario s;
static struct error err;
static const char *arch;
static bool power9;

/* From a copy of just that length, so that the address sanitizer sees every step beyond. */
static int parse_bytes(const char *text, size_t len)
{
	char *copy = malloc(len);
	int rc;

	memcpy(copy, text, len);
	err.text[0] = 0;
	rc = scenario_parse(&s, copy, len, "f.scn", arch, &err);
	free(copy);
	return rc;
}

static int parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

/* One step, parsed into s; *s.steps is all zeros after an error. */
static const struct step *one(const char *line)
{
	static const struct step none;

	is(parse(line), 0, "%s", line);
	if (err.text[0])
		printf("# %s\n", err.text);
	return s.count ? s.steps : &none;
}

static void refused(const char *text, const char *message)
{
	int rc = parse(text);

	is(rc, -EINVAL, "refused: %.60s", text);
	has(err.text, message, "because: %s", message);
	ok(!s.steps && !s.source, "nothing is left");
	if (!rc)
		scenario_free(&s);
}

static bool same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

/* What one kind of step alone has. */
static bool same_words(const struct step *a, const struct step *b)
{
	switch (a->kind) {
	case STEP_GUEST:
		return a->guest.command == b->guest.command && a->guest.repeat == b->guest.repeat &&
		       !memcmp(a->guest.arg, b->guest.arg, sizeof(a->guest.arg));
	case STEP_RUN:
	case STEP_WAIT:
		return a->wait.until == b->wait.until && a->wait.value == b->wait.value &&
		       a->wait.by == b->wait.by;
	case STEP_SLEEP: return a->ms == b->ms;
	case STEP_SNAPSHOT: return a->snap_kind == b->snap_kind;
	case STEP_RESTORE: return same_text(a->vm, b->vm);
	case STEP_SAVE:
	case STEP_LOAD: return same_text(a->file, b->file);
	case STEP_DROP: return same_text(a->label, b->label);
	case STEP_EXPECT_STATE: return a->state == b->state;
	case STEP_EXPECT_TAKEN: return a->taken.count == b->taken.count;
	case STEP_AT:
	case STEP_TYPED:
		return a->outside.taken == b->outside.taken && a->outside.count == b->outside.count &&
		       a->outside.len == b->outside.len &&
		       (!a->outside.len || !memcmp(a->outside.bytes, b->outside.bytes, a->outside.len));
	case STEP_TYPE:
	case STEP_SAY: return a->said && !strcmp(a->said, b->said);
	default: return true;
	}
}

static void steps(void)
{
	static const struct {
		const char *line;
		struct step want;
	} lines[] = {
		{ "guest enable", { .kind = STEP_GUEST, .guest.command = ABI_CMD_ENABLE } },
		{ "guest wait count=3 cpu=2",
		  { .kind = STEP_GUEST, .guest.command = ABI_CMD_WAIT, .cpu = 2, .guest.arg = { 3 } } },
		{ "guest spin count=1",
		  { .kind = STEP_GUEST, .guest.command = ABI_CMD_SPIN, .guest.arg = { 1 } } },
		{ "guest closed", { .kind = STEP_GUEST, .guest.command = ABI_CMD_CLOSED } },
		{ "guest timer us=7",
		  { .kind = STEP_GUEST, .guest.command = ABI_CMD_TIMER, .guest.arg = { 7 } } },
		{ "guest timer us=7 type=clock",
		  { .kind = STEP_GUEST,
		    .guest.command = ABI_CMD_TIMER,
		    .guest.arg = { 7, ABI_TIMER_CLOCK } } },
		{ "guest print", { .kind = STEP_GUEST, .guest.command = ABI_CMD_PRINT } },
		{ "guest stop", { .kind = STEP_GUEST, .guest.command = ABI_CMD_STOP } },
		{ "guest stop status=5",
		  { .kind = STEP_GUEST, .guest.command = ABI_CMD_STOP, .guest.arg = { 5 } } },
		{ "guest crash", { .kind = STEP_GUEST, .guest.command = ABI_CMD_CRASH } },
		{ "guest touch address=0xffffffffffffffff",
		  { .kind = STEP_GUEST, .guest.command = ABI_CMD_TOUCH, .guest.arg = { UINT64_MAX } } },
		{ "guest start vcpu=1",
		  { .kind = STEP_GUEST, .guest.command = ABI_CMD_START, .guest.arg = { 1 } } },
		{ "guest exits count=1000",
		  { .kind = STEP_GUEST, .guest.command = ABI_CMD_EXITS, .guest.arg = { 1000 } } },
		{ "run", { .kind = STEP_RUN, .cpu = VCPU_ALL } },
		{ "run until=begun", { .kind = STEP_RUN, .wait.until = UNTIL_BEGUN } },
		{ "wait until=asleep cpu=2", { .kind = STEP_WAIT, .cpu = 2, .wait.until = UNTIL_ASLEEP } },
		{ "run until=taken", { .kind = STEP_RUN, .wait.until = UNTIL_TAKEN, .wait.value = 1 } },
		{ "run until=taken count=99",
		  { .kind = STEP_RUN, .wait.until = UNTIL_TAKEN, .wait.value = 99 } },
		{ "run until=end", { .kind = STEP_RUN, .wait.until = UNTIL_END } },
		{ "wait until=end by=crash",
		  { .kind = STEP_WAIT, .wait.until = UNTIL_END, .wait.by = END_CRASH } },
		{ "run until=end by=stop",
		  { .kind = STEP_RUN, .wait.until = UNTIL_END, .wait.by = END_STOP } },
		{ "run until=end by=stop status=7",
		  { .kind = STEP_RUN, .wait.until = UNTIL_END, .wait.by = END_STOP, .wait.value = 7 } },
		{ "at taken=3", { .kind = STEP_AT, .outside.taken = 3 } },
		{ "at a\\sb\\n\\x3d",
		  { .kind = STEP_AT, .outside = { .bytes = (uint8_t *)"a b\n=", .len = 5, .count = 1 } } },
		{ "at taken=1 count=2 \\x00\\\\",
		  { .kind = STEP_AT,
		    .outside = { .bytes = (uint8_t *)"\0\\", .len = 2, .count = 2, .taken = 1 } } },
		{ "typed console=line \\r",
		  { .kind = STEP_TYPED, .name = "line", .outside = { .bytes = (uint8_t *)"\r", .len = 1 } } },
		{ "wait until=offline cpu=1", { .kind = STEP_WAIT, .cpu = 1, .wait.until = UNTIL_OFFLINE } },
		{ "run cpu=1 until=stop status=255",
		  { .kind = STEP_RUN, .cpu = 1, .wait.until = UNTIL_STOP, .wait.value = 255 } },
		{ "resume", { .kind = STEP_RESUME } },
		{ "wait", { .kind = STEP_WAIT, .cpu = VCPU_ALL } },
		{ "wait until=ready cpu=0", { .kind = STEP_WAIT } },
		{ "run until=open", { .kind = STEP_RUN, .wait.until = UNTIL_OPEN } },
		{ "wait until=open cpu=3", { .kind = STEP_WAIT, .cpu = 3, .wait.until = UNTIL_OPEN } },
		{ "wait until=crash", { .kind = STEP_WAIT, .cpu = VCPU_ALL, .wait.until = UNTIL_CRASH } },
		{ "run until=reboot", { .kind = STEP_RUN, .cpu = VCPU_ALL, .wait.until = UNTIL_REBOOT } },
		{ "wait until=timeout",
		  { .kind = STEP_WAIT, .cpu = VCPU_ALL, .wait.until = UNTIL_TIMEOUT, .wait.value = 100 } },
		{ "wait ms=600000 until=timeout",
		  { .kind = STEP_WAIT, .cpu = VCPU_ALL, .wait.until = UNTIL_TIMEOUT, .wait.value = 600000 } },
		{ "pause", { .kind = STEP_PAUSE } },
		{ "sleep 20", { .kind = STEP_SLEEP, .ms = 20 } },
		{ "snapshot one", { .kind = STEP_SNAPSHOT, .name = "one" } },
		{ "restore one into-2", { .kind = STEP_RESTORE, .name = "one", .vm = "into-2" } },
		{ "snapshot one kind=vm", { .kind = STEP_SNAPSHOT, .name = "one" } },
		{ "snapshot kind=irq one", { .kind = STEP_SNAPSHOT, .name = "one", .snap_kind = SNAP_IRQ } },
		{ "save one", { .kind = STEP_SAVE, .name = "one" } },
		{ "save one /a/b.snap", { .kind = STEP_SAVE, .name = "one", .file = "/a/b.snap" } },
		{ "save one f fails=ENOSPC",
		  { .kind = STEP_SAVE, .name = "one", .file = "f", .fails = ENOSPC } },
		{ "load two f fails=EBADMSG",
		  { .kind = STEP_LOAD, .name = "two", .file = "f", .fails = EBADMSG } },
		{ "drop one disk", { .kind = STEP_DROP, .name = "one", .label = "disk" } },
		{ "drop one disk fails=ENOENT",
		  { .kind = STEP_DROP, .name = "one", .label = "disk", .fails = ENOENT } },
		{ "vm a.b_c-9", { .kind = STEP_VM, .name = "a.b_c-9" } },
		{ "vm abcdefghijklmnopqrstuvw", { .kind = STEP_VM, .name = "abcdefghijklmnopqrstuvw" } },
		{ "show pending", { .kind = STEP_SHOW_PENDING } },
		{ "show log", { .kind = STEP_SHOW_LOG } },
		{ "expect pending 4294967295", { .kind = STEP_EXPECT_PENDING } },
		{ "expect state ready", { .kind = STEP_EXPECT_STATE, .state = CPU_READY } },
		{ "expect state running cpu=3",
		  { .kind = STEP_EXPECT_STATE, .cpu = 3, .state = CPU_RUNNING } },
		{ "expect state paused", { .kind = STEP_EXPECT_STATE, .state = CPU_PAUSED } },
		{ "expect state waiting", { .kind = STEP_EXPECT_STATE, .state = CPU_WAITING } },
		{ "expect cpu=1 state offline",
		  { .kind = STEP_EXPECT_STATE, .cpu = 1, .state = CPU_OFFLINE } },
		{ "expect taken", { .kind = STEP_EXPECT_TAKEN } },
		{ "expect taken timer", { .kind = STEP_EXPECT_TAKEN, .taken.count = 1 } },
		{ "guest echo", { .kind = STEP_GUEST, .guest.command = ABI_CMD_ECHO } },
		{ "quiesce", { .kind = STEP_QUIESCE } },
		{ "quiesce fails=EOPNOTSUPP", { .kind = STEP_QUIESCE, .fails = EOPNOTSUPP } },
		{ "type", { .kind = STEP_TYPE, .said = "" } },
		{ "type  a  b=c =\t1 # e", { .kind = STEP_TYPE, .said = "a  b=c =\t1" } },
		{ "type x console=y", { .kind = STEP_TYPE, .said = "x console=y" } },
		{ "type\tconsole=line  a= b", { .kind = STEP_TYPE, .name = "line", .said = "a= b" } },
		{ "type console=line", { .kind = STEP_TYPE, .name = "line", .said = "" } },
		{ "say", { .kind = STEP_SAY, .said = "" } },
		{ "say  a\tb c=d # e", { .kind = STEP_SAY, .said = "a\tb c=d" } },
		{ "say a=1 = a# =b c=", { .kind = STEP_SAY, .said = "a=1 = a# =b c=" } },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const struct step *got = one(lines[i].line), *want = &lines[i].want;

		ok(s.count == 1 && got->line == 1 && got->kind == want->kind && got->cpu == want->cpu &&
		           got->fails == want->fails && same_text(got->name, want->name) &&
		           same_words(got, want),
		   "  is that step");
		scenario_free(&s);
	}
	if (strcmp(arch, "s390x")) {
		refused("guest timer us=7 type=cpu", "type: cpu is not one of: clock");
	} else {
		is(one("guest timer type=cpu us=7")->guest.arg[1], ABI_TIMER_CPU, "  is the CPU timer");
		scenario_free(&s);
	}
}

/* since=, until=: which kernels of the host a step is for. */
static void kernels(void)
{
	static const struct {
		const char *since_until, *release, *version;
		bool here;
	} cases[] = {
		{ "", "6.1.0-49-s390x", "#1 SMP Debian 6.1.176-1 (2026-07-01)", true },
		{ "since=6.1", "6.1.0-49-s390x", "#1 SMP Debian 6.1.176-1 (2026-07-01)", true },
		{ "until=6.1", "6.1.0-49-s390x", "#1 SMP Debian 6.1.176-1 (2026-07-01)", true },
		{ "since=6.1.177", "6.1.0-49-s390x", "#1 SMP Debian 6.1.176-1 (2026-07-01)", false },
		{ "until=6.1.175", "6.1.0-49-s390x", "#1 SMP Debian 6.1.176-1 (2026-07-01)", false },
		{ "since=6.2", "6.1.0-49-s390x", "#1 SMP Debian 6.1.176-1 (2026-07-01)", false },
		{ "since=6.12", "6.12.95+deb13-s390x", "#1 SMP Debian 6.12.95-1 (2026-07-01)", true },
		{ "until=6.11", "6.12.95+deb13-s390x", "#1 SMP Debian 6.12.95-1 (2026-07-01)", false },
		{ "since=6.2 until=6.12", "6.12.95", "#1 SMP", true },
		{ "since=6.12.95 until=6.12.95", "6.12.95", "#1 SMP", true },
		{ "since=6.13", "7.3-rc7", "#1 SMP Debian 7.3~rc7-1~exp1", true },
		{ "until=7", "7.3-rc7", "#1 SMP Debian 7.3~rc7-1~exp1", true },
		{ "until=6", "7.3-rc7", "#1 SMP Debian 7.3~rc7-1~exp1", false },
	};
	struct version here;
	char text[100];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct step *step;

		snprintf(text, sizeof(text), "%s say a  b", cases[i].since_until);
		step = one(text);
		version_of_kernel(cases[i].release, cases[i].version, &here);
		ok(step->kind == STEP_SAY && !strcmp(step->said, "a  b") &&
		           versions_have(&step->kernels, &here) == cases[i].here,
		   "on %s: %s", cases[i].version, cases[i].here ? "executed" : "not executed");
		scenario_free(&s);
	}
	is(one("since=6.2 run until=stop")->wait.until, UNTIL_STOP, "until behind the verb is another word");
	scenario_free(&s);
	version_print(&here, text, sizeof(text));
	ok(!strcmp(text, "7.3"), "a version in words");
	refused("since=6.x run", "f.scn:1: since: 6.x is no version of Linux, like 6.12 or 6.12.95");
	refused("until=six run", "until: six is no version");
	refused("until=100000 run", "until: 100000 is no version");
	refused("since=6.1 since=6.2 run", "since=: twice");
	refused("since=6.1", "the step is missing");
	refused("since=6.1 vcpus 2", "vcpus: no such step");
	refused("race {\nsince=6.1 run\n} {\nsleep 1\n}", "since=, until=: not in a race");
}

static void injections(void)
{
	const char *kind = power9 ? "source 0x10" : "emergency from=16";
	const struct step *step;
	char text[300];

	snprintf(text, sizeof(text), "inject times=3 %s fails=EBUSY as=it", kind);
	step = one(text);
	ok(step->kind == STEP_INJECT && step->inject.times == 3 && step->fails == EBUSY &&
	           !strcmp(step->name, "it") && step->irq.number == 16,
	   "with all that can be said");
	scenario_free(&s);
	snprintf(text, sizeof(text), "inject %s", kind);
	step = one(text);
	ok(step->inject.times == 1 && !step->fails && !step->name, "with nothing more");
	scenario_free(&s);
	snprintf(text, sizeof(text), "inject %s as=b\ninject %s as=a\nexpect taken a timer b a", kind, kind);
	is(parse(text), 0, "expect taken with labels");
	ok(s.count == 3 && s.steps[2].taken.count == 4 && !strcmp(s.steps[2].taken.labels[0], "a") &&
	           !strcmp(s.steps[2].taken.labels[3], "a"),
	   "in their order");
	scenario_free(&s);
	snprintf(text, sizeof(text), "inject %s as=a\nexpect taken a b", kind);
	refused(text, "f.scn:2: expect taken: nothing above is injected or named as=b");
	snprintf(text, sizeof(text), "expect taken a\ninject %s as=a", kind);
	refused(text, "f.scn:1: expect taken: nothing above is injected or named as=a");
	snprintf(text, sizeof(text), "inject %s times=0", kind);
	refused(text, "times: 0 is not allowed");
	snprintf(text, sizeof(text), "inject %s times=1000001", kind);
	refused(text, "times: 1000001 is too large (at most 1000000)");
	snprintf(text, sizeof(text), "inject %s batch=0", kind);
	refused(text, "batch: 0 is not allowed");
	snprintf(text, sizeof(text), "inject %s batch=1000001", kind);
	refused(text, "batch: 1000001 is too large (at most 1000000)");
	snprintf(text, sizeof(text), "inject %s fails=EWHAT", kind);
	refused(text, "fails: EWHAT is no error's name");
	snprintf(text, sizeof(text), "inject %s fails=E?", kind);
	refused(text, "fails: E? is no error's name");
	snprintf(text, sizeof(text), "inject %s as=a/b", kind);
	refused(text, "as: a/b is not a name");
	snprintf(text, sizeof(text), "inject %s as=a as=b", kind);
	refused(text, "inject");
	snprintf(text, sizeof(text), "inject %s frob=1", kind);
	refused(text, "inject");
	refused("inject", "inject: the kind of interrupt is missing");
	refused("inject as=x times=2", "inject: the kind of interrupt is missing");
	refused("inject frob", "inject: frob is not one of:");
}

/* What is done to a vCPU from outside, and what a command makes the guest send. */
static void cpus(void)
{
	const char *kind = power9 ? "source 0x10" : "emergency from=16";
	const struct step *step = one("cpu 3 stop");
	char text[300];

	ok(step->kind == STEP_CPU && step->cpu == 3 && step->operate.op == CPU_OP_STOP && !step->fails,
	   "a stop");
	scenario_free(&s);
	step = one("cpu 0 clear-reset fails=EBUSY");
	ok(step->operate.op == CPU_OP_CLEAR_RESET && step->fails == EBUSY, "a reset that must fail");
	scenario_free(&s);
	step = one("cpu 1 store-status address=0x1000000");
	ok(step->operate.op == CPU_OP_STORE_STATUS && step->operate.address == 0x1000000,
	   "its status, there");
	scenario_free(&s);
	step = one("cpu 1 store-status");
	ok(step->operate.address == CPU_OP_NOWHERE, "or where the architecture has it");
	scenario_free(&s);
	step = one("wait until=reboot");
	ok(step->wait.until == UNTIL_REBOOT, "until the guest wants to be loaded anew");
	scenario_free(&s);
	refused("cpu", "the vCPU is missing");
	refused("cpu 65535 stop", "the vCPU: 65535 is too large");
	refused("cpu 1", "cpu: the operation is missing");
	refused("cpu 1 explode", "cpu: explode is not one of: stop, start");
	refused("cpu 1 stop address=1", "address=1");
	refused("cpu 1 store-status address=0x100000000", "is too large");
	snprintf(text, sizeof(text), "name %s as=it\nguest exits count=1 sends=it", kind);
	is(parse(text), 0, "a command that sends");
	ok(!strcmp(s.steps[1].name, "it") && irq_equal(&s.steps[0].irq, &s.steps[1].irq), "what was named");
	scenario_free(&s);
	refused("guest exits count=1 sends=it", "sends: nothing above is injected or named as=it");
	if (power9) {
		refused("guest ipi vcpu=1 count=2 order=3", "order=3: not understood here");
		return;
	}
	step = one("guest ipi vcpu=1 count=2 order=3 from=4 take=5");
	ok(step->guest.command == ABI_CMD_IPI && step->guest.arg[0] == 1 && step->guest.arg[1] == 2 &&
	           step->guest.arg[2] == 3 && step->guest.arg[3] == 4 && step->guest.arg[4] == 5,
	   "many of them");
	scenario_free(&s);
}

static void memory(void)
{
	const char *kind = power9 ? "source 0x10" : "emergency from=16";
	const struct step *step = one("poke 0x1000 0001 feFF7f");
	char text[300];

	ok(step->kind == STEP_POKE && step->memory.address == 0x1000 && step->memory.count == 5 &&
	           !memcmp(step->memory.bytes, "\0\1\xfe\xff\x7f", 5),
	   "bytes in any number of words");
	scenario_free(&s);
	step = one("expect memory 16 00");
	ok(step->kind == STEP_EXPECT_MEMORY && step->memory.address == 16 && step->memory.count == 1,
	   "to be compared");
	scenario_free(&s);
	refused("poke", "the address is missing");
	refused("poke 0x1000", "memory: the bytes are missing");
	refused("poke 0x1000 000", "memory: 000 is not an even number of hexadecimal digits");
	refused("poke 0x1000 00 0x11", "memory: 0x11 is not an even number");
	refused("expect memory here 00", "the address: here is not a number");
	step = one(power9 ? "expect result r3=-4 r7=1" : "expect result cc=3 value3=-1");
	ok(step->kind == STEP_EXPECT_RESULT && step->expect.count == 2 && step->expect.all[0].key == 0 &&
	           step->expect.all[1].key == 4,
	   "results by the architecture's names");
	scenario_free(&s);
	refused(power9 ? "expect result cc=0" : "expect result r16=0",
	        power9 ? "needed: r3=" : "needed: cc=");
	step = one("stopwatch x");
	ok(step->kind == STEP_STOPWATCH && !strcmp(step->name, "x"), "a stopwatch");
	scenario_free(&s);
	snprintf(text, sizeof(text), "name %s as=it\nexpect taken it", kind);
	is(parse(text), 0, "a name for what a device raises");
	scenario_free(&s);
	snprintf(text, sizeof(text), "name %s", kind);
	refused(text, "as is missing");
	refused("name as=it", "name: the kind of interrupt is missing");
	if (power9) {
		refused("guest channel op=ssch", "guest channel: only on s390x");
		return;
	}
	step = one("guest channel op=chsc id=0x10001 address=0x1000");
	ok(step->guest.command == ABI_CMD_CHANNEL && step->guest.arg[0] == ABI_CHANNEL_CHSC &&
	           step->guest.arg[1] == 0x10001 && step->guest.arg[2] == 0x1000,
	   "a channel instruction");
	scenario_free(&s);
	refused("guest channel op=sie", "op: sie is not one of: ssch, tsch");
}

/* Numbers that may be one of several, and how often an order is repeated. */
static void numbers(void)
{
	const struct step *step = one("expect pending 4294967295");
	char text[100];

	ok(wanted_has(&step->want, UINT32_MAX) && !wanted_has(&step->want, 1), "exactly that many");
	scenario_free(&s);
	step = one("expect pending 0|2..4|9..");
	for (uint64_t n = 0; n < 12; n++)
		is(wanted_has(&step->want, n), n == 0 || (2 <= n && n <= 4) || n >= 9, "%u", (unsigned)n);
	wanted_text(&step->want, text, sizeof(text));
	ok(!strcmp(text, "0|2..4|9.."), "as it was written");
	scenario_free(&s);
	step = one(power9 ? "expect result r3=-4|0 r5=-2..1" : "expect result cc=-4|0 pgm=-2..1");
	ok(step->expect.count == 2 && wanted_has(&step->expect.all[0].want, UINT64_MAX - 3) &&
	           wanted_has(&step->expect.all[0].want, 0) && !wanted_has(&step->expect.all[0].want, 4),
	   "one of two, of which one is negative");
	ok(step->expect.all[1].key == 2 && wanted_has(&step->expect.all[1].want, UINT64_MAX) &&
	           wanted_has(&step->expect.all[1].want, 1) && !wanted_has(&step->expect.all[1].want, 2) &&
	           !wanted_has(&step->expect.all[1].want, UINT64_MAX - 2),
	   "from a negative number to another");
	scenario_free(&s);
	step = one("expect answers -55=1.. 0=98 2=0|3 cpu=1");
	ok(step->kind == STEP_EXPECT_ANSWERS && step->cpu == 1 && step->expect.count == 3 &&
	           step->expect.all[0].key == (uint64_t)-55 && wanted_has(&step->expect.all[2].want, 3),
	   "answers and how often");
	scenario_free(&s);
	step = one("guest exits count=1 repeat=1000");
	is(step->guest.repeat, 1000, "so often");
	scenario_free(&s);
	step = one("expect stat deliver_io=3 exits=1..");
	ok(step->kind == STEP_EXPECT_STAT && step->cpu == VCPU_ALL && step->expect.count == 2 &&
	           !strcmp(step->expect.all[1].name, "exits"),
	   "KVM's counters by their names");
	scenario_free(&s);
	is(one("expect stat a=0 cpu=3")->cpu, 3, "of a vCPU");
	scenario_free(&s);
	ok(one("zero stats")->kind == STEP_ZERO_STATS, "from here on");
	scenario_free(&s);
	ok(one("show stats")->kind == STEP_SHOW_STATS, "all of them");
	scenario_free(&s);
	ok(!*one("expect host-log # none")->said, "no warning");
	scenario_free(&s);
	step = one("expect host-log  a = b  c=");
	ok(step->kind == STEP_EXPECT_HOST_LOG && !strcmp(step->said, "a = b  c="), "a line with this text");
	scenario_free(&s);
	step = one(power9 ? "guest insn code=44000022 r3=1 r12=2 cpu=1"
	                  : "guest insn code=b2051000 r3=1 r12=2 cpu=1");
	ok(step->guest.command == ABI_CMD_INSN && step->cpu == 1 && step->guest.arg[1] == 4 &&
	           step->guest.reg[3] == 1 && step->guest.reg[12] == 2 && !step->guest.reg[4] &&
	           step->guest.arg[0] == (power9 ? 0x4400002200000000 : 0xb205100000000000),
	   "an instruction and its registers");
	scenario_free(&s);
	step = one(power9 ? "expect result r12=1 vector=0x700" : "expect result r12=1 ilc=2");
	ok(step->expect.all[0].key == RESULT_REG + 12 && step->expect.all[1].key == RESULT_TRAP,
	   "and their results");
	scenario_free(&s);
	refused("guest insn", "guest insn: code= is missing");
	refused("guest insn code=0", "code: 0 is no instruction");
	refused("guest insn code=000000001111111122", "is no instruction");
	refused("guest insn code=0x000000", "code: 0x000000 is no instruction");
	refused("guest insn code=00000000 r16=1", "r16=1: not understood here");
	if (power9) {
		refused("guest insn code=0000", "code: 0000 is no instruction: hexadecimal digits, 8 or 16");
		refused("guest insn code=00000000 r13=1", "r13=1: not understood here");
		refused("guest insn code=00000000 psw=1", "psw=1: not understood here");
	} else {
		refused("guest insn code=0000 short=2", "short: 2 is too large");
	}
	refused("expect stat", "expect stat: a counter's name and value are needed");
	refused("expect stat deliver_io", "a counter's name and value are needed");
	refused("expect stat deliver_io=1 io", "io: not understood here");
	refused("expect stat deliver_io=many", "deliver_io: many is not a number");
	refused("zero stats it", "it: not understood here");
	refused("expect pending", "the number pending is missing");
	refused("expect pending few", "few is not a number, a range");
	refused("expect pending 4294967296", "4294967296 is too large");
	refused("expect pending 1|2|3|4|5", "1|2|3|4|5 has more than 4 alternatives");
	refused("expect pending 3..1", "3..1 is not a number, a range");
	refused("expect pending 1|", "1| is not a number, a range");
	refused("expect answers", "expect answers: an answer and its count are needed");
	refused("expect answers x=1", "an answer and its count are needed");
	refused("expect answers 1|2=1", "an answer and its count are needed");
	refused("expect answers 0=1 0=2", "expect answers: 0= stands twice");
	refused("guest enable repeat=0", "repeat: 0 is not allowed");
	refused("guest timer us=1 repeat=2", "repeat: not of a command that causes an interrupt");
	if (power9)
		refused("guest ipi vcpu=1 repeat=2", "repeat: not of a command that causes an interrupt");
}

/* Two groups of steps. */
static void races(void)
{
	const char *kind = power9 ? "source 0x10" : "emergency from=16";
	const struct scenario *first, *second;
	char text[200];

	snprintf(text, sizeof(text),
	         "race n=7 {\npause\n  resume # x\n} {\n\ninject %s as=a\n}\nexpect taken a", kind);
	is(parse(text), 0, "two groups");
	ok(s.count == 2 && s.steps[0].kind == STEP_RACE && s.steps[0].rounds == 7, "of one step");
	first = s.steps[0].block[0].steps;
	second = s.steps[0].block[1].steps;
	ok(first->count == 2 && second->count == 1 && s.steps[0].block[0].end == 4 &&
	           second->steps[0].kind == STEP_INJECT && second->steps[0].line == 6,
	   "and where they begin and end");
	scenario_free(&s);
	is(parse("race {\n} {\n}\nrace {\npause\n} {\nsleep 1\n}"), 0,
	   "one after the other, also without steps");
	is(s.steps[1].rounds, 1, "once");
	scenario_free(&s);
	refused("race {\npause", "f.scn:1: race: its last } is missing");
	refused("run\n}", "f.scn:2: }: there is no race that it could end");
	refused("} {", "}: there is no race");
	refused("race {\n}", "f.scn:2: race: its second group is missing: } {");
	refused("race {\n} {\n} {", "f.scn:3: race: has two groups, not three");
	refused("race n=2", "race: its first group begins with {");
	refused("race n=2 pause {", "race: its first group begins with {");
	refused("race n=0 {", "n: 0 is not allowed");
	refused("race { {", "{: not understood here");
	refused("race {\nrace {", "f.scn:2: race: is no step for the first group of a race");
	refused("race {\nrestore a b", "restore: is no step for the first group of a race");
	refused("race {\n} {\npause", "f.scn:3: pause: is no step for the second group of a race");
	snprintf(text, sizeof(text), "race {\n} {\ninject %s times=2", kind);
	refused(text, "times: each round of a race injects once");
	refused(power9 ? "race {\nirqchip reset" : "race {\nirqchip clear",
	        "irqchip: is no step for the first group");
}

static void headers(void)
{
	char text[100];

	snprintf(text, sizeof(text), "arch %s\nvcpus 4\nmemory 32M\ntimeout 3\nrun\n", arch);
	is(parse(text), 0, "all headers");
	ok(s.vcpus == 4 && s.memory == 32 << 20 && s.timeout_ms == 3000 && s.count == 1 &&
	           s.steps[0].line == 5,
	   "are taken");
	scenario_free(&s);
	is(parse(""), 0, "an empty file");
	ok(!s.vcpus && !s.memory && !s.timeout_ms && !s.count && !strcmp(s.file, "f.scn"), "says nothing");
	scenario_free(&s);
	snprintf(text, sizeof(text), "arch %s", power9 ? "s390x" : "power9");
	refused(text, power9 ? "this scenario is for s390x, this zpvm for power9"
	                     : "this scenario is for power9, this zpvm for s390x");
	is(parse("vcpu-stride 8\nirqchip-model xics\n"), 0, "of the machine");
	ok(s.vcpu_stride == 8 && !strcmp(s.irqchip, "xics"), "the machine's shape");
	scenario_free(&s);
	is(parse("vcpus 3\nvcpu-order 2 0 1"), 0, "vCPUs");
	ok(s.vcpu_order_count == 3 && s.vcpu_order[0] == 2 && s.vcpu_order[2] == 1, "in an order");
	scenario_free(&s);
	refused("vcpu-order 0 1", "vcpu-order: is not one of 0 vCPUs");
	refused("vcpu-order 0 1\nvcpus 3", "vcpu-order: is not one of 3 vCPUs");
	refused("vcpus 2\nvcpu-order 0 2", "vcpu-order: is not one of 2 vCPUs");
	refused("vcpu-order 0 0", "vcpu-order: 0 stands twice");
	refused("vcpu-order 0 32", "vcpu-order: 32 is too large");
	is(parse("vcpus 3\nvcpus-late 2\ncreate-vcpu\ncreate-vcpu fails=ENOSPC"), 0, "vCPUs that come late");
	ok(s.vcpus_late == 2 && s.steps[1].fails == ENOSPC, "so many");
	scenario_free(&s);
	refused("vcpus 2\nvcpus-late 2", "vcpus-late: at least one of the vCPUs comes first");
	refused("vcpus-late 0", "vcpus-late: 0 is not allowed");
	refused("vcpus 3\nvcpu-order 0 1 2\nvcpus-late 1", "vcpus-late: at least one");
	refused("create-vcpu 2", "2: not understood here");
	is(one("clock-step ms=7")->ms, 7, "its milliseconds");
	scenario_free(&s);
	refused("clock-step", "clock-step: ms= is missing");
	ok(one("late 0x10000 pages=3 ms=7")->late.pages == 3 && s.steps[0].late.ms == 7,
	   "memory that comes late");
	scenario_free(&s);
	is(one("late off")->late.address, LATE_OFF, "late no more");
	scenario_free(&s);
	refused("late", "the address");
	refused("late 0 pages=0", "pages: 0 is not allowed");
	refused("late 0 ms=1001", "ms: 1001 is too large");
	refused("expect late", "the number of pages is missing");
	if (power9) {
		refused("inject source 1 legacy=1", "inject source: one number must follow");
	} else {
		ok(one("inject restart legacy=1")->irq.legacy, "by the older call");
		scenario_free(&s);
		refused("inject restart legacy=2", "legacy: 2 is too large");
		is(parse("irqchip adapter-map id=1 address=0x1000\nirqchip adapter-unmap id=1 "
		         "address=0x1000\n"
		         "irqchip route-off gsi=7"),
		   0, "pages and routes");
		scenario_free(&s);
		refused("irqchip adapter-map id=1", "irqchip adapter-map: address= is missing");
	}
	refused("vcpu-stride 0", "vcpu-stride: 0 is not allowed");
	refused("irqchip-model", "irqchip-model: the value is missing");
	refused("irqchip-model a/b", "a/b is not a name");
	refused("run\nirqchip-model xics", "must come before the first step");
	is(parse("input stdin\nrun"), 0, "standard input");
	ok(s.input, "is the guest's");
	scenario_free(&s);
	is(parse("run"), 0, "else");
	ok(!s.input, "it is not");
	scenario_free(&s);
	refused("input", "input: the value is missing");
	refused("input file", "input: file is not stdin");
	refused("type console= x", "word 2: key=value needs both");
	refused("type console=a/b x", "console: a/b is not a name");
	refused("quiesce now", "now: not understood here");
	refused("\n\nvcpus", "f.scn:3: vcpus: the value is missing");
	refused("vcpus 0", "f.scn:1: vcpus: 0 is not allowed");
	refused("sources 1048577", !strcmp(arch, "power9") ? "sources: 1048577 is too large (at most 1048576)"
	                                                   : "sources: only on power9");
	refused("vcpus two", "vcpus: two is not a number");
	refused("vcpus 100001", "vcpus: 100001 is too large (at most 100000)");
	refused("timeout 0", "timeout: 0 is not allowed");
	refused("memory 0", "memory: 0 is not a size (64M, 1G)");
	refused("memory much", "memory: much is not a size (64M, 1G)");
	refused("vcpus 2 3", "f.scn:1: 3: not understood here");
	refused("memory 64M vcpus=2", "vcpus=2: not understood here");
	refused("run\nvcpus 2", "f.scn:2: vcpus: must come before the first step");
}

/* Interrupts that are put into a snapshot; labels that only a file knows. */
static void snapshots(void)
{
	char text[100];
	const char *irq = power9 ? "source 0x1000" : "io isc=3 schid=4 parm=5";

	snprintf(text, sizeof(text), "add one %s as=x fails=EEXIST\nexpect taken x", irq);
	is(parse(text), 0, "one more interrupt");
	ok(s.count == 2 && s.steps[0].kind == STEP_ADD && !strcmp(s.steps[0].snapshot, "one") &&
	           !strcmp(s.steps[0].name, "x") && s.steps[0].irq.number == (power9 ? 0x1000 : 0x10004) &&
	           s.steps[0].fails == EEXIST,
	   "and its label is known from there on");
	scenario_free(&s);
	refused("expect taken x", "nothing above is injected or named as=x");
	is(parse("start restored\nexpect taken x y"), 0, "in a machine from a file");
	ok(s.restored && s.steps[0].taken.count == 2, "any label may be known");
	scenario_free(&s);
	is(parse("clock follow\nrun"), 0, "a clock's policy");
	is(s.clock, CLOCK_FOLLOW, "is taken");
	scenario_free(&s);
	ok(!parse("clock stand") && s.clock == CLOCK_STAND, "and the other one");
	scenario_free(&s);
	refused("clock", "clock: the value is missing");
	refused("clock slow", "clock: slow is not stand or follow");
	refused("run\nclock stand", "must come before the first step");
	refused("start", "start: the value is missing");
	refused("start anew", "start: anew is not restored");
	refused("run\nstart restored", "must come before the first step");
	refused("add one", "add: the kind of interrupt is missing");
	refused("add", "the snapshot's name");
	refused("add one frob", "frob is not one of");
	snprintf(text, sizeof(text), "add one %s times=2", irq);
	refused(text, power9 ? "one number must follow" : "times=2");
	refused("drop one", "the interrupt's label");
	refused("drop one two three", "three: not understood here");
	refused("save", "the snapshot's name");
	refused("save one two three", "three: not understood here");
	refused("save one fails=EWHAT", "EWHAT");
	refused("snapshot one kind=ram", "kind: ram is not one of: vm, irq");
	refused("snapshot one kind=irq kind=vm", "kind=vm: not understood here");
}

static void mistakes(void)
{
	static const struct {
		const char *text, *message;
	} all[] = {
		{ "frob", "f.scn:1: frob: no such step" },
		{ "Run", "Run: no such step" },
		{ "run # fine\n\n  frob it", "f.scn:3: frob: no such step" },
		{ "cpu=1 run", "f.scn:1: cpu=: a step begins with a bare word" },
		{ "run =1", "word 2: key=value needs both" },
		{ "run cpu=", "word 2: key=value needs both" },
		{ "run cpu=x", "cpu: x is not a number" },
		{ "run cpu=65535", "cpu: 65535 is too large (at most 65534)" },
		{ "run frob=1", "frob=1: not understood here" },
		{ "run now", "now: not understood here" },
		{ "run cpu=1 cpu=2", "cpu=2: not understood here" },
		{ "resume cpu=1", "cpu=1: not understood here" },
		{ "pause 1", "1: not understood here" },
		{ "guest", "guest: the command is missing" },
		{ "guest frob", "guest: frob is no command of the guest" },
		{ "guest wait", "guest wait: count= is missing" },
		{ "guest wait count=many", "count: many is not a number" },
		{ "guest enable count=1", "count=1: not understood here" },
		{ "guest timer type=cpu", "guest timer: us= is missing" },
		{ "guest timer us=1 type=wall", "type: wall is not one of: clock" },
		{ "guest touch", "guest touch: address= is missing" },
		{ "guest start", "guest start: vcpu= is missing" },
		{ "wait until=never", "never is not one of: ready, stop, crash, timeout, open, reboot" },
		{ "wait until=ready status=1", "status=1: not understood here" },
		{ "wait until=stop status=256", "status: 256 is too large (at most 255)" },
		{ "wait until=taken count=1025", "count: 1025 is too large" },
		{ "wait until=taken cpu=1", "cpu=1: not understood here" },
		{ "run until=end cpu=0", "cpu=0: not understood here" },
		{ "run until=end status=1", "status=1: not understood here" },
		{ "run until=end by=crash status=1", "status=1: not understood here" },
		{ "run until=end by=itself", "by: itself" },
		{ "run by=stop", "by=stop: not understood here" },
		{ "at", "at: what has the guest printed, or taken" },
		{ "at count=2", "at: what has the guest printed, or taken" },
		{ "at taken=1 count=2", "count=2: not understood here" },
		{ "at count=0 a", "count: 0 is not allowed" },
		{ "at a b", "b: not understood here" },
		{ "at 123456789012345678901234567890123", "at: a text of more than 32 bytes" },
		{ "typed", "typed: the text is missing" },
		{ "typed \\q", "\\q: only \\n, \\r, \\t, \\s, \\\\ and \\x with two digits are known" },
		{ "typed \\x1", "two digits" },
		{ "typed console=/ a", "console: " },
		{ "wait until=timeout ms=600001", "ms: 600001 is too large" },
		{ "sleep", "milliseconds is missing" },
		{ "sleep long", "milliseconds: long is not a number" },
		{ "sleep 600001", "milliseconds: 600001 is too large (at most 600000)" },
		{ "sleep -1", "milliseconds: -1 is not a number" },
		{ "snapshot", "the snapshot's name is missing" },
		{ "snapshot a b", "b: not understood here" },
		{ "snapshot a/b", "the snapshot's name: a/b is not a name" },
		{ "restore", "the snapshot's name is missing" },
		{ "restore a", "the VM's name is missing" },
		{ "vm", "the VM's name is missing" },
		{ "vm abcdefghijklmnopqrstuvwx", "at most 23" },
		{ "show", "show: the second word is missing" },
		{ "show all", "show: all is not one of: pending, log" },
		{ "expect", "expect: the second word is missing" },
		{ "expect nothing", "expect: nothing is not one of: pending, taken, state" },
		{ "expect pending", "the number pending is missing" },
		{ "expect pending 4294967296", "the number pending: 4294967296 is too large" },
		{ "expect state", "expect state: the state is missing" },
		{ "expect state happy", "state: happy is not one of: ready, running, paused, offline" },
		{ "expect taken nobody", "expect taken: nothing above is injected or named as=nobody" },
		{ "expect taken x=1", "x=1: not understood here" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		refused(all[i].text, all[i].message);
	if (power9) {
		const struct step *step = one("guest route source=1 server=2 priority=3");

		ok(step->guest.command == ABI_CMD_ROUTE && step->guest.arg[0] == 1 &&
		           step->guest.arg[1] == 2 && step->guest.arg[2] == 3,
		   "  is that step");
		scenario_free(&s);
		refused("guest route source=1 server=2", "guest route: priority= is missing");
	} else {
		refused("guest route source=1 server=2 priority=3", "guest route: only on power9");
	}
}

/* What files look like. */
static void text_form(void)
{
	char many[200] = "expect taken", *big;
	size_t len = 1 << 20;

	is(parse("# all comment\n\n \t # this too\nrun# \n"), -EINVAL, "a # inside a word");
	has(err.text, "f.scn:4: run#: no such step", "belongs to the word");
	is(parse("\trun \t # a comment\n\n \r\nsay x#y # z"), 0, "blanks, comments, empty lines");
	ok(s.count == 2 && s.steps[0].line == 1 && s.steps[1].line == 4 && !strcmp(s.steps[0].text, "run") &&
	           !strcmp(s.steps[1].text, "say x#y"),
	   "the steps, their lines and what is shown of them");
	scenario_free(&s);
	is(parse("run cpu=1\r\nsay hello\r\nsleep 1\r\n"), 0, "lines that end in CR LF");
	ok(s.count == 3 && s.steps[0].cpu == 1 && !strcmp(s.steps[1].said, "hello"), "without the CR");
	scenario_free(&s);
	is(parse("run cpu=1"), 0, "no newline at the end");
	ok(!strcmp(s.steps[0].text, "run cpu=1"), "the text is whole, though it was cut into words");
	scenario_free(&s);
	is(parse_bytes("run\nsa\0y", 8), -EINVAL, "a NUL byte");
	has(err.text, "f.scn:2: a NUL byte", "is refused with its line");
	is(parse_bytes("\0", 1), -EINVAL, "only a NUL byte");
	while (strlen(many) < 12 + 38 * 2)
		strcat(many, " x");
	refused(many, "nothing above is injected or named as=x");
	strcat(many, " x");
	refused(many, "f.scn:1: more than 40 words");
	big = malloc(len);
	memset(big, 'x', len);
	is(parse_bytes(big, len), -EINVAL, "a line of 1 MiB");
	has(err.text, "f.scn:1: xxxx", "is refused, with its beginning");
	memcpy(big, "vm ", 3);
	is(parse_bytes(big, len), -EINVAL, "a name of 1 MiB");
	memcpy(big, "say", 3);
	big[3] = ' ';
	is(parse_bytes(big, len), 0, "it may be said, though");
	is(strlen(s.steps[0].said), len - 4, "in full");
	scenario_free(&s);
	memset(big, '\n', len);
	memcpy(big + len - 4, "frob", 4);
	is(parse_bytes(big, len), -EINVAL, "a million empty lines");
	has(err.text, "f.scn:1048573: frob", "are counted");
	free(big);
}

/* --- stepping, and blocks --------------------------------------------------- */

static void stepping(void)
{
	const struct step *step = one("step");

	ok(step->kind == STEP_STEP && step->step.count == 1 && !step->step.until && !step->cpu,
	   "one instruction");
	scenario_free(&s);
	step = one("step n=100 cpu=3");
	ok(step->step.count == 100 && step->cpu == 3, "n, cpu");
	scenario_free(&s);
	step = one("step until=arch_open+0x14");
	ok(!step->step.count && !strcmp(step->step.until, "arch_open+0x14"), "a symbol, and no limit");
	scenario_free(&s);
	step = one("expect pc=0x1000 cpu=1");
	ok(step->kind == STEP_EXPECT_PC && !strcmp(step->place, "0x1000") && step->cpu == 1, "expect pc");
	scenario_free(&s);
	step = one("expect register r2=0x17 pc=5");
	ok(step->kind == STEP_EXPECT_REGISTER && step->expect.count == 2 &&
	           wanted_has(&step->expect.all[0].want, 0x17) && !strcmp(step->expect.all[1].name, "pc"),
	   "expect register");
	scenario_free(&s);
	step = one("schedule 0:3 1:200");
	ok(step->schedule.count == 2 && step->schedule.turns[0].cpu == 0 &&
	           step->schedule.turns[0].count == 3 && step->schedule.turns[1].cpu == 1 &&
	           step->schedule.turns[1].count == 200,
	   "schedule");
	scenario_free(&s);
	refused("step n=0 until=delivery", "n: 0 is not allowed with until");
	refused("step n=x", "n: x is not a number");
	refused("step 5", "5: not understood here");
	refused("expect pc", "pc=ADDRESS or pc=SYMBOL is needed");
	refused("expect register", "NAME=NUMBER is needed");
	refused("schedule", "CPU:COUNT is missing");
	refused("schedule 0", "0 is not CPU:COUNT");
	refused("schedule 0:x", "x is not a number");
	refused("schedule 123456789:1", "is not CPU:COUNT");
}

static void blocks(void)
{
	static const char nested[] = "sweep n=1..2 { # of one\n\tsweep m=$n..5 cpu=1 {\n\t\tstep n=$m\n\t}\n"
				     "\tsleep $n # $nn\n}\nresume\n";
	const struct scenario *deep;
	struct scenario block, inner;
	struct error why;
	size_t len;
	char *text;

	is(parse(nested), 0, "a block in a block");
	is(s.count, 2, "two steps");
	ok(s.steps[0].kind == STEP_SWEEP && s.steps[0].sweep.from == 1 && s.steps[0].sweep.to == 2 &&
	           s.steps[0].sweep.by == 1,
	   "the range");
	is(s.steps[1].line, 7, "the line behind it");
	is(scenario_parse_block(&block, &s, &s.steps[0], 17, &why), -EINVAL, "a value that is wrong inside");
	has(why.text, "f.scn:2: m: 17..5 is no range", "is located there");
	is(scenario_parse_block(&block, &s, &s.steps[0], 2, &why), 0, "the second time");
	ok(block.count == 2 && block.steps[0].sweep.from == 2 && block.steps[0].cpu == 1 &&
	           block.steps[1].ms == 2 && block.steps[1].line == 5,
	   "the variable has its value");
	is(scenario_parse_block(&inner, &block, &block.steps[0], 4, &why), 0, "the block in it");
	ok(inner.count == 1 && inner.steps[0].kind == STEP_STEP && inner.steps[0].step.count == 4,
	   "its step");
	scenario_free(&inner);
	scenario_free(&block);
	is(scenario_print_point(&s, &s.steps[0], 2, &text, &len, &why), 0, "a point of it");
	ok(!strcmp(text,
	           "step n=2 cpu=0\n\tsweep m=2..5 cpu=1 {\n\t\tstep n=$m\n\t}\n\tsleep 2 # $nn\nresume\n"),
	   "is a scenario of its own");
	free(text);
	scenario_free(&s);
	is(parse("sweep n=3..4 {\nexplore {\nsweep m=1..2 {\nstep n=$n$m until=$m$nn\n}\n}\n}"), 0,
	   "three blocks");
	deep = s.steps[0].block[0].steps->steps[0].block[0].steps->steps[0].block[0].steps;
	ok(deep->steps[0].step.count == 31 && !strcmp(deep->steps[0].step.until, "1$nn") &&
	           deep->steps[0].line == 4,
	   "what is in all of them has the variables of all");
	scenario_free(&s);
	is(parse("explore {\n}"), 0, "an empty block, the last line not ended");
	ok(s.steps[0].explore.window == 20 && s.steps[0].explore.preemptions == 2 &&
	           !strcmp(s.steps[0].explore.vcpus, "0,1"),
	   "what it is by itself");
	scenario_free(&s);
	is(parse("explore seed=5 {\n}"), 0, "random schedules");
	ok(s.steps[0].explore.seed == 5 && s.steps[0].explore.tries == 100, "a hundred of them");
	scenario_free(&s);
	is(parse("say sweep {\nresume"), 0, "a text is no block");
	is(s.count, 2, "nor does it have one");
	scenario_free(&s);
	is(parse(power9 ? "inject source 17 as=A\nsweep n=0..1 {\nexpect taken A\n}"
	                : "inject service parm=8 as=A\nsweep n=0..1 {\nexpect taken A\n}"),
	   0, "labels from before the block");
	scenario_free(&s);
	refused("resume\nsweep n=0..5 {\n\tsleep x\n}", "f.scn:3: milliseconds: x is not a number");
	refused("sweep n=0..5 {\nresume\n", "f.scn:1: sweep n=0..5 {: the } of its block is missing");
	refused("sweep n=0..5", "the line must end with {");
	refused("sweep {\n}", "n=FROM..TO is needed");
	refused("sweep n=5..1 {\n}", "5..1 is no range: it is empty");
	refused("sweep n=0..1 by=0 {\n}", "by: 0 is not allowed");
	refused("sweep N=0..1 {\n}", "N is not a variable");
	refused("sweep n=0..1 {\nvcpus 2\n}", "must come before the first step");
	refused("sweep n=0..1 {\nexec first\n}", "not in a block");
	refused("sweep n=0..1 {\nsweep m=0..1 write=f {\n}\n}", "write: not in a block");
	refused("}", "}: there is no race");
	refused("mark", "one of these is needed");
	refused("clock-at 1", "its second word is missing");
	refused("explore vcpus=a {\n}", "vcpus: a is not a list");
	refused("explore window=0 {\n}", "window: 0 is not allowed");
	refused("explore {\nexplore {\nexplore {\nexplore {\nexplore {\n}\n}\n}\n}\n}", "more than 4 blocks");
}

/* --- a line by itself --------------------------------------------------------- */

/* The line is the next step of s. It is gone when the step is looked at. */
static int parse_line(const char *line, struct step *step, unsigned *column)
{
	char *copy = strdup(line);
	int rc;

	err.text[0] = 0;
	rc = scenario_parse_step(&s, copy, strlen(copy), step, column, &err);
	free(copy);
	return rc;
}

static void wrong_at(const char *line, unsigned column, const char *message)
{
	struct step step;
	unsigned at = 0;

	is(parse_line(line, &step, &at), -EINVAL, "wrong: %s", line);
	is(at, column, "  in this column");
	ok(!strcmp(err.text, message), "  because: %s", err.text);
}

static void lines(void)
{
	const char *kind = power9 ? "source 0x10" : "emergency from=16";
	struct step step = { 0 };
	unsigned column;
	char text[100];

	snprintf(text, sizeof(text), "inject %s as=x", kind);
	is(parse(text), 0, "a step with a label");
	is(parse_line("\t expect taken x # a comment", &step, &column), 0, "one that knows it");
	ok(step.kind == STEP_EXPECT_TAKEN && step.taken.count == 1 && !strcmp(step.taken.labels[0], "x") &&
	           !strcmp(step.text, "expect taken x") && !step.block_count && !column,
	   "owns its words");
	step_free(&step);
	is(s.count, 1, "and is not in the scenario");
	is(parse_line("sweep n=1..2 {", &step, &column), 0, "one with a block");
	ok(step.block_count == 1 && !step.block[0].text && !step.block[0].steps, "which has to follow");
	step_free(&step);
	is(parse_line("race {", &step, &column), 0, "one with two");
	is(step.block_count, 2, "of which both must follow");
	step_free(&step);
	wrong_at("", 1, "the step is missing");
	wrong_at(" # none", 2, "the step is missing");
	wrong_at("\tfrob 1", 2, "frob: no such step");
	wrong_at("vcpus 2", 1, "vcpus: no such step");
	wrong_at("} {", 1, "}: there is no race that it could end");
	wrong_at("expect frob", 8,
	         "expect: frob is not one of: pending, taken, state, result, answers, memory, "
	         "stat, host-log, pc, register, late");
	wrong_at("run until=never", 11,
	         "until: never is not one of: ready, stop, crash, timeout, open, reboot, "
	         "begun, offline, asleep, taken, end");
	wrong_at("  run  cpu=x", 12, "cpu: x is not a number");
	wrong_at("run x cpu=1", 5, "x: not understood here");
	wrong_at("run cpu=1 x=1", 11, "x=1: not understood here");
	wrong_at("run cpu=", 5, "word 2: key=value needs both");
	wrong_at("sleep", 6, "milliseconds is missing");
	wrong_at("sleep 600001", 7, "milliseconds: 600001 is too large (at most 600000)");
	wrong_at("snapshot a/b kind=vm", 10,
	         "the snapshot's name: a/b is not a name (letters, digits, . _ -, at "
	         "most 23)");
	wrong_at("race n=0 {", 8, "n: 0 is not allowed");
	wrong_at("expect pending 1|x", 16,
	         "the number pending: 1|x is not a number, a range (2..5) or several of "
	         "them (1|2)");
	wrong_at("expect taken x y", 16, "expect taken: nothing above is injected or named as=y");
	wrong_at("schedule 0:1 1", 14, "schedule: 1 is not CPU:COUNT");
	wrong_at("sweep n=2..1 {", 9, "n: 2..1 is no range: it is empty");
	wrong_at("guest spin", 11, "guest spin: count= is missing");
	wrong_at("quiesce fails=EWHAT", 15, "fails: EWHAT is no error's name");
	scenario_free(&s);
}

/* What the table of words says to users. */
static void help(void)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	is(step_print_help("zero", f), 1, "the steps of a verb");
	is(step_print_help("ze", f), 0, "a part of a verb is none");
	is(step_print_help("snapshot", f), 1, "a step with words");
	fclose(f);
	ok(!strcmp(text, "zero stats: Count KVM's counters from here on.\n"
	                 "snapshot: Take a snapshot of the VM.\n"
	                 "    SNAPSHOT: the snapshot's name\n"
	                 "    kind=vm|irq: what is in it (vm)\n"),
	   "as text");
	printf("# %s", text);
	free(text);
	for (enum step_kind kind = 0; kind < STEP_KINDS; kind++)
		for (const struct step_word *w = NULL; (w = step_word_next(kind, w));)
			ok(w->help[0] && (w->use != WORD_NEEDED || !w->otherwise) &&
			           (w->type != WORD_CPU || w->otherwise || w->use == WORD_NEEDED) &&
			           (w->type != WORD_NUMBER || w->max),
			   "%s: %s", step_verb(kind), w->name);
}

int main(void)
{
	struct irq irq;

	power9 = !irq_parse((struct word[]){ { NULL, "source" }, { NULL, "1" } }, 2, &irq, &err);
	arch = power9 ? "power9" : "s390x";
	steps();
	kernels();
	injections();
	memory();
	cpus();
	numbers();
	races();
	headers();
	snapshots();
	mistakes();
	text_form();
	stepping();
	blocks();
	lines();
	help();
	ok(!strcmp(cpu_state_name(CPU_OFFLINE), "offline"), "the name of a state");
	return tap_done();
}
