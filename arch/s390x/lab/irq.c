/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * irq.c: the s390x interrupts that a scenario can name, and how the guest's
 * log shows them. Pure. See vmm/lab/irq.h; sent to KVM by inject.c. Read next: irqop.c.
 */
#include "irq.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "vmm/lab/words.h"

/* What EXT_CP_SERVICE is about, in the CPU address (the kernel's asm/kvm_para.h and virtio-s390). */
#define CP_PFAULT_INIT 0x0600
#define CP_PFAULT_DONE 0x0680
#define CP_VIRTIO      0x0d00

enum key {
	KEY_CPU,
	KEY_FROM,
	KEY_ISC,
	KEY_SSID,
	KEY_SCHID,
	KEY_PARM,
	KEY_MCIC,
	KEY_CR14,
	KEY_DAMAGE,
	KEY_FAILING,
	KEY_STORE_STATUS,
	KEY_FLAGS,
	KEY_ADDRESS,
	KEY_CODE,
	KEY_TRANS,
	KEY_DATA,
	KEY_MON_CODE,
	KEY_MON_CLASS,
	KEY_PER_ADDRESS,
	KEY_PER_CODE,
	KEY_PER_ATMID,
	KEY_EXC_ACCESS,
	KEY_PER_ACCESS,
	KEY_OP_ACCESS,
	KEY_ID,
	KEY_SUPPRESSED,
	KEY_LOGGED,
	KEY_GSI,
	KEY_QUIET,
	KEYS
};
_Static_assert(KEYS <= 64, "a bit for each");

static const struct word_key keys[KEYS] = {
	[KEY_CPU] = { "cpu", UINT16_MAX - 1 },
	[KEY_FROM] = { "from", UINT16_MAX },
	[KEY_ISC] = { "isc", UINT8_MAX },
	[KEY_SSID] = { "ssid", 3 },
	[KEY_SCHID] = { "schid", UINT16_MAX },
	[KEY_PARM] = { "parm", UINT64_MAX },
	[KEY_MCIC] = { "mcic", UINT64_MAX },
	[KEY_CR14] = { "cr14", UINT64_MAX },
	[KEY_DAMAGE] = { "ext-damage-code", UINT32_MAX },
	[KEY_FAILING] = { "failing-storage-address", UINT64_MAX },
	[KEY_STORE_STATUS] = { "store-status", 1 },
	[KEY_FLAGS] = { "flags", UINT32_MAX },
	[KEY_ADDRESS] = { "address", UINT32_MAX },
	[KEY_CODE] = { "code", UINT16_MAX },
	[KEY_TRANS] = { "trans-exc", UINT64_MAX },
	[KEY_DATA] = { "data-exc", UINT32_MAX },
	[KEY_MON_CODE] = { "mon-code", UINT64_MAX },
	[KEY_MON_CLASS] = { "mon-class", UINT16_MAX },
	[KEY_PER_ADDRESS] = { "per-address", UINT64_MAX },
	[KEY_PER_CODE] = { "per-code", UINT8_MAX },
	[KEY_PER_ATMID] = { "per-atmid", UINT8_MAX },
	[KEY_EXC_ACCESS] = { "exc-access", UINT8_MAX },
	[KEY_PER_ACCESS] = { "per-access", UINT8_MAX },
	[KEY_OP_ACCESS] = { "op-access", UINT8_MAX },
	[KEY_ID] = { "id", UINT32_MAX },
	[KEY_SUPPRESSED] = { "suppressed", 1 },
	[KEY_LOGGED] = { "logged", 1 },
	[KEY_GSI] = { "gsi", UINT32_MAX },
	[KEY_QUIET] = { "quiet", 1 },
};

#define BIT(key) KEY_BIT(key)

