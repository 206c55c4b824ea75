/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api_step_power9.c: a vCPU that is stepped: which instructions it executes, where interrupts come, what its
 * clock says, and that a stepped guest is in the end what one is that just runs. TAP; argv[1] is the test
 * guest.
 */
#include "api.h"
#include "arch/power9/cpu.h"
#include "arch/power9/debug/guest_run.h"
#include "arch/power9/modes.h"
#include "vmm/debug/arch_debug.h"

#define SOURCE   0x1001
#define PRIORITY 5
#define MS       60000 /* a limit that is never reached */

#define LDARX  0x7c0000a8
#define LWARX  0x7c000028
#define STDCX  0x7c0001ad
#define STWCX  0x7c00012d
#define X_FORM 0xfc0007ff
#define SC_1   0x44000022
#define RFID   0x4c000024
#define MTMSRD 0x7c000164 /* L is in the register field that IS_MTMSRD leaves out */

static struct error err;

/* --- a guest to step ------------------------------------------------------ */

static struct vm vm;

static struct vcpu *cpu(void)
{
	return &vm.vcpus[0];
}

static bool order(uint32_t command, uint64_t a, uint64_t b, uint64_t c)
{
	const uint64_t arg[ABI_ARGS] = { a, b, c };

	return !checkpoint_command(&vm, 0, command, arg, &err);
}

static bool at_checkpoint(void)
{
	return checkpoint_cpu_state(&vm, 0) == CPU_READY;
}

/* Without stepping. */
static bool run(void)
{
	unsigned which;

	vm_resume(&vm);
	return !vm_wait(&vm, 0, 20000, &which) && at_checkpoint() && !vm_pause(&vm, &err);
}

static bool inject(void)
{
	static const struct word words[] = { { NULL, "source" }, { NULL, "0x1001" } };
	struct irq irq;
	unsigned done;

	return !irq_parse(words, 2, &irq, &err) && !arch_inject(&vm, &irq, 1, &done, &err);
}

/* A VM that is paused at its checkpoint; a source is routed. */
static bool begin(const char *irqchip)
{
	struct vm_config c = config(arch_info.ram_min, 2);
	static struct vm_config kept;

	kept = c;
	kept.irqchip = irqchip;
	return !start(&vm, &kept, &err) && !vm_pause(&vm, &err) &&
	       order(ABI_CMD_ROUTE, SOURCE, 0, PRIORITY) && run();
}

static uint64_t reg(const char *name)
{
	uint64_t value = 0;

	if (arch_register(cpu(), name, &value, &err))
		printf("# %s\n", err.text);
	return value;
}

static uint32_t word_at(uint64_t address)
{
	uint32_t *at = ram_at(&vm.ram, address, 4);

	return at ? *at : 0;
}

/* Of the memory that the guest uses. */
static uint64_t ram_sum(void)
{
	const uint64_t *at = ram_at(&vm.ram, 0, 4 << 20);
	uint64_t sum = 0;

	for (size_t i = 0; i < (4 << 20) / sizeof(*at); i++)
		sum = (sum ^ at[i]) * 0x100000001b3 + (sum >> 29);
	return sum;
}

/* --- stepping ---------------------------------------------------------------- */

#define STEPS 6000

static struct trail {
	struct {
		uint64_t pc; /* in front of the step */
		enum stepped what;
	} step[STEPS];
	unsigned count;
	uint64_t end; /* the last pc */
	int rc;
} trails[2];

static int step(uint64_t count, struct step_result *result)
{
	struct step_limit limit = { .instructions = count, .delivery = true, .ms = MS };

	return single_step(cpu(), &limit, result, &err);
}

/* What single_step() does, with a note of each step. */
static void note_steps(struct vcpu *vcpu, void *arg, struct event *event)
{
	struct trail *t = arg;
	enum stepped what = STEPPED_INSTRUCTION;
	struct arch_step arch;
	struct error ignored;

	t->count = 0;
	t->rc = arch_pc(vcpu, &t->end, &err);
	if (!t->rc)
		t->rc = arch_step_begin(vcpu, &arch, &err);
	if (t->rc)
		return;
	while (t->count < STEPS && what <= STEPPED_DELIVERY && !t->rc) {
		t->step[t->count].pc = t->end;
		t->rc = arch_step(vcpu, &arch, &what, event, &err);
		t->step[t->count++].what = what;
		arch_pc(vcpu, &t->end, &ignored);
	}
	arch_step_end(vcpu, &arch, &ignored);
}

