/* SPDX-License-Identifier: BSD-2-Clause */
/* run_expect.c: the steps that show or check what is pending, taken, returned or in memory. See runner.h. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "arch_lab.h"
#include "vmm/arch.h"
#include "vmm/snapshot/pending.h"
#include "runner.h"

/* Prints what is pending, and why it is not delivered. */
static int print_pending(struct runner *r)
{
	struct pending_list list;
	int rc = state_answer(&r->current->vm, &list, r->err);

	if (rc)
		return runner_host(r, rc);
	if (!list.count)
		printf("      nothing is pending\n");
	pending_print(&list, false, "      ", stdout);
	pending_free(&list);
	return 0;
}

int step_show_pending(struct runner *r, const struct step *s)
{
	int rc = runner_stop_world(r);

	(void)s;
	return rc || !runner_shows(r) ? rc : print_pending(r);
}

int step_expect_pending(struct runner *r, const struct step *s)
{
	struct arch_state *state;
	int rc = runner_stop_world(r);
	char text[80];
	unsigned n;

	if (rc)
		return rc;
	rc = vm_run_look(r->current, &state, r->err);
	if (rc)
		return runner_host(r, rc);
	n = arch_codec->pending(state);
	arch_codec->free(state);
	if (wanted_has(&s->want, n))
		return 0;
	rc = r->depth ? 0 : print_pending(r);
	wanted_text(&s->want, text, sizeof(text));
	return rc ? rc : runner_unmet(r, "%u are pending, not %s", n, text);
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
	while (at < l->read || next < s->taken.count) {
		const struct ledger_entry *e = at < l->read ? ledger_match(l, &l->log[at]) : NULL;
		const char *name = next < s->taken.count ? s->taken.labels[next] : NULL;
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

static uint64_t result(struct runner *r, const struct step *s, uint64_t key)
{
	const struct abi_order *order = checkpoint_order(&r->current->vm, s->cpu);

	if (key < ABI_RESULTS)
		return checkpoint_shared(&r->current->vm)->mailbox[s->cpu].result[key];
	if (!order)
		return 0;
	return key == RESULT_TRAP ? order->trap : order->reg[key - RESULT_REG];
}

int step_expect_result(struct runner *r, const struct step *s)
{
	const struct abi_shared *shared = checkpoint_shared(&r->current->vm);
	char text[80];

	if (!shared || s->cpu >= ABI_CPUS)
		return runner_unmet(r, "vCPU %u has given no result", s->cpu);
	for (unsigned i = 0; i < s->expect.count; i++) {
		const struct expected *e = &s->expect.all[i];
		uint64_t got = result(r, s, e->key);

		wanted_text(&e->want, text, sizeof(text));
		if (!wanted_has(&e->want, got))
			return runner_unmet(r, "%s is 0x%" PRIx64 " (%" PRId64 "), not %s", e->name, got,
			                    (int64_t)got, text);
	}
	return 0;
}

/* How often the vCPU's last repeated command gave this answer. */
static uint64_t answered(const struct abi_order *order, uint64_t answer)
{
	for (unsigned i = 0; i < ABI_ANSWERS; i++)
		if (order->answer[i].count && order->answer[i].value == answer)
			return order->answer[i].count;
	return 0;
}

/* No other answers may have been given than those the step names. */
static int check_others(struct runner *r, const struct step *s, const struct abi_order *order)
{
	for (unsigned i = 0; i < ABI_ANSWERS && order->answer[i].count; i++) {
		bool named = false;

		for (unsigned k = 0; k < s->expect.count; k++)
			named |= s->expect.all[k].key == order->answer[i].value;
		if (!named)
			return runner_unmet(
				r, "vCPU %u was answered 0x%" PRIx64 " (%" PRId64 ") %" PRIu64 " times",
				s->cpu, order->answer[i].value, (int64_t)order->answer[i].value,
				order->answer[i].count);
	}
	return order->others ? runner_unmet(r, "vCPU %u was given more than %d different answers", s->cpu,
	                                    ABI_ANSWERS)
	                     : 0;
}

int step_expect_answers(struct runner *r, const struct step *s)
{
	const struct abi_order *order = checkpoint_order(&r->current->vm, s->cpu);
	char text[80];

	if (!order)
		return runner_unmet(r, "vCPU %u has been given no repeated command", s->cpu);
	for (unsigned i = 0; i < s->expect.count; i++) {
		const struct expected *e = &s->expect.all[i];
		uint64_t n = answered(order, e->key);

		wanted_text(&e->want, text, sizeof(text));
		if (!wanted_has(&e->want, n))
			return runner_unmet(r, "vCPU %u was answered %s %" PRIu64 " times, not %s", s->cpu,
			                    e->name, n, text);
	}
	return check_others(r, s, order);
}

static int step_memory(struct runner *r, const struct step *s, uint8_t **bytes)
{
	*bytes = ram_at(&r->current->vm.ram, s->memory.address, s->memory.count);
	return *bytes ? 0 : runner_wrong(r, "0x%" PRIx64 ": the guest has no such memory", s->memory.address);
}

/* The guest may be running: if it uses the same memory, the scenario must prevent a race. */
int step_poke(struct runner *r, const struct step *s)
{
	uint8_t *bytes;
	int rc = step_memory(r, s, &bytes);

	if (!rc)
		memcpy(bytes, s->memory.bytes, s->memory.count);
	return rc;
}

int step_expect_memory(struct runner *r, const struct step *s)
{
	uint8_t *bytes;
	int rc = step_memory(r, s, &bytes);

	for (unsigned i = 0; i < s->memory.count && !rc; i++)
		if (bytes[i] != s->memory.bytes[i])
			return runner_unmet(r, "the byte at 0x%" PRIx64 " is %02x, not %02x",
			                    s->memory.address + i, bytes[i], s->memory.bytes[i]);
	return rc;
}
