/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scenario_page.c: zpvm-scenario(5) has each step with all of its words, their defaults, and an example that
 * is one; the test guest's commands with their words; and scenarios. The page says at its top how it is
 * written.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "vmm/lab/scenario.h"
#include "vmm/lab/step_words.h"

#define PAGE  "zpvm-scenario.5"
#define LINES 4000

static char *lines[LINES];
static unsigned line_count;
static struct error err;
static const char *arch, *other;

/* A step's item: its first line, and how many lines it has. */
struct item {
	unsigned first, count;
};

static struct item items[STEP_KINDS];

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static void read_page(void)
{
	FILE *f = fopen(PAGE, "r");
	size_t size = 0;

	if (!ok(f != NULL, PAGE " is there"))
		exit(tap_done());
	while (line_count < LINES && getline(&lines[line_count], &size, f) > 0) {
		lines[line_count][strcspn(lines[line_count], "\n")] = 0;
		line_count++;
		size = 0;
	}
	ok(line_count < LINES, "and is not too long for this test");
	fclose(f);
}

/* Which step's item begins with this line; STEP_KINDS: none's. */
static enum step_kind kind_of(const char *line)
{
	const char *head = begins(line, ".It Cm ") ? line + strlen(".It Cm ") : "";
	enum step_kind kind;

	for (kind = 0; kind < STEP_KINDS; kind++) {
		size_t len = strlen(step_verb(kind));

		if (begins(head, step_verb(kind)) && (!head[len] || head[len] == ' ' || head[len] == '='))
			break;
	}
	return kind;
}

static bool has_steps(const char *section)
{
	return !strcmp(section, ".Sh STEPS") || !strcmp(section, ".Sh BLOCKS") ||
	       !strcmp(section, ".Sh RECORDINGS");
}

/* An item ends where the next one, or its list, does. */
static void find_items(void)
{
	const char *section = "";
	struct item *item = NULL;
	int depth = 0;

	for (unsigned i = 0; i < line_count; i++) {
		if (begins(lines[i], ".Sh "))
			section = lines[i];
		depth += begins(lines[i], ".Bl") - begins(lines[i], ".El");
		if (item && (!depth || (depth == 1 && begins(lines[i], ".It "))))
			item = NULL;
		if (has_steps(section) && depth == 1 && begins(lines[i], ".It ")) {
			enum step_kind kind = kind_of(lines[i]);

			if (!ok(kind < STEP_KINDS && !items[kind].count, "%s: a step, once", lines[i]))
				continue;
			item = &items[kind];
			item->first = i;
		}
		if (item)
			item->count++;
	}
}

/* --- words and defaults --------------------------------------------------- */

/* Whether text has this word, of len bytes, where neither a letter nor a digit nor '-' is beside it. */
static bool has_word(const char *text, const char *word, size_t len)
{
	for (const char *at = text; *at; at++)
		if (!strncmp(at, word, len) &&
		    (at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '-')) &&
		    ((!isalnum((unsigned char)at[len]) && at[len] != '-') ||
		     !isalnum((unsigned char)word[len - 1])))
			return true;
	return false;
}

static bool item_has(const struct item *item, const char *word, size_t len)
{
	for (unsigned i = item->first; i < item->first + item->count; i++)
		if (!begins(lines[i], ".Dl") && has_word(lines[i], word, len))
			return true;
	return false;
}

/* "CPU:COUNT...": the item's first line has cpu and count. */
static bool head_has(const char *head, const char *name)
{
	char word[24];
	size_t len = 0;

	for (const char *c = name;; c++) {
		if (isalpha((unsigned char)*c)) {
			word[len++] = (char)tolower((unsigned char)*c);
			continue;
		}
		if (len && !has_word(head, word, len))
			return false;
		len = 0;
		if (!*c)
			return *name != '{' || strchr(head, '{');
	}
}

static void word(const struct item *item, const char *verb, const struct step_word *w)
{
	char key[32];

	if (step_word_is_bare(w)) {
		ok(head_has(lines[item->first], w->name), "%s: %s", verb, w->name);
	} else {
		snprintf(key, sizeof(key), "%s=", w->name);
		ok(item_has(item, key, strlen(key)), "%s: %s", verb, key);
	}
}

/* What may stand for a word; its default has a place of its own. */
static void choices(const struct item *item, const char *verb, const struct step_word *w)
{
	for (unsigned i = 0; i < w->word_count; i++)
		ok((w->otherwise && !strcmp(w->words[i], w->otherwise)) ||
		           item_has(item, w->words[i], strlen(w->words[i])),
		   "%s: %s: %s", verb, w->name, w->words[i]);
}

