/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * book.h: the books of a VM (ledger.h) as a section of its snapshot, so that
 * the account goes on in another process. Optional: who restores the machine
 * alone needs none. Pure.
 */
#ifndef VMM_LAB_BOOK_H
#define VMM_LAB_BOOK_H

#include "vmm/snapshot/codec.h"
#include "ledger.h"
#include "vmm/snapshot/snapshot.h"

#define TAG_BOOK     SNAP_TAG('b', 'o', 'o', 'k')
#define BOOK_VERSION 2 /* 1, without promises, is read too; one of another version is not known */

static inline bool book_known(const struct snap_section *s)
{
	return s->version == 1 || s->version == BOOK_VERSION;
}

void book_put(struct snapshot *snap, const struct ledger *l);

/*
 * Into an empty account, which stays so when there is no such section that is known. -EBADMSG, with the
 * offset, also for what the codec's architecture cannot have raised, labels and records that are not each
 * one's own, and sums that would wrap; -ENOMEM.
 */
int book_get(const struct snapshot *snap, const struct state_codec *codec, struct ledger *l,
             struct error *err);

#endif
