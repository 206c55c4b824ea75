/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * state.c: how long zpvm takes to save and restore N pending interrupts (s390x)
 * or N sources (power9): its own functions, in the order of its own tables.
 *
 *   state GUEST.elf N
 *   state GUEST.elf 0
 *
 * save.N, restore.N: the interrupt part, with encoding and decoding; without
 * RAM, registers and clock. Restoring is into the same VM, reset first.
 * whole-save.N, whole-restore.N: all that a snapshot and a restore do.
 * revert.N: back to the same snapshot, after the guest has changed N pages of 4 KiB.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "arch/power9/platform.h"
#include "vmm/arch.h"
#include "vmm/lab/arch_lab.h"
#include "vmm/lab/checkpoint.h"
#include "vmm/snapshot/state.h"

#define MEMORY (64 << 20)

struct bench {
	struct kvm_fd kvm;
	struct vm_config config;
	struct vm vm;
	uint64_t count, since;
	struct error err;
};

static void fail(const struct bench *b, const char *what)
{
	fprintf(stderr, "state: %s: %s\n", what, b->err.text);
	exit(1);
}

static void stopwatch(const struct bench *b, const char *name)
{
	printf("stopwatch %s.%llu %llu ns\n", name, (unsigned long long)b->count,
	       (unsigned long long)(time_now() - b->since));
}

/* Lets the guest go on to its next checkpoint. */
static void run(struct bench *b)
{
	unsigned which;

	vm_resume(&b->vm);
	if (vm_wait(&b->vm, VCPU_ALL, 120000, &which) || checkpoint_cpu_state(&b->vm, 0) != CPU_READY)
		fail(b, "the guest is not at its checkpoint");
}

static void start(struct bench *b, const char *path)
{
	static uint8_t file[1 << 18];
	FILE *f = fopen(path, "r");
	size_t size = f ? fread(file, 1, sizeof(file), f) : 0;

	if (kvm_open(&b->kvm, NULL, &b->err) || vm_create(&b->vm, &b->kvm, &b->config, &b->err) ||
	    vm_boot(&b->vm, &(struct boot){ .kernel = payload_of(path, file, size) }, &b->err))
		fail(b, path);
	fclose(f);
	run(b);
}

/* I/O interrupts of one subchannel after the other, each with a parameter of its own. */
static void pend(struct bench *b)
{
	for (uint64_t i = 0; i < b->count; i++) {
		char schid[24], parm[24];
		const struct word words[] = {
			{ NULL, "io" }, { "isc", "3" }, { "schid", schid }, { "parm", parm }
		};
		struct irq irq;
		unsigned done;

		snprintf(schid, sizeof(schid), "%u", (unsigned)(i & 0xffff));
		snprintf(parm, sizeof(parm), "%u", (unsigned)i);
		if (irq_parse(words, 4, &irq, &b->err) || arch_inject(&b->vm, &irq, 1, &done, &b->err))
			fail(b, "inject");
	}
}

/* Every source has a target and is on. */
static void route(struct bench *b)
{
	const uint64_t arg[ABI_ARGS] = { P9_MSI_BASE, 0, 5, b->count };

	if (checkpoint_command(&b->vm, 0, ABI_CMD_ROUTE, arg, &b->err))
		fail(b, "route");
	run(b);
}

static void save(struct bench *b, struct state_bytes *out)
{
	if (state_save(&b->vm, SNAP_IRQ, out, &b->err))
		fail(b, "save");
}

static void restore(struct bench *b, const struct state_bytes *in)
{
	if (state_load(&b->vm, in, false, &b->err))
		fail(b, "restore");
}

/* What came back is what was there. */
static void check(struct bench *b, const struct state_bytes *before)
{
	struct state_bytes after;

	save(b, &after);
	if (after.len != before->len || memcmp(after.bytes, before->bytes, after.len))
		fail(b, "the state has changed");
	free(after.bytes);
}

/* What the guest does between two restores is not measured. */
static int revert(struct bench *b)
{
	static const uint64_t pages[] = BENCH_REVERTS;
	struct state_bytes bytes;

	if (vm_pause(&b->vm, &b->err) || state_save(&b->vm, SNAP_VM, &bytes, &b->err))
		fail(b, "save");
	for (int i = 0; i < BENCH_REVERT_SIZES * BENCH_REVERT_ROUNDS; i++) {
		const uint64_t arg[ABI_ARGS] = { BENCH_FAR, b->count = pages[i / BENCH_REVERT_ROUNDS],
			                         (uint64_t)i };

		if (checkpoint_command(&b->vm, 0, ABI_CMD_FILL, arg, &b->err))
			fail(b, "fill");
		run(b);
		if (vm_pause(&b->vm, &b->err))
			fail(b, "pause");
		b->since = time_now();
		if (state_load(&b->vm, &bytes, false, &b->err))
			fail(b, "restore");
		if (i % BENCH_REVERT_ROUNDS) /* the first one is not like the others */
			stopwatch(b, "revert");
	}
	free(bytes.bytes);
	return 0;
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct state_bytes bytes;

	if (argc != 3)
		return 2;
	b.count = strtoull(argv[2], NULL, 0);
	b.config = (struct vm_config){ .hooks = &checkpoint_hooks,
		                       .memory = MEMORY,
		                       .vcpus = 1,
		                       .console = stdout,
		                       .sources = (unsigned)b.count };
	start(&b, argv[1]);
	if (!b.count)
		return revert(&b);
	if (strcmp(arch_info.name, "s390x"))
		route(&b);
	else
		pend(&b);

	for (int i = 0; i < BENCH_CYCLES; i++) {
		b.since = time_now();
		save(&b, &bytes);
		stopwatch(&b, "save");
		b.since = time_now();
		restore(&b, &bytes);
		stopwatch(&b, "restore");
		check(&b, &bytes);
		free(bytes.bytes);
	}

	b.since = time_now();
	if (state_save(&b.vm, SNAP_VM, &bytes, &b.err))
		fail(&b, "save");
	stopwatch(&b, "whole-save");
	b.since = time_now();
	if (state_load(&b.vm, &bytes, false, &b.err))
		fail(&b, "restore");
	stopwatch(&b, "whole-restore");
	free(bytes.bytes);
	vm_destroy(&b.vm);
	kvm_close(&b.kvm);
	return 0;
}
