/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu_op.h: what is done to a vCPU from outside. Pure. */
#ifndef VMM_CPU_OP_H
#define VMM_CPU_OP_H

#include <stdint.h>

/* What an operator does to a vCPU (arch_cpu()). */
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
#define CPU_OP_NOWHERE UINT64_MAX /* an address: the architecture's own place */

/* Any vCPU, or all of them, where an index is asked for. */
#define VCPU_ALL UINT16_MAX

#endif
