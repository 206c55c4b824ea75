/* SPDX-License-Identifier: BSD-2-Clause */
/* run_session.c: see session.h. */
#include "session.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "arch_lab.h"
#include "complete.h"
#include "editor.h"
#include "interrupt.h"
#include "runner.h"
#include "step_words.h"
#include "vmm/arch.h"
#include "vmm/input.h"

#define SETTLE_MS 300 /* for output to be written before the prompt */

/* What a line led to. */
struct reply {
	int rc; /* 1: it is in a block, which goes on */
	struct error err;
	struct outcome outcome;
};

/* --- what there is ------------------------------------------------------------ */

static const char *state_of(struct vm *vm)
{
	bool ready = true;

	if (vm->dead)
		return "lost";
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		if (vm->vcpus[i].state == VCPU_ENDED)
			return "ended";
		ready &= checkpoint_cpu_state(vm, i) == CPU_READY ||
		         checkpoint_cpu_state(vm, i) == CPU_OFFLINE;
	}
	return ready ? "ready" : vm_running(vm) ? "running" : "paused";
}

/* The current VM and its state. */
static void describe(const struct runner *r, char *text, size_t size)
{
	snprintf(text, size, "%s %s", r->current->name, state_of(&r->current->vm));
}

static void list_names(void *arg, enum complete_names what, FILE *f)
{
	const struct runner *r = arg;

	for (unsigned i = 0; i < r->snapshot_count && what == NAMES_SNAPSHOT; i++)
		fprintf(f, "%s\n", r->snapshots[i].name);
	for (unsigned i = 0; i < r->run_count && what == NAMES_VM; i++)
		fprintf(f, "%s\n", r->runs[i]->name);
	for (size_t i = 0; i < r->current->ledger.count && what == NAMES_LABEL; i++)
		fprintf(f, "%s\n", r->current->ledger.entries[i].label);
}

static void complete(void *arg, const char *text, FILE *f)
{
	const struct complete_source source = { .arch = arch_info.name, .list = list_names, .arg = arg };

	complete_line(text, &source, f);
}

/* --- a line --------------------------------------------------------------------- */

static int help(const char *verb, struct error *err)
{
	if (*verb)
		return step_print_help(verb, stdout) ? 0 : error_set(err, -EINVAL, "%s: no such step", verb);
	for (enum step_kind kind = 0; kind < STEP_KINDS; kind++)
		printf("%-17s %s\n", step_verb(kind), step_help(kind));
	printf("%-17s Print this, or with a step's name its words.\n"
	       "%-17s End the run.\n",
	       "help", "quit");
	return 0;
}

/* What follows this word, which the line begins with; NULL: it does not. */
static const char *after(const char *line, const char *word)
{
	size_t len = strlen(word);

	line += strspn(line, " \t");
	if (strncmp(line, word, len) || !strchr(" \t\r", line[len]))
		return NULL;
	return line + len + strspn(line + len, " \t\r");
}

/* A line that is no step. False: it is one. */
static bool do_command(struct runner *r, const char *line, struct reply *reply)
{
	const char *rest;
	char verb[24];

	if ((rest = after(line, "help"))) {
		snprintf(verb, sizeof(verb), "%.*s", (int)strcspn(rest, " \t\r"), rest);
		reply->rc = help(verb, &reply->err);
	} else if ((rest = after(line, "complete"))) {
		complete(r, rest, stdout);
	} else if ((rest = after(line, "quit")) && *rest) {
		reply->rc = error_set(&reply->err, -EINVAL, "quit: %s: not understood here", rest);
	} else if (rest) {
		r->session.quit = true;
	} else {
		return false;
	}
	error_blame(&reply->err, reply->rc, FAULT_DATA);
	return true;
}

/* The interrupt that a step has failed to inject may be injected again by its label. */
static void forget_labels(struct scenario *s, size_t from)
{
	for (; from < s->count; from++)
		if (s->steps[from].kind == STEP_INJECT || s->steps[from].kind == STEP_NAME ||
		    s->steps[from].kind == STEP_ADD)
			s->steps[from].name = NULL;
}

/* Executes the line, whose text ends in NUL. */
static void do_line(struct runner *r, struct scenario *s, struct typed *t, const char *line, size_t len,
                    struct reply *reply)
{
	struct outcome *outcome = r->outcome;
	struct error *err = r->err;
	size_t from = s->count;

