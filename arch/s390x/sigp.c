/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sigp.c: SIGNAL PROCESSOR, by which a CPU acts on another one, and the same operations for the operator.
 *
 * With KVM_CAP_S390_USER_SIGP KVM executes the orders that only inject an
 * interrupt or read a state (sense, external call, emergency signals, sense running
 * status), and leaves the others to us. Each is executed while its target is
 * parked (vcpu_work), so the target's state cannot change meanwhile: whether
 * it operates, and whether a stop or a restart is pending for it, in which
 * case all orders but resets answer busy, as KVM's do. When the sender
 * continues, its order is complete except for what KVM then holds as pending: a
 * stop or a restart.
 *
 * Source: Principles of Operation, ch. 4, "CPU Signaling and Response",
 * "Store Status", "Resets"; the kernel's arch/s390/include/asm/sigp.h.
 */
#include <errno.h>
#include <stdlib.h>

#include "cpu.h"
#include "instruction.h"
#include "local.h"
#include "vmm/arch.h"
#include "vmm/hook.h"
#include "vmm/vcpu.h"

/* Condition codes. */
enum { CC_ACCEPTED, CC_STATUS, CC_BUSY, CC_NOT_OPERATIONAL };

/* Order codes. */
enum {
	SIGP_START = 0x04,
	SIGP_STOP = 0x05,
	SIGP_RESTART = 0x06,
	SIGP_STOP_STORE_STATUS = 0x09,
	SIGP_INITIAL_CPU_RESET = 0x0b,
	SIGP_CPU_RESET = 0x0c,
	SIGP_SET_PREFIX = 0x0d,
	SIGP_STORE_STATUS = 0x0e,
	SIGP_SET_ARCHITECTURE = 0x12,
	/* Not an order, only the operator's. */
	CLEAR_RESET = 0x100,
	STORE_STATUS_ABSOLUTE,
};

/* Status bits. */
#define INCORRECT_STATE   0x200
#define INVALID_PARAMETER 0x100
#define INVALID_ORDER     0x002

/* An order that is being executed. Its functions return a condition code, or a negative errno value of the
 * host.
 */
struct request {
	unsigned order;
	uint32_t parm;
	uint32_t status; /* with CC_STATUS */
};

static int status(struct request *r, uint32_t bits)
{
	r->status = bits;
	return CC_STATUS;
}

/* Whether KVM holds an interrupt of one of the two types for the vCPU. */
static int is_pending(struct vcpu *vcpu, uint32_t type, uint32_t other, struct error *err)
{
	struct s390_irq *irqs;
	size_t count;
	int rc = local_get_all(vcpu, &irqs, &count, err);

	if (rc)
		return rc;
	for (size_t i = 0; i < count; i++)
		rc |= irqs[i].type == type || irqs[i].type == other;
	free(irqs);
	return rc;
}

static int start(struct vcpu *vcpu, struct error *err)
{
	if (vcpu_is_online(vcpu))
		return CC_ACCEPTED;
	vcpu_online(vcpu);
	return cpu_set_mp_state(vcpu, KVM_MP_STATE_OPERATING, err);
}

static int restart(struct vcpu *vcpu, struct error *err)
{
	static const struct s390_irq irq = { .type = S390_RESTART };
	int rc = local_inject(vcpu, &irq, err);

	return rc ? rc : start(vcpu, err);
}

/* If the vCPU operates, KVM stores its status when it stops. */
static int stop(struct vcpu *vcpu, bool store, struct error *err)
{
	const struct s390_irq irq = { .type = S390_STOP,
		                      .stop_flags = store ? KVM_S390_STOP_FLAG_STORE_STATUS : 0 };

	if (vcpu_is_online(vcpu))
		return local_inject(vcpu, &irq, err);
	return store ? cpu_store_status(vcpu, CPU_STATUS_ABSOLUTE, err) : CC_ACCEPTED;
}

