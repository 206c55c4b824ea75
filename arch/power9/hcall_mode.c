/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hcall_mode.c: the calls by which a partition sets its processors' modes (endianness and location
 * of interrupt vectors, translation) and asks for their characteristics. Source: LoPAR 14 (H_SET_MODE,
 * H_REGISTER_PROC_TBL, H_GET_CPU_CHARACTERISTICS); KVM handles resources 1 and 2 of H_SET_MODE (breakpoints).
 */
#include <errno.h>

#include "cpu.h"
#include "hcall.h"
#include "devices.h"
#include "modes.h"
#include "vmm/vcpu.h"

/* H_SET_MODE: the resources that KVM leaves to us, and their values. */
#define MODE_AIL           3
#define MODE_ENDIAN        4
#define MODE_BIG_ENDIAN    0
#define MODE_LITTLE_ENDIAN 1

/* H_REGISTER_PROC_TBL */
#define TBL_GTSE     1 /* the guest invalidates translations by itself */
#define TBL_HASH     2
#define TBL_RADIX    4
#define TBL_REGISTER 8 /* with modify: register a table; without: remove it */
#define TBL_MODIFY   16
#define TBL_FLAGS    31
#define TBL_SIZE_MAX 24 /* log2 of its size, less 12 (Power ISA Book III, 5.7.6.1) */

/* --- H_SET_MODE ------------------------------------------------------- */

struct lpcr {
	uint64_t mask, value;
};

static int change_lpcr(struct vcpu *vcpu, void *arg, struct error *err)
{
	const struct lpcr *lpcr = arg;

	return cpu_change_lpcr(vcpu, lpcr->mask, lpcr->value, err);
}

/* (flags, resource, value, value): a mode belongs to the partition: it is set on all vCPUs. */
long hcall_set_mode(struct hcall *c)
{
	struct lpcr lpcr;
	int rc = 0;

	if (c->arg[1] == MODE_ENDIAN) {
		if (c->arg[0] != MODE_BIG_ENDIAN && c->arg[0] != MODE_LITTLE_ENDIAN)
			return H_UNSUPPORTED_FLAG;
		lpcr = (struct lpcr){ LPCR_ILE, c->arg[0] == MODE_LITTLE_ENDIAN ? LPCR_ILE : 0 };
	} else if (c->arg[1] == MODE_AIL) {
		if (c->arg[0] != 0 && c->arg[0] != 3) /* 1 is reserved; KVM has no 2 */
			return H_UNSUPPORTED_FLAG;
		lpcr = (struct lpcr){ LPCR_AIL, c->arg[0] << LPCR_AIL_SHIFT };
	} else {
		return H_P2;
	}
	if (c->arg[2])
		return H_P3;
	if (c->arg[3])
		return H_P4;
	for (unsigned i = 0; i < c->vm->vcpu_count && !rc; i++)
		rc = vcpu_work(&c->vm->vcpus[i], c->vcpu, change_lpcr, &lpcr, &c->event->why);
	/* Another vCPU's work is in progress. When the guest calls again, all vCPUs are set from the first
	 * on. */
	if (rc == -EAGAIN)
		return H_LONG_BUSY_ORDER_1_MSEC;
	return !rc ? H_SUCCESS : rc == -EOPNOTSUPP ? H_UNSUPPORTED_FLAG : H_HARDWARE;
}

/* --- H_REGISTER_PROC_TBL ---------------------------------------------- */

/* (flags, table, page size, log2 of its size less 12): radix only; the page size concerns hashed tables. */
long hcall_register_table(struct hcall *c)
{
	uint64_t flags = c->arg[0], table = c->vm->devices->modes.process_table;

	if (flags & ~(uint64_t)TBL_FLAGS || flags & TBL_HASH || !(flags & TBL_RADIX))
		return H_PARAMETER;
	if (flags & TBL_REGISTER && !(flags & TBL_MODIFY))
		return H_PARAMETER;
	if (flags & TBL_MODIFY)
		table = 0;
	if (flags & TBL_REGISTER) {
		if (c->arg[1] & 0xfff)
			return H_P2;
		if (c->arg[2])
			return H_P3;
		if (c->arg[3] > TBL_SIZE_MAX)
			return H_P4;
		if (!ram_at(&c->vm->ram, c->arg[1], 1ULL << (c->arg[3] + 12)))
			return H_P2;
		table = c->arg[1] | c->arg[3];
	}
	return modes_set_mmu(c->vm, table, flags & TBL_GTSE, &c->event->why) ? H_HARDWARE : H_SUCCESS;
}

/* --- H_GET_CPU_CHARACTERISTICS ---------------------------------------- */

/* () -> characteristics, behaviour: KVM's bits are those of PAPR. */
long hcall_cpu_characteristics(struct hcall *c)
{
	long rc = kvm_extension(c->vm->kvm, KVM_CAP_PPC_GET_CPU_CHAR, &c->event->why);
	struct kvm_ppc_cpu_char found = { 0 };

	if (!rc)
		return H_FUNCTION;
	if (rc > 0)
		rc = kvm_call(&c->vm->fd, KVM_PPC_GET_CPU_CHAR, &found);
	if (rc < 0)
		return rc == -ENOTTY ? H_FUNCTION : H_HARDWARE;
	c->arg[0] = found.character & found.character_mask;
	c->arg[1] = found.behaviour & found.behaviour_mask;
	return H_SUCCESS;
}
