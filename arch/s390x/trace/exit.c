/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exit.c: the operands of intercepted instructions, by name. exits.c has the instructions themselves. Source:
 * Principles of Operation, ch. 4 (SIGP), 14 (I/O); Linux arch/s390/include/asm/sclp.h, ipl.h.
 */
#include <endian.h>
#include <inttypes.h>
#include <string.h>

#include "arch/s390x/cpu.h"
#include "vmm/trace/decode.h"

#define RESPONSE 6 /* of an SCCB: where its response code is */

/* Where an operand is. */
enum place {
	NOTHING,
	REGISTER1, /* general register 1 */
	REGISTER2,
	REGISTER4,
	FIRST,   /* the register of the first field */
	SECOND,  /* of the second (RRE) or third (RS) field */
	ADDRESS, /* base and displacement */
	ODD,     /* RS: the first field's register if it is odd, else the next: SIGP's parameter */
};

enum format { HEX, NUMBER, SUBCHANNEL, SERVICE, ORDER, FUNCTION, WATCHDOG, SUBCODE, VIRTIO };

struct operand {
	const char *name;
	enum place place;
	enum format format;
};

static const struct row {
	const char *instruction;
	struct operand operand[4];
} rows[] = {
	{ "SERVC", { { "command", FIRST, SERVICE }, { "sccb", SECOND, HEX } } },
	{ "SIGP", { { "order", ADDRESS, ORDER }, { "cpu", SECOND, NUMBER }, { "parameter", ODD, HEX } } },
	{ "CSCH", { { "schid", REGISTER1, SUBCHANNEL } } },
	{ "HSCH", { { "schid", REGISTER1, SUBCHANNEL } } },
	{ "RSCH", { { "schid", REGISTER1, SUBCHANNEL } } },
	{ "XSCH", { { "schid", REGISTER1, SUBCHANNEL } } },
	{ "MSCH", { { "schid", REGISTER1, SUBCHANNEL }, { "schib", ADDRESS, HEX } } },
	{ "SSCH", { { "schid", REGISTER1, SUBCHANNEL }, { "orb", ADDRESS, HEX } } },
	{ "STSCH", { { "schid", REGISTER1, SUBCHANNEL }, { "schib", ADDRESS, HEX } } },
	{ "TSCH", { { "schid", REGISTER1, SUBCHANNEL }, { "irb", ADDRESS, HEX } } },
	{ "SAL", { { "limit", REGISTER1, HEX } } },
	{ "STCRW", { { "crw", ADDRESS, HEX } } },
	{ "STCPS", { { "status", ADDRESS, HEX } } },
	{ "RCHP", { { "path", REGISTER1, HEX } } },
	{ "SCHM", { { "control", REGISTER1, HEX }, { "origin", REGISTER2, HEX } } },
	{ "CHSC", { { "block", FIRST, HEX } } },
	{ "SIGA", { { "schid", REGISTER1, SUBCHANNEL }, { "queue", REGISTER2, NUMBER } } },
	{ "PTF", { { "function", FIRST, FUNCTION } } },
	{ "DIAG watchdog", { { "function", FIRST, WATCHDOG } } },
	{ "DIAG ipl", { { "subcode", SECOND, SUBCODE } } },
	{ "DIAG virtio",
	  { { "function", REGISTER1, VIRTIO },
	    { "schid", REGISTER2, SUBCHANNEL },
	    { "cookie", REGISTER4, HEX } } },
	{ "DIAG private", { { "checkpoint", FIRST, NUMBER }, { "block", SECOND, HEX } } },
	{ "DIAG", { { "code", ADDRESS, HEX } } },
	{ .instruction = NULL },
};

static const struct decode_name commands[] = {
	{ 0x00010001, "read CPU information" },
	{ 0x00020001, "read SCP information" },
	{ 0x00120001, "read SCP information forced" },
	{ 0x00760005, "write event data" },
	{ 0x00770005, "read event data" },
	{ 0x00780005, "write event mask" },
	{ 0, NULL },
};

static const struct decode_name orders[] = {
	{ 1, "sense" },
	{ 2, "external call" },
	{ 3, "emergency signal" },
	{ 4, "start" },
	{ 5, "stop" },
	{ 6, "restart" },
	{ 9, "stop and store status" },
	{ 11, "initial CPU reset" },
	{ 12, "CPU reset" },
	{ 13, "set prefix" },
	{ 14, "store status at address" },
	{ 18, "set architecture" },
	{ 19, "conditional emergency signal" },
	{ 21, "sense running status" },
	{ 0, NULL },
};

static const struct decode_name functions[] = {
	{ 0, "request horizontal polarization" },
	{ 1, "request vertical polarization" },
	{ 2, "check topology change" },
	{ 0, NULL },
};

static const struct decode_name watchdog[] = {
	{ 0, "set" },
	{ 1, "change" },
	{ 2, "cancel" },
	{ 0, NULL },
};

