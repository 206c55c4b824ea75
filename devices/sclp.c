/* SPDX-License-Identifier: BSD-2-Clause */
/* sclp.c: see sclp.h. */
#include "sclp.h"

#include <errno.h>

#define CMD_WRITE_EVENT_DATA 0x00760005

/* Response codes. */
#define DONE                 0x0020
#define SCCB_BOUNDARY        0x0100
#define INVALID_COMMAND      0x01f0
#define INSUFFICIENT_LENGTH  0x0300
#define INVALID_FUNCTION     0x40f0 /* an event type that nobody takes */
#define INCONSISTENT_LENGTHS 0x72f0
#define EVENT_BUFFER_SYNTAX  0x73f0

/* The SCCB's header: length u16, function u8, control u8 x 3, response code u16. */
#define SCCB_HEADER   8
#define SCCB_RESPONSE 6
#define SCCB_MAX      4096

/* An event buffer's header: length u16, type u8, flags u8, reserved u16. */
#define EVENT_HEADER   6
#define EVENT_ASCII    0x1a
#define EVENT_ACCEPTED 0x80

static unsigned get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* Prints the text of the event buffers that follow the header. */
static unsigned write_events(const struct sclp *sclp, uint8_t *sccb, unsigned len)
{
	for (unsigned at = SCCB_HEADER; at < len;) {
		uint8_t *event = sccb + at;
		unsigned size;

		if (len - at < EVENT_HEADER)
			return INCONSISTENT_LENGTHS;
		size = get16(event);
		if (size < EVENT_HEADER)
			return EVENT_BUFFER_SYNTAX;
		if (size > len - at)
			return INCONSISTENT_LENGTHS;
		if (event[2] != EVENT_ASCII)
			return INVALID_FUNCTION;
		fwrite(event + EVENT_HEADER, 1, size - EVENT_HEADER, sclp->out);
		event[3] |= EVENT_ACCEPTED;
		at += size;
	}
	fflush(sclp->out);
	return DONE;
}

int sclp_io(void *device, struct io *io, struct error *err)
{
	const struct sclp *sclp = device;
	uint8_t *sccb = ram_at(sclp->ram, io->arg, SCCB_HEADER);
	unsigned len, response;

	if (!sccb)
		return error_set(err, -EIO, "service call with the SCCB outside memory");
	/* The length is read once: another vCPU may be writing to it. */
	len = get16(sccb);
	if (len < SCCB_HEADER)
		response = INSUFFICIENT_LENGTH;
	else if ((io->arg & (SCCB_MAX - 1)) + len > SCCB_MAX || !ram_at(sclp->ram, io->arg, len))
		response = SCCB_BOUNDARY;
	else if ((uint32_t)io->addr == CMD_WRITE_EVENT_DATA)
		response = write_events(sclp, sccb, len);
	else
		response = INVALID_COMMAND;
	sccb[SCCB_RESPONSE] = (uint8_t)(response >> 8);
	sccb[SCCB_RESPONSE + 1] = (uint8_t)response;
	io->raise = true;
	io->parm = (uint32_t)io->arg;
	return 0;
}
