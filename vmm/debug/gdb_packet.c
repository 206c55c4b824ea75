/* SPDX-License-Identifier: BSD-2-Clause */
/* gdb_packet.c: see gdb_packet.h. A packet is a row of rows[]. Pure. */
#include "gdb_packet.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ESCAPE 0x7d
#define MASK   0x20

static int digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	                              : -1;
}

/* --- what comes in, byte by byte -------------------------------------------- */

static void keep(struct gdb_input_state *s, uint8_t byte)
{
	if (s->len < GDB_PACKET_MAX)
		s->data[s->len++] = (char)byte;
	else
		s->too_long = true;
}

static enum gdb_input outside(struct gdb_input_state *s, uint8_t byte)
{
	if (byte == '$') {
		s->at = GDB_INSIDE;
		s->sum = s->wanted = 0;
		s->too_long = s->no_digit = false;
		s->len = 0;
	}
	return byte == 0x03 ? GDB_INTERRUPT : byte == '-' ? GDB_REFUSED : GDB_NOTHING;
}

static void inside(struct gdb_input_state *s, uint8_t byte)
{
	bool escaped = s->at == GDB_ESCAPE;

	if (!escaped && byte == '#') {
		s->at = GDB_SUM_1;
		return;
	}
	s->sum = (uint8_t)(s->sum + byte);
	s->at = !escaped && byte == ESCAPE ? GDB_ESCAPE : GDB_INSIDE;
	if (s->at == GDB_INSIDE)
		keep(s, escaped ? byte ^ MASK : byte);
}

enum gdb_input gdb_input(struct gdb_input_state *s, uint8_t byte)
{
	int value = digit((char)byte);

	if (s->at == GDB_OUTSIDE)
		return outside(s, byte);
	if (s->at == GDB_INSIDE || s->at == GDB_ESCAPE) {
		inside(s, byte);
		return GDB_NOTHING;
	}
	s->no_digit |= value < 0;
	s->wanted = (uint8_t)(s->wanted << 4 | (value & 15));
	s->at = s->at == GDB_SUM_1 ? GDB_SUM_2 : GDB_OUTSIDE;
	if (s->at == GDB_SUM_2)
		return GDB_NOTHING;
	s->data[s->len] = 0;
	return s->too_long || s->no_digit || s->sum != s->wanted ? GDB_DAMAGED : GDB_PACKET;
}

/* --- what a packet asks for -------------------------------------------------- */

/* What is left of a packet to be read. After something that is not as it should be, `good` is false. */
struct reader {
	const char *at, *end;
	bool good;
};

static uint64_t number(struct reader *r)
{
	uint64_t value = 0;
	const char *begin = r->at;

	for (; r->at < r->end && digit(*r->at) >= 0; r->at++)
		value = value << 4 | (unsigned)digit(*r->at);
	r->good &= r->at > begin && r->at - begin <= 16;
	return value;
}

static void skip(struct reader *r, char c)
{
	r->good &= r->at < r->end && *r->at == c;
	r->at += r->at < r->end;
}

static uint64_t thread(struct reader *r)
{
	if (r->end - r->at >= 2 && !memcmp(r->at, "-1", 2)) {
		r->at += 2;
		return GDB_ALL_THREADS;
	}
	return number(r);
}

/* All that is left, as two digits a byte. */
static void bytes(struct reader *r, struct gdb_request *q)
{
	r->good &= (r->end - r->at) % 2 == 0;
	for (; r->good && r->at < r->end; r->at += 2) {
		int high = digit(r->at[0]), low = digit(r->at[1]);

		r->good = high >= 0 && low >= 0 && q->count < GDB_BYTES_MAX;
		if (r->good)
			q->bytes[q->count++] = (uint8_t)(high << 4 | low);
	}
	q->bytes[q->count] = 0;
}

static void raw(struct reader *r, struct gdb_request *q)
{
	q->count = (size_t)(r->end - r->at);
	r->good &= q->count <= GDB_BYTES_MAX;
	if (r->good)
		memcpy(q->bytes, r->at, q->count);
	r->at = r->end;
}

