/* SPDX-License-Identifier: BSD-2-Clause */
/* words.c: see words.h. Pure. */
#include "words.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "vmm/number.h"

int words_parse(const char *what, const struct word *words, unsigned count, const struct word_key *keys,
                unsigned key_count, uint64_t allowed, uint64_t needed, uint64_t *value, uint64_t *given,
                struct error *err)
{
	*given = 0;
	for (unsigned w = 1; w < count; w++) {
		const char *key = words[w].key ? words[w].key : "", *text = words[w].text;
		unsigned k = 0;

		while (k < key_count && strcmp(keys[k].name, key))
			k++;
		if (k == key_count || !(allowed & KEY_BIT(k)))
			return error_set(err, -EINVAL, "%s: %s%s%s is not understood", what, key,
			                 *key ? "=" : "", text);
		if (*given & KEY_BIT(k))
			return error_set(err, -EINVAL, "%s: %s= stands twice", what, key);
		if (number_parse(text, keys[k].max, &value[k]))
			return error_set(err, -EINVAL, "%s: %s=%s is not a number up to 0x%" PRIx64, what,
			                 key, text, keys[k].max);
		*given |= KEY_BIT(k);
	}
	for (unsigned k = 0; k < key_count; k++)
		if (needed & ~*given & KEY_BIT(k))
			return error_set(err, -EINVAL, "%s: %s= is missing", what, keys[k].name);
	return 0;
}
