/* SPDX-License-Identifier: BSD-2-Clause */
/* tap.h: a TAP interface of the host, for a network card. */
#ifndef VMM_TAP_H
#define VMM_TAP_H

#include "error.h"

/*
 * Attaches to the interface, which is created if there is none and the user may. Returns a non-blocking
 * descriptor that reads and writes frames, or a negative errno value.
 */
int tap_open(const char *name, struct error *err);

#endif
