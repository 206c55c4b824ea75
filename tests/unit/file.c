/* SPDX-License-Identifier: BSD-2-Clause */
/* file.c: whole files: what is read, what replaces what, and that nothing is left beside. */
#include "vmm/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static struct error err;

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

static int write_text(const char *path, const char *text)
{
	return file_write(path, (const uint8_t *)text, strlen(text), &err);
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
	ok(!symlink("nowhere", "lost") && !write_text("lost", "found"), "through a link to nothing");
	ok(holds("lost", "found") && names() == 3, "there is a file now");
	is(write_text("none/a", "x"), -ENOENT, "into a directory that is not there");
	has(err.text, "none/a: No such file", "and the path is said");
	is(write_text("a/b", "x"), -ENOTDIR, "into a file");
	is(write_text(".", "x"), -EISDIR, "onto a directory");
	is(write_text("/dev/full", "x"), -ENOSPC, "to a device that is full");
	is(write_text("/dev/null", "x"), 0, "to one that takes all");
	ok(!stat("/dev/null", &st) && S_ISCHR(st.st_mode), "which is a device still");
	ok(holds("a", "new") && names() == 3, "nothing else has changed");
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
	int rc = file_write("a", large, sizeof(large), &err);
	setrlimit(RLIMIT_FSIZE, &old);
	is(rc, -EFBIG, "a write that fails in its middle");
	ok(holds("a", "new") && names() == 3, "leaves the old file, and nothing beside");
}

static void reading(void)
{
	static uint8_t some[70000];
	uint8_t *bytes = NULL;
	size_t len;
	int ends[2], child;

	memset(some, 'x', sizeof(some));
	file_write("a", some, sizeof(some), &err);
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
	reading();
	unlink("a");
	unlink("link");
	unlink("lost");
	unlink("nowhere");
	ok(!names() && !rmdir(dir), "nothing is left");
	return tap_done();
}
