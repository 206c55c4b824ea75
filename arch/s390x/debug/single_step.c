/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * single_step.c: one instruction of an s390x vCPU at a time. KVM single-steps by itself
 * (KVM_GUESTDBG_SINGLESTEP), but with an interrupt that is deliverable a step of KVM's is the delivery and
 * the first instruction of the handler together, and clock-comparator interruptions are never delivered. So
 * what is deliverable is delivered before, by a stop: with a stop pending KVM delivers all it can, executes
 * no instruction, and exits. The stop is ours; one that was pending before is not hidden by it, because then
 * none is needed.
 *
 * A program interruption that an instruction leads to is delivered at once, by a stop too, so that the step
 * is a delivery. KVM has to be kept from delivering it itself and entering its handler (vcpu_enter_once()).
 *
 * Source: kernel api.rst, KVM_SET_GUEST_DEBUG, KVM_S390_IRQ. Read next: guest_time.h.
 */
#include <errno.h>
#include <stdlib.h>

#include "arch/s390x/cpu.h"
#include "arch/s390x/local.h"
#include "delivery.h"
#include "guest_time.h"
#include "logical.h"
#include "vmm/debug/arch_debug.h"
#include "vmm/vcpu.h"

#define PSW_OPEN (PSW_EXTERNAL | 0x0204000000000000ULL) /* external, I/O, machine check */
#define PSW_WAIT 0x0002000000000000ULL
#define PSW_CC   (3ULL << PSW_CC_SHIFT)

/* A program-interruption code's bit: a PER event. Alone, its instruction was completed. */
#define PGM_PER 0x80

/* Assigned storage: the CPU timer of a stop or machine check. */
#define SAVED_CPU_TIMER 0x1328

/* The address-space control of a PSW; the bits of a translation-exception identification: it was a fetch. */
#define PSW_SPACE_SHIFT 46
#define TEID_FETCH      0x800
#define SPACE_HOME      3

/* What decides whether an interrupt is deliverable, but for the timers. */
struct view {
	uint64_t open; /* the PSW's masks */
	uint64_t cr0, cr6, cr14;
	size_t pending; /* local ones */
	bool stop;
	bool stores;   /* the stop, the status */
	bool unmasked; /* of a type that no mask holds back */
	bool program;  /* a program interruption that is not only a PER event */
};

/* KVM enters the guest at the first, or its exit that is pending comes at the second. */
#define MOST_TRIES 8

struct stepper {
	struct guest_time time;
	struct view view;    /* as of now */
	struct view drained; /* as it was when nothing was deliverable */
	bool is_drained;
	bool stale;  /* kvm_run has not the registers that KVM has */
	bool once;   /* KVM enters the guest but once */
	bool synced; /* KVM has the PSW that kvm_run has, but for its condition code and address */
};

_Static_assert(sizeof(struct stepper) <= ARCH_STEP_SIZE, "struct arch_step has room for it");

/* KVM drops a pending KVM_EXIT_DEBUG. */
static int debug(struct vcpu *vcpu, bool on, struct error *err)
{
	struct kvm_guest_debug debug = { .control = on ? KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP : 0 };
	long rc = kvm_call(&vcpu->fd, KVM_SET_GUEST_DEBUG, &debug);

	if (rc == -EINVAL)
		return error_set(err, -EOPNOTSUPP,
		                 "KVM_SET_GUEST_DEBUG: this host's CPU has no PER for guests");
	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_SET_GUEST_DEBUG(%s)",
	                           on ? "single-step" : "off")
	              : 0;
}

/* Gets the registers that decide into kvm_run, where they are after each KVM_RUN. */
static int refresh(struct vcpu *vcpu, struct stepper *s, struct error *err)
{
	struct s390_cpu timers;
	struct kvm_sregs sregs;
	long rc = kvm_call(&vcpu->fd, KVM_GET_SREGS, &sregs);

	if (rc < 0)
		return kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_GET_SREGS");
	for (unsigned i = 0; i < 16; i++)
		vcpu->run->s.regs.crs[i] = sregs.crs[i];
	rc = cpu_look_at_timers(vcpu, &timers, err);
	if (rc)
		return (int)rc;
	vcpu->run->s.regs.ckc = timers.reg[S390_REG_CLOCK_COMP];
	s->stale = false;
	return 0;
}

