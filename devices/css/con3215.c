/* SPDX-License-Identifier: BSD-2-Clause */
/* con3215.c: see con3215.h. */
#include "con3215.h"

#include <string.h>

#include "devices/ebcdic.h"

#define CMD_WRITE        0x01
#define CMD_WRITE_RETURN 0x09
#define CMD_READ         0x0a
#define CMD_ALARM        0x0b

#define EBCDIC_NL 0x15 /* ASCII does not have it */
#define EBCDIC_LF 0x25

static uint8_t write_text(struct con3215 *con, bool carriage_return, struct ccw_stream *s)
{
	uint8_t text[256];
	size_t len;

	while ((len = ccw_get(s, text, sizeof(text)))) {
		for (size_t i = 0; i < len; i++)
			text[i] = text[i] == EBCDIC_NL ? EBCDIC_LF : text[i];
		ebcdic_to_ascii(text, len);
		fwrite(text, 1, len, con->out);
	}
	if (carriage_return && !ccw_unfinished(s))
		fputc('\n', con->out);
	fflush(con->out);
	return DSTAT_END;
}

/* Takes the first line that was typed, if it has ended. */
static uint8_t read_line(struct con3215_state *state, struct ccw_stream *s)
{
	const uint8_t *end = memchr(state->typed, '\n', state->len);
	uint8_t text[CON3215_INPUT];
	size_t len;

	if (!end)
		return 0;
	len = (size_t)(end - state->typed);
	memcpy(text, state->typed, len);
	ebcdic_from_ascii(text, len);
	state->len -= (uint16_t)(len + 1);
	memmove(state->typed, end + 1, state->len);
	state->attention = memchr(state->typed, '\n', state->len);
	ccw_put(s, text, len);
	return DSTAT_END;
}

static uint8_t command(void *device, uint8_t cmd, struct ccw_stream *s)
{
	struct con3215 *con = device;

	switch (cmd) {
	case CMD_WRITE:
	case CMD_WRITE_RETURN: return write_text(con, cmd == CMD_WRITE_RETURN, s);
	case CMD_READ: return read_line(&con->state, s);
	case CMD_ALARM: return DSTAT_END;
	default: return ccw_unit_check(s, SENSE_COMMAND_REJECT);
	}
}

static bool attention(void *device)
{
	struct con3215 *con = device;
	bool now = con->state.attention;

	con->state.attention = false;
	return now;
}

void con3215_init(struct con3215 *con, FILE *out)
{
	*con = (struct con3215){
		.out = out,
		.dev = { .device = con,
		         .id = { 0xff, 0x32, 0x15, 0, 0x32, 0x15, 0 },
		         .command = command,
		         .attention = attention },
	};
}

size_t con3215_input(struct con3215 *con, const uint8_t *bytes, size_t len)
{
	struct con3215_state *state = &con->state;
	size_t room = sizeof(state->typed) - state->len;

	len = len < room ? len : room;
	memcpy(state->typed + state->len, bytes, len);
	state->len += (uint16_t)len;
	state->attention |= memchr(bytes, '\n', len) != NULL;
	return len;
}
