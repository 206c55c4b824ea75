/* SPDX-License-Identifier: BSD-2-Clause */
/* xive.c: see xive.h. Read next: hcall.c, snapshot/state.c. */
#include "xive.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "choose.h"
#include "cpu.h"
#include "platform.h"
#include "vmm/hook.h"
#include "vmm/mapping.h"
#include "vmm/vcpu.h"
#include "vmm/vm.h"

/* The pages of the device's mapping: four of the TIMA, then two for each source. */
#define TIMA_PAGES   4
#define ESB_PAGE_OFF 4

/* Loads from the management page (a source's second page): they return the old PQ bits. */
#define ESB_EOI_LOADS 0x400 /* below */
#define ESB_GET       0x800

enum { SLOT_TIMA = 1, SLOT_ESB = 2 };

struct xive_server {
	uint8_t queues;                /* a bit for each configured priority */
	uint16_t aimed[P9_PRIORITIES]; /* how often a source's target was set to each queue */
	bool escalates;                /* a queue was configured ... */
	uint8_t priority;              /* ... of this priority, the first */
};

static struct xive_server *find_server(const struct irqchip *xive, uint64_t server)
{
	const struct vcpu *vcpu = vcpu_with_id(xive->vm, server);

	return vcpu ? &xive->servers[vcpu->index] : NULL;
}

bool xive_has_queue(const struct irqchip *xive, uint64_t server, uint64_t priority)
{
	const struct xive_server *s = find_server(xive, server);

	return s && priority < P9_PRIORITIES && s->queues >> priority & 1;
}

/* --- create and destroy ----------------------------------------------- */

static int make_source(struct irqchip *xive, const struct p9_source *s, struct error *err)
{
	/* KVM only sets these bits and never clears them: a level-sensitive source stays so (not in
	 * xive.rst). */
	uint64_t type = (s->lsi ? KVM_XIVE_LEVEL_SENSITIVE : 0) | (s->asserted ? KVM_XIVE_LEVEL_ASSERTED : 0);
	long rc = kvm_attr_set(&xive->fd, "SOURCE", KVM_DEV_XIVE_GRP_SOURCE, s->lisn, &type);

	return rc < 0 ? kvm_failed(err, rc, &xive->fd,
	                           rc == -E2BIG    ? "source numbers end at 0xfffff"
	                           : rc == -ENXIO  ? "the host has no interrupt left to back it"
	                           : rc == -ENOMEM ? "the host has no memory for a block of sources"
	                                           : NULL,
	                           "SOURCE(0x%x, %s%s)", s->lisn, s->lsi ? "LSI" : "MSI",
	                           s->asserted ? ", asserted" : "")
	              : 0;
}

static int create_sources(struct irqchip *xive, struct error *err)
{
	int rc = 0;
	size_t count = xive->vm->config->vcpus;

	if (!xive->servers)
		xive->servers = calloc(count, sizeof(*xive->servers));
	if (!xive->servers)
		return error_set(err, -ENOMEM, "out of memory");
	memset(xive->servers, 0, count * sizeof(*xive->servers));
	for (size_t i = 0; i < xive->source_count && !rc; i++) {
		rc = vm_in_time(xive->vm, "sources", err);
		if (!rc)
			rc = make_source(xive, &xive->sources[i], err);
	}
	return rc;
}

static int map_pages(struct irqchip *xive, unsigned slot, const char *what, gpa_t gpa, size_t pages,
                     size_t offset, uint8_t **map, struct error *err)
{
	struct kvm_userspace_memory_region region = { .slot = slot, .guest_phys_addr = gpa };
	size_t size = pages << xive->page_shift;
	off_t from = (off_t)(offset << xive->page_shift);
	bool there = *map; /* an earlier device was mapped here */
	uint8_t *p =
		there ? mmap(*map, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, xive->fd.fd, from)
		      : mapping_open(size, 0, xive->fd.fd, from);
	long rc;

	if (p == MAP_FAILED)
		return kvm_failed(err, -errno, &xive->fd, NULL, "mmap of the %s, %zu pages", what, pages);
	*map = p;
	if (there)
		return 0;
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
	uint32_t servers = irqchip_servers(xive->vm);
	uint32_t last = xive->sources[xive->source_count - 1].lisn;
	/* Without this, KVM allocates virtual processors for 2048 vCPUs, and the host has few blocks of that
	 * size. */
	long rc = kvm_attr_set(&xive->fd, "NR_SERVERS", KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_NR_SERVERS,
	                       &servers);

	if (rc < 0)
		return kvm_failed(err, rc, &xive->fd,
		                  rc == -EINVAL  ? "no server, or more than KVM has vCPU ids"
		                  : rc == -EBUSY ? "a vCPU has connected before"
		                                 : NULL,
		                  "CTRL(NR_SERVERS %u)", servers);
	xive->single_escalation = xive_single_escalation();
	xive->page_shift = (unsigned)__builtin_ctzl((unsigned long)sysconf(_SC_PAGESIZE));
	rc = create_sources(xive, err);
	if (!rc)
		rc = map_pages(xive, SLOT_TIMA, "TIMA", P9_TIMA, TIMA_PAGES, 0, &xive->tima, err);
	xive->esb_size = 2 * (size_t)(last + 1) << xive->page_shift;
	return rc ? (int)rc
	          : map_pages(xive, SLOT_ESB, "ESB pages", P9_ESB, xive->esb_size >> xive->page_shift,
	                      ESB_PAGE_OFF, &xive->esb, err);
}

