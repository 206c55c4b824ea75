/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sandbox.c: see sandbox.h. A system call is allowed by a row of rules[]: to these kinds of thread, if the
 * run has one of these needs, with such an argument. Pure. Read next: lab/needs.c, which says what a scenario
 * needs.
 */
#include "sandbox.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/net.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sysexits.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "syscall.h"
#include "trace.h"

/* --- the table ---------------------------------------------------------------- */

#define MAIN      (1u << SANDBOX_MAIN)
#define VCPU      (1u << SANDBOX_VCPU)
#define IO        (1u << SANDBOX_IO)
#define OUTPUT    (1u << SANDBOX_OUTPUT)
#define INPUT     (1u << SANDBOX_INPUT)
#define CONTROL   (1u << SANDBOX_CONTROL)
#define LATE      (1u << SANDBOX_LATE)
/* Those that execute the code of devices, and may so be the first to print something, which starts a thread.
 */
#define DEVICES   (MAIN | VCPU | IO | INPUT)
#define TERMINALS (MAIN | INPUT | OUTPUT)
/*
 * A thread's filter is on top of that of the thread that has created it, if that one had its own by then: so
 * main may do what each of the others may, and VCPU what OUTPUT and IO may.
 */
#define ALL       ((1u << SANDBOX_KINDS) - 1)

/* ioctl() requests: of KVM, and of userfaultfd, whatever their number. */
#define IOC_TYPE  0xff00
#define KVM_TYPE  0xae00
#define UFFD_TYPE 0xaa00
/* A request without the size of its argument: libc's struct termios is not the kernel's on POWER. */
#define REQUEST   (~((uint32_t)_IOC_SIZEMASK << _IOC_SIZESHIFT))
#define TUNSETIFF _IOW('T', 202, int)

/* PR_SET_MDWE, which headers before Linux 6.3 do not have. */
#define SET_MDWE         65
#define REFUSE_EXEC_GAIN 1

#define NAMED_MAX 1024 /* descriptors that a word can name */

#define NEEDS_FILES (SANDBOX_WRITE | SANDBOX_EXEC)

enum test {
	ANY,
	IS, /* (argument & mask) == value, of its low 32 bits */
	NULL_POINTER,
	OURS, /* it is this process */
	GONE, /* not there: -ENOSYS */
};

struct rule {
	int number;
	unsigned kinds, needs; /* needs 0: each run; else any of these */
	enum test test;
	unsigned arg;
	uint32_t mask, value;
};

