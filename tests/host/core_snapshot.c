/* SPDX-License-Identifier: BSD-2-Clause */
/* core_snapshot.c: core.c with snapshots on top of the core, and still no laboratory. */
#define WITH_SNAPSHOT
#include "core.c"
