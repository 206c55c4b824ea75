/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api_memory.c: what KVM on s390x answers to wrong memory slots and memory operations, what it keeps of a
 * slot that it refuses, when it leaves the migration mode, and whether it tells the guest of pages that are
 * missing. TAP; argv[1] is the test guest.
 */
#include <sys/mman.h>

#include "arch/s390x/flic.h"
#include "api.h"
#include "vmm/lab/late.h"

#define SLOT    (64UL << 20)
#define SEGMENT (1UL << 20)

static long set_slot(const struct kvm_fd *vm, uint64_t size, void *at, uint32_t flags)
{
	struct kvm_userspace_memory_region slot = { .memory_size = size,
		                                    .userspace_addr = (uintptr_t)at,
		                                    .flags = flags };

	return kvm_call(vm, KVM_SET_USER_MEMORY_REGION, &slot);
}

/* The bitmap of a slot of 1 GiB has 64 KiB. */
static void test_refused(const struct kvm_fd *vm, uint8_t *ram)
{
	enum { SLOTS = 300 };
	int64_t before = free_kib(), gone;
	unsigned good = 0;

	is(-set_slot(vm, SLOT + 4096, ram, 0), EINVAL, "a slot that is not of whole segments: EINVAL");
	is(-set_slot(vm, SLOT, ram + 4096, 0), EINVAL, "one that begins within a segment: EINVAL");
	for (unsigned i = 0; i < SLOTS; i++)
		good += set_slot(vm, 1UL << 30, ram + 4096, KVM_MEM_LOG_DIRTY_PAGES) == -EINVAL;
	is(good, SLOTS, "%d with a dirty log", SLOTS);
	gone = gone_kib(before, SLOTS * 64 / 2);
	ok(gone < SLOTS * 64 / 2, "... whose bitmaps are free again (%" PRId64 " KiB are not)", gone);
}

static uint64_t migrating(const struct kvm_fd *vm)
{
	uint64_t on = 2;

	kvm_attr_get(vm, "MIGRATION_STATUS", KVM_S390_VM_MIGRATION, KVM_S390_VM_MIGRATION_STATUS, &on);
	return on;
}

static long start_migration(const struct kvm_fd *vm)
{
	return kvm_attr_set(vm, "MIGRATION_START", KVM_S390_VM_MIGRATION, KVM_S390_VM_MIGRATION_START, NULL);
}

static void test_migration(const struct kvm_fd *vm, void *ram)
{
	is(-start_migration(vm), EINVAL, "migration mode without memory: EINVAL");
	is(set_slot(vm, SLOT, ram, KVM_MEM_LOG_DIRTY_PAGES), 0, "memory with a dirty log");
	is(start_migration(vm), 0, "migration mode");
	is(migrating(vm), 1, "... is on");
	is(start_migration(vm), 0, "... and again");
	is(set_slot(vm, SLOT, ram, 0), 0, "the log goes off");
	is(migrating(vm), 0, "... and the mode with it");
}

/* Pages that KVM itself writes for the guest are in the log. */
static void test_log(const struct kvm_fd *vm, const struct kvm_fd *vcpu, void *ram)
{
	enum { WHERE = 0x20000, PAGE = WHERE / 4096 };
	static uint8_t log[SLOT / 4096 / 8];
	struct kvm_dirty_log get = { .dirty_bitmap = log };
	uint64_t bytes = 1;
	struct kvm_s390_mem_op op = { .op = KVM_S390_MEMOP_LOGICAL_WRITE,
		                      .gaddr = WHERE,
		                      .size = sizeof(bytes),
		                      .buf = (uintptr_t)&bytes };

	set_slot(vm, SLOT, ram, KVM_MEM_LOG_DIRTY_PAGES);
	kvm_call(vm, KVM_GET_DIRTY_LOG, &get);
	is(kvm_call(vcpu, KVM_S390_MEM_OP, &op), 0, "a memory operation that writes");
	is(kvm_call(vm, KVM_GET_DIRTY_LOG, &get), 0, "... then the dirty log");
	is(log[PAGE / 8], 1 << PAGE % 8, "... has its page");
}

