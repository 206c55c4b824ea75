/* SPDX-License-Identifier: BSD-2-Clause */
/* run_file.c: the steps, and the signal, that write snapshots to files or read them. See runner.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "ledger_section.h"
#include "vmm/arch.h"
#include "vmm/file.h"
#include "vmm/input.h"
#include "runner.h"
#include "vmm/snapshot/live.h"
#include "vmm/snapshot/section_vm.h"

#define LOOK_MS 20 /* how often a wait looks whether somebody has requested something */

/* Its sections, with its ledger. snap_free() is needed also after an error. */
static int open_with_ledger(const struct named_snapshot *named, struct snapshot *snap, struct error *err)
{
	int rc = snap_decode(snap, named->state.bytes, named->state.len, named->state.sealed, err);

	if (!rc) {
		snap_remove(snap, TAG_LEDGER, 0); /* that of the file it came from */
		ledger_section_put(snap, &named->ledger);
	}
	return rc;
}

/* Encodes it with its ledger and checksums. free() bytes. */
static int seal_snapshot(const struct named_snapshot *named, uint8_t **bytes, size_t *len, struct error *err)
{
	struct snapshot snap;
	int rc = open_with_ledger(named, &snap, err);

	if (!rc)
		rc = snap_encode(&snap, bytes, len, err);
	snap_free(&snap);
	if (!rc)
		snap_seal(*bytes);
	return rc;
}

static int write_snapshot(const struct named_snapshot *named, const char *path, struct error *err)
{
	struct snapshot snap;
	int rc = open_with_ledger(named, &snap, err);

	if (!rc)
		rc = snap_write(&snap, path, err);
	snap_free(&snap);
	return rc;
}

/* The snapshot owns the bytes from here, unless this fails. */
static int read_snapshot(struct named_snapshot *named, uint8_t *bytes, size_t len, struct error *err)
{
	struct section_vm of;
	struct snapshot snap;
	int rc = snap_decode(&snap, bytes, len, true, err);

	if (!rc)
		rc = section_vm_get(&snap, &of, err);
	if (!rc)
		rc = ledger_section_get(&snap, arch_info.name, &named->ledger, err);
	snap_free(&snap);
	if (rc)
		return rc;
	named->kind = of.scope.kind;
	named->state = (struct state_bytes){ .bytes = bytes, .len = len, .like = time_now() };
	return 0;
}

int step_save(struct runner *r, const struct step *s)
{
	const char *path = s->file ? s->file : r->config->save;
	struct named_snapshot *named;
	int rc = runner_find_snapshot(r, s->name, &named);

	if (rc)
		return rc;
	if (!path)
		return runner_wrong(r, "which file? --save names one");
	rc = write_snapshot(named, path, r->err);
	if (s->fails)
		return runner_refusal(r, s, rc);
	if (!rc)
		runner_result(r, "%s", path);
	r->saved |= !rc && !s->file;
	r->wrote |= !named->exact;
	return runner_blame(r, rc);
}

int step_load(struct runner *r, const struct step *s)
{
	struct named_snapshot made = { .name = s->name, .exact = !r->wrote && !r->config->done };
	uint8_t *bytes;
	size_t len;
	int rc;

	if (!s->file)
		return runner_wrong(r, "which file?");
	rc = snap_read(s->file, &bytes, &len, r->err);
	if (!rc) {
		rc = read_snapshot(&made, bytes, len, r->err);
		if (rc) {
			error_prefix(r->err, rc, "%s", s->file);
			free(bytes);
		}
	}
	if (s->fails && rc)
		return runner_refusal(r, s, rc);
	if (rc)
		return runner_blame(r, rc);
	rc = runner_keep(r, &made);
	return !rc && s->fails ? runner_refusal(r, s, 0) : rc;
}

int runner_read_ledger(struct runner *r)
{
	struct snapshot snap;
	int rc = snap_decode(&snap, r->config->restore->bytes, r->config->restore->len, false, r->err);

	if (!rc)
		rc = ledger_section_get(&snap, arch_info.name, &r->current->ledger, r->err);
	snap_free(&snap);
	if (rc)
		error_prefix(r->err, rc, "%s", r->config->restore_file);
	return error_blame(r->err, rc, FAULT_DATA);
}

int runner_save(struct vm *vm, struct vm_run *run, const char *path, struct error *err)
{
	struct named_snapshot made = { .kind = SNAP_VM };
	int rc = named_snapshot_make(&made, vm, run, err);

	if (!rc)
		rc = write_snapshot(&made, path, err);
	named_snapshot_free(&made);
	return rc;
}

