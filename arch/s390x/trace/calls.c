/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * calls.c: the arguments of the calls that only s390x has, see vmm/trace/decode.h. Source: the kernel's
 * Documentation/virt/kvm/api.rst, devices/s390_flic.rst, devices/vm.rst.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "arch/s390x/cpu.h"
#include "vmm/trace/decode.h"

#define LISTED 4 /* interrupts of a list that are written out */

/* "I/O subchannel ...; service signal ...; and 7 more" */
static void list(struct trace_event *event, const struct s390_irq *irqs, size_t count)
{
	char text[360] = "", one[96];

	trace_number(event, "count", count);
	for (size_t i = 0; i < count && i < LISTED; i++) {
		size_t len = strlen(text);

		s390_irq_text(&irqs[i], one, sizeof(one));
		snprintf(text + len, sizeof(text) - len, "%s%s", i ? "; " : "", one);
	}
	if (count > LISTED) {
		size_t len = strlen(text);

		snprintf(text + len, sizeof(text) - len, "; and %zu more", count - LISTED);
	}
	if (count)
		trace_text(event, "irqs", "%s", text);
}

/* --- calls ------------------------------------------------------------------ */

static void inject(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	char text[96];

	(void)request;
	s390_irq_text(arg, text, sizeof(text));
	trace_text(event, "irq", "%s", text);
}

/* The older call: of an interrupt with two words. */
static void interrupt(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_s390_interrupt *k = arg;
	const struct s390_irq_type *type = s390_irq_type(k->type);

	(void)request;
	if (type)
		trace_text(event, "irq", "%s", type->type == S390_IO_MAX ? "I/O" : type->name);
	else
		trace_hex(event, "type", k->type);
	trace_hex(event, "parm", k->parm);
	trace_hex(event, "parm64", k->parm64);
}

static void get_state(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_s390_irq_state *k = arg;

	if (request->rc >= 0)
		list(event, (const void *)(uintptr_t)k->buf, (size_t)request->rc / sizeof(struct s390_irq));
}

static void set_state(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_s390_irq_state *k = arg;

	(void)request;
	list(event, (const void *)(uintptr_t)k->buf, k->buf ? k->len / sizeof(struct s390_irq) : 0);
}

static void skeys(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_s390_skeys *k = arg;

	(void)request;
	trace_hex(event, "first_page", k->start_gfn);
	trace_number(event, "pages", k->count);
}

static const struct decode_name mem_ops[] = {
	{ KVM_S390_MEMOP_LOGICAL_READ, "LOGICAL_READ" },
	{ KVM_S390_MEMOP_LOGICAL_WRITE, "LOGICAL_WRITE" },
	{ 0, NULL },
};

static const struct decode_name mem_flags[] = {
	{ KVM_S390_MEMOP_F_CHECK_ONLY, "CHECK_ONLY" },
	{ KVM_S390_MEMOP_F_INJECT_EXCEPTION, "INJECT_EXCEPTION" },
	{ 0, NULL },
};

static void mem_op(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_s390_mem_op *k = arg;

	(void)request;
	decode_name(event, "op", mem_ops, k->op);
	trace_hex(event, "address", k->gaddr);
	trace_number(event, "size", k->size);
	decode_bits(event, "flags", mem_flags, k->flags);
}

/* The registers that say where the vCPU is; a snapshot has the others. */
static void regs(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	static const char *const names[] = { "r0", "r1", "r2", "r3", "r14", "r15" };
	static const unsigned numbers[] = { 0, 1, 2, 3, 14, 15 };
	const struct kvm_regs *k = arg;

	if (request->rc < 0)
		return;
	for (unsigned i = 0; i < 6; i++)
		trace_hex(event, names[i], k->gprs[numbers[i]]);
}

static void sregs(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_sregs *k = arg;

	if (request->rc < 0)
		return;
	trace_hex(event, "cr0", k->crs[0]);
	trace_hex(event, "cr6", k->crs[6]);
	trace_hex(event, "cr14", k->crs[14]);
}

static void fpu(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_fpu *k = arg;

	if (request->rc >= 0)
		trace_hex(event, "fpc", k->fpc);
}

const struct decode_call arch_decode_calls[] = {
	{ KVM_S390_IRQ, inject },
	{ KVM_S390_INTERRUPT, interrupt },
	{ KVM_S390_GET_IRQ_STATE, get_state },
	{ KVM_S390_SET_IRQ_STATE, set_state },
	{ KVM_S390_GET_SKEYS, skeys },
	{ KVM_S390_SET_SKEYS, skeys },
	{ KVM_S390_MEM_OP, mem_op },
	{ KVM_S390_NORMAL_RESET, NULL },
	{ KVM_S390_INITIAL_RESET, NULL },
	{ KVM_S390_CLEAR_RESET, NULL },
	{ KVM_GET_REGS, regs },
	{ KVM_SET_REGS, regs },
	{ KVM_GET_SREGS, sregs },
	{ KVM_SET_SREGS, sregs },
	{ KVM_GET_FPU, fpu },
	{ KVM_SET_FPU, fpu },
	{ 0, NULL },
};

/* --- attributes --------------------------------------------------------------- */

static void enqueue(const struct kvm_device_attr *attr, const struct kvm_request *request,
                    struct trace_event *event)
{
	(void)request;
	list(event, (const void *)(uintptr_t)attr->addr,
	     attr->addr ? attr->attr / sizeof(struct s390_irq) : 0);
}

