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
#include "lines.h"
#include "shrink.h"
#include "torture_text.h"
#include "vmm/file.h"
#include "vmm/progress.h"
#include "vmm/status.h"
#include "vmm/trace.h"

#define ROUND_SECONDS 600 /* far more than a round takes */
#define SHRINK_RUNS   400
#define FILE_MAX      (64 << 20) /* bytes of a scenario that is shrunk */
#define AGAIN         3          /* runs until a failure comes again */

struct torture {
	const struct torture_config *config;
	struct error *err;
	struct torture_program program; /* of the round */
	struct torture_lines lines;     /* of the file that is shrunk, instead of a program */
	unsigned seconds;               /* for a run */
	struct torture_count all;
	uint64_t rounds;
	struct progress progress;
	struct child_end end;
	char broken[64];   /* the option */
	char restore[300]; /* the option, or "" */
	char chip[32];     /* the option, of a file that is shrunk */
	char irqchip[16];  /* the controller that the host has, if none was named; "" until that is known */
	/* The failure that is being shrunk, and what fails: "seed 7", or the file. */
	char name[200];
	int status;
	char kind[160];
	unsigned line; /* of the file that is shrunk; 0: not said */
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
	const char *argv[14] = { "zpvm", "run", "-s", file };
	unsigned n = 4;

	if (*t->irqchip) /* else the steps are printed, and with them what it is */
		argv[n++] = "-q";
	if (t->config->broken)
		argv[n++] = t->broken;
	/* The scenario's own time is for a host that is busy. */
	if (t->status == EXIT_TIMEOUT)
		argv[n++] = "--timeout=10";
	if (t->config->shrink && t->config->irqchip)
		argv[n++] = t->chip;
	if (*t->restore)
		argv[n++] = t->restore;
	argv[n] = t->config->guest;
	t->runs++;
	return child_run((char *const *)argv, t->seconds, &t->end, &t->signal, t->err);
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

/* The scenario of these actions of the program, or of these lines of the file. */
static int make_text(struct torture *t, const uint64_t *things, size_t number, char **text, size_t *len,
                     struct torture_count *count)
{
	struct torture_program p = t->program;

