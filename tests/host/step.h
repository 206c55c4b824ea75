/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * step.h: what the tests of single-stepping have in common: the test guest, from its checkpoint to the next
 * one, an instruction at a time. What is of an architecture is in struct step_arch, which api_step_ARCH.c
 * defines, and in its own tests.
 */
#ifndef TESTS_HOST_STEP_H
#define TESTS_HOST_STEP_H

#include "api.h"
#include "vmm/debug/arch_debug.h"
#include "vmm/debug/single_step.h"
#include "vmm/tool/diff.h"

#define MOST    4000 /* steps from one checkpoint to the next */
#define STEP_MS 20000

static struct error err;

static const struct step_arch {
	/* Makes an interrupt pending, which the test guest takes when it opens. */
	int (*inject)(struct vm *vm);
	/* Where its handler is. */
	uint64_t (*handler)(struct vm *vm);
	/* What a snapshot may have otherwise if the guest was stepped, as zpvm diff has it: words of its
	 * lines. */
	const char *clocks[6];
} step_arch;

/* --- trails ------------------------------------------------------------------- */

struct trail {
	unsigned count, instructions, deliveries;
	struct {
		enum stepped what;
		uint64_t pc; /* after it */
	} at[MOST];
};

static inline enum stepped step(struct vm *vm, unsigned cpu, struct step_result *result)
{
	static const struct step_limit one = { .instructions = 1, .delivery = true, .ms = STEP_MS };

	return single_step(&vm->vcpus[cpu], &one, result, &err) ? (enum stepped) - 1 : result->last;
}

/* Steps that vCPU until it parks, sleeps or fails. Each step is prepared and undone for itself. */
static inline enum stepped follow(struct vm *vm, unsigned cpu, struct trail *trail)
{
	struct step_result result;
	enum stepped what = STEPPED_INSTRUCTION;

	trail->count = trail->instructions = trail->deliveries = 0;
	while ((what == STEPPED_INSTRUCTION || what == STEPPED_DELIVERY) && trail->count < MOST) {
		what = step(vm, cpu, &result);
		trail->at[trail->count].what = what;
		trail->at[trail->count++].pc = result.pc;
		trail->instructions += result.instructions;
		trail->deliveries += result.deliveries;
	}
	return what;
}

static inline bool same_trail(const struct trail *a, const struct trail *b)
{
	for (unsigned i = 0; i < a->count && i < b->count; i++)
		if (a->at[i].what != b->at[i].what || a->at[i].pc != b->at[i].pc) {
			printf("# step %u: %u at 0x%" PRIx64 ", and %u at 0x%" PRIx64 "\n", i, a->at[i].what,
			       a->at[i].pc, b->at[i].what, b->at[i].pc);
			return false;
		}
	return a->count == b->count;
}

static inline uint64_t ram_sum(const struct vm *vm)
{
	const uint64_t *words = ram_at(&vm->ram, 0, vm->ram.size);
	uint64_t sum = 0;

	for (uint64_t i = 0; words && i < vm->ram.size / sizeof(*words); i++)
		sum = (sum ^ words[i]) * 0x100000001b3;
	return sum;
}

static inline uint64_t nanoseconds_since(uint64_t then)
{
	return time_now() - then;
}

/* --- the test guest ------------------------------------------------------------ */

static inline int command(struct vm *vm, uint32_t command_, uint64_t a, uint64_t b)
{
	const uint64_t arg[ABI_ARGS] = { a, b };

	return checkpoint_command(vm, 0, command_, arg, &err);
}

static inline bool at_checkpoint(struct vm *vm)
{
	return checkpoint_cpu_state(vm, 0) == CPU_READY;
}

/* Lets it run by itself to its checkpoint. */
static inline bool run_on(struct vm *vm)
{
	unsigned which;

	vm_resume(vm);
	return !vm_wait(vm, 0, 20000, &which) && at_checkpoint(vm) && !vm_pause(vm, &err);
}

/* Whether both are the same but for the clock; the rest is printed. */
static inline bool same_but_clocks(const struct state_bytes *a, const struct state_bytes *b)
{
	struct parsed_snapshot one, other;
	char *text = NULL, *line, *rest;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	bool same, different;

	if (parsed_open(&one, a->bytes, a->len, false, NULL, &err))
		return false;
	if (parsed_open(&other, b->bytes, b->len, false, NULL, &err))
		return false;
	same = !diff_print(&one, &other, &(struct diff_how){ 0 }, out, &different);
	fclose(out);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		bool clock = !strchr("-+!", *line); /* a title, or the summary */

		for (size_t i = 0; i < 6 && step_arch.clocks[i]; i++)
			clock |= strstr(line, step_arch.clocks[i]) != NULL;
		if (!clock)
			printf("# %s\n", line);
		same &= clock;
	}
	free(text);
	parsed_close(&one);
	parsed_close(&other);
	return same;
}

