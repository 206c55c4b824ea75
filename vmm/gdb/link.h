/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * link.h: the way to gdb: a socket that one gdb at a time connects to. A port is on 127.0.0.1 alone; a socket
 * in a folder is its owner's alone, and is removed in the end. Pure.
 */
#ifndef VMM_GDB_LINK_H
#define VMM_GDB_LINK_H

#include "vmm/debug/gdb_packet.h"
#include "vmm/error.h"

struct link {
	int listener, gdb; /* -1: none */
	const char *path;  /* NULL: a port */
	bool acks;         /* each packet is acknowledged */
	struct gdb_input_state in;
	uint8_t buffer[4096]; /* what has come and was not looked at */
	size_t at, len;
	size_t sent; /* length of the last answer, which gdb may want once more */
	char frame[GDB_FRAME_MAX];
};

/* where: the number of a port, or the path of a socket, which outlives the link. -EEXIST: it is there. */
int link_open(struct link *l, const char *where, struct error *err);
void link_close(struct link *l);

/* Whether a gdb is there; one that has come is taken, and one that has left is not there any more. */
bool link_connected(struct link *l);
void link_hang_up(struct link *l);

/*
 * Waits for a packet for up to ms milliseconds. GDB_NOTHING: there was none, or gdb has left. GDB_INTERRUPT:
 * Ctrl-C.
 */
enum gdb_input link_wait(struct link *l, int ms, struct gdb_request *request);

/* Whether gdb wants the guest to stop: it has sent something, which stays where it is unless it is Ctrl-C, or
 * has left. */
bool link_wants_stop(struct link *l, bool *interrupted);

/* Sends a packet. A gdb that does not read it has left. */
void link_send(struct link *l, const struct gdb_reply *reply);

#endif
