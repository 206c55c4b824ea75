/* SPDX-License-Identifier: BSD-2-Clause */
/* symbols.c: see symbols.h. Pure. */
#include "symbols.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/elf_file.h"
#include "vmm/number.h"

#define SYMBOLS_MAX (1 << 24) /* more than any kernel has */
#define FAR         0x10000   /* an address so far behind a symbol does not belong to it */

/* A section that holds a table. */
struct table {
	uint64_t offset, size, link;
};

static int read_section(const struct elf_file *f, uint64_t shoff, uint64_t i, struct table *t,
                        struct error *err)
{
	uint64_t at = shoff + i * sizeof(Elf64_Shdr);

	*t = (struct table){
		.offset = FIELD(f, at, Elf64_Shdr, sh_offset),
		.size = FIELD(f, at, Elf64_Shdr, sh_size),
		.link = FIELD(f, at, Elf64_Shdr, sh_link),
	};
	return t->offset > f->size || t->size > f->size - t->offset
	               ? error_set(err, -ENOEXEC,
	                           "offset %" PRIu64 ": section %" PRIu64 " goes past the end of the file",
	                           at, i)
	               : 0;
}

/* Finds the table of symbols and the one of their names. */
static int find_tables(const struct elf_file *f, struct table *symbols, struct table *names,
                       struct error *err)
{
	uint64_t shoff = FIELD(f, 0, Elf64_Ehdr, e_shoff), shnum = FIELD(f, 0, Elf64_Ehdr, e_shnum);
	int rc;

