/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pending.h: the answer to "what is pending where, and can it be delivered, or why not": a list that an
 * architecture makes of a machine's state (arch/ARCH/snapshot/deliverable.c). It is printed for people, or as
 * JSON. Pure.
 */
#ifndef VMM_SNAPSHOT_PENDING_H
#define VMM_SNAPSHOT_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "json.h"

#define PENDING_MEMBERS  12
#define PENDING_FLOATING UINT32_MAX /* in place of a vCPU */

enum verdict {
	PENDING_UNKNOWN, /* the registers that decide it are not in the snapshot */
	PENDING_HELD,    /* it is not delivered now */
	PENDING_OPEN,    /* it is delivered as soon as a vCPU runs */
};

/* A member in JSON. */
struct pending_member {
	const char *name;
	enum { MEMBER_NUMBER, MEMBER_HEX, MEMBER_TEXT } how;
	uint64_t value;
	char *text;
};

struct pending_irq {
	const char *type; /* "io", "emergency", "source", ... */
	uint32_t vcpu;    /* whose it is, or PENDING_FLOATING */
	char *where;      /* "floating", "vCPU 2", "eventfd" */
	char *text;       /* what it is, in the field's words */
	enum verdict verdict;
	char *why;      /* of one that is held: the reason; of an open one: who takes it, and when */
	unsigned after; /* of an open one: how many are taken before it */
	struct pending_member members[PENDING_MEMBERS];
	unsigned member_count;
};

/* A vCPU, in words. */
struct pending_vcpu {
	uint32_t vcpu;
	char *text;
};

struct pending_list {
	struct pending_irq *irqs;
	size_t count, room;
	struct pending_vcpu *vcpus;
	size_t vcpu_count;
	bool bad; /* out of memory */
};

/* A list that is all zeros is empty. */
void pending_free(struct pending_list *list);

/* --- for the architectures -------------------------------------------- */

/* Adds an interrupt, whose verdict is unknown; NULL: out of memory. The others do nothing if irq is NULL. */
struct pending_irq *pending_add(struct pending_list *list, const char *type, uint32_t vcpu, const char *where,
                                const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void pending_number(struct pending_irq *irq, const char *name, uint64_t value);
void pending_hex(struct pending_irq *irq, const char *name, uint64_t value);
void pending_text(struct pending_list *list, struct pending_irq *irq, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Takes why, which came from malloc(); NULL: out of memory. */
void pending_decide(struct pending_list *list, struct pending_irq *irq, enum verdict verdict, char *why);

/* "first", or "after 3 others". */
const char *pending_turn(unsigned after, char text[32]);

/* Takes the text, as above. */
void pending_add_vcpu(struct pending_list *list, uint32_t vcpu, char *text);

/* Text that grows; end() returns it for free(), or NULL: out of memory. */
struct words {
	char *text;
	size_t len;
	FILE *out;
};
void words_begin(struct words *w);
void words_add(struct words *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *words_end(struct words *w);

/* --- for people and programs ------------------------------------------ */

/* "2 interrupts are pending, 1 of them deliverable"; how many of each. */
void pending_sum(const struct pending_list *list, char text[96]);

/* A line for each, with the indentation, then one for each vCPU if vcpus. */
void pending_print(const struct pending_list *list, bool vcpus, const char *indent, FILE *out);

/* One interrupt as an object. */
void pending_json(const struct pending_irq *irq, const char *key, struct json *j);

#endif
