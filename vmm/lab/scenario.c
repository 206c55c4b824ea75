/* SPDX-License-Identifier: BSD-2-Clause */
/* scenario.c: see scenario.h. Pure. Read next: step.c. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "vmm/number.h"

/* The vCPUs' numbers, in the order in which they are made. */
static int parse_order(struct line *l)
{
	struct scenario *s = l->s;
	uint64_t number = 0;
	const char *text;

	while ((text = line_bare(l, s->vcpu_order_count + 1))) {
		if (s->vcpu_order_count == SCENARIO_ORDER)
			return line_wrong(l, "vcpu-order: of more than %d vCPUs", SCENARIO_ORDER);
		if (line_check_number(l, "vcpu-order", text, SCENARIO_ORDER - 1, &number))
			return -EINVAL;
		for (unsigned i = 0; i < s->vcpu_order_count; i++)
			if (s->vcpu_order[i] == number)
				return line_wrong(l, "vcpu-order: %s stands twice", text);
		s->vcpu_order[s->vcpu_order_count++] = (uint16_t)number;
	}
	return 0;
}

/* Each vCPU must be in it. */
static int check_order(struct line *l)
{
	const struct scenario *s = l->s;

	if (s->vcpus_late && (s->vcpus_late >= s->vcpus || s->vcpu_order_count))
		return line_wrong(l, "vcpus-late: at least one of the vCPUs comes first, in their order");
	for (unsigned i = 0; i < s->vcpu_order_count; i++)
		if (s->vcpu_order_count != s->vcpus || s->vcpu_order[i] >= s->vcpus)
			return line_wrong(l, "vcpu-order: is not one of %u vCPUs", (unsigned)s->vcpus);
	return 0;
}

