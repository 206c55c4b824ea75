/* SPDX-License-Identifier: BSD-2-Clause */
/* api_live.c: a snapshot of a VM that runs while its RAM is copied, and while the file is written. */
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "api.h"
#include "vmm/file.h"
#include "vmm/snapshot/live.h"

#define FAR    0x2000000 /* pages that the guest never touches by itself */
#define PAGES  768       /* of 4096 bytes: too many to be copied at once */
#define ROUNDS 5
#define FIFO   "/tmp/live.fifo"

static struct error err;

static int command(struct vm *vm, uint32_t nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	const uint64_t arg[ABI_ARGS] = { a, b, c, d };
	int rc = checkpoint_command(vm, 0, nr, arg, &err);

	if (!rc)
		vm_resume(vm);
	return rc;
}

static int at_checkpoint(struct vm *vm)
{
	unsigned which;
	int rc = vm_wait(vm, VCPU_ALL, 20000, &which);

	return rc ? rc : vm_pause(vm, &err);
}

/* Whether a section of one is in the other as it is; that of RAM may have other runs. */
static bool same_sections(const struct snapshot *a, const struct snapshot *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; i < a->count && same; i++) {
		const struct snap_section *x = &a->sections[i], *y = snap_find(b, x->tag, x->id);

		same = y && (x->tag == TAG_RAM ||
		             (x->len == y->len && (!x->len || !memcmp(x->bytes, y->bytes, x->len))));
	}
	return same;
}

/* One by way of RAM, so that it has the runs that a save makes. */
static bool same_ram(struct ram *scratch, const struct snapshot *a, const struct snapshot *b)
{
	const struct snap_section *x, *y = snap_find(b, TAG_RAM, 0);
	struct snapshot again;
	bool same;

	snap_init(&again, arch_info.name);
	same = !ram_load(scratch, a, &err) && !ram_save(scratch, &again, &err);
	x = snap_find(&again, TAG_RAM, 0);
	same = same && x && y && x->len == y->len && !memcmp(x->bytes, y->bytes, x->len);
	snap_free(&again);
	return same;
}

/* What was copied while the guest and zpvm wrote, and what a save of the same moment has. */
static bool is_exact(struct vm *vm, struct ram *scratch, uint64_t value)
{
	struct state_bytes bytes = { 0 };
	struct snapshot then;
	struct live live = { .copy.fd = -1 };
	bool same;
	int rc = command(vm, ABI_CMD_FILL, FAR, PAGES * 512ULL, value, 8);

	if (!rc)
		rc = live_begin(&live, vm, &err);
	if (!rc)
		rc = live_copy(&live, vm, &err);
	memset(ram_at(&vm->ram, FAR + PAGES * 4096, 8), (int)value, 8);
	if (!rc)
		rc = vm_pause(vm, &err);
	if (!rc)
		rc = live_take(&live, vm, &err);
	if (!rc)
		rc = state_save(vm, SNAP_VM, &bytes, &err);
	vm_resume(vm);
	if (!rc)
		rc = live_finish(&live, &err);
	if (!rc)
		rc = snap_decode(&then, bytes.bytes, bytes.len, false, &err);
	if (rc)
		return false;
	same = same_sections(&live.snap, &then) && same_ram(scratch, &live.snap, &then);
	snap_free(&then);
	live_free(&live);
	free(bytes.bytes);
	return !at_checkpoint(vm) && same;
}

/* Reads the file, but only when the guest, which loops until it has a command, has executed one. */
static void *read_late(void *arg)
{
	int fd = open(FIFO, O_RDONLY);
	static char some[1 << 16];
	static bool ran;

	if (read(fd, some, 1) == 1) {
		ran = !checkpoint_command(arg, 0, ABI_CMD_FILL, (uint64_t[ABI_ARGS]){ FAR, 1, 1 }, &err) &&
		      !at_checkpoint(arg);
		while (read(fd, some, sizeof(some)) > 0)
			;
	}
	close(fd);
	return ran ? &ran : NULL;
}

