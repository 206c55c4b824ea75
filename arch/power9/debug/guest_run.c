/* SPDX-License-Identifier: BSD-2-Clause */
/* guest_run.c: see guest_run.h. */
#include "guest_run.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "arch/power9/cpu.h"

int guest_get_regs(struct vcpu *vcpu, struct kvm_regs *regs, struct error *err)
{
	long rc = kvm_call(&vcpu->fd, KVM_GET_REGS, regs);

	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_GET_REGS") : 0;
}

int guest_set_regs(struct vcpu *vcpu, const struct kvm_regs *regs, struct error *err)
{
	long rc = kvm_call(&vcpu->fd, KVM_SET_REGS, regs);

	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_SET_REGS") : 0;
}

static int get_lpcr(struct vcpu *vcpu, uint64_t *lpcr, struct error *err)
{
	long rc = kvm_reg_get(&vcpu->fd, KVM_REG_PPC_LPCR_64, lpcr);

	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_GET_ONE_REG(LPCR_64)") : 0;
}

int guest_hook(struct vcpu *vcpu, struct stepper *s, struct error *err)
{
	int rc = get_lpcr(vcpu, &s->lpcr, err);

	if (!rc && s->lpcr & LPCR_AIL)
		rc = cpu_change_lpcr(vcpu, LPCR_AIL, 0, err);
	if (rc)
		return rc;
	s->hooks.little = s->lpcr & LPCR_ILE;
	hooks_put(vcpu->vm, &s->hooks, HOOKS_ALL);
	return 0;
}

int guest_unhook(struct vcpu *vcpu, struct stepper *s, struct error *err)
{
	hooks_take(vcpu->vm, &s->hooks, HOOKS_ALL);
	return s->lpcr & LPCR_AIL ? cpu_change_lpcr(vcpu, LPCR_AIL, s->lpcr & LPCR_AIL, err) : 0;
}

/* Source: Power ISA 3.0 B Book III, LPCR[AIL]: 3 is the only value but 0 that H_SET_MODE takes. */
#define AIL_OFFSET   0xc000000000004000ULL
#define VECTOR_RESET 0x100
#define VECTOR_CHECK 0x200

void guest_relocate(const struct stepper *s, struct kvm_regs *regs)
{
	const uint64_t on = MSR_IR | MSR_DR;

	if (!(s->lpcr & LPCR_AIL) || (regs->srr1 & on) != on || regs->pc == VECTOR_RESET ||
	    regs->pc == VECTOR_CHECK)
		return;
	regs->pc += AIL_OFFSET;
	regs->msr |= on;
}

uint32_t guest_word(const struct run *r, uint64_t address)
{
	const struct vm *vm = r->vcpu->vm;
	const struct kvm_regs *regs = &r->before;
	uint64_t real = translate_code(vm, regs->pid, regs->msr, address);
	uint32_t over = hooks_in(real, real), word = 0;

	hooks_take(vm, &r->s->hooks, over);
	instruction_at(vm, real, regs->msr & MSR_LE, &word);
	hooks_put(vm, &r->s->hooks, over);
	return word;
}

uint64_t guest_stop(const struct run *r, unsigned i)
{
	return translate_code(r->vcpu->vm, r->before.pid, r->stop_msr, r->stop[i]);
}

/* --- breakpoints ------------------------------------------------------------ */

/* A trap leads to the program interrupt, unless the guest itself executes that. */
static void arm(struct run *r)
{
	uint32_t word = IS_IN(r->without, VECTOR_PROGRAM) ? BREAKPOINT_CALL : BREAKPOINT_TRAP;

	hooks_take(r->vcpu->vm, &r->s->hooks, r->without);
	for (unsigned i = 0; i < r->stops; i++)
		breakpoint_put(r->vcpu->vm, &r->at[i], guest_stop(r, i), word, r->stop_msr & MSR_LE);
}

static void disarm(struct run *r)
{
	for (unsigned i = r->stops; i-- > 0;)
		breakpoint_take(r->vcpu->vm, &r->at[i]);
	hooks_put(r->vcpu->vm, &r->s->hooks, r->without);
}

static bool is_stop(const struct run *r, uint64_t address)
{
	for (unsigned i = 0; i < r->stops; i++)
		if (r->stop[i] == address)
			return true;
	return false;
}

/* What an interrupt has put into SRR1 besides MSR. */
#define SRR1_REASON 0x783f0000ULL

void guest_undo_interrupt(struct run *r, uint64_t pc)
{
	r->after.pc = pc;
	r->after.msr = r->after.srr1 & ~SRR1_REASON;
	r->after.srr0 = r->calls ? r->next : r->before.srr0;
	r->after.srr1 = r->calls ? r->before.msr : r->before.srr1;
}

