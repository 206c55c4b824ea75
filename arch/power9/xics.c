/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xics.c: KVM's XICS device, the older interrupt controller: presentation by H_XIRR, H_CPPR, H_EOI and H_IPI,
 * sources by RTAS, all in the kernel. On a host with XIVE, KVM builds it on that. Read next:
 * snapshot/state.c. Source: kernel devices/xics.rst, LoPAR, "PowerPC External Interrupt Option"; HACKING.md
 * where they differ.
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

/* They stay with the VM when the device goes; KVM says EEXIST to a second time. */
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
	/* As XIVE's; a XICS that is not built on one has no such attribute, whatever xics.rst says. */
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

/* At the first source KVM looks at all queues, and at the last it forgets what it saw: each is read once. */
static int get(struct irqchip *xics, struct p9_source *sources, struct error *err)
{
	int failed = 0;

	/* One that fails does not keep the others from being asked: KVM counts. */
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

/* The vCPUs are connected, or KVM has nowhere to send what is pending. */
static int set(struct irqchip *xics, const struct p9_source *s, struct error *err)
{
	int rc = set_source(xics, s, err);

	/* KVM makes one of two: one that was queued behind a pending one is sent again. */
	if (!rc && !s->lsi && s->pending && s->pq == (PQ_P | PQ_Q))
		rc = line_set(xics, s->lisn, true, err);
	/* It takes a pending one's line for up, and never the line of one that is not pending. */
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

/* The state of one source is that of all, and says nothing of what came while one was masked. */
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
