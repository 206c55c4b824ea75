/* SPDX-License-Identifier: BSD-2-Clause */
/* elf.c: see elf.h. Pure. */
#include "elf.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "elf_file.h"

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
static int check_machine(struct elf_file *f, const uint8_t *ident, const struct elf_machine *machine,
                         struct error *err)
{
	uint64_t v;

	f->big_endian = ident[EI_DATA] == ELFDATA2MSB;
	v = FIELD(f, 0, Elf64_Ehdr, e_machine);
	f->big_endian = !f->big_endian;
	if (v != machine->number && FIELD(f, 0, Elf64_Ehdr, e_machine) != machine->number)
		return error_set(err, -ENOEXEC,
		                 "offset %zu: ELF machine %" PRIu64 " (%s); this zpvm runs %u (%s)",
		                 offsetof(Elf64_Ehdr, e_machine), v, machine_name(v), machine->number,
		                 machine_name(machine->number));
	f->big_endian = !f->big_endian;
	if (ident[EI_CLASS] != ELFCLASS64)
		return error_set(err, -ENOEXEC, "offset %d: not a 64-bit ELF file", EI_CLASS);
	if (v != machine->number || !(f->big_endian ? machine->big : machine->little))
		return error_set(err, -ENOEXEC, "offset %d: not a %s-endian ELF file", EI_DATA,
		                 (v == machine->number ? machine->big : f->big_endian) ? "big" : "little");
	return 0;
}

static int check_header(struct elf_file *f, const struct elf_machine *machine, struct error *err)
{
	uint8_t ident[EI_NIDENT];
	uint64_t v;
	int rc;

	if (f->size < SELFMAG)
		return error_set(err, -ENOEXEC, "offset 0: not an ELF file");
	rc = payload_read(f->payload, 0, ident, f->size < EI_NIDENT ? SELFMAG : EI_NIDENT, err);
	if (rc)
		return rc;
	if (memcmp(ident, ELFMAG, SELFMAG))
		return error_set(err, -ENOEXEC, "offset 0: not an ELF file");
	if (f->size < sizeof(Elf64_Ehdr))
		return error_set(err, -ENOEXEC, "an ELF file cut short: only %" PRIu64 " bytes", f->size);
	rc = check_machine(f, ident, machine, err);
	if (rc)
		return rc;
	v = FIELD(f, 0, Elf64_Ehdr, e_type);
	f->moves = v == ET_DYN;
	if (v != ET_EXEC && v != ET_DYN)
		return error_set(err, -ENOEXEC,
		                 "offset %zu: ELF type %" PRIu64 "%s, not an executable (%d or %d)",
		                 offsetof(Elf64_Ehdr, e_type), v, v == ET_REL ? " (an object file)" : "",
		                 ET_EXEC, ET_DYN);
	v = FIELD(f, 0, Elf64_Ehdr, e_phentsize);
	if (v != sizeof(Elf64_Phdr))
		return error_set(err, -ENOEXEC, "offset %zu: program header size %" PRIu64 ", must be %zu",
		                 offsetof(Elf64_Ehdr, e_phentsize), v, sizeof(Elf64_Phdr));
	f->phoff = FIELD(f, 0, Elf64_Ehdr, e_phoff);
	f->phnum = FIELD(f, 0, Elf64_Ehdr, e_phnum);
	if (f->phoff > f->size || f->phnum * sizeof(Elf64_Phdr) > f->size - f->phoff)
		return error_set(err, -ENOEXEC,
		                 "offset %zu: %" PRIu64 " program headers at %" PRIu64
		                 " go past the end of the file (%" PRIu64 ")",
		                 offsetof(Elf64_Ehdr, e_phoff), f->phnum, f->phoff, f->size);
	return 0;
}

/* The segment that this program header describes, which is not empty. */
static int read_segment(struct elf_file *f, uint64_t at, struct error *err)
{
	struct elf_segment *s = &f->segments[f->segment_count];

	if (f->segment_count == ELF_SEGMENTS_MAX)
		return error_set(err, -ENOEXEC, "offset %" PRIu64 ": more than %d segments", at,
		                 ELF_SEGMENTS_MAX);
	f->segment_count++;
	s->offset = FIELD(f, at, Elf64_Phdr, p_offset);
	s->vaddr = FIELD(f, at, Elf64_Phdr, p_vaddr);
	s->paddr = FIELD(f, at, Elf64_Phdr, p_paddr);
	s->filesz = FIELD(f, at, Elf64_Phdr, p_filesz);
	s->memsz = FIELD(f, at, Elf64_Phdr, p_memsz);
	if (s->offset > f->size || s->filesz > f->size - s->offset)
		return error_set(err, -ENOEXEC,
		                 "offset %" PRIu64 ": segment of %" PRIu64 " bytes at %" PRIu64
		                 " goes past the end of the file (%" PRIu64 ")",
		                 at, s->filesz, s->offset, f->size);
	if (s->filesz > s->memsz)
		return error_set(err, -ENOEXEC,
		                 "offset %" PRIu64 ": segment has more bytes in the file (%" PRIu64
		                 ") than in memory (%" PRIu64 ")",
		                 at, s->filesz, s->memsz);
	return 0;
}

