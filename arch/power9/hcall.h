/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hcall.h: the hypercalls that KVM leaves to user space; it handles others itself. Source: LoPAR ch. 14
 * (hcalls), 7 (RTAS) and 14.5.4 (H_INT_*).
 */
#ifndef ARCH_POWER9_HCALL_H
#define ARCH_POWER9_HCALL_H

#include "vmm/types.h"

/* The vCPU has exited with KVM_EXIT_PAPR_HCALL: executes the call and fills in the answer. */
void hcall(struct vcpu *vcpu, struct event *event);

/* What the trace calls it: "H_INT_ESB", for H_RTAS the service's name; "unknown". */
const char *hcall_name(const struct vcpu *vcpu);

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

/* A call under way. */
struct hcall {
	struct vcpu *vcpu;
	struct vm *vm;
	uint64_t *arg; /* r4 and up, also for what is answered */
	struct event *event;
};

/* Makes it and returns the code. With H_HARDWARE event->why has the reason, which the trace shows. */
typedef long hcall_fn(struct hcall *c);

/* hcall_int.c: XIVE exploitation, H_INT_*. */
hcall_fn hcall_int_get_source_info, hcall_int_set_source_config, hcall_int_get_source_config;
hcall_fn hcall_int_get_queue_info, hcall_int_set_queue_config, hcall_int_get_queue_config;
hcall_fn hcall_int_os_reporting_line, hcall_int_esb, hcall_int_sync, hcall_int_reset;

/* hcall_mode.c */
hcall_fn hcall_set_mode, hcall_register_table, hcall_cpu_characteristics;

/* rtas.c: r4 is the address of the guest's argument buffer. */
hcall_fn hcall_rtas;

/* The name of the service that this buffer asks for, or NULL. */
const char *rtas_name(const struct vcpu *vcpu, uint64_t buffer);

#endif
