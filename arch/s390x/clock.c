/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.c: the TOD clock, which KVM has for the whole VM. See vmm/clock.h. */
#include "clock.h"

#include <errno.h>

#include "vmm/arch.h"
#include "vmm/types.h"

int arch_clock_get(struct vm *vm, struct clock_reading *now, struct error *err)
{
	struct kvm_s390_vm_tod_clock tod = { 0 };
	long rc = kvm_attr_get(&vm->fd, "TOD_EXT", KVM_S390_VM_TOD, KVM_S390_VM_TOD_EXT, &tod);

	if (rc < 0)
		return kvm_failed(err, rc, &vm->fd, NULL, "KVM_GET_DEVICE_ATTR(TOD_EXT)");
	now->high = tod.epoch_idx;
	now->low = tod.tod;
	return 0;
}

int arch_clock_set(struct vm *vm, const struct clock_reading *then, uint64_t ns, struct error *err)
{
	struct kvm_s390_vm_tod_clock tod = { 0 };
	struct clock_reading now = *then;
	long rc;

	tod_advance(&now, ns);
	tod.epoch_idx = (uint8_t)now.high;
	tod.tod = now.low;
	rc = kvm_attr_set(&vm->fd, "TOD_EXT", KVM_S390_VM_TOD, KVM_S390_VM_TOD_EXT, &tod);
	if (rc == -EINVAL && tod.epoch_idx)
		return error_set(
			err, -EOPNOTSUPP,
			"this host lacks the multiple-epoch facility, for a TOD clock later than 2042 (epoch "
			"index %u)",
			tod.epoch_idx);
	return rc < 0 ? kvm_failed(err, rc, &vm->fd, NULL,
	                           "KVM_SET_DEVICE_ATTR(TOD_EXT, epoch index %u, TOD clock 0x%llx)",
	                           tod.epoch_idx, (unsigned long long)tod.tod)
	              : 0;
}
