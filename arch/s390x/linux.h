/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * linux.h: what a Linux image for s390x finds in memory when it starts: its parameters, its initial RAM disk.
 * Pure. Source: the kernel's arch/s390/include/asm/setup.h (the parameter area) and boot/head.S.
 */
#ifndef ARCH_S390X_LINUX_H
#define ARCH_S390X_LINUX_H

#include "vmm/image.h"

/*
 * Puts them into memory, for an image with Linux's mark; without parameters and initial RAM disk it does
 * nothing. -ENOEXEC: the guest has no place for them, or they are too long.
 */
int linux_put(const struct ram *ram, const struct image *image, const struct boot *boot, struct error *err);

#endif
