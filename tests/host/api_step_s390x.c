/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api_step_s390x.c: single-stepping a vCPU: the test guest as on the other architecture (step.h), and a
 * program in which each instruction is one that could be stepped wrongly. TAP; argv[1] is the test guest.
 */
#include <signal.h>
#include <sys/time.h>

#include "arch/s390x/cpu.h"
#include "arch/s390x/flic.h"
#include "arch/s390x/local.h"
#include "step.h"
#include "vmm/vm_clock.h"

#define US 4096ULL /* of the TOD clock and the CPU timer */

static int inject(struct vm *vm)
{
	const struct s390_irq irq = s390_irq_io(0x10001, 0xcafe, 3);

	return flic_enqueue(vm->irqchip, &irq, 1, NULL, &err);
}

/* The I/O new PSW. */
static uint64_t handler(struct vm *vm)
{
	const uint64_t *psw = ram_at(&vm->ram, 0x1f0, 16);

	return psw[1];
}

static const struct step_arch step_arch = { inject, handler, { "clock.", "cpu-timer", "made" } };

/* --- the program ---------------------------------------------------------------- */

/*
 * It is copied to CODE, and has its data from DATA on (register 7). A label is where an instruction begins.
 * The handlers return; that of I/O to where the wait was.
 */
#define CODE 0x10000
#define DATA 0x20000

asm("	.pushsection .rodata\n"
    "	.macro	at name\n"
    "	.globl	s_\\name\n"
    "s_\\name:\n"
    "	.endm\n"
    "	.balign	8\n"
    "	at	code\n"
    "	at	plain\n"
    "	lghi	%r2,3\n"
    "	at	loop\n"
    "	brctg	%r2,s_loop\n"
    "	at	ex\n"
    "	ex	%r0,s_target-s_code(%r8)\n"
    "	at	exrl\n"
    "	exrl	%r0,s_target\n"
    "	at	mvcl\n"
    "	mvcl	%r10,%r12\n"
    "	at	svc\n"
    "	svc	7\n"
    "	at	sigp\n"
    "	sigp	%r0,%r9,1\n" /* sense: KVM's own */
    "	at	stsi\n"
    "	lgr	%r1,%r0\n"
    "	at	stsi2\n"
    "	stsi	0(%r7)\n"
    "	at	stcrw\n"
    "	stcrw	0x200(%r7)\n" /* an exit to zpvm */
    "	at	tsch\n"
    "	lgr	%r1,%r14\n"
    "	at	tsch2\n"
    "	tsch	0x100(%r7)\n" /* the same, but KVM has no exit pending behind it */
    "	at	iske\n"
    "	iske	%r2,%r7\n" /* KVM executes the first one twice */
    "	at	iske2\n"
    "	iske	%r2,%r7\n"
    "	at	diag\n"
    "	diag	%r2,%r2,0x999\n" /* specification exception, by zpvm */
    "	at	operation\n"
    "	.short	0\n" /* operation exception */
    "	at	load\n"
    "	lg	%r3,0(%r4)\n" /* addressing exception */
    "	at	self\n"
    "	j	s_self\n"
    "	at	fault\n"
    "	lg	%r3,0(%r6)\n" /* with DAT: a page that is not there */
    "	at	jump\n"
    "	br	%r6\n"
    "	at	times\n"
    "	stckf	0(%r7)\n"
    "	at	times2\n"
    "	stck	8(%r7)\n"
    "	stcke	16(%r7)\n"
    "	stpt	32(%r7)\n"
    "	exrl	%r0,s_stckf\n"
    "	spt	48(%r7)\n"
    "	stpt	56(%r7)\n"
    "	.short	0xc821,0x7050,0x7058\n" /* ectg 80(%r7),88(%r7),%r2 */
    "	at	times_end\n"
    "	j	s_times_end\n"
    "	at	wait\n"
    "	lpswe	64(%r7)\n"
    "	at	waited\n"
    "	nopr\n"
    "	at	waited2\n"
    "	j	s_waited2\n"
    "	at	stop\n"
    "	sigp	%r0,%r9,5\n"
    "	at	stopped\n"
    "	lpswe	64(%r7)\n" /* a disabled wait */
    "	at	timer\n"
    "	stckf	0(%r7)\n"
    "	lg	%r2,0(%r7)\n"
    "	aghi	%r2,10*4096/2\n"
    "	aghi	%r2,10*4096/2\n"
    "	stg	%r2,0(%r7)\n"
    "	sckc	0(%r7)\n"
    "	at	spin\n"
    "	j	s_spin\n"
    "	at	cpu_timer\n"
    "	spt	48(%r7)\n"
    "	j	s_spin\n"
    "	at	both\n"
    "	stosm	0(%r7),3\n"
    "	at	both2\n"
    "	nopr\n"
    "	at	both3\n"
    "	nopr\n"
    "	at	seen\n"
    "	lghi	%r2,1\n"
    "	at	seen2\n"
    "	lghi	%r2,2\n"
    "	at	seen3\n"
    "	lghi	%r2,3\n"
    "	at	seen4\n"
    "	lpswe	64(%r7)\n"
    "	at	now\n"
    "	stckf	0(%r7)\n"
    "	lpswe	64(%r7)\n"
    /* handlers */
    "	at	external\n"
    "	nopr\n"
    "	at	external2\n"
    "	lpswe	0x130\n"
    "	at	svc_handler\n"
    "	nopr\n"
    "	at	svc_handler2\n"
    "	lpswe	0x140\n"
    "	at	program\n"
    "	agsi	0x78(%r7),1\n"
    "	at	program2\n"
    "	lpswe	0x150\n"
    "	at	machine\n"
    "	lpswe	0x160\n"
    "	at	io\n"
    "	ni	0x171,0xfd\n"
    "	at	io2\n"
    "	lpswe	0x170\n"
    "	at	restart\n"
    "	nopr\n"
    "	at	target\n"
    "	lghi	%r3,9\n"
    "	at	stckf\n"
    "	stckf	40(%r7)\n"
    "	at	end\n"
    "	.popsection\n");

