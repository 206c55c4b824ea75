/* SPDX-License-Identifier: BSD-2-Clause */
/* xive.c: see xive.h. Read next: hcall.c, state.c. */
#include "xive.h"

#include <endian.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "irq.h"
#include "vmm/arch.h"

/* The pages of the device's mapping: four of the TIMA, then two a source. */
#define TIMA_PAGES   4
#define ESB_PAGE_OFF 4

/* Loads from the management page (the second of a source); they return the PQ bits as they were. */
#define ESB_GET    0x800
#define ESB_SET_PQ 0xc00 /* + 0x100 * PQ */

enum { SLOT_TIMA = 1, SLOT_ESB = 2 };

struct irqchip {
	struct vm *vm;
	struct kvm_fd fd;
	unsigned page_shift;
	uint8_t *tima, *esb;
	size_t esb_size;
	struct p9_source *sources;
	size_t source_count;
	struct server {
		uint8_t queues;   /* a bit for each configured priority */
		bool escalates;   /* a queue was configured ... */
		uint8_t priority; /* ... of this priority, the first */
	} * servers;
};

/* --- the shadow ------------------------------------------------------- */

static struct p9_source *find(const struct irqchip *xive, uint64_t lisn)
{
	size_t servers = xive->vm->config->vcpus;

	/* IPIs first, then the message sources, without a gap in the array. */
	if (lisn < servers)
		return &xive->sources[lisn];
	if (lisn >= ABI_MSI_BASE && lisn - ABI_MSI_BASE < XIVE_MSI_SOURCES)
		return &xive->sources[servers + lisn - ABI_MSI_BASE];
	return NULL;
}

const struct p9_source *xive_source(const struct irqchip *xive, uint64_t lisn)
{
	return find(xive, lisn);
}

size_t xive_source_count(const struct irqchip *xive)
{
	return xive->source_count;
}

const struct p9_source *xive_source_nth(const struct irqchip *xive, size_t i)
{
	return &xive->sources[i];
}

bool xive_has_queue(const struct irqchip *xive, uint64_t server, uint64_t priority)
{
	return server < xive->vm->config->vcpus && priority < P9_PRIORITIES &&
	       xive->servers[server].queues >> priority & 1;
}

unsigned xive_page_shift(const struct irqchip *xive)
{
	return xive->page_shift;
}

/* --- create and destroy ----------------------------------------------- */

static int create_sources(struct irqchip *xive, struct error *err)
{
	size_t servers = xive->vm->config->vcpus;

	xive->source_count = servers + XIVE_MSI_SOURCES;
	xive->sources = calloc(xive->source_count, sizeof(*xive->sources));
	xive->servers = calloc(servers, sizeof(*xive->servers));
	if (!xive->sources || !xive->servers)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < xive->source_count; i++) {
		struct p9_source *s = &xive->sources[i];
		uint64_t type = 0; /* message-signalled */
		long rc;

		s->lisn = (uint32_t)(i < servers ? i : ABI_MSI_BASE + i - servers);
		s->target.masked = true;
		rc = kvm_attr_set(&xive->fd, "SOURCE", KVM_DEV_XIVE_GRP_SOURCE, s->lisn, &type);
		if (rc < 0)
			return kvm_failed(err, rc, &xive->fd, NULL, "SOURCE(0x%x, MSI)", s->lisn);
	}
	return 0;
}

static int map_pages(struct irqchip *xive, unsigned slot, const char *what, gpa_t gpa, size_t pages,
                     size_t offset, uint8_t **map, struct error *err)
{
	struct kvm_userspace_memory_region region = { .slot = slot, .guest_phys_addr = gpa };
	size_t size = pages << xive->page_shift;
	uint8_t *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, xive->fd.fd,
	                  (off_t)(offset << xive->page_shift));
	long rc;

	if (p == MAP_FAILED)
		return kvm_failed(err, -errno, &xive->fd, NULL, "mmap of the %s, %zu pages", what, pages);
	*map = p;
	region.memory_size = size;
	region.userspace_addr = (uintptr_t)p;
	rc = kvm_call(&xive->vm->fd, KVM_SET_USER_MEMORY_REGION, &region);
	return rc < 0 ? kvm_failed(err, rc, &xive->vm->fd, NULL,
	                           "KVM_SET_USER_MEMORY_REGION(slot %u, %s at 0x%llx, %zu pages)", slot, what,
	                           (unsigned long long)gpa, pages)
	              : 0;
}

