/* SPDX-License-Identifier: BSD-2-Clause */
/* route.c: see route.h. Read next: snapshot/state.c. */
#include "route.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- the table of routes ---------------------------------------------- */

int routes_enable(struct irqchip *flic, struct error *err)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_S390_IRQCHIP };
	const struct vm *vm = flic->vm;
	long rc = kvm_extension(vm->kvm, KVM_CAP_S390_IRQCHIP, err);

	if (rc > 0)
		rc = kvm_extension(vm->kvm, KVM_CAP_IRQFD, err);
	if (rc <= 0)
		return (int)rc;
	rc = kvm_call(&vm->fd, KVM_ENABLE_CAP, &cap);
	if (rc < 0)
		return kvm_failed(err, rc, &vm->fd, NULL, "KVM_ENABLE_CAP(S390_IRQCHIP)");
	rc = kvm_call_value(&vm->fd, KVM_CREATE_IRQCHIP, 0);
	if (rc < 0)
		return kvm_failed(err, rc, &vm->fd, NULL, "KVM_CREATE_IRQCHIP");
	flic->routes.offered = true;
	return 0;
}

static struct route *find(struct irqchip *flic, uint32_t gsi)
{
	struct routes *r = &flic->routes;

	for (size_t i = 0; i < r->count; i++)
		if (r->all[i].at.gsi == gsi)
			return &r->all[i];
	return NULL;
}

/* KVM accepts only the whole table. */
static int tell_kvm(struct irqchip *flic, const struct route *all, size_t count, struct error *err)
{
	struct kvm_irq_routing *k = calloc(1, sizeof(*k) + count * sizeof(k->entries[0]));
	const struct kvm_fd *vm = &flic->vm->fd;
	long rc;

	if (!k)
		return error_set(err, -ENOMEM, "out of memory for %zu routes", count);
	for (size_t n = 0; n < count; n++) {
		const struct s390_route *at = &all[n].at;
		unsigned i = k->nr;

		if (all[n].gone)
			continue;
		k->nr++;

		/* KVM looks up its log of changed pages by the host's address as if it were a guest's. */
		ram_always(&flic->vm->ram, at->indicator, 1);
		ram_always(&flic->vm->ram, at->summary, 1);
		k->entries[i].gsi = at->gsi;
		k->entries[i].type = KVM_IRQ_ROUTING_S390_ADAPTER;
		k->entries[i].u.adapter.ind_addr = at->indicator;
		k->entries[i].u.adapter.ind_offset = at->indicator_bit;
		k->entries[i].u.adapter.summary_addr = at->summary;
		k->entries[i].u.adapter.summary_offset = at->summary_bit;
		k->entries[i].u.adapter.adapter_id = at->adapter;
	}
	rc = kvm_call(vm, KVM_SET_GSI_ROUTING, k);
	free(k);
	return rc < 0 ? kvm_failed(err, rc, vm, NULL, "KVM_SET_GSI_ROUTING(%zu routes)", count) : 0;
}

/* KVM should refuse the route of a VM without an irqchip, but takes it, and drops its interrupts. */
static int refuse(struct irqchip *flic, const struct s390_route *at, struct error *err)
{
	const struct route route = { .at = *at };
	int rc = tell_kvm(flic, &route, 1, err);

	if (!rc)
		rc = tell_kvm(flic, NULL, 0, err);
	return rc ? rc
	          : error_set(err, -EPERM, "--irqchip=none: this KVM takes routes, but they lead nowhere");
}

static int check(const struct irqchip *flic, const struct s390_route *at, struct error *err)
{
	const char *why = s390_route_wrong(at, flic->vm->ram.size);

	if (!flic->routes.offered)
		return error_set(err, -EOPNOTSUPP, "this host's KVM does not offer routes to adapters");
	/* KVM accepts such a route and silently drops its interrupts. */
	if (!why && (at->adapter >= S390_ADAPTERS || !flic->registered[at->adapter]))
		why = "there is no such adapter";
	return why ? error_set(err, -EINVAL, "route of GSI %u to adapter %u: %s", at->gsi, at->adapter, why)
	           : 0;
}

int route_set(struct irqchip *flic, const struct s390_route *at, struct error *err)
{
	struct routes *r = &flic->routes;
	struct route *old = find(flic, at->gsi);
	struct route *all;
	size_t i = 0;
	int rc = flic_is_there(flic) ? check(flic, at, err) : refuse(flic, at, err);

	if (rc)
		return rc;
	all = malloc((r->count + 1) * sizeof(*all));
	if (!all)
		return error_set(err, -ENOMEM, "out of memory for a route");
	while (i < r->count && r->all[i].at.gsi < at->gsi)
		i++;
	if (r->count) {
		memcpy(all, r->all, i * sizeof(*all));
		memcpy(all + i + !old, r->all + i, (r->count - i) * sizeof(*all));
	}
	if (!old)
		all[i] = (struct route){ .fd = { .fd = -1, .gsi = at->gsi } };
	all[i].at = *at;
	all[i].gone = false;
	rc = tell_kvm(flic, all, r->count + !old, err);
	free(rc ? all : r->all);
	if (rc)
		return rc;
	r->all = all;
	r->count += !old;
	return 0;
}

