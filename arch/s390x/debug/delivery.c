/* SPDX-License-Identifier: BSD-2-Clause */
/* delivery.c: see delivery.h, vmm/debug/arch_debug.h. */
#include "delivery.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "arch/s390x/cpu.h"
#include "arch/s390x/interrupt.h"
#include "guest_time.h"
#include "vmm/debug/arch_debug.h"

/* Assigned storage: what an interruption stores besides the old PSW. */
#define EXTERNAL_CODE   0x86
#define SUPERVISOR_CODE 0x8a
#define PROGRAM_CODE    0x8e
#define EXCEPTION_ID    0xa8 /* translation-exception identification: an address but for the last 12 bits */
#define IO_SUBCHANNEL   0xb8
#define IO_WORD         0xc0
#define MACHINE_CODE    0xe8

/* A PER event comes together with another code. */
#define PGM_PER 0x80

#define PSW_IO      0x0200000000000000ULL
#define PSW_MACHINE 0x0004000000000000ULL
#define IO_ADAPTER  0x80000000U

static const struct {
	uint16_t code;
	bool has_address;
	const char *name;
} programs[] = {
	{ 0x01, false, "operation" },
	{ 0x02, false, "privileged operation" },
	{ 0x03, false, "execute" },
	{ 0x04, true, "protection" },
	{ 0x05, false, "addressing" },
	{ 0x06, false, "specification" },
	{ 0x07, false, "data" },
	{ 0x08, false, "fixed-point overflow" },
	{ 0x09, false, "fixed-point divide" },
	{ 0x0a, false, "decimal overflow" },
	{ 0x0b, false, "decimal divide" },
	{ 0x10, true, "segment translation" },
	{ 0x11, true, "page translation" },
	{ 0x12, false, "translation specification" },
	{ 0x13, false, "special operation" },
	{ 0x15, false, "operand" },
	{ 0x38, true, "ASCE type" },
	{ 0x39, true, "region first translation" },
	{ 0x3a, true, "region second translation" },
	{ 0x3b, true, "region third translation" },
	{ 0x40, false, "monitor event" },
	{ PGM_PER, false, "PER event" },
};

/* So many bytes of the prefix area. */
static uint64_t stored(const struct vcpu *vcpu, unsigned at, size_t size)
{
	const uint8_t *bytes = ram_see(&vcpu->vm->ram, vcpu->run->s.regs.prefix + at, size);

	return bytes ? snap_number(bytes, size) : 0;
}

static bool has_psw(const struct vcpu *vcpu, unsigned at, uint64_t mask, uint64_t address)
{
	return stored(vcpu, at, 8) == mask && stored(vcpu, at + 8, 8) == address;
}

bool delivery_is_at(const struct vcpu *vcpu, unsigned new_psw)
{
	return has_psw(vcpu, new_psw, vcpu->run->psw_mask, vcpu->run->psw_addr);
}

unsigned delivery_find(const struct vcpu *vcpu, uint64_t mask, uint64_t address)
{
	unsigned found = 0;

	for (unsigned at = NEW_RESTART; at <= NEW_IO; at += 16) {
		if (!delivery_is_at(vcpu, at))
			continue;
		/* Several may be equal: the old PSW says which one it was. */
		if (has_psw(vcpu, OLD_PSW(at), mask, address))
			return at;
		found = found ? found : at;
	}
	return found;
}

static void program_text(const struct vcpu *vcpu, char *text, size_t size)
{
	unsigned code = (unsigned)stored(vcpu, PROGRAM_CODE, 2), plain = code & ~PGM_PER;
	int len = snprintf(text, size, "program interruption 0x%x", code);

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (programs[i].code == (plain ? plain : code)) {
			uint64_t page = stored(vcpu, EXCEPTION_ID, 8) & ~0xfffULL;

			len += snprintf(text + len, size - (size_t)len, ", %s", programs[i].name);
			if (programs[i].has_address)
				snprintf(text + len, size - (size_t)len, ", in the page at 0x%" PRIx64, page);
		}
}

static void external_text(const struct vcpu *vcpu, char *text, size_t size)
{
	unsigned code = (unsigned)stored(vcpu, EXTERNAL_CODE, 2);
	const struct s390_irq_type *type = s390_irq_type(0xffff0000u | code);

	snprintf(text, size, "external interruption 0x%x%s%s", code, type ? ", " : "",
	         type ? type->name : "");
}

static void io_text(const struct vcpu *vcpu, char *text, size_t size)
{
	unsigned subchannel = (unsigned)stored(vcpu, IO_SUBCHANNEL, 4),
		 word = (unsigned)stored(vcpu, IO_WORD, 4);

	if (word & IO_ADAPTER)
		snprintf(text, size, "I/O interruption of an adapter, ISC %u", word >> 27 & 7);
	else
		snprintf(text, size, "I/O interruption, subchannel 0x%08x", subchannel);
}

void arch_delivery_text(struct vcpu *vcpu, unsigned delivered, char *text, size_t size)
{
	*text = '\0';
	switch (delivered) {
	case NEW_RESTART: snprintf(text, size, "restart"); break;
	case NEW_EXTERNAL: external_text(vcpu, text, size); break;
	case NEW_SUPERVISOR:
		snprintf(text, size, "supervisor call %u", (unsigned)stored(vcpu, SUPERVISOR_CODE, 2));
		break;
	case NEW_PROGRAM: program_text(vcpu, text, size); break;
	case NEW_MACHINE:
		snprintf(text, size, "machine check 0x%016" PRIx64, stored(vcpu, MACHINE_CODE, 8));
		break;
	case NEW_IO: io_text(vcpu, text, size); break;
	}
}

void arch_sleep_text(struct vcpu *vcpu, char *text, size_t size)
{
	uint64_t open = vcpu->run->psw_mask, left = 0;
	struct s390_cpu cpu = { 0 };
	struct error ignored;
	int len = snprintf(text, size, "%s%s%s", open & PSW_EXTERNAL ? ", external" : "",
	                   open & PSW_IO ? ", I/O" : "", open & PSW_MACHINE ? ", machine check" : "");

	/* The list begins behind its first comma. */
	if (len > 2)
		memmove(text, text + 2, (size_t)(len -= 2) + 1);
	if (!cpu_save(vcpu, &cpu, &ignored)) {
		struct guest_time time = { .cpu_timer = cpu.reg[S390_REG_CPU_TIMER] };

		left = guest_time_left(vcpu, &time);
	}
	if (left && len > 0)
		snprintf(text + len, size - (size_t)len, "; its timer expires in %" PRIu64 " us",
		         left / 4096);
	else if (len > 0)
		snprintf(text + len, size - (size_t)len, "; it has no timer");
}