#define LABEL(name) extern const char s_##name[]
LABEL(code);
LABEL(plain);
LABEL(loop);
LABEL(ex);
LABEL(exrl);
LABEL(mvcl);
LABEL(svc);
LABEL(sigp);
LABEL(stsi);
LABEL(stsi2);
LABEL(stcrw);
LABEL(tsch);
LABEL(tsch2);
LABEL(iske);
LABEL(iske2);
LABEL(diag);
LABEL(operation);
LABEL(load);
LABEL(self);
LABEL(fault);
LABEL(jump);
LABEL(times);
LABEL(times_end);
LABEL(wait);
LABEL(waited);
LABEL(waited2);
LABEL(stop);
LABEL(stopped);
LABEL(timer);
LABEL(spin);
LABEL(cpu_timer);
LABEL(both);
LABEL(both2);
LABEL(both3);
LABEL(seen);
LABEL(seen2);
LABEL(seen3);
LABEL(seen4);
LABEL(now);
LABEL(external);
LABEL(external2);
LABEL(svc_handler);
LABEL(svc_handler2);
LABEL(program);
LABEL(program2);
LABEL(machine);
LABEL(io);
LABEL(io2);
LABEL(restart);
LABEL(end);

#define PC(name) (CODE + (uint64_t)(s_##name - s_code))

#define PSW_IO   0x0200000000000000ULL
#define PSW_MCHK 0x0004000000000000ULL
#define PSW_WAIT 0x0002000000000000ULL
#define PSW_PER  0x4000000000000000ULL

static uint64_t *word(struct vm *vm, uint64_t at)
{
	return ram_at(&vm->ram, at, 8);
}

static void new_psw(struct vm *vm, uint64_t at, uint64_t address)
{
	*word(vm, at) = PSW_64;
	*word(vm, at + 8) = address;
}

