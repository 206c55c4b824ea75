/* SPDX-License-Identifier: BSD-2-Clause */
/* ram.c: guest memory: its bounds, and saving and loading it. */
#include "vmm/ram.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "vmm/mapping.h"
#include "vmm/snapshot/ram_image.h"

#define PAGE 4096
#define MIB  (1ULL << 20)

static struct error err;

static void create(void)
{
	static const uint64_t aligns[] = { PAGE, 65536, MIB, 16 * MIB };
	struct ram ram;

	for (int i = 0; i < 4; i++) {
		is(ram_create(&ram, 32 * MIB, aligns[i], &err), 0, "32 MiB, aligned to 0x%" PRIx64,
		   aligns[i]);
		is((uintptr_t)ram.host % aligns[i], 0, "are aligned");
		is(ram.host[0] | ram.host[32 * MIB - 1], 0, "and zero");
		ram_destroy(&ram);
		ok(!ram.host && ram.fd == -1 && !ram.size, "nothing is left");
	}
	is(ram_create(&ram, 0, PAGE, &err), -ERANGE, "no memory at all");
	is(ram_create(&ram, MIB + 1, PAGE, &err), -ERANGE, "a size that is not aligned");
	has(err.text, "must be a multiple of 0x1000", "says what it must be");
	is(ram_create(&ram, 1ULL << 62, MIB, &err), -ENOMEM, "more than the host has");
	has(err.text, "the host has only", "says what it has");
	ram_destroy(&ram);
	ok(ram.fd == -1, "destroying what failed is harmless");
}

