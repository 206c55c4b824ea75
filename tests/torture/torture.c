/* SPDX-License-Identifier: BSD-2-Clause */
/* torture.c: see torture.h. What a program is: torture_text.h. */
#include "torture.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "child.h"
#include "shrink.h"
#include "torture_text.h"
#include "vmm/status.h"
#include "vmm/trace.h"

#define ROUND_SECONDS 600 /* far more than a round takes */
#define SHRINK_RUNS   400
#define AGAIN         3 /* runs until a failure comes again */

struct torture {
	const struct torture_config *config;
	struct error *err;
	struct torture_program program; /* of the round */
	struct torture_count all;
	uint64_t rounds;
	struct child_end end;
	char broken[64];  /* the option */
	char irqchip[16]; /* the controller that the host has, if none was named; "" until that is known */
	/* The failure that is being shrunk. */
	int status;
	char kind[160];
	unsigned runs;
	int signal; /* that ended it */
};

/* The message of zpvm in what the child said, or "". */
static const char *message(const struct child_end *end)
{
	const char *last = "";

	for (const char *at = end->output; (at = strstr(at, "zpvm: ")); at++)
		if (at == end->output || at[-1] == '\n')
			last = at + strlen("zpvm: ");
	return last;
}

/*
 * What kind of failure it is: the last part of the message, behind file, line
 * and step, and no numbers but 0, for another one may be lost in a shorter program.
 */
static void kind_of(const struct child_end *end, char *kind, size_t size)
{
	const char *text = message(end), *stop = text + strcspn(text, "\n");
	size_t len = 0;

	for (const char *at = text; at + 1 < stop; at++)
		if (at[0] == ':' && at[1] == ' ')
			text = at + 2;
	while (text < stop && len + 1 < size) {
		size_t digits = strspn(text, "0123456789");

		kind[len++] = digits && (digits > 1 || *text != '0') ? '#' : *text;
		text += digits ? digits : 1;
	}
	kind[len] = 0;
}

static int run_file(struct torture *t, const char *file)
{
	const char *argv[12] = { "zpvm", "run", "-s", file };
	unsigned n = 4;

	if (*t->irqchip) /* else the steps are printed, and with them what it is */
		argv[n++] = "-q";
	if (t->config->broken)
		argv[n++] = t->broken;
	/* The scenario's own time is for a host that is busy. */
	if (t->status == EXIT_TIMEOUT)
		argv[n++] = "--timeout=10";
	argv[n] = t->config->guest;
	t->runs++;
	return child_run((char *const *)argv, ROUND_SECONDS, &t->end, &t->signal, t->err);
}

/* From a file that has no name: nothing is left behind, however it ends. */
static int run_text(struct torture *t, const char *text, size_t len)
{
	int fd = memfd_create("torture", 0), rc;
	char file[32];

	if (fd < 0)
		return error_set(t->err, -errno, "memfd_create: %s", strerror(errno));
	snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	rc = write(fd, text, len) == (ssize_t)len ? run_file(t, file)
	                                          : error_set(t->err, -EIO, "cannot write a scenario");
	close(fd);
	return rc;
}

static int run_program(struct torture *t, const struct torture_program *p, struct torture_count *count)
{
	size_t len;
	char *text;
	int rc = torture_program_text(p, &text, &len, count, t->err);

	if (!rc)
		rc = run_text(t, text, len);
	free(text);
	return rc;
}

/* --- a failure -------------------------------------------------------- */

static bool fails_the_same(const struct torture *t)
{
	char kind[sizeof(t->kind)];

	kind_of(&t->end, kind, sizeof(kind));
	return t->end.status == t->status && !strcmp(kind, t->kind);
}

static int still_fails(void *arg, const uint64_t *actions, size_t count)
{
	struct torture *t = arg;
	struct torture_program p = t->program;
	struct torture_count ignored;
	int rc;

	p.actions = (uint64_t *)actions;
	p.count = count;
	rc = run_program(t, &p, &ignored);
	return rc < 0 ? rc : fails_the_same(t);
}

/* Whether it fails again: if not, there is nothing that could be made smaller. */
static int comes_again(struct torture *t)
{
	int rc = 0;

	for (unsigned i = 0; i < AGAIN && !rc; i++)
		rc = still_fails(t, t->program.actions, t->program.count);
	return rc;
}

static const char *status_text(int status, char text[40])
{
	if (status >= CHILD_SIGNAL)
		snprintf(text, 40, "ended by signal %d", status - CHILD_SIGNAL);
	else
		snprintf(text, 40, "exit status %d", status);
	return text;
}

static int write_failure(struct torture *t, const char *file, size_t before, const char *why)
{
	const struct torture_program *p = &t->program;
	struct torture_count count;
	char *text, ended[40];
	size_t len;
	FILE *f;
	int rc = torture_program_text(p, &text, &len, &count, t->err);

	if (rc)
		return rc;
	f = fopen(file, "we");
	if (f) {
		fprintf(f, "# %s: %s\n", status_text(t->status, ended), why);
		fprintf(f, "# %zu of %zu actions of seed %" PRIu64 "\n%s", p->count, before, p->seed, text);
	}
	if (!f || fclose(f))
		rc = error_set(t->err, -errno, "%s: %s", file, strerror(errno));
	free(text);
	return rc;
}