/* The vCPU is at this address, and has not executed anything. */
static struct s390_cpu enter(struct vm *vm, uint64_t mask, uint64_t address)
{
	struct vcpu *vcpu = &vm->vcpus[0];
	struct s390_cpu cpu = { .psw_mask = PSW_64 | mask, .psw_addr = address };

	memcpy(ram_at(&vm->ram, CODE, (uint64_t)(s_end - s_code)), s_code, (size_t)(s_end - s_code));
	memset(ram_at(&vm->ram, DATA, 0x1000), 0, 0x1000);
	new_psw(vm, 0x1a0, PC(restart));
	new_psw(vm, 0x1b0, PC(external));
	new_psw(vm, 0x1c0, PC(svc_handler));
	new_psw(vm, 0x1d0, PC(program));
	new_psw(vm, 0x1e0, PC(machine));
	new_psw(vm, 0x1f0, PC(io));
	cpu.cr[0] = 0xeee0;
	cpu.cr[6] = 0xff000000;
	cpu.cr[14] = 0xdf000000;
	cpu.gpr[4] = 0x7ffff000;
	cpu.gpr[5] = 2;
	cpu.gpr[7] = DATA;
	cpu.gpr[8] = CODE;
	cpu.gpr[10] = DATA + 0x1000;
	cpu.gpr[11] = cpu.gpr[13] = 0x8000;
	cpu.gpr[12] = DATA + 0x9000;
	cpu.gpr[14] = 0x10000; /* a subchannel */
	cpu.reg[S390_REG_CLOCK_COMP] = UINT64_MAX;
	cpu.reg[S390_REG_CPU_TIMER] = INT64_MAX;
	cpu.mp_state = S390_MP_OPERATING;
	ok(!arch_irq_reset(vm, &err) && !cpu_load(vcpu, &cpu, &err), "at 0x%" PRIx64 " (%s)", address,
	   err.text);
	vcpu_online(vcpu);
	return cpu;
}

struct time_step {
	uint64_t pc;
	enum stepped what;
};

static void steps(struct vm *vm, const struct time_step *wanted, size_t count)
{
	struct step_result result;

	for (size_t i = 0; i < count; i++) {
		enum stepped what = step(vm, 0, &result);
		bool executed = what == STEPPED_INSTRUCTION;

		if (!ok(what == wanted[i].what && result.pc == wanted[i].pc &&
		                result.instructions == executed,
		        "step %zu, to 0x%" PRIx64 " (%s)", i + 1, wanted[i].pc, err.text))
			printf("# %u at 0x%" PRIx64 ", not %u; %" PRIu64 " instructions\n", what, result.pc,
			       wanted[i].what, result.instructions);
	}
}

#define I(name) ((struct time_step){ PC(name), STEPPED_INSTRUCTION })
#define D(name) ((struct time_step){ PC(name), STEPPED_DELIVERY })

static void test_plain(struct vm *vm)
{
	const struct time_step wanted[] = {
		I(loop),    I(loop),        I(loop),         I(ex),      I(exrl),     I(mvcl),
		I(svc),     I(svc_handler), I(svc_handler2), I(sigp),    I(stsi),     I(stsi2),
		I(stcrw),   I(tsch),        I(tsch2),        I(iske),    I(iske2),    I(diag),
		D(program), I(program2),    I(operation),    D(program), I(program2), I(load),
		D(program), I(program2),    I(self),         I(self),    I(self),
	};
	struct step_limit limit = { .has_pc = true, .pc = PC(self), .ms = STEP_MS };
	struct step_result result;

	enter(vm, 0, PC(plain));
	steps(vm, wanted, sizeof(wanted) / sizeof(wanted[0]));
	is(*word(vm, DATA + 0x78), 3, "three program interruptions");
	/* In one call nothing is prepared anew between two of them. */
	enter(vm, 0, PC(plain));
	ok(!single_step(&vm->vcpus[0], &limit, &result, &err), "all of it in one call (%s)", err.text);
	is(result.instructions, sizeof(wanted) / sizeof(wanted[0]) - 3 - 2, "... is as many instructions");
	is(result.deliveries, 4, "... and deliveries, the supervisor call among them");
}