static int create(struct irqchip *xive, struct error *err)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_XIVE };
	uint32_t servers = xive->vm->config->vcpus;
	long rc = kvm_call(&xive->vm->fd, KVM_CREATE_DEVICE, &device);

	if (rc < 0)
		return kvm_failed(err, rc, &xive->vm->fd, NULL, "KVM_CREATE_DEVICE(XIVE)");
	kvm_fd_set(&xive->fd, (int)device.fd, xive->vm->trace, "xive");
	/* If this is not said, KVM takes a block of VPs for 2048 vCPUs, and the host has few such. */
	rc = kvm_attr_set(&xive->fd, "NR_SERVERS", KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_NR_SERVERS, &servers);
	if (rc < 0)
		return kvm_failed(err, rc, &xive->fd, NULL, "CTRL(NR_SERVERS %u)", servers);
	rc = create_sources(xive, err);
	if (rc)
		return (int)rc;
	rc = map_pages(xive, SLOT_TIMA, "TIMA", ABI_TIMA_GPA, TIMA_PAGES, 0, &xive->tima, err);
	if (rc)
		return (int)rc;
	xive->esb_size = 2 * (size_t)(ABI_MSI_BASE + XIVE_MSI_SOURCES) << xive->page_shift;
	return map_pages(xive, SLOT_ESB, "ESB pages", ABI_ESB_GPA, xive->esb_size >> xive->page_shift,
	                 ESB_PAGE_OFF, &xive->esb, err);
}

struct irqchip *xive_create(struct vm *vm, struct error *err)
{
	struct irqchip *xive = calloc(1, sizeof(*xive));

	if (!xive) {
		error_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	xive->vm = vm;
	xive->fd.fd = -1;
	xive->page_shift = (unsigned)__builtin_ctzl((unsigned long)sysconf(_SC_PAGESIZE));
	if (create(xive, err)) {
		xive_destroy(xive);
		return NULL;
	}
	return xive;
}

static void unmap_pages(struct irqchip *xive, unsigned slot, gpa_t gpa, uint8_t *map, size_t size)
{
	struct kvm_userspace_memory_region region = { .slot = slot, .guest_phys_addr = gpa };

	if (!map)
		return;
	kvm_call(&xive->vm->fd, KVM_SET_USER_MEMORY_REGION,
	         &region); /* size 0: deletes the slot, if it is there */
	munmap(map, size);
}

void xive_destroy(struct irqchip *xive)
{
	if (!xive)
		return;
	/* KVM keeps the device while a mapping of it is left. */
	unmap_pages(xive, SLOT_TIMA, ABI_TIMA_GPA, xive->tima, (size_t)TIMA_PAGES << xive->page_shift);
	unmap_pages(xive, SLOT_ESB, ABI_ESB_GPA, xive->esb, xive->esb_size);
	kvm_close(&xive->fd);
	free(xive->sources);
	free(xive->servers);
	free(xive);
}

int xive_connect(struct irqchip *xive, struct vcpu *vcpu, struct error *err)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_PPC_IRQ_XIVE };
	long rc;

	cap.args[0] = (uint64_t)xive->fd.fd;
	cap.args[1] = vcpu->id;
	rc = kvm_call(&vcpu->fd, KVM_ENABLE_CAP, &cap);
	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd,
	                           rc == -ENOSPC ? "the host's controller has no virtual processors left"
	                                         : NULL,
	                           "KVM_ENABLE_CAP(PPC_IRQ_XIVE, server %u)", vcpu->id)
	              : 0;
}

/* --- sources and queues ----------------------------------------------- */

int xive_set_target(struct irqchip *xive, uint32_t lisn, const struct p9_target *target, struct error *err)
{
	struct p9_source *s = find(xive, lisn);
	uint64_t value;
	long rc;

	if (!s)
		return error_set(err, -ENOENT, "there is no source 0x%x", lisn);
	if (!target->masked && !xive_has_queue(xive, target->server, target->priority))
		return error_set(err, -EINVAL, "source 0x%x: server %u has no queue of priority %u", lisn,
		                 target->server, target->priority);
	/* KVM ignores the mask when nothing else changes; when it masks, it looks at nothing else. */
	if (target->masked)
		value = (uint64_t)(s->target.eisn ^ 1) << KVM_XIVE_SOURCE_EISN_SHIFT |
		        KVM_XIVE_SOURCE_MASKED_MASK;
	else
		value = (uint64_t)target->eisn << KVM_XIVE_SOURCE_EISN_SHIFT |
		        (uint64_t)target->server << KVM_XIVE_SOURCE_SERVER_SHIFT | target->priority;
	rc = kvm_attr_set(&xive->fd, "SOURCE_CONFIG", KVM_DEV_XIVE_GRP_SOURCE_CONFIG, lisn, &value);
	if (rc < 0)
		return kvm_failed(err, rc, &xive->fd, NULL,
		                  "SOURCE_CONFIG(0x%x, server %u, priority %u, EISN 0x%x%s)", lisn,
		                  target->server, target->priority, target->eisn,
		                  target->masked ? ", masked" : "");
	s->target = *target;
	return 0;
}

