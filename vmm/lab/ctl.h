/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl.h: zpvm ctl, the client of control.h. Pure. */
#ifndef VMM_LAB_CTL_H
#define VMM_LAB_CTL_H

#include "vmm/error.h"

/*
 * Sends the words as a line (words[0] NULL: the lines of standard input), and prints what is answered.
 * *status becomes that of the last line that failed, or 0. Errors: there is no zpvm there, or it has gone.
 */
int ctl_run(const char *path, char *const *words, int *status, struct error *err);

#endif
