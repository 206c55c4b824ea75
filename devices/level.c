/* SPDX-License-Identifier: BSD-2-Clause */
/* level.c: see level.h. Pure. */
#include "level.h"

#include <errno.h>

int level_set(struct level *dev, unsigned line, bool level, struct error *err)
{
	if (line >= LEVEL_LINES)
		return error_set(err, -EINVAL, "the level device has lines 0 to %d", LEVEL_LINES - 1);
	if (dev->line[line] == level)
		return 0;
	dev->line[line] = level;
	return dev->changed(dev->arg, line, level, err);
}

int level_io(void *device, struct io *io, struct error *err)
{
	struct level *dev = device;
	unsigned line = (unsigned)(io->addr - dev->base);

	if (io->len != 1)
		return error_set(err, -EIO, "the level device has registers of one byte, not of %u", io->len);
	if (io->write)
		return io->data[0] & 1 ? level_set(dev, line, false, err) : 0;
	io->data[0] = dev->line[line];
	return 0;
}