	*reply = (struct reply){ .err = { .text = "" } };
	if (!memchr(line, 0, len) && do_command(r, line, reply))
		return;
	r->err = &reply->err;
	r->outcome = &reply->outcome;
	reply->rc = typed_line(t, s, line, len, r->err);
	if (reply->rc < 0)
		error_blame(r->err, reply->rc, FAULT_DATA);
	if (!reply->rc)
		reply->rc = runner_do_typed(r, s, from);
	if (reply->rc < 0)
		forget_labels(s, from);
	r->err = err;
	r->outcome = outcome;
}

/* Why the line has failed, or how the guest ended; NULL: neither. */
static const struct error *complaint(const struct reply *reply)
{
	const struct error *why = reply->rc < 0 ? &reply->err : &reply->outcome.why;

	return reply->rc <= 0 && why->text[0] ? why : NULL;
}

/* --- clients ---------------------------------------------------------------------- */

/* Executes the order's line; what it prints is the client's. */
static void answer(struct runner *r, struct session *session, const struct order *order, struct reply *reply)
{
	struct typed *t = &session->typed[order->client];
	FILE *before = stdout, *f;
	char *printed = NULL, last[64] = "more", state[48];
	const struct error *why;
	size_t len = 0;

	if (session->serial[order->client] != order->serial) {
		typed_forget(t);
		t->line = 0;
		session->serial[order->client] = order->serial;
	}
	f = open_memstream(&printed, &len);
	stdout = f ? f : before;
	do_line(r, &session->steps, t, order->text, order->len, reply);
	stdout = before;
	if (f)
		fclose(f);
	why = complaint(reply);
	describe(r, state, sizeof(state));
	if (reply->rc != 1)
		snprintf(last, sizeof(last), "%d %s",
		         r->config->status(reply->rc, &reply->outcome, &reply->err), state);
	control_answer(r->config->control, order, printed ? printed : "", len, why ? why->text : NULL, last);
	free(printed);
}

/* A VM that ran goes on, unless the steps were to pause it or have ended it. */
static void go_on(struct runner *r, struct vm *vm, bool ran, size_t from, const struct reply *reply)
{
	const struct scenario *s = &r->session.steps;
	enum step_kind last = s->count > from ? s->steps[s->count - 1].kind : STEP_KINDS;

	if (!reply->rc && last == STEP_PAUSE)
		r->session.held = true;
	if (!reply->rc && (last == STEP_RESUME || last == STEP_RUN))
		r->session.held = false;
	if (ran && !r->session.held && !vm->dead && !vm_running(vm) && reply->outcome.kind == OUTCOME_DONE)
		vm_resume(vm);
}

static void serve(struct runner *r, const struct order *order)
{
	struct session *session = &r->session;
	struct vm_run *own = r->current, *theirs = session->current ? session->current : own;
	bool ran = vm_running(&own->vm), their_ran = vm_running(&theirs->vm), typed = r->typed;
	const struct scenario *scenario = r->scenario;
	size_t from = session->steps.count;
	struct reply reply;

	session->order = order;
	session->steps.beside = scenario;
	session->steps.arch = arch_info.name;
	session->steps.typed = session->steps.made = true;
	r->current = theirs;
	answer(r, session, order, &reply);
	session->current = r->current == own ? NULL : r->current;
	r->current = own;
	session->order = NULL;
	go_on(r, &own->vm, ran, from, &reply);
	if (theirs != own)
		go_on(r, &theirs->vm, their_ran, from, &reply);
	r->typed = typed;
}

void session_serve(struct runner *r, struct vm *typing)
{
	struct control *c = r->config->control;
	uint64_t began = time_now();
	struct order order;
	struct error ignored;
	bool any = false;

	if (!c || r->session.order || r->depth)
		return;
	while (!r->session.quit && !interrupt_seen(r->config->interrupt)) {
		if (control_take(c, &order)) {
			if (!any && typing)
				input_hold(r->config->input, &ignored); /* seen again by who allows it */
			any = true;
			serve(r, &order);
		} else if (r->session.held && !r->session.idle) {
			session_sleep(r, 100);
		} else {
			break;
		}
	}
	r->session.held = false;
	if (any && typing)
		input_allow(r->config->input, typing);
	if (any)
		r->session.spent += time_now() - began;
}

