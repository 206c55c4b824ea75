/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * calls.c: the arguments of each call that both architectures have: see calls.h. Source: the kernel's
 * Documentation/virt/kvm/api.rst.
 */
#include "calls.h"

#include <inttypes.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

/* --- the system and VMs ------------------------------------------------------ */

static void check_extension(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	(void)arg;
	decode_name(event, "cap", decode_caps, request->arg);
}

/* What the arguments of a capability are; the others have none that zpvm sets. */
static const struct {
	uint64_t cap;
	const char *arg[2];
} cap_args[] = {
	{ KVM_CAP_PPC_ENABLE_HCALL, { "hypercall", "on" } },
	{ KVM_CAP_PPC_IRQ_XIVE, { "device", "server" } },
	{ KVM_CAP_IRQ_XICS, { "device", "server" } },
};

static const struct decode_name hypercalls[] = { { 0x31c, "H_SET_MODE" }, { 0, NULL } };

static void cap_arg(struct trace_event *event, const struct kvm_enable_cap *cap, unsigned n)
{
	for (size_t i = 0; i < sizeof(cap_args) / sizeof(cap_args[0]); i++) {
		const char *name = n < 2 && cap_args[i].cap == cap->cap ? cap_args[i].arg[n] : NULL;

		if (name && !strcmp(name, "hypercall"))
			return decode_name(event, name, hypercalls, cap->args[n]);
		if (name)
			return trace_number(event, name, cap->args[n]);
	}
	if (cap->args[n])
		trace_hex(event, "argument", cap->args[n]);
}

static void enable_cap(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_enable_cap *cap = arg;

	(void)request;
	decode_name(event, "cap", decode_caps, cap->cap);
	for (unsigned i = 0; i < 4; i++)
		cap_arg(event, cap, i);
}

static const struct decode_name vm_types[] = { { 0, "DEFAULT" }, { KVM_VM_PPC_HV, "PPC_HV" }, { 0, NULL } };

static void create_vm(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	(void)arg;
	decode_name(event, "type", vm_types, request->arg);
}

static void create_vcpu(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	(void)arg;
	trace_number(event, "id", request->arg);
}

static const struct decode_name slot_flags[] = {
	{ KVM_MEM_LOG_DIRTY_PAGES, "LOG_DIRTY_PAGES" },
	{ KVM_MEM_READONLY, "READONLY" },
	{ 0, NULL },
};

static void memory_region(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_userspace_memory_region *slot = arg;

	(void)request;
	trace_number(event, "slot", slot->slot);
	trace_hex(event, "guest_address", slot->guest_phys_addr);
	trace_hex(event, "size", slot->memory_size);
	decode_bits(event, "flags", slot_flags, slot->flags);
}

static void dirty_log(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_dirty_log *log = arg;

	(void)request;
	trace_number(event, "slot", log->slot);
}

static const struct decode_name device_types[] = {
	{ KVM_DEV_TYPE_FLIC, "FLIC" },
	{ KVM_DEV_TYPE_XICS, "XICS" },
	{ KVM_DEV_TYPE_XIVE, "XIVE" },
	{ 0, NULL },
};

static void create_device(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_create_device *device = arg;

	(void)request;
	decode_name(event, "type", device_types, device->type);
}

/* --- signals and routes ------------------------------------------------------ */

static const struct decode_name irqfd_flags[] = {
	{ KVM_IRQFD_FLAG_DEASSIGN, "DEASSIGN" },
	{ KVM_IRQFD_FLAG_RESAMPLE, "RESAMPLE" },
	{ 0, NULL },
};

static void irqfd(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_irqfd *k = arg;

	(void)request;
	trace_number(event, "gsi", k->gsi);
	trace_number(event, "eventfd", k->fd);
	decode_bits(event, "flags", irqfd_flags, k->flags);
}

static const struct decode_name ioeventfd_flags[] = {
	{ KVM_IOEVENTFD_FLAG_DATAMATCH, "DATAMATCH" },
	{ KVM_IOEVENTFD_FLAG_PIO, "PIO" },
	{ KVM_IOEVENTFD_FLAG_DEASSIGN, "DEASSIGN" },
	{ KVM_IOEVENTFD_FLAG_VIRTIO_CCW_NOTIFY, "VIRTIO_CCW_NOTIFY" },
	{ 0, NULL },
};

static void ioeventfd(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_ioeventfd *k = arg;

	(void)request;
	if (k->flags & KVM_IOEVENTFD_FLAG_VIRTIO_CCW_NOTIFY)
		trace_text(event, "subchannel", "%" PRIx64 ".%" PRIx64 ".%04" PRIx64, (uint64_t)0,
		           (uint64_t)(k->addr >> 17 & 3), (uint64_t)(k->addr & 0xffff));
	else
		trace_hex(event, "address", k->addr);
	if (k->flags & KVM_IOEVENTFD_FLAG_DATAMATCH)
		trace_number(event, "value", k->datamatch);
	trace_number(event, "eventfd", (uint32_t)k->fd);
	decode_bits(event, "flags", ioeventfd_flags, k->flags);
}

static const struct decode_name route_types[] = {
	{ KVM_IRQ_ROUTING_IRQCHIP, "IRQCHIP" },
	{ KVM_IRQ_ROUTING_MSI, "MSI" },
	{ KVM_IRQ_ROUTING_S390_ADAPTER, "S390_ADAPTER" },
	{ 0, NULL },
};

