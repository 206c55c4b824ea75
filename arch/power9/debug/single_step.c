/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * single_step.c: KVM on POWER9 has no single-stepping (KVM_CAP_PPC_GUEST_DEBUG_SSTEP is 0), so the guest runs
 * from the instruction at the pc to a breakpoint at the next one; another breakpoint at each interrupt vector
 * shows that it was interrupted.
 *
 * - Branches and accesses to clocks are executed here: a branch may lead to itself, and the guest's time is
 *   step_clock.h's.
 * - An interrupt may come between the instruction and the breakpoint behind it. Then it is undone: the
 *   registers get back what they had, and KVM delivers the interrupt again in the next step. Where that would
 *   lose something (P9_FRAGILE) the instruction is executed with MSR[EE] off, and interrupts come before it.
 * - A load with reservation and what follows, up to its conditional store, are one step and count as one
 *   instruction: each exit to KVM cancels the reservation.
 * - H_CEDE with nothing pending is undone, too: the vCPU is asleep in front of it, and the VM may resume.
 *
 * Breakpoints are put at real addresses, where the guest's own tables say (translate.h); the guest's own
 * protection of its pages does not concern them. Interrupts are taken in real mode, with LPCR[AIL] off
 * (guest_run.h): the hooks' stores are interrupts for the guest in any other.
 */
#include <errno.h>

#include "decode.h"
#include "guest_run.h"
#include "arch/power9/cpu.h"
#include "vmm/debug/arch_debug.h"

#define MSR_SE 0x400ULL
#define MSR_BE 0x200ULL

#define H_CEDE 0xe0

/* CR0[EQ]: a conditional store has stored. */
#define CR0_EQ 0x20000000ULL

_Static_assert(sizeof(struct stepper) <= ARCH_STEP_SIZE, "struct arch_step");

static struct stepper *stepper_of(struct arch_step *step)
{
	return (struct stepper *)step->bytes;
}

static bool is_wide(const struct kvm_regs *regs)
{
	return regs->msr & MSR_SF;
}

static int refuse(const struct vcpu *vcpu, uint64_t pc, const char *why, struct error *err)
{
	return error_set(err, -EOPNOTSUPP, "vCPU %u cannot be stepped at 0x%llx: %s", vcpu->id,
	                 (unsigned long long)pc, why);
}

/* Whether the guest can be stepped with this MSR. */
static int check_msr(const struct vcpu *vcpu, uint64_t pc, uint64_t msr, struct error *err)
{
	if (msr & (MSR_SE | MSR_BE))
		return refuse(vcpu, pc, "it traces itself (MSR[SE], MSR[BE])", err);
	return 0;
}

/* Where the instruction itself is in guest memory. */
static uint64_t guest_pc(const struct run *r)
{
	return translate_code(r->vcpu->vm, r->before.pid, r->before.msr, r->before.pc);
}

/* --- steps --------------------------------------------------------------------- */

static struct run run_to(const struct run *r, uint64_t stop)
{
	struct run to = { .vcpu = r->vcpu,
		          .s = r->s,
		          .event = r->event,
		          .err = r->err,
		          .before = r->before,
		          .next = r->next,
		          .stop = { stop },
		          .stops = 1,
		          .stop_msr = r->before.msr };
	uint64_t real = guest_pc(&to);

	to.without = hooks_in(real, real);
	return to;
}

/* It parked in front of the instruction, or behind it, for a reason of its own or because the time is over.
 */
static enum stepped when_parked(const struct run *r)
{
	if (r->event->kind != EVENT_PAUSED)
		return STEPPED_EVENT;
	if (r->after.pc != r->next || r->stops != 1)
		return STEPPED_LATE;
	r->event->kind = EVENT_NONE; /* the next step is late */
	return STEPPED_INSTRUCTION;
}

/*
 * Before an instruction that is not executed with MSR[EE] on: has KVM deliver what is pending. *what is set
 * and *done is true if there was something.
 */
static int deliver(struct run *r, enum stepped *what, bool *done)
{
	struct run empty = run_to(r, r->before.pc);
	enum arrival how = AT_STOP;
	int rc = r->before.msr & MSR_EE ? guest_run(&empty, &how) : 0;

	*done = rc || how != AT_STOP;
	*what = how == AT_VECTOR ? STEPPED_DELIVERY : STEPPED_LATE;
	if (how == PARKED && r->event->kind != EVENT_PAUSED)
		*what = STEPPED_EVENT;
	return rc;
}

