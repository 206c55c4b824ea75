/* SPDX-License-Identifier: BSD-2-Clause */
/* modes.c: see modes.h. */
#include "modes.h"

#include "devices.h"

#define PATE_GR (1ULL << 63)

int modes_set_mmu(struct vm *vm, uint64_t process_table, bool gtse, struct error *err)
{
	struct kvm_ppc_mmuv3_cfg mmu = {
		.flags = KVM_PPC_MMUV3_RADIX | (gtse ? KVM_PPC_MMUV3_GTSE : 0),
		.process_table = PATE_GR | process_table,
	};
	long rc = kvm_call(&vm->fd, KVM_PPC_CONFIGURE_V3_MMU, &mmu);

	if (rc < 0)
		return kvm_failed(err, rc, &vm->fd, NULL,
		                  "KVM_PPC_CONFIGURE_V3_MMU(radix%s, process table 0x%llx)",
		                  gtse ? ", GTSE" : "", (unsigned long long)process_table);
	vm->devices->modes.process_table = process_table;
	vm->devices->modes.gtse = gtse;
	return 0;
}
