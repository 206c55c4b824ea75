/* SPDX-License-Identifier: BSD-2-Clause */
/* torture_act.c: see torture_act.h. Pure. What is legal when: torture_model.h. */
#include "torture_act.h"

#include <stdarg.h>
#include <string.h>

#define TRIES 12 /* of an action, until what it comes to is legal */

static __attribute__((format(printf, 2, 3))) void line(struct torture_writer *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(w->out, fmt, ap);
	va_end(ap);
	putc('\n', w->out);
}

static unsigned below(struct torture_writer *w, unsigned n)
{
	return prng_below(&w->r, n);
}

static void resume(struct torture_writer *w)
{
	line(w, "resume");
	w->vm->running = true;
}

/* --- interrupts ------------------------------------------------------- */

static void injected(struct torture_writer *w, unsigned group, unsigned n)
{
	w->used[group] = true;
	torture_injected(&w->words, w->vm, group, n);
	w->count.injections += n;
}

static void write_injection(struct torture_writer *w, const struct torture_irq *irq, unsigned n)
{
	const struct torture_group *g = &w->words.groups[irq->group];

	if (*g->before)
		line(w, "%s", g->before);
	fprintf(w->out, "inject %s", irq->text);
	if (*irq->name)
		fprintf(w->out, " as=%s", irq->name);
	if (n > 1)
		fprintf(w->out, " times=%u", n);
	if (n > 1 && !g->depth && !*g->before && below(w, 2))
		fprintf(w->out, " batch=%u", 1 + below(w, n));
	putc('\n', w->out);
	injected(w, irq->group, n);
}

static bool do_inject(struct torture_writer *w)
{
	const struct torture_irq *irq = &w->words.irqs[below(w, w->words.irq_count)];
	/* The summary bit of an s390x irqfd is cleared before each. */
	unsigned n = below(w, 4) || *w->words.groups[irq->group].before ? 1 : 2 + below(w, 4);

	if (!torture_may_inject(&w->words, w->vm, irq->group, n))
		return false;
	write_injection(w, irq, n);
	return true;
}

/* The guest itself sends one. */
static bool do_send(struct torture_writer *w)
{
	const struct torture_send *s;
	unsigned i, n = below(w, w->cpus);

	if (!w->words.send_count)
		return false;
	i = below(w, w->words.send_count);
	s = &w->words.sends[i];
	if (!(s->from >> n & 1) || w->vm->cpus[n].doing != DOING_READY || w->vm->cpus[n].stopped ||
	    !torture_may_send(&w->words, w->vm, s->group))
		return false;
	w->sent[i] = true;
	if (*s->due)
		line(w, "%s", s->due);
	line(w, "guest %s cpu=%u", s->guest, n);
	line(w, "run cpu=%u", n);
	w->vm->running = true;
	torture_is_ready(&w->words, w->vm, n);
	injected(w, s->group, 1);
	return true;
}

/* --- vCPUs ------------------------------------------------------------ */

/* A command that comes to its end, and the wait for it. */
static void obey(struct torture_writer *w, unsigned n, const char *command)
{
	line(w, "guest %s cpu=%u", command, n);
	line(w, "run cpu=%u", n);
	w->vm->running = true;
	torture_is_ready(&w->words, w->vm, n);
}

static void take_all(struct torture_writer *w, unsigned n)
{
	torture_enables(&w->words, w->vm, n);
	obey(w, n, "enable");
}

static void start_again(struct torture_writer *w, unsigned n)
{
	line(w, "cpu %u start", n);
	w->vm->cpus[n].stopped = false;
}

static void await_stop(struct torture_writer *w, unsigned n)
{
	line(w, "run until=offline cpu=%u", n);
	w->vm->running = true;
	w->vm->cpus[n].stopping = false;
	w->vm->cpus[n].stopped = true;
}

