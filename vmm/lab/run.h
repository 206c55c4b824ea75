/* SPDX-License-Identifier: BSD-2-Clause */
/* run.h: executes a scenario's steps. Read scenario.h first. */
#ifndef VMM_LAB_RUN_H
#define VMM_LAB_RUN_H

#include "scenario.h"
#include "vmm/status.h"
#include "vmm/vm.h"

/* No process ends with it: it is to become another, see struct continuation. */
#define EXIT_CONTINUED 256

/* Where a scenario goes on in a new process. */
struct continuation {
	int fd;        /* a file that holds the snapshot; -1: none */
	unsigned line; /* steps up to this line have been done */
	int input;     /* a file that holds what was read from standard input and not typed; -1: nothing */
};

struct run_config {
	const struct kvm_fd *kvm;
	const struct vm_config *vm;
	const char *guest_name; /* of a file */
	const uint8_t *guest;   /* what is in it: ELF */
	size_t guest_size;
	int misfit; /* the exit status if there can be no such machine: who asked for it */
	const struct state_bytes *restore; /* instead of the guest; NULL: none */
	const char *restore_file;          /* that it comes from */
	unsigned done;                     /* a process before this one did the steps up to this line */
	struct continuation *next;         /* filled in for the next one: EXIT_CONTINUED; NULL: none can be */
	const char *save;                  /* a file for snapshots; NULL: not said */
	int save_signal;                   /* a signalfd that cannot block: now is the time; -1: none */
	uint64_t timeout_ms;
	bool quiet;
	const char *console; /* that input and `type` mean; NULL: the machine's own */
	struct input *input; /* standard input; NULL: it is not the guest's */
};

/* Without a scenario: boot, run to the end. Returns the exit status; err has the reason when it is not 0. */
int run_guest(const struct run_config *config, struct error *err);

/*
 * With one: creates VM "first", boots the guest, does the steps, and accounts
 * for every interrupt. Prints the steps and the account on standard output.
 * Returns the exit status: 0 when every step did what it says and nothing was
 * lost or doubled.
 */
int run_scenario(const struct run_config *config, const struct scenario *scenario, struct error *err);

#endif
