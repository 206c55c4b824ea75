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
	FILE *out;      /* what it prints; not owned */
	struct fifo in; /* what was typed; a snapshot has to keep it */
};

/* bus_fn. A read leaves in len how many bytes it gave, which may be none. */
int hvterm_io(void *device, struct io *io, struct error *err);

#endif