static int read_segments(struct elf_file *f, struct error *err)
{
	int rc = 0;

	for (uint64_t i = 0; !rc && i < f->phnum; i++) {
		uint64_t at = f->phoff + i * sizeof(Elf64_Phdr);

		if (FIELD(f, at, Elf64_Phdr, p_type) == PT_LOAD && FIELD(f, at, Elf64_Phdr, p_memsz))
			rc = read_segment(f, at, err);
	}
	return rc;
}

/* By how much a position-independent program is moved. What has physical addresses of its own (Linux) stays
 * there, and relocates itself. */
static gpa_t find_move(const struct elf_file *f, gpa_t base)
{
	const struct elf_segment *s = f->segments;
	gpa_t low = UINT64_MAX;

	for (; s < f->segments + f->segment_count; s++) {
		if (!f->moves || s->paddr != s->vaddr)
			return 0;
		low = s->paddr < low ? s->paddr : low;
	}
	return low < base ? base : 0;
}

/* Finds a place for each segment. */
static int place(struct elf_file *f, const struct ram *ram, struct elf_image *image, struct error *err)
{
	struct elf_segment *s = f->segments;

	for (; s < f->segments + f->segment_count; s++) {
		s->to = s->paddr + f->move;
		if (s->to < f->move || !ram_at(ram, s->to, s->memsz))
			return error_set(err, -ENOEXEC,
			                 "segment 0x%" PRIx64 "+0x%" PRIx64
			                 " is outside guest memory (0x%" PRIx64
			                 "); give it more (-m), or link the segment lower (-Ttext=ADDRESS)",
			                 s->paddr, s->memsz, ram->size);
		image->low = s->to < image->low ? s->to : image->low;
		image->high = s->to + s->memsz > image->high ? s->to + s->memsz : image->high;
	}
	return 0;
}

/* The entry is virtual, or, where no segment has it, physical. */
static int find_entry(const struct elf_file *f, struct elf_image *image, struct error *err)
{
	uint64_t entry = FIELD(f, 0, Elf64_Ehdr, e_entry);
	const struct elf_segment *s = f->segments;
	bool found = false;

	for (; s < f->segments + f->segment_count; s++) {
		if (entry >= s->vaddr && entry - s->vaddr < s->memsz) {
			image->entry = s->to + (entry - s->vaddr);
			return 0;
		}
		if (entry >= s->paddr && entry - s->paddr < s->memsz) {
			image->entry = s->to + (entry - s->paddr);
			found = true;
		}
	}
	return found ? 0
	             : error_set(err, -ENOEXEC, "offset %zu: entry 0x%" PRIx64 " lies in no loaded segment",
	                         offsetof(Elf64_Ehdr, e_entry), entry);
}

static int load(struct elf_file *f, const struct elf_machine *machine, const struct ram *ram,
                struct elf_image *image, struct error *err)
{
	int rc = check_header(f, machine, err);

	if (!rc)
		rc = read_segments(f, err);
	if (rc)
		return rc;
	f->move = find_move(f, machine->base);
	*image = (struct elf_image){ .low = UINT64_MAX, .big_endian = f->big_endian, .moved = f->move };
	rc = place(f, ram, image, err);
	if (!rc)
		rc = find_entry(f, image, err);
	if (!rc && f->move)
		rc = elf_relocate(f, machine->relative, NULL, err);
	for (const struct elf_segment *s = f->segments; !rc && s < f->segments + f->segment_count; s++) {
		rc = payload_load(f->payload, s->offset, ram, s->to, s->filesz, err);
		memset(ram_at(ram, s->to + s->filesz, s->memsz - s->filesz), 0, s->memsz - s->filesz);
	}
	if (!rc && f->move)
		rc = elf_relocate(f, machine->relative, ram, err);
	return rc;
}

int elf_load(const struct payload *file, const struct elf_machine *machine, const struct ram *ram,
             struct elf_image *image, struct error *err)
{
	struct elf_trouble trouble = { 0 };
	struct elf_file f = { .payload = file, .size = file->size, .trouble = &trouble };
	int rc = load(&f, machine, ram, image, err);

	if (trouble.rc)
		*err = trouble.why;
	return trouble.rc ? trouble.rc : rc;
}
