/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm.h: the life of a VM: create, boot, run, pause, destroy. A process may have any number of VMs; there are
 * no globals.
 *
 * Threads: each vCPU has one, which alone calls KVM_RUN (vcpu.h); a machine with work of its own has one more
 * (worker.h), and so has one whose devices wait for file descriptors (iothread.h). The functions here are
 * called only by the VM's controller (one thread), unless their comments say otherwise.
 */
#ifndef VMM_VM_H
#define VMM_VM_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "image.h"
#include "types.h"
#include "vcpu.h"

/*
 * Creates a VM with RAM, devices, irqchip and vCPUs; all vCPUs are parked and offline, their registers as
 * after a reset. kvm is from kvm_open() and must outlive the VM. On failure nothing is left. -ERANGE: no host
 * could create that machine, or this host's KVM does not support so many vCPUs.
 */
int vm_create(struct vm *vm, const struct kvm_fd *kvm, const struct vm_config *config, struct error *err);

/* For functions that create many parts of a VM: -ETIMEDOUT when the time limit has passed. */
int vm_in_time(const struct vm *vm, const char *parts, struct error *err);

/*
 * Makes the next of the vCPUs that vm_create() has left out, while the others run, if they do. -ENOSPC: there
 * are all of them.
 */
int vm_add_vcpu(struct vm *vm, struct error *err);

/* Stops the vCPU threads first, in whatever state they are. */
void vm_destroy(struct vm *vm);

/* Registers the RAM with KVM, with these flags (KVM_MEM_*). Errors: KVM's. */
int vm_map_ram(struct vm *vm, uint32_t flags, struct error *err);

/* Loads the guest and makes vCPU 0 ready to enter it. Errors: image_load()'s and arch_boot()'s. */
int vm_boot(struct vm *vm, const struct boot *boot, struct error *err);

/*
 * Lets every vCPU run that is PARKED or WAITING; the guest's clock is set as the policy says. If KVM refuses
 * that, no vCPU runs, and vCPU 0 has ended with an EVENT_ERROR.
 */
void vm_resume(struct vm *vm);

/*
 * Pauses the VM: returns when every vCPU is parked and its last exit is complete, whatever it was doing,
 * every other thread has left, and the guest's clock has been read. -ETIMEDOUT if a thread takes longer than
 * ten seconds (a bug in KVM or here).
 */
int vm_pause(struct vm *vm, struct error *err);

/*
 * For any other thread, before it writes guest memory or makes an interrupt pending: false while the VM is
 * paused. A pause waits until the thread has left, so it must not stay long.
 */
bool vm_enter(struct vm *vm);
void vm_leave(struct vm *vm);

/*
 * Waits until vCPU cpu (VCPU_ALL: every vCPU that runs) has parked, or any vCPU has ended the VM, crashed,
 * failed or come to a breakpoint, or timeout_ms have passed (-ETIMEDOUT). *which is the vCPU that ended the
 * wait, else 0. When every vCPU is offline or waits for another one, the VM has ended: the EVENT_WAIT of one
 * of them has become EVENT_STOP (value 0) or EVENT_CRASH.
 */
int vm_wait(struct vm *vm, unsigned cpu, uint64_t timeout_ms, unsigned *which);

/* Why a vCPU stopped; EVENT_NONE while it runs. */
void vm_event(struct vm *vm, unsigned cpu, struct event *event);

/* Whether any vCPU runs. */
bool vm_running(struct vm *vm);

/* Whether the vCPU runs and its guest waits for an interrupt: an enabled wait (s390x), H_CEDE (POWER9). */
bool vm_vcpu_asleep(struct vm *vm, unsigned cpu);

/* The current state of a vCPU. */
enum vcpu_state vm_vcpu_state(struct vm *vm, unsigned cpu);

/* Ends the VM as if this vCPU had found the reason, which came from elsewhere. All vCPUs are parked. */
void vm_end(struct vm *vm, unsigned cpu, const struct event *why);

#endif
