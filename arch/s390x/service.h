/* SPDX-License-Identifier: BSD-2-Clause */
/* service.h: the SCLP in a VM: its calls, its service signal, what is typed. See devices/sclp.h. */
#ifndef ARCH_S390X_SERVICE_H
#define ARCH_S390X_SERVICE_H

#include "devices/sclp.h"
#include "vmm/vm.h"

/* One for each VM, on its bus; it lives until the VM does. NULL on failure. */
struct service *service_create(struct vm *vm, struct error *err);
void service_destroy(struct service *service);

/*
 * SERVICE CALL; the operands have been checked. The condition code is 2 (busy)
 * while the signal of an earlier call is pending: there is one at a time, and
 * KVM drops a second without a word (kvm/interrupt.c, __inject_service).
 */
int service_execute(struct vm *vm, uint32_t command, uint32_t sccb, unsigned *cc, struct error *err);

/* The vCPUs are parked, and nobody types. */
void service_save(const struct vm *vm, struct sclp_state *state);
void service_load(struct vm *vm, const struct sclp_state *state);

#endif
