/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * error.h: the only error style. A function that can fail returns 0 or a negative errno value and leaves a
 * sentence for the user in a struct error. Nothing below main() prints an error or exits. Exit statuses are
 * made by status.c alone.
 */
#ifndef VMM_ERROR_H
#define VMM_ERROR_H

#include <stdarg.h>

/* Whose fault an error is, where the errno value does not show it. The exit status depends on it. */
enum fault {
	FAULT_UNKNOWN, /* the errno value shows it */
	FAULT_USAGE,   /* the command line is wrong */
	FAULT_DATA,    /* a scenario, a guest, a disk or a snapshot cannot be used */
	FAULT_UNMET,   /* an expectation is not met, or an interrupt was lost or duplicated */
	FAULT_HOST,    /* KVM or the host failed */
	FAULT_DIFF,    /* two snapshots cannot be compared: zpvm diff has the exit statuses of diff(1) */
};

struct error {
	char text[480];
	enum fault fault;
};

/*
 * Writes the sentence, truncated to fit, without control characters. Nobody is at fault yet. Returns code,
 * for a return statement.
 */
int error_set(struct error *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* If code is not 0, says whose fault it is. The sentence stays. Returns code. */
int error_blame(struct error *err, int code, enum fault fault);

/* Puts "prefix: " before the sentence; the fault stays. Returns code. */
int error_prefix(struct error *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The symbol of an errno value of either sign ("EINVAL"); "E?" if it has none. */
const char *error_name(int code);

#endif
