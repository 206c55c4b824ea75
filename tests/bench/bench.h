/* SPDX-License-Identifier: BSD-2-Clause */
/* bench.h: what the benchmark's guest, floors and driver agree on. */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#define BENCH_EXITS 5000
#define BENCH_BASE  0x10000 /* where the guest's image stands, and its entry */

#endif
