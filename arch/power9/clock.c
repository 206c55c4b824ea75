/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock.c: the time base. See vmm/clock.h. A vCPU's time base is the host's plus an offset. A
 * machine has one time base, so the offset is the same for all vCPUs. KVM keeps the decrementer's expiry as a
 * value of the guest's time base (KVM_REG_PPC_DEC_EXPIRY), so setting the offset makes all timers right.
 *
 * An offset that is not 0 has a cost: KVM then writes the host's time base at each entry and exit. A pause of
 * less than 33 ms does not change the offset.
 */
#include "clock.h"

#include <inttypes.h>

#include "devices.h"
#include "vmm/arch.h"
#include "vmm/vm_clock.h"

int arch_clock_get(struct vm *vm, struct clock_reading *now, struct error *err)
{
	(void)err;
	now->high = 0;
	now->low = __builtin_ppc_get_timebase() + vm->devices->tb_offset;
	return 0;
}

/*
 * A timer whose expiry lies before zero of the host's time base would never wake a vCPU in H_CEDE, because
 * KVM subtracts unsigned numbers (kvmppc_set_timer). Such a timer is moved to zero: it has expired there too.
 */
static int keep_overdue(const struct kvm_fd *vcpu, uint64_t offset, struct error *err)
{
	uint64_t expiry = 0;
	long rc;

	if ((int64_t)offset <= 0)
		return 0;
	rc = kvm_reg_get(vcpu, KVM_REG_PPC_DEC_EXPIRY, &expiry);
	if (rc >= 0 && (int64_t)(expiry - offset) < 0)
		rc = kvm_reg_set(vcpu, KVM_REG_PPC_DEC_EXPIRY, &offset);
	return rc < 0 ? kvm_failed(err, rc, vcpu, NULL, "KVM_GET_ONE_REG, KVM_SET_ONE_REG(DEC_EXPIRY)") : 0;
}

/*
 * A time of day that has been set (RTAS set-time-of-day, --clock-start) is not the host's: it has gone on by
 * as much as the time base since the reading.
 */
static void set_time_of_day(struct vm *vm, const struct clock_reading *then)
{
	uint64_t gone = tb_ns(__builtin_ppc_get_timebase() + vm->devices->tb_offset - then->low);
	int64_t *offset = &vm->devices->modes.time_offset;

	if (*offset && then->wall)
		*offset += (int64_t)(then->wall + gone - clock_wall());
}

int arch_clock_set(struct vm *vm, const struct clock_reading *then, uint64_t ns, struct error *err)
{
	uint64_t offset = tb_offset(then->low + tb_ticks(ns), then->low, __builtin_ppc_get_timebase());
	bool same = offset == vm->devices->tb_offset;
	int rc = 0;

	for (unsigned i = 0; i < vm->vcpu_count && !rc; i++) {
		const struct kvm_fd *vcpu = &vm->vcpus[i].fd;
		long set = same ? 0 : kvm_reg_set(vcpu, KVM_REG_PPC_TB_OFFSET, &offset);

		rc = set < 0 ? kvm_failed(err, set, vcpu, NULL, "KVM_SET_ONE_REG(TB_OFFSET, 0x%" PRIx64 ")",
		                          offset)
		             : keep_overdue(vcpu, offset, err);
	}
	if (rc || same)
		return rc;
	vm->devices->tb_offset = offset;
	set_time_of_day(vm, then);
	return rc;
}
