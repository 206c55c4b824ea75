/* SPDX-License-Identifier: BSD-2-Clause */
/* options.h: the command line of zpvm, as two tables in options.c: subcommands and options. Pure. */
#ifndef VMM_OPTIONS_H
#define VMM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "clock.h"
#include "device_option.h"
#include "error.h"
#include "identity.h"
#include "sandbox.h"

enum action {
	ACTION_RUN,
	ACTION_PROBE,
	ACTION_INSPECT,
	ACTION_DIFF,
	ACTION_CHECK,
	ACTION_TIMELINE,
	ACTION_RULES,  /* print the rules that --break takes */
	ACTION_EVENTS, /* print the kinds of event that --trace takes */
	ACTION_STEPS,  /* print the steps of scenarios */
	ACTION_CTL,    /* steps for a VM that runs */
	ACTION_HELP,   /* options_help() */
	ACTION_TABLE,  /* options_table() */
	ACTION_VERSION,
};

struct options {
	enum action action;
	const struct subcommand *subcommand; /* NULL: none was named */
	uint64_t memory;                     /* bytes; 0: not said */
	uint64_t vcpus;                      /* 0: not said */
	uint64_t vcpu_stride;                /* 0: not said */
	const char *irqchip;                 /* NULL: not said */
	struct device_options devices;
	struct identity identity;
	int64_t clock_start; /* nanoseconds since 1970 (UTC) */
	bool has_clock_start;
	bool io_thread;      /* --io=thread */
	uint64_t timeout_ms; /* 0: not said */
	/* What the process before this one has left, or -1: a snapshot, which is restore, too; see
	 * input_close(). */
	int continue_fd, continue_input;
	uint64_t continue_line;
	char continue_path[32];
	int argc; /* the whole command line, for the next process */
	char *const *argv;
	const char *save;    /* file; NULL: none */
	const char *restore; /* file, instead of the guest; NULL: none */
	enum sandbox_mode sandbox;
	const char *broken; /* the rule of --break; NULL: none */
	enum clock_policy clock;
	const char *scenario; /* file; NULL: none */
	const char *record;   /* file; NULL: none */
	const char *replay;   /* file, which is the scenario too; NULL: none */
	uint64_t until;       /* a line of the scenario; 0: not said */
	const char *symbols;  /* file; NULL: none but the guest's */
	const char *control;  /* socket; NULL: none */
	bool trace;
	const char *trace_what; /* vmm/trace/wish.h; NULL: nothing was said */
	bool quiet;             /* no line for each step */
	const char *guest;      /* file, of --kernel or the first operand; NULL with restore */
	const char *initrd;     /* file; NULL: none */
	const char *params;     /* NULL: none */
	const char *gdb;        /* where gdb connects; NULL: there is none */
	uint64_t history;       /* snapshots for it; 0: none */
	bool again;             /* --reboot=again */
	char *const *command;   /* words after the guest: a command of the test guest, then NULL */
	const char *console;    /* NULL: the machine's default */
	bool json;              /* probe, inspect, diff */
	bool irq_only;          /* diff: interrupts alone */
	bool probe_diff;        /* probe: of two reports */
	const char *core;       /* inspect: file; NULL: none */
	/* Of timeline: */
	const char *output;       /* file; NULL: none */
	const char *irq;          /* a label or type; NULL: all */
	bool text;                /* --text */
	uint64_t from, to, width; /* nanoseconds; pixels; 0: not said */
	char *const *files; /* snapshots: inspect 1, diff 2, check 1 and more; a trace; reports, 2; ctl: its
	                     * words; then NULL */
};

/* The strings belong to argv. -EINVAL for anything that is not understood. */
int options_parse(int argc, char *const argv[], struct options *options, struct error *err);

/* Prints the help that ACTION_HELP asks for: that of the subcommand, or of zpvm if there is none. */
void options_help(const struct options *options, FILE *out);

/*
 * Prints the tables for a shell's completion (doc/completion). A line has five fields, with a tab between
 * two: subcommand, letter, name, argument (as the help has it) and help of an option; a subcommand has a line
 * without an option. "-": none.
 */
void options_table(FILE *out);

#endif