/* One step at a time until the vCPU parks or sleeps. */
static bool follow(struct trail *t)
{
	const struct vcpu_alone alone = { note_steps, t };
	int rc = vcpu_run_alone(cpu(), &alone, MS, &err);

	if (!rc && t->rc)
		printf("# 0x%" PRIx64 ": %s\n", t->end, err.text);
	return !rc && !t->rc && t->count < STEPS;
}

static unsigned count_of(const struct trail *t, enum stepped what)
{
	unsigned count = 0;

	for (unsigned i = 0; i < t->count; i++)
		count += t->step[i].what == what;
	return count;
}

/* The first step that is such a one; t->count: there is none. */
static unsigned find(const struct trail *t, unsigned from, enum stepped what)
{
	while (from < t->count && t->step[from].what != what)
		from++;
	return from;
}

static bool same_trails(void)
{
	const struct trail *a = &trails[0], *b = &trails[1];

	for (unsigned i = 0; i < a->count && i < b->count; i++)
		if (a->step[i].pc != b->step[i].pc || a->step[i].what != b->step[i].what) {
			printf("# step %u: 0x%" PRIx64 " %d, 0x%" PRIx64 " %d\n", i, a->step[i].pc,
			       a->step[i].what, b->step[i].pc, b->step[i].what);
			return false;
		}
	return a->count == b->count && a->end == b->end;
}

/* --- tests --------------------------------------------------------------------- */

static unsigned reservations(const struct trail *t)
{
	unsigned good = 0;

	for (unsigned i = 0; i + 1 < t->count; i++) {
		uint32_t word = word_at(t->step[i].pc) & X_FORM;

		if (word != LDARX && word != LWARX)
			continue;
		word = word_at(t->step[i + 1].pc - 4) & X_FORM;
		if (word != STDCX && word != STWCX) {
			printf("# 0x%" PRIx64 " then 0x%" PRIx64 "\n", t->step[i].pc, t->step[i + 1].pc);
			return 0;
		}
		good++;
	}
	return good;
}

/* The interrupt: behind the mtmsrd, in front of the handler; the handler's first instructions; back. */
static void test_interrupt(void)
{
	const struct trail *t = &trails[0];
	uint64_t back;
	unsigned at, n;

	ok(inject() && order(ABI_CMD_ENABLE, 0, 0, 0), "an interrupt is pending (%s)", err.text);
	ok(follow(&trails[0]) && at_checkpoint(), "ENABLE in %u steps (%s)", t->count, err.text);
	is(checkpoint_shared(&vm)->taken, 1, "it has taken the interrupt");
	is(count_of(t, STEPPED_DELIVERY), 1, "one step was its delivery");
	is(count_of(t, STEPPED_EVENT), 1, "and one the call at the end");
	at = find(t, 0, STEPPED_DELIVERY);
	if (!ok(at > 1 && at + 8 < t->count, "... step %u", at))
		return;
	back = t->step[at].pc;
	ok((word_at(t->step[at - 1].pc) & 0xfc00ffff) == MTMSRD && back == t->step[at - 1].pc + 4,
	   "after the instruction that enables interrupts, before the next one");
	for (n = 0; n < 6; n++)
		if (t->step[at + 1 + n].pc != 0x500 + 4 * n)
			break;
	is(n, 6, "the handler is executed from its first instruction on");
	for (n = at + 1; n < t->count && word_at(t->step[n].pc) != RFID; n++)
		;
	ok(n + 1 < t->count && t->step[n + 1].pc == back, "and rfid leads back");
	ok(reservations(t) >= 1, "%u reservations were one step each, with their stores", reservations(t));
}

static void test_by_count(void)
{
	const struct trail *t = &trails[0];
	struct step_limit limit = { .instructions = t->count / 2, .ms = MS };
	struct step_result result;
	unsigned delivery = find(t, 0, STEPPED_DELIVERY);

	inject();
	order(ABI_CMD_ENABLE, 0, 0, 0);
	is(single_step(cpu(), &limit, &result, &err), 0, "half of it at once (%s)", err.text);
	is(result.instructions, t->count / 2, "... exactly");
	is(result.deliveries, delivery < t->count / 2, "... with the delivery");
	is(result.pc, t->step[t->count / 2 + (delivery < t->count / 2)].pc, "... at the same place");
	limit = (struct step_limit){ .has_pc = true, .pc = t->step[t->count - 5].pc, .ms = MS };
	is(single_step(cpu(), &limit, &result, &err), 0, "and up to an address");
	is(result.pc, t->step[t->count - 5].pc, "... where it is");
	ok(run(), "and the rest without stepping");
	is(checkpoint_shared(&vm)->taken, 2, "the interrupt was taken once");
}

