/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * faults.c: runs a command again and again, and each time another of its calls fails: each system call of all
 *of its threads, with each errno value that fits (faulty.h), and once as an incomplete read or write; or,
 *with -a, each allocation (alloc_fault.c). The command must end as it does without a fault, or with a
 *sentence that says what failed; it may not be killed, hang, or leave a file that was not there. TAP: one
 *line a command.
 *
 *	faults [-a] [-v] [-e N] [-o K] [-c CALL] [-f FILE] [-n NAME] COMMAND...
 *
 * -e: one of N faults, from the K-th (-o) on. -c: this call alone. -v: all that was said. -f: a file that the
 *command writes: it holds something old before each run; afterwards it is as it was, or `zpvm check` finds it
 *good.
 *
 * A seccomp filter hands each call to this program, which lets it go on or answers in the kernel's place
 * (seccomp_unotify(2)): so calls of libc fail, too, the same way on each architecture, and threads run on
 *meanwhile.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alloc_fault.h"
#include "faulty.h"

#define KEYS_MAX  400
#define TEXT_MAX  16384
#define NAMES_MAX 64
#define SECONDS   60 /* after which a run hangs */
#define LISTENER  3  /* the command's first free file descriptor */
#define SHORT     -1 /* in place of an errno value: half of what was asked for */

static const char old_text[] = "this was here before\n";

/* A call, and of ioctl(2) the request. */
struct key {
	const struct faulty *call;
	uint64_t request;
	unsigned count;
};

/* What fails in a run: the nth call of a kind; nth 0: nothing. */
struct fault {
	unsigned key, nth;
	int code;
};

/* How a run went. */
struct ending {
	int status; /* of waitpid(2) */
	bool hung, fired;
	char out[TEXT_MAX], err[TEXT_MAX];
};

static struct key keys[KEYS_MAX];
static unsigned key_count, unknown_count;
static int unknown[16]; /* calls that faulty.h lacks */
static struct alloc_fault *alloc;
static char **command;
static const char *only, *file;
static bool verbose;
static unsigned tried, same, said, missed, bad;

static void die(const char *what)
{
	printf("Bail out! faults: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* --- the calls -------------------------------------------------------- */

static unsigned find_key(const struct seccomp_data *data)
{
	const struct faulty *call = faulty_find(data->nr);
	uint64_t request = call && !strcmp(call->name, "ioctl") ? (uint32_t)data->args[1] : 0;
	unsigned i;

	if (!call) {
		for (i = 0; i < unknown_count; i++)
			if (unknown[i] == data->nr)
				return KEYS_MAX;
		if (unknown_count < 16)
			unknown[unknown_count++] = data->nr;
		return KEYS_MAX;
	}
	for (i = 0; i < key_count; i++)
		if (keys[i].call == call && keys[i].request == request)
			return i;
	if (key_count == KEYS_MAX)
		return KEYS_MAX;
	keys[key_count] = (struct key){ .call = call, .request = request };
	return key_count++;
}

/* The first part of what it wants to read or write, or 0. */
static struct iovec first_part(pid_t pid, uint64_t at, uint64_t len, bool vector)
{
	struct iovec part = { (void *)(uintptr_t)at, len };

	if (vector) {
		struct iovec from = { (void *)(uintptr_t)at, sizeof(part) }, to = { &part, sizeof(part) };

		if (process_vm_readv(pid, &to, 1, &from, 1, 0) != sizeof(part))
			part.iov_len = 0;
	}
	part.iov_len /= 2;
	if (part.iov_len > 1 << 20)
		part.iov_len = 1 << 20;
	return part;
}

/* Whether its first argument is an eventfd: with the counts that zpvm adds no read or write of one can fail.
 */
static bool is_eventfd(const struct seccomp_notif *n)
{
	char path[64], name[64] = "";

	snprintf(path, sizeof(path), "/proc/%u/fd/%d", n->pid, (int)n->data.args[0]);
	return readlink(path, name, sizeof(name) - 1) > 0 && strstr(name, "eventfd");
}

/* Makes half of the call in its place, with its file. Negative: that cannot be; all of it is done. */
static int64_t do_half(const struct seccomp_notif *n, const struct faulty *call)
{
	int pidfd = pidfd_open((pid_t)n->pid, 0), fd = pidfd_getfd(pidfd, (int)n->data.args[0], 0);
	struct iovec theirs, ours = { .iov_base = NULL };
	off_t at = (off_t)n->data.args[3];
	int64_t done = -1;
	struct stat st;

	theirs = first_part((pid_t)n->pid, n->data.args[1], n->data.args[2], call->half & HALF_VECTOR);
	if (fd >= 0 && theirs.iov_len && !fstat(fd, &st) &&
	    (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
		ours = (struct iovec){ malloc(theirs.iov_len), theirs.iov_len };
	if (ours.iov_base && call->half & HALF_WRITE) {
		if (process_vm_readv((pid_t)n->pid, &ours, 1, &theirs, 1, 0) == (ssize_t)ours.iov_len)
			done = call->half & HALF_AT ? pwrite(fd, ours.iov_base, ours.iov_len, at)
			                            : write(fd, ours.iov_base, ours.iov_len);
	} else if (ours.iov_base) {
		done = call->half & HALF_AT ? pread(fd, ours.iov_base, ours.iov_len, at)
		                            : read(fd, ours.iov_base, ours.iov_len);
		ours.iov_len = done > 0 ? (size_t)done : 0;
		theirs.iov_len = ours.iov_len;
		if (done > 0)
			process_vm_writev((pid_t)n->pid, &ours, 1, &theirs, 1, 0);
	}
	free(ours.iov_base);
	close(fd);
	close(pidfd);
	return done;
}

/* One call has come. */
static void answer(int listener, const struct fault *fault, struct ending *end)
{
	static struct seccomp_notif_sizes sizes;
	static struct seccomp_notif *n;
	static struct seccomp_notif_resp *reply;
	unsigned key;

	if (!n) {
		if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes))
			die("SECCOMP_GET_NOTIF_SIZES");
		n = malloc(sizes.seccomp_notif);
		reply = malloc(sizes.seccomp_notif_resp);
	}
	memset(n, 0, sizes.seccomp_notif);
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, n))
		return; /* it was killed meanwhile */
	memset(reply, 0, sizes.seccomp_notif_resp);
	reply->id = n->id;
	reply->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	key = find_key(&n->data);
	if (key < KEYS_MAX && ++keys[key].count == fault->nth && key == fault->key) {
		if (keys[key].call->half && is_eventfd(n)) {
			reply->val = 0;
		} else if (fault->code != SHORT) {
			reply->error = -fault->code;
			reply->flags = 0;
		} else if ((reply->val = do_half(n, keys[key].call)) >= 0) {
			reply->flags = 0;
		} else {
			reply->val = 0;
		}
		end->fired = !reply->flags;
	}
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, reply);
}

