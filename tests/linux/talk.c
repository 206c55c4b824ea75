// SPDX-License-Identifier: BSD-2-Clause
/*
 * talk SCRIPT PROGRAM ARG...: runs a program on a terminal of its own (a pty of 24 lines of 80 columns), as
 * a person would: the script says what is typed, and what must be seen before. A line of it is
 *
 *	see TEXT          waits until the program has printed this, behind what was last seen
 *	not TEXT          this was not printed behind what was last seen
 *	type TEXT         types it; in TEXT, \r \n \t \e \\ and \xHH stand for one character
 *	paste N           types N characters at once, 50 in a row, and \r
 *	size ROWS COLUMNS changes the terminal's size
 *	kill N            sends a signal to the program
 *	ends STATUS       the program ends with this exit status, 128 and a signal's number if that ended it;
 *	                  the terminal's settings are what they were
 *
 * What the program prints goes to standard output. The first line that is not met ends all, with exit
 * status 1 and a sentence on standard error.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h> /* login_tty */

#define SECONDS   200 /* to see something, also when a busy machine emulates another one */
#define PASTE_ROW 50

static int pty, terminal; /* its two ends */
static pid_t child;
static struct termios before;
static char *seen; /* all that was printed */
static size_t len, at;
static unsigned line;

static void fail(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "\ntalk: line %u: ", line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	kill(child, SIGKILL);
	exit(1);
}

/* Waits this long for output; false: there was none. */
static int take(int ms)
{
	struct pollfd fd = { .fd = pty, .events = POLLIN };
	ssize_t n;

	if (poll(&fd, 1, ms) <= 0)
		return 0;
	seen = realloc(seen, len + 4096);
	n = seen ? read(pty, seen + len, 4096) : -1;
	if (n <= 0)
		fail("cannot read from the terminal: %s", strerror(errno));
	fwrite(seen + len, 1, (size_t)n, stdout);
	len += (size_t)n;
	return 1;
}

static size_t plain(char *text)
{
	char *from = text, *to = text;
	unsigned byte;

	for (; *from; from++) {
		if (*from != '\\') {
			*to++ = *from;
			continue;
		}
		switch (*++from) {
		case 'r': *to++ = '\r'; break;
		case 'n': *to++ = '\n'; break;
		case 't': *to++ = '\t'; break;
		case 'e': *to++ = 27; break;
		case '\\': *to++ = '\\'; break;
		case 'x':
			if (sscanf(from + 1, "%2x", &byte) != 1)
				fail("\\x: two hexadecimal digits");
			*to++ = (char)byte;
			from += 2;
			break;
		default: fail("unknown: \\%c", *from);
		}
	}
	return (size_t)(to - text);
}

static void see(char *text)
{
	size_t size = plain(text);
	time_t end = time(NULL) + SECONDS;
	char *found;

	while (!seen || !(found = memmem(seen + at, len - at, text, size))) {
		if (!take(1000) && (time(NULL) > end || waitpid(child, NULL, WNOHANG)))
			fail("this was not printed: %.*s", (int)size, text);
	}
	at = (size_t)(found - seen) + size;
}

static void not(char *text)
{
	size_t size = plain(text);

	while (take(200))
		;
	if (seen && memmem(seen + at, len - at, text, size))
		fail("this was printed: %.*s", (int)size, text);
}

/* As a terminal that is busy: takes output meanwhile. */
static void type(const char *text, size_t size)
{
	while (size) {
		ssize_t n = write(pty, text, size < 64 ? size : 64);

		if (n < 0)
			fail("cannot type: %s", strerror(errno));
		text += n;
		size -= (size_t)n;
		take(0);
	}
}

static void paste(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		type(i % PASTE_ROW == PASTE_ROW - 1 ? "\r" : &"0123456789"[i % 10], 1);
}

static void resize(const char *words)
{
	unsigned short rows, columns;

	if (sscanf(words, "%hu %hu", &rows, &columns) != 2)
		fail("size ROWS COLUMNS");
	ioctl(pty, TIOCSWINSZ, &(struct winsize){ .ws_row = rows, .ws_col = columns });
}

static void ends(int want)
{
	time_t end = time(NULL) + SECONDS;
	struct termios after;
	int status;

	while (waitpid(child, &status, WNOHANG) != child)
		if (!take(200) && time(NULL) > end)
			fail("the program does not end");
	while (take(100))
		;
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (status != want)
		fail("exit status %d instead of %d", status, want);
	tcgetattr(terminal, &after);
	if (after.c_iflag != before.c_iflag || after.c_oflag != before.c_oflag ||
	    after.c_cflag != before.c_cflag || after.c_lflag != before.c_lflag ||
	    memcmp(after.c_cc, before.c_cc, sizeof(after.c_cc)))
		fail("the terminal is not as it was");
}

static void execute(char *text)
{
	char *words = strchr(text, ' ');

	if (!words)
		fail("%s?", text);
	*words++ = 0;
	if (!strcmp(text, "see"))
		see(words);
	else if (!strcmp(text, "not"))
		not(words);
	else if (!strcmp(text, "type"))
		type(words, plain(words));
	else if (!strcmp(text, "paste"))
		paste((unsigned)atoi(words));
	else if (!strcmp(text, "size"))
		resize(words);
	else if (!strcmp(text, "kill"))
		kill(child, atoi(words));
	else if (!strcmp(text, "ends"))
		ends(atoi(words));
	else
		fail("%s?", text);
}

int main(int argc, char **argv)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	char text[512];
	FILE *script;

	if (argc < 3 || !(script = fopen(argv[1], "r"))) {
		fprintf(stderr, "usage: talk SCRIPT PROGRAM ARG...\n");
		return 2;
	}
	if (openpty(&pty, &terminal, NULL, NULL, &size) || tcgetattr(terminal, &before)) {
		perror("a terminal");
		return 1;
	}
	child = fork();
	if (!child) {
		close(pty);
		login_tty(terminal);
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	setvbuf(stdout, NULL, _IONBF, 0);
	while (fgets(text, sizeof(text), script)) {
		text[strcspn(text, "\n")] = 0;
		line++;
		if (*text && *text != '#')
			execute(text);
	}
	fclose(script);
	return 0;
}
