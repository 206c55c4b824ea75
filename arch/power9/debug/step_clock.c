/* SPDX-License-Identifier: BSD-2-Clause */
/* step_clock.c: see step_clock.h. */
#include "step_clock.h"

#include <errno.h>

#include "arch/power9/cpu.h"
#include "arch/power9/devices.h"
#include "decode.h"
#include "vmm/arch.h"
#include "vmm/debug/arch_debug.h"
#include "vmm/vm_clock.h"

#define FAR     (1ULL << 52) /* ticks: months */
#define OVERDUE 1024

/* The large decrementer. */
#define DEC_BITS 56

static const struct {
	uint64_t id;
	unsigned spr;
} counters[STEP_COUNTERS] = {
	{ KVM_REG_PPC_PURR, P9_SPR_PURR },
	{ KVM_REG_PPC_SPURR, P9_SPR_SPURR },
	{ KVM_REG_PPC_VTB, P9_SPR_VTB },
};

static int set(struct vcpu *vcpu, uint64_t id, uint64_t value, struct error *err)
{
	long rc = kvm_reg_set(&vcpu->fd, id, &value);

	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_SET_ONE_REG(a clock)") : 0;
}

static int get(struct vcpu *vcpu, uint64_t id, uint64_t *value, struct error *err)
{
	long rc = kvm_reg_get(&vcpu->fd, id, value);

	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_GET_ONE_REG(a clock)") : 0;
}

static bool is_due(const struct step_clock *clock)
{
	return (int64_t)(clock->expiry - clock->now) < 0;
}

/* KVM compares the expiry with its own time base, which goes on while the guest's stands still. */
static int set_timer(struct vcpu *vcpu, struct step_clock *clock, struct error *err)
{
	struct clock_reading now = { 0 };
	int rc = arch_clock_get(vcpu->vm, &now, err);

	clock->due = is_due(clock);
	return rc ? rc
	          : set(vcpu, KVM_REG_PPC_DEC_EXPIRY, clock->due ? now.low - OVERDUE : now.low + FAR, err);
}

int step_clock_begin(struct vcpu *vcpu, uint64_t lpcr, struct step_clock *clock, struct error *err)
{
	int rc = clock_hold(vcpu->vm, err);

	clock->begin = clock->now = vcpu->vm->clock.at.low;
	clock->ticks = vcpu->vm->devices->modes.process_table ? STEP_TICKS_TRANSLATED : STEP_TICKS;
	if (!rc && !(lpcr & LPCR_LD))
		rc = error_set(err, -EOPNOTSUPP, "a vCPU whose decrementer has 32 bits cannot be stepped");
	for (unsigned i = 0; i < STEP_COUNTERS && !rc; i++)
		rc = get(vcpu, counters[i].id, &clock->counters[i], err);
	if (!rc)
		rc = get(vcpu, KVM_REG_PPC_DEC_EXPIRY, &clock->expiry, err);
	return rc ? rc : set_timer(vcpu, clock, err);
}

int step_clock_end(struct vcpu *vcpu, const struct step_clock *clock, struct error *err)
{
	int rc = set(vcpu, KVM_REG_PPC_DEC_EXPIRY, clock->expiry, err);

	for (unsigned i = 0; i < STEP_COUNTERS && !rc; i++)
		rc = set(vcpu, counters[i].id, step_clock_read(clock, counters[i].spr), err);
	vcpu->vm->clock.at.low = clock->now;
	return rc;
}

int step_clock_tick(struct vcpu *vcpu, struct step_clock *clock, struct error *err)
{
	clock->now += clock->ticks;
	return is_due(clock) == clock->due ? 0 : set_timer(vcpu, clock, err);
}

int step_clock_pass(struct vcpu *vcpu, struct step_clock *clock, bool *passed, struct error *err)
{
	*passed = !clock->due && clock->expiry - clock->now < FAR;
	if (!*passed)
		return 0;
	clock->now = clock->expiry + 1;
	return set_timer(vcpu, clock, err);
}

uint64_t step_clock_read(const struct step_clock *clock, unsigned spr)
{
	switch (spr) {
	case P9_SPR_TB: return clock->now;
	case P9_SPR_TBU: return clock->now >> 32;
	case P9_SPR_DEC: return clock->expiry - clock->now;
	}
	for (unsigned i = 0; i < STEP_COUNTERS; i++)
		if (counters[i].spr == spr)
			return clock->counters[i] + clock->now - clock->begin;
	return 0;
}

int step_clock_set_decrementer(struct vcpu *vcpu, struct step_clock *clock, uint64_t value, struct error *err)
{
	clock->expiry = clock->now + (uint64_t)((int64_t)(value << (64 - DEC_BITS)) >> (64 - DEC_BITS));
	return is_due(clock) == clock->due ? 0 : set_timer(vcpu, clock, err);
}

int arch_time_passes(struct vm *vm, uint64_t ms, struct error *err)
{
	int rc = clock_hold(vm, err);

	vm->clock.at.low += ms * 1000 * STEP_TICKS;
	return rc;
}
