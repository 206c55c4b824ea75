/* SPDX-License-Identifier: BSD-2-Clause */
/* checkpoint.c: see checkpoint.h. */
#include "checkpoint.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "arch_lab.h"
#include "irq_trace.h"
#include "ledger_section.h"
#include "recorder.h"
#include "rule.h"

/* --- the shared block --------------------------------------------------- */

struct abi_shared *checkpoint_shared(const struct vm *vm)
{
	gpa_t at = __atomic_load_n(&vm->shared, __ATOMIC_RELAXED);
	struct abi_shared *shared = at ? ram_at(&vm->ram, at, offsetof(struct abi_shared, order)) : NULL;

	if (!shared || at % _Alignof(struct abi_shared) || shared->magic != ABI_MAGIC ||
	    shared->version < ABI_VERSION_OLDEST || shared->version > ABI_VERSION || shared->taken > ABI_LOG)
		return NULL;
	return shared;
}

struct abi_order *checkpoint_order(const struct vm *vm, unsigned cpu)
{
	struct abi_shared *shared = checkpoint_shared(vm);

	if (!shared || shared->version < ABI_VERSION_ORDERS || cpu >= ABI_CPUS)
		return NULL;
	shared = ram_at(&vm->ram, __atomic_load_n(&vm->shared, __ATOMIC_RELAXED),
	                offsetof(struct abi_shared, eoi));
	return shared ? &shared->order[cpu] : NULL;
}

/* The whole block, to be read; NULL: the guest is of an older version. */
static const struct abi_shared *whole(const struct vm *vm)
{
	const struct abi_shared *shared = checkpoint_shared(vm);

	return shared && shared->version > ABI_VERSION_ORDERS
	               ? ram_see(&vm->ram, __atomic_load_n(&vm->shared, __ATOMIC_RELAXED), sizeof(*shared))
	               : NULL;
}

const struct abi_eoi *checkpoint_eoi(const struct vm *vm)
{
	const struct abi_shared *shared = whole(vm);

	return shared ? &shared->eoi : NULL;
}

const uint64_t *checkpoint_stamps(const struct vm *vm)
{
	const struct abi_shared *shared = whole(vm);

	return shared ? shared->stamp : NULL;
}

void checkpoint_stamp(const struct vm *vm, bool on)
{
	const struct abi_shared *shared = whole(vm);
	struct abi_shared *to =
		shared && shared->stamping != on
			? ram_at(&vm->ram, __atomic_load_n(&vm->shared, __ATOMIC_RELAXED), sizeof(*shared))
			: NULL;

	if (to)
		__atomic_store_n(&to->stamping, on, __ATOMIC_RELAXED);
}

/* Whether the guest will find a command in its mailbox. */
static bool has_command(const struct vcpu *vcpu)
{
	struct abi_shared *shared = checkpoint_shared(vcpu->vm);

	return shared && vcpu->index < ABI_CPUS &&
	       __atomic_load_n(&shared->mailbox[vcpu->index].command, __ATOMIC_ACQUIRE) != ABI_CMD_NONE;
}

static bool waits(const struct vcpu *vcpu)
{
	return !has_command(vcpu);
}

/* The number of a checkpoint has a name, which the exit cannot know. */
static void trace_checkpoint(const struct vcpu *vcpu, uint64_t id)
{
	const char *what = id == ABI_CP_READY ? "ready" : "none";
	const struct trace *trace = vcpu->vm->trace;
	struct trace_event event;

	trace_replace(trace_within(trace, TRACE_EXIT), "checkpoint", what);
	if (id != ABI_CP_READY || !trace_wants(trace, TRACE_GUEST))
		return;
	trace_init(&event, TRACE_GUEST, vcpu->index, what);
	trace_point(trace, &event);
}

static void private_call(struct vcpu *vcpu, uint64_t id, gpa_t at, struct event *event)
{
	trace_checkpoint(vcpu, id);
	if (id == ABI_CP_NOP)
		return;
	__atomic_store_n(&vcpu->vm->shared, at, __ATOMIC_RELAXED);
	if (id != ABI_CP_READY || vcpu->index >= ABI_CPUS || !checkpoint_shared(vcpu->vm)) {
		event->kind = EVENT_CRASH;
		error_set(&event->why, -EIO, "checkpoint %llu with no valid shared block at 0x%llx",
		          (unsigned long long)id, (unsigned long long)at);
		return;
	}
	/* The next command may have been given while the guest still executed the last one. */
	if (has_command(vcpu))
		return;
	event->kind = EVENT_HELD;
	event->value = id;
}

int checkpoint_command(struct vm *vm, unsigned cpu, uint32_t command, const uint64_t arg[ABI_ARGS],
                       struct error *err)
{
	return checkpoint_give(vm, cpu, &(struct guest_order){ .command = command, .arg = arg }, err);
}

static void trace_command(const struct vm *vm, unsigned cpu, const struct guest_order *give)
{
	static const char *const args[ABI_ARGS] = { "arg0", "arg1", "arg2", "arg3", "arg4", "arg5" };
	struct trace_event event;

	if (!trace_wants(vm->trace, TRACE_GUEST))
		return;
	trace_init(&event, TRACE_GUEST, (int)cpu, give->command ? "command" : "go on");
	if (give->name)
		trace_text(&event, "command", "%s", give->name);
	for (unsigned i = 0; i < ABI_ARGS; i++)
		if (give->arg[i])
			trace_hex(&event, give->keys && give->keys[i] ? give->keys[i] : args[i],
			          give->arg[i]);
	if (give->repeat)
		trace_number(&event, "repeat", give->repeat);
	trace_point(vm->trace, &event);
}

