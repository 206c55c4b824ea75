/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core.c: the core of zpvm alone, without a snapshot or the laboratory: boots a guest that is not the test
 * guest, pauses it, lets it go on, destroys it. core_snapshot.c is the same program with snapshots. TAP.
 */
#include <stdlib.h>

#include "tests/unit/tap.h"
#include "vmm/arch.h"
#include "vmm/vm.h"
#ifdef WITH_SNAPSHOT
#include "vmm/snapshot/state.h"
#endif

#define FLAG 0x8000 /* the guest waits for it */

static struct kvm_fd kvm;
static uint8_t guest[1 << 16];
static size_t guest_size;
static char *said;
static size_t said_len;
static struct error err;

static bool says(struct vm *vm, const char *text)
{
	for (unsigned i = 0; i < 1000; i++) {
		unsigned which;

		fflush(vm->config->console);
		if (strstr(said, text))
			return true;
		vm_wait(vm, VCPU_ALL, 20, &which);
	}
	return false;
}

/* The guest has said hello: let it say bye, and come to its end. */
static void to_its_end(struct vm *vm, const char *what)
{
	uint64_t *flag = ram_at(&vm->ram, FLAG, sizeof(*flag));
	unsigned which;

	__atomic_store_n(flag, 1, __ATOMIC_SEQ_CST);
	vm_resume(vm);
	ok(!vm_wait(vm, VCPU_ALL, 20000, &which) && says(vm, "bye"), "%s: says bye, and stops", what);
	is(vm_vcpu_state(vm, 0) == VCPU_ENDED || vm_vcpu_state(vm, 0) == VCPU_OFFLINE, true, "%s: ended",
	   what);
}

static void run(const struct vm_config *config)
{
	struct vm vm;

	if (!ok(!vm_create(&vm, &kvm, config, &err), "a VM (%s)", err.text))
		return;
	ok(!vm_boot(&vm, &(struct boot){ .kernel = payload_of("guest", guest, guest_size) }, &err),
	   "boots (%s)", err.text);
	vm_resume(&vm);
	ok(says(&vm, "hello"), "says hello");
	ok(!vm_pause(&vm, &err) && vm_vcpu_state(&vm, 0) == VCPU_PARKED, "is paused (%s)", err.text);
#ifdef WITH_SNAPSHOT
	struct state_bytes bytes;
	struct vm second;

	ok(!state_save(&vm, SNAP_VM, &bytes, &err), "is saved (%s)", err.text);
	if (ok(!vm_create(&second, &kvm, config, &err) && !state_load(&second, &bytes, true, &err),
	       "is restored into a new VM (%s)", err.text)) {
		to_its_end(&second, "the new one");
		vm_destroy(&second);
	}
	free(bytes.bytes);
#endif
	to_its_end(&vm, "the first one");
	vm_destroy(&vm);
}

int main(int argc, char **argv)
{
	FILE *f = argc == 2 ? fopen(argv[1], "r") : NULL;
	struct vm_config config = { .memory = arch_info.ram_default, .vcpus = 1 };

	guest_size = f ? fread(guest, 1, sizeof(guest), f) : 0;
	if (f)
		fclose(f);
	config.console = open_memstream(&said, &said_len);
	if (!guest_size || !config.console || kvm_open(&kvm, NULL, &err)) {
		printf("Bail out! %s\n", guest_size ? err.text : "usage: core GUEST");
		return 1;
	}
	fflush(config.console);
	run(&config);
	kvm_close(&kvm);
	fclose(config.console);
	free(said);
	return tap_done();
}