/* Whether the guest is at a hook: then says for which reason, and the registers are as they were there. */
static bool has_arrived(struct run *r, bool exited, enum arrival *how)
{
	bool calls = IS_IN(r->without, VECTOR_PROGRAM);
	uint64_t from;

	if (!hook_was_called(r->vcpu, &r->s->hooks, HOOKS_ALL & ~r->without, exited, &r->after))
		return false;
	*how = AT_VECTOR;
	r->vector = r->after.pc;
	from = calls ? r->after.srr0 - 4 : r->after.srr0;
	if (r->vector != (calls ? VECTOR_SYSCALL : VECTOR_PROGRAM) || !is_stop(r, from))
		return true;
	*how = AT_STOP;
	guest_undo_interrupt(r, from);
	return true;
}

/* Devices find no breakpoint in guest memory, and LPCR as it is. */
static int handle_exit(struct run *r)
{
	int rc;

	disarm(r);
	rc = guest_unhook(r->vcpu, r->s, r->err);
	if (rc)
		return rc;
	vcpu_exit(r->vcpu, r->event);
	rc = guest_hook(r->vcpu, r->s, r->err); /* H_SET_MODE may have changed LPCR */
	arm(r);
	return rc;
}

static int run_on(struct run *r, enum arrival *how)
{
	int rc = 0;

	for (;;) {
		bool exited = vcpu_run(r->vcpu, r->event);

		*how = PARKED;
		if (r->event->kind == EVENT_CRASH || r->event->kind == EVENT_ERROR)
			return 0;
		rc = guest_get_regs(r->vcpu, &r->after, r->err);
		if (rc)
			return rc;
		if (has_arrived(r, exited, how)) {
			r->event->kind = EVENT_NONE; /* a signal came too late */
			return 0;
		}
		if (exited)
			rc = handle_exit(r);
		else if (r->may_sleep && r->after.pc == r->next) {
			*how = ASLEEP;
			r->event->kind = EVENT_NONE;
		}
		if (rc || *how == ASLEEP || r->event->kind != EVENT_NONE)
			return rc;
	}
}

/* --- H_CEDE ------------------------------------------------------------------- */

/* A thread that sends the vCPU's a signal when the guest is seen to sleep. */
struct watch {
	struct vcpu *vcpu;
	pthread_t thread;
	bool over; /* atomic */
};

#define WATCH_NS 100000

static void *watch(void *arg)
{
	static const struct timespec pause = { .tv_nsec = WATCH_NS };
	struct watch *w = arg;

	while (!__atomic_load_n(&w->over, __ATOMIC_ACQUIRE)) {
		nanosleep(&pause, NULL);
		if (w->vcpu->blocked && kvm_run_sleeps(w->vcpu->tid, &w->vcpu->blocked))
			vcpu_signal(w->vcpu);
	}
	return NULL;
}

static int run_watched(struct run *r, enum arrival *how)
{
	struct watch w = { .vcpu = r->vcpu };
	int rc;

	/* The controller has looked; this thread may not. */
	if (!w.vcpu->blocked)
		return error_set(r->err, -ENOENT,
		                 "whether a vCPU sleeps cannot be seen in /proc/self/task; mount /proc");
	rc = pthread_create(&w.thread, NULL, watch, &w);
	if (rc)
		return error_set(r->err, -rc, "cannot start a thread: %s", strerror(rc));
	rc = run_on(r, how);
	__atomic_store_n(&w.over, true, __ATOMIC_RELEASE);
	pthread_join(w.thread, NULL);
	return rc;
}

int guest_run(struct run *r, enum arrival *how)
{
	struct kvm_regs from = r->before;
	uint64_t ee = r->masked ? r->before.msr & MSR_EE : 0;
	int rc;

	from.msr &= ~ee;
	rc = ee ? guest_set_regs(r->vcpu, &from, r->err) : 0;
	if (rc)
		return rc;
	arm(r);
	rc = r->may_sleep ? run_watched(r, how) : run_on(r, how);
	disarm(r);
	if (rc || (*how == PARKED && r->event->kind >= EVENT_CRASH))
		return rc;
	*(*how == AT_VECTOR ? &r->after.srr1 : &r->after.msr) |= ee;
	/* An exit that zpvm has handled is not complete: KVM still has to write registers. */
	if (*how == PARKED && (r->event->kind != EVENT_PAUSED || !ee))
		return 0;
	if (*how == ASLEEP)
		r->after = r->before;
	if (*how == AT_VECTOR)
		guest_relocate(r->s, &r->after);
	return guest_set_regs(r->vcpu, &r->after, r->err);
}
