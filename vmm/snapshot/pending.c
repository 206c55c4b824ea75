/* SPDX-License-Identifier: BSD-2-Clause */
/* pending.c: see pending.h. Pure. */
#include "pending.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_COLUMNS 100

void pending_free(struct pending_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct pending_irq *irq = &list->irqs[i];

		for (unsigned k = 0; k < irq->member_count; k++)
			free(irq->members[k].text);
		free(irq->where);
		free(irq->text);
		free(irq->why);
	}
	for (size_t i = 0; i < list->vcpu_count; i++)
		free(list->vcpus[i].text);
	free(list->irqs);
	free(list->vcpus);
	*list = (struct pending_list){ 0 };
}

/* --- making one ------------------------------------------------------- */

/* Room for one more; false: out of memory. */
static bool grow(struct pending_list *list)
{
	size_t room = list->room ? 2 * list->room : 16;
	struct pending_irq *p;

	if (list->count < list->room)
		return true;
	p = reallocarray(list->irqs, room, sizeof(*p));
	if (!p) {
		list->bad = true;
		return false;
	}
	list->irqs = p;
	list->room = room;
	return true;
}

struct pending_irq *pending_add(struct pending_list *list, const char *type, uint32_t vcpu, const char *where,
                                const char *fmt, ...)
{
	struct pending_irq *irq;
	char name[16];
	va_list ap;

	if (!grow(list))
		return NULL;
	irq = &list->irqs[list->count++];
	*irq = (struct pending_irq){ .type = type, .vcpu = vcpu };
	snprintf(name, sizeof(name), "vCPU %" PRIu32, vcpu);
	irq->where = strdup(where ? where : name);
	va_start(ap, fmt);
	if (vasprintf(&irq->text, fmt, ap) < 0)
		irq->text = NULL;
	va_end(ap);
	list->bad |= !irq->where || !irq->text;
	return irq;
}

static struct pending_member *add_member(struct pending_irq *irq, const char *name)
{
	struct pending_member *m;

	if (!irq || irq->member_count == PENDING_MEMBERS)
		return NULL;
	m = &irq->members[irq->member_count++];
	m->name = name;
	return m;
}

void pending_number(struct pending_irq *irq, const char *name, uint64_t value)
{
	struct pending_member *m = add_member(irq, name);

	if (m)
		m->value = value;
}

void pending_hex(struct pending_irq *irq, const char *name, uint64_t value)
{
	pending_number(irq, name, value);
	if (irq)
		irq->members[irq->member_count - 1].how = MEMBER_HEX;
}

void pending_text(struct pending_list *list, struct pending_irq *irq, const char *name, const char *fmt, ...)
{
	struct pending_member *m = add_member(irq, name);
	va_list ap;

	if (!m)
		return;
	m->how = MEMBER_TEXT;
	va_start(ap, fmt);
	if (vasprintf(&m->text, fmt, ap) < 0)
		m->text = NULL;
	va_end(ap);
	list->bad |= !m->text;
}

void pending_decide(struct pending_list *list, struct pending_irq *irq, enum verdict verdict, char *why)
{
	list->bad |= !why;
	if (!irq) {
		free(why);
		return;
	}
	irq->verdict = verdict;
	irq->why = why;
}

const char *pending_turn(unsigned after, char text[32])
{
	if (after)
		snprintf(text, 32, "after %u other%s", after, after == 1 ? "" : "s");
	else
		strcpy(text, "first");
	return text;
}

void pending_add_vcpu(struct pending_list *list, uint32_t vcpu, char *text)
{
	struct pending_vcpu *p = text ? reallocarray(list->vcpus, list->vcpu_count + 1, sizeof(*p)) : NULL;

	if (!p) {
		free(text);
		list->bad = true;
		return;
	}
	list->vcpus = p;
	p[list->vcpu_count++] = (struct pending_vcpu){ vcpu, text };
}

void words_begin(struct words *w)
{
	*w = (struct words){ NULL };
	w->out = open_memstream(&w->text, &w->len);
}