static const struct {
	const char *name;
	enum s390_kind code;
	uint64_t allowed, needed;
} kinds[] = {
	{ "io", KIND_IO, BIT(KEY_ISC) | BIT(KEY_SSID) | BIT(KEY_SCHID) | BIT(KEY_PARM),
	  BIT(KEY_ISC) | BIT(KEY_SCHID) },
	{ "service", KIND_SERVICE, BIT(KEY_PARM), BIT(KEY_PARM) },
	{ "mchk", KIND_MCHK,
	  BIT(KEY_CPU) | BIT(KEY_MCIC) | BIT(KEY_CR14) | BIT(KEY_DAMAGE) | BIT(KEY_FAILING), 0 },
	{ "emergency", KIND_EMERGENCY, BIT(KEY_CPU) | BIT(KEY_FROM), 0 },
	{ "extcall", KIND_EXTERNAL_CALL, BIT(KEY_CPU) | BIT(KEY_FROM), 0 },
	{ "restart", KIND_RESTART, BIT(KEY_CPU), 0 },
	{ "stop", KIND_STOP, BIT(KEY_CPU) | BIT(KEY_STORE_STATUS) | BIT(KEY_FLAGS), 0 },
	{ "program", KIND_PROGRAM,
	  BIT(KEY_CPU) | BIT(KEY_CODE) | BIT(KEY_TRANS) | BIT(KEY_DATA) | BIT(KEY_MON_CODE) |
	          BIT(KEY_MON_CLASS) | BIT(KEY_PER_ADDRESS) | BIT(KEY_PER_CODE) | BIT(KEY_PER_ATMID) |
	          BIT(KEY_EXC_ACCESS) | BIT(KEY_PER_ACCESS) | BIT(KEY_OP_ACCESS) | BIT(KEY_FLAGS) |
	          BIT(KEY_LOGGED),
	  BIT(KEY_CODE) },
	{ "prefix", KIND_PREFIX, BIT(KEY_CPU) | BIT(KEY_ADDRESS), BIT(KEY_ADDRESS) },
	{ "clock-comp", KIND_CLOCK_COMP, BIT(KEY_CPU), 0 },
	{ "cpu-timer", KIND_CPU_TIMER, BIT(KEY_CPU), 0 },
	{ "pfault-init", KIND_PFAULT_INIT, BIT(KEY_CPU) | BIT(KEY_PARM), BIT(KEY_PARM) },
	{ "pfault-done", KIND_PFAULT_DONE, BIT(KEY_PARM), BIT(KEY_PARM) },
	{ "virtio", KIND_VIRTIO, BIT(KEY_PARM), BIT(KEY_PARM) },
	{ "airq", KIND_AIRQ, BIT(KEY_ID) | BIT(KEY_ISC) | BIT(KEY_SUPPRESSED), BIT(KEY_ID) | BIT(KEY_ISC) },
	{ "irqfd", KIND_IRQFD, BIT(KEY_GSI) | BIT(KEY_ISC) | BIT(KEY_QUIET), BIT(KEY_GSI) | BIT(KEY_ISC) },
};

/* The identification word has the ISC in bits 2-4. */
#define ISC_SHIFT 27

static struct irq irq_of_kind(const char *name, enum s390_kind code)
{
	struct irq irq = { .code = code };

	snprintf(irq.kind, sizeof(irq.kind), "%s", name);
	return irq;
}

void irq_want(struct irq *irq, uint16_t kind, uint32_t number, uint64_t parm, uint64_t parm2)
{
	irq->want = (struct abi_record){ .kind = kind, .number = number, .parm = parm, .parm2 = parm2 };
}

/* A key that has a smaller range here than elsewhere. */
static int in_range(const struct irq *irq, enum key key, uint64_t value, uint64_t max, struct error *err)
{
	return value <= max ? 0
	                    : error_set(err, -EINVAL,
	                                "inject %s: %s=0x%" PRIx64 " is not a number up to 0x%" PRIx64,
	                                irq->kind, keys[key].name, value, max);
}

static void fill_program(struct irq *irq, const uint64_t *value)
{
	irq->number = (uint32_t)value[KEY_CODE];
	irq->parm = value[KEY_TRANS];
	irq->parm2 = value[KEY_DATA];
	irq->extra[PGM_MON_CODE] = value[KEY_MON_CODE];
	irq->extra[PGM_MON_CLASS] = value[KEY_MON_CLASS];
	irq->extra[PGM_PER_ADDRESS] = value[KEY_PER_ADDRESS];
	irq->extra[PGM_PER_CODE] = value[KEY_PER_CODE];
	irq->extra[PGM_PER_ATMID] = value[KEY_PER_ATMID];
	irq->extra[PGM_EXC_ACCESS] = value[KEY_EXC_ACCESS];
	irq->extra[PGM_PER_ACCESS] = value[KEY_PER_ACCESS];
	irq->extra[PGM_OP_ACCESS] = value[KEY_OP_ACCESS];
	irq->extra[PGM_FLAGS] = value[KEY_FLAGS];
}

