/* SPDX-License-Identifier: BSD-2-Clause */
/* worker.c: see worker.h. */
#include "worker.h"

#include <string.h>

#include "trace.h"
#include "vcpu.h"

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

static void *work(void *arg)
{
	struct worker *w = arg;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		struct timespec rest;
		struct error why;
		int rc;

		while (!w->quit && !(w->go && w->due))
			pthread_cond_wait(&w->change, &w->lock);
		if (w->quit)
			break;
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

int worker_need(struct worker *w, struct error *err)
{
	int rc = 0;

	pthread_mutex_lock(&w->lock);
	w->due = true;
	if (!w->started)
		rc = pthread_create(&w->thread, NULL, work, w);
	w->started = !rc;
	pthread_cond_broadcast(&w->change);
	pthread_mutex_unlock(&w->lock);
	return rc ? error_set(err, -rc, "cannot start the thread that works while vCPUs wait: %s",
	                      strerror(rc))
	          : 0;
}

void worker_go(struct worker *w)
{
	pthread_mutex_lock(&w->lock);
	w->go = true;
	pthread_cond_broadcast(&w->change);
	pthread_mutex_unlock(&w->lock);
}

void worker_hold(struct worker *w)
{
	pthread_mutex_lock(&w->lock);
	w->go = false;
	while (w->busy)
		pthread_cond_wait(&w->change, &w->lock);
	pthread_mutex_unlock(&w->lock);
}