/* A call of the family of sockets, which Debian's libc for s390x makes by socketcall. */
#ifdef SYS_socketcall
#define SOCKET(name, NAME, kinds, needs)                             \
	{ SYS_##name, kinds, needs, ANY, 0, 0, 0 },                  \
	{                                                            \
		SYS_socketcall, kinds, needs, IS, 0, ~0u, SYS_##NAME \
	}
#else
#define SOCKET(name, NAME, kinds, needs)               \
	{                                              \
		SYS_##name, kinds, needs, ANY, 0, 0, 0 \
	}
#endif

/* clang-format off */
static const struct rule rules[] = {
	/* First those whose arguments are looked at: the kernel remembers which others are allowed. */
	{ SYS_ioctl,           DEVICES, 0, IS, 1, IOC_TYPE, KVM_TYPE },
	{ SYS_tgkill,          ALL, 0, OURS, 0, 0, 0 },
	{ SYS_mmap,            ALL, 0, IS, 2, PROT_EXEC, 0 }, /* but see table_test() */
	{ SYS_mprotect,        ALL, 0, IS, 2, PROT_EXEC, 0 },
	{ SYS_clone,           DEVICES, 0, IS, 0, CLONE_THREAD, CLONE_THREAD },
	{ SYS_rt_sigaction,    DEVICES & ~MAIN, 0, NULL_POINTER, 1, 0, 0 },
	{ SYS_ioctl,           TERMINALS, SANDBOX_TERMINAL, IS, 1, REQUEST, TCGETS & REQUEST },
	{ SYS_ioctl,           TERMINALS, SANDBOX_TERMINAL, IS, 1, REQUEST, TCSETS & REQUEST },
	{ SYS_ioctl,           TERMINALS, SANDBOX_TERMINAL, IS, 1, REQUEST, TCSETSW & REQUEST },
	{ SYS_ioctl,           TERMINALS, SANDBOX_TERMINAL, IS, 1, REQUEST, TIOCGWINSZ & REQUEST },
	{ SYS_ioctl,           TERMINALS, SANDBOX_TERMINAL, IS, 1, REQUEST, TIOCGPGRP & REQUEST },
	{ SYS_ioctl,           MAIN, 0, IS, 1, REQUEST, TCGETS & REQUEST }, /* isatty() */
	{ SYS_ioctl,           MAIN, SANDBOX_TAP, IS, 1, ~0u, TUNSETIFF },
	{ SYS_ioctl,           MAIN | LATE, SANDBOX_LATE_PAGES, IS, 1, IOC_TYPE, UFFD_TYPE },
	{ SYS_openat,          MAIN, SANDBOX_READ, IS, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY },
	{ SYS_clone3,          ALL, 0, GONE, 0, 0, 0 }, /* its flags are out of sight; clone() serves */

	/* What every thread does: locks, waits, memory, files that are open, its end. */
	{ SYS_futex,           ALL, 0, ANY, 0, 0, 0 },
	{ SYS_read,            ALL, 0, ANY, 0, 0, 0 },
	{ SYS_write,           ALL, 0, ANY, 0, 0, 0 },
	{ SYS_writev,          ALL, 0, ANY, 0, 0, 0 },
	{ SYS_close,           ALL, 0, ANY, 0, 0, 0 },
	{ SYS_poll,            ALL, 0, ANY, 0, 0, 0 },
	{ SYS_ppoll,           ALL, 0, ANY, 0, 0, 0 },
	{ SYS_munmap,          ALL, 0, ANY, 0, 0, 0 },
	{ SYS_mremap,          ALL, 0, ANY, 0, 0, 0 },
	{ SYS_madvise,         ALL, 0, ANY, 0, 0, 0 },
	{ SYS_brk,             ALL, 0, ANY, 0, 0, 0 },
	{ SYS_clock_gettime,   ALL, 0, ANY, 0, 0, 0 },
	{ SYS_clock_nanosleep, ALL, 0, ANY, 0, 0, 0 },
	{ SYS_nanosleep,       ALL, 0, ANY, 0, 0, 0 },
	{ SYS_restart_syscall, ALL, 0, ANY, 0, 0, 0 },
	{ SYS_sched_yield,     ALL, 0, ANY, 0, 0, 0 },
	{ SYS_rt_sigprocmask,  ALL, 0, ANY, 0, 0, 0 },
	{ SYS_rt_sigreturn,    ALL, 0, ANY, 0, 0, 0 },
#ifdef SYS_sigreturn
	{ SYS_sigreturn,       ALL, 0, ANY, 0, 0, 0 }, /* s390x: of handlers without SA_SIGINFO */
#endif
	{ SYS_getpid,          ALL, 0, ANY, 0, 0, 0 },
	{ SYS_gettid,          ALL, 0, ANY, 0, 0, 0 },
	{ SYS_exit,            ALL, 0, ANY, 0, 0, 0 },
	{ SYS_exit_group,      ALL, 0, ANY, 0, 0, 0 },

	/* The code of devices: disks, networks, random numbers, eventfds. */
	{ SYS_pread64,         DEVICES, 0, ANY, 0, 0, 0 },
	{ SYS_pwrite64,        DEVICES, 0, ANY, 0, 0, 0 },
	{ SYS_readv,           DEVICES, 0, ANY, 0, 0, 0 },
	{ SYS_preadv,          DEVICES, 0, ANY, 0, 0, 0 },
	{ SYS_pwritev,         DEVICES, 0, ANY, 0, 0, 0 },
	{ SYS_lseek,           DEVICES, 0, ANY, 0, 0, 0 },
#ifdef SYS__llseek
	{ SYS__llseek,         DEVICES, 0, ANY, 0, 0, 0 },
#endif
	{ SYS_fallocate,       DEVICES, 0, ANY, 0, 0, 0 },
	{ SYS_ftruncate,       DEVICES, 0, ANY, 0, 0, 0 },
	{ SYS_fdatasync,       DEVICES, 0, ANY, 0, 0, 0 },
	{ SYS_getrandom,       DEVICES, 0, ANY, 0, 0, 0 },
	{ SYS_eventfd2,        DEVICES, 0, ANY, 0, 0, 0 },
	SOCKET(sendto, SENDTO, DEVICES | CONTROL, 0),
	SOCKET(recvfrom, RECVFROM, DEVICES | CONTROL, 0),
#ifdef SYS_send
	SOCKET(send, SEND, DEVICES | CONTROL, 0),
	SOCKET(recv, RECV, DEVICES | CONTROL, 0),
#elif defined(SYS_socketcall)
	{ SYS_socketcall,      DEVICES | CONTROL, 0, IS, 0, ~0u, SYS_SEND },
	{ SYS_socketcall,      DEVICES | CONTROL, 0, IS, 0, ~0u, SYS_RECV },
#endif
	SOCKET(accept4, ACCEPT4, MAIN | IO, SANDBOX_SOCKET),
	SOCKET(accept4, ACCEPT4, MAIN | CONTROL, SANDBOX_LISTEN),
	SOCKET(getsockopt, GETSOCKOPT, MAIN | CONTROL, SANDBOX_LISTEN),

	/* To make threads, and to confine them. */
	{ SYS_set_robust_list, DEVICES, 0, ANY, 0, 0, 0 },
	{ SYS_rseq,            DEVICES, 0, ANY, 0, 0, 0 },
	{ SYS_seccomp,         DEVICES, 0, ANY, 0, 0, 0 },
	{ SYS_rt_sigtimedwait, DEVICES, 0, ANY, 0, 0, 0 },

	/* The controller: VMs, snapshots, its end. */
	{ SYS_rt_sigaction,    MAIN, 0, ANY, 0, 0, 0 },
	{ SYS_newfstatat,      MAIN, 0, ANY, 0, 0, 0 },
	{ SYS_fstat,           MAIN, 0, ANY, 0, 0, 0 },
	{ SYS_memfd_create,    MAIN, 0, ANY, 0, 0, 0 },
	{ SYS_sendfile,        MAIN, 0, ANY, 0, 0, 0 },
	{ SYS_fcntl,           MAIN, 0, ANY, 0, 0, 0 },
	{ SYS_sysinfo,         MAIN, 0, ANY, 0, 0, 0 },
	{ SYS_prctl,           MAIN, SANDBOX_EXEC, ANY, 0, 0, 0 },
	{ SYS_access,          MAIN, SANDBOX_READ | NEEDS_FILES, ANY, 0, 0, 0 },
	{ SYS_faccessat,       MAIN, SANDBOX_READ | NEEDS_FILES, ANY, 0, 0, 0 },
	{ SYS_faccessat2,      MAIN, SANDBOX_READ | NEEDS_FILES, ANY, 0, 0, 0 },
	{ SYS_getdents64,      MAIN, SANDBOX_READ | NEEDS_FILES, ANY, 0, 0, 0 },
	{ SYS_dup,             MAIN, SANDBOX_READ, ANY, 0, 0, 0 },
	{ SYS_userfaultfd,     MAIN, SANDBOX_LATE_PAGES, ANY, 0, 0, 0 },
	{ SYS_openat,          MAIN, NEEDS_FILES | SANDBOX_TAP, ANY, 0, 0, 0 },
	{ SYS_readlink,        MAIN, NEEDS_FILES, ANY, 0, 0, 0 },
	{ SYS_readlinkat,      MAIN, NEEDS_FILES, ANY, 0, 0, 0 },
	{ SYS_getcwd,          MAIN, NEEDS_FILES, ANY, 0, 0, 0 },
	{ SYS_fsync,           MAIN, NEEDS_FILES, ANY, 0, 0, 0 },
	{ SYS_flock,           MAIN, SANDBOX_READ | NEEDS_FILES, ANY, 0, 0, 0 },
	{ SYS_rename,          MAIN, NEEDS_FILES, ANY, 0, 0, 0 },
	{ SYS_renameat,        MAIN, NEEDS_FILES, ANY, 0, 0, 0 },
	{ SYS_renameat2,       MAIN, NEEDS_FILES, ANY, 0, 0, 0 },
	{ SYS_unlink,          MAIN, NEEDS_FILES | SANDBOX_SOCKET | SANDBOX_LISTEN, ANY, 0, 0, 0 },
	{ SYS_unlinkat,        MAIN, NEEDS_FILES | SANDBOX_SOCKET | SANDBOX_LISTEN, ANY, 0, 0, 0 },
	SOCKET(socket, SOCKET, MAIN, SANDBOX_SOCKET),
	SOCKET(connect, CONNECT, MAIN, SANDBOX_SOCKET),
	SOCKET(bind, BIND, MAIN, SANDBOX_SOCKET),
	SOCKET(listen, LISTEN, MAIN, SANDBOX_SOCKET),
	{ SYS_link,            MAIN, SANDBOX_SOCKET, ANY, 0, 0, 0 },
	{ SYS_linkat,          MAIN, SANDBOX_SOCKET, ANY, 0, 0, 0 },
	SOCKET(setsockopt, SETSOCKOPT, MAIN, SANDBOX_LISTEN),

	/* zpvm once more, from the start of the program. */
	{ SYS_execve,          MAIN, SANDBOX_EXEC, ANY, 0, 0, 0 },
	{ SYS_set_tid_address, MAIN, SANDBOX_EXEC, ANY, 0, 0, 0 },
	{ SYS_prlimit64,       MAIN, SANDBOX_EXEC, ANY, 0, 0, 0 },
	{ SYS_uname,           MAIN, SANDBOX_EXEC, ANY, 0, 0, 0 },
	{ SYS_signalfd4,       MAIN, SANDBOX_EXEC, ANY, 0, 0, 0 },
	{ SYS_pipe2,           MAIN, SANDBOX_EXEC, ANY, 0, 0, 0 },
	{ SYS_close_range,     MAIN, SANDBOX_EXEC, ANY, 0, 0, 0 },
	{ SYS_getpgrp,         MAIN, SANDBOX_EXEC, ANY, 0, 0, 0 },
	{ SYS_getpgid,         MAIN, SANDBOX_EXEC, ANY, 0, 0, 0 },
	{ SYS_geteuid,         MAIN, SANDBOX_EXEC, ANY, 0, 0, 0 },
	{ SYS_umask,           MAIN, SANDBOX_EXEC, ANY, 0, 0, 0 },
	{ SYS_sched_getaffinity, MAIN, SANDBOX_EXEC, ANY, 0, 0, 0 },
	SOCKET(socket, SOCKET, MAIN, SANDBOX_EXEC),
	SOCKET(connect, CONNECT, MAIN, SANDBOX_EXEC),
	SOCKET(bind, BIND, MAIN, SANDBOX_EXEC),
	SOCKET(listen, LISTEN, MAIN, SANDBOX_EXEC),
};
/* clang-format on */

/* --- the filter ------------------------------------------------------------------- */

struct program {
	struct sock_filter *code;
	size_t len;
};

static void emit(struct program *p, uint16_t code, uint8_t yes, uint8_t no, uint32_t k)
{
	if (p->len < SANDBOX_FILTER_MAX)
		p->code[p->len++] = (struct sock_filter){ code, yes, no, k };
}

static void load(struct program *p, size_t offset)
{
	emit(p, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

/* If the word is not k, `skip` instructions are left out. */
static void unless(struct program *p, uint32_t k, uint8_t skip)
{
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, 0, skip, k);
}

static void end(struct program *p, uint32_t what)
{
	emit(p, BPF_RET | BPF_K, 0, 0, what);
}

/* Where the halves of an argument are. */
static size_t argument(unsigned arg, bool high)
{
	bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

	return offsetof(struct seccomp_data, args[0]) + arg * sizeof(uint64_t) + (high == big ? 0 : 4);
}

/*
 * The arguments of some calls are elsewhere on s390x: mmap() has them in memory, where no filter sees them,
 * and clone() its flags behind the stack.
 */
static struct rule as_on(unsigned machine, const struct rule *rule)
{
	struct rule r = *rule;

	if (machine == EM_S390 && r.number == SYS_mmap)
		r.test = ANY;
	if (machine == EM_S390 && r.number == SYS_clone)
		r.arg = 1;
	return r;
}

static void emit_rule(struct program *p, const struct rule *r, uint32_t pid)
{
	switch (r->test) {
	case ANY:
		unless(p, (uint32_t)r->number, 1);
		end(p, SECCOMP_RET_ALLOW);
		break;
	case GONE:
		unless(p, (uint32_t)r->number, 1);
		end(p, SECCOMP_RET_ERRNO | ENOSYS);
		break;
	case IS:
	case OURS:
		unless(p, (uint32_t)r->number, 5);
		load(p, argument(r->arg, false));
		emit(p, BPF_ALU | BPF_AND | BPF_K, 0, 0, r->test == OURS ? ~0u : r->mask);
		unless(p, r->test == OURS ? pid : r->value, 1);
		end(p, SECCOMP_RET_ALLOW);
		load(p, offsetof(struct seccomp_data, nr));
		break;
	case NULL_POINTER:
		unless(p, (uint32_t)r->number, 6);
		load(p, argument(r->arg, false));
		unless(p, 0, 3);
		load(p, argument(r->arg, true));
		unless(p, 0, 1);
		end(p, SECCOMP_RET_ALLOW);
		load(p, offsetof(struct seccomp_data, nr));
		break;
	}
}

/* Which is ELF's number, whether it has 64 bits, and its byte order. */
static uint32_t audit_arch(unsigned machine)
{
	bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

	return machine | __AUDIT_ARCH_64BIT | (big ? 0 : __AUDIT_ARCH_LE);
}

/* The kind comes back with the signal: in si_errno. */
size_t sandbox_filter(enum sandbox_kind kind, unsigned needs, unsigned machine, uint32_t pid,
                      struct sock_filter filter[SANDBOX_FILTER_MAX])
{
	struct program p = { .code = filter };

	load(&p, offsetof(struct seccomp_data, arch));
	emit(&p, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, audit_arch(machine));
	end(&p, SECCOMP_RET_TRAP | kind);
	load(&p, offsetof(struct seccomp_data, nr));
	for (const struct rule *rule = rules; rule < rules + sizeof(rules) / sizeof(rules[0]); rule++) {
		struct rule r = as_on(machine, rule);

		if (r.kinds >> kind & 1 && (!r.needs || r.needs & needs))
			emit_rule(&p, &r, pid);
	}
	end(&p, SECCOMP_RET_TRAP | kind);
	return p.len;
}

const char *sandbox_kind_name(enum sandbox_kind kind)
{
	static const char *const names[] = {
		[SANDBOX_MAIN] = "controller",  [SANDBOX_VCPU] = "vCPU",
		[SANDBOX_IO] = "I/O",           [SANDBOX_OUTPUT] = "output",
		[SANDBOX_INPUT] = "input",      [SANDBOX_CONTROL] = "control socket",
		[SANDBOX_LATE] = "late memory",
	};

	return (unsigned)kind < SANDBOX_KINDS ? names[kind] : "unknown";
}

/* --- a violation ------------------------------------------------------------------ */

/* Only what a signal handler may call. The handler is off when it is called: the second signal ends us. */
static void violated(int sig, siginfo_t *info, void *context)
{
	unsigned number = (unsigned)info->si_syscall, divisor = 1;
	const char *name = syscall_name(info->si_syscall);
	const char *kind = sandbox_kind_name((enum sandbox_kind)info->si_errno);
	char text[400] = "zpvm: the sandbox does not allow the system call ", *at = text + strlen(text);

	(void)context;
	at = stpcpy(stpcpy(at, name), " (number ");
	while (number / divisor > 9)
		divisor *= 10;
	for (; divisor; divisor /= 10)
		*at++ = (char)('0' + number / divisor % 10);
	at = stpcpy(stpcpy(at, ") to its "), kind);
	at = stpcpy(at,
	            " thread. This is a fault of zpvm's, or somebody has taken it over: please report it; "
	            "--sandbox=off runs without the sandbox.\n");
	if (write(STDERR_FILENO, text, (size_t)(at - text)) < 0)
		at = text; /* there is nobody to tell */
	raise(sig);
}

/* The kernel keeps this, so no variable has to say whether threads are confined. */
static bool is_on(void)
{
	struct sigaction now;

	return !sigaction(SIGSYS, NULL, &now) && now.sa_flags & SA_SIGINFO && now.sa_sigaction == violated;
}

/* --- the kernel ------------------------------------------------------------------- */

extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

/* Returns 0 or a negative errno value. */
static int put_on(enum sandbox_kind kind, unsigned needs)
{
	struct sock_filter filter[SANDBOX_FILTER_MAX];
	struct sock_fprog program = { .filter = filter };

	program.len = (unsigned short)sandbox_filter(kind, needs, __ehdr_start.e_machine, (uint32_t)getpid(),
	                                             filter);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) ? -errno : 0;
}

/* Writes the number that follows a prefix in the word; false: there is none. */
static bool number_after(const char *word, const char *prefix, unsigned *number)
{
	const char *at = strstr(word, prefix);

	return at && sscanf(at + strlen(prefix), "%u", number) == 1;
}

static void name(bool named[NAMED_MAX], unsigned fd)
{
	if (fd < NAMED_MAX)
		named[fd] = true;
}

/* Each word is read once: this is done at each start. */
static void find_named(char *const argv[], bool named[NAMED_MAX])
{
	unsigned a, b;
	int found;

	for (; *argv; argv++) {
		if (number_after(*argv, "/fd/", &a))
			name(named, a);
		found = sscanf(*argv, "--continue=%u:%*u:%u", &a, &b);
		if (found >= 1)
			name(named, a);
		if (found == 2)
			name(named, b);
	}
}

void sandbox_close_others(char *const argv[])
{
	unsigned first = STDERR_FILENO + 1, last = first;
	bool named[NAMED_MAX] = { false };

	/* Between those that are named. */
	for (find_named(argv, named); last < NAMED_MAX; last++)
		if (named[last]) {
			if (first < last)
				close_range(first, last - 1, 0);
			first = last + 1;
		}
	close_range(first, ~0u, 0);
}

int sandbox_begin(struct sandbox *s, enum sandbox_mode mode, bool continues, struct error *err)
{
	/* Only once, so that raise() is the end. */
	struct sigaction action = { .sa_sigaction = violated,
		                    .sa_flags = SA_SIGINFO | SA_RESETHAND | SA_NODEFER };
	uint32_t trap = SECCOMP_RET_TRAP;
	int rc;

	*s = (struct sandbox){ .mode = mode, .files.rules = -1 };
	if (mode == SANDBOX_OFF)
		return 0;
	if (!syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &trap))
		s->on = !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !sigaction(SIGSYS, &action, NULL);
	if (!s->on && mode == SANDBOX_ON)
		return error_set(err, -EOPNOTSUPP,
		                 "--sandbox=on: this host's kernel has no seccomp filters "
		                 "(CONFIG_SECCOMP_FILTER)");
	if (!s->on)
		return 0;
	s->inherited = continues && prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER;
	if (s->inherited)
		return 0;
	prctl(SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0); /* an error: Linux before 6.3 */
	rc = landlock_begin(&s->files, err);
	if (rc)
		return rc;
	if (!s->files.version && mode == SANDBOX_ON)
		return error_set(
			err, -EOPNOTSUPP,
			"--sandbox=on: this host's kernel has no Landlock (CONFIG_SECURITY_LANDLOCK, and "
			"landlock among those of its parameter lsm=)");
	return 0;
}

