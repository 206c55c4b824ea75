/* SPDX-License-Identifier: BSD-2-Clause */
/* linux.c: see linux.h. Pure. */
#include "linux.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Offsets into a Linux image, which are addresses. */
#define MARK         0x10008 /* "S390EP" */
#define INITRD       0x10408 /* its address and its size, 8 bytes each */
#define PARAMS_LIMIT 0x10430 /* how many bytes there may be at: */
#define PARAMS       0x10480

#define OLD_LIMIT 896 /* of a kernel that does not say it */
#define PAGE      4096

static uint64_t get(const uint8_t *from)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | from[i];
	return v;
}

static void put(uint8_t *to, uint64_t value)
{
	for (int i = 7; i >= 0; i--, value >>= 8)
		to[i] = (uint8_t)value;
}

static int put_params(const struct ram *ram, const char *params, struct error *err)
{
	uint64_t limit = get(ram_at(ram, PARAMS_LIMIT, 8)), len = strlen(params) + 1;
	uint8_t *to;

	limit = limit ? limit : OLD_LIMIT;
	if (len > limit)
		return error_set(err, -ENOEXEC,
		                 "parameters of %" PRIu64 " bytes: this kernel has room for %" PRIu64,
		                 len - 1, limit - 1);
	to = ram_at(ram, PARAMS, len);
	if (!to)
		return error_set(err, -ENOEXEC, "there is no guest memory for its parameters");
	memcpy(to, params, len);
	return 0;
}

/* At the end of memory, where Linux leaves it when it finds a place for itself. */
static int put_initrd(const struct ram *ram, const struct image *image, const struct payload *initrd,
                      struct error *err)
{
	uint64_t pages = initrd->size / PAGE + (initrd->size % PAGE != 0);
	gpa_t at = pages <= ram->size / PAGE ? (ram->size & ~(uint64_t)(PAGE - 1)) - pages * PAGE : 0;
	uint8_t *to = ram_at(ram, INITRD, 16);

	if (at < image->high)
		return error_set(err, -ENOEXEC,
		                 "%s, an initial RAM disk of %" PRIu64
		                 " bytes, does not fit into guest memory (0x%" PRIx64
		                 ") behind the kernel (0x%" PRIx64 "); give it more (-m)",
		                 initrd->name, initrd->size, ram->size, image->high);
	put(to, at);
	put(to + 8, initrd->size);
	return payload_load(initrd, 0, ram, at, initrd->size, err);
}

int linux_put(const struct ram *ram, const struct image *image, const struct boot *boot, struct error *err)
{
	bool given = boot->params || boot->initrd.name;
	const uint8_t *mark = given ? ram_at(ram, MARK, PARAMS - MARK) : NULL;
	int rc = 0;

	if (!given)
		return 0;
	if (!mark || image->low > MARK || image->high < PARAMS || memcmp(mark, "S390EP", 6))
		return error_set(err, -ENOEXEC,
		                 "this guest takes neither parameters nor an initial RAM disk: it does not "
		                 "have Linux's mark, S390EP, at 0x%x",
		                 MARK);
	if (boot->params)
		rc = put_params(ram, boot->params, err);
	return !rc && boot->initrd.name ? put_initrd(ram, image, &boot->initrd, err) : rc;
}
