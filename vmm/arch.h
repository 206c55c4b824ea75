/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arch.h: THE SEAM. All that the core needs of an architecture; the arch/ARCH/ folder that is linked provides
 * it. The needs of the other layers are in snapshot/arch_snapshot.h, lab/arch_lab.h and tool/arch_probe.h.
 *
 * A function is here only if it has a meaning on both architectures.
 */
#ifndef VMM_ARCH_H
#define VMM_ARCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cpu_op.h"
#include "image.h"
#include "kvm.h"

struct clock_reading;
struct event;
struct vcpu;
struct virtio_device;
struct vm;

/* Constants of the architecture. */
extern const struct arch_info {
	const char *name;
	struct image_machine images; /* what it boots */
	uint64_t ram_min;            /* bytes */
	uint64_t ram_align;          /* of the RAM's size and its host address */
	uint64_t ram_default;
	unsigned long vm_type; /* KVM_CREATE_VM's argument */
	const char *vm_remedy; /* when KVM_CREATE_VM fails */
	const struct kvm_need *needs;
} arch_info;

/* --- making a machine (machine.c, irqchip.c) -------------------------- */

/*
 * Sets *name (static) to the interrupt controller of a VM whose configuration says word (NULL or "auto": the
 * best that this host has). -EINVAL for an unknown word, -EOPNOTSUPP for a controller that this host's KVM
 * lacks. 0 with a sentence in err: the reason why it is not the best controller of this architecture.
 */
int arch_choose_irqchip(const struct kvm_fd *kvm, const char *word, const char **name, struct error *err);

/*
 * KVM has refused a new VM's RAM with rc, as err says: returns rc, or another error with a sentence in err
 * if the architecture knows the reason (-EOPNOTSUPP: this host's KVM gives RAM to no VM).
 */
int arch_ram_refused(const struct vm *vm, int rc, struct error *err);

/*
 * After KVM_CREATE_VM and RAM, before any vCPU: VM-wide capabilities and
 * modes, the devices and their wiring, the irqchip. arch_machine_destroy()
 * undoes as much of it as was done; it is called after the vCPUs are gone.
 */
int arch_machine_create(struct vm *vm, struct error *err);
void arch_machine_destroy(struct vm *vm);

/*
 * Connects an open virtio device to the machine's transport: virtio-ccw (s390x), virtio-pci (power9). The
 * first device comes first in the guest. -ENOSPC: the machine has no room for more.
 */
int arch_virtio_connect(struct vm *vm, struct virtio_device *dev, struct error *err);

/* After KVM_CREATE_VCPU: connects it to the irqchip, resets it. */
int arch_vcpu_create(struct vcpu *vcpu, struct error *err);

/*
 * The guest has been loaded: puts into memory what the boot protocol requires, with its initial RAM disk and
 * its parameters, and sets vCPU 0 to its entry. -ENOEXEC: there is no room, or the guest takes no parameters.
 */
int arch_boot(struct vm *vm, const struct image *image, const struct boot *boot, struct error *err);

/*
 * Resets the interrupt controller and the vCPUs' local interrupts to those of a machine just created, for a
 * restore into a VM that has run. All vCPUs are parked.
 */
int arch_irq_reset(struct vm *vm, struct error *err);

/* --- running ----------------------------------------------------------- */

/* KVM_RUN returned 0: handles the exit. Sets event if the vCPU must park, else leaves it unchanged. */
void arch_exit(struct vcpu *vcpu, struct event *event);

/* What the trace calls the exit that is to be handled: an instruction ("SERVC"), a hypercall ("H_INT_ESB").
 */
const char *arch_exit_name(const struct vcpu *vcpu);

/* Prints the registers, for a human reader. The vCPU is parked. */
void arch_dump(struct vcpu *vcpu, FILE *out);

/*
 * Types len bytes at a console; NULL: the machine's default. Returns how many bytes it had room for (0: try
 * later), -EINVAL if there is no such console, or KVM's error. Any thread may call it, but not during a save
 * or a restore.
 */
int arch_input(struct vm *vm, const char *console, const uint8_t *bytes, size_t len, struct error *err);

/* Asks the guest to shut down, as an operator would; see arch_input(). -EOPNOTSUPP: it does not listen. */
int arch_quiesce(struct vm *vm, struct error *err);

/*
 * Does op to the vCPU, in whatever state it is, as another vCPU or an operator would. address is where to
 * store the status, or CPU_OP_NOWHERE for the architected location. -EBUSY: an earlier operation is in
 * progress; -EINVAL: not in this state; -EFAULT: no memory there; -EOPNOTSUPP: the architecture has no such
 * operation.
 */
int arch_cpu(struct vcpu *vcpu, enum cpu_op op, uint64_t address, struct error *err);

/* --- the guest's clock (clock.c) -------------------------------------- */

/* Reads the clock; `wall` is unchanged. All vCPUs are parked. */
int arch_clock_get(struct vm *vm, struct clock_reading *now, struct error *err);

/* Sets the clock to the reading plus ns nanoseconds or later, never earlier. All vCPUs are parked. */
int arch_clock_set(struct vm *vm, const struct clock_reading *then, uint64_t ns, struct error *err);

#endif
