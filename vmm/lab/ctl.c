/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl.c: see ctl.h. Pure. */
#include "ctl.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"
#include "editor.h"

struct ctl {
	int fd, signals; /* signals: SIGINT has come; -1: it ends this process */
	char bytes[4096];
	size_t have, at;
	char last[100]; /* what followed the = of the last answer */
};

static int gone(struct error *err)
{
	return error_set(err, -EPIPE, "zpvm has ended before it answered");
}

static int send_all(struct ctl *c, const char *text, size_t len, struct error *err)
{
	while (len) {
		ssize_t n = send(c->fd, text, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return gone(err);
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* The next byte of an answer; EOF: there is none. Ctrl-C asks for an end of what is being done. */
static int next_byte(struct ctl *c)
{
	static const char stop = CONTROL_STOP;

	while (c->at == c->have) {
		struct pollfd fds[] = { { .fd = c->fd, .events = POLLIN },
			                { .fd = c->signals, .events = POLLIN } };
		struct signalfd_siginfo info;
		ssize_t n;

		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[1].revents && read(c->signals, &info, sizeof(info)) == sizeof(info))
			send(c->fd, &stop, 1, MSG_NOSIGNAL);
		if (!fds[0].revents)
			continue;
		n = read(c->fd, c->bytes, sizeof(c->bytes));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return EOF;
		c->have = (size_t)n;
		c->at = 0;
	}
	return (unsigned char)c->bytes[c->at++];
}

/* A line of an answer, to where its first byte says. *last: it was the last one. */
static int read_line(struct ctl *c, FILE *out, bool *last, struct error *err)
{
	int byte = next_byte(c);
	FILE *to = byte == '!' ? stderr : byte == '=' ? NULL : out;
	size_t len = 0;

	*last = byte == '=';
	if (byte == EOF)
		return gone(err);
	if (to == stderr)
		fputs("zpvm: ", stderr);
	while ((byte = next_byte(c)) != '\n') {
		if (byte == EOF)
			return gone(err);
		if (to)
			fputc(byte, to);
		else if (len < sizeof(c->last) - 1)
			c->last[len++] = byte >= ' ' && byte <= '~' ? (char)byte : '?';
	}
	if (to)
		fputc('\n', to);
	else
		c->last[len] = 0;
	return 0;
}

static int exchange(struct ctl *c, const char *line, size_t len, FILE *out, struct error *err)
{
	bool last = false;
	int rc = send_all(c, line, len, err);

	if (!rc)
		rc = send_all(c, "\n", 1, err);
	/* Whoever closes the connection may have said why. */
	while (!last)
		if (read_line(c, out, &last, err))
			return -EPIPE;
	fflush(out);
	return rc;
}

/* Remembers the status of a line that failed. */
static void keep_status(const struct ctl *c, int *status)
{
	int is = atoi(c->last);

	*status = is ? is : *status;
}

/* Of the editor. */
static void complete(void *arg, const char *text, FILE *f)
{
	char line[CONTROL_LINE], before[sizeof(((struct ctl *)arg)->last)];
	struct error ignored;
	struct ctl *c = arg;

	memcpy(before, c->last, sizeof(before));
	if (snprintf(line, sizeof(line), "complete %s", text) < (int)sizeof(line))
		exchange(c, line, strlen(line), f, &ignored);
	memcpy(c->last, before, sizeof(before));
}

static int is_quit(const char *line)
{
	line += strspn(line, " \t");
	return !strncmp(line, "quit", 4) && !line[4 + strspn(line + 4, " \t\r")];
}

/* Lines as they are typed, or come. */
static int talk(struct ctl *c, struct editor *e, int *status, struct error *err)
{
	bool terminal = editor_is_terminal(e);
	const char *line;
	char prompt[80];
	size_t len;
	int rc = terminal ? exchange(c, "", 0, stdout, err) : 0;

	while (!rc) {
		enum edited what;

		if (!strcmp(c->last, "more"))
			snprintf(prompt, sizeof(prompt), "> ");
		else
			snprintf(prompt, sizeof(prompt), "%s> ",
			         c->last + strcspn(c->last, " ") + !!strchr(c->last, ' '));
		what = editor_read(e, prompt, -1, &line, &len);
		if (what == EDITED_END)
			return 0;
		if (what != EDITED_LINE)
			continue;
		rc = exchange(c, line, len, stdout, err);
		if (!rc)
			keep_status(c, status);
		if (!rc && is_quit(line))
			return 0;
	}
	return rc;
}

/* The words of the command line, which may be several lines. */
static int say(struct ctl *c, char *const *words, int *status, struct error *err)
{
	char *text = NULL, *rest, *line;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int rc = 0;

	if (!f)
		return error_set(err, -ENOMEM, "out of memory");
	for (char *const *word = words; *word; word++)
		fprintf(f, "%s%s", word == words ? "" : " ", *word);
	fclose(f);
	rest = text;
	while (!rc && !*status && (line = strsep(&rest, "\n"))) {
		rc = exchange(c, line, strlen(line), stdout, err);
		if (!rc)
			keep_status(c, status);
	}
	free(text);
	if (!rc && !*status && !strcmp(c->last, "more"))
		return error_set(err, -EINVAL, "the } of the step's block is missing");
	return rc;
}

static int join(struct ctl *c, const char *path, struct error *err)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(name.sun_path))
		return error_set(err, -ENAMETOOLONG, "%s: a socket's name has at most %zu bytes", path,
		                 sizeof(name.sun_path) - 1);
	strcpy(name.sun_path, path);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&name, sizeof(name)))
		return error_set(err, -errno, "%s: %s%s", path, strerror(errno),
		                 errno == ECONNREFUSED ? ": the zpvm that made it has ended" : "");
	return 0;
}

int ctl_run(const char *path, char *const *words, int *status, struct error *err)
{
	struct ctl c = { .fd = -1, .signals = -1 };
	struct editor *e = NULL;
	sigset_t set;
	int rc = join(&c, path, err);

	*status = 0;
	if (!rc && !*words)
		rc = editor_open(&e, STDIN_FILENO, STDOUT_FILENO, err);
	if (!rc && editor_is_terminal(e)) {
		sigemptyset(&set);
		sigaddset(&set, SIGINT);
		pthread_sigmask(SIG_BLOCK, &set, NULL);
		c.signals = signalfd(-1, &set, SFD_CLOEXEC);
		editor_completion(e, complete, &c);
	}
	if (!rc)
		rc = *words ? say(&c, words, status, err) : talk(&c, e, status, err);
	editor_close(e);
	if (c.signals >= 0)
		close(c.signals);
	if (c.fd >= 0)
		close(c.fd);
	return rc;
}
