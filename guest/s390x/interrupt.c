/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * interrupt.c: what came (Principles of Operation, chapter 6), as a record in
 * the log. All of it comes with interruptions closed but one: a restart, which
 * nothing closes, may come while a record is being written on the same vCPU.
 * It must not wait for the log's lock then, which the interrupted one holds;
 * it leaves a note, and the interrupted one writes the record for it.
 */
#include "guest.h"
#include "s390x/lowcore.h"

/* External-interruption codes (chapter 6, "External Interruption"). */
#define EXT_CLOCK_COMPARATOR 0x1004
#define EXT_CPU_TIMER        0x1005
#define EXT_EMERGENCY_SIGNAL 0x1201
#define EXT_EXTERNAL_CALL    0x1202
#define EXT_SERVICE_SIGNAL   0x2401
#define EXT_CP_SERVICE       0x2603 /* a hypervisor's: page faults, virtio */

static void logging_set(struct lowcore *lc, uint8_t on)
{
	/* Between a vCPU and its own restart handler the order of the program is enough. */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	lc->logging = on;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static void log_interrupt(struct lowcore *lc, unsigned int kind, uint32_t number, uint64_t parm,
                          uint64_t parm2)
{
	uint32_t n;

	logging_set(lc, 1);
	record(kind, number, parm, parm2);
	logging_set(lc, 0);

	/* From here on a restart writes its own record, and those that are noted. */
	while (__atomic_load_n(&lc->restarts, __ATOMIC_RELAXED)) {
		logging_set(lc, 1);
		for (n = __atomic_exchange_n(&lc->restarts, 0, __ATOMIC_RELAXED); n; n--)
			record(ABI_RESTART, 0, 0, 0);
		logging_set(lc, 0);
	}
}

/* A vCPU that slept is awake: see arch_sleep. */
static void wake(struct psw *old)
{
	old->mask &= ~PSW_WAIT;
}

void external_interrupt(struct lowcore *lc)
{
	uint64_t parm = 0, parm2 = 0;

	wake(&lc->ext_old);
	switch (lc->ext_code) {
	case EXT_CLOCK_COMPARATOR:
		/* Stays pending for as long as the clock is past the comparator. */
		clock_comparator_set(CLOCK_NEVER);
		break;
	case EXT_CPU_TIMER:
		/* Stays pending for as long as the timer is negative. */
		cpu_timer_set(CPU_TIMER_NEVER);
		break;
	case EXT_EMERGENCY_SIGNAL:
	case EXT_EXTERNAL_CALL:
		parm = lc->ext_cpu;
		ipi_taken(lc->ext_code == EXT_EXTERNAL_CALL ? SIGP_EXTERNAL_CALL : SIGP_EMERGENCY,
		          lc->ext_cpu, lc->cpu);
		break;
	case EXT_SERVICE_SIGNAL:
		parm = lc->ext_parm;
		if (sclp_service_signal(lc->ext_parm))
			return;
		break;
	case EXT_CP_SERVICE:
		parm = lc->ext_parm2;
		parm2 = lc->ext_cpu;
		break;
	}
	log_interrupt(lc, ABI_EXT, lc->ext_code, parm, parm2);
}

void io_interrupt(struct lowcore *lc)
{
	wake(&lc->io_old);
	con3215_interrupt(lc->io_subsystem);
	log_interrupt(lc, ABI_IO, lc->io_subsystem, lc->io_parm, lc->io_word);
}

void mchk_interrupt(struct lowcore *lc)
{
	wake(&lc->mchk_old);
	log_interrupt(lc, ABI_MCHK, lc->mchk_damage, lc->mchk_code, lc->mchk_address);
}

void restart_interrupt(struct lowcore *lc)
{
	wake(&lc->restart_old);
	if (lc->logging)
		__atomic_fetch_add(&lc->restarts, 1, __ATOMIC_RELAXED);
	else
		log_interrupt(lc, ABI_RESTART, 0, 0, 0);
}

void restart_nested(struct lowcore *lc)
{
	crash("restart at 0x%lx, in the handler of a restart", lc->restart_old.address);
}

/* One in here, or in what a crash leads to, crashes. What the code leaves no word about must read as 0. */
void program_expected(struct lowcore *lc)
{
	uint8_t what = lc->program;

	lc->program = PROGRAM_CRASHES;
	if (what == PROGRAM_SKIPS) {
		lc->program_seen = lc->program_code;
		lc->program_old.address = lc->program_next;
		lc->program_old.mask = PSW_CLOSED; /* that of LPSWE may have been wrong */
		return;
	}
	if (lc->logging)
		crash("program interruption 0x%04x while another one is logged", lc->program_code);
	wake(&lc->program_old);
	log_interrupt(lc, ABI_PROGRAM, lc->program_code, lc->translation_exception, lc->data_exception);
	lc->translation_exception = 0;
	lc->data_exception = 0;
	lc->program = what;
}

/* The address is that of the old PSW: of most program interruptions, behind the instruction. */
void program_interrupt(struct lowcore *lc)
{
	crash("program interruption 0x%04x at 0x%lx, translation exception 0x%lx, data exception 0x%x",
	      lc->program_code, lc->program_old.address, lc->translation_exception, lc->data_exception);
}

void svc_interrupt(struct lowcore *lc)
{
	crash("supervisor call %u at 0x%lx", lc->svc_number, lc->svc_old.address);
}