static void test_sleep(void)
{
	struct step_result result;
	struct trail *t = &trails[0];
	uint32_t taken = checkpoint_shared(&vm)->taken;
	uint64_t pc, began;
	unsigned asleep = 0;

	order(ABI_CMD_WAIT, 1, 0, 0);
	ok(follow(t), "a guest that waits for an interrupt (%s)", err.text);
	is(t->step[t->count - 1].what, STEPPED_ASLEEP, "is asleep in the end");
	pc = t->end;
	ok(word_at(pc) == SC_1 && reg("r3") == 0xe0, "in front of H_CEDE");
	began = time_now();
	for (unsigned i = 0; i < 20; i++)
		asleep += !step(10, &result) && result.last == STEPPED_ASLEEP && !result.instructions &&
		          result.pc == pc;
	is(asleep, 20, "and stays so");
	printf("# %" PRIu64 " us to see that it sleeps\n", (time_now() - began) / 20000);
	inject();
	ok(!step(1, &result) && result.last == STEPPED_INSTRUCTION && result.pc == pc + 4,
	   "an interrupt is pending: H_CEDE returns");
	ok(reg("msr") & 0x8000 && checkpoint_shared(&vm)->taken == taken, "... with interrupts enabled");
	ok(!step(1, &result) && result.last == STEPPED_DELIVERY && result.pc == 0x500 &&
	           !result.instructions && reg("srr0") == pc + 4,
	   "it is delivered");
	ok(follow(t) && at_checkpoint() && checkpoint_shared(&vm)->taken == taken + 1, "and taken (%s)",
	   err.text);

	order(ABI_CMD_WAIT, 1, 0, 0);
	ok(follow(t) && t->step[t->count - 1].what == STEPPED_ASLEEP, "asleep again");
	vm_resume(&vm);
	for (int i = 0; i < 1000 && !vm_vcpu_asleep(&vm, 0); i++)
		usleep(1000);
	ok(vm_vcpu_asleep(&vm, 0) && !vm_pause(&vm, &err), "a VM that resumes sleeps on");
	inject();
	ok(run() && checkpoint_shared(&vm)->taken == taken + 2, "until the interrupt comes");
}

static void test_calls(void)
{
	const struct trail *t = &trails[0];
	struct abi_mailbox *m = &checkpoint_shared(&vm)->mailbox[0];
	unsigned calls = 0;

	order(ABI_CMD_EXITS, 3, 0, 0);
	ok(follow(&trails[0]) && at_checkpoint(), "calls that zpvm answers (%s)", err.text);
	for (unsigned i = 0; i + 1 < t->count; i++)
		calls += word_at(t->step[i].pc) == SC_1 && t->step[i + 1].pc == t->step[i].pc + 4;
	is(calls, 3, "... return to the next instruction");
	order(ABI_CMD_HCALL, 0xe4, 0xffff, 0); /* H_CONFER: KVM answers H_PARAMETER */
	ok(follow(&trails[0]) && at_checkpoint(), "a call that KVM answers (%s)", err.text);
	is((int64_t)m->result[0], -4, "... as always");
	order(ABI_CMD_TOUCH, 0x6030300000000, 0, 0); /* P9_LEVEL: a load and a store */
	ok(follow(&trails[0]) && at_checkpoint(), "a device's register (%s)", err.text);
	order(ABI_CMD_HCALL, 0x2c, 0x4000, 0x300000); /* H_PAGE_INIT: copies the page with the vectors */
	ok(follow(&trails[0]) && at_checkpoint() && !m->result[0] &&
	           !memcmp(ram_at(&vm.ram, 0x300000, 4096), ram_at(&vm.ram, 0, 4096), 4096),
	   "a call that reads memory finds what the guest has there (%s)", err.text);
	order(ABI_CMD_HCALL, 0x58, 0, 0); /* H_PUT_TERM_CHAR: nothing */
	ok(follow(&trails[0]) && at_checkpoint() && !m->result[0], "a guest that prints (%s)", err.text);
}

