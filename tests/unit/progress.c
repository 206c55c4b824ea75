/* SPDX-License-Identifier: BSD-2-Clause */
/* progress.c: a line of progress on a terminal, in its place and gone at the end; nothing in a pipe. */
#include "vmm/progress.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"
#include "vmm/trace.h"

/* What goes to standard error, which is `to` meanwhile and is read at `from`; size: how much is awaited. */
static const char *said(int from, int to, int saved, size_t size)
{
	static char text[400];
	struct progress p;
	size_t len = 0;

	dup2(to, STDERR_FILENO);
	progress_begin(&p);
	if (progress_due(&p)) /* not within the first second */
		progress_show(&p, "too early");
	if (p.on) {
		p.next = time_now();
		progress_bytes(&p, "a.snap", 3 << 20, 10 << 20);
		p.next = 0;
		if (progress_due(&p))
			progress_show(&p, "%0200d", 1);
		if (progress_due(&p)) /* not so soon */
			progress_show(&p, "again");
	} else {
		p.next = 0;
		if (progress_due(&p))
			progress_show(&p, "never");
		progress_show(&p, "never");
	}
	progress_end(&p);
	progress_end(&p);
	dup2(saved, STDERR_FILENO);
	/* A terminal hands it over after a moment. */
	while (len < size && poll(&(struct pollfd){ from, POLLIN, 0 }, 1, 5000) > 0)
		len += (size_t)read(from, text + len, sizeof(text) - 1 - len);
	if (poll(&(struct pollfd){ from, POLLIN, 0 }, 1, 50) > 0)
		len += (size_t)read(from, text + len, sizeof(text) - 1 - len);
	text[len] = 0;
	return text;
}

int main(void)
{
	int ends[2], master = posix_openpt(O_RDWR | O_NOCTTY), slave, saved = dup(STDERR_FILENO);
	char want[200], zeros[80];

	if (pipe(ends) || master < 0 || grantpt(master) || unlockpt(master))
		return 1;
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	setenv("TERM", "xterm", 1);
	memset(zeros, '0', 79);
	zeros[79] = 0;
	snprintf(want, sizeof(want), "\r\033[Ka.snap: 3 of 10 MiB\r\033[K%s\r\033[K", zeros);
	ok(!strcmp(said(master, slave, saved, strlen(want)), want),
	   "on a terminal: cut to its width, and erased");
	ok(!*said(ends[0], ends[1], saved, 0), "in a pipe: nothing");
	setenv("TERM", "dumb", 1);
	ok(!*said(master, slave, saved, 0), "on a terminal that cannot erase: nothing");
	return tap_done();
}
