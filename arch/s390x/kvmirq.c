/* SPDX-License-Identifier: BSD-2-Clause */
/* kvmirq.c: see kvmirq.h. */
#include "kvmirq.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* codec.h must not include a KVM header, so its numbers are compared here. */
_Static_assert(S390_IO_MAX == KVM_S390_INT_IO_MAX && S390_STOP == KVM_S390_SIGP_STOP &&
                       S390_PROGRAM == KVM_S390_PROGRAM_INT && S390_SET_PREFIX == KVM_S390_SIGP_SET_PREFIX &&
                       S390_RESTART == KVM_S390_RESTART && S390_PFAULT_INIT == KVM_S390_INT_PFAULT_INIT &&
                       S390_PFAULT_DONE == KVM_S390_INT_PFAULT_DONE && S390_MCHK == KVM_S390_MCHK &&
                       S390_EMERGENCY == KVM_S390_INT_EMERGENCY &&
                       S390_EXTERNAL_CALL == KVM_S390_INT_EXTERNAL_CALL &&
                       S390_CLOCK_COMP == KVM_S390_INT_CLOCK_COMP &&
                       S390_CPU_TIMER == KVM_S390_INT_CPU_TIMER && S390_SERVICE == KVM_S390_INT_SERVICE &&
                       S390_VIRTIO == KVM_S390_INT_VIRTIO && S390_ADAPTER == KVM_S390_INT_IO(1, 0, 0, 0),
               "interrupt types are KVM's");
_Static_assert(sizeof(struct kvm_s390_irq) == 72, "the interface's entry size");

/* Into zeros: there can be very many, and most of each stays zero. */
static void from_ours(const struct s390_irq *irq, struct kvm_s390_irq *k)
{
	k->type = irq->type;
	if (irq->type <= S390_IO_MAX) {
		k->u.io.subchannel_id = irq->io.subchannel_id;
		k->u.io.subchannel_nr = irq->io.subchannel_nr;
		k->u.io.io_int_parm = irq->io.parm;
		k->u.io.io_int_word = irq->io.word;
		return;
	}
	switch (irq->type) {
	case S390_PROGRAM:
		k->u.pgm.trans_exc_code = irq->pgm.trans_exc_code;
		k->u.pgm.mon_code = irq->pgm.mon_code;
		k->u.pgm.per_address = irq->pgm.per_address;
		k->u.pgm.data_exc_code = irq->pgm.data_exc_code;
		k->u.pgm.code = irq->pgm.code;
		k->u.pgm.mon_class_nr = irq->pgm.mon_class_nr;
		k->u.pgm.per_code = irq->pgm.per_code;
		k->u.pgm.per_atmid = irq->pgm.per_atmid;
		k->u.pgm.exc_access_id = irq->pgm.exc_access_id;
		k->u.pgm.per_access_id = irq->pgm.per_access_id;
		k->u.pgm.op_access_id = irq->pgm.op_access_id;
		k->u.pgm.flags = irq->pgm.flags;
		break;
	case S390_MCHK:
		k->u.mchk.cr14 = irq->mchk.cr14;
		k->u.mchk.mcic = irq->mchk.mcic;
		k->u.mchk.failing_storage_address = irq->mchk.failing_storage_address;
		k->u.mchk.ext_damage_code = irq->mchk.ext_damage_code;
		memcpy(k->u.mchk.fixed_logout, irq->mchk.fixed_logout, sizeof(k->u.mchk.fixed_logout));
		break;
	case S390_SET_PREFIX: k->u.prefix.address = irq->prefix; break;
	case S390_STOP: k->u.stop.flags = irq->stop_flags; break;
	case S390_EMERGENCY: k->u.emerg.code = irq->source; break;
	case S390_EXTERNAL_CALL: k->u.extcall.code = irq->source; break;
	default: k->u.ext.ext_params = irq->ext.parm; k->u.ext.ext_params2 = irq->ext.parm64;
	}
}

struct kvm_s390_irq kvmirq_from_ours(const struct s390_irq *irq)
{
	struct kvm_s390_irq k = { 0 };

	from_ours(irq, &k);
	return k;
}

static void to_ours(const struct kvm_s390_irq *k, struct s390_irq *irq)
{
	irq->type = (uint32_t)k->type;
	if (irq->type <= S390_IO_MAX) {
		irq->io.subchannel_id = k->u.io.subchannel_id;
		irq->io.subchannel_nr = k->u.io.subchannel_nr;
		irq->io.parm = k->u.io.io_int_parm;
		irq->io.word = k->u.io.io_int_word;
		return;
	}
	switch (irq->type) {
	case S390_PROGRAM:
		irq->pgm.trans_exc_code = k->u.pgm.trans_exc_code;
		irq->pgm.mon_code = k->u.pgm.mon_code;
		irq->pgm.per_address = k->u.pgm.per_address;
		irq->pgm.data_exc_code = k->u.pgm.data_exc_code;
		irq->pgm.code = k->u.pgm.code;
		irq->pgm.mon_class_nr = k->u.pgm.mon_class_nr;
		irq->pgm.per_code = k->u.pgm.per_code;
		irq->pgm.per_atmid = k->u.pgm.per_atmid;
		irq->pgm.exc_access_id = k->u.pgm.exc_access_id;
		irq->pgm.per_access_id = k->u.pgm.per_access_id;
		irq->pgm.op_access_id = k->u.pgm.op_access_id;
		irq->pgm.flags = k->u.pgm.flags;
		break;
	case S390_MCHK:
		irq->mchk.cr14 = k->u.mchk.cr14;
		irq->mchk.mcic = k->u.mchk.mcic;
		irq->mchk.failing_storage_address = k->u.mchk.failing_storage_address;
		irq->mchk.ext_damage_code = k->u.mchk.ext_damage_code;
		memcpy(irq->mchk.fixed_logout, k->u.mchk.fixed_logout, sizeof(irq->mchk.fixed_logout));
		break;
	case S390_SET_PREFIX: irq->prefix = k->u.prefix.address; break;
	case S390_STOP: irq->stop_flags = k->u.stop.flags; break;
	case S390_EMERGENCY: irq->source = k->u.emerg.code; break;
	case S390_EXTERNAL_CALL: irq->source = k->u.extcall.code; break;
	default: irq->ext.parm = k->u.ext.ext_params; irq->ext.parm64 = k->u.ext.ext_params2;
	}
}

struct kvm_s390_irq *kvmirqs_from_ours(const struct s390_irq *irqs, size_t count, struct error *err)
{
	struct kvm_s390_irq *k = calloc(count, sizeof(*k));

	if (!k)
		error_set(err, -ENOMEM, "out of memory for %zu interrupts", count);
	for (size_t i = 0; k && i < count; i++)
		from_ours(&irqs[i], &k[i]);
	return k;
}

int kvmirqs_to_ours(const struct kvm_s390_irq *k, size_t count, struct s390_irq **irqs, struct error *err)
{
	*irqs = count ? calloc(count, sizeof(**irqs)) : NULL;
	if (count && !*irqs)
		return error_set(err, -ENOMEM, "out of memory for %zu interrupts", count);
	for (size_t i = 0; i < count; i++)
		to_ours(&k[i], &(*irqs)[i]);
	return 0;
}
