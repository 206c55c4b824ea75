/* SPDX-License-Identifier: BSD-2-Clause */
/* elf.c: the loader, with good files, cut ones and hostile ones. */
#include "vmm/elf.h"

#include <errno.h>
#include <stdlib.h>

#include "elf_file.h"
#include "tap.h"

#define RAM_SIZE 0x4000
#define FILLER   0xaa

static struct ram ram = { .size = RAM_SIZE, .fd = -1 };
static struct elf_image image;
static struct error err;
static bool big;
static uint16_t machine;

/* RAM and the file are allocated to the byte, so that the address sanitizer sees every step outside. */
static int load(const uint8_t *file, size_t size)
{
	uint8_t *copy = malloc(size);
	int rc;

	memcpy(copy, file, size);
	memset(ram.host, FILLER, RAM_SIZE);
	rc = elf_load(copy, size, machine, big, &ram, &image, &err);
	free(copy);
	return rc;
}

static bool untouched(size_t from, size_t to)
{
	while (from < to && ram.host[from] == FILLER)
		from++;
	return from == to;
}

static bool loaded(const uint8_t *file)
{
	static const uint8_t zeros[ELF_DATA_MEM];

	return image.entry == ELF_ENTRY && image.low == ELF_TEXT_GPA &&
	       image.high == ELF_DATA_GPA + ELF_DATA_MEM && untouched(0, ELF_TEXT_GPA) &&
	       !memcmp(ram.host + ELF_TEXT_GPA, file + ELF_TEXT, ELF_TEXT_LEN) &&
	       untouched(ELF_TEXT_GPA + ELF_TEXT_LEN, ELF_DATA_GPA) &&
	       !memcmp(ram.host + ELF_DATA_GPA, file + ELF_DATA, ELF_DATA_LEN) &&
	       !memcmp(ram.host + ELF_DATA_GPA + ELF_DATA_LEN, zeros, ELF_DATA_MEM - ELF_DATA_LEN) &&
	       untouched(ELF_DATA_GPA + ELF_DATA_MEM, RAM_SIZE);
}

/* A good file with one field changed: refused with these words, and RAM is as it was. */
static void refused(const char *what, size_t offset, size_t len, uint64_t value, const char *message)
{
	uint8_t file[ELF_SIZE];
	int rc;

	elf_file(file, big, machine);
	elf_put(file, big, offset, len, value);
	rc = load(file, sizeof(file));
	is(rc, -ENOEXEC, "%s", what);
	has(err.text, message, "%s: says so", what);
	ok(untouched(0, RAM_SIZE), "%s: nothing is written", what);
}

static void cut(void)
{
	uint8_t file[ELF_SIZE];
	unsigned wrong = 0, good = 0;

	elf_file(file, big, machine);
	for (size_t size = 0; size <= sizeof(file); size++) {
		int rc = load(file, size);

		good += !rc;
		if (rc ? rc != -ENOEXEC || !untouched(0, RAM_SIZE) : !loaded(file))
			wrong++;
	}
	is(wrong, 0, "cut at each byte: an error and nothing written, or all is loaded");
	is(good, 17, "loaded only when no segment is cut");
}

/* Each byte set to each of a few values: no step outside, and an error writes nothing. */
static void changed(void)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };
	unsigned wrong = 0;

	for (size_t i = 0; i < 5 * ELF_TEXT; i++) {
		uint8_t file[ELF_SIZE];
		int rc;

		elf_file(file, big, machine);
		file[i / 5] = values[i % 5];
		rc = load(file, sizeof(file));
		wrong += rc ? rc != -ENOEXEC || !untouched(0, RAM_SIZE)
		            : image.entry < image.low || image.entry >= image.high || image.high > RAM_SIZE;
	}
	is(wrong, 0, "each byte of the headers changed: refused whole, or loaded inside RAM");
}

static void headers(void)
{
	refused("magic", 0, 1, 0, "offset 0: not an ELF file");
	refused("32 bits", EI_CLASS, 1, ELFCLASS32, "not a 64-bit ELF file");
	refused("the other byte order", EI_DATA, 1, big ? ELFDATA2LSB : ELFDATA2MSB, "endian ELF file");
	refused("a shared object", EHDR(e_type), ET_DYN,
	        "(position-independent), not a static executable (2); link it");
	refused("an object", EHDR(e_type), ET_REL, "(an object file), not a static executable");
	refused("another machine", EHDR(e_machine), EM_X86_64, "ELF machine 62 (x86-64); this zpvm runs");
	refused("program header size 0", EHDR(e_phentsize), 0, "program header size 0");
	refused("program header size 57", EHDR(e_phentsize), 57, "program header size 57");
	refused("65535 program headers", EHDR(e_phnum), 0xffff, "65535 program headers");
	refused("no program headers", EHDR(e_phnum), 0, "lies in no loaded segment");
	refused("headers at the end", EHDR(e_phoff), ELF_SIZE, "past the end of the file");
	refused("headers so that the sum wraps", EHDR(e_phoff), UINT64_MAX - 55, "past the end of the file");
	refused("entry 0", EHDR(e_entry), 0, "entry 0x0 lies in no loaded segment");
	refused("entry behind all", EHDR(e_entry), ELF_DATA_GPA + ELF_DATA_MEM, "lies in no loaded segment");
	refused("entry between segments", EHDR(e_entry), ELF_TEXT_GPA + ELF_TEXT_LEN,
	        "lies in no loaded segment");
	refused("entry far away", EHDR(e_entry), UINT64_MAX, "lies in no loaded segment");
}

