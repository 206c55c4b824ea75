/* SPDX-License-Identifier: BSD-2-Clause */
/* sandbox.c: which system calls each kind of thread may make: its filter is executed here, for all numbers.
 */
#include "vmm/sandbox.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <termios.h>

#include "tap.h"
#include "vmm/syscall.h"

#define PID     4711
#define NUMBERS 1024 /* more than any architecture has */
#define HERE    EM_X86_64
#define LITTLE  (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
#define ARCH    (HERE | __AUDIT_ARCH_64BIT | (LITTLE ? __AUDIT_ARCH_LE : 0))

/* What the kernel does with the instructions that such a filter may have; others end the test. */
static uint32_t execute(const struct sock_filter *code, size_t len, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t i = 0; i < len; i++) {
		switch (code[i].code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (code[i].k % 4 || code[i].k > sizeof(*data) - 4)
				return ~0u;
			memcpy(&a, (const char *)data + code[i].k, 4);
			break;
		case BPF_ALU | BPF_AND | BPF_K: a &= code[i].k; break;
		case BPF_JMP | BPF_JEQ | BPF_K: i += a == code[i].k ? code[i].jt : code[i].jf; break;
		case BPF_RET | BPF_K: return code[i].k;
		default: return ~0u;
		}
	}
	return ~0u;
}

static uint32_t verdict(enum sandbox_kind kind, unsigned needs, unsigned machine,
                        const struct seccomp_data *data)
{
	struct sock_filter code[SANDBOX_FILTER_MAX];

	return execute(code, sandbox_filter(kind, needs, machine, PID, code), data);
}

static bool may(enum sandbox_kind kind, unsigned needs, int number, unsigned arg, uint64_t value)
{
	struct seccomp_data data = { .nr = number, .arch = ARCH, .args = { 0 } };

	memset(data.args, 0xff, sizeof(data.args)); /* nothing is allowed for what another argument is */
	data.args[arg] = value;
	return verdict(kind, needs, HERE, &data) == SECCOMP_RET_ALLOW;
}

/* Whether it may whatever the arguments are. */
static bool always(enum sandbox_kind kind, unsigned needs, int number)
{
	struct seccomp_data data = { .nr = number, .arch = ARCH, .args = { 0 } };
	bool nothing = verdict(kind, needs, HERE, &data) == SECCOMP_RET_ALLOW;

	memset(data.args, 0xff, sizeof(data.args));
	return nothing && verdict(kind, needs, HERE, &data) == SECCOMP_RET_ALLOW;
}

/* The names of those that are allowed whatever their arguments are, in the order of their names. */
static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void list(enum sandbox_kind kind, unsigned needs, unsigned without, char text[4096])
{
	const char *names[NUMBERS] = { NULL };
	size_t count = 0;

	for (int i = 0; i < NUMBERS; i++)
		if (always(kind, needs, i) && (without == needs || !always(kind, without, i)))
			names[count++] = syscall_name(i);
	qsort(names, count, sizeof(*names), by_name);
	*text = 0;
	for (size_t i = 0; i < count; i++)
		strcat(strcat(text, *text ? " " : ""), names[i]);
}

static void same(const char *got, const char *wanted, const char *what)
{
	if (!ok(!strcmp(got, wanted), "%s", what))
		printf("# got    %s\n# wanted %s\n", got, wanted);
}

/* --- the sets ---------------------------------------------------------------- */

#define COMMON                                                                                            \
	"brk clock_gettime clock_nanosleep close exit exit_group futex getpid gettid madvise mremap "     \
	"munmap nanosleep poll ppoll read restart_syscall rt_sigprocmask rt_sigreturn sched_yield write " \
	"writev"
#define DEVICES(a, b, c)                                                                                   \
	a "brk clock_gettime clock_nanosleep close eventfd2 exit exit_group fallocate " b                  \
	  "fdatasync ftruncate "                                                                           \
	  "futex getpid getrandom gettid lseek madvise mremap munmap nanosleep poll ppoll pread64 preadv " \
	  "pwrite64 "                                                                                      \
	  "pwritev read readv recvfrom restart_syscall rseq rt_sigprocmask rt_sigreturn rt_sigtimedwait "  \
	  "sched_yield seccomp sendto set_robust_list write writev" c

