/* SPDX-License-Identifier: BSD-2-Clause */
/* worker.c: see worker.h. */
#include "worker.h"

#include <string.h>

#include "sandbox.h"
#include "trace.h"
#include "vcpu.h"

#define NS_PER_SECOND 1000000000ULL

#define REST_MS 1 /* between two pieces of work, so that vCPUs get the locks too */

/* arg: the event that ends the VM. */
static int set_error(struct vcpu *vcpu, void *arg, struct error *err)
{
	(void)err;
	if (vcpu->state != VCPU_ENDED)
		vcpu_end(vcpu, arg);
	return 0;
}

void worker_failed(struct vm *vm, int rc, const struct error *why)
{
	struct event event = { .kind = EVENT_ERROR, .code = rc, .why = *why };
	struct error ignored;

	vcpu_work(&vm->vcpus[0], NULL, set_error, &event, &ignored);
}

/* Under the lock: whether it is time. */
static bool alarm_rings(const struct worker *w)
{
	return w->go && w->alarm && time_now() >= w->alarm;
}

/* Under the lock: until there is something to do. */
static void wait_for_work(struct worker *w)
{
	while (!w->quit && !(w->go && w->due) && !alarm_rings(w)) {
		struct timespec at = { .tv_sec = (time_t)(w->alarm / NS_PER_SECOND),
			               .tv_nsec = (long)(w->alarm % NS_PER_SECOND) };

		if (w->go && w->alarm)
			pthread_cond_timedwait(&w->change, &w->lock, &at);
		else
			pthread_cond_wait(&w->change, &w->lock);
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;

	sandbox_thread(SANDBOX_IO);
	pthread_mutex_lock(&w->lock);
	for (;;) {
		struct timespec rest;
		struct error why = { .text = "" };
		int rc;

		wait_for_work(w);
		if (w->quit)
			break;
		if (alarm_rings(w))
			w->alarm = 0;
		w->due = false;
		w->busy = true;
		pthread_mutex_unlock(&w->lock);
		rc = devices_work(&w->vm->device_list, &why);
		if (rc)
			worker_failed(w->vm, rc, &why);
		pthread_mutex_lock(&w->lock);
		w->busy = false;
		pthread_cond_broadcast(&w->change);
		rest = time_in(REST_MS);
		while (w->due && !w->quit && !pthread_cond_timedwait(&w->change, &w->lock, &rest))
			;
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

void worker_init(struct worker *w, struct vm *vm)
{
	pthread_condattr_t attr;

	*w = (struct worker){ .vm = vm };
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->change, &attr);
	pthread_condattr_destroy(&attr);
}

void worker_destroy(struct worker *w)
{
	pthread_mutex_lock(&w->lock);
	w->quit = true;
	pthread_cond_broadcast(&w->change);
	pthread_mutex_unlock(&w->lock);
	if (w->started)
		pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->change);
	pthread_mutex_destroy(&w->lock);
}

/* Under the lock, which it gives back: something has changed. */
static int look_again(struct worker *w, struct error *err)
{
	int rc = 0;

	if (!w->started)
		rc = pthread_create(&w->thread, NULL, work, w);
	w->started = !rc;
	pthread_cond_broadcast(&w->change);
	pthread_mutex_unlock(&w->lock);
	return rc ? error_set(err, -rc, "cannot start the thread that works while vCPUs wait: %s",
	                      strerror(rc))
	          : 0;
}

int worker_need(struct worker *w, struct error *err)
{
	pthread_mutex_lock(&w->lock);
	w->due = true;
	return look_again(w, err);
}

int worker_alarm(struct worker *w, uint64_t ns, struct error *err)
{
	pthread_mutex_lock(&w->lock);
	w->alarm = ns && w->go ? time_now() + ns : ns;
	if (ns || w->started)
		return look_again(w, err);
	pthread_mutex_unlock(&w->lock);
	return 0;
}

/* Under the lock. One that is about to ring has a nanosecond left. */
static uint64_t alarm_left(const struct worker *w)
{
	uint64_t now = time_now();

	return !w->alarm || !w->go ? w->alarm : w->alarm > now ? w->alarm - now : 1;
}

uint64_t worker_alarm_left(struct worker *w)
{
	uint64_t left;

	pthread_mutex_lock(&w->lock);
	left = alarm_left(w);
	pthread_mutex_unlock(&w->lock);
	return left;
}

void worker_go(struct worker *w)
{
	pthread_mutex_lock(&w->lock);
	if (!w->go && w->alarm)
		w->alarm += time_now();
	w->go = true;
	pthread_cond_broadcast(&w->change);
	pthread_mutex_unlock(&w->lock);
}

void worker_hold(struct worker *w)
{
	pthread_mutex_lock(&w->lock);
	w->alarm = alarm_left(w);
	w->go = false;
	while (w->busy)
		pthread_cond_wait(&w->change, &w->lock);
	pthread_mutex_unlock(&w->lock);
}
