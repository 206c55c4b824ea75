/* SPDX-License-Identifier: BSD-2-Clause */
/* image.c: what a guest's file is; and what Linux for s390x is given. */
#include "vmm/image.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>

#include "arch/s390x/linux.h"
#include "elf_file.h"
#include "tap.h"

#define RAM_SIZE   0x40000
#define IMAGE_SIZE 0x12000
#define LIMIT      0x10430
#define PARAMS     0x10480

static const struct image_machine s390x = { .elf = { EM_S390, .big = true, .relative = R_390_RELATIVE },
	                                    .s390_linux = true };
static const struct image_machine power9 = { .elf = { EM_PPC64, .big = true, .little = true,
	                                              .relative = R_PPC64_RELATIVE } };

static struct ram ram = { .size = RAM_SIZE, .fd = -1 };
static struct image image;
static struct error err;
static char text[80];
static uint8_t file[IMAGE_SIZE];

static int load(const struct image_machine *machine, size_t size)
{
	/* To the byte, for the sanitizer. */
	uint8_t *copy = memcpy(malloc(size), file, size);
	struct payload p = payload_of("file", copy, size);
	int rc;

	memset(ram.host, 0, RAM_SIZE);
	rc = image_load(&p, machine, &ram, &image, text, sizeof(text), &err);
	free(copy);
	return rc;
}

static void make_linux(void)
{
	for (size_t i = 0; i < IMAGE_SIZE; i++)
		file[i] = i < 0x10400 || i >= 0x11000 ? (uint8_t)(i % 251) : 0;
	memcpy(file + 0x10008, "S390EP", 6);
}

static void raw(void)
{
	make_linux();
	is(load(&s390x, IMAGE_SIZE), 0, "a Linux image for s390x");
	ok(image.kind == IMAGE_S390_LINUX && image.entry == 0x10000 && !image.low &&
	           image.high == IMAGE_SIZE && image.big_endian,
	   "starts where they do");
	ok(!memcmp(ram.host, file, IMAGE_SIZE) && !ram.host[IMAGE_SIZE], "and lies at 0");
	is(strcmp(text, "Linux image for s390x"), 0, "which is said");
	is(load(&s390x, 0x11000), 0, "the shortest");
	is(load(&s390x, 0x10fff), -ENOEXEC, "one byte less");
	has(err.text, "cut short: only 69631 bytes", "is said to be cut");
	ram.size = IMAGE_SIZE;
	is(load(&s390x, IMAGE_SIZE), 0, "as large as memory");
	ram.size--;
	is(load(&s390x, IMAGE_SIZE), -ENOEXEC, "larger");
	has(err.text, "larger than guest memory (0x11fff); give it more", "is said to be");
	ram.size = RAM_SIZE;
	is(load(&power9, IMAGE_SIZE), -ENOEXEC, "on the other machine");
	has(err.text, "this is a Linux image for s390x; this zpvm", "it is said what it is");
	file[0x10008] = 'X';
	is(load(&s390x, IMAGE_SIZE), -ENOEXEC, "without its mark");
	has(err.text, "not an ELF file, and no Linux image (S390EP at offset 0x10008)", "it is nothing");
	is(load(&power9, IMAGE_SIZE), -ENOEXEC, "there, too");
	has(err.text, "offset 0: not an ELF file", "it is no ELF file");
}

static void elf(void)
{
	memset(file, 0, sizeof(file));
	elf_file(file, true, EM_S390);
	ok(!load(&s390x, ELF_SIZE) && image.kind == IMAGE_ELF && image.entry == ELF_ENTRY &&
	           image.low == ELF_TEXT_GPA && image.high == ELF_DATA_GPA + ELF_DATA_MEM,
	   "an ELF file");
	is(strcmp(text, "ELF, big-endian"), 0, "is said to be one");
	elf_file(file, false, EM_PPC64);
	ok(!load(&power9, ELF_SIZE) && !image.big_endian && !strcmp(text, "ELF, little-endian"),
	   "little-endian on POWER9");
	elf_file(file, true, EM_PPC64);
	ok(!load(&power9, ELF_SIZE) && image.big_endian, "or big-endian");
	is(load(&s390x, ELF_SIZE), -ENOEXEC, "of the other machine");
	has(err.text, "ELF machine 21 (POWER); this zpvm runs 22 (s390x)", "which is said");
}

