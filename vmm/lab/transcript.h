/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * transcript.h: what the guests print, and how far they are by it: a place in the output is a text that the
 * output ended with then, and how often it had done so since the place before. So a place is exact to the
 * byte in a guest that prints the same each time, and one behind a prompt is found in any guest that prompts.
 * Pure.
 */
#ifndef VMM_LAB_TRANSCRIPT_H
#define VMM_LAB_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PLACE_TEXT 32 /* bytes */

struct text_place {
	uint64_t count; /* 0: nothing was printed since the place before */
	size_t behind;  /* of the place before: so many bytes */
	size_t len;
	uint8_t text[PLACE_TEXT];
};

struct transcript;

/* What is printed to transcript_stream() goes on to `to`. NULL: out of memory. */
struct transcript *transcript_open(FILE *to);
FILE *transcript_stream(const struct transcript *t);
void transcript_close(struct transcript *t);

/* The place where the output is; after transcript_pass() the next one is counted from there. */
void transcript_here(struct transcript *t, struct text_place *place);
void transcript_pass(struct transcript *t, const struct text_place *place);

/* Whether the output has come to this place; sets place->behind. */
bool transcript_reached(struct transcript *t, struct text_place *place);

/* A sum of all that was printed. */
uint64_t transcript_sum(struct transcript *t);

/* What was printed last, at most so many bytes; returns how many. */
size_t transcript_tail(struct transcript *t, uint8_t *bytes, size_t most);

/*
 * Bytes as one word of a scenario: a printable character is itself, but for the backslash, '#' and '='; else
 * \n, \r, \t, \s (a blank), \\ or \x and two digits.
 */
void bytes_print(FILE *f, const uint8_t *bytes, size_t len);

/* The other direction: at most as many bytes as the text has. Returns how many, or -1: it is no such text. */
long bytes_parse(const char *text, uint8_t *bytes);

#endif