/* A snapshot at the checkpoint, with an interrupt pending. */
static inline bool ready(struct vm *vm, struct state_bytes *bytes)
{
	return !step_arch.inject(vm) && !state_save(vm, SNAP_VM, bytes, &err);
}

/* From an interrupt's mask to its handler and back, the same each time. */
static inline void test_window(struct vm *vm, const struct state_bytes *bytes)
{
	static struct trail first, again;
	uint64_t sum = 0;
	unsigned delivery = 0, same = 0;
	struct step_limit limit = { .ms = STEP_MS };
	struct step_result result;

	ok(!state_load(vm, bytes, false, &err) && !command(vm, ABI_CMD_ENABLE, 0, 0), "a command (%s)",
	   err.text);
	is(follow(vm, 0, &first), STEPPED_EVENT, "step by step to the next checkpoint (%s)", err.text);
	ok(at_checkpoint(vm) && checkpoint_shared(vm)->taken == 1, "the interrupt was taken");
	is(first.deliveries, 1, "it was one delivery");
	while (delivery < first.count - 1 && first.at[delivery].what != STEPPED_DELIVERY)
		delivery++;
	is(first.at[delivery].pc, step_arch.handler(vm), "... to its handler's first instruction");
	is(first.instructions, first.count - 1, "all other steps are instructions");
	printf("# %u instructions, the interrupt is delivered after %u\n", first.instructions, delivery);
	sum = ram_sum(vm);

	for (unsigned i = 0; i < 3; i++) {
		if (state_load(vm, bytes, false, &err) || command(vm, ABI_CMD_ENABLE, 0, 0))
			break;
		follow(vm, 0, &again);
		same += same_trail(&first, &again) && ram_sum(vm) == sum;
	}
	is(same, 3, "three more times: the same instructions, the same memory (%s)", err.text);

	ok(!state_load(vm, bytes, false, &err) && !command(vm, ABI_CMD_ENABLE, 0, 0) &&
	           !single_step(&vm->vcpus[0], &limit, &result, &err),
	   "all of it in one call (%s)", err.text);
	ok(result.last == STEPPED_EVENT && result.instructions == first.instructions &&
	           result.deliveries == 1 && result.pc == first.at[first.count - 1].pc && ram_sum(vm) == sum,
	   "... is the same");
	limit.instructions = delivery + 2;
	ok(!state_load(vm, bytes, false, &err) && !command(vm, ABI_CMD_ENABLE, 0, 0) &&
	           !single_step(&vm->vcpus[0], &limit, &result, &err),
	   "%" PRIu64 " of them (%s)", limit.instructions, err.text);
	ok(result.instructions == delivery + 2 && result.deliveries == 1 &&
	           result.pc == first.at[delivery + 2].pc,
	   "... end where they did");
	limit = (struct step_limit){ .has_pc = true, .pc = step_arch.handler(vm), .ms = STEP_MS };
	ok(!state_load(vm, bytes, false, &err) && !command(vm, ABI_CMD_ENABLE, 0, 0) &&
	           !single_step(&vm->vcpus[0], &limit, &result, &err),
	   "to the handler (%s)", err.text);
	ok(result.instructions == delivery && result.pc == limit.pc, "... is as many instructions");
	ok(run_on(vm) && checkpoint_shared(vm)->taken == 1, "unstepped it goes on from there");
}

/* The guest that was stepped is the guest that was not. */
static inline void test_snapshot(struct vm *vm, const struct state_bytes *bytes)
{
	struct state_bytes stepped = { 0 }, ran = { 0 };
	static struct trail trail;

	ok(!state_load(vm, bytes, false, &err) && !command(vm, ABI_CMD_ENABLE, 0, 0) && run_on(vm) &&
	           !state_save(vm, SNAP_VM, &ran, &err),
	   "a snapshot of a guest that ran by itself (%s)", err.text);
	ok(!state_load(vm, bytes, false, &err) && !command(vm, ABI_CMD_ENABLE, 0, 0) &&
	           follow(vm, 0, &trail) == STEPPED_EVENT && !state_save(vm, SNAP_VM, &stepped, &err),
	   "... and of one that was stepped (%s)", err.text);
	ok(same_but_clocks(&ran, &stepped), "are the same but for the clock (%s)", err.text);
	free(stepped.bytes);
	free(ran.bytes);
}

/* What is pending and masked stays so, whatever is stepped. */
static inline void test_masked(struct vm *vm, const struct state_bytes *bytes)
{
	struct state_bytes before = { 0 }, after = { 0 };
	static struct trail trail;

	ok(!state_load(vm, bytes, false, &err) && !state_save(vm, SNAP_IRQ, &before, &err) &&
	           !command(vm, ABI_CMD_EXITS, 20, 0) && follow(vm, 0, &trail) == STEPPED_EVENT &&
	           !state_save(vm, SNAP_IRQ, &after, &err),
	   "%u instructions with a masked interrupt (%s)", trail.instructions, err.text);
	is(trail.deliveries, 0, "no delivery");
	ok(same_but_clocks(&before, &after), "... and what is pending is the same");
	free(before.bytes);
	free(after.bytes);
}

