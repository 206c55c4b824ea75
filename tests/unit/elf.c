/* SPDX-License-Identifier: BSD-2-Clause */
/* elf.c: the loader, with good files, cut ones and hostile ones. */
#include "vmm/elf.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "elf_file.h"
#include "tap.h"

#define RAM_SIZE 0x4000
#define FILLER   0xaa
#define BASE     0x1000
#define RELATIVE 22
#define PIE_SIZE (ELF_DATA + 88)

static struct ram ram = { .size = RAM_SIZE, .fd = -1 };
static struct elf_image image;
static struct error err;
static bool big, both; /* the byte order of the file; whether the machine has both */
static uint16_t machine;

/* RAM and the file are allocated to the byte, so that the address sanitizer sees every step outside. */
static int load(const uint8_t *file, size_t size)
{
	const struct elf_machine needs = { machine, big || both, !big || both, .relative = RELATIVE,
		                           .base = BASE };
	uint8_t *copy = malloc(size);
	struct payload file_of;
	int rc;

	memcpy(copy, file, size);
	memset(ram.host, FILLER, RAM_SIZE);
	file_of = payload_of("copy", copy, size);
	rc = elf_load(&file_of, &needs, &ram, &image, &err);
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
	refused("a core", EHDR(e_type), ET_CORE, "ELF type 4, not an executable (2 or 3)");
	refused("an object", EHDR(e_type), ET_REL, "(an object file), not an executable");
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

/* --- position-independent programs ------------------------------------ */

#define DYNAMIC (ELF_DATA)
#define RELA    (ELF_TEXT + 8)

/*
 * The good file, linked at 0x100: text with one relocation in it, which changes a word of the data, and a
 * dynamic section instead of the note, in the place of the data.
 */
static void pie_file(uint8_t file[PIE_SIZE])
{
	elf_file(file, big, machine);
	memset(file + ELF_DATA, 0, PIE_SIZE - ELF_DATA);
	elf_put(file, big, EHDR(e_type), ET_DYN);
	elf_put(file, big, EHDR(e_entry), 0x104);
	elf_segment(file, big, 0, PT_LOAD,
	            (uint64_t[]){ ELF_TEXT, 0x100, 0x100, ELF_TEXT_LEN, ELF_TEXT_LEN });
	elf_segment(file, big, 1, PT_DYNAMIC, (uint64_t[]){ DYNAMIC, 0x200, 0x200, 64, 64 });
	elf_segment(file, big, 2, PT_LOAD, (uint64_t[]){ DYNAMIC, 0x200, 0x200, 64, 80 });
	elf_put(file, big, DYNAMIC, 8, DT_RELA);
	elf_put(file, big, DYNAMIC + 8, 8, 0x108);
	elf_put(file, big, DYNAMIC + 16, 8, DT_RELASZ);
	elf_put(file, big, DYNAMIC + 24, 8, 24);
	elf_put(file, big, RELA, 8, 0x240);
	elf_put(file, big, RELA + 8, 8, RELATIVE);
	elf_put(file, big, RELA + 16, 8, 0x123);
}

static uint64_t word(size_t at)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | ram.host[at + (size_t)(big ? i : 7 - i)];
	return v;
}

static void pie_refused(const char *what, size_t offset, size_t len, uint64_t value, const char *message)
{
	uint8_t file[PIE_SIZE];

	pie_file(file);
	elf_put(file, big, offset, len, value);
	is(load(file, sizeof(file)), -ENOEXEC, "%s", what);
	has(err.text, message, "%s: says so", what);
	ok(untouched(0, RAM_SIZE), "%s: nothing is written", what);
}