/* What follows a row's name. */
enum follows {
	NOTHING,
	WHATEVER,
	THREAD,
	NUMBER,
	BYTES,
	NUMBER_BYTES, /* N=XX... */
	RANGE,        /* ADDRESS,SIZE */
	RANGE_BYTES,  /* ADDRESS,SIZE:XX... */
	RANGE_RAW,    /* ADDRESS,SIZE:bytes */
	POINT,        /* TYPE,ADDRESS,KIND */
	ANNEX,        /* ANNEX:OFFSET,SIZE */
	SIGNAL,       /* of C and S: it is ignored, for a VM has no signals */
	ACTIONS,      /* of vCont */
};

static const struct row {
	const char *name;
	enum gdb_kind kind;
	enum follows follows;
} rows[] = {
	{ "?", GDB_STATUS, NOTHING },
	{ "g", GDB_GET_ALL, NOTHING },
	{ "G", GDB_SET_ALL, BYTES },
	{ "p", GDB_GET_ONE, NUMBER },
	{ "P", GDB_SET_ONE, NUMBER_BYTES },
	{ "m", GDB_LOAD, RANGE },
	{ "M", GDB_STORE, RANGE_BYTES },
	{ "X", GDB_STORE, RANGE_RAW },
	{ "Z", GDB_INSERT, POINT },
	{ "z", GDB_REMOVE, POINT },
	{ "vCont?", GDB_ACTIONS, NOTHING },
	{ "vCont;", GDB_CONTINUE, ACTIONS },
	{ "vKill;", GDB_KILL, WHATEVER },
	{ "c", GDB_CONTINUE, NOTHING },
	{ "C", GDB_CONTINUE, SIGNAL },
	{ "s", GDB_STEP, NOTHING },
	{ "S", GDB_STEP, SIGNAL },
	{ "bc", GDB_BACK, NOTHING },
	{ "bs", GDB_STEP_BACK, NOTHING },
	{ "Hg", GDB_SELECT, THREAD },
	{ "Hc", GDB_SELECT_RUN, THREAD },
	{ "T", GDB_IS_ALIVE, THREAD },
	{ "qC", GDB_CURRENT, NOTHING },
	{ "qfThreadInfo", GDB_FIRST_THREADS, NOTHING },
	{ "qsThreadInfo", GDB_MORE_THREADS, NOTHING },
	{ "qThreadExtraInfo,", GDB_THREAD_INFO, THREAD },
	{ "qSupported", GDB_SUPPORTED, WHATEVER },
	{ "qXfer:features:read:", GDB_FEATURES, ANNEX },
	{ "qAttached", GDB_ATTACHED, WHATEVER },
	{ "qSymbol:", GDB_SYMBOL, WHATEVER },
	{ "qRcmd,", GDB_MONITOR, BYTES },
	{ "QStartNoAckMode", GDB_NO_ACK, NOTHING },
	{ "D", GDB_DETACH, WHATEVER },
	{ "k", GDB_KILL, WHATEVER },
};

/* The row whose name the packet begins with; the longest one, as "s" is no other packet's beginning. */
static const struct row *find_row(const char *data, size_t len)
{
	const struct row *found = NULL;

	for (const struct row *row = rows; row < rows + sizeof(rows) / sizeof(rows[0]); row++) {
		size_t n = strlen(row->name);

		if (len < n || memcmp(row->name, data, n) || (found && strlen(found->name) > n))
			continue;
		/* A word that is longer is another packet. */
		if (row->follows == NOTHING && len != n)
			continue;
		found = row;
	}
	return found;
}

static void range(struct reader *r, struct gdb_request *q)
{
	q->address = number(r);
	skip(r, ',');
	q->size = number(r);
}

static void annex(struct reader *r, struct gdb_request *q)
{
	const char *colon = memchr(r->at, ':', (size_t)(r->end - r->at));
	size_t len = colon ? (size_t)(colon - r->at) : sizeof(q->text);

	r->good &= len < sizeof(q->text);
	if (!r->good)
		return;
	memcpy(q->text, r->at, len);
	r->at = colon + 1;
	range(r, q);
}

