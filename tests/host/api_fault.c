/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api_fault.c: each system call that a save or a restore makes fails once, in
 * turn (fault.h). A save that fails leaves the VM as it was, or says that it
 * could not; a restore that fails leaves a VM that can be destroyed. Nothing
 * leaks. And each call by which a VM with devices is made, each allocation and thread, too: whatever fails,
 * nothing is left of that VM. TAP; argv[1] is the test guest.
 */
#include <fcntl.h>
#include <malloc.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api.h"
#include "fault.h"
#include "full.h"

#define MAX_CALLS 4000
#define TOUCHED   (1 << 20) /* more than that, and KVM is asked what a guest has changed */

/* A page that the guest does not use. */
static gpa_t scratch(void)
{
	return power9 ? 0x2000000 : 0x90000;
}

static size_t allocated(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

/* --- saves ------------------------------------------------------------ */

static const char *const kinds[SNAP_KINDS] = { "of a VM", "of interrupts" };

/* Another VM in its place. */
static int replace(struct vm *vm, const struct vm_config *c, const struct state_bytes *from)
{
	int rc;

	vm_destroy(vm);
	rc = vm_create(vm, &kvm, c, &err);
	return rc ? rc : state_load(vm, from, true, &err);
}

static void test_saves(struct vm *vm, const struct vm_config *c, enum snap_kind kind)
{
	struct state_bytes whole, good, out;
	unsigned n, wrong = 0, silent = 0, ended = 0;

	if (!ok(!state_save(vm, SNAP_VM, &whole, &err) && !state_save(vm, kind, &good, &err),
	        "a snapshot %s (%s)", kinds[kind], err.text))
		return;
	for (n = 1; n < MAX_CALLS; n++) {
		struct error why = { .text = "" };
		int rc;

		arm(n, EIO);
		rc = state_save(vm, kind, &out, &why);
		if (!disarm()) {
			is(rc, 0, "with no call that fails (%s)", why.text);
			break;
		}
		silent += !rc;
		if (rc && (out.bytes || !strstr(why.text, "save, step") ||
		           (!strstr(why.text, "EIO") && !strstr(why.text, "Input/output")))) {
			printf("# call %u: %s\n", n, why.text);
			wrong++;
		}
		free(out.bytes);
		if (rc == -ENOTRECOVERABLE) {
			ended += !strstr(why.text, "step \"irqfds on") &&
			         !strstr(why.text, "eventfd: cannot add");
			if (replace(vm, c, &whole))
				wrong++;
		} else if (!as_before(vm, kind, &good)) {
			printf("# call %u: %s\n", n, why.text);
			wrong++;
			if (replace(vm, c, &whole))
				break;
		}
	}
	free(out.bytes);
	is(wrong, 0, "a save %s that fails at any of its %u calls says so, and the VM is as before",
	   kinds[kind], n - 1);
	is(ended, 0, "... or, when what it took cannot be given back, is to be destroyed");
	is(silent, 0, "none is silent");
	free(whole.bytes);
	free(good.bytes);
}

static void test_looks(struct vm *vm, const struct vm_config *c)
{
	struct state_bytes whole;
	struct arch_state *state;
	unsigned n, wrong = 0;
	int rc;

	if (state_save(vm, SNAP_VM, &whole, &err))
		return;
	for (n = 1; n < MAX_CALLS; n++) {
		arm(n, EIO);
		rc = state_look(vm, SNAP_IRQ, &state, &err);
		if (!rc)
			arch_codec->free(state);
		if (!disarm())
			break;
		wrong += !rc;
		if (rc == -ENOTRECOVERABLE ? replace(vm, c, &whole) : !as_before(vm, SNAP_VM, &whole))
			wrong++;
	}
	is(wrong, 0, "a look that fails at any of its %u calls says so, and the VM is as before", n - 1);
	free(whole.bytes);
}

/* --- restores --------------------------------------------------------- */

/* Either the VM is dead, or it is untouched and can be restored into; -EBADMSG and -EBUSY say that it is. */
static bool good_failure(struct vm *vm, const struct state_bytes *from, enum snap_kind kind, bool fresh,
                         int rc, unsigned n, const struct error *why)
{
	bool good =
		why->text[0] && (vm->dead ? rc != -EBADMSG && rc != -EBUSY
	                                  : !state_load(vm, from, fresh, &err) && as_before(vm, kind, from));

	if (!good)
		printf("# call %u: %s: %s\n", n, error_name(rc), why->text);
	return good;
}

/* Into a new VM, or one that is what the snapshot whole says, and more. */
static void test_loads(const struct vm_config *c, const struct state_bytes *whole,
                       const struct state_bytes *from, enum snap_kind kind, bool fresh, int errnum)
{
	unsigned n, wrong = 0, passed = 0;
	bool reached = true;
	struct vm vm;

	for (n = 0; n < MAX_CALLS && reached; n++) {
		struct error why = { .text = "" };
		int rc = vm_create(&vm, &kvm, c, &err);

		if (rc ||
		    (!fresh && (state_load(&vm, whole, true, &err) ||
		                step(&vm, power9 ? "inject source 0x1002" : "inject io isc=1 schid=1")))) {
			ok(false, "a VM (%s)", err.text);
			return;
		}
		if (!fresh && kind == SNAP_VM)
			memset(ram_at(&vm.ram, scratch(), 8), 1, 8);
		arm(n + 1, errnum);
		rc = state_load(&vm, from, fresh, &why);
		reached = disarm();
		passed += reached && !rc;
		wrong +=
			rc ? !good_failure(&vm, from, kind, fresh, rc, n, &why) : !as_before(&vm, kind, from);
		vm_destroy(&vm);
	}
	is(wrong, 0,
	   "a restore %s into %s VM that fails (%s) at any of its %u calls says so (%u did without)",
	   kinds[kind], fresh ? "a new" : "a used", error_name(errnum), n - 1, passed);
}

/* What KVM says to the making of a VM is what the caller hears: it may mean that this host is not one for it.
 */
static void test_creates(const struct vm_config *c)
{
	unsigned n, wrong = 0, passed = 0;
	bool reached = true;
	struct vm vm;

	for (n = 1; n < MAX_CALLS && reached; n++) {
		int rc;

		arm(n, EOPNOTSUPP);
		rc = vm_create(&vm, &kvm, c, &err);
		reached = disarm();
		passed += reached && !rc;
		wrong += rc && rc != -EOPNOTSUPP;
		if (rc && rc != -EOPNOTSUPP)
			printf("# call %u: %s: %s\n", n, error_name(rc), err.text);
		if (!rc)
			vm_destroy(&vm);
	}
	is(wrong, 0, "a VM that cannot be made for any of %u calls says why (%u did without)", n - 1, passed);
}

/* --- whole lives ------------------------------------------------------ */

/* What a VM has of the host. */
struct held {
	unsigned files, threads, vms, names;
	size_t bytes;
};

#define TUNABLES   "GLIBC_TUNABLES"
#define VMS_OF_KVM "/sys/kernel/debug/kvm"

/* Directories or files there; of KVM's those of a VM, which have a process and a descriptor in their name. */
static unsigned entries(const char *path, char with)
{
	struct dirent *entry;
	unsigned count = 0;
	DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir)))
		count += !with || strchr(entry->d_name, with);
	if (dir)
		closedir(dir);
	return count;
}

