/* SPDX-License-Identifier: BSD-2-Clause */
/* scenario.c: see scenario.h. Pure. Read next: step.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "vmm/number.h"

/* Parses a line that says how the first VM is made. Returns 1 if it is a step instead. */
static int parse_header(struct line *l)
{
	struct scenario *s = l->s;
	const char *word = l->words[0].text, *text;
	uint64_t v = 0;

	if (strcmp(word, "arch") && strcmp(word, "vcpus") && strcmp(word, "memory") &&
	    strcmp(word, "timeout") && strcmp(word, "vcpu-stride") && strcmp(word, "irqchip-model") &&
	    strcmp(word, "input") && strcmp(word, "sources") && strcmp(word, "start") &&
	    strcmp(word, "clock"))
		return 1;
	if (s->count)
		return line_wrong(l, "%s: must come before the first step", word);
	line_bare(l, 0);
	text = line_bare(l, 1);
	if (!text)
		return line_wrong(l, "%s: the value is missing", word);
	if (!strcmp(word, "arch"))
		return strcmp(text, l->arch)
		               ? line_wrong(l, "this scenario is for %s, this zpvm for %s", text, l->arch)
		               : 0;
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
	if (!strcmp(word, "irqchip-model"))
		return line_name(l, text, "the interrupt controller's model", &s->irqchip);
	if (!strcmp(word, "sources") && strcmp(l->arch, "power9"))
		return line_wrong(l, "sources: only on power9");
	if (line_check_number(l, word, text, !strcmp(word, "sources") ? 1 << 20 : 100000, &v))
		return -EINVAL;
	if (!v)
		return line_wrong(l, "%s: 0 is not allowed", word);
	if (!strcmp(word, "sources"))
		s->sources = v;
	else if (!strcmp(word, "vcpus"))
		s->vcpus = v;
	else if (!strcmp(word, "vcpu-stride"))
		s->vcpu_stride = v;
	else
		s->timeout_ms = v * 1000;
	return 0;
}

/* Whether the rest of the line, after the words found so far, is free text. */
static bool text_follows(const struct line *l, const char *word)
{
	if (!l->count)
		return false;
	if (!strcmp(l->words[0].text, "say"))
		return true;
	return !strcmp(l->words[0].text, "type") &&
	       (l->count > 1 || strncmp(word, "console=", strlen("console=")));
}

/* Cuts the line into words, in place. */
static int split(struct line *l, char *line)
{
	char *rest = line, *word;

	l->count = 0;
	memset(l->used, 0, sizeof(l->used));
	while ((word = strsep(&rest, " \t"))) {
		char *equals = strchr(word, '=');

		if (!*word)
			continue;
		if (text_follows(l, word))
			break;
		if (l->count == MAX_WORDS)
			return line_wrong(l, "more than %d words", MAX_WORDS);
		l->words[l->count].key = equals ? word : NULL;
		l->words[l->count++].text = equals ? equals + 1 : word;
		if (equals)
			*equals = 0;
		if (equals && (equals == word || !equals[1]))
			return line_wrong(l, "word %u: key=value needs both", l->count);
	}
	return l->words[0].key ? line_wrong(l, "%s=: a step begins with a bare word", l->words[0].key) : 0;
}

/* Removes the comment, and the blanks around the line. NULL: nothing is left. */
static char *trim(char *line)
{
	size_t len;

	line += strspn(line, " \t\r");
	for (char *hash = line; (hash = strchr(hash, '#')); hash++)
		if (hash == line || hash[-1] == ' ' || hash[-1] == '\t') {
			*hash = 0;
			break;
		}
	len = strlen(line);
	while (len && strchr(" \t\r", line[len - 1]))
		line[--len] = 0;
	return len ? line : NULL;
}

static void free_step(struct step *step)
{
	free(step->names);
	free(step->bytes);
}

/* shown keeps the line whole for display; line is cut up. */
static int parse_line(struct line *l, char *line, const char *shown, unsigned number)
{
	int rc = split(l, line);

	if (!rc)
		rc = parse_header(l);
	if (rc != 1)
		return rc ? rc : line_check_used(l);
	l->step = &l->s->steps[l->s->count];
	l->step->line = number;
	l->step->text = shown;
	rc = step_parse(l);
	if (rc)
		free_step(l->step);
	else
		l->s->count++;
	return rc;
}

int scenario_parse(struct scenario *s, const char *text, size_t len, const char *file, const char *arch,
                   struct error *err)
{
	struct line l = { .s = s, .arch = arch, .err = err };
	unsigned number = 0, lines = 1;
	char *copy, *shown, *text_line;

	*s = (struct scenario){ .file = file };
	for (size_t i = 0; i < len; i++) {
		lines += text[i] == '\n';
		if (!text[i])
			return error_set(err, -EINVAL, "%s:%u: a NUL byte: this is not a text file", file,
			                 lines);
	}
	/* Two copies: one to cut into words, one to print. */
	s->pool = calloc(2, len + 1);
	s->steps = calloc(lines, sizeof(*s->steps));
	if (!s->pool || !s->steps) {
		scenario_free(s);
		return error_set(err, -ENOMEM, "out of memory for a scenario");
	}
	copy = s->pool;
	memcpy(copy, text, len);
	shown = copy + len + 1;
	memcpy(shown, text, len);
	while ((text_line = strsep(&copy, "\n"))) {
		char *show = trim(strsep(&shown, "\n"));
		int rc;

		number++;
		text_line = trim(text_line);
		rc = text_line ? parse_line(&l, text_line, show, number) : 0;
		if (rc) {
			scenario_free(s);
			return file ? error_prefix(err, rc, "%s:%u", file, number) : rc;
		}
	}
	return 0;
}

void scenario_free(struct scenario *s)
{
	for (size_t i = 0; i < s->count; i++)
		free_step(&s->steps[i]);
	free(s->steps);
	free(s->pool);
	*s = (struct scenario){ 0 };
}