static uint64_t queue_id(unsigned server, unsigned priority)
{
	return (uint64_t)server << KVM_XIVE_EQ_SERVER_SHIFT | priority;
}

/*
 * Whether the host's firmware gives a vCPU one escalation interrupt for all
 * its queues. KVM (seen in 6.1) asks for it again with each queue: the second
 * fails with EBUSY, and on the way out KVM gives back the interrupt of the
 * first, which the host then trips over, fatally, when the device is closed.
 */
static bool single_escalation(void)
{
	glob_t found;
	bool yes =
		!glob("/proc/device-tree/interrupt-controller@*/single-escalation-support", 0, NULL, &found);

	if (yes)
		globfree(&found);
	return yes;
}

/* Sources that point at a queue which is about to go must not send there any more. */
static int mask_sources_of(struct irqchip *xive, const struct p9_queue *q, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < xive->source_count && !rc; i++) {
		struct p9_target target = xive->sources[i].target;

		if (target.masked || target.server != q->server || target.priority != q->priority)
			continue;
		target.masked = true;
		rc = xive_set_target(xive, xive->sources[i].lisn, &target, err);
	}
	return rc;
}

int xive_set_queue(struct irqchip *xive, const struct p9_queue *q, struct error *err)
{
	struct server *server;
	struct kvm_ppc_xive_eq eq = {
		.flags = q->shift ? KVM_XIVE_EQ_ALWAYS_NOTIFY : 0,
		.qshift = q->shift,
		.qaddr = q->addr,
		.qtoggle = q->toggle,
		.qindex = q->index,
	};
	long rc;

	if (q->server >= xive->vm->config->vcpus || q->priority >= P9_PRIORITIES)
		return error_set(err, -EINVAL, "there is no queue of server %u, priority %u", q->server,
		                 q->priority);
	if (q->shift && !ram_at(&xive->vm->ram, q->addr, 1ULL << q->shift))
		return error_set(err, -EINVAL, "queue page 0x%llx is outside memory",
		                 (unsigned long long)q->addr);
	server = &xive->servers[q->server];
	if (q->shift && server->escalates && server->priority != q->priority && single_escalation())
		return error_set(err, -EBUSY,
		                 "server %u has a queue of priority %u; KVM on this host can have one queue "
		                 "a vCPU, and a "
		                 "second (priority %u) would bring the host down",
		                 q->server, server->priority, q->priority);
	rc = q->shift ? 0 : mask_sources_of(xive, q, err);
	if (rc)
		return (int)rc;
	rc = kvm_attr_set(&xive->fd, "EQ_CONFIG", KVM_DEV_XIVE_GRP_EQ_CONFIG,
	                  queue_id(q->server, q->priority), &eq);
	if (rc < 0)
		return kvm_failed(err, rc, &xive->fd,
		                  rc == -EINVAL ? "KVM takes queues of 64 KiB on hosts with 64 KiB pages"
		                                : NULL,
		                  "EQ_CONFIG(server %u, priority %u, 2^%u bytes at 0x%llx)", q->server,
		                  q->priority, q->shift, (unsigned long long)q->addr);
	if (q->shift) {
		server->queues |= (uint8_t)(1 << q->priority);
		if (!server->escalates)
			server->priority = q->priority;
		server->escalates = true;
	} else {
		server->queues &= (uint8_t) ~(1 << q->priority);
	}
	return 0;
}

int xive_get_queue(struct irqchip *xive, unsigned server, unsigned priority, struct p9_queue *q,
                   struct error *err)
{
	/* For a queue that is not configured KVM returns 0 and writes nothing. */
	struct kvm_ppc_xive_eq eq = { 0 };
	long rc = kvm_attr_get(&xive->fd, "EQ_CONFIG", KVM_DEV_XIVE_GRP_EQ_CONFIG, queue_id(server, priority),
	                       &eq);

