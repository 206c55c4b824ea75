/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api.c: what scenarios cannot say: zpvm's own functions against this host's
 * KVM. TAP on standard output; argv[1] is the test guest.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api.h"
#include "vmm/lab/ledger_section.h"
#include "vmm/file.h"
#include "vmm/status.h"

#define CYCLES 200

/* --- what a process holds --------------------------------------------- */

/* KiB, from smaps: the sums in status lag behind. */
static unsigned long resident(void)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	unsigned long kib, sum = 0;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Rss: %lu", &kib) == 1)
			sum += kib;
	if (f)
		fclose(f);
	return sum;
}

/* --- tests ------------------------------------------------------------ */

static void test_cycles(void)
{
	struct vm_config c = config(arch_info.ram_min, 2);
	struct error err = { .text = "" };
	unsigned fds = 0, done;
	unsigned long kib = 0;
	struct vm vm;

	for (done = 0; done < CYCLES; done++) {
		struct state_bytes bytes = { 0 };

		/* What the first ones leave is libc's to keep. */
		if (done == 20) {
			fds = open_fds();
			kib = resident();
		}
		if (start(&vm, &c, &err))
			break;
		if (vm_pause(&vm, &err) || state_save(&vm, SNAP_VM, &bytes, &err) ||
		    state_load(&vm, &bytes, false, &err))
			break;
		free(bytes.bytes);
		vm_destroy(&vm);
	}
	is(done, CYCLES, "%d times create, boot, save, restore, destroy (%s)", CYCLES, err.text);
	is(open_fds(), fds, "no file descriptor is left of them");
	ok(resident() <= kib + 64, "no memory is left of them (%lu KiB, then %lu)", kib, resident());
}

static void test_failures_leave_nothing(void)
{
	struct vm_config huge = config(1ULL << 45, 1), tiny = config(4096, 1),
			 odd = config(arch_info.ram_min + 4096, 1);
	struct vm_config none = config(arch_info.ram_min, 0), many = config(arch_info.ram_min, 60000);
	struct vm_config good = config(arch_info.ram_min, 1);
	unsigned fds = open_fds();
	struct error err;
	struct vm vm;

	is(-vm_create(&vm, &kvm, &huge, &err), ENOMEM, "more memory than the host has is ENOMEM");
	has(err.text, "the host has only", "... and the message says how much there is");
	is(-vm_create(&vm, &kvm, &tiny, &err), ERANGE, "too little memory is ERANGE");
	has(err.text, "needs at least", "... and the message says how much it takes");
	is(-vm_create(&vm, &kvm, &odd, &err), ERANGE,
	   "memory that is no multiple of the alignment is ERANGE");
	is(-vm_create(&vm, &kvm, &none, &err), ERANGE, "no vCPU is ERANGE");
	is(-vm_create(&vm, &kvm, &many, &err), ERANGE, "more vCPUs than KVM has is ERANGE");
	has(err.text, "60000 vCPUs", "... and the message says so");
	if (!vm_create(&vm, &kvm, &good, &err)) {
		is(-vm_boot(&vm, &(struct boot){ .kernel = payload_of("guest", guest, 100) }, &err), ENOEXEC,
		   "the first 100 bytes of a guest are ENOEXEC");
		vm_destroy(&vm);
	}
	is(open_fds(), fds, "no file descriptor is left of a failure");
}

static void test_max_vcpus(void)
{
	struct error ignored;
	int max = kvm_extension(&kvm, KVM_CAP_MAX_VCPUS, &ignored);
	struct vm_config c = config(arch_info.ram_min, (unsigned)max);
	struct error err = { .text = "" };
	struct vm vm;
	int rc = start(&vm, &c, &err);

	ok(!rc, "a VM with as many vCPUs as KVM has, %d, boots (%s)", max, err.text);
	if (rc)
		return;
	ok(!vm_pause(&vm, &err), "... and can be paused");
	vm_destroy(&vm);
}

