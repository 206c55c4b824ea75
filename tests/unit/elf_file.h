/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * elf_file.h: makes a small ELF64 executable to be loaded: two PT_LOAD
 * segments (one with zeros behind it), a note, 16 bytes that nobody needs.
 */
#ifndef TESTS_UNIT_ELF_FILE_H
#define TESTS_UNIT_ELF_FILE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	ELF_PH = 64, /* the program headers: text, note, data */
	ELF_TEXT = ELF_PH + 3 * 56,
	ELF_TEXT_LEN = 40,
	ELF_DATA = ELF_TEXT + ELF_TEXT_LEN,
	ELF_DATA_LEN = 24,
	ELF_DATA_MEM = 64,
	ELF_SIZE = ELF_DATA + ELF_DATA_LEN + 16,
	ELF_TEXT_GPA = 0x1000,
	ELF_DATA_GPA = 0x2008,
	ELF_ENTRY = 0x1004,
};

#define EHDR(member)    offsetof(Elf64_Ehdr, member), sizeof(((Elf64_Ehdr *)0)->member)
#define PHDR(i, member) ELF_PH + 56 * (i) + offsetof(Elf64_Phdr, member), sizeof(((Elf64_Phdr *)0)->member)

static inline void elf_put(uint8_t *file, bool big, size_t offset, size_t len, uint64_t value)
{
	for (size_t i = 0; i < len; i++)
		file[offset + (big ? len - 1 - i : i)] = (uint8_t)(value >> 8 * i);
}

static inline void elf_segment(uint8_t *file, bool big, unsigned i, uint32_t type, const uint64_t field[5])
{
	elf_put(file, big, PHDR(i, p_type), type);
	elf_put(file, big, PHDR(i, p_offset), field[0]);
	elf_put(file, big, PHDR(i, p_vaddr), field[1]);
	elf_put(file, big, PHDR(i, p_paddr), field[2]);
	elf_put(file, big, PHDR(i, p_filesz), field[3]);
	elf_put(file, big, PHDR(i, p_memsz), field[4]);
}

static inline void elf_file(uint8_t file[ELF_SIZE], bool big, uint16_t machine)
{
	memset(file, 0, ELF_SIZE);
	memcpy(file, ELFMAG, SELFMAG);
	file[EI_CLASS] = ELFCLASS64;
	file[EI_DATA] = big ? ELFDATA2MSB : ELFDATA2LSB;
	file[EI_VERSION] = EV_CURRENT;
	elf_put(file, big, EHDR(e_type), ET_EXEC);
	elf_put(file, big, EHDR(e_machine), machine);
	elf_put(file, big, EHDR(e_version), EV_CURRENT);
	elf_put(file, big, EHDR(e_entry), ELF_ENTRY);
	elf_put(file, big, EHDR(e_phoff), ELF_PH);
	elf_put(file, big, EHDR(e_phentsize), 56);
	elf_put(file, big, EHDR(e_phnum), 3);
	elf_segment(file, big, 0, PT_LOAD,
	            (uint64_t[]){ ELF_TEXT, 0xc000000000001000, ELF_TEXT_GPA, ELF_TEXT_LEN, ELF_TEXT_LEN });
	elf_segment(file, big, 1, PT_NOTE, (uint64_t[]){ 1 << 20, 0, 1 << 30, 99, 9 });
	elf_segment(file, big, 2, PT_LOAD,
	            (uint64_t[]){ ELF_DATA, 0xc000000000002008, ELF_DATA_GPA, ELF_DATA_LEN, ELF_DATA_MEM });
	for (int i = ELF_TEXT; i < ELF_SIZE; i++)
		file[i] = (uint8_t)i;
}

#endif
