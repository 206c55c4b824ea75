/* SPDX-License-Identifier: BSD-2-Clause */
/* sclp_event.c: the event facility: masks, and events in both directions. See sclp.h. */
#include <string.h>

#include "devices/ebcdic.h"
#include "sccb.h"
#include "sclp.h"

/* Event types, and the mask bit of each. */
#define EVENT_COMMAND 0x01 /* from the operator */
#define EVENT_MESSAGE 0x02 /* to the operator */
#define EVENT_ASCII   0x1a
#define EVENT_QUIESCE 0x1d
#define BIT(type)     (1ULL << (64 - (type)))

/* The events that the machine receives and sends: those of its console, and signal quiesce. */
static uint64_t receives(const struct sclp *sclp)
{
	return sclp->state.line_mode ? BIT(EVENT_MESSAGE) : BIT(EVENT_ASCII);
}

static uint64_t sends(const struct sclp *sclp)
{
	return (sclp->state.line_mode ? BIT(EVENT_COMMAND) : BIT(EVENT_ASCII)) | BIT(EVENT_QUIESCE);
}

/* An event buffer's header: length u16, type u8, flags u8, reserved u16. */
#define EVENT_HEADER   6
#define EVENT_TYPE     2
#define EVENT_FLAGS    3
#define EVENT_ACCEPTED 0x80

/* --- masks ------------------------------------------------------------ */

/* WRITE EVENT MASK: after the header reserved u16, length u16, and four masks of that length. */
#define MASK_LENGTH 10
#define MASKS       12

static uint64_t get_mask(const uint8_t *p, unsigned len)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < len && i < 8; i++)
		mask |= (uint64_t)p[i] << (56 - 8 * i);
	return mask;
}

static void put_mask(uint8_t *p, unsigned len, uint64_t mask)
{
	for (unsigned i = 0; i < len; i++)
		p[i] = i < 8 ? (uint8_t)(mask >> (56 - 8 * i)) : 0;
}

/* The guest's masks of what it receives and sends; the machine's are the answer. */
unsigned sclp_write_mask(struct sclp *sclp, uint8_t *sccb, unsigned len)
{
	unsigned length;

	if (len < MASKS)
		return SCLP_INSUFFICIENT_LENGTH;
	length = sclp_get16(sccb + MASK_LENGTH);
	if (!length || length > SCLP_MASK_LENGTH_MAX)
		return SCLP_INVALID_MASK_LENGTH;
	if (len < MASKS + 4 * length)
		return SCLP_INSUFFICIENT_LENGTH;
	sclp->state.receive = get_mask(sccb + MASKS, length);
	sclp->state.mask_length = (uint16_t)length;
	put_mask(sccb + MASKS + 2 * length, length, receives(sclp));
	put_mask(sccb + MASKS + 3 * length, length, sends(sclp));
	return SCLP_DONE;
}

/* --- from the guest --------------------------------------------------- */

/* A message data block: length, type, tag, revision; then objects, each with length and type. */
#define MDB_HEADER 12
#define MDB_TYPE   1
#define MDB_TAG    0xd4c4c240 /* "MDB ", EBCDIC */
#define OBJECT     4
#define MTO        10 /* message text object: line type, alarm, reserved; then the text */
#define MTO_TYPE   4

/* Prints a block of size bytes; out NULL: only checks whether it is valid. */
static unsigned message(const uint8_t *mdb, unsigned size, FILE *out)
{
	unsigned length;

	if (size < MDB_HEADER)
		return SCLP_INCONSISTENT_LENGTHS;
	length = sclp_get16(mdb);
	if (length < MDB_HEADER || length > size)
		return SCLP_INCONSISTENT_LENGTHS;
	if (sclp_get16(mdb + 2) != MDB_TYPE || get_mask(mdb + 4, 4) >> 32 != MDB_TAG)
		return SCLP_EVENT_SYNTAX;
	for (unsigned at = MDB_HEADER, n; at < length; at += n) {
		uint8_t text[SCCB_MAX];
		bool mto;

		if (length - at < OBJECT)
			return SCLP_INCONSISTENT_LENGTHS;
		n = sclp_get16(mdb + at);
		mto = sclp_get16(mdb + at + 2) == MTO_TYPE;
		if (n < (mto ? MTO : OBJECT) || n > length - at)
			return SCLP_INCONSISTENT_LENGTHS;
		if (!mto || !out)
			continue;
		memcpy(text, mdb + at + MTO, n - MTO);
		ebcdic_to_ascii(text, n - MTO);
		fwrite(text, 1, n - MTO, out);
		putc('\n', out);
	}
	return SCLP_DONE;
}

