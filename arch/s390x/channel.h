/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * channel.h: the channel subsystem (devices/css.h) in a VM: the exits of I/O
 * instructions, the interruptions that it raises, its one device, a 3215
 * console. Source: kernel api.rst, KVM_CAP_S390_CSS_SUPPORT, KVM_EXIT_S390_TSCH,
 * KVM_S390_MEM_OP.
 */
#ifndef ARCH_S390X_CHANNEL_H
#define ARCH_S390X_CHANNEL_H

#include "arch/s390x/snapshot/codec.h"
#include "vmm/vm.h"

struct channel;

/* Before there are vCPUs. Sets vm->devices->channel. */
int channel_create(struct vm *vm, struct error *err);
void channel_destroy(struct channel *ch);

/* From here on I/O instructions exit, on all vCPUs; without it KVM answers them with condition code 3. */
int channel_enable(struct vcpu *vcpu, struct error *err);

/* An instruction that KVM has left to us: false when it is none of ours. */
bool channel_instruction(struct vcpu *vcpu, unsigned ipa, uint32_t ipb, struct event *event);

/* TEST SUBCHANNEL, which has an exit of its own. */
void channel_test(struct vcpu *vcpu, struct event *event);

/* Lets long channel programs go on for a while; see worker.h. */
int channel_work(struct vm *vm, struct error *err);

/* Types bytes at the 3215; returns for how many there was room, or a negative errno value. Any thread may. */
int channel_input(struct vm *vm, const uint8_t *bytes, size_t len, struct error *err);

/* A subchannel's device comes or goes; -EINVAL when there is no such subchannel, or it is so already. */
int channel_vary(struct vm *vm, uint32_t id, bool on, struct error *err);

/* As just created. Interruptions are not taken back. All vCPUs are parked; also for the next two. */
void channel_reset(struct vm *vm);
void channel_save(struct vm *vm, struct channel_state *state);
int channel_load(struct vm *vm, const struct channel_state *state, struct error *err);

/* Whether the VM has the same devices: -EBUSY if not. */
int channel_fits(const struct vm *vm, const struct channel_state *state, struct error *err);

#endif