static void withdraw(struct vcpu *vcpu, const struct s390_irq *irq)
{
	hook_raised(vcpu->vm, &(struct arch_irq){ irq, vcpu->index, false }, true);
}

/* The reset clears pending interrupts, as the architecture says. */
static int reset(struct vcpu *vcpu, enum cpu_reset_kind kind, struct error *err)
{
	static const struct s390_irq timers[] = { { .type = S390_CLOCK_COMP }, { .type = S390_CPU_TIMER } };
	struct s390_irq *irqs;
	size_t count;
	int rc = local_get_all(vcpu, &irqs, &count, err);

	if (rc)
		return rc;
	rc = cpu_reset(vcpu, kind, err);
	/* Whether a timer's interrupt is pending depends on its register alone, not on KVM's list. */
	for (size_t i = 0; i < count && !rc; i++)
		if (irqs[i].type != S390_CLOCK_COMP && irqs[i].type != S390_CPU_TIMER)
			withdraw(vcpu, &irqs[i]);
	free(irqs);
	/* The reset sets both timers to 0, so they are due, but not because of what they were set to. */
	for (size_t i = 0; i < 2 && !rc && kind != CPU_RESET_NORMAL; i++)
		withdraw(vcpu, &timers[i]);
	if (!rc)
		rc = cpu_set_mp_state(vcpu, KVM_MP_STATE_STOPPED, err);
	vcpu_offline(vcpu);
	return rc;
}

/* KVM's interrupt SET_PREFIX is not used: it would take effect only when the vCPU runs. One that is pending
 * is replaced. */
static int set_prefix(struct vcpu *vcpu, struct request *r, struct error *err)
{
	uint32_t prefix = r->parm & 0x7fffe000;
	const struct s390_irq irq = { .type = S390_SET_PREFIX, .prefix = prefix };
	int rc;

	if (!ram_at(&vcpu->vm->ram, prefix, 0x2000))
		return status(r, INVALID_PARAMETER);
	if (vcpu_is_online(vcpu))
		return status(r, INCORRECT_STATE);
	cpu_set_prefix(vcpu, prefix);
	rc = is_pending(vcpu, S390_SET_PREFIX, S390_SET_PREFIX, err);
	return rc > 0 ? local_inject(vcpu, &irq, err) : rc;
}

static int store_status(struct vcpu *vcpu, struct request *r, uint32_t at, struct error *err)
{
	int rc;

	if (vcpu_is_online(vcpu))
		return status(r, INCORRECT_STATE);
	rc = cpu_store_status(vcpu, at, err);
	return rc == -EFAULT ? status(r, INVALID_PARAMETER) : rc;
}

static int obey(struct vcpu *vcpu, void *arg, struct error *err)
{
	struct request *r = arg;
	int rc;

	if (r->order == SIGP_INITIAL_CPU_RESET)
		return reset(vcpu, CPU_RESET_INITIAL, err);
	if (r->order == SIGP_CPU_RESET)
		return reset(vcpu, CPU_RESET_NORMAL, err);
	if (r->order == CLEAR_RESET)
		return reset(vcpu, CPU_RESET_CLEAR, err);
	/* An earlier order has been accepted and is not complete. */
	rc = is_pending(vcpu, S390_STOP, S390_RESTART, err);
	if (rc)
		return rc < 0 ? rc : CC_BUSY;
	switch (r->order) {
	case SIGP_START: return start(vcpu, err);
	case SIGP_RESTART: return restart(vcpu, err);
	case SIGP_STOP: return stop(vcpu, false, err);
	case SIGP_STOP_STORE_STATUS: return stop(vcpu, true, err);
	case SIGP_SET_PREFIX: return set_prefix(vcpu, r, err);
	case SIGP_STORE_STATUS: return store_status(vcpu, r, r->parm & 0x7ffffe00, err);
	case STORE_STATUS_ABSOLUTE: return store_status(vcpu, r, CPU_STATUS_ABSOLUTE, err);
	default: return status(r, INVALID_ORDER);
	}
}

