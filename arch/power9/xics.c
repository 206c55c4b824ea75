/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xics.c: KVM's XICS device, the older interrupt controller: the guest uses H_XIRR, H_CPPR, H_EOI and H_IPI,
 * and RTAS calls for the sources, all handled in the kernel. On a host with XIVE, KVM builds XICS on XIVE.
 * Read next: snapshot/state.c. Source: kernel devices/xics.rst, LoPAR, "PowerPC External Interrupt Option";
 * HACKING.md where they differ.
 */
#include <errno.h>

#include "line.h"
#include "platform.h"
#include "registers.h"
#include "vmm/hook.h"
#include "vmm/vm.h"

static uint64_t value_of(const struct p9_source *s)
{
	return s->target.server | (uint64_t)s->target.priority << KVM_XICS_PRIORITY_SHIFT |
	       (s->lsi ? KVM_XICS_LEVEL_SENSITIVE : 0) | (s->target.masked ? KVM_XICS_MASKED : 0) |
	       (s->pending ? KVM_XICS_PENDING : 0) | (s->pq & PQ_P ? KVM_XICS_PRESENTED : 0) |
	       (s->pq & PQ_Q ? KVM_XICS_QUEUED : 0);
}

static const char *source_error(int code)
{
	switch (code) {
	case -ENOENT: return "sources are 16 to 0xfffff, and must have been made";
	case -ENOMEM: return "the host has no memory or no interrupt left to back it";
	case -EINVAL: return "no vCPU has connected as that server";
	default: return NULL;
	}
}

static int set_source(struct irqchip *xics, const struct p9_source *s, struct error *err)
{
	uint64_t value = value_of(s);
	long rc = kvm_attr_set(&xics->fd, "SOURCES", KVM_DEV_XICS_GRP_SOURCES, s->lisn, &value);

	return rc < 0 ? kvm_failed(err, rc, &xics->fd, source_error((int)rc), "SOURCES(0x%x, 0x%llx)",
	                           s->lisn, (unsigned long long)value)
	              : 0;
}

/* --- create ----------------------------------------------------------- */

/* The tokens outlive the device: defining one again gives EEXIST. */
static int define_rtas(struct irqchip *xics, struct error *err)
{
	static const struct kvm_rtas_token_args tokens[] = {
		{ "ibm,set-xive", P9_RTAS_SET_XIVE },
		{ "ibm,get-xive", P9_RTAS_GET_XIVE },
		{ "ibm,int-on", P9_RTAS_INT_ON },
		{ "ibm,int-off", P9_RTAS_INT_OFF },
	};

	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		long rc = kvm_call(&xics->vm->fd, KVM_PPC_RTAS_DEFINE_TOKEN, &tokens[i]);

		if (rc < 0 && rc != -EEXIST)
			return kvm_failed(
				err, rc, &xics->vm->fd, rc == -ENOENT ? "KVM has no such call" : NULL,
				"KVM_PPC_RTAS_DEFINE_TOKEN(%s, %llu)", tokens[i].name, tokens[i].token);
	}
	return 0;
}

static int create(struct irqchip *xics, struct error *err)
{
	uint32_t servers = irqchip_servers(xics->vm);
	/* As for XIVE. A XICS that is not built on XIVE does not have this attribute, though xics.rst says
	 * so. */
	long rc = kvm_attr_set(&xics->fd, "NR_SERVERS", KVM_DEV_XICS_GRP_CTRL, KVM_DEV_XICS_NR_SERVERS,
	                       &servers);

	if (rc < 0 && rc != -ENXIO)
		return kvm_failed(err, rc, &xics->fd, NULL, "CTRL(NR_SERVERS %u)", servers);
	for (size_t i = 0; i < xics->source_count; i++) {
		rc = vm_in_time(xics->vm, "sources", err);
		if (!rc)
			rc = set_source(xics, &xics->sources[i], err);
		if (rc)
			return (int)rc;
	}
	return define_rtas(xics, err);
}

/* --- sources ---------------------------------------------------------- */

/* KVM scans all queues when the first source is read, and drops the result at the last: read each source
 * once. */
