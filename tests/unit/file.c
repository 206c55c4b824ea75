/* SPDX-License-Identifier: BSD-2-Clause */
/* file.c: whole files: what is read, what replaces what, and that nothing is left beside. */
#include "vmm/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static struct error err;

/* Instead of the library's: of a directory it fails when it is told to. */
static bool fsync_fails;

int fsync(int fd)
{
	struct stat st;

	if (!fsync_fails || fstat(fd, &st) || !S_ISDIR(st.st_mode))
		return fdatasync(fd);
	errno = EIO;
	return -1;
}

/* And nobody has ten seconds here. */
static int polled;

int poll(struct pollfd *fds, nfds_t count, int ms)
{
	struct timespec ts = { .tv_nsec = 10000000 };

	polled += ms;
	return ppoll(fds, count, &ts, NULL);
}

/* How many names the directory that the test works in has. */
static unsigned names(void)
{
	DIR *dir = opendir(".");
	unsigned n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static bool holds(const char *path, const char *text)
{
	uint8_t *bytes = NULL;
	size_t len = 0;
	bool same = !file_read(path, 1000, &bytes, &len, &err) && len == strlen(text) &&
	            !memcmp(bytes, text, len);

	free(bytes);
	return same;
}

static int write_bytes(const char *path, const void *bytes, size_t len)
{
	struct iovec all = { (void *)bytes, len };

	return file_write(path, &all, 1, &err);
}

static int write_text(const char *path, const char *text)
{
	return write_bytes(path, text, strlen(text));
}

static void writing(void)
{
	struct stat st;

	is(write_text("a", "first"), 0, "a new file");
	ok(holds("a", "first") && names() == 1, "is there, and nothing else");
	ok(!stat("a", &st) && (st.st_mode & 0777) == 0600, "for its owner alone");
	is(write_text("a", "second, longer"), 0, "another in its place");
	ok(holds("a", "second, longer"), "is what it says now");
	is(write_text("a", ""), 0, "an empty one");
	ok(holds("a", ""), "is empty");
	write_text("a", "old");
	ok(!symlink("a", "link") && !write_text("link", "new"), "through a link");
	ok(!lstat("link", &st) && S_ISLNK(st.st_mode) && holds("a", "new") && names() == 2,
	   "which stays one");
	ok(!symlink("./away", "there") && !symlink("there", "lost") && !write_text("lost", "found"),
	   "through two links to nothing");
	ok(!lstat("lost", &st) && S_ISLNK(st.st_mode) && !lstat("there", &st) && S_ISLNK(st.st_mode),
	   "which stay links");
	ok(!lstat("away", &st) && S_ISREG(st.st_mode) && holds("lost", "found") && names() == 5,
	   "to the file that is there now");
	ok(!symlink("round", "round") && write_text("round", "x") == -ELOOP && !unlink("round"),
	   "through a link to itself");
	is(write_text("none/a", "x"), -ENOENT, "into a directory that is not there");
	has(err.text, "none/a: No such file", "and the path is said");
	is(write_text("a/b", "x"), -ENOTDIR, "into a file");
	is(write_text(".", "x"), -EISDIR, "onto a directory");
	is(write_text("/dev/full", "x"), -ENOSPC, "to a device that is full");
	is(write_text("/dev/null", "x"), 0, "to one that takes all");
	ok(!stat("/dev/null", &st) && S_ISCHR(st.st_mode), "which is a device still");
	fsync_fails = true;
	is(write_text("a", "newer"), -EINPROGRESS, "a directory that cannot be synced");
	fsync_fails = false;
	has(err.text, "a: it is written", "it is said what was done");
	ok(holds("a", "newer"), "and it was");
	write_text("a", "new");
	ok(holds("a", "new") && names() == 5, "nothing else has changed");
}

static void pipes(void)
{
	static uint8_t large[200000];
	int reader;

	is(mkfifo("pipe", 0600), 0, "a pipe");
	is(write_text("pipe", "x"), -ENXIO, "that nobody reads");
	has(err.text, "pipe: nobody reads", "is an error that says so");
	reader = open("pipe", O_RDONLY | O_NONBLOCK);
	is(write_text("pipe", "x"), 0, "one that somebody reads");
	polled = 0;
	is(write_bytes("pipe", large, sizeof(large)), -ETIMEDOUT, "and then no more");
	ok(polled > 1000, "after some time");
	close(reader);
	unlink("pipe");
}

/* What is asked of the first bytes. */
static int looked;

static int look(const uint8_t *bytes, size_t len, size_t *most, struct error *why)
{
	looked++;
	if (len < 10 || *bytes)
		return error_set(why, -EBADMSG, "%zu bytes are not what they should be", len);
	*most = 70000;
	return 0;
}

static void heads(void)
{
	uint8_t *bytes = NULL;
	size_t len;

	is(file_read_head("/dev/zero", 10, look, 1ULL << 40, &bytes, &len, &err), 0,
	   "as much as the first bytes say");
	ok(len == 70000 && looked == 1, "of a file without an end");
	free(bytes);
	write_text("b", "123456789012");
	is(file_read_head("b", 10, look, 1000, &bytes, &len, &err), -EBADMSG, "one that they refuse");
	has(err.text, "b: 10 bytes are", "names it");
	write_text("b", "123");
	is(file_read_head("b", 10, look, 1000, &bytes, &len, &err), -EBADMSG,
	   "one that is shorter than that");
	has(err.text, "b: 3 bytes are", "has what it has");
	unlink("b");
}

/* The process may write no more than some bytes to a file. */
static void no_room(void)
{
	static uint8_t large[10000];
	struct rlimit old, limit;

	getrlimit(RLIMIT_FSIZE, &old);
	limit = (struct rlimit){ 4096, old.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	fflush(stdout);
	setrlimit(RLIMIT_FSIZE, &limit);
	int rc = write_bytes("a", large, sizeof(large));
	setrlimit(RLIMIT_FSIZE, &old);
	is(rc, -EFBIG, "a write that fails in its middle");
	has(err.text, "ulimit -f", "says what limits it");
	ok(holds("a", "new") && names() == 5, "leaves the old file, and nothing beside");
}

/* What would be written later: nothing is made or changed by asking. */
static void asking(void)
{
	unsigned before = names();

	write_text("a", "old");
	is(file_can_write("a", &err), 0, "a file can be written over");
	is(file_can_write("new", &err), 0, "a new one made");
	is(file_can_write("link", &err), 0, "through a link");
	is(file_can_write("/dev/null", &err), 0, "and a device");
	is(file_can_write(".", &err), -EISDIR, "a directory cannot");
	has(err.text, ".: Is a directory", "and the path is said");
	is(file_can_write("nodir/x", &err), -ENOENT, "nor what would stand in a directory that is not there");
	has(err.text, "nodir/x: No such file", "and the path is said");
	is(file_can_write("a/x", &err), -ENOTDIR, "or in a file");
	ok(holds("a", "old") && names() == before, "nothing has changed");
}

static void reading(void)
{
	static uint8_t some[70000];
	uint8_t *bytes = NULL;
	size_t len;
	int ends[2], child;

	memset(some, 'x', sizeof(some));
	write_bytes("a", some, sizeof(some));
	is(file_read("a", sizeof(some), &bytes, &len, &err), 0, "a file of just the most");
	ok(len == sizeof(some) && !memcmp(bytes, some, len), "comes whole");
	free(bytes);
	is(file_read("a", sizeof(some) - 1, &bytes, &len, &err), -EFBIG, "one byte more is too much");
	has(err.text, "a: File too large", "and the path is said");
	is(file_read("nowhere2", 10, &bytes, &len, &err), -ENOENT, "a file that is not there");
	is(file_read(".", 10, &bytes, &len, &err), -EISDIR, "a directory");
	fflush(stdout);
	if (pipe(ends))
		return;
	child = fork();
	if (!child) {
		for (unsigned i = 0; i < sizeof(some); i += 7000)
			if (write(ends[1], some + i, 7000) != 7000)
				_exit(1);
		_exit(0);
	}
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	is(file_read("-", 1 << 20, &bytes, &len, &err), 0, "standard input, a pipe");
	ok(len == sizeof(some) && !memcmp(bytes, some, len), "comes whole");
	free(bytes);
	waitpid(child, NULL, 0);
	is(file_read("/dev/zero", 1 << 20, &bytes, &len, &err), -EFBIG, "one without an end");
}

int main(void)
{
	char dir[] = "/tmp/zpvm-unit-XXXXXX";

	if (!mkdtemp(dir) || chdir(dir))
		return 1;
	writing();
	no_room();
	asking();
	reading();
	pipes();
	heads();
	unlink("a");
	unlink("link");
	unlink("lost");
	unlink("there");
	unlink("away");
	ok(!names() && !rmdir(dir), "nothing is left");
	return tap_done();
}
