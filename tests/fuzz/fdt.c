/* SPDX-License-Identifier: BSD-2-Clause */
/* fdt.c: any machine as a device tree: libfdt finds it good, or there is no room and that is said. */
#include "arch/power9/fdt.h"

#include <errno.h>
#include <libfdt.h>
#include <string.h>

#include "devices/bytes.h"
#include "devices/fifo.h"
#include "devices/hvterm.h"
#include "fuzz.h"

#define HEADER    64
#define FUNCTIONS 12

/* Each byte is so many bytes typed, read or printed. */
static void terminal(const uint8_t *data, size_t size)
{
	static struct hvterm term;
	static FILE *null;
	struct error err;
	size_t in = 0;

	if (!null)
		null = fopen("/dev/null", "w");
	term = (struct hvterm){ .out = null };
	for (size_t i = 0; i < size; i++) {
		struct io io = { .space = IO_VIO,
			         .write = data[i] & 1,
			         .len = data[i] & 2 ? data[i] >> 2 : 16 };
		size_t len = size - i;

		if (data[i] & 0x80) {
			in += fifo_put(&term.in, data + i, len);
			continue;
		}
		must(hvterm_io(&term, &io, &err) == (io.len > 16 ? -EIO : 0));
		in -= !io.write && io.len <= 16 ? io.len : 0;
		must(term.in.len == in && in <= FIFO_ROOM);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct rtas_service services[] = { { .name = "power-off", .token = 1 },
		                                        { .name = "of XICS", .token = 2, .xics = true },
		                                        { .name = "of PCI", .token = 3, .pci = true },
		                                        { .name = NULL } };
	struct fdt_function functions[FUNCTIONS];
	struct identity identity = { .name = "" };
	struct error err = { .text = "" };
	char params[300] = "";
	struct fdt_machine m = { .services = services, .functions = functions, .params = params };
	uint32_t room;
	uint8_t *tree;
	int rc;

	if (size < HEADER)
		return 0;
	m.memory = get64(data);
	m.vcpus = 1 + data[8] % 64;
	m.vcpu_stride = 1 + data[9] % 16;
	m.xics = data[10] & 1;
	m.xive = data[10] & 2;
	m.vmx = data[10] & 4;
	m.dfp = data[10] & 8;
	m.page_shift = 12 + data[11] % 8;
	m.tima = get64(data + 12);
	m.rtas = get32(data + 20);
	m.function_count = data[24] % (FUNCTIONS + 1);
	m.initrd = get64(data + 32);
	m.initrd_end = get64(data + 40);
	memcpy(params, data + HEADER,
	       size - HEADER < sizeof(params) - 1 ? size - HEADER : sizeof(params) - 1);
	memcpy(identity.uuid, data + 48, 16);
	m.identity = data[10] & 16 ? &identity : NULL;
	identity_set_name(&identity, params);
	for (unsigned i = 0; i < FUNCTIONS; i++)
		functions[i] = (struct fdt_function){
			get32(data + i),     get32(data + 2 * i), i,      get32(data + i + 7), i,
			get32(data + 3 * i), get32(data + i),     data[i]
		};
	room = data[25] & 1 ? get16(data + 26)
	                    : fdt_room(m.vcpus) + FDT_FUNCTION_ROOM * m.function_count + 512;
	tree = malloc(room ? room : 1);
	rc = fdt_build(&m, tree, room, &err);
	must(!rc || (rc == -ENOSPC && err.text[0] && data[25] & 1));
	if (!rc)
		must(!fdt_check_header(tree) && fdt_totalsize(tree) <= room &&
		     fdt_path_offset(tree, "/cpus") > 0);
	free(tree);
	terminal(data + HEADER, size - HEADER < 64 ? size - HEADER : 64);
	return 0;
}
