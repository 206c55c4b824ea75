/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * main.c: the test guest. It has no will of its own: it goes to a checkpoint,
 * finds a command in its mailbox, obeys, and goes to the checkpoint again.
 * What it has to tell are the interrupts that it took: each is a record in a
 * log that the VMM can read, in the order in which they came. If nobody gives
 * commands, it shows what it can do and stops.
 *
 * Nothing here depends on the architecture: that is behind guest.h. The order
 * of this file is the order of events: the log, the commands, the loop.
 */
#include <stdarg.h>
#include "guest.h"

struct abi_shared shared;
int crashing;

/* How many interrupts each vCPU took, and which vCPUs are running. */
static uint32_t taken[ABI_CPUS];
static uint32_t up[ABI_CPUS];

static struct spinlock log_lock;

/*
 * The log
 */

void record(unsigned int kind, uint32_t number, uint64_t parm, uint64_t parm2)
{
	unsigned int cpu = arch_cpu();
	struct abi_record *r;
	uint32_t seq;

	spin_lock(&log_lock);
	seq = shared.taken;
	if (seq == ABI_LOG)
		crash("the log is full after %u interrupts", seq);
	r = &shared.log[seq];
	r->seq = seq;
	r->cpu = (uint16_t)cpu;
	r->kind = (uint16_t)kind;
	r->number = number;
	r->parm = parm;
	r->parm2 = parm2;
	if (shared.stamping)
		shared.stamp[seq] = arch_clock();
	/* The VMM may look at any moment: the record first, then the number that makes it count. */
	__atomic_store_n(&shared.taken, seq + 1, __ATOMIC_RELEASE);
	spin_unlock(&log_lock);
	__atomic_store_n(&taken[cpu], taken[cpu] + 1, __ATOMIC_RELEASE);
}

static void print_log(void)
{
	static const char *const kinds[] = {
		[ABI_EXT] = "external",    [ABI_IO] = "I/O",      [ABI_MCHK] = "machine check",
		[ABI_RESTART] = "restart", [ABI_XIVE] = "source", [ABI_DEC] = "decrementer",
		[ABI_PROGRAM] = "program",
	};
	uint32_t i, n = __atomic_load_n(&shared.taken, __ATOMIC_ACQUIRE);

	for (i = 0; i < n; i++) {
		const struct abi_record *r = &shared.log[i];

		print("%u: vCPU %u %s 0x%x parm 0x%lx 0x%lx\n", r->seq, r->cpu, kinds[r->kind], r->number,
		      r->parm, r->parm2);
	}
}

/*
 * The end
 */

static _Noreturn void stop(unsigned int status)
{
	shared.status = status;
	__atomic_store_n(&shared.stopped, ABI_STOPPED, __ATOMIC_RELEASE);
	arch_stop(status);
}

_Noreturn void crash(const char *format, ...)
{
	struct line line;
	va_list args;

	/* Crashed while crashing: not another word. */
	if (__atomic_exchange_n(&crashing, 1, __ATOMIC_SEQ_CST))
		arch_crashed();
	__atomic_store_n(&shared.stopped, ABI_CRASHED, __ATOMIC_RELEASE);

	line.length = 0;
	line_add(&line, "guest crash: ");
	va_start(args, format);
	line_vadd(&line, format, args);
	va_end(args);
	line_add(&line, " on vCPU %u\n", arch_cpu());
	line_print(&line);
	arch_crashed();
}

/*
 * The commands
 */

/* Whether the vCPU took n interrupts since its count was `before`. Counts wrap, differences do not. */
static int has_taken(unsigned int cpu, uint32_t before, uint64_t n)
{
	return __atomic_load_n(&taken[cpu], __ATOMIC_ACQUIRE) - before >= n;
}

static void sleep_until_taken(unsigned int cpu, uint32_t before, uint64_t n)
{
	while (!has_taken(cpu, before, n))
		arch_sleep();
}

static void spin_until_taken(unsigned int cpu, uint32_t before, uint64_t n)
{
	uint32_t *open = &shared.mailbox[cpu].open;

	arch_open();
	while (!has_taken(cpu, before, n))
		__atomic_store_n(open, 1, __ATOMIC_RELAXED);
	__atomic_store_n(open, 0, __ATOMIC_RELAXED);
	arch_close();
}

/* Interrupts stay closed; so the one way on is the VMM's next command, found at the next checkpoint. */
static void spin_until_commanded(unsigned int cpu)
{
	while (__atomic_load_n(&shared.mailbox[cpu].command, __ATOMIC_ACQUIRE) == ABI_CMD_NONE)
		;
}

static void start_cpu(uint64_t cpu)
{
	if (cpu >= ABI_CPUS)
		crash("cannot start vCPU %lu: too many", cpu);
	/* Another vCPU may have reset it, unasked. One that runs refuses to be started. */
	__atomic_store_n(&up[cpu], 0, __ATOMIC_RELEASE);
	arch_start((unsigned int)cpu);
	while (!__atomic_load_n(&up[cpu], __ATOMIC_ACQUIRE))
		;
}