/* The local interrupts: few, or a list for free(). */
static int get_pending(struct vcpu *vcpu, struct s390_irq *few, size_t room, struct s390_irq **list,
                       size_t *count, struct error *err)
{
	struct kvm_s390_irq_state get = { .buf = (uintptr_t)few, .len = (uint32_t)(room * sizeof(*few)) };
	long rc = kvm_call(&vcpu->fd, KVM_S390_GET_IRQ_STATE, &get);

	*list = NULL;
	*count = rc < 0 ? 0 : (size_t)rc / sizeof(*few);
	return rc < 0 ? local_get_all(vcpu, list, count, err) : 0;
}

static int look(struct vcpu *vcpu, struct stepper *s, struct error *err)
{
	const struct kvm_run *run = vcpu->run;
	struct s390_irq few[4], *list;
	const struct s390_irq *irqs;
	size_t count;
	int rc = s->stale ? refresh(vcpu, s, err) : 0;

	if (!rc)
		rc = get_pending(vcpu, few, sizeof(few) / sizeof(few[0]), &list, &count, err);
	if (rc)
		return rc;
	irqs = list ? list : few;
	s->view = (struct view){ .open = run->psw_mask & PSW_OPEN,
		                 .cr0 = run->s.regs.crs[0],
		                 .cr6 = run->s.regs.crs[6],
		                 .cr14 = run->s.regs.crs[14],
		                 .pending = count };
	for (size_t i = 0; i < count; i++)
		switch (irqs[i].type) {
		case S390_STOP:
			s->view.stop = true;
			s->view.stores = irqs[i].stop_flags;
			break;
		case S390_PROGRAM:
			s->view.program = irqs[i].pgm.code & ~PGM_PER;
			/* fall through */
		case S390_RESTART:
		case S390_SET_PREFIX: s->view.unmasked = true; break;
		}
	free(list);
	return 0;
}

static bool may_deliver(const struct stepper *s)
{
	const struct view *a = &s->view, *b = &s->drained;

	if (a->unmasked)
		return true;
	return a->open && !(s->is_drained && a->open == b->open && a->cr0 == b->cr0 && a->cr6 == b->cr6 &&
	                    a->cr14 == b->cr14 && a->pending == b->pending);
}

int arch_step_begin(struct vcpu *vcpu, struct arch_step *step, struct error *err)
{
	struct stepper *s = (struct stepper *)step->bytes;
	struct error ignored;
	int rc;

	*s = (struct stepper){ .stale = true };
	rc = debug(vcpu, true, err);
	if (rc)
		return rc;
	rc = vcpu_enter_once(vcpu, true, err);
	s->once = !rc;
	if (!rc)
		rc = guest_time_begin(vcpu, &s->time, err);
	if (!rc)
		rc = look(vcpu, s, err);
	if (rc && s->once)
		vcpu_enter_once(vcpu, false, &ignored);
	if (rc)
		debug(vcpu, false, &ignored);
	return rc;
}

int arch_step_end(struct vcpu *vcpu, struct arch_step *step, struct error *err)
{
	struct stepper *s = (struct stepper *)step->bytes;
	struct error ignored;
	int rc = guest_time_end(vcpu, &s->time, err), last;

	if (s->once) {
		last = vcpu_enter_once(vcpu, false, rc ? &ignored : err);
		rc = rc ? rc : last;
	}
	last = debug(vcpu, false, rc ? &ignored : err);
	return rc ? rc : last;
}

/* After many tries: this KVM does not enter the guest at all. */
static int check_once(struct vcpu *vcpu, struct stepper *s, unsigned tries, struct error *err)
{
	if (tries != MOST_TRIES || !s->once)
		return 0;
	s->once = false;
	return vcpu_enter_once(vcpu, false, err);
}

