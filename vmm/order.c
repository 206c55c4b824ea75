/* SPDX-License-Identifier: BSD-2-Clause */
/* order.c: see order.h, and vm_order() in vm.h. */
#include "order.h"

#include <errno.h>

struct order {
	const struct vcpu *vcpu; /* that is to park for it */
	order_fn *fn;
	void *arg;
	struct error *err;
	int rc;
};

void vcpu_immediate_exit(struct vcpu *vcpu, uint8_t value)
{
	__atomic_store_n(&vcpu->run->immediate_exit, value, __ATOMIC_SEQ_CST);
}

/* The flag first: before KVM_RUN, or waiting to print, it is seen; inside KVM_RUN the signal ends it. */
void vcpu_kick(struct vcpu *vcpu)
{
	vcpu_immediate_exit(vcpu, 1);
	consoles_wake(vcpu->vm->config->consoles);
	pthread_kill(vcpu->thread, VCPU_KICK);
}

void vcpu_let_run(struct vcpu *vcpu)
{
	if (!vcpu->online || vcpu->held || vcpu->running || vcpu->event.kind >= EVENT_WAIT)
		return;
	vcpu->event = (struct event){ .kind = EVENT_NONE };
	vcpu->running = true;
}

void vcpu_wake(struct vcpu *vcpu)
{
	if (vcpu->event.kind == EVENT_WAIT)
		vcpu->event = (struct event){ .kind = EVENT_PAUSED };
	if (!vcpu->vm->stopped)
		vcpu_let_run(vcpu);
	pthread_cond_broadcast(&vcpu->vm->change);
}

void vcpu_online(struct vcpu *vcpu)
{
	vcpu->online = true;
	vcpu->held = false;
	if (vcpu->event.kind < EVENT_STOP)
		vcpu->event = (struct event){ .kind = EVENT_PAUSED };
}

void vcpu_offline(struct vcpu *vcpu)
{
	vcpu->online = false;
	vcpu->held = false;
	if (vcpu->event.kind < EVENT_STOP)
		vcpu->event = (struct event){ .kind = EVENT_OFFLINE };
}

void order_done(struct vcpu *vcpu)
{
	struct order *order = vcpu->vm->order;

	if (!order || order->vcpu != vcpu)
		return;
	order->rc = order->fn(vcpu, order->arg, order->err);
	vcpu->vm->order = NULL;
}

struct timespec deadline_in(uint64_t ms)
{
	uint64_t ns = time_now() + ms * 1000000;

	return (struct timespec){ .tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000) };
}

/* Under the lock: the vCPU's thread does it. */
static int order_wait(struct vcpu *vcpu, struct order *order)
{
	struct vm *vm = vcpu->vm;

	vm->order = order;
	vcpu_kick(vcpu);
	while (vm->order == order)
		pthread_cond_wait(&vm->change, &vm->lock);
	return order->rc;
}

int vm_order(struct vcpu *vcpu, const struct vcpu *sender, order_fn *fn, void *arg, struct error *err)
{
	struct vm *vm = vcpu->vm;
	struct order order = { vcpu, fn, arg, err, 0 };
	int rc;

	pthread_mutex_lock(&vm->lock);
	while (!sender && vcpu->running && vm->order)
		pthread_cond_wait(&vm->change, &vm->lock);
	if (vcpu->running && vcpu != sender && vm->order)
		rc = error_set(err, -EAGAIN, "vCPU %u is to park for an order", vm->order->vcpu->id);
	else if (vcpu->running && vcpu != sender)
		rc = order_wait(vcpu, &order);
	else
		rc = fn(vcpu, arg, err);
	vcpu_wake(vcpu);
	pthread_mutex_unlock(&vm->lock);
	return rc;
}

void vm_give_way(struct vm *vm)
{
	struct timespec deadline = deadline_in(1);

	pthread_mutex_lock(&vm->lock);
	pthread_cond_timedwait(&vm->change, &vm->lock, &deadline);
	pthread_mutex_unlock(&vm->lock);
}
