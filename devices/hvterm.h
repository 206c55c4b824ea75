/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hvterm.h: the virtual terminal of PAPR (LoPAR 16.6, vterm1). Knows no KVM:
 * H_PUT_TERM_CHAR comes as a struct io that writes up to 16 bytes (IO_VIO),
 * H_GET_TERM_CHAR as one that reads them.
 */
#ifndef DEVICES_HVTERM_H
#define DEVICES_HVTERM_H

#include <stdio.h>

#include "fifo.h"
#include "vmm/bus.h"

struct hvterm {
	FILE *out;      /* for its output; not owned */
	struct fifo in; /* bytes typed and not read; part of a snapshot */
};

/* The section of a snapshot has what was typed; its state is the struct fifo. */
#define HVTERM_TAG SNAP_TAG('V', 'T', 'Y', ' ')
struct device_section;
extern const struct device_section hvterm_section;

/* A bus_fn. A read sets len to the number of bytes read, which may be 0. */
int hvterm_io(void *device, struct io *io, struct error *err);

#endif
