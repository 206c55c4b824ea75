/* SPDX-License-Identifier: BSD-2-Clause */
/* vcpu.c: see vcpu.h. Read next: arch.h, arch/ARCH/exits.c. */
#include "vcpu.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arch.h"
#include "hook.h"
#include "mapping.h"
#include "sandbox.h"

#define KICK SIGUSR1

/* --- ids ----------------------------------------------------------------- */

unsigned vcpu_id(const struct vm *vm, unsigned index)
{
	return index * (vm->config->vcpu_stride ? vm->config->vcpu_stride : 1);
}

struct vcpu *vcpu_with_id(const struct vm *vm, uint64_t id)
{
	unsigned stride = vcpu_id(vm, 1);

	return id % stride || id / stride >= vm->vcpu_count ? NULL : &vm->vcpus[id / stride];
}

/* --- the state machine ------------------------------------------------ */

enum move {
	MOVE_GO,
	MOVE_PAUSE,
	MOVE_HOLD,
	MOVE_WAIT,
	MOVE_RELEASE,
	MOVE_WAKE,
	MOVE_START,
	MOVE_STOP,
	MOVE_SUSPEND,
	MOVE_CONTINUE,
	MOVE_END,
};

#define IN(state)   (1u << VCPU_##state)
#define PARKED_LIVE (IN(OFFLINE) | IN(SUSPENDED) | IN(PARKED) | IN(HELD) | IN(WAITING))

/* The state has changed. Called with vm->lock held: a sink does not wait. */
static void trace_move(const struct vcpu *vcpu)
{
	static const char *const names[] = {
		[VCPU_OFFLINE] = "stopped", [VCPU_SUSPENDED] = "suspended", [VCPU_PARKED] = "parked",
		[VCPU_HELD] = "held",       [VCPU_WAITING] = "waiting",     [VCPU_RUNNING] = "running",
		[VCPU_ENDED] = "ended",
	};
	struct trace_event event;

	if (!trace_wants(vcpu->vm->trace, TRACE_VCPU))
		return;
	trace_init(&event, TRACE_VCPU, vcpu->index, names[vcpu->state]);
	trace_point(vcpu->vm->trace, &event);
}

/* THE transitions. A move that a state does not have leaves the vCPU as it is. */
static void move(struct vcpu *vcpu, enum move what)
{
	static const struct {
		enum move move;
		unsigned from; /* IN() of each */
		enum vcpu_state to;
	} moves[] = {
		{ MOVE_GO, IN(PARKED), VCPU_RUNNING },
		{ MOVE_PAUSE, IN(RUNNING), VCPU_PARKED },
		{ MOVE_HOLD, IN(RUNNING), VCPU_HELD },
		{ MOVE_WAIT, IN(RUNNING), VCPU_WAITING },
		{ MOVE_RELEASE, IN(HELD), VCPU_PARKED },
		{ MOVE_WAKE, IN(WAITING), VCPU_PARKED },
		{ MOVE_START, PARKED_LIVE, VCPU_PARKED },
		{ MOVE_STOP, PARKED_LIVE, VCPU_OFFLINE }, /* by another */
		{ MOVE_SUSPEND, IN(HELD), VCPU_SUSPENDED },
		{ MOVE_SUSPEND, IN(PARKED) | IN(WAITING), VCPU_OFFLINE },
		{ MOVE_CONTINUE, IN(SUSPENDED), VCPU_HELD },
		{ MOVE_CONTINUE, IN(OFFLINE), VCPU_PARKED },
		{ MOVE_END, ~0u, VCPU_ENDED },
	};

	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		if (moves[i].move == what && moves[i].from & 1u << vcpu->state) {
			vcpu->state = moves[i].to;
			trace_move(vcpu);
			return;
		}
}

bool vcpu_is_online(const struct vcpu *vcpu)
{
	return vcpu->state != VCPU_OFFLINE && vcpu->state != VCPU_SUSPENDED;
}

void vcpu_online(struct vcpu *vcpu)
{
	move(vcpu, MOVE_START);
}

