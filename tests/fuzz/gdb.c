/* SPDX-License-Identifier: BSD-2-Clause */
/* gdb.c: any bytes as what gdb sends. */
#include "vmm/debug/gdb_packet.h"

#include <string.h>

#include "fuzz.h"

static struct gdb_input_state in;
static struct gdb_request request;
static struct gdb_reply reply;
static char frame[GDB_FRAME_MAX];

/* What is asked for is within bounds, and an answer made of it can be read again. */
static void look(void)
{
	size_t len;

	must(in.len <= GDB_PACKET_MAX && !in.data[in.len]);
	gdb_request(in.data, in.len, &request);
	must(request.kind >= GDB_UNKNOWN && request.kind <= GDB_KILL);
	must(request.count <= GDB_BYTES_MAX && !request.text[sizeof(request.text) - 1]);
	if (request.kind == GDB_STORE)
		must(request.count == request.size);
	reply.len = 0;
	gdb_raw(&reply, in.data, in.len);
	len = gdb_frame(&reply, frame);
	must(len <= sizeof(frame));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct gdb_input_state copy;
	size_t len;

	memset(&in, 0, sizeof(in));
	for (size_t i = 0; i < size; i++)
		if (gdb_input(&in, data[i]) == GDB_PACKET) {
			enum gdb_input what = GDB_NOTHING;

			look();
			memset(&copy, 0, sizeof(copy));
			len = gdb_frame(&reply, frame);
			for (size_t k = 0; k < len; k++)
				what = gdb_input(&copy, (uint8_t)frame[k]);
			must(what == GDB_PACKET && copy.len == in.len && !memcmp(copy.data, in.data, in.len));
		}
	/* The same bytes as a packet's contents. */
	len = size < GDB_PACKET_MAX ? size : GDB_PACKET_MAX;
	memcpy(in.data, data, len);
	in.data[len] = 0;
	in.len = len;
	look();
	return 0;
}
