/* SPDX-License-Identifier: BSD-2-Clause */
/* guest_time.c: see guest_time.h. */
#include "guest_time.h"

#include <string.h>

#include "arch/s390x/clock.h"
#include "arch/s390x/instruction.h"
#include "logical.h"
#include "vmm/arch.h"
#include "vmm/debug/arch_debug.h"
#include "vmm/vm_clock.h"

#define NS    1000   /* that an instruction takes */
#define UNITS 0x1000 /* the same for the CPU timer: bit 51 is a microsecond */

/* KVM's CPU timer while stepping: centuries are left, and a value this large is no guest's but "never". */
#define NEVER               ((uint64_t)INT64_MAX)
#define IS_NEVER(cpu_timer) ((cpu_timer) > NEVER - (1ULL << 60) && (cpu_timer) <= NEVER)

/* Submasks of external interruptions in control register 0; whether the comparison is signed. */
#define CR0_CLOCK_COMP 0x800
#define CR0_CPU_TIMER  0x400
#define CR0_SIGNED     (1ULL << (63 - 10))

static int set_cpu_timer(struct vcpu *vcpu, uint64_t value, struct error *err)
{
	long rc = kvm_reg_set(&vcpu->fd, KVM_REG_S390_CPU_TIMER, &value);

	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_SET_ONE_REG(CPU_TIMER)") : 0;
}

int guest_time_begin(struct vcpu *vcpu, struct guest_time *time, struct error *err)
{
	struct s390_cpu timers;
	int rc = clock_hold(vcpu->vm, err);

	if (!rc)
		rc = cpu_look_at_timers(vcpu, &timers, err);
	if (rc)
		return rc;
	time->cpu_timer = timers.reg[S390_REG_CPU_TIMER];
	return set_cpu_timer(vcpu, NEVER, err);
}

int guest_time_end(struct vcpu *vcpu, const struct guest_time *time, struct error *err)
{
	return set_cpu_timer(vcpu, time->cpu_timer, err);
}

int guest_time_check_reset(struct vcpu *vcpu, struct guest_time *time, struct error *err)
{
	struct s390_cpu timers;
	int rc = cpu_look_at_timers(vcpu, &timers, err);

	if (rc || IS_NEVER(timers.reg[S390_REG_CPU_TIMER]))
		return rc;
	time->cpu_timer = timers.reg[S390_REG_CPU_TIMER];
	return set_cpu_timer(vcpu, NEVER, err);
}

/* --- timers ---------------------------------------------------------------- */

static bool clock_comparator_due(const struct vcpu *vcpu)
{
	uint64_t now = vcpu->vm->clock.at.low, comparator = vcpu->run->s.regs.ckc;

	if (vcpu->run->s.regs.crs[0] & CR0_SIGNED)
		return (int64_t)comparator < (int64_t)now;
	return comparator < now;
}

unsigned guest_time_due(const struct vcpu *vcpu, const struct guest_time *time)
{
	const struct kvm_run *run = vcpu->run;
	unsigned due = 0;

	if (!(run->psw_mask & PSW_EXTERNAL))
		return 0;
	if (run->s.regs.crs[0] & CR0_CLOCK_COMP && clock_comparator_due(vcpu))
		due |= DUE_CLOCK_COMP;
	if (run->s.regs.crs[0] & CR0_CPU_TIMER && (int64_t)time->cpu_timer < 0)
		due |= DUE_CPU_TIMER;
	return due;
}

/* KVM's TOD clock becomes the guest's, and only goes on from there. */
int guest_time_expire(struct vcpu *vcpu, const struct guest_time *time, unsigned due, struct error *err)
{
	int rc = due & DUE_CLOCK_COMP ? arch_clock_set(vcpu->vm, &vcpu->vm->clock.at, 0, err) : 0;

	if (!rc && due & DUE_CPU_TIMER)
		rc = set_cpu_timer(vcpu, time->cpu_timer, err);
	return rc;
}

int guest_time_expired(struct vcpu *vcpu, unsigned due, struct error *err)
{
	return due & DUE_CPU_TIMER ? set_cpu_timer(vcpu, NEVER, err) : 0;
}

uint64_t guest_time_left(const struct vcpu *vcpu, const struct guest_time *time)
{
	const struct kvm_run *run = vcpu->run;
	uint64_t now = vcpu->vm->clock.at.low, comparator = run->s.regs.ckc, left = 0;

	if (!(run->psw_mask & PSW_EXTERNAL))
		return 0;
	/* It must be exceeded, which the largest value never is. */
	if (run->s.regs.crs[0] & CR0_CLOCK_COMP && comparator != UINT64_MAX && !clock_comparator_due(vcpu))
		left = comparator - now + 1;
	if (run->s.regs.crs[0] & CR0_CPU_TIMER && (int64_t)time->cpu_timer >= 0 &&
	    (!left || time->cpu_timer < left))
		left = time->cpu_timer + 1;
	return left;
}