/* --- time -------------------------------------------------------------------------- */

/* The first pass and the second one see the same. */
static void test_times(struct vm *vm, uint64_t per)
{
	struct step_limit limit = { .has_pc = true, .pc = PC(times_end), .ms = STEP_MS };
	struct step_result result;
	uint64_t tod, *data = word(vm, DATA);
	uint8_t *extended = ram_at(&vm->ram, DATA + 16, 16);

	enter(vm, per, PC(times));
	data[6] = 1000 * US;
	data[10] = 77 * US;
	data[11] = 0xabc;
	tod = vm->clock.at.low;
	ok(!single_step(&vm->vcpus[0], &limit, &result, &err) && result.instructions == 8,
	   "eight instructions that read a clock (%s)", err.text);
	is(data[0], tod, "STCKF: the clock of the pause");
	is(data[1], tod + US, "STCK: one instruction later");
	memcpy(&tod, extended + 1, 8);
	is(tod, data[0] + 2 * US, "STCKE: another one");
	ok(!extended[0] && extended[13], "... no epoch, and something behind the clock");
	is(data[4], INT64_MAX - 3 * US, "STPT");
	is(data[5], data[0] + 4 * US, "the target of EXECUTE");
	is(data[7], 999 * US, "SPT: the CPU timer was set");
	is(vm->vcpus[0].run->s.regs.gprs[0], 77 * US - 998 * US, "ECTG: what is left of it");
	is(vm->vcpus[0].run->s.regs.gprs[1], 0xabc, "... and its other operand");
	is(vm->clock.at.low, data[0] + 8 * US, "the clock has gone on");
}

static unsigned until_delivery(struct vm *vm, uint64_t from, uint64_t *pc)
{
	struct step_limit limit = { .instructions = 100, .delivery = true, .ms = STEP_MS };
	struct step_result result = { 0 };

	enter(vm, PSW_EXTERNAL, from);
	*word(vm, DATA + 48) = 10 * US;
	single_step(&vm->vcpus[0], &limit, &result, &err);
	*pc = result.last == STEPPED_DELIVERY ? result.pc : 0;
	return (unsigned)result.instructions;
}

static void test_timers(struct vm *vm)
{
	struct step_limit limit = { .instructions = 200, .delivery = true, .ms = STEP_MS };
	struct step_result result;
	struct s390_cpu cpu;
	uint64_t pc;

	is(until_delivery(vm, PC(timer), &pc), 11, "the clock comparator, ten microseconds on (%s)",
	   err.text);
	is(pc, PC(external), "... is delivered");
	is(*(uint16_t *)ram_at(&vm->ram, 0x86, 2), 0x1004, "... as such");
	is(until_delivery(vm, PC(timer), &pc), 11, "... always after the same instruction");
	is(until_delivery(vm, PC(cpu_timer), &pc), 11, "the CPU timer, too (%s)", err.text);
	is(pc, PC(external), "... is delivered");
	is(*(uint16_t *)ram_at(&vm->ram, 0x86, 2), 0x1005, "... as such");
	is(*word(vm, 0x130 + 8), PC(spin), "... in the loop");
	cpu = enter(vm, PSW_EXTERNAL, PC(self));
	cpu.reg[S390_REG_CPU_TIMER] = 100 * US - 1;
	ok(!cpu_load(&vm->vcpus[0], &cpu, &err) && !single_step(&vm->vcpus[0], &limit, &result, &err),
	   "one that runs (%s)", err.text);
	is(result.instructions, 100, "... does so by instructions, not in real time");
	is(result.last, STEPPED_DELIVERY, "... until it is delivered");
}