	if (rc < 0)
		return kvm_failed(err, rc, &xive->fd, NULL, "EQ_CONFIG(server %u, priority %u)", server,
		                  priority);
	*q = (struct p9_queue){
		.server = server,
		.priority = (uint8_t)priority,
		.flags = eq.flags,
		.shift = eq.qshift,
		.addr = eq.qaddr,
		.toggle = eq.qtoggle,
		.index = eq.qindex,
	};
	return 0;
}

/* --- ESB -------------------------------------------------------------- */

static volatile uint64_t *esb(const struct irqchip *xive, uint32_t lisn, bool management, size_t offset)
{
	size_t page = 2 * (size_t)lisn + management;

	return (volatile uint64_t *)(xive->esb + (page << xive->page_shift) + offset);
}

uint8_t xive_pq(const struct irqchip *xive, uint32_t lisn)
{
	return be64toh(*esb(xive, lisn, true, ESB_GET)) & 3;
}

uint8_t xive_set_pq(const struct irqchip *xive, uint32_t lisn, uint8_t pq)
{
	return be64toh(*esb(xive, lisn, true, ESB_SET_PQ + 0x100 * (size_t)pq)) & 3;
}

uint64_t xive_esb(const struct irqchip *xive, uint32_t lisn, size_t offset, bool store, uint64_t value)
{
	volatile uint64_t *page = esb(xive, lisn, true, offset);

	if (!store)
		return be64toh(*page);
	*page = htobe64(value);
	return UINT64_MAX; /* LoPAR: all ones after a store */
}

void xive_trigger(const struct irqchip *xive, uint32_t lisn)
{
	*esb(xive, lisn, false, 0) = 0;
}

int xive_sync(struct irqchip *xive, struct error *err)
{
	long rc = kvm_attr_set(&xive->fd, "EQ_SYNC", KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_EQ_SYNC, NULL);

	return rc < 0 ? kvm_failed(err, rc, &xive->fd, NULL, "CTRL(EQ_SYNC)") : 0;
}

int xive_sync_source(struct irqchip *xive, uint32_t lisn, struct error *err)
{
	long rc = kvm_attr_set(&xive->fd, "SOURCE_SYNC", KVM_DEV_XIVE_GRP_SOURCE_SYNC, lisn, NULL);

	return rc < 0 ? kvm_failed(err, rc, &xive->fd, "the source must have been made", "SOURCE_SYNC(0x%x)",
	                           lisn)
	              : 0;
}

int xive_reset(struct irqchip *xive, struct error *err)
{
	long rc = kvm_attr_set(&xive->fd, "RESET", KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_RESET, NULL);

	if (rc < 0)
		return kvm_failed(err, rc, &xive->fd, NULL, "CTRL(RESET)");
	for (size_t i = 0; i < xive->source_count; i++)
		xive->sources[i].target = (struct p9_target){ .masked = true };
	/* The escalation interrupts are gone too: a vCPU may choose another priority now. */
	memset(xive->servers, 0, xive->vm->config->vcpus * sizeof(*xive->servers));
	return 0;
}

/* --- from a scenario -------------------------------------------------- */

int arch_inject(struct vm *vm, const struct irq *irq, unsigned count, unsigned *done, struct error *err)
{
	const struct p9_source *s = find(vm->irqchip, irq->number);

	*done = 0;
	if (irq->code != KIND_SOURCE)
		return error_set(err, -EINVAL, "%s cannot be injected", irq->kind);
	if (!s)
		return error_set(err, -ENOENT, "there is no source 0x%x", irq->number);
	/* The controller drops what an off source sends; nobody could account for it. */
	if (xive_pq(vm->irqchip, s->lisn) == PQ_OFF)
		return error_set(err, -EPERM, "source 0x%x is off; the guest must route it first",
		                 irq->number);
	for (; *done < count; ++*done)
		xive_trigger(vm->irqchip, s->lisn);
	return 0;
}

int arch_irqchip(struct vm *vm, const struct irqchip_op *op, struct error *err)
{
	switch ((enum p9_op)op->code) {
	case OP_RESET: return xive_reset(vm->irqchip, err);
	case OP_EQ_SYNC: return xive_sync(vm->irqchip, err);
	case OP_SYNC: return xive_sync_source(vm->irqchip, (uint32_t)op->arg[0], err);
	}
	return error_set(err, -EINVAL, "%s: no such operation", op->name);
}
