/* SPDX-License-Identifier: BSD-2-Clause */
/* elf.c: any bytes as a guest: refused whole, or loaded inside RAM. */
#include "vmm/elf.h"

#include <errno.h>
#include <string.h>

#include "fuzz.h"

#define RAM_SIZE 0x4000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* The machine and the byte order are the file's, so that most get further. */
	bool big = size > 5 && data[5] == 2;
	uint16_t machine =
		size < 20 ? 22 : (uint16_t)(big ? data[18] << 8 | data[19] : data[19] << 8 | data[18]);
	struct ram ram = { .host = malloc(RAM_SIZE), .size = RAM_SIZE, .fd = -1 };
	struct elf_image image;
	struct error err = { .text = "" };
	int rc;

	memset(ram.host, 0xaa, RAM_SIZE);
	rc = elf_load(data, size, machine, big, &ram, &image, &err);
	must(rc == 0 || rc == -ENOEXEC);
	if (rc) {
		must(err.text[0]);
		for (size_t i = 0; i < RAM_SIZE; i++)
			must(ram.host[i] == 0xaa);
	} else {
		must(image.low < image.high && image.high <= RAM_SIZE);
		must(image.entry >= image.low && image.entry < image.high);
	}
	free(ram.host);
	return 0;
}
