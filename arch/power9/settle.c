/* SPDX-License-Identifier: BSD-2-Clause */
/* settle.c: see settle.h; HACKING.md, "What KVM really does". */
#include "settle.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "cpu.h"
#include "hcall.h"
#include "platform.h"
#include "vmm/arch.h"
#include "vmm/ram.h"
#include "vmm/vcpu.h"
#include "vmm/vm.h"

#define LIMIT_MS 60000 /* KVM takes microseconds: it has failed */

#define SC_1         0x44000022U
#define LI_R3_H_CEDE 0x386000e0U
#define MR_R3_R5     0x7ca32b78U

#define H_PROD 0xe8

/* Positive in a decrementer of either width. */
#define SOON_NOT (1ULL << 30)

#define MMCR0_FREEZE 0x80000000ULL

/* Words of a program at guest real address 0. The last one is a call that exits, with r3 = P9_PRIVATE_CALL.
 */
struct program {
	const uint32_t *words;
	unsigned count;
	uint64_t r3;
};

#define PROGRAM_MAX 5

static void run_program(struct vcpu *vcpu, void *arg, struct event *event)
{
	int rc;

	(void)arg;
	do
		rc = kvm_run(&vcpu->fd);
	while ((rc == -EINTR || rc == -EAGAIN) &&
	       !__atomic_load_n(&vcpu->run->immediate_exit, __ATOMIC_SEQ_CST));
	if (!rc &&
	    (vcpu->run->exit_reason != KVM_EXIT_PAPR_HCALL || vcpu->run->papr_hcall.nr != P9_PRIVATE_CALL))
		rc = -EPROTO;
	if (!rc)
		return;
	event->kind = EVENT_ERROR;
	event->code = kvm_failed(&event->why, rc, &vcpu->fd, NULL, "KVM_RUN of a vCPU that is restored");
}

/* With registers that it may change. */
static int run_from(struct vcpu *vcpu, const struct program *program, const struct kvm_regs *regs,
                    struct error *err)
{
	const struct vcpu_alone alone = { .run = run_program };
	size_t size = program->count * sizeof(*program->words);
	uint8_t *at = ram_at(&vcpu->vm->ram, 0, size);
	uint32_t words[PROGRAM_MAX], old[PROGRAM_MAX];
	struct kvm_regs from = *regs;
	struct event event;
	long rc;

	from.pc = 0;
	from.msr = MSR_START;
	from.gpr[3] = program->r3;
	from.gpr[4] = vcpu->id;
	from.gpr[5] = P9_PRIVATE_CALL;
	for (unsigned i = 0; i < program->count; i++)
		words[i] = htobe32(program->words[i]);
	rc = kvm_call(&vcpu->fd, KVM_SET_REGS, &from);
	if (rc < 0)
		return kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_SET_REGS");
	memcpy(old, at, size);
	memcpy(at, words, size);
	__builtin___clear_cache((char *)at, (char *)at + size);
	rc = vcpu_run_aside(vcpu, &alone, LIMIT_MS, &event, err);
	memcpy(at, old, size);
	__builtin___clear_cache((char *)at, (char *)at + size);
	if (!rc && event.kind == EVENT_ERROR) {
		*err = event.why;
		rc = event.code;
	}
	return (int)rc;
}

static int run(struct vcpu *vcpu, const struct program *program, struct error *err)
{
	struct kvm_regs regs;
	long rc = kvm_call(&vcpu->fd, KVM_GET_REGS, &regs), back;

	if (rc < 0)
		return kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_GET_REGS");
	rc = run_from(vcpu, program, &regs, err);
	back = kvm_call(&vcpu->fd, KVM_SET_REGS, &regs);
	return rc || back >= 0 ? (int)rc : kvm_failed(err, back, &vcpu->fd, NULL, "KVM_SET_REGS");
}

int settle_interrupts(struct vcpu *vcpu, struct error *err)
{
	static const uint32_t words[] = { SC_1 };

	return run(vcpu, &(struct program){ words, 1, P9_PRIVATE_CALL }, err);
}

/* H_CEDE turns interrupts on: neither the decrementer nor the performance monitor may have one. */
static int quieten(struct vcpu *vcpu, struct error *err)
{
	const uint64_t freeze = MMCR0_FREEZE;
	struct clock_reading now = { 0 };
	int rc = arch_clock_get(vcpu->vm, &now, err);
	uint64_t later = now.low + SOON_NOT;
	long set;

	if (rc)
		return rc;
	set = kvm_reg_set(&vcpu->fd, KVM_REG_PPC_DEC_EXPIRY, &later);
	if (set >= 0)
		set = kvm_reg_set(&vcpu->fd, KVM_REG_PPC_MMCR0, &freeze);
	return set < 0 ? kvm_failed(err, set, &vcpu->fd, NULL, "KVM_SET_ONE_REG(DEC_EXPIRY, MMCR0)") : 0;
}

/* KVM remembers at most one H_PROD, and none after an H_CEDE that it has ended: so it gets one, and an
 * H_CEDE. */
int settle(struct vcpu *vcpu, struct error *err)
{
	static const uint32_t words[] = { SC_1, LI_R3_H_CEDE, SC_1, MR_R3_R5, SC_1 };
	int rc = quieten(vcpu, err);

	return rc ? rc : run(vcpu, &(struct program){ words, PROGRAM_MAX, H_PROD }, err);
}
