/* SPDX-License-Identifier: BSD-2-Clause */
/* needs.c: see needs.h. What a need allows says the table in vmm/sandbox.c. Pure. */
#include "needs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Lets a file be used; NULL: there is none. */
static int file(struct sandbox *s, const char *path, unsigned need, enum file_use use, struct error *err)
{
	if (!path)
		return 0;
	s->needs |= need;
	return sandbox_file(s, path, use, err);
}

/* Files of devices of VMs that are still to be made: "FILE,ro", "tap=NAME,mac=...". */
static int device(struct sandbox *s, const struct device_option *d, struct error *err)
{
	size_t len = d->text ? strcspn(d->text, ",") : 0;
	bool reads = d->text && (strstr(d->text + len, ",ro") || strstr(d->text + len, ",cow"));
	char *path = d->text ? strndup(d->text, len) : NULL;
	int rc = 0;

	if (d->text && !path)
		return error_set(err, -ENOMEM, "out of memory");
	switch (d->kind) {
	case DEVICE_DISK:
		rc = file(s, path, reads ? SANDBOX_READ : SANDBOX_WRITE, reads ? FILE_READ : FILE_WRITE, err);
		break;
	case DEVICE_RNG: rc = file(s, path, SANDBOX_READ, FILE_READ, err); break;
	case DEVICE_NET:
		if (path && !strncmp(path, "tap=", 4))
			rc = file(s, "/dev/net/tun", SANDBOX_TAP, FILE_WRITE, err);
		else if (path && !strncmp(path, "stream=", 7))
			rc = file(s, path + 7, SANDBOX_SOCKET, FILE_REPLACE, err);
		break;
	case DEVICE_CONSOLE: break;
	}
	free(path);
	return rc;
}

static int devices(struct sandbox *s, const struct device_options *all, struct error *err)
{
	int rc = 0;

	for (unsigned i = 0; i < all->count && !rc; i++)
		rc = device(s, &all->list[i], err);
	return rc;
}

/* zpvm once more: all that it reads before it has a VM. */
static int again(struct sandbox *s, const struct options *o, struct error *err)
{
	const char *const reads[] = { o->guest, o->initrd, o->scenario, o->symbols };
	const char *const writes[] = { "/dev/kvm", "/dev/null",
		                       o->trace_what ? strchr(o->trace_what, ':') : NULL };
	int rc = file(s, "/proc/self/exe", SANDBOX_EXEC, FILE_EXECUTE, err);

	for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]) && !rc; i++)
		rc = file(s, reads[i], SANDBOX_READ, FILE_READ, err);
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]) && !rc; i++)
		rc = file(s, writes[i] && *writes[i] == ':' ? writes[i] + 1 : writes[i], SANDBOX_WRITE,
		          FILE_WRITE, err);
	rc = rc ? rc : file(s, o->record, SANDBOX_WRITE, FILE_REPLACE, err);
	return rc ? rc : devices(s, &o->devices, err);
}

static int steps(struct sandbox *s, const struct options *o, const struct scenario *scenario,
                 struct error *err);

static int step(struct sandbox *s, const struct options *o, const struct step *step, struct error *err)
{
	int rc = 0;

	switch (step->kind) {
	case STEP_SAVE: rc = file(s, step->file, SANDBOX_WRITE, FILE_REPLACE, err); break;
	case STEP_LOAD: rc = file(s, step->file, SANDBOX_READ, FILE_READ, err); break;
	case STEP_SWEEP: rc = file(s, step->sweep.write, SANDBOX_WRITE, FILE_REPLACE, err); break;
	case STEP_LATE: s->needs |= SANDBOX_LATE_PAGES; break;
	case STEP_EXEC: rc = again(s, o, err); break;
	default: break;
	}
	for (unsigned i = 0; i < step->block_count && !rc; i++)
		rc = steps(s, o, step->block[i].steps, err);
	return rc;
}

static int steps(struct sandbox *s, const struct options *o, const struct scenario *scenario,
                 struct error *err)
{
	int rc = 0;

	for (size_t i = 0; scenario && i < scenario->count && !rc; i++)
		rc = step(s, o, &scenario->steps[i], err);
	return rc;
}

int needs_of(struct sandbox *s, const struct options *o, const struct scenario *scenario, bool any_step,
             bool terminal, struct error *err)
{
	int rc = file(s, o->save, SANDBOX_WRITE, FILE_REPLACE, err);

	if (!rc)
		rc = file(s, o->control, SANDBOX_LISTEN, FILE_REPLACE, err);
	if (!rc)
		rc = file(s, o->gdb, SANDBOX_LISTEN, FILE_REPLACE, err);
	if (terminal)
		s->needs |= SANDBOX_TERMINAL;
	/* Their sockets are removed in the end. */
	for (unsigned i = 0; i < o->devices.count && !rc; i++)
		if (o->devices.list[i].kind == DEVICE_NET)
			rc = device(s, &o->devices.list[i], err);
	/* VMs that are made later, the host's memory for them, and whether a vCPU sleeps. */
	if (!rc && (scenario || o->again))
		rc = file(s, "/proc", SANDBOX_READ, FILE_READ, err);
	if (!rc && (scenario || o->again))
		rc = devices(s, &o->devices, err);
	if (!rc && scenario)
		rc = steps(s, o, scenario, err);
	if (!rc && any_step) {
		s->needs |= SANDBOX_READ | SANDBOX_LATE_PAGES;
		rc = file(s, "/", SANDBOX_WRITE, FILE_ANYTHING, err);
	}
	return rc;
}
