/* SPDX-License-Identifier: BSD-2-Clause */
/* sections.h: any bytes as sections of a snapshot. */
#ifndef TESTS_FUZZ_SECTIONS_H
#define TESTS_FUZZ_SECTIONS_H

#include "vmm/snapshot/snapshot.h"

/* Bytes at *at as a section header and body; the length is cut to what there is. */
static inline bool take_section(const uint8_t **at, const uint8_t *end, struct snapshot *to)
{
	struct snap_reader r = { *at, end, false, false };
	uint32_t tag = snap_get32(&r), id = snap_get32(&r), version = snap_get32(&r);
	uint64_t len = snap_get64(&r);
	struct snap_section *s;

	if (r.bad)
		return false;
	len = len < snap_left(&r) ? len : snap_left(&r);
	if (!snap_find(to, tag, id)) {
		s = snap_add(to, tag, id, version);
		snap_put(s, r.at, (size_t)len);
	}
	snap_get(&r, (size_t)len);
	snap_get(&r, 16);
	*at = r.at;
	return snap_left(&r);
}

#endif