/* A vCPU that is asleep until its timer expires, which its guest's time does at once. */
static void test_sleep_until(struct vm *vm, unsigned reg, uint64_t value, const char *name)
{
	struct step_limit limit = { .instructions = 3, .delivery = true, .ms = STEP_MS };
	struct s390_cpu cpu = enter(vm, PSW_EXTERNAL | PSW_WAIT, PC(waited));
	struct step_result result;
	char text[160];
	uint64_t now;

	cpu.reg[reg] = value + (reg == S390_REG_CLOCK_COMP ? vm->clock.at.low : 0);
	now = vm->clock.at.low;
	ok(!cpu_load(&vm->vcpus[0], &cpu, &err) && !single_step(&vm->vcpus[0], &limit, &result, &err),
	   "asleep, with a %s (%s)", name, err.text);
	is(result.last, STEPPED_ASLEEP, "... it stays so");
	arch_sleep_text(&vm->vcpus[0], text, sizeof(text));
	has(text, "external; its timer expires in 70 us", "... and it is said for how long");
	limit.timers = true;
	ok(!single_step(&vm->vcpus[0], &limit, &result, &err), "sleeping on (%s)", err.text);
	ok(result.last == STEPPED_DELIVERY && !result.instructions && result.pc == PC(external),
	   "... it is delivered");
	is(vm->clock.at.low, now + 70 * US + 1, "... exactly when it expires");
	arch_delivery_text(&vm->vcpus[0], result.delivered, text, sizeof(text));
	has(text, name, "... as such");
	cpu = enter(vm, PSW_EXTERNAL | PSW_WAIT, PC(waited));
	cpu.cr[0] = 0;
	ok(!cpu_load(&vm->vcpus[0], &cpu, &err) && !single_step(&vm->vcpus[0], &limit, &result, &err) &&
	           result.last == STEPPED_ASLEEP,
	   "no timer that could end it (%s)", err.text);
	arch_sleep_text(&vm->vcpus[0], text, sizeof(text));
	has(text, "external; it has no timer", "... and that is said");
}

/* --- translation ---------------------------------------------------------------- */

#define PGM_PER      0x80 /* in a code: there was a PER event, too */
#define PSW_DAT      0x0400000000000000ULL
#define PAGE_TABLE   0x30000
#define SEGMENTS     0x34000
#define INVALID_PAGE 0x25000
#define ABSENT       0x7ff00000 /* a segment that is not there */

/* One MiB, real = virtual, but for one page. */
static void translated(struct vm *vm, uint64_t from, uint64_t r6)
{
	struct s390_cpu cpu = enter(vm, PSW_DAT, from);

	for (unsigned i = 0; i < 256; i++)
		*word(vm, PAGE_TABLE + 8 * i) = i << 12;
	*word(vm, PAGE_TABLE + 8 * (INVALID_PAGE >> 12)) |= 0x400;
	for (unsigned i = 0; i < 2048; i++)
		*word(vm, SEGMENTS + 8 * i) = i ? 0x20 : PAGE_TABLE;
	cpu.cr[1] = SEGMENTS | 3; /* a segment table of 16 KiB */
	cpu.gpr[6] = r6;
	ok(!cpu_load(&vm->vcpus[0], &cpu, &err), "with translation (%s)", err.text);
}

static void faults(struct vm *vm, uint64_t from, uint64_t at, unsigned code, const char *name)
{
	const struct time_step fault[] = { D(program), I(program2) };
	const struct time_step jump[] = { { at, STEPPED_INSTRUCTION }, D(program), I(program2) };
	bool jumps = from == PC(jump);
	struct step_limit limit = { .delivery = true, .ms = STEP_MS };
	struct step_result result;
	char text[160], interruption[40];
	unsigned got;

	translated(vm, from, at);
	steps(vm, jumps ? jump : fault, jumps ? 3 : 2);
	/* An instruction that was begun has a PER event, too, which is the step's and not the guest's: 6.1
	 * takes its bit out of the code, 6.12 does not. */
	got = *(uint16_t *)ram_at(&vm->ram, 0x8e, 2);
	ok(got == code || (got == (code | PGM_PER) && !jumps && host_since("6.2")),
	   "its code (%x), with the bit of the step's PER event on kernels after 6.1", got);
	is(*word(vm, 0xa8) & ~0xfffULL, at & ~0xfffULL, "... and page");
	is(*word(vm, 0x158), jumps ? at : from, "... it is to be done again");
	translated(vm, from, at);
	ok(!single_step(&vm->vcpus[0], &limit, &result, &err) && result.pc == PC(program) &&
	           result.instructions == jumps,
	   "until it is delivered (%s)", err.text);
	arch_delivery_text(&vm->vcpus[0], result.delivered, text, sizeof(text));
	snprintf(interruption, sizeof(interruption), "program interruption 0x%x, ", got);
	has(text, interruption, "... by its code");
	has(text, name, "... by name");
}

