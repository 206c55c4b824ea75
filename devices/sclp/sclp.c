/* SPDX-License-Identifier: BSD-2-Clause */
/* sclp.c: see sclp.h. Read next: sclp_event.c. */
#include "sclp.h"

#include <errno.h>
#include <string.h>

#include "sccb.h"

/* Command words. The third byte is a parameter to some commands, though to none of these. */
#define CMD_READ_CPU_INFO        0x00010001
#define CMD_READ_SCP_INFO        0x00020001
#define CMD_READ_SCP_INFO_FORCED 0x00120001
#define CMD_WRITE_EVENT_DATA     0x00760005
#define CMD_READ_EVENT_DATA      0x00770005
#define CMD_WRITE_EVENT_MASK     0x00780005
#define CMD_MASK                 0xffff00ff

/* READ SCP INFO: offsets and values. */
#define SCP_INCREMENTS     8   /* u16: of storage; 0: see SCP_INCREMENTS2 */
#define SCP_INCREMENT_SIZE 10  /* u8, in MiB */
#define SCP_CPUS           16  /* u16 */
#define SCP_CPU_OFFSET     18  /* u16 */
#define SCP_LOADPARM       24  /* 8 bytes, EBCDIC */
#define SCP_FACILITIES     48  /* u64 */
#define SCP_INCREMENTS2    104 /* u64 */
#define SCP_HIGHEST_CPU    120 /* u16 */
#define SCP_ENTRIES        128
#define HAS_CPU_INFO       0x08 /* SCP_FACILITIES, the first byte: READ CPU INFO is there */
#define EBCDIC_BLANK       0x40

/* READ CPU INFO: offsets; all u16. */
#define CPU_CONFIGURED        8
#define CPU_CONFIGURED_OFFSET 10
#define CPU_STANDBY_OFFSET    14
#define CPU_ENTRIES           24

/* A CPU's entry: its address in the first byte; features and type that are 0. */
#define CPU_ENTRY 16

static void put_cpus(const struct sclp *sclp, uint8_t *at)
{
	for (unsigned i = 0; i < sclp->cpus; i++)
		at[i * CPU_ENTRY] = (uint8_t)i;
}

static unsigned read_scp_info(const struct sclp *sclp, uint8_t *sccb, unsigned len)
{
	unsigned need = SCP_ENTRIES + sclp->cpus * CPU_ENTRY;
	uint64_t mib = sclp->ram->size >> 20;

	if (len < need)
		return SCLP_INSUFFICIENT_LENGTH;
	memset(sccb + SCCB_HEADER, 0, len - SCCB_HEADER);
	if (mib <= UINT16_MAX)
		sclp_put16(sccb + SCP_INCREMENTS, mib);
	for (unsigned i = 0; mib > UINT16_MAX && i < 8; i++)
		sccb[SCP_INCREMENTS2 + i] = (uint8_t)(mib >> (56 - 8 * i));
	sccb[SCP_INCREMENT_SIZE] = 1;
	sclp_put16(sccb + SCP_CPUS, sclp->cpus);
	sclp_put16(sccb + SCP_CPU_OFFSET, SCP_ENTRIES);
	memset(sccb + SCP_LOADPARM, EBCDIC_BLANK, 8);
	sccb[SCP_FACILITIES] = HAS_CPU_INFO;
	sclp_put16(sccb + SCP_HIGHEST_CPU, sclp->cpus - 1);
	put_cpus(sclp, sccb + SCP_ENTRIES);
	return SCLP_READ;
}

/* All CPUs are configured, whether they operate or not; none is on standby. */
static unsigned read_cpu_info(const struct sclp *sclp, uint8_t *sccb, unsigned len)
{
	unsigned need = CPU_ENTRIES + sclp->cpus * CPU_ENTRY;

	if (len < need)
		return SCLP_INSUFFICIENT_LENGTH;
	memset(sccb + SCCB_HEADER, 0, len - SCCB_HEADER);
	sclp_put16(sccb + CPU_CONFIGURED, sclp->cpus);
	sclp_put16(sccb + CPU_CONFIGURED_OFFSET, CPU_ENTRIES);
	sclp_put16(sccb + CPU_STANDBY_OFFSET, need);
	put_cpus(sclp, sccb + CPU_ENTRIES);
	return SCLP_READ;
}

static unsigned execute(struct sclp *sclp, uint32_t command, uint8_t *sccb, unsigned len)
{
	switch (command & CMD_MASK) {
	case CMD_READ_CPU_INFO: return read_cpu_info(sclp, sccb, len);
	case CMD_READ_SCP_INFO:
	case CMD_READ_SCP_INFO_FORCED: return read_scp_info(sclp, sccb, len);
	case CMD_WRITE_EVENT_MASK: return sclp_write_mask(sclp, sccb, len);
	case CMD_WRITE_EVENT_DATA: return sclp_write_data(sclp, sccb, len);
	case CMD_READ_EVENT_DATA: return sclp_read_data(sclp, sccb, len);
	default: return SCLP_INVALID_COMMAND;
	}
}

int sclp_io(void *device, struct io *io, struct error *err)
{
	struct sclp *sclp = device;
	uint8_t *guest = ram_at(sclp->ram, io->arg, SCCB_HEADER), sccb[SCCB_MAX];
	unsigned len, response;

	if (!guest)
		return error_set(err, -EIO, "service call with the SCCB outside memory");
	/* A copy, with the length read once: another vCPU may be writing to it. */
	len = sclp_get16(guest);
	if (len < SCCB_HEADER)
		return 0;
	if ((io->arg & (SCCB_MAX - 1)) + len > SCCB_MAX || !ram_at(sclp->ram, io->arg, len)) {
		response = SCLP_SCCB_BOUNDARY;
	} else {
		memcpy(sccb, guest, len);
		sclp_put16(sccb, len);
		response = execute(sclp, (uint32_t)io->addr, sccb, len);
		memcpy(guest, sccb, len);
	}
	sclp_put16(guest + SCCB_RESPONSE, response);
	io->raise = true;
	io->parm = (uint32_t)io->arg | (sclp_event_pending(sclp) ? SCLP_EVENT_PENDING : 0);
	return 0;
}
