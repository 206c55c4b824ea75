/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * merge.c: what KVM makes of interrupts that meet: one of two, or two of one.
 * Pure. Source: the kernel's arch/s390/kvm/interrupt.c; each has a scenario.
 */
#include "irq.h"

#define PGM_PER 0x80 /* program event recording, in a program-interruption code */

unsigned irq_parts(const struct irq *irq, struct irq parts[IRQ_PARTS])
{
	unsigned event = irq->parm & S390_SERVICE_SCCB ? 1 : 0;

	parts[0] = parts[1] = *irq;
	if (irq->code != KIND_SERVICE || !(irq->parm & S390_SERVICE_EVENT))
		return 1;
	/*
	 * KVM delivers the event by itself; then the SCCB, even if there is none, but that a later KVM leaves
	 * out (arch_irq_vanishes).
	 */
	parts[event].parm = S390_SERVICE_EVENT;
	parts[!event].parm = irq->parm & S390_SERVICE_SCCB;
	for (unsigned i = 0; i < 2; i++)
		irq_set_record(&parts[i]);
	return 2;
}

/* Codes are OR-ed together, of a local one the damage code too; the address is the last one's. */
static void merge_mchk(const struct irq *held, struct irq *left)
{
	bool floating = left->cpu == IRQ_ANY_CPU;

	left->number |= held->number;
	left->parm |= held->parm;
	left->parm2 |= held->parm2;
	if (floating) {
		left->number = 0;
		left->extra[MCHK_FAILING_STORAGE] = 0;
	}
	irq_set_record(left);
}

static void copy_per(struct irq *to, const struct irq *from)
{
	to->extra[PGM_PER_ADDRESS] = from->extra[PGM_PER_ADDRESS];
	to->extra[PGM_PER_CODE] = from->extra[PGM_PER_CODE];
	to->extra[PGM_PER_ATMID] = from->extra[PGM_PER_ATMID];
	to->extra[PGM_PER_ACCESS] = from->extra[PGM_PER_ACCESS];
}

/* A PER event is added to what is pending; another condition replaces the last one, and leaves a PER event.
 */
static void merge_program(const struct irq *held, const struct irq *more, struct irq *left)
{
	if (more->number == PGM_PER) {
		*left = *held;
		left->extra[PGM_FLAGS] = more->extra[PGM_FLAGS];
		left->number |= PGM_PER;
		copy_per(left, more);
	} else if (!(more->number & PGM_PER) && held->number & PGM_PER) {
		left->number |= PGM_PER;
		copy_per(left, held);
	}
	irq_set_record(left);
}

bool irq_merge(const struct irq *held, const struct irq *more, struct irq *left)
{
	if (held->code != more->code || held->cpu != more->cpu)
		return false;
	*left = *more;
	switch (more->code) {
	case KIND_MCHK: merge_mchk(held, left); return true;
	case KIND_PROGRAM: merge_program(held, more, left); return true;
	case KIND_PFAULT_INIT: return true;
	case KIND_SERVICE:
		/* Of SCCBs the first stays; events are apart. */
		if (held->parm == S390_SERVICE_EVENT || more->parm == S390_SERVICE_EVENT)
			return false;
		if (held->parm)
			*left = *held;
		return true;
	default: return false;
	}
}

/* A vCPU that takes a machine check of its own takes the floating ones with it. */
bool irq_taken_with(const struct irq *irq, const struct irq *with, struct irq *both)
{
	if (irq->code != KIND_MCHK || with->code != KIND_MCHK || irq->cpu == IRQ_ANY_CPU ||
	    with->cpu != IRQ_ANY_CPU)
		return false;
	*both = *irq;
	both->parm |= with->parm;
	both->parm2 |= with->parm2;
	irq_set_record(both);
	return true;
}
