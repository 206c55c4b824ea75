/* SPDX-License-Identifier: BSD-2-Clause */
/* diff.c: see diff.h. Pure. */
#include "diff.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "inspect.h"
#include "inspect_ram.h"
#include "vmm/snapshot/json.h"
#include "vmm/snapshot/pending.h"

/* In the order in which they are printed. */
enum class { CLASS_IRQ, CLASS_REGISTER, CLASS_OTHER, CLASS_CLOCK, CLASS_PAGE, CLASSES };
static const struct {
	const char *word, *title, *one, *several;
} classes[CLASSES] = {
	{ "interrupt", "interrupt controller", "value of the interrupt controller",
	  "values of the interrupt controller" },
	{ "register", "registers", "register", "registers" },
	{ "other", "other", "other value", "other values" },
	{ "clock", "clocks and counters", "clock or counter", "clocks and counters" },
	{ "page", "memory", "page", "pages" },
};

/* The first pattern that fits decides. Those of the architectures come before (struct state_codec). */
static const struct {
	const char *path;
	enum class class;
} patterns[] = {
	{ "snapshot.made", CLASS_CLOCK },
	{ "clock.*", CLASS_CLOCK },
	{ "ram.page.*", CLASS_PAGE },
	{ "vcpu.*.online", CLASS_OTHER },
	{ "vcpu.*.at-checkpoint", CLASS_OTHER },
	{ "vcpu.*", CLASS_REGISTER },
	{ "*", CLASS_OTHER },
};

static bool fits(const char *const *list, const char *path)
{
	while (*list && fnmatch(*list, path, 0))
		list++;
	return *list;
}

static enum class class_of(const struct state_codec *codec, const char *path) {
	size_t i = 0;

	if (fits(codec->irq_paths, path)) return CLASS_IRQ;
	if (fits(codec->clock_paths, path)) return CLASS_CLOCK;
	while (fnmatch(patterns[i].path, path, 0)) i++;
	return patterns[i].class;
}

/* --- interrupts ----------------------------------------------------------- */

/* One that is gone (after NULL), new (before NULL), or changed. */
struct change {
	const struct pending_irq *before, *after;
};

struct changes {
	struct change *all;
	size_t count, gone, new;
};

static int by_identity(const void *a, const void *b)
{
	const struct pending_irq *x = *(const struct pending_irq *const *)a,
				 *y = *(const struct pending_irq *const *)b;
	int order = strcmp(x->where, y->where);

	order = order ? order : strverscmp(x->text, y->text);
	return order ? order : (x > y) - (x < y);
}

/* A source stays what it is when its PQ or its place changes. */
static int by_source(const void *a, const void *b)
{
	const struct pending_irq *x = *(const struct pending_irq *const *)a,
				 *y = *(const struct pending_irq *const *)b;
	int order = strcmp(x->type, y->type);

	if (!order && x->member_count && y->member_count && !strcmp(x->members[0].name, "source"))
		return (x->members[0].value > y->members[0].value) -
		       (x->members[0].value < y->members[0].value);
	return order ? order : by_identity(a, b);
}

static bool same_identity(const struct pending_irq *x, const struct pending_irq *y)
{
	return !strcmp(x->where, y->where) && !strcmp(x->text, y->text);
}

static bool verdict_differs(const struct pending_irq *x, const struct pending_irq *y)
{
	return x->verdict != y->verdict && x->verdict != PENDING_UNKNOWN && y->verdict != PENDING_UNKNOWN;
}

/* Two lists of pointers in an order: what both have is reported by both(), and taken out of the lists. */
struct pair {
	const struct pending_irq **list[2];
	size_t count[2];
};

