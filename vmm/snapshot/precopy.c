/* SPDX-License-Identifier: BSD-2-Clause */
/* precopy.c: see precopy.h. Pure. */
#include "precopy.h"

#include "ram_image.h"

int precopy(const struct ram *ram, const struct ram *copy, const struct precopy_log *log, struct error *err)
{
	uint64_t left = UINT64_MAX;
	int rc = log->read(log->arg, err); /* what it has so far is copied now */

	if (!rc)
		rc = ram_copy_touched(ram, copy, &left, err);
	left = UINT64_MAX;
	/* What is written during one round is copied in the next one. */
	for (unsigned i = 0; i < PRECOPY_ROUNDS && left > PRECOPY_ENOUGH && !rc; i++) {
		rc = log->read(log->arg, err);
		if (!rc)
			rc = ram_copy_changed(ram, copy, copy, log->changed, &left, err);
		if (!rc)
			log->copied(log->arg, left);
	}
	return rc;
}
