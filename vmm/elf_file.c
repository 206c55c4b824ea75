/* SPDX-License-Identifier: BSD-2-Clause */
/* elf_file.c: see elf_file.h. Pure. */
#include "elf_file.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>

static uint64_t number(const uint8_t *bytes, size_t len, bool big_endian)
{
	uint64_t v = 0;

	for (size_t i = 0; i < len; i++)
		v = v << 8 | bytes[big_endian ? i : len - 1 - i];
	return v;
}

uint64_t elf_number(const struct elf_file *f, uint64_t offset, size_t len)
{
	uint8_t bytes[8] = { 0 };
	struct error why;
	int rc = payload_read(f->payload, offset, bytes, len, &why);

	if (rc && !f->trouble->rc)
		*f->trouble = (struct elf_trouble){ rc, why };
	return rc ? 0 : number(bytes, len, f->big_endian);
}

/* Where in the file the len bytes are that have this virtual address; UINT64_MAX: nowhere. */
static uint64_t offset_of(const struct elf_file *f, uint64_t vaddr, uint64_t len)
{
	const struct elf_segment *s = f->segments;

	for (; s < f->segments + f->segment_count; s++)
		if (vaddr >= s->vaddr && vaddr - s->vaddr <= s->filesz &&
		    len <= s->filesz - (vaddr - s->vaddr))
			return s->offset + (vaddr - s->vaddr);
	return UINT64_MAX;
}

/* Whether a word at this virtual address is loaded. */
static bool is_loaded(const struct elf_file *f, uint64_t vaddr)
{
	const struct elf_segment *s = f->segments;

	for (; s < f->segments + f->segment_count; s++)
		if (vaddr >= s->vaddr && s->memsz >= 8 && vaddr - s->vaddr <= s->memsz - 8)
			return true;
	return false;
}

static void put(const struct elf_file *f, uint8_t *to, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		to[f->big_endian ? 7 - i : i] = (uint8_t)(value >> 8 * i);
}

/* An entry of a table of relocations, which is at this offset. */
static int relocate(const struct elf_file *f, uint64_t at, const uint8_t *entry, uint32_t relative,
                    const struct ram *ram, struct error *err)
{
	uint64_t where = number(entry + offsetof(Elf64_Rela, r_offset), 8, f->big_endian);
	uint64_t info = number(entry + offsetof(Elf64_Rela, r_info), 8, f->big_endian);
	uint64_t addend = number(entry + offsetof(Elf64_Rela, r_addend), 8, f->big_endian);
	uint8_t *to;

	if (!ELF64_R_TYPE(info)) /* R_*_NONE */
		return 0;
	if (ELF64_R_TYPE(info) != relative)
		return error_set(err, -ENOEXEC,
		                 "offset %" PRIu64
		                 ": relocation type %u; a program without a loader of its own "
		                 "may have only %u (link it with -static-pie or -static)",
		                 at, (unsigned)ELF64_R_TYPE(info), relative);
	if (!is_loaded(f, where))
		return error_set(err, -ENOEXEC,
		                 "offset %" PRIu64 ": relocation of 0x%" PRIx64
		                 ", which is in no loaded segment",
		                 at, where);
	to = ram ? ram_at(ram, where + f->move, 8) : NULL;
	if (to)
		put(f, to, addend + f->move);
	return 0;
}

/* What the dynamic section says of relocations. */
struct tables {
	uint64_t rela, rela_size, plt, plt_size;
};

static int read_dynamic(const struct elf_file *f, uint64_t at, struct tables *t, struct error *err)
{
	uint64_t offset = FIELD(f, at, Elf64_Phdr, p_offset), size = FIELD(f, at, Elf64_Phdr, p_filesz);

	if (offset > f->size || size > f->size - offset)
		return error_set(err, -ENOEXEC,
		                 "offset %" PRIu64 ": the dynamic section goes past the end of the file", at);
	for (uint64_t i = 0; i < size / sizeof(Elf64_Dyn); i++, offset += sizeof(Elf64_Dyn)) {
		uint64_t value = FIELD(f, offset, Elf64_Dyn, d_un);

		switch (FIELD(f, offset, Elf64_Dyn, d_tag)) {
		case DT_NULL: return 0;
		case DT_RELA: t->rela = value; break;
		case DT_RELASZ: t->rela_size = value; break;
		case DT_JMPREL: t->plt = value; break;
		case DT_PLTRELSZ: t->plt_size = value; break;
		case DT_NEEDED:
			return error_set(err, -ENOEXEC,
			                 "offset %" PRIu64
			                 ": it needs shared libraries; link it with -static-pie",
			                 offset);
		case DT_REL:
		case DT_RELR:
			return error_set(err, -ENOEXEC,
			                 "offset %" PRIu64 ": relocations without addends, or packed ones "
			                 "(link it with -z nopack-relative-relocs)",
			                 offset);
		default: break;
		}
	}
	return 0;
}

#define AT_ONCE 64

static int relocate_all(const struct elf_file *f, uint64_t vaddr, uint64_t size, uint32_t relative,
                        const struct ram *ram, struct error *err)
{
	uint64_t at = size ? offset_of(f, vaddr, size) : 0, end = at + size;
	uint8_t entries[AT_ONCE * sizeof(Elf64_Rela)];
	int rc = 0;

	if (at == UINT64_MAX)
		return error_set(err, -ENOEXEC, "the relocations at 0x%" PRIx64 " are in no loaded segment",
		                 vaddr);
	while (!rc && end - at >= sizeof(Elf64_Rela)) {
		size_t len = end - at < sizeof(entries) ? (size_t)(end - at) : sizeof(entries);

		rc = payload_read(f->payload, at, entries, len, err);
		for (size_t i = 0; !rc && i + sizeof(Elf64_Rela) <= len; i += sizeof(Elf64_Rela))
			rc = relocate(f, at + i, entries + i, relative, ram, err);
		at += len / sizeof(Elf64_Rela) * sizeof(Elf64_Rela);
	}
	return rc;
}

int elf_relocate(const struct elf_file *f, uint32_t relative, const struct ram *ram, struct error *err)
{
	struct tables t = { 0 };
	int rc = 0;

	for (uint64_t i = 0; !rc && i < f->phnum; i++) {
		uint64_t at = f->phoff + i * sizeof(Elf64_Phdr);

		if (FIELD(f, at, Elf64_Phdr, p_type) == PT_DYNAMIC)
			rc = read_dynamic(f, at, &t, err);
	}
	if (!rc)
		rc = relocate_all(f, t.rela, t.rela_size, relative, ram, err);
	if (!rc)
		rc = relocate_all(f, t.plt, t.plt_size, relative, ram, err);
	return rc;
}
