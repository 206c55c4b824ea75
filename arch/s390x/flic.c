/* SPDX-License-Identifier: BSD-2-Clause */
/* flic.c: see flic.h. Read next: snapshot/state.c. */
#include "flic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "local.h"
#include "route.h"

/* The groups that zpvm needs. Without one of the others a VM only lacks what that group is for. */
static const struct kvm_attr_need groups[] = {
	{ KVM_DEV_FLIC_GET_ALL_IRQS, 0, "GET_ALL_IRQS", "for saving floating interrupts" },
	{ KVM_DEV_FLIC_ENQUEUE, 0, "ENQUEUE", "for injecting and restoring floating interrupts" },
	{ KVM_DEV_FLIC_CLEAR_IRQS, 0, "CLEAR_IRQS", "for a restore into a VM that has run" },
	{ 0, 0, NULL, NULL },
};

static int create_device(struct irqchip *flic, struct error *err)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_FLIC };
	long rc = kvm_call(&flic->vm->fd, KVM_CREATE_DEVICE, &device);

	if (rc < 0)
		return kvm_failed(err, rc, &flic->vm->fd, NULL, "KVM_CREATE_DEVICE(FLIC)");
	kvm_fd_set(&flic->fd, (int)device.fd, flic->vm->trace, "flic");
	for (uint32_t group = 1; group < FLIC_GROUPS; group++) {
		rc = kvm_attr_has(&flic->fd, "group", group, 0);
		if (rc && rc != -ENXIO)
			return kvm_failed(err, rc, &flic->fd, NULL, "KVM_HAS_DEVICE_ATTR(group %u)", group);
		flic->has[group] = !rc;
	}
	return kvm_check_attrs(&flic->fd, groups, err);
}

int flic_create(struct vm *vm, struct error *err)
{
	struct irqchip *flic = calloc(1, sizeof(*flic));
	int rc;

	if (!flic)
		return error_set(err, -ENOMEM, "out of memory");
	flic->vm = vm;
	flic->fd.fd = -1;
	pthread_mutex_init(&flic->lock, NULL);
	vm->irqchip = flic;
	if (vm->config->irqchip && !strcmp(vm->config->irqchip, "none"))
		return 0;
	rc = create_device(flic, err);
	if (!rc)
		rc = ais_enable(flic, err);
	return rc ? rc : routes_enable(flic, err);
}

void flic_destroy(struct irqchip *flic)
{
	if (!flic)
		return;
	routes_destroy(flic);
	kvm_close(&flic->fd);
	pthread_mutex_destroy(&flic->lock);
	free(flic);
}

static int get_all(struct irqchip *flic, struct s390_irq **irqs, size_t *count, struct error *err);

/* How many interrupts are queued, of the kinds that are queued. This and the functions up to flic_get_all()
 * are called under the lock. */
static int count_queued(struct irqchip *flic, size_t *queued, struct error *err)
{
	struct s390_irq *irqs;
	size_t count;
	int rc = get_all(flic, &irqs, &count, err);

	*queued = 0;
	for (size_t i = 0; i < count && !rc; i++)
		*queued += s390_irq_queues(&irqs[i]);
	if (!rc)
		free(irqs);
	return rc;
}

static bool any_adapter(const struct irqchip *flic)
{
	for (size_t i = 0; i < S390_ADAPTERS; i++)
		if (flic->registered[i])
			return true;
	return false;
}

/* Without adapters only zpvm queues I/O interrupts, and so few that they always fit. */
static bool surely_fits(const struct irqchip *flic, const struct s390_irq *irqs, size_t count)
{
	if (flic->at_most + count > S390_IO_QUEUE || any_adapter(flic))
		return false;
	for (size_t i = 0; i < count; i++)
		if (irqs[i].type > S390_IO_MAX)
			return false;
	return true;
}

/*
 * KVM takes the entries one by one, stops at the first that it
 * refuses, and does not say which one that is. The number of queued interrupts before and after shows it. (It
 * cannot show service signals and machine checks, as these merge.)
 */
static size_t went_in(struct irqchip *flic, const struct s390_irq *irqs, size_t count, size_t before)
{
	struct error ignored;
	size_t after;

	if (count_queued(flic, &after, &ignored) || after < before)
		return 0;
	return s390_irqs_taken(irqs, count, after - before);
}