/* An interrupt handler for program interruptions is where the stepper's own breakpoints lead. */
static void test_program(void)
{
	const struct trail *t = &trails[0];
	struct event event;
	unsigned at;

	order(ABI_CMD_CRASH, 0, 0, 0);
	ok(follow(&trails[0]), "an illegal instruction (%s)", err.text);
	at = find(t, 0, STEPPED_DELIVERY);
	ok(at + 2 < t->count && word_at(t->step[at].pc) == 0, "is interrupted");
	ok(t->step[at + 1].pc == 0x700 && t->step[at + 2].pc == 0x704,
	   "the handler of program interruptions is executed from its first instruction on");
	vm_event(&vm, 0, &event);
	is(event.kind, EVENT_CRASH, "and the guest says that it crashed");
}

static void test_time(void)
{
	const struct trail *t = &trails[0];
	uint64_t before = vm.clock.at.low, delivery;
	struct state_bytes bytes = { 0 };

	ok(order(ABI_CMD_TIMER, 1500, 0, 0) && follow(&trails[0]) && at_checkpoint(), "a timer is set (%s)",
	   err.text);
	is(vm.clock.at.low - before, t->count * (uint64_t)STEP_TICKS, "each instruction takes its time");
	is(state_save(&vm, SNAP_VM, &bytes, &err), 0, "a snapshot (%s)", err.text);
	order(ABI_CMD_SPIN, 1, 0, 0);
	ok(follow(&trails[0]) && at_checkpoint(), "a guest in a loop (%s)", err.text);
	delivery = find(t, 0, STEPPED_DELIVERY);
	ok(delivery < t->count && t->step[delivery + 1].pc == 0x900 && delivery > 900 && delivery < 1500,
	   "the decrementer interrupts it, at step %" PRIu64, delivery);
	usleep(100000);
	ok(!state_load(&vm, &bytes, false, &err) && order(ABI_CMD_SPIN, 1, 0, 0) && follow(&trails[1]),
	   "the same from the snapshot, later (%s)", err.text);
	ok(same_trails(), "... at the same step");
	before = vm.clock.at.low;
	ok(order(ABI_CMD_EXITS, 1, 0, 0) && run() && vm.clock.at.low >= before,
	   "and a VM that resumes finds no earlier time");
	free(bytes.bytes);
}

/* --- the same again ------------------------------------------------------------- */

static bool write_file(const char *name, struct state_bytes *bytes)
{
	FILE *f = bytes->bytes ? fopen(name, "w") : NULL;
	bool good;

	if (!f)
		return false;
	snap_seal(bytes->bytes);
	bytes->sealed = true;
	good = fwrite(bytes->bytes, 1, bytes->len, f) == bytes->len;
	return !fclose(f) && good;
}

/* What zpvm diff finds besides the fields in this pattern. */
static bool no_difference(struct state_bytes *a, struct state_bytes *b, const char *but)
{
	char command[400];

	if (!write_file("a", a) || !write_file("b", b))
		return false;
	snprintf(command, sizeof(command),
	         "./zpvm diff a b >differences; ! grep '^[-+!]' differences | grep -vE '%s' | sed 's/^/# /' "
	         "| grep .",
	         but);
	return system(command) == 0;
}

static void test_again(void)
{
	struct state_bytes from = { 0 }, by_steps = { 0 }, again = { 0 }, just_run = { 0 };
	uint64_t sum;

	inject();
	ok(order(ABI_CMD_ENABLE, 0, 0, 0) && !state_save(&vm, SNAP_VM, &from, &err), "a snapshot (%s)",
	   err.text);
	ok(follow(&trails[0]) && !state_save(&vm, SNAP_VM, &by_steps, &err), "stepped from there (%s)",
	   err.text);
	sum = ram_sum();
	ok(!state_load(&vm, &from, false, &err) && follow(&trails[1]) &&
	           !state_save(&vm, SNAP_VM, &again, &err),
	   "again (%s)", err.text);
	ok(same_trails(), "the same instructions");
	ok(sum == ram_sum(), "the same memory");
	ok(no_difference(&by_steps, &again, "^$"), "the same snapshot");
	ok(!state_load(&vm, &from, false, &err) && run() && !state_save(&vm, SNAP_VM, &just_run, &err),
	   "just run (%s)", err.text);
	ok(no_difference(&by_steps, &just_run, "clock.time-base|snapshot.made|dec-expiry|purr|tb-offset|vtb"),
	   "the same snapshot but for the clocks");
	free(from.bytes);
	free(by_steps.bytes);
	free(again.bytes);
	free(just_run.bytes);
}

