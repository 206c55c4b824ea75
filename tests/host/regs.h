/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * regs.h: whether each register of a vCPU comes through a save and a restore: into a new VM, into one that
 * has been used, and into one of another process. An api program includes this, and says what there is.
 */
#ifndef TESTS_HOST_REGS_H
#define TESTS_HOST_REGS_H

#include <sys/wait.h>
#include <unistd.h>

#include "api.h"
#include "vmm/file.h"

#define CPUS     2
#define REGS     400
#define SNAPSHOT "regs.tmp"
#define VALUES   "regs.values"

/*
 * What a restore does with a register: it gets its value back, it stays as in a new VM (HACKING.md has the
 * list, and why), or that is the business of another test.
 */
enum fate { CARRIED, LEFT, OTHERS };

struct reg {
	char name[16];
	enum fate fate;
	uint64_t value[2];
};

struct regs {
	struct reg reg[CPUS][REGS];
	unsigned count[CPUS];
};

/* The architecture's: all registers of a vCPU, each by one call of regs_add(); a value for each. 0: done. */
static int regs_read(struct vcpu *vcpu, struct regs *regs);
static int regs_fill(struct vcpu *vcpu, unsigned seed);

static inline void regs_add(struct regs *regs, const struct vcpu *vcpu, enum fate fate, const char *name,
                            int number, const void *value, size_t size)
{
	struct reg *reg = &regs->reg[vcpu->index][regs->count[vcpu->index]++];

	*reg = (struct reg){ .fate = fate };
	if (number < 0)
		snprintf(reg->name, sizeof(reg->name), "%s", name);
	else
		snprintf(reg->name, sizeof(reg->name), "%s%d", name, number);
	memcpy(reg->value, value, size);
}

/* A value that no other register has. */
static inline uint64_t regs_pattern(unsigned seed, unsigned n)
{
	return 0x0101010101010101 * (seed & 0x7f) + 0x0010200030400507 * (n + 1);
}

static inline int regs_of(struct vm *vm, struct regs *regs)
{
	int rc = 0;

	*regs = (struct regs){ 0 };
	for (unsigned i = 0; i < CPUS && !rc; i++)
		rc = regs_read(&vm->vcpus[i], regs);
	return rc;
}

static inline int regs_into(struct vm *vm, unsigned seed)
{
	return regs_fill(&vm->vcpus[0], seed) || regs_fill(&vm->vcpus[1], seed + 40);
}

/* Whether b has what it should, of a VM that was filled like a, and is else like a new one. */
static inline bool regs_compare(const struct regs *a, const struct regs *b, const struct regs *new, bool say)
{
	unsigned wrong = 0;

	for (unsigned c = 0; c < CPUS; c++)
		for (unsigned i = 0; i < a->count[c]; i++) {
			const struct reg *want =
				a->reg[c][i].fate == CARRIED ? &a->reg[c][i] : &new->reg[c][i];
			const struct reg *got = &b->reg[c][i];

			if (want->fate == OTHERS || !memcmp(want->value, got->value, sizeof(got->value)))
				continue;
			wrong++;
			if (say)
				printf("# vCPU %u: %s is %016" PRIx64 " %016" PRIx64 ", not %016" PRIx64
				       " %016" PRIx64 "\n",
				       c, got->name, got->value[0], got->value[1], want->value[0],
				       want->value[1]);
		}
	return !wrong;
}

/* What a test could not tell from a new vCPU's says nothing. */
static inline bool regs_differ(const struct regs *a, const struct regs *new)
{
	unsigned same = 0;

	for (unsigned c = 0; c < CPUS; c++)
		for (unsigned i = 0; i < a->count[c]; i++) {
			const struct reg *reg = &a->reg[c][i];

			if (reg->fate != CARRIED ||
			    memcmp(reg->value, new->reg[c][i].value, sizeof(reg->value)))
				continue;
			same++;
			printf("# vCPU %u: %s is as in a new VM\n", c, reg->name);
		}
	return !same;
}

