/* SPDX-License-Identifier: BSD-2-Clause */
/* elf.c: see elf.h. Pure. */
#include "elf.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* A file and how to read numbers in it. */
struct elf_file {
	const uint8_t *bytes;
	size_t size;
	bool big_endian;
};

struct segment {
	uint64_t offset, paddr, filesz, memsz;
};

/* The caller has checked that offset + len lies inside. */
static uint64_t number(const struct elf_file *f, size_t offset, size_t len)
{
	uint64_t v = 0;

	for (size_t i = 0; i < len; i++)
		v = v << 8 | f->bytes[offset + (f->big_endian ? i : len - 1 - i)];
	return v;
}

#define FIELD(f, base, type, member) number(f, (base) + offsetof(type, member), sizeof(((type *)0)->member))

/* What people have at hand. */
static const char *machine_name(uint64_t machine)
{
	switch (machine) {
	case EM_386: return "x86";
	case EM_X86_64: return "x86-64";
	case EM_S390: return "s390x";
	case EM_PPC: return "PowerPC";
	case EM_PPC64: return "POWER";
	case EM_ARM: return "Arm";
	case EM_AARCH64: return "Arm, 64 bits";
	case EM_RISCV: return "RISC-V";
	default: return "unknown";
	}
}

/* The machine first: the file says it in its own byte order, and what else is not as it should be follows
 * from it. */
static int check_machine(const struct elf_file *f, uint16_t machine, struct error *err)
{
	const struct elf_file own = { f->bytes, f->size, f->bytes[EI_DATA] == ELFDATA2MSB };
	uint64_t v = FIELD(&own, 0, Elf64_Ehdr, e_machine);

	if (v != machine && FIELD(f, 0, Elf64_Ehdr, e_machine) != machine)
		return error_set(
			err, -ENOEXEC, "offset %zu: ELF machine %" PRIu64 " (%s); this zpvm runs %u (%s)",
			offsetof(Elf64_Ehdr, e_machine), v, machine_name(v), machine, machine_name(machine));
	if (f->bytes[EI_CLASS] != ELFCLASS64)
		return error_set(err, -ENOEXEC, "offset %d: not a 64-bit ELF file", EI_CLASS);
	if (f->bytes[EI_DATA] != (f->big_endian ? ELFDATA2MSB : ELFDATA2LSB))
		return error_set(err, -ENOEXEC, "offset %d: not a %s-endian ELF file", EI_DATA,
		                 f->big_endian ? "big" : "little");
	return 0;
}

static int check_header(const struct elf_file *f, uint16_t machine, struct error *err)
{
	uint64_t v;
	int rc;

	if (f->size < SELFMAG || memcmp(f->bytes, ELFMAG, SELFMAG))
		return error_set(err, -ENOEXEC, "offset 0: not an ELF file");
	if (f->size < sizeof(Elf64_Ehdr))
		return error_set(err, -ENOEXEC, "an ELF file cut short: only %zu bytes", f->size);
	rc = check_machine(f, machine, err);
	if (rc)
		return rc;
	v = FIELD(f, 0, Elf64_Ehdr, e_type);
	if (v != ET_EXEC)
		return error_set(err, -ENOEXEC,
		                 "offset %zu: ELF type %" PRIu64 "%s, not a static executable (%d)%s",
		                 offsetof(Elf64_Ehdr, e_type), v,
		                 v == ET_DYN   ? " (position-independent)"
		                 : v == ET_REL ? " (an object file)"
		                               : "",
		                 ET_EXEC, v == ET_DYN ? "; link it with -static -no-pie" : "");
	v = FIELD(f, 0, Elf64_Ehdr, e_phentsize);
	if (v != sizeof(Elf64_Phdr))
		return error_set(err, -ENOEXEC, "offset %zu: program header size %" PRIu64 ", must be %zu",
		                 offsetof(Elf64_Ehdr, e_phentsize), v, sizeof(Elf64_Phdr));
	return 0;
}