int route_off(struct irqchip *flic, uint32_t gsi, struct error *err)
{
	struct route *r = find(flic, gsi);
	int rc;

	if (!r || r->gone)
		return error_set(err, -ENOENT, "GSI %u has no route", gsi);
	r->gone = true;
	rc = tell_kvm(flic, flic->routes.all, flic->routes.count, err);
	r->gone = !rc;
	return rc;
}

/* --- irqfds ------------------------------------------------------------ */

static struct route *must_find(struct irqchip *flic, uint32_t gsi, struct error *err)
{
	struct route *r = find(flic, gsi);

	if (!r)
		error_set(err, -ENOENT, "GSI %u has no route", gsi);
	return r;
}

int route_irqfd(struct irqchip *flic, uint32_t gsi, bool on, struct error *err)
{
	struct route *r = must_find(flic, gsi, err);
	const struct kvm_fd *vm = &flic->vm->fd;
	int rc;

	if (!r)
		return -ENOENT;
	rc = r->fd.fd < 0 ? irqfd_open(&r->fd, gsi, err) : 0;
	if (rc)
		return rc;
	rc = on ? irqfd_on(vm, &r->fd, err) : irqfd_off(vm, &r->fd, err);
	/* Signals in the eventfd fire now: wait until they have. */
	return !rc && on ? irqfd_settle(vm, &r->fd, err) : rc;
}

int route_signal(struct irqchip *flic, uint32_t gsi, uint32_t word, struct error *err)
{
	struct route *r = must_find(flic, gsi, err);
	int rc;

	if (!r || r->fd.fd < 0)
		return r ? error_set(err, -ENOENT, "GSI %u has no irqfd", gsi) : -ENOENT;
	if (s390_adapter_word(flic->adapters[r->at.adapter].isc) != word)
		return error_set(err, -EINVAL, "irqfd: the adapter of GSI %u has ISC %u", gsi,
		                 flic->adapters[r->at.adapter].isc);
	rc = irqfd_signal(&r->fd, 1, err);
	return !rc && r->fd.on ? irqfd_settle(&flic->vm->fd, &r->fd, err) : rc;
}

int route_write(struct irqchip *flic, uint32_t gsi, struct error *err)
{
	struct route *r = must_find(flic, gsi, err);

	if (!r || r->fd.fd < 0)
		return r ? error_set(err, -ENOENT, "GSI %u has no irqfd", gsi) : -ENOENT;
	return irqfd_signal(&r->fd, 1, err);
}

int route_settle(struct irqchip *flic, uint32_t gsi, struct error *err)
{
	struct route *r = must_find(flic, gsi, err);

	if (!r)
		return -ENOENT;
	return r->fd.fd >= 0 && r->fd.on ? irqfd_settle(&flic->vm->fd, &r->fd, err) : 0;
}

int routes_hold(struct irqchip *flic, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < flic->routes.count && !rc; i++) {
		struct route *r = &flic->routes.all[i];

		r->held = r->fd.on;
		rc = irqfd_off(&flic->vm->fd, &r->fd, err);
	}
	return rc;
}

int routes_release(struct irqchip *flic, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < flic->routes.count; i++) {
		struct route *r = &flic->routes.all[i];
		bool held = r->held;

		r->held = false;
		if (held && !rc)
			rc = route_irqfd(flic, r->at.gsi, true, err);
	}
	return rc;
}

/* --- notifications ---------------------------------------------------- */

static struct notify *find_notify(struct irqchip *flic, uint32_t subchannel, uint64_t queue)
{
	struct routes *r = &flic->routes;

	for (size_t i = 0; i < r->notify_count; i++)
		if (r->notifies[i].at.subchannel == subchannel && r->notifies[i].at.queue == queue)
			return &r->notifies[i];
	return NULL;
}

struct kvm_ioeventfd notify_at(uint32_t subchannel, uint64_t queue)
{
	return (struct kvm_ioeventfd){
		.addr = subchannel,
		.datamatch = queue,
		.len = 8,
		.flags = KVM_IOEVENTFD_FLAG_VIRTIO_CCW_NOTIFY | KVM_IOEVENTFD_FLAG_DATAMATCH,
	};
}

