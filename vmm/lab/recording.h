/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recording.h: what a run has done, as a scenario that does it again. Behind each step stands a step `mark`
 * with what the VM was like then, and before each that steps a vCPU `clock-at` with the guest's clock. A
 * recording is a text: it can be compared, cut and edited. Where a VM has done nothing but step since it was
 * restored, the marks have its vCPUs' addresses, and sums of its RAM and of all other state; elsewhere two
 * runs are equal in what the guest has taken, no more, and the marks have that alone. A step that fails is
 * the last one, without a mark.
 */
#ifndef VMM_LAB_RECORDING_H
#define VMM_LAB_RECORDING_H

#include <stdio.h>

#include "runner.h"

/*
 * Begins the recording of a run, or continues it in a new process. Errors: why the file cannot be written.
 */
int recording_open(struct runner *r);

/* Whether the guest's RAM is compared with that of another run: nothing may write there besides. */
bool recording_is_exact(const struct runner *r);

/*
 * Records what must be known before the step is executed, and afterwards the step, whose result is rc.
 * Nothing without a recording. recording_after() returns rc, or its own error.
 */
int recording_before(struct runner *r, const struct step *s);
int recording_after(struct runner *r, const struct step *s, int rc);

/* rc: how the run ended; the recording is complete. Returns rc, or why the file could not be written. */
int recording_close(struct runner *r, int rc);

#endif
