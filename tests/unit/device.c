/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * device.c: the contract of devices: how a VM's list of them is made, reset, saved, loaded and destroyed, and
 * how their states pass through a snapshot, if there are several of a kind, and if a VM lacks one.
 */
#include "vmm/device.h"

#include <errno.h>
#include <stdlib.h>

#include "tap.h"
#include "vmm/snapshot/codec.h"

#define DISK  SNAP_TAG('D', 'I', 'S', 'K')
#define MORE  SNAP_TAG('M', 'O', 'R', 'E')
#define CLOCK SNAP_TAG('C', 'L', 'C', 'K')

#define MEMORY 77

struct disk {
	uint32_t value, more;
	void *owned; /* of a state: the sanitizer finds one that is not released */
	int resets, worked, rc;
};

static struct error err;
static struct disk disks[4];
static char order[16]; /* in which devices were destroyed */

/* --- two kinds of devices ----------------------------------------------- */

static int create_disk(struct vm *vm, struct device *device, struct error *e)
{
	struct disk *disk = device->self = &disks[device->number];

	(void)vm;
	return disk->rc ? error_set(e, disk->rc, "no disk") : 0;
}

static void reset_disk(void *self)
{
	((struct disk *)self)->resets++;
}

static int save_disk(void *self, void *state, struct error *e)
{
	const struct disk *disk = self;
	struct disk *to = state;

	to->value = disk->value;
	to->more = disk->more;
	to->owned = malloc(1);
	return disk->rc ? error_set(e, disk->rc, "no answer") : 0;
}

static int load_disk(void *self, const void *state, struct error *e)
{
	const struct disk *from = state;
	struct disk *disk = self;

	(void)e;
	disk->value = from->value;
	disk->more = from->more;
	return 0;
}

static int fits_disk(const void *self, const void *state, struct error *e)
{
	const struct disk *from = state;

	(void)self;
	return from->value == 13 ? error_set(e, -EBUSY, "the disk does not take 13") : 0;
}

static int work_disk(void *self, struct error *e)
{
	struct disk *disk = self;

	disk->worked++;
	return disk->rc ? error_set(e, disk->rc, "no work") : 0;
}

static void destroy_disk(void *self)
{
	order[strlen(order)] = (char)('0' + ((struct disk *)self - disks));
}

static const struct device_ops disk_device = {
	.name = "disk",
	.tag = DISK,
	.create = create_disk,
	.reset = reset_disk,
	.save = save_disk,
	.load = load_disk,
	.fits = fits_disk,
	.work = work_disk,
	.destroy = destroy_disk,
};

static int create_plain(struct vm *vm, struct device *device, struct error *e)
{
	(void)vm, (void)device, (void)e;
	return 0;
}

static int save_clock(void *self, void *state, struct error *e)
{
	(void)self, (void)e;
	*(uint32_t *)state = 5;
	return 0;
}

static int load_clock(void *self, const void *state, struct error *e)
{
	(void)self, (void)state, (void)e;
	return 0;
}

static const struct device_ops clock_device = {
	.name = "clock", .tag = CLOCK, .create = create_plain, .save = save_clock, .load = load_clock
};
static const struct device_ops plain_device = { .name = "plain", .create = create_plain };

/* --- their sections ----------------------------------------------------- */

static void put_disk(struct snap_section *s, const void *state)
{
	snap_put32(s, ((const struct disk *)state)->value);
}

static bool get_disk(struct snap_reader *r, void *state, uint64_t memory)
{
	struct disk *disk = state;

	disk->value = snap_get32(r);
	disk->owned = malloc(1);
	return memory == MEMORY && disk->value != 99;
}

static bool has_more(const void *state)
{
	return ((const struct disk *)state)->more;
}

static void put_more(struct snap_section *s, const void *state)
{
	snap_put32(s, ((const struct disk *)state)->more);
}

static bool get_more(struct snap_reader *r, void *state, uint64_t memory)
{
	(void)memory;
	((struct disk *)state)->more = snap_get32(r);
	return has_more(state);
}

static void describe_disk(const void *state, unsigned id, struct outline *out)
{
	outline_at(out, "disk.%u", id);
	outline_number(out, "value", ((const struct disk *)state)->value);
}

static void check_disk(const void *state, unsigned id, const struct snapshot *snap, struct outline *wrong)
{
	if (((const struct disk *)state)->value == 12)
		codec_wrong(wrong, snap, DISK, id, "12 is too much");
}

