/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm.h: the life of a VM: create, boot, run, pause, destroy. A process may have any number
 * of VMs; there are no globals.
 *
 * Threads. Each vCPU has one, which alone calls KVM_RUN (vcpu.h); a machine that has work of its own has one
 * more (worker.h). All other functions here belong to the VM's controller (one thread), unless they say
 * otherwise.
 */
#ifndef VMM_VM_H
#define VMM_VM_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "types.h"
#include "vcpu.h"

/*
 * A VM with RAM, devices, irqchip and vCPUs, all parked and offline, vCPU
 * registers as after a reset. kvm is from kvm_open() and must outlive it.
 * On failure nothing is left. -ERANGE: no host could make that machine, or this one's KVM has not so many
 * vCPUs.
 */
int vm_create(struct vm *vm, const struct kvm_fd *kvm, const struct vm_config *config, struct error *err);

/* For what creates a VM's many parts: -ETIMEDOUT when the time for it is up. */
int vm_in_time(const struct vm *vm, const char *parts, struct error *err);

/* Stops the vCPU threads first, whatever they do. */
void vm_destroy(struct vm *vm);

/* Tells KVM of the RAM, with these flags (KVM_MEM_*). Errors: KVM's. */
int vm_map_ram(struct vm *vm, uint32_t flags, struct error *err);

/* Loads the guest, an ELF file, and makes vCPU 0 ready to enter it. -ENOEXEC as elf_load(). */
int vm_boot(struct vm *vm, const uint8_t *file, size_t size, struct error *err);

/*
 * Lets every vCPU run that is PARKED or WAITING; the guest's clock goes on as the policy says. If KVM does
 * not let it, none runs, and vCPU 0 has ended with an EVENT_ERROR.
 */
void vm_resume(struct vm *vm);

/*
 * Stops the world: returns when every vCPU is parked and its last exit is complete, whatever it was doing,
 * every other thread has left, and the guest's clock has been read. -ETIMEDOUT if one does not within ten
 * seconds (a bug in KVM or here).
 */
int vm_pause(struct vm *vm, struct error *err);

/*
 * For any other thread, before it writes guest memory or makes an interrupt pending: false while the world is
 * stopped. A pause waits until it has left, so it does neither for long.
 */
bool vm_enter(struct vm *vm);
void vm_leave(struct vm *vm);

/*
 * Waits until vCPU cpu (VCPU_ALL: every vCPU that runs) has parked, or
 * any vCPU has ended the VM, crashed or failed, or timeout_ms have passed
 * (-ETIMEDOUT). *which is the vCPU that ended the wait, else 0. Once every vCPU
 * is offline or waits for another one the VM has ended: EVENT_WAIT of one of
 * them has become EVENT_STOP (value 0) or EVENT_CRASH.
 */
int vm_wait(struct vm *vm, unsigned cpu, uint64_t timeout_ms, unsigned *which);

/* What a vCPU stopped for; EVENT_NONE while it runs. */
void vm_event(struct vm *vm, unsigned cpu, struct event *event);

/* Whether any vCPU runs. */
bool vm_running(struct vm *vm);

/* Whether the vCPU runs and its guest waits for an interrupt: an enabled wait (s390x), H_CEDE (POWER9). */
bool vm_vcpu_asleep(struct vm *vm, unsigned cpu);

/* The state of a vCPU, as it is at this moment. */
enum vcpu_state vm_vcpu_state(struct vm *vm, unsigned cpu);

/* Ends the VM for a reason that none of its vCPUs has found: as if this one had. All are parked. */
void vm_end(struct vm *vm, unsigned cpu, const struct event *why);

#endif
