/* SPDX-License-Identifier: BSD-2-Clause */
/* probe_diff.c: see probe_diff.h. Pure. */
#include "probe_diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json_read.h"
#include "vmm/file.h"

#define REPORT_MAX (1 << 20) /* bytes; a report has some 20 KiB */

struct report {
	uint8_t *bytes;
	struct json_doc doc;
};

static int open_report(const char *path, struct report *r, struct error *err)
{
	size_t len;
	int rc = file_read(path, REPORT_MAX, &r->bytes, &len, err);

	if (rc)
		return rc;
	rc = json_read(&r->doc, (const char *)r->bytes, len, err);
	if (!rc && (!json_text(json_find(&r->doc, json_root(&r->doc), "arch")) ||
	            !json_first(&r->doc, json_find(&r->doc, json_root(&r->doc), "capabilities")))) {
		json_free(&r->doc);
		rc = error_set(err, -EBADMSG, "offset 0: not a report of zpvm probe --json");
	}
	if (rc) {
		free(r->bytes);
		error_prefix(err, rc, "%s", path);
	}
	return rc;
}

static void close_report(struct report *r)
{
	json_free(&r->doc);
	free(r->bytes);
}

/* --- one value -------------------------------------------------------------- */

struct compare {
	const struct json_doc *a, *b;
	FILE *out;
	const char *section;
	size_t differ, only_a, only_b;
};

static void print_plain(FILE *out, const struct json_node *v)
{
	static const char *const words[] = { [JSON_NULL] = "none", [JSON_FALSE] = "no", [JSON_TRUE] = "yes" };

	/* A string may have anything but control characters here. */
	if (v->type == JSON_STRING || v->type == JSON_NUMBER)
		for (const char *p = v->text; *p; p++)
			putc((unsigned char)*p < ' ' || *p == 0x7f ? '?' : *p, out);
	else
		fputs(v->type <= JSON_TRUE    ? words[v->type]
		      : v->type == JSON_ARRAY ? "a list"
		                              : "an object",
		      out);
}

/* What people look at: a number with its bound, an attribute's yes or no. */
static void print_value(const struct json_doc *doc, FILE *out, const struct json_node *v)
{
	const struct json_node *value = json_find(doc, v, "value"), *least = json_find(doc, v, "at_least"),
			       *stopped = json_find(doc, v, "stopped_by");

	if (!value)
		value = json_find(doc, v, "offered");
	if (least && least->type == JSON_TRUE)
		fputs("at least ", out);
	print_plain(out, value ? value : v);
	if (json_text(stopped)) {
		fputs(" (", out);
		print_plain(out, stopped);
		putc(')', out);
	}
}

static void name(const struct compare *c, const char *key)
{
	if (c->section)
		fprintf(c->out, "%s ", c->section);
	for (const char *p = key; *p; p++)
		putc((unsigned char)*p < ' ' || *p == 0x7f ? '?' : *p, c->out);
	fputs(": ", c->out);
}

static void only(struct compare *c, const struct json_doc *doc, const struct json_node *v, bool first)
{
	name(c, v->key);
	fprintf(c->out, "only in the %s: ", first ? "first" : "second");
	print_value(doc, c->out, v);
	putc('\n', c->out);
	*(first ? &c->only_a : &c->only_b) += 1;
}

static void both(struct compare *c, const struct json_node *x, const struct json_node *y)
{
	if (!x || !y || json_equal(c->a, x, c->b, y))
		return;
	name(c, x->key);
	print_value(c->a, c->out, x);
	fputs(" -> ", c->out);
	print_value(c->b, c->out, y);
	putc('\n', c->out);
	c->differ++;
}

/* --- members ------------------------------------------------------------------ */

/* What is said of a thing, and what follows from the zpvm that said it, is no property of the host. */
static bool same_value(struct compare *c, const struct json_node *x, const struct json_node *y)
{
	static const char *const keys[] = { "value", "offered", "at_least", "stopped_by", "error" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!json_equal(c->a, json_find(c->a, x, keys[i]), c->b, json_find(c->b, y, keys[i])))
			return false;
	return true;
}

static void compare_members(struct compare *c, const struct json_node *x, const struct json_node *y)
{
	for (const struct json_node *m = json_first(c->a, x); m; m = json_next(c->a, m)) {
		const struct json_node *other = json_find(c->b, y, m->key);

		if (!other)
			only(c, c->a, m, true);
		else if (m->type != JSON_OBJECT || other->type != JSON_OBJECT || !same_value(c, m, other))
			both(c, m, other);
	}
	for (const struct json_node *m = json_first(c->b, y); m; m = json_next(c->b, m))
		if (!json_find(c->a, x, m->key))
			only(c, c->b, m, false);
}

static void compare_devices(struct compare *c, const struct json_node *x, const struct json_node *y)
{
	for (const struct json_node *m = json_first(c->a, x); m; m = json_next(c->a, m)) {
		const struct json_node *other = json_find(c->b, y, m->key);

		c->section = NULL;
		if (!other) {
			only(c, c->a, m, true);
			continue;
		}
		c->section = m->key;
		both(c, json_find(c->a, m, "error"), json_find(c->b, other, "error"));
		compare_members(c, json_find(c->a, m, "attributes"), json_find(c->b, other, "attributes"));
	}
	c->section = NULL;
	for (const struct json_node *m = json_first(c->b, y); m; m = json_next(c->b, m))
		if (!json_find(c->a, x, m->key))
			only(c, c->b, m, false);
}

static void compare_all(struct compare *c)
{
	const struct json_node *x = json_root(c->a), *y = json_root(c->b);
	static const char *const plain[] = { "arch", "api_version", "irqchip", "irqchip_why", "error" };

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		const struct json_node *p = json_find(c->a, x, plain[i]), *q = json_find(c->b, y, plain[i]);

		if (p && q)
			both(c, p, q);
	}
	compare_members(c, json_find(c->a, x, "capabilities"), json_find(c->b, y, "capabilities"));
	compare_devices(c, json_find(c->a, x, "devices"), json_find(c->b, y, "devices"));
	c->section = "limit";
	compare_members(c, json_find(c->a, x, "limits"), json_find(c->b, y, "limits"));
}

int probe_diff(const char *a, const char *b, FILE *out, bool *different, struct error *err)
{
	struct report x, y;
	struct compare c = { &x.doc, &y.doc, out, NULL, 0, 0, 0 };
	int rc = open_report(a, &x, err);

	if (rc)
		return rc;
	rc = open_report(b, &y, err);
	if (!rc) {
		compare_all(&c);
		*different = c.differ || c.only_a || c.only_b;
		if (*different)
			fprintf(out, "%zu differ, %zu only in the first, %zu only in the second\n", c.differ,
			        c.only_a, c.only_b);
		close_report(&y);
	}
	close_report(&x);
	return rc;
}
