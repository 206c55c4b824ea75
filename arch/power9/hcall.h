/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hcall.h: the hypercalls that KVM leaves to user space. Source: LoPAR ch. 14
 * (hcalls), 7 (RTAS) and 14.5.4 (H_INT_*); KVM's own are in the kernel.
 */
#ifndef ARCH_POWER9_HCALL_H
#define ARCH_POWER9_HCALL_H

#include "vmm/types.h"

/* The vCPU has left with KVM_EXIT_PAPR_HCALL: does it and fills in the answer. */
void hcall(struct vcpu *vcpu, struct event *event);

/* Return codes (LoPAR 14.1.3); H_P2 and up name the parameter that is wrong. */
#define H_SUCCESS                0
#define H_HARDWARE               (-1L)
#define H_FUNCTION               (-2L)
#define H_PARAMETER              (-4L)
#define H_P2                     (-55L)
#define H_P3                     (-56L)
#define H_P4                     (-57L)
#define H_P5                     (-58L)
#define H_UNSUPPORTED_FLAG       (-256L)
#define H_LONG_BUSY_ORDER_1_MSEC 9900

/*
 * hcall_int.c: XIVE exploitation, the calls H_INT_*. arg is r4 and up, also
 * for what is answered. H_FUNCTION for any other number. When the answer is
 * H_HARDWARE, event->why has the reason; the trace shows it.
 */
long hcall_interrupt(struct vm *vm, uint64_t nr, uint64_t *arg, struct event *event);

/* rtas.c: buffer is the guest's argument buffer. */
long hcall_rtas(struct vcpu *vcpu, uint64_t buffer, struct event *event);

/* hcall_mode.c; arg is r4 and up, as above. */
long hcall_set_mode(struct vcpu *vcpu, const uint64_t *arg, struct event *event);
long hcall_register_table(struct vm *vm, const uint64_t *arg, struct event *event);
long hcall_cpu_characteristics(struct vm *vm, uint64_t *arg);

#endif