/* --- code of our own --------------------------------------------------------- */

#define CODE 0x200000

/* It ends in a loop of one instruction. */
static const uint32_t code[] = {
	0x38800003, /*      li      r4,3 */
	0x7c8903a6, /*      mtctr   r4 */
	0x38a50001, /* 1:   addi    r5,r5,1 */
	0x4200fffc, /*      bdnz    1b */
	0x48000009, /*      bl      2f */
	0x48000014, /*      b       3f */
	0x7cc802a6, /* 2:   mflr    r6 */
	0x2c250000, /*      cmpdi   r5,0 */
	0x4c820020, /*      bnelr */
	0x7fe00008, /*      trap */
	0x7ccfcba6, /* 3:   mtspr   TAR,r6 */
	0x7ce000a6, /*      mfmsr   r7 */
	0x3d000020, /*      lis     r8,CODE>>16 */
	0x7d204028, /* 4:   lwarx   r9,0,r8 */
	0x2c090000, /*      cmpwi   r9,0 */
	0x4182000c, /*      beq     5f */
	0x7d20412d, /*      stwcx.  r9,0,r8 */
	0x40c2fff0, /*      bne-    4b */
	0x7d4000a6, /* 5:   mfmsr   r10 */
	0x44000002, /*      sc */
	0x386000e4, /*      li      r3,H_CONFER */
	0x3880ffff, /*      li      r4,-1 */
	0x44000022, /*      sc      1 */
	0x7d7a02a6, /*      mfsrr0  r11 */
	0x7d9b02a6, /*      mfsrr1  r12 */
	0x7dac42a6, /*      mftb    r13 */
	0x39a00000, /*      li      r13,0 */
	0x7dd602a6, /*      mfdec   r14 */
	0x7dd603a6, /*      mtdec   r14 */
	0x39c00000, /*      li      r14,0 */
	0x82200500, /*      lwz     r17,0x500(0) */
	0x92200f64, /*      stw     r17,0xf64(0) */
	0x82400f60, /*      lwz     r18,0xf60(0) */
	0x48000000, /*      b       . */
};
#define END (CODE + sizeof(code) - 4)

/* At the vector of a system call. */
static const uint32_t handler[] = {
	0x7dfa02a6, /*      mfsrr0  r15 */
	0x7e1b02a6, /*      mfsrr1  r16 */
	0x7e0000a6, /*      mfmsr   r16, which was SRR1 */
	0x4c000024, /*      rfid */
};

static void put_code(uint64_t at, const uint32_t *words, size_t count, bool little)
{
	uint32_t *to = ram_at(&vm.ram, at, count * 4);

	for (size_t i = 0; i < count; i++)
		to[i] = little ? words[i] : __builtin_bswap32(words[i]);
}

/* Little-endian code runs with interrupts enabled. */
static bool put_registers(bool little)
{
	struct kvm_regs regs = { .pc = CODE, .msr = MSR_START | (little ? MSR_LE | 0x8000 : 0) | 2 };

	return kvm_call(&cpu()->fd, KVM_SET_REGS, &regs) >= 0;
}

/* Executes it by itself until it is in its loop, which is at `end`. */
static bool run_code(uint64_t end)
{
	struct kvm_regs regs = { .pc = 0 };
	int tries = 0;

	while (regs.pc != end && tries++ < 1000) {
		vm_resume(&vm);
		usleep(1000);
		if (vm_pause(&vm, &err) || kvm_call(&cpu()->fd, KVM_GET_REGS, &regs) < 0)
			return false;
	}
	return regs.pc == end;
}

static void same_registers(const struct kvm_regs *just_run)
{
	struct kvm_regs stepped;

	ok(kvm_call(&cpu()->fd, KVM_GET_REGS, &stepped) >= 0 && !memcmp(&stepped, just_run, sizeof(stepped)),
	   "... the same registers");
	for (size_t i = 0; i < sizeof(stepped) / 8; i++)
		if (((uint64_t *)&stepped)[i] != ((const uint64_t *)just_run)[i])
			printf("# %zu: 0x%" PRIx64 ", not 0x%" PRIx64 "\n", i, ((uint64_t *)&stepped)[i],
			       ((const uint64_t *)just_run)[i]);
}

