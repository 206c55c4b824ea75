/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * event.c: see event.h. KVM distinguishes the signal of an event from that of an SCCB, but makes both pending
 * when one of them is injected. Linux 6.1 and 6.12 deliver the latter even without an SCCB, with parameter
 * 0; 7.3 does not (see the kernel's __deliver_service). A version number does not tell which, so it is tried.
 */
#include "event.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "cpu.h"
#include "vmm/arch.h"

#define SIZE (1ul << 20) /* of a memory slot, and the alignment of its address */

/* The lowcore (Principles of Operation, ch. 3). */
#define EXT_PARAMETER 0x80
#define EXT_NEW_PSW   0x1b0

/* At each of these addresses is a DIAGNOSE 0, which exits to user space. */
#define WAITING 0x1000
#define HANDLER 0x2000

#define CR0_SERVICE 0x200

#define ICPT_INSTRUCTION 4

struct scratch {
	struct kvm_fd vm, vcpu;
	char *room, *memory;
	struct kvm_run *run;
	size_t run_size;
};

static int make_vm(struct scratch *s, const struct kvm_fd *kvm, struct error *err)
{
	long rc = kvm_call_value(kvm, KVM_CREATE_VM, arch_info.vm_type);

	if (rc < 0)
		return kvm_failed(err, rc, kvm, rc == -EINVAL ? arch_info.vm_remedy : NULL,
		                  "KVM_CREATE_VM(%lu)", arch_info.vm_type);
	kvm_fd_set(&s->vm, (int)rc, kvm->trace, "vm");
	return 0;
}

static int make_memory(struct scratch *s, struct error *err)
{
	struct kvm_userspace_memory_region slot = { .memory_size = SIZE };
	uint64_t psw[2] = { htobe64(PSW_64), htobe64(HANDLER) };
	long rc;

	s->room = mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->room == MAP_FAILED)
		return error_set(err, -ENOMEM, "out of memory for a scratch VM");
	s->memory = s->room + (-(uintptr_t)s->room & (SIZE - 1));
	memcpy(s->memory + EXT_NEW_PSW, psw, sizeof(psw));
	s->memory[WAITING] = s->memory[HANDLER] = (char)0x83;
	slot.userspace_addr = (uintptr_t)s->memory;
	rc = kvm_call(&s->vm, KVM_SET_USER_MEMORY_REGION, &slot);
	return rc < 0 ? kvm_failed(err, rc, &s->vm, NULL, "KVM_SET_USER_MEMORY_REGION") : 0;
}

static int make_vcpu(struct scratch *s, const struct kvm_fd *kvm, struct error *err)
{
	long rc = kvm_call_value(&s->vm, KVM_CREATE_VCPU, 0), size;
	struct kvm_sregs sregs;

	if (rc < 0)
		return kvm_failed(err, rc, &s->vm, NULL, "KVM_CREATE_VCPU(0)");
	kvm_fd_set(&s->vcpu, (int)rc, s->vm.trace, "vcpu 0");
	size = kvm_call_value(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	s->run_size = size < 0 ? 0 : (size_t)size;
	s->run = mmap(NULL, s->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, s->vcpu.fd, 0);
	if (s->run == MAP_FAILED)
		return error_set(err, -errno, "cannot map a scratch vCPU");
	rc = kvm_call(&s->vcpu, KVM_GET_SREGS, &sregs);
	sregs.crs[0] |= CR0_SERVICE;
	if (rc >= 0)
		rc = kvm_call(&s->vcpu, KVM_SET_SREGS, &sregs);
	return rc < 0 ? kvm_failed(err, rc, &s->vcpu, NULL, "KVM_SET_SREGS") : 0;
}

/* Lets the vCPU take one interrupt; 1: it has taken one, 0: there was none. */
static int take(struct scratch *s, struct error *err)
{
	int rc;

	s->run->psw_mask = PSW_64 | PSW_EXTERNAL;
	s->run->psw_addr = WAITING;
	do
		rc = kvm_run(&s->vcpu);
	while (rc == -EINTR);
	if (rc < 0)
		return kvm_failed(err, rc, &s->vcpu, NULL, "KVM_RUN");
	if (s->run->exit_reason == KVM_EXIT_S390_SIEIC && s->run->s390_sieic.icptcode == ICPT_INSTRUCTION)
		return s->run->psw_addr >= HANDLER;
	return error_set(err, -EIO, "a scratch VM ended with exit %u", s->run->exit_reason);
}

static int signal_event(struct scratch *s, uint32_t parm[EVENT_SIGNALS], struct error *err)
{
	struct kvm_s390_interrupt event = { .type = KVM_S390_INT_SERVICE, .parm = 1 };
	long rc = kvm_call(&s->vm, KVM_S390_INTERRUPT, &event);
	int n = 0, taken;

	if (rc < 0)
		return kvm_failed(err, rc, &s->vm, NULL, "KVM_S390_INTERRUPT(SERVICE, 1)");
	while ((taken = take(s, err)) > 0) {
		uint32_t parameter;

		if (n == EVENT_SIGNALS)
			return error_set(err, -EIO, "an event's signal does not end");
		memcpy(&parameter, s->memory + EXT_PARAMETER, sizeof(parameter));
		parm[n++] = be32toh(parameter);
	}
	return taken < 0 ? taken : n;
}

int event_try(const struct kvm_fd *kvm, uint32_t parm[EVENT_SIGNALS], struct error *err)
{
	struct scratch s = { .vm.fd = -1, .vcpu.fd = -1, .room = MAP_FAILED, .run = MAP_FAILED };
	int rc = make_vm(&s, kvm, err);

	if (!rc)
		rc = make_memory(&s, err);
	if (!rc)
		rc = make_vcpu(&s, kvm, err);
	if (!rc)
		rc = signal_event(&s, parm, err);
	if (s.run != MAP_FAILED)
		munmap(s.run, s.run_size);
	kvm_close(&s.vcpu);
	kvm_close(&s.vm);
	if (s.room != MAP_FAILED)
		munmap(s.room, 2 * SIZE);
	return rc;
}