/* The routes in words: "GSI 3 to adapter 1, indicator 0x1000 bit 5, summary 0x2000 bit 0; ..." */
static void gsi_routing(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_irq_routing *k = arg;
	char text[200] = "";

	(void)request;
	trace_number(event, "routes", k->nr);
	for (uint32_t i = 0; i < k->nr && i < 4; i++) {
		const struct kvm_irq_routing_entry *e = &k->entries[i];
		const char *type = decode_find(route_types, e->type);
		size_t len = strlen(text);

		snprintf(text + len, sizeof(text) - len, "%sGSI %u to %s", i ? "; " : "", e->gsi,
		         type ? type : "?");
		len = strlen(text);
		if (e->type == KVM_IRQ_ROUTING_S390_ADAPTER)
			snprintf(text + len, sizeof(text) - len, " %u, indicator 0x%llx bit %llu",
			         e->u.adapter.adapter_id, e->u.adapter.ind_addr,
			         (unsigned long long)e->u.adapter.ind_offset);
	}
	if (*text)
		trace_text(event, "table", "%s", text);
}

/* --- devices' attributes ------------------------------------------------------- */

static void attribute(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_device_attr *attr = arg;
	const struct decode_attr *row = arch_decode_attrs;

	while (row->device && (strcmp(row->device, request->fd->name) || row->group != attr->group ||
	                       (!row->any && row->attr != attr->attr)))
		row++;
	trace_text(event, "device", "%s", request->fd->name);
	trace_text(event, "attr", "%s", row->name ? row->name : request->what);
	/* An attribute that is only asked for has no value. */
	if (row->decode && (request->number != KVM_HAS_DEVICE_ATTR))
		row->decode(attr, request, event);
}

/* --- vCPUs ----------------------------------------------------------------------- */

static void one_reg(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_one_reg *reg = arg;
	unsigned size = 1u << ((reg->id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT);
	uint64_t value[2] = { 0 };
	uint32_t narrow;
	char name[32];

	if (arch_decode_reg(reg->id, name, sizeof(name)))
		trace_text(event, "reg", "%s", name);
	else
		trace_hex(event, "reg", reg->id);
	if (request->rc < 0 && request->number == KVM_GET_ONE_REG)
		return;
	if (size == sizeof(narrow)) {
		memcpy(&narrow, (const void *)(uintptr_t)reg->addr, sizeof(narrow));
		value[0] = narrow;
	} else if (size <= sizeof(value)) {
		memcpy(value, (const void *)(uintptr_t)reg->addr, size);
	}
	if (size == sizeof(value) && (value[0] || value[1]))
		trace_text(event, "value", "0x%016" PRIx64 "%016" PRIx64, value[0], value[1]);
	else
		trace_hex(event, "value", value[0]);
}

/* KVM on s390x returns the state as the call's value: see HACKING.md. */
static void mp_state(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_mp_state *mp = arg;
	uint32_t state = request->rc > 0 ? (uint32_t)request->rc : mp->mp_state;

	if (request->rc >= 0 || request->number == KVM_SET_MP_STATE)
		decode_name(event, "state", arch_decode_mp_states, state);
}

static const struct decode_name debug_flags[] = {
	{ KVM_GUESTDBG_ENABLE, "ENABLE" },
	{ KVM_GUESTDBG_SINGLESTEP, "SINGLESTEP" },
	{ 0, NULL },
};

static void guest_debug(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct kvm_guest_debug *debug = arg;

	(void)request;
	decode_bits(event, "control", debug_flags, debug->control);
}

static void signal_mask(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	(void)request;
	trace_text(event, "mask", "%s", arg ? "none is blocked" : "as outside KVM_RUN");
}

/* --- others that go through kvm_ioctl() -------------------------------------------- */

static void tun(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct ifreq *ifr = arg;

	(void)request;
	trace_text(event, "name", "%.*s", IFNAMSIZ, ifr->ifr_name);
}

static void window(const struct kvm_request *request, const void *arg, struct trace_event *event)
{
	const struct winsize *size = arg;

	if (request->rc < 0)
		return;
	trace_number(event, "columns", size->ws_col);
	trace_number(event, "rows", size->ws_row);
}

const struct decode_call decode_calls[] = {
	{ KVM_GET_API_VERSION, NULL },
	{ KVM_CHECK_EXTENSION, check_extension },
	{ KVM_ENABLE_CAP, enable_cap },
	{ KVM_CREATE_VM, create_vm },
	{ KVM_CREATE_VCPU, create_vcpu },
	{ KVM_GET_VCPU_MMAP_SIZE, NULL },
	{ KVM_SET_USER_MEMORY_REGION, memory_region },
	{ KVM_GET_DIRTY_LOG, dirty_log },
	{ KVM_CREATE_DEVICE, create_device },
	{ KVM_CREATE_IRQCHIP, NULL },
	{ KVM_IRQFD, irqfd },
	{ KVM_IOEVENTFD, ioeventfd },
	{ KVM_SET_GSI_ROUTING, gsi_routing },
	{ KVM_SET_DEVICE_ATTR, attribute },
	{ KVM_GET_DEVICE_ATTR, attribute },
	{ KVM_HAS_DEVICE_ATTR, attribute },
	{ KVM_GET_ONE_REG, one_reg },
	{ KVM_SET_ONE_REG, one_reg },
	{ KVM_GET_MP_STATE, mp_state },
	{ KVM_SET_MP_STATE, mp_state },
	{ KVM_SET_GUEST_DEBUG, guest_debug },
	{ KVM_SET_SIGNAL_MASK, signal_mask },
	{ KVM_GET_STATS_FD, NULL },
	{ TUNSETIFF, tun },
	{ TIOCGWINSZ, window },
	{ 0, NULL },
};
