/* SPDX-License-Identifier: BSD-2-Clause */
/* inject.c: a scenario's interrupts and operations on the controller, as KVM takes them. See
 * vmm/lab/arch_lab.h. */
#include <errno.h>
#include <stdlib.h>

#include "arch/s390x/adapter.h"
#include "arch/s390x/channel.h"
#include "arch/s390x/event.h"
#include "arch/s390x/flic.h"
#include "arch/s390x/route.h"
#include "arch/s390x/local.h"
#include "arch/s390x/platform.h"
#include "arch/s390x/service.h"
#include "irq.h"
#include "vmm/lab/arch_lab.h"
#include "vmm/vcpu.h"

_Static_assert(S390_PRIVATE_DIAG == ABI_CHECKPOINT_DIAG, "the private call is the test guest's checkpoint");

/* The older call's arguments: what it has no room for is lost (the kernel's include/uapi/linux/kvm.h). */
static struct kvm_s390_interrupt legacy_of(const struct s390_irq *s)
{
	struct kvm_s390_interrupt k = { .type = s->type };

	switch (s->type) {
	case S390_MCHK:
		k.parm = (uint32_t)s->mchk.cr14;
		k.parm64 = s->mchk.mcic;
		break;
	case S390_PROGRAM: k.parm = s->pgm.code; break;
	case S390_SET_PREFIX: k.parm = s->prefix; break;
	case S390_EMERGENCY:
	case S390_EXTERNAL_CALL: k.parm = s->source; break;
	case S390_STOP:
	case S390_RESTART:
	case S390_CLOCK_COMP:
	case S390_CPU_TIMER: break;
	case S390_SERVICE:
	case S390_VIRTIO:
	case S390_PFAULT_INIT:
	case S390_PFAULT_DONE:
		k.parm = s->ext.parm;
		k.parm64 = s->ext.parm64;
		break;
	default:
		k.parm = (uint32_t)s->io.subchannel_id << 16 | s->io.subchannel_nr;
		k.parm64 = (uint64_t)s->io.parm << 32 | s->io.word;
		break;
	}
	return k;
}

static int inject_legacy(struct vm *vm, const struct irq *irq, const struct s390_irq *s, struct error *err)
{
	struct kvm_s390_interrupt k = legacy_of(s);
	const struct kvm_fd *fd = &vm->fd;
	long rc;

	if (irq->code == KIND_TIMER || irq->code == KIND_AIRQ || irq->code == KIND_IRQFD)
		return error_set(err, -EINVAL, "legacy: there is no such call for %s", irq->kind);
	if (irq->cpu != IRQ_ANY_CPU && irq->cpu >= vm->vcpu_count)
		return error_set(err, -EINVAL, "there is no vCPU %u", irq->cpu);
	if (irq->cpu != IRQ_ANY_CPU)
		fd = &vm->vcpus[irq->cpu].fd;
	rc = kvm_call(fd, KVM_S390_INTERRUPT, &k);
	return rc < 0 ? kvm_failed(err, rc, fd, NULL, "KVM_S390_INTERRUPT(type 0x%x, 0x%x, 0x%llx)", k.type,
	                           k.parm, (unsigned long long)k.parm64)
	              : 0;
}

/* What is injected, or done, without a controller: floating interrupts could neither be read nor saved. */
static int has_none(const char *what, struct error *err)
{
	return error_set(err, -EPERM, "%s: this VM has no floating interrupts (--irqchip=none)", what);
}

static int inject_one(struct vm *vm, const struct irq *irq, const struct s390_irq *s, struct error *err)
{
	if (irq->legacy)
		return inject_legacy(vm, irq, s, err);
	if (irq->code == KIND_TIMER)
		return error_set(err, -EINVAL, "%s cannot be injected", irq->kind);
	if (irq->code == KIND_AIRQ)
		return adapter_inject(vm->irqchip, irq->number, (uint32_t)irq->parm2, err);
	if (irq->code == KIND_IRQFD)
		return route_signal(vm->irqchip, irq->number, (uint32_t)irq->parm2, err);
	if (irq->cpu == IRQ_ANY_CPU)
		return flic_enqueue(vm->irqchip, s, 1, NULL, err);
	if (irq->cpu >= vm->vcpu_count)
		return error_set(err, -EINVAL, "there is no vCPU %u", irq->cpu);
	return local_inject(&vm->vcpus[irq->cpu], s, err);
}

