/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * channel.h: the channel subsystem (devices/css/css.h) in a VM: the exits of I/O instructions, the
 * interruptions that it raises, and its device, a 3215 console; virtio.c has the others. Source: kernel
 * api.rst, KVM_CAP_S390_CSS_SUPPORT, KVM_EXIT_S390_TSCH, KVM_S390_MEM_OP.
 */
#ifndef ARCH_S390X_CHANNEL_H
#define ARCH_S390X_CHANNEL_H

#include "devices/css/css.h"
#include "instruction.h"
#include "vmm/device.h"
#include "vmm/types.h"

/* Created before the vCPUs. */
extern const struct device_ops css_device;

/* From here on I/O instructions exit, on all vCPUs; without it KVM answers them with condition code 3. */
int channel_enable(struct vcpu *vcpu, struct error *err);

/* The I/O instructions. An access exception of their operands is pending when they are over. */
instruction_fn channel_modify, channel_start, channel_store, channel_test, channel_report, channel_call;
instruction_fn channel_reset_path, channel_monitor, channel_address_limit, channel_signal_adapter;
instruction_fn channel_path_status;

/* One with no operand but the subchannel that general register 1 names: what it does to that. */
int channel_execute(const struct instruction *i, int (*what)(struct css *css, uint32_t id));

/* DIAGNOSE 0x500, function 3: a driver has made buffers of a virtio device available. */
instruction_fn channel_notify;

/*
 * For virtio devices, with the lock of the bus held. Attaches a device to the next subchannel: -ENOSPC if
 * there is none. The device has attention to present. The program, if one waits for the device, can go on.
 * Makes an adapter interruption pending, of the adapter whose number is the ISC.
 */
int channel_attach(struct vm *vm, uint16_t devno, const struct ccw_device *dev);
void channel_attention(struct vm *vm, unsigned number);
void channel_go_on(struct vm *vm, unsigned number);
void channel_adapter_interrupt(struct vm *vm, unsigned isc);

/* Types bytes at the 3215; returns how many it accepted, or a negative errno value. For any thread. */
int channel_input(struct vm *vm, const uint8_t *bytes, size_t len, struct error *err);

/* A subchannel's device comes or goes; -EINVAL if there is no such subchannel, or nothing would change. */
int channel_vary(struct vm *vm, uint32_t id, bool on, struct error *err);

#endif
