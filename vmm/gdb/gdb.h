/* SPDX-License-Identifier: BSD-2-Clause */
/* gdb.h: a VM that gdb controls. Read next: session.h. */
#ifndef VMM_GDB_GDB_H
#define VMM_GDB_GDB_H

#include "vmm/lab/run.h"

struct gdb_config {
	const char *where;   /* a port's number, or a socket's path */
	unsigned history;    /* so many snapshots are kept to go back to; 0: none */
	uint64_t timeout_ms; /* for all of it; 0: none */
};

/*
 * Makes a VM with the guest or the snapshot, and does what gdb wants until that ends it (k), or the guest
 * ends. Before a gdb comes, and after one that has left without a word, the guest stands; after one that has
 * detached it runs. Errors as run_scenario().
 */
int run_gdb(const struct run_config *config, const struct gdb_config *gdb, struct outcome *outcome,
            struct error *err);

#endif
