/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * calls.c: the arguments of the calls that only POWER has, see vmm/trace/decode.h. Source: the kernel's
 * Documentation/virt/kvm/api.rst, devices/xive.rst, devices/xics.rst.
 */
#include <inttypes.h>
#include <stdio.h>

#include "arch/power9/cpu.h"
#include "vmm/trace/decode.h"

/* --- calls ------------------------------------------------------------------ */

static void regs(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_regs *k = arg;

	if (request->rc < 0)
		return;
	trace_hex(event, "pc", k->pc);
	trace_hex(event, "msr", k->msr);
	trace_hex(event, "lr", k->lr);
	trace_hex(event, "r1", k->gpr[1]);
	trace_hex(event, "r3", k->gpr[3]);
	trace_hex(event, "r4", k->gpr[4]);
}

static const struct decode_name mmu_flags[] = {
	{ KVM_PPC_MMUV3_RADIX, "RADIX" },
	{ KVM_PPC_MMUV3_GTSE, "GTSE" },
	{ 0, NULL },
};

static void mmu(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_ppc_mmuv3_cfg *k = arg;

	(void)request;
	decode_bits(event, "flags", mmu_flags, k->flags);
	trace_hex(event, "process_table", k->process_table);
}

static void rtas(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_rtas_token_args *k = arg;

	(void)request;
	trace_text(event, "service", "%.*s", (int)sizeof(k->name), k->name);
	trace_number(event, "token", k->token);
}

static void irq_line(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_irq_level *k = arg;

	(void)request;
	trace_hex(event, "source", k->irq);
	trace_number(event, "level", k->level);
}

static void cpu_char(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_ppc_cpu_char *k = arg;

	if (request->rc < 0)
		return;
	trace_hex(event, "character", k->character);
	trace_hex(event, "behaviour", k->behaviour);
}

const struct decode_call arch_decode_calls[] = {
	{ KVM_GET_REGS, regs },
	{ KVM_SET_REGS, regs },
	{ KVM_PPC_CONFIGURE_V3_MMU, mmu },
	{ KVM_PPC_RTAS_DEFINE_TOKEN, rtas },
	{ KVM_IRQ_LINE_STATUS, irq_line },
	{ KVM_PPC_GET_CPU_CHAR, cpu_char },
	{ 0, NULL },
};

/* --- attributes --------------------------------------------------------------- */

static uint64_t value_at(const struct kvm_device_attr *attr)
{
	return *(const uint64_t *)(uintptr_t)attr->addr;
}

static void servers(const struct kvm_device_attr *attr, const struct kvm_request *request,
                    struct trace_event *event)
{
	(void)request;
	trace_number(event, "servers", *(const uint32_t *)(uintptr_t)attr->addr);
}

static void source(const struct kvm_device_attr *attr, const struct kvm_request *request,
                   struct trace_event *event)
{
	uint64_t value = value_at(attr);

	(void)request;
	trace_hex(event, "source", attr->attr);
	trace_text(event, "type", "%s",
	           !(value & KVM_XIVE_LEVEL_SENSITIVE) ? "MSI"
	           : value & KVM_XIVE_LEVEL_ASSERTED   ? "LSI, asserted"
	                                               : "LSI");
}

static void source_config(const struct kvm_device_attr *attr, const struct kvm_request *request,
                          struct trace_event *event)
{
	uint64_t value = value_at(attr);

	(void)request;
	trace_hex(event, "source", attr->attr);
	if (value & KVM_XIVE_SOURCE_MASKED_MASK) {
		trace_text(event, "target", "masked");
		return;
	}
	trace_number(event, "server", (value & KVM_XIVE_SOURCE_SERVER_MASK) >> KVM_XIVE_SOURCE_SERVER_SHIFT);
	trace_number(event, "priority",
	             (value & KVM_XIVE_SOURCE_PRIORITY_MASK) >> KVM_XIVE_SOURCE_PRIORITY_SHIFT);
	trace_hex(event, "eisn", (value & KVM_XIVE_SOURCE_EISN_MASK) >> KVM_XIVE_SOURCE_EISN_SHIFT);
}

