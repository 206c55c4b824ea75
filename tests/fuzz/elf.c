/* SPDX-License-Identifier: BSD-2-Clause */
/* elf.c: any bytes as a guest: refused whole, or loaded inside RAM. */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "vmm/debug/symbols.h"
#include "vmm/image.h"

#define RAM_SIZE 0x14000

/* Its symbols, whether it can be loaded or not. */
static void read_symbols(const struct payload *file)
{
	struct error err = { .text = "" };
	struct symbols symbols;
	uint64_t address;
	char text[64];
	int rc = symbols_read(&symbols, file, 0, &err);

	must(rc == 0 || (rc == -ENOEXEC && err.text[0]));
	if (rc)
		return;
	for (size_t i = 0; i < symbols.count; i++) {
		must(symbols.all[i].name[0] && (!i || symbols.all[i - 1].address <= symbols.all[i].address));
		must(strchr(symbols.all[i].name, '+') ||
		     !symbols_find(&symbols, symbols.all[i].name, &address, &err));
		symbols_text(&symbols, symbols.all[i].address + 1, text, sizeof(text));
	}
	symbols_free(&symbols);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* The machine is the file's, so that most get further; of an ELF file its byte order says where. */
	bool big = size > 5 && data[5] == 2;
	uint16_t number =
		size < 20 ? 22 : (uint16_t)(big ? data[18] << 8 | data[19] : data[19] << 8 | data[18]);
	const struct image_machine machine = { .elf = { number, true, true, .relative = 22, .base = 0x4000 },
		                               .s390_linux = size & 1 };
	struct payload file = payload_of("file", data, size);
	struct ram ram = { .host = malloc(RAM_SIZE), .size = RAM_SIZE, .fd = -1 };
	struct error err = { .text = "" };
	struct image image;
	char text[80] = "";
	int rc;

	memset(ram.host, 0xaa, RAM_SIZE);
	rc = image_load(&file, &machine, &ram, &image, text, sizeof(text), &err);
	must(rc == 0 || rc == -ENOEXEC);
	if (rc) {
		must(err.text[0]);
		for (size_t i = 0; i < RAM_SIZE; i++)
			must(ram.host[i] == 0xaa);
	} else {
		must(text[0]);
		must(image.low < image.high && image.high <= RAM_SIZE);
		must(image.entry >= image.low && image.entry < image.high);
	}
	free(ram.host);
	read_symbols(&file);
	return 0;
}
