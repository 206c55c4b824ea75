/* SPDX-License-Identifier: BSD-2-Clause */
/* torture.c: what random programs are made of on s390x. Pure. See vmm/torture_words.h. */
#include <stdio.h>
#include <string.h>

#include "torture_words.h"

#define ADAPTERS 2         /* injected; those of irqfds come behind them, on ISCs of their own */
#define IRQFDS   2         /* the guest's log cannot tell two adapters of an ISC apart */
#define PAGES    0x1000000 /* summary and indicators: beyond all that the guest uses */

static void add_adapters(struct torture_words *w, unsigned all, struct prng *r)
{
	/* In a VM that has one a look at what is pending takes ten times as long: a buffer of 32 MiB. */
	if (prng_below(r, 8))
		return;
	w->adapters = w->group_count;
	for (unsigned i = 0; i < ADAPTERS + IRQFDS; i++) {
		struct torture_group *g = torture_add_group(w, all, 0);
		unsigned isc = 2 * i + prng_below(r, 2), swap = prng_below(r, 2), page = PAGES + i * 0x2000;
		int len =
			snprintf(g->setup, sizeof(g->setup),
		                 "irqchip adapter-register id=%u isc=%u maskable=1 swap=%u\n", i, isc, swap);

		g->maskable = true;
		if (i < ADAPTERS) {
			torture_add_irq(w, "airq id=%u isc=%u", i, isc);
			continue;
		}
		snprintf(
			g->setup + len, sizeof(g->setup) - (size_t)len,
			"irqchip route gsi=%u adapter=%u summary=0x%x indicator=0x%x\nirqchip irqfd gsi=%u\n",
			i, i, page, page + 0x1000, i);
		/* While its summary bit is on an irqfd is quiet; off, one signal is as good as many. */
		snprintf(g->before, sizeof(g->before), "poke 0x%x 0000000000000000", page);
		g->kept = 1;
		g->gsi = i;
		torture_add_irq(w, "irqfd gsi=%u isc=%u", i, isc);
	}
}

static void add_floating(struct torture_words *w, unsigned all, struct prng *r)
{
	static const char *const service[] = { "0x7000", "0x8000", "1", "3", "0x9003" };

	for (unsigned i = 0; i < 4; i++) {
		torture_add_group(w, all, 0)->maskable = true;
		torture_add_irq(w, "io isc=%u schid=0x%x ssid=%u parm=0x%x", prng_below(r, 8), 0x10 + i,
		                prng_below(r, 4), 0xcafe0000 + i);
	}
	torture_add_group(w, all, 0);
	torture_add_irq(w, "virtio parm=0x1122334455667788");
	torture_add_group(w, all, 0);
	torture_add_irq(w, "pfault-done parm=0x8877665544332211");
	torture_add_group(w, all, 1)->maskable = true;
	for (unsigned i = 0; i < sizeof(service) / sizeof(service[0]); i++)
		torture_add_irq(w, "service parm=%s", service[i]);
}

/* One group: a vCPU that takes one of its own takes the floating ones along. */
static void add_machine_checks(struct torture_words *w, unsigned all, unsigned cpus)
{
	torture_add_group(w, all, 1)->maskable = true;
	torture_add_irq(w, "mchk cr14=0x10000000 mcic=0x00400f1d40330000");
	torture_add_irq(w, "mchk cr14=0x10000000 mcic=0x00200f1d40330000");
	for (unsigned n = 0; n < cpus; n++) {
		torture_add_irq(w, "mchk cpu=%u cr14=0x02000000 mcic=0x04000f1d40330000 ext-damage-code=%u",
		                n, 1 << n);
		torture_add_irq(w, "mchk cpu=%u cr14=0x04000000 mcic=0x01000f1d40330000 ext-damage-code=%u",
		                n, 256 << n);
	}
}

/* Injected by us, or sent by the guest itself. */
static void add_signal(struct torture_words *w, const char *kind, unsigned order, unsigned to, unsigned from)
{
	struct torture_group *g = torture_add_group(w, 1u << to, 1);
	struct torture_irq *irq = torture_add_irq(w, "%s cpu=%u from=%u", kind, to, from);
	struct torture_send *s = &w->sends[w->send_count++];
	char name[sizeof(irq->name)];

	g->refuses = order == 2;
	snprintf(name, sizeof(name), "%s%u%u", kind, from, to);
	memcpy(irq->name, name, sizeof(name));
	*s = (struct torture_send){ .group = irq->group, .from = (uint8_t)(1u << from) };
	snprintf(s->name, sizeof(s->name), "name %s cpu=%u from=%u as=%s", kind, to, from, name);
	snprintf(s->guest, sizeof(s->guest), "sigp vcpu=%u order=%u sends=%s", to, order, name);
}