/* The new process finds the snapshot in a file without a name. */
int step_exec(struct runner *r, const struct step *s)
{
	struct named_snapshot *named;
	uint8_t *bytes;
	size_t len;
	int fd, rc = runner_find_snapshot(r, s->name, &named);

	if (!rc && named->kind != SNAP_VM)
		rc = runner_wrong(r, "%s is a snapshot of interrupts alone", s->name);
	if (!rc && !r->config->next)
		rc = runner_wrong(r, "there is no scenario file to continue with");
	if (!rc)
		rc = audit_check(r);
	if (rc)
		return rc;
	rc = seal_snapshot(named, &bytes, &len, r->err);
	if (rc)
		return runner_host(r, rc);
	fd = memfd_create("snapshot", 0);
	rc = fd < 0 ? -errno : file_put(fd, bytes, len);
	if (!rc && lseek(fd, 0, SEEK_SET) < 0)
		rc = -errno;
	free(bytes);
	if (rc) {
		if (fd >= 0)
			close(fd);
		error_set(r->err, rc, "a snapshot for a new process: %s", strerror(-rc));
		return runner_host(r, rc);
	}
	*r->config->next = (struct continuation){ fd, s->line, -1 };
	r->outcome->kind = OUTCOME_CONTINUED;
	return 0;
}

static bool save_is_wanted(const struct run_config *config)
{
	struct signalfd_siginfo info;

	return config->save_signal >= 0 && read(config->save_signal, &info, sizeof(info)) == sizeof(info);
}

/* Pauses the VM, takes the snapshot, with the ledger, and resumes the VM if it was running. No input reaches
 * it meanwhile. -ENOTRECOVERABLE: as state_save(). */
static int take_live(const struct run_config *config, struct vm *vm, struct vm_run *run, struct live *live,
                     struct error *err)
{
	static const struct ledger none;
	bool running = vm_running(vm);
	uint64_t began;
	int rc = input_hold(config->input, err);

	began = time_now();
	if (!rc)
		rc = vm_pause(vm, err);
	if (!rc && run)
		rc = vm_run_read_log(run, err);
	if (!rc)
		rc = live_take(live, vm, err);
	if (!rc)
		ledger_section_put(&live->snap, run ? &run->ledger : &none);
	if (running && rc != -ENOTRECOVERABLE)
		vm_resume(vm);
	trace_note(vm->trace, "save: the VM was stopped for %llu us",
	           (unsigned long long)(time_now() - began) / 1000);
	input_allow(config->input, vm);
	return rc;
}

/* The VM runs while its RAM is copied and while the file is written. */
static int save_now(const struct run_config *config, struct vm *vm, struct vm_run *run, struct error *err)
{
	struct live live = { .copy.fd = -1 };
	int rc = input_hold(config->input, err);

	if (!rc)
		rc = live_begin(&live, vm, err);
	input_allow(config->input, vm);
	if (!rc)
		rc = live_copy(&live, vm, err);
	if (!rc)
		rc = take_live(config, vm, run, &live, err);
	if (!rc)
		rc = live_finish(&live, err);
	if (!rc)
		rc = snap_write(&live.snap, config->save, err);
	if (rc)
		fprintf(stderr, "zpvm: no snapshot: %s\n", err->text);
	live_free(&live);
	return rc;
}

int runner_wait(struct runner *r, struct vm *vm, struct vm_run *run, unsigned cpu, uint64_t timeout_ms,
                unsigned *which)
{
	const struct run_config *config = r->config;
	bool looks = config->save_signal >= 0 || config->control || config->interrupt;
	uint64_t deadline = time_now() + timeout_ms * 1000000 - r->session.spent, now;
	struct error err;
	int rc;

	do {
		now = time_now() - r->session.spent;
		timeout_ms = now < deadline ? (deadline - now) / 1000000 + 1 : 0;
		if (looks && timeout_ms > LOOK_MS)
			timeout_ms = LOOK_MS;
		rc = vm_wait(vm, cpu, timeout_ms, which);
		if (save_is_wanted(config) && save_now(config, vm, run, &err) == -ENOTRECOVERABLE) {
			vm_end(vm, 0,
			       &(struct event){ .kind = EVENT_ERROR, .code = -ENOTRECOVERABLE, .why = err });
			*which = 0;
			return 0;
		}
		if (rc == -ETIMEDOUT && session_look(r, vm))
			return -EINTR;
	} while (rc == -ETIMEDOUT && now < deadline);
	return rc;
}
