/* SPDX-License-Identifier: BSD-2-Clause */
/* service.c: see service.h. Read next: devices/sclp/sclp.c. */
#include "service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cpu.h"
#include "flic.h"
#include "channel.h"
#include "devices.h"
#include "vmm/arch.h"
#include "vmm/hook.h"
#include "vmm/vm_virtio.h"
#include "vmm/worker.h"

struct service {
	struct vm *vm;
	pthread_mutex_t lock; /* from the look at what is pending until a signal is */
	struct sclp sclp;
};

static int signal_service(struct vm *vm, uint32_t parm, struct error *err)
{
	const struct s390_irq irq = { .type = S390_SERVICE, .ext.parm = parm };
	/* Of an SCCB's signal KVM has been asked, where it can be, whether there is another. */
	bool alone = parm & SCLP_SCCB && flic_can_ask(vm->irqchip);

	hook_raised(vm, &(struct arch_irq){ &irq, ARCH_IRQ_FLOATING, alone }, false);
	return flic_enqueue(vm->irqchip, &irq, 1, NULL, err);
}

/*
 * KVM holds one SCCB's signal and would drop a second without a word, so the others wait here. *pending: the
 * SCCB whose signal KVM holds, which may be the first of those that wait; or 0.
 */
static int signal_next(struct vm *vm, uint32_t *pending, struct error *err)
{
	struct sclp_state *s = &vm->devices->service->sclp.state;
	int rc = flic_pending_sccb(vm->irqchip, pending, err);

	if (rc || *pending || !s->waiting_count)
		return rc;
	*pending = s->waiting[0];
	memmove(s->waiting, s->waiting + 1, --s->waiting_count * sizeof(s->waiting[0]));
	return signal_service(vm, *pending, err);
}

/*
 * The signal of a call that is complete. One of an earlier call with this SCCB is as good, if it is still
 * pending now: it is taken after this call, too.
 */
static int complete(struct vm *vm, uint32_t parm, struct error *err)
{
	struct sclp_state *s = &vm->devices->service->sclp.state;
	uint32_t sccb = parm & SCLP_SCCB, pending;
	int rc = signal_next(vm, &pending, err);

	if (rc)
		return rc;
	if (!pending)
		return signal_service(vm, parm, err);
	if (sccb != pending && !sclp_waits(s, sccb)) {
		s->waiting[s->waiting_count++] = sccb;
		rc = worker_need(&vm->worker, err);
	}
	return !rc && parm & SCLP_EVENT_PENDING ? signal_service(vm, SCLP_EVENT_PENDING, err) : rc;
}

static int execute(struct vm *vm, uint32_t command, uint32_t sccb, int *cc, struct error *err)
{
	const struct sclp_state *s = &vm->devices->service->sclp.state;
	struct io io = { .space = IO_SCLP, .write = true, .addr = command, .arg = sccb };
	uint32_t pending;
	int rc = s->waiting_count == SCLP_WAITING_MAX ? signal_next(vm, &pending, err) : 0;

	if (rc)
		return rc;
	*cc = 2;
	if (s->waiting_count == SCLP_WAITING_MAX && !sclp_waits(s, sccb))
		return 0;
	rc = bus_io(&vm->bus, &io, err);
	*cc = io.raise ? 0 : -PGM_SPECIFICATION;
	return rc || !io.raise ? rc : complete(vm, io.parm, err);
}

