/* SPDX-License-Identifier: BSD-2-Clause */
/* child.c: see child.h. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmm/status.h"
#include "vmm/trace.h"

/* The file `name` in the folder of this program. */
static void beside(const char *name, char path[PATH_MAX])
{
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *last;

	path[len > 0 ? len : 0] = 0;
	last = strrchr(path, '/');
	last = last ? last + 1 : path;
	snprintf(last, (size_t)(path + PATH_MAX - last), "%s", name);
}

static void become(char *const argv[], int out, const sigset_t *mask)
{
	char path[PATH_MAX];

	/* It goes when its parent does, however that ends. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	beside(argv[0], path);
	execv(path, argv);
	_exit(EXIT_HOST);
}

/* Of what it says the end is kept: an error comes last. */
static void keep(struct child_end *end, const char *text, size_t len)
{
	if (end->len + len > CHILD_OUTPUT) {
		size_t drop = end->len + len - CHILD_OUTPUT;

		drop = drop < end->len ? drop : end->len;
		memmove(end->output, end->output + drop, end->len - drop);
		end->len -= drop;
	}
	memcpy(end->output + end->len, text, len);
	end->len += len;
	end->output[end->len] = 0;
}

/* Until the child has said all. 0, EXIT_TIMEOUT, or -EINTR with the signal. */
static int listen_to(int in, int signals, unsigned seconds, struct child_end *end, int *signal)
{
	uint64_t deadline = time_now() + seconds * 1000000000ULL;
	struct pollfd fds[] = { { .fd = in, .events = POLLIN }, { .fd = signals, .events = POLLIN } };
	struct signalfd_siginfo info;
	char text[4096];

	for (;;) {
		uint64_t now = time_now();
		ssize_t n;

		if (now >= deadline)
			return EXIT_TIMEOUT;
		if (poll(fds, 2, (int)((deadline - now) / 1000000) + 1) <= 0)
			continue;
		if (fds[1].revents && read(signals, &info, sizeof(info)) == sizeof(info)) {
			*signal = (int)info.ssi_signo;
			return -EINTR;
		}
		if (!fds[0].revents)
			continue;
		n = read(in, text, sizeof(text));
		if (n <= 0)
			return 0;
		keep(end, text, (size_t)n);
	}
}

static int run(char *const argv[], unsigned seconds, const sigset_t *mask, int signals, struct child_end *end,
               int *signal, struct error *err)
{
	int pipes[2], rc, status = 0;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC))
		return error_set(err, -errno, "pipe: %s", strerror(errno));
	pid = fork();
	if (!pid)
		become(argv, pipes[1], mask);
	rc = -errno;
	close(pipes[1]);
	if (pid < 0) {
		close(pipes[0]);
		return error_set(err, rc, "fork: %s", strerror(-rc));
	}
	rc = listen_to(pipes[0], signals, seconds, end, signal);
	close(pipes[0]);
	if (rc)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	end->status = rc                    ? EXIT_TIMEOUT
	              : WIFSIGNALED(status) ? CHILD_SIGNAL + WTERMSIG(status)
	                                    : WEXITSTATUS(status);
	return rc < 0 ? error_set(err, rc, "%s", strsignal(*signal)) : 0;
}

int child_run(char *const argv[], unsigned seconds, struct child_end *end, int *signal, struct error *err)
{
	sigset_t ends, before;
	int signals, rc;

	end->len = 0;
	end->output[0] = 0;
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, &before);
	signals = signalfd(-1, &ends, SFD_CLOEXEC);
	rc = signals < 0 ? error_set(err, -errno, "signalfd: %s", strerror(errno))
	                 : run(argv, seconds, &before, signals, end, signal, err);
	if (signals >= 0)
		close(signals);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return rc;
}
