/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * probe.c: what KVM on a POWER9 host offers. See vmm/arch.h. Sources: the
 * kernel's Documentation/virt/kvm/devices/xive.rst, xics.rst, api.rst. No
 * event queue is configured here, nor is any vCPU run.
 */
#include <errno.h>
#include <unistd.h>

#include "vmm/arch.h"
#include "vmm/tool/arch_probe.h"
#include "arch/power9/xive.h"

#define SOURCES_TRIED (1U << 24)
#define SERVERS_TRIED (1U << 20)

#define CAP(name) KVM_CAP_##name, "KVM_CAP_" #name

const struct probe_cap arch_probe_caps[] = {
	{ AREA_INTERRUPTS, CAP(PPC_IRQ_XIVE), "the XIVE interrupt controller, exploited by the guest" },
	{ AREA_INTERRUPTS, CAP(IRQ_XICS), "the XICS interrupt controller, the older one" },
	{ AREA_INTERRUPTS, CAP(PPC_UNSET_IRQ), "KVM_INTERRUPT takes one back" },
	{ AREA_INTERRUPTS, CAP(PPC_IRQ_LEVEL), "KVM_INTERRUPT has levels" },
	{ AREA_INTERRUPTS, CAP(PPC_FWNMI), "machine checks go to the guest" },
	{ AREA_VCPUS, CAP(PPC_PAPR), "hypercalls come to user space" },
	{ AREA_VCPUS, CAP(PPC_ENABLE_HCALL), "hypercalls can be switched on and off one by one" },
	{ AREA_VCPUS, CAP(PPC_RTAS), "RTAS calls can be handled in the kernel" },
	{ AREA_VCPUS, CAP(PPC_SMT), "threads of a virtual core" },
	{ AREA_VCPUS, CAP(PPC_SMT_POSSIBLE), "the numbers of threads that can be had, a bit each" },
	{ AREA_VCPUS, CAP(PPC_GET_CPU_CHAR), "the CPU's speculation hazards" },
	{ AREA_VCPUS, CAP(PPC_HTM), "transactional memory" },
	{ AREA_VCPUS, CAP(PPC_HWRNG), "H_RANDOM in the kernel" },
	{ AREA_VCPUS, CAP(PPC_NESTED_HV), "guests can have guests" },
	{ AREA_VCPUS, CAP(PPC_SECURE_GUEST), "secure guests" },
	{ AREA_VCPUS, CAP(PPC_AIL_MODE_3), "interrupts with the MMU on (AIL 3)" },
	{ AREA_MEMORY, CAP(PPC_MMU_RADIX), "guests with radix page tables" },
	{ AREA_MEMORY, CAP(PPC_MMU_HASH_V3), "guests with a hashed page table" },
	{ AREA_MEMORY, CAP(PPC_ALLOC_HTAB), "KVM makes the hashed page table" },
	{ AREA_MEMORY, CAP(PPC_RPT_INVALIDATE), "H_RPT_INVALIDATE in the kernel" },
	{ AREA_SNAPSHOTS, CAP(PPC_HTAB_FD), "the hashed page table, read and set" },
	{ 0, 0, NULL, NULL },
};

#define CTRL KVM_DEV_XIVE_GRP_CTRL

static const struct probe_device xive_device = {
	"XIVE", "the interrupt controller",
	(const struct probe_attr[]){
		{ "RESET", CTRL, KVM_DEV_XIVE_RESET, "mask all sources, take the queues away" },
		{ "EQ_SYNC", CTRL, KVM_DEV_XIVE_EQ_SYNC, "wait until all events are in the queues" },
		{ "NR_SERVERS", CTRL, KVM_DEV_XIVE_NR_SERVERS, "say how many vCPUs will connect" },
		{ "SOURCE", KVM_DEV_XIVE_GRP_SOURCE, 0, "make a source, message or level" },
		{ "SOURCE_CONFIG", KVM_DEV_XIVE_GRP_SOURCE_CONFIG, 0, "point a source at a queue" },
		{ "EQ_CONFIG", KVM_DEV_XIVE_GRP_EQ_CONFIG, 0,
	          "a vCPU's event queue (KVM says yes to any number)" },
		{ "SOURCE_SYNC", KVM_DEV_XIVE_GRP_SOURCE_SYNC, 0, "wait for the events of one source" },
		{ NULL, 0, 0, NULL },
	}
};

static const struct probe_device xics_device = {
	"XICS", "the older interrupt controller",
	(const struct probe_attr[]){
		/* 16 is the first that a device may have; those below are the system's */
		{ "SOURCES", KVM_DEV_XICS_GRP_SOURCES, 16, "a source's state, read and set" },
		{ "NR_SERVERS", KVM_DEV_XICS_GRP_CTRL, KVM_DEV_XICS_NR_SERVERS,
	          "say how many vCPUs will connect" },
		{ NULL, 0, 0, NULL },
	}
};

