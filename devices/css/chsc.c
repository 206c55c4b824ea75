/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chsc.c: CHANNEL SUBSYSTEM CALL, with the commands that Linux needs. Not in the Principles of Operation;
 * commands, blocks and response codes are those of the kernel's drivers/s390/cio/chsc.[ch]. Pure.
 */
#include <string.h>

#include "devices/bytes.h"
#include "css.h"

/* A request: length u16, command u16, parameters; the answer follows it: length u16, code u16, ... */
#define REQUEST_MIN   16
#define REQUEST_MAX   4088
#define ANSWER_HEADER 8

#define PATH_DESCRIPTION  0x0002
#define EVENT_INFORMATION 0x000e
#define CHARACTERISTICS   0x0010
#define DOMAIN_ATTRIBUTES 0x0031

#define DONE             0x0001
#define INVALID_BLOCK    0x0003
#define INVALID_COMMAND  0x0004
#define NO_EVENT         0x0005
#define INVALID_FORMAT   0x0007
#define NO_SUCH_CSS      0x0008
#define NO_SUCH_FACILITY 0x0101

#define FACILITY_SETS 2 /* multiple subchannel sets */

#define EXTENDED_BLOCKS 48 /* general characteristics: extended I/O-measurement block */

#define CHPID_VALID 0x80000000u

struct answer {
	uint16_t code;
	uint16_t len;  /* with its header */
	uint32_t parm; /* in the header */
};

/* The one channel path, if it is in the requested range. */
static struct answer path_description(const uint8_t *request, uint8_t *body)
{
	uint32_t word = get32(request + 4), last = get32(request + 8);
	uint8_t format = word >> 8 & 15;
	uint16_t size = format ? 32 : 8;

	if (get16(request) != 16 || word & 0xc000f000 || last & 0xffffff00 || get32(request + 12) ||
	    (last & 0xff) < (word & 0xff))
		return (struct answer){ .code = INVALID_BLOCK };
	if (word & 0x0f000000 || format > 1)
		return (struct answer){ .code = INVALID_FORMAT };
	if (word & 0x00ff0000)
		return (struct answer){ .code = NO_SUCH_CSS };
	if ((word & 0xff) > CSS_CHPID)
		return (struct answer){ DONE, ANSWER_HEADER, format };
	memset(body, 0, size);
	put32(body, CHPID_VALID | CSS_CHPID);
	return (struct answer){ DONE, (uint16_t)(ANSWER_HEADER + size), format };
}

/* The only facility beyond the basic ones is that of measurement blocks of format 1. */
static struct answer characteristics(const uint8_t *request, uint8_t *body)
{
	uint32_t word = get32(request + 4);

	if (get16(request) != 16 || word & 0xdff000ff || get32(request + 8) || get32(request + 12))
		return (struct answer){ .code = INVALID_BLOCK };
	if (word & 0x000f0000)
		return (struct answer){ .code = INVALID_FORMAT };
	if (word & 0x0000ff00)
		return (struct answer){ .code = NO_SUCH_CSS };
	memset(body, 0, CHSC_SIZE - 16 - ANSWER_HEADER);
	body[EXTENDED_BLOCKS / 8] = 0x80 >> EXTENDED_BLOCKS % 8;
	return (struct answer){ .code = DONE, .len = CHSC_SIZE - 16 };
}

static struct answer domain_attributes(struct css *css, const uint8_t *request)
{
	uint32_t word = get32(request + 4);

	if (get16(request) != 0x400 || word & 0xf0ff0000)
		return (struct answer){ .code = INVALID_BLOCK };
	if (word & 0x0f000000)
		return (struct answer){ .code = INVALID_FORMAT };
	if ((word & 0xffff) != FACILITY_SETS)
		return (struct answer){ .code = NO_SUCH_FACILITY };
	css->state.mss = true;
	return (struct answer){ .code = DONE };
}

int css_call(struct css *css, uint8_t block[CHSC_SIZE])
{
	uint16_t len = get16(block);
	uint8_t *reply = block + len;
	struct answer answer;

	if (len < REQUEST_MIN || len > REQUEST_MAX || len % 8)
		return -PGM_OPERAND;
	switch (get16(block + 2)) {
	case PATH_DESCRIPTION: answer = path_description(block, reply + ANSWER_HEADER); break;
	case CHARACTERISTICS: answer = characteristics(block, reply + ANSWER_HEADER); break;
	case DOMAIN_ATTRIBUTES: answer = domain_attributes(css, block); break;
	case EVENT_INFORMATION:
		answer = (struct answer){ .code = len == 16 ? NO_EVENT : INVALID_BLOCK };
		break;
	default: answer = (struct answer){ .code = INVALID_COMMAND };
	}
	put16(reply, answer.len ? answer.len : ANSWER_HEADER);
	put16(reply + 2, answer.code);
	put32(reply + 4, answer.parm);
	return 0;
}