static void test_code(bool little, bool handler_little)
{
	struct step_limit limit = { .has_pc = true, .pc = END, .ms = MS };
	struct step_result result = { 0 };
	struct kvm_regs just_run;
	uint64_t sum;

	put_code(CODE, code, sizeof(code) / 4, little);
	put_code(0xc00, handler, sizeof(handler) / 4, handler_little);
	ok(!cpu_change_lpcr(cpu(), LPCR_ILE, handler_little ? LPCR_ILE : 0, &err) && put_registers(little) &&
	           run_code(END) && kvm_call(&cpu()->fd, KVM_GET_REGS, &just_run) >= 0,
	   "%s-endian code, %s-endian handlers, just run (%s)", little ? "little" : "big",
	   handler_little ? "little" : "big", err.text);
	sum = ram_sum();
	put_registers(little);
	is(single_step(cpu(), &limit, &result, &err), 0, "stepped (%s)", err.text);
	is(result.instructions, 37, "... so many instructions");
	same_registers(&just_run);
	ok(sum == ram_sum(), "... the same memory");
	limit = (struct step_limit){ .ms = 200 };
	ok(!single_step(cpu(), &limit, &result, &err) && result.last == STEPPED_LATE && result.pc == END &&
	           result.instructions && sum == ram_sum(),
	   "... and the time limit ends the loop, after %" PRIu64 " steps", result.instructions);
}

/* --- translated addresses ------------------------------------------------------ */

/* Its first six instructions are in another page than the rest, with the end of the unit. */
static const uint32_t translated[] = {
	0x3c600020, /*      lis     r3,32 */
	0x38a50001, /*      addi    r5,r5,1 */
	0x48000008, /*      b       1f */
	0x7fe00008, /*      trap */
	0x7d20f828, /* 1:   lwarx   r9,0,r31 */
	0x39290000, /*      addi    r9,r9,0 */
	0x7d20f92d, /*      stwcx.  r9,0,r31 */
	0x40c2fff4, /*      bne-    1b */
	0x7dac42a6, /*      mftb    r13 */
	0x39a00000, /*      li      r13,0 */
	0x823f0500, /*      lwz     r17,0x500(r31): where the stepper has a hook */
	0x923f0f64, /*      stw     r17,0xf64(r31) */
	0x825f0f60, /*      lwz     r18,0xf60(r31) */
	0x827d0000, /*      lwz     r19,0(r29), which is not mapped */
	0x7e8000a6, /*      mfmsr   r20 */
	0x7dd602a6, /*      mfdec   r14 */
	0x39c00000, /*      li      r14,0 */
	0x44000002, /*      sc */
	0x60000000, /*      nop */
	0x44000021, /*      scv     1 */
	0x429f0005, /*      bcl     20,31,.+4 */
	0x7cc802a6, /*      mflr    r6 */
	0x48000000, /*      b       . */
};
#define FIRST 6
#define WORDS (sizeof(translated) / 4)

/* At the vectors of exceptions: behind the instruction. */
static const uint32_t skip[] = {
	0x7eba02a6, /*      mfsrr0  r21 */
	0x3ab50004, /*      addi    r21,r21,4 */
	0x7eba03a6, /*      mtsrr0  r21 */
	0x3ad60001, /*      addi    r22,r22,1 */
	0x4c000024, /*      rfid */
};

#define VECTOR_SCV 0x17020
#define RFSCV      0x4c0000a4
#define FSCR_SCV   0x1000

#define PROCESS  7
#define TABLE    0x300000ULL
#define PAGES    (TABLE + 0x40000) /* of process 0; those of the other one are behind */
#define CODE_EA  0x10000ULL
#define ZERO_EA  0x20000ULL
#define NONE_EA  0x30000ULL
#define START_EA (CODE_EA + 0x1000 - 4ULL * FIRST)
#define LEFT     0xc000000000000000ULL

static void put_entry(uint64_t at, uint64_t entry)
{
	*(uint64_t *)ram_at(&vm.ram, at, 8) = __builtin_bswap64(entry);
}