static void kinds(void)
{
	static const char *const sets[] = {
		[SANDBOX_VCPU] = DEVICES("", "", ""),
		[SANDBOX_IO] = DEVICES("accept4 ", "", ""),
		[SANDBOX_OUTPUT] = COMMON,
		[SANDBOX_INPUT] = DEVICES("", "", ""),
		[SANDBOX_LATE] = COMMON,
	};
	char got[4096], what[80];

	for (enum sandbox_kind kind = SANDBOX_VCPU; kind < SANDBOX_KINDS; kind++) {
		snprintf(what, sizeof(what), "all that a thread may do: %s", sandbox_kind_name(kind));
		list(kind, ~0u, ~0u, got);
		if (kind != SANDBOX_CONTROL)
			same(got, sets[kind], what);
	}
	list(SANDBOX_CONTROL, ~0u, ~0u, got);
	same(got,
	     "accept4 brk clock_gettime clock_nanosleep close exit exit_group futex getpid getsockopt gettid "
	     "madvise "
	     "mremap munmap nanosleep poll ppoll read recvfrom restart_syscall rt_sigprocmask rt_sigreturn "
	     "sched_yield sendto write writev",
	     "all that a thread may do: control socket");
	list(SANDBOX_MAIN, 0, 0, got);
	same(got,
	     "brk clock_gettime clock_nanosleep close eventfd2 exit exit_group fallocate fcntl fdatasync "
	     "fstat "
	     "ftruncate futex getpid getrandom gettid lseek madvise memfd_create mremap munmap nanosleep "
	     "newfstatat "
	     "poll ppoll pread64 preadv pwrite64 pwritev read readv recvfrom restart_syscall rseq "
	     "rt_sigaction "
	     "rt_sigprocmask rt_sigreturn rt_sigtimedwait sched_yield seccomp sendfile sendto "
	     "set_robust_list "
	     "sysinfo write writev",
	     "all that the controller of a guest without any option may do");
}

static void needs(void)
{
	static const struct {
		unsigned need;
		const char *adds;
	} all[] = {
		{ SANDBOX_READ, "access dup faccessat faccessat2 flock getdents64" },
		{ SANDBOX_WRITE, "access faccessat faccessat2 flock fsync getcwd getdents64 openat "
		                 "readlink readlinkat rename renameat renameat2 unlink unlinkat" },
		{ SANDBOX_SOCKET, "accept4 bind connect link linkat listen socket unlink unlinkat" },
		{ SANDBOX_TAP, "openat" },
		{ SANDBOX_LISTEN, "accept4 getsockopt setsockopt unlink unlinkat" },
		{ SANDBOX_TERMINAL, "" },
		{ SANDBOX_LATE_PAGES, "userfaultfd" },
		{ SANDBOX_EXEC,
		  "access bind close_range connect execve faccessat faccessat2 flock fsync getcwd getdents64 "
		  "geteuid getpgid getpgrp listen openat pipe2 prctl prlimit64 readlink readlinkat rename "
		  "renameat renameat2 "
		  "sched_getaffinity set_tid_address signalfd4 socket umask uname unlink unlinkat" },
	};
	char got[4096], what[80];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		snprintf(what, sizeof(what), "what need %zu adds", i);
		list(SANDBOX_MAIN, all[i].need, 0, got);
		same(got, all[i].adds, what);
	}
	/* A later thread has the controller's filter, too, and one that a device's code starts has that
	 * one's. */
	for (enum sandbox_kind kind = SANDBOX_VCPU; kind < SANDBOX_KINDS; kind++)
		for (int i = 0; i < NUMBERS; i++)
			if (kind != SANDBOX_CONTROL && kind != SANDBOX_LATE && kind != SANDBOX_IO &&
			    always(kind, ~0u, i) && !always(SANDBOX_MAIN, 0, i))
				ok(false, "%s is allowed to a thread and not to its maker", syscall_name(i));
}

/* --- arguments --------------------------------------------------------------- */

