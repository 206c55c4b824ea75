/* SPDX-License-Identifier: BSD-2-Clause */
/* options.h: the command line of torture. Pure. */
#ifndef TESTS_TORTURE_OPTIONS_H
#define TESTS_TORTURE_OPTIONS_H

#include <stdbool.h>

#include "torture.h"

/*
 * Into config, whose seed is the caller's until an option gives another. *help: --help was given, and nothing
 * else counts. The strings are argv's. -EINVAL names what is not understood.
 */
int torture_options(int argc, char *const argv[], struct torture_config *config, bool *help,
                    struct error *err);

extern const char torture_help[];

#endif