/* --- a run ------------------------------------------------------------ */

/* In the child: all calls but those that cannot fail, or whose failure libc takes for its own end. */
static void filter(void)
{
	struct sock_filter code[2 * 32] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		                                     offsetof(struct seccomp_data, nr)) };
	struct sock_fprog program = { .filter = code };
	unsigned n = 1;

	for (unsigned i = 0; i < sizeof(unfailing) / sizeof(unfailing[0]); i++) {
		code[n++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)unfailing[i], 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	program.len = (unsigned short)n;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	            SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
	            &program) != LISTENER)
		_exit(126);
}

static void child(int out, int err)
{
	int null = open("/dev/null", O_RDONLY);

	setpgid(0, 0);
	dup2(null, 0);
	dup2(out, 1);
	dup2(err, 2);
	close_range(LISTENER, ~0u, 0);
	if (!alloc)
		filter();
	execv(command[0], command);
	_exit(127);
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* The child waits with its next call until somebody listens. Before its filter is there, the number is
 * another file's, which does not know the request. */
static int listen_to(int pidfd)
{
	for (unsigned i = 0; i < 20000; i++) {
		int fd = pidfd_getfd(pidfd, LISTENER, 0);
		uint64_t none = 0;

		if (fd >= 0 && ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &none) < 0 && errno == ENOENT)
			return fd;
		if (fd >= 0)
			close(fd);
		usleep(200);
	}
	return -1;
}

static void text_of(int fd, char *text)
{
	ssize_t n = pread(fd, text, TEXT_MAX - 1, 0);

	text[n > 0 ? n : 0] = 0;
	ftruncate(fd, 0);
	lseek(fd, 0, SEEK_SET);
}