/* --- the stop ---------------------------------------------------------------- */

/* Enters KVM until the stop that is pending is taken: event is EVENT_OFFLINE then. Timers are due. */
static int enter_to_stop(struct vcpu *vcpu, struct stepper *s, unsigned due, struct event *event,
                         struct error *err)
{
	int rc = due & DUE_CLOCK_COMP ? debug(vcpu, false, err) : 0;

	if (!rc)
		rc = guest_time_expire(vcpu, &s->time, due, err);
	if (rc)
		return rc;
	for (unsigned tries = 1; event->kind == EVENT_NONE && !rc; tries++) {
		vcpu_enter(vcpu, event);
		rc = check_once(vcpu, s, tries, err);
	}
	s->synced = true;
	if (!rc)
		rc = guest_time_expired(vcpu, due, err);
	return !rc && due & DUE_CLOCK_COMP ? debug(vcpu, true, err) : rc;
}

/* A stop that KVM has not taken yet is pending no more, and the vCPU operates. */
static int take_back_stop(struct vcpu *vcpu, const struct event *event, struct error *err)
{
	int rc = event->kind == EVENT_OFFLINE ? 0 : cpu_set_mp_state(vcpu, KVM_MP_STATE_STOPPED, err);

	return rc ? rc : cpu_set_mp_state(vcpu, KVM_MP_STATE_OPERATING, err);
}

/* Has KVM deliver what is deliverable. */
static int drain(struct vcpu *vcpu, struct stepper *s, unsigned due, unsigned *number, bool *delivered,
                 struct event *event, struct error *err)
{
	static const struct s390_irq stop = { .type = S390_STOP };
	uint64_t mask = vcpu->run->psw_mask, address = vcpu->run->psw_addr;
	bool surely = s->view.unmasked;
	struct error ignored;
	int rc = local_inject(vcpu, &stop, err), back;

	if (rc)
		return rc;
	rc = enter_to_stop(vcpu, s, due, event, err);
	back = take_back_stop(vcpu, event, rc ? &ignored : err);
	if (event->kind == EVENT_OFFLINE)
		event->kind = EVENT_NONE;
	if (!rc)
		rc = back ? back : look(vcpu, s, err);
	if (rc)
		return rc;
	*delivered = vcpu->run->psw_mask != mask || vcpu->run->psw_addr != address ||
	             (surely && !s->view.unmasked);
	*number = *delivered ? delivery_find(vcpu, mask, address) : 0;
	if (*delivered && (surely || delivery_is_at(vcpu, NEW_MACHINE)))
		guest_time_saved(vcpu, &s->time, vcpu->run->s.regs.prefix + SAVED_CPU_TIMER);
	s->is_drained = !*delivered && event->kind == EVENT_NONE;
	s->drained = s->view;
	return 0;
}

/* A stop was pending already: the vCPU takes it. */
static int stop_now(struct vcpu *vcpu, struct stepper *s, enum stepped *what, struct event *event,
                    struct error *err)
{
	int rc = enter_to_stop(vcpu, s, guest_time_due(vcpu, &s->time), event, err);

	*what = STEPPED_EVENT;
	if (s->view.stores)
		guest_time_saved(vcpu, &s->time, SAVED_CPU_TIMER);
	return rc;
}

/* --- one instruction ------------------------------------------------------------ */

/*
 * KVM executes these once more: the first use of storage keys, a page to be moved that the host has to get
 * first. Or they are interruptible, and a host's interrupt was in between.
 */
static bool may_repeat(uint32_t instruction)
{
	static const uint16_t codes[] = { 0x0102, 0xb21a, 0xb229, 0xb22a, 0xb22b, 0xb254, 0xb9ab, 0xb9af };
	unsigned code = instruction >> 16;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i] == code)
			return true;
	return code >> 8 == 0x0e || code >> 8 == 0x0f; /* MVCL, CLCL */
}

