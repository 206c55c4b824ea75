/* SPDX-License-Identifier: BSD-2-Clause */
/* service.h: the SCLP in a VM: its calls, its service signal, its input. See devices/sclp/sclp.h. */
#ifndef ARCH_S390X_SERVICE_H
#define ARCH_S390X_SERVICE_H

#include "devices/sclp/sclp.h"
#include "instruction.h"
#include "vmm/device.h"
#include "vmm/types.h"

extern const struct device_ops sclp_device;

/*
 * SERVICE CALL. A guest may call again before it has taken the signal of its last call: KVM splits a signal
 * that also announces an event in two, and a guest that takes the first for the completion must not be told
 * "busy" then. Signals are not lost: see sclp_state, waiting. Only when that is full the answer is condition
 * code 2.
 */
instruction_fn service_call;

/* For code that makes a service signal pending by other means: only the holder of the lock makes any. */
pthread_mutex_t *service_lock(struct vm *vm);

/* As a subsystem reset: the guest listens for no event, nothing waits to be read or signalled. */
void service_reset(struct vm *vm);

#endif
