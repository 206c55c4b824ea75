/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * decode.h: what the arguments of KVM's calls and of exits mean. A call is a row of a table: calls.c has
 * those of all architectures, arch/ARCH/trace/ has the others, and the exits.
 */
#ifndef VMM_TRACE_DECODE_H
#define VMM_TRACE_DECODE_H

#include "vmm/kvm.h"

struct vcpu;

/* Adds the arguments of a call to the event. arg is what the caller passed; the call is over. */
typedef void decode_fn(const struct kvm_request *request, const void *arg, struct trace_event *event);

/* The last row has no number. */
struct decode_call {
	unsigned long number;
	decode_fn *decode; /* NULL: it has no arguments */
};

/* An attribute of a device. Any of a group is one row if `any`: its number is an argument. */
struct decode_attr {
	const char *device; /* the name of its file descriptor */
	uint32_t group;
	uint64_t attr;
	bool any;
	const char *name;
	void (*decode)(const struct kvm_device_attr *attr, const struct kvm_request *request,
	               struct trace_event *event);
};

void decode_request(const struct kvm_request *request, struct trace_event *event);

/* The name of a number that has one, or the number: adds the argument. */
struct decode_name {
	uint64_t number;
	const char *name; /* NULL: the end */
};
const char *decode_find(const struct decode_name *names, uint64_t number);
void decode_name(struct trace_event *event, const char *arg, const struct decode_name *names,
                 uint64_t number);
/* The names of all bits that are set, and the rest as a number; nothing if there are none. */
void decode_bits(struct trace_event *event, const char *arg, const struct decode_name *names, uint64_t bits);

/* --- the architecture's ---------------------------------------------------- */

extern const struct decode_call arch_decode_calls[];
extern const struct decode_attr arch_decode_attrs[];
extern const struct decode_name arch_decode_mp_states[];

/* The name of a register of KVM_GET_ONE_REG ("VSR3"), into text; false: it has none. */
bool arch_decode_reg(uint64_t id, char *text, size_t size);

/* The operands of an exit that is about to be handled; what came of it. */
void arch_decode_exit(const struct vcpu *vcpu, struct trace_event *event);
void arch_decode_answer(const struct vcpu *vcpu, struct trace_event *event);

#endif