/* KVM_RUN returned without an exit: whether the instruction is over. */
static int is_over(struct vcpu *vcpu, struct stepper *s, bool moved, unsigned tries, struct error *err)
{
	int rc = look(vcpu, s, err);

	if (rc || s->view.program)
		return rc ? rc : 1;
	/* If it is, KVM's exit is pending, and not needed. */
	rc = moved ? debug(vcpu, true, err) : check_once(vcpu, s, tries, err);
	return rc ? rc : moved;
}

/* Enters KVM until an instruction has been executed or has led to a program interruption, or event is set. */
static int execute(struct vcpu *vcpu, struct stepper *s, uint32_t instruction, struct event *event,
                   struct error *err)
{
	struct kvm_run *run = vcpu->run;
	uint64_t mask = run->psw_mask, address = run->psw_addr;
	bool moved = false;
	int rc;

	for (unsigned tries = 1;; tries++) {
		/* It may be left as it was if KVM_RUN fails. */
		run->exit_reason = KVM_EXIT_UNKNOWN;
		vcpu_enter(vcpu, event);
		moved = run->psw_addr != address || (run->psw_mask & ~PSW_CC) != (mask & ~PSW_CC);
		if (event->kind != EVENT_NONE)
			break;
		if (run->exit_reason == KVM_EXIT_DEBUG && (moved || !may_repeat(instruction)))
			return look(vcpu, s, err);
		if (run->exit_reason == KVM_EXIT_DEBUG)
			continue;
		if (run->exit_reason != KVM_EXIT_UNKNOWN && run->exit_reason != KVM_EXIT_INTR)
			break;
		rc = is_over(vcpu, s, moved, tries, err);
		if (rc)
			return rc < 0 ? rc : 0;
	}
	/* The time was over just then: KVM's exit is pending, but the instruction was executed. */
	if (event->kind == EVENT_PAUSED && moved)
		event->kind = EVENT_NONE;
	/* An exit to us is the whole instruction. Of most of them KVM has another exit pending. */
	s->stale = true;
	s->is_drained = false;
	s->synced = (run->psw_mask & ~PSW_CC) == (mask & ~PSW_CC);
	rc = debug(vcpu, true, err);
	if (!rc)
		rc = guest_time_check_reset(vcpu, &s->time, err);
	return rc ? rc : look(vcpu, s, err);
}

/* A newer KVM has delivered the program interruption of the instruction at this address by itself. */
static bool was_delivered(const struct vcpu *vcpu, uint64_t address)
{
	const uint64_t *old;

	if (!delivery_is_at(vcpu, NEW_PROGRAM))
		return false;
	old = ram_at(&vcpu->vm->ram, vcpu->run->s.regs.prefix + OLD_PSW(NEW_PROGRAM), 16);
	return old && old[1] - address <= 6;
}

/*
 * An instruction that cannot be fetched has no PER event (PoP ch. 4), so a CPU need not exit for it: it may
 * go on to the first instruction of the handler. So such a fault is injected. (Hercules does exit.)
 */
static bool is_translation(unsigned code)
{
	return code == 0x10 || code == 0x11 || (code >= 0x38 && code <= 0x3b);
}

static int inject_fault(struct vcpu *vcpu, const struct fetch_fault *fault, struct error *err)
{
	uint64_t space = vcpu->run->psw_mask >> PSW_SPACE_SHIFT & 3;
	struct s390_irq irq = { .type = S390_PROGRAM };

	irq.pgm.code = (uint16_t)fault->code;
	irq.pgm.trans_exc_code = (fault->at & ~0xfffULL) | TEID_FETCH | (space == SPACE_HOME ? space : 0);
	irq.pgm.flags =
		KVM_S390_PGM_FLAGS_ILC_VALID | KVM_S390_PGM_FLAGS_ILC_1 | KVM_S390_PGM_FLAGS_NO_REWIND;
	return local_inject(vcpu, &irq, err);
}

/* It is not executed, or not completed: its program interruption is delivered. */
static int interrupt(struct vcpu *vcpu, struct stepper *s, struct arch_step *step, enum stepped *what,
                     struct event *event, struct error *err)
{
	bool delivered = false;
	int rc = drain(vcpu, s, guest_time_due(vcpu, &s->time), &step->delivered, &delivered, event, err);

