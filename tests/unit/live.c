/* SPDX-License-Identifier: BSD-2-Clause */
/* live.c: steps that come line by line, how a line can go on, and lines that are typed at a terminal. */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tap.h"
#include "vmm/lab/complete.h"
#include "vmm/lab/editor.h"
#include "vmm/lab/typed.h"
#include "vmm/snapshot/codec.h"

#define ARCH (arch_codec == &s390x_codec ? "s390x" : "power9")

static struct error err;

static void lines(void)
{
	struct scenario s = { .arch = ARCH, .typed = true };
	struct typed t = { .text = NULL };
	char *block;

#define LINE(text) typed_line(&t, &s, text, strlen(text), &err)
	is(scenario_setting(&s, "memory 5M # so", 14, &err), 0, "a setting");
	is(s.memory, 5 << 20, "its value");
	is(scenario_setting(&s, "input stdin", 11, &err), -EINVAL, "standard input has the steps");
	is(scenario_setting(&s, "run", 3, &err), 1, "a step is none");
	s.made = true;
	is(LINE("memory 6M"), -EINVAL, "no setting when the VM is made");
	has(err.text, "options of zpvm run say", "says why");
	is(LINE("run"), 0, "a step");
	is(LINE(""), 0, "an empty line");
	is(LINE("# nothing"), 0, "a comment");
	is(LINE("bogus"), -EINVAL, "a wrong one");
	is(s.count, 1, "there is one step");
	is(LINE("sweep n=0..3 {"), 1, "a block begins");
	is(LINE("sweep m=0..3 {"), 1, "one in it");
	is(LINE("bogus"), -EINVAL, "a wrong line in it");
	is(LINE("expect pending $n"), 1, "goes on");
	is(LINE("}"), 1, "one ends");
	is(LINE("}"), 0, "both do");
	ok(s.count == 2 && s.steps[1].kind == STEP_SWEEP && s.steps[1].line == 6,
	   "the step has its first line");
	is(LINE("race {"), 1, "two groups");
	is(LINE("}"), -EINVAL, "the second is missing");
	is(LINE("} {"), 1, "it comes");
	is(LINE("}"), 0, "and ends");
	is(LINE("}"), -EINVAL, "nothing is left to be ended");
	is(typed_line(&t, &s, "a\0b", 3, &err), -EINVAL, "a NUL byte");
	is(LINE("sweep n=0..3 {"), 1, "a block");
	block = calloc(1, TYPED_BLOCK);
	memset(block, '#', TYPED_BLOCK - 1);
	is(LINE(block), -E2BIG, "that is too long");
	is(LINE("run"), 0, "is forgotten");
	is(s.count, 4, "nothing of it is left");
	is(LINE("sweep n=0..3 {"), 1, "a block");
	typed_forget(&t);
	is(LINE("run"), 0, "that is given up");
	free(block);
	scenario_free(&s);
}

static void list(void *arg, enum complete_names what, FILE *f)
{
	(void)arg;
	fputs(what == NAMES_SNAPSHOT ? "S\nSecond\n" : what == NAMES_VM ? "first\n" : "disk\n", f);
}

/* The words, with blanks between them. */
static const char *words(const char *text)
{
	const struct complete_source source = { .arch = ARCH, .list = list };
	static char *out;
	size_t len;
	FILE *f;

	free(out);
	f = open_memstream(&out, &len);
	complete_line(text, &source, f);
	fclose(f);
	for (char *c = out; *c; c++)
		*c = *c == '\n' ? ' ' : *c;
	return out;
}

static void completion(void)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "inj", "inject " },
		{ "show ", "pending log stats " },
		{ "  show p", "pending " },
		{ "expect st", "state stat " },
		{ "snapshot A kind=", "kind=vm kind=irq " },
		{ "snapshot A k", "kind= " },
		{ "snapshot ", "S Second kind= " },
		{ "restore S ", "first fails= " },
		{ "restore S f", "first fails= " },
		{ "run until=st", "until=stop " },
		{ "run until=stop s", "status= " },
		{ "run c", "count= cpu= " },
		{ "vm f", "first " },
		{ "expect taken d", "disk " },
		{ "expect taken disk d", "disk " },
		{ "help qui", "quiesce " },
		{ "help show ", "" },
		{ "q", "quiesce quit " },
		{ "guest ena", "enable " },
		{ "sweep n=0..5 ", "by= write= cpu= { " },
		{ "no such ", "" },
		{ "expect state paused x", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *are = words(rows[i].text);

		ok(!strcmp(are, rows[i].words), "%s: %s", rows[i].text, are);
	}
}

