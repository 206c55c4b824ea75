/* SPDX-License-Identifier: BSD-2-Clause */
/* gdb.c: see gdb.h. Read next: session.h, serve.c. */
#include "gdb.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"
#include "vmm/arch.h"
#include "vmm/input.h"

#define WAIT_MS 20 /* until it is seen that the time is over */

bool gdb_late(const struct gdb_session *s)
{
	return s->deadline && time_now() >= s->deadline;
}

void gdb_say(struct gdb_session *s, const char *fmt, ...)
{
	struct gdb_reply said = { .len = 0 };
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	gdb_text(&said, "O");
	gdb_hex(&said, text, strlen(text));
	if (s->link.gdb >= 0)
		link_send(&s->link, &said);
}

/* --- the session ------------------------------------------------------------------------------ */

/* Until a gdb comes, the guest ends, or the time is over. */
static int run_alone(struct gdb_session *s)
{
	int rc;

	s->point_count = 0;
	history_free(&s->history);
	rc = free_run(s);
	if (rc || s->stop.why == STOP_ASKED)
		return rc;
	s->over = true;
	return s->stop.why == STOP_ENDED ? run_ended(gdb_vm(s), s->stop.cpu, s->r.outcome, s->r.err) : 0;
}

/* A gdb that has come finds the guest paused. */
static void attach(struct gdb_session *s)
{
	s->detached = false;
	s->point_count = 0;
	s->stop = (struct stop){ STOP_STEP, s->stop.cpu, NULL, 0 };
	s->cpu = s->stop.cpu;
	s->run_any = true;
}

static int one_round(struct gdb_session *s, bool *attached)
{
	enum gdb_input what;

	if (s->detached && !link_connected(&s->link))
		return run_alone(s);
	if (!link_connected(&s->link)) {
		static const struct timespec wait = { .tv_nsec = WAIT_MS * 1000000 };

		*attached = false;
		nanosleep(&wait, NULL);
		return 0;
	}
	if (!*attached || s->detached)
		attach(s);
	*attached = true;
	what = link_wait(&s->link, WAIT_MS, &s->request);
	return what == GDB_PACKET ? serve(s) : 0;
}

static int serve_all(struct gdb_session *s)
{
	bool attached = false;
	int rc = 0;

	while (!rc && !s->over && !gdb_late(s))
		rc = one_round(s, &attached);
	if (!rc && !s->over)
		run_late(gdb_vm(s), s->config->timeout_ms, s->r.outcome);
	return rc;
}

/* The VM, with its history, and gdb. */
static int run_session(struct gdb_session *s, const struct run_config *config, struct error *err)
{
	struct vm *vm = gdb_vm(s);
	int rc = vm_pause(vm, err);

	/* Nobody audits what gdb has changed. */
	checkpoint_raised(vm)->on = false;
	s->past_of = s->r.current;
	if (!rc)
		rc = history_begin(&s->history, &s->r, s->config->history);
	if (!rc)
		rc = runner_confine(&s->r);
	if (rc)
		return rc;
	fprintf(stderr, "zpvm: waits for gdb: target remote %s%s\n",
	        s->link.path ? "" : "127.0.0.1:", s->config->where);
	rc = serve_all(s);
	return rc || !config->save ? rc : runner_save(gdb_vm(s), s->r.current, config->save, err);
}

int run_gdb(const struct run_config *config, const struct gdb_config *gdb, struct outcome *outcome,
            struct error *err)
{
	struct gdb_session *s = calloc(1, sizeof(*s));
	int rc;

	if (!s || !(s->xml = gdb_target_xml(&arch_target))) {
		free(s);
		return error_set(err, -ENOMEM, "out of memory");
	}
	s->config = gdb;
	s->run = *config;
	s->scenario.arch = arch_info.name;
	s->scenario.restored = true; /* a step may name what an earlier one has made */
	s->deadline = gdb->timeout_ms ? time_now() + gdb->timeout_ms * 1000000 : 0;
	rc = link_open(&s->link, gdb->where, err);
	error_blame(err, rc, FAULT_USAGE);
	if (!rc) {
		rc = runner_begin(&s->r, &s->run, &s->scenario, outcome, err);
		if (!rc)
			rc = run_session(s, config, err);
		history_free(&s->history);
		runner_tidy(&s->r);
		scenario_free(&s->scenario);
	}
	link_close(&s->link);
	free(s->xml);
	free(s);
	return rc;
}
