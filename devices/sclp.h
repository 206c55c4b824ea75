/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sclp.h: the service-call logical processor, as far as a console needs it.
 * Knows no KVM: a service call comes as a struct io (IO_SCLP, addr = command
 * word, arg = SCCB), the answer goes into the SCCB, and the io asks for the
 * service signal that tells the guest.
 *
 * Source: Linux arch/s390/include/asm/sclp.h and drivers/s390/char/sclp.h
 * name the commands, structures and response codes.
 */
#ifndef DEVICES_SCLP_H
#define DEVICES_SCLP_H

#include <stdio.h>

#include "vmm/bus.h"
#include "vmm/ram.h"

struct sclp {
	const struct ram *ram; /* the guest's; not owned */
	FILE *out;             /* what it prints; not owned */
};

/* bus_fn. The caller has checked that the SCCB's first 8 bytes are in RAM. */
int sclp_io(void *device, struct io *io, struct error *err);

#endif
