/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json_read.h: reads one JSON value (RFC 8259) as a list of nodes: strictly, within bounds, without
 * recursion. An object's members are kept in their order; a key that stands twice in an object is an error.
 * A file with a value in each line is read line by line. Pure. Written by json.h.
 *
 * 	json_read(&doc, text, len, &err);
 * 	cap = json_find(&doc, json_root(&doc), "capabilities");
 * 	for (m = json_first(&doc, cap); m; m = json_next(&doc, m))
 * 		printf("%s\n", m->key);
 * 	json_free(&doc);
 */
#ifndef VMM_TOOL_JSON_READ_H
#define VMM_TOOL_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/error.h"

#define JSON_DEPTH_MAX 64        /* of values in values */
#define JSON_SIZE_MAX  (1 << 28) /* bytes of one value */

enum json_type { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json_node {
	enum json_type type;
	uint32_t at;      /* offset of the value's first byte */
	uint32_t next;    /* index of the next one in the same array or object; 0: none */
	uint32_t first;   /* of an array or object: index of its first value; 0: it is empty */
	uint32_t count;   /* how many it has */
	const char *key;  /* of a member; NULL */
	const char *text; /* a string, decoded, or a number as it is written; NULL */
};

struct json_doc {
	struct json_node *nodes; /* the value itself is the first */
	size_t count, room;
	char *pool;
};

/*
 * -EBADMSG with the offset of what is wrong; also for a string that contains a NUL; -EFBIG; -ENOMEM. Strings
 * must be UTF-8. White space may follow the value, nothing else. json_free() is needed after success only.
 */
int json_read(struct json_doc *doc, const char *text, size_t len, struct error *err);
void json_free(struct json_doc *doc);

static inline const struct json_node *json_root(const struct json_doc *doc)
{
	return doc->nodes;
}

/* What an array or object consists of; NULL: nothing, or it is neither. node may be NULL, here and below. */
const struct json_node *json_first(const struct json_doc *doc, const struct json_node *node);
const struct json_node *json_next(const struct json_doc *doc, const struct json_node *node);

/* The member with this key; NULL: there is none, or node is no object. */
const struct json_node *json_find(const struct json_doc *doc, const struct json_node *node, const char *key);

/* A string's text; NULL: it is none. */
const char *json_text(const struct json_node *node);

/* Whether it is an integer that fits, and which one. */
bool json_int(const struct json_node *node, int64_t *value);

/* Whether both are the same: numbers as they are written, members in any order. */
bool json_equal(const struct json_doc *a, const struct json_node *x, const struct json_doc *b,
                const struct json_node *y);

#endif
