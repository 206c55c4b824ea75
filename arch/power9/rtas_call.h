/* SPDX-License-Identifier: BSD-2-Clause */
/* rtas_call.h: a call of a service of RTAS (rtas.c), for the functions that provide one. Source: LoPAR 7.2.
 */
#ifndef ARCH_POWER9_RTAS_CALL_H
#define ARCH_POWER9_RTAS_CALL_H

#include "vmm/types.h"

/* Statuses. */
#define RTAS_SUCCESS   0
#define RTAS_UNKNOWN   (-1) /* hardware error: there is no such service */
#define RTAS_BUSY      (-2)
#define RTAS_PARAMETER (-3)

#define RTAS_WORDS 16 /* of arguments, and of results (LoPAR 7.2.7) */

/* A call that is being executed. Its function returns the status, which is the first of the results. */
struct rtas_call {
	struct vcpu *vcpu;
	uint32_t arg[RTAS_WORDS], result[RTAS_WORDS];
	struct event *event;
};

#endif
