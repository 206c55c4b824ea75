/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exit.c: the parameters and results of hypercalls and of RTAS services, by name. hcall.c and rtas.c have the
 * calls. Source: LoPAR ch. 14 (hcalls), 7 (RTAS).
 */
#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "arch/power9/hcall.h"
#include "arch/power9/rtas_call.h"
#include "vmm/trace/decode.h"

#define PARMS   8
#define RESULTS 8

#define RTAS "RTAS "

/* In r4 and up, or in an RTAS buffer. A name with "=" before it is a decimal number. */
struct row {
	const char *name;
	const char *parm[PARMS];
	const char *result[RESULTS];
};

static const struct row hcalls[] = {
	{ "H_SET_SPRG0", { "value" }, { 0 } },
	{ "H_PAGE_INIT", { "flags", "destination", "source" }, { 0 } },
	{ "H_GET_TERM_CHAR", { "terminal" }, { "=length", "bytes", "bytes2" } },
	{ "H_PUT_TERM_CHAR", { "terminal", "=length" }, { 0 } },
	{ "H_VIO_SIGNAL", { "terminal", "=mode" }, { 0 } },
	{ "H_GET_CPU_CHARACTERISTICS", { 0 }, { "character", "behaviour" } },
	{ "H_RANDOM", { 0 }, { "bits" } },
	{ "H_SET_MODE", { "=mode", "=resource", "value1", "value2" }, { 0 } },
	{ "H_REGISTER_PROC_TBL", { "flags", "table", "page_size", "=log_size" }, { 0 } },
	{ "H_INT_GET_SOURCE_INFO",
	  { "flags", "source" },
	  { "source_flags", "management_page", "trigger_page", "=log_size" } },
	{ "H_INT_SET_SOURCE_CONFIG", { "flags", "source", "=server", "=priority", "eisn" }, { 0 } },
	{ "H_INT_GET_SOURCE_CONFIG", { "flags", "source" }, { "=server", "=priority", "eisn" } },
	{ "H_INT_GET_QUEUE_INFO", { "flags", "=server", "=priority" }, { "page", "=log_size" } },
	{ "H_INT_SET_QUEUE_CONFIG", { "flags", "=server", "=priority", "page", "=log_size" }, { 0 } },
	{ "H_INT_GET_QUEUE_CONFIG",
	  { "flags", "=server", "=priority" },
	  { "queue_flags", "page", "=log_size", "place" } },
	{ "H_INT_SET_OS_REPORTING_LINE", { "flags", "=server", "address" }, { 0 } },
	{ "H_INT_GET_OS_REPORTING_LINE", { "flags", "=server" }, { 0 } },
	{ "H_INT_ESB", { "flags", "source", "offset", "store" }, { "loaded" } },
	{ "H_INT_SYNC", { "flags", "source" }, { 0 } },
	{ "H_INT_RESET", { "flags" }, { 0 } },
	{ "private call", { "=checkpoint", "block" }, { 0 } },
	{ .name = NULL },
};

static const struct row services[] = {
	{ "power-off", { "mask_high", "mask_low" }, { 0 } },
	{ "ibm,os-term", { "message" }, { 0 } },
	{ "start-cpu", { "=server", "address", "r3" }, { 0 } },
	{ "stop-self", { 0 }, { 0 } },
	{ "query-cpu-stopped-state", { "=server" }, { "=state" } },
	{ "system-reboot", { 0 }, { 0 } },
	{ "get-time-of-day", { 0 }, { "=year", "=month", "=day", "=hour", "=minute", "=second", "=ns" } },
	{ "set-time-of-day", { "=year", "=month", "=day", "=hour", "=minute", "=second", "=ns" }, { 0 } },
	{ "ibm,get-system-parameter", { "=parameter", "buffer", "=length" }, { 0 } },
	{ "ibm,read-pci-config", { "address", "buid_high", "buid_low", "=size" }, { "value" } },
	{ "ibm,write-pci-config", { "address", "buid_high", "buid_low", "=size", "value" }, { 0 } },
	{ "ibm,change-msi",
	  { "address", "buid_high", "buid_low", "=function", "=wanted", "=sequence" },
	  { "=interrupts", "=sequence" } },
	{ "ibm,query-interrupt-source-number",
	  { "address", "buid_high", "buid_low", "=vector" },
	  { "source", "=level" } },
	{ .name = NULL },
};