/* The next KEY=VALUE in the text, from *at on. NULL: there is none. */
static const char *next_pair(const char **at, size_t *len)
{
	const char *word = *at;

	do {
		word += strspn(word, " ");
		*len = strcspn(word, " ");
		*at = word + *len;
		if (memchr(word, '=', *len))
			return word;
		word = *at;
	} while (*word);
	return NULL;
}

static bool is_default(const struct step_word *w, const char *pair, size_t len)
{
	char text[64];

	snprintf(text, sizeof(text), "%s=%s", w->name, w->otherwise ? w->otherwise : "");
	return w->otherwise && strlen(text) == len && !memcmp(text, pair, len);
}

/* The table's defaults are all that the sentence has, and it has them all. */
static void defaults(enum step_kind kind)
{
	const struct item *item = &items[kind];
	const struct step_word *found[32] = { 0 }, *w;
	unsigned i = item->first, end = i + item->count, count = 0;

	while (i < end && !begins(lines[i], "Default:") && !begins(lines[i], "Defaults:"))
		i++;
	for (; i < end && !begins(lines[i], ".Pp"); i++) {
		const char *at = lines[i], *pair;
		size_t len;

		while (begins(lines[i], ".Cm ") && (pair = next_pair(&at, &len))) {
			for (w = step_word_next(kind, NULL); w && !is_default(w, pair, len);)
				w = step_word_next(kind, w);
			if (ok(w && count < 32, "%s: %.*s is a default", step_verb(kind), (int)len, pair))
				found[count++] = w;
		}
	}
	for (w = step_word_next(kind, NULL); w; w = step_word_next(kind, w)) {
		for (i = 0; i < count && (strcmp(found[i]->name, w->name) ||
		                          strcmp(found[i]->otherwise, w->otherwise ? w->otherwise : ""));)
			i++;
		ok(!w->otherwise || i < count, "%s: the default of %s, %s, is there", step_verb(kind),
		   w->name, w->otherwise ? w->otherwise : "if there was one");
	}
}

static void words(void)
{
	for (enum step_kind kind = 0; kind < STEP_KINDS; kind++) {
		if (!ok(items[kind].count, "%s is in the page", step_verb(kind)))
			continue;
		for (const struct step_word *w = step_word_next(kind, NULL); w; w = step_word_next(kind, w))
			word(&items[kind], step_verb(kind), w);
		if (kind == STEP_RUN) /* it refers to `wait` */
			continue;
		for (const struct step_word *w = step_word_next(kind, NULL); w; w = step_word_next(kind, w))
			choices(&items[kind], step_verb(kind), w);
		defaults(kind);
	}
}

/* --- examples ------------------------------------------------------------- */

/* Adds a line as man(1) shows it. */
static void add(char *text, size_t size, const char *line)
{
	size_t len = strlen(text);

	for (; *line && len + 2 < size; line++) {
		text[len++] = *line;
		if (line[0] == '\\' && line[1] == 'e')
			line++;
	}
	text[len++] = '\n';
	text[len] = 0;
}

/* The example at line *i, with all its lines; *i is then its last line. False: there is none. */
static bool example_at(unsigned *i, unsigned end, char *text, size_t size)
{
	*text = 0;
	if (begins(lines[*i], ".Dl ")) {
		add(text, size, lines[*i] + 4);
		return true;
	}
	if (!begins(lines[*i], ".Bd -literal"))
		return false;
	for (++*i; *i < end && !begins(lines[*i], ".Ed"); ++*i)
		add(text, size, lines[*i]);
	return true;
}

static void one_example(struct scenario *s, enum step_kind kind, const char *text)
{
	size_t before = s->count;
	bool more;
	int rc = scenario_append(s, text, strlen(text), 1, &more, &err);

	if (!ok(!rc, "%s: %.*s", step_verb(kind), (int)strcspn(text, "\n"), text))
		printf("# %s\n", err.text);
	else
		ok(s->count == before + 1 && s->steps[before].kind == kind, "... is one such step");
}

