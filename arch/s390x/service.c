/* SPDX-License-Identifier: BSD-2-Clause */
/* service.c: see service.h. Read next: devices/sclp.c. */
#include "service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flic.h"
#include "irq.h"
#include "machine.h"
#include "vmm/arch.h"

struct service {
	pthread_mutex_t lock; /* from the look at what is pending until a signal is */
	struct sclp sclp;
};

struct service *service_create(struct vm *vm, struct error *err)
{
	struct service *service = calloc(1, sizeof(*service));

	if (!service) {
		error_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	pthread_mutex_init(&service->lock, NULL);
	service->sclp =
		(struct sclp){ .ram = &vm->ram, .out = vm->config->console, .cpus = vm->config->vcpus };
	if (!bus_add(&vm->bus, IO_SCLP, 0, 1ULL << 32, "sclp", sclp_io, &service->sclp, err))
		return service;
	service_destroy(service);
	return NULL;
}

void service_destroy(struct service *service)
{
	if (service)
		pthread_mutex_destroy(&service->lock);
	free(service);
}

/* The books have every signal but those of the test guest's console, which leave no record. */
static void book(struct vm *vm, uint32_t parm)
{
	const struct abi_shared *shared = vm_shared(vm);
	uint32_t sccb = parm & SCLP_SCCB;
	bool event = parm & SCLP_EVENT_PENDING;
	struct irq irq;

	if (shared && sccb == shared->console)
		sccb = 0;
	if (shared && shared->listening)
		event = false;
	irq = irq_of_service(sccb | (event ? SERVICE_EVENT : 0));
	if (irq.parm)
		vm_raised(vm, &irq);
}

static int signal_service(struct vm *vm, uint32_t parm, struct error *err)
{
	const struct s390_irq irq = { .type = S390_SERVICE, .ext.parm = parm };

	book(vm, parm);
	return flic_enqueue(vm->irqchip, &irq, 1, NULL, err);
}

static int execute(struct vm *vm, uint32_t command, uint32_t sccb, unsigned *cc, struct error *err)
{
	struct io io = { .space = IO_SCLP, .write = true, .addr = command, .arg = sccb };
	bool busy;
	int rc = flic_service_busy(vm->irqchip, &busy, err);

	if (rc)
		return rc;
	*cc = busy ? 2 : 0;
	if (!busy)
		rc = bus_io(&vm->bus, &io, err);
	if (rc || busy || !io.raise)
		return rc;
	return signal_service(vm, io.parm, err);
}

int service_execute(struct vm *vm, uint32_t command, uint32_t sccb, unsigned *cc, struct error *err)
{
	struct service *service = vm->devices->service;
	int rc;

	pthread_mutex_lock(&service->lock);
	rc = execute(vm, command, sccb, cc, err);
	pthread_mutex_unlock(&service->lock);
	return rc;
}

/* --- from people ------------------------------------------------------ */

/* Under the lock: tells the guest, if it listens, that there is something to read. */
static int signal_event(struct vm *vm, struct error *err)
{
	const struct sclp *sclp = &vm->devices->service->sclp;

	return sclp_event_pending(sclp) ? signal_service(vm, SCLP_EVENT_PENDING, err) : 0;
}

int arch_input(struct vm *vm, const char *console, const uint8_t *bytes, size_t len, struct error *err)
{
	struct service *service = vm->devices->service;
	bool line = false;
	size_t taken;
	int rc;

	if (console && !strcmp(console, "3215"))
		return channel_input(vm, bytes, len, err);
	if (console && !strcmp(console, "line"))
		line = true;
	else if (console && strcmp(console, "sclp"))
		return error_set(err, -EINVAL, "console %s is not one of: sclp, line, 3215", console);
	pthread_mutex_lock(&service->lock);
	taken = line ? sclp_type_line(&service->sclp, bytes, len) : sclp_type(&service->sclp, bytes, len);
	rc = taken ? signal_event(vm, err) : 0;
	pthread_mutex_unlock(&service->lock);
	return rc ? rc : (int)taken;
}

int arch_quiesce(struct vm *vm, struct error *err)
{
	struct service *service = vm->devices->service;
	int rc;

	pthread_mutex_lock(&service->lock);
	if (sclp_quiesce(&service->sclp))
		rc = signal_event(vm, err);
	else
		rc = error_set(err, -EOPNOTSUPP,
		               "the guest does not listen for signal quiesce (WRITE EVENT MASK)");
	pthread_mutex_unlock(&service->lock);
	return rc;
}

/* --- in a snapshot ---------------------------------------------------- */

void service_save(const struct vm *vm, struct sclp_state *state)
{
	*state = vm->devices->service->sclp.state;
}

void service_load(struct vm *vm, const struct sclp_state *state)
{
	vm->devices->service->sclp.state = *state;
}
