/* SPDX-License-Identifier: BSD-2-Clause */
/* scenario.c: see scenario.h: a text, its lines and blocks. Pure. Read next: step.c. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"

/* --- variables ------------------------------------------------------------ */

/* The text with the value in place of each $VARIABLE. NULL: out of memory. */
static char *substitute(const char *text, size_t len, const char *variable, uint64_t value)
{
	const char *end = text + len, *dollar;
	size_t name = strlen(variable), size;
	char *out = NULL;
	FILE *f = open_memstream(&out, &size);

	if (!f)
		return NULL;
	while ((dollar = memchr(text, '$', (size_t)(end - text)))) {
		fwrite(text, 1, (size_t)(dollar - text), f);
		text = dollar + 1;
		if (strncmp(text, variable, name) || isalnum((unsigned char)text[name])) {
			fputc('$', f);
		} else {
			fprintf(f, "%" PRIu64, value);
			text += name;
		}
	}
	fwrite(text, 1, (size_t)(end - text), f);
	if (fclose(f)) {
		free(out);
		out = NULL;
	}
	return out;
}

/* The line with the values of all variables: those of s, and before of what s is in. NULL: out of memory. */
static char *fill_in(const struct scenario *s, const char *line, size_t len)
{
	char *outer, *text;

	if (!s || !memchr(line, '$', len))
		return strndup(line, len);
	outer = fill_in(s->outer, line, len);
	if (!outer || !s->variable)
		return outer;
	text = substitute(outer, strlen(outer), s->variable, s->value);
	free(outer);
	return text;
}

/* --- lines ----------------------------------------------------------------- */

/* A text that is read line by line. */
struct reader {
	const char *begin; /* of the line that was read last */
	const char *next;  /* what follows; it ends in NUL */
	unsigned line;     /* the number of the last line */
	bool cut;          /* the text has ended within a block */
	struct error *err;
};

/* *line is the next one, trimmed. */
static bool next_line(struct reader *in, const char **line, size_t *len)
{
	if (!*in->next)
		return false;
	in->begin = in->next;
	*len = strcspn(in->begin, "\n");
	in->next += *len + !!in->begin[*len];
	in->line++;
	*line = line_trim(in->begin, len);
	return true;
}

/* Says which line the error is in. */
static int locate(const struct scenario *s, struct reader *in, unsigned line, int rc)
{
	return rc && s->file ? error_prefix(in->err, rc, "%s:%u", s->file, line) : rc;
}

static int read_step(struct scenario *s, struct reader *in, const char *text)
{
	size_t room = s->room ? 2 * s->room : 8;
	struct step *steps = s->count < s->room ? s->steps : realloc(s->steps, room * sizeof(*steps));
	unsigned column;
	int rc;

	if (!steps)
		return error_set(in->err, -ENOMEM, "out of memory for a scenario");
	s->room = s->count < s->room ? s->room : room;
	s->steps = steps;
	rc = scenario_parse_step(s, text, strlen(text), &steps[s->count], &column, in->err);
	if (rc)
		return rc;
	steps[s->count++].line = in->line;
	return 0;
}

static int read_line(struct scenario *s, struct reader *in, const char *line, size_t len)
{
	char *text = fill_in(s, line, len);
	int rc;

	if (!text)
		return error_set(in->err, -ENOMEM, "out of memory for a scenario");
	rc = setting_parse(s, text, in->err);
	if (rc == 1)
		rc = read_step(s, in, text);
	free(text);
	return locate(s, in, in->line, rc);
}

/* --- blocks ------------------------------------------------------------ */

#define BLOCKS_MAX 4 /* in each other */

static unsigned depth(const struct scenario *s)
{
	return s ? 1 + depth(s->outer) : 0;
}

/* A block of the step, without steps so far. */
static struct scenario make_block(const struct scenario *outer, const struct step *step, unsigned which,
                                  uint64_t value)
{
	return (struct scenario){
		.file = outer->file,
		.arch = outer->arch,
		.outer = outer,
		.variable = step->kind == STEP_SWEEP ? step->sweep.variable : NULL,
		.value = value,
		.group = step->kind == STEP_RACE ? which + 1 : 0,
	};
}

/* What a line does to the block that it is in. */
enum end {
	GOES_ON,
	ENDS, /* } */
	TURNS /* } {: the next block of the same step follows */
};

static enum end end_of(const struct scenario *s, const char *line, size_t len)
{
	if (!s->outer || *line != '}')
		return GOES_ON;
	if (len == 1)
		return ENDS;
	return s->group && line[len - 1] == '{' && 1 + strspn(line + 1, " \t") == len - 1 && len > 2
	               ? TURNS
	               : GOES_ON;
}

static int read_blocks(struct scenario *s, struct reader *in);

/* The steps up to the line that ends the block, which is then the last one that was read, or of the text. */
static int read_steps(struct scenario *s, struct reader *in, enum end *end)
{
	const char *line;
	size_t len;
	int rc = 0;

	*end = GOES_ON;
	while (!rc && !*end && next_line(in, &line, &len)) {
		*end = len ? end_of(s, line, len) : GOES_ON;
		if (!len || *end)
			continue;
		rc = read_line(s, in, line, len);
		if (!rc)
			rc = read_blocks(s, in);
	}
	return rc;
}

/* How the block must end. */
static int check_end(const struct scenario *s, struct reader *in, const struct step *step, unsigned which,
                     enum end end)
{
	bool last = which + 1 == step->block_count;
	int rc = -EINVAL;

	if (end == (last ? ENDS : TURNS))
		return 0;
	in->cut |= !end;
	if (end)
		error_set(in->err, rc,
		          last ? "race: has two groups, not three"
		               : "race: its second group is missing: } {");
	else if (step->kind == STEP_RACE)
		error_set(in->err, rc, "race: its last } is missing");
	else
		error_set(in->err, rc, "%s: the } of its block is missing", step->text);
	return locate(s, in, end ? in->line : step->line, rc);
}

