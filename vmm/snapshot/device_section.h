/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * device_section.h: the states of devices in a snapshot. The device's own *_section.c says how its state is
 * encoded, described and checked; the codec of the machine (arch/ARCH/snapshot/codec.c) lists the devices
 * that the machine can have. Pure. Read next: vmm/device.h, codec.h.
 */
#ifndef VMM_SNAPSHOT_DEVICE_SECTION_H
#define VMM_SNAPSHOT_DEVICE_SECTION_H

#include "outline.h"
#include "snapshot.h"
#include "vmm/device.h"

struct device_section {
	uint32_t tag, version;
	const char *name; /* of the device, in sentences */
	size_t size;      /* of its state, which begins as zeros */
	void (*put)(struct snap_section *s, const void *state);
	/* False: put() cannot have written this. memory: the VM's, in bytes. */
	bool (*get)(struct snap_reader *r, void *state, uint64_t memory);
	void (*describe)(const void *state, unsigned id, struct outline *out);
	/* Reports by codec_wrong() what can be decoded and must not be restored. NULL: nothing. */
	void (*check)(const void *state, unsigned id, const struct snapshot *snap, struct outline *wrong);
	void (*release)(void *state); /* frees what the state refers to. NULL: nothing */
	/* Another section of the same state; NULL: none. It has no name, size, describe(), check() or
	 * release(). */
	const struct device_section *more;
	/* Whether the section is there, which is optional then: false before it is decoded. NULL: always. */
	bool (*has)(const void *state);
};

/* How many of these devices the machine can have; their ids begin at 0. */
struct device_row {
	const struct device_section *section; /* NULL: the end of a table */
	unsigned min, max;
};

/* The state of one device. */
struct device_state {
	const struct device_section *section;
	unsigned id;
	void *state;
};

struct device_states {
	struct device_state *all;
	size_t count;
};

/* Adds a state of zeros, which it returns; NULL: out of memory. */
void *device_states_add(struct device_states *states, const struct device_section *section, unsigned id);

/* NULL: there is none. */
void *device_states_find(const struct device_states *states, uint32_t tag, unsigned id);

void device_states_free(struct device_states *states);

/* Saves the devices of a VM that have a section; -EOPNOTSUPP for one that is not in the table, or its error.
 */
int device_states_save(struct device_states *states, const struct device_row *rows,
                       const struct device_list *list, struct error *err);

/*
 * Whether the VM has the same devices, and each can load its state: -EBADMSG, or the device's error. Only
 * then they may be loaded.
 */
int device_states_fit(const struct device_states *states, const struct device_list *list, struct error *err);
int device_states_load(const struct device_states *states, const struct device_list *list, struct error *err);

/* See codec_encode(), codec_decode(); memory: the VM's, in bytes. */
void device_states_encode(const struct device_states *states, struct snapshot *snap);
int device_states_decode(struct device_states *states, const struct device_row *rows,
                         const struct snapshot *snap, uint64_t memory, struct error *err);

/* Whether it is the section of a device in the table. */
bool device_section_known(const struct device_row *rows, const struct snap_section *s);

void device_states_describe(const struct device_states *states, struct outline *out);
void device_states_check(const struct device_states *states, const struct snapshot *snap,
                         struct outline *wrong);

#endif
