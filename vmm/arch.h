/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arch.h: THE SEAM. All that generic code asks of an architecture; one
 * arch/<arch>/ directory is linked and answers. Its pure half is irq.h and arch_state.h.
 *
 * A function is here only if both architectures have something true to say.
 */
#ifndef VMM_ARCH_H
#define VMM_ARCH_H

#include <stdio.h>

#include "vmm/snapshot/arch_state.h"
#include "vmm/lab/irq.h"
#include "vmm/tool/probe.h"
#include "vmm/snapshot/snapshot.h"
#include "vm.h"

/* Constants of the architecture. */
extern const struct arch_info {
	const char *name;
	uint16_t elf_machine;
	bool elf_big_endian;
	uint64_t ram_min;   /* bytes */
	uint64_t ram_align; /* of its size and its host address */
	uint64_t ram_default;
	unsigned long vm_type; /* KVM_CREATE_VM's argument */
	const char *vm_remedy; /* when KVM_CREATE_VM fails */
	const struct kvm_need *needs;
} arch_info;

/* --- making a machine (machine.c) ------------------------------------- */

/*
 * Which interrupt controller a VM gets whose configuration says word (NULL or
 * "auto": the best that this host has): *name, static. -EINVAL for a word that
 * means none here, -EOPNOTSUPP for what this host's KVM lacks. 0, and a sentence in err: why it is not the
 * best that the machine could have.
 */
int arch_choose_irqchip(const struct kvm_fd *kvm, const char *word, const char **name, struct error *err);

/*
 * After KVM_CREATE_VM and RAM, before any vCPU: VM-wide capabilities and
 * modes, the devices and their wiring, the irqchip. arch_machine_destroy()
 * undoes as much of it as was done; it is called after the vCPUs are gone.
 */
int arch_machine_create(struct vm *vm, struct error *err);
void arch_machine_destroy(struct vm *vm);

/* After KVM_CREATE_VCPU: connects it to the irqchip, resets it. */
int arch_vcpu_create(struct vcpu *vcpu, struct error *err);

/* vCPU 0 to the guest's entry, with what the architecture's boot protocol wants in memory. */
int arch_boot(struct vm *vm, const struct elf_image *image, struct error *err);

/*
 * Interrupt controller and vCPU-local interrupts back to those of a machine
 * just created, for a restore into a VM that has run. All vCPUs are parked.
 */
int arch_irq_reset(struct vm *vm, struct error *err);

/* --- running (exits.c) ------------------------------------------------ */

/* KVM_RUN returned 0: handle the exit. Sets event when the vCPU is to park, leaves it alone to run on. */
void arch_exit(struct vcpu *vcpu, struct event *event);

/* What exits the trace and messages speak of: "PAPR_HCALL 0x58", into text. */
void arch_exit_text(const struct vcpu *vcpu, char *text, size_t size);

/* Register dump for a person. The vCPU is parked. */
void arch_dump(struct vcpu *vcpu, FILE *out);

/*
 * Types len bytes at a console; NULL: the machine's own. Returns how many it had room for (0: try later),
 * -EINVAL when there is no such console, or KVM's error. Any thread may, but during a save or a restore.
 */
int arch_input(struct vm *vm, const char *console, const uint8_t *bytes, size_t len, struct error *err);

/* Asks the guest to shut down, as an operator would; as arch_input(). -EOPNOTSUPP: it would not hear. */
int arch_quiesce(struct vm *vm, struct error *err);

/*
 * Does op to the vCPU, whatever it does, as another vCPU or an operator would;
 * address: of its status, or CPU_OP_NOWHERE for the architecture's place.
 * -EBUSY: an earlier one is under way; -EINVAL:
 * not in this state; -EFAULT: no memory there; -EOPNOTSUPP: the architecture
 * has no such thing.
 */
int arch_cpu(struct vcpu *vcpu, enum cpu_op op, uint64_t address, struct error *err);

/* --- the guest's clock (clock.c) -------------------------------------- */

/* What it says now; `wall` is left alone. All vCPUs are parked. */
int arch_clock_get(struct vm *vm, struct clock_reading *now, struct error *err);