/* The guest has arrived at a vector: was that the instruction, or what interrupted it or came behind it? */
static int at_vector(struct run *r, enum stepped *what)
{
	struct kvm_regs *after = &r->after;

	*what = STEPPED_DELIVERY;
	/* A program interrupt behind it is that of a hypercall in problem state. */
	if (after->srr0 != r->next || r->stops != 1 || r->vector == VECTOR_PROGRAM)
		return 0;
	*what = STEPPED_INSTRUCTION;
	if (r->vector == VECTOR_SYSCALL && r->calls)
		return 0;
	guest_undo_interrupt(r, after->srr0);
	return guest_set_regs(r->vcpu, after, r->err);
}

static int execute(struct run *r, enum stepped *what)
{
	enum arrival how;
	int rc = guest_run(r, &how);

	if (rc)
		return rc;
	switch (how) {
	case AT_STOP: *what = STEPPED_INSTRUCTION; return 0;
	case AT_VECTOR: return at_vector(r, what);
	case ASLEEP: *what = STEPPED_ASLEEP; return 0;
	case PARKED: *what = when_parked(r); return 0;
	}
	return 0;
}

/* --- what is executed here -------------------------------------------------------- */

static int do_branch(struct run *r, uint32_t word)
{
	struct kvm_regs *regs = &r->before;
	struct p9_flow flow = { .pc = regs->pc,
		                .lr = regs->lr,
		                .ctr = regs->ctr,
		                .cr = (uint32_t)regs->cr,
		                .wide = is_wide(regs) };
	long rc = p9_needs_tar(word) ? kvm_reg_get(&r->vcpu->fd, KVM_REG_PPC_TAR, &flow.tar) : 0;

	if (rc < 0)
		return kvm_failed(r->err, rc, &r->vcpu->fd, NULL, "KVM_GET_ONE_REG(TAR)");
	p9_branch(word, &flow);
	regs->pc = flow.pc;
	regs->lr = flow.lr;
	regs->ctr = flow.ctr;
	return guest_set_regs(r->vcpu, regs, r->err);
}

/*
 * KVM may still have an interrupt pending of a decrementer that is no longer overdue: it notices when the
 * guest leaves.
 */
static int settle(struct run *r)
{
	struct run empty = run_to(r, r->before.pc);
	enum arrival how;

	empty.masked = true;
	return guest_run(&empty, &how);
}

static int do_clock(struct run *r, const struct p9_instruction *insn)
{
	struct step_clock *clock = &r->s->clock;
	struct kvm_regs *regs = &r->before;
	bool due = clock->due;
	int rc = 0;

	if (insn->class == P9_GET_CLOCK)
		regs->gpr[insn->reg] = step_clock_read(clock, insn->spr);
	else
		rc = step_clock_set_decrementer(r->vcpu, clock, regs->gpr[insn->reg], r->err);
	regs->pc = r->next;
	if (!rc)
		rc = guest_set_regs(r->vcpu, regs, r->err);
	if (!rc && due && !clock->due && regs->msr & MSR_EE)
		rc = settle(r);
	return rc;
}

/* --- a reservation ----------------------------------------------------------------- */

#define UNIT_MAX   64
#define UNIT_TRIES 100

struct unit {
	uint64_t target[STOPS]; /* of branches */
	unsigned targets;
	bool again; /* it can be executed again */
};

/* The instruction, in the unit that begins at `begin`: whether the unit may go on behind it. */
static bool may_be_inside(uint32_t word, uint64_t pc, uint64_t begin, struct unit *unit)
{
	uint64_t *target = &unit->target[unit->targets];

	switch (p9_decode(word).class) {
	case P9_ORDINARY: unit->again = unit->again && !p9_may_store(word); return true;
	case P9_BRANCH:
		unit->targets++;
		return unit->targets < STOPS && !(word & 1) && p9_branch_target(word, pc, target) &&
		       *target != begin;
	default: return false;
	}
}

/*
 * Sets the stops of the unit that begins at the pc: behind the conditional store, and where branches leave
 * it. Without an end that we can see, its first instruction is a step of its own.
 */