static void unmap_pages(struct irqchip *xive, unsigned slot, gpa_t gpa, uint8_t *map, size_t size)
{
	struct kvm_userspace_memory_region region = { .slot = slot, .guest_phys_addr = gpa };

	if (!map)
		return;
	kvm_call(&xive->vm->fd, KVM_SET_USER_MEMORY_REGION,
	         &region); /* size 0 deletes the slot, if there is one */
	mapping_close(map, size);
}

/* Replaces the mapping by an empty one: KVM keeps the device as long as it is mapped. */
static void leave_pages(uint8_t *map, size_t size)
{
	if (map)
		mmap(map, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

static void destroy(struct irqchip *xive)
{
	unmap_pages(xive, SLOT_TIMA, P9_TIMA, xive->tima, (size_t)TIMA_PAGES << xive->page_shift);
	unmap_pages(xive, SLOT_ESB, P9_ESB, xive->esb, xive->esb_size);
	free(xive->servers);
}

/* --- sources and queues ----------------------------------------------- */

/* What errors of SOURCE_CONFIG mean; the kernel's document is wrong about EBUSY. */
static const char *config_error(int code)
{
	switch (code) {
	case -ENOENT: return "there is no block of sources of that number";
	case -EINVAL: return "no such source was made, or there is no such priority or server";
	case -EBUSY: return "no vCPU has a queue of that priority with room";
	case -ENXIO: return "the host's firmware refused it";
	default: return NULL;
	}
}

/* What errors of EQ_CONFIG mean. */
static const char *queue_error(int code)
{
	switch (code) {
	case -ENOENT: return "no vCPU has connected as that server";
	case -EINVAL:
		return "KVM takes priorities 0 to 6 and queues of 64 KiB, aligned, in memory, on hosts with "
		       "64 "
		       "KiB pages";
	case -EIO: return "the host's firmware refused it";
	default: return NULL;
	}
}

/*
 * KVM counts the sources that point at a queue, so that it cannot overflow, but it
 * never decrements the count when a source gets another target. When the count has reached its limit,
 * KVM silently sends the source to any other vCPU, or warns in the host's log if
 * that vCPU has no such queue.
 */
#define AIMED_MAX                                                                                 \
	((1 << 14) - 2) /* the entries of a queue, less KVM's reserve (book3s_xive.c, XIVE_Q_GAP) \
	                 */

/* The count that KVM will increment for this target; NULL: none. */
static uint16_t *aim(const struct irqchip *xive, const struct p9_source *s, const struct p9_target *target)
{
	if (target->masked || (!s->target.masked && s->target.server == target->server &&
	                       s->target.priority == target->priority && s->target.eisn == target->eisn))
		return NULL;
	return &find_server(xive, target->server)->aimed[target->priority];
}

int xive_set_target(struct irqchip *xive, uint32_t lisn, const struct p9_target *target, struct error *err)
{
	struct p9_source *s = irqchip_source(xive, lisn);
	uint16_t *aimed;
	uint64_t value;
	long rc;

	if (!s)
		return error_set(err, -ENOENT, "there is no source 0x%x", lisn);
	if (!target->masked && !xive_has_queue(xive, target->server, target->priority))
		return error_set(err, -EINVAL, "source 0x%x: server %u has no queue of priority %u", lisn,
		                 target->server, target->priority);
	aimed = aim(xive, s, target);
	if (aimed && *aimed == AIMED_MAX)
		return error_set(
			err, -EBUSY,
			"source 0x%x: sources were pointed at server %u, priority %u, %u times; KVM would "
			"send the next one elsewhere",
			lisn, target->server, target->priority, AIMED_MAX);
	/* KVM ignores a change of the mask alone, so the EISN changes too; with the mask set it ignores the
	 * other fields. */
	if (target->masked)
		value = (uint64_t)(s->target.eisn ^ 1) << KVM_XIVE_SOURCE_EISN_SHIFT |
		        KVM_XIVE_SOURCE_MASKED_MASK;
	else
		value = (uint64_t)target->eisn << KVM_XIVE_SOURCE_EISN_SHIFT |
		        (uint64_t)target->server << KVM_XIVE_SOURCE_SERVER_SHIFT | target->priority;
	rc = kvm_attr_set(&xive->fd, "SOURCE_CONFIG", KVM_DEV_XIVE_GRP_SOURCE_CONFIG, lisn, &value);
	if (rc < 0)
		return kvm_failed(err, rc, &xive->fd, config_error((int)rc),
		                  "SOURCE_CONFIG(0x%x, server %u, priority %u, EISN 0x%x%s)", lisn,
		                  target->server, target->priority, target->eisn,
		                  target->masked ? ", masked" : "");
	if (aimed)
		++*aimed;
	s->target = *target;
	return 0;
}

static uint64_t queue_id(unsigned server, unsigned priority)
{
	return (uint64_t)server << KVM_XIVE_EQ_SERVER_SHIFT | priority;
}

bool xive_single_escalation(void)
{
	return choose_tree_has("interrupt-controller@", "single-escalation-support");
}

/* Sources must not send to a queue that is about to be removed. */
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
	struct xive_server *server = find_server(xive, q->server);
	struct kvm_ppc_xive_eq eq = {
		.flags = q->shift ? KVM_XIVE_EQ_ALWAYS_NOTIFY : 0,
		.qshift = q->shift,
		.qaddr = q->addr,
		.qtoggle = q->toggle,
		.qindex = q->index,
	};
	long rc;

	if (!server || q->priority >= P9_PRIORITIES)
		return error_set(err, -EINVAL, "there is no queue of server %u, priority %u", q->server,
		                 q->priority);
	if (q->shift && !ram_at(&xive->vm->ram, q->addr, 1ULL << q->shift))
		return error_set(err, -EINVAL, "queue page 0x%llx is outside memory",
		                 (unsigned long long)q->addr);
	ram_always(&xive->vm->ram, q->addr, q->shift ? 1ULL << q->shift : 0);
	if (q->shift && server->escalates && server->priority != q->priority && xive->single_escalation)
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
		return kvm_failed(err, rc, &xive->fd, queue_error((int)rc),
		                  "EQ_CONFIG(server %u, priority %u, 2^%u bytes at 0x%llx)", q->server,
		                  q->priority, q->shift, (unsigned long long)q->addr);
	if (q->shift) {
		server->queues |= (uint8_t)(1 << q->priority);
		if (!server->escalates)
			server->priority = q->priority;
		server->escalates = true;
	} else {
		server->queues = (uint8_t)(server->queues & ~(1 << q->priority));
	}
	return 0;
}

int xive_get_queue(struct irqchip *xive, unsigned server, unsigned priority, struct p9_queue *q,
                   struct error *err)
{
	/* KVM returns 0 and writes nothing if the queue is not configured. */
	struct kvm_ppc_xive_eq eq = { 0 };
	long rc = kvm_attr_get(&xive->fd, "EQ_CONFIG", KVM_DEV_XIVE_GRP_EQ_CONFIG, queue_id(server, priority),
	                       &eq);

	if (rc < 0)
		return kvm_failed(err, rc, &xive->fd, queue_error((int)rc),
		                  "EQ_CONFIG(server %u, priority %u)", server, priority);
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

static uint8_t get_pq(const struct irqchip *xive, uint32_t lisn)
{
	return be64toh(*esb(xive, lisn, true, ESB_GET)) & 3;
}

/* Returns the old value. */
static uint8_t set_pq(const struct irqchip *xive, uint32_t lisn, uint8_t pq)
{
	return be64toh(*esb(xive, lisn, true, XIVE_ESB_SET_PQ + 0x100 * (size_t)pq)) & 3;
}

/* Stores to the source's trigger page, as a device does. */
static int trigger(const struct irqchip *xive, const struct p9_source *s, struct error *err)
{
	(void)err;
	/* Two threads may do so at once: each store is an event. */
	__atomic_store_n(esb(xive, s->lisn, false, 0), 0, __ATOMIC_RELAXED);
	return 0;
}

/* Presents a level-sensitive source that is on and idle while its line is up, as hardware does. */
static int level(const struct irqchip *xive, const struct p9_source *s, struct error *err)
{
	if (!s->asserted || get_pq(xive, s->lisn))
		return 0;
	if (!s->target.masked) /* a masked source sets P, and the event is dropped */
		hook_raised(xive->vm, &(struct arch_irq){ s->lisn }, false);
	return trigger(xive, s, err);
}

uint64_t xive_esb(const struct irqchip *xive, uint32_t lisn, size_t offset, bool store, uint64_t value)
{
	volatile uint64_t *page = esb(xive, lisn, true, offset);

	const struct p9_source *s = irqchip_source(xive, lisn);
	bool level_eoi = s->lsi && offset < (store ? XIVE_ESB_STORES : ESB_EOI_LOADS);
	uint64_t loaded = UINT64_MAX; /* of a store (LoPAR): all ones */

	if (level_eoi)
		set_pq(xive, lisn, 0);
	else if (store)
		*page = htobe64(value);
	else
		loaded = be64toh(*page);
	if (s->lsi)
		level(xive, s, NULL);
	return level_eoi && !store ? 0 : loaded;
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

/* Whether a count of KVM's has come so near its limit that a new device is needed. */
static bool needs_renewal(const struct irqchip *xive)
{
	for (unsigned i = 0; i < xive->vm->vcpu_count; i++)
		for (unsigned p = 0; p < P9_PRIORITIES; p++)
			if (xive->servers[i].aimed[p] > AIMED_MAX / 2)
				return true;
	return false;
}

int xive_reset(struct irqchip *xive, struct error *err)
{
	long rc = kvm_attr_set(&xive->fd, "RESET", KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_RESET, NULL);

	if (rc < 0)
		return kvm_failed(err, rc, &xive->fd, NULL, "CTRL(RESET)");
	for (size_t i = 0; i < xive->source_count; i++)
		xive->sources[i].target = (struct p9_target){ .masked = true };
	/* The escalation interrupts are gone too, so a vCPU may choose another priority now. The counts
	 * remain. */
	for (unsigned i = 0; i < xive->vm->config->vcpus; i++) {
		xive->servers[i].queues = 0;
		xive->servers[i].escalates = false;
	}
	return 0;
}

/*
 * KVM_DEV_XIVE_RESET does not clear an event that is pending in a thread context; only the guest could take
 * it, and then a new device is made. Events in flight must have arrived before the contexts are read
 * (xive_sync). The pages remain in the guest's memory, as removing and adding them would take most of the
 * time.
 */
static int reset(struct irqchip *xive, bool *done, struct error *err)
{
	struct p9_cpu cpu;
	int rc = 0;

	*done = !needs_renewal(xive);
	if (*done)
		rc = xive_sync(xive, err);
	for (unsigned i = 0; i < xive->vm->vcpu_count && *done && !rc; i++) {
		rc = cpu_save_vp(&xive->vm->vcpus[i], &cpu, err);
		*done = !P9_VP_IPB(&cpu);
	}
	if (rc || *done)
		return rc ? rc : xive_reset(xive, err);
	leave_pages(xive->tima, (size_t)TIMA_PAGES << xive->page_shift);
	leave_pages(xive->esb, xive->esb_size);
	return 0;
}

/* --- for both controllers ----------------------------------------------- */

/* A source that is off drops all events. A masked and idle one sets P and drops the first. */
static unsigned drops(const struct irqchip *xive, const struct p9_source *s)
{
	uint8_t pq = get_pq(xive, s->lisn);

	return pq == PQ_OFF ? 2 : s->target.masked && !pq;
}

static bool look(struct irqchip *xive, struct p9_source *s)
{
	s->pq = get_pq(xive, s->lisn);
	return true;
}

static int get(struct irqchip *xive, struct p9_source *sources, struct error *err)
{
	(void)err;
	for (size_t i = 0; i < xive->source_count; i++)
		look(xive, &sources[i]);
	return 0;
}

static int set(struct irqchip *xive, const struct p9_source *s, struct error *err)
{
	set_pq(xive, s->lisn, s->pq);
	return s->pending ? trigger(xive, s, err) : 0;
}

const struct irqchip_ops xive_ops = {
	.model = &p9_xive,
	.type = KVM_DEV_TYPE_XIVE,
	.connect = KVM_CAP_PPC_IRQ_XIVE,
	.connect_name = "PPC_IRQ_XIVE",
	.context = KVM_REG_PPC_VP_STATE,
	.context_name = "VP_STATE",
	.context_at = offsetof(struct p9_cpu, vp_state),
	.create = create,
	.drops = drops,
	.trigger = trigger,
	.level = level,
	.look = look,
	.get = get,
	.set = set,
	.reset = reset,
	.destroy = destroy,
	.sync = xive_sync,
	.make = make_source,
	.aim = xive_set_target,
	.set_pq = set_pq,
};