static struct held holds(void)
{
	struct held h = { .files = entries("/proc/self/fd", 0), .vms = entries(VMS_OF_KVM, '-') };

	/* ".", ".." and this thread. One that was joined is in /proc for a moment. */
	for (int tries = 0; tries < 200 && (h.threads = entries("/proc/self/task", 0)) > 3; tries++)
		usleep(5000);
	h.names = entries(".", 0);
	h.bytes = allocated();
	return h;
}

/* A VM is made, boots, is stopped, has a timer, takes an interrupt, and is destroyed. */
static int live(const struct vm_config *c)
{
	static const char *const steps[2][4] = {
		{ "guest timer us=100", "inject io isc=3 schid=3", "guest enable",
		  "irqchip ioeventfd schid=9" },
		{ "guest timer us=100", "guest route source=0x1000 server=0 priority=5",
		  "inject source 0x1000", "guest enable" },
	};
	struct vm vm;
	int rc = start(&vm, c, &err);

	if (rc)
		return rc;
	rc = vm_pause(&vm, &err);
	for (unsigned i = 0; i < 4 && !rc; i++)
		rc = step(&vm, steps[power9][i]);
	vm_destroy(&vm);
	return rc;
}

/* An error of the host, by its name. */
static bool names_error(const char *text)
{
	return strstr(text, strerror(EIO)) || strstr(text, "memory") || strstr(text, strerror(EAGAIN));
}

