/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api_channel.c: what scenarios cannot put in order: KVM takes a subchannel's
 * interruption off the queue for TEST SUBCHANNEL, and before we hear of it
 * other vCPUs have done something to the subchannel. Afterwards there must be
 * one interruption for status that is pending and untested, and none without.
 * TAP; argv[1] is the test guest.
 */
#include "arch/s390x/channel.h"
#include "arch/s390x/cpu.h"
#include "arch/s390x/instruction.h"
#include "arch/s390x/flic.h"
#include "api.h"

#define ID      0x10000u
#define PARM    0xcafe0001u
#define WORD    (3u << 27) /* ISC 3 */
#define OPERAND 0x800000u  /* a reset has left KVM in the 24-bit mode, until the next KVM_RUN */

#define CSCH 0xb230

static struct error err;

/* The operand's address is in register 2. */
static void registers(struct vcpu *vcpu, uint32_t id, uint64_t operand)
{
	*gpr(vcpu, 1) = id;
	*gpr(vcpu, 2) = operand;
}

static void instruction(struct vcpu *vcpu, unsigned ipa)
{
	struct event event = { .kind = EVENT_NONE };

	registers(vcpu, ID, OPERAND);
	vcpu->run->exit_reason = KVM_EXIT_S390_SIEIC;
	vcpu->run->s390_sieic.icptcode = 4;
	vcpu->run->s390_sieic.ipa = (uint16_t)ipa;
	vcpu->run->s390_sieic.ipb = 2u << 28;
	arch_exit(vcpu, &event);
	if (event.kind != EVENT_NONE || vcpu->run->psw_mask >> PSW_CC_SHIFT & 3)
		ok(false, "instruction %04x, condition code %llu: %s", ipa,
		   (unsigned long long)vcpu->run->psw_mask >> PSW_CC_SHIFT & 3, event.why.text);
}

/* KVM's part is over: what it took, if anything, had this parameter. The condition code. */
static unsigned test(struct vcpu *vcpu, uint32_t id, uint64_t operand, bool dequeued, uint32_t parm)
{
	struct kvm_run *run = vcpu->run;
	struct event event = { .kind = EVENT_NONE };

	registers(vcpu, id, operand);
	run->exit_reason = KVM_EXIT_S390_TSCH;
	run->s390_tsch.subchannel_id = (uint16_t)(id >> 16);
	run->s390_tsch.subchannel_nr = (uint16_t)id;
	run->s390_tsch.io_int_parm = parm;
	run->s390_tsch.io_int_word = WORD;
	run->s390_tsch.ipb = 2u << 28;
	run->s390_tsch.dequeued = dequeued;
	arch_exit(vcpu, &event);
	is(event.kind, EVENT_NONE, "TEST SUBCHANNEL comes to an end");
	return run->psw_mask >> PSW_CC_SHIFT & 3;
}

/* How many I/O interruptions with this parameter are pending. */
static unsigned pending(struct vm *vm, uint32_t parm)
{
	struct s390_irq *irqs = NULL;
	size_t count = 0;
	unsigned n = 0;

	if (flic_get_all(vm->irqchip, &irqs, &count, &err))
		return UINT32_MAX;
	for (size_t i = 0; i < count; i++)
		n += irqs[i].type <= S390_IO_MAX && irqs[i].io.parm == parm;
	free(irqs);
	return n;
}

/* An enabled subchannel with status pending, whose interruption KVM has taken off the queue for vCPU 0. */
static void dequeue(struct vm *vm)
{
	static const uint32_t schib[13] = { 0, WORD | 0x00800000, 0x80000000 };
	static const uint32_t nop[2] = { 0x03000000, 0 }, orb[3] = { PARM, 0x0080ff00, OPERAND + 0x800 };
	uint8_t *at = ram_at(&vm->ram, OPERAND, 4096);

	arch_irq_reset(vm, &err);
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		vm->vcpus[i].run->psw_mask = PSW_64;
	memcpy(at, schib, sizeof(schib));
	instruction(&vm->vcpus[0], 0xb232);
	memcpy(at, orb, sizeof(orb));
	memcpy(at + 0x800, nop, sizeof(nop));
	instruction(&vm->vcpus[0], 0xb233);
	is(pending(vm, PARM), 1, "status is pending, and its interruption");
	is(flic_clear_io(vm->irqchip, ID, &err), 0, "KVM takes that off the queue");
}

static void test_orders(struct vm *vm)
{
	struct vcpu *zero = &vm->vcpus[0], *one = &vm->vcpus[1];

	dequeue(vm);
	is(test(zero, ID, OPERAND, true, PARM), 0, "nothing in between: the status is tested");
	is(pending(vm, PARM), 0, "... and nothing is left");

	dequeue(vm);
	is(test(one, ID, OPERAND, false, 0), 0, "another vCPU tests it first");
	is(test(zero, ID, OPERAND, true, PARM), 1, "... then there is no status");
	is(pending(vm, PARM), 0, "... and no interruption");

	dequeue(vm);
	instruction(one, CSCH);
	is(pending(vm, PARM), 1, "another vCPU clears the subchannel: a new interruption");
	is(test(zero, ID, OPERAND, true, PARM), 0, "... whose status is tested");
	is(pending(vm, PARM), 0, "... and nothing is left");

	dequeue(vm);
	test(zero, ID, OPERAND + 1, true, PARM);
	is(pending(vm, PARM), 1, "a wrong operand: it is given back");
	dequeue(vm);
	instruction(one, CSCH);
	test(zero, ID, OPERAND + 1, true, PARM);
	is(pending(vm, PARM), 1, "... but not beside the new one");
	dequeue(vm);
	test(one, ID, OPERAND, false, 0);
	test(zero, ID, OPERAND + 1, true, PARM);
	is(pending(vm, PARM), 0, "... nor without status");

	dequeue(vm);
	is(channel_vary(vm, 0, false, &err), 0, "the device goes");
	is(test(zero, ID, OPERAND, true, PARM), 3, "... the subchannel is not operational");
	is(pending(vm, PARM), 0, "... and has no interruption");
	is(channel_vary(vm, 0, true, &err), 0, "the device comes back");

	dequeue(vm);
	test(zero, ID, OPERAND + 1, true, 0x77);
	is(pending(vm, 0x77), 1, "one that is not of this status is given back as it was");
	is(pending(vm, PARM), 0, "... by itself");
	dequeue(vm);
	is(test(zero, 0x10007, OPERAND, true, 0x77), 3, "there is no such subchannel");
	is(pending(vm, 0x77), 1, "... its interruption is given back");
}

int main(int argc, char **argv)
{
	struct vm_config c = config(64 << 20, 2);
	struct vm vm;

	if (api_begin(argc, argv))
		return 1;
	if (start(&vm, &c, &err)) {
		ok(false, "a VM: %s", err.text);
		return api_end();
	}
	vm_pause(&vm, &err);
	test_orders(&vm);
	vm_destroy(&vm);
	return api_end();
}
