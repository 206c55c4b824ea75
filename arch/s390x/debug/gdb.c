/* SPDX-License-Identifier: BSD-2-Clause */
/* gdb.c: what gdb needs of a vCPU. See vmm/debug/arch_debug.h. Source: kernel api.rst, KVM_SET_GUEST_DEBUG.
 */
#include <errno.h>

#include "arch/s390x/cpu.h"
#include "dat.h"
#include "vmm/debug/arch_debug.h"

#define PSW_DAT    0x0400000000000000ULL
#define PSW_SPACE  46 /* the address-space control */
#define SPACE_HOME 3

#define KVM_POINTS 10

int arch_registers_get(struct vcpu *vcpu, uint8_t bytes[GDB_REGISTERS_MAX], struct error *err)
{
	struct s390_cpu cpu = { 0 };
	int rc = cpu_save(vcpu, &cpu, err);

	if (!rc)
		gdb_target_get(&arch_target, &cpu, bytes);
	return rc;
}

int arch_registers_set(struct vcpu *vcpu, const uint8_t bytes[GDB_REGISTERS_MAX], struct error *err)
{
	struct s390_cpu cpu = { 0 };
	int rc = cpu_save(vcpu, &cpu, err);

	if (rc)
		return rc;
	gdb_target_set(&arch_target, &cpu, bytes);
	return cpu_load(vcpu, &cpu, err);
}

/*
 * Instructions and operands alike: in the secondary and the access-register mode gdb sees the primary space,
 * from which the instructions are. What the space does not have may be in the home space, where Linux has the
 * kernel.
 */
static bool translate(const struct ram *ram, const struct s390_cpu *cpu, uint64_t address, gpa_t *gpa,
                      uint64_t *left)
{
	bool home = (cpu->psw_mask >> PSW_SPACE & 3) == SPACE_HOME;

	return dat_translate(ram, cpu->cr[home ? 13 : 1], address, gpa, left) ||
	       (!home && dat_translate(ram, cpu->cr[13], address, gpa, left));
}

int arch_translate(struct vcpu *vcpu, uint64_t address, gpa_t *gpa, uint64_t *left, struct error *err)
{
	const struct ram *ram = &vcpu->vm->ram;
	struct s390_cpu cpu = { 0 };
	int rc = cpu_save(vcpu, &cpu, err);

	if (rc)
		return rc;
	*gpa = address;
	*left = 0x1000 - (address & 0xfff);
	if (cpu.psw_mask & PSW_DAT && !translate(ram, &cpu, address, gpa, left))
		return error_set(err, -EFAULT, "vCPU %u has no page at 0x%llx", vcpu->id,
		                 (unsigned long long)address);
	if (*left > 0x1000) /* of a large page, too, the first two may be elsewhere */
		*left = 0x1000 - (address & 0xfff);
	*gpa = dat_absolute(cpu.prefix, *gpa);
	return ram_see(ram, *gpa, *left)
	               ? 0
	               : error_set(err, -EFAULT, "there is no memory at 0x%llx", (unsigned long long)*gpa);
}

/* --- breakpoints ---------------------------------------------------------------- */

const bool arch_has_breakpoints = true;

int arch_breakpoints(struct vcpu *vcpu, const struct break_point *points, unsigned count, struct error *err)
{
	struct kvm_hw_breakpoint list[KVM_POINTS] = { { 0 } };
	struct kvm_guest_debug debug = { .control =
		                                 count ? KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP : 0 };
	uint64_t left;
	long rc = 0;

	if (count > KVM_POINTS)
		return error_set(err, -ENOSPC, "KVM has %d breakpoints and watchpoints, not %u", KVM_POINTS,
		                 count);
	for (unsigned i = 0; i < count && !rc; i++) {
		list[i] =
			(struct kvm_hw_breakpoint){ .addr = points[i].address,
			                            .len = points[i].watched ? points[i].size : 1,
			                            .type = points[i].watched ? KVM_HW_WP_WRITE : KVM_HW_BP };
		if (points[i].watched)
			rc = arch_translate(vcpu, points[i].address, (gpa_t *)&list[i].phys_addr, &left, err);
	}
	if (rc)
		return (int)rc;
	debug.arch.nr_hw_bp = count;
	debug.arch.hw_bp = list;
	rc = kvm_call(&vcpu->fd, KVM_SET_GUEST_DEBUG, &debug);
	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_SET_GUEST_DEBUG(%u breakpoints)", count)
	              : 0;
}

bool arch_has_changed(const struct vcpu *vcpu, uint64_t *address)
{
	const struct kvm_debug_exit_arch *arch = &vcpu->run->debug.arch;

	*address = arch->addr;
	return vcpu->run->exit_reason == KVM_EXIT_DEBUG && arch->type == KVM_HW_WP_WRITE;
}
