/* SPDX-License-Identifier: BSD-2-Clause */
/* calls.h: the calls of KVM that both architectures have: the table of their arguments. See decode.h. */
#ifndef VMM_TRACE_CALLS_H
#define VMM_TRACE_CALLS_H

#include "decode.h"

extern const struct decode_call decode_calls[];

/* KVM_CAP_*, without that. */
extern const struct decode_name decode_caps[];

#endif
