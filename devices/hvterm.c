/* SPDX-License-Identifier: BSD-2-Clause */
/* hvterm.c: see hvterm.h. */
#include "hvterm.h"

#include <errno.h>

int hvterm_io(void *device, struct io *io, struct error *err)
{
	struct hvterm *term = device;

	if (io->len > sizeof(io->data))
		return error_set(err, -EIO, "%u bytes to the terminal at once", io->len);
	if (!io->write) {
		io->len = (uint32_t)fifo_get(&term->in, io->data, io->len);
		return 0;
	}
	fwrite(io->data, 1, io->len, term->out);
	fflush(term->out);
	return 0;
}