/* "s:1;c", "C05:-1": a thread that steps, or all go on. */
static void actions(struct reader *r, struct gdb_request *q)
{
	bool steps = false;

	while (r->good && r->at < r->end) {
		char action = *r->at++;
		uint64_t whose = GDB_ALL_THREADS;

		r->good &= action == 'c' || action == 'C' || action == 's' || action == 'S' || action == 't';
		if (action == 'C' || action == 'S')
			number(r);
		if (r->at < r->end && *r->at == ':') {
			r->at++;
			whose = thread(r);
		}
		if ((action == 's' || action == 'S') && !steps) {
			steps = true;
			q->kind = GDB_STEP;
			q->thread = whose == GDB_ALL_THREADS ? 0 : whose;
		}
		if (r->at < r->end)
			skip(r, ';');
	}
}

static void read_rest(struct reader *r, const struct row *row, struct gdb_request *q)
{
	switch (row->follows) {
	case NOTHING: break;
	case WHATEVER: r->at = r->end; break;
	case THREAD: q->thread = thread(r); break;
	case NUMBER: q->number = number(r); break;
	case BYTES: bytes(r, q); break;
	case NUMBER_BYTES:
		q->number = number(r);
		skip(r, '=');
		bytes(r, q);
		break;
	case RANGE: range(r, q); break;
	case RANGE_BYTES:
	case RANGE_RAW:
		range(r, q);
		skip(r, ':');
		if (row->follows == RANGE_RAW)
			raw(r, q);
		else
			bytes(r, q);
		r->good &= q->count == q->size;
		break;
	case POINT:
		q->number = number(r);
		skip(r, ',');
		range(r, q);
		break;
	case ANNEX: annex(r, q); break;
	case SIGNAL: number(r); break;
	case ACTIONS: actions(r, q); break;
	}
	r->good &= r->at == r->end;
}

void gdb_request(const char *data, size_t len, struct gdb_request *request)
{
	const struct row *row = find_row(data, len);
	struct reader r = { data, data + len, true };

	request->kind = row ? row->kind : GDB_UNKNOWN;
	request->thread = request->address = request->size = request->number = 0;
	request->text[0] = 0;
	memset(request->text, 0, sizeof(request->text));
	request->count = 0;
	request->bytes[0] = 0;
	if (!row)
		return;
	r.at += strlen(row->name);
	read_rest(&r, row, request);
	if (!r.good)
		request->kind = GDB_MALFORMED;
}

/* --- what goes out -------------------------------------------------------------- */

void gdb_raw(struct gdb_reply *reply, const void *from, size_t count)
{
	size_t room = sizeof(reply->data) - reply->len;

	count = count < room ? count : room;
	memcpy(reply->data + reply->len, from, count);
	reply->len += count;
}

void gdb_text(struct gdb_reply *reply, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	gdb_raw(reply, text, strlen(text));
}

void gdb_hex(struct gdb_reply *reply, const void *from, size_t count)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *byte = from;

	for (size_t i = 0; i < count && reply->len + 2 <= sizeof(reply->data); i++) {
		reply->data[reply->len++] = digits[byte[i] >> 4];
		reply->data[reply->len++] = digits[byte[i] & 15];
	}
}

size_t gdb_frame(const struct gdb_reply *reply, char frame[GDB_FRAME_MAX])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t sum = 0;
	size_t len = 0;

	frame[len++] = '$';
	for (size_t i = 0; i < reply->len; i++) {
		char c = reply->data[i];

		/* '*' would begin a run. */
		if (c == '$' || c == '#' || c == '*' || c == ESCAPE) {
			frame[len++] = ESCAPE;
			sum = (uint8_t)(sum + ESCAPE);
			c ^= MASK;
		}
		frame[len++] = c;
		sum = (uint8_t)(sum + (uint8_t)c);
	}
	frame[len++] = '#';
	frame[len++] = digits[sum >> 4];
	frame[len++] = digits[sum & 15];
	return len;
}