/* Parses a line that says how the first VM is made. Returns 1 if it is a step instead. */
static int parse_header(struct line *l)
{
	struct scenario *s = l->s;
	const char *word = l->words[0].text, *text;
	uint64_t v = 0;

	if (strcmp(word, "arch") && strcmp(word, "vcpus") && strcmp(word, "memory") &&
	    strcmp(word, "timeout") && strcmp(word, "vcpu-stride") && strcmp(word, "irqchip-model") &&
	    strcmp(word, "input") && strcmp(word, "sources") && strcmp(word, "start") &&
	    strcmp(word, "clock") && strcmp(word, "vcpu-order") && strcmp(word, "vcpus-late"))
		return 1;
	if (s->count || s->outer)
		return line_wrong(l, "%s: must come before the first step", word);
	line_bare(l, 0);
	text = line_bare(l, 1);
	if (!text)
		return line_wrong(l, "%s: the value is missing", word);
	if (!strcmp(word, "arch"))
		return strcmp(text, l->arch)
		               ? line_wrong(l, "this scenario is for %s, this zpvm for %s", text, l->arch)
		               : 0;
	if (!strcmp(word, "vcpu-order"))
		return parse_order(l);
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
	else if (!strcmp(word, "vcpus-late"))
		s->vcpus_late = v;
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
	if (!strcmp(l->words[0].text, "expect"))
		return l->count == 2 && !l->words[1].key && !strcmp(l->words[1].text, "host-log");
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

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The line without its comment, and the blanks around it; *len becomes the length of the rest. */
static const char *trim(const char *line, size_t *len)
{
	const char *end = line + *len;

	while (line < end && is_blank(*line))
		line++;
	for (const char *hash = line; hash < end; hash++)
		if (*hash == '#' && (hash == line || is_blank(hash[-1])))
			end = hash;
	while (end > line && is_blank(end[-1]))
		end--;
	*len = (size_t)(end - line);
	return line;
}

static void free_step(struct step *step)
{
	free(step->names);
	free(step->expected);
	free(step->reg);
	free(step->bytes);
	free(step->turns);
	free(step->block.text);
}

/* --- blocks ------------------------------------------------------------ */

static bool begins(const char *line, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len > n && !strncmp(line, word, n) && is_blank(line[n]);
}

/* By how much the line changes the depth of blocks. */
static int depth_change(const char *line, size_t len)
{
	line = trim(line, &len);
	if (len == 1 && *line == '}')
		return -1;
	return len > 2 && line[len - 1] == '{' && is_blank(line[len - 2]) &&
	       (begins(line, len, "sweep") || begins(line, len, "explore") || begins(line, len, "race"));
}

/* Takes the block of the step from the text that follows it: up to the line with its }. */
static int take_block(struct line *l, struct step *step, const char **text, unsigned *number)
{
	const char *begin = *text, *end;
	int depth = 1;

	step->block.line = *number + 1;
	while (depth) {
		size_t len = strcspn(*text, "\n");

		end = *text;
		depth += depth_change(*text, len);
		if (depth && !(*text)[len])
			return line_wrong(l, "%s: the } of its block is missing", step->text);
		*text += len + !!(*text)[len];
		++*number;
	}
	step->block.end = *number;
	step->block.text = strndup(begin, (size_t)(end - begin));
	return step->block.text ? 0 : error_set(l->err, -ENOMEM, "out of memory for a scenario");
}

#define BLOCKS_MAX 4 /* in each other */

/* Whether the steps in the block are right: for the first value, which is as good as any. */
static int check_block(struct line *l, const struct step *step)
{
	const struct scenario *in = l->s;
	struct scenario block;
	unsigned depth = 1;
	int rc;

	for (; in->outer; in = in->outer)
		depth++;
	if (depth > BLOCKS_MAX)
		return line_wrong(l, "more than %d blocks in each other", BLOCKS_MAX);
	rc = scenario_parse_block(&block, l->s, &step->block, step->from, l->arch, l->err);
	l->located = rc && l->s->file;
	if (!rc)
		scenario_free(&block);
	return rc;
}

/* --- the text ---------------------------------------------------------- */

/* A line of len bytes, without its comment. Its step's words, and the text to show, are copies in the pool.
 */
static int parse_line(struct line *l, const char *line, size_t len, char **pool, unsigned number)
{
	char *shown = memcpy(*pool, line, len), *words = memcpy(*pool + len + 1, line, len);
	int rc;

	*pool += 2 * (len + 1);
	l->opens = false;
	rc = split(l, words);
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

/* A line, with the block that may follow it. */
static int parse_lines(struct line *l, const char **text, char **pool, unsigned *number)
{
	size_t len = strcspn(*text, "\n");
	const char *line = *text;
	int rc;

	*text += len + !!line[len];
	line = trim(line, &len);
	rc = len ? parse_line(l, line, len, pool, *number) : 0;
	if (!rc && len && l->opens) {
		struct step *step = &l->s->steps[l->s->count - 1];

		rc = take_block(l, step, text, number);
		if (!rc)
			rc = check_block(l, step);
	}
	return rc;
}

/* text ends in NUL; its first line has this number. */
static int parse_text(struct scenario *s, const char *text, unsigned number, const char *arch,
                      struct error *err)
{
	struct line l = { .s = s, .arch = arch, .err = err };
	size_t lines = 1, len = strlen(text);
	char *pool;
	int rc = 0;

	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	/* Two copies: one to cut into words, one to show; each line ends in NUL. */
	s->pool = pool = calloc(2, len + lines);
	s->steps = calloc(lines, sizeof(*s->steps));
	if (!s->pool || !s->steps)
		rc = error_set(err, -ENOMEM, "out of memory for a scenario");
	for (; !rc && *text; number++) {
		unsigned at = number;

		rc = parse_lines(&l, &text, &pool, &number);
		if (rc && s->file && !l.located)
			error_prefix(err, rc, "%s:%u", s->file, at);
	}
	number = l.race ? l.race->line : number;
	if (!rc && (l.race ? line_wrong(&l, "race: its last } is missing") : check_order(&l))) {
		rc = -EINVAL;
		if (s->file)
			error_prefix(err, rc, "%s:%u", s->file, l.race ? number : 1);
	}
	if (rc)
		scenario_free(s);
	return rc;
}

int scenario_parse(struct scenario *s, const char *text, size_t len, const char *file, const char *arch,
                   struct error *err)
{
	unsigned lines = 1;
	char *copy;

	*s = (struct scenario){ .file = file };
	for (size_t i = 0; i < len; i++) {
		lines += text[i] == '\n';
		if (!text[i])
			return error_set(err, -EINVAL, "%s:%u: a NUL byte: this is not a text file", file,
			                 lines);
	}
	s->source = copy = strndup(text, len);
	return copy ? parse_text(s, copy, 1, arch, err)
	            : error_set(err, -ENOMEM, "out of memory for a scenario");
}

/* The text with the value in place of each $VARIABLE. NULL: out of memory. */
static char *substitute(const struct block *block, uint64_t value)
{
	size_t name = strlen(block->variable), size;
	const char *text = block->text, *dollar;
	char *out = NULL;
	FILE *f = open_memstream(&out, &size);

	if (!f)
		return NULL;
	while (name && (dollar = strchr(text, '$'))) {
		fwrite(text, 1, (size_t)(dollar - text), f);
		text = dollar + 1;
		if (strncmp(text, block->variable, name) || isalnum((unsigned char)text[name])) {
			fputc('$', f);
		} else {
			fprintf(f, "%" PRIu64, value);
			text += name;
		}
	}
	fputs(text, f);
	if (fclose(f)) {
		free(out);
		out = NULL;
	}
	return out;
}

int scenario_parse_block(struct scenario *s, const struct scenario *outer, const struct block *block,
                         uint64_t value, const char *arch, struct error *err)
{
	char *text = substitute(block, value);
	int rc;

	if (!text)
		return error_set(err, -ENOMEM, "out of memory for a scenario");
	*s = (struct scenario){ .file = outer->file, .outer = outer, .restored = outer->restored };
	rc = parse_text(s, text, block->line, arch, err);
	free(text);
	return rc;
}

int scenario_print_point(const struct scenario *s, const struct step *sweep, uint64_t value, char **text,
                         size_t *len, struct error *err)
{
	char *block = substitute(&sweep->block, value);
	FILE *f = open_memstream(text, len);
	const char *line = s->source;
	unsigned number = 1;

	while (f && block && *line) {
		size_t length = strcspn(line, "\n");

		length += !!line[length];
		if (number < sweep->line || number > sweep->block.end)
			fwrite(line, 1, length, f);
		if (number == sweep->line && value) /* no count would be no limit */
			fprintf(f, "step n=%" PRIu64 " cpu=%u\n", value, sweep->cpu);
		if (number == sweep->line)
			fputs(block, f);
		line += length;
		number++;
	}
	free(block);
	if (f && !fclose(f) && block)
		return 0;
	free(*text);
	return error_set(err, -ENOMEM, "out of memory for a scenario");
}

void scenario_free(struct scenario *s)
{
	for (size_t i = 0; i < s->count; i++)
		free_step(&s->steps[i]);
	free(s->steps);
	free(s->pool);
	free(s->source);
	*s = (struct scenario){ 0 };
}