static const struct decode_name subcodes[] = {
	{ 0, "modified clear reset" }, { 1, "load normal reset" }, { 3, "load clear" }, { 4, "load normal" },
	{ 5, "set parameters" },       { 6, "store parameters" },  { 0, NULL },
};

static const struct decode_name virtio[] = { { 3, "notify" }, { 0, NULL } };

static const struct decode_name responses[] = {
	{ 0x0010, "normal read completion" },  { 0x0020, "normal completion" },
	{ 0x0040, "SCLP equipment check" },    { 0x0100, "SCCB boundary violation" },
	{ 0x01f0, "invalid command" },         { 0x0300, "insufficient SCCB length" },
	{ 0x60f0, "no event buffers stored" }, { 0x62f0, "invalid function" },
	{ 0x70f0, "invalid selection mask" },  { 0x73f0, "syntax error in an event buffer" },
	{ 0x74f0, "invalid mask length" },     { 0, NULL },
};

static uint64_t gpr_of(const struct vcpu *vcpu, unsigned n)
{
	return vcpu->run->s.regs.gprs[n & 15];
}

static uint64_t value_of(const struct vcpu *vcpu, enum place place)
{
	const struct kvm_run *run = vcpu->run;
	bool tsch = run->exit_reason == KVM_EXIT_S390_TSCH;
	uint32_t ipb = tsch ? run->s390_tsch.ipb : run->s390_sieic.ipb;
	unsigned ipa = tsch ? 0xb235 : run->s390_sieic.ipa;
	unsigned registers = ipa < 0xb200 ? ipa : ipb >> 16, base = ipb >> 28;

	switch (place) {
	case REGISTER1: return gpr_of(vcpu, 1);
	case REGISTER2: return gpr_of(vcpu, 2);
	case REGISTER4: return gpr_of(vcpu, 4);
	case FIRST: return gpr_of(vcpu, registers >> 4);
	case SECOND: return gpr_of(vcpu, registers);
	case ODD: return gpr_of(vcpu, registers >> 4 | 1);
	case ADDRESS: return (ipb >> 16 & 0xfff) + (base ? gpr_of(vcpu, base) : 0);
	default: return 0;
	}
}

static void add(struct trace_event *event, const struct operand *o, uint64_t value)
{
	switch (o->format) {
	case HEX: trace_hex(event, o->name, value); break;
	case NUMBER: trace_number(event, o->name, value); break;
	case SUBCHANNEL:
		trace_text(event, o->name, "0.%x.%04x", (unsigned)(value >> 17 & 3),
		           (unsigned)(value & 0xffff));
		break;
	case SERVICE: decode_name(event, o->name, commands, (uint32_t)value); break;
	case ORDER: decode_name(event, o->name, orders, value & 0xff); break;
	case FUNCTION: decode_name(event, o->name, functions, value & 0xff); break;
	case WATCHDOG: decode_name(event, o->name, watchdog, value); break;
	case SUBCODE: decode_name(event, o->name, subcodes, value); break;
	case VIRTIO: decode_name(event, o->name, virtio, value); break;
	}
}

static const struct row *find(const char *name)
{
	const struct row *row = rows;

	while (row->instruction && strcmp(row->instruction, name))
		row++;
	return row;
}

void arch_decode_exit(const struct vcpu *vcpu, struct trace_event *event)
{
	const struct kvm_run *run = vcpu->run;
	const struct operand *o = find(event->name)->operand;

	if (run->exit_reason == KVM_EXIT_S390_STSI) {
		trace_text(event, "selector", "%u.%u.%u", run->s390_stsi.fc, run->s390_stsi.sel1,
		           run->s390_stsi.sel2);
		trace_hex(event, "block", run->s390_stsi.addr);
	} else if (run->exit_reason == KVM_EXIT_S390_SIEIC || run->exit_reason == KVM_EXIT_S390_TSCH) {
		for (unsigned i = 0; i < 4 && o[i].name; i++)
			add(event, &o[i], value_of(vcpu, o[i].place));
		if (run->exit_reason == KVM_EXIT_S390_TSCH && run->s390_tsch.dequeued)
			trace_number(event, "dequeued", 1);
	}
	if (!strcmp(event->name, "disabled wait"))
		trace_hex(event, "psw_mask", run->psw_mask);
	trace_hex(event, "psw", run->psw_addr);
}

/* The SCCB has the response of a service call that was executed. */
void arch_decode_answer(const struct vcpu *vcpu, struct trace_event *event)
{
	uint32_t sccb = (uint32_t)value_of(vcpu, SECOND);
	const uint8_t *at = strcmp(event->name, "SERVC") || !event->result || strcmp(event->result, "cc 0")
	                            ? NULL
	                            : ram_see(&vcpu->vm->ram, sccb, RESPONSE + 2);
	const char *name;

	if (!at)
		return;
	name = decode_find(responses, (unsigned)at[RESPONSE] << 8 | at[RESPONSE + 1]);
	if (name)
		trace_result(event, "cc 0, %s", name);
	else
		trace_result(event, "cc 0, response %02x%02x", at[RESPONSE], at[RESPONSE + 1]);
}
