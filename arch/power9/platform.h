/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * platform.h: addresses and numbers of a power9 machine. A guest finds all of them in the device tree
 * (fdt.c), except the private call. Constants only, for C and assembler.
 */
#ifndef ARCH_POWER9_PLATFORM_H
#define ARCH_POWER9_PLATFORM_H

/* Guest real addresses. */
#define P9_TIMA 0x6030203180000 /* XIVE's thread context: four pages of 64 KiB; the OS page is the third */
#define P9_ESB  0x6010000000000 /* XIVE: a trigger page and a management page for each source */
#define P9_LEVEL                                                                                           \
	0x6030300000000 /* the level device's status registers, a byte each; storing a one lowers the line \
	                 */

/*
 * Interrupt sources. With XIVE, 0 to n - 1 are the IPIs of servers 0 to n - 1. Level-sensitive sources, the
 * lines of the level device, begin at P9_LSI_BASE, message sources at P9_MSI_BASE.
 */
#define P9_LSI_BASE 0xf80
#define P9_MSI_BASE 0x1000

/* The console: its unit address, and the source of its input. */
#define P9_VTY        0x30000000
#define P9_VTY_SOURCE P9_MSI_BASE

/*
 * The PCI host bridge: its unit identifier, and the window of its 32-bit memory space: guest real address,
 * PCI address, size.
 */
#define P9_PCI_BUID   0x800000020000000
#define P9_PCI        0x200080000000
#define P9_PCI_MEMORY 0x80000000
#define P9_PCI_SIZE   0x1000000
#define P9_PCI_SLOTS  12 /* functions on its bus; each has message sources of its own */

/* RTAS tokens. */
#define P9_RTAS_POWER_OFF       1
#define P9_RTAS_OS_TERM         2
#define P9_RTAS_START_CPU       3
#define P9_RTAS_STOP_SELF       4
#define P9_RTAS_QUERY_CPU       5 /* query-cpu-stopped-state */
#define P9_RTAS_SET_XIVE        6 /* these four only with XICS; KVM handles them */
#define P9_RTAS_GET_XIVE        7
#define P9_RTAS_INT_ON          8
#define P9_RTAS_INT_OFF         9
#define P9_RTAS_REBOOT          10 /* system-reboot */
#define P9_RTAS_TIME_OF_DAY     11 /* get-time-of-day */
#define P9_RTAS_SET_TIME_OF_DAY 12
#define P9_RTAS_GET_PARAMETER   13 /* ibm,get-system-parameter */
#define P9_RTAS_READ_PCI        20 /* ibm,read-pci-config; these four only with a PCI host bridge */
#define P9_RTAS_WRITE_PCI       21
#define P9_RTAS_CHANGE_MSI      22
#define P9_RTAS_QUERY_SOURCE    23 /* ibm,query-interrupt-source-number */

#define TIMEBASE_HZ 512000000 /* architected for POWER9 */

/* The hypercall that is the hooks' private call (vmm/hook.h). No PAPR call has this number. */
#define P9_PRIVATE_CALL 0xf100

#endif
