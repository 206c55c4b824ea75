/* SPDX-License-Identifier: BSD-2-Clause */
/* settle.h: clears what KVM remembers of a vCPU's past and no call shows. Read next: snapshot/state.c. */
#ifndef ARCH_POWER9_SETTLE_H
#define ARCH_POWER9_SETTLE_H

#include "vmm/types.h"

/*
 * For a restore, with the VM paused and its controller reset, before anything is loaded into that. Both run a
 * few instructions of their own on the vCPU, whatever its state is; registers and RAM are as before, except
 * as said.
 */

/*
 * Lets KVM enter the vCPU once with interrupts off, so that KVM computes anew whether one waits. Else it
 * gives a guest whose interrupts are on an external interrupt that has no source: after XICS was connected,
 * as the saved priority of what waits (PIPR) is the highest then; and after an event that came while the vCPU
 * was out of the guest.
 */
int settle_interrupts(struct vcpu *vcpu, struct error *err);

/* The same, and uses up an H_PROD that KVM remembers: the next H_CEDE would return at once. Changes
 * DEC_EXPIRY and MMCR0. */
int settle(struct vcpu *vcpu, struct error *err);

#endif
