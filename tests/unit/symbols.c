/* SPDX-License-Identifier: BSD-2-Clause */
/* symbols.c: names and addresses, from small ELF files of both byte orders, whole and damaged. */
#include "vmm/debug/symbols.h"

#include <errno.h>

#include "elf_file.h"
#include "tap.h"

enum {
	NAMES = ELF_SIZE,
	NAMES_LEN = 32,
	SYMBOLS = NAMES + NAMES_LEN,
	SYMBOL = sizeof(Elf64_Sym),
	SYMBOLS_LEN = 5 * SYMBOL,
	SECTIONS = SYMBOLS + SYMBOLS_LEN,
	SECTION = sizeof(Elf64_Shdr),
	SIZE = SECTIONS + 3 * SECTION,
};

#define SYM(i, member) SYMBOLS + SYMBOL *(i) + offsetof(Elf64_Sym, member), sizeof(((Elf64_Sym *)0)->member)
#define SHDR(i, member) \
	SECTIONS + SECTION *(i) + offsetof(Elf64_Shdr, member), sizeof(((Elf64_Shdr *)0)->member)

static struct error err;
static uint8_t file[SIZE];

static void symbol(bool big, unsigned i, uint32_t name, unsigned type, uint64_t value)
{
	elf_put(file, big, SYM(i, st_name), name);
	elf_put(file, big, SYM(i, st_info), type);
	elf_put(file, big, SYM(i, st_shndx), 1);
	elf_put(file, big, SYM(i, st_value), value);
}

static void section(bool big, unsigned i, uint32_t type, uint64_t offset, uint64_t size, uint32_t link)
{
	elf_put(file, big, SHDR(i, sh_type), type);
	elf_put(file, big, SHDR(i, sh_offset), offset);
	elf_put(file, big, SHDR(i, sh_size), size);
	elf_put(file, big, SHDR(i, sh_link), link);
}

/* last, first (a function), .local (no name for a person), and one that is a file's. */
static void make(bool big)
{
	memset(file, 0, sizeof(file));
	elf_file(file, big, big ? EM_S390 : EM_PPC64);
	memcpy(file + NAMES, "\0last\0first\0.local\0main.c\0", 27);
	symbol(big, 1, 1, STT_NOTYPE, 0x2000);
	symbol(big, 2, 6, STT_FUNC, 0x1000);
	symbol(big, 3, 12, STT_NOTYPE, 0x1008);
	symbol(big, 4, 19, STT_FILE, 0x1004);
	elf_put(file, big, EHDR(e_shoff), SECTIONS);
	elf_put(file, big, EHDR(e_shnum), 3);
	section(big, 1, SHT_SYMTAB, SYMBOLS, SYMBOLS_LEN, 2);
	section(big, 2, SHT_STRTAB, NAMES, NAMES_LEN, 0);
}

static int read_file(struct symbols *s)
{
	struct payload p = payload_of("guest", file, sizeof(file));

	err.text[0] = 0;
	return symbols_read(s, &p, 0, &err);
}

static void is_text(const struct symbols *s, uint64_t address, const char *want)
{
	char text[80];

	symbols_text(s, address, text, sizeof(text));
	ok(!strcmp(text, want), "%s is %s", text, want);
}

static void whole(bool big)
{
	struct payload moved;
	struct symbols s;
	uint64_t at = 0;

	make(big);
	is(read_file(&s), 0, "%s-endian", big ? "big" : "little");
	is(s.count, 2, "two names");
	is(symbols_find(&s, "first", &at, &err), 0, "first");
	is(at, 0x1000, "is there");
	is(symbols_find(&s, "last+0x10", &at, &err), 0, "last+0x10");
	is(at, 0x2010, "is behind it");
	is(symbols_find(&s, "0x1234", &at, &err), 0, "a number");
	is(at, 0x1234, "is an address");
	is(symbols_find(&s, "firs", &at, &err), -ENOENT, "a part of a name");
	has(err.text, "the guest has no symbol firs; it has first", "is none, but like one");
	is(symbols_find(&s, "first+x", &at, &err), -ENOENT, "no number behind the +");
	is_text(&s, 0x1000, "0x1000 (first)");
	is_text(&s, 0x1ffe, "0x1ffe (first+0xffe)");
	is_text(&s, 0xfff, "0xfff");
	is_text(&s, 0x2000 + 0x10000, "0x12000");
	symbols_free(&s);
	ok(!s.all && !s.names, "nothing is left");
	moved = payload_of("guest", file, sizeof(file));
	is(symbols_read(&s, &moved, 0x400000, &err), 0, "one that was moved");
	is_text(&s, 0x401000, "0x401000 (first)");
	symbols_free(&s);
}