static void run(const struct fault *fault, struct ending *end)
{
	static int out = -1, err = -1;
	struct pollfd fds[2] = { { .fd = -1, .events = POLLIN }, { .fd = -1, .events = POLLIN } };
	uint64_t until = now_ms() + SECONDS * 1000;
	pid_t pid;

	if (out < 0) {
		out = memfd_create("out", MFD_CLOEXEC);
		err = memfd_create("err", MFD_CLOEXEC);
	}
	for (unsigned i = 0; i < key_count; i++)
		keys[i].count = 0;
	if (alloc)
		*alloc = (struct alloc_fault){ .nth = fault->nth };
	*end = (struct ending){ .hung = false };
	pid = fork();
	if (!pid)
		child(out, err);
	fds[0].fd = pidfd_open(pid, 0);
	fds[1].fd = alloc ? -1 : listen_to(fds[0].fd);
	if (!alloc && fds[1].fd < 0)
		die("no listener");
	while (!fds[0].revents) {
		uint64_t now = now_ms();

		if (now >= until || poll(fds, 2, (int)(until - now)) <= 0) {
			end->hung = true;
			break;
		}
		if (fds[1].revents & POLLIN)
			answer(fds[1].fd, fault, end);
		else if (fds[1].revents)
			fds[1].fd = -1 - fds[1].fd; /* nobody is left that would call */
	}
	kill(-pid, SIGKILL);
	waitpid(pid, &end->status, 0);
	if (!alloc)
		close(fds[1].fd < 0 ? -1 - fds[1].fd : fds[1].fd);
	close(fds[0].fd);
	if (alloc)
		end->fired = alloc->fired;
	text_of(out, end->out);
	text_of(err, end->err);
}

/* --- what it leaves --------------------------------------------------- */

static char names[NAMES_MAX][256];
static unsigned name_count;

static bool is_known(const char *name)
{
	for (unsigned i = 0; i < name_count; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* learn: all files here are of those that the command makes. Else: one that is not is removed, and counts. */
static unsigned look_at_files(bool learn)
{
	DIR *dir = opendir(".");
	struct dirent *entry;
	unsigned strange = 0;

	while (dir && (entry = readdir(dir))) {
		if (is_known(entry->d_name))
			continue;
		if (learn && name_count < NAMES_MAX) {
			snprintf(names[name_count++], sizeof(names[0]), "%s", entry->d_name);
			continue;
		}
		printf("# it has left %s\n", entry->d_name);
		unlink(entry->d_name);
		strange++;
	}
	if (dir)
		closedir(dir);
	return strange;
}

static void put_old(void)
{
	int fd = file ? open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;

	if (fd >= 0 && write(fd, old_text, strlen(old_text)) < 0)
		die(file);
	if (fd >= 0)
		close(fd);
}

static bool is_old(void)
{
	char text[sizeof(old_text)] = "";
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));

	if (fd >= 0)
		close(fd);
	return n == (ssize_t)strlen(old_text) && !memcmp(text, old_text, strlen(old_text));
}

/* As the command checks it, which is zpvm. */
static bool is_good(void)
{
	int status, null = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t pid = fork();

	if (!pid) {
		dup2(null, 1);
		dup2(null, 2);
		if (alloc)
			unsetenv(ALLOC_FAULT);
		execl(command[0], command[0], "check", file, NULL);
		_exit(127);
	}
	close(null);
	return waitpid(pid, &status, 0) == pid && !status;
}

/* --- the verdict ------------------------------------------------------ */

static bool names_it(const char *text, int code)
{
	/* pthread_create(3) has one error for all, a queue of output another. */
	if (code == ENOMEM &&
	    (strstr(text, "memory") || strstr(text, strerror(EAGAIN)) || strstr(text, strerror(ENOBUFS))))
		return true;
	return strstr(text, strerror(code)) || strstr(text, strerrorname_np(code)) ||
	       strstr(text, "cannot write to standard output");
}

/* The sentence is on standard error; of `zpvm check`, which is about many files, on standard output. */
static bool says_what(const struct ending *end, int code)
{
	return names_it(end->err, code) || (strcmp(command[1], "check") == 0 && names_it(end->out, code));
}

/* NULL: it ended as it may. What a fault leads to is an error of the host (71), something that the host has
 * not (77), a file that cannot be read (65), or written (64). */
static const char *verdict(const struct ending *end, const struct ending *good, int code)
{
	int status = WEXITSTATUS(end->status);

	if (end->hung)
		return "hangs";
	if (WIFSIGNALED(end->status))
		return "was killed";
	if (status == 127)
		return NULL; /* it was not executed, or libc could not begin */
	if (file && !is_old() && !is_good())
		return "leaves a damaged file";
	if (status == WEXITSTATUS(good->status)) {
		if (strcmp(end->out, good->out))
			return "says something else, and no error";
		return file && is_old() ? "has not written its file, and does not say so" : NULL;
	}
	if (status != 71 && status != 77 && status != 65 && status != 64 &&
	    (status != 2 || strcmp(command[1], "diff")))
		return "ends with a strange exit status";
	/* Nothing interrupts what writes by stdio: there is no handler of a signal. */
	if (code == SHORT || (code == EINTR && !strstr(end->err, "cannot write to standard output")))
		return "does not survive it";
	return says_what(end, code) ? NULL : "does not say what failed";
}