	if (shoff > f->size || shnum * sizeof(Elf64_Shdr) > f->size - shoff)
		return error_set(err, -ENOEXEC,
		                 "offset %zu: %" PRIu64 " section headers at %" PRIu64
		                 " go past the end of the file (%" PRIu64 ")",
		                 offsetof(Elf64_Ehdr, e_shoff), shnum, shoff, f->size);
	for (uint64_t i = 0; i < shnum; i++) {
		if (FIELD(f, shoff + i * sizeof(Elf64_Shdr), Elf64_Shdr, sh_type) != SHT_SYMTAB)
			continue;
		rc = read_section(f, shoff, i, symbols, err);
		if (!rc && symbols->link >= shnum)
			rc = error_set(err, -ENOEXEC,
			               "section %" PRIu64 ": its names are in section %" PRIu64
			               " of %" PRIu64,
			               i, symbols->link, shnum);
		return rc ? rc : read_section(f, shoff, symbols->link, names, err);
	}
	return error_set(err, -ENOEXEC, "it has no symbol table (it may have been stripped)");
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

/* A name that a person would look for: not a section's, a file's or a local label of the assembler's. */
static bool is_label(unsigned type, uint64_t section, const char *name)
{
	return (type == STT_FUNC || type == STT_NOTYPE || type == STT_OBJECT) && section != SHN_UNDEF &&
	       section != SHN_ABS && *name && *name != '.' && *name != '$';
}

static void read_symbols(struct symbols *s, const struct elf_file *f, const struct table *t, uint64_t names,
                         uint64_t moved)
{
	for (uint64_t at = t->offset; t->offset + t->size - at >= sizeof(Elf64_Sym);
	     at += sizeof(Elf64_Sym)) {
		uint64_t name = FIELD(f, at, Elf64_Sym, st_name);
		unsigned type = ELF64_ST_TYPE(FIELD(f, at, Elf64_Sym, st_info));

		if (name >= names || !is_label(type, FIELD(f, at, Elf64_Sym, st_shndx), s->names + name))
			continue;
		s->all[s->count].address = FIELD(f, at, Elf64_Sym, st_value) + moved;
		s->all[s->count++].name = s->names + name;
	}
	qsort(s->all, s->count, sizeof(*s->all), by_address);
}

int symbols_read(struct symbols *s, const struct payload *file, uint64_t moved, struct error *err)
{
	struct elf_trouble trouble = { 0 };
	struct elf_file f = { .payload = file, .size = file->size, .trouble = &trouble };
	uint8_t ident[EI_NIDENT] = { 0 };
	struct table symbols, names;
	int rc;

	*s = (struct symbols){ 0 };
	if (f.size < sizeof(Elf64_Ehdr))
		return error_set(err, -ENOEXEC, "it is not an ELF file");
	rc = payload_read(file, 0, ident, sizeof(ident), err);
	if (rc)
		return rc;
	if (memcmp(ident, ELFMAG, SELFMAG) || ident[EI_CLASS] != ELFCLASS64)
		return error_set(err, -ENOEXEC, "it is not a 64-bit ELF file");
	f.big_endian = ident[EI_DATA] == ELFDATA2MSB;
	rc = find_tables(&f, &symbols, &names, err);
	if (trouble.rc)
		*err = trouble.why;
	if (rc || trouble.rc)
		return trouble.rc ? trouble.rc : rc;
	if (symbols.size / sizeof(Elf64_Sym) > SYMBOLS_MAX)
		return error_set(err, -ENOEXEC, "a symbol table of %" PRIu64 " bytes", symbols.size);
	s->names = calloc(1, names.size + 1);
	s->all = calloc(symbols.size / sizeof(Elf64_Sym) + 1, sizeof(*s->all));
	rc = s->names && s->all ? payload_read(file, names.offset, s->names, names.size, err)
	                        : error_set(err, -ENOMEM, "out of memory for a symbol table");
	if (!rc)
		read_symbols(s, &f, &symbols, names.size, moved);
	if (!rc && trouble.rc) {
		*err = trouble.why;
		rc = trouble.rc;
	}
	if (rc)
		symbols_free(s);
	return rc;
}

/* --- a list ---------------------------------------------------------------- */

#define BLANK " \t\r"

/* A word of a line, which ends with a zero: *next is behind it. */
static char *next_word(char **next)
{
	char *word = *next + strspn(*next, BLANK);
	size_t len = strcspn(word, BLANK);

	*next = word + len;
	if (**next)
		*(*next)++ = 0;
	return word;
}

/* "address type name", and in kallsyms the name of a module in brackets. False: it is something else. */
static bool read_line(struct symbols *s, char *line)
{
	char *address = next_word(&line), *type = next_word(&line), *name = next_word(&line);
	char *module = next_word(&line), *end;
	uint64_t value;

	if (!*address || strspn(address, "0123456789abcdefABCDEF") != strlen(address) ||
	    strlen(address) > 16 || strlen(type) != 1 || !*name || (*module && *module != '[') ||
	    *next_word(&line))
		return false;
	value = strtoull(address, &end, 16);
	/* A is no address, but a number; of U another file has the address. */
	if (value && !strchr("aAU", *type) && *name != '.' && *name != '$')
		s->all[s->count++] = (struct symbol){ value, name };
	return true;
}

static size_t count_lines(const char *text)
{
	size_t lines = 1;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

static int read_lines(struct symbols *s, struct error *err)
{
	char *line = s->names;

	for (size_t i = 1; *line; i++) {
		size_t len = strcspn(line, "\n");
		bool last = !line[len];

		line[len] = 0;
		if (line[strspn(line, BLANK)] && !read_line(s, line))
			return error_set(err, -ENOEXEC, "line %zu: not \"address type name\"", i);
		line += len + !last;
	}
	if (!s->count)
		return error_set(err, -ENOEXEC,
		                 "no line has an address (Linux shows them to root only; see kptr_restrict)");
	qsort(s->all, s->count, sizeof(*s->all), by_address);
	return 0;
}

static int read_list(struct symbols *s, const struct payload *file, struct error *err)
{
	int rc;

	*s = (struct symbols){ .names = calloc(1, file->size + 1) };
	rc = s->names ? payload_read(file, 0, s->names, file->size, err)
	              : error_set(err, -ENOMEM, "out of memory for a list of symbols");
	if (!rc) {
		s->all = calloc(count_lines(s->names), sizeof(*s->all));
		rc = s->all ? read_lines(s, err) : error_set(err, -ENOMEM, "out of memory for symbols");
	}
	if (rc)
		symbols_free(s);
	return rc;
}

int symbols_read_any(struct symbols *s, const struct payload *file, struct error *err)
{
	uint8_t magic[SELFMAG] = { 0 };
	int rc = file->size < SELFMAG ? 0 : payload_read(file, 0, magic, SELFMAG, err);

	if (rc)
		return rc;
	return memcmp(magic, ELFMAG, SELFMAG) ? read_list(s, file, err) : symbols_read(s, file, 0, err);
}

void symbols_free(struct symbols *s)
{
	free(s->all);
	free(s->names);
	*s = (struct symbols){ 0 };
}

int symbols_find(const struct symbols *s, const char *text, uint64_t *address, struct error *err)
{
	const char *plus = strchr(text, '+');
	size_t len = plus ? (size_t)(plus - text) : strlen(text);
	const char *like = NULL;
	uint64_t offset = 0;

	if (!number_parse(text, UINT64_MAX, address))
		return 0;
	if (plus && number_parse(plus + 1, UINT64_MAX, &offset))
		return error_set(err, -ENOENT, "%s: what follows the + is not a number", text);
	for (size_t i = 0; i < s->count; i++) {
		const char *name = s->all[i].name;

		if (!strncmp(name, text, len) && !name[len]) {
			*address = s->all[i].address + offset;
			return 0;
		}
		if (!like && len && (!strncasecmp(name, text, len) || strstr(text, name)))
			like = name;
	}
	if (!s->count)
		return error_set(err, -ENOENT,
		                 "%s: no symbols are known (the guest is no ELF file, or is stripped); "
		                 "give an address, or --symbols",
		                 text);
	return error_set(err, -ENOENT, "the guest has no symbol %.*s%s%s", (int)len, text,
	                 like ? "; it has " : "", like ? like : "");
}

void symbols_text(const struct symbols *s, uint64_t address, char *text, size_t size)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->all[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || address - s->all[low - 1].address >= FAR)
		snprintf(text, size, "0x%" PRIx64, address);
	else if (address == s->all[low - 1].address)
		snprintf(text, size, "0x%" PRIx64 " (%s)", address, s->all[low - 1].name);
	else
		snprintf(text, size, "0x%" PRIx64 " (%s+0x%" PRIx64 ")", address, s->all[low - 1].name,
		         address - s->all[low - 1].address);
}