/* It says what it said then, and so many nanoseconds more: never less. All vCPUs are parked. */
int arch_clock_set(struct vm *vm, const struct clock_reading *then, uint64_t ns, struct error *err);

/* --- interrupts (flic.c, xive.c) -------------------------------------- */

/*
 * Makes irq pending, as its sender would, count times: in one call, where KVM takes lists. A negative errno
 * value is KVM's, told with its arguments; *done of them went in all the same, which is exact while all vCPUs
 * are parked.
 */
int arch_inject(struct vm *vm, const struct irq *irq, unsigned count, unsigned *done, struct error *err);

/*
 * Whether this host's KVM takes irq and then never delivers it, as others do: found by what it does in a
 * scratch VM. Asked only of one that is neither pending nor taken.
 */
int arch_irq_vanishes(const struct vm *vm, const struct irq *irq, struct error *err);

/*
 * What the controller will do with more of irq: so many are dropped first, by design, then there is room for
 * so many, and the rest coalesces. Exact while all vCPUs are parked; one that runs can only make more room.
 * False: the controller does not say, and the rule for what is pending decides (irq_depth(), irq_merge()).
 */
bool arch_room(struct vm *vm, const struct irq *irq, unsigned *dropped, unsigned *room);

/* Does op. A negative errno value is KVM's or ours, told with its arguments. All vCPUs are parked. */
int arch_irqchip(struct vm *vm, const struct irqchip_op *op, struct error *err);

/* --- the state of a machine (state.c) --------------------------------- */

/*
 * Whether the VM can become this: asked before anything in it is changed. A
 * negative errno value when it has, or lacks, what KVM cannot take away or give.
 */
int arch_state_fits(const struct vm *vm, const struct arch_state *state, enum snap_kind kind,
                    struct error *err);

/*
 * The order of a save and of a restore, as data. A step reads the VM into the
 * state (or RAM into the snapshot), or applies them. All vCPUs are parked.
 * NULL name: the end.
 */
enum {
	STATE_IRQ = 1,  /* interrupt state: also in a snapshot of that alone */
	STATE_REST = 2, /* anything else */
	STATE_KEPT = 4, /* not interrupt state, but arch_irq_reset() takes it */
	STATE_ALWAYS =
		8, /* even when an earlier step failed: gives back what a save took from the running VM */
	STATE_USED = 16, /* of a restore: only into a VM that has run */
};
struct state_step {
	const char *name;
	int (*run)(struct vm *vm, struct arch_state *state, struct error *err);
	unsigned flags;
};
/* Instead of a function: here the RAM is read or written, which is the same everywhere. */
#define STATE_STEP_RAM NULL
extern const struct state_step arch_save_steps[];
extern const struct state_step arch_load_steps[];
/* The part of a save that says what is pending, and changes nothing. */
extern const struct state_step arch_look_steps[];

/*
 * What the order is for (rules.c): each rule can be broken, by --break, to see
 * what it prevents. NULL name: the end. See rule.h.
 */
enum rule_breach {
	RULE_LEAVE_OUT, /* the step */
	RULE_REPEAT,    /* do it twice */
	RULE_BEFORE,    /* do it just before the other one */
	RULE_BEHIND,    /* just behind it */
};
struct state_rule {
	const char *name;
	const char *why;                /* a sentence */
	const struct state_step *steps; /* the table it is a rule of */
	const char *step;
	enum rule_breach breach;
	const char *other; /* NULL when there is none */
};
extern const struct state_rule arch_rules[];

/* --- zpvm probe (probe.c) --------------------------------------------- */

/* What the architecture has beyond the capabilities that both have. */
extern const struct probe_cap arch_probe_caps[];

/*
 * Reports the interrupt controllers' attributes, then limits, as tried in vm:
 * a scratch VM of probe_vm(), used for nothing else. What cannot be made is
 * reported as such. Everything made here is closed on return.
 */
void arch_probe(const struct kvm_fd *kvm, const struct kvm_fd *vm, struct reporter *r);

#endif