/* Whether the process dies of touching it. */
static bool is_guarded(const uint8_t *at)
{
	int status;
	pid_t child = fork();

	if (!child) {
		signal(SIGSEGV, SIG_DFL);
		_exit(*(const volatile uint8_t *)at);
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

static void guards(void)
{
	static const uint64_t aligns[] = { PAGE, MIB, 16 * MIB };
	struct ram ram;

	for (int i = 0; i < 3; i++) {
		ram_create(&ram, 16 * MIB, aligns[i], &err);
		ok(!is_guarded(ram.host) && !is_guarded(ram.host + ram.size - 1),
		   "the first byte and the last");
		ok(is_guarded(ram.host - 1), "the byte before it is a fault");
		ok(is_guarded(ram.host + ram.size), "the byte behind it is a fault");
		ok(is_guarded(ram.host - MAPPING_GUARD) &&
		           is_guarded(ram.host + ram.size + MAPPING_GUARD - 1),
		   "as far as the guards go");
		ram_destroy(&ram);
	}
}

static void bounds(void)
{
	struct ram ram;

	ram_create(&ram, MIB, PAGE, &err);
	ok(ram_at(&ram, 0, MIB) == ram.host, "all of it");
	ok(ram_at(&ram, MIB - 1, 1) == ram.host + MIB - 1, "the last byte");
	ok(ram_at(&ram, MIB, 0) == ram.host + MIB, "no bytes at the end");
	ok(!ram_at(&ram, MIB, 1), "the first byte beyond");
	ok(!ram_at(&ram, MIB + 1, 0), "no bytes beyond");
	ok(!ram_at(&ram, 0, MIB + 1), "one byte too many");
	ok(!ram_at(&ram, 1, MIB), "one byte too far");
	ok(!ram_at(&ram, MIB - 1, 2), "across the end");
	ok(!ram_at(&ram, UINT64_MAX, 1), "the last address there is");
	ok(ram_see(&ram, MIB - 1, 1) == ram.host + MIB - 1 && !ram_see(&ram, MIB, 1) &&
	           !ram_see(&ram, MIB - 1, UINT64_MAX),
	   "the same to see it only");
	ok(!ram_at(&ram, UINT64_MAX, UINT64_MAX), "all wrong");
	ok(!ram_at(&ram, 1, UINT64_MAX), "so that the sum is the end of the address space");
	ok(!ram_at(&ram, 2, UINT64_MAX), "so that the sum wraps");
	ok(!ram_at(&ram, UINT64_MAX - MIB + 1, MIB), "so that the sum is zero");
	ram_destroy(&ram);
}

static bool zero(const struct ram *ram, uint64_t from, uint64_t to)
{
	while (from < to && !ram->host[from])
		from++;
	return from == to;
}

static uint64_t pages_touched(const struct ram *ram)
{
	unsigned char *vec = malloc(ram->size / PAGE);
	uint64_t n = 0;

	mincore(ram->host, ram->size, vec);
	for (uint64_t i = 0; i < ram->size / PAGE; i++)
		n += vec[i] & 1;
	free(vec);
	return n;
}

static void save_and_load(void)
{
	struct snapshot snap;
	struct ram a, b;

	ram_create(&a, MIB, PAGE, &err);
	ram_create(&b, MIB, PAGE, &err);
	snap_init(&snap, "test");
	is(ram_save(&a, &snap, &err), 0, "saving what was never touched");
	is(snap.count, 1, "makes a section");
	is(snap.sections[0].len, 0, "without a run");
	snap_free(&snap);
	memset(a.host, 1, 10);
	memset(a.host + 5 * PAGE - 1, 2, 2);
	memset(a.host + MIB - 1, 3, 1);
	is(ram_save(&a, &snap, &err), 0, "saving three runs of pages");
	is(snap.count, 1, "makes one section");
	is(snap.sections[0].len, 3 * 16 + 4 * PAGE, "of whole pages, each run with address and length");
	is(ram_check(&snap, MIB, &err), 0, "they fit");
	memset(b.host + 9 * PAGE, 7, 3 * PAGE);
	is(ram_load(&b, &snap, &err), 0, "loading over other contents");
	ok(!memcmp(a.host, b.host, MIB), "makes it the same");
	ok(zero(&b, 9 * PAGE, 12 * PAGE), "what was not saved is zero");
	memset(a.host, 0x55, MIB);
	is(ram_load(&a, &snap, &err), 0, "loading into the original");
	is(pages_touched(&a), 4, "makes holes again");
	ok(!memcmp(a.host, b.host, MIB), "and it is the same");
	snap_free(&snap);
	ram_destroy(&a);
	ram_destroy(&b);
}

static void leaves_out_zeros(void)
{
	struct snapshot snap;
	struct ram ram;

	ram_create(&ram, MIB, PAGE, &err);
	snap_init(&snap, "test");
	memset(ram.host, 0, 10 * PAGE);
	ram.host[3 * PAGE] = 1;
	ram.host[6 * PAGE - 1] = 1;
	is(ram_save(&ram, &snap, &err), 0, "saving touched pages, of which two are not zero");
	is(snap.sections[0].len, 2 * (16 + PAGE), "makes two runs");
	snap_free(&snap);
	ram_destroy(&ram);
}

/* Pages of RAM with a mark each, one in `every`. */
static void mark(struct ram *ram, uint8_t value, unsigned every)
{
	for (unsigned i = 0; i < MIB / PAGE; i += every)
		ram->host[i * PAGE + i] = value;
}

static void reverts(void)
{
	static const unsigned everies[] = { 1, 2, 3, 7, 64, 255 };
	uint8_t *before = malloc(MIB), changed[MIB / PAGE / 8];
	struct snapshot snap;
	struct ram ram;

	ram_create(&ram, MIB, PAGE, &err);
	mark(&ram, 1, 5);
	memcpy(before, ram.host, MIB);
	snap_init(&snap, "test");
	ram_save(&ram, &snap, &err);
	for (unsigned k = 0; k < sizeof(everies) / sizeof(everies[0]); k++) {
		memset(changed, 0, sizeof(changed));
		for (unsigned i = 0; i < MIB / PAGE; i += everies[k])
			/* cppcheck-suppress arrayIndexOutOfBounds */
			changed[i / 8] |= (uint8_t)(1u << i % 8);
		mark(&ram, 2, everies[k]);
		is(ram_revert(&ram, &snap, changed, &err), 0, "reverting one page of %u", everies[k]);
		ok(!memcmp(ram.host, before, MIB), "makes it the same");
	}
	memset(changed, 0, sizeof(changed));
	memset(ram_at(&ram, 9 * PAGE - 1, 2), 3, 2);
	ram_always(&ram, 20 * PAGE, 1);
	ram.host[20 * PAGE] = 4;
	ram_revert(&ram, &snap, changed, &err);
	ok(!memcmp(ram.host, before, MIB), "what was asked for, and what always counts, without a bit");
	ram_forget(&ram);
	ram_see(&ram, 8 * PAGE, 1);
	ram.host[8 * PAGE] = ram.host[20 * PAGE] = 5;
	ram_revert(&ram, &snap, changed, &err);
	ok(ram.host[8 * PAGE] == 5 && !ram.host[20 * PAGE],
	   "what was asked for is forgotten, what is only seen never counts, and the rest is kept");
	snap_free(&snap);
	ram_destroy(&ram);
	free(before);
}

/* A section at gpa with len bytes, against 1 MiB. */
static int check(uint64_t gpa, size_t len)
{
	uint8_t *bytes = calloc(1, len + 1);
	struct snapshot snap;
	struct snap_section *s;
	struct ram ram;
	int rc, load;

	snap_init(&snap, "test");
	s = snap_add(&snap, TAG_RAM, 0, 1);
	snap_put64(s, gpa);
	snap_put64(s, len);
	snap_put(s, bytes, len);
	ram_create(&ram, MIB, PAGE, &err);
	load = ram_load(&ram, &snap, &err);
	rc = ram_check(&snap, MIB, &err);
	ok(rc == load, "ram_check and ram_load agree");
	ram_destroy(&ram);
	snap_free(&snap);
	free(bytes);
	return rc;
}

static void sections(void)
{
	struct snapshot snap;

	is(check(0, MIB), 0, "a section that fills RAM");
	is(check(MIB - 1, 1), 0, "one at the end");
	is(check(MIB, 0), 0, "an empty one at the end");
	is(check(MIB + 1, 0), -EBADMSG, "an empty one beyond");
	is(check(MIB - 1, 2), -EBADMSG, "one across the end");
	has(err.text, "do not fit into 0x100000", "says so");
	is(check(1, MIB), -EBADMSG, "one shifted by a byte");
	is(check(UINT64_MAX, 1), -EBADMSG, "one at the last address there is");
	is(check(UINT64_MAX - 1, 4), -EBADMSG, "one that wraps");
	snap_init(&snap, "test");
	is(ram_check(&snap, MIB, &err), -EBADMSG, "no section at all");
	snap_add(&snap, TAG_RAM, 0, 1);
	is(ram_check(&snap, MIB, &err), 0, "one without a run: RAM was never touched");
	snap_put32(&snap.sections[0], 0);
	is(ram_check(&snap, MIB, &err), -EBADMSG, "a run without an address");
	snap_put32(&snap.sections[0], 0);
	snap_put64(&snap.sections[0], 2);
	snap_put8(&snap.sections[0], 1);
	is(ram_check(&snap, MIB, &err), -EBADMSG, "a run of two bytes that has one");
	snap_put8(&snap.sections[0], 1);
	is(ram_check(&snap, MIB, &err), 0, "and one that has both");
	snap_put64(&snap.sections[0], 1);
	snap_put64(&snap.sections[0], 0);
	is(ram_check(&snap, MIB, &err), -EBADMSG, "one that begins before the end of the last");
	has(err.text, "not in order", "says so");
	snap_free(&snap);
}

int main(void)
{
	create();
	guards();
	bounds();
	save_and_load();
	leaves_out_zeros();
	reverts();
	sections();
	return tap_done();
}
