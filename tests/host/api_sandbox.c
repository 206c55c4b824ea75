/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api_sandbox.c: the sandbox on this host's kernel: what each kind of thread must not do ends the process,
 * with a sentence; what is needed works, and no other file. Each try is a process of its own. TAP; argv[1] is
 * a guest.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "api.h"
#include "vmm/sandbox.h"

#define DIRECTORY "sandbox.d"

/* --- what is tried: each returns an errno value, or 0 ------------------------- */

static int try_open(void)
{
	return open("/etc/passwd", O_RDONLY) < 0 ? errno : 0;
}

static int try_execve(void)
{
	char *const words[] = { "./zpvm", "--version", NULL };

	return execv(*words, words) ? errno : 0;
}

static int try_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? errno : 0;
}

static int try_fork(void)
{
	return fork() < 0 ? errno : 0;
}

static int try_code(void)
{
	static uint8_t page[1 << 17];

	return mprotect((void *)(((uintptr_t)page + 0xffff) & ~(uintptr_t)0xffff), 1 << 16,
	                PROT_READ | PROT_EXEC)
	               ? errno
	               : 0;
}

static int try_key(void)
{
	return ioctl(STDIN_FILENO, TIOCSTI, "x") ? errno : 0;
}

static int try_kill(void)
{
	return kill(1, 0) ? errno : 0;
}

static int try_ptrace(void)
{
	return syscall(SYS_ptrace, 0, 0, 0, 0) ? errno : 0;
}

/* --- in a thread of a kind ---------------------------------------------------- */

struct attempt {
	enum sandbox_kind kind;
	int (*what)(void);
	int code;
};

static void *thread(void *arg)
{
	struct attempt *a = arg;

	sandbox_thread(a->kind);
	a->code = a->what();
	return NULL;
}

static int in_thread(struct attempt *a)
{
	pthread_t of;

	if (a->kind == SANDBOX_MAIN)
		return a->what();
	if (pthread_create(&of, NULL, thread, a))
		return ENOMEM;
	pthread_join(of, NULL);
	return a->code;
}

/* In a process with a sandbox; the first line that it prints is in text. Returns what waitpid() says. */
static int try_in(enum sandbox_mode mode, struct attempt *a, char *text, size_t size)
{
	struct sandbox s;
	struct error err;
	int ends[2], status;
	ssize_t len;
	pid_t child;

	fflush(stdout);
	if (pipe(ends))
		return -1;
	child = fork();
	if (!child) {
		dup2(ends[1], STDERR_FILENO);
		if (sandbox_begin(&s, mode, false, &err) ||
		    (a->kind == SANDBOX_MAIN && sandbox_enter(&s, NULL, &err)))
			_exit(200);
		_exit(in_thread(a));
	}
	close(ends[1]);
	len = read(ends[0], text, size - 1);
	text[len > 0 ? len : 0] = 0;
	close(ends[0]);
	waitpid(child, &status, 0);
	return status;
}

static void violations(void)
{
	static const struct {
		int (*what)(void);
		const char *name;
	} tries[] = {
		{ try_open, "openat" }, { try_execve, "execve" }, { try_socket, "socket" },
		{ try_fork, "clone" },  { try_code, "mprotect" }, { try_key, "ioctl" },
		{ try_kill, "kill" },   { try_ptrace, "ptrace" },
	};
	char text[400], wanted[100];

	for (enum sandbox_kind kind = 0; kind < SANDBOX_KINDS; kind++)
		for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
			struct attempt a = { .kind = kind, .what = tries[i].what };
			int status = try_in(SANDBOX_ON, &a, text, sizeof(text));

			ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "%s ends a process: %s",
			   tries[i].name, sandbox_kind_name(kind));
			/* libc for s390x makes all calls for sockets by one. */
			snprintf(wanted, sizeof(wanted), "system call %s", i == 2 ? "socket" : tries[i].name);
			has(text, wanted, "the sentence names the call");
			snprintf(wanted, sizeof(wanted), "to its %s thread", sandbox_kind_name(kind));
			has(text, wanted, "and the thread");
			has(text, "--sandbox=off", "and the remedy");
		}
}

static void off(void)
{
	struct attempt a = { .kind = SANDBOX_VCPU, .what = try_open };
	char text[400];
	int status = try_in(SANDBOX_OFF, &a, text, sizeof(text));

	ok(WIFEXITED(status), "--sandbox=off: a thread may do anything");
}

/* --- files --------------------------------------------------------------------- */

static int opens(const char *path, int flags)
{
	int fd = open(path, flags, 0600), rc = fd < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	return rc;
}

static int child_files(void)
{
	struct sandbox s;
	struct error err;

	if (sandbox_begin(&s, SANDBOX_ON, false, &err))
		return 1;
	s.needs = SANDBOX_READ | SANDBOX_WRITE;
	if (sandbox_file(&s, DIRECTORY "/new", FILE_REPLACE, &err) ||
	    sandbox_file(&s, "zpvm", FILE_READ, &err) || sandbox_enter(&s, NULL, &err))
		return 2;
	if (opens(DIRECTORY "/new", O_WRONLY | O_CREAT) || rename(DIRECTORY "/new", DIRECTORY "/newer") ||
	    unlink(DIRECTORY "/newer"))
		return 3;
	if (opens("zpvm", O_RDONLY))
		return 4;
	if (opens("zpvm", O_RDWR) != EACCES || opens("/dev/kvm", O_RDWR) != EACCES ||
	    opens("guest.elf", O_RDONLY) != EACCES)
		return 5;
	if (opens("beside", O_WRONLY | O_CREAT) != EACCES || unlink("zpvm") != -1 || errno != EACCES)
		return 6;
	return 0;
}

static void files(void)
{
	pid_t child;
	int status;

	mkdir(DIRECTORY, 0700);
	fflush(stdout);
	child = fork();
	if (!child)
		_exit(child_files());
	waitpid(child, &status, 0);
	is(status, 0, "the files that are needed can be used, and no others");
	rmdir(DIRECTORY);
}

/* --- descriptors ---------------------------------------------------------------- */

static void descriptors(void)
{
	char *const words[] = { "zpvm", "run", "--save=/dev/fd/5", "--continue=7:3:8", NULL };
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (!child) {
		for (int fd = 3; fd < 12; fd++)
			dup2(STDIN_FILENO, fd);
		sandbox_close_others(words);
		for (int fd = 0; fd < 12; fd++)
			if ((fcntl(fd, F_GETFD) >= 0) != (fd < 3 || fd == 5 || fd == 7 || fd == 8))
				_exit(fd + 1);
		_exit(0);
	}
	waitpid(child, &status, 0);
	is(status, 0, "what was inherited and is not named is closed");
}

int main(int argc, char **argv)
{
	if (api_begin(argc, argv))
		return 1;
	violations();
	off();
	files();
	descriptors();
	return api_end();
}