int notify_set(struct irqchip *flic, uint32_t subchannel, uint64_t queue, struct error *err)
{
	struct routes *r = &flic->routes;
	struct notify *all, new = {
		.at = { .subchannel = subchannel, .queue = queue },
		.fd.at = notify_at(subchannel, queue),
	};
	int rc;

	if (r->notify_count == S390_NOTIFIES)
		return error_set(err, -ENOSPC, "%d notifications are all there can be", S390_NOTIFIES);
	all = reallocarray(r->notifies, r->notify_count + 1, sizeof(*all));
	if (!all)
		return error_set(err, -ENOMEM, "out of memory for a notification");
	r->notifies = all;
	rc = ioeventfd_open(&new.fd, err);
	if (!rc)
		rc = ioeventfd_on(&flic->vm->fd, &new.fd, err);
	if (rc)
		ioeventfd_close(&flic->vm->fd, &new.fd);
	else
		all[r->notify_count++] = new;
	return rc;
}

int notify_take(struct irqchip *flic, uint32_t subchannel, uint64_t queue, uint64_t count, struct error *err)
{
	struct notify *n = find_notify(flic, subchannel, queue);
	uint64_t came;
	int rc = n ? ioeventfd_count(&n->fd, true, &came, err) : -ENOENT;

	if (!n)
		return error_set(err, -ENOENT, "there is no notification of subchannel %08x, queue %llu",
		                 subchannel, (unsigned long long)queue);
	if (!rc && came != count)
		rc = error_set(err, -ENOMSG, "subchannel %08x, queue %llu: %llu notifications came, not %llu",
		               subchannel, (unsigned long long)queue, (unsigned long long)came,
		               (unsigned long long)count);
	return rc;
}

/* --- save and load ------------------------------------------------------ */

int routes_get(struct irqchip *flic, struct s390_routing *to, struct error *err)
{
	const struct routes *r = &flic->routes;
	int rc = 0;

	to->routes = r->count ? calloc(r->count, sizeof(*to->routes)) : NULL;
	to->notifies = r->notify_count ? calloc(r->notify_count, sizeof(*to->notifies)) : NULL;
	if ((r->count && !to->routes) || (r->notify_count && !to->notifies))
		return error_set(err, -ENOMEM, "out of memory for routes");
	to->notify_count = r->notify_count;
	for (size_t i = 0; i < r->count && !rc; i++) {
		struct s390_route *at = &to->routes[to->route_count];

		if (r->all[i].gone)
			continue;
		to->route_count++;
		*at = r->all[i].at;
		if (r->all[i].fd.fd < 0)
			continue;
		at->irqfd = r->all[i].held || r->all[i].fd.on ? S390_IRQFD_ON : S390_IRQFD_OFF;
		rc = irqfd_count(&r->all[i].fd, &at->signals, err);
	}
	for (size_t i = 0; i < r->notify_count && !rc; i++) {
		to->notifies[i] = r->notifies[i].at;
		rc = ioeventfd_count(&r->notifies[i].fd, false, &to->notifies[i].count, err);
	}
	return rc;
}

int routes_set(struct irqchip *flic, const struct s390_routing *from, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < from->route_count && !rc; i++) {
		struct s390_route at = from->routes[i];

		/* Their signals are in the eventfd. */
		at.irqfd = S390_IRQFD_NONE;
		at.signals = 0;
		rc = route_set(flic, &at, err);
	}
	for (size_t i = 0; i < from->notify_count && !rc; i++) {
		const struct s390_notify *n = &from->notifies[i];

		rc = notify_set(flic, n->subchannel, n->queue, err);
		if (!rc)
			rc = ioeventfd_add(&find_notify(flic, n->subchannel, n->queue)->fd, n->count, err);
	}
	return rc;
}

int routes_set_irqfds(struct irqchip *flic, const struct s390_routing *from, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < from->route_count && !rc; i++) {
		const struct s390_route *at = &from->routes[i];

		if (at->irqfd == S390_IRQFD_NONE)
			continue;
		rc = route_irqfd(flic, at->gsi, false, err);
		if (!rc)
			rc = irqfd_signal(&find(flic, at->gsi)->fd, at->signals, err);
		if (!rc && at->irqfd == S390_IRQFD_ON)
			rc = route_irqfd(flic, at->gsi, true, err);
	}
	return rc;
}

static void close_all(struct irqchip *flic)
{
	struct routes *r = &flic->routes;

	for (size_t i = 0; i < r->count; i++)
		irqfd_close(&flic->vm->fd, &r->all[i].fd);
	for (size_t i = 0; i < r->notify_count; i++)
		ioeventfd_close(&flic->vm->fd, &r->notifies[i].fd);
	free(r->all);
	free(r->notifies);
	*r = (struct routes){ .offered = r->offered };
}

int routes_reset(struct irqchip *flic, struct error *err)
{
	bool any = flic->routes.count;

	close_all(flic);
	return any ? tell_kvm(flic, NULL, 0, err) : 0;
}

void routes_destroy(struct irqchip *flic)
{
	close_all(flic);
}
