/* SPDX-License-Identifier: BSD-2-Clause */
/* words.h: parses "key=number" words of a scenario line, for the architectures' own keys. Pure. */
#ifndef VMM_LAB_WORDS_H
#define VMM_LAB_WORDS_H

#include <stdint.h>

#include "vmm/error.h"
#include "irq.h"

struct word_key {
	const char *name;
	uint64_t max;
};

#define KEY_BIT(key) (1ULL << (key))

/*
 * Reads words[1] and up into value[], which has as many elements as keys[] and is unchanged for a key that is
 * missing. allowed, needed and, on return, *given have a bit for each key. -EINVAL names the word, after
 * `what`.
 */
int words_parse(const char *what, const struct word *words, unsigned count, const struct word_key *keys,
                unsigned key_count, uint64_t allowed, uint64_t needed, uint64_t *value, uint64_t *given,
                struct error *err);

#endif
