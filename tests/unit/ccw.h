/* SPDX-License-Identifier: BSD-2-Clause */
/* ccw.h: storage with channel programs in it, and a device that keeps what it is told. */
#ifndef TESTS_UNIT_CCW_H
#define TESTS_UNIT_CCW_H

#include <stdlib.h>

#include "devices/bytes.h"
#include "devices/css/ccw.h"
#include "tap.h"

#define RAM_SIZE 0x100000
#define AT       0x1000 /* the programs */
#define DATA     0x2000 /* "abc...z", again and again, for a page */
#define ROOM     0x8000 /* zeros, for a while */

/* CCWs of format 0 and 1. */
#define F0(cmd, address, flags, count) \
	((uint64_t)(cmd) << 56 | (uint64_t)(address) << 32 | (uint64_t)(flags) << 24 | (count))
#define F1(cmd, flags, count, address) \
	((uint64_t)(cmd) << 56 | (uint64_t)(flags) << 48 | (uint64_t)(count) << 32 | (address))

#define CD   0x80
#define CC   0x40
#define SLI  0x20
#define SKP  0x10
#define PCI  0x08
#define IDA  0x04
#define SUSP 0x02
#define MIDA 0x01

/* The fake device's commands. */
#define WRITE  0x01 /* takes all that there is */
#define READ   0x02 /* gives the letters A to Z, so many as `gives` */
#define CTL    0x07 /* immediate */
#define SEARCH 0x0b /* immediate, with status modifier */
#define WAIT   0x0a /* not done until `ready`; then as READ */
#define REJECT 0x0f /* unit check */

struct fake {
	char got[4096]; /* what it was written */
	size_t len;
	unsigned commands;
	size_t gives;
	bool ready, attention;
};

static struct fake fake;
static struct ram ram = { .size = RAM_SIZE, .fd = -1 };
static uint8_t keys[RAM_SIZE / 4096];

static inline uint8_t fake_command(void *device, uint8_t command, struct ccw_stream *s)
{
	struct fake *f = device;
	uint8_t text[64];
	size_t n;

	f->commands++;
	switch (command) {
	case WRITE:
		while ((n = ccw_get(s, text, sizeof(text)))) {
			size_t room = sizeof(f->got) - 1 - f->len;

			memcpy(f->got + f->len, text, n < room ? n : room);
			f->len += n < room ? n : room;
		}
		return DSTAT_END;
	case WAIT:
		if (!f->ready)
			return 0;
		f->ready = false;
		__attribute__((fallthrough));
	case READ:
		for (n = 0; n < f->gives; n++)
			text[n] = (uint8_t)('A' + n % 26);
		ccw_put(s, text, f->gives);
		return DSTAT_END;
	case CTL: return DSTAT_END;
	case SEARCH: return DSTAT_END | DSTAT_MODIFIER;
	default: return ccw_unit_check(s, SENSE_COMMAND_REJECT);
	}
}

static inline bool fake_attention(void *device)
{
	struct fake *f = device;
	bool now = f->attention;

	f->attention = false;
	return now;
}

static const struct ccw_device fake_device = {
	.device = &fake,
	.id = { 0xff, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc },
	.command = fake_command,
	.attention = fake_attention,
};

static inline uint8_t fake_key(void *arg, gpa_t page)
{
	(void)arg;
	return keys[page / 4096];
}

static const struct ccw_memory memory = { .ram = &ram, .key = fake_key };

static inline void put64(uint64_t at, uint64_t v)
{
	put32(ram.host + at, (uint32_t)(v >> 32));
	put32(ram.host + at + 4, (uint32_t)v);
}

/* Storage as at the start, and the program of n CCWs at AT. */
static inline void prepare(const uint64_t *ccws, size_t n)
{
	memset(ram.host, 0, RAM_SIZE);
	memset(keys, 0, sizeof(keys));
	for (unsigned i = 0; i < 4096; i++)
		ram.host[DATA + i] = (uint8_t)('a' + i % 26);
	for (size_t i = 0; i < n; i++)
		put64(AT + 8 * i, ccws[i]);
	fake = (struct fake){ .gives = 10 };
}

#endif