static void test_operations(const struct kvm_fd *vcpu)
{
	uint8_t bytes[8];
	const struct kvm_s390_mem_op good = { .size = sizeof(bytes), .buf = (uintptr_t)bytes };
	struct kvm_s390_mem_op op = good;

	is(kvm_call(vcpu, KVM_S390_MEM_OP, &op), 0, "a memory operation");
	op.size = 0;
	is(-kvm_call(vcpu, KVM_S390_MEM_OP, &op), EINVAL, "of no bytes: EINVAL");
	op.size = 65537;
	is(-kvm_call(vcpu, KVM_S390_MEM_OP, &op), E2BIG, "of too many: E2BIG");
	op = good;
	op.ar = 16;
	is(-kvm_call(vcpu, KVM_S390_MEM_OP, &op), EINVAL, "by access register 16: EINVAL");
	op = good;
	op.flags = 1ULL << 63;
	is(-kvm_call(vcpu, KVM_S390_MEM_OP, &op), EINVAL, "with a flag that is none: EINVAL");
	op = good;
	op.op = 99;
	is(-kvm_call(vcpu, KVM_S390_MEM_OP, &op), EINVAL, "of no kind: EINVAL");
	op.op = KVM_S390_MEMOP_SIDA_READ;
	is(-kvm_call(vcpu, KVM_S390_MEM_OP, &op), EINVAL,
	   "on a secure area, which this vCPU has not: EINVAL");
}

/* --- pages that come late ---------------------------------------------- */

#define TOKEN 0x1000100 /* where the guest has it */
#define CODE  0x10000   /* of the guest */
#define PAGES 4

/* The guest loops, open, while its code is missing. Whether KVM told it so, and that it is there again. */
static bool page_fault(struct vm *vm)
{
	static const uint64_t two[ABI_ARGS] = { 2 };
	const struct abi_shared *shared = checkpoint_shared(vm);
	struct late late = { .on = false };
	unsigned taken = shared->taken, which;
	struct error err;
	bool good;

	if (checkpoint_command(vm, 0, ABI_CMD_SPIN, two, &err))
		return false;
	vm_resume(vm);
	while (!__atomic_load_n(&shared->mailbox[0].open, __ATOMIC_ACQUIRE))
		usleep(100);
	good = !vm_pause(vm, &err) && !late_take(&late, &vm->ram, CODE, PAGES, 0, &err);
	vm_resume(vm);
	good = good && !vm_wait(vm, 0, 20000, &which);
	return !vm_pause(vm, &err) && !late_end(&late, &err) && good && shared->taken == taken + 2;
}

/* KVM has room for 64 of a vCPU at once. */
static void test_page_faults(void)
{
	enum { FAULTS = 66 };
	static const struct {
		uint64_t reg, value;
	} handshake[] = { { KVM_REG_S390_PFTOKEN, TOKEN },
		          { KVM_REG_S390_PFSELECT, 0 },
		          { KVM_REG_S390_PFCOMPARE, 0 } };
	struct vm_config c = config(arch_info.ram_default, 1);
	struct error err = { .text = "" };
	unsigned good = 0;
	struct vm vm;

	if (!ok(!start(&vm, &c, &err) && !vm_pause(&vm, &err), "a guest (%s)", err.text))
		return;
	kvm_attr_set(&vm.irqchip->fd, "APF_ENABLE", KVM_DEV_FLIC_APF_ENABLE, 0, NULL);
	for (size_t i = 0; i < sizeof(handshake) / sizeof(handshake[0]); i++)
		kvm_reg_set(&vm.vcpus[0].fd, handshake[i].reg, &handshake[i].value);
	while (good < FAULTS && page_fault(&vm))
		good++;
	is(good, FAULTS, "it is told of pages that are missing");
	vm_destroy(&vm);
}

int main(int argc, char **argv)
{
	struct kvm_fd vm, vcpu;
	uint8_t *ram;

	if (api_begin(argc, argv))
		return 1;
	ram = mmap(NULL, SLOT + SEGMENT, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	kvm_fd_set(&vm, (int)kvm_call_value(&kvm, KVM_CREATE_VM, arch_info.vm_type), NULL, "vm");
	kvm_fd_set(&vcpu, (int)kvm_call_value(&vm, KVM_CREATE_VCPU, 0), NULL, "vcpu");
	if (!ok(ram != MAP_FAILED, "memory"))
		return api_end();
	ram += -(uintptr_t)ram % SEGMENT;
	test_refused(&vm, ram);
	test_migration(&vm, ram);
	test_log(&vm, &vcpu, ram);
	test_operations(&vcpu);
	test_page_faults();
	kvm_close(&vcpu);
	kvm_close(&vm);
	return api_end();
}
