/* SPDX-License-Identifier: BSD-2-Clause */
/* words.h: "key=number" words of a scenario line, for the architectures' own. Pure. */
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
 * Reads words[1] and up into value[], which has as many elements as keys[]
 * and keeps what it had for a key that is not there. allowed and needed are
 * bits, as *given on return. -EINVAL names the word; what is said before it.
 */
int words_parse(const char *what, const struct word *words, unsigned count, const struct word_key *keys,
                unsigned key_count, uint64_t allowed, uint64_t needed, uint64_t *value, uint64_t *given,
                struct error *err);

#endif