static void fill_mchk(struct irq *irq, const uint64_t *value, uint64_t given)
{
	bool floating = !(given & BIT(KEY_CPU));

	if (floating)
		irq->cpu = IRQ_ANY_CPU;
	irq->number = (uint32_t)value[KEY_DAMAGE];
	irq->parm = given & BIT(KEY_MCIC) ? value[KEY_MCIC] : S390_MCIC_CHANNEL_REPORT;
	irq->parm2 = given & BIT(KEY_CR14) ? value[KEY_CR14] : S390_CR14_CHANNEL_REPORT;
	irq->extra[MCHK_FAILING_STORAGE] = value[KEY_FAILING];
	if (!floating && !(irq->parm & S390_MCIC_LOCAL))
		return;
	/* Of a floating one KVM keeps the code, and of CR14 the bit for channel reports; nothing else. */
	irq_want(irq, ABI_MCHK, floating ? 0 : irq->number, irq->parm, floating ? 0 : value[KEY_FAILING]);
}

static const char *kind_name(enum s390_kind kind)
{
	size_t k = 0;

	while (kinds[k].code != kind)
		k++;
	return kinds[k].name;
}

static int fill(struct irq *irq, const uint64_t *value, uint64_t given, struct error *err)
{
	irq->cpu = (uint16_t)value[KEY_CPU];
	irq->number = (uint32_t)value[KEY_FROM];
	switch (irq->code) {
	case KIND_IO:
		if (in_range(irq, KEY_ISC, value[KEY_ISC], 7, err) ||
		    in_range(irq, KEY_PARM, value[KEY_PARM], UINT32_MAX, err))
			return -EINVAL;
		*irq = irq_of_io(subsystem_word(value[KEY_SSID], value[KEY_SCHID]), (uint32_t)value[KEY_PARM],
		                 (unsigned)value[KEY_ISC]);
		break;
	case KIND_SERVICE:
		if (in_range(irq, KEY_PARM, value[KEY_PARM], UINT32_MAX, err))
			return -EINVAL;
		irq->cpu = IRQ_ANY_CPU;
		irq->parm = value[KEY_PARM];
		if (irq->parm & ~(S390_SERVICE_SCCB | S390_SERVICE_EVENT))
			return error_set(
				err, -EINVAL,
				"service: parm=0x%" PRIx64
				" is no SCCB address (a multiple of 8), with or without event bits (3)",
				irq->parm);
		irq_want(irq, ABI_EXT, EXT_SERVICE, irq->parm, 0);
		break;
	case KIND_MCHK: fill_mchk(irq, value, given); break;
	case KIND_EMERGENCY: irq_want(irq, ABI_EXT, EXT_EMERGENCY, irq->number, 0); break;
	case KIND_EXTERNAL_CALL: irq_want(irq, ABI_EXT, EXT_EXTERNAL_CALL, irq->number, 0); break;
	case KIND_RESTART: irq_want(irq, ABI_RESTART, 0, 0, 0); break;
	/* These leave no record: the vCPU goes offline, the guest crashes, the prefix changes, nothing. */
	case KIND_STOP: irq->number = (uint32_t)(value[KEY_FLAGS] | value[KEY_STORE_STATUS]); break;
	case KIND_PROGRAM:
		if (in_range(irq, KEY_FLAGS, value[KEY_FLAGS], UINT8_MAX, err))
			return -EINVAL;
		fill_program(irq, value);
		/* Else the guest crashes. */
		if (value[KEY_LOGGED])
			irq_want(irq, ABI_PROGRAM, irq->number, irq->parm, irq->parm2);
		break;
	case KIND_PREFIX: irq->number = (uint32_t)value[KEY_ADDRESS]; break;
	case KIND_CLOCK_COMP:
	case KIND_CPU_TIMER: break;
	case KIND_PFAULT_INIT:
		irq->parm = value[KEY_PARM];
		irq_want(irq, ABI_EXT, EXT_CP_SERVICE, irq->parm, CP_PFAULT_INIT);
		break;
	case KIND_PFAULT_DONE:
	case KIND_VIRTIO:
		irq->cpu = IRQ_ANY_CPU;
		irq->parm = value[KEY_PARM];
		irq_want(irq, ABI_EXT, EXT_CP_SERVICE, irq->parm,
		         irq->code == KIND_VIRTIO ? CP_VIRTIO : CP_PFAULT_DONE);
		break;
	case KIND_AIRQ:
		irq->cpu = IRQ_ANY_CPU;
		irq->number = (uint32_t)value[KEY_ID];
		irq->parm2 = s390_adapter_word((uint8_t)value[KEY_ISC]);
		/* What is suppressed was never pending: there is nothing to be taken. */
		irq->suppressed = value[KEY_SUPPRESSED];
		if (!irq->suppressed)
			irq_want(irq, ABI_IO, 0, 0, irq->parm2);
		break;
	case KIND_IRQFD:
		irq->cpu = IRQ_ANY_CPU;
		irq->number = (uint32_t)value[KEY_GSI];
		irq->parm2 = s390_adapter_word((uint8_t)value[KEY_ISC]);
		/* No interrupt comes of it when the summary bit is on, or the adapter masked or suppressed.
		 */
		irq->suppressed = value[KEY_QUIET];
		if (!irq->suppressed)
			irq_want(irq, ABI_IO, 0, 0, irq->parm2);
		break;
	}
	return 0;
}