static void pie(void)
{
	uint8_t file[PIE_SIZE];

	pie_file(file);
	is(load(file, sizeof(file)), 0, "a position-independent program");
	ok(image.entry == BASE + 0x104 && image.low == BASE + 0x100 && image.high == BASE + 0x250 &&
	           image.moved == BASE,
	   "is moved to the base");
	is(word(BASE + 0x240), BASE + 0x123, "and relocated");
	elf_put(file, big, RELA + 8, 8, 0);
	ok(!load(file, sizeof(file)) && !word(BASE + 0x240), "a relocation that is none");
	elf_put(file, big, PHDR(1, p_type), PT_NOTE);
	ok(!load(file, sizeof(file)) && image.moved == BASE, "one without a dynamic section");
	pie_file(file);
	elf_put(file, big, PHDR(2, p_vaddr), 0x10200);
	elf_put(file, big, RELA, 8, 0x10240);
	ok(!load(file, sizeof(file)) && !image.moved && image.entry == 0x104 && !word(0x240),
	   "one with physical addresses is loaded there, and not relocated");
	pie_file(file);
	elf_put(file, big, PHDR(0, p_vaddr), BASE + 0x100);
	elf_put(file, big, PHDR(0, p_paddr), BASE + 0x100);
	elf_put(file, big, PHDR(2, p_vaddr), BASE + 0x200);
	elf_put(file, big, PHDR(2, p_paddr), BASE + 0x200);
	elf_put(file, big, EHDR(e_entry), BASE + 0x104);
	ok(!load(file, sizeof(file)) && !image.moved && image.entry == BASE + 0x104,
	   "one that is linked behind the base stays there");
	pie_refused("another relocation", RELA + 8, 8, 38, "relocation type 38");
	pie_refused("one outside", RELA, 8, 0x249, "relocation of 0x249, which is in no loaded segment");
	pie_refused("one before", RELA, 8, 0xff, "relocation of 0xff, which");
	pie_refused("one far away", RELA, 8, UINT64_MAX, "in no loaded segment");
	pie_refused("a table outside", DYNAMIC + 8, 8, 0x111, "the relocations at 0x111 are in no");
	pie_refused("a table too long", DYNAMIC + 24, 8, 33, "the relocations at 0x108 are in no");
	pie_refused("a table of any length", DYNAMIC + 24, 8, UINT64_MAX, "are in no loaded segment");
	pie_refused("packed relocations", DYNAMIC, 8, DT_RELR, "packed ones");
	pie_refused("shared libraries", DYNAMIC, 8, DT_NEEDED, "it needs shared libraries");
	pie_refused("the dynamic section outside", PHDR(1, p_filesz), 89, "goes past the end");
	pie_refused("a segment that wraps around", PHDR(2, p_memsz), UINT64_MAX, "outside guest memory");
}

/* The entry of Linux is a virtual address. */
static void entries(void)
{
	uint8_t file[ELF_SIZE];

	elf_file(file, big, machine);
	elf_put(file, big, EHDR(e_entry), 0xc000000000002010);
	is(load(file, sizeof(file)), 0, "a virtual entry");
	is(image.entry, ELF_DATA_GPA + 8, "is that of its segment");
	elf_put(file, big, PHDR(0, p_vaddr), ELF_DATA_GPA);
	elf_put(file, big, EHDR(e_entry), ELF_DATA_GPA + 4);
	is(load(file, sizeof(file)), 0, "one that is a physical address, too");
	is(image.entry, ELF_TEXT_GPA + 4, "is taken as the virtual one");
	both = true;
	elf_file(file, !big, machine);
	ok(!load(file, sizeof(file)) && image.big_endian == !big,
	   "the other byte order, where there are both");
	elf_put(file, big, EI_DATA, 1, big ? ELFDATA2MSB : ELFDATA2LSB);
	ok(load(file, sizeof(file)) == -ENOEXEC && strstr(err.text, "not a "), "a wrong one");
	both = false;
}

/* A file of which less and less can be read, since it was opened: never one of zeros. */
static void unreadable(void)
{
	const struct elf_machine of = { machine, true, true, .relative = RELATIVE, .base = BASE };
	char path[] = "/tmp/elf.XXXXXX";
	uint8_t file[PIE_SIZE];
	struct payload payload;
	unsigned wrong = 0;
	int fd = mkstemp(path);

	pie_file(file);
	if (!ok(fd >= 0 && write(fd, file, sizeof(file)) == sizeof(file) &&
	                !payload_open(&payload, path, &err),
	        "a file"))
		return;
	is(elf_load(&payload, &of, &ram, &image, &err), 0, "it is loaded");
	for (off_t size = (off_t)sizeof(file) - 1; size >= 0; size--) {
		int rc = ftruncate(fd, size) ? 0 : elf_load(&payload, &of, &ram, &image, &err);

		/* What nothing is loaded from need not be there. */
		wrong += rc ? rc != -EIO || !strstr(err.text, "become shorter")
		            : size < (off_t)sizeof(Elf64_Ehdr);
		if (rc && rc != -EIO)
			printf("# %d bytes: %s\n", (int)size, err.text);
	}
	is(wrong, 0, "one that became shorter is said to be, whatever of it is missing");
	payload_close(&payload);
	close(fd);
	unlink(path);
}

/* Writes the good file of either byte order into a directory, to fuzz from. */
static int write_seeds(const char *directory)
{
	int failed = 0;

	for (int i = 0; i < 4; i++) {
		uint8_t file[PIE_SIZE] = { 0 };
		char path[300];
		FILE *f;

		big = i & 1;
		machine = big ? EM_S390 : EM_PPC64;
		snprintf(path, sizeof(path), "%s/%s%s", directory, big ? "big" : "little",
		         i / 2 ? "-pie" : "");
		if (i / 2)
			pie_file(file);
		else
			elf_file(file, big, machine);
		f = fopen(path, "w");
		failed |= !f || fwrite(file, 1, sizeof(file), f) != sizeof(file) || fclose(f);
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
		entries();
		pie();
		unreadable();
	}
	free(ram.host);
	return tap_done();
}
