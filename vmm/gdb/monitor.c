/* SPDX-License-Identifier: BSD-2-Clause */
/* monitor.c: `monitor` of gdb: the steps of scenarios, and the history. See session.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"
#include "vmm/lab/step_words.h"
#include "vmm/number.h"

/* What is printed meanwhile is gdb's to show. The guest's output has a stream of its own (vm_config.console).
 */
struct captured {
	FILE *before, *file;
	char *text;
	size_t size;
};

static int capture(struct captured *c, struct error *err)
{
	*c = (struct captured){ .before = stdout };
	c->file = open_memstream(&c->text, &c->size);
	if (!c->file)
		return error_set(err, -ENOMEM, "out of memory");
	stdout = c->file;
	return 0;
}

static void release(struct captured *c)
{
	stdout = c->before;
	fclose(c->file);
}

static void send_text(struct gdb_session *s, const char *text, size_t len)
{
	while (len && s->link.gdb >= 0) {
		size_t part = len < 1000 ? len : 1000;

		s->reply.len = 0;
		gdb_text(&s->reply, "O");
		gdb_hex(&s->reply, text, part);
		link_send(&s->link, &s->reply);
		text += part;
		len -= part;
	}
}

/* What a step prints, without the indentation. */
static void send_result(struct gdb_session *s, const char *text, size_t len)
{
	static const char indent[] = "      ";
	const char *end = text + len;

	while (text < end) {
		const char *next = memchr(text, '\n', (size_t)(end - text));
		size_t skip = sizeof(indent) - 1;

		next = next ? next + 1 : end;
		if ((size_t)(next - text) < skip || memcmp(text, indent, skip))
			skip = 0;
		send_text(s, text + skip, (size_t)(next - text) - skip);
		text = next;
	}
}

/* "help", "help VERB" */
static int help(struct gdb_session *s, const char *verb)
{
	struct captured captured;
	int rc = capture(&captured, s->r.err);

	if (rc)
		return rc;
	verb += strspn(verb, " ");
	if (!*verb)
		printf("history [N]: keep N snapshots to go back to, from here on; 0: none\n");
	if (!step_print_help(*verb ? verb : NULL, stdout))
		printf("%s: no such step\n", verb);
	release(&captured);
	send_text(s, captured.text, captured.size);
	free(captured.text);
	return 0;
}

/* "history", "history N" */
static int set_history(struct gdb_session *s, const char *word)
{
	struct history *h = &s->history;
	uint64_t most = 0;
	char text[200];
	int rc = 0;

	word += strspn(word, " ");
	if (*word && number_parse(word, 10000, &most)) {
		gdb_say(s, "history: %s is not a number of snapshots up to 10000\n", word);
		return 0;
	}
	if (*word)
		rc = history_begin(h, &s->r, (unsigned)most);
	if (rc) {
		gdb_say(s, "%s\n", s->r.err->text);
		*s->r.err = (struct error){ .text = "" };
		history_free(h);
		return gdb_vm(s)->dead ? rc : 0;
	}
	if (h->most)
		snprintf(text, sizeof(text),
		         "%u of %u snapshots (%" PRIu64 " KiB), steps %" PRIu64 " to %" PRIu64
		         "; here: %" PRIu64 "\n",
		         h->count, h->most, history_bytes(h) >> 10, h->points[0].at, h->end, h->at);
	else
		snprintf(text, sizeof(text), "none\n");
	send_text(s, text, strlen(text));
	return 0;
}

/* It looks, and changes nothing. */
static bool only_looks(const char *text)
{
	return !strncmp(text, "show ", 5) || !strncmp(text, "expect ", 7) || !strncmp(text, "snapshot ", 9) ||
	       !strncmp(text, "save", 4) || !strncmp(text, "say ", 4);
}

/* A step that fails, or that the guest does not survive, ends nothing: gdb's user sees why. */
static int do_step(struct gdb_session *s, const char *text)
{
	struct outcome *outcome = s->r.outcome;
	size_t before = s->scenario.count;
	struct captured captured;
	bool more;
	int rc = capture(&captured, s->r.err);

	if (rc)
		return rc;
	rc = scenario_append(&s->scenario, text, strlen(text), 1, &more, s->r.err);
	if (!rc)
		rc = runner_do_typed(&s->r, &s->scenario, before);
	release(&captured);
	send_result(s, captured.text, captured.size);
	free(captured.text);
	if (rc)
		gdb_say(s, "%s\n", s->r.err->text);
	if (outcome->why.text[0])
		gdb_say(s, "%s\n", outcome->why.text);
	*outcome = (struct outcome){ .kind = OUTCOME_DONE };
	s->history.changed |= !only_looks(text);
	/* Without its VM nothing is left to be debugged. */
	if (gdb_vm(s)->dead)
		return rc;
	*s->r.err = (struct error){ .text = "" };
	return vm_pause(gdb_vm(s), s->r.err);
}

int monitor(struct gdb_session *s, const char *text)
{
	text += strspn(text, " \t");
	if (!*text)
		return help(s, "");
	if (!strncmp(text, "help", 4) && (!text[4] || text[4] == ' '))
		return help(s, text + 4);
	if (!strncmp(text, "history", 7) && (!text[7] || text[7] == ' '))
		return set_history(s, text + 7);
	if (strpbrk(text, "\n{}")) {
		gdb_say(s, "monitor: one step, without a block\n");
		return 0;
	}
	return do_step(s, text);
}