/* Of the last segment: the first one is good, and must not be written either. */
static void segments(void)
{
	refused("more in the file than in memory", PHDR(2, p_memsz), ELF_DATA_LEN - 1,
	        "more bytes in the file (24) than in memory (23)");
	refused("file size too large", PHDR(2, p_filesz), ELF_DATA_LEN + 17, "past the end of the file");
	refused("file size huge", PHDR(2, p_filesz), UINT64_MAX, "past the end of the file");
	refused("offset huge", PHDR(2, p_offset), UINT64_MAX, "past the end of the file");
	refused("offset and size so that the sum wraps", PHDR(2, p_offset), UINT64_MAX - ELF_DATA_LEN + 1,
	        "past the end of the file");
	refused("memory size huge", PHDR(2, p_memsz), UINT64_MAX,
	        "outside guest memory (0x4000); give it more (-m)");
	refused("one byte beyond RAM", PHDR(2, p_memsz), RAM_SIZE - ELF_DATA_GPA + 1, "outside guest memory");
	refused("address at the end of RAM", PHDR(2, p_paddr), RAM_SIZE, "outside guest memory");
	refused("address huge", PHDR(2, p_paddr), UINT64_MAX, "outside guest memory");
	refused("address and size so that the sum wraps", PHDR(2, p_paddr), UINT64_MAX - ELF_DATA_MEM + 1,
	        "outside guest memory");
}

static void edges(void)
{
	uint8_t file[ELF_SIZE];

	elf_file(file, big, machine);
	elf_put(file, big, PHDR(2, p_memsz), RAM_SIZE - ELF_DATA_GPA);
	is(load(file, sizeof(file)), 0, "up to the last byte of RAM");
	is(image.high, RAM_SIZE, "is known");
	is(ram.host[RAM_SIZE - 1], 0, "and cleared");
	elf_file(file, false, EM_X86_64);
	ok(load(file, sizeof(file)) == -ENOEXEC && strstr(err.text, "x86-64"),
	   "a file for another machine: says which");
	elf_file(file, !big, machine);
	ok(load(file, sizeof(file)) == -ENOEXEC && strstr(err.text, "endian"), "one of the other byte order");
	elf_file(file, big, machine);
	ok(load(file, 20) == -ENOEXEC && strstr(err.text, "cut short: only 20 bytes"),
	   "one cut short: says so");
	ok(load((const uint8_t *)"text", 4) == -ENOEXEC && strstr(err.text, "not an ELF file"),
	   "no ELF file");
	elf_put(file, big, PHDR(2, p_filesz), 0);
	is(load(file, sizeof(file)), 0, "a segment that is only zeros");
	is(ram.host[ELF_DATA_GPA], 0, "is cleared");
	elf_put(file, big, PHDR(2, p_memsz), 0);
	elf_put(file, big, PHDR(2, p_paddr), UINT64_MAX);
	is(load(file, sizeof(file)), 0, "an empty segment may be anywhere");
	is(image.high, ELF_TEXT_GPA + ELF_TEXT_LEN, "and is not counted");
}

/* Writes the good file of either byte order into a directory, to fuzz from. */
static int write_seeds(const char *directory)
{
	int failed = 0;

	for (int i = 0; i < 2; i++) {
		uint8_t file[ELF_SIZE];
		char path[300];
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s", directory, i ? "big" : "little");
		elf_file(file, i, i ? EM_S390 : EM_PPC64);
		f = fopen(path, "w");
		failed |= !f || fwrite(file, 1, ELF_SIZE, f) != ELF_SIZE || fclose(f);
	}
	return failed;
}

/* With an argument: writes the seeds there. */
int main(int argc, char **argv)
{
	static const uint16_t machines[] = { EM_S390, EM_PPC64 };

	if (argc > 1)
		return write_seeds(argv[1]);
	ram.host = malloc(RAM_SIZE);
	for (int i = 0; i < 4; i++) {
		uint8_t file[ELF_SIZE];

		big = i & 1;
		machine = machines[i / 2];
		elf_file(file, big, machine);
		is(load(file, sizeof(file)), 0, "machine %u, %s-endian", machine, big ? "big" : "little");
		ok(loaded(file), "segments and zeros are where they belong, the rest is untouched");
		cut();
		changed();
		headers();
		segments();
		edges();
	}
	free(ram.host);
	return tap_done();
}
