/* SPDX-License-Identifier: BSD-2-Clause */
/* watchdog.c: see watchdog.h. */
#include "watchdog.h"

#include <errno.h>
#include <stdlib.h>

#include "devices.h"
#include "vmm/section.h"
#include "vmm/vcpu.h"
#include "vmm/worker.h"
#include "watchdog_state.h"

/* Functions, in register R1; the timeout in seconds is in R1 + 1, the action in R3. */
enum { WATCHDOG_SET, WATCHDOG_CHANGE, WATCHDOG_CANCEL };
#define ACTION_RESTART 0 /* the one that a logical partition has */

#define NS_PER_SECOND 1000000000ULL
#define SECONDS_MIN   15
#define SECONDS_MAX   (WATCHDOG_MAX / NS_PER_SECOND)

struct watchdog {
	struct vm *vm;
	pthread_mutex_t lock;
	bool set; /* the worker's alarm is its time; no alarm: it has expired */
};

/* 0: it is not set any more. */
static int set(struct watchdog *w, uint64_t ns, struct error *err)
{
	w->set = ns;
	return worker_alarm(&w->vm->worker, ns, err);
}

/* DIAG r1,r3,0x288. */
int watchdog_diagnose(const struct instruction *i)
{
	struct watchdog *w = i->vcpu->vm->devices->watchdog;
	uint64_t function = *gpr(i->vcpu, i->r1), seconds = *gpr(i->vcpu, i->r1 | 1);
	bool good = !(i->r1 & 1) && function <= WATCHDOG_CANCEL && *gpr(i->vcpu, i->r2) == ACTION_RESTART;
	int rc = 0;

	if (function == WATCHDOG_CANCEL)
		seconds = 0;
	else
		good &= seconds >= SECONDS_MIN;
	if (seconds > SECONDS_MAX)
		seconds = SECONDS_MAX;
	pthread_mutex_lock(&w->lock);
	good &= function == WATCHDOG_SET || w->set;
	if (good)
		rc = set(w, seconds * NS_PER_SECOND, &i->event->why);
	pthread_mutex_unlock(&w->lock);
	return rc ? host_error(i->event, rc) : good ? INSTRUCTION_OVER : -PGM_SPECIFICATION;
}

static int end_vm(struct vcpu *vcpu, void *arg, struct error *err)
{
	struct event event = { .kind = EVENT_REBOOT };

	(void)arg, (void)err;
	error_set(&event.why, 0, "the watchdog (DIAGNOSE 0x288) expired: the guest is to be loaded again");
	if (vcpu->state != VCPU_ENDED)
		vcpu_end(vcpu, &event);
	return 0;
}

/* The worker may have been called for other devices' work. */
static int work(void *self, struct error *err)
{
	struct watchdog *w = self;
	bool expired;

	pthread_mutex_lock(&w->lock);
	expired = w->set && !worker_alarm_left(&w->vm->worker);
	if (expired)
		w->set = false;
	pthread_mutex_unlock(&w->lock);
	return expired ? vcpu_work(&w->vm->vcpus[0], NULL, end_vm, NULL, err) : 0;
}

/* --- the device ------------------------------------------------------- */

static int create(struct vm *vm, struct device *device, struct error *err)
{
	struct watchdog *w = calloc(1, sizeof(*w));

	vm->devices->watchdog = device->self = w;
	if (!w)
		return error_set(err, -ENOMEM, "out of memory");
	w->vm = vm;
	pthread_mutex_init(&w->lock, NULL);
	return 0;
}

static void destroy(void *self)
{
	struct watchdog *w = self;

	pthread_mutex_destroy(&w->lock);
	free(w);
}

/* Not in struct device_ops: a restore of interrupts alone leaves it as it is. */
int watchdog_reset(struct vm *vm, struct error *err)
{
	struct watchdog *w = vm->devices->watchdog;
	int rc;

	pthread_mutex_lock(&w->lock);
	rc = set(w, 0, err);
	pthread_mutex_unlock(&w->lock);
	return rc;
}

static int save(void *self, void *state, struct error *err)
{
	struct watchdog *w = self;

	(void)err;
	((struct watchdog_state *)state)->left = worker_alarm_left(&w->vm->worker);
	return 0;
}

static int load(void *self, const void *state, struct error *err)
{
	return set(self, ((const struct watchdog_state *)state)->left, err);
}

const struct device_ops watchdog_device = {
	.name = "watchdog",
	.tag = WATCHDOG_TAG,
	.create = create,
	.save = save,
	.load = load,
	.work = work,
	.destroy = destroy,
};
