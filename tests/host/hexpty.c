// SPDX-License-Identifier: BSD-2-Clause
/*
 * hexpty ROWS COLUMNS PROGRAM ARG...: runs a program on a terminal of its own
 * (a pty), whose input is this program's standard input in hexadecimal, a few
 * bytes a line, and whose output is this program's standard output, as it is.
 * Exits with the program's status. Runs inside the emulated s390x host.
 *
 * There, keys come in through a 3215 console, which takes whole lines, in
 * EBCDIC, one at a time: hexadecimal digits get through unharmed. A dot on
 * standard error says that a line was taken and that the next may come.
 */
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

/* One line of input to the terminal. */
static void take_line(int pty)
{
	char line[512], *p = line;
	ssize_t n = read(STDIN_FILENO, line, sizeof(line) - 1);

	if (n <= 0)
		return;
	line[n] = '\0';
	for (; hex_digit(p[0]) >= 0 && hex_digit(p[1]) >= 0; p += 2) {
		char c = (char)(hex_digit(p[0]) << 4 | hex_digit(p[1]));

		if (write(pty, &c, 1) != 1)
			break;
	}
	if (write(STDERR_FILENO, ".\n", 2) != 2)
		exit(1);
}

/* Some output; false when the terminal's last user has closed it. */
static int give_output(int pty)
{
	char buf[4096];
	ssize_t n = read(pty, buf, sizeof(buf));

	return n > 0 && write(STDOUT_FILENO, buf, n) == n;
}

int main(int argc, char **argv)
{
	struct winsize size = { 0 };
	int pty, status;
	pid_t pid;

	if (argc < 4) {
		fprintf(stderr, "usage: hexpty ROWS COLUMNS PROGRAM ARG...\n");
		return 2;
	}
	size.ws_row = (unsigned short)atoi(argv[1]);
	size.ws_col = (unsigned short)atoi(argv[2]);
	pid = forkpty(&pty, NULL, NULL, &size);
	if (pid < 0) {
		perror("forkpty");
		return 1;
	}
	if (pid == 0) {
		execvp(argv[3], argv + 3);
		perror(argv[3]);
		_exit(127);
	}
	for (;;) {
		struct pollfd fds[] = {
			{ .fd = pty, .events = POLLIN },
			{ .fd = STDIN_FILENO, .events = POLLIN },
		};

		if (poll(fds, 2, -1) < 0)
			break;
		if (fds[0].revents && !give_output(pty))
			break;
		if (fds[1].revents & POLLIN)
			take_line(pty);
	}
	if (waitpid(pid, &status, 0) != pid)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