int irq_parse(const struct word *words, unsigned count, struct irq *irq, struct error *err)
{
	uint64_t value[KEYS] = { 0 };
	uint64_t given;
	char what[32];
	size_t k = 0;
	int rc;

	while (k < sizeof(kinds) / sizeof(kinds[0]) && strcmp(kinds[k].name, words[0].text))
		k++;
	if (k == sizeof(kinds) / sizeof(kinds[0]))
		return error_set(
			err, -EINVAL,
			"inject: %s is not one of: io, service, mchk, emergency, extcall, restart, stop, "
			"program, prefix, clock-comp, cpu-timer, pfault-init, pfault-done, virtio, airq, "
			"irqfd (on s390x)",
			words[0].text);
	snprintf(what, sizeof(what), "inject %s", kinds[k].name);
	rc = words_parse(what, words, count, keys, KEYS, kinds[k].allowed, kinds[k].needed, value, &given,
	                 err);
	if (rc)
		return rc;
	*irq = irq_of_kind(kinds[k].name, kinds[k].code);
	return fill(irq, value, given, err);
}

struct irq irq_of_io(uint32_t id, uint32_t parm, unsigned isc)
{
	struct irq irq = { .kind = "io", .code = KIND_IO, .cpu = IRQ_ANY_CPU, .number = id, .parm = parm };

	irq.parm2 = (uint64_t)isc << ISC_SHIFT;
	irq_want(&irq, ABI_IO, irq.number, irq.parm, irq.parm2);
	return irq;
}

struct irq irq_of_report(void)
{
	struct irq irq = { .kind = "mchk", .code = KIND_MCHK, .cpu = IRQ_ANY_CPU };

	irq.parm = S390_MCIC_CHANNEL_REPORT;
	irq.parm2 = S390_CR14_CHANNEL_REPORT;
	irq_want(&irq, ABI_MCHK, 0, irq.parm, 0);
	return irq;
}

struct irq irq_of_timer(uint64_t type, uint16_t cpu)
{
	bool is_cpu = type == ABI_TIMER_CPU;
	struct irq irq = irq_of_kind(is_cpu ? "cpu-timer" : "timer", KIND_TIMER);

	irq.cpu = cpu;
	irq.number = is_cpu ? EXT_CPU_TIMER : EXT_CLOCK_COMP;
	irq_want(&irq, ABI_EXT, irq.number, 0, 0);
	return irq;
}

struct irq irq_of_service(uint32_t parm)
{
	struct irq irq = { .kind = "service", .code = KIND_SERVICE, .cpu = IRQ_ANY_CPU, .parm = parm };

	irq_want(&irq, ABI_EXT, EXT_SERVICE, parm, 0);
	return irq;
}