static void find_unit(struct run *r, struct unit *unit)
{
	uint64_t begin = r->before.pc, end = begin;
	struct unit found = { .again = true };
	uint32_t word;

	for (unsigned i = 1; end == begin; i++) {
		uint64_t pc = begin + 4 * (uint64_t)i;

		if (i == UNIT_MAX)
			return;
		word = guest_word(r, pc);
		if (p9_decode(word).class == P9_CONDITIONAL)
			end = pc + 4;
		else if (!may_be_inside(word, pc, begin, &found))
			return;
	}
	r->stops = 0;
	for (unsigned i = 0; i < found.targets; i++)
		if (found.target[i] < begin || found.target[i] >= end)
			r->stop[r->stops++] = found.target[i];
	r->stop[r->stops++] = r->next = end;
	*unit = found;
}

#define VECTOR_EXTERNAL    0x500
#define VECTOR_DECREMENTER 0x900
#define VECTOR_DOORBELL    0xa00

/*
 * Problem state cannot be kept from being interrupted inside of a unit. Then the unit has not begun: KVM
 * delivers the interrupt in front of it. *done: it has.
 */
static int leave_unit(struct run *r, enum stepped *what, bool *done)
{
	int rc;

	*done = r->vector != VECTOR_EXTERNAL && r->vector != VECTOR_DECREMENTER &&
	        r->vector != VECTOR_DOORBELL;
	if (*done)
		return 0;
	rc = guest_set_regs(r->vcpu, &r->before, r->err);
	return rc ? rc : deliver(r, what, done);
}

/*
 * A host interrupt in between cancels the reservation, and the store does not store: then all of it is
 * executed again, so that it does not depend on the host. A store that never stores may fail.
 */
static int do_unit(struct run *r, const struct unit *unit, enum stepped *what)
{
	int rc = execute(r, what);
	bool done = false;

	for (unsigned i = 1; unit->again && i < UNIT_TRIES && !rc; i++) {
		if (*what == STEPPED_DELIVERY)
			rc = leave_unit(r, what, &done);
		else
			done = *what != STEPPED_INSTRUCTION || r->after.pc != r->next || r->after.cr & CR0_EQ;
		if (!rc && !done)
			rc = guest_set_regs(r->vcpu, &r->before, r->err);
		if (rc || done)
			break;
		rc = execute(r, what);
	}
	return rc;
}

/* --- scv ----------------------------------------------------------------------------- */

/* Source: Power ISA 3.0 B Book III, 6.5.27 and LPCR[AIL]. */
#define VECTORED_CALLS      0x17000
#define VECTORED_CALL_SIZE  0x20
#define AIL_VECTORED_OFFSET (0xc000000000003000ULL - VECTORED_CALLS)

/* It has come where it comes without LPCR[AIL]. */
static int at_call(struct run *r)
{
	const uint64_t on = MSR_IR | MSR_DR;

	if (!(r->s->lpcr & LPCR_AIL) || (r->before.msr & on) != on)
		return 0;
	r->after.pc += AIL_VECTORED_OFFSET;
	r->after.msr |= on;
	return guest_set_regs(r->vcpu, &r->after, r->err);
}

/* --- H_REGISTER_VPA -------------------------------------------------------------------- */

static bool registers_area(const struct run *r, const struct p9_instruction *insn)
{
	return insn->class == P9_SYSTEM_CALL && insn->level == 1 && !(r->before.msr & MSR_PR) &&
	       r->before.gpr[3] == H_REGISTER_VPA;
}

/* KVM does that itself. */
static int do_register_area(struct run *r, enum stepped *what)
{
	int rc = step_vpa_show(r->vcpu, &r->s->vpa, r->err);

	if (!rc)
		rc = execute(r, what);
	return rc ? rc : step_vpa_hide(r->vcpu, &r->s->vpa, r->err);
}

/* --- one step ------------------------------------------------------------------------ */

/* Problem state has interrupts and translation on, whatever else is asked for. */
static uint64_t new_msr(uint64_t msr)
{
	return msr & MSR_PR ? msr | MSR_EE | MSR_IR | MSR_DR : msr;
}

static void return_to(struct run *r, uint64_t pc, uint64_t msr)
{
	r->stop_msr = new_msr(msr);
	r->next = pc & (msr & MSR_SF ? ~3ULL : 0xfffffffcULL);
}