static void test_needs(void)
{
	/* Real capabilities of KVM, that neither architecture has. */
	static const struct kvm_need needs[] = {
		{ KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT", "for pausing" },
		{ KVM_CAP_HYPERV, "KVM_CAP_HYPERV", "for a test" },
		{ KVM_CAP_HYPERV_SYNIC, "KVM_CAP_HYPERV_SYNIC", "for another" },
		{ 0, NULL, NULL },
	};
	struct error err = { .text = "" };

	is(kvm_check_needs(&kvm, arch_info.needs, &err), 0, "this host's KVM has all that zpvm needs");
	is(-kvm_check_needs(&kvm, needs, &err), EOPNOTSUPP, "a missing capability is noticed");
	has(err.text, "KVM_CAP_HYPERV (for a test), KVM_CAP_HYPERV_SYNIC (for another)",
	    "... all of them named, with their use");
	ok(!strstr(err.text, "IMMEDIATE"), "... and no other");
}

static void test_errors_are_told(void)
{
	struct error err;
	long rc = kvm_call_value(&kvm, KVM_CREATE_VM, 4711);

	is(-rc, EINVAL, "KVM refuses a VM of type 4711");
	kvm_failed(&err, rc, &kvm, "take another", "KVM_CREATE_VM(%d)", 4711);
	is(strcmp(err.text, "kvm: KVM_CREATE_VM(4711): EINVAL (Invalid argument); take another"), 0,
	   "the message has call, arguments, errno and remedy");
}

static void does_not_fit(const struct state_bytes *bytes, const struct vm_config *c, const char *what,
                         const char *why)
{
	struct error err = { .text = "" };
	struct vm other;
	bool started = !start(&other, c, &err);

	ok(started && state_load(&other, bytes, false, &err) == -EBADMSG, "a snapshot of %s is refused",
	   what);
	has(err.text, why, "... with the reason");
	if (started)
		vm_destroy(&other);
}

/* An account that is cut short, in a snapshot that is good without it. */
static void account_cut_short(struct vm *vm, const struct state_bytes *good)
{
	struct state_bytes bad = { 0 };
	struct snapshot snap;
	struct error err;
	int rc = snap_decode(&snap, good->bytes, good->len, false, &err);

	if (!rc) {
		snap_put32(snap_add(&snap, TAG_LEDGER, 0, LEDGER_VERSION), 1);
		rc = snap_encode(&snap, &bad.bytes, &bad.len, &err);
	}
	snap_free(&snap);
	ok(!rc && state_load(vm, &bad, false, &err) == -EBADMSG && !vm->dead,
	   "a snapshot with an account that is cut short is refused (%s)", err.text);
	free(bad.bytes);
}

/* The VM and a snapshot of it, when one of the two has one device more: nothing is touched. */
static void other_devices(struct vm *vm, const struct state_bytes *bytes)
{
	static const struct device_ops more = { .name = "something more",
		                                .tag = SNAP_TAG('M', 'O', 'R', 'E') };
	struct device_list has = vm->device_list;
	struct state_bytes none;
	struct error err = { .text = "" };

	vm->device_list.all[vm->device_list.count++].ops = &more;
	ok(state_load(vm, bytes, false, &err) == -EBADMSG && !vm->dead &&
	           strstr(err.text, "it lacks device \"something more\" 0, which the VM has"),
	   "a device that the snapshot lacks (%s)", err.text);
	ok(state_save(vm, SNAP_VM, &none, &err) == -EOPNOTSUPP && !vm->dead &&
	           strstr(err.text, "no section for device \"something more\""),
	   "and that no snapshot can have (%s)", err.text);
	vm->device_list.count = 0;
	ok(state_load(vm, bytes, false, &err) == -EBADMSG && !vm->dead &&
	           strstr(err.text, ", which the VM lacks"),
	   "devices that the VM lacks (%s)", err.text);
	vm->device_list = has;
}

/* A snapshot that is wrong is refused before anything is touched. */
static void test_bad_snapshots(void)
{
	struct vm_config c = config(arch_info.ram_min, 1), more = config(arch_info.ram_min, 2), fewer = c;
	struct state_bytes bytes = { 0 };
	struct error err = { .text = "" };
	struct vm vm;
	unsigned refused = 0, tried = 0, which;
	static const uint64_t none[ABI_ARGS];
	const char *irqchip = "";
	bool xics;

	if (start(&vm, &c, &err) || vm_pause(&vm, &err) || state_save(&vm, SNAP_VM, &bytes, &err)) {
		ok(false, "a snapshot to spoil (%s)", err.text);
		return;
	}
	snap_seal(bytes.bytes);
	bytes.sealed = true;
	for (size_t i = 0; i < bytes.len; i += 1 + bytes.len / 97, tried++) {
		bytes.bytes[i] ^= 0x40;
		refused += state_load(&vm, &bytes, false, &err) == -EBADMSG;
		bytes.bytes[i] ^= 0x40;
	}
	is(refused, tried, "a snapshot with a wrong byte is refused, wherever it is");
	account_cut_short(&vm, &bytes);
	other_devices(&vm, &bytes);
	ok(!checkpoint_command(&vm, 0, ABI_CMD_ENABLE, none, &err), "the VM it was meant for is as it was");
	vm_resume(&vm);
	ok(!vm_wait(&vm, 0, 20000, &which) && checkpoint_cpu_state(&vm, 0) == CPU_READY, "... and goes on");
	does_not_fit(&bytes, &more, "another number of vCPUs", "1 vCPUs, the VM has");
	/* With XICS the vCPU's IPI is no source. */
	ok(!arch_choose_irqchip(&kvm, NULL, &irqchip, &err), "the interrupt controller is %s", irqchip);
	xics = !strcmp(irqchip, "xics");
	fewer.sources = 8;
	if (!strcmp(arch_info.name, "power9"))
		does_not_fit(&bytes, &fewer, "more sources",
		             xics ? "it has 68 sources, this machine 12"
		                  : "it has 69 sources, this machine 13");
	fewer.sources = 100;
	if (!strcmp(arch_info.name, "power9"))
		does_not_fit(&bytes, &fewer, "fewer sources",
		             xics ? "it has 68 sources, this machine 104"
		                  : "it has 69 sources, this machine 105");
	free(bytes.bytes);
	vm_destroy(&vm);
}

static void test_pause_storm(void)
{
	static const uint64_t exits[ABI_ARGS] = { 20000 };
	struct vm_config c = config(arch_info.ram_min, 1);
	struct error err = { .text = "" };
	unsigned pauses = 0, which;
	struct vm vm;

	if (start(&vm, &c, &err) || checkpoint_command(&vm, 0, ABI_CMD_EXITS, exits, &err)) {
		ok(false, "a guest to pause (%s)", err.text);
		return;
	}
	for (; pauses < 300 && checkpoint_cpu_state(&vm, 0) != CPU_READY; pauses++) {
		vm_resume(&vm);
		if (vm_pause(&vm, &err))
			break;
	}
	ok(pauses > 10, "%u pauses, one after the other, of a guest that leaves all the time (%s)", pauses,
	   err.text);
	vm_resume(&vm);
	ok(!vm_wait(&vm, 0, 60000, &which) && checkpoint_cpu_state(&vm, 0) == CPU_READY,
	   "... and it comes to its end");
	vm_destroy(&vm);
}

/* zpvm at a terminal, which nobody types at. Returns its exit status; -1: it does not end. */
static int at_terminal(char *const argv[])
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY), status = -1, tries = 0;
	pid_t child;

	if (terminal < 0 || grantpt(terminal) || unlockpt(terminal))
		return -1;
	child = fork();
	if (!child) {
		setsid(); /* what is opened then becomes the controlling terminal */
		if (dup2(open(ptsname(terminal), O_RDWR), STDIN_FILENO) < 0)
			_exit(1);
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		dup2(STDOUT_FILENO, STDERR_FILENO);
		execv(argv[0], argv);
		_exit(1);
	}
	while (waitpid(child, &status, WNOHANG) != child && tries++ < 300)
		usleep(100000);
	if (tries > 300) {
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		status = -1;
	}
	close(terminal);
	return status < 0 || !WIFEXITED(status) ? -1 : WEXITSTATUS(status);
}

static void test_terminal(char *elf)
{
	static const char text[] = "timeout 1\ninput stdin\nrun\nguest closed\nrun\n";
	char *argv[] = { (char *)"./zpvm", (char *)"run", (char *)"-s", (char *)"terminal.scn", elf, NULL };
	int fd = open("terminal.scn", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ok(fd >= 0 && !file_put(fd, (const uint8_t *)text, sizeof(text) - 1), "a scenario with a timeout");
	close(fd);
	is(at_terminal(argv), EXIT_TIMEOUT, "it holds at a terminal too");
}

int main(int argc, char **argv)
{
	struct rlimit files;

	/* A vCPU is a file descriptor. */
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (api_begin(argc, argv))
		return 1;
	test_needs();
	test_errors_are_told();
	test_failures_leave_nothing();
	test_bad_snapshots();
	test_pause_storm();
	test_terminal(argv[1]);
	test_cycles();
	test_max_vcpus();
	return api_end();
}
