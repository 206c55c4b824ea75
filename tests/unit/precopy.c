/* SPDX-License-Identifier: BSD-2-Clause */
/* precopy.c: RAM that is written while it is copied: how often, and that nothing is forgotten. */
#include "vmm/snapshot/precopy.h"

#include <errno.h>
#include <stdlib.h>

#include "tap.h"
#include "vmm/snapshot/ram_image.h"

#define MIB   (1ULL << 20)
#define SIZE  (16 * MIB)
#define PAGES (SIZE / 4096)

/* A guest that writes so many pages before each look at the log, from the first page on. */
static struct guest {
	struct ram ram;
	uint8_t changed[PAGES / 8], next[PAGES / 8];
	unsigned pages, less;          /* how many; how many times fewer each time */
	unsigned looks, rounds, fails; /* the look that fails; 0: none */
	uint64_t last;
} guest;

static struct error err;

static void write_page(uint64_t page, uint8_t value)
{
	guest.ram.host[page * 4096] = value;
	guest.next[page / 8] |= (uint8_t)(1 << page % 8);
}

static int read_log(void *arg, struct error *why)
{
	struct guest *g = arg;

	if (++g->looks == g->fails)
		return error_set(why, -EIO, "no log");
	memcpy(g->changed, g->next, sizeof(g->changed));
	memset(g->next, 0, sizeof(g->next));
	/* What it writes from now on is in the next log. */
	for (unsigned i = 0; i < g->pages; i++)
		write_page(i, (uint8_t)(g->looks + 1));
	g->pages /= g->less;
	return 0;
}

static void copied(void *arg, uint64_t bytes)
{
	struct guest *g = arg;

	g->rounds++;
	g->last = bytes;
}

/* Whether the copy has all but the pages that the next log will have. */
static bool is_complete(const struct ram *copy)
{
	for (uint64_t i = 0; i < PAGES; i++)
		if (!(guest.next[i / 8] >> i % 8 & 1) &&
		    memcmp(guest.ram.host + i * 4096, copy->host + i * 4096, 4096))
			return false;
	return true;
}

static int run(unsigned pages, unsigned less, unsigned fails, bool *complete)
{
	const struct precopy_log log = { &guest, read_log, copied, guest.changed };
	struct ram copy;
	int rc;

	memset(guest.next, 0, sizeof(guest.next));
	guest.pages = pages;
	guest.less = less;
	guest.fails = fails;
	guest.looks = guest.rounds = 0;
	if (ram_create_sparse(&copy, SIZE, 4096, &err))
		return -ENOMEM;
	write_page(PAGES - 1, 77); /* before the first look */
	rc = precopy(&guest.ram, &copy, &log, &err);
	*complete = is_complete(&copy);
	ram_destroy(&copy);
	return rc;
}

/* How many bytes are copied when this page alone has changed; pages are looked at 64 at once. */
static uint64_t copied_of(unsigned page)
{
	uint64_t len = 0;
	struct ram copy;

	memset(guest.changed, 0, sizeof(guest.changed));
	guest.changed[page / 8] |= (uint8_t)(1 << page % 8);
	if (ram_create_sparse(&copy, SIZE, 4096, &err))
		return 0;
	ram_copy_changed(&guest.ram, &copy, &copy, guest.changed, &len, &err);
	ram_destroy(&copy);
	return len;
}

int main(void)
{
	uint64_t touched;
	bool complete;

	is(ram_create(&guest.ram, SIZE, 4096, &err), 0, "16 MiB");
	ok(!ram_copy_touched(&guest.ram, NULL, &touched, &err) && touched == 0, "nobody has touched any");
	write_page(3, 1);
	write_page(5, 1);
	ok(!ram_copy_touched(&guest.ram, NULL, &touched, &err) && touched == 2 * 4096, "two pages, apart");
	for (unsigned i = 126; i <= 130; i++)
		is(copied_of(i), 4096, "page %u alone has changed, and is copied", i);
	is(run(0, 1, 0, &complete), 0, "nothing is written meanwhile");
	ok(guest.rounds == 1 && !guest.last && complete, "one round finds that");
	is(run(1024, 4, 0, &complete), 0, "less and less is written");
	is(guest.rounds, 3, "rounds, until little is left");
	ok(guest.last <= PRECOPY_ENOUGH && guest.last && complete, "and all but that is copied");
	is(run(1024, 1, 0, &complete), 0, "as much is written as is copied");
	is(guest.rounds, PRECOPY_ROUNDS, "that has an end");
	ok(guest.last == 4 * MIB && complete, "and nothing is forgotten");
	is(run(PRECOPY_ENOUGH / 4096, 1, 0, &complete), 0, "little is written again and again");
	is(guest.rounds, 1, "is for the end");
	for (unsigned i = 1; i <= PRECOPY_ROUNDS + 1; i++) {
		is(run(1024, 1, i, &complete), -EIO, "the log cannot be read for the %u. time", i);
		is(guest.looks, i, "... and nothing more is tried");
	}
	has(err.text, "no log", "which is the reason");
	ram_destroy(&guest.ram);
	return tap_done();
}