static int check_segment(const struct elf_file *f, size_t at, const struct ram *ram, struct segment *s,
                         struct error *err)
{
	s->offset = FIELD(f, at, Elf64_Phdr, p_offset);
	s->paddr = FIELD(f, at, Elf64_Phdr, p_paddr);
	s->filesz = FIELD(f, at, Elf64_Phdr, p_filesz);
	s->memsz = FIELD(f, at, Elf64_Phdr, p_memsz);
	if (s->offset > f->size || s->filesz > f->size - s->offset)
		return error_set(err, -ENOEXEC,
		                 "offset %zu: segment of %" PRIu64 " bytes at %" PRIu64
		                 " goes past the end of the file (%zu)",
		                 at, s->filesz, s->offset, f->size);
	if (s->filesz > s->memsz)
		return error_set(err, -ENOEXEC,
		                 "offset %zu: segment has more bytes in the file (%" PRIu64
		                 ") than in memory (%" PRIu64 ")",
		                 at, s->filesz, s->memsz);
	if (!ram_at(ram, s->paddr, s->memsz))
		return error_set(err, -ENOEXEC,
		                 "offset %zu: segment 0x%" PRIx64 "+0x%" PRIx64
		                 " is outside guest memory (0x%" PRIx64
		                 "); give it more (-m), or link the segment lower (-Ttext=ADDRESS)",
		                 at, s->paddr, s->memsz, ram->size);
	return 0;
}

int elf_load(const uint8_t *file, size_t size, uint16_t machine, bool big_endian, const struct ram *ram,
             struct elf_image *image, struct error *err)
{
	const struct elf_file f = { file, size, big_endian };
	int rc = check_header(&f, machine, err);
	uint64_t phoff, phnum;

	if (rc)
		return rc;
	*image = (struct elf_image){ .low = UINT64_MAX };
	image->entry = FIELD(&f, 0, Elf64_Ehdr, e_entry);
	phoff = FIELD(&f, 0, Elf64_Ehdr, e_phoff);
	phnum = FIELD(&f, 0, Elf64_Ehdr, e_phnum);
	if (phoff > size || phnum * sizeof(Elf64_Phdr) > size - phoff)
		return error_set(err, -ENOEXEC,
		                 "offset %zu: %" PRIu64 " program headers at %" PRIu64
		                 " go past the end of the file (%zu)",
		                 offsetof(Elf64_Ehdr, e_phoff), phnum, phoff, size);
	/* Twice over the same headers: first look, then touch. */
	for (int load = 0; load < 2; load++) {
		bool entry_loaded = false;

		for (uint64_t i = 0; i < phnum; i++) {
			size_t at = (size_t)(phoff + i * sizeof(Elf64_Phdr));
			struct segment s;
			uint8_t *to;

			if (FIELD(&f, at, Elf64_Phdr, p_type) != PT_LOAD ||
			    !FIELD(&f, at, Elf64_Phdr, p_memsz))
				continue;
			rc = check_segment(&f, at, ram, &s, err);
			if (rc)
				return rc;
			image->low = s.paddr < image->low ? s.paddr : image->low;
			image->high = s.paddr + s.memsz > image->high ? s.paddr + s.memsz : image->high;
			entry_loaded |= image->entry >= s.paddr && image->entry - s.paddr < s.memsz;
			if (!load)
				continue;
			to = ram_at(ram, s.paddr, s.memsz);
			memcpy(to, file + s.offset, s.filesz);
			memset(to + s.filesz, 0, s.memsz - s.filesz);
		}
		if (!entry_loaded)
			return error_set(err, -ENOEXEC,
			                 "offset %zu: entry 0x%" PRIx64 " lies in no loaded segment",
			                 offsetof(Elf64_Ehdr, e_entry), image->entry);
	}
	return 0;
}