static void others(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *message;
	} kinds[] = {
		{ "\x1f\x8b\x08", 3, "this is a gzip file; unpack it first" },
		{ "\xfd"
		  "7zXZ",
		  6, "this is an xz file" },
		{ "\x28\xb5\x2f\xfd", 4, "this is a Zstandard file" },
		{ "BZh9", 4, "this is a bzip2 file" },
		{ "070701", 6, "this is a cpio archive: an initial RAM disk? (--initrd)" },
		{ "x", 1, "not an ELF file" },
		{ "", 0, "not an ELF file" },
		{ "\177ELF", 4, "cut short: only 4 bytes" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		memcpy(file, kinds[i].bytes, kinds[i].len);
		is(load(&s390x, kinds[i].len), -ENOEXEC, "no guest: %s", kinds[i].message);
		has(err.text, kinds[i].message, "which is said");
	}
	memset(file, 0, sizeof(file));
	memcpy(file + 0x202, "HdrS", 4);
	ok(load(&s390x, 0x300) == -ENOEXEC && strstr(err.text, "for x86"), "a kernel for x86");
	memcpy(file + 0x38, "ARM\x64", 4);
	ok(load(&s390x, 0x206) == -ENOEXEC && strstr(err.text, "for x86"), "two marks: the first");
	ok(load(&s390x, 0x205) == -ENOEXEC && strstr(err.text, "for Arm"), "a kernel for Arm");
}

/* --- what Linux is given ------------------------------------------------ */

static uint64_t word(size_t at)
{
	uint64_t v = 0;

	for (size_t i = 0; i < 8; i++)
		v = v << 8 | ram.host[at + i];
	return v;
}

static int give(const char *params, const uint8_t *initrd, size_t size)
{
	struct boot boot = { .params = params };

	if (initrd)
		boot.initrd = payload_of("disk", initrd, size);
	return linux_put(&ram, &image, &boot, &err);
}

static void parameters(void)
{
	char long_text[1000];

	make_linux();
	load(&s390x, IMAGE_SIZE);
	is(give(NULL, NULL, 0), 0, "nothing");
	ok(!memcmp(ram.host, file, IMAGE_SIZE), "changes nothing");
	is(give("root=/dev/vda", NULL, 0), 0, "parameters");
	ok(!strcmp((char *)ram.host + PARAMS, "root=/dev/vda") && !word(0x10408) && !word(0x10410),
	   "are where they belong, and no initial RAM disk");
	memset(long_text, 'x', sizeof(long_text));
	long_text[895] = 0;
	is(give(long_text, NULL, 0), 0, "as many as there may be");
	memset(long_text, 'x', sizeof(long_text));
	long_text[896] = 0;
	is(give(long_text, NULL, 0), -ENOEXEC, "one byte more");
	has(err.text, "parameters of 896 bytes: this kernel has room for 895", "is too much");
	ram.host[LIMIT + 6] = 0x10; /* 4096 */
	is(give(long_text, NULL, 0), 0, "but not where there may be more");
	is(ram.host[PARAMS + 896], 0, "it ends");
	memset(ram.host + LIMIT, 0xff, 8);
	is(give(long_text, NULL, 0), 0, "any limit");
}

static void initrd(void)
{
	static uint8_t disk[RAM_SIZE];
	size_t most = RAM_SIZE - IMAGE_SIZE;

	memset(disk, 0x5a, sizeof(disk));
	load(&s390x, IMAGE_SIZE);
	is(give(NULL, disk, 5000), 0, "an initial RAM disk");
	ok(word(0x10408) == RAM_SIZE - 8192 && word(0x10410) == 5000, "is known");
	ok(!memcmp(ram.host + RAM_SIZE - 8192, disk, 5000) && !ram.host[RAM_SIZE - 8192 + 5000] &&
	           !ram.host[RAM_SIZE - 8193],
	   "and lies at the end of memory");
	is(give("x", disk, most), 0, "one that fills memory");
	is(word(0x10408), IMAGE_SIZE, "lies behind the kernel");
	is(give("x", disk, most + 1), -ENOEXEC, "one that is larger");
	has(err.text, "disk, an initial RAM disk of 188417 bytes, does not fit", "is refused");
	is(give("x", disk, RAM_SIZE), -ENOEXEC, "as large as memory");
	is(give("x", disk, 0), 0, "an empty one");
	ram.size = RAM_SIZE - 100;
	is(give("x", disk, 4096), 0, "memory that is not of whole pages");
	is(word(0x10408), RAM_SIZE - 8192, "still aligned");
	ram.size = RAM_SIZE;
	image.low = 0x10009;
	is(give("x", NULL, 0), -ENOEXEC, "a guest whose mark is not its own");
	image.low = 0;
	image.high = 0x1047f;
	is(give("x", NULL, 0), -ENOEXEC, "one that has no room for parameters");
	image.high = IMAGE_SIZE;
	ram.host[0x10009] = 0;
	is(give(NULL, disk, 1), -ENOEXEC, "one without a mark");
	has(err.text, "takes neither parameters nor an initial RAM disk", "is refused");
	is(give(NULL, NULL, 0), 0, "but not without either");
}

int main(void)
{
	ram.host = malloc(RAM_SIZE);
	raw();
	elf();
	others();
	parameters();
	initrd();
	free(ram.host);
	return tap_done();
}
