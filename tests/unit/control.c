/* SPDX-License-Identifier: BSD-2-Clause */
/* control.c: the control socket, its clients, and those that do harm; and the client of zpvm ctl. */
#include "vmm/lab/control.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "vmm/lab/ctl.h"

static char path[] = "/tmp/zpvm-control-XXXXXX/socket";

static int join(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(name.sun_path, path);
	if (connect(fd, (struct sockaddr *)&name, sizeof(name))) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool put(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

/* Waits for a line. */
static bool take(struct control *c, struct order *order)
{
	struct pollfd fd = { .fd = control_fd(c), .events = POLLIN };

	while (!control_take(c, order))
		if (poll(&fd, 1, 10000) <= 0)
			return false;
	return true;
}

/* What the client is answered, up to the line that begins with "=" or the end. */
static const char *answered(int fd)
{
	static char text[9000];
	size_t len = 0, line = 0;

	while (len < sizeof(text) - 1) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };

		if (poll(&wait, 1, 10000) <= 0 || read(fd, text + len, 1) != 1)
			break;
		len++;
		if (text[len - 1] == '\n' && text[line] == '=')
			break;
		if (text[len - 1] == '\n')
			line = len;
	}
	text[len] = 0;
	return text;
}

/* A line of another client is answered: no harm was done. */
static bool serves(struct control *c)
{
	struct order order;
	int fd = join();
	bool good = fd >= 0 && put(fd, "still there\n", 12) && take(c, &order) &&
	            !strcmp(order.text, "still there");

	if (good) {
		control_answer(c, &order, "", 0, NULL, "0 first running");
		good = !strcmp(answered(fd), "=0 first running\n");
	}
	close(fd);
	return good;
}

static void lines(struct control *c)
{
	struct order order, other;
	int a = join(), b = join();

	put(a, "one\ntwo\n", 8);
	ok(take(c, &order) && !strcmp(order.text, "one") && order.len == 3, "a line");
	usleep(20000);
	ok(!control_take(c, &other), "the next one waits until it is answered");
	put(b, "of another\n", 11);
	ok(take(c, &other) && !strcmp(other.text, "of another"), "another client's does not");
	control_answer(c, &other, "a\nb", 3, "no", "70 first paused");
	ok(!strcmp(answered(b), " a\n b\n!no\n=70 first paused\n"),
	   "what was printed, the error, the status");
	control_answer(c, &order, "", 0, NULL, "more");
	ok(!strcmp(answered(a), "=more\n"), "an answer without anything");
	ok(take(c, &order) && !strcmp(order.text, "two"), "then the next line");
	put(a, "\3", 1);
	for (int i = 0; i < 500 && !control_stopped(c, &order); i++)
		usleep(10000);
	ok(control_stopped(c, &order), "Ctrl-C asks for its end");
	control_answer(c, &order, "", 0, NULL, "0 x");
	put(a, "\3three\n", 7);
	ok(take(c, &order) && !strcmp(order.text, "three") && !control_stopped(c, &order),
	   "which is nothing that a later line has");
	close(a);
	for (int i = 0; i < 500 && !control_stopped(c, &order); i++)
		usleep(10000);
	ok(control_stopped(c, &order), "nor is anybody there who has hung up");
	control_answer(c, &order, "x", 1, "x", "0 x");
	close(b);
	a = join();
	put(a, "last\n", 5);
	shutdown(a, SHUT_WR);
	ok(take(c, &order), "one who sends no more");
	control_answer(c, &order, "", 0, NULL, "0 x");
	ok(!strcmp(answered(a), "=0 x\n"), "is answered");
	close(a);
}

