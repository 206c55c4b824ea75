/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reset.c: the two resets of DIAGNOSE 0x308 after which the same machine goes on with what is in its memory:
 * Linux's kexec. Source: Principles of Operation, ch. 4, "Resets" and "Initial Program Loading".
 */
#include <errno.h>
#include <stdlib.h>

#include "adapter.h"
#include "cpu.h"
#include "flic.h"
#include "instruction.h"
#include "service.h"
#include "watchdog.h"
#include "vmm/hook.h"
#include "vmm/vcpu.h"

#define DIAG_LENGTH 4

/* Of the short PSW at absolute 0. */
#define SHORT_PSW     0x0008000000000000ULL /* must be one, and is zero in the PSW */
#define SHORT_CONTROL 0xffffffff80000000ULL
#define SHORT_ADDRESS 0x000000007fffffffULL

/* What is pending goes with the reset, by design: the account need not wait for it. */
static int clear_floating(struct vm *vm, struct error *err)
{
	static const struct s390_ais none;
	struct s390_irq *irqs;
	size_t count;
	int rc = flic_get_all(vm->irqchip, &irqs, &count, err);

	if (rc)
		return rc;
	rc = flic_clear(vm->irqchip, err);
	for (size_t i = 0; i < count && !rc; i++)
		hook_raised(vm, &(struct arch_irq){ &irqs[i], ARCH_IRQ_FLOATING, false }, true);
	free(irqs);
	return rc ? rc : ais_set(vm->irqchip, &none, err);
}

/* The CPUs but this one have stopped. The sources first: what they have raised until then is cleared. */
static int reset_subsystem(struct vm *vm, struct error *err)
{
	int rc;

	devices_reset(&vm->device_list);
	service_reset(vm);
	rc = watchdog_reset(vm, err);
	return rc ? rc : clear_floating(vm, err);
}

static int reset_others(struct vcpu *sender, enum cpu_reset_kind kind, struct error *err)
{
	struct vm *vm = sender->vm;
	int rc = 0;

	for (unsigned i = 0; i < vm->vcpu_count && !rc; i++)
		if (&vm->vcpus[i] != sender)
			rc = sigp_reset(&vm->vcpus[i], sender, kind, err);
	return rc;
}

static int load_psw(struct vcpu *vcpu, struct error *err)
{
	const uint64_t *at = ram_at(&vcpu->vm->ram, 0, 8);
	uint64_t psw = at ? *at : 0;

	/* Where the bit was zero it is one now, which is a specification exception when it is loaded. */
	vcpu->run->psw_mask = (psw & SHORT_CONTROL) ^ SHORT_PSW;
	vcpu->run->psw_addr = psw & SHORT_ADDRESS;
	return cpu_set_mp_state(vcpu, KVM_MP_STATE_OPERATING, err);
}

int reset_and_go_on(const struct instruction *i, bool clear)
{
	struct vcpu *vcpu = i->vcpu;
	struct error *why = &i->event->why;
	int rc = reset_others(vcpu, clear ? CPU_RESET_CLEAR : CPU_RESET_NORMAL, why);

	/* Another vCPU's order is under way: the instruction is executed again, from its beginning. */
	if (rc == -EAGAIN) {
		vcpu->run->psw_addr -= DIAG_LENGTH;
		vcpu_give_way(vcpu->vm);
		return INSTRUCTION_OVER;
	}
	if (!rc)
		rc = reset_subsystem(vcpu->vm, why);
	if (!rc)
		rc = sigp_reset(vcpu, vcpu, clear ? CPU_RESET_CLEAR : CPU_RESET_INITIAL, why);
	if (!rc)
		rc = load_psw(vcpu, why);
	return rc ? host_error(i->event, rc) : INSTRUCTION_OVER;
}