static void release_disk(void *state)
{
	free(((struct disk *)state)->owned);
}

static const struct device_section more_section = {
	.tag = MORE, .version = 1, .put = put_more, .get = get_more, .has = has_more
};
static const struct device_section disk_section = {
	.tag = DISK,
	.version = 3,
	.name = "disk",
	.size = sizeof(struct disk),
	.put = put_disk,
	.get = get_disk,
	.describe = describe_disk,
	.check = check_disk,
	.release = release_disk,
	.more = &more_section,
};

static void put_clock(struct snap_section *s, const void *state)
{
	snap_put32(s, *(const uint32_t *)state);
}

static bool get_clock(struct snap_reader *r, void *state, uint64_t memory)
{
	(void)memory;
	*(uint32_t *)state = snap_get32(r);
	return true;
}

static void describe_clock(const void *state, unsigned id, struct outline *out)
{
	(void)id;
	outline_at(out, "clock");
	outline_number(out, "ticks", *(const uint32_t *)state);
}

static const struct device_section clock_section = {
	.tag = CLOCK,
	.version = 1,
	.name = "clock",
	.size = sizeof(uint32_t),
	.put = put_clock,
	.get = get_clock,
	.describe = describe_clock,
};

/* Any number of disks up to three, and always a clock. */
static const struct device_row rows[] = { { &disk_section, 0, 3 }, { &clock_section, 1, 1 }, { 0 } };

/* --- tests ------------------------------------------------------------ */

/* A VM with a clock, a device without state, and disks 0 and 2. */
static struct device_list machine(void)
{
	static const struct device_ops *const kinds[] = { &clock_device, &plain_device, NULL };
	struct device_list list = { .count = 0 };

	memset(disks, 0, sizeof(disks));
	memset(order, 0, sizeof(order));
	is(devices_add(&list, NULL, kinds, &err), 0, "a device of each kind");
	is(device_add(&list, NULL, &disk_device, 0, &err), 0, "a disk");
	is(device_add(&list, NULL, &disk_device, 2, &err), 0, "another one");
	disks[0] = (struct disk){ .value = 0x100, .more = 7 };
	disks[2] = (struct disk){ .value = 0x200 };
	return list;
}

static void lists(void)
{
	struct device_list list = machine();

	is(list.count, 4, "all are in the list");
	ok(device_find(&list, DISK, 2)->self == &disks[2], "the second disk is found");
	ok(!device_find(&list, DISK, 1), "and none between the two");
	devices_reset(&list);
	ok(disks[0].resets == 1 && disks[2].resets == 1, "a reset is for each device that has one");
	is(devices_work(&list, &err), 0, "all work");
	disks[0].rc = -EIO;
	is(devices_work(&list, &err), -EIO, "until one fails");
	ok(disks[0].worked == 2 && disks[2].worked == 1, "each that has work");
	disks[1].rc = -EIO;
	is(device_add(&list, NULL, &disk_device, 1, &err), -EIO, "a disk that cannot be created");
	devices_destroy(&list);
	ok(!strcmp(order, "120"), "all are destroyed, the last one first (%s)", order);
	is(list.count, 0, "and none is left");
	for (unsigned i = 0; i < DEVICES_MAX; i++)
		device_add(&list, NULL, &plain_device, i, &err);
	is(device_add(&list, NULL, &plain_device, 0, &err), -ENOSPC, "there is room for so many");
}

/* Saved and encoded. */
static void snapshot_of(const struct device_list *list, struct snapshot *snap)
{
	struct device_states states = { 0 };

	snap_init(snap, "test");
	is(device_states_save(&states, rows, list, &err), 0, "the devices are saved");
	device_states_encode(&states, snap);
	device_states_free(&states);
}

