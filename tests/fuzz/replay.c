/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replay.c: runs a fuzz target without libFuzzer: over all files of its
 * corpus, then over mutations of them, the same ones each time. With
 * arguments: over those files only, to see a failure again.
 */
#include <dirent.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

#define MUTATIONS 500   /* in all: make fuzz tries more */
#define SIZE_MAX_ 65536 /* of an input */
#define FILES_MAX 1000

/* The sanitizers'; Debian's gcc comes without their headers. */
void __sanitizer_set_death_callback(void (*callback)(void));
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

static struct input {
	uint8_t *bytes;
	size_t size;
} files[FILES_MAX];
static unsigned file_count;
static struct input now; /* what the target is given */
static const char *program;

const char *__asan_default_options(void)
{
	return "handle_abort=1";
}

/* So that the address sanitizer hears of it, and calls keep(). */
const char *__ubsan_default_options(void)
{
	return "abort_on_error=1";
}

/* The input that killed the target, for replay and for the corpus. */
static void keep(void)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s.crash", program);
	f = fopen(path, "w");
	if (f && fwrite(now.bytes, 1, now.size, f) == now.size && !fclose(f))
		printf("not ok 1 - see it again: %s %s\n1..1\n", program, path);
	fflush(stdout);
}

/* In an allocation of its own, so that the address sanitizer sees every step beyond. */
static void run(const uint8_t *bytes, size_t size)
{
	now = (struct input){ malloc(size), size };
	memcpy(now.bytes, bytes, size);
	LLVMFuzzerTestOneInput(now.bytes, size);
	free(now.bytes);
}

static bool read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	struct input *in = &files[file_count];

	if (!f || file_count == FILES_MAX)
		return false;
	in->bytes = malloc(SIZE_MAX_);
	in->size = fread(in->bytes, 1, SIZE_MAX_, f);
	fclose(f);
	file_count++;
	return true;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool read_directory(const char *path)
{
	struct dirent **list;
	int n = scandir(path, &list, NULL, by_name);
	bool good = n >= 0;

	for (int i = 0; i < n; i++) {
		char name[600];

		snprintf(name, sizeof(name), "%s/%s", path, list[i]->d_name);
		if (list[i]->d_name[0] != '.')
			good &= read_file(name);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return good;
}

static uint64_t seed = 0x9e3779b97f4a7c15;

static size_t below(size_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return n ? (size_t)(seed >> 11) % n : 0;
}

/* A number that likes to break things, in 1 to 8 bytes of either order. */
static void put_number(uint8_t *bytes, size_t size)
{
	static const uint64_t numbers[] = { 0,         1,          7,         8,          0x7f,
		                            0x80,      0xff,       0x1000,    0xffff,     0x10000,
		                            INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_MAX, UINT64_MAX - 4096 };
	uint64_t v = numbers[below(sizeof(numbers) / sizeof(numbers[0]))] + below(3) - 1;
	size_t len = (size_t)1 << below(4), big = below(2), at = below(size);

	for (size_t i = 0; i < len && at + i < size; i++)
		bytes[at + i] = (uint8_t)(v >> 8 * (big ? len - 1 - i : i));
}

/* Puts a piece of some file at some place, over what is there or before it. */
static size_t splice(uint8_t *bytes, size_t size)
{
	const struct input *from = &files[below(file_count)];
	size_t start = below(from->size), len = below(from->size - start + 1), at = below(size + 1);

	len = below(2) && len > 16 ? 16 : len;
	if (below(2)) {
		len = len > SIZE_MAX_ - size ? SIZE_MAX_ - size : len;
		memmove(bytes + at + len, bytes + at, size - at);
		size += len;
	} else if (len > size - at) {
		len = size - at;
	}
	memcpy(bytes + at, from->bytes + start, len);
	return size;
}

static size_t mutate(uint8_t *bytes, size_t size)
{
	size_t at = below(size), len;

	switch (below(6)) {
	case 0:
		if (size)
			bytes[at] ^= (uint8_t)(1 << below(8));
		break;
	case 1:
		if (size)
			bytes[at] = (uint8_t)below(256);
		break;
	case 2: put_number(bytes, size); break;
	case 3:
		len = below(size - at + 1);
		memmove(bytes + at, bytes + at + len, size - at - len);
		return size - len;
	default: return splice(bytes, size);
	}
	return size;
}

int main(int argc, char **argv)
{
	static const char *const corpus[] = { CORPUS };
	static uint8_t buffer[SIZE_MAX_];
	bool good = true;
	unsigned runs = 0;

	program = argv[0];
	__sanitizer_set_death_callback(keep);
	for (int i = 1; i < argc; i++)
		good &= read_file(argv[i]);
	for (size_t i = 0; argc == 1 && i < sizeof(corpus) / sizeof(corpus[0]); i++)
		good &= read_directory(corpus[i]);
	for (unsigned i = 0; i < file_count; i++, runs++)
		run(files[i].bytes, files[i].size);
	for (unsigned i = 0; argc == 1 && file_count && i < MUTATIONS; i++, runs++) {
		const struct input *in = &files[i % file_count];
		size_t size = in->size;

		memcpy(buffer, in->bytes, size);
		for (size_t n = 1 + below(4); n; n--)
			size = mutate(buffer, size);
		run(buffer, size);
	}
	for (unsigned i = 0; i < file_count; i++)
		free(files[i].bytes);
	printf("%sok 1 - %u inputs, made of %u files\n1..1\n", good && file_count ? "" : "not ", runs,
	       file_count);
	return good && file_count ? 0 : 1;
}