uint64_t irq_of_command(uint32_t command, const uint64_t arg[ABI_ARGS], uint16_t cpu, struct irq *irq,
                        const char **label)
{
	if (command != ABI_CMD_TIMER)
		return 0;
	*irq = irq_of_timer(arg[1], cpu);
	*label = irq->kind;
	return 1;
}

bool irq_of_local(const struct s390_irq *s, uint16_t cpu, struct irq *irq)
{
	static const struct {
		uint32_t type;
		enum s390_kind kind;
	} types[] = {
		{ S390_EMERGENCY, KIND_EMERGENCY },     { S390_EXTERNAL_CALL, KIND_EXTERNAL_CALL },
		{ S390_RESTART, KIND_RESTART },         { S390_MCHK, KIND_MCHK },
		{ S390_PFAULT_INIT, KIND_PFAULT_INIT },
	};
	uint64_t value[KEYS] = { [KEY_CPU] = cpu };
	struct error none;
	size_t t = 0;

	while (t < sizeof(types) / sizeof(types[0]) && types[t].type != s->type)
		t++;
	if (t == sizeof(types) / sizeof(types[0]))
		return false;
	if (s->type == S390_EMERGENCY || s->type == S390_EXTERNAL_CALL)
		value[KEY_FROM] = s->source;
	if (s->type == S390_PFAULT_INIT)
		value[KEY_PARM] = s->ext.parm64;
	if (s->type == S390_MCHK) {
		value[KEY_MCIC] = s->mchk.mcic;
		value[KEY_CR14] = s->mchk.cr14;
		value[KEY_DAMAGE] = s->mchk.ext_damage_code;
		value[KEY_FAILING] = s->mchk.failing_storage_address;
	}
	*irq = irq_of_kind(kind_name(types[t].kind), types[t].kind);
	return !fill(irq, value, BIT(KEY_CPU) | BIT(KEY_MCIC) | BIT(KEY_CR14), &none) && irq->want.kind;
}

static void fill_pgm(struct s390_irq *s, const struct irq *irq)
{
	s->pgm.code = (uint16_t)irq->number;
	s->pgm.trans_exc_code = irq->parm;
	s->pgm.data_exc_code = (uint32_t)irq->parm2;
	s->pgm.mon_code = irq->extra[PGM_MON_CODE];
	s->pgm.mon_class_nr = (uint16_t)irq->extra[PGM_MON_CLASS];
	s->pgm.per_address = irq->extra[PGM_PER_ADDRESS];
	s->pgm.per_code = (uint8_t)irq->extra[PGM_PER_CODE];
	s->pgm.per_atmid = (uint8_t)irq->extra[PGM_PER_ATMID];
	s->pgm.exc_access_id = (uint8_t)irq->extra[PGM_EXC_ACCESS];
	s->pgm.per_access_id = (uint8_t)irq->extra[PGM_PER_ACCESS];
	s->pgm.op_access_id = (uint8_t)irq->extra[PGM_OP_ACCESS];
	s->pgm.flags = (uint8_t)irq->extra[PGM_FLAGS];
}

struct s390_irq irq_to_s390(const struct irq *irq)
{
	static const uint32_t types[] = {
		[KIND_SERVICE] = S390_SERVICE,         [KIND_MCHK] = S390_MCHK,
		[KIND_EMERGENCY] = S390_EMERGENCY,     [KIND_EXTERNAL_CALL] = S390_EXTERNAL_CALL,
		[KIND_RESTART] = S390_RESTART,         [KIND_STOP] = S390_STOP,
		[KIND_PROGRAM] = S390_PROGRAM,         [KIND_PREFIX] = S390_SET_PREFIX,
		[KIND_CLOCK_COMP] = S390_CLOCK_COMP,   [KIND_CPU_TIMER] = S390_CPU_TIMER,
		[KIND_PFAULT_INIT] = S390_PFAULT_INIT, [KIND_PFAULT_DONE] = S390_PFAULT_DONE,
		[KIND_VIRTIO] = S390_VIRTIO,           [KIND_AIRQ] = S390_ADAPTER,
		[KIND_IRQFD] = S390_ADAPTER,
	};
	struct s390_irq s = { .type = 0 };

