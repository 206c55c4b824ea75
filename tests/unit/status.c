/* SPDX-License-Identifier: BSD-2-Clause */
/* status.c: the exit status of every outcome and of every kind of error. */
#include "vmm/status.h"

#include <errno.h>

#include "tap.h"

static const struct {
	const char *what;
	enum outcome_kind kind;
	uint64_t value;
	int status;
} outcomes[] = {
	{ "everything was done", OUTCOME_DONE, 0, 0 },
	{ "the guest stopped well", OUTCOME_STOPPED, 0, 0 },
	{ "the guest's own status", OUTCOME_STOPPED, 62, 62 },
	{ "its largest", OUTCOME_STOPPED, 63, 63 },
	{ "one that is too large", OUTCOME_STOPPED, 1ULL << 32, 63 },
	{ "a reboot", OUTCOME_REBOOT, 0, 66 },
	{ "a crash", OUTCOME_CRASHED, 0, 72 },
	{ "too late", OUTCOME_LATE, 0, 124 },
	{ "another process continues", OUTCOME_CONTINUED, 0, 0 },
	{ "two files differ", OUTCOME_DIFFERENT, 0, 1 },
	{ "a file is not valid", OUTCOME_INVALID, 0, 65 },
};

static const struct {
	const char *what;
	int code;
	enum fault fault;
	int status;
} errors[] = {
	{ "KVM's error", -EINVAL, FAULT_UNKNOWN, 71 },
	{ "KVM's answer that it is busy", -EBUSY, FAULT_UNKNOWN, 71 },
	{ "something is missing", -EOPNOTSUPP, FAULT_UNKNOWN, 77 },
	{ "no ELF file", -ENOEXEC, FAULT_UNKNOWN, 65 },
	{ "no snapshot", -EBADMSG, FAULT_UNKNOWN, 65 },
	{ "not in time", -ETIMEDOUT, FAULT_UNKNOWN, 124 },
	{ "out of memory", -ENOMEM, FAULT_UNKNOWN, 71 },
	{ "a wrong option", -EINVAL, FAULT_USAGE, 64 },
	{ "a typo in a scenario", -EINVAL, FAULT_DATA, 65 },
	{ "no memory to read a scenario", -ENOMEM, FAULT_DATA, 71 },
	{ "too many open files to read a guest", -EMFILE, FAULT_DATA, 71 },
	{ "too many of the whole host", -ENFILE, FAULT_DATA, 71 },
	{ "an expectation", -EPROTO, FAULT_UNMET, 70 },
	{ "KVM of another version", -EOPNOTSUPP, FAULT_HOST, 71 },
	{ "a file that diff cannot read", -ENOENT, FAULT_DIFF, 2 },
	{ "no memory for diff", -ENOMEM, FAULT_DIFF, 2 },
};

int main(void)
{
	struct outcome done = { .kind = OUTCOME_DONE };
	struct error err = { .text = "" };

	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		struct outcome outcome = { .kind = outcomes[i].kind, .value = outcomes[i].value };

		is(status_of(0, &outcome, &err), outcomes[i].status, "%s", outcomes[i].what);
	}
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		int rc = error_set(&err, errors[i].code, "no");

		error_blame(&err, rc, errors[i].fault);
		error_prefix(&err, rc, "here");
		is(status_of(rc, &done, &err), errors[i].status, "%s", errors[i].what);
	}
	is(error_blame(&err, 0, FAULT_USAGE), 0, "nobody is to blame for a success");
	is((int)err.fault, FAULT_DIFF, "... and the fault stays");
	error_set(&err, -EINVAL, "another");
	is((int)err.fault, FAULT_UNKNOWN, "a new sentence has no fault yet");
	return tap_done();
}
