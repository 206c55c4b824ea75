/* SPDX-License-Identifier: BSD-2-Clause */
/* instruction.c: see instruction.h. */
#include "instruction.h"

#include "cpu.h"
#include "local.h"
#include "platform.h"

uint64_t *gpr(const struct vcpu *vcpu, unsigned n)
{
	vcpu->run->kvm_dirty_regs |= KVM_SYNC_GPRS;
	return (uint64_t *)&vcpu->run->s.regs.gprs[n];
}

uint64_t base_displacement(const struct vcpu *vcpu, uint32_t ipb)
{
	unsigned base = ipb >> 28;

	return (ipb >> 16 & 0xfff) + (base ? *gpr(vcpu, base) : 0);
}

void set_cc(struct vcpu *vcpu, uint64_t cc)
{
	vcpu->run->psw_mask &= ~(3ULL << PSW_CC_SHIFT);
	vcpu->run->psw_mask |= cc << PSW_CC_SHIFT;
}

int host_error(struct event *event, int code)
{
	event->kind = EVENT_ERROR;
	event->code = code;
	return INSTRUCTION_OVER;
}

static void trace_answer(const struct vcpu *vcpu, int answer)
{
	struct trace_event *exit = trace_within(vcpu->vm->trace, TRACE_EXIT);

	if (exit && answer < 0)
		trace_result(exit, "program interruption %04x", -answer);
	else if (exit && answer != INSTRUCTION_OVER)
		trace_result(exit, "cc %d", answer);
}

void finish(struct vcpu *vcpu, int answer, struct event *event)
{
	const struct s390_irq irq = { .type = S390_PROGRAM,
		                      .pgm.code = (uint16_t)-answer,
		                      .pgm.flags = KVM_S390_PGM_FLAGS_ILC_VALID | 4 };
	int rc = answer < 0 ? local_inject(vcpu, &irq, &event->why) : 0;

	trace_answer(vcpu, answer);
	if (rc)
		host_error(event, rc);
	else if (answer >= 0 && answer != INSTRUCTION_OVER)
		set_cc(vcpu, (uint64_t)answer);
}
