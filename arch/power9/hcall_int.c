/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hcall_int.c: the hypercalls of XIVE exploitation mode (LoPAR 14.5.4): they tell the
 * guest where the pages of its sources are, and set the sources' targets and the event
 * queues. Parameters are checked from left to right before anything is changed. Requests that
 * KVM would silently ignore or get wrong are refused (xive.h).
 */
#include <errno.h>

#include "hcall.h"
#include "hooks.h"
#include "platform.h"
#include "xive.h"
#include "vmm/hook.h"
#include "vmm/vcpu.h"

/* Flags; LoPAR counts bits from the left. */
#define SRC_H_INT_ESB    8 /* H_INT_GET_SOURCE_INFO: the guest accesses its pages by H_INT_ESB */
#define SRC_LSI          4
#define SRC_MASK         1 /* H_INT_SET_SOURCE_CONFIG */
#define SRC_SET_EISN     2
#define EQ_ALWAYS_NOTIFY 1 /* of H_INT_SET_QUEUE_CONFIG; H_INT_GET_QUEUE_CONFIG returns it */
#define EQ_DEBUG         1 /* H_INT_GET_QUEUE_CONFIG: return toggle and index too */
#define ESB_STORE        1 /* H_INT_ESB */

#define PRIORITY_MASKED 0xff
#define QUEUE_SHIFT     16 /* the device tree's ibm,xive-eq-sizes */
#define EISN_MASK       0x7fffffff

/* (flags, source) -> flags, management page, trigger page, log2 of a page's size */
long hcall_int_get_source_info(struct hcall *c)
{
	unsigned shift = c->vm->irqchip->page_shift;
	const struct p9_source *s = irqchip_source(c->vm->irqchip, c->arg[1]);
	uint64_t trigger;

	if (c->arg[0])
		return H_PARAMETER;
	if (!s)
		return H_P2;
	trigger = P9_ESB + ((uint64_t)2 * s->lisn << shift);
	/* KVM does not present a level-sensitive source again at its EOI, so the guest must make the EOI by
	 * H_INT_ESB. */
	c->arg[0] = s->lsi ? SRC_H_INT_ESB | SRC_LSI : 0; /* no store EOI */
	c->arg[1] = s->lsi ? UINT64_MAX : trigger + (1ULL << shift);
	c->arg[2] = s->lsi ? UINT64_MAX : trigger;
	c->arg[3] = shift;
	return H_SUCCESS;
}

/* (flags, source, server, priority, EISN) */
long hcall_int_set_source_config(struct hcall *c)
{
	const struct p9_source *s = irqchip_source(c->vm->irqchip, c->arg[1]);
	struct p9_target target;

	if (c->arg[0] & ~(uint64_t)(SRC_MASK | SRC_SET_EISN))
		return H_PARAMETER;
	if (!s)
		return H_P2;
	target = s->target;
	target.masked = c->arg[0] & SRC_MASK || c->arg[3] == PRIORITY_MASKED;
	if (!target.masked) {
		if (!vcpu_with_id(c->vm, c->arg[2]))
			return H_P3;
		if (!xive_has_queue(c->vm->irqchip, c->arg[2], c->arg[3]))
			return H_P4;
		target.server = (uint32_t)c->arg[2];
		target.priority = (uint8_t)c->arg[3];
	}
	if (c->arg[0] & SRC_SET_EISN)
		target.eisn = (uint32_t)c->arg[4] & EISN_MASK;
	if (xive_set_target(c->vm->irqchip, s->lisn, &target, &c->event->why))
		return H_HARDWARE;
	return H_SUCCESS;
}

/* (flags, source) -> server, priority, EISN; from the shadow, because KVM cannot be asked */
long hcall_int_get_source_config(struct hcall *c)
{
	const struct p9_source *s = irqchip_source(c->vm->irqchip, c->arg[1]);

	if (c->arg[0])
		return H_PARAMETER;
	if (!s)
		return H_P2;
	c->arg[0] = s->target.server;
	c->arg[1] = s->target.masked ? PRIORITY_MASKED : s->target.priority;
	c->arg[2] = s->target.eisn;
	return H_SUCCESS;
}

/* (flags, server, priority) -> the queue's own ESB page and log2 of its size, both 0: queues have none */
long hcall_int_get_queue_info(struct hcall *c)
{
	if (c->arg[0])
		return H_PARAMETER;
	if (!vcpu_with_id(c->vm, c->arg[1]))
		return H_P2;
	if (c->arg[2] >= P9_PRIORITIES)
		return H_P3;
	c->arg[0] = 0;
	c->arg[1] = 0;
	return H_SUCCESS;
}