static int enqueue(struct irqchip *flic, const struct s390_irq *irqs, size_t count, size_t *done,
                   struct error *err)
{
	size_t before = flic->at_most, in = 0;
	char text[96];
	long rc = 0;

	if (done)
		*done = 0;
	/* KVM truncates the length to 32 bits. */
	if (count > S390_FLOATING_MAX)
		return error_set(err, -EINVAL, "ENQUEUE takes %d interrupts at most, not %zu",
		                 S390_FLOATING_MAX, count);
	/* Counting takes time in proportion to what is pending, so it is done only if needed. */
	if (count > 1 && done && !surely_fits(flic, irqs, count))
		rc = count_queued(flic, &before, err);
	if (rc)
		return (int)rc;
	rc = flic_set(flic, "ENQUEUE", KVM_DEV_FLIC_ENQUEUE, count * sizeof(*irqs), irqs);
	flic->at_most += count;
	if (rc < 0 && count > 1)
		in = went_in(flic, irqs, count, before);
	if (done)
		*done = rc < 0 ? in : count;
	if (rc >= 0)
		return 0;
	s390_irq_text(&irqs[in < count ? in : 0], text, sizeof(text));
	return kvm_failed(err, rc, &flic->fd,
	                  rc == -EBUSY ? "as many are pending as KVM holds; let the guest take some" : NULL,
	                  "ENQUEUE(%s), %zu of %zu went in", text, in, count);
}

/*
 * If the VM has a GISA, it holds the adapters' interrupts. GET_ALL_IRQS returns these first
 * and removes them from the GISA, contrary to its document. So a second call returns fewer, and the missing
 * ones are enqueued again. (The emulated host has no GISA, and none is ever missing there.)
 */
static int give_back(struct irqchip *flic, struct s390_irq *all, size_t count, struct error *err)
{
	struct s390_irq *again;
	long rc;

	if (!count || all[0].type != S390_ADAPTER)
		return 0;
	again = malloc(KVM_S390_FLIC_MAX_BUFFER);
	if (!again)
		return error_set(err, -ENOTRECOVERABLE, "out of memory for the pending interrupts");
	rc = kvm_attr_get(&flic->fd, "GET_ALL_IRQS", KVM_DEV_FLIC_GET_ALL_IRQS, KVM_S390_FLIC_MAX_BUFFER,
	                  again);
	free(again);
	if (rc >= 0 && (size_t)rc < count)
		rc = kvm_attr_set(&flic->fd, "ENQUEUE", KVM_DEV_FLIC_ENQUEUE,
		                  (count - (size_t)rc) * sizeof(*all), all);
	if (rc >= 0)
		return 0;
	kvm_failed(err, rc, &flic->fd, NULL, "GET_ALL_IRQS, what it took from the GISA");
	return -ENOTRECOVERABLE;
}

static int get_all(struct irqchip *flic, struct s390_irq **irqs, size_t *count, struct error *err)
{
	/*
	 * A call that fails for want of room may lose interrupts of adapters
	 * (they are taken from a GISA before the test), so with an adapter
	 * only the largest buffer will do. Without one: start with what we have queued.
	 */
	bool adapters = any_adapter(flic);
	size_t room = flic->at_most * sizeof(**irqs);
	long rc;

	if (adapters || room > KVM_S390_FLIC_MAX_BUFFER)
		room = KVM_S390_FLIC_MAX_BUFFER;
	else if (room < 4096)
		room = 4096;
	for (;;) {
		struct s390_irq *k = malloc(room);

		if (!k)
			return error_set(err, -ENOMEM, "out of memory for the pending interrupts");
		rc = kvm_attr_get(&flic->fd, "GET_ALL_IRQS", KVM_DEV_FLIC_GET_ALL_IRQS, room, k);
		if (rc >= 0) {
			*count = flic->at_most = (size_t)rc;
			rc = adapters ? give_back(flic, k, *count, err) : 0;
			*irqs = rc ? NULL : s390_irqs_trim(k, *count);
			if (rc)
				free(k);
			return (int)rc;
		}
		free(k);
		if (rc != -ENOMEM || room == KVM_S390_FLIC_MAX_BUFFER)
			break;
		room = room * 8 > KVM_S390_FLIC_MAX_BUFFER ? KVM_S390_FLIC_MAX_BUFFER : room * 8;
	}
	return kvm_failed(err, rc, &flic->fd, rc == -ENOBUFS ? "the host's kernel is out of memory" : NULL,
	                  "GET_ALL_IRQS(%zu bytes)", room);
}