/* The lengths are checked before anything is printed. */
static unsigned check_events(const uint8_t *sccb, unsigned len)
{
	for (unsigned at = SCCB_HEADER, size; at < len; at += size) {
		if (len - at < EVENT_HEADER)
			return SCLP_INCONSISTENT_LENGTHS;
		size = sclp_get16(sccb + at);
		if (size < EVENT_HEADER)
			return SCLP_EVENT_SYNTAX;
		if (size > len - at)
			return SCLP_INCONSISTENT_LENGTHS;
	}
	return SCLP_DONE;
}

static unsigned write_event(const struct sclp *sclp, const uint8_t *event)
{
	unsigned size = sclp_get16(event) - EVENT_HEADER, type = event[EVENT_TYPE], response;

	if (!type || type > 64 || !(receives(sclp) & BIT(type)))
		return SCLP_INVALID_FUNCTION;
	switch (type) {
	case EVENT_ASCII: fwrite(event + EVENT_HEADER, 1, size, sclp->out); return SCLP_DONE;
	case EVENT_MESSAGE:
		response = message(event + EVENT_HEADER, size, NULL);
		return response == SCLP_DONE ? message(event + EVENT_HEADER, size, sclp->out) : response;
	default: return SCLP_INVALID_FUNCTION;
	}
}

/* WRITE EVENT DATA. The accepted buffers are marked as processed, up to the first that is not. */
unsigned sclp_write_data(struct sclp *sclp, uint8_t *sccb, unsigned len)
{
	unsigned response;

	if (sccb[SCCB_FUNCTION])
		return SCLP_INVALID_FUNCTION;
	response = check_events(sccb, len);
	if (response != SCLP_DONE)
		return response;
	for (unsigned at = SCCB_HEADER; at < len; at += sclp_get16(sccb + at)) {
		if (response == SCLP_DONE)
			response = write_event(sclp, sccb + at);
		if (response == SCLP_DONE)
			sccb[at + EVENT_FLAGS] |= EVENT_ACCEPTED;
		else
			sccb[at + EVENT_FLAGS] &= (uint8_t)~EVENT_ACCEPTED;
	}
	fflush(sclp->out);
	return response;
}

/* --- to the guest ----------------------------------------------------- */

/* READ EVENT DATA: function codes. */
#define READ_UNCONDITIONAL 0x00
#define READ_SELECTIVE     0x01 /* only the events in the mask that follows the header */

#define ASCII_DATA 0x00 /* the first byte of an ASCII console's event: input (not start or end) */

/*
 * A command of the operator is text in a self-defining text message, in a text
 * command, in a control point's message unit, in a multiple-domain one: vectors
 * with length u16 and id u16, then subvectors with length u8 and key u8. The
 * lengths include all that is inside.
 */
#define GDS_MDS_MU       0x1310
#define GDS_CP_MSU       0x1212
#define GDS_TEXT_COMMAND 0x1320
#define KEY_SELF_DEFINED 0x31
#define KEY_TEXT         0x30
#define COMMAND_HEADER   16
#define COMMAND_MAX      (UINT8_MAX - 4) /* bytes of text; the rest becomes the next command */

/* The length of the first command, without its newline; -1: there is none yet. */
static int command_length(const struct fifo *line)
{
	for (int i = 0; i < line->len; i++)
		if (line->bytes[i] == '\n' || i == COMMAND_MAX)
			return i;
	return -1;
}

/* The types of which there is an event, as a mask. */
static uint64_t have(const struct sclp_state *s)
{
	return (s->quiesce ? BIT(EVENT_QUIESCE) : 0) | (s->ascii.len ? BIT(EVENT_ASCII) : 0) |
	       (command_length(&s->line) >= 0 ? BIT(EVENT_COMMAND) : 0);
}

bool sclp_event_pending(const struct sclp *sclp)
{
	return have(&sclp->state) & sclp->state.receive;
}

/* Each of these functions puts one event into room bytes and returns its length, or 0 if it does not fit. */
static unsigned put_event(uint8_t *event, unsigned type, unsigned size)
{
	memset(event, 0, EVENT_HEADER);
	sclp_put16(event, size);
	event[EVENT_TYPE] = (uint8_t)type;
	return size;
}

/* The header is followed by a time-out (u16) and its unit (u8); 0: there is no limit. */
static unsigned put_quiesce(struct sclp_state *s, uint8_t *event, unsigned room)
{
	if (room < EVENT_HEADER + 3)
		return 0;
	s->quiesce = false;
	memset(event + EVENT_HEADER, 0, 3);
	return put_event(event, EVENT_QUIESCE, EVENT_HEADER + 3);
}

