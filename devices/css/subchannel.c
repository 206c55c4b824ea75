/* SPDX-License-Identifier: BSD-2-Clause */
/* subchannel.c: see subchannel.h. Pure. */
#include "subchannel.h"

#include <string.h>

#include "devices/bytes.h"

/* The last word of the PMCW; MODIFY SUBCHANNEL does not set its type bits. */
#define LAST_CONCURRENT_SENSE 0x00000001u
#define LAST_BLOCK_1          0x00000004u
#define LAST_TYPE             0x00e00000u

/* The extended-report word: concurrent sense, and how many bytes of it. */
#define ERW_CONCURRENT_SENSE 0x01000000u
#define ERW_COUNT_SHIFT      16

static void put_scsw(const struct subchannel *sch, uint8_t *b)
{
	put32(b, sch->ctrl);
	put32(b + 4, sch->cpa);
	b[8] = sch->dstat;
	b[9] = sch->cstat;
	put16(b + 10, sch->count);
}

void css_schib(const struct subchannel *sch, uint8_t schib[SCHIB_SIZE])
{
	memset(schib, 0, SCHIB_SIZE);
	if (!sch->valid)
		return;
	put32(schib, sch->intparm);
	put16(schib + 4, sch->flags | PMCW_VALID);
	put16(schib + 6, sch->devno);
	schib[8] = sch->lpm;
	schib[9] = sch->pnom;
	schib[10] = sch->lpum;
	schib[11] = CSS_PATH; /* installed */
	put16(schib + 12, sch->mbi);
	schib[14] = sch->pom;
	schib[15] = CSS_PATH; /* available */
	schib[16] = CSS_CHPID;
	put32(schib + 24,
	      (sch->concurrent_sense ? LAST_CONCURRENT_SENSE : 0) | (sch->block_1 ? LAST_BLOCK_1 : 0));
	put_scsw(sch, schib + 28);
	put32(schib + 40, (uint32_t)(sch->mba >> 32));
	put32(schib + 44, (uint32_t)sch->mba);
}

bool css_schib_valid(const uint8_t schib[SCHIB_SIZE])
{
	uint16_t flags = get16(schib + 4);
	uint32_t last = get32(schib + 24);

	return !(flags & PMCW_INVALID) && (flags & PMCW_LIMIT) != PMCW_LIMIT &&
	       !(last & ~(LAST_CONCURRENT_SENSE | LAST_BLOCK_1 | LAST_TYPE)) &&
	       !(last & LAST_BLOCK_1 && get64(schib + 40) & (MBA_ALIGN - 1));
}

void css_schib_modify(struct subchannel *sch, const uint8_t schib[SCHIB_SIZE])
{
	sch->intparm = get32(schib);
	sch->flags = get16(schib + 4) & PMCW_SETTABLE;
	sch->lpm = schib[8];
	sch->mbi = get16(schib + 12);
	sch->pom = schib[14];
	sch->concurrent_sense = get32(schib + 24) & LAST_CONCURRENT_SENSE;
	sch->block_1 = get32(schib + 24) & LAST_BLOCK_1;
	sch->mba = sch->block_1 ? get64(schib + 40) : 0;
}

void css_irb(const struct subchannel *sch, uint8_t irb[IRB_SIZE])
{
	memset(irb, 0, IRB_SIZE);
	put_scsw(sch, irb);
	irb[13] = sch->lpum; /* extended status of format 1, or with the device-connect time of format 2 */
	put16(irb + 14, sch->dcti);
	if (sch->ecw_bytes)
		put32(irb + 16, ERW_CONCURRENT_SENSE | (uint32_t)sch->ecw_bytes << ERW_COUNT_SHIFT);
	memcpy(irb + 32, sch->ecw, sch->ecw_bytes);
}