static void test_translation(struct vm *vm)
{
	struct step_limit limit = { .instructions = 20, .delivery = true, .ms = STEP_MS };
	struct step_result result;
	char text[160];

	faults(vm, PC(fault), INVALID_PAGE, 0x11, "page translation, in the page at 0x25000");
	faults(vm, PC(fault), ABSENT, 0x10, "segment translation, in the page at 0x7ff00000");
	faults(vm, PC(jump), INVALID_PAGE, 0x11, "page translation, in the page at 0x25000");
	faults(vm, PC(jump), ABSENT + 0x1ffe, 0x10, "segment translation, in the page at 0x7ff01000");
	/* NOPR in the last halfword of the page before, then the page that is not there. */
	translated(vm, PC(jump), INVALID_PAGE - 2);
	*(uint16_t *)ram_at(&vm->ram, INVALID_PAGE - 2, 2) = 0x0700;
	ok(!single_step(&vm->vcpus[0], &limit, &result, &err) && result.instructions == 2 &&
	           result.last == STEPPED_DELIVERY,
	   "two bytes in front of it are executed (%s)", err.text);
	translated(vm, PC(jump), INVALID_PAGE - 2);
	*(uint16_t *)ram_at(&vm->ram, INVALID_PAGE - 2, 2) = 0xa729; /* LGHI */
	ok(!single_step(&vm->vcpus[0], &limit, &result, &err) && result.instructions == 1 &&
	           result.last == STEPPED_DELIVERY && *word(vm, 0x158) == INVALID_PAGE - 2,
	   "of four, the other two are missed (%s)", err.text);
	translated(vm, PC(svc), 0);
	ok(!single_step(&vm->vcpus[0], &limit, &result, &err) && result.instructions == 1 &&
	           result.last == STEPPED_INSTRUCTION && result.pc == PC(svc_handler),
	   "a supervisor call is an instruction and a delivery (%s)", err.text);
	arch_delivery_text(&vm->vcpus[0], result.delivered, text, sizeof(text));
	has(text, "supervisor call 7", "... by name");
}

static void alarmed(int sig)
{
	(void)sig;
}

/* Nothing of it stays in KVM. */
static void test_off(struct vm *vm)
{
	const struct itimerval soon = { .it_value.tv_usec = 20000 };
	struct step_limit limit = { .instructions = 3, .ms = STEP_MS };
	struct sigaction action = { .sa_handler = alarmed };
	struct step_result result;
	uint64_t value;

	enter(vm, 0, PC(self));
	ok(!single_step(&vm->vcpus[0], &limit, &result, &err) && result.instructions == 3, "three (%s)",
	   err.text);
	ok(!arch_register(&vm->vcpus[0], "cpu-timer", &value, &err), "the CPU timer (%s)", err.text);
	is(value, INT64_MAX - 3 * US, "... is the guest's");
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	is(-kvm_run(&vm->vcpus[0].fd), EINTR, "KVM does not single-step any more");
}