	*what = delivered ? STEPPED_DELIVERY : STEPPED_EVENT;
	return rc;
}

#define IS_SUPERVISOR_CALL(instruction) ((instruction) >> 24 == 0x0a)

static int step_instruction(struct vcpu *vcpu, struct stepper *s, struct arch_step *step, enum stepped *what,
                            struct event *event, struct error *err)
{
	struct fetch_fault fault;
	uint32_t instruction = logical_instruction(vcpu, &fault);
	struct time_access access = guest_time_decode(vcpu, instruction);
	uint64_t address = vcpu->run->psw_addr;
	int rc = 0;

	if (is_translation(fault.code)) {
		rc = inject_fault(vcpu, &fault, err);
		if (!rc)
			rc = look(vcpu, s, err);
		return rc ? rc : interrupt(vcpu, s, step, what, event, err);
	}
	rc = execute(vcpu, s, instruction, event, err);
	*what = event->kind == EVENT_NONE ? STEPPED_INSTRUCTION : STEPPED_EVENT;
	if (!rc && s->view.program && event->kind == EVENT_NONE)
		return interrupt(vcpu, s, step, what, event, err);
	if (!rc && event->kind == EVENT_NONE && was_delivered(vcpu, address)) {
		step->delivered = NEW_PROGRAM;
		*what = STEPPED_DELIVERY;
		return 0;
	}
	if (rc || event->kind == EVENT_PAUSED || event->kind == EVENT_CRASH)
		return rc;
	if (IS_SUPERVISOR_CALL(instruction) && delivery_is_at(vcpu, NEW_SUPERVISOR))
		step->delivered = NEW_SUPERVISOR;
	rc = guest_time_apply(vcpu, &s->time, &access, err);
	guest_time_advance(vcpu, &s->time);
	return rc;
}

/* An enabled wait is not entered. Its timer may end it at once. */
static int step_asleep(struct vcpu *vcpu, struct stepper *s, struct arch_step *step, enum stepped *what,
                       struct event *event, struct error *err)
{
	uint64_t left = step->timers ? guest_time_left(vcpu, &s->time) : 0;

	*what = STEPPED_ASLEEP;
	if (!left)
		return 0;
	guest_time_pass(vcpu, &s->time, left);
	return interrupt(vcpu, s, step, what, event, err);
}

/* Nothing is deliverable. A disabled wait exits at once. */
static int step_on(struct vcpu *vcpu, struct stepper *s, struct arch_step *step, enum stepped *what,
                   struct event *event, struct error *err)
{
	if (!(vcpu->run->psw_mask & PSW_WAIT))
		return step_instruction(vcpu, s, step, what, event, err);
	if (s->view.open)
		return step_asleep(vcpu, s, step, what, event, err);
	*what = STEPPED_EVENT;
	step->idle = true;
	while (event->kind == EVENT_NONE)
		vcpu_enter(vcpu, event);
	return 0;
}

int arch_step(struct vcpu *vcpu, struct arch_step *step, enum stepped *what, struct event *event,
              struct error *err)
{
	struct stepper *s = (struct stepper *)step->bytes;
	unsigned due = guest_time_due(vcpu, &s->time);
	bool delivered = false;
	int rc = 0;

	if (s->view.stop) {
		step->idle = true;
		rc = stop_now(vcpu, s, what, event, err);
	} else if (due || !s->synced || may_deliver(s)) {
		rc = drain(vcpu, s, due, &step->delivered, &delivered, event, err);
		*what = delivered ? STEPPED_DELIVERY : STEPPED_EVENT;
	}
	if (!rc && event->kind == EVENT_NONE && !delivered)
		rc = step_on(vcpu, s, step, what, event, err);
	if (event->kind == EVENT_PAUSED && *what == STEPPED_EVENT)
		*what = STEPPED_LATE;
	else if (event->kind == EVENT_PAUSED)
		event->kind = EVENT_NONE; /* the next step will be late */
	return rc;
}