static void describe(const struct fault *fault, const struct ending *end, const char *what)
{
	const struct key *key = &keys[fault->key];
	char status[40];

	if (WIFSIGNALED(end->status))
		snprintf(status, sizeof(status), "signal %d", WTERMSIG(end->status));
	else
		snprintf(status, sizeof(status), "exit status %d", WEXITSTATUS(end->status));
	if (alloc)
		printf("# allocation %u (%#llx): %s, %s: ", fault->nth, (unsigned long long)alloc->caller,
		       what, status);
	else if (key->request)
		printf("# ioctl %#llx, call %u, %s: %s, %s: ", (unsigned long long)key->request, fault->nth,
		       fault->code == SHORT ? "half" : strerrorname_np(fault->code), what, status);
	else
		printf("# %s, call %u, %s: %s, %s: ", key->call->name, fault->nth,
		       fault->code == SHORT ? "half" : strerrorname_np(fault->code), what, status);
	for (const char *c = end->err; *c; c++)
		fputs(*c == '\n' ? (c[1] ? "\n#\t" : "") : (char[]){ *c, 0 }, stdout);
	putchar('\n');
}

static void try_one(const struct fault *fault, const struct ending *good)
{
	static struct ending end;
	const char *what;

	put_old();
	run(fault, &end);
	tried++;
	if (!end.fired) {
		missed++;
		look_at_files(false);
		return;
	}
	what = verdict(&end, good, fault->code);
	if (look_at_files(false) && !what)
		what = "leaves a file";
	if (what) {
		bad++;
		describe(fault, &end, what);
	} else if (end.status == good->status) {
		same++;
		if (verbose)
			describe(fault, &end, "as before");
	} else {
		said++;
		if (verbose)
			describe(fault, &end, "an error");
	}
}

/* One of `every`, from the one at `from` on. */
static void try_all(unsigned every, unsigned from, const struct ending *good)
{
	static struct key of[KEYS_MAX]; /* as they were without a fault */
	unsigned count = key_count, at = 0, allocations = alloc ? alloc->count : 0;

	memcpy(of, keys, sizeof(of));
	for (unsigned n = 1; n <= allocations; n++)
		if (at++ % every == from)
			try_one(&(struct fault){ 0, n, ENOMEM }, good);
	for (unsigned k = 0; k < count; k++) {
		if (only && strcmp(only, of[k].call->name))
			continue;
		for (unsigned n = 1; n <= of[k].count; n++) {
			for (const int *code = of[k].call->codes; *code; code++)
				if (at++ % every == from)
					try_one(&(struct fault){ k, n, *code }, good);
			if (of[k].call->half && at++ % every == from)
				try_one(&(struct fault){ k, n, SHORT }, good);
		}
	}
}

int main(int argc, char **argv)
{
	static struct ending good, again;
	const struct fault none = { 0, 0, 0 };
	unsigned every = 1, from = 0;
	const char *name = "a command";
	bool allocations = false;
	int opt;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((opt = getopt(argc, argv, "+ave:o:c:f:n:")) != -1)
		switch (opt) {
		case 'a': allocations = true; break;
		case 'v': verbose = true; break;
		case 'e': every = (unsigned)atoi(optarg); break;
		case 'o': from = (unsigned)atoi(optarg); break;
		case 'c': only = optarg; break;
		case 'f': file = optarg; break;
		case 'n': name = optarg; break;
		default: return 2;
		}
	command = argv + optind;
	if (!*command || !every)
		return 2;
	if (allocations) {
		char path[] = "/tmp/faults.XXXXXX";
		int fd = mkstemp(path);

		if (fd < 0 || ftruncate(fd, sizeof(*alloc)))
			die(path);
		alloc = mmap(NULL, sizeof(*alloc), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		setenv(ALLOC_FAULT, path, 1);
		close(fd);
	}
	put_old();
	run(&none, &again);
	look_at_files(true);
	put_old();
	run(&none, &good);
	look_at_files(true);
	if (good.hung || good.status != again.status || strcmp(good.out, again.out)) {
		printf("not ok - %s: it does not end the same way without any fault\n", name);
		describe(&none, &again, "first");
		describe(&none, &good, "then");
		return 1;
	}
	try_all(every, from % every, &good);
	for (unsigned i = 0; i < unknown_count; i++)
		printf("# faulty.h does not know system call %d\n", unknown[i]);
	printf("%sok - %s: %u %s failed: %u times as before, %u times an error, %u not reached\n",
	       bad || unknown_count || !tried ? "not " : "", name, tried, alloc ? "allocations" : "calls",
	       same, said, missed);
	if (alloc)
		unlink(getenv(ALLOC_FAULT));
	return bad || unknown_count || !tried;
}
