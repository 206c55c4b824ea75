/* SPDX-License-Identifier: BSD-2-Clause */
/* options.h: the command line of zpvm. Pure. */
#ifndef VMM_OPTIONS_H
#define VMM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "error.h"

enum action {
	ACTION_RUN,
	ACTION_VERSION,
	ACTION_HELP,
	ACTION_RUN_HELP,
	ACTION_RULES, /* the rules that --break takes */
	ACTION_PROBE,
	ACTION_PROBE_HELP,
	ACTION_INSPECT,
	ACTION_DIFF,
	ACTION_CHECK,
	ACTION_FILES_HELP, /* of these three */
};

struct options {
	enum action action;
	uint64_t memory;      /* bytes; 0: not said */
	uint64_t vcpus;       /* 0: not said */
	uint64_t vcpu_stride; /* 0: not said */
	const char *irqchip;  /* NULL: not said */
	uint64_t timeout_ms;  /* 0: not said */
	/* What the process before this one has left, or -1: a snapshot, which is restore, too; see
	 * input_close(). */
	int continue_fd, continue_input;
	uint64_t continue_line;
	char continue_path[32];
	int argc; /* all of it, for the process that goes on */
	char *const *argv;
	const char *save;    /* file; NULL: none */
	const char *restore; /* file, instead of the guest; NULL: none */
	const char *broken;  /* the rule of --break; NULL: none */
	enum clock_policy clock;
	const char *scenario; /* file; NULL: none */
	bool trace;
	const char *trace_file; /* NULL: standard error */
	bool quiet;             /* no line for each step */
	const char *guest;      /* file; NULL with restore */
	char *const *command;   /* words behind it: a command of the test guest, then NULL */
	const char *console;    /* NULL: the machine's own */
	bool json;              /* probe, inspect */
	char *const *files;     /* snapshots: inspect 1, diff 2, check 1 and more; then NULL */
};

/* The strings are argv's. -EINVAL for anything that is not understood. */
int options_parse(int argc, char *const argv[], struct options *options, struct error *err);

/* options_files.c: of its own words; argv[0] is "inspect", "diff" or "check". */
int options_parse_files(int argc, char *const argv[], struct options *options, struct error *err);

extern const char options_help[];     /* zpvm --help */
extern const char options_run_help[]; /* zpvm run --help */
extern const char options_probe_help[];
extern const char options_files_help[]; /* zpvm inspect, diff, check */

#endif