int checkpoint_give(struct vm *vm, unsigned cpu, const struct guest_order *give, struct error *err)
{
	struct abi_shared *shared = checkpoint_shared(vm);
	struct abi_order *order = checkpoint_order(vm, cpu);
	struct abi_mailbox *box;
	int rc = 0;

	if (cpu >= vm->vcpu_count)
		return error_set(err, -ESRCH, "there is no vCPU %u", cpu);
	if (cpu >= ABI_CPUS || !shared)
		return error_set(err, -EINVAL, "vCPU %u takes no commands: %s", cpu,
		                 shared ? "the test guest knows fewer"
		                        : "the guest has not reached a checkpoint");
	if ((give->repeat || give->reg) && !order)
		return error_set(err, -EINVAL, "this guest is of an older version, which cannot do that");
	box = &shared->mailbox[cpu];
	trace_command(vm, cpu, give);
	pthread_mutex_lock(&vm->lock);
	/* Besides a vCPU that waits, one that loops in ABI_CMD_CLOSED looks at its mailbox. */
	if (!vcpu_is_online(&vm->vcpus[cpu]) ||
	    (vm->vcpus[cpu].state != VCPU_HELD && __atomic_load_n(&box->command, __ATOMIC_ACQUIRE))) {
		rc = error_set(err, -EBUSY, "vCPU %u is not at a checkpoint", cpu);
	} else {
		memcpy(box->arg, give->arg, sizeof(box->arg));
		if (order)
			order->repeat = give->repeat;
		if (give->reg)
			memcpy(order->reg, give->reg, sizeof(order->reg));
		__atomic_store_n(&box->command, give->command, __ATOMIC_RELEASE);
		vcpu_release(&vm->vcpus[cpu]);
	}
	pthread_mutex_unlock(&vm->lock);
	return rc;
}

enum cpu_state checkpoint_cpu_state(struct vm *vm, unsigned cpu)
{
	switch (vm_vcpu_state(vm, cpu)) {
	case VCPU_OFFLINE:
	case VCPU_SUSPENDED: return CPU_OFFLINE;
	case VCPU_HELD: return CPU_READY;
	case VCPU_WAITING: return CPU_WAITING;
	case VCPU_RUNNING: return CPU_RUNNING;
	default: return CPU_PAUSED;
	}
}

static bool stopped(struct vcpu *vcpu, uint64_t code, struct event *event)
{
	const struct abi_shared *shared = checkpoint_shared(vcpu->vm);

	return arch_guest_stopped(shared, code, event);
}

/* --- what devices raise ------------------------------------------------- */

/* What vm->hook_data is. */
struct lab_data {
	struct raised_log raised;
	struct recorder *recorder;
};

struct raised_log *checkpoint_raised(const struct vm *vm)
{
	return &((struct lab_data *)vm->hook_data)->raised;
}

static void raised(struct vm *vm, const struct arch_irq *raised, bool withdrawn)
{
	const struct abi_shared *shared = checkpoint_shared(vm);
	unsigned taken = shared ? __atomic_load_n(&shared->taken, __ATOMIC_ACQUIRE) : 0;
	struct irq irq;
	char by[24];

	if (!irq_of_raised(raised, shared, &irq))
		return;
	irq_trace(vm->trace, withdrawn ? "withdrawn" : "injected", &irq, NULL, 0,
	          irq_trace_cause(vm->trace, by));
	raised_log_add(checkpoint_raised(vm), &irq, taken, withdrawn);
}

/* --- what comes from outside --------------------------------------------- */

void checkpoint_record(struct vm *vm, struct recorder *recorder)
{
	((struct lab_data *)vm->hook_data)->recorder = recorder;
}

static int type(struct vm *vm, const char *console, const uint8_t *bytes, size_t len, struct error *err)
{
	return recorder_type(((struct lab_data *)vm->hook_data)->recorder, vm, console, bytes, len, err);
}

static int quiesce(struct vm *vm, struct error *err)
{
	return recorder_quiesce(((struct lab_data *)vm->hook_data)->recorder, vm, err);
}

/* --- create and destroy ----------------------------------------------------------- */

static int create(struct vm *vm, struct error *err)
{
	struct lab_data *data = calloc(1, sizeof(*data));

	if (!data)
		return error_set(err, -ENOMEM, "out of memory");
	raised_log_init(&data->raised);
	vm->hook_data = data;
	return 0;
}

static void destroy(struct vm *vm)
{
	raised_log_destroy(checkpoint_raised(vm));
	free(vm->hook_data);
}

static const struct state_step *steps(const struct vm *vm, const struct state_step *table,
                                      struct state_step *room)
{
	return rule_break(vm->config->hook_arg, table, room);
}

const struct vm_hooks checkpoint_hooks = {
	.arch = &arch_lab_hooks,
	.create = create,
	.destroy = destroy,
	.private_call = private_call,
	.waits = waits,
	.raised = raised,
	.stopped = stopped,
	.type = type,
	.quiesce = quiesce,
	.steps = steps,
	.section = &ledger_section,
};