/* Unstepped, the guest's clock has gone on from there. */
static void test_clock_goes_on(const struct kvm_fd *k, enum clock_policy policy)
{
	struct vm_config c = config(arch_info.ram_min, 1);
	struct step_limit limit = { .instructions = 50, .ms = STEP_MS };
	struct step_result result;
	uint64_t stepped;
	unsigned which;
	struct vm vm;

	c.hooks = NULL;
	c.clock = policy;
	if (!ok(!vm_create(&vm, k, &c, &err), "a VM (%s)", err.text))
		return;
	enter(&vm, 0, PC(self));
	ok(!single_step(&vm.vcpus[0], &limit, &result, &err), "fifty instructions (%s)", err.text);
	stepped = vm.clock.at.low;
	/* An hour ahead of KVM's. */
	clock_advance(&vm, vm.clock.at.high, stepped + 3600000000 * US, 3600000000000);
	stepped = vm.clock.at.low;
	vm.vcpus[0].run->psw_addr = PC(now);
	*word(&vm, DATA + 64) = PSW_64 | PSW_WAIT;
	vm_resume(&vm);
	vm_wait(&vm, 0, 20000, &which);
	ok(*word(&vm, DATA) >= stepped, "%s: the clock is not set back",
	   policy == CLOCK_FOLLOW ? "follow" : "stand");
	ok(*word(&vm, DATA) < stepped + 20000000 * US, "... and goes on from there");
	vm_destroy(&vm);
}

/* --- interrupts -------------------------------------------------------------------- */

static void test_wait(struct vm *vm)
{
	const struct time_step asleep[] = { I(waited),
		                            { PC(waited), STEPPED_ASLEEP },
		                            { PC(waited), STEPPED_ASLEEP } };
	const struct time_step on[] = { D(io), I(io2), I(waited), I(waited2) };

	enter(vm, 0, PC(wait));
	*word(vm, DATA + 64) = PSW_64 | PSW_WAIT | PSW_IO;
	*word(vm, DATA + 72) = PC(waited);
	steps(vm, asleep, 3);
	ok(!inject(vm), "an I/O interruption");
	steps(vm, on, 4);
}

/* A stop that the vCPU makes pending for itself, one that is pending, a disabled wait. */
static void test_stop(struct vm *vm)
{
	const struct s390_irq stop = { .type = S390_STOP };
	const struct time_step first[] = { I(stopped), { PC(stopped), STEPPED_EVENT } };
	const struct time_step wait[] = { I(stopped), { PC(stopped), STEPPED_EVENT } };
	struct step_limit limit = { .ms = STEP_MS };
	struct step_result result;

	enter(vm, 0, PC(stop));
	steps(vm, first, 2);
	ok(vm->vcpus[0].state == VCPU_OFFLINE, "it has stopped itself");
	enter(vm, 0, PC(self));
	ok(!local_inject(&vm->vcpus[0], &stop, &err) && !single_step(&vm->vcpus[0], &limit, &result, &err),
	   "a stop is pending (%s)", err.text);
	ok(result.last == STEPPED_EVENT && !result.instructions && result.pc == PC(self) &&
	           vm->vcpus[0].state == VCPU_OFFLINE,
	   "... and taken without an instruction");
	enter(vm, 0, PC(stopped));
	*word(vm, DATA + 64) = PSW_64 | PSW_WAIT;
	*word(vm, DATA + 72) = PC(stopped);
	steps(vm, wait, 2);
	ok(vm->vcpus[0].state == VCPU_WAITING, "a disabled wait");
}

/* Two that are pending, with one mask. */
static void test_two(struct vm *vm)
{
	const struct s390_irq emergency = { .type = S390_EMERGENCY };
	const struct time_step wanted[] = { I(both2), D(external), I(external2), I(both2),
		                            D(io),    I(io2),      I(both2),     I(both3) };

	enter(vm, 0, PC(both));
	ok(!inject(vm) && !local_inject(&vm->vcpus[0], &emergency, &err), "two interruptions (%s)", err.text);
	steps(vm, wanted, 8);
}

/* What no mask holds back; and what a machine check saves. */
static void test_unmasked(struct vm *vm)
{
	static const struct s390_irq restart = { .type = S390_RESTART };
	const struct s390_irq check = {
		.type = S390_MCHK, .mchk = { .mcic = S390_MCIC_CHANNEL_REPORT | 1ULL << 58, .cr14 = 1 << 26 }
	};
	const struct time_step restarted[] = { D(restart), D(restart) };
	const struct time_step checked[] = { D(machine), I(self), I(self) };

	enter(vm, 0, PC(self));
	ok(!local_inject(&vm->vcpus[0], &restart, &err), "a restart (%s)", err.text);
	steps(vm, restarted, 1);
	ok(!local_inject(&vm->vcpus[0], &restart, &err), "another one, to the same PSW (%s)", err.text);
	steps(vm, restarted + 1, 1);
	enter(vm, PSW_MCHK, PC(self));
	ok(!local_inject(&vm->vcpus[0], &check, &err), "a machine check (%s)", err.text);
	steps(vm, checked, 3);
	is(*word(vm, 0x1328), INT64_MAX, "it has saved the guest's CPU timer");
}