static void source_sync(const struct kvm_device_attr *attr, const struct kvm_request *request,
                        struct trace_event *event)
{
	(void)request;
	trace_hex(event, "source", attr->attr);
}

static void queue(const struct kvm_device_attr *attr, const struct kvm_request *request,
                  struct trace_event *event)
{
	const struct kvm_ppc_xive_eq *eq = (const void *)(uintptr_t)attr->addr;

	trace_number(event, "server", (attr->attr & KVM_XIVE_EQ_SERVER_MASK) >> KVM_XIVE_EQ_SERVER_SHIFT);
	trace_number(event, "priority",
	             (attr->attr & KVM_XIVE_EQ_PRIORITY_MASK) >> KVM_XIVE_EQ_PRIORITY_SHIFT);
	if (request->rc < 0 && request->number == KVM_GET_DEVICE_ATTR)
		return;
	trace_hex(event, "page", eq->qaddr);
	trace_number(event, "shift", eq->qshift);
	trace_number(event, "toggle", eq->qtoggle);
	trace_number(event, "index", eq->qindex);
}

static const struct decode_name xics_flags[] = {
	{ KVM_XICS_LEVEL_SENSITIVE, "LSI" }, { KVM_XICS_MASKED, "masked" }, { KVM_XICS_PENDING, "pending" },
	{ KVM_XICS_PRESENTED, "presented" }, { KVM_XICS_QUEUED, "queued" }, { 0, NULL },
};

static void xics_source(const struct kvm_device_attr *attr, const struct kvm_request *request,
                        struct trace_event *event)
{
	uint64_t value;

	trace_hex(event, "source", attr->attr);
	if (request->rc < 0)
		return;
	value = value_at(attr);
	trace_number(event, "server", value & KVM_XICS_DESTINATION_MASK);
	trace_number(event, "priority", value >> KVM_XICS_PRIORITY_SHIFT & KVM_XICS_PRIORITY_MASK);
	decode_bits(event, "state", xics_flags, value & ~(uint64_t)0xffffffffffULL);
}

#define XIVE_CTRL(name, decode) "xive", KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_##name, false, #name, decode
#define XIVE(name, decode)      "xive", KVM_DEV_XIVE_GRP_##name, 0, true, #name, decode
const struct decode_attr arch_decode_attrs[] = {
	{ XIVE_CTRL(RESET, NULL) },
	{ XIVE_CTRL(EQ_SYNC, NULL) },
	{ XIVE_CTRL(NR_SERVERS, servers) },
	{ XIVE(SOURCE, source) },
	{ XIVE(SOURCE_CONFIG, source_config) },
	{ XIVE(EQ_CONFIG, queue) },
	{ XIVE(SOURCE_SYNC, source_sync) },
	{ "xics", KVM_DEV_XICS_GRP_SOURCES, 0, true, "SOURCES", xics_source },
	{ "xics", KVM_DEV_XICS_GRP_CTRL, KVM_DEV_XICS_NR_SERVERS, false, "NR_SERVERS", servers },
	{ .device = NULL },
};

/* KVM's numbers that a POWER guest can have. */
const struct decode_name arch_decode_mp_states[] = {
	{ KVM_MP_STATE_RUNNABLE, "RUNNABLE" },
	{ 0, NULL },
};

bool arch_decode_reg(uint64_t id, char *text, size_t size)
{
	struct p9_reg_name reg = p9_reg_find(id);
	const char *name = id == KVM_REG_PPC_VP_STATE    ? "VP_STATE"
	                   : id == KVM_REG_PPC_ICP_STATE ? "ICP_STATE"
	                   : id == KVM_REG_PPC_PID       ? "PID"
	                                                 : reg.name;

	if (!name)
		return false;
	if (reg.name && reg.number >= 0)
		snprintf(text, size, "%s%d", name, reg.number);
	else
		snprintf(text, size, "%s", name);
	return true;
}