/* (flags, server, priority, queue page, log2 of its size: 0 removes the queue) */
long hcall_int_set_queue_config(struct hcall *c)
{
	struct p9_queue q = { .flags = EQ_ALWAYS_NOTIFY, .toggle = 1 }; /* of a new queue */
	void *before;
	int rc;

	if (c->arg[0] & ~(uint64_t)EQ_ALWAYS_NOTIFY)
		return H_PARAMETER;
	if (!vcpu_with_id(c->vm, c->arg[1]))
		return H_P2;
	if (c->arg[2] >= P9_PRIORITIES)
		return H_P3;
	if (c->arg[4] &&
	    (c->arg[3] & ((1 << QUEUE_SHIFT) - 1) || !ram_at(&c->vm->ram, c->arg[3], 1 << QUEUE_SHIFT)))
		return H_P4;
	if (c->arg[4] && c->arg[4] != QUEUE_SHIFT)
		return H_P5;
	q.server = (uint32_t)c->arg[1];
	q.priority = (uint8_t)c->arg[2];
	q.addr = c->arg[4] ? c->arg[3] : 0;
	q.shift = (uint32_t)c->arg[4];
	before = q.shift ? NULL : hook_dropping(c->vm);
	rc = xive_set_queue(c->vm->irqchip, &q, &c->event->why);
	if (!q.shift) {
		if (!rc)
			hook_queue_set(c->vm, &q);
		hook_dropped(c->vm, before, !rc);
	}
	return rc ? H_HARDWARE : H_SUCCESS;
}

/* (flags, server, priority) -> flags, queue page, log2 of its size; for debugging toggle and index */
long hcall_int_get_queue_config(struct hcall *c)
{
	bool debug = c->arg[0] & EQ_DEBUG;
	struct p9_queue q = { 0 };

	if (c->arg[0] & ~(uint64_t)EQ_DEBUG)
		return H_PARAMETER;
	if (!vcpu_with_id(c->vm, c->arg[1]))
		return H_P2;
	if (c->arg[2] >= P9_PRIORITIES)
		return H_P3;
	if (xive_has_queue(c->vm->irqchip, c->arg[1], c->arg[2]) &&
	    xive_get_queue(c->vm->irqchip, (unsigned)c->arg[1], (unsigned)c->arg[2], &q, &c->event->why))
		return H_HARDWARE;
	c->arg[0] = q.flags;
	c->arg[1] = q.addr;
	c->arg[2] = q.shift;
	c->arg[3] = debug ? (uint64_t)q.toggle << 31 | q.index : 0;
	return H_SUCCESS;
}

/* (flags, server, address): KVM has no reporting line, which LoPAR makes optional. */
long hcall_int_os_reporting_line(struct hcall *c)
{
	if (c->arg[0])
		return H_PARAMETER;
	if (!vcpu_with_id(c->vm, c->arg[1]))
		return H_P2;
	return H_FUNCTION;
}

/* (flags, source, offset, value to store) -> value loaded: an access to the source's management page */
long hcall_int_esb(struct hcall *c)
{
	const struct p9_source *s = irqchip_source(c->vm->irqchip, c->arg[1]);
	bool store = c->arg[0] & ESB_STORE;
	uint64_t offset;

	if (c->arg[0] & ~(uint64_t)ESB_STORE)
		return H_PARAMETER;
	if (!s)
		return H_P2;
	/* Beyond these offsets the page repeats itself, or a store has no meaning. */
	if (c->arg[2] & 7 || c->arg[2] >= (store ? XIVE_ESB_STORES : XIVE_ESB_LOADS))
		return H_P3;
	offset = c->arg[2];
	c->arg[0] = xive_esb(c->vm->irqchip, s->lisn, (size_t)offset, store, c->arg[3]);
	/* The load has cleared Q and returned it: a guest that wants the event triggers the source again. */
	if (!store && !s->lsi && offset >= XIVE_ESB_SET_PQ && (c->arg[0] & 3) == (PQ_P | PQ_Q) &&
	    (offset >> 8 & 3) != (PQ_P | PQ_Q))
		hook_raised(c->vm, &(struct arch_irq){ s->lisn }, true);
	return H_SUCCESS;
}

/* (flags, source) */
long hcall_int_sync(struct hcall *c)
{
	if (c->arg[0])
		return H_PARAMETER;
	if (!irqchip_source(c->vm->irqchip, c->arg[1]))
		return H_P2;
	if (xive_sync_source(c->vm->irqchip, (uint32_t)c->arg[1], &c->event->why))
		return H_HARDWARE;
	return H_SUCCESS;
}

/* (flags) */
long hcall_int_reset(struct hcall *c)
{
	void *before;
	int rc;

	if (c->arg[0])
		return H_PARAMETER;
	before = hook_dropping(c->vm);
	rc = xive_reset(c->vm->irqchip, &c->event->why);
	if (!rc)
		hook_queues_gone(c->vm);
	hook_dropped(c->vm, before, !rc);
	return rc ? H_HARDWARE : H_SUCCESS;
}
