/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * book.h: the books of a VM (ledger.h) as a section of its snapshot, so that
 * the account goes on in another process. Optional: who restores the machine
 * alone needs none. Pure.
 */
#ifndef VMM_BOOK_H
#define VMM_BOOK_H

#include "ledger.h"
#include "snapshot.h"

#define TAG_BOOK     SNAP_TAG('b', 'o', 'o', 'k')
#define BOOK_VERSION 1 /* one of another version is a section that is not known */

void book_put(struct snapshot *snap, const struct ledger *l);

/* Into empty books, which stay so when there is no such section that is known. -EBADMSG, with the offset;
 * -ENOMEM. */
int book_get(const struct snapshot *snap, struct ledger *l, struct error *err);

#endif