void words_add(struct words *w, const char *fmt, ...)
{
	va_list ap;

	if (!w->out)
		return;
	va_start(ap, fmt);
	vfprintf(w->out, fmt, ap);
	va_end(ap);
}

char *words_end(struct words *w)
{
	bool bad = !w->out || ferror(w->out);

	if (w->out)
		bad |= fclose(w->out) != 0;
	if (!bad)
		return w->text;
	free(w->text);
	return NULL;
}

/* --- for people ------------------------------------------------------- */

void pending_sum(const struct pending_list *list, char text[96])
{
	size_t open = 0, unknown = 0;
	int len;

	for (size_t i = 0; i < list->count; i++) {
		open += list->irqs[i].verdict == PENDING_OPEN;
		unknown += list->irqs[i].verdict == PENDING_UNKNOWN;
	}
	if (!list->count) {
		strcpy(text, "nothing is pending");
		return;
	}
	len = snprintf(text, 96, "%zu interrupt%s pending, ", list->count,
	               list->count == 1 ? " is" : "s are");
	if (unknown)
		snprintf(text + len, 96 - (size_t)len,
		         "and the registers that would let them in are unknown");
	else if (list->count == 1)
		snprintf(text + len, 96 - (size_t)len, "%sdeliverable", open ? "" : "not ");
	else if (open == list->count)
		snprintf(text + len, 96 - (size_t)len, "all deliverable");
	else if (open)
		snprintf(text + len, 96 - (size_t)len, "%zu of them deliverable", open);
	else
		snprintf(text + len, 96 - (size_t)len, "none of them deliverable");
}

/* What fits in a line stands in one. */
static void print_irq(const struct pending_irq *irq, const char *indent, FILE *out)
{
	static const char *const verdicts[] = { [PENDING_UNKNOWN] = "unknown whether deliverable: ",
		                                [PENDING_HELD] = "not deliverable: ",
		                                [PENDING_OPEN] = "deliverable, " };
	const char *verdict = verdicts[irq->verdict];

	fprintf(out, "%s%-9s %s:", indent, irq->where, irq->text);
	if (strlen(indent) + 11 + strlen(irq->text) + 1 + strlen(verdict) + strlen(irq->why) >
	    LINE_MAX_COLUMNS)
		fprintf(out, "\n%s          ", indent);
	fprintf(out, " %s%s\n", verdict, irq->why);
}

void pending_print(const struct pending_list *list, bool vcpus, const char *indent, FILE *out)
{
	for (size_t i = 0; i < list->count && !list->bad; i++)
		print_irq(&list->irqs[i], indent, out);
	for (size_t i = 0; vcpus && i < list->vcpu_count && !list->bad; i++)
		fprintf(out, "%svCPU %-4" PRIu32 " %s\n", indent, list->vcpus[i].vcpu, list->vcpus[i].text);
}

static void member_json(const struct pending_member *m, struct json *j)
{
	char text[24];

	switch (m->how) {
	case MEMBER_NUMBER: json_number(j, m->name, (int64_t)m->value); break;
	case MEMBER_TEXT: json_string(j, m->name, m->text); break;
	case MEMBER_HEX:
		snprintf(text, sizeof(text), "0x%" PRIx64, m->value);
		json_string(j, m->name, text);
		break;
	}
}

void pending_json(const struct pending_irq *irq, const char *key, struct json *j)
{
	json_open(j, key, '{');
	json_string(j, "type", irq->type);
	json_string(j, "where", irq->where);
	if (irq->vcpu == PENDING_FLOATING)
		json_null(j, "vcpu");
	else
		json_number(j, "vcpu", irq->vcpu);
	for (unsigned i = 0; i < irq->member_count; i++)
		member_json(&irq->members[i], j);
	json_string(j, "text", irq->text);
	if (irq->verdict == PENDING_UNKNOWN)
		json_null(j, "deliverable");
	else
		json_bool(j, "deliverable", irq->verdict == PENDING_OPEN);
	if (irq->verdict == PENDING_OPEN)
		json_number(j, "after", irq->after);
	else
		json_null(j, "after");
	json_string(j, "why", irq->why);
	json_close(j);
}