/* The first calls, by which it is made: behind them a vCPU may be the one whose call fails. */
#define FIRST 90

static void test_lives(void)
{
	static const struct device_options devices = { 4,
		                                       { { DEVICE_DISK, "fault.disk,cow" },
		                                         { DEVICE_NET, "stream=fault.sock" },
		                                         { DEVICE_RNG, "/dev/zero" },
		                                         { DEVICE_CONSOLE, NULL } } };
	struct vm_config c = config(arch_info.ram_min, 2);
	unsigned n, silent = 0, passed = 0, left = 0, grown = 0;
	struct held before, after;
	bool reached = true;
	int rc, disk = open("fault.disk", O_WRONLY | O_CREAT, 0600);

	c.sources = 32;
	c.io_thread = true;
	c.devices = &devices;
	err.text[0] = 0;
	/* What the first ones leave is libc's to keep. */
	if (!ok(disk >= 0 && !ftruncate(disk, 65536) && !live(&c) && !live(&c), "a whole life (%s)",
	        err.text))
		return;
	close(disk);
	before = holds();
	for (n = 1; n <= FIRST && reached; n++) {
		err.text[0] = 0;
		arm_all(n, EIO);
		rc = live(&c);
		reached = disarm();
		passed += reached && !rc;
		if (reached && rc && !names_error(err.text)) {
			printf("# call %u, at %p: %s\n", n, failed_at, err.text);
			silent++;
		}
		after = holds();
		if (after.bytes > before.bytes) { /* is it a thread's stack, which libc keeps? */
			size_t bytes = after.bytes;

			arm_all(n, EIO);
			live(&c);
			disarm();
			after = holds();
			grown += after.bytes > bytes;
			if (after.bytes > bytes)
				printf("# call %u, at %p: %zu bytes are left: %s\n", n, failed_at,
				       after.bytes - bytes, err.text);
			before.bytes = after.bytes;
		}
		if (after.files == before.files && after.threads == before.threads &&
		    after.vms == before.vms && after.names == before.names)
			continue;
		printf("# call %u, at %p, leaves files %d, threads %d, VMs %d, names %d: %s\n", n, failed_at,
		       (int)(after.files - before.files), (int)(after.threads - before.threads),
		       (int)(after.vms - before.vms), (int)(after.names - before.names), err.text);
		before = after;
		left++;
	}
	is(silent, 0, "a life in which any of its first %u calls fails says why (%u did without)", n - 1,
	   passed);
	is(left, 0, "... and leaves no open file, no thread, no VM of KVM's, no name");
	is(grown, 0, "... and no memory");
	unlink("fault.disk");
}

/* A save or restore that fails at KVM's log of changes: they are not forgotten. */
static void test_log(void)
{
	struct vm_config c = config(arch_info.ram_default, 1);
	struct state_bytes large = { 0 }, out = { 0 };
	struct vm vm;
	int rc = vm_create(&vm, &kvm, &c, &err);

	err.text[0] = 0;
	if (!rc)
		memset(ram_at(&vm.ram, scratch() + arch_info.ram_align, TOUCHED), 1, TOUCHED);
	if (!ok(!rc && !state_save(&vm, SNAP_VM, &large, &err) && !state_load(&vm, &large, false, &err),
	        "a VM that has much memory, and a log of what it changes (%s)", err.text))
		return;
	for (int restore = 0; restore < 2; restore++) {
		const char *what = restore ? "restore" : "save";
		struct error why = { .text = "" };
		uint8_t *at = NULL;

		for (unsigned n = 1; n < MAX_CALLS && !strstr(why.text, "KVM_GET_DIRTY_LOG"); n++) {
			at = ram_at(&vm.ram, scratch(), 1);
			*at = 1;
			arm(n, EIO);
			if (restore)
				state_load(&vm, &large, false, &why);
			else if (!state_save(&vm, SNAP_VM, &out, &why))
				free(out.bytes);
			if (!disarm())
				break;
		}
		err.text[0] = 0;
		has(why.text, "KVM_GET_DIRTY_LOG", "a %s that cannot read the log fails", what);
		is(state_load(&vm, &large, false, &err), 0, "a restore (%s)", err.text);
		is(*at, 0, "... knows what was changed before that %s", what);
	}
	free(large.bytes);
	vm_destroy(&vm);
}

