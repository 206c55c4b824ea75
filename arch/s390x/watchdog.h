/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * watchdog.h: the watchdog timer of a logical partition, by DIAGNOSE 0x288. The time during which the VM is
 * paused does not count. When it expires the machine is reset, which ends the run as the guest's own request
 * for a reboot does.
 *
 * Source: Linux drivers/watchdog/diag288_wdt.c, which knows the functions and the timeout's minimum.
 */
#ifndef ARCH_S390X_WATCHDOG_H
#define ARCH_S390X_WATCHDOG_H

#include "instruction.h"
#include "vmm/device.h"

extern const struct device_ops watchdog_device;

/* DIAGNOSE 0x288. */
instruction_fn watchdog_diagnose;

/* As a subsystem reset: it is not set any more. */
int watchdog_reset(struct vm *vm, struct error *err);

#endif