/* The other process: restores the file, and finds there what the first one has noted. */
static inline int regs_in_new_process(const struct vm_config *c)
{
	static struct regs noted[2], now;
	struct state_bytes bytes = { .sealed = true };
	struct error err = { .text = "" };
	struct vm vm;
	FILE *f = fopen(VALUES, "r");
	bool good = f && fread(noted, sizeof(noted), 1, f) == 1;

	good = good && !file_read(SNAPSHOT, SNAP_MAX_BYTES, &bytes.bytes, &bytes.len, &err) &&
	       !vm_create(&vm, &kvm, c, &err) && !state_load(&vm, &bytes, true, &err) && !regs_of(&vm, &now);
	if (!good)
		printf("# a new process: %s\n", err.text);
	return good && regs_compare(&noted[0], &now, &noted[1], true) ? 0 : 1;
}

static inline void regs_test_new_process(struct state_bytes *bytes, const struct regs *set,
                                         const struct regs *new, const char *guest_file)
{
	struct error err = { .text = "" };
	FILE *f = fopen(VALUES, "w");
	bool good = f && fwrite(set, sizeof(*set), 1, f) == 1 && fwrite(new, sizeof(*new), 1, f) == 1 &&
	            !fclose(f);
	struct iovec all = { bytes->bytes, bytes->len };
	int status = -1;
	pid_t pid;

	snap_seal(bytes->bytes);
	good = good && !file_write(SNAPSHOT, &all, 1, &err);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		setenv("REGS_AGAIN", "1", 1);
		execl("/proc/self/exe", "api_regs", guest_file, NULL);
		_exit(127);
	}
	ok(good && waitpid(pid, &status, 0) == pid && !status, "a new process has them from a file (%s, %d)",
	   err.text, status);
}

static inline void regs_test(const struct vm_config *c, const char *guest_file)
{
	static struct regs new, set, other, now;
	struct state_bytes bytes = { 0 }, plain;
	struct error err = { .text = "" };
	struct vm first, second;

	if (!ok(!start(&first, c, &err) && !vm_pause(&first, &err) && !vm_create(&second, &kvm, c, &err) &&
	                !regs_of(&second, &new),
	        "two VMs (%s)", err.text))
		return;
	ok(!regs_into(&first, 1) && !regs_of(&first, &set), "%u registers are set and read", set.count[0]);
	ok(regs_differ(&set, &new), "... and each is another than in a new VM");
	is(state_save(&first, SNAP_VM, &bytes, &err), 0, "a snapshot (%s)", err.text);
	ok(!regs_of(&first, &now) && regs_compare(&set, &now, &set, true),
	   "... which leaves them as they were");
	ok(!regs_into(&first, 60) && !regs_of(&first, &other) && !regs_compare(&set, &other, &other, false),
	   "they are changed");
	plain = bytes;
	is(state_load(&first, &plain, false, &err), 0, "back to the snapshot (%s)", err.text);
	ok(!regs_of(&first, &now) && regs_compare(&set, &now, &other, true),
	   "... where they are what they were");
	is(state_load(&second, &plain, true, &err), 0, "and into the new VM (%s)", err.text);
	ok(!regs_of(&second, &now) && regs_compare(&set, &now, &new, true), "... which has them");
	regs_test_new_process(&bytes, &set, &new, guest_file);
	free(bytes.bytes);
	vm_destroy(&first);
	vm_destroy(&second);
}

/* more: what else there is to test. */
static inline int regs_main(int argc, char **argv, void (*more)(void))
{
	struct vm_config c = config(arch_info.ram_default, CPUS);

	if (api_begin(argc, argv))
		return 1;
	if (getenv("REGS_AGAIN"))
		return regs_in_new_process(&c);
	regs_test(&c, argv[1]);
	more();
	return api_end();
}

#endif
