/* SPDX-License-Identifier: BSD-2-Clause */
/* arch_probe.h: what `zpvm probe` asks of the architecture that is linked: arch/ARCH/tool/probe.c. */
#ifndef VMM_TOOL_ARCH_PROBE_H
#define VMM_TOOL_ARCH_PROBE_H

#include "probe.h"

/* The architecture's own capabilities, besides those of probe.c. */
extern const struct probe_cap arch_probe_caps[];

/*
 * Reports the attributes of the interrupt controllers, then limits that it finds in vm, a scratch VM of
 * probe_vm(). What cannot be created is reported as such. Everything created here is closed again.
 */
void arch_probe(const struct kvm_fd *kvm, const struct kvm_fd *vm, struct reporter *r);

#endif
