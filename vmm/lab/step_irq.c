/* SPDX-License-Identifier: BSD-2-Clause */
/* step_irq.c: the steps with interrupts: words that the architecture reads, and labels. See line.h. Pure. */
#include <errno.h>
#include <string.h>

#include "line.h"

/* The words not used so far are for the architecture. The first of them must be a bare one: the kind. */
static int other_words(struct line *l, struct word *words, unsigned *count)
{
	unsigned n = 0;

	for (unsigned w = 1; w < l->count; w++) {
		if (l->used[w])
			continue;
		l->used[w] = true;
		words[n++] = l->words[w];
	}
	l->at = n ? words[0].text : l->end;
	*count = n;
	if (n && !words[0].key)
		return 0;
	return line_wrong(l, "%s: the %s is missing", l->words[0].text,
	                  l->step->kind == STEP_IRQCHIP ? "operation" : "kind of interrupt");
}

/* Checks that the label does not mean another interrupt already. */
static int check_label(struct line *l)
{
	const char *label = l->step->name;
	const struct step *named = label ? line_labelled(l, label) : NULL;

	if (label)
		l->at = label;
	if (label && irq_is_timer(label))
		return line_wrong(l, "as=%s: that is what `guest timer` leads to", label);
	return named && !irq_equal(&named->irq, &l->step->irq)
	               ? line_wrong(l, "as=%s: means another interrupt in line %u", label, named->line)
	               : 0;
}

int parse_irq(struct line *l)
{
	struct word words[MAX_WORDS];
	unsigned count;

	if (other_words(l, words, &count) || irq_parse(words, count, &l->step->irq, l->err))
		return -EINVAL;
	return check_label(l);
}

int parse_inject(struct line *l)
{
	const char *text = strcmp(l->s->arch, "s390x") ? NULL : line_value(l, "legacy");
	uint64_t legacy = 0;

	if ((text && line_check_number(l, "legacy", text, 0, 1, &legacy)) || parse_irq(l))
		return -EINVAL;
	l->step->irq.legacy = legacy;
	return 0;
}

int parse_irqchip(struct line *l)
{
	struct word words[MAX_WORDS];
	unsigned count;

	return other_words(l, words, &count) ? -EINVAL
	                                     : irqchip_parse(words, count, &l->step->irqchip, l->err);
}

/* Whether the label may be known when the step is executed. A file contains labels that only a run sees. */
static bool label_known(const struct line *l, const char *label)
{
	bool known = irq_is_timer(label) || line_labelled(l, label);

	for (const struct scenario *in = l->s; in; in = in->outer) {
		known |= in->restored;
		for (size_t i = 0; i < in->count; i++)
			known |= in->steps[i].kind == STEP_LOAD;
	}
	return known;
}

int parse_labels(struct line *l)
{
	const char **labels = line_array(l, MAX_WORDS, sizeof(*labels)), *text;
	unsigned count = 0;

	if (!labels)
		return -ENOMEM;
	while ((text = line_bare(l, 2 + count))) {
		if (!label_known(l, text))
			return line_wrong(l, "expect taken: nothing above is injected or named as=%s", text);
		labels[count++] = text;
	}
	l->step->taken.labels = labels;
	l->step->taken.count = count;
	return 0;
}
