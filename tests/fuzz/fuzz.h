/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz.h: a fuzz target is one file with LLVMFuzzerTestOneInput(). libFuzzer
 * drives it (make fuzz), or replay.c does (make check-unit).
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What holds for every input; else the fuzzer keeps this one. */
#define must(holds)                                                                     \
	do {                                                                            \
		if (!(holds)) {                                                         \
			fprintf(stderr, "%s:%d: not %s\n", __FILE__, __LINE__, #holds); \
			abort();                                                        \
		}                                                                       \
	} while (0)

#endif
