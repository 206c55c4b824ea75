/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * irq.h: the pure half of the seam: one interrupt in neutral form, as a scenario names it and as the guest's
 * log shows it. arch/ARCH/lab, which knows the kinds, implements the functions (irq.c, merge.c, irqop.c).
 */
#ifndef VMM_LAB_IRQ_H
#define VMM_LAB_IRQ_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "vmm/error.h"
#include "guest/abi.h"

/* key=value or a bare word of a scenario line. */
struct word {
	const char *key;  /* NULL: bare */
	const char *text; /* never NULL */
};

#define IRQ_ANY_CPU UINT16_MAX
#define IRQ_EXTRA   9
#define IRQ_KIND    16 /* bytes, with the NUL */

struct irq {
	char kind[IRQ_KIND]; /* the scenario's word */
	unsigned code;       /* the architecture's number for the kind */
	uint16_t cpu;        /* the vCPU it goes to; IRQ_ANY_CPU: floating, or wherever it is routed */
	uint32_t number;     /* as in struct abi_record, or what the kind needs to be injected */
	uint64_t parm;
	uint64_t parm2;
	uint64_t extra[IRQ_EXTRA]; /* further arguments for the injection, by kind */
	/* The record it leaves when it is taken; cpu and seq are not used. kind 0: none, and it is not
	 * in no ledger. */
	struct abi_record want;
	/* The sender knows that nothing is pending that it could merge with, though the guest may not have
	 * logged the last one yet. This holds for the first of its parts. */
	bool apart;
	bool legacy;     /* s390x: to be sent by KVM_S390_INTERRUPT, the call that came before the others */
	bool suppressed; /* its sender expects that, by the interface's rule, it never becomes pending */
};

/*
 * Reads "KIND key=value ..." (words[0] is the kind). -EINVAL names the wrong word and the words allowed
 * there.
 */
int irq_parse(const struct word *words, unsigned count, struct irq *irq, struct error *err);

/* The words for the kinds, by number; NULL: there is no such number. */
const char *irq_kind_name(unsigned number);

/* Whether they are the same interrupt (ledger.c). */
bool irq_equal(const struct irq *a, const struct irq *b);

/* The labels of the interrupts of `guest timer`, which each vCPU has; nothing else may have these labels. */
static inline bool irq_is_timer(const char *label)
{
	return !strcmp(label, "timer") || !strcmp(label, "cpu-timer");
}

/* The interrupt that ABI_CMD_TIMER of this type (ABI_TIMER_*) causes on a vCPU; its kind is its label. */
struct irq irq_of_timer(uint64_t type, uint16_t cpu);

/*
 * How many interrupts a command of the guest (ABI_CMD_*) causes when it is given to vCPU cpu; if any, *irq
 * equals each of them, and *label is their label, or NULL.
 */
uint64_t irq_of_command(uint32_t command, const uint64_t arg[ABI_ARGS], uint16_t cpu, struct irq *irq,
                        const char **label);

/* Whether the record shows that this interrupt was taken. */
bool irq_matches(const struct irq *irq, const struct abi_record *record);

/* How many of it can be pending at once; one more coalesces with them, by the architecture's rule. */
unsigned irq_depth(const struct irq *irq);

/*
 * The deliveries that an injection causes, each an interrupt of its own in the ledger: one or two. A label
 * refers to the first.
 */
#define IRQ_PARTS 2
unsigned irq_parts(const struct irq *irq, struct irq parts[IRQ_PARTS]);

/*
 * Whether `more`, when `held` is pending already, merges with it, replaces it or is dropped; *left is what is
 * then pending. The two are not equal.
 */
bool irq_merge(const struct irq *held, const struct irq *more, struct irq *left);

/* Whether the guest takes `irq` and `with` in one record, *both, though each was pending by itself. */
bool irq_taken_with(const struct irq *irq, const struct irq *with, struct irq *both);

/* An operation on the interrupt controller itself, or on its pending interrupts. */
struct irqchip_op {
	const char *name; /* the scenario's word, static */
	unsigned code;    /* the architecture's number for it */
	bool drops;       /* it may drop pending interrupts, by design */
	uint64_t arg[6];
};

/* Reads "OPERATION key=value ..."; see irq_parse(). */
int irqchip_parse(const struct word *words, unsigned count, struct irqchip_op *op, struct error *err);

/* Writes the record into text: "io 00010000 parm cafe0001". */
void irq_record_text(const struct abi_record *record, char *text, unsigned size);

/* --- in a decoded state (count.c) ---------------------------------------- */

struct arch_state;

/* How many of this interrupt are pending in the state. */
unsigned arch_state_count(const struct arch_state *state, const struct irq *irq);

/* How many of these may not be real: taken without an EOI, or signals that may cause no interrupt. */
unsigned arch_state_unsure(const struct arch_state *state, const struct irq *irq);

/*
 * A timer of the guest is in its vCPU's registers, and is not counted. The state comes from a look
 * (arch_look_steps). within: the timer was set to expire this many microseconds later, or earlier.
 */
enum timer_state {
	TIMER_NONE,  /* this is another kind of interrupt */
	TIMER_OFF,   /* it will not expire within that time */
	TIMER_ARMED, /* it will */
	TIMER_DUE,   /* it has expired: the vCPU takes it when it can */
};
enum timer_state arch_state_timer(const struct arch_state *state, const struct irq *irq, uint64_t within);

#define TIMER_SLACK                                                                             \
	1000000 /* possible error of a clock in microseconds, after a restore or in an emulator \
	         */

/*
 * For scenarios that change a snapshot: makes one such interrupt pending, or removes one. -EEXIST if it would
 * merge with one that is pending; -ENOENT; -EOPNOTSUPP for an interrupt that only a guest can make pending.
 */
int arch_state_add(struct arch_state *state, const struct irq *irq, struct error *err);
int arch_state_drop(struct arch_state *state, const struct irq *irq, struct error *err);

#endif