/* A process's tree; may: of its pages. */
static void put_tree(uint64_t process, uint64_t n, uint64_t may)
{
	const uint64_t valid = 1ULL << 63, leaf = 3ULL << 62 | 0x180 | may, root = TABLE + 0x10000 * (n + 1),
		       pages = PAGES + n * 0x3000;

	put_entry(TABLE + 16 * process, 1ULL << 62 | 5 << 5 | root | 13);
	put_entry(root, valid | (pages + 0x1000) | 9);
	put_entry(pages + 0x1000, valid | (pages + 0x2000) | 9);
	put_entry(pages + 0x2000, valid | pages | 9);
	put_entry(pages + CODE_EA / 4096 * 8, leaf | CODE);
	put_entry(pages + CODE_EA / 4096 * 8 + 8, leaf | (CODE + 0x40000));
	put_entry(pages + ZERO_EA / 4096 * 8, leaf);
}

static bool put_translated(void)
{
	const uint64_t pid = PROCESS, fscr = FSCR_SCV;

	put_tree(0, 0, 0xf);
	put_tree(PROCESS, 1, 7);
	put_code(CODE + 0x1000 - 4 * FIRST, translated, FIRST, true);
	put_code(CODE + 0x40000, translated + FIRST, WORDS - FIRST, true);
	put_code(0x300, skip, sizeof(skip) / 4, true);
	put_code(0x700, skip, sizeof(skip) / 4, true);
	put_code(0xc00, &(uint32_t){ RFID }, 1, true);
	put_code(VECTOR_SCV, &(uint32_t){ RFSCV }, 1, true);
	return !cpu_change_lpcr(cpu(), LPCR_ILE, LPCR_ILE, &err) && !modes_set_mmu(&vm, TABLE, true, &err) &&
	       kvm_reg_set(&cpu()->fd, KVM_REG_PPC_PID, &pid) >= 0 &&
	       kvm_reg_set(&cpu()->fd, KVM_REG_PPC_FSCR, &fscr) >= 0;
}

static bool start_translated(uint64_t base, uint64_t msr)
{
	struct kvm_regs regs = { .pc = base + START_EA, .msr = MSR_START | MSR_LE | 0x8032 | msr };

	regs.gpr[31] = base + ZERO_EA;
	regs.gpr[29] = base + NONE_EA;
	return kvm_call(&cpu()->fd, KVM_SET_REGS, &regs) >= 0;
}

static void test_translated(const char *text, uint64_t base, uint64_t msr, uint64_t instructions,
                            uint64_t deliveries)
{
	const uint64_t end = base + START_EA + 4 * (WORDS - 1);
	struct step_limit limit = { .has_pc = true, .pc = end, .ms = MS };
	struct step_result result = { 0 };
	struct kvm_regs just_run;
	uint64_t sum;

	ok(start_translated(base, msr) && run_code(end) && kvm_call(&cpu()->fd, KVM_GET_REGS, &just_run) >= 0,
	   "%s, just run (%s)", text, err.text);
	sum = ram_sum();
	start_translated(base, msr);
	is(single_step(cpu(), &limit, &result, &err), 0, "stepped (%s)", err.text);
	is(result.instructions, instructions, "... so many instructions");
	is(result.deliveries, deliveries, "... so many interrupts");
	same_registers(&just_run);
	ok(sum == ram_sum(), "... the same memory");
}

