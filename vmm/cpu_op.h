/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu_op.h: operations on a vCPU from outside. Pure. */
#ifndef VMM_CPU_OP_H
#define VMM_CPU_OP_H

#include <stdint.h>

/* An operator's operations on a vCPU (arch_cpu()). */
enum cpu_op {
	CPU_OP_STOP,
	CPU_OP_START,
	CPU_OP_RESTART,
	CPU_OP_RESET,
	CPU_OP_INITIAL_RESET,
	CPU_OP_CLEAR_RESET,
	CPU_OP_STORE_STATUS,
	CPU_OPS
};
#define CPU_OP_NOWHERE UINT64_MAX /* an address: the architected location */

/* In place of a vCPU's index: any vCPU, or all of them. */
#define VCPU_ALL UINT16_MAX

#endif
