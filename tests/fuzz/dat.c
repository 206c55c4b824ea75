/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dat.c: any memory as an s390x guest's tables; any block of STSI; any memory as a Linux image that is given
 * parameters and an initial RAM disk.
 */
#include "arch/s390x/debug/dat.h"

#include <errno.h>
#include <string.h>

#include "arch/s390x/linux.h"
#include "arch/s390x/sysib.h"
#include "devices/bytes.h"
#include "fuzz.h"

#define RAM_SIZE 0x14000
#define HEADER   32

static void translate(const struct ram *ram, const uint8_t *data)
{
	for (unsigned i = 0; i < 4; i++) {
		uint64_t left, address = get64(data + 8 + 8 * (i % 2)) >> i / 2 * 20;
		gpa_t real;

		if (dat_translate(ram, get64(data), address, &real, &left))
			must(left && left <= 1ull << 31 && !((address + left) & 0xfff));
		dat_absolute(get64(data + 24), address);
	}
}

static void name(const uint8_t *data, size_t size)
{
	static uint8_t block[SYSIB_SIZE + 1];
	struct identity identity = { .name = "" };
	char text[IDENTITY_NAME_MAX + 2] = "";

	memcpy(text, data, size < sizeof(text) - 1 ? size : sizeof(text) - 1);
	if (identity_set_name(&identity, text))
		must(identity_is_name(text, strlen(text)) && !strcmp(identity_name(&identity), text));
	identity_set_uuid(&identity, text);
	memcpy(block, data, size < SYSIB_SIZE ? size : SYSIB_SIZE);
	sysib_name(block, data[0] & 1 ? &identity : NULL);
	must(!block[SYSIB_SIZE]);
}

static void boot(const struct ram *ram, const uint8_t *data, size_t size)
{
	struct image image = { IMAGE_S390_LINUX, 0x10000, 0, get64(data) % (RAM_SIZE + 1), true };
	char params[40] = "";
	struct boot what = { .params = data[8] & 1 ? NULL : params };
	struct error err = { .text = "" };
	int rc;

	memcpy(params, data, size < sizeof(params) - 1 ? size : sizeof(params) - 1);
	if (data[8] & 2)
		what.initrd = payload_of("initrd", data, size);
	if (data[8] & 4)
		memcpy(ram->host + 0x10008, "S390EP", 6);
	rc = linux_put(ram, &image, &what, &err);
	must(!rc || (rc == -ENOEXEC && err.text[0]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[RAM_SIZE];
	const struct ram ram = { .host = bytes, .size = RAM_SIZE, .fd = -1 };
	size_t rest;

	if (size < HEADER)
		return 0;
	rest = size - HEADER < RAM_SIZE ? size - HEADER : RAM_SIZE;
	memcpy(bytes, data + HEADER, rest);
	memset(bytes + rest, 0, RAM_SIZE - rest);
	translate(&ram, data);
	name(data, size);
	boot(&ram, data, size);
	return 0;
}