/* In the page's order, as labels are those of examples above. */
static void examples(void)
{
	struct scenario s;
	char text[1024], none[64];
	unsigned count[STEP_KINDS] = { 0 };

	snprintf(none, sizeof(none), "# %s", other);
	ok(!scenario_parse(&s, "", 0, PAGE, arch, &err), "an empty scenario");
	for (unsigned i = 0; i < line_count; i++)
		for (enum step_kind kind = 0; kind < STEP_KINDS; kind++) {
			unsigned end = items[kind].first + items[kind].count;

			if (i < items[kind].first || i >= end || !example_at(&i, end, text, sizeof(text)) ||
			    strstr(text, none))
				continue;
			one_example(&s, kind, text);
			count[kind]++;
		}
	for (enum step_kind kind = 0; kind < STEP_KINDS; kind++)
		is(count[kind], 1, "%s has one example for %s", step_verb(kind), arch);
	scenario_free(&s);
}

/* Those in section EXAMPLES. */
static void scenarios(void)
{
	char text[4096], mine[64];
	unsigned i = 0, count = 0;
	struct scenario s;

	snprintf(mine, sizeof(mine), "arch %s\n", arch);
	while (i < line_count && strcmp(lines[i], ".Sh EXAMPLES"))
		i++;
	for (; i < line_count; i++) {
		if (!example_at(&i, line_count, text, sizeof(text)) || !begins(text, mine))
			continue;
		count++;
		if (ok(!scenario_parse(&s, text, strlen(text), PAGE, arch, &err), "an example of a scenario"))
			scenario_free(&s);
		else
			printf("# %s\n", err.text);
	}
	ok(count > 0, "there is an example for %s", arch);
}

/* --- settings and commands ------------------------------------------------- */

/* Whether a line of the section begins an item with this name, alone or in a list of names. */
static bool section_has(const char *section, const char *name)
{
	char item[64], next[64];
	unsigned i = 0;

	snprintf(item, sizeof(item), ".It Cm %s", name);
	snprintf(next, sizeof(next), ", Cm %s ", name);
	while (i < line_count && strcmp(lines[i], section))
		i++;
	for (i++; i < line_count && !begins(lines[i], ".Sh "); i++)
		if ((begins(lines[i], item) && (!lines[i][strlen(item)] || lines[i][strlen(item)] == ' ')) ||
		    (begins(lines[i], ".It ") && strstr(lines[i], next)))
			return true;
	return false;
}

/* Whether an item of the section is this command, with all of its words: "key= [key=]"; not r1= to r8=, as
 * "..." stands for some of them. */
static bool command_has(const char *name, const char *keys)
{
	char item[64], key[32];
	unsigned i = 0;

	snprintf(item, sizeof(item), ".It Cm %s", name);
	while (i < line_count && strcmp(lines[i], ".Sh GUEST COMMANDS"))
		i++;
	for (; i < line_count && strcmp(lines[i], ".Sh INTERRUPTS"); i++) {
		bool all = begins(lines[i], item);
		const char *at = keys, *head = all ? lines[i] + strlen(item) : "";

		all = all && (!*head || *head == ' ');

		while (all && *(at += strspn(at, " []"))) {
			size_t len = strcspn(at, " []");

			snprintf(key, sizeof(key), "%.*s", (int)len, at);
			all = (key[0] == 'r' && isdigit((unsigned char)key[1])) || has_word(head, key, len);
			at += len;
		}
		if (all)
			return true;
	}
	return false;
}

/* As --help-steps prints them: "    NAME KEY= [KEY=]: on ARCH". */
static void commands(void)
{
	char *text = NULL, *rest, *line;
	unsigned count = 0;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	guest_print_commands(f);
	fclose(f);
	rest = text;
	while ((line = strsep(&rest, "\n")) && *line) {
		char *name = line + strspn(line, " "), *keys = name + strcspn(name, " :");
		size_t len = strcspn(keys, ":");

		keys[len] = 0;
		if (len)
			*keys++ = 0;
		ok(command_has(name, keys), "guest %s %s", name, keys);
		count++;
	}
	ok(count > 30, "the guest's commands");
	free(text);
}

static void kinds(void)
{
	const char *name;

	for (unsigned i = 0; (name = irq_kind_name(i)); i++)
		ok(section_has(".Sh INTERRUPTS", name), "inject %s", name);
}

int main(void)
{
	struct irq irq;
	bool power9 = !irq_parse((struct word[]){ { NULL, "source" }, { NULL, "1" } }, 2, &irq, &err);

	arch = power9 ? "power9" : "s390x";
	other = power9 ? "s390x" : "power9";
	read_page();
	find_items();
	words();
	examples();
	scenarios();
	commands();
	kinds();
	for (unsigned i = 0; i <= line_count && i < LINES; i++)
		free(lines[i]);
	return tap_done();
}