void vcpu_offline(struct vcpu *vcpu)
{
	move(vcpu, MOVE_STOP);
}

void vcpu_suspend(struct vcpu *vcpu)
{
	move(vcpu, MOVE_SUSPEND);
}

void vcpu_continue(struct vcpu *vcpu)
{
	move(vcpu, MOVE_CONTINUE);
}

void vcpu_release(struct vcpu *vcpu)
{
	move(vcpu, MOVE_RELEASE);
}

void vcpu_end(struct vcpu *vcpu, const struct event *why)
{
	vcpu->event = *why;
	move(vcpu, MOVE_END);
}

void vcpu_restore(struct vcpu *vcpu, bool online, bool held)
{
	static const enum vcpu_state states[2][2] = { { VCPU_OFFLINE, VCPU_SUSPENDED },
		                                      { VCPU_PARKED, VCPU_HELD } };

	/* The VM is paused, but a thread that has only just started looks whether it may run. */
	pthread_mutex_lock(&vcpu->vm->lock);
	vcpu->event = (struct event){ .kind = EVENT_PAUSED };
	vcpu->state = states[online][held];
	trace_move(vcpu);
	pthread_mutex_unlock(&vcpu->vm->lock);
}

void vcpu_go(struct vcpu *vcpu)
{
	if (vcpu->vm->stopped || vcpu->state != VCPU_PARKED)
		return;
	vcpu->event = (struct event){ .kind = EVENT_NONE };
	vcpu->woken = false;
	move(vcpu, MOVE_GO);
}

void vcpu_wake(struct vcpu *vcpu)
{
	move(vcpu, MOVE_WAKE);
	vcpu->woken = true;
	vcpu_go(vcpu);
	pthread_cond_broadcast(&vcpu->vm->change);
}

/* The vCPU's own thread has left the run loop, for this reason. */
static void park(struct vcpu *vcpu, const struct event *event)
{
	vcpu->event = *event;
	switch (event->kind) {
	case EVENT_NONE:
		vcpu->event.kind = EVENT_PAUSED;
		/* fall through */
	case EVENT_PAUSED: move(vcpu, MOVE_PAUSE); break;
	case EVENT_BREAK:
		vcpu->vm->stopped = true; /* the controller, which sees it, pauses the VM */
		move(vcpu, MOVE_PAUSE);
		break;
	case EVENT_HELD: move(vcpu, MOVE_HOLD); break;
	case EVENT_WAIT: move(vcpu, MOVE_WAIT); break;
	case EVENT_OFFLINE:
		move(vcpu, MOVE_PAUSE);
		move(vcpu, MOVE_STOP);
		break;
	case EVENT_STOP:
	case EVENT_REBOOT:
	case EVENT_CRASH:
	case EVENT_ERROR: move(vcpu, MOVE_END); break;
	}
}

/* --- work on a vCPU ---------------------------------------------------- */

/* Work that waits for a vCPU to park. */
struct work {
	const struct vcpu *vcpu;
	vcpu_work_fn *fn;
	void *arg;
	struct error *err;
	int rc;
};

static void set_immediate_exit(struct vcpu *vcpu, uint8_t value)
{
	__atomic_store_n(&vcpu->run->immediate_exit, value, __ATOMIC_SEQ_CST);
}

/* The flag comes first: the vCPU sees it before KVM_RUN or while it waits to print; in KVM_RUN the signal
 * ends the call. */
void vcpu_kick(struct vcpu *vcpu)
{
	set_immediate_exit(vcpu, 1);
	consoles_wake(vcpu->vm->config->consoles);
	vcpu_signal(vcpu);
}

void vcpu_signal(struct vcpu *vcpu)
{
	pthread_kill(vcpu->thread, KICK);
}

/* The vCPU has parked. If it was asked to park for some work, the work is done now and its sender continues.
 */
static void do_work(struct vcpu *vcpu)
{
	struct work *work = vcpu->vm->work;

	if (!work || work->vcpu != vcpu)
		return;
	work->rc = work->fn(vcpu, work->arg, work->err);
	vcpu->vm->work = NULL;
}

