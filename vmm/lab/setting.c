/* SPDX-License-Identifier: BSD-2-Clause */
/* setting.c: the lines of a scenario that say how its first VM is made. See line.h. Pure. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "vmm/number.h"

/* The vCPUs' numbers, in the order in which they are made. */
static int parse_order(struct scenario *s, struct line *l)
{
	uint64_t number = 0;
	const char *text;

	while ((text = line_bare(l, s->vcpu_order_count + 1))) {
		if (s->vcpu_order_count == SCENARIO_ORDER)
			return line_wrong(l, "vcpu-order: of more than %d vCPUs", SCENARIO_ORDER);
		if (line_check_number(l, "vcpu-order", text, 0, SCENARIO_ORDER - 1, &number))
			return -EINVAL;
		for (unsigned i = 0; i < s->vcpu_order_count; i++)
			if (s->vcpu_order[i] == number)
				return line_wrong(l, "vcpu-order: %s stands twice", text);
		s->vcpu_order[s->vcpu_order_count++] = (uint16_t)number;
	}
	return 0;
}

static const struct setting {
	const char *name;
	uint64_t max; /* of a number; 0: it is none */
	size_t field; /* of the scenario, for the number */
} settings[] = {
	{ "arch", 0, 0 },
	{ "clock", 0, 0 },
	{ "input", 0, 0 },
	{ "irqchip-model", 0, 0 },
	{ "memory", 0, 0 },
	{ "start", 0, 0 },
	{ "vcpu-order", 0, 0 },
	{ "sources", 1 << 20, offsetof(struct scenario, sources) },
	{ "timeout", 100000, offsetof(struct scenario, timeout_ms) },
	{ "vcpus", 100000, offsetof(struct scenario, vcpus) },
	{ "vcpus-late", 100000, offsetof(struct scenario, vcpus_late) },
	{ "vcpu-stride", 100000, offsetof(struct scenario, vcpu_stride) },
};

/* The setting that a line begins with; NULL: the line is a step. */
static const struct setting *find_setting(const char *text)
{
	size_t len = strcspn(text, " \t=");

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (text[len] != '=' && strlen(settings[i].name) == len &&
		    !memcmp(settings[i].name, text, len))
			return &settings[i];
	return NULL;
}

static int parse_number(struct scenario *s, struct line *l, const struct setting *setting, const char *text)
{
	uint64_t *number = (uint64_t *)((char *)s + setting->field);
	int rc = line_check_number(l, setting->name, text, 1, setting->max, number);

	if (!rc && number == &s->timeout_ms)
		*number *= 1000; /* the scenario has seconds */
	return rc;
}

/* A line that says how the first VM is made. */
static int parse(struct scenario *s, struct line *l, const struct setting *setting)
{
	const char *word = line_bare(l, 0), *text;

	if (s->typed && !strcmp(word, "input"))
		return line_wrong(l,
		                  "input: standard input has the steps; the step `type` types at a console");
	if (s->made)
		return line_wrong(l, "%s: the VM is there; options of zpvm run say how it is made", word);
	if (s->count || s->outer)
		return line_wrong(l, "%s: must come before the first step", word);
	text = line_bare(l, 1);
	if (!text)
		return line_wrong(l, "%s: the value is missing", word);
	if (!strcmp(word, "arch"))
		return strcmp(text, s->arch)
		               ? line_wrong(l, "this scenario is for %s, this zpvm for %s", text, s->arch)
		               : 0;
	if (!strcmp(word, "vcpu-order"))
		return parse_order(s, l);
	if (!strcmp(word, "input")) {
		s->input = !strcmp(text, "stdin");
		return s->input ? 0 : line_wrong(l, "input: %s is not stdin", text);
	}
	if (!strcmp(word, "start")) {
		s->restored = !strcmp(text, "restored");
		return s->restored ? 0 : line_wrong(l, "start: %s is not restored", text);
	}
	if (!strcmp(word, "clock")) {
		s->clock = clock_policy_find(text);
		return s->clock ? 0 : line_wrong(l, "clock: %s is not stand or follow", text);
	}
	if (!strcmp(word, "memory"))
		return number_parse_size(text, &s->memory) || !s->memory
		               ? line_wrong(l, "memory: %s is not a size (64M, 1G)", text)
		               : 0;
	if (!strcmp(word, "irqchip-model")) {
		if (line_name(l, text, "the interrupt controller's model", &text))
			return -EINVAL;
		free(s->irqchip);
		s->irqchip = strdup(text);
		return s->irqchip ? 0 : error_set(l->err, -ENOMEM, "out of memory for a scenario");
	}
	if (!strcmp(word, "sources") && strcmp(s->arch, "power9"))
		return line_wrong(l, "sources: only on power9");
	return parse_number(s, l, setting, text);
}

int setting_parse(struct scenario *s, char *text, struct error *err)
{
	const struct setting *setting = find_setting(text);
	struct line l = { .s = s, .err = err };

	if (!setting)
		return 1;
	return line_split(&l, text) || parse(s, &l, setting) ? -EINVAL : line_check_used(&l);
}

/* Each vCPU must be in it. */
int scenario_settings_check(const struct scenario *s, struct error *err)
{
	if (s->vcpus_late && (s->vcpus_late >= s->vcpus || s->vcpu_order_count))
		return error_set(err, -EINVAL,
		                 "vcpus-late: at least one of the vCPUs comes first, in their order");
	for (unsigned i = 0; i < s->vcpu_order_count; i++)
		if (s->vcpu_order_count != s->vcpus || s->vcpu_order[i] >= s->vcpus)
			return error_set(err, -EINVAL, "vcpu-order: is not one of %u vCPUs",
			                 (unsigned)s->vcpus);
	return 0;
}
