/* SPDX-License-Identifier: BSD-2-Clause */
/* landlock.h: which files can still be opened. See sandbox.h; landlock(7). Pure. */
#ifndef VMM_LANDLOCK_H
#define VMM_LANDLOCK_H

#include "error.h"

/* How a file is used. */
enum file_use {
	FILE_READ,    /* or what is in the directory */
	FILE_WRITE,   /* also read: a disk */
	FILE_REPLACE, /* as file_write() does it, or removed: so all that is in its directory can be changed
	               */
	FILE_EXECUTE,
	FILE_ANYTHING, /* that is in the directory, but to execute it */
};

struct landlock {
	int version; /* of the kernel's interface; 0: there is none */
	int rules;   /* a descriptor; -1: none */
};

/* Nothing is allowed yet. The kernel may have no Landlock, which is no error. */
int landlock_begin(struct landlock *l, struct error *err);

/* A path at which nothing is counts only for FILE_REPLACE. Errors: the kernel's, with the path. */
int landlock_allow(struct landlock *l, const char *path, enum file_use use, struct error *err);

/* From here on the calling thread, and those that it makes, can do no more, ever. landlock_end() follows. */
int landlock_apply(struct landlock *l, struct error *err);

void landlock_end(struct landlock *l);

#endif
