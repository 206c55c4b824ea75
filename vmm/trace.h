/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace.h: what happens, as typed events, for --trace: calls of KVM, exits, interrupts, the steps of
 * scenarios and snapshots. An event is a point or a span. Each thread has a stack of the spans that it is in,
 * so that every event knows its cause: a scenario's line, the injection that it asks for, the call of KVM
 * that makes it. The core only makes events: vmm/trace/ decodes and writes them. While there is no trace an
 * event costs a test of one pointer. Pure.
 */
#ifndef VMM_TRACE_H
#define VMM_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "error.h"

/* The kinds of event, in the words of --trace, and what they are. */
#define TRACE_KINDS_LIST(X)                                                              \
	X(KVM, "kvm", "calls of KVM, with their arguments by name")                      \
	X(EXIT, "exit", "what the guest left KVM for: instructions, hypercalls, MMIO")   \
	X(IRQ, "irq", "interrupts: injected, pending, taken, ended, merged ...")         \
	X(SNAPSHOT, "snapshot", "the steps of a save, a restore and a look")             \
	X(STEP, "step", "the lines of a scenario, and what a schedule does")             \
	X(GUEST, "guest", "what the test guest is asked to do, and that it is ready")    \
	X(VCPU, "vcpu", "the states of vCPUs, and the time that each spends in KVM_RUN") \
	X(SANDBOX, "sandbox", "what zpvm can still do when its set-up is over")

#define TRACE_KIND(kind, name, what) TRACE_##kind,
enum trace_kind {
	TRACE_KINDS_LIST(TRACE_KIND) TRACE_NOTE, /* always on: what there is to say besides */
	TRACE_KINDS,
};

enum trace_type { TRACE_NUMBER, TRACE_HEX, TRACE_TEXT };
struct trace_arg {
	const char *name; /* static */
	enum trace_type type;
	uint64_t number;
	const char *text;
};

#define TRACE_ARGS 16
#define TRACE_ROOM 512

struct trace_event {
	uint64_t id; /* 0: there is no trace, or not of this kind */
	struct trace_event *parent;
	enum trace_kind kind;
	const char *vm; /* as in struct trace */
	const char *name;
	int vcpu;              /* its number in scenarios; -1: of no vCPU */
	uint64_t ns, duration; /* time_now() */
	const void *raw;       /* of TRACE_KVM struct kvm_request, of TRACE_EXIT struct vcpu: to be decoded */
	unsigned args,
		asked; /* how many there are; of a span, how many it began with: the others are results */
	struct trace_arg arg[TRACE_ARGS];
	const char *result; /* NULL: none */
	/* Of the text: the span has its line already, as something happened within it; registers within it
	 * that are 0, which one line is to count. */
	bool shown;
	unsigned zeros;
	unsigned used; /* of room, where texts are */
	char room[TRACE_ROOM];
};

struct trace {
	unsigned kinds; /* a bit for each that is wanted */
	/* Called when a span begins, and gives it an id; and for each event when it is over. Any thread. */
	void (*sink)(const struct trace *trace, struct trace_event *event, bool begins);
	void *to;       /* for the sink */
	const char *vm; /* whose events they are; NULL: of no VM */
};

static inline bool trace_wants(const struct trace *trace, enum trace_kind kind)
{
	return trace && trace->kinds >> kind & 1;
}

/*
 * Begins a span, which ends in the same function. The events that this thread makes until then are caused by
 * it. Nothing else is done with an event whose id is 0.
 */
void trace_start(const struct trace *trace, struct trace_event *event, enum trace_kind kind, int vcpu,
                 const char *name, const void *raw);
void trace_stop(const struct trace *trace, struct trace_event *event);

static inline void trace_begin(const struct trace *trace, struct trace_event *event, enum trace_kind kind,
                               int vcpu, const char *name, const void *raw)
{
	event->id = 0;
	if (trace_wants(trace, kind))
		trace_start(trace, event, kind, vcpu, name, raw);
}

static inline void trace_end(const struct trace *trace, struct trace_event *event)
{
	if (event->id)
		trace_stop(trace, event);
}

/*
 * An event without a span: trace_init(), its arguments, trace_point(), only if trace_wants(). Its time is
 * that of trace_init().
 */
void trace_init(struct trace_event *event, enum trace_kind kind, int vcpu, const char *name);
void trace_point(const struct trace *trace, struct trace_event *event);

/* Add an argument; what there is no room for is left out. */
void trace_number(struct trace_event *event, const char *name, uint64_t value);
void trace_hex(struct trace_event *event, const char *name, uint64_t value);
void trace_text(struct trace_event *event, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Gives an event another name. */
void trace_name(struct trace_event *event, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Puts a name in the place of a number, if there is an argument of that name; both are static. */
void trace_replace(struct trace_event *event, const char *name, const char *text);

/* Says how an event has ended; of errors, their name. */
void trace_result(struct trace_event *event, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void trace_code(struct trace_event *event, long code);

/* The innermost span of this kind that this thread is in, or NULL. */
struct trace_event *trace_within(const struct trace *trace, enum trace_kind kind);

/* A sentence: TRACE_NOTE. */
void trace_note(const struct trace *trace, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* --- time ------------------------------------------------------------------ */

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t time_now(void);

/* The time ms milliseconds from now, of that clock. */
struct timespec time_in(uint64_t ms);

#endif
