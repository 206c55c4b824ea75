/* SPDX-License-Identifier: BSD-2-Clause */
/* platform.h: what an s390x machine has that no architecture says. Constants only, for C and assembler. */
#ifndef ARCH_S390X_PLATFORM_H
#define ARCH_S390X_PLATFORM_H

/* The DIAGNOSE code that is the hooks' private call (vmm/hook.h). */
#define S390_PRIVATE_DIAG 0x501

#endif
