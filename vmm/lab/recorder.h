/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recorder.h: writes what comes to a VM from outside into a recording, while the VM runs: before each thing a
 * step `at`, which says how far the guest is. Read next: transcript.h, recording.h.
 */
#ifndef VMM_LAB_RECORDER_H
#define VMM_LAB_RECORDER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "transcript.h"
#include "vmm/vm.h"

struct recorder {
	FILE *to;                      /* the recording */
	bool on;                       /* a step is executed in which something may come */
	struct transcript *transcript; /* what the guests print */
	const char *first;             /* is printed once, before what comes next; NULL: nothing */
	bool used;                     /* something has come since recorder_begin() */
	unsigned taken;                /* in the guest's log, at the place before */
};

/* A step begins; on: and something may come in it; first: see above. */
void recorder_begin(struct recorder *rec, bool on, const char *first);

/* Types or asks to shut down, as arch_input() and arch_quiesce() do, and records it. rec NULL: no recording.
 */
int recorder_type(struct recorder *rec, struct vm *vm, const char *console, const uint8_t *bytes, size_t len,
                  struct error *err);
int recorder_quiesce(struct recorder *rec, struct vm *vm, struct error *err);

#endif
