/* SPDX-License-Identifier: BSD-2-Clause */
/* api.h: what the api programs have in common: this host's KVM, the test guest, a VM of it. */
#ifndef TESTS_HOST_API_H
#define TESTS_HOST_API_H

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/utsname.h>

#include "tests/unit/tap.h"
#include "vmm/arch.h"
#include "vmm/lab/arch_lab.h"
#include "vmm/lab/checkpoint.h"
#include "vmm/lab/version.h"
#include "vmm/snapshot/ram_image.h"
#include "vmm/snapshot/state.h"

static struct kvm_fd kvm;
static uint8_t *guest;
static size_t guest_size;

static inline struct vm_config config(uint64_t memory, unsigned vcpus)
{
	return (struct vm_config){
		.memory = memory, .vcpus = vcpus, .console = stdout, .hooks = &checkpoint_hooks
	};
}

/* Entries of /proc/self/fd: of use when compared with an earlier count. */
static inline unsigned open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned count = 0;

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count;
}

/* Memory of the host that nobody uses: of use when compared with an earlier amount. */
static inline __attribute__((unused)) int64_t free_kib(void)
{
	FILE *f = fopen("/proc/meminfo", "r");
	int64_t kib = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f) && sscanf(line, "MemFree: %" SCNd64, &kib) != 1)
		;
	if (f)
		fclose(f);
	return kib;
}

/*
 * How much less of it there is, in KiB. The host may free something late: as long as it is not less than
 * `most`, it has 20 s for that. What is never freed is still away then.
 */
static inline __attribute__((unused)) int64_t gone_kib(int64_t before, int64_t most)
{
	int64_t gone;

	for (int tries = 0; (gone = before - free_kib()) >= most && tries < 200; tries++)
		usleep(100000);
	return gone;
}

/* Whether the host's pages are too small for KVM's XIVE: says that what needs one is left out. */
static inline bool skipped_for_pages(const char *what)
{
	bool small = sysconf(_SC_PAGESIZE) < 0x10000;

	if (small)
		ok(true, "%s # SKIP KVM's XIVE wants host pages of 64 KiB", what);
	return small;
}

/* Whether the host's kernel is of this version or a later one: 6.12, 6.12.95. */
static inline __attribute__((unused)) bool host_since(const char *text)
{
	struct versions of = { .until.count = 0 };
	struct version here;
	struct utsname names;

	uname(&names);
	version_of_kernel(names.release, names.version, &here);
	return version_read(text, &of.since) && versions_have(&of, &here);
}

/* Creates a VM, runs the guest to its checkpoint, pauses. */
static inline int start(struct vm *vm, const struct vm_config *c, struct error *err)
{
	unsigned which;
	int rc = vm_create(vm, &kvm, c, err);

	if (rc)
		return rc;
	rc = vm_boot(vm, &(struct boot){ .kernel = payload_of("guest", guest, guest_size) }, err);
	if (!rc) {
		vm_resume(vm);
		rc = vm_wait(vm, VCPU_ALL, 20000, &which);
	}
	if (!rc && checkpoint_cpu_state(vm, 0) != CPU_READY)
		rc = error_set(err, -EIO, "the guest is not at its checkpoint");
	if (rc)
		vm_destroy(vm);
	return rc;
}

/* argv[1] is the test guest. Not 0: there is nothing to test. */
static inline int api_begin(int argc, char **argv)
{
	static uint8_t file[1 << 18];
	struct error err = { .text = "" };
	FILE *f = argc == 2 ? fopen(argv[1], "r") : NULL;

	setvbuf(stdout, NULL, _IOLBF, 0);
	guest = file;
	guest_size = f ? fread(file, 1, sizeof(file), f) : 0;
	if (f)
		fclose(f);
	if (guest_size && !kvm_open(&kvm, NULL, &err))
		return 0;
	printf("Bail out! %s\n", guest_size ? err.text : "usage: api GUEST");
	return 1;
}

static inline int api_end(void)
{
	kvm_close(&kvm);
	return tap_done();
}

#endif