static void match(struct pair *p, int (*order)(const void *, const void *), struct changes *changes,
                  bool exact)
{
	size_t i = 0, k = 0, left[2] = { 0, 0 };

	for (int n = 0; n < 2; n++)
		if (p->count[n])
			qsort(p->list[n], p->count[n], sizeof(*p->list[n]), order);
	while (i < p->count[0] || k < p->count[1]) {
		int which;

		if (i == p->count[0] || k == p->count[1]) {
			which = i == p->count[0] ? 1 : -1;
		} else if (exact) {
			const struct pending_irq *x = p->list[0][i], *y = p->list[1][k];

			which = same_identity(x, y)          ? 0
			        : strcmp(x->where, y->where) ? strcmp(x->where, y->where)
			                                     : strverscmp(x->text, y->text);
		} else {
			which = order(&p->list[0][i], &p->list[1][k]);
		}
		if (!which) {
			if (!exact || verdict_differs(p->list[0][i], p->list[1][k]))
				changes->all[changes->count++] =
					(struct change){ p->list[0][i], p->list[1][k] };
			i++, k++;
		} else if (which < 0) {
			p->list[0][left[0]++] = p->list[0][i++];
		} else {
			p->list[1][left[1]++] = p->list[1][k++];
		}
	}
	p->count[0] = left[0];
	p->count[1] = left[1];
}

static int by_kind(const void *a, const void *b)
{
	const struct change *x = a, *y = b;
	int p = x->after ? x->before ? 2 : 1 : 0, q = y->after ? y->before ? 2 : 1 : 0;
	const struct pending_irq *i = x->before ? x->before : x->after, *k = y->before ? y->before : y->after;

	return p != q ? p - q : (i > k) - (i < k);
}

/* Gone, new, changed, each in the order of its list. False: out of memory. */
static bool find_changes(const struct pending_list *a, const struct pending_list *b, struct changes *changes)
{
	const struct pending_list *lists[2] = { a, b };
	struct pair p = { .count = { a->count, b->count } };
	bool good;

	*changes = (struct changes){ calloc(a->count + b->count + 1, sizeof(*changes->all)), 0, 0, 0 };
	good = changes->all;
	for (int n = 0; n < 2; n++) {
		p.list[n] = calloc(lists[n]->count + 1, sizeof(*p.list[n]));
		good &= p.list[n] != NULL;
		for (size_t i = 0; good && i < lists[n]->count; i++)
			p.list[n][i] = &lists[n]->irqs[i];
	}
	if (good) {
		match(&p, by_identity, changes, true);
		match(&p, by_source, changes, false);
		for (size_t i = 0; i < p.count[0]; i++)
			changes->all[changes->count++] = (struct change){ p.list[0][i], NULL };
		for (size_t i = 0; i < p.count[1]; i++)
			changes->all[changes->count++] = (struct change){ NULL, p.list[1][i] };
		changes->gone = p.count[0];
		changes->new = p.count[1];
		if (changes->count)
			qsort(changes->all, changes->count, sizeof(*changes->all), by_kind);
	}
	free(p.list[0]);
	free(p.list[1]);
	return good;
}

/* --- printing --------------------------------------------------------------- */

/* A value that differs: its texts are the outlines'. */
struct difference {
	enum class class;
	const char *path, *before, *after;
};

struct report {
	const struct diff_how *how;
	const struct state_codec *codec;
	FILE *out;
	struct json j;
	struct changes changes;
	struct difference *all; /* in the order of their paths */
	size_t count, room;
	size_t counts[CLASSES]; /* of those that differ */
	bool bad;               /* out of memory */
};

static void line_begin(const struct report *r, char sign, const char *path)
{
	const char *on = !r->how->color ? ""
	                 : sign == '-'  ? "\033[31m"
	                 : sign == '+'  ? "\033[32m"
	                                : "\033[33m";

	fprintf(r->out, "%s%c%s  ", on, sign, path);
}

static void line_end(const struct report *r)
{
	fputs(r->how->color ? "\033[0m\n" : "\n", r->out);
}

static void line(const struct report *r, char sign, const char *path, const char *value)
{
	line_begin(r, sign, path);
	fputs(value, r->out);
	line_end(r);
}

