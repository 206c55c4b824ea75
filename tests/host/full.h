/* SPDX-License-Identifier: BSD-2-Clause */
/* full.h: for api programs: a VM in which much is pending, and whether it is as it was. */
#ifndef TESTS_HOST_FULL_H
#define TESTS_HOST_FULL_H

#include "api.h"
#include "vmm/lab/runner.h"
#include "vmm/snapshot/section_vm.h"

#define TAG_TOD SNAP_TAG('T', 'O', 'D', ' ')

/* --- a machine where much is pending ---------------------------------- */

static struct error err;
static bool power9;

/* A line of a scenario, as far as it is one of these verbs. */
static int step(struct vm *vm, const char *line)
{
	struct scenario s;
	const struct step *at;
	unsigned which, done;
	int rc = scenario_parse(&s, line, strlen(line), line, arch_info.name, &err);

	if (rc)
		return rc;
	at = s.steps;
	switch (at->kind) {
	case STEP_INJECT: rc = arch_inject(vm, &at->irq, (unsigned)at->inject.times, &done, &err); break;
	case STEP_IRQCHIP: rc = arch_irqchip(vm, &at->irqchip, &err); break;
	case STEP_GUEST:
		rc = checkpoint_command(vm, at->cpu, at->guest.command, at->guest.arg, &err);
		if (!rc)
			vm_resume(vm);
		if (!rc && (vm_wait(vm, at->cpu, 20000, &which) || checkpoint_cpu_state(vm, 0) != CPU_READY))
			rc = error_set(&err, -EIO, "%s: the guest does not come back", line);
		if (!rc)
			rc = vm_pause(vm, &err);
		break;
	default: rc = error_set(&err, -EINVAL, "%s: not here", line);
	}
	scenario_free(&s);
	return rc;
}

static const char *const s390x_steps[] = {
	"guest key address=0x40000 value=0x30",
	"irqchip adapter-register id=3 isc=2 maskable=1",
	"irqchip adapter-register id=4 isc=5 flags=1",
	"irqchip route gsi=7 adapter=3 summary=0x80000 indicator=0x81000",
	"irqchip route gsi=8 adapter=4 summary=0x80010 indicator=0x81010",
	"irqchip route gsi=9 adapter=4 summary=0x80020 indicator=0x81020",
	"irqchip irqfd gsi=7",
	"irqchip irqfd gsi=9",
	"irqchip irqfd gsi=8",
	"irqchip irqfd-off gsi=8",
	"inject irqfd gsi=8 isc=5",
	"irqchip ais isc=5 mode=1",
	"irqchip ioeventfd schid=9",
	"inject io isc=5 schid=5 parm=5",
	"inject io isc=3 schid=3 parm=3",
	"inject virtio parm=0x77",
	"inject service parm=0x7000",
	"inject mchk",
	"inject emergency cpu=0 from=0",
	"inject extcall cpu=0 from=0",
	NULL,
};
static const char *const power9_steps[] = {
	"guest route source=0x1000 server=0 priority=5 sources=4",
	"guest route source=0xf80 server=0 priority=5",
	"irqchip irqfd gsi=0x1001",
	"irqchip irqfd gsi=0x1002",
	"irqchip irqfd gsi=0x1003",
	"irqchip irqfd-off gsi=0x1003",
	"inject irqfd gsi=0x1003",
	"inject source 0x1000",
	"inject source 0x1001",
	"inject source 0x1001",
	NULL,
};

/* Paused, with all of these pending. */
static int make(struct vm *vm, const struct vm_config *c)
{
	int rc = start(vm, c, &err);

	if (!rc)
		rc = vm_pause(vm, &err);
	for (const char *const *s = power9 ? power9_steps : s390x_steps; *s && !rc; s++)
		rc = step(vm, *s);
	return rc;
}

/* --- what must be the same -------------------------------------------- */

/* The first byte that differs. */
static size_t first_other(const struct snap_section *a, const struct snap_section *b)
{
	size_t at = 0;

	while (b && at < a->len && at < b->len && a->bytes[at] == b->bytes[at])
		at++;
	return at;
}

/* where: the section, and the byte in it. */
static bool differ(const struct state_bytes *a, const struct state_bytes *b, char *where, size_t room)
{
	char tag[5];

	struct snapshot x, y;
	bool bad = snap_decode(&x, a->bytes, a->len, false, &err) != 0;

	bad |= snap_decode(&y, b->bytes, b->len, false, &err) != 0 || x.count != y.count;
	for (size_t i = 0; !bad && i < x.count; i++) {
		const struct snap_section *s = &x.sections[i], *t = snap_find(&y, s->tag, s->id);

		/* The clock goes on meanwhile. */
		bad = !t || (s->tag != TAG_TOD && (s->len != t->len || memcmp(s->bytes, t->bytes, s->len)));
		snap_tag_text(s->tag, tag);
		snprintf(where, room, "%s %u, byte %zu of %zu", tag, (unsigned)s->id, first_other(s, t),
		         (size_t)s->len);
	}
	snap_free(&x);
	snap_free(&y);
	return bad;
}

/* The VM is as it was when the snapshot was made. */
static bool as_before(struct vm *vm, enum snap_kind kind, const struct state_bytes *good)
{
	struct state_bytes now = { 0 };
	char where[80] = "";
	bool same = !state_save(vm, kind, &now, &err) && !differ(good, &now, where, sizeof(where));

	if (!same)
		printf("# not as before: %s %s\n", where, now.bytes ? "" : err.text);
	free(now.bytes);
	return same;
}

#endif