/* Its steps must be right for the first value of its variable, which is as good as any. */
static int read_block(const struct scenario *s, struct reader *in, struct step *step, unsigned which)
{
	struct block *b = &step->block[which];
	const char *begin = in->next;
	enum end end;
	int rc;

	b->line = in->line + 1;
	b->steps = malloc(sizeof(*b->steps));
	if (!b->steps)
		return error_set(in->err, -ENOMEM, "out of memory for a scenario");
	*b->steps = make_block(s, step, which, step->kind == STEP_SWEEP ? step->sweep.from : 0);
	rc = read_steps(b->steps, in, &end);
	if (!rc)
		rc = check_end(s, in, step, which, end);
	if (rc)
		return rc;
	b->end = in->line;
	b->len = (size_t)(in->begin - begin);
	b->text = strndup(begin, (size_t)(in->next - begin));
	return b->text ? 0 : error_set(in->err, -ENOMEM, "out of memory for a scenario");
}

/* The blocks of the last step. */
static int read_blocks(struct scenario *s, struct reader *in)
{
	struct step *step = s->count ? &s->steps[s->count - 1] : NULL;
	int rc = 0;

	if (!step)
		return 0;
	if (step->block_count && step->kind != STEP_RACE && depth(s) > BLOCKS_MAX) {
		error_set(in->err, -EINVAL, "more than %d blocks in each other", BLOCKS_MAX);
		return locate(s, in, in->line, -EINVAL);
	}
	for (unsigned i = 0; i < step->block_count && !rc; i++)
		rc = read_block(s, in, step, i);
	return rc;
}

/* --- the text ---------------------------------------------------------- */

int scenario_parse(struct scenario *s, const char *text, size_t len, const char *file, const char *arch,
                   struct error *err)
{
	struct reader in = { .err = err };
	unsigned lines = 1;
	enum end end;
	int rc;

	*s = (struct scenario){ .file = file, .arch = arch };
	for (size_t i = 0; i < len; i++) {
		lines += text[i] == '\n';
		if (!text[i])
			return error_set(err, -EINVAL, "%s:%u: a NUL byte: this is not a text file", file,
			                 lines);
	}
	in.next = s->source = strndup(text, len);
	if (!s->source)
		return error_set(err, -ENOMEM, "out of memory for a scenario");
	rc = read_steps(s, &in, &end);
	if (!rc)
		rc = locate(s, &in, 1, scenario_settings_check(s, err));
	if (rc)
		scenario_free(s);
	return rc;
}

int scenario_append(struct scenario *s, const char *text, size_t len, unsigned line, bool *more,
                    struct error *err)
{
	struct reader in = { .line = line - 1, .err = err };
	char *copy = strndup(text, len);
	size_t before = s->count;
	enum end end;
	int rc;

	*more = false;
	if (!copy)
		return error_set(err, -ENOMEM, "out of memory for a scenario");
	in.next = copy;
	rc = read_steps(s, &in, &end);
	free(copy);
	*more = in.cut;
	while (rc && s->count > before)
		step_free(&s->steps[--s->count]);
	return rc;
}

int scenario_setting(struct scenario *s, const char *line, size_t len, struct error *err)
{
	const char *text = line_trim(line, &len);
	char *copy;
	int rc;

	if (!len)
		return 0;
	copy = strndup(text, len);
	if (!copy)
		return error_set(err, -ENOMEM, "out of memory for a scenario");
	rc = setting_parse(s, copy, err);
	free(copy);
	return rc;
}

int scenario_parse_block(struct scenario *s, const struct scenario *outer, const struct step *step,
                         uint64_t value, struct error *err)
{
	const struct block *b = &step->block[0];
	struct reader in = { .next = b->text, .line = b->line - 1, .err = err };
	enum end end;
	int rc;

	*s = make_block(outer, step, 0, value);
	rc = read_steps(s, &in, &end);
	if (rc)
		scenario_free(s);
	return rc;
}

void step_print(const struct step *step, FILE *f)
{
	fprintf(f, "%s\n", step->text);
	for (unsigned i = 0; i < step->block_count; i++) {
		fwrite(step->block[i].text, 1, step->block[i].len, f);
		fputs(i + 1 < step->block_count ? "} {\n" : "}\n", f);
	}
}

int scenario_print_point(const struct scenario *s, const struct step *sweep, uint64_t value, char **text,
                         size_t *len, struct error *err)
{
	const struct block *b = &sweep->block[0];
	char *block = substitute(b->text, b->len, sweep->sweep.variable, value);
	FILE *f = open_memstream(text, len);
	const char *line = s->source ? s->source : "";
	unsigned number = 1;

	/* Of steps that were typed there is no text but their own. */
	for (size_t i = 0; f && block && !s->source && &s->steps[i] < sweep; i++)
		step_print(&s->steps[i], f);
	if (f && block && !s->source && value)
		fprintf(f, "step n=%" PRIu64 " cpu=%u\n", value, sweep->cpu);
	if (f && block && !s->source)
		fputs(block, f);
	while (f && block && *line) {
		size_t length = strcspn(line, "\n");

		length += !!line[length];
		if (number < sweep->line || number > b->end)
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

bool scenario_listens(const struct scenario *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->steps[i].kind == STEP_AT || s->steps[i].kind == STEP_MARK)
			return true;
	return false;
}

void scenario_free(struct scenario *s)
{
	for (size_t i = 0; i < s->count; i++)
		step_free(&s->steps[i]);
	free(s->steps);
	free(s->irqchip);
	free(s->source);
	*s = (struct scenario){ 0 };
}
