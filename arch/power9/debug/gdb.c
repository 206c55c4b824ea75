/* SPDX-License-Identifier: BSD-2-Clause */
/* gdb.c: what gdb needs of a vCPU. See vmm/debug/arch_debug.h. */
#include <errno.h>
#include <stdlib.h>

#include "arch/power9/cpu.h"
#include "translate.h"
#include "vmm/debug/arch_debug.h"

/* In real mode the upper four bits of an address do not count (Power ISA 3.0 B, Book III, 5.7.3). */
#define REAL_MASK 0x0fffffffffffffffULL

#define PIECE 0x1000ULL

int arch_registers_get(struct vcpu *vcpu, uint8_t bytes[GDB_REGISTERS_MAX], struct error *err)
{
	struct p9_cpu cpu = { 0 };
	int rc = cpu_save(vcpu, &cpu, err);

	if (!rc)
		gdb_target_get(&arch_target, &cpu, bytes);
	return rc;
}

int arch_registers_set(struct vcpu *vcpu, const uint8_t bytes[GDB_REGISTERS_MAX], struct error *err)
{
	struct p9_cpu cpu = { 0 };
	int rc = cpu_save(vcpu, &cpu, err);

	if (rc)
		return rc;
	gdb_target_set(&arch_target, &cpu, bytes);
	return cpu_load(vcpu, &cpu, err);
}

/* An address of data, or if there is none of code: a guest need not be able to read that. */
static uint64_t translate(struct vcpu *vcpu, const struct kvm_regs *regs, uint64_t address)
{
	struct span spans[2];

	if (!(regs->msr & (MSR_IR | MSR_DR)))
		return address & REAL_MASK;
	return translate_data(vcpu->vm, regs->pid, regs->msr, address, 1, spans)
	               ? spans[0].first
	               : translate_code(vcpu->vm, regs->pid, regs->msr, address);
}

int arch_translate(struct vcpu *vcpu, uint64_t address, gpa_t *gpa, uint64_t *left, struct error *err)
{
	struct kvm_regs regs;
	long rc = kvm_call(&vcpu->fd, KVM_GET_REGS, &regs);

	if (rc < 0)
		return kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_GET_REGS");
	*gpa = translate(vcpu, &regs, address);
	if (*gpa == NOWHERE)
		return error_set(err, -EFAULT, "vCPU %u: its address 0x%llx is not mapped", vcpu->id,
		                 (unsigned long long)address);
	*left = PIECE - *gpa % PIECE;
	return ram_see(&vcpu->vm->ram, *gpa, *left)
	               ? 0
	               : error_set(err, -EFAULT, "there is no memory at 0x%llx", (unsigned long long)*gpa);
}

/* KVM's (KVM_GUESTDBG_USE_SW_BP) are words in guest memory, which old emulators take for illegal ones. */
const bool arch_has_breakpoints = false;

int arch_breakpoints(struct vcpu *vcpu, const struct break_point *points, unsigned count, struct error *err)
{
	(void)points;
	return count ? error_set(err, -ENOSPC, "vCPU %u: KVM has no breakpoints", vcpu->id) : 0;
}

bool arch_has_changed(const struct vcpu *vcpu, uint64_t *address)
{
	(void)vcpu;
	*address = 0;
	return false;
}
