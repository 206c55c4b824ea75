/* SPDX-License-Identifier: BSD-2-Clause */
/* image.c: see image.h. Pure. Source of the s390 image: the kernel's arch/s390/boot/head.S. */
#include "image.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Of a Linux image for s390x: its mark, behind the instructions of its entry. */
#define S390_ENTRY 0x10000
#define S390_LEAST 0x11000 /* what follows the entry: its parameters */

/* How a file is recognized. */
static const struct mark {
	uint32_t at, len;
	const char *bytes;
	const char *what; /* and what to do with it */
} marks[] = {
	{ 0x10008, 6, "S390EP", "a Linux image for s390x; this zpvm runs another machine's" },
	{ 0x202, 4, "HdrS", "a Linux image for x86; this zpvm runs another machine's" },
	{ 0x38, 4, "ARM\x64", "a Linux image for Arm; this zpvm runs another machine's" },
	{ 0, 2, "\x1f\x8b", "a gzip file; unpack it first (gunzip)" },
	{ 0, 6,
	  "\xfd"
	  "7zXZ",
	  "an xz file; unpack it first (unxz)" },
	{ 0, 4, "\x28\xb5\x2f\xfd", "a Zstandard file; unpack it first (unzstd)" },
	{ 0, 3, "BZh", "a bzip2 file; unpack it first (bunzip2)" },
	{ 0, 5, "07070", "a cpio archive: an initial RAM disk? (--initrd)" },
};

/* 1: it has, 0: it has not; or a negative errno value. */
static int has_mark(const struct payload *file, const struct mark *mark, struct error *err)
{
	uint8_t bytes[8];
	int rc;

	if (file->size < mark->at + mark->len)
		return 0;
	rc = payload_read(file, mark->at, bytes, mark->len, err);
	return rc ? rc : !memcmp(bytes, mark->bytes, mark->len);
}

static int load_s390_linux(const struct payload *file, const struct ram *ram, struct image *image,
                           struct error *err)
{
	if (file->size < S390_LEAST)
		return error_set(err, -ENOEXEC, "a Linux image for s390x cut short: only %" PRIu64 " bytes",
		                 file->size);
	if (!ram_at(ram, 0, file->size))
		return error_set(err, -ENOEXEC,
		                 "a Linux image for s390x of %" PRIu64
		                 " bytes: larger than guest memory (0x%" PRIx64 "); give it more (-m)",
		                 file->size, ram->size);
	*image = (struct image){ IMAGE_S390_LINUX, S390_ENTRY, 0, file->size, true };
	return payload_load(file, 0, ram, 0, file->size, err);
}

static int load_elf(const struct payload *file, const struct elf_machine *machine, const struct ram *ram,
                    struct image *image, char *text, size_t size, struct error *err)
{
	struct elf_image elf;
	int rc = elf_load(file, machine, ram, &elf, err);

	if (rc)
		return rc;
	*image = (struct image){ IMAGE_ELF, elf.entry, elf.low, elf.high, elf.big_endian };
	snprintf(text, size, "ELF, %s-endian%s", elf.big_endian ? "big" : "little",
	         elf.moved ? ", relocated" : "");
	return 0;
}

int image_load(const struct payload *file, const struct image_machine *machine, const struct ram *ram,
               struct image *image, char *text, size_t size, struct error *err)
{
	const struct mark *mark = marks, *end = marks + sizeof(marks) / sizeof(marks[0]);
	static const struct mark elf = { 0, 4, "\177ELF", NULL };
	int rc = has_mark(file, &elf, err);

	if (rc)
		return rc < 0 ? rc : load_elf(file, &machine->elf, ram, image, text, size, err);
	while (mark < end && !rc) {
		rc = has_mark(file, mark, err);
		mark += !rc;
	}
	if (rc < 0)
		return rc;
	if (mark == marks && machine->s390_linux) {
		snprintf(text, size, "Linux image for s390x");
		return load_s390_linux(file, ram, image, err);
	}
	if (mark < end)
		return error_set(err, -ENOEXEC, "this is %s", mark->what);
	return error_set(err, -ENOEXEC, "offset 0: not an ELF file%s",
	                 machine->s390_linux ? ", and no Linux image (S390EP at offset 0x10008)" : "");
}