/* A guest that uses PER itself: instruction fetching from three instructions. */
static void test_per(bool stepped)
{
	const struct time_step wanted[] = {
		I(seen2), D(program), I(program2), I(seen2), I(seen3), D(program)
	};
	struct vm_config c = config(arch_info.ram_min, 1);
	struct s390_cpu cpu;
	unsigned which;
	struct vm vm;

	c.hooks = NULL;
	if (!ok(!vm_create(&vm, &kvm, &c, &err), "a VM (%s)", err.text))
		return;
	cpu = enter(&vm, PSW_PER, PC(seen));
	cpu.cr[9] = 0x40000000;
	cpu.cr[10] = PC(seen);
	cpu.cr[11] = PC(seen3);
	*word(&vm, DATA + 64) = PSW_64 | PSW_WAIT;
	cpu_load(&vm.vcpus[0], &cpu, &err);
	if (stepped)
		steps(&vm, wanted, 6);
	vm_resume(&vm);
	ok(!vm_wait(&vm, 0, 20000, &which) && !vm_pause(&vm, &err), "to the end (%s)", err.text);
	is(*word(&vm, DATA + 0x78), 3, "three PER events");
	cpu_save(&vm.vcpus[0], &cpu, &err);
	ok(cpu.cr[9] == 0x40000000 && cpu.cr[10] == PC(seen) && cpu.cr[11] == PC(seen3),
	   "its control registers");
	vm_destroy(&vm);
}

static void test_registers(struct vm *vm)
{
	uint64_t value;

	enter(vm, 0, PC(self));
	ok(!arch_register(&vm->vcpus[0], "r7", &value, &err) && value == DATA, "r7");
	ok(!arch_register(&vm->vcpus[0], "cr0", &value, &err) && value == 0xeee0, "cr0");
	ok(!arch_register(&vm->vcpus[0], "psw.address", &value, &err) && value == PC(self), "psw.address");
	ok(!arch_register(&vm->vcpus[0], "psw.mask", &value, &err) && value == PSW_64, "psw.mask");
	is(-arch_register(&vm->vcpus[0], "r16", &value, &err), ENOENT, "r16: there is none");
	is(-arch_register(&vm->vcpus[0], "msr", &value, &err), ENOENT, "nor msr");
	has(err.text, "no register msr", "... it says so");
	err.text[0] = 0;
}

static void test_program(void)
{
	struct vm_config c = config(arch_info.ram_min, 1);
	struct vm vm;

	c.hooks = NULL;
	if (!ok(!vm_create(&vm, &kvm, &c, &err), "a bare VM (%s)", err.text))
		return;
	test_plain(&vm);
	test_times(&vm, 0);
	test_times(&vm, PSW_PER);
	test_timers(&vm);
	test_sleep_until(&vm, S390_REG_CLOCK_COMP, 70 * US, "clock comparator");
	test_sleep_until(&vm, S390_REG_CPU_TIMER, 70 * US, "CPU timer");
	test_translation(&vm);
	test_off(&vm);
	test_wait(&vm);
	test_stop(&vm);
	test_two(&vm);
	test_unmasked(&vm);
	test_registers(&vm);
	vm_destroy(&vm);
}

int main(int argc, char **argv)
{
	if (api_begin(argc, argv))
		return 1;
	test_guest();
	test_program();
	test_per(false);
	test_per(true);
	test_clock_goes_on(&kvm, CLOCK_STAND);
	test_clock_goes_on(&kvm, CLOCK_FOLLOW);
	return api_end();
}
