/* SPDX-License-Identifier: BSD-2-Clause */
/* control.c: any bytes from a client of the control socket: lines that are executed one by one, and answered.
 */
#include "vmm/lab/control.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fuzz.h"

static struct control *control;
static char path[60];

static int join(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(name.sun_path, path);
	must(fd >= 0 && !connect(fd, (struct sockaddr *)&name, sizeof(name)));
	return fd;
}

static void leave(void)
{
	control_close(control);
}

/* The client sends a last line that nobody else has, so that it is known when all is read, unless it is sent
 * away. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char last[] = "\n the last line of this client\n";
	struct order order;
	struct pollfd wait = { .events = POLLIN };
	struct error err;
	bool stale, done = false;
	char answer[512];
	int fd;

	if (!control) {
		snprintf(path, sizeof(path), "/tmp/zpvm-fuzz-control-%d", (int)getpid());
		must(!control_open(&control, path, &stale, &err));
		atexit(leave);
	}
	wait.fd = control_fd(control);
	if (size > 2 * CONTROL_LINE)
		return 0;
	fd = join();
	for (size_t at = 0; at < size && !done;) {
		ssize_t n = send(fd, data + at, size - at, MSG_NOSIGNAL);

		done = n <= 0;
		at += done ? 0 : (size_t)n;
	}
	done |= send(fd, last, sizeof(last) - 1, MSG_NOSIGNAL) <= 0;
	shutdown(fd, SHUT_WR);
	while (!done && poll(&wait, 1, 1000) > 0)
		while (!done && control_take(control, &order)) {
			must(order.client < CONTROL_CLIENTS && order.len < CONTROL_LINE);
			must(!memchr(order.text, '\n', order.len));
			done = order.len == sizeof(last) - 3 && !memcmp(order.text, last + 1, order.len);
			control_stopped(control, &order);
			control_answer(control, &order, (const char *)data, size, size & 1 ? "wrong" : NULL,
			               "0 > ");
			while (recv(fd, answer, sizeof(answer), MSG_DONTWAIT) > 0)
				;
		}
	close(fd);
	return 0;
}