static void title(const struct report *r, const char *text)
{
	fprintf(r->out, "%s# %s%s\n", r->how->color ? "\033[1m" : "", text, r->how->color ? "\033[0m" : "");
}

static void print_change(const struct report *r, char sign, const char *word, const struct pending_irq *irq,
                         bool why)
{
	line_begin(r, sign, "irq");
	fprintf(r->out, "%-7s  %-9s %s%s%s", word, irq->where, irq->text,
	        !why                              ? ""
	        : irq->verdict == PENDING_UNKNOWN ? ": unknown whether deliverable: "
	        : irq->verdict == PENDING_HELD    ? ": not deliverable: "
	                                          : ": deliverable, ",
	        why ? irq->why : "");
	line_end(r);
}

static void print_changes(const struct report *r)
{
	if (r->changes.count)
		title(r, "interrupts");
	for (size_t i = 0; i < r->changes.count; i++) {
		const struct change *c = &r->changes.all[i];
		bool both = c->before && c->after;

		if (c->before)
			print_change(r, '-', both ? "changed" : "gone", c->before, both);
		if (c->after)
			print_change(r, '+', both ? "changed" : "new", c->after, both);
	}
}

static void changes_json(struct report *r)
{
	static const char *const words[] = { "gone", "new", "changed" };

	json_open(&r->j, "interrupts", '{');
	for (unsigned n = 0; n < 3; n++) {
		json_open(&r->j, words[n], '[');
		for (size_t i = 0; i < r->changes.count; i++) {
			const struct change *c = &r->changes.all[i];

			if ((c->after ? c->before ? 2 : 1 : 0) != (int)n)
				continue;
			if (n == 2)
				json_open(&r->j, NULL, '{');
			if (c->before)
				pending_json(c->before, n == 2 ? "before" : NULL, &r->j);
			if (c->after)
				pending_json(c->after, n == 2 ? "after" : NULL, &r->j);
			if (n == 2)
				json_close(&r->j);
		}
		json_close(&r->j);
	}
	json_close(&r->j);
}

/* The interrupts themselves have been listed before, but for their order. */
static bool is_listed(const struct report *r, const char *path, const char *before, const char *after)
{
	return (before || after) && fits(r->codec->pending_paths, path);
}

static void seen(void *arg, const char *path, const char *before, const char *after)
{
	struct report *r = arg;
	enum class class = class_of(r->codec, path);

	if (is_listed(r, path, before, after) || (r->how->irq && class != CLASS_IRQ) || r->bad)
		return;
	if (r->count == r->room) {
		size_t room = r->room ? 2 * r->room : 64;
		struct difference *p = reallocarray(r->all, room, sizeof(*p));

		r->bad = !p;
		if (!p)
			return;
		r->all = p;
		r->room = room;
	}
	r->all[r->count++] = (struct difference){ class, path, before, after };
	r->counts[class]++;
}

static void print_difference(struct report *r, const struct difference *d)
{
	if (r->how->json) {
		json_open(&r->j, NULL, '{');
		json_string(&r->j, "path", d->path);
		json_string(&r->j, "class", classes[d->class].word);
		json_string(&r->j, "before", d->before);
		json_string(&r->j, "after", d->after);
		json_bool(&r->j, "reordered", !d->before && !d->after);
		json_close(&r->j);
		return;
	}
	if (d->before)
		line(r, '-', d->path, d->before);
	if (d->after)
		line(r, '+', d->path, d->after);
	if (!d->before && !d->after)
		line(r, '!', d->path, "the same, in another order");
}

static void add_sum(char *text, size_t *len, size_t size, const char *comma, size_t n, const char *what)
{
	*len += (size_t)snprintf(text + *len, size - *len, "%s%zu %s", *len ? comma : "", n, what);
}

