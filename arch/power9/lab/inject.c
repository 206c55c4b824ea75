/* SPDX-License-Identifier: BSD-2-Clause */
/* inject.c: a scenario's interrupts and operations on the controller. See vmm/lab/arch_lab.h. */
#include <endian.h>
#include <errno.h>

#include "arch/power9/hooks.h"
#include "arch/power9/irqchip.h"
#include "arch/power9/line.h"
#include "arch/power9/machine.h"
#include "arch/power9/platform.h"
#include "arch/power9/snapshot/codec.h"
#include "arch/power9/xive.h"
#include "irq.h"
#include "vmm/lab/arch_lab.h"
#include "vmm/lab/checkpoint.h"

_Static_assert(P9_PRIVATE_CALL == ABI_CHECKPOINT_HCALL, "the private call is the test guest's checkpoint");

static int inject(struct irqchip *chip, const struct irq *irq, struct error *err)
{
	const struct p9_source *s = irqchip_source(chip, irq->number);
	int rc;

	if (irq->code == KIND_TIMER || irq->code == KIND_IPI)
		return error_set(err, -EINVAL, "%s cannot be injected: a guest makes it", irq->kind);
	if (!s && irq->code == KIND_LINE && chip->ops->type)
		return line_set(chip, irq->number, true, err);
	if (!s)
		return error_set(err, -ENOENT, "there is no source 0x%x", irq->number);
	if (s->lsi && irq->code == KIND_IRQFD && line_resamples(chip, s->lisn))
		return line_resample_signal(chip, s->lisn, err);
	if (s->lsi)
		return error_set(err, -EINVAL, "source 0x%x is level-sensitive: its line goes up and down",
		                 irq->number);
	rc = irqchip_check_on(chip, s, err);
	if (rc)
		return rc;
	switch ((enum p9_kind)irq->code) {
	case KIND_LINE: return line_set(chip, s->lisn, true, err);
	case KIND_IRQFD: return line_signal(chip, s->lisn, err);
	default: return chip->ops->trigger(chip, s, err);
	}
}

int arch_inject(struct vm *vm, const struct irq *irq, unsigned count, unsigned *done, struct error *err)
{
	struct irqchip *chip = vm->irqchip;
	const struct p9_source *s = irqchip_source(chip, irq->number);
	int rc = inject(chip, irq, err);

	/* What was true of a source for the first is true for the others. */
	for (*done = !rc; *done < count && !rc; *done += !rc)
		rc = irq->code == KIND_SOURCE ? chip->ops->trigger(chip, s, err) : inject(chip, irq, err);
	return rc;
}

int arch_inject_unsettled(struct vm *vm, const struct irq *irq, struct error *err)
{
	const struct p9_source *s = irqchip_source(vm->irqchip, irq->number);

	switch ((enum p9_kind)irq->code) {
	case KIND_SOURCE:
		if (!s || s->lsi)
			return error_set(err, -EINVAL, "there is no message source 0x%x", irq->number);
		return vm->irqchip->ops->trigger(vm->irqchip, s, err);
	case KIND_LINE: return line_set(vm->irqchip, irq->number, true, err);
	case KIND_IRQFD: return line_signal(vm->irqchip, irq->number, err);
	default: return error_set(err, -EINVAL, "%s cannot be injected: a guest makes it", irq->kind);
	}
}

/* KVM has, when the call that signals returns. */
int arch_settle(struct vm *vm, const struct irq *irq, struct error *err)
{
	(void)vm;
	(void)irq;
	(void)err;
	return 0;
}

int arch_irq_vanishes(const struct vm *vm, const struct irq *irq, struct error *err)
{
	(void)vm;
	(void)irq;
	(void)err;
	return 0; /* no kernel is known whose XIVE or XICS does that */
}

/* Whether a vCPU with these registers is about to trigger the source anew (guest/abi.h, struct abi_eoi). */
static bool holds(const struct abi_eoi *eoi, uint64_t pc, uint64_t r5, uint64_t r8, uint32_t source)
{
	return pc >= eoi->first && pc < eoi->end && r8 == source &&
	       (be64toh(r5) & (PQ_P | PQ_Q)) == (PQ_P | PQ_Q);
}