static unsigned put_command(struct sclp_state *s, uint8_t *event, unsigned room)
{
	unsigned text = (unsigned)command_length(&s->line), at = EVENT_HEADER;
	static const unsigned ids[] = { GDS_MDS_MU, GDS_CP_MSU, GDS_TEXT_COMMAND };
	uint8_t newline;

	if (room < EVENT_HEADER + COMMAND_HEADER + text)
		return 0;
	for (unsigned i = 0; i < 3; i++, at += 4) {
		sclp_put16(event + at, COMMAND_HEADER - 4 * i + text);
		sclp_put16(event + at + 2, ids[i]);
	}
	event[at++] = (uint8_t)(4 + text);
	event[at++] = KEY_SELF_DEFINED;
	event[at++] = (uint8_t)(2 + text);
	event[at++] = KEY_TEXT;
	fifo_get(&s->line, event + at, text);
	ebcdic_from_ascii(event + at, text);
	if (s->line.len && s->line.bytes[0] == '\n')
		fifo_get(&s->line, &newline, 1);
	return put_event(event, EVENT_COMMAND, EVENT_HEADER + COMMAND_HEADER + text);
}

/* As many bytes as there is room for. */
static unsigned put_ascii(struct sclp_state *s, uint8_t *event, unsigned room)
{
	if (room <= EVENT_HEADER + 1)
		return 0;
	event[EVENT_HEADER] = ASCII_DATA;
	return put_event(
		event, EVENT_ASCII,
		EVENT_HEADER + 1 +
			(unsigned)fifo_get(&s->ascii, event + EVENT_HEADER + 1, room - EVENT_HEADER - 1));
}

/* Puts events of the types in mask, until there are no more or the next one does not fit. Returns their
 * bytes. */
static unsigned put_events(struct sclp_state *s, uint64_t mask, uint8_t *at, unsigned room)
{
	unsigned done = 0, n;

	do {
		uint64_t types = have(s) & mask;

		if (types & BIT(EVENT_QUIESCE))
			n = put_quiesce(s, at + done, room - done);
		else if (types & BIT(EVENT_COMMAND))
			n = put_command(s, at + done, room - done);
		else
			n = types ? put_ascii(s, at + done, room - done) : 0;
		done += n;
	} while (n);
	return done;
}

unsigned sclp_read_data(struct sclp *sclp, uint8_t *sccb, unsigned len)
{
	struct sclp_state *s = &sclp->state;
	uint64_t mask = s->receive;
	unsigned size;

	switch (sccb[SCCB_FUNCTION]) {
	case READ_UNCONDITIONAL: break;
	case READ_SELECTIVE:
		if (len < (unsigned)SCCB_HEADER + s->mask_length)
			return SCLP_INSUFFICIENT_LENGTH;
		mask = get_mask(sccb + SCCB_HEADER, s->mask_length);
		if (!s->receive || mask & ~s->receive)
			return SCLP_INVALID_SELECTION;
		break;
	default: return SCLP_INVALID_FUNCTION;
	}
	if (len < SCCB_HEADER + EVENT_HEADER)
		return SCLP_INSUFFICIENT_LENGTH;
	if (!(have(s) & mask))
		return have(s) ? SCLP_EVENTS_SUPPRESSED : SCLP_NO_EVENT;
	size = put_events(s, mask, sccb + SCCB_HEADER, len - SCCB_HEADER);
	if (!size)
		return SCLP_EXCEEDS_SCCB;
	memset(sccb + SCCB_HEADER + size, 0, len - SCCB_HEADER - size);
	if (sccb[SCCB_CONTROL] & SCCB_VARIABLE) {
		sccb[SCCB_CONTROL] &= (uint8_t)~SCCB_VARIABLE;
		sclp_put16(sccb, SCCB_HEADER + size);
	}
	return SCLP_DONE;
}

/* --- from the operator ------------------------------------------------ */

size_t sclp_type(struct sclp *sclp, const uint8_t *bytes, size_t len)
{
	return fifo_put(&sclp->state.ascii, bytes, len);
}

/* A terminal in raw mode ends a line by a carriage return. */
size_t sclp_type_line(struct sclp *sclp, const uint8_t *bytes, size_t len)
{
	struct fifo *line = &sclp->state.line;
	size_t from = line->len, n = fifo_put(line, bytes, len);

	for (size_t i = from; i < line->len; i++)
		if (line->bytes[i] == '\r')
			line->bytes[i] = '\n';
	return n;
}

bool sclp_quiesce(struct sclp *sclp)
{
	if (!(sclp->state.receive & BIT(EVENT_QUIESCE)))
		return false;
	sclp->state.quiesce = true;
	return true;
}

/* --- in a snapshot ---------------------------------------------------- */
