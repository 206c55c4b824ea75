/* SPDX-License-Identifier: BSD-2-Clause */
/* arch_lab.h: what the laboratory asks of the architecture that is linked, besides irq.h: arch/ARCH/lab. */
#ifndef VMM_LAB_ARCH_LAB_H
#define VMM_LAB_ARCH_LAB_H

#include "irq.h"
#include "vmm/hook.h"
#include "vmm/snapshot/arch_snapshot.h"

/* --- interrupts (inject.c) ---------------------------------------------- */

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

/*
 * The interrupt that a device has raised, as a scenario would name it. False: it leaves no record in the
 * guest's log, so nobody could account for it. shared: the test guest's block, or NULL.
 */
bool irq_of_raised(const struct arch_irq *raised, const struct abi_shared *shared, struct irq *irq);

/* What the architecture's core asks the laboratory besides hook.h; s390x asks nothing. */
extern const struct arch_hooks arch_lab_hooks;

/* Whether the test guest ends with this code (vm_hooks.stopped), and how: into event. */
bool arch_guest_stopped(const struct abi_shared *shared, uint64_t code, struct event *event);

/* --- the rules of the order (rules.c) ------------------------------------ */

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

#endif