/* "3 interrupts gone, 1 new; 12 registers, 40 pages differ" */
static void sum(const struct report *r, char text[256])
{
	const struct changes *c = &r->changes;
	size_t len = 0, changed = c->count - c->gone - c->new;
	const char *comma = "; ";

	*text = 0;
	if (c->gone)
		add_sum(text, &len, 256, ", ", c->gone, c->gone == 1 ? "interrupt gone" : "interrupts gone");
	if (c->new)
		add_sum(text, &len, 256, ", ", c->new,
		        c->gone       ? "new"
		        : c->new == 1 ? "new interrupt"
		                      : "new interrupts");
	if (changed)
		add_sum(text, &len, 256, ", ", changed,
		        c->gone || c->new ? "changed"
		        : changed == 1    ? "interrupt changed"
		                          : "interrupts changed");
	for (unsigned i = 0; i < CLASSES; i++)
		if (r->counts[i]) {
			add_sum(text, &len, 256, comma, r->counts[i],
			        r->counts[i] == 1 ? classes[i].one : classes[i].several);
			comma = ", ";
		}
	if (r->count)
		snprintf(text + len, 256 - len, " %s", r->count == 1 ? "differs" : "differ");
	if (!*text)
		strcpy(text, "no difference");
}

/* All that is described, class by class. */
static void print_all(struct report *r)
{
	if (r->how->json)
		json_open(&r->j, "values", '[');
	for (unsigned class = 0; class < CLASSES; class ++) {
		if (r->counts[class] && !r->how->json)
			title(r, classes[class].title);
		for (size_t i = 0; i < r->count && r->counts[class]; i++)
			if (r->all[i].class == class)
				print_difference(r, &r->all[i]);
	}
	if (r->how->json)
		json_close(&r->j);
}

static void begin(struct report *r)
{
	if (!r->how->json) {
		print_changes(r);
		return;
	}
	json_begin(&r->j, r->out);
	json_open(&r->j, NULL, '{');
	json_string(&r->j, "schema", "zpvm-diff");
	json_number(&r->j, "version", 1);
	changes_json(r);
}

static void end(struct report *r, bool different)
{
	char text[256];

	sum(r, text);
	if (r->how->json) {
		json_bool(&r->j, "different", different);
		json_string(&r->j, "summary", text);
		json_close(&r->j);
	} else if (different) {
		fprintf(r->out, "%s%s%s\n", r->how->color ? "\033[1m" : "", text,
		        r->how->color ? "\033[0m" : "");
	}
}

static int report(struct report *r, const struct outline *left, const struct outline *right, bool *different)
{
	int rc = outline_compare(left, right, seen, r);

	if (rc || r->bad)
		return rc ? rc : -ENOMEM;
	begin(r);
	print_all(r);
	*different = r->changes.count || r->count;
	end(r, *different);
	return 0;
}

int diff_print(const struct parsed_snapshot *a, const struct parsed_snapshot *b, const struct diff_how *how,
               FILE *out, bool *different)
{
	struct outline left = { 0 }, right = { 0 };
	struct pending_list x = { 0 }, y = { 0 };
	struct report r = { .how = how, .codec = a->codec, .out = out };
	int rc = -ENOMEM;

	*different = false;
	inspect_all_but_ram(a, &left);
	inspect_all_but_ram(b, &right);
	if (a->vm.scope.kind == SNAP_VM && b->vm.scope.kind == SNAP_VM)
		ram_describe_difference(&a->snap, a->vm.scope.memory, &left, &b->snap, b->vm.scope.memory,
		                        &right);
	a->codec->answer(a->state, &a->vm.scope, &x);
	b->codec->answer(b->state, &b->vm.scope, &y);
	if (!x.bad && !y.bad && !left.bad && !right.bad && find_changes(&x, &y, &r.changes))
		rc = report(&r, &left, &right, different);
	free(r.changes.all);
	free(r.all);
	pending_free(&x);
	pending_free(&y);
	outline_free(&left);
	outline_free(&right);
	return rc;
}