/* Under the lock: the vCPU's thread does the work. */
static int wait_for_work(struct vcpu *vcpu, struct work *work)
{
	struct vm *vm = vcpu->vm;

	vm->work = work;
	vcpu_kick(vcpu);
	while (vm->work == work)
		pthread_cond_wait(&vm->change, &vm->lock);
	return work->rc;
}

int vcpu_work(struct vcpu *vcpu, const struct vcpu *sender, vcpu_work_fn *fn, void *arg, struct error *err)
{
	struct vm *vm = vcpu->vm;
	struct work work = { vcpu, fn, arg, err, 0 };
	int rc;

	pthread_mutex_lock(&vm->lock);
	while (!sender && vcpu->state == VCPU_RUNNING && vm->work)
		pthread_cond_wait(&vm->change, &vm->lock);
	if (vcpu->state == VCPU_RUNNING && vcpu != sender && vm->work)
		rc = error_set(err, -EAGAIN, "vCPU %u is to park for another", vm->work->vcpu->id);
	else if (vcpu->state == VCPU_RUNNING && vcpu != sender)
		rc = wait_for_work(vcpu, &work);
	else
		rc = fn(vcpu, arg, err);
	vcpu_wake(vcpu);
	pthread_mutex_unlock(&vm->lock);
	return rc;
}

void vcpu_give_way(struct vm *vm)
{
	struct timespec deadline = time_in(1);

	pthread_mutex_lock(&vm->lock);
	pthread_cond_timedwait(&vm->change, &vm->lock, &deadline);
	pthread_mutex_unlock(&vm->lock);
}

/* --- the thread -------------------------------------------------------- */

static void kicked(int sig)
{
	(void)sig; /* the signal only makes KVM_RUN return */
}

/* The vCPU was in the guest, or on its way there, from then on. */
static void trace_run(const struct vcpu *vcpu, uint64_t began, int rc)
{
	struct trace_event trace;

	trace_init(&trace, TRACE_VCPU, vcpu->index, "in guest");
	trace.duration = trace.ns - began;
	trace.ns = began;
	trace.result = rc == -EINTR || rc == -EAGAIN ? "signal" : rc ? error_name(rc) : "exit";
	trace_point(vcpu->vm->trace, &trace);
}

bool vcpu_run(struct vcpu *vcpu, struct event *event)
{
	uint64_t began;
	int rc;

	/* What the last exit printed is in a queue. A guest that prints faster than it is read stops here,
	 * between two instructions. */
	consoles_wait(vcpu->vm->config->consoles, &vcpu->run->immediate_exit);
	began = trace_wants(vcpu->vm->trace, TRACE_VCPU) ? time_now() : 0;
	rc = kvm_run(&vcpu->fd);
	if (began)
		trace_run(vcpu, began, rc);
	if (rc == -EINTR || rc == -EAGAIN) {
		if (__atomic_load_n(&vcpu->run->immediate_exit, __ATOMIC_SEQ_CST))
			event->kind = EVENT_PAUSED;
	} else if (rc == -EFAULT) {
		event->kind = EVENT_CRASH;
		error_set(&event->why, rc, "the guest used an address that KVM cannot map");
	} else if (rc < 0) {
		event->kind = EVENT_ERROR;
		event->code = kvm_failed(&event->why, rc, &vcpu->fd, NULL, "KVM_RUN");
	}
	return !rc;
}

void vcpu_exit(struct vcpu *vcpu, struct event *event)
{
	const struct trace *trace = vcpu->vm->trace;
	struct trace_event span;

	if (!trace_wants(trace, TRACE_EXIT))
		return arch_exit(vcpu, event);
	trace_begin(trace, &span, TRACE_EXIT, vcpu->index, arch_exit_name(vcpu), vcpu);
	arch_exit(vcpu, event);
	trace_end(trace, &span);
}