static void refused(const char *message)
{
	struct symbols s;

	is(read_file(&s), -ENOEXEC, "refused");
	has(err.text, message, "because: %s", message);
}

static void damaged(void)
{
	struct symbols none = { 0 };
	struct payload p = payload_of("guest", file, 10);
	uint64_t at;

	is(symbols_read(&none, &p, 0, &err), -ENOEXEC, "ten bytes");
	make(true);
	file[0] = 0;
	refused("not a 64-bit ELF file");
	make(true);
	elf_put(file, true, EHDR(e_shnum), 200);
	refused("section headers at");
	make(true);
	elf_put(file, true, EHDR(e_shnum), 1);
	refused("no symbol table");
	make(true);
	section(true, 1, SHT_SYMTAB, SYMBOLS, SIZE, 2);
	refused("section 1 goes past the end");
	make(true);
	section(true, 1, SHT_SYMTAB, SYMBOLS, SYMBOLS_LEN, 3);
	refused("its names are in section 3 of 3");
	make(true);
	section(true, 2, SHT_STRTAB, UINT64_MAX, 2, 0);
	refused("section 2 goes past the end");
	make(true);
	symbol(true, 1, 1000, STT_FUNC, 1);
	is(read_file(&none), 0, "a name outside the table");
	is(none.count, 1, "is left out");
	symbols_free(&none);
	is(symbols_find(&none, "first", &at, &err), -ENOENT, "no symbols at all");
	has(err.text, "no symbols are known", "which is said");
}

static int read_text(struct symbols *s, const char *text)
{
	struct payload p = payload_of("list", (const uint8_t *)text, strlen(text));

	err.text[0] = 0;
	return symbols_read_any(s, &p, &err);
}

static void list(void)
{
	struct symbols s;

	is(read_text(&s, "00000000001000c8 T second\n0000000000100000 t first\r\n\n"
	                 "         U elsewhere\n"),
	   -ENOEXEC, "a symbol without an address");
	has(err.text, "line 4: not", "is not what a kernel's list has");
	is(read_text(&s, "00000000001000c8 T second\n0000000000100000 t first\r\n\n"
	                 "0000000000000010 A number\n000003ff80000000 t far_away\t[virtio_blk]"),
	   0, "a list");
	is(s.count, 3, "three names, without a number");
	is_text(&s, 0x100000, "0x100000 (first)");
	is_text(&s, 0x1000ca, "0x1000ca (second+0x2)");
	is_text(&s, 0x3ff80000000, "0x3ff80000000 (far_away)");
	symbols_free(&s);
	is(read_text(&s, "ffffffffffffffff B The real System.map is elsewhere\n"), -ENOEXEC, "a sentence");
	has(err.text, "line 1: not \"address type name\"", "is refused");
	is(read_text(&s, "0000000000000000 T hidden\n"), -ENOEXEC, "only zeros");
	has(err.text, "no line has an address", "are refused");
	is(read_text(&s, ""), -ENOEXEC, "an empty list");
	is(read_text(&s, "123456789abcdef01 T long\n"), -ENOEXEC, "an address of 17 digits");
	make(true);
	s = (struct symbols){ 0 };
	is(symbols_read_any(
		   &s, &(struct payload){ .fd = -1, .name = "guest", .bytes = file, .size = sizeof(file) },
		   &err),
	   0, "an ELF file");
	is(s.count, 2, "two names");
	symbols_free(&s);
}

int main(void)
{
	whole(true);
	whole(false);
	damaged();
	list();
	return tap_done();
}
