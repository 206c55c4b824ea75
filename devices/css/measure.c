/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * measure.c: the measurement modes (Principles of Operation, ch. 17, "Channel-Subsystem Monitoring"): counts
 * and times of start functions in measurement blocks, and the device-connect time in the extended status.
 *
 * A start function begins at once, and between its commands nothing happens but the device's work. So the
 * time that the program was executed is connect time; all other times are zero. Pure. See css.h.
 */
#include "css.h"

#include "devices/bytes.h"

#define TIME_UNIT 128000 /* nanoseconds */

/* SET CHANNEL MONITOR, general register 1. */
#define MONITOR_KEY      0xf0000000u
#define MONITOR_RESERVED 0x0ffffffcu
#define MONITOR_BLOCKS   2
#define MONITOR_CONNECT  1

/* Blocks of the two formats, whose fields are of 2 and 4 bytes. The times, of 4 bytes, follow. */
#define BLOCK_0_SIZE MBO_ALIGN
#define BLOCK_1_SIZE MBA_ALIGN

int css_monitor(struct css *css, uint64_t r1, uint64_t r2)
{
	struct css_state *s = &css->state;

	if (r1 & MONITOR_RESERVED || (r1 & MONITOR_BLOCKS && r2 & (BLOCK_0_SIZE - 1)))
		return -PGM_OPERAND;
	s->measure = r1 & (MONITOR_BLOCKS | MONITOR_CONNECT);
	s->measure_key = (uint8_t)((r1 & MONITOR_KEY) >> 28);
	if (r1 & MONITOR_BLOCKS)
		s->measure_origin = r2;
	return 0;
}

static bool blocks(const struct css *css, const struct subchannel *sch)
{
	return css->state.measure & MONITOR_BLOCKS && sch->flags & PMCW_MEASURE_BLOCK;
}

static bool connect_time(const struct css *css, const struct subchannel *sch)
{
	return css->state.measure & MONITOR_CONNECT && sch->flags & PMCW_MEASURE_CONNECT;
}

uint64_t css_measure_now(const struct css *css, const struct subchannel *sch)
{
	return blocks(css, sch) || connect_time(css, sch) ? css->host.now(css->host.arg) : 0;
}

/* The subchannel's block. One that cannot be accessed turns the subchannel's updates off. */
static uint8_t *block_of(const struct css *css, struct subchannel *sch)
{
	uint64_t address = sch->mba, len = BLOCK_1_SIZE;
	uint8_t *block, cstat = 0;

	if (!blocks(css, sch))
		return NULL;
	if (!sch->block_1) {
		address = css->state.measure_origin + (uint64_t)sch->mbi * BLOCK_0_SIZE;
		len = BLOCK_0_SIZE;
	}
	block = ccw_storage(&css->memory, address, len, css->state.measure_key, true, &cstat);
	if (!block)
		sch->flags &= ~PMCW_MEASURE_BLOCK;
	return block;
}

/* The nth count of the block: it wraps around. */
static void count(uint8_t *block, bool block_1, unsigned n)
{
	if (block_1)
		put32(block + 4 * n, get32(block + 4 * n) + 1);
	else
		put16(block + 2 * n, (uint16_t)(get16(block + 2 * n) + 1));
}

void css_measure_start(const struct css *css, struct subchannel *sch)
{
	uint8_t *block = block_of(css, sch);

	if (block)
		count(block, sch->block_1, 0);
}

void css_measure_end(const struct css *css, struct subchannel *sch)
{
	uint64_t units = sch->connected / TIME_UNIT;
	uint8_t *block = block_of(css, sch), *time;

	if (block) {
		time = block + (sch->block_1 ? 8 : 4);
		count(block, sch->block_1, 1);
		put32(time, get32(time) + (uint32_t)units);
	}
	sch->dcti = connect_time(css, sch) ? (uint16_t)(units < UINT16_MAX ? units : UINT16_MAX) : 0;
	sch->connected = 0;
}