void vcpu_enter(struct vcpu *vcpu, struct event *event)
{
	if (vcpu_run(vcpu, event))
		vcpu_exit(vcpu, event);
}

/* A signal that is pending, blocked, and not blocked in KVM_RUN ends that as soon as KVM looks for signals.
 */
int vcpu_enter_once(struct vcpu *vcpu, bool on, struct error *err)
{
	const struct timespec now = { 0 };
	struct {
		struct kvm_signal_mask mask;
		uint8_t none[8]; /* the kernel's sigset_t */
	} in_guest = { .mask = { .len = sizeof(in_guest.none) } };
	sigset_t kick;
	long rc;

	sigemptyset(&kick);
	sigaddset(&kick, KICK);
	if (on) {
		pthread_sigmask(SIG_BLOCK, &kick, NULL);
		pthread_kill(pthread_self(), KICK);
	}
	rc = kvm_call(&vcpu->fd, KVM_SET_SIGNAL_MASK, on ? &in_guest.mask : NULL);
	if (!on || rc < 0) {
		sigtimedwait(&kick, NULL, &now);
		pthread_sigmask(SIG_UNBLOCK, &kick, NULL);
	}
	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_SET_SIGNAL_MASK") : 0;
}

/* THE run loop: runs until an event that parks the vCPU. */
static void run_until_event(struct vcpu *vcpu, struct event *event)
{
	while (event->kind == EVENT_NONE)
		vcpu_enter(vcpu, event);
}

/*
 * The answer to an exit (a loaded value, a hypercall's result) reaches the registers at the next KVM_RUN.
 * So KVM is entered once without running the guest, and the registers of a parked vCPU are complete.
 */
static void complete_exit(struct vcpu *vcpu, struct event *event)
{
	int rc;

	if (event->kind == EVENT_PAUSED || event->kind >= EVENT_CRASH)
		return;
	set_immediate_exit(vcpu, 1);
	rc = kvm_run(&vcpu->fd);
	if (rc != -EINTR) {
		event->kind = EVENT_ERROR;
		event->code = kvm_failed(&event->why, rc ? rc : -EPROTO, &vcpu->fd, NULL,
		                         "KVM_RUN with immediate_exit");
	}
}

static void *vcpu_thread(void *arg)
{
	struct vcpu *vcpu = arg;
	struct vm *vm = vcpu->vm;

	sandbox_thread(SANDBOX_VCPU);
	pthread_mutex_lock(&vm->lock);
	vcpu->tid = gettid();
	for (;;) {
		struct event event = { .kind = EVENT_NONE };

		while (vcpu->state != VCPU_RUNNING && !vm->quit)
			pthread_cond_wait(&vm->change, &vm->lock);
		if (vm->quit)
			break;
		pthread_mutex_unlock(&vm->lock);
		if (vcpu->alone)
			vcpu->alone->run(vcpu, vcpu->alone->arg, &event);
		else
			run_until_event(vcpu, &event);
		complete_exit(vcpu, &event);
		pthread_mutex_lock(&vm->lock);
		/* Under the lock: vcpu_kick() sets it for a vCPU that still runs. */
		set_immediate_exit(vcpu, 0);
		/* What it waits for may have come since the exit: then it enters the guest again. */
		if ((event.kind == EVENT_HELD && !vm->config->hooks->waits(vcpu)) ||
		    (event.kind == EVENT_WAIT && vcpu->woken))
			event.kind = EVENT_PAUSED;
		park(vcpu, &event);
		do_work(vcpu);
		vcpu_go(vcpu);
		pthread_cond_broadcast(&vm->change);
	}
	pthread_mutex_unlock(&vm->lock);
	return NULL;
}