int service_call(const struct instruction *i)
{
	struct vcpu *vcpu = i->vcpu;
	struct service *service = vcpu->vm->devices->service;
	uint32_t prefix = (uint32_t)vcpu->run->s.regs.prefix;
	uint64_t sccb = *gpr(vcpu, i->r2);
	int rc, cc;

	/* Outside the 64-bit mode an address has no upper half. */
	if ((vcpu->run->psw_mask & PSW_64) != PSW_64)
		sccb = (uint32_t)sccb;
	/* The SCCB is named by a real address, 8-byte aligned, below 2G, and may not touch the prefix area.
	 */
	if (sccb & ~0x7ffffff8ULL || sccb < 0x2000 || (sccb & ~0x1fffULL) == prefix)
		return -PGM_SPECIFICATION;
	if (!ram_at(&vcpu->vm->ram, sccb, 8))
		return -PGM_ADDRESSING;
	pthread_mutex_lock(&service->lock);
	rc = execute(vcpu->vm, (uint32_t)*gpr(vcpu, i->r1), (uint32_t)sccb, &cc, &i->event->why);
	pthread_mutex_unlock(&service->lock);
	return rc ? host_error(i->event, rc) : cc;
}

/* Gives KVM the next waiting signal, if it has room. */
static int work(void *self, struct error *err)
{
	struct service *service = self;
	uint32_t pending;
	int rc = 0;

	pthread_mutex_lock(&service->lock);
	if (service->sclp.state.waiting_count)
		rc = signal_next(service->vm, &pending, err);
	if (!rc && service->sclp.state.waiting_count)
		rc = worker_need(&service->vm->worker, err);
	pthread_mutex_unlock(&service->lock);
	return rc;
}

pthread_mutex_t *service_lock(struct vm *vm)
{
	return &vm->devices->service->lock;
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
	bool has_line = service->sclp.state.line_mode, line = console ? !strcmp(console, "line") : has_line;
	size_t taken;
	int rc;

	if (console && !strcmp(console, "3215"))
		return channel_input(vm, bytes, len, err);
	if (console && !strcmp(console, "virtio"))
		return vm_virtio_input(vm, bytes, len, err);
	if (console && !line && strcmp(console, "sclp"))
		return error_set(err, -EINVAL, "console %s is not one of: sclp, line, 3215, virtio", console);
	if (line != has_line)
		return error_set(err, -EINVAL, "console %s: this machine was made with console %s instead",
		                 console, has_line ? "line" : "sclp");
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

/* --- the device ------------------------------------------------------- */

static int create(struct vm *vm, struct device *device, struct error *err)
{
	struct service *service = calloc(1, sizeof(*service));
	const char *console = vm->config->console_name;

	vm->devices->service = device->self = service;
	if (!service)
		return error_set(err, -ENOMEM, "out of memory");
	service->vm = vm;
	pthread_mutex_init(&service->lock, NULL);
	service->sclp =
		(struct sclp){ .ram = &vm->ram, .out = vm->config->console, .cpus = vm->config->vcpus };
	service->sclp.state.line_mode = console && !strcmp(console, "line");
	return bus_add(&vm->bus, IO_SCLP, 0, 1ULL << 32, "sclp", sclp_io, &service->sclp, err);
}

static void destroy(void *self)
{
	struct service *service = self;

	pthread_mutex_destroy(&service->lock);
	free(service);
}

/* Not in struct device_ops: after a restore of interrupts alone the guest still listens. */
void service_reset(struct vm *vm)
{
	struct service *service = vm->devices->service;

	pthread_mutex_lock(&service->lock);
	service->sclp.state = (struct sclp_state){ .line_mode = service->sclp.state.line_mode };
	pthread_mutex_unlock(&service->lock);
}

static int save(void *self, void *state, struct error *err)
{
	const struct service *service = self;

	(void)err;
	*(struct sclp_state *)state = service->sclp.state;
	return 0;
}

static int load(void *self, const void *state, struct error *err)
{
	struct service *service = self;

	service->sclp.state = *(const struct sclp_state *)state;
	return service->sclp.state.waiting_count ? worker_need(&service->vm->worker, err) : 0;
}

const struct device_ops sclp_device = {
	.name = "SCLP",
	.tag = SCLP_TAG,
	.create = create,
	.save = save,
	.load = load,
	.work = work,
	.destroy = destroy,
};