/* The emulated processor has no LPCR[AIL]: where interrupts would lead. */
static void test_relocation(void)
{
	static const struct {
		uint64_t lpcr, srr1, vector, pc, msr;
	} table[] = {
		{ LPCR_AIL, 0x8030, 0x500, 0xc000000000004500, 0x31 },
		{ LPCR_AIL, 0xc030, 0xf60, 0xc000000000004f60, 0x31 },
		{ LPCR_AIL, 0x8020, 0x500, 0x500, 1 },
		{ LPCR_AIL, 0x8010, 0x300, 0x300, 1 },
		{ LPCR_AIL, 0x8030, 0x100, 0x100, 1 },
		{ LPCR_AIL, 0x8030, 0x200, 0x200, 1 },
		{ LPCR_ILE, 0x8030, 0x500, 0x500, 1 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct stepper s = { .lpcr = table[i].lpcr };
		struct kvm_regs regs = { .pc = table[i].vector, .msr = 1, .srr1 = table[i].srr1 };

		guest_relocate(&s, &regs);
		ok(regs.pc == table[i].pc && regs.msr == table[i].msr,
		   "LPCR 0x%" PRIx64 ", SRR1 0x%" PRIx64 ", vector 0x%" PRIx64 ": 0x%llx", table[i].lpcr,
		   table[i].srr1, table[i].vector, regs.pc);
	}
}

static void test_refusals(void)
{
	struct step_limit limit = { .instructions = 1, .ms = MS };
	struct step_result result;
	struct kvm_regs regs;

	is(single_step(&vm.vcpus[1], &limit, &result, &err), -EBUSY, "a vCPU that is offline is not stepped");
	put_registers(true);
	kvm_call(&cpu()->fd, KVM_GET_REGS, &regs);
	regs.pc = START_EA;
	regs.msr |= 0x30;
	kvm_call(&cpu()->fd, KVM_SET_REGS, &regs);
	is(step(1, &result), -EOPNOTSUPP, "nor one that executes the problem state's memory");
	has(err.text, "in problem state's memory", "... for that reason");
	regs.msr = (regs.msr & ~0x30ULL) | 0x400;
	kvm_call(&cpu()->fd, KVM_SET_REGS, &regs);
	is(step(1, &result), -EOPNOTSUPP, "nor one that traces itself");
	regs.msr &= ~0x400ULL;
	regs.pc = CODE;
	put_code(CODE, &(uint32_t){ 0x4c0002e4 }, 1, true);
	kvm_call(&cpu()->fd, KVM_SET_REGS, &regs);
	is(step(1, &result), -EOPNOTSUPP, "nor a stop");
	regs.srr0 = CODE;
	regs.srr1 = regs.msr;
	put_code(CODE, &(uint32_t){ RFID }, 1, true);
	kvm_call(&cpu()->fd, KVM_SET_REGS, &regs);
	is(step(1, &result), -EOPNOTSUPP, "nor an rfid to itself");
}

static void test_cost(void)
{
	struct step_limit limit = { .instructions = 1000, .ms = MS };
	struct step_result result = { 0 };
	uint64_t began;

	order(ABI_CMD_CLOSED, 0, 0, 0);
	began = time_now();
	ok(!single_step(cpu(), &limit, &result, &err) && result.instructions == 1000, "1000 instructions");
	printf("# %" PRIu64 " us an instruction, a loop of three\n", (time_now() - began) / 1000000);
	limit.instructions = 1;
	began = time_now();
	for (int i = 0; i < 1000; i++)
		single_step(cpu(), &limit, &result, &err);
	printf("# %" PRIu64 " us one by one\n", (time_now() - began) / 1000000);
}

static void test_registers(void)
{
	static const char *const none[] = { "r32", "r03", "r", "r-1", "sprg8", "psw", "", "vsr", "r1x" };
	struct kvm_regs regs;
	uint64_t value;
	unsigned refused = 0;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		refused += arch_register(cpu(), none[i], &value, &err) == -ENOENT;
	is(refused, sizeof(none) / sizeof(none[0]), "names of no register");
	kvm_call(&cpu()->fd, KVM_GET_REGS, &regs);
	regs.gpr[31] = 31;
	regs.sprg7 = 7;
	regs.lr = 0x1234;
	kvm_call(&cpu()->fd, KVM_SET_REGS, &regs);
	kvm_reg_set(&cpu()->fd, KVM_REG_PPC_DSISR, &(uint32_t){ 0x87654321 });
	kvm_reg_set(&cpu()->fd, KVM_REG_PPC_DEC_EXPIRY, &(uint64_t){ vm.clock.at.low + 100 });
	ok(reg("r31") == 31 && reg("sprg7") == 7 && reg("lr") == 0x1234 && reg("pc") == regs.pc,
	   "registers of KVM_GET_REGS");
	ok(reg("dsisr") == 0x87654321 && reg("lpcr") & LPCR_LD, "registers of KVM_GET_ONE_REG");
	ok(reg("tb") == vm.clock.at.low && reg("dec") == 100, "clocks, which stand");
}

int main(int argc, char **argv)
{
	if (api_begin(argc, argv))
		return 1;
	if (ok(begin(NULL), "a guest (%s)", err.text)) {
		test_interrupt();
		test_by_count();
		test_sleep();
		test_calls();
		test_time();
		test_again();
		test_program();
		vm_destroy(&vm);
	}
	if (ok(begin("xics"), "a guest with XICS (%s)", err.text)) {
		test_interrupt();
		test_cost();
		test_code(true, true);
		test_code(false, true);
		test_code(false, false);
		if (ok(put_translated(), "trees (%s)", err.text)) {
			test_translated("translated", LEFT, 0, 25, 2);
			test_translated("problem state", 0, 0x4000, 33, 4);
		}
		test_relocation();
		test_refusals();
		test_registers();
		vm_destroy(&vm);
	}
	return api_end();
}
