/* SPDX-License-Identifier: BSD-2-Clause */
/* recorder.c: see recorder.h. */
#include "recorder.h"

#include <inttypes.h>

#include "checkpoint.h"
#include "vmm/arch.h"

/* How far the guest is. */
struct position {
	struct text_place place;
	unsigned taken;
};

void recorder_begin(struct recorder *rec, bool on, const char *first)
{
	rec->on = on;
	rec->first = first;
	rec->used = false;
}

static unsigned taken_by(const struct vm *vm)
{
	const struct abi_shared *shared = checkpoint_shared(vm);

	return shared ? __atomic_load_n(&shared->taken, __ATOMIC_ACQUIRE) : 0;
}

static void print_position(struct recorder *rec, const struct position *p)
{
	if (rec->first)
		fprintf(rec->to, "%s\n", rec->first);
	rec->first = NULL;
	rec->used = true;
	if (p->taken != rec->taken || p->place.count)
		fprintf(rec->to, "at");
	if (p->taken != rec->taken)
		fprintf(rec->to, " taken=%u", p->taken);
	if (p->place.count) {
		fprintf(rec->to, " count=%" PRIu64 " ", p->place.count);
		bytes_print(rec->to, p->place.text, p->place.len);
	}
	if (p->taken != rec->taken || p->place.count)
		fprintf(rec->to, "\n");
	rec->taken = p->taken;
	transcript_pass(rec->transcript, &p->place);
}

int recorder_type(struct recorder *rec, struct vm *vm, const char *console, const uint8_t *bytes, size_t len,
                  struct error *err)
{
	struct position p;
	int n;

	if (!rec || !rec->on)
		return arch_input(vm, console, bytes, len, err);
	/* Before, as the guest answers at once. */
	p.taken = taken_by(vm);
	transcript_here(rec->transcript, &p.place);
	n = arch_input(vm, console, bytes, len, err);
	if (n <= 0)
		return n;
	print_position(rec, &p);
	fprintf(rec->to, "typed %s%s%s", console ? "console=" : "", console ? console : "",
	        console ? " " : "");
	bytes_print(rec->to, bytes, (size_t)n);
	fprintf(rec->to, "\n");
	return n;
}

int recorder_quiesce(struct recorder *rec, struct vm *vm, struct error *err)
{
	struct position p;
	int rc;

	if (!rec || !rec->on)
		return arch_quiesce(vm, err);
	p.taken = taken_by(vm);
	transcript_here(rec->transcript, &p.place);
	rc = arch_quiesce(vm, err);
	if (rc)
		return rc;
	print_position(rec, &p);
	fprintf(rec->to, "quiesce\n");
	return 0;
}
