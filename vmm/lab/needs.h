/* SPDX-License-Identifier: BSD-2-Clause */
/* needs.h: what a run needs of the sandbox, as its options and its scenario say. Pure. */
#ifndef VMM_LAB_NEEDS_H
#define VMM_LAB_NEEDS_H

#include "scenario.h"
#include "vmm/options.h"

/*
 * Tells the sandbox. scenario NULL: there is none. any_step: more steps may come, whichever; terminal: its
 * modes are changed. Errors: sandbox_file()'s.
 */
int needs_of(struct sandbox *s, const struct options *o, const struct scenario *scenario, bool any_step,
             bool terminal, struct error *err);

#endif
