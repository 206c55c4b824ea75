/* SPDX-License-Identifier: BSD-2-Clause */
/* status.c: see status.h. Pure. */
#include "status.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

/* Reading standard input, and writing the others, gives EBADF as before. */
void status_begin(void)
{
	int fd;

	signal(SIGXFSZ, SIG_IGN);
	do
		fd = open("/dev/null", fcntl(STDIN_FILENO, F_GETFD) < 0 ? O_WRONLY : O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static int status_of_outcome(const struct outcome *outcome)
{
	static const int statuses[] = {
		[OUTCOME_DONE] = 0,
		[OUTCOME_REBOOT] = EXIT_REBOOT,
		[OUTCOME_CRASHED] = EXIT_CRASH,
		[OUTCOME_LATE] = EXIT_TIMEOUT,
		[OUTCOME_CONTINUED] = 0,
		[OUTCOME_DIFFERENT] = EXIT_DIFFERENT,
		[OUTCOME_INVALID] = EXIT_DATA,
	};

	if (outcome->kind == OUTCOME_STOPPED)
		return outcome->value < EXIT_GUEST_MAX ? (int)outcome->value : EXIT_GUEST_MAX;
	return statuses[outcome->kind];
}

static int status_of_errno(int code)
{
	switch (-code) {
	case EOPNOTSUPP: return EXIT_MISSING;
	case ENOEXEC:
	case EBADMSG: return EXIT_DATA;
	case ETIMEDOUT: return EXIT_TIMEOUT;
	default: return EXIT_HOST;
	}
}

/* What the host is short of is the fault of no file. */
static bool is_lack(int code)
{
	return code == -ENOMEM || code == -EMFILE || code == -ENFILE;
}

int status_of(int rc, const struct outcome *outcome, const struct error *err)
{
	static const int statuses[] = {
		[FAULT_USAGE] = EXIT_USAGE,       [FAULT_DATA] = EXIT_DATA,
		[FAULT_UNMET] = EXIT_EXPECTATION, [FAULT_HOST] = EXIT_HOST,
		[FAULT_DIFF] = EXIT_DIFF_TROUBLE,
	};

	if (!rc)
		return status_of_outcome(outcome);
	if (err->fault == FAULT_UNKNOWN || (is_lack(rc) && err->fault != FAULT_DIFF))
		return status_of_errno(rc);
	return statuses[err->fault];
}

int status_explain(int rc, const struct outcome *outcome, const struct error *err)
{
	const struct error *why = rc ? err : &outcome->why;
	int status = status_of(rc, outcome, err);

	return status && why->text[0] ? status_complain(status, why) : status;
}

int status_complain(int status, const struct error *err)
{
	fflush(stdout);
	fprintf(stderr, "zpvm: %s\n", err->text);
	return status;
}

int status_written(int status)
{
	struct error err;

	if (!fflush(stdout) && !ferror(stdout))
		return status;
	error_set(&err, 0, "cannot write to standard output");
	return status_complain(EXIT_HOST, &err);
}