static const struct decode_name codes[] = {
	{ H_SUCCESS, "H_SUCCESS" },
	{ (uint64_t)H_HARDWARE, "H_HARDWARE" },
	{ (uint64_t)H_FUNCTION, "H_FUNCTION" },
	{ (uint64_t)H_PARAMETER, "H_PARAMETER" },
	{ (uint64_t)H_P2, "H_P2" },
	{ (uint64_t)H_P3, "H_P3" },
	{ (uint64_t)H_P4, "H_P4" },
	{ (uint64_t)H_P5, "H_P5" },
	{ (uint64_t)H_UNSUPPORTED_FLAG, "H_UNSUPPORTED_FLAG" },
	{ H_LONG_BUSY_ORDER_1_MSEC, "H_LONG_BUSY_ORDER_1_MSEC" },
	{ 0, NULL },
};

static const struct decode_name statuses[] = {
	{ RTAS_SUCCESS, "success" },
	{ (uint32_t)RTAS_UNKNOWN, "hardware error" },
	{ (uint32_t)RTAS_BUSY, "busy" },
	{ (uint32_t)RTAS_PARAMETER, "parameter error" },
	{ 0, NULL },
};

static const struct row *find(const struct row *rows, const char *name)
{
	while (rows->name && strcmp(rows->name, name))
		rows++;
	return rows->name ? rows : NULL;
}

/* Values that have names, by the parameter. */
static const struct decode_name resources[] = {
	{ 1, "SET_CIABR" }, { 2, "SET_DAWR" }, { 3, "ADDR_TRANS_MODE" }, { 4, "LE" }, { 0, NULL },
};

static const struct decode_name states[] = { { 0, "stopped" }, { 2, "not stopped" }, { 0, NULL } };

static void add(struct trace_event *event, const char *name, uint64_t value)
{
	if (!strcmp(name, "=resource"))
		return decode_name(event, name + 1, resources, value);
	if (!strcmp(name, "=state"))
		return decode_name(event, name + 1, states, value);
	if (*name == '=')
		trace_number(event, name + 1, value);
	else
		trace_hex(event, name, value);
}

/* --- RTAS ----------------------------------------------------------------- */

/* The word of the buffer: token, number of arguments, of results, then both. */
static uint64_t word(const struct vcpu *vcpu, uint64_t buffer, unsigned n)
{
	const uint32_t *at = buffer & 3 ? NULL : ram_see(&vcpu->vm->ram, buffer + 4 * (uint64_t)n, 4);

	return at ? be32toh(*at) : 0;
}

/* rtas_name() is asked with the buffer in r4, which the call does not change. */
static void rtas_arguments(const struct vcpu *vcpu, const struct row *row, struct trace_event *event)
{
	uint64_t buffer = vcpu->run->papr_hcall.args[0], args = word(vcpu, buffer, 1);

	for (unsigned i = 0; i < PARMS && row->parm[i] && i < args; i++)
		add(event, row->parm[i], word(vcpu, buffer, 3 + i));
}

static void rtas_results(const struct vcpu *vcpu, const struct row *row, struct trace_event *event)
{
	uint64_t buffer = vcpu->run->papr_hcall.args[0], args = word(vcpu, buffer, 1);
	uint64_t results = word(vcpu, buffer, 2), status = word(vcpu, buffer, 3 + (unsigned)args);
	const char *name = decode_find(statuses, status);

	if (!results)
		return;
	if (name)
		trace_result(event, "%s", name);
	else
		trace_result(event, "status %d", (int)(uint32_t)status);
	for (unsigned i = 0; i < RESULTS && row->result[i] && i + 1 < results; i++)
		add(event, row->result[i], word(vcpu, buffer, 4 + (unsigned)args + i));
}

