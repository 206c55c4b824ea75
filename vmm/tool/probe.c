/* SPDX-License-Identifier: BSD-2-Clause */
/* probe.c: see probe.h. Read next: arch/ARCH/tool/probe.c. */
#include "probe.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "arch_probe.h"
#include "vmm/arch.h"
#include "vmm/snapshot/json.h"

#define VCPU_IDS_TRIED (1 << 16)

enum section { SECTION_NONE, SECTION_DEVICES, SECTION_LIMITS };

struct reporter {
	FILE *out;
	bool as_json;
	struct json json;
	enum section section;
};

/* --- capabilities ----------------------------------------------------- */

static const char *const area_names[AREAS] = { "interrupts", "vcpus", "memory", "snapshots" };

static const struct probe_cap common_caps[] = {
	{ AREA_INTERRUPTS, KVM_CAP_DEVICE_CTRL, "KVM_CAP_DEVICE_CTRL", "interrupt controllers as devices" },
	{ AREA_INTERRUPTS, KVM_CAP_IRQCHIP, "KVM_CAP_IRQCHIP", "an interrupt controller in the kernel" },
	{ AREA_INTERRUPTS, KVM_CAP_IRQ_ROUTING, "KVM_CAP_IRQ_ROUTING", "how many routes (GSIs) a VM has" },
	{ AREA_INTERRUPTS, KVM_CAP_IRQFD, "KVM_CAP_IRQFD", "an eventfd raises an interrupt" },
	{ AREA_INTERRUPTS, KVM_CAP_IRQFD_RESAMPLE, "KVM_CAP_IRQFD_RESAMPLE",
	  "irqfd for level-triggered interrupts" },
	{ AREA_INTERRUPTS, KVM_CAP_IOEVENTFD, "KVM_CAP_IOEVENTFD", "a guest's store signals an eventfd" },
	{ AREA_VCPUS, KVM_CAP_NR_VCPUS, "KVM_CAP_NR_VCPUS", "how many vCPUs are advised" },
	{ AREA_VCPUS, KVM_CAP_MAX_VCPUS, "KVM_CAP_MAX_VCPUS", "how many vCPUs a VM can have" },
	{ AREA_VCPUS, KVM_CAP_MAX_VCPU_ID, "KVM_CAP_MAX_VCPU_ID",
	  "how many vCPU ids there are; see vcpu_id" },
	{ AREA_VCPUS, KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT", "KVM_RUN can be made to return" },
	{ AREA_VCPUS, KVM_CAP_ENABLE_CAP, "KVM_CAP_ENABLE_CAP", "capabilities of a vCPU can be enabled" },
	{ AREA_VCPUS, KVM_CAP_ENABLE_CAP_VM, "KVM_CAP_ENABLE_CAP_VM", "capabilities of a VM can be enabled" },
	{ AREA_VCPUS, KVM_CAP_SET_GUEST_DEBUG, "KVM_CAP_SET_GUEST_DEBUG", "breakpoints, single steps" },
	{ AREA_MEMORY, KVM_CAP_USER_MEMORY, "KVM_CAP_USER_MEMORY", "guest memory is the process's own" },
	{ AREA_MEMORY, KVM_CAP_NR_MEMSLOTS, "KVM_CAP_NR_MEMSLOTS", "how many memory slots a VM has" },
	{ AREA_MEMORY, KVM_CAP_SYNC_MMU, "KVM_CAP_SYNC_MMU", "the host may move and share guest memory" },
	{ AREA_MEMORY, KVM_CAP_DIRTY_LOG_RING, "KVM_CAP_DIRTY_LOG_RING",
	  "bytes of a ring of pages written to" },
	{ AREA_MEMORY, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, "KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2",
	  "the dirty log is cleared apart from reading it" },
	{ AREA_SNAPSHOTS, KVM_CAP_ONE_REG, "KVM_CAP_ONE_REG", "registers one by one" },
	{ AREA_SNAPSHOTS, KVM_CAP_MP_STATE, "KVM_CAP_MP_STATE", "whether a vCPU is stopped" },
	{ AREA_SNAPSHOTS, KVM_CAP_VM_ATTRIBUTES, "KVM_CAP_VM_ATTRIBUTES", "state of the VM as attributes" },
	{ 0, 0, NULL, NULL },
};

static const char *need_of(int cap)
{
	for (const struct kvm_need *n = arch_info.needs; n->name; n++)
		if (n->cap == cap)
			return n->why;
	return NULL;
}

static void report_cap(struct reporter *r, const struct kvm_fd *kvm, const struct probe_cap *cap)
{
	bool needed = need_of(cap->cap) != NULL;
	struct error ignored; /* KVM that does not say is KVM without it */
	int rc = kvm_extension_named(kvm, cap->cap, cap->name, &ignored), value = rc < 0 ? 0 : rc;
	struct json *j = &r->json;

	if (!r->as_json) {
		fprintf(r->out, "  %-34s %8d  %-9s%s\n", cap->name, value,
		        !needed ? ""
		        : value ? "needed"
		                : "MISSING",
		        cap->meaning);
		return;
	}
	json_open(j, cap->name, '{');
	json_string(j, "area", area_names[cap->area]);
	json_number(j, "number", cap->cap);
	json_number(j, "value", value);
	json_bool(j, "needed", needed);
	json_bool(j, "missing", needed && !value);
	json_string(j, "meaning", cap->meaning);
	json_close(j);
}

static void report_caps(struct reporter *r, const struct kvm_fd *kvm)
{
	if (r->as_json)
		json_open(&r->json, "capabilities", '{');
	for (enum probe_area area = 0; area < AREAS; area++) {
		if (!r->as_json)
			fprintf(r->out, "\ncapabilities: %s\n", area_names[area]);
		for (const struct probe_cap *c = common_caps; c->name; c++)
			if (c->area == area)
				report_cap(r, kvm, c);
		for (const struct probe_cap *c = arch_probe_caps; c->name; c++)
			if (c->area == area)
				report_cap(r, kvm, c);
	}
	if (r->as_json)
		json_close(&r->json);
}

/* --- devices and limits ----------------------------------------------- */

static void section(struct reporter *r, enum section section)
{
	static const char *const keys[] = { NULL, "devices", "limits" };

	for (; r->section < section; r->section++) {
		if (!r->as_json) {
			if (r->section + 1 == SECTION_LIMITS)
				fprintf(r->out, "\nlimits, found by trying\n");
			continue;
		}
		if (r->section != SECTION_NONE)
			json_close(&r->json);
		json_open(&r->json, keys[r->section + 1], '{');
	}
}

static void report_attr(struct reporter *r, const struct probe_attr *a, bool offered)
{
	struct json *j = &r->json;

	if (!r->as_json) {
		fprintf(r->out, "  %-34s %8s  %-9s%s\n", a->name, offered ? "yes" : "no", "", a->meaning);
		return;
	}
	json_open(j, a->name, '{');
	json_number(j, "group", a->group);
	json_number(j, "attribute", (int64_t)a->attr);
	json_bool(j, "offered", offered);
	json_string(j, "meaning", a->meaning);
	json_close(j);
}

void probe_report_device(struct reporter *r, const struct probe_device *device, const struct kvm_fd *fd,
                         const struct error *why)
{
	section(r, SECTION_DEVICES);
	if (r->as_json) {
		json_open(&r->json, device->name, '{');
		json_string(&r->json, "meaning", device->meaning);
		json_string(&r->json, "error", why ? why->text : NULL);
		json_open(&r->json, "attributes", '{');
	} else {
		fprintf(r->out, "\nattributes: %s, %s\n", device->name, device->meaning);
		if (why)
			fprintf(r->out, "  %s\n", why->text);
	}
	for (const struct probe_attr *a = device->attrs; a->name && !why; a++)
		report_attr(r, a, kvm_attr_has(fd, a->name, a->group, a->attr) >= 0);
	if (r->as_json) {
		json_close(&r->json);
		json_close(&r->json);
	}
}

static void report_limit(struct reporter *r, const struct probe_limit *limit, const uint64_t *value,
                         bool at_least, const char *stopped_by)
{
	struct json *j = &r->json;
	char text[40] = "unknown";

	section(r, SECTION_LIMITS);
	if (!r->as_json) {
		if (value)
			snprintf(text, sizeof(text), "%s%" PRIu64, at_least ? "at least " : "", *value);
		fprintf(r->out, "  %-25s %17s  %-9s %s", limit->name, text, limit->unit, limit->meaning);
		if (stopped_by)
			fprintf(r->out, "; %s%s", !value || at_least ? "" : "beyond: ", stopped_by);
		fputc('\n', r->out);
		return;
	}
	json_open(j, limit->name, '{');
	if (value)
		json_number(j, "value", (int64_t)*value);
	else
		json_null(j, "value");
	json_bool(j, "at_least", at_least);
	json_string(j, "unit", limit->unit);
	json_string(j, "stopped_by", stopped_by);
	json_string(j, "meaning", limit->meaning);
	json_close(j);
}

void probe_report_limit(struct reporter *r, const struct probe_limit *limit, uint64_t value, bool at_least,
                        const char *stopped_by)
{
	report_limit(r, limit, &value, at_least, stopped_by);
}

void probe_report_unknown(struct reporter *r, const struct probe_limit *limit, const char *why)
{
	report_limit(r, limit, NULL, false, why);
}

/* Codes that speak of the host's means, not of the interface's limits. */
static bool means(long code)
{
	return code == -ENOMEM || code == -ENOBUFS || code == -ENOSPC || code == -EMFILE || code == -ENFILE ||
	       code == -EINTR || code == -EAGAIN;
}

void probe_search(struct reporter *r, const struct probe_limit *limit, uint64_t low, uint64_t high,
                  probe_try *attempt, void *arg)
{
	long code = attempt(arg, low), refusal;

	if (code < 0) {
		probe_report_unknown(r, limit, error_name((int)code));
		return;
	}
	refusal = attempt(arg, high);
	if (refusal >= 0) {
		probe_report_limit(r, limit, high, true, "the most that is tried");
		return;
	}
	while (high - low > 1) { /* low is taken, high is refused */
		uint64_t n = low + (high - low) / 2;

		code = attempt(arg, n);
		if (code < 0) {
			high = n;
			refusal = code;
		} else {
			low = n;
		}
	}
	probe_report_limit(r, limit, low, means(refusal), error_name((int)refusal));
}

/* --- scratch VMs ------------------------------------------------------ */

int probe_vm(const struct kvm_fd *kvm, struct kvm_fd *vm, struct error *err)
{
	long rc = kvm_call_value(kvm, KVM_CREATE_VM, arch_info.vm_type);

	kvm_fd_set(vm, rc < 0 ? -1 : (int)rc, kvm->trace, "vm");
	return rc < 0 ? kvm_failed(err, rc, kvm, rc == -EINVAL ? arch_info.vm_remedy : NULL,
	                           "KVM_CREATE_VM(%lu)", arch_info.vm_type)
	              : 0;
}

int probe_create_device(const struct kvm_fd *vm, uint32_t type, const char *name, struct kvm_fd *fd,
                        struct error *err)
{
	struct kvm_create_device device = { .type = type };
	long rc = kvm_call(vm, KVM_CREATE_DEVICE, &device);

	kvm_fd_set(fd, rc < 0 ? -1 : (int)device.fd, vm->trace, "%s", name);
	return rc < 0 ? kvm_failed(err, rc, vm, NULL, "KVM_CREATE_DEVICE(%s)", name) : 0;
}

/* The vCPU stays with its VM when its descriptor is closed. */
static long try_vcpu_id(void *arg, uint64_t n)
{
	const struct kvm_fd *vm = arg;
	struct kvm_fd vcpu;
	long rc = kvm_call_value(vm, KVM_CREATE_VCPU, (unsigned long)n);

	if (rc < 0)
		return rc;
	kvm_fd_set(&vcpu, (int)rc, vm->trace, "vcpu");
	kvm_close(&vcpu);
	return 0;
}

static int probe_machine(struct reporter *r, const struct kvm_fd *kvm, struct error *err)
{
	static const struct probe_limit vcpu_id = { "vcpu_id", "", "largest id of a vCPU" };
	struct kvm_fd vm;
	int rc = probe_vm(kvm, &vm, err);

	if (rc)
		return rc;
	arch_probe(kvm, &vm, r);
	kvm_close(&vm);
	rc = probe_vm(kvm, &vm, err);
	if (rc)
		return rc;
	probe_search(r, &vcpu_id, 0, VCPU_IDS_TRIED, try_vcpu_id, &vm);
	kvm_close(&vm);
	return 0;
}

/* --- the report -------------------------------------------------------- */

/* Reports which controller a VM gets here. Returns whether it is the best one. */
static bool report_irqchip(struct reporter *r, const struct kvm_fd *kvm)
{
	const char *name = NULL;
	struct error why;
	int rc = arch_choose_irqchip(kvm, NULL, &name, &why);

	if (rc)
		name = NULL;
	if (r->as_json) {
		json_string(&r->json, "irqchip", name);
		json_string(&r->json, "irqchip_why", why.text[0] ? why.text : NULL);
	} else {
		fprintf(r->out, "\na VM's interrupt controller is %s%s%s\n", name ? name : "none",
		        why.text[0] ? ": " : "", why.text);
	}
	return !why.text[0];
}

static void report_missing(struct reporter *r, const struct kvm_fd *kvm)
{
	bool best = report_irqchip(r, kvm);
	unsigned missing = 0;

	if (r->as_json)
		json_open(&r->json, "missing", '[');
	for (const struct kvm_need *n = arch_info.needs; n->name; n++) {
		struct error ignored;

		if (kvm_extension_named(kvm, n->cap, n->name, &ignored) > 0)
			continue;
		if (r->as_json)
			json_string(&r->json, NULL, n->name);
		else
			fprintf(r->out, "%szpvm lacks %s (%s)\n", missing ? "" : "\n", n->name, n->why);
		missing++;
	}
	if (r->as_json)
		json_close(&r->json);
	else if (!missing && best)
		fprintf(r->out, "all capabilities that zpvm needs are here\n");
}

void probe(const struct kvm_fd *kvm, FILE *out, bool as_json)
{
	struct reporter r = { .out = out, .as_json = as_json };
	long version = kvm_call_value(kvm, KVM_GET_API_VERSION, 0);
	struct error err;
	int rc;

	if (as_json) {
		json_begin(&r.json, out);
		json_open(&r.json, NULL, '{');
		json_string(&r.json, "schema", "zpvm-probe");
		json_number(&r.json, "version", 1);
		json_string(&r.json, "zpvm", ZPVM_VERSION);
		json_string(&r.json, "arch", arch_info.name);
		json_number(&r.json, "api_version", version);
	} else {
		fprintf(out, "zpvm %s for %s: KVM API version %ld\n", ZPVM_VERSION, arch_info.name, version);
	}
	report_caps(&r, kvm);
	rc = probe_machine(&r, kvm, &err);
	section(&r, SECTION_LIMITS);
	if (as_json) {
		json_close(&r.json);
		json_string(&r.json, "error", rc ? err.text : NULL);
	} else if (rc) {
		fprintf(out, "  not tried: %s\n", err.text);
	}
	report_missing(&r, kvm);
	if (as_json)
		json_close(&r.json);
}