/* To its checkpoint, whatever it does; if it is open, by what wakes it. */
static void settle(struct torture_writer *w, unsigned n)
{
	struct torture_cpu *c = &w->vm->cpus[n];

	if (c->stopping)
		await_stop(w, n);
	if (c->stopped)
		start_again(w, n);
	if (c->doing == DOING_CLOSED) {
		if (!c->begun)
			line(w, "run until=begun cpu=%u", n);
		below(w, 2) ? take_all(w, n) : obey(w, n, "exits count=3");
	} else if (c->doing == DOING_OPEN || c->doing == DOING_COMMAND) {
		for (unsigned i = 0; c->doing == DOING_OPEN && i < c->wants; i++) {
			line(w, "inject %s", w->words.wake[n][i]);
			injected(w, w->words.wake_group[n], 1);
		}
		line(w, "run cpu=%u", n);
		w->vm->running = true;
		torture_is_ready(&w->words, w->vm, n);
	}
}

static bool do_settle(struct torture_writer *w)
{
	unsigned n = below(w, w->cpus);

	if (w->vm->cpus[n].doing <= DOING_READY)
		return false;
	settle(w, n);
	return true;
}

static void mask(struct torture_writer *w, unsigned n, bool open)
{
	char text[80];

	w->vm->cpus[n].masked = arch_torture_mask(&w->words, open, &w->r, text, sizeof(text));
	obey(w, n, text);
}

static bool loop_open(struct torture_writer *w, unsigned n)
{
	struct torture_cpu *c = &w->vm->cpus[n];

	/* What wakes it must reach it, and must not be there already. */
	if (c->masked == MASKED_ALL)
		mask(w, n, true);
	if (w->vm->injected[w->words.wake_group[n]])
		take_all(w, n);
	c->doing = DOING_OPEN;
	c->wants = 1 + below(w, TORTURE_WAKES);
	line(w, "guest %s count=%u cpu=%u", below(w, 4) ? "wait" : "spin", c->wants, n);
	return true;
}

static bool arm_timer(struct torture_writer *w, unsigned n)
{
	static const unsigned us[] = { 1, 100, 2000 };
	unsigned which = below(w, w->words.timers);
	struct torture_cpu *c = &w->vm->cpus[n];

	if (c->timer[which])
		return false;
	c->timer[which] = true;
	c->doing = DOING_COMMAND;
	w->vm->records++;
	/* The CPU timer stands still while the vCPU is stopped: so it has run out when the command is done.
	 */
	line(w, "guest timer us=%u%s cpu=%u", which ? 1 : us[below(w, 3)], which ? " type=cpu" : "", n);
	return true;
}

static bool do_command(struct torture_writer *w)
{
	unsigned n = below(w, w->cpus);
	struct torture_cpu *c = &w->vm->cpus[n];

	if (c->doing != DOING_READY || c->stopped)
		return false;
	c->begun = false;
	switch (below(w, 12)) {
	case 0:
	case 1:
	case 2:
		torture_enables(&w->words, w->vm, n);
		line(w, "guest enable cpu=%u", n);
		break;
	case 3:
	case 4:
	case 5:
	case 6:
	case 7: loop_open(w, n); break;
	case 8:
		c->doing = DOING_CLOSED;
		line(w, "guest closed cpu=%u", n);
		break;
	case 9:
		c->doing = DOING_COMMAND;
		line(w, "guest exits count=%u cpu=%u", 1 + below(w, 300), n);
		break;
	case 10:
		if (!arm_timer(w, n))
			return false;
		break;
	default: mask(w, n, below(w, 3) == 0); return true;
	}
	if (below(w, 3))
		resume(w);
	return true;
}

static bool do_begun(struct torture_writer *w)
{
	unsigned n = below(w, w->cpus);
	struct torture_cpu *c = &w->vm->cpus[n];

	if (c->doing != DOING_CLOSED || c->begun || c->stopped)
		return false;
	line(w, "run until=begun cpu=%u", n);
	w->vm->running = true;
	c->begun = true;
	return true;
}