bool session_stopped(const struct runner *r)
{
	if (r->session.quit)
		return true;
	return r->session.order ? control_stopped(r->config->control, r->session.order)
	                        : interrupt_seen(r->config->interrupt);
}

int session_look(struct runner *r, struct vm *typing)
{
	session_serve(r, typing);
	if (!session_stopped(r))
		return 0;
	return error_blame(r->err, error_set(r->err, -EINTR, "stopped"), FAULT_UNMET);
}

void session_sleep(const struct runner *r, unsigned ms)
{
	/* While a client's own step waits, the others' wait too. */
	struct pollfd fd = { .fd = r->session.order ? -1 : control_fd(r->config->control), .events = POLLIN };

	poll(&fd, 1, (int)ms);
}

void session_free(struct session *session)
{
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		typed_forget(&session->typed[i]);
	scenario_free(&session->steps);
}

/* --- a session ---------------------------------------------------------------------- */

int session_settings(struct scenario *s, struct editor *e, struct typed *typed, struct error *err)
{
	const char *line;
	size_t len;
	int rc = 0;

	while (!editor_is_terminal(e) && !rc && editor_read(e, "", -1, &line, &len) == EDITED_LINE) {
		rc = memchr(line, 0, len) ? 1 : scenario_setting(s, line, len, err);
		typed->line += !rc;
		if (rc == 1)
			editor_unread(e);
		if (rc < 0)
			error_prefix(err, rc, "-:%u", typed->line + 1);
	}
	s->made = true;
	return rc < 0 ? rc : scenario_settings_check(s, err);
}

/* Reports what a line led to. The last error counts for the exit status: at a terminal, where a mistake has
 * been seen, only an expectation that was not met. */
static void report(struct runner *r, const struct reply *reply, struct reply *kept)
{
	const struct error *why = complaint(reply);
	int status = reply->rc == 1 ? 0 : r->config->status(reply->rc, &reply->outcome, &reply->err);

	if (why) {
		fflush(stdout);
		fprintf(stderr, "zpvm: %s\n", why->text);
	}
	if (status && reply->rc != -EINTR &&
	    (!editor_is_terminal(r->config->editor) || reply->err.fault == FAULT_UNMET))
		*kept = *reply;
}

static enum edited next_line(struct runner *r, const struct typed *t, const char **line, size_t *len)
{
	const struct run_config *config = r->config;
	bool terminal = editor_is_terminal(config->editor);
	char prompt[64] = "> ";
	enum edited what;

	do {
		if (terminal && !t->len) {
			describe(r, prompt, sizeof(prompt) - 2);
			strcat(prompt, "> ");
		}
		if (terminal)
			consoles_settle(config->vm->consoles, SETTLE_MS);
		what = editor_read(config->editor, prompt, control_fd(config->control), line, len);
		r->session.idle = true;
		if (what == EDITED_WAKE) {
			interrupt_clear(r->config->interrupt);
			session_serve(r, NULL);
		}
		r->session.idle = false;
	} while (what == EDITED_WAKE && !r->session.quit);
	return what;
}

int session_run(struct runner *r)
{
	struct editor *e = r->config->editor;
	struct scenario *s = r->config->typed_steps;
	struct typed *t = r->config->typed;
	struct reply reply, kept = { .rc = 0 };
	enum edited what = EDITED_LINE;
	const char *line;
	size_t len;

	editor_completion(e, complete, r);
	while (!r->session.quit) {
		/* Before the line is read: one that comes right behind it is for its step. */
		interrupt_clear(r->config->interrupt);
		what = next_line(r, t, &line, &len);
		if (what == EDITED_END)
			break;
		if (what == EDITED_QUIT)
			typed_forget(t);
		if (what != EDITED_LINE || r->session.quit)
			continue;
		do_line(r, s, t, line, len, &reply);
		report(r, &reply, &kept);
	}
	typed_forget(t);
	interrupt_clear(r->config->interrupt);
	*r->err = kept.err;
	*r->outcome = kept.outcome;
	r->err->text[0] = r->outcome->why.text[0] = 0;
	return kept.rc;
}
