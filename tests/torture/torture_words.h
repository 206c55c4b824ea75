/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * torture_words.h: the seam of torture: the words that an architecture
 * has for random programs, and the little that must be known of each, so that
 * a program is legal and its account exact. Pure; arch/ARCH/torture.c has them.
 */
#ifndef TESTS_TORTURE_TORTURE_WORDS_H
#define TESTS_TORTURE_TORTURE_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "prng.h"

#define TORTURE_CPUS   8 /* as many as the test guest starts */
#define TORTURE_GROUPS 128
#define TORTURE_IRQS   160
#define TORTURE_SENDS  64
#define TORTURE_WAKES  2

/*
 * Interrupts that may meet: one of them that is pending can merge with, replace
 * or refuse another one of its group, and nothing else. What merges depends
 * on what is pending, which cannot be known of a vCPU that is just taking it.
 */
struct torture_group {
	uint8_t cpus;    /* a bit for each vCPU that may take them */
	uint8_t depth;   /* so many can be pending before they merge; 0: any number */
	bool refuses;    /* ... instead of merging, KVM refuses one more */
	bool maskable;   /* torture_mask() may close it */
	bool unmasked;   /* nothing closes it: taken as soon as the vCPU runs */
	bool unseen;     /* it leaves no record: nothing to be exact about */
	uint8_t kept;    /* irqfds: signals that one that is off keeps apart from each other; else 0 */
	uint32_t gsi;    /* with kept */
	char setup[160]; /* lines that must come first */
	char before[64]; /* a line that comes before each injection and each `irqchip irqfd`; or empty */
};

struct torture_irq {
	uint8_t group;
	char text[96]; /* behind `inject` */
	char name[24]; /* a label, or empty: of what may merge with others the ledger makes their own */
};

/* A guest's command that makes an interrupt. */
struct torture_send {
	uint8_t group;
	uint8_t from;   /* a bit for each vCPU that can do it */
	char name[96];  /* a line that must come before it, once; or empty */
	char due[96];   /* a line just before it, which says that it is due; or empty */
	char guest[64]; /* behind `guest` */
};

struct torture_words {
	char head[32]; /* lines before the first step */
	struct torture_group groups[TORTURE_GROUPS];
	unsigned group_count;
	struct torture_irq irqs[TORTURE_IRQS];
	unsigned irq_count;
	struct torture_send sends[TORTURE_SENDS];
	unsigned send_count;
	/* What wakes a vCPU from its loop or sleep: behind `inject`, one for each time that it must be taken.
	 * Nothing else is of that group. */
	char wake[TORTURE_CPUS][TORTURE_WAKES][64];
	uint8_t wake_group[TORTURE_CPUS];
	char begin[64];     /* behind `guest`: what a vCPU does first in each of its lives; or empty */
	unsigned timers;    /* that a vCPU has; the second is type=cpu */
	bool stop_injected; /* `inject stop` is there */
	/* The architecture's own. */
	unsigned adapters; /* the group of the first one; 0: none */
	bool xics;
};

/* For the architectures: one more group; one more interrupt of the last group, by what is behind `inject`. */
struct torture_group *torture_add_group(struct torture_words *w, unsigned cpus, unsigned depth);
struct torture_irq *torture_add_irq(struct torture_words *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* How much a mask closes. */
enum torture_masked { MASKED_NONE, MASKED_SOME, MASKED_ALL };

/* The words for so many vCPUs; irqchip is the model's word or NULL. The same random numbers, the same words.
 */
void arch_torture_words(struct torture_words *w, unsigned cpus, const char *irqchip, struct prng *r);

/*
 * Behind `guest`: a command that opens or closes some of what can be masked,
 * into text. MASKED_NONE when only_open. MASKED_SOME: what is maskable may be
 * closed; MASKED_ALL: everything is, but what is unmasked.
 */
enum torture_masked arch_torture_mask(const struct torture_words *w, bool only_open, struct prng *r,
                                      char *text, unsigned size);

/* Behind `irqchip`: an operation that is legal at any time when *group is prepared; false when there is none.
 */
bool arch_torture_operation(const struct torture_words *w, struct prng *r, char *text, unsigned size,
                            unsigned *group);

#endif
