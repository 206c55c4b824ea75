/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hvterm.h: the virtual terminal of PAPR (LoPAR 16.6, vterm1). Knows no KVM:
 * H_PUT_TERM_CHAR comes as a struct io that writes up to 16 bytes (IO_VIO).
 */
#ifndef DEVICES_HVTERM_H
#define DEVICES_HVTERM_H

#include <stdio.h>

#include "vmm/bus.h"

struct hvterm {
	FILE *out; /* what it prints; not owned */
};

/* bus_fn. A read gives no bytes: there is no input yet. */
int hvterm_io(void *device, struct io *io, struct error *err);

#endif