/* What it says is that of the file, so that its lines are the file's. */
static int report(struct torture *t, size_t before, const char *why)
{
	char name[48], ended[40];
	const char *file = t->config->keep;
	int rc;

	snprintf(name, sizeof(name), "torture-%" PRIu64 ".scn", t->program.seed);
	if (!file)
		file = name;
	rc = write_failure(t, file, before, why);
	for (unsigned i = 0; i < AGAIN && !rc; i++) {
		rc = run_file(t, file);
		if (!rc && fails_the_same(t))
			break;
	}
	if (rc)
		return rc;
	if (fails_the_same(t))
		fputs(t->end.output, stdout);
	printf("%s of seed %" PRIu64 ": %s after %u runs\n", status_text(t->status, ended), t->program.seed,
	       file, t->runs);
	return 0;
}

/* The round has failed: say so, and look for what it takes. Returns an exit status, or a negative errno
 * value. */
static int failed(struct torture *t)
{
	size_t before = t->program.count;
	const char *said;
	char why[200];
	int rc;

	t->status = t->end.status;
	t->runs = 0;
	kind_of(&t->end, t->kind, sizeof(t->kind));
	/* Not of a file that has no name. */
	said = message(&t->end);
	said += strncmp(said, "/proc/", 6) ? 0 : strcspn(said, " ") + 1;
	snprintf(why, sizeof(why), "%.*s", (int)strcspn(said, "\n"), said);
	printf("seed %" PRIu64 " fails:\n%s", t->program.seed, t->end.output);
	rc = comes_again(t);
	if (!rc)
		printf("not again in %d runs\n", AGAIN);
	if (rc > 0)
		t->program.count = shrink(t->program.actions, before, SHRINK_RUNS, still_fails, t);
	if (rc >= 0 && !t->signal)
		rc = report(t, before, why);
	if (rc < 0 || t->signal)
		return rc < 0 ? rc : -EINTR;
	return error_set(t->err, EXIT_EXPECTATION, "seed %" PRIu64 " failed", t->program.seed);
}

/* --- the rounds ------------------------------------------------------- */

static int run_round(struct torture *t)
{
	const struct torture_config *c = t->config;
	struct torture_count count;
	int rc = torture_program_make(&t->program, c->seed + t->rounds, c->vcpus, t->irqchip, c->steps,
	                              t->err);

	if (rc)
		return rc;
	rc = run_program(t, &t->program, &count);
	if (!rc) {
		t->rounds++;
		t->all.snapshots += count.snapshots;
		t->all.restores += count.restores;
		t->all.injections += count.injections;
	}
	if (!rc && t->end.status)
		rc = failed(t);
	torture_program_free(&t->program);
	return rc;
}

/*
 * What is wrong with the guest, the controller, the rule or the host is no scenario's fault. Says which
 * controller "auto" is, for a random scenario has to know. As failed().
 */
static int try_guest(struct torture *t)
{
	const char *irqchip = t->config->irqchip, *said = "interrupt controller ";
	char text[80];
	int rc;

	snprintf(text, sizeof(text), "irqchip-model %.40s\nrun\n", irqchip ? irqchip : "auto");
	rc = run_text(t, text, strlen(text));
	said = strstr(t->end.output, said) ? strstr(t->end.output, said) + strlen(said) : "";
	snprintf(t->irqchip, sizeof(t->irqchip), "%.*s", (int)strcspn(said, " \n"), said);
	if (!*t->irqchip)
		snprintf(t->irqchip, sizeof(t->irqchip), "auto");
	if (rc ||
	    (t->end.status != EXIT_USAGE && t->end.status != EXIT_DATA && t->end.status != EXIT_MISSING))
		return rc;
	said = message(&t->end);
	return error_set(t->err, t->end.status, "%.*s", (int)strcspn(said, "\n"), said);
}

int torture(const struct torture_config *config, struct error *err)
{
	struct torture *t = calloc(1, sizeof(*t));
	uint64_t start = time_now(), seconds = 0;
	int rc, signal;

	if (!t)
		return error_set(err, EXIT_HOST, "out of memory");
	t->config = config;
	t->err = err;
	snprintf(t->broken, sizeof(t->broken), "--break=%s", config->broken ? config->broken : "");
	rc = try_guest(t);
	while (!rc && (!config->rounds || t->rounds < config->rounds) &&
	       (!config->seconds || seconds < config->seconds)) {
		rc = run_round(t);
		seconds = (time_now() - start) / 1000000000;
	}
	printf("torture: seed %" PRIu64 ", %" PRIu64 " rounds, %" PRIu64 " snapshots, %" PRIu64
	       " restores, %" PRIu64 " injections, %" PRIu64 " s\n",
	       config->seed, t->rounds, t->all.snapshots, t->all.restores, t->all.injections, seconds);
	signal = t->signal;
	free(t);
	if (rc == -EINTR)
		return 128 + signal;
	return rc < 0 ? EXIT_HOST : rc;
}