static int get(struct irqchip *xics, struct p9_source *sources, struct error *err)
{
	int failed = 0;

	/* After a failure the others are read all the same, because KVM counts the reads. */
	for (size_t i = 0; i < xics->source_count; i++) {
		struct p9_source *s = &sources[i];
		uint64_t value = 0;
		long rc = kvm_attr_get(&xics->fd, "SOURCES", KVM_DEV_XICS_GRP_SOURCES, s->lisn, &value);

		if (rc < 0 && !failed)
			failed = kvm_failed(err, rc, &xics->fd, source_error((int)rc), "SOURCES(0x%x)",
			                    s->lisn);
		s->target.server = (uint32_t)value;
		s->target.priority = value >> KVM_XICS_PRIORITY_SHIFT & KVM_XICS_PRIORITY_MASK;
		s->target.masked = value & KVM_XICS_MASKED;
		s->pending = value & KVM_XICS_PENDING;
		s->pq = (value & KVM_XICS_PRESENTED ? PQ_P : 0) | (value & KVM_XICS_QUEUED ? PQ_Q : 0);
	}
	return failed;
}

/* Masked (by ibm,int-off, which leaves the priority) when its event was in a queue already. */
static bool masked_behind_event(const struct p9_source *s)
{
	return s->target.masked && s->target.priority != KVM_XICS_PRIORITY_MASK && !s->lsi && s->pending &&
	       s->pq & PQ_P;
}

/*
 * KVM would send that event at the unmask, as one with all that is triggered until then. So it sends it into
 * the queue first, as the source's that is not masked.
 */
static int set_behind_event(struct irqchip *xics, const struct p9_source *s, struct error *err)
{
	struct p9_source open = *s, masked = *s;
	int rc;

	open.target.masked = false;
	open.pq = PQ_P;
	masked.pending = false;
	rc = set_source(xics, &open, err);
	return rc ? rc : set_source(xics, &masked, err);
}

/* The vCPUs must be connected: KVM sends a pending interrupt at once. */
static int set(struct irqchip *xics, const struct p9_source *s, struct error *err)
{
	int rc;

	if (masked_behind_event(s))
		return set_behind_event(xics, s, err);
	rc = set_source(xics, s, err);

	/* KVM merges an event that is queued behind a pending one with it: send the second event again. */
	if (!rc && !s->lsi && s->pending && s->pq == (PQ_P | PQ_Q))
		rc = line_set(xics, s->lisn, true, err);
	/* KVM assumes that the line is up if and only if the source is pending. */
	if (!rc && s->lsi && s->asserted != s->pending)
		rc = line_set(xics, s->lisn, s->asserted, err);
	return rc;
}

/* --- one source ------------------------------------------------------- */

static unsigned drops(const struct irqchip *xics, const struct p9_source *s)
{
	(void)xics, (void)s;
	return 0;
}

static int trigger(const struct irqchip *xics, const struct p9_source *s, struct error *err)
{
	return line_set(xics, s->lisn, true, err);
}

static int level(const struct irqchip *xics, const struct p9_source *s, struct error *err)
{
	if (s->asserted)
		hook_raised(xics->vm, &(struct arch_irq){ s->lisn }, false);
	return line_set(xics, s->lisn, s->asserted, err);
}

/* One source can be read only with all of them, and KVM does not show the events that a masked source
 * received. */
static bool look(struct irqchip *xics, struct p9_source *s)
{
	struct error ignored;

	if (vm_running(xics->vm) || get(xics, xics->sources, &ignored))
		return false;
	*s = *irqchip_source(xics, s->lisn);
	return !s->target.masked;
}

const struct irqchip_ops xics_ops = {
	.model = &p9_xics,
	.type = KVM_DEV_TYPE_XICS,
	.connect = KVM_CAP_IRQ_XICS,
	.connect_name = "IRQ_XICS",
	.context = KVM_REG_PPC_ICP_STATE,
	.context_name = "ICP_STATE",
	.context_at = offsetof(struct p9_cpu, icp),
	.create = create,
	.drops = drops,
	.trigger = trigger,
	.level = level,
	.look = look,
	.get = get,
	.set = set,
};
