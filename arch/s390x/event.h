/* SPDX-License-Identifier: BSD-2-Clause */
/* event.h: finds out how this host's KVM delivers an event's service signal. */
#ifndef ARCH_S390X_EVENT_H
#define ARCH_S390X_EVENT_H

#include "vmm/kvm.h"

/* The most interruptions that follow one signal. */
#define EVENT_SIGNALS 2

/*
 * Signals an event (parameter 1) to a scratch VM and lets its vCPU take the interruptions. Returns their
 * number, with their parameters, or a negative errno value.
 */
int event_try(const struct kvm_fd *kvm, uint32_t parm[EVENT_SIGNALS], struct error *err);

#endif