static void round_trip(void)
{
	struct device_list list = machine();
	struct device_states states = { 0 };
	struct outline out = { 0 };
	struct snapshot snap;

	snapshot_of(&list, &snap);
	is(snap.count, 4, "a section for each disk, one that only the first has, and the clock's");
	ok(snap.sections[0].tag == CLOCK && snap_find(&snap, DISK, 0) && snap_find(&snap, DISK, 2) &&
	           snap_find(&snap, MORE, 0) && !snap_find(&snap, MORE, 2),
	   "in the order of the machine");
	for (size_t i = 0; i < snap.count; i++)
		ok(device_section_known(rows, &snap.sections[i]), "section %zu is known", i);
	ok(!device_section_known(rows, &(struct snap_section){ .tag = DISK, .id = 3 }) &&
	           !device_section_known(rows, &(struct snap_section){ .tag = MEMORY }),
	   "that of a fourth disk is not, and none with another tag");
	snap_add(&snap, DISK, 3, 1);
	is(device_states_decode(&states, rows, &snap, MEMORY, &err), 0, "decode, whatever a fourth disk has");
	device_states_describe(&states, &out);
	is(out.count, 3, "each is described");
	ok(!strcmp(outline_value(&out, 0), "256") && !strcmp(outline_value(&out, 1), "512") &&
	           !strcmp(outline_value(&out, 2), "5"),
	   "as it was");
	outline_free(&out);
	memset(disks, 0, sizeof(disks));
	is(device_states_fit(&states, &list, &err), 0, "they fit");
	is(device_states_load(&states, &list, &err), 0, "load");
	ok(disks[0].value == 0x100 && disks[0].more == 7 && !disks[1].value && disks[2].value == 0x200 &&
	           !disks[2].more,
	   "each disk has its own state");
	device_states_free(&states);
	snap_free(&snap);
}

/* What decoding says about a snapshot without one section. */
static int without(uint32_t tag, unsigned id)
{
	struct device_list list = machine();
	struct device_states states = { 0 };
	struct snapshot snap;
	int rc;

	snapshot_of(&list, &snap);
	snap_remove(&snap, tag, id);
	rc = device_states_decode(&states, rows, &snap, MEMORY, &err);
	device_states_free(&states);
	snap_free(&snap);
	return rc;
}

static void missing(void)
{
	is(without(DISK, 2), 0, "without a disk");
	is(without(MORE, 0), 0, "without a section that is optional");
	is(without(CLOCK, 0), -EBADMSG, "without a device that the machine always has");
	has(err.text, "section CLCK 0 is missing", "which is named");
	is(without(DISK, 0), -EBADMSG, "an optional section without its device");
	has(err.text, "section DISK 0 is missing", "which is named");
}

static void wrong(void)
{
	static const uint32_t values[] = { 99, 12, 13 };

	for (size_t i = 0; i < 3; i++) {
		struct device_list list = machine();
		struct device_states states = { 0 };
		struct outline bad = { 0 };
		struct snapshot snap;

		disks[2].value = values[i];
		snapshot_of(&list, &snap);
		is(device_states_decode(&states, rows, &snap, MEMORY, &err), i ? 0 : -EBADMSG, "decode %u",
		   values[i]);
		if (!i)
			has(err.text, "section DISK 2 is wrong", "it is wrong");
		device_states_check(&states, &snap, &bad);
		is(bad.count, i == 1, "check %u", values[i]);
		if (i == 1)
			has(outline_value(&bad, 0), "section DISK 2: 12 is too much", "it names the device");
		if (i == 2)
			is(device_states_fit(&states, &list, &err), -EBUSY, "13 does not fit");
		outline_free(&bad);
		device_states_free(&states);
		snap_free(&snap);
	}
}

/* A snapshot and a VM that do not have the same devices. */
static void others(void)
{
	struct device_list list = machine(), other = list;
	struct device_states states = { 0 };

	device_states_save(&states, rows, &list, &err);
	other.count--;
	is(device_states_fit(&states, &other, &err), -EBADMSG, "the VM lacks a disk");
	has(err.text, "it has device \"disk\" 2, which the VM lacks", "which is named");
	device_add(&list, NULL, &disk_device, 1, &err);
	is(device_states_fit(&states, &list, &err), -EBADMSG, "the VM has one more");
	has(err.text, "it lacks device \"disk\" 1, which the VM has", "which is named");
	device_states_free(&states);

	disks[1].rc = -EIO;
	is(device_states_save(&states, rows, &list, &err), -EIO, "a disk that cannot be saved");
	device_states_free(&states);
	is(device_states_save(&states, rows + 1, &list, &err), -EOPNOTSUPP, "one that is not in the table");
	has(err.text, "no section for device \"disk\" 0", "is named");
	device_states_free(&states);
	device_add(&other, NULL, &disk_device, 3, &err);
	is(device_states_save(&states, rows, &other, &err), -EOPNOTSUPP, "and one more than it has room for");
	device_states_free(&states);
}

int main(void)
{
	lists();
	round_trip();
	missing();
	wrong();
	others();
	return tap_done();
}