/* One VM has one controller: the XICS has a VM of its own. */
static void report_xics(const struct kvm_fd *kvm, struct reporter *r)
{
	struct kvm_fd vm, xics = { .fd = -1 };
	struct error err;
	int rc = probe_vm(kvm, &vm, &err);

	if (!rc)
		rc = probe_create_device(&vm, KVM_DEV_TYPE_XICS, "XICS", &xics, &err);
	probe_report_device(r, &xics_device, &xics, rc ? &err : NULL);
	kvm_close(&xics);
	kvm_close(&vm);
}

/* --- limits ----------------------------------------------------------- */

/* Really makes it, some twenty in all: message sources, which are masked and point nowhere. */
static long try_source(void *arg, uint64_t n)
{
	uint64_t type = 0;

	return kvm_attr_set(arg, "SOURCE", KVM_DEV_XIVE_GRP_SOURCE, n, &type);
}

/* Allocates nothing before a vCPU connects. What KVM takes beyond KVM_CAP_MAX_VCPUS it cuts to that. */
static long try_servers(void *arg, uint64_t n)
{
	uint32_t servers = (uint32_t)n;

	return kvm_attr_set(arg, "NR_SERVERS", CTRL, KVM_DEV_XIVE_NR_SERVERS, &servers);
}

/* Reads the queue of server 0 with this priority, which is not configured. */
static long try_priority(void *arg, uint64_t n)
{
	struct kvm_ppc_xive_eq eq = { 0 };

	return kvm_attr_get(arg, "EQ_CONFIG", KVM_DEV_XIVE_GRP_EQ_CONFIG, n << KVM_XIVE_EQ_PRIORITY_SHIFT,
	                    &eq);
}

/* KVM speaks of a vCPU's queues only when it has connected. */
static void priority_limit(const struct kvm_fd *vm, struct kvm_fd *xive, struct reporter *r,
                           const struct probe_limit *limit)
{
	struct kvm_enable_cap papr = { .cap = KVM_CAP_PPC_PAPR }, connect = { .cap = KVM_CAP_PPC_IRQ_XIVE };
	long rc = kvm_call_value(vm, KVM_CREATE_VCPU, 0);
	struct kvm_fd vcpu;

	kvm_fd_set(&vcpu, rc < 0 ? -1 : (int)rc, vm->trace, "vcpu 0");
	connect.args[0] = (uint64_t)xive->fd;
	if (rc >= 0)
		rc = try_servers(xive, 1); /* or KVM takes VPs for as many as it can have */
	if (rc >= 0)
		rc = kvm_call(&vcpu, KVM_ENABLE_CAP, &papr);
	if (rc >= 0)
		rc = kvm_call(&vcpu, KVM_ENABLE_CAP, &connect);
	if (rc < 0)
		probe_report_unknown(r, limit, error_name((int)rc));
	else
		probe_search(r, limit, 0, KVM_XIVE_EQ_PRIORITY_MASK, try_priority, xive);
	kvm_close(&vcpu);
}

void arch_probe(const struct kvm_fd *kvm, const struct kvm_fd *vm, struct reporter *r)
{
	static const struct probe_limit source = { "source", "", "largest number of a source" },
					servers = { "nr_servers", "vCPUs", "most that NR_SERVERS takes" },
					priority = { "priority", "", "least favoured priority of a queue" },
					queues = { "queues", "of a vCPU",
		                                   "event queues that zpvm allows; one where the firmware "
		                                   "has single escalation" },
					page = { "page_size", "bytes",
		                                 "the host's page, of a source and the TIMA; an event queue "
		                                 "needs 65536" };
	struct error err;
	struct kvm_fd xive;
	int rc = probe_create_device(vm, KVM_DEV_TYPE_XIVE, "XIVE", &xive, &err);

	probe_report_device(r, &xive_device, &xive, rc ? &err : NULL);
	report_xics(kvm, r);
	if (rc) {
		probe_report_unknown(r, &source, error_name(rc));
		probe_report_unknown(r, &servers, error_name(rc));
		probe_report_unknown(r, &priority, error_name(rc));
	} else {
		probe_search(r, &source, 0, SOURCES_TRIED, try_source, &xive);
		probe_search(r, &servers, 1, SERVERS_TRIED, try_servers, &xive);
		priority_limit(vm, &xive, r, &priority);
	}
	/* A second one would bring the host down: not to be tried. */
	if (xive_single_escalation())
		probe_report_limit(r, &queues, 1, false, "single escalation");
	else
		probe_report_limit(r, &queues, KVM_XIVE_EQ_PRIORITY_MASK, false, NULL);
	probe_report_limit(r, &page, (uint64_t)sysconf(_SC_PAGESIZE), false, NULL);
	kvm_close(&xive);
}