static inline void test_asleep(struct vm *vm, const struct state_bytes *bytes)
{
	static struct trail trail;
	struct step_result result = { 0 };
	uint64_t asleep;

	ok(!state_load(vm, bytes, false, &err) && !command(vm, ABI_CMD_WAIT, 2, 0), "a wait for two (%s)",
	   err.text);
	is(follow(vm, 0, &trail), STEPPED_ASLEEP, "it is asleep after the first (%s)", err.text);
	is(trail.deliveries, 1, "... which was delivered");
	asleep = trail.at[trail.count - 1].pc;
	is(step(vm, 0, &result), STEPPED_ASLEEP, "it still is (%s)", err.text);
	ok(!result.instructions && result.pc == asleep, "... and has executed nothing");
	ok(!step_arch.inject(vm), "another one (%s)", err.text);
	is(step(vm, 0, &result), STEPPED_DELIVERY, "... is delivered (%s)", err.text);
	is(result.pc, step_arch.handler(vm), "... to its handler");
	is(follow(vm, 0, &trail), STEPPED_EVENT, "it goes on to its checkpoint (%s)", err.text);
	ok(at_checkpoint(vm) && checkpoint_shared(vm)->taken == 2, "it took both");
}

/* A timer's interrupt is delivered after the same instruction each time. */
static inline uint64_t timer_trail(struct vm *vm, const struct state_bytes *bytes, uint64_t *instructions,
                                   uint64_t *pc)
{
	const struct step_limit on = { .ms = STEP_MS }, deliver = { .delivery = true, .ms = STEP_MS };
	struct step_result result = { 0 };

	if (state_load(vm, bytes, false, &err) || command(vm, ABI_CMD_TIMER, 300, ABI_TIMER_CLOCK) ||
	    single_step(&vm->vcpus[0], &on, &result, &err) || command(vm, ABI_CMD_SPIN, 2, 0) ||
	    single_step(&vm->vcpus[0], &deliver, &result, &err) ||
	    single_step(&vm->vcpus[0], &deliver, &result, &err))
		return 0;
	*instructions = result.instructions;
	*pc = result.last == STEPPED_DELIVERY ? result.pc : 0;
	return single_step(&vm->vcpus[0], &on, &result, &err) || checkpoint_shared(vm)->taken != 2
	               ? 0
	               : ram_sum(vm);
}

static inline void test_timer(struct vm *vm, const struct state_bytes *bytes)
{
	uint64_t count, again, pc, same, sum = timer_trail(vm, bytes, &count, &pc);

	ok(sum && pc, "a timer's interrupt is delivered, and taken (%s)", err.text);
	printf("# %" PRIu64 " instructions from one interrupt to the timer's\n", count);
	for (int i = 0; i < 2; i++) {
		ok(timer_trail(vm, bytes, &again, &same) == sum, "once more: the same memory (%s)", err.text);
		ok(again == count && same == pc, "... after as many instructions");
	}
}

/* A loop that does not end; what is a step's cost. */
static inline void test_late(struct vm *vm, const struct state_bytes *bytes)
{
	struct step_limit limit = { .ms = 300 };
	struct step_result result;
	uint64_t then;

	is(-single_step(&vm->vcpus[0], &limit, &result, &err), EBUSY, "at its checkpoint a vCPU cannot step");
	err.text[0] = 0;
	ok(!state_load(vm, bytes, false, &err) && !command(vm, ABI_CMD_CLOSED, 0, 0) &&
	           !single_step(&vm->vcpus[0], &limit, &result, &err),
	   "a loop (%s)", err.text);
	ok(result.last == STEPPED_LATE && result.instructions > 10, "the time limit ends it");
	limit = (struct step_limit){ .instructions = 500, .ms = STEP_MS };
	then = time_now();
	ok(!single_step(&vm->vcpus[0], &limit, &result, &err) && result.instructions == 500,
	   "it goes on (%s)", err.text);
	printf("# %" PRIu64 " us a step\n", nanoseconds_since(then) / 1000 / 500);
	limit.instructions = 1;
	then = time_now();
	for (unsigned i = 0; i < 100; i++)
		single_step(&vm->vcpus[0], &limit, &result, &err);
	printf("# %" PRIu64 " us a call for one step\n", nanoseconds_since(then) / 1000 / 100);
}

static inline void test_guest(void)
{
	struct vm_config c = config(arch_info.ram_min, 1);
	struct state_bytes bytes = { 0 };
	struct vm vm;

	if (!ok(!start(&vm, &c, &err) && !vm_pause(&vm, &err) && ready(&vm, &bytes), "a VM (%s)", err.text))
		return;
	test_window(&vm, &bytes);
	test_snapshot(&vm, &bytes);
	test_masked(&vm, &bytes);
	test_asleep(&vm, &bytes);
	test_timer(&vm, &bytes);
	test_late(&vm, &bytes);
	free(bytes.bytes);
	vm_destroy(&vm);
}

#endif
