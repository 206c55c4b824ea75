/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outline.h: a description as a flat list of lines; each is a path of words with dots between them
 * ("vcpu.0.psw.mask"), and a value. It is printed for people, or as JSON, or compared with another one. Pure.
 *
 * 	outline_at(&o, "vcpu.%u", 0);
 * 	outline_hex(&o, "psw.mask", mask);
 * 	outline_item(&o, "pending", "restart");       of a list: its path may be repeated
 *
 * The caller makes sure that any other path occurs once, and that one with a value has no longer paths below
 * it. A failed allocation is recorded in `bad`, which is checked once.
 */
#ifndef VMM_SNAPSHOT_OUTLINE_H
#define VMM_SNAPSHOT_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum outline_type { OUTLINE_TEXT, OUTLINE_NUMBER, OUTLINE_FLAG, OUTLINE_ITEM };

struct outline_line {
	size_t path, value; /* where they begin in the pool */
	enum outline_type type;
	unsigned members; /* how many stand behind the value, each a name and a value that begins with its
	                     type */
};

struct outline {
	struct outline_line *lines;
	size_t count, room;
	char *pool; /* the texts, each with its NUL */
	size_t used, size;
	char at[96]; /* the prefix of each path, with its dot */
	bool bad;    /* out of memory */
};

/* An outline that is all zeros is empty. After this it can be used again. */
void outline_free(struct outline *o);

/* The paths that follow are below this one; "": at the top. */
void outline_at(struct outline *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Unprintable characters become '?'. In JSON a list is an array; hexadecimal numbers are strings. */
void outline_text(struct outline *o, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void outline_item(struct outline *o, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Members of the item that was added last, which in JSON is an object of them and of its text. */
void outline_member(struct outline *o, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void outline_member_number(struct outline *o, const char *name, uint64_t value);

void outline_number(struct outline *o, const char *path, uint64_t value);
void outline_hex(struct outline *o, const char *path, uint64_t value);
void outline_flag(struct outline *o, const char *path, bool value);

/* Adds the bytes as text, unprintable ones as \xNN; adds nothing if len is 0. */
void outline_bytes(struct outline *o, const char *path, const void *bytes, size_t len);

/*
 * Encodes a user's name as one word of a path; different names give different words: a character that is
 * neither letter, digit, '-' nor '_' becomes %XX (RFC 3986, 2.1). size: three for each character, and one.
 */
void outline_word(char *word, size_t size, const char *name);

/* The value of a line. */
const char *outline_value(const struct outline *o, size_t line);

void outline_print(const struct outline *o, FILE *out);

/* Writes the members of an object, which is open, in natural order, each once; -ENOMEM. */
struct json;
int outline_json(const struct outline *o, struct json *j);

/*
 * Reports the lines that only one of the two has, in natural order. A value that differs is reported once,
 * with both; of a list, which is compared without its order, each item by itself. NULL: the other one has no
 * such line; both NULL: a list is the same but for its order. -ENOMEM.
 */
typedef void outline_seen(void *arg, const char *path, const char *before, const char *after);
int outline_compare(const struct outline *a, const struct outline *b, outline_seen *seen, void *arg);

#endif