void guest_time_pass(struct vcpu *vcpu, struct guest_time *time, uint64_t units)
{
	struct clock_reading now = vcpu->vm->clock.at;
	uint64_t low = now.low + units;

	clock_advance(vcpu->vm, now.high + (low < units), low, units / 512 * 125);
	time->cpu_timer -= units;
}

void guest_time_saved(const struct vcpu *vcpu, const struct guest_time *time, uint64_t at)
{
	uint64_t *field = ram_at(&vcpu->vm->ram, at, sizeof(*field));

	if (field && IS_NEVER(*field))
		*field = time->cpu_timer;
}

void guest_time_advance(struct vcpu *vcpu, struct guest_time *time)
{
	struct clock_reading now = vcpu->vm->clock.at;

	tod_advance(&now, NS);
	clock_advance(vcpu->vm, now.high, now.low, NS);
	time->cpu_timer -= UNITS;
}

/* The CPU timer runs while a CPU waits. */
int arch_time_passes(struct vm *vm, uint64_t ms, struct error *err)
{
	struct clock_reading now;
	struct s390_cpu timers;
	int rc = clock_hold(vm, err);

	now = vm->clock.at;
	tod_advance(&now, ms * 1000 * NS);
	clock_advance(vm, now.high, now.low, ms * 1000 * NS);
	for (unsigned i = 0; i < vm->vcpu_count && !rc; i++) {
		rc = cpu_look_at_timers(&vm->vcpus[i], &timers, err);
		if (!rc)
			rc = set_cpu_timer(&vm->vcpus[i], timers.reg[S390_REG_CPU_TIMER] - ms * 1000 * UNITS,
			                   err);
	}
	return rc;
}

/* --- instructions ------------------------------------------------------------ */

#define ECTG 0xc801

static const struct {
	uint16_t code;
	uint8_t kind;
} instructions[] = {
	{ 0xb204, TIME_SET_CLOCK },
	{ 0xb205, TIME_STORE_CLOCK },
	{ 0xb208, TIME_SET_CPU_TIMER },
	{ 0xb209, TIME_STORE_CPU_TIMER },
	{ 0xb278, TIME_STORE_CLOCK_EXTENDED },
	{ 0xb27c, TIME_STORE_CLOCK }, /* FAST */
	{ ECTG, TIME_EXTRACT_CPU_TIME },
};

/* In all of them the first operand's base and displacement are the second halfword. */
struct time_access guest_time_decode(const struct vcpu *vcpu, uint32_t instruction)
{
	uint16_t code = (uint16_t)(instruction >> 16);
	struct time_access access = { .kind = TIME_NONE };

	if (code >> 8 == ECTG >> 8)
		code &= 0xff0f;
	for (size_t i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++)
		if (instructions[i].code == code)
			access.kind = instructions[i].kind;
	if (access.kind != TIME_NONE) {
		access.operand = base_displacement(vcpu, instruction << 16);
		access.ar = instruction >> 12 & 15;
	}
	return access;
}

static int store_clock_extended(struct vcpu *vcpu, const struct time_access *access, struct error *err)
{
	const struct clock_reading *now = &vcpu->vm->clock.at;
	uint8_t value[14] = { (uint8_t)now->high };

	/* Behind the clock come bits that are never all zero; then the programmable field, which is right. */
	memcpy(value + 1, &now->low, sizeof(now->low));
	value[13] = 1;
	return logical_store(vcpu, access->operand, access->ar, value, sizeof(value), err);
}

static int extract_cpu_time(struct vcpu *vcpu, const struct guest_time *time,
                            const struct time_access *access, struct error *err)
{
	uint64_t value;
	int rc = logical_load(vcpu, access->operand, access->ar, &value, sizeof(value), err);

	if (!rc)
		*gpr(vcpu, 0) = value - time->cpu_timer;
	return rc;
}

int guest_time_apply(struct vcpu *vcpu, struct guest_time *time, const struct time_access *access,
                     struct error *err)
{
	struct clock_reading *now = &vcpu->vm->clock.at;
	uint64_t value;
	int rc = 0;

	switch (access->kind) {
	case TIME_NONE: break;
	case TIME_STORE_CLOCK:
		return logical_store(vcpu, access->operand, access->ar, &now->low, sizeof(now->low), err);
	case TIME_STORE_CLOCK_EXTENDED: return store_clock_extended(vcpu, access, err);
	case TIME_STORE_CPU_TIMER:
		return logical_store(vcpu, access->operand, access->ar, &time->cpu_timer,
		                     sizeof(time->cpu_timer), err);
	case TIME_EXTRACT_CPU_TIME: return extract_cpu_time(vcpu, time, access, err);
	case TIME_SET_CLOCK:
		rc = logical_load(vcpu, access->operand, access->ar, &value, sizeof(value), err);
		if (!rc)
			clock_advance(vcpu->vm, 0, value, 0);
		break;
	case TIME_SET_CPU_TIMER:
		rc = logical_load(vcpu, access->operand, access->ar, &value, sizeof(value), err);
		if (rc)
			break;
		time->cpu_timer = value;
		rc = set_cpu_timer(vcpu, NEVER, err);
	}
	return rc;
}