/* Reads, so that a page is needed; and writes, so that it becomes dirty. The byte stays what it is. */
static void fill(uint64_t address, uint64_t times, uint64_t value, uint64_t step)
{
	for (; times; times--, address += step ? step : 4096)
		*(volatile uint64_t *)address = value;
}

static void touch(uint64_t address)
{
	volatile uint8_t *byte = (volatile uint8_t *)address;

	*byte = *byte;
}

static void demonstrate(unsigned int cpu)
{
	print("hello from the zpvm test guest on %s, vCPU %u\n", arch_name, cpu);
	arch_timer(ABI_TIMER_CLOCK, 1000);
	sleep_until_taken(cpu, taken[cpu], 1);
	print_log();
	stop(0);
}

static void obey(unsigned int cpu, uint32_t before, const struct abi_mailbox *m)
{
	uint64_t i;

	switch (m->command) {
	case ABI_CMD_NONE: demonstrate(cpu); break;
	case ABI_CMD_ENABLE:
		arch_open();
		arch_close();
		break;
	case ABI_CMD_WAIT: sleep_until_taken(cpu, before, m->arg[0]); break;
	case ABI_CMD_SPIN: spin_until_taken(cpu, before, m->arg[0]); break;
	case ABI_CMD_CLOSED: spin_until_commanded(cpu); break;
	case ABI_CMD_TIMER: arch_timer((unsigned int)m->arg[1], m->arg[0]); break;
	case ABI_CMD_PRINT: print_log(); break;
	case ABI_CMD_ECHO: arch_echo(); break;
	case ABI_CMD_STOP: stop((unsigned int)m->arg[0] & 0xff);
	case ABI_CMD_CRASH: arch_illegal(); break;
	case ABI_CMD_TOUCH: touch(m->arg[0]); break;
	case ABI_CMD_FILL: fill(m->arg[0], m->arg[1], m->arg[2], m->arg[3]); break;
	case ABI_CMD_START: start_cpu(m->arg[0]); break;
	case ABI_CMD_OFFLINE: __atomic_store_n(&up[cpu], 0, __ATOMIC_RELEASE); arch_offline();
	case ABI_CMD_EXITS:
		for (i = 0; i < m->arg[0]; i++)
			arch_checkpoint(ABI_CP_NOP);
		break;
	case ABI_CMD_INSN: arch_instruction(m, &shared.order[cpu], shared.mailbox[cpu].result); break;
	default:
		if (!arch_obey(m, shared.mailbox[cpu].result))
			crash("unknown command %u", m->command);
	}
}

/* Which answer came how often. */
static void count_answer(struct abi_order *order, uint64_t value)
{
	for (unsigned int i = 0; i < ABI_ANSWERS; i++)
		if (!order->answer[i].count || order->answer[i].value == value) {
			order->answer[i].value = value;
			order->answer[i].count++;
			return;
		}
	order->others++;
}

static void obey_often(unsigned int cpu, uint32_t before, const struct abi_mailbox *m, uint32_t times)
{
	struct abi_order *order = &shared.order[cpu];

	for (unsigned int i = 0; i < ABI_ANSWERS; i++)
		order->answer[i].count = 0;
	order->others = 0;
	while (times--) {
		obey(cpu, before, m);
		count_answer(order, shared.mailbox[cpu].result[0]);
	}
}

/*
 * The loop
 */

/* Empty the mailbox before obeying, so that the VMM can fill it while the command is under way. */
static struct abi_mailbox take_command(unsigned int cpu, uint32_t *repeat)
{
	struct abi_mailbox *box = &shared.mailbox[cpu];
	struct abi_mailbox m;

	/* The VMM writes the command last and we clear it last: the arguments belong to it in between. */
	m.command = __atomic_load_n(&box->command, __ATOMIC_ACQUIRE);
	m.open = 0;
	*repeat = shared.order[cpu].repeat;
	for (int i = 0; i < ABI_ARGS; i++)
		m.arg[i] = box->arg[i];
	if (m.command != ABI_CMD_NONE)
		__atomic_store_n(&box->command, ABI_CMD_NONE, __ATOMIC_RELEASE);
	return m;
}

_Noreturn void guest_main(unsigned int cpu)
{
	struct abi_mailbox m;
	uint32_t before, repeat;

	if (cpu == 0) {
		shared.magic = ABI_MAGIC;
		shared.version = ABI_VERSION;
	}
	__atomic_store_n(&up[cpu], 1, __ATOMIC_RELEASE);

	for (;;) {
		/* A restart is taken even here, where all else is closed: the next command counts it. */
		before = taken[cpu];
		arch_checkpoint(ABI_CP_READY);
		m = take_command(cpu, &repeat);
		if (repeat)
			obey_often(cpu, before, &m, repeat);
		else
			obey(cpu, before, &m);
	}
}
