/* SPDX-License-Identifier: BSD-2-Clause */
/* sccb.h: the service-call control block, and the commands of the event facility (sclp_event.c). */
#ifndef DEVICES_SCLP_SCCB_H
#define DEVICES_SCLP_SCCB_H

#include <stddef.h>
#include <stdint.h>

struct sclp;

/* Response codes. */
#define SCLP_READ                 0x0010
#define SCLP_DONE                 0x0020
#define SCLP_SCCB_BOUNDARY        0x0100
#define SCLP_INVALID_COMMAND      0x01f0
#define SCLP_INSUFFICIENT_LENGTH  0x0300
#define SCLP_INVALID_FUNCTION     0x40f0 /* a function code, or an event type that is not supported */
#define SCLP_NO_EVENT             0x60f0
#define SCLP_EVENTS_SUPPRESSED    0x62f0 /* there are events, but none of a requested type */
#define SCLP_INVALID_SELECTION    0x70f0
#define SCLP_INCONSISTENT_LENGTHS 0x72f0
#define SCLP_EVENT_SYNTAX         0x73f0
#define SCLP_INVALID_MASK_LENGTH  0x74f0
#define SCLP_EXCEEDS_SCCB         0x75f0 /* an event is longer than the SCCB */

/* The SCCB's header: length u16, function code u8, control mask u8 x 3, response code u16. */
#define SCCB_HEADER   8
#define SCCB_FUNCTION 2
#define SCCB_CONTROL  5 /* the last byte of the mask */
#define SCCB_RESPONSE 6
#define SCCB_MAX      4096 /* none is longer without the extended-length facility, none crosses a page */
#define SCCB_VARIABLE 0x80 /* SCCB_CONTROL: the SCCB's length may be set to the answer's */

static inline unsigned sclp_get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static inline void sclp_put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* Each works on a copy of an SCCB of len bytes, and returns the response code. */
unsigned sclp_write_mask(struct sclp *sclp, uint8_t *sccb, unsigned len);
unsigned sclp_write_data(struct sclp *sclp, uint8_t *sccb, unsigned len);
unsigned sclp_read_data(struct sclp *sclp, uint8_t *sccb, unsigned len);

#endif