/* The bits of the first parameter, "flags"; of a call without a row it is 0 in a good call. */
static const struct {
	const char *call;
	struct decode_name bits[5];
} flags[] = {
	{ "H_INT_SET_SOURCE_CONFIG", { { 1, "MASK" }, { 2, "SET_EISN" } } },
	{ "H_INT_SET_QUEUE_CONFIG", { { 1, "ALWAYS_NOTIFY" } } },
	{ "H_INT_GET_QUEUE_CONFIG", { { 1, "DEBUG" } } },
	{ "H_INT_ESB", { { 1, "STORE" } } },
	{ "H_PAGE_INIT", { { 0x8000, "ZERO" }, { 0x4000, "COPY" } } },
};

static bool add_flags(struct trace_event *event, uint64_t value)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (!strcmp(flags[i].call, event->name)) {
			decode_bits(event, "flags", flags[i].bits, value);
			return true;
		}
	return false;
}

/* --- hypercalls ------------------------------------------------------------- */

static void put_term_char(const struct vcpu *vcpu, struct trace_event *event)
{
	uint64_t text[2] = { htobe64(vcpu->run->papr_hcall.args[2]), htobe64(vcpu->run->papr_hcall.args[3]) };
	uint64_t len = vcpu->run->papr_hcall.args[1];

	trace_text(event, "text", "%.*s", len < sizeof(text) ? (int)len : (int)sizeof(text), (char *)text);
}

static void hypercall(const struct vcpu *vcpu, struct trace_event *event)
{
	const struct row *row = find(hcalls, event->name), *service = find(services, event->name);

	if (service) {
		trace_name(event, RTAS "%s", service->name);
		return rtas_arguments(vcpu, service, event);
	}
	for (unsigned i = 0; row && i < PARMS && row->parm[i]; i++)
		if (strcmp(row->parm[i], "flags") || !add_flags(event, vcpu->run->papr_hcall.args[i]))
			add(event, row->parm[i], vcpu->run->papr_hcall.args[i]);
	if (!strcmp(event->name, "H_PUT_TERM_CHAR"))
		put_term_char(vcpu, event);
	if (!row)
		trace_hex(event, "number", vcpu->run->papr_hcall.nr);
}

static void answer(const struct vcpu *vcpu, struct trace_event *event)
{
	const struct row *row = find(hcalls, event->name);
	const struct row *service =
		strncmp(event->name, RTAS, strlen(RTAS)) ? NULL : find(services, event->name + strlen(RTAS));
	uint64_t rc = vcpu->run->papr_hcall.ret;
	const char *name = decode_find(codes, rc);

	if (service && rc == H_SUCCESS)
		return rtas_results(vcpu, service, event);
	if (name)
		trace_result(event, "%s", name);
	else
		trace_result(event, "%" PRId64, (int64_t)rc);
	for (unsigned i = 0; row && rc == H_SUCCESS && i < RESULTS && row->result[i]; i++)
		add(event, row->result[i], vcpu->run->papr_hcall.args[i]);
}

/* Bytes in the guest's order, as a number of its own. */
static uint64_t mmio_value(const struct kvm_run *run)
{
	uint64_t value = 0;

	memcpy(&value, run->mmio.data, run->mmio.len < sizeof(value) ? run->mmio.len : sizeof(value));
	return value;
}

void arch_decode_exit(const struct vcpu *vcpu, struct trace_event *event)
{
	const struct kvm_run *run = vcpu->run;

	if (run->exit_reason == KVM_EXIT_PAPR_HCALL)
		return hypercall(vcpu, event);
	if (run->exit_reason != KVM_EXIT_MMIO)
		return;
	trace_hex(event, "address", run->mmio.phys_addr);
	trace_number(event, "length", run->mmio.len);
	if (run->mmio.is_write)
		trace_hex(event, "value", mmio_value(run));
}

void arch_decode_answer(const struct vcpu *vcpu, struct trace_event *event)
{
	const struct kvm_run *run = vcpu->run;

	if (run->exit_reason == KVM_EXIT_PAPR_HCALL)
		answer(vcpu, event);
	else if (run->exit_reason == KVM_EXIT_MMIO && !run->mmio.is_write)
		trace_hex(event, "value", mmio_value(run));
}