/* Saves that a signal asks for: one that fails is no reason to end, unless the VM is not what it was. */
static void test_signal(struct vm *vm)
{
	static const char info[sizeof(struct signalfd_siginfo)];
	struct run_config config = { .save = "fault.snap" };
	const struct event *event = &vm->vcpus[0].event;
	struct runner r = { .config = &config };
	unsigned n = 0, which, lost = 0;
	int ends[2];

	if (pipe2(ends, O_NONBLOCK | O_CLOEXEC))
		return;
	config.save_signal = ends[0];
	do {
		lost += write(ends[1], info, sizeof(info)) != sizeof(info);
		arm(++n + 1, EIO); /* the first one reads the pipe */
		lost += runner_wait(&r, vm, NULL, VCPU_ALL, 1, &which);
	} while (disarm() && event->kind != EVENT_ERROR && n < MAX_CALLS);
	ok(!lost && event->kind == EVENT_ERROR, "saves that a signal asks for fail until call %u ends the VM",
	   n);
	has(event->why.text, "eventfd: cannot add", "... which cannot give back what it took");
	close(ends[0]);
	close(ends[1]);
}

/* What is in the file that was there before, and whether it is alone. */
static bool is_intact(const char *path, const char *content)
{
	char now[16] = "", name[64];
	int fd = open(path, O_RDONLY), n = fd < 0 ? -1 : (int)read(fd, now, sizeof(now) - 1);
	unsigned others = 0;
	struct dirent *entry;
	DIR *dir = opendir(".");

	snprintf(name, sizeof(name), "%s.", path);
	while (dir && (entry = readdir(dir)))
		others += !strncmp(entry->d_name, name, strlen(name));
	if (dir)
		closedir(dir);
	if (fd >= 0)
		close(fd);
	return n == (int)strlen(content) && !strcmp(now, content) && !others;
}

/* One save at the signal of a guest that runs. True if a call failed. */
static bool save_by_signal(struct run_config *config, struct vm *vm, int signal, unsigned n)
{
	static const char info[sizeof(struct signalfd_siginfo)];
	struct runner r = { .config = config };
	unsigned which;

	if (write(signal, info, sizeof(info)) != sizeof(info))
		return false;
	arm(n, EIO);
	runner_wait(&r, vm, NULL, VCPU_ALL, 1, &which);
	return disarm();
}

/* The same of a guest that runs and has so much memory that it is copied before. Its old file stays. */
static void test_precopy(void)
{
	static const char old[] = "old";
	struct vm_config c = config(arch_info.ram_default, 1);
	struct run_config config = { .save = "precopy.snap" };
	int ends[2], fd = open(config.save, O_WRONLY | O_CREAT | O_TRUNC, 0600), terminal = dup(2);
	unsigned n, stopped = 0, files;
	const uint64_t none[ABI_ARGS] = { 0 };
	struct state_bytes from = { 0 };
	size_t bytes = 0;
	uint8_t *at;
	struct vm vm;

	c.clock = CLOCK_FOLLOW; /* else a resume sets the clock, and the VM ends if it cannot */
	err.text[0] = 0;
	if (!ok(!pipe2(ends, O_NONBLOCK | O_CLOEXEC) && write(fd, old, strlen(old)) == (int)strlen(old) &&
	                !start(&vm, &c, &err) && !vm_pause(&vm, &err),
	        "a VM (%s)", err.text))
		return;
	at = ram_at(&vm.ram, scratch() + arch_info.ram_align, 2 * TOUCHED);
	memset(at, 0, 2 * TOUCHED);
	at[2 * TOUCHED - 1] = 1;
	ok(!checkpoint_command(&vm, 0, ABI_CMD_CLOSED, none, &err), "its guest loops (%s)", err.text);
	vm_resume(&vm);
	config.save_signal = ends[0];
	files = open_fds();
	freopen("/dev/null", "w", stderr);
	/* The first call reads the pipe. The registers are many, and each has failed above. */
	for (n = 2; n < MAX_CALLS; n += n < 20 ? 1 : 3) {
		save_by_signal(&config, &vm, ends[1], n);
		if (!is_intact(config.save, old))
			break;
		stopped += !vm_running(&vm);
		bytes = n < 20 ? allocated() : bytes;
	}
	ok(n > 30 && !save_by_signal(&config, &vm, ends[1], n + 2),
	   "a save at a signal that fails at any of its %u calls leaves the old file, and no other one",
	   n - 2);
	dup2(terminal, 2);
	is(stopped, 0, "... and the guest runs on");
	is(open_fds(), files, "no file is left open");
	ok(allocated() < bytes + 8192, "%zu bytes were allocated, now %zu are", bytes, allocated());
	ok(!snap_read(config.save, &from.bytes, &from.len, &err) &&
	           !checkpoint_command(&vm, 0, ABI_CMD_EXITS, (uint64_t[ABI_ARGS]){ 1 }, &err) &&
	           !vm_wait(&vm, 0, 20000, &files) && !vm_pause(&vm, &err),
	   "the guest still does what it is told (%s)", err.text);
	from.sealed = true;
	is(state_load(&vm, &from, false, &err), 0, "the file is restored (%s)", err.text);
	is(at[2 * TOUCHED - 1], 1, "... with all that was copied");
	free(from.bytes);
	unlink(config.save);
	close(fd);
	close(terminal);
	close(ends[0]);
	close(ends[1]);
	vm_destroy(&vm);
}