	switch (irq->code) {
	case KIND_IO:
		s = s390_irq_io(irq->number, (uint32_t)irq->parm, 0);
		s.io.word = (uint32_t)irq->parm2;
		return s;
	case KIND_TIMER: s.type = irq->number == EXT_CPU_TIMER ? S390_CPU_TIMER : S390_CLOCK_COMP; return s;
	case KIND_SERVICE: s.ext.parm = (uint32_t)irq->parm; break;
	case KIND_MCHK:
		s.mchk.mcic = irq->parm;
		s.mchk.cr14 = irq->parm2;
		s.mchk.ext_damage_code = irq->number;
		s.mchk.failing_storage_address = irq->extra[MCHK_FAILING_STORAGE];
		break;
	case KIND_STOP: s.stop_flags = irq->number; break;
	case KIND_PROGRAM: fill_pgm(&s, irq); break;
	case KIND_PREFIX: s.prefix = irq->number; break;
	case KIND_PFAULT_INIT:
	case KIND_PFAULT_DONE:
	case KIND_VIRTIO: s.ext.parm64 = irq->parm; break;
	case KIND_AIRQ:
	case KIND_IRQFD: s.io.word = (uint32_t)irq->parm2; break;
	case KIND_EMERGENCY:
	case KIND_EXTERNAL_CALL: s.source = (uint16_t)irq->number; break;
	}
	s.type = types[irq->code];
	return s;
}

/*
 * KVM delivers an event with the bits that were injected (6.12), or with all bits whichever those were (6.1).
 * So an event is known by having any of them, and no SCCB.
 */
static bool same_parm(const struct abi_record *want, const struct abi_record *record)
{
	if (want->kind == ABI_EXT && want->number == EXT_SERVICE && want->parm == S390_SERVICE_EVENT)
		return record->parm && !(record->parm & ~(uint64_t)S390_SERVICE_EVENT);
	return want->parm == record->parm;
}

bool irq_matches(const struct irq *irq, const struct abi_record *record)
{
	const struct abi_record *w = &irq->want;

	return (irq->cpu == IRQ_ANY_CPU || irq->cpu == record->cpu) && w->kind == record->kind &&
	       w->number == record->number && same_parm(w, record) && w->parm2 == record->parm2;
}

unsigned irq_depth(const struct irq *irq)
{
	/*
	 * I/O interrupts and hypervisor services queue up; the others are one bit (emergency: one a
	 * sender). Those of adapters queue up as long as there is no GISA, which has one bit for an ISC.
	 */
	switch (irq->code) {
	case KIND_IO:
	case KIND_AIRQ:
	case KIND_IRQFD:
	case KIND_PFAULT_DONE:
	case KIND_VIRTIO: return UINT_MAX;
	default: return 1;
	}
}

void irq_record_text(const struct abi_record *record, char *text, unsigned size)
{
	switch (record->kind) {
	case ABI_EXT:
		if (record->number == EXT_CP_SERVICE)
			snprintf(text, size, "external 2603 subcode %04x parameter %016" PRIx64,
			         (unsigned)record->parm2, record->parm);
		else
			snprintf(text, size, "external %04x parameter %08" PRIx64, record->number,
			         record->parm);
		break;
	case ABI_IO:
		if (record->parm2 & S390_ADAPTER_BIT) {
			snprintf(text, size, "I/O of an adapter ISC %u", (unsigned)(record->parm2 >> 27 & 7));
			break;
		}
		snprintf(text, size, "I/O subchannel %08x ISC %u parameter %08" PRIx64, record->number,
		         (unsigned)(record->parm2 >> 27 & 7), record->parm);
		break;
	case ABI_MCHK:
		if (record->number || record->parm2)
			snprintf(text, size, "machine check %016" PRIx64 " damage %08x address %" PRIx64,
			         record->parm, record->number, record->parm2);
		else
			snprintf(text, size, "machine check %016" PRIx64, record->parm);
		break;
	case ABI_RESTART: snprintf(text, size, "restart"); break;
	case ABI_PROGRAM:
		snprintf(text, size, "program %04x translation %" PRIx64 " data %" PRIx64, record->number,
		         record->parm, record->parm2);
		break;
	default: snprintf(text, size, "unknown kind %u", record->kind);
	}
}
