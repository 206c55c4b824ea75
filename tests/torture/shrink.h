/* SPDX-License-Identifier: BSD-2-Clause */
/* shrink.h: the few of many things that a failure needs (delta debugging). Pure. */
#ifndef TESTS_TORTURE_SHRINK_H
#define TESTS_TORTURE_SHRINK_H

#include <stddef.h>
#include <stdint.h>

/* Whether it fails with just these: 1, 0, or a negative number to give up. */
typedef int shrink_fn(void *arg, const uint64_t *things, size_t count);

/*
 * Takes out of things[], with all of which it fails, what is not needed, and
 * returns how many are left, in their order. fails() is asked at most `runs`
 * times. If it was not too few, and a failure does not come and go, it fails
 * no more without any one of those that are left.
 */
size_t shrink(uint64_t *things, size_t count, unsigned runs, shrink_fn *fails, void *arg);

#endif