static void arguments(void)
{
	static const struct {
		enum sandbox_kind kind;
		unsigned needs;
		int number;
		unsigned arg;
		uint64_t value;
		bool allowed;
		const char *what;
	} all[] = {
		{ SANDBOX_VCPU, 0, SYS_ioctl, 1, 0xae80, true, "KVM_RUN" },
		{ SANDBOX_VCPU, 0, SYS_ioctl, 1, 0x4010aebf, true, "another request of KVM" },
		{ SANDBOX_VCPU, 0, SYS_ioctl, 1, TIOCSTI, false, "a key into the terminal" },
		{ SANDBOX_VCPU, 0, SYS_ioctl, 1, 0xae800000, false, "KVM's number in the wrong place" },
		{ SANDBOX_MAIN, SANDBOX_TERMINAL, SYS_ioctl, 1, TIOCSTI, false, "the same, with a terminal" },
		{ SANDBOX_MAIN, SANDBOX_TERMINAL, SYS_ioctl, 1, TCSETS, true, "the modes of a terminal" },
		{ SANDBOX_MAIN, 0, SYS_ioctl, 1, TCSETS, false, "without a terminal" },
		{ SANDBOX_OUTPUT, 0, SYS_ioctl, 1, 0xae80, false, "KVM, of a thread that writes output" },
		{ SANDBOX_LATE, ~0u, SYS_ioctl, 1, 0xc028aa03, true, "UFFDIO_COPY" },
		{ SANDBOX_MAIN, 0, SYS_ioctl, 1, 0xc028aa03, false, "UFFDIO_COPY without a need" },
		{ SANDBOX_MAIN, SANDBOX_TAP, SYS_ioctl, 1, 0x400454ca, true, "TUNSETIFF" },
		{ SANDBOX_MAIN, 0, SYS_ioctl, 1, 0x400454ca, false, "TUNSETIFF without a need" },
		{ SANDBOX_VCPU, 0, SYS_mprotect, 2, PROT_READ | PROT_WRITE, true, "memory for data" },
		{ SANDBOX_VCPU, 0, SYS_mprotect, 2, PROT_READ | PROT_EXEC, false, "memory for code" },
		{ SANDBOX_MAIN, ~0u, SYS_mmap, 2, PROT_READ | PROT_WRITE | PROT_EXEC, false,
		  "new memory for code" },
		{ SANDBOX_MAIN, 0, SYS_mmap, 2, PROT_READ | PROT_WRITE, true, "new memory" },
		{ SANDBOX_VCPU, 0, SYS_clone, 0, CLONE_VM | CLONE_THREAD, true, "a thread" },
		{ SANDBOX_VCPU, 0, SYS_clone, 0, CLONE_VM, false, "a process" },
		{ SANDBOX_MAIN, ~0u, SYS_clone, 0, 17 /* SIGCHLD */, false, "fork()" },
		{ SANDBOX_OUTPUT, ~0u, SYS_clone, 0, CLONE_VM | CLONE_THREAD, false,
		  "a thread of the output's" },
		{ SANDBOX_VCPU, 0, SYS_tgkill, 0, PID, true, "a signal to a thread" },
		{ SANDBOX_VCPU, 0, SYS_tgkill, 0, PID + 1, false, "a signal to another process" },
		{ SANDBOX_VCPU, 0, SYS_rt_sigaction, 1, 0, true, "whether there is a handler" },
		{ SANDBOX_VCPU, 0, SYS_rt_sigaction, 1, 1ULL << 32, false,
		  "a handler; the pointer's low half is 0" },
		{ SANDBOX_VCPU, 0, SYS_rt_sigaction, 1, 1, false, "a handler" },
		{ SANDBOX_MAIN, SANDBOX_READ, SYS_openat, 2, O_RDONLY | O_CLOEXEC, true,
		  "a file to be read" },
		{ SANDBOX_MAIN, SANDBOX_READ, SYS_openat, 2, O_RDWR, false, "a file to be written" },
		{ SANDBOX_MAIN, SANDBOX_READ, SYS_openat, 2, O_WRONLY, false, "the same, only written" },
		{ SANDBOX_MAIN, SANDBOX_READ, SYS_openat, 2, O_RDONLY | O_CREAT, false, "a file to be made" },
		{ SANDBOX_MAIN, SANDBOX_READ, SYS_openat, 2, O_RDONLY | O_TRUNC, false,
		  "a file to be cut off" },
		{ SANDBOX_MAIN, 0, SYS_openat, 2, O_RDONLY, false, "a file, and none is needed" },
		{ SANDBOX_VCPU, ~0u, SYS_openat, 2, O_RDONLY, false, "a file, by a vCPU" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		is(may(all[i].kind, all[i].needs, all[i].number, all[i].arg, all[i].value), all[i].allowed,
		   "%s: %s", all[i].what, all[i].allowed ? "allowed" : "not allowed");
}

/* What nobody may, whatever the run needs. */
static void never(void)
{
	static const int numbers[] = { SYS_fork,
		                       SYS_vfork,
		                       SYS_ptrace,
		                       SYS_process_vm_readv,
		                       SYS_bpf,
		                       SYS_mount,
		                       SYS_unshare,
		                       SYS_setns,
		                       SYS_setuid,
		                       SYS_kill,
		                       SYS_kexec_load,
		                       SYS_init_module,
		                       SYS_execveat,
		                       SYS_io_uring_setup,
		                       SYS_perf_event_open,
		                       SYS_chmod,
		                       SYS_pkey_mprotect,
		                       SYS_personality,
		                       SYS_open,
		                       SYS_chroot,
		                       SYS_keyctl };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		for (enum sandbox_kind kind = 0; kind < SANDBOX_KINDS; kind++)
			if (may(kind, ~0u, numbers[i], 0, 0))
				ok(false, "%s by a thread of kind %u", syscall_name(numbers[i]), kind);
	ok(true, "none of these");
	for (enum sandbox_kind kind = SANDBOX_VCPU; kind < SANDBOX_KINDS; kind++)
		ok(!may(kind, ~0u, SYS_execve, 0, 0) && !may(kind, ~0u, SYS_socket, 0, 0),
		   "no execve, no socket: %s", sandbox_kind_name(kind));
	ok(!may(SANDBOX_MAIN, ~(unsigned)SANDBOX_EXEC, SYS_execve, 0, 0), "execve is for the step alone");
}

/* --- the filter itself ------------------------------------------------------- */

static void form(void)
{
	struct sock_filter code[SANDBOX_FILTER_MAX];
	struct seccomp_data data = { .nr = SYS_read, .arch = ARCH };
	size_t len, most = 0;

	for (enum sandbox_kind kind = 0; kind < SANDBOX_KINDS; kind++) {
		len = sandbox_filter(kind, ~0u, HERE, PID, code);
		most = len > most ? len : most;
		for (size_t i = 0; i < len; i++)
			if (BPF_CLASS(code[i].code) == BPF_JMP &&
			    (i + 1 + code[i].jt >= len || i + 1 + code[i].jf >= len))
				ok(false, "a jump out of the filter");
		data.nr = SYS_execveat;
		is(verdict(kind, ~0u, HERE, &data), SECCOMP_RET_TRAP | kind, "the signal says the kind: %s",
		   sandbox_kind_name(kind));
	}
	ok(most < SANDBOX_FILTER_MAX && code[len - 1].code == (BPF_RET | BPF_K),
	   "there is room for the longest (%zu)", most);
	data = (struct seccomp_data){ .nr = SYS_read, .arch = AUDIT_ARCH_I386 };
	is(verdict(SANDBOX_MAIN, 0, HERE, &data), SECCOMP_RET_TRAP, "a call of another architecture");
	data = (struct seccomp_data){ .nr = SYS_clone3, .arch = ARCH };
	is(verdict(SANDBOX_MAIN, 0, HERE, &data), SECCOMP_RET_ERRNO | ENOSYS, "clone3 is not there");
}

/* The conventions of s390x, with the numbers of this machine. */
static void conventions(void)
{
	uint32_t arch = (ARCH & ~0xffffu);
	struct seccomp_data clone = { .nr = SYS_clone, .arch = arch | EM_S390, .args = { 0, CLONE_THREAD } };
	struct seccomp_data map = { .nr = SYS_mmap, .arch = arch | EM_S390, .args = { 0, 0, PROT_EXEC } };

	is(verdict(SANDBOX_MAIN, 0, EM_S390, &clone), SECCOMP_RET_ALLOW, "s390x: clone has its flags second");
	is(verdict(SANDBOX_MAIN, 0, EM_S390, &map), SECCOMP_RET_ALLOW,
	   "s390x: what mmap wants cannot be seen");
	clone.arch = map.arch = arch | EM_PPC64;
	is(verdict(SANDBOX_MAIN, 0, EM_PPC64, &clone), SECCOMP_RET_TRAP, "POWER9: clone has them first");
	is(verdict(SANDBOX_MAIN, 0, EM_PPC64, &map), SECCOMP_RET_TRAP, "POWER9: mmap has its own third");
}

static void names(void)
{
	has(syscall_name(SYS_openat), "openat", "a name");
	has(syscall_name(NUMBERS), "unknown", "no name");
	has(sandbox_kind_name(SANDBOX_KINDS), "unknown", "no kind");
}

int main(void)
{
	kinds();
	needs();
	arguments();
	never();
	form();
	conventions();
	names();
	return tap_done();
}
