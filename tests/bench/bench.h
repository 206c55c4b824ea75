/* SPDX-License-Identifier: BSD-2-Clause */
/* bench.h: what the benchmark's guests, floors and driver agree on. */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#define BENCH_EXITS 5000

#define BENCH_INJECT    1000 /* interrupts to measure a rate by */
#define BENCH_WARM      100  /* before, which are not measured: an emulator translates them */
#define BENCH_BATCHES   100  /* of as many entries each */
#define BENCH_ROUNDS    20   /* to measure a latency by */
#define BENCH_SETTLE_MS 3    /* for the guest to be where it is to be interrupted */
#define BENCH_CYCLES    3    /* save and restore, one after the other */
#define BENCH_PINGS     200  /* round trips between two vCPUs */
#define BENCH_SECONDS   120  /* after which a floor that hangs is ended */

/* Pages of 4 KiB that a guest changes from there on, between two restores. */
#define BENCH_FAR           0x2000000
/* The versions of clang-format do not agree on braces in a macro. */
/* clang-format off */
#define BENCH_REVERTS { 1, 16, 256, 2048 }
/* clang-format on */
#define BENCH_REVERT_SIZES  4
#define BENCH_REVERT_ROUNDS 12 /* of each, the smallest first */

#endif