static int enqueue_equal(struct irqchip *flic, const struct s390_irq *s, unsigned count, unsigned *done,
                         struct error *err)
{
	struct s390_irq *list = calloc(count, sizeof(*list));
	size_t in = 0;
	int rc;

	if (!list)
		return error_set(err, -ENOMEM, "out of memory for %u interrupts", count);
	for (unsigned i = 0; i < count; i++)
		list[i] = *s;
	rc = flic_enqueue(flic, list, count, &in, err);
	free(list);
	*done = (unsigned)in;
	return rc;
}

int arch_inject(struct vm *vm, const struct irq *irq, unsigned count, unsigned *done, struct error *err)
{
	struct s390_irq s = irq_to_s390(irq);
	/* One step with what looks at what is pending: a service call, and a reset of a vCPU. */
	pthread_mutex_t *lock = irq->code == KIND_SERVICE ? service_lock(vm)
	                        : irq->cpu != IRQ_ANY_CPU ? &vm->lock
	                                                  : NULL;
	int rc = 0;

	*done = 0;
	if (irq->cpu == IRQ_ANY_CPU && !flic_is_there(vm->irqchip))
		return has_none(irq->kind, err);
	if (lock)
		pthread_mutex_lock(lock);
	if (count > 1 && !irq->legacy && irq->cpu == IRQ_ANY_CPU && irq->code != KIND_AIRQ &&
	    irq->code != KIND_IRQFD)
		rc = enqueue_equal(vm->irqchip, &s, count, done, err);
	else
		for (; !rc && *done < count; *done += !rc)
			rc = inject_one(vm, irq, &s, err);
	if (lock == &vm->lock && irq->cpu < vm->vcpu_count)
		vcpu_wake(&vm->vcpus[irq->cpu]);
	if (lock)
		pthread_mutex_unlock(lock);
	return rc;
}

int arch_inject_unsettled(struct vm *vm, const struct irq *irq, struct error *err)
{
	unsigned done;

	return irq->code == KIND_IRQFD ? route_write(vm->irqchip, irq->number, err)
	                               : arch_inject(vm, irq, 1, &done, err);
}

int arch_settle(struct vm *vm, const struct irq *irq, struct error *err)
{
	return irq->code == KIND_IRQFD ? route_settle(vm->irqchip, irq->number, err) : 0;
}

/* What is pending says it all. */
bool arch_room(struct vm *vm, const struct irq *irq, unsigned *dropped, unsigned *room)
{
	(void)vm, (void)irq, (void)dropped, (void)room;
	return false;
}

unsigned arch_held(const struct vm *vm, const struct arch_state *state, const struct irq *irq)
{
	(void)vm, (void)state, (void)irq;
	return 0;
}

int arch_irq_vanishes(const struct vm *vm, const struct irq *irq, struct error *err)
{
	uint32_t parm[EVENT_SIGNALS];
	int n;

	if (irq->code != KIND_SERVICE || irq->parm)
		return 0;
	n = event_try(vm->kvm, parm, err);
	return n < 0 ? n : n == 1;
}