/* An operator stops it; what it was at goes on when it is started again. */
static bool do_stop(struct torture_writer *w)
{
	unsigned n = below(w, w->cpus);
	struct torture_cpu *c = &w->vm->cpus[n];

	if (c->stopped) {
		start_again(w, n);
	} else if (c->stopping) {
		await_stop(w, n);
	} else if (torture_unmasked_pending(&w->words, w->vm, n)) {
		return false; /* a restart that is under way makes it busy */
	} else if (c->doing == DOING_CLOSED && c->begun) {
		if (!w->vm->running)
			resume(w);
		line(w, "cpu %u stop", n);
		line(w, "wait until=offline cpu=%u", n);
		c->stopped = true;
	} else if (c->doing == DOING_READY && w->words.stop_injected) {
		line(w, "inject stop cpu=%u", n);
		line(w, "guest enable cpu=%u", n);
		torture_enables(&w->words, w->vm, n);
		c->stopping = true;
	} else {
		return false;
	}
	return true;
}

/* It stops itself; another one starts it anew. */
static bool do_offline(struct torture_writer *w)
{
	unsigned n = below(w, w->cpus), by = below(w, w->cpus);
	struct torture_cpu *c = &w->vm->cpus[n];

	if (c->doing == DOING_READY && n && !c->timer[0] && !c->timer[1]) {
		line(w, "guest offline cpu=%u", n);
		line(w, "run until=offline cpu=%u", n);
		w->vm->running = true;
		torture_is_ready(&w->words, w->vm, n);
		c->doing = DOING_OFFLINE;
		return true;
	}
	if (c->doing != DOING_OFFLINE || w->vm->cpus[by].doing != DOING_READY)
		return false;
	line(w, "guest start vcpu=%u cpu=%u", n, by);
	line(w, "run cpu=%u", by);
	line(w, "wait cpu=%u", n);
	w->vm->running = true;
	torture_is_ready(&w->words, w->vm, by);
	c->masked = MASKED_NONE;
	c->doing = DOING_READY;
	if (*w->words.begin)
		obey(w, n, w->words.begin);
	return true;
}

/* --- VMs -------------------------------------------------------------- */

/* Most VMs stand still while another one has its steps: the host may have one CPU for all. */
static void leave(struct torture_writer *w, const struct torture_vm *to)
{
	if (to == w->vm || !w->vm->running || !below(w, 4))
		return;
	line(w, "pause");
	w->vm->running = false;
}

static const char *vm_name(const struct torture_writer *w, const struct torture_vm *vm)
{
	static const char *const names[TORTURE_VMS] = { "first", "second", "third",   "fourth",
		                                        "fifth", "sixth",  "seventh", "eighth" };

	return names[vm - w->vms];
}

static bool do_snapshot(struct torture_writer *w)
{
	unsigned i = below(w, TORTURE_SNAPSHOTS);

	line(w, "snapshot S%u", i);
	w->vm->running = false;
	w->snapshots[i] = *w->vm;
	w->count.snapshots++;
	if (below(w, 2))
		resume(w);
	return true;
}

/* One that there is, or TORTURE_SNAPSHOTS. */
static unsigned any_snapshot(struct torture_writer *w)
{
	unsigned at = below(w, TORTURE_SNAPSHOTS);

	for (unsigned i = 0; i < TORTURE_SNAPSHOTS; i++)
		if (w->snapshots[(at + i) % TORTURE_SNAPSHOTS].there)
			return (at + i) % TORTURE_SNAPSHOTS;
	return TORTURE_SNAPSHOTS;
}

static bool do_restore(struct torture_writer *w)
{
	unsigned from = any_snapshot(w);
	struct torture_vm *to = &w->vms[below(w, TORTURE_VMS)];

	if (from == TORTURE_SNAPSHOTS)
		return false;
	leave(w, to);
	line(w, "restore S%u %s", from, vm_name(w, to));
	*to = w->snapshots[from];
	w->vm = to;
	w->count.restores++;
	if (below(w, 2))
		resume(w);
	return true;
}

static bool do_switch(struct torture_writer *w)
{
	struct torture_vm *to = &w->vms[below(w, TORTURE_VMS)];

	if (!to->there || to == w->vm)
		return false;
	leave(w, to);
	line(w, "vm %s", vm_name(w, to));
	w->vm = to;
	return true;
}

static bool do_time(struct torture_writer *w)
{
	if (!w->vm->running) {
		resume(w);
	} else if (below(w, 2)) {
		line(w, "pause");
		w->vm->running = false;
	} else {
		line(w, "sleep %u", below(w, 4));
	}
	return true;
}

