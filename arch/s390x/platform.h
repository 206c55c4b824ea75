/* SPDX-License-Identifier: BSD-2-Clause */
/* platform.h: constants of zpvm's s390x machine that are not architected, for C and assembler. */
#ifndef ARCH_S390X_PLATFORM_H
#define ARCH_S390X_PLATFORM_H

/* The DIAGNOSE code that is the hooks' private call (vmm/hook.h). */
#define S390_PRIVATE_DIAG 0x501

#endif
