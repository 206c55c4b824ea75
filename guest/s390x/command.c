/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * command.c: single instructions on the VMM's order, with whatever operands
 * it likes. What they lead to is told, a program interruption too.
 */
#include "guest.h"
#include "s390x/lowcore.h"

/*
 * Around an instruction: a program interruption goes on behind it, at 9. The
 * condition code is 0 then. The lowcore is at real address 0 (see abi.h's
 * prefix). Needs %[cc] and %[next], and the clobbers "cc" and "memory".
 */
#define TRY(instruction)                                     \
	"	larl	%[cc],9f\n"                                   \
	"	stg	%[cc],%[next]\n"                               \
	"	lghi	%[cc],0\n"                                    \
	"	mvi	%[what],%[skips]\n" instruction "\n" \
	"	ipm	%[cc]\n"                                       \
	"	srl	%[cc],28\n"                                    \
	"9:	mvi	%[what],%[crashes]\n"

#define TRY_OUTPUTS(lc) [cc] "=&d"(cc), [next] "=Q"((lc)->program_next), [what] "+Q"((lc)->program)
#define TRY_INPUTS      [skips] "i"(PROGRAM_SKIPS), [crashes] "i"(PROGRAM_CRASHES)

/* An instruction of format S: its operand's address; register 1 names the subchannel (PoP chapter 14). */
#define S_FORMAT(lc, opcode)                                                \
	asm volatile(TRY("	.insn	s," #opcode ",0(%[address])")       \
	             : TRY_OUTPUTS(lc)                                      \
	             : TRY_INPUTS, [address] "a"(address), "d"(r1), "d"(r2) \
	             : "cc", "memory")

static uint32_t channel(struct lowcore *lc, uint64_t op, uint64_t id, uint64_t address)
{
	register uint64_t r1 asm("r1") = id;
	register uint64_t r2 asm("r2") = address; /* of SCHM */
	uint32_t cc = 0;

	switch (op) {
	case ABI_CHANNEL_SSCH: S_FORMAT(lc, 0xb2330000); break;
	case ABI_CHANNEL_TSCH: S_FORMAT(lc, 0xb2350000); break;
	case ABI_CHANNEL_STSCH: S_FORMAT(lc, 0xb2340000); break;
	case ABI_CHANNEL_MSCH: S_FORMAT(lc, 0xb2320000); break;
	case ABI_CHANNEL_CSCH: S_FORMAT(lc, 0xb2300000); break;
	case ABI_CHANNEL_HSCH: S_FORMAT(lc, 0xb2310000); break;
	case ABI_CHANNEL_RSCH: S_FORMAT(lc, 0xb2380000); break;
	case ABI_CHANNEL_XSCH: S_FORMAT(lc, 0xb2760000); break;
	case ABI_CHANNEL_STCRW: S_FORMAT(lc, 0xb2390000); break;
	case ABI_CHANNEL_TPI: S_FORMAT(lc, 0xb2360000); break;
	case ABI_CHANNEL_RCHP: S_FORMAT(lc, 0xb23b0000); break;
	case ABI_CHANNEL_SCHM: S_FORMAT(lc, 0xb23c0000); break;
	case ABI_CHANNEL_SAL: S_FORMAT(lc, 0xb2370000); break;
	case ABI_CHANNEL_STCPS: S_FORMAT(lc, 0xb23a0000); break;
	case ABI_CHANNEL_CHSC:
		asm volatile(TRY("	.insn	rre,0xb25f0000,%[address],0")
		             : TRY_OUTPUTS(lc)
		             : TRY_INPUTS, [address] "a"(address)
		             : "cc", "memory");
		break;
	default: crash("channel instruction %lu", op);
	}
	/* At address 0 TPI leaves all three words, and so the interruption is known. */
	if (op == ABI_CHANNEL_TPI && cc == 1 && !address)
		record(ABI_IO, lc->io_subsystem, lc->io_parm, lc->io_word);
	return cc;
}

static uint32_t service_call(struct lowcore *lc, uint64_t command, uint64_t sccb)
{
	uint32_t cc;

	asm volatile(TRY("	.insn	rre,0xb2200000,%[command],%[sccb]")
	             : TRY_OUTPUTS(lc)
	             : TRY_INPUTS, [command] "d"(command), [sccb] "d"(sccb)
	             : "cc", "memory");
	return cc;
}

static uint32_t signal_processor(struct lowcore *lc, uint64_t cpu, uint64_t order, uint64_t *status)
{
	register uint64_t r1 asm("r1") = *status; /* odd: both parameter and status */
	uint32_t cc;

	asm volatile(TRY("	sigp	%[status],%[cpu],0(%[order])")
	             : TRY_OUTPUTS(lc), [status] "+d"(r1)
	             : TRY_INPUTS, [cpu] "d"(cpu), [order] "a"(order)
	             : "cc", "memory");
	*status = r1;
	return cc;
}

static uint32_t diagnose(struct lowcore *lc, const uint64_t arg[ABI_ARGS], uint64_t result[ABI_RESULTS])
{
	register uint64_t r1 asm("r1") = arg[1];
	register uint64_t r2 asm("r2") = arg[2];
	register uint64_t r3 asm("r3") = arg[3];
	register uint64_t r4 asm("r4") = arg[4];
	uint32_t cc;

	asm volatile(TRY("	.insn	rs,0x83000000,%[r2],%[r4],0(%[code])")
	             : TRY_OUTPUTS(lc), [r2] "+d"(r2), [r3] "+d"(r3)
	             : TRY_INPUTS, [r4] "d"(r4), "d"(r1), [code] "a"(arg[0])
	             : "cc", "memory");
	result[ABI_RESULT_VALUE] = r2;
	result[ABI_RESULT_VALUE2] = r3;
	return cc;
}

/* PERFORM TOPOLOGY FUNCTION (PoP chapter 10). */
static uint32_t topology(struct lowcore *lc, uint64_t *function)
{
	uint64_t r1 = *function;
	uint32_t cc;

	asm volatile(TRY("	.insn	rre,0xb9a20000,%[r1],0")
	             : TRY_OUTPUTS(lc), [r1] "+d"(r1)
	             : TRY_INPUTS
	             : "cc", "memory");
	*function = r1;
	return cc;
}

/* STORE SYSTEM INFORMATION (PoP chapter 10). */
static uint32_t system_information(struct lowcore *lc, const uint64_t arg[ABI_ARGS], uint64_t *value)
{
	register uint64_t r0 asm("r0") = arg[0];
	register uint64_t r1 asm("r1") = arg[1];
	uint32_t cc;

	asm volatile(TRY("	.insn	s,0xb27d0000,0(%[address])")
	             : TRY_OUTPUTS(lc), "+d"(r0)
	             : TRY_INPUTS, [address] "a"(arg[2]), "d"(r1)
	             : "cc", "memory");
	*value = r0;
	return cc;
}

/* INSERT and SET STORAGE KEY EXTENDED (PoP chapter 10), of a page that is there: HACKING.md says why. */
static uint64_t set_key(uint64_t address, uint64_t key)
{
	uint64_t old = *(volatile uint8_t *)address & 0;

	asm volatile("	iske	%[old],%[page]\n"
	             "	sske	%[key],%[page]"
	             : [old] "+d"(old)
	             : [key] "d"(key), [page] "d"(address)
	             : "memory");
	return old & 0xf8; /* without the reference and change bits: those are the machine's */
}

/* Subclass masks (PoP chapter 4, "Control Registers"): what is closed here an open PSW does not let in. */
static void set_control(const struct abi_mailbox *m)
{
	if (m->arg[0] != ABI_KEEP)
		cr0_load(m->arg[0]);
	if (m->arg[1] != ABI_KEEP)
		asm volatile("lctlg	6,6,%0" : : "Q"(m->arg[1]));
	if (m->arg[2] != ABI_KEEP)
		asm volatile("lctlg	14,14,%0" : : "Q"(m->arg[2]));
}

int arch_obey(const struct abi_mailbox *m, uint64_t result[ABI_RESULTS])
{
	struct lowcore *lc = this_lowcore();
	uint64_t status = m->arg[2];
	uint8_t program = lc->program;
	uint32_t cc = 0;

	if (m->command == ABI_CMD_PROGRAM) {
		lc->program = m->arg[0] ? PROGRAM_LOGS : PROGRAM_CRASHES;
		return 1;
	}
	if (m->command == ABI_CMD_IPI) {
		ipi(lc->cpu, m);
		return 1;
	}
	if (m->command == ABI_CMD_CONTROL) {
		set_control(m);
		return 1;
	}
	lc->program_seen = 0;
	result[ABI_RESULT_VALUE] = 0;
	result[ABI_RESULT_VALUE2] = 0;
	switch (m->command) {
	case ABI_CMD_KEY: result[ABI_RESULT_VALUE] = set_key(m->arg[0], m->arg[1]); break;
	case ABI_CMD_CHANNEL: cc = channel(lc, m->arg[0], m->arg[1], m->arg[2]); break;
	case ABI_CMD_SERVC: cc = service_call(lc, m->arg[0], m->arg[1]); break;
	case ABI_CMD_SIGP:
		cc = signal_processor(lc, m->arg[0], m->arg[1], &status);
		result[ABI_RESULT_VALUE] = status;
		break;
	case ABI_CMD_PRINT3215: con3215_print(m->arg[0]); break;
	case ABI_CMD_READ3215:
		result[ABI_RESULT_VALUE] = con3215_read(m->arg[0], &result[ABI_RESULT_VALUE2]);
		break;
	case ABI_CMD_PTF:
		result[ABI_RESULT_VALUE] = m->arg[0];
		cc = topology(lc, &result[ABI_RESULT_VALUE]);
		break;
	case ABI_CMD_STSI: cc = system_information(lc, m->arg, &result[ABI_RESULT_VALUE]); break;
	case ABI_CMD_DIAG: cc = diagnose(lc, m->arg, result); break;
	default: return 0;
	}
	lc->program = program;
	result[ABI_RESULT_CC] = cc;
	result[ABI_RESULT_PGM] = lc->program_seen;
	return 1;
}