/* By the older call, which needs no FLIC: for a service signal, without which no guest has a console. */
static int signal_service(struct irqchip *flic, const struct s390_irq *irq, struct error *err)
{
	struct kvm_s390_interrupt k = { .type = KVM_S390_INT_SERVICE, .parm = irq->ext.parm };
	long rc = irq->type == S390_SERVICE ? kvm_call(&flic->vm->fd, KVM_S390_INTERRUPT, &k) : -EPERM;

	flic->at_most += rc >= 0;
	return rc < 0 ? kvm_failed(err, rc, &flic->vm->fd, NULL, "--irqchip=none: KVM_S390_INTERRUPT") : 0;
}

int flic_enqueue(struct irqchip *flic, const struct s390_irq *irqs, size_t count, size_t *done,
                 struct error *err)
{
	int rc;

	if (!flic_is_there(flic))
		return signal_service(flic, irqs, err);
	pthread_mutex_lock(&flic->lock);
	rc = enqueue(flic, irqs, count, done, err);
	pthread_mutex_unlock(&flic->lock);
	return rc;
}

int flic_get_all(struct irqchip *flic, struct s390_irq **irqs, size_t *count, struct error *err)
{
	int rc;

	*irqs = NULL;
	*count = 0;
	if (!flic_is_there(flic))
		return 0;
	pthread_mutex_lock(&flic->lock);
	rc = get_all(flic, irqs, count, err);
	pthread_mutex_unlock(&flic->lock);
	return rc;
}

bool flic_can_ask(const struct irqchip *flic)
{
	return !any_adapter(flic);
}

int flic_pending_sccb(struct irqchip *flic, uint32_t *sccb, struct error *err)
{
	struct s390_irq *irqs = NULL;
	size_t count = 0;
	int rc = flic_can_ask(flic) ? flic_get_all(flic, &irqs, &count, err) : 0;

	*sccb = 0;
	for (size_t i = 0; !rc && i < count; i++)
		if (irqs[i].type == S390_SERVICE)
			*sccb = irqs[i].ext.parm & S390_SERVICE_SCCB;
	free(irqs);
	return rc;
}

int flic_can_see(const struct irqchip *flic, struct error *err)
{
	return flic_is_there(flic) || !flic->at_most
	               ? 0
	               : error_set(err, -EOPNOTSUPP,
	                           "--irqchip=none: the guest was given service signals, and KVM cannot say "
	                           "whether "
	                           "one is still pending, nor take it back");
}

int flic_command(struct irqchip *flic, const char *name, uint32_t group, struct error *err)
{
	long rc = flic_set(flic, name, group, 0, NULL);

	return rc < 0 ? kvm_failed(err, rc, &flic->fd, NULL, "%s", name) : 0;
}

int flic_clear(struct irqchip *flic, struct error *err)
{
	int rc;

	if (!flic_is_there(flic))
		return flic_can_see(flic, err);
	pthread_mutex_lock(&flic->lock);
	rc = flic_command(flic, "CLEAR_IRQS", KVM_DEV_FLIC_CLEAR_IRQS, err);
	if (!rc)
		flic->at_most = 0;
	pthread_mutex_unlock(&flic->lock);
	return rc;
}

int flic_clear_io(struct irqchip *flic, uint32_t id, struct error *err)
{
	long rc = flic_set(flic, "CLEAR_IO_IRQ", KVM_DEV_FLIC_CLEAR_IO_IRQ, sizeof(id), &id);

	return rc < 0 ? kvm_failed(err, rc, &flic->fd, NULL, "CLEAR_IO_IRQ(subchannel %08x)", id) : 0;
}

int flic_reset(struct irqchip *flic, struct error *err)
{
	static const struct s390_ais none;
	int rc = routes_reset(flic, err);

	/* In this order, because an irqfd may still inject while it is switched off. */
	if (!rc)
		rc = flic_clear(flic, err);
	for (uint32_t id = 0; id < S390_ADAPTERS && !rc; id++)
		if (flic->adapters[id].masked)
			rc = adapter_mask(flic, id, false, err);
	return rc ? rc : ais_set(flic, &none, err);
}