int vcpu_run_alone(struct vcpu *vcpu, const struct vcpu_alone *alone, uint64_t ms, struct error *err)
{
	struct timespec deadline = time_in(ms);
	struct vm *vm = vcpu->vm;
	int rc = 0;

	pthread_mutex_lock(&vm->lock);
	if (!vm->stopped || vcpu->state != VCPU_PARKED) {
		pthread_mutex_unlock(&vm->lock);
		return error_set(err, -EBUSY, "vCPU %u does not run", vcpu->id);
	}
	vcpu->alone = alone;
	vcpu->event = (struct event){ .kind = EVENT_NONE };
	vcpu->woken = false;
	move(vcpu, MOVE_GO);
	pthread_cond_broadcast(&vm->change);
	while (vcpu->state == VCPU_RUNNING && !rc)
		rc = pthread_cond_timedwait(&vm->change, &vm->lock, &deadline);
	if (vcpu->state == VCPU_RUNNING)
		vcpu_kick(vcpu);
	while (vcpu->state == VCPU_RUNNING)
		pthread_cond_wait(&vm->change, &vm->lock);
	vcpu->alone = NULL;
	pthread_mutex_unlock(&vm->lock);
	return 0;
}

int vcpu_run_aside(struct vcpu *vcpu, const struct vcpu_alone *alone, uint64_t ms, struct event *event,
                   struct error *err)
{
	struct vm *vm = vcpu->vm;
	struct vcpu before;
	int rc;

	pthread_mutex_lock(&vm->lock);
	before = *vcpu;
	vcpu->state = VCPU_PARKED;
	pthread_mutex_unlock(&vm->lock);
	rc = vcpu_run_alone(vcpu, alone, ms, err);
	pthread_mutex_lock(&vm->lock);
	*event = vcpu->event;
	vcpu->state = before.state;
	vcpu->event = before.event;
	vcpu->woken = before.woken;
	pthread_mutex_unlock(&vm->lock);
	return rc;
}

/* --- create and destroy -------------------------------------------------- */

int vcpu_create(struct vm *vm, uint16_t index, struct error *err)
{
	unsigned id = vcpu_id(vm, index);
	struct vcpu *vcpu = &vm->vcpus[index];
	long rc = kvm_call_value(&vm->fd, KVM_CREATE_VCPU, id), size;
	void *run;

	vcpu->vm = vm;
	vcpu->index = index;
	vcpu->id = (uint16_t)id;
	vcpu->fd.fd = -1;
	if (rc < 0)
		return kvm_failed(err, rc, &vm->fd,
		                  rc == -EMFILE ? "raise the limit of open files (ulimit -n)" : NULL,
		                  "KVM_CREATE_VCPU(%u)", id);
	kvm_fd_set(&vcpu->fd, (int)rc, vm->trace, "vcpu %u", id);
	vcpu->fd.vcpu = index;
	size = kvm_call_value(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < (long)sizeof(*vcpu->run))
		return kvm_failed(err, size < 0 ? size : -EPROTO, vm->kvm, NULL,
		                  "KVM_GET_VCPU_MMAP_SIZE = %ld", size);
	run = mapping_open((size_t)size, 0, vcpu->fd.fd, 0);
	if (run == MAP_FAILED)
		return kvm_failed(err, -errno, &vcpu->fd, NULL, "mmap of kvm_run, %ld bytes", size);
	vcpu->run = run;
	vcpu->run_size = (size_t)size;
	return arch_vcpu_create(vcpu, err);
}

int vcpu_start_thread(struct vcpu *vcpu, struct error *err)
{
	struct sigaction kick = { .sa_handler = kicked, .sa_flags = SA_RESTART };
	pthread_attr_t attr;
	int rc;

	sigaction(KICK, &kick, NULL);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 * 1024);
	rc = pthread_create(&vcpu->thread, &attr, vcpu_thread, vcpu);
	vcpu->has_thread = !rc;
	pthread_attr_destroy(&attr);
	return rc ? error_set(err, -rc, "cannot start a vCPU's thread: %s", strerror(rc)) : 0;
}

void vcpu_destroy(struct vcpu *vcpu)
{
	if (vcpu->has_thread)
		pthread_join(vcpu->thread, NULL);
	if (vcpu->blocked)
		close(vcpu->blocked);
	if (vcpu->run)
		mapping_close(vcpu->run, vcpu->run_size);
	kvm_close(&vcpu->fd);
}