static void add_local(struct torture_words *w, unsigned n, unsigned cpus)
{
	struct torture_group *g;

	/* Of emergency signals a vCPU has one of each sender, of external calls one in all. */
	for (unsigned from = 0; from < cpus; from++)
		if (from != n)
			add_signal(w, "emergency", 3, n, from);
	add_signal(w, "extcall", 2, n, (n + 1) % cpus);

	g = torture_add_group(w, 1u << n, 1);
	g->unmasked = true;
	torture_add_irq(w, "restart cpu=%u", n);
	g = torture_add_group(w, 1u << n, 1);
	g->unmasked = true;
	torture_add_irq(w, "program cpu=%u code=0x7 data-exc=0x%x logged=1", n, 0x100 * (n + 1));
	torture_add_irq(w, "program cpu=%u code=0x84 trans-exc=0x%x000 logged=1", n, n + 3);
	g = torture_add_group(w, 1u << n, 0);
	g->unseen = true;
	torture_add_irq(w, "clock-comp cpu=%u", n);
	torture_add_irq(w, "cpu-timer cpu=%u", n);

	torture_add_group(w, 1u << n, 1);
	w->wake_group[n] = (uint8_t)(w->group_count - 1);
	snprintf(w->wake[n][0], sizeof(w->wake[n][0]), "emergency cpu=%u from=%u", n, n);
	snprintf(w->wake[n][1], sizeof(w->wake[n][1]), "pfault-init cpu=%u parm=0x%x", n, n + 1);
}

void arch_torture_words(struct torture_words *w, unsigned cpus, const char *irqchip, struct prng *r)
{
	unsigned all = (1u << cpus) - 1;

	(void)irqchip; /* there is one */
	*w = (struct torture_words){ .timers = 2, .stop_injected = true };
	snprintf(w->begin, sizeof(w->begin), "program log=1");
	snprintf(w->head, sizeof(w->head), "arch s390x\n");
	add_floating(w, all, r);
	add_adapters(w, all, r);
	add_machine_checks(w, all, cpus);
	for (unsigned n = 0; n < cpus; n++)
		add_local(w, n, cpus);
}

enum torture_masked arch_torture_mask(const struct torture_words *w, bool only_open, struct prng *r,
                                      char *text, unsigned size)
{
	/* Of control register 0 only the service signal's bit: the others are needed to wake the vCPU. */
	unsigned service = only_open ? 0x200 : prng_below(r, 2) * 0x200,
		 io = only_open ? 0xff : prng_below(r, 0x100), mchk = only_open ? 0x1f : prng_below(r, 0x20);

	(void)w;
	snprintf(text, size, "control cr0=0x%x cr6=0x%02x000000 cr14=0x%08x", 0xece0 | service, io,
	         0xc0000000 | mchk << 24);
	return only_open ? MASKED_NONE : MASKED_SOME;
}

bool arch_torture_operation(const struct torture_words *w, struct prng *r, char *text, unsigned size,
                            unsigned *group)
{
	unsigned modes = prng_below(r, 0x100), adapter = prng_below(r, ADAPTERS);

	switch (prng_below(r, 8)) {
	case 0: snprintf(text, size, "clear"); break;
	case 1:
	case 2:
		snprintf(text, size, "clear-io schid=0x%x ssid=%u", 0x10 + prng_below(r, 4),
		         prng_below(r, 4));
		break;
	case 3:
	case 4:
		if (!w->adapters)
			return false;
		/* It does not hold what is injected by itself, just what comes from an irqfd. */
		snprintf(text, size, "adapter-mask id=%u mask=%u", adapter, prng_below(r, 2));
		*group = w->adapters + adapter;
		break;
	/* No adapter is suppressible: the modes are state, and nothing comes of it. */
	default:
		snprintf(text, size, "ais-all simm=0x%x nimm=0x%x", modes, modes & prng_below(r, 0x100));
		break;
	}
	return true;
}