/* Where the instruction leads, if it can be executed at all. */
static int look_ahead(struct run *r, const struct p9_instruction *insn)
{
	const struct kvm_regs *regs = &r->before;

	r->next = p9_next(regs->pc, is_wide(regs));
	r->stop_msr = regs->msr;
	switch (insn->class) {
	case P9_RETURN: return_to(r, regs->srr0, regs->srr1); break;
	case P9_VECTORED_RETURN: return_to(r, regs->lr, regs->ctr); break;
	case P9_SET_MSR:
		if (!insn->level)
			r->stop_msr = new_msr(regs->gpr[insn->reg]);
		break;
	case P9_SYSTEM_CALL:
		r->calls = true;
		r->may_sleep = insn->level == 1 && regs->gpr[3] == H_CEDE && !(regs->msr & MSR_PR);
		break;
	case P9_VECTORED_CALL:
		r->next = VECTORED_CALLS + VECTORED_CALL_SIZE * insn->level;
		r->stop_msr = r->s->hooks.little ? MSR_LE : 0;
		break;
	case P9_UNKNOWN:
		return refuse(r->vcpu, regs->pc, "nobody knows where this instruction leads", r->err);
	default: break;
	}
	r->stop[0] = r->next;
	r->stops = 1;
	if (guest_stop(r, 0) == guest_pc(r) && guest_pc(r) != NOWHERE)
		return refuse(r->vcpu, regs->pc, "it leads to itself", r->err);
	return check_msr(r->vcpu, regs->pc, r->stop_msr, r->err);
}

/* What an instruction may access of guest memory: it may cross a page. */
struct access {
	struct span span[2];
	unsigned spans;
};

static struct access access_of(const struct run *r, uint32_t word)
{
	const struct kvm_regs *regs = &r->before;
	struct access access = { .spans = 0 };
	uint64_t address;
	unsigned size;

	if (!p9_may_access(word, (const uint64_t *)regs->gpr, &address, &size))
		return access;
	if (!is_wide(regs))
		address = (uint32_t)address;
	access.spans = translate_data(r->vcpu->vm, regs->pid, regs->msr, address, size, access.span);
	return access;
}

/* Whether one of its bytes is in [first, last]. */
static bool touches(const struct access *access, uint64_t first, uint64_t last)
{
	for (unsigned i = 0; i < access->spans; i++)
		if (first <= access->span[i].last && last >= access->span[i].first)
			return true;
	return false;
}

/* Which hooks are in the way of the instruction, of the breakpoints, or of a unit of several instructions. */
static int make_way(struct run *r, uint32_t word, enum p9_class class)
{
	uint64_t pc = r->before.pc, here = guest_pc(r), stop = guest_stop(r, 0);
	struct access access = access_of(r, word);

	if (stop != NOWHERE && touches(&access, stop, stop + 3))
		return refuse(r->vcpu, pc, "it accesses the instruction behind it", r->err);
	if (touches(&access, HOOK_SLOT, HOOK_SLOT + 7))
		return refuse(r->vcpu, pc, "it accesses the address 0x80, which the stepper needs", r->err);
	for (unsigned i = 0; i < HOOKS; i++)
		if (touches(&access, hook_vector(i), hook_vector(i) + HOOK_BYTES - 1))
			r->without |= 1u << i;
	r->masked = r->without || class == P9_FRAGILE || class == P9_RESERVE;
	r->without |= hooks_in(here, here);
	for (unsigned i = 0; i < r->stops; i++) {
		stop = guest_stop(r, i);
		r->without |= hooks_in(stop, stop + 3);
	}
	if (IS_IN(r->without, VECTOR_PROGRAM) && IS_IN(r->without, VECTOR_SYSCALL))
		return refuse(r->vcpu, pc, "it needs both vectors 0x700 and 0xc00", r->err);
	return 0;
}

static int do_here(struct run *r, uint32_t word, const struct p9_instruction *insn)
{
	switch (insn->class) {
	case P9_BRANCH: return do_branch(r, word);
	case P9_SET_SRR:
		*(insn->spr == P9_SPR_SRR0 ? &r->before.srr0 : &r->before.srr1) = r->before.gpr[insn->reg];
		r->before.pc = r->next;
		return guest_set_regs(r->vcpu, &r->before, r->err);
	default: return do_clock(r, insn);
	}
}

