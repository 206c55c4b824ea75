/* SPDX-License-Identifier: BSD-2-Clause */
/* linked.c: this architecture is the one that is linked. Pure. */
#include "vmm/snapshot/codec.h"

const struct state_codec *const arch_codec = &power9_codec;
