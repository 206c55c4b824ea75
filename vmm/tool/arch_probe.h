/* SPDX-License-Identifier: BSD-2-Clause */
/* arch_probe.h: what `zpvm probe` asks of the architecture that is linked: arch/ARCH/tool/probe.c. */
#ifndef VMM_TOOL_ARCH_PROBE_H
#define VMM_TOOL_ARCH_PROBE_H

#include "probe.h"

/* What the architecture has beyond the capabilities that both have. */
extern const struct probe_cap arch_probe_caps[];

/*
 * Reports the interrupt controllers' attributes, then limits, as tried in vm:
 * a scratch VM of probe_vm(), used for nothing else. What cannot be made is
 * reported as such. Everything made here is closed on return.
 */
void arch_probe(const struct kvm_fd *kvm, const struct kvm_fd *vm, struct reporter *r);

#endif