int arch_irqchip(struct vm *vm, const struct irqchip_op *op, struct error *err)
{
	const struct s390_adapter adapter = {
		.id = (uint32_t)op->arg[0],
		.isc = (uint8_t)op->arg[1],
		.maskable = (uint8_t)op->arg[2],
		.swap = (uint8_t)op->arg[3],
		.flags = (uint8_t)op->arg[4],
	};
	const struct s390_ais ais = { .simm = (uint8_t)op->arg[0], .nimm = (uint8_t)op->arg[1] };
	const struct s390_route route = {
		.gsi = (uint32_t)op->arg[0],
		.adapter = (uint32_t)op->arg[1],
		.indicator = op->arg[2],
		.indicator_bit = op->arg[3],
		.summary = op->arg[4],
		.summary_bit = (uint32_t)op->arg[5],
	};

	/* KVM itself is asked for a route, and needs no controller for a notification. */
	if (!flic_is_there(vm->irqchip) && op->code != OP_ROUTE && op->code != OP_NOTIFY &&
	    op->code != OP_NOTIFY_TAKE)
		return has_none(op->name, err);
	switch ((enum s390_op)op->code) {
	case OP_CLEAR: return flic_clear(vm->irqchip, err);
	case OP_CLEAR_IO: return flic_clear_io(vm->irqchip, (uint32_t)op->arg[0], err);
	case OP_DEVICE_ON:
	case OP_DEVICE_OFF: return channel_vary(vm, (uint32_t)op->arg[0], op->code == OP_DEVICE_ON, err);
	case OP_APF_ENABLE: return flic_command(vm->irqchip, "APF_ENABLE", KVM_DEV_FLIC_APF_ENABLE, err);
	case OP_APF_DISABLE:
		return flic_command(vm->irqchip, "APF_DISABLE_WAIT", KVM_DEV_FLIC_APF_DISABLE_WAIT, err);
	case OP_ADAPTER_REGISTER: return adapter_register(vm->irqchip, &adapter, err);
	case OP_ADAPTER_MASK: return adapter_mask(vm->irqchip, (uint32_t)op->arg[0], op->arg[1], err);
	case OP_ADAPTER_MAP:
	case OP_ADAPTER_UNMAP:
		return adapter_map(vm->irqchip, (uint32_t)op->arg[0], op->arg[1], op->code == OP_ADAPTER_MAP,
		                   err);
	case OP_ROUTE_OFF: return route_off(vm->irqchip, (uint32_t)op->arg[0], err);
	case OP_AIS: return ais_set_mode(vm->irqchip, (uint8_t)op->arg[0], (uint16_t)op->arg[1], err);
	case OP_AIS_ALL: return ais_set(vm->irqchip, &ais, err);
	case OP_ROUTE: return route_set(vm->irqchip, &route, err);
	case OP_IRQFD: return route_irqfd(vm->irqchip, (uint32_t)op->arg[0], true, err);
	case OP_IRQFD_OFF: return route_irqfd(vm->irqchip, (uint32_t)op->arg[0], false, err);
	case OP_NOTIFY: return notify_set(vm->irqchip, (uint32_t)op->arg[0], op->arg[1], err);
	case OP_NOTIFY_TAKE:
		return notify_take(vm->irqchip, (uint32_t)op->arg[0], op->arg[1], op->arg[2], err);
	}
	return error_set(err, -EINVAL, "%s: no such operation", op->name);
}

/* --- what the machine raises, how the guest ends ------------------------- */

/*
 * Every signal but those of the test guest's console, which leave no record. That no other SCCB's is pending
 * KVM has been asked, where it can be: the guest may have taken one and not have logged it.
 */
static bool irq_of_signal(const struct arch_irq *raised, const struct abi_shared *shared, struct irq *irq)
{
	uint32_t sccb = raised->irq->ext.parm & S390_SERVICE_SCCB;
	bool event = raised->irq->ext.parm & SCLP_EVENT_PENDING;

	if (shared && sccb == shared->console)
		sccb = 0;
	if (shared && shared->listening)
		event = false;
	*irq = irq_of_service(sccb | (event ? S390_SERVICE_EVENT : 0));
	irq->apart = sccb && raised->alone;
	return irq->parm;
}

bool irq_of_raised(const struct arch_irq *raised, const struct abi_shared *shared, struct irq *irq)
{
	const struct s390_irq *s = raised->irq;

	if (s->type == S390_CLOCK_COMP || s->type == S390_CPU_TIMER) {
		*irq = irq_of_timer(s->type == S390_CPU_TIMER ? ABI_TIMER_CPU : ABI_TIMER_CLOCK, raised->cpu);
		return true;
	}
	if (raised->cpu != ARCH_IRQ_FLOATING)
		return irq_of_local(s, raised->cpu, irq);
	if (s->type == S390_SERVICE)
		return irq_of_signal(raised, shared, irq);
	*irq = s->type == S390_MCHK ? irq_of_report()
	       : s->type == S390_ADAPTER
	               ? irq_of_adapter(s390_isc(s->io.word))
	               : irq_of_io((uint32_t)s->io.subchannel_id << 16 | s->io.subchannel_nr, s->io.parm,
	                           s390_isc(s->io.word));
	return true;
}

bool arch_guest_stopped(const struct abi_shared *shared, uint64_t code, struct event *event)
{
	struct error how = event->why;

	if (shared && shared->stopped == ABI_STOPPED && (code & ~0x1feULL) == ABI_WAIT_STOPPED) {
		event->kind = EVENT_STOP;
		event->value = (code & 0x1fe) / 2;
		return true;
	}
	if (code != ABI_WAIT_CRASHED)
		return false;
	event->kind = EVENT_CRASH;
	error_set(&event->why, -EIO, "%s: the guest says that it crashed", how.text);
	return true;
}

const struct arch_hooks {
	char none;
} arch_lab_hooks;
