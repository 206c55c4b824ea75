/* SPDX-License-Identifier: BSD-2-Clause */
/* inspect.c: whole snapshots: described, compared, checked; sections that nobody knows. */
#include "vmm/tool/diff.h"
#include "vmm/tool/inspect.h"

#include <errno.h>
#include <stdlib.h>

#include "arch/s390x/snapshot/describe.h"
#include "arch/s390x/lab/irq.h"
#include "words_of.h"
#include "vmm/lab/ledger_section.h"
#include "vmm/ram.h"
#include "vmm/snapshot/ram_image.h"

#define MEMORY (1ULL << 20)

static struct error err;

/* What a test changes before the snapshot is made. */
static struct change {
	const char *arch;
	uint32_t tag;       /* of one more section; 0: none */
	uint64_t memory;    /* of the machine */
	uint64_t second;    /* where the second run of RAM is */
	uint8_t byte;       /* the last one of the first run */
	uint8_t vcpu_flags; /* of the vCPU */
	uint64_t shared;
	uint32_t book; /* version */
	uint64_t wall; /* 0: not said */
	uint32_t prefix;
	struct identity identity;
} change;

static void put_ram(struct snapshot *snap)
{
	struct snap_section *s = snap_add(snap, TAG_RAM, 0, 1);

	snap_put64(s, 0x1000);
	snap_put64(s, 6000);
	for (unsigned i = 0; i < 5999; i++)
		snap_put8(s, (uint8_t)i);
	snap_put8(s, change.byte);
	snap_put64(s, change.second);
	snap_put64(s, 1);
	snap_put8(s, 7);
}

static struct irq io(unsigned n)
{
	return (struct irq){
		.kind = "io", .code = KIND_IO, .cpu = IRQ_ANY_CPU, .want = { .kind = ABI_IO, .number = n }
	};
}

static struct irq timer(uint16_t cpu)
{
	return (struct irq){ .kind = "timer", .code = KIND_TIMER, .cpu = cpu, .want.kind = ABI_EXT };
}

/* A small machine as a file; the bytes are to be freed. */
static uint8_t *make(size_t *len)
{
	struct ledger_entry entries[] = {
		{ .label = "io.1", .irq = io(1), .injected = 3, .taken = 2 },
		{ .label = "io_1", .irq = io(2), .injected = 1 },
		{ .label = "timer", .irq = timer(0), .injected = 4 },
		{ .label = "timer", .irq = timer(1), .injected = 5 },
	};
	struct ledger books = { .entries = entries, .count = sizeof(entries) / sizeof(entries[0]) };
	struct section_vm vm = { .scope = { SNAP_VM, 1, 1, change.memory, &change.vcpu_flags },
		                 .shared = change.shared,
		                 .irqchip = "flic" };
	struct s390_cpu cpu = { .mp_state = S390_MP_OPERATING, .prefix = change.prefix };
	struct arch_state *state = s390x_codec.create();
	struct snapshot snap;
	uint8_t *bytes = NULL;

	snap_init(&snap, change.arch);
	section_vm_put(&snap, &vm);
	if (change.wall)
		section_wall_put(&snap, change.wall);
	section_name_put(&snap, &change.identity);
	state->cpus = malloc(sizeof(cpu));
	*state->cpus = cpu;
	state->cpu_count = 1;
	for (const struct device_row *row = s390x_codec.devices; row->section; row++)
		for (unsigned i = 0; i < row->min; i++)
			device_states_add(&state->devices, row->section, i);
	codec_encode(&s390x_codec, state, SNAP_VM, 1, &snap, &err);
	put_ram(&snap);
	ledger_section_put(&snap, &books);
	snap.sections[snap.count - 1].version = change.book;
	if (change.tag)
		snap_put(snap_add(&snap, change.tag, 5, 9), "later", 5);
	is(snap_encode(&snap, &bytes, len, &err), 0, "a file");
	snap_seal(bytes);
	snap_free(&snap);
	s390x_codec.free(state);
	return bytes;
}

static void as_before(void)
{
	change = (struct change){ .arch = "s390x",
		                  .memory = MEMORY,
		                  .second = 0x80000,
		                  .byte = 1,
		                  .vcpu_flags = 1,
		                  .shared = 0x2000,
		                  .book = LEDGER_VERSION,
		                  .wall = 1795812000000000007,
		                  .identity = { .name = "web", .uuid = { 0xab } } };
}

static const char *description(void)
{
	struct outline o = { 0 };
	struct parsed_snapshot in;
	size_t len;
	uint8_t *bytes = make(&len);

	if (ok(!parsed_open(&in, bytes, len, true, &ledger_section, &err), "is read (%s)", err.text)) {
		inspect_describe(&in, &o);
		parsed_close(&in);
	}
	free(bytes);
	return print_words(&o);
}

static void describing(void)
{
	const char *said = description();

	has(said, "snapshot.architecture s390x\n", "the architecture");
	has(said, "snapshot.kind vm\n", "the kind");
	has(said, "snapshot.made 2026-11-27 20:40:00.000000007 UTC\n", "when it was made");
	has(said, "machine.memory 1048576\n", "the machine");
	has(said, "machine.name web\n", "its name");
	has(said, "machine.uuid ab000000-0000-0000-0000-000000000000\n", "its UUID");
	has(said, "vcpu.0.online yes\n", "a vCPU's flags");
	has(said, "vcpu.0.mp-state operating\n", "its state");
	has(said, "ledger-entry.io%2E1.label io.1\n", "a label that is no word");
	has(said, "ledger-entry.io%2E1.taken 2\n", "the account");
	has(said, "ledger-entry.io_1.taken 0\n", "a label that looks like it is another one");
	has(said, "ledger-entry.timer.0.injected 4\n", "the timer of a vCPU");
	has(said, "ledger-entry.timer.1.injected 5\n", "and of another one");
	has(said, "ram.run 0x1000, 6000 bytes, sum ", "a run of RAM");
	change.tag = SNAP_TAG('n', 'e', 'w', '.');
	has(description(), "section new. 5, version 9, 5 bytes, sum ",
	    "an optional section that is not known");
	as_before();
	change.book++;
	said = description();
	ok(strstr(said, "unknown section book 0, version 3, ") && !strstr(said, "ledger."),
	   "one that is known in another version only");
}

