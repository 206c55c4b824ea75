/* SPDX-License-Identifier: BSD-2-Clause */
/* run_host.c: the steps that ask the host's kernel what it has counted and said. See runner.h. */
#include <errno.h>
#include <inttypes.h>

#include "host_log.h"
#include "runner.h"

int step_zero_stats(struct runner *r, const struct step *s)
{
	struct stats now;
	int rc = stats_read(&r->current->vm, &now, r->err);

	(void)s;
	if (rc)
		return runner_host(r, rc);
	stats_free(&r->current->counted);
	r->current->counted = now;
	return 0;
}

int step_show_stats(struct runner *r, const struct step *s)
{
	struct stats now;
	int rc = stats_read(&r->current->vm, &now, r->err);

	(void)s;
	if (rc)
		return runner_host(r, rc);
	if (!r->config->quiet)
		stats_print(&now, &r->current->counted, stdout);
	stats_free(&now);
	return 0;
}

static int compare(struct runner *r, const struct step *s, const struct stats *now)
{
	char text[80];
	uint64_t got;

	for (unsigned i = 0; i < s->expect.count; i++) {
		const struct expected *e = &s->expect.all[i];

		if (!stats_value(now, &r->current->counted, e->name, s->cpu, &got))
			return runner_wrong(r, "this host's KVM does not count %s", e->name);
		wanted_text(&e->want, text, sizeof(text));
		if (!wanted_has(&e->want, got))
			return runner_unmet(r, "KVM has counted %" PRIu64 " %s, not %s", got, e->name, text);
	}
	return 0;
}

int step_expect_stat(struct runner *r, const struct step *s)
{
	struct stats now;
	int rc;

	if (s->cpu != VCPU_ALL && s->cpu >= r->current->vm.vcpu_count)
		return runner_wrong(r, "there is no vCPU %u", s->cpu);
	rc = stats_read(&r->current->vm, &now, r->err);
	if (rc)
		return runner_host(r, rc);
	rc = compare(r, s, &now);
	stats_free(&now);
	return rc;
}

int step_expect_host_log(struct runner *r, const struct step *s)
{
	char line[HOST_LOG_LINE];
	const char *text = *s->said ? s->said : NULL;
	int rc = host_log_find(r->host_log, text, line, r->err);

	if (rc < 0)
		return runner_host(r, rc);
	if (!rc && text)
		return runner_unmet(r, "the host's log does not say that");
	return rc && !text ? runner_unmet(r, "the host's log says: %.200s", line) : 0;
}
