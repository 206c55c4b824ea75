/* SPDX-License-Identifier: BSD-2-Clause */
/* logical.c: see logical.h. */
#include "logical.h"

#include <errno.h>
#include <string.h>

#include "arch/s390x/instruction.h"

/* PSW: translation, and the address-space control of the secondary-space mode. */
#define PSW_DAT       0x0400000000000000ULL
#define PSW_SPACE     0x0000c00000000000ULL
#define PSW_SECONDARY 0x0000800000000000ULL

static int access_logical(struct vcpu *vcpu, struct kvm_s390_mem_op *op, const char *what, struct error *err)
{
	long rc = kvm_call(&vcpu->fd, KVM_S390_MEM_OP, op);

	if (rc < 0)
		return kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_S390_MEM_OP(%s %u bytes at %llx)", what,
		                  op->size, (unsigned long long)op->gaddr);
	return rc ? error_set(err, -EFAULT, "vCPU %u: program interruption 0x%lx at 0x%llx", vcpu->id, rc,
	                      (unsigned long long)op->gaddr)
	          : 0;
}

int logical_load(struct vcpu *vcpu, uint64_t at, unsigned ar, void *bytes, uint32_t size, struct error *err)
{
	struct kvm_s390_mem_op op = { .gaddr = at,
		                      .size = size,
		                      .op = KVM_S390_MEMOP_LOGICAL_READ,
		                      .buf = (uintptr_t)bytes,
		                      .ar = (uint8_t)ar };

	return access_logical(vcpu, &op, "fetch", err);
}

int logical_store(struct vcpu *vcpu, uint64_t at, unsigned ar, const void *bytes, uint32_t size,
                  struct error *err)
{
	struct kvm_s390_mem_op op = { .gaddr = at,
		                      .size = size,
		                      .op = KVM_S390_MEMOP_LOGICAL_WRITE,
		                      .buf = (uintptr_t)bytes,
		                      .ar = (uint8_t)ar };

	return access_logical(vcpu, &op, "store", err);
}

/* Without translation: the prefix changes places with absolute 0. For the PSW that is in kvm_run. */
static uint32_t fetch_real(struct vcpu *vcpu, uint64_t at)
{
	uint64_t prefix = vcpu->run->s.regs.prefix, area = at & ~0x1fffULL;
	const uint8_t *bytes = ram_at(&vcpu->vm->ram, area && area != prefix ? at : at ^ prefix, 4);
	uint32_t instruction = 0;

	if (bytes)
		memcpy(&instruction, bytes, sizeof(instruction));
	return instruction;
}

/*
 * One of two bytes may be the last one that there is: it is none of those that anybody asks for.
 * KVM_S390_MEM_OP takes longer than KVM_RUN.
 */
static uint32_t fetch(struct vcpu *vcpu, uint64_t at)
{
	struct error ignored;
	uint32_t instruction;

	if (!(vcpu->run->psw_mask & PSW_DAT))
		return fetch_real(vcpu, at);
	return logical_load(vcpu, at, 0, &instruction, sizeof(instruction), &ignored) ? 0 : instruction;
}

#define EXECUTE(code)               ((code) >> 24 == 0x44)
#define EXECUTE_RELATIVE_LONG(code) ((0xff0f0000 & (code)) == 0xc6000000)

/* Of EXECUTE RELATIVE LONG there are two more bytes: the rest of the distance, in halfwords. */
static uint32_t target(struct vcpu *vcpu, uint32_t code)
{
	uint64_t pc = vcpu->run->psw_addr, at;
	unsigned r1 = code >> 20 & 15, index = code >> 16 & 15;
	uint32_t found;

	if (EXECUTE(code))
		at = base_displacement(vcpu, code << 16) + (index ? *gpr(vcpu, index) : 0);
	else
		at = pc + 2 * (uint64_t)(int64_t)(int32_t)fetch(vcpu, pc + 2);
	found = fetch(vcpu, at);
	return r1 ? found | (uint32_t)(*gpr(vcpu, r1) & 0xff) << 16 : found;
}

#define PAGE 0x1000ULL

/* These bytes of the instruction, which are in one page. */
static void fetch_piece(struct vcpu *vcpu, uint64_t at, void *bytes, uint32_t size, struct fetch_fault *fault)
{
	struct kvm_s390_mem_op op = {
		.gaddr = at, .size = size, .op = KVM_S390_MEMOP_LOGICAL_READ, .buf = (uintptr_t)bytes
	};
	long rc = kvm_call(&vcpu->fd, KVM_S390_MEM_OP, &op);

	if (rc > 0)
		*fault = (struct fetch_fault){ .code = (unsigned)rc, .at = at };
}

/* Two to six bytes long, as its first two bits say; what it needs of the next page may be missing. */
static uint32_t fetch_translated(struct vcpu *vcpu, struct fetch_fault *fault)
{
	uint64_t pc = vcpu->run->psw_addr;
	uint32_t room = (uint32_t)(PAGE - pc % PAGE), first = room < 4 ? room : 4, length;
	uint8_t bytes[8] = { 0 };
	uint32_t code;

	fetch_piece(vcpu, pc, bytes, first, fault);
	length = bytes[0] < 0x40 ? 2 : bytes[0] < 0xc0 ? 4 : 6;
	if (!fault->code && length > room)
		fetch_piece(vcpu, pc + room, bytes + room, length - room, fault);
	memcpy(&code, bytes, sizeof(code));
	return fault->code ? 0 : code;
}

uint32_t logical_instruction(struct vcpu *vcpu, struct fetch_fault *fault)
{
	uint64_t mask = vcpu->run->psw_mask;
	uint32_t code;

	fault->code = 0;

	if (mask & PSW_DAT && (mask & PSW_SPACE) == PSW_SECONDARY)
		return 0;
	code = mask & PSW_DAT ? fetch_translated(vcpu, fault) : fetch_real(vcpu, vcpu->run->psw_addr);
	return EXECUTE(code) || EXECUTE_RELATIVE_LONG(code) ? target(vcpu, code) : code;
}
