/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * guest.h: the seam inside the test guest. main.c tells what the guest does;
 * an architecture directory (s390x/, power9/) tells how. Upper half: what the
 * common files give to both. Lower half: what each architecture must give.
 *
 * Read next: main.c, then s390x/start.S or power9/start.S.
 */
#ifndef GUEST_GUEST_H
#define GUEST_GUEST_H

#include <stdarg.h>
#include <stdint.h>
#include "abi.h"

/* main.c */

extern struct abi_shared shared;

/* Not 0 once a vCPU has begun to say why it crashes: locks are no longer taken, answers not waited for. */
extern int crashing;

/* What each vCPU runs once its architecture has set it up: checkpoint, command, checkpoint ... */
_Noreturn void guest_main(unsigned int cpu);

/* Called by an interrupt handler, interrupts closed: append to the log. The fields: struct abi_record. */
void record(unsigned int kind, uint32_t number, uint64_t parm, uint64_t parm2);

/* Something happened that the guest does not expect: print it, with the vCPU's number, and end the VM. */
_Noreturn void crash(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* console.c */

/*
 * A line being put together. The formats are %s %u %d %x, an l before the
 * last three, and a width with leading zeros (%04x). What does not fit is cut.
 */
struct line {
	unsigned int length;
	char text[160];
};

void line_vadd(struct line *line, const char *format, va_list args);
void line_add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
void line_print(const struct line *line);

/* A character that was typed: a whole line is written back. Not 0 when it was "stop", which is not. */
int echo(struct line *line, char c);

void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A lock between vCPUs. Whoever takes it in a handler takes it nowhere else. */
struct spinlock {
	uint32_t held;
};

static inline void spin_lock(struct spinlock *lock)
{
	while (__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE))
		;
}

static inline void spin_unlock(struct spinlock *lock)
{
	__atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
}

/* The architecture. All are called with interrupts closed, and return so unless they say else. */

/* "s390x", "power9" */
extern const char arch_name[];

/* The number of the vCPU that asks. */
unsigned int arch_cpu(void);

/* The checkpoint call of abi.h. Returns when the VMM lets the vCPU go on. */
void arch_checkpoint(unsigned int id);

/* Write to the console, all of it, by the architected service. At most sizeof(line.text) bytes. */
void arch_write(const char *text, unsigned int length);

/* ABI_CMD_ECHO. Sleeps with nothing but the console's interrupts open. */
void arch_echo(void);

/* Let all interrupts in: what is pending is taken before arch_open returns. Shut them out. */
void arch_open(void);
void arch_close(void);

/*
 * Sleep with all interrupts open until one has been taken. One that became
 * pending before the call ends the sleep at once: opening and falling asleep
 * are one step, so no wake-up is lost between the caller's look at its
 * condition and the sleep. May return early: the caller looks again.
 */
void arch_sleep(void);

/* Arm the timer `which` (ABI_TIMER_*): one interrupt, that many microseconds from now. */
void arch_timer(unsigned int which, uint64_t microseconds);

/* The clock: TOD clock, time base. */
uint64_t arch_clock(void);

/* Start a vCPU that is stopped; it comes to guest_main(cpu). Does not wait for it. */
void arch_start(unsigned int cpu);

/* Stop this vCPU. Does not come back: arch_start() by another one begins anew. */
_Noreturn void arch_offline(void);

/* Obey a command that only this architecture knows; 0 if it is none. result: the mailbox's. */
int arch_obey(const struct abi_mailbox *m, uint64_t result[ABI_RESULTS]);

/* ABI_CMD_INSN. */
void arch_instruction(const struct abi_mailbox *m, struct abi_order *order, uint64_t result[ABI_RESULTS]);

/* Execute an instruction that does not exist. Does not come back: the exception crashes the guest. */
void arch_illegal(void);

/* End the VM: as told, with an exit status; or after a crash, when all is said. */
_Noreturn void arch_stop(unsigned int status);
_Noreturn void arch_crashed(void);

#endif
