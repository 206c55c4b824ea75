/* SPDX-License-Identifier: BSD-2-Clause */
/* bus.c: who answers at an address. */
#include "vmm/bus.h"

#include <errno.h>

#include "tap.h"

static struct bus bus;
static struct error err;

static int device(void *arg, struct io *io, struct error *e)
{
	(void)e;
	*(uint64_t *)arg = io->addr;
	return 0;
}

static int failing(void *arg, struct io *io, struct error *e)
{
	(void)arg;
	(void)io;
	return error_set(e, -EIO, "no good");
}

static int add(enum io_space space, uint64_t base, uint64_t len, const char *name, uint64_t *seen)
{
	return bus_add(&bus, space, base, len, name, device, seen, &err);
}

static int access_at(enum io_space space, uint64_t addr, uint32_t len)
{
	struct io io = { .space = space, .addr = addr, .len = len, .write = true };

	return bus_io(&bus, &io, &err);
}

static void overlaps(void)
{
	static const struct {
		uint64_t base, len;
		int rc;
	} tries[] = {
		{ 0x1000, 0x100, -EEXIST }, { 0x10ff, 1, -EEXIST },     { 0x1000, 1, -EEXIST },
		{ 0xfff, 2, -EEXIST },      { 0xf00, 0x1000, -EEXIST }, { 0x1080, 1, -EEXIST },
		{ 0x10ff, 2, -EEXIST },     { 0, UINT64_MAX, -EEXIST }, { 0xfff, 1, 0 },
		{ 0x1100, 1, 0 },
	};
	uint64_t seen = 0;

	bus_init(&bus);
	is(add(IO_MMIO, 0x1000, 0x100, "first", &seen), 0, "a range");
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		is(add(IO_MMIO, tries[i].base, tries[i].len, "second", &seen), tries[i].rc,
		   "0x%" PRIx64 " bytes at 0x%" PRIx64 " beside 0x100 at 0x1000", tries[i].len,
		   tries[i].base);
		if (tries[i].rc)
			has(err.text, "belongs to first", "names the owner");
	}
	is(add(IO_VIO, 0x1000, 0x100, "vio", &seen), 0, "another space is another space");
	is(add(IO_MMIO, 0x5000, 0, "empty", &seen), -EINVAL, "an empty range");
	is(add(IO_MMIO, UINT64_MAX, 2, "wraps", &seen), -EINVAL, "one that wraps");
	is(add(IO_MMIO, 0x2000, UINT64_MAX, "wraps", &seen), -EINVAL, "one that wraps far");
	is(add(IO_MMIO, UINT64_MAX, 1, "last", &seen), 0, "the last byte of all");
	is(add(IO_MMIO, UINT64_MAX - 1, 2, "over last", &seen), -EEXIST, "is taken then");
	is(access_at(IO_MMIO, UINT64_MAX, 1), 0, "and answers");
	is(seen, UINT64_MAX, "with its address");
	is(access_at(IO_MMIO, UINT64_MAX, 2), -ENXIO, "but not beyond itself");
	bus_destroy(&bus);
}

static void routing(void)
{
	uint64_t a = 0, b = 0, v = 0, s = 0;

	bus_init(&bus);
	is(access_at(IO_MMIO, 0, 1), -ENXIO, "an empty bus has no device");
	add(IO_MMIO, 0x1000, 8, "a", &a);
	add(IO_MMIO, 0x1008, 8, "b", &b);
	add(IO_VIO, 0x30000000, 1, "vty", &v);
	add(IO_SCLP, 0, 1ULL << 32, "sclp", &s);
	ok(!access_at(IO_MMIO, 0x1007, 1) && a == 0x1007 && !b, "the last byte of one device");
	ok(!access_at(IO_MMIO, 0x1008, 8) && b == 0x1008, "all of the next");
	is(access_at(IO_MMIO, 0x1004, 8), -ENXIO, "across two devices");
	is(access_at(IO_MMIO, 0x100c, 8), -ENXIO, "across the end of one");
	is(access_at(IO_MMIO, 0xfff, 2), -ENXIO, "across the beginning of one");
	is(access_at(IO_MMIO, 0x1010, 1), -ENXIO, "behind the last");
	has(err.text, "store of 1 bytes: no device at address 0x1010", "says what and where");
	is(access_at(IO_VIO, 0x1000, 8), -ENXIO, "the same number in another space");
	has(err.text, "unit address 0x1000", "is said so");
	ok(!access_at(IO_VIO, 0x30000000, 16) && v == 0x30000000,
	   "a unit address is one number, whatever the length");
	ok(!access_at(IO_SCLP, 0xffffffff, 4) && s == 0xffffffff, "a command word");
	is(bus_add(&bus, IO_MMIO, 0x2000, 1, "bad", failing, NULL, &err), 0, "a device that fails");
	is(access_at(IO_MMIO, 0x2000, 1), -EIO, "its code comes back");
	has(err.text, "no good", "and its reason");
	is(access_at(IO_MMIO, 0x1000, 1), 0, "the lock was given back");
	bus_destroy(&bus);
}

static void full(void)
{
	uint64_t seen;
	uint64_t n = 0;

	bus_init(&bus);
	while (!add(IO_MMIO, 0x1000 * n, 0x1000, "one", &seen))
		n++;
	is(n, sizeof(bus.range) / sizeof(bus.range[0]), "as many as there is room for");
	is(add(IO_MMIO, 0x1000 * n, 1, "one", &seen), -ENOSPC, "then it is full");
	has(err.text, "full", "and says so");
	bus_destroy(&bus);
}

int main(void)
{
	overlaps();
	routing();
	full();
	return tap_done();
}
