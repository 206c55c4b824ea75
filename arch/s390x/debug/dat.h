/* SPDX-License-Identifier: BSD-2-Clause */
/* dat.h: dynamic address translation, of tables in guest memory. Pure. Source: Principles of Operation,
 * ch. 3. */
#ifndef ARCH_S390X_DEBUG_DAT_H
#define ARCH_S390X_DEBUG_DAT_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/ram.h"

/*
 * asce: the address-space-control element. Sets the real address, and how many bytes up to the end of the
 * page or segment. False: a translation exception.
 */
bool dat_translate(const struct ram *ram, uint64_t asce, uint64_t address, gpa_t *real, uint64_t *left);

/* The absolute address of a real one, by prefixing. */
gpa_t dat_absolute(uint64_t prefix, gpa_t real);

#endif
