/* SPDX-License-Identifier: BSD-2-Clause */
/* stepping.h: single-stepping in a scenario; shared by run_step.c, run_sweep.c and run_explore.c. */
#ifndef VMM_LAB_STEPPING_H
#define VMM_LAB_STEPPING_H

#include "runner.h"
#include "vmm/debug/single_step.h"

/* Pauses the current VM; *vcpu is this one of it. */
int stepping_vcpu(struct runner *r, unsigned cpu, struct vcpu **vcpu);

/* Steps it, within the time limit of the scenario, and counts its instructions. A vCPU that is asleep or
 * parks is no error. */
int stepping_do(struct runner *r, struct vcpu *vcpu, const struct step_limit *limit,
                struct step_result *result);

/* "vCPU 0 waits for an interrupt after 3 instructions, at 0x11002 (external, I/O)", into text, with what it
 * waits for or has just taken. */
void stepping_text(struct runner *r, struct vcpu *vcpu, const struct step_result *result, char *text,
                   size_t size);

#endif
