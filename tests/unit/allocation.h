/* SPDX-License-Identifier: BSD-2-Clause */
/* allocation.h: the largest allocation that the code under test asks for. */
#ifndef TESTS_UNIT_ALLOCATION_H
#define TESTS_UNIT_ALLOCATION_H

#include <stddef.h>

/* The address sanitizer's; Debian's gcc comes without its headers. It wants both hooks. */
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                              void (*on_free)(const volatile void *));

static size_t largest; /* in bytes, since it was last set to zero */

static inline void allocation_seen(const volatile void *p, size_t size)
{
	(void)p;
	largest = size > largest ? size : largest;
}

static inline void allocation_freed(const volatile void *p)
{
	(void)p;
}

static inline void allocation_watch(void)
{
	__sanitizer_install_malloc_and_free_hooks(allocation_seen, allocation_freed);
}

#endif
