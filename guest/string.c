/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * string.c: nobody here calls these, but a compiler may: gcc expects them even
 * of a program without a C library. (GCC manual, "Language Standards Supported
 * by GCC": freestanding environment.)
 */
#include <stddef.h>

void *memset(void *to, int c, size_t n);
void *memcpy(void *restrict to, const void *restrict from, size_t n);

/* Or their loops would be recognized for what they are, and become calls of themselves. */
#pragma GCC optimize("no-tree-loop-distribute-patterns")

void *memset(void *to, int c, size_t n)
{
	char *p = to;

	while (n--)
		*p++ = (char)c;
	return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	const char *q = from;
	char *p = to;

	while (n--)
		*p++ = *q++;
	return to;
}