	if (t->config->shrink)
		return torture_lines_text(&t->lines, things, number, text, len, t->err);
	p.actions = (uint64_t *)things;
	p.count = number;
	return torture_program_text(&p, text, len, count, t->err);
}

static int run_things(struct torture *t, const uint64_t *things, size_t number, struct torture_count *count)
{
	size_t len;
	char *text;
	int rc = make_text(t, things, number, &text, &len, count);

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
	struct torture_count ignored;
	int rc = run_things(t, actions, count, &ignored);

	if (progress_due(&t->progress))
		progress_show(&t->progress, "torture: %s fails; shrinking: %zu %s, run %u of %d", t->name,
		              count, t->config->shrink ? "lines" : "actions", t->runs, SHRINK_RUNS);
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
	int rc = make_text(t, p->actions, p->count, &text, &len, &count);

	if (rc)
		return rc;
	f = fopen(file, "we");
	if (f) {
		fprintf(f, "# %s: %s\n", status_text(t->status, ended), why);
		fprintf(f, "# %zu of %zu %s of %s\n%s", p->count, before,
		        t->config->shrink ? "lines" : "actions", t->name, text);
	}
	if (!f || fclose(f))
		rc = error_set(t->err, -errno, "%s: %s", file, strerror(errno));
	free(text);
	return rc;
}

/* What it says is that of the file, so that its lines are the file's. */
static int report(struct torture *t, size_t before, const char *why)
{
	char name[48] = "shrunk.scn", ended[40];
	const char *file = t->config->keep;
	int rc;

	if (!t->config->shrink)
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
	printf("%s of %s: %s after %u runs\n", status_text(t->status, ended), t->name, file, t->runs);
	return 0;
}

/* The line of the scenario where it failed; 0: not said. */
static unsigned failed_at(const struct torture *t)
{
	const char *colon = strchr(message(&t->end), ':');

	return colon ? (unsigned)strtoul(colon + 1, NULL, 10) : 0;
}

/*
 * A recording says behind each step what the VM was like, which is another state when a step is left out:
 * without all this but the last, where it may have failed, it should fail as before. Returns 1, or a negative
 * errno value.
 */
static int drop_comparisons(struct torture *t)
{
	struct torture_program *p = &t->program;
	uint64_t *fewer = calloc(p->count ? p->count : 1, sizeof(*fewer));
	size_t count = 0;
	int rc;

	if (!fewer)
		return error_set(t->err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < p->count; i++) {
		const struct torture_line *line = &t->lines.lines[p->actions[i]];

		if (!torture_line_compares(line) || line->number == t->line)
			fewer[count++] = p->actions[i];
	}
	rc = still_fails(t, fewer, count);
	if (rc > 0) {
		memcpy(p->actions, fewer, count * sizeof(*fewer));
		p->count = count;
	}
	free(fewer);
	return rc < 0 ? rc : 1;
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
	progress_end(&t->progress);
	printf("%s fails:\n%s", t->name, t->end.output);
	rc = comes_again(t);
	if (!rc)
		printf("not again in %d runs\n", AGAIN);
	if (rc > 0 && t->config->shrink)
		rc = drop_comparisons(t);
	if (rc > 0)
		t->program.count = shrink(t->program.actions, before, SHRINK_RUNS, still_fails, t);
	progress_end(&t->progress);
	if (rc >= 0 && !t->signal)
		rc = report(t, before, why);
	if (rc < 0 || t->signal)
		return rc < 0 ? rc : -EINTR;
	return error_set(t->err, EXIT_EXPECTATION, "%s failed", t->name);
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
	snprintf(t->name, sizeof(t->name), "seed %" PRIu64, t->program.seed);
	rc = run_things(t, t->program.actions, t->program.count, &count);
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

/* --- a file ------------------------------------------------------------- */

/* Runs the file as it is, and shrinks it. As failed(), or an exit status. */
static int shrink_lines(struct torture *t, uint64_t start)
{
	const char *said;
	int rc = run_file(t, t->config->shrink);

	if (rc)
		return rc;
	said = message(&t->end);
	if (!t->end.status)
		return error_set(t->err, EXIT_DATA, "%s does not fail", t->name);
	if (t->end.status == EXIT_USAGE)
		return error_set(t->err, EXIT_USAGE, "%.*s", (int)strcspn(said, "\n"), said);
	t->line = failed_at(t);
	/* A shorter one may never come to its end. */
	t->seconds = (unsigned)(4 * (time_now() - start) / 1000000000) + 10;
	t->program.count = t->lines.count;
	t->program.actions = calloc(t->lines.count + 1, sizeof(uint64_t));
	if (!t->program.actions)
		return error_set(t->err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < t->lines.count; i++)
		t->program.actions[i] = i;
	rc = failed(t);
	free(t->program.actions);
	return rc;
}

static int shrink_file(struct torture *t)
{
	const char *file = t->config->shrink;
	uint64_t start = time_now();
	uint8_t *bytes;
	char *text;
	size_t len;
	int rc = file_read(file, FILE_MAX, &bytes, &len, t->err);

	if (rc)
		return error_set(t->err, EXIT_DATA, "%s: %s", file, strerror(-rc));
	snprintf(t->name, sizeof(t->name), "%s", file);
	snprintf(t->irqchip, sizeof(t->irqchip), "known");
	text = strndup((char *)bytes, len);
	free(bytes);
	rc = text ? torture_lines_make(&t->lines, text, t->err) : error_set(t->err, -ENOMEM, "out of memory");
	if (!rc) {
		rc = shrink_lines(t, start);
		torture_lines_free(&t->lines);
	}
	free(text);
	return rc;
}

static int end(struct torture *t, int rc)
{
	int signal = t->signal;

	free(t);
	if (rc == -EINTR)
		return 128 + signal;
	return rc < 0 ? EXIT_HOST : rc;
}

int torture(const struct torture_config *config, struct error *err)
{
	struct torture *t = calloc(1, sizeof(*t));
	uint64_t start = time_now(), seconds = 0;
	int rc;

	if (!t)
		return error_set(err, EXIT_HOST, "out of memory");
	t->config = config;
	t->err = err;
	t->seconds = ROUND_SECONDS;
	snprintf(t->broken, sizeof(t->broken), "--break=%s", config->broken ? config->broken : "");
	progress_begin(&t->progress);
	if (config->irqchip)
		snprintf(t->chip, sizeof(t->chip), "--irqchip=%s", config->irqchip);
	if (config->restore)
		snprintf(t->restore, sizeof(t->restore), "--restore=%s", config->restore);
	if (config->shrink)
		return end(t, shrink_file(t));
	rc = try_guest(t);
	while (!rc && (!config->rounds || t->rounds < config->rounds) &&
	       (!config->seconds || seconds < config->seconds)) {
		if (progress_due(&t->progress))
			progress_show(&t->progress,
			              "torture: %" PRIu64 " rounds, %" PRIu64 " injections, %" PRIu64 " s",
			              t->rounds, t->all.injections, seconds);
		rc = run_round(t);
		seconds = (time_now() - start) / 1000000000;
	}
	progress_end(&t->progress);
	printf("torture: seed %" PRIu64 ", %" PRIu64 " rounds, %" PRIu64 " snapshots, %" PRIu64
	       " restores, %" PRIu64 " injections, %" PRIu64 " s\n",
	       config->seed, t->rounds, t->all.snapshots, t->all.restores, t->all.injections, seconds);
	return end(t, rc);
}
