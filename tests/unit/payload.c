/* SPDX-License-Identifier: BSD-2-Clause */
/* payload.c: files on their way into guest memory. */
#include "vmm/payload.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

#define SIZE 3000

static struct error err;
static uint8_t bytes[SIZE];

static void write_file(const char *path, size_t len)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(bytes, 1, len, f) != len || fclose(f))
		ok(false, "%s is written", path);
}

static void reads(const struct payload *p, const char *what)
{
	struct ram ram;
	uint8_t some[100];

	is(p->size, SIZE, "%s: its size", what);
	ok(!payload_read(p, 17, some, sizeof(some), &err) && !memcmp(some, bytes + 17, sizeof(some)),
	   "%s: bytes from its middle", what);
	ok(!payload_read(p, SIZE, some, 0, &err), "%s: none, at its end", what);
	if (ram_create(&ram, 1 << 20, 4096, &err))
		return;
	is(payload_load(p, 1, &ram, 0x12345, SIZE - 1, &err), 0, "%s: into guest memory", what);
	ok(!memcmp(ram.host + 0x12345, bytes + 1, SIZE - 1) && !ram.host[0x12344] &&
	           !ram.host[0x12345 + SIZE - 1],
	   "%s: it is there, and nothing beside it", what);
	is(payload_load(p, 0, &ram, (1 << 20) - SIZE, SIZE, &err), 0, "%s: at the end of it", what);
	is(payload_load(p, 0, &ram, (1 << 20) - SIZE + 1, SIZE, &err), -EFAULT, "%s: not beyond", what);
	has(err.text, "are outside guest memory", "%s: which it says", what);
	ram_destroy(&ram);
}

static void regular(void)
{
	struct payload p;
	uint8_t some[10];

	write_file("payload.bin", SIZE);
	is(payload_open(&p, "payload.bin", &err), 0, "a file");
	ok(!p.bytes && !strcmp(p.name, "payload.bin"), "is not read before it is needed");
	reads(&p, "a file");
	is(truncate("payload.bin", SIZE - 5), 0, "it is cut");
	is(payload_read(&p, SIZE - 10, some, 10, &err), -EIO, "which is an error");
	has(err.text, "payload.bin: offset 2995: the file has become shorter", "that says so");
	payload_close(&p);
	ok(!p.name && p.fd == -1, "it is closed");
	payload_close(&p);
	is(payload_open(&p, "nowhere.bin", &err), -ENOENT, "a file that is not there");
	has(err.text, "nowhere.bin: No such file", "says which");
	ok(!p.name, "and nothing is open");
	is(payload_open(&p, ".", &err), -EISDIR, "a directory");
	unlink("payload.bin");
}

/* What is no regular file is read at once. */
static void pipes(void)
{
	struct payload p;
	FILE *f;

	write_file("payload.bin", SIZE);
	f = popen("cat payload.bin > payload.pipe", "w");
	is(payload_open(&p, "payload.pipe", &err), 0, "a pipe");
	pclose(f);
	ok(p.bytes && p.fd == -1, "is read at once");
	reads(&p, "a pipe");
	payload_close(&p);
	unlink("payload.bin");
}

int main(void)
{
	struct payload p = payload_of("mine", bytes, SIZE);
	char dir[] = "/tmp/payload.XXXXXX";

	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (uint8_t)(i % 251 + 1);
	if (!mkdtemp(dir) || chdir(dir) || mkfifo("payload.pipe", 0600))
		return 1;
	reads(&p, "bytes");
	regular();
	pipes();
	unlink("payload.pipe");
	rmdir(dir);
	return tap_done();
}
