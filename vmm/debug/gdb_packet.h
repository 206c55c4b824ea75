/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gdb_packet.h: gdb's remote serial protocol: packets, and what they ask for. All sizes are bounded, and no
 * byte that comes in is trusted. Pure. Source: "Debugging with GDB", appendix "gdb Remote Serial Protocol".
 */
#ifndef VMM_DEBUG_GDB_PACKET_H
#define VMM_DEBUG_GDB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The contents of a packet, as gdb is told (PacketSize), and bytes that fit into one as digits. */
#define GDB_PACKET_MAX 16384
#define GDB_BYTES_MAX  (GDB_PACKET_MAX / 2 - 32)

/* --- what comes in, byte by byte -------------------------------------------- */

enum gdb_input {
	GDB_NOTHING,   /* more bytes are needed */
	GDB_PACKET,    /* data[0..len) is one, and a zero follows it */
	GDB_DAMAGED,   /* one whose checksum is wrong, or that is too long: it is to be sent again */
	GDB_INTERRUPT, /* Ctrl-C */
	GDB_REFUSED,   /* gdb wants the last answer once more */
};

struct gdb_input_state {
	enum { GDB_OUTSIDE, GDB_INSIDE, GDB_ESCAPE, GDB_SUM_1, GDB_SUM_2 } at;
	uint8_t sum, wanted;
	bool too_long, no_digit;
	size_t len;
	char data[GDB_PACKET_MAX + 1];
};

enum gdb_input gdb_input(struct gdb_input_state *s, uint8_t byte);

/* --- what a packet asks for -------------------------------------------------- */

enum gdb_kind {
	GDB_UNKNOWN,   /* the answer is an empty packet */
	GDB_MALFORMED, /* a known one that makes no sense: the answer is an error */
	GDB_STATUS,
	GDB_GET_ALL,
	GDB_SET_ALL, /* bytes */
	GDB_GET_ONE, /* number: the register */
	GDB_SET_ONE, /* and bytes */
	GDB_LOAD,    /* address, size */
	GDB_STORE,   /* address, bytes */
	GDB_INSERT,  /* number: the type of the breakpoint; address, size: the kind, or the size of what is
	                watched */
	GDB_REMOVE,
	GDB_CONTINUE,
	GDB_STEP, /* thread */
	GDB_BACK, /* reverse-continue */
	GDB_STEP_BACK,
	GDB_SELECT,     /* thread: for registers and memory */
	GDB_SELECT_RUN, /* thread: for steps */
	GDB_IS_ALIVE,   /* thread */
	GDB_CURRENT,
	GDB_FIRST_THREADS,
	GDB_MORE_THREADS,
	GDB_THREAD_INFO, /* thread */
	GDB_SUPPORTED,
	GDB_FEATURES, /* text: the annex; address, size: of its part */
	GDB_ATTACHED,
	GDB_SYMBOL,
	GDB_MONITOR, /* bytes: a text, which ends in a zero that does not count */
	GDB_NO_ACK,
	GDB_ACTIONS, /* vCont? */
	GDB_DETACH,
	GDB_KILL,
};

/* A thread's number; 0: any. */
#define GDB_ALL_THREADS UINT64_MAX

struct gdb_request {
	enum gdb_kind kind;
	uint64_t thread, address, size, number;
	char text[32];
	size_t count; /* of the bytes */
	uint8_t bytes[GDB_BYTES_MAX + 1];
};

/* data: a packet's contents, with a zero behind them. */
void gdb_request(const char *data, size_t len, struct gdb_request *request);

/* --- what goes out -------------------------------------------------------------- */

struct gdb_reply {
	size_t len;
	char data[GDB_PACKET_MAX];
};

/* They append what fits. */
void gdb_text(struct gdb_reply *reply, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void gdb_hex(struct gdb_reply *reply, const void *bytes, size_t count);
/* As they are: the packet's frame has escapes for them. */
void gdb_raw(struct gdb_reply *reply, const void *bytes, size_t count);

/* The packet that has this as its contents. Returns its length. */
#define GDB_FRAME_MAX (2 * GDB_PACKET_MAX + 4)
size_t gdb_frame(const struct gdb_reply *reply, char frame[GDB_FRAME_MAX]);

#endif