static void harm(struct control *c)
{
	char *much = malloc(CONTROL_MOST + 1);
	struct order order;
	int fd = join(), fds[CONTROL_CLIENTS + 1];

	put(fd, "half a li", 9);
	close(fd);
	ok(serves(c), "half a line");
	memset(much, 'x', CONTROL_MOST + 1);
	fd = join();
	put(fd, much, 1 << 20);
	put(fd, "\nnext\n", 6);
	has(answered(fd), "!a line of more than 4095 bytes\n=65\n", "a line of 1 MiB");
	ok(take(c, &order) && !strcmp(order.text, "next"), "the line behind it");
	control_answer(c, &order, much, CONTROL_MOST + 1, NULL, "0 x");
	ok(serves(c), "an answer that is too long");
	ok(read(fd, much, 1) <= 0, "its client is gone");
	close(fd);
	fd = join();
	put(fd, "a\0b\n", 4);
	ok(take(c, &order) && order.len == 3 && !memcmp(order.text, "a\0b", 4), "a NUL byte is in its line");
	control_answer(c, &order, "", 0, NULL, "65 x");
	for (int i = 0; i < 1 << 16; i++)
		much[i] = (char)(i * 2654435761u >> 13);
	much[0] = '\n';
	put(fd, much, 4000);
	close(fd);
	while (poll(&(struct pollfd){ .fd = control_fd(c), .events = POLLIN }, 1, 100) > 0)
		if (control_take(c, &order))
			control_answer(c, &order, "", 0, NULL, "65 x");
	ok(serves(c), "binary");
	fd = join();
	for (int i = 0; i < 20; i++) {
		put(fd, "much\n", 5);
		if (!take(c, &order))
			break;
		control_answer(c, &order, much, 1 << 20, NULL, "0 x");
		if (control_stopped(c, &order))
			break;
	}
	ok(serves(c), "one who never reads");
	close(fd);
	for (unsigned i = 0; i <= CONTROL_CLIENTS; i++)
		fds[i] = join();
	has(answered(fds[CONTROL_CLIENTS]), "!too many clients\n=71\n", "one too many");
	for (unsigned i = 0; i <= CONTROL_CLIENTS; i++)
		close(fds[i]);
	usleep(50000);
	ok(serves(c), "and afterwards");
	free(much);
}

/* What zpvm ctl does with the words; the other end of the socket is this process. */
static int ctl(struct control *c, char **words, const char *printed, const char *wrong, const char *last,
               char *line)
{
	struct order order;
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (!child) {
		struct error err;

		if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
			_exit(99);
		status = 0;
		_exit(ctl_run(path, words, &status, &err) ? 98 : status);
	}
	*line = 0;
	if (take(c, &order)) {
		strcpy(line, order.text);
		control_answer(c, &order, printed, strlen(printed), wrong, last);
	}
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

static void client(struct control *c)
{
	char *words[] = { (char *)"expect", (char *)"pending", (char *)"3", NULL }, line[CONTROL_LINE];

	is(ctl(c, words, "text", NULL, "0 first running", line), 0, "zpvm ctl: a step");
	ok(!strcmp(line, "expect pending 3"), "its line");
	is(ctl(c, words, "", "no", "70 first running", line), 70, "one that fails");
	is(ctl(c, words, "", NULL, "more", line), 98, "one of which there must be more");
}

static void owner(struct control *c)
{
	pid_t child;
	int status;

	if (geteuid()) {
		ok(true, "another user # SKIP only root can be another one");
		return;
	}
	chmod(path, 0666);
	*strrchr(path, '/') = 0;
	chmod(path, 0755);
	path[strlen(path)] = '/';
	fflush(stdout);
	child = fork();
	if (!child) {
		int fd;

		if (setuid(65534))
			_exit(3);
		fd = join();
		_exit(fd < 0 ? 2 : strcmp(answered(fd), "!this VM belongs to another user\n=71\n") ? 1 : 0);
	}
	waitpid(child, &status, 0);
	is(WEXITSTATUS(status), 0, "another user is sent away");
	ok(serves(c), "and the owner is not");
}

int main(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct control *c, *second;
	struct stat st;
	struct error err;
	bool stale;
	int fd;

	*strrchr(path, '/') = 0;
	if (!mkdtemp(path))
		return 1;
	path[strlen(path)] = '/';
	alarm(120);
	is(control_open(&c, path, &stale, &err), 0, "a socket");
	ok(!stale && !stat(path, &st) && (st.st_mode & 0777) == 0600, "is the owner's alone");
	is(control_open(&second, path, &stale, &err), -EADDRINUSE, "one that is in use");
	has(err.text, "somebody listens there already", "says so");
	ok(serves(c), "and stays");
	lines(c);
	harm(c);
	client(c);
	owner(c);
	control_close(c);
	ok(stat(path, &st) && errno == ENOENT, "it is removed in the end");
	strcpy(name.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(fd, (struct sockaddr *)&name, sizeof(name)))
		return 1;
	close(fd);
	is(control_open(&c, path, &stale, &err), 0, "one where nobody listens is replaced");
	ok(stale && serves(c), "which is said");
	control_close(c);
	fclose(fopen(path, "w"));
	is(control_open(&c, path, &stale, &err), -EEXIST, "a file is not");
	ok(!stat(path, &st), "it stays");
	unlink(path);
	*strrchr(path, '/') = 0;
	rmdir(path);
	return tap_done();
}
