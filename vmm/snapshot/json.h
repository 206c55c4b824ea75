/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json.h: writes one JSON value (RFC 8259), indented, member by member. Pure.
 *
 * 	json_begin(&j, out);
 * 	json_open(&j, NULL, '{');
 * 	json_number(&j, "answer", 42);
 * 	json_close(&j);
 *
 * key is the member's name in an object, and NULL in an array and for the outermost value. The caller closes
 * what it opens, and keeps keys unique.
 */
#ifndef VMM_SNAPSHOT_JSON_H
#define VMM_SNAPSHOT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out;
	unsigned depth;  /* number of open values; at most 64 */
	uint64_t arrays; /* a bit for each depth: it is an array */
	bool more;       /* the innermost open value has a member already */
};

void json_begin(struct json *j, FILE *out);

/* bracket is '{' or '['. A newline follows the end of the outermost value. */
void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j);

/* text may be any bytes: they are escaped where necessary; invalid UTF-8 becomes U+FFFD. NULL is null. */
void json_string(struct json *j, const char *key, const char *text);
void json_number(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);

/* How many of the max bytes are one character of UTF-8 (RFC 3629, section 4); 0: they begin with none. Text
 * that ends in NUL needs no max. */
size_t json_utf8_length(const void *bytes, size_t max);

#endif