/* --- the guest goes on ------------------------------------------------ */

static void test_goes_on(struct vm *vm)
{
	static const char *const more[2][3] = {
		{ "inject irqfd gsi=7 isc=2", "inject irqfd gsi=9 isc=5", "irqchip irqfd gsi=8" },
		{ "inject irqfd gsi=0x1002", "inject source 0x1000", "irqchip irqfd gsi=0x1003" }
	};
	const struct abi_shared *shared = checkpoint_shared(vm);
	/* 7 and 3 were pending; in SINGLE mode one of two signals counts. */
	unsigned due = power9 ? 6 : 9, wrong = 0;

	err.text[0] = 0;
	for (unsigned i = 0; i < 3; i++)
		wrong += step(vm, more[power9][i]) != 0;
	is(wrong, 0, "more interrupts (%s)", err.text);
	is(step(vm, "guest enable"), 0, "the guest goes on");
	is(shared->taken, due, "and takes what was pending, and what the irqfds send");
	is(step(vm, "guest enable"), 0, "it opens its interrupts again");
	is(shared->taken, due, "and no more come");
}

int main(int argc, char **argv)
{
	struct state_bytes whole = { 0 }, irqs = { 0 };
	struct vm_config c;
	unsigned files;
	size_t bytes;
	struct vm vm;

	/* What libc keeps for the next allocation of a size would count as allocated. */
	if (!getenv(TUNABLES) && !setenv(TUNABLES, "glibc.malloc.tcache_count=0", 1))
		execv("/proc/self/exe", argv);
	if (api_begin(argc, argv))
		return 1;
	power9 = !strcmp(arch_info.name, "power9");
	if (!access("/sys/kernel/debug", F_OK) && access(VMS_OF_KVM, F_OK))
		mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	test_lives();
	ok(!access(VMS_OF_KVM, F_OK) || geteuid(), "KVM lists its VMs");
	c = config(arch_info.ram_min, 1);
	if (!ok(!make(&vm, &c) && !state_save(&vm, SNAP_VM, &whole, &err) &&
	                !state_save(&vm, SNAP_IRQ, &irqs, &err),
	        "a VM with much pending (%s)", err.text))
		return tap_done();
	files = open_fds();
	test_saves(&vm, &c, SNAP_VM);
	bytes = allocated(); /* of a VM that was restored: it has other parts than one that was booted */
	test_saves(&vm, &c, SNAP_IRQ);
	test_looks(&vm, &c);
	test_loads(&c, &whole, &whole, SNAP_VM, true, EIO);
	test_loads(&c, &whole, &whole, SNAP_VM, false, EBUSY);
	test_loads(&c, &whole, &irqs, SNAP_IRQ, false, EIO);
	test_creates(&c);
	test_log();
	is(open_fds(), files, "no file is left open");
	ok(allocated() < bytes + 8192, "%zu bytes were allocated, now %zu are", bytes, allocated());
	test_goes_on(&vm);
	is(replace(&vm, &c, &whole), 0, "a VM as it was");
	test_signal(&vm);
	test_precopy();
	free(whole.bytes);
	free(irqs.bytes);
	vm_destroy(&vm);
	return api_end();
}