static bool do_irqchip(struct torture_writer *w)
{
	unsigned group = below(w, w->words.group_count);
	const struct torture_group *g = &w->words.groups[group];
	char text[80];

	if (below(w, 2)) {
		if (!arch_torture_operation(&w->words, &w->r, text, sizeof(text), &group))
			return false;
		line(w, "irqchip %s", text);
		w->used[group] = true;
	} else {
		/* An irqfd that goes on fires for what it has kept. */
		if (!g->kept)
			return false;
		if (*g->before)
			line(w, "%s", g->before);
		line(w, "irqchip irqfd%s gsi=%u", w->vm->off[group] ? "" : "-off", g->gsi);
		w->used[group] = true;
		w->vm->off[group] = !w->vm->off[group];
	}
	w->vm->running = false;
	return true;
}

/* --- the end ---------------------------------------------------------- */

/* A timer that has been armed is owed: it runs out and is taken. */
static void take_timers(struct torture_writer *w, unsigned n)
{
	struct torture_cpu *c = &w->vm->cpus[n];

	if (!c->timer[0] && !c->timer[1])
		return;
	line(w, "sleep 10");
	take_all(w, n);
	c->timer[0] = c->timer[1] = false;
}

/*
 * The VM comes to where its account is exact: no vCPU is open. In half of them
 * all that is pending is taken, in the others it stays.
 */
static void finish(struct torture_writer *w)
{
	bool take = below(w, 2), all = true;

	for (unsigned n = 0; n < w->cpus; n++) {
		struct torture_cpu *c = &w->vm->cpus[n];

		if (c->doing == DOING_OFFLINE) {
			all = false;
			continue;
		}
		settle(w, n);
		if (!take && !c->timer[0] && !c->timer[1])
			continue;
		if (c->masked)
			mask(w, n, true);
		take_all(w, n);
		take_timers(w, n);
	}
	for (unsigned i = 0; i < w->words.group_count; i++)
		all &= !w->vm->off[i];
	if (take && all)
		line(w, "expect pending 0");
}

void torture_finish(struct torture_writer *w)
{
	for (unsigned i = 0; i < TORTURE_VMS; i++) {
		if (!w->vms[i].there)
			continue;
		if (w->vm != &w->vms[i])
			line(w, "vm %s", vm_name(w, &w->vms[i]));
		w->vm = &w->vms[i];
		finish(w);
	}
}

/* All VMs go with the process, and all snapshots but one. The account must be exact before. */
static bool do_exec(struct torture_writer *w)
{
	unsigned from = any_snapshot(w);
	struct torture_vm goes_on;

	if (from == TORTURE_SNAPSHOTS)
		return false;
	goes_on = w->snapshots[from];
	torture_finish(w);
	line(w, "exec S%u", from);
	memset(w->vms, 0, sizeof(w->vms));
	memset(w->snapshots, 0, sizeof(w->snapshots));
	w->vms[0] = goes_on;
	w->vm = w->vms;
	w->count.restores++;
	return true;
}

/* --- an action -------------------------------------------------------- */

/* What an action may come to, and how often. */
static const struct {
	unsigned weight;
	bool (*act)(struct torture_writer *w);
} acts[] = {
	{ 40, do_inject }, { 20, do_command }, { 12, do_snapshot }, { 12, do_restore }, { 8, do_time },
	{ 8, do_settle },  { 6, do_send },     { 4, do_begun },     { 4, do_stop },     { 4, do_switch },
	{ 4, do_irqchip }, { 3, do_offline },  { 1, do_exec },
};
#define ACTS (sizeof(acts) / sizeof(acts[0]))

void torture_act(struct torture_writer *w, uint64_t action)
{
	unsigned sum = 0, at, i;

	for (i = 0; i < ACTS; i++)
		sum += acts[i].weight;
	w->r = (struct prng){ action };
	for (unsigned tries = 0; tries < TRIES; tries++) {
		at = below(w, sum);
		for (i = 0; at >= acts[i].weight; i++)
			at -= acts[i].weight;
		if (acts[i].act(w))
			return;
	}
}
