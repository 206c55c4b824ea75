/* SPDX-License-Identifier: BSD-2-Clause */
/* version.h: versions of the host's kernel, which a step may be meant for. Pure. */
#ifndef VMM_LAB_VERSION_H
#define VMM_LAB_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VERSION_PARTS 3

/* 6.12 has two parts: it stands for 6.12.0 and all that is made of it. */
struct version {
	unsigned count; /* of the parts; 0: none is said */
	uint32_t part[VERSION_PARTS];
};

/* From the first on, up to the last, both included. */
struct versions {
	struct version since, until;
};

/* Up to three numbers with dots between them, at the beginning of text. Returns what is behind them; NULL:
 * there are none. */
const char *version_read(const char *text, struct version *v);

/* Whether `here` is among them: only as many parts as a version has are compared. */
bool versions_have(const struct versions *of, const struct version *here);

/*
 * The version that uname(2) tells: Debian's release (6.12.95+deb13-s390x) may lack the last part
 * (6.1.0-49-s390x), which its version has ("#1 SMP Debian 6.1.176-1 (2026-07-01)").
 */
void version_of_kernel(const char *release, const char *version, struct version *here);

/* "6.12.95" for people. size: of text. */
void version_print(const struct version *v, char *text, size_t size);

#endif