static void complete(void *arg, const char *text, FILE *f)
{
	(void)arg;
	complete_line(text, &(struct complete_source){ .arch = ARCH, .list = list }, f);
}

/* Reads what comes from the terminal until it has this text, which a loaded machine hands over piece by
 * piece. */
static bool has_come(int master, const char *text)
{
	struct pollfd it = { .fd = master, .events = POLLIN };
	char seen[4096];
	size_t have = 0;

	while (!memmem(seen, have, text, strlen(text))) {
		ssize_t n = poll(&it, 1, 10000) == 1 ? read(master, seen + have, sizeof(seen) - have) : 0;

		if (n <= 0)
			return false;
		have += (size_t)n;
	}
	return true;
}

/* What becomes of these keys at a terminal. */
static void keys(struct editor *e, int master, const char *typed, const char *wanted, const char *what)
{
	const char *line;
	size_t len;
	ssize_t n = write(master, typed, strlen(typed));
	enum edited got = n < 0 ? EDITED_END : editor_read(e, "first ready> ", -1, &line, &len);

	ok(got == EDITED_LINE && !strcmp(line, wanted), "%s: %s", what,
	   got == EDITED_LINE ? line : "no line");
	ok(has_come(master, "first ready> "), "with a prompt");
}

static void editor(void)
{
	struct winsize size = { .ws_row = 24, .ws_col = 40 };
	struct termios before, after;
	struct editor *e;
	const char *line;
	int master, slave;
	size_t len;

	if (openpty(&master, &slave, NULL, NULL, &size))
		return;
	/* So that what is typed before it is read is as it was typed. */
	tcgetattr(slave, &before);
	cfmakeraw(&before);
	tcsetattr(slave, TCSANOW, &before);
	/* Only the terminal of its session is one that a process can edit lines at. */
	if (setsid() < 0 || ioctl(slave, TIOCSCTTY, 0))
		return;
	editor_open(&e, slave, slave, &err);
	ok(editor_is_terminal(e), "a terminal");
	editor_completion(e, complete, NULL);
	keys(e, master, "run\r", "run", "a line");
	keys(e, master, "inj\t\x17show pe\t\r", "show pending ", "words are completed");
	keys(e, master, "\033[A\033[A\033[B\r", "show pending ", "the lines before");
	keys(e, master, "abc\x01X\x05Y\033[DZ\x7fW\r", "XabcWY", "keys that edit");
	keys(e, master, "a b c\x02\x0b\x15u\303\266\x7fx\033[H\033[3~y\r", "yx",
	     "and cut, and go over characters");
	keys(e, master,
	     "a very long line that a terminal of eighty columns has no room for, not at all\x02\x02!\r",
	     "a very long line that a terminal of eighty columns has no room for, not at a!ll",
	     "a line that is too long for the screen");
	if (write(master, "half\3", 5) == 5)
		is(editor_read(e, "> ", -1, &line, &len), EDITED_QUIT, "Ctrl-C gives it up");
	if (write(master, "\4", 1) == 1)
		is(editor_read(e, "> ", -1, &line, &len), EDITED_END, "Ctrl-D is the end");
	editor_close(e);
	tcgetattr(slave, &after);
	ok(before.c_lflag == after.c_lflag && before.c_iflag == after.c_iflag, "the terminal is as it was");
}

static void plain(void)
{
	static const char text[] = "one\n\ntwo";
	struct editor *e;
	const char *line;
	size_t len;
	int ends[2];

	if (pipe(ends) || write(ends[1], text, sizeof(text) - 1) < 0)
		return;
	editor_open(&e, ends[0], ends[1], &err);
	ok(editor_read(e, "> ", -1, &line, &len) == EDITED_LINE && !strcmp(line, "one"), "lines of a pipe");
	editor_unread(e);
	ok(editor_read(e, "> ", -1, &line, &len) == EDITED_LINE && !strcmp(line, "one"), "one is read again");
	ok(editor_read(e, "> ", -1, &line, &len) == EDITED_LINE && !len, "an empty one");
	close(ends[1]);
	ok(editor_read(e, "> ", -1, &line, &len) == EDITED_LINE && !strcmp(line, "two"),
	   "one without an end");
	is(editor_read(e, "> ", -1, &line, &len), EDITED_END, "no more");
	editor_close(e);
	close(ends[0]);
}

int main(void)
{
	pid_t child = fork();
	int status;

	/* A process of its own can have a session of its own. */
	if (child)
		return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	alarm(60);
	lines();
	completion();
	plain();
	editor();
	return tap_done();
}