void sandbox_thread(enum sandbox_kind kind)
{
	sigset_t set;
	int rc;

	if (!is_on())
		return;
	/* One that is blocked would end the process without a word. */
	sigemptyset(&set);
	sigaddset(&set, SIGSYS);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	rc = put_on(kind, ~0u);
	if (!rc)
		return;
	/* An unconfined thread must not go on, and there is nobody who could be told. */
	dprintf(STDERR_FILENO, "zpvm: seccomp: %s; --sandbox=off runs without the sandbox\n", strerror(-rc));
	_exit(EX_OSERR);
}

int sandbox_file(struct sandbox *s, const char *path, enum file_use use, struct error *err)
{
	return landlock_allow(&s->files, path, use, err);
}

static void say(const struct sandbox *s, const struct trace *trace)
{
	static const char *const names[] = { "read",   "write",    "socket", "tap",
		                             "listen", "terminal", "late",   "exec" };
	struct trace_event event;
	char needs[80] = "";

	if (!trace_wants(trace, TRACE_SANDBOX))
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (s && s->needs >> i & 1)
			strcat(strcat(needs, *needs ? "," : ""), names[i]);
	trace_init(&event, TRACE_SANDBOX, -1, "sandbox");
	trace_text(&event, "seccomp", "%s", !s || !s->on ? "off" : s->inherited ? "inherited" : "on");
	trace_number(&event, "landlock", s ? (uint64_t)s->files.version : 0);
	trace_text(&event, "needs", "%s", *needs ? needs : "nothing");
	trace_point(trace, &event);
}

int sandbox_enter(struct sandbox *s, const struct trace *trace, struct error *err)
{
	int rc = 0;

	say(s, trace);
	if (!s || !s->on || s->inherited)
		return 0;
	tzset(); /* libc reads a file when it first makes a date of a number */
	rc = landlock_apply(&s->files, err);
	landlock_end(&s->files);
	if (rc)
		return rc;
	rc = put_on(SANDBOX_MAIN, s->needs);
	return rc ? error_set(err, rc, "seccomp: %s; --sandbox=off runs without the sandbox", strerror(-rc))
	          : 0;
}

void sandbox_end(struct sandbox *s)
{
	landlock_end(&s->files);
}