/* With XIVE the guest ends interrupts itself. */
static const struct abi_eoi *eoi_of(const struct vm *vm)
{
	return vm->irqchip->ops == &xive_ops ? checkpoint_eoi(vm) : NULL;
}

unsigned arch_held(const struct vm *vm, const struct arch_state *state, const struct irq *irq)
{
	const struct abi_eoi *eoi = eoi_of(vm);
	unsigned count = 0;

	for (unsigned i = 0; i < state->cpu_count && eoi; i++)
		count += holds(eoi, state->cpus[i].pc, state->cpus[i].gpr[5], state->cpus[i].gpr[8],
		               irq->number);
	return count;
}

/* While vCPUs run, one of them may. */
static unsigned held_now(struct vm *vm, uint32_t source)
{
	const struct abi_eoi *eoi = eoi_of(vm);
	unsigned count = 0;

	if (eoi && vm_running(vm))
		return 1;
	for (unsigned i = 0; i < vm->vcpu_count && eoi; i++) {
		struct kvm_regs regs;

		count += kvm_call(&vm->vcpus[i].fd, KVM_GET_REGS, &regs) < 0 ||
		         holds(eoi, regs.pc, regs.gpr[5], regs.gpr[8], source);
	}
	return count;
}

bool arch_room(struct vm *vm, const struct irq *irq, unsigned *dropped, unsigned *room)
{
	const struct p9_source *s = irqchip_source(vm->irqchip, irq->number);
	unsigned held;

	if (!s || s->lsi || irq->code == KIND_TIMER || irq->code == KIND_IPI)
		return false;
	if (!irqchip_room(vm->irqchip, s, irq->code == KIND_IRQFD, dropped, room))
		return false;
	held = held_now(vm, s->lisn);
	*room -= held < *room ? held : *room;
	return true;
}

/* By the device that has the line: the guest sees it there too. */
static int set_level(struct vm *vm, const struct irqchip_op *op, struct error *err)
{
	const struct p9_source *s = irqchip_source(vm->irqchip, op->arg[0]);
	int rc;

	if (!s || !s->lsi)
		return error_set(err, -EINVAL, "source 0x%llx has no line: it is not level-sensitive",
		                 (unsigned long long)op->arg[0]);
	pthread_mutex_lock(&vm->bus.lock);
	rc = level_set(&vm->devices->level, s->lisn - P9_LSI_BASE, op->arg[1], err);
	pthread_mutex_unlock(&vm->bus.lock);
	return rc;
}

int arch_irqchip(struct vm *vm, const struct irqchip_op *op, struct error *err)
{
	struct irqchip *chip = vm->irqchip;
	uint32_t source = (uint32_t)op->arg[0];

	if (chip->ops != &xive_ops && (op->code == OP_RESET || op->code == OP_EQ_SYNC || op->code == OP_SYNC))
		return error_blame(err,
		                   error_set(err, -EOPNOTSUPP, "%s: %s has no such operation", op->name,
		                             chip->ops->model->title),
		                   FAULT_DATA);
	switch ((enum p9_op)op->code) {
	case OP_LEVEL: return set_level(vm, op, err);
	case OP_IRQFD: return line_on(chip, source, err);
	case OP_IRQFD_OFF: return line_off(chip, source, err);
	case OP_RESAMPLE: return line_resample(chip, source, err);
	case OP_RESAMPLE_TAKE: return line_resample_take(chip, source, op->arg[1], err);
	case OP_RESET: hook_queues_gone(vm); return xive_reset(chip, err);
	case OP_EQ_SYNC: return xive_sync(chip, err);
	default: return xive_sync_source(chip, source, err);
	}
}

/* --- what the machine raises, how the guest ends ------------------------- */

bool irq_of_raised(const struct arch_irq *raised, const struct abi_shared *shared, struct irq *irq)
{
	(void)shared;
	*irq = irq_of_source(raised->source);
	return true;
}

/* By RTAS power-off, which has no status of its own. */
bool arch_guest_stopped(const struct abi_shared *shared, uint64_t code, struct event *event)
{
	(void)code;
	if (!shared)
		return false;
	event->kind = EVENT_STOP;
	event->value = shared->stopped == ABI_STOPPED ? shared->status & 0xff : 0;
	return true;
}