static void runs_while_written(struct vm *vm)
{
	struct live live = { .copy.fd = -1 };
	pthread_t reader;
	void *ran = NULL;
	int rc = command(vm, ABI_CMD_CLOSED, 0, 0, 0, 0);

	unlink(FIFO);
	if (!rc)
		rc = live_begin(&live, vm, &err);
	if (!rc)
		rc = live_copy(&live, vm, &err);
	if (!rc)
		rc = vm_pause(vm, &err);
	if (!rc)
		rc = live_take(&live, vm, &err);
	vm_resume(vm);
	if (!rc)
		rc = live_finish(&live, &err);
	if (!rc && !mkfifo(FIFO, 0600) && !pthread_create(&reader, NULL, read_late, vm)) {
		/* Until the reader has opened it, nobody reads the pipe. */
		while ((rc = snap_write(&live.snap, FIFO, &err)) == -ENXIO)
			usleep(1000);
		pthread_join(reader, &ran);
	}
	ok(!rc && ran, "the guest runs while nobody reads its file (%s)", err.text);
	live_free(&live);
	unlink(FIFO);
}

#ifdef KVM_S390_VM_MIGRATION

static long set_slot(const struct kvm_fd *vm, void *memory, uint32_t flags)
{
	struct kvm_userspace_memory_region slot = { .flags = flags,
		                                    .memory_size = 1 << 20,
		                                    .userspace_addr = (uintptr_t)memory };

	return kvm_call(vm, KVM_SET_USER_MEMORY_REGION, &slot);
}

/* Page usage states are kept beside the log of changed pages: without one the host went down, or kept on
 * using it. */
static void needs_the_log(void)
{
	char *room = mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *memory = room + (-(uintptr_t)room & 0xfffff);
	const uint32_t migration = KVM_S390_VM_MIGRATION;
	uint64_t on = 0;
	bool usage;
	struct kvm_fd vm;

	kvm_fd_set(&vm, (int)kvm_call_value(&kvm, KVM_CREATE_VM, arch_info.vm_type), NULL, "vm");
	usage = !kvm_attr_set(&vm, "", KVM_S390_VM_MEM_CTRL, KVM_S390_VM_MEM_ENABLE_CMMA, NULL);
	is(-kvm_attr_set(&vm, "", migration, KVM_S390_VM_MIGRATION_START, NULL), EINVAL,
	   "migration mode without memory: EINVAL");
	is(set_slot(&vm, memory, 0), 0, "memory");
	if (usage)
		is(-kvm_attr_set(&vm, "", migration, KVM_S390_VM_MIGRATION_START, NULL), EINVAL,
		   "... without a log of its changed pages: EINVAL");
	is(set_slot(&vm, memory, KVM_MEM_LOG_DIRTY_PAGES), 0, "the log");
	is(kvm_attr_set(&vm, "", migration, KVM_S390_VM_MIGRATION_START, NULL), 0, "migration mode");
	kvm_attr_get(&vm, "", migration, KVM_S390_VM_MIGRATION_STATUS, &on);
	is(on, 1, "... is on");
	is(set_slot(&vm, memory, 0), 0, "no log");
	kvm_attr_get(&vm, "", migration, KVM_S390_VM_MIGRATION_STATUS, &on);
	is(on, 0, "... nor migration mode");
	kvm_close(&vm);
	munmap(room, 2 << 20);
}

#else

static void needs_the_log(void)
{
}

#endif

int main(int argc, char **argv)
{
	struct vm_config c = config(arch_info.ram_default, 2);
	unsigned good = 0;
	struct ram scratch;
	struct vm vm;

	if (api_begin(argc, argv))
		return 1;
	if (start(&vm, &c, &err) || vm_pause(&vm, &err) || ram_create(&scratch, c.memory, 1 << 20, &err)) {
		ok(false, "a VM (%s)", err.text);
		return api_end();
	}
	while (good < ROUNDS && is_exact(&vm, &scratch, good + 1))
		good++;
	is(good, ROUNDS, "what is copied while the guest writes is that of one moment (%s)", err.text);
	runs_while_written(&vm);
	needs_the_log();
	ram_destroy(&scratch);
	vm_destroy(&vm);
	return api_end();
}
