/* SPDX-License-Identifier: BSD-2-Clause */
/* arch_lab.h: what the laboratory needs of the linked architecture (arch/ARCH/lab), besides irq.h. */
#ifndef VMM_LAB_ARCH_LAB_H
#define VMM_LAB_ARCH_LAB_H

#include "irq.h"
#include "vmm/hook.h"
#include "vmm/snapshot/arch_snapshot.h"

/* --- interrupts (inject.c) ---------------------------------------------- */

/*
 * Makes irq pending count times, as its sender would, in one call if KVM takes lists. A negative errno value
 * is KVM's, reported with its arguments; *done interrupts are pending even then, which is exact while all
 * vCPUs are parked.
 */
int arch_inject(struct vm *vm, const struct irq *irq, unsigned count, unsigned *done, struct error *err);

/*
 * The same, once, as another program would do it that knows nothing of what zpvm is doing: any thread may
 * call it, also during a save. Does not wait until KVM has handled a signal.
 */
int arch_inject_unsettled(struct vm *vm, const struct irq *irq, struct error *err);

/* Waits until KVM has handled the signals of irq. Errors: KVM's. */
int arch_settle(struct vm *vm, const struct irq *irq, struct error *err);

/*
 * Whether this host's KVM accepts irq and then never delivers it, while other KVMs do, as tried in a scratch
 * VM. Called only for an interrupt that is neither pending nor taken.
 */
int arch_irq_vanishes(const struct vm *vm, const struct irq *irq, struct error *err);

/*
 * What the controller will do with further interrupts like irq: the first *dropped are dropped by design,
 * there is room for the next *room, and the rest coalesces. Exact while all vCPUs are parked; while one runs
 * there may be more room than that. False: the controller does not show it, and the rule for pending
 * interrupts decides (irq_depth(), irq_merge()).
 */
bool arch_room(struct vm *vm, const struct irq *irq, unsigned *dropped, unsigned *room);

/*
 * How many more of irq are due in a snapshot than arch_state_count() finds: the controller has no trace of
 * them, and vCPUs of the test guest, which is vm's, are about to raise them again.
 */
unsigned arch_held(const struct vm *vm, const struct arch_state *state, const struct irq *irq);

/* Executes op. A negative errno value is KVM's or zpvm's, with the arguments in err. All vCPUs are parked. */
int arch_irqchip(struct vm *vm, const struct irqchip_op *op, struct error *err);

/*
 * The interrupt that a device has raised, as a scenario would name it. False: it leaves no record in the
 * guest's log, so its fate cannot be observed. shared: the test guest's block, or NULL.
 */
bool irq_of_raised(const struct arch_irq *raised, const struct abi_shared *shared, struct irq *irq);

/* The laboratory's functions for the architecture's core, besides hook.h; s390x needs none. */
extern const struct arch_hooks arch_lab_hooks;

/* Whether the test guest ends with this code (vm_hooks.stopped); if so, sets event. */
bool arch_guest_stopped(const struct abi_shared *shared, uint64_t code, struct event *event);

/* --- the rules of the order (rules.c) ------------------------------------ */

/*
 * The reasons for the order (rules.c): each rule can be broken, by --break, to show what it prevents. NULL
 * name: the end. See rule.h.
 */
enum rule_breach {
	RULE_LEAVE_OUT, /* leave out the step */
	RULE_REPEAT,    /* do it twice */
	RULE_BEFORE,    /* do it just before the other one */
	RULE_BEHIND,    /* do it just after the other one */
};
struct state_rule {
	const char *name;
	const char *why;                /* a sentence */
	const struct state_step *steps; /* the table that the rule is about */
	const char *step;
	enum rule_breach breach;
	const char *other; /* the other step; NULL: none */
};
extern const struct state_rule arch_rules[];

#endif