static void get_all(const struct kvm_device_attr *attr, const struct kvm_request *request,
                    struct trace_event *event)
{
	if (request->rc >= 0)
		list(event, (const void *)(uintptr_t)attr->addr, (size_t)request->rc);
}

static void clear_io(const struct kvm_device_attr *attr, const struct kvm_request *request,
                     struct trace_event *event)
{
	const uint32_t *id = (const void *)(uintptr_t)attr->addr;

	(void)request;
	trace_text(event, "subchannel", "0.%x.%04x", *id >> 17 & 3, *id & 0xffff);
}

static void adapter(const struct kvm_device_attr *attr, const struct kvm_request *request,
                    struct trace_event *event)
{
	const struct kvm_s390_io_adapter *a = (const void *)(uintptr_t)attr->addr;

	(void)request;
	trace_number(event, "adapter", a->id);
	trace_number(event, "isc", a->isc);
	trace_number(event, "maskable", a->maskable);
	trace_number(event, "swap", a->swap);
}

static const struct decode_name modify_types[] = {
	{ KVM_S390_IO_ADAPTER_MASK, "MASK" },
	{ KVM_S390_IO_ADAPTER_MAP, "MAP" },
	{ KVM_S390_IO_ADAPTER_UNMAP, "UNMAP" },
	{ 0, NULL },
};

static void modify(const struct kvm_device_attr *attr, const struct kvm_request *request,
                   struct trace_event *event)
{
	const struct kvm_s390_io_adapter_req *r = (const void *)(uintptr_t)attr->addr;

	(void)request;
	trace_number(event, "adapter", r->id);
	decode_name(event, "type", modify_types, r->type);
	if (r->type == KVM_S390_IO_ADAPTER_MASK)
		trace_number(event, "mask", r->mask);
	else
		trace_hex(event, "address", r->addr);
}

static void airq(const struct kvm_device_attr *attr, const struct kvm_request *request,
                 struct trace_event *event)
{
	(void)request;
	trace_number(event, "adapter", attr->attr);
}

static const struct decode_name ais_modes[] = { { 0, "ALL" }, { 1, "SINGLE" }, { 0, NULL } };

static void aism(const struct kvm_device_attr *attr, const struct kvm_request *request,
                 struct trace_event *event)
{
	const struct kvm_s390_ais_req *r = (const void *)(uintptr_t)attr->addr;

	(void)request;
	trace_number(event, "isc", r->isc);
	decode_name(event, "mode", ais_modes, r->mode);
}

static void aism_all(const struct kvm_device_attr *attr, const struct kvm_request *request,
                     struct trace_event *event)
{
	const struct kvm_s390_ais_all *a = (const void *)(uintptr_t)attr->addr;

	if (request->rc < 0)
		return;
	trace_hex(event, "single", a->simm);
	trace_hex(event, "suppressed", a->nimm);
}

static void tod(const struct kvm_device_attr *attr, const struct kvm_request *request,
                struct trace_event *event)
{
	const struct kvm_s390_vm_tod_clock *t = (const void *)(uintptr_t)attr->addr;

	if (request->rc < 0)
		return;
	trace_number(event, "epoch_index", t->epoch_idx);
	trace_hex(event, "tod", t->tod);
}

static void number(const struct kvm_device_attr *attr, const struct kvm_request *request,
                   struct trace_event *event)
{
	if (request->rc >= 0 && attr->addr)
		trace_hex(event, "value", *(const uint64_t *)(uintptr_t)attr->addr);
}

#define FLIC(name, decode)      "flic", KVM_DEV_FLIC_##name, 0, true, #name, decode
#define VM(group, name, decode) "vm", KVM_S390_VM_##group, KVM_S390_VM_##name, false, #name, decode
const struct decode_attr arch_decode_attrs[] = {
	{ FLIC(GET_ALL_IRQS, get_all) },
	{ FLIC(ENQUEUE, enqueue) },
	{ FLIC(CLEAR_IRQS, NULL) },
	{ FLIC(CLEAR_IO_IRQ, clear_io) },
	{ FLIC(APF_ENABLE, NULL) },
	{ FLIC(APF_DISABLE_WAIT, NULL) },
	{ FLIC(ADAPTER_REGISTER, adapter) },
	{ FLIC(ADAPTER_MODIFY, modify) },
	{ FLIC(AIRQ_INJECT, airq) },
	{ FLIC(AISM, aism) },
	{ FLIC(AISM_ALL, aism_all) },
	{ VM(TOD, TOD_LOW, number) },
	{ VM(TOD, TOD_HIGH, NULL) },
	{ VM(TOD, TOD_EXT, tod) },
	{ VM(CPU_MODEL, CPU_PROCESSOR, NULL) },
	{ VM(CPU_MODEL, CPU_MACHINE, NULL) },
	{ VM(MEM_CTRL, MEM_LIMIT_SIZE, number) },
	{ VM(MEM_CTRL, MEM_ENABLE_CMMA, NULL) },
	{ VM(MIGRATION, MIGRATION_START, NULL) },
	{ .device = NULL },
};

const struct decode_name arch_decode_mp_states[] = {
	{ KVM_MP_STATE_STOPPED, "STOPPED" },
	{ KVM_MP_STATE_CHECK_STOP, "CHECK_STOP" },
	{ KVM_MP_STATE_OPERATING, "OPERATING" },
	{ KVM_MP_STATE_LOAD, "LOAD" },
	{ 0, NULL },
};

bool arch_decode_reg(uint64_t id, char *text, size_t size)
{
	const char *name = cpu_reg_name(id);

	snprintf(text, size, "%s", name ? name : "");
	return name;
}
