/* SPDX-License-Identifier: BSD-2-Clause */
/* run_expect.c: the steps that show or check what is pending, taken, returned or in memory. See runner.h. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "arch_lab.h"
#include "vmm/arch.h"
#include "runner.h"

int step_pending(struct runner *r, const struct step *s)
{
	struct arch_state *state;
	int rc = runner_stop_world(r);
	bool wrong;
	unsigned n;

	if (rc)
		return rc;
	rc = state_look(&r->current->vm, &state, r->err);
	if (rc)
		return runner_host(r, rc);
	n = arch_codec->pending(state, s->kind == STEP_SHOW_PENDING && runner_shows(r) ? stdout : NULL);
	wrong = s->kind == STEP_EXPECT_PENDING && n != s->value;
	if (wrong && !r->depth)
		arch_codec->pending(state, stdout);
	arch_codec->free(state);
	return wrong ? runner_unmet(r, "%u are pending, not %" PRIu64, n, s->value) : 0;
}

int step_show_log(struct runner *r, const struct step *s)
{
	const struct ledger *l = &r->current->ledger;
	int rc = vm_run_read_log(r->current, r->err);
	char text[96];

	(void)s;
	if (rc)
		return runner_host(r, rc);
	for (unsigned i = 0; i < l->read; i++) {
		irq_record_text(&l->log[i], text, sizeof(text));
		runner_result(r, "%4u vCPU %u %s", i, l->log[i].cpu, text);
	}
	return 0;
}

/* Whether this host's KVM never delivers the interrupt with this label. */
static int vanishes(struct runner *r, const char *name)
{
	const struct ledger_entry *e = ledger_find(&r->current->ledger, name);

	return e ? arch_irq_vanishes(&r->current->vm, &e->irq, r->err) : 0;
}

int step_expect_taken(struct runner *r, const struct step *s)
{
	struct ledger *l = &r->current->ledger;
	unsigned at = l->mark, next = 0;
	int rc = vm_run_read_log(r->current, r->err);

	if (rc)
		return runner_host(r, rc);
	l->mark = l->read;
	while (at < l->read || next < s->name_count) {
		const struct ledger_entry *e = at < l->read ? ledger_match(l, &l->log[at]) : NULL;
		const char *name = next < s->name_count ? s->names[next] : NULL;
		bool taken = e && name && !strcmp(e->label, name);
		int gone = taken || !name ? 0 : vanishes(r, name);
		char text[96] = "nothing";

		if (gone < 0)
			return runner_host(r, gone);
		at += taken;
		next += taken || gone;
		if (taken || gone)
			continue;
		if (at < l->read)
			irq_record_text(&l->log[at], text, sizeof(text));
		return runner_unmet(r, "taken as number %u: %s%s%s%s, expected: %s", next + 1,
		                    e ? e->label : "", e ? " (" : "", text, e ? ")" : "",
		                    name ? name : "nothing");
	}
	return 0;
}

int step_expect_state(struct runner *r, const struct step *s)
{
	struct vm *vm = &r->current->vm;
	enum cpu_state state;

	if (s->cpu >= vm->vcpu_count)
		return runner_wrong(r, "there is no vCPU %u", s->cpu);
	state = checkpoint_cpu_state(vm, s->cpu);
	return state == s->state ? 0
	                         : runner_unmet(r, "vCPU %u is %s, not %s", s->cpu, cpu_state_name(state),
	                                        cpu_state_name(s->state));
}

int step_expect_result(struct runner *r, const struct step *s)
{
	const struct abi_shared *shared = checkpoint_shared(&r->current->vm);

	if (!shared || s->cpu >= ABI_CPUS)
		return runner_unmet(r, "vCPU %u has given no result", s->cpu);
	for (unsigned i = 0; i < ABI_RESULTS; i++) {
		uint64_t got = shared->mailbox[s->cpu].result[i];

		if (s->given >> i & 1 && got != s->result[i])
			return runner_unmet(r, "%s is 0x%" PRIx64 " (%" PRId64 "), not 0x%" PRIx64,
			                    s->names[i], got, (int64_t)got, s->result[i]);
	}
	return 0;
}

static int step_memory(struct runner *r, const struct step *s, uint8_t **bytes)
{
	*bytes = ram_at(&r->current->vm.ram, s->value, s->byte_count);
	return *bytes ? 0 : runner_wrong(r, "0x%" PRIx64 ": the guest has no such memory", s->value);
}

/* The guest may be running: if it uses the same memory, the scenario must prevent a race. */
int step_poke(struct runner *r, const struct step *s)
{
	uint8_t *bytes;
	int rc = step_memory(r, s, &bytes);

	if (!rc)
		memcpy(bytes, s->bytes, s->byte_count);
	return rc;
}

int step_expect_memory(struct runner *r, const struct step *s)
{
	uint8_t *bytes;
	int rc = step_memory(r, s, &bytes);

	for (unsigned i = 0; i < s->byte_count && !rc; i++)
		if (bytes[i] != s->bytes[i])
			return runner_unmet(r, "the byte at 0x%" PRIx64 " is %02x, not %02x", s->value + i,
			                    bytes[i], s->bytes[i]);
	return rc;
}