/* SET ARCHITECTURE is not addressed to a CPU. There is only z/Architecture (CZAM). */
static int send_order(struct vcpu *sender, uint16_t target, struct request *r, struct error *err)
{
	struct vcpu *vcpu = vcpu_with_id(sender->vm, target);
	int rc;

	if (r->order == SIGP_SET_ARCHITECTURE)
		return status(r, INVALID_PARAMETER);
	if (!vcpu)
		return CC_NOT_OPERATIONAL;
	rc = vcpu_work(vcpu, sender, obey, r, err);
	return rc == -EAGAIN ? CC_BUSY : rc;
}

int sigp_reset(struct vcpu *vcpu, const struct vcpu *sender, enum cpu_reset_kind kind, struct error *err)
{
	static const unsigned orders[] = { [CPU_RESET_NORMAL] = SIGP_CPU_RESET,
		                           [CPU_RESET_INITIAL] = SIGP_INITIAL_CPU_RESET,
		                           [CPU_RESET_CLEAR] = CLEAR_RESET };
	struct request r = { .order = orders[kind] };

	return vcpu_work(vcpu, sender, obey, &r, err);
}

/* Sets event if the vCPU has stopped or reset itself. */
int sigp(const struct instruction *i)
{
	struct vcpu *vcpu = i->vcpu;
	struct request r = {
		.order = base_displacement(vcpu, i->ipb) & 0xff,
		.parm = (uint32_t)*gpr(vcpu, i->r1 | 1),
	};
	uint16_t target = (uint16_t)*gpr(vcpu, i->r2);
	int cc;

	/* This comes first, as a reset of the sender itself overrides it. */
	set_cc(vcpu, CC_ACCEPTED);
	cc = send_order(vcpu, target, &r, &i->event->why);
	if (cc < 0)
		return host_error(i->event, cc);
	if (cc == CC_STATUS)
		*gpr(vcpu, i->r1) = (*gpr(vcpu, i->r1) & ~0xffffffffULL) | r.status;
	if (cc != CC_ACCEPTED)
		set_cc(vcpu, (unsigned)cc);
	if (cc == CC_BUSY)
		vcpu_give_way(vcpu->vm);
	if (target == vcpu->id && (r.order == SIGP_CPU_RESET || r.order == SIGP_INITIAL_CPU_RESET))
		i->event->kind = EVENT_OFFLINE;
	return INSTRUCTION_OVER;
}

int arch_cpu(struct vcpu *vcpu, enum cpu_op op, uint64_t address, struct error *err)
{
	static const unsigned orders[CPU_OPS] = {
		[CPU_OP_STOP] = SIGP_STOP,
		[CPU_OP_START] = SIGP_START,
		[CPU_OP_RESTART] = SIGP_RESTART,
		[CPU_OP_RESET] = SIGP_CPU_RESET,
		[CPU_OP_INITIAL_RESET] = SIGP_INITIAL_CPU_RESET,
		[CPU_OP_CLEAR_RESET] = CLEAR_RESET,
		[CPU_OP_STORE_STATUS] = SIGP_STORE_STATUS,
	};
	struct request r = { .order = orders[op], .parm = (uint32_t)address };
	int rc;

	if (op == CPU_OP_STORE_STATUS && address == CPU_OP_NOWHERE)
		r.order = STORE_STATUS_ABSOLUTE;
	rc = vcpu_work(vcpu, NULL, obey, &r, err);
	if (rc == CC_BUSY)
		return error_set(err, -EBUSY, "vCPU %u: a stop or a restart is under way", vcpu->id);
	if (rc == CC_STATUS && r.status == INVALID_PARAMETER)
		return error_set(err, -EFAULT, "vCPU %u: no memory at 0x%x", vcpu->id, r.parm);
	return rc == CC_STATUS ? error_set(err, -EINVAL, "vCPU %u: incorrect state", vcpu->id) : rc;
}
