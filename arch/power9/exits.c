/* SPDX-License-Identifier: BSD-2-Clause */
/* exits.c: what a power9 guest leaves KVM for. Source: api.rst, struct kvm_run. Read next: hcall.c. */
#include <errno.h>
#include <string.h>

#include "hcall.h"
#include "vmm/arch.h"
#include "vmm/vcpu.h"

static void mmio(struct vcpu *vcpu, struct event *event)
{
	struct kvm_run *run = vcpu->run;
	struct io io = {
		.space = IO_MMIO,
		.write = run->mmio.is_write,
		.addr = run->mmio.phys_addr,
		.len = run->mmio.len,
	};

	memcpy(io.data, run->mmio.data, sizeof(run->mmio.data));
	if (bus_io(&vcpu->vm->bus, &io, &event->why))
		event->kind = EVENT_CRASH;
	memcpy(run->mmio.data, io.data, sizeof(run->mmio.data));
}

void arch_exit(struct vcpu *vcpu, struct event *event)
{
	switch (vcpu->run->exit_reason) {
	case KVM_EXIT_PAPR_HCALL: hcall(vcpu, event); break;
	case KVM_EXIT_MMIO: mmio(vcpu, event); break;
	default:
		event->kind = EVENT_CRASH;
		error_set(&event->why, -EIO, "exit %s (%u), which this machine has no use for",
		          kvm_exit_name(vcpu->run->exit_reason), vcpu->run->exit_reason);
	}
}

/* PAPR has only the guest itself stop a vCPU and start it: this is the hypervisor's, which need not run it.
 */
static int operate(struct vcpu *vcpu, void *arg, struct error *err)
{
	const enum cpu_op *op = arg;

	if (*op != CPU_OP_START && *op != CPU_OP_STOP)
		return error_blame(
			err, error_set(err, -EOPNOTSUPP, "vCPU %u: PAPR has no such operation", vcpu->id),
			FAULT_DATA);
	if (*op == CPU_OP_START)
		vcpu_continue(vcpu);
	else
		vcpu_suspend(vcpu);
	return 0;
}

int arch_cpu(struct vcpu *vcpu, enum cpu_op op, uint64_t address, struct error *err)
{
	(void)address;
	return vcpu_work(vcpu, NULL, operate, &op, err);
}

const char *arch_exit_name(const struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;

	if (run->exit_reason == KVM_EXIT_PAPR_HCALL)
		return hcall_name(vcpu);
	return run->exit_reason == KVM_EXIT_MMIO ? run->mmio.is_write ? "MMIO store" : "MMIO load"
	                                         : kvm_exit_name(run->exit_reason);
}