static bool is_done_here(enum p9_class class)
{
	return class == P9_BRANCH || class == P9_GET_CLOCK || class == P9_SET_CLOCK || class == P9_SET_SRR;
}

static int step_at(struct run *r, uint32_t word, enum stepped *what)
{
	struct p9_instruction insn = r->before.msr & MSR_PR ? p9_decode_problem(word) : p9_decode(word);
	bool here = is_done_here(insn.class), done = false;
	struct unit unit = { .again = false };
	int rc = look_ahead(r, &insn);

	if (!rc && insn.class == P9_RESERVE)
		find_unit(r, &unit);
	if (!rc && !here)
		rc = make_way(r, word, insn.class);
	if (!rc && (here || r->masked))
		rc = deliver(r, what, &done);
	if (rc || done)
		return rc;
	*what = STEPPED_INSTRUCTION;
	if (here)
		return do_here(r, word, &insn);
	if (registers_area(r, &insn))
		return do_register_area(r, what);
	rc = do_unit(r, &unit, what);
	return !rc && insn.class == P9_VECTORED_CALL && *what == STEPPED_INSTRUCTION ? at_call(r) : rc;
}

/* The vector of what the step has delivered: 0 if nothing. */
static unsigned delivered_by(const struct run *r, enum stepped what)
{
	bool call = what == STEPPED_INSTRUCTION && r->calls && r->after.pc == VECTOR_SYSCALL;

	/* Where interrupts arrive with the MMU on, the vectors have the same last digits. */
	return what == STEPPED_DELIVERY || call ? (unsigned)r->after.pc & 0xfff : 0;
}

int arch_step(struct vcpu *vcpu, struct arch_step *step, enum stepped *what, struct event *event,
              struct error *err)
{
	struct run r = { .vcpu = vcpu, .s = stepper_of(step), .event = event, .err = err };
	bool passed = false;
	int rc;

	if (__atomic_load_n(&vcpu->run->immediate_exit, __ATOMIC_SEQ_CST)) {
		event->kind = EVENT_PAUSED;
		*what = STEPPED_LATE;
		return 0;
	}
	rc = guest_get_regs(vcpu, &r.before, err);
	if (!rc)
		rc = check_msr(vcpu, r.before.pc, r.before.msr, err);
	if (rc)
		return rc;
	if (translate_is_foreign(vcpu->vm, r.before.pid, r.before.msr, r.before.pc))
		return refuse(vcpu, r.before.pc,
		              "it is in problem state's memory, but the vCPU is not in problem state", err);
	rc = step_at(&r, guest_word(&r, r.before.pc), what);
	if (!rc && *what == STEPPED_ASLEEP && step->timers) {
		rc = step_clock_pass(vcpu, &r.s->clock, &passed, err);
		if (!rc && passed)
			rc = step_at(&r, guest_word(&r, r.before.pc), what);
	}
	if (!rc)
		step->delivered = delivered_by(&r, *what);
	if (!rc && (*what == STEPPED_INSTRUCTION || (*what == STEPPED_EVENT && event->kind != EVENT_CRASH)))
		rc = step_clock_tick(vcpu, &r.s->clock, err);
	return rc;
}

int arch_step_begin(struct vcpu *vcpu, struct arch_step *step, struct error *err)
{
	struct stepper *s = stepper_of(step);
	struct error ignored;
	int rc = guest_hook(vcpu, s, err);

	if (rc)
		return rc;
	rc = step_clock_begin(vcpu, s->lpcr, &s->clock, err);
	if (!rc)
		rc = step_vpa_hide(vcpu, &s->vpa, err);
	if (rc)
		guest_unhook(vcpu, s, &ignored);
	return rc;
}

int arch_step_end(struct vcpu *vcpu, struct arch_step *step, struct error *err)
{
	struct stepper *s = stepper_of(step);

	struct error ignored;
	int rc = guest_unhook(vcpu, s, err), last = step_clock_end(vcpu, &s->clock, rc ? &ignored : err);

	rc = rc ? rc : last;
	last = step_vpa_show(vcpu, &s->vpa, rc ? &ignored : err);
	return rc ? rc : last;
}
