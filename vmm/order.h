/* SPDX-License-Identifier: BSD-2-Clause */
/* order.h: how one thread has a vCPU park; what vm.c and order.c share. All but the first and last: under
 * vm->lock. */
#ifndef VMM_ORDER_H
#define VMM_ORDER_H

#include <signal.h>
#include <time.h>

#include "vm.h"

#define VCPU_KICK SIGUSR1

void vcpu_immediate_exit(struct vcpu *vcpu, uint8_t value);

/* Makes a vCPU that runs park. */
void vcpu_kick(struct vcpu *vcpu);

/* Lets a vCPU that is parked run, if it is to. */
void vcpu_let_run(struct vcpu *vcpu);

/* A vCPU has parked: if that was for an order, it is done, and its sender goes on. */
void order_done(struct vcpu *vcpu);

/* Of pthread_cond_timedwait() on vm->change. */
struct timespec deadline_in(uint64_t ms);

#endif