static char text[4096];
static struct diff_how how;

/* With the sides as they are made before and after other(). */
static bool compare(void (*other)(void))
{
	FILE *out = fmemopen(text, sizeof(text), "w");
	size_t len_a, len_b;
	uint8_t *a, *b;
	struct parsed_snapshot x, y;
	bool different;

	as_before();
	a = make(&len_a);
	other();
	b = make(&len_b);
	*text = 0;
	if (!ok(!parsed_open(&x, a, len_a, true, &ledger_section, &err) &&
	                !parsed_open(&y, b, len_b, true, &ledger_section, &err),
	        "both are read"))
		exit(1);
	is(diff_print(&x, &y, &how, out, &different), 0, "compared");
	parsed_close(&x);
	parsed_close(&y);
	fclose(out);
	free(a);
	free(b);
	return different;
}

static void nothing(void)
{
}

static void a_byte(void)
{
	change.byte = 2;
}

static void a_run(void)
{
	change.second = 0x1000 + 6000; /* where another one ends */
}

static void an_unknown_section(void)
{
	change.tag = SNAP_TAG('x', 'x', 'x', 'x');
}

static void comparing(void)
{
	is(compare(nothing), false, "nothing differs");
	ok(!*text, "and nothing is said");
	is(compare(a_byte), true, "a byte of RAM");
	has(text, "# memory\n-ram.page.0x2000  sum ", "its page before");
	has(text, "\n+ram.page.0x2000  sum ", "and after");
	has(text, "\n1 page differs\n", "and the summary");
	is(compare(a_run), true, "another run: two pages");
	has(text, "-ram.page.0x80000  sum 0000000007000000", "that was there");
	has(text, "+ram.page.0x80000  sum 00000000000000000000000000000000\n", "and is not: zeros");
	has(text, "\n2 pages differ\n", "the summary");
	is(compare(an_unknown_section), true, "a section more");
	has(text, "# other\n+unknown  section xxxx 5", "is named");
	how.irq = true;
	is(compare(a_byte), false, "of interrupts alone: no difference");
	ok(!*text, "and nothing is said");
	how.irq = false;
	how.color = true;
	compare(a_byte);
	has(text, "\n\033[31m-ram.page.0x2000  sum ", "in color");
	how.color = false;
	how.json = true;
	is(compare(nothing), false, "as JSON");
	has(text, "\"different\": false,\n  \"summary\": \"no difference\"\n}\n", "nothing");
	is(compare(a_byte), true, "a byte");
	has(text,
	    "      \"path\": \"ram.page.0x2000\",\n      \"class\": \"page\",\n      \"before\": \"sum ",
	    "a value");
	how.json = false;
}

static int opened(void)
{
	struct parsed_snapshot in;
	size_t len;
	uint8_t *bytes = make(&len);
	int rc = parsed_open(&in, bytes, len, true, &ledger_section, &err);

	if (!rc)
		parsed_close(&in);
	free(bytes);
	return rc;
}

static void refusing(void)
{
	as_before();
	change.tag = SNAP_TAG('N', 'e', 'w', '.');
	is(opened(), -EBADMSG, "a required section that is not known");
	has(err.text, "section New. 5 is not known to this zpvm", "is named");
	change.tag = SNAP_TAG('L', 'I', 'R', 'Q');
	is(opened(), -EBADMSG, "a section of a vCPU that there is not");
	as_before();
	change.arch = "vax";
	is(opened(), -EBADMSG, "another architecture");
	has(err.text, "no architecture that zpvm knows", "is named");
	as_before();
	change.memory = 0x40000;
	is(opened(), -EBADMSG, "RAM beyond memory");
}

static void check(const char *what)
{
	struct outline wrong = { 0 };
	struct parsed_snapshot in;
	size_t len;
	uint8_t *bytes = make(&len);

	if (!ok(!parsed_open(&in, bytes, len, true, &ledger_section, &err), "is read (%s)", err.text))
		exit(1);
	parsed_check(&in, &wrong);
	is(wrong.count, what ? 1 : 0, "so many are wrong");
	if (what && wrong.count)
		has(outline_value(&wrong, 0), what, "%s", what);
	outline_free(&wrong);
	parsed_close(&in);
	free(bytes);
}

static void checking(void)
{
	as_before();
	check(NULL);
	change.vcpu_flags = 5;
	check("offset 68: section VM 0: vCPU 0 has flags that are not known: 0x5");
	as_before();
	change.shared = MEMORY;
	check("section VM 0: the guest's shared block is outside memory: 0x100000");
	change.shared = MEMORY - 8;
	check("section VM 0: the guest's shared block is outside memory: 0xffff8");
	as_before();
	change.prefix = MEMORY;
	check("no prefix can be 00100000");
}

int main(void)
{
	as_before();
	describing();
	comparing();
	refusing();
	checking();
	return tap_done();
}
