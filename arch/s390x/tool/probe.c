/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * probe.c: what KVM on an s390x host offers. See vmm/tool/arch_probe.h. Sources: the
 * kernel's Documentation/virt/kvm/devices/s390_flic.rst, devices/vm.rst, api.rst.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/sysinfo.h>

#include "arch/s390x/event.h"
#include "vmm/arch.h"
#include "vmm/tool/arch_probe.h"

#define BUFFER_TRIED   (64U << 20) /* bytes; ENQUEUE cuts a length to 31 bits */
#define STATE_TRIED    (1U << 16)  /* entries of KVM_S390_SET_IRQ_STATE */
#define PENDING_TRIED  (1U << 20)  /* interrupts */
#define PENDING_COST   512         /* bytes of kernel memory for one, generously */
#define ADAPTERS_TRIED 4096
#define BATCH          4096 /* interrupts in one ENQUEUE */

#define ENTRY sizeof(struct kvm_s390_irq)

#define CAP(name) KVM_CAP_##name, "KVM_CAP_" #name

const struct probe_cap arch_probe_caps[] = {
	{ AREA_INTERRUPTS, CAP(S390_INJECT_IRQ), "KVM_S390_IRQ: local interrupts with all of their payload" },
	{ AREA_INTERRUPTS, CAP(S390_IRQCHIP), "routes from a GSI to an adapter" },
	{ AREA_INTERRUPTS, CAP(S390_AIS), "adapter-interruption suppression" },
	{ AREA_INTERRUPTS, CAP(S390_CSS_SUPPORT), "channel I/O instructions come to user space" },
	{ AREA_INTERRUPTS, CAP(ASYNC_PF), "page faults handled while the guest goes on" },
	{ AREA_VCPUS, CAP(SYNC_REGS), "registers in kvm_run" },
	{ AREA_VCPUS, CAP(S390_USER_SIGP), "SIGP orders come to user space" },
	{ AREA_VCPUS, CAP(S390_USER_STSI), "STSI comes to user space" },
	{ AREA_VCPUS, CAP(S390_USER_INSTR0), "opcode 0 comes to user space (software breakpoints)" },
	{ AREA_VCPUS, CAP(S390_VCPU_RESETS), "normal and clear reset, beside the initial one" },
	{ AREA_VCPUS, CAP(S390_VECTOR_REGISTERS), "vector facility" },
	{ AREA_VCPUS, CAP(S390_RI), "runtime instrumentation" },
	{ AREA_VCPUS, CAP(S390_GS), "guarded storage" },
	{ AREA_VCPUS, CAP(S390_BPB), "branch prediction blocking" },
	{ AREA_VCPUS, CAP(S390_DIAG318), "DIAGNOSE 318" },
	{ AREA_VCPUS, CAP(S390_CPU_TOPOLOGY), "CPU topology" },
	{ AREA_VCPUS, CAP(S390_PROTECTED), "protected VMs" },
	{ AREA_MEMORY, CAP(S390_GMAP), "the guest's address space is apart from the process's" },
	{ AREA_MEMORY, CAP(S390_COW), "guest pages can be shared copy-on-write (ESOP)" },
	{ AREA_MEMORY, CAP(S390_MEM_OP), "bytes of guest memory that one KVM_S390_MEM_OP reaches" },
	{ AREA_MEMORY, CAP(S390_MEM_OP_EXTENSION), "KVM_S390_MEM_OP with storage keys" },
	{ AREA_MEMORY, CAP(S390_HPAGE_1M), "1 MiB pages behind a guest" },
	{ AREA_MEMORY, CAP(S390_UCONTROL), "user space controls the guest's address space" },
	{ AREA_SNAPSHOTS, CAP(S390_IRQ_STATE), "a vCPU's pending interrupts, read and set" },
	{ AREA_SNAPSHOTS, CAP(S390_SKEYS), "storage keys, read and set" },
	{ AREA_SNAPSHOTS, CAP(S390_AIS_MIGRATION), "suppression modes, read and set" },
	{ AREA_SNAPSHOTS, CAP(S390_CMMA_MIGRATION), "page usage states, read and set" },
	{ 0, 0, NULL, NULL },
};

/* The versions of clang-format do not agree on braces in a macro. */
/* clang-format off */
#define FLIC(name, meaning) { #name, KVM_DEV_FLIC_##name, 0, meaning }
/* clang-format on */

static const struct probe_device flic_device = {
	"FLIC", "the floating interrupt controller",
	(const struct probe_attr[]){
		FLIC(GET_ALL_IRQS, "read all that is pending"),
		FLIC(ENQUEUE, "make interrupts pending"),
		FLIC(CLEAR_IRQS, "take all that is pending away"),
		FLIC(CLEAR_IO_IRQ, "take one interrupt of a subchannel away"),
		FLIC(APF_ENABLE, "allow asynchronous page faults"),
		FLIC(APF_DISABLE_WAIT, "forbid them, and wait for those under way"),
		FLIC(ADAPTER_REGISTER, "make an adapter known"),
		FLIC(ADAPTER_MODIFY, "mask an adapter, map its indicators"),
		FLIC(AIRQ_INJECT, "an adapter's interrupt"),
		FLIC(AISM, "set the suppression mode of an ISC"),
		FLIC(AISM_ALL, "read and set all suppression modes"),
		{ NULL, 0, 0, NULL },
	}
};

static const struct probe_device vm_device = {
	"VM", "the virtual machine itself",
	(const struct probe_attr[]){
		{ "TOD_LOW", KVM_S390_VM_TOD, KVM_S390_VM_TOD_LOW, "the TOD clock, 64 bits" },
		{ "TOD_HIGH", KVM_S390_VM_TOD, KVM_S390_VM_TOD_HIGH, "its epoch index" },
		{ "TOD_EXT", KVM_S390_VM_TOD, KVM_S390_VM_TOD_EXT, "both at once" },
		{ "CPU_PROCESSOR", KVM_S390_VM_CPU_MODEL, KVM_S390_VM_CPU_PROCESSOR,
	          "the guest's CPU model" },
		{ "CPU_MACHINE", KVM_S390_VM_CPU_MODEL, KVM_S390_VM_CPU_MACHINE, "the host's CPU model" },
		{ "MEM_LIMIT_SIZE", KVM_S390_VM_MEM_CTRL, KVM_S390_VM_MEM_LIMIT_SIZE,
	          "the largest guest address" },
		{ "MEM_ENABLE_CMMA", KVM_S390_VM_MEM_CTRL, KVM_S390_VM_MEM_ENABLE_CMMA,
	          "let the guest say which pages it uses" },
		{ "MIGRATION_START", KVM_S390_VM_MIGRATION, KVM_S390_VM_MIGRATION_START,
	          "track page usage states" },
		{ NULL, 0, 0, NULL },
	}
};

/* --- lengths ---------------------------------------------------------- */

/* Nothing is pending, so nothing is written. */
static long try_get_all(void *arg, uint64_t bytes)
{
	return kvm_attr_get(arg, "GET_ALL_IRQS", KVM_DEV_FLIC_GET_ALL_IRQS, bytes, NULL);
}

/* KVM looks at the length first: EFAULT says that it was good, and nothing became pending. */
static long try_enqueue(void *arg, uint64_t entries)
{
	long rc = kvm_attr_set(arg, "ENQUEUE", KVM_DEV_FLIC_ENQUEUE, entries * ENTRY, NULL);

	return rc == -EFAULT ? 0 : rc;
}

/* The same. */
static long try_irq_state(void *arg, uint64_t entries)
{
	struct kvm_s390_irq_state state = { .len = (uint32_t)(entries * ENTRY) };
	long rc = kvm_call((const struct kvm_fd *)arg, KVM_S390_SET_IRQ_STATE, &state);

	return rc == -EFAULT ? 0 : rc;
}

static void irq_state_limit(const struct kvm_fd *vm, struct reporter *r)
{
	static const struct probe_limit limit = { "set_irq_state", "entries",
		                                  "longest list of KVM_S390_SET_IRQ_STATE" };
	long rc = kvm_call_value(vm, KVM_CREATE_VCPU, 0);
	struct kvm_fd vcpu;

	if (rc < 0) {
		probe_report_unknown(r, &limit, error_name((int)rc));
		return;
	}
	kvm_fd_set(&vcpu, (int)rc, vm->trace, "vcpu 0");
	probe_search(r, &limit, 1, STATE_TRIED, try_irq_state, &vcpu);
	kvm_close(&vcpu);
}

/* --- how many can be pending ------------------------------------------ */

/* How many are. A buffer of the largest size is touched only where there is something. */
static long count_pending(const struct kvm_fd *flic)
{
	void *all = malloc(KVM_S390_FLIC_MAX_BUFFER);
	long rc = all ? kvm_attr_get(flic, "GET_ALL_IRQS", KVM_DEV_FLIC_GET_ALL_IRQS,
	                             KVM_S390_FLIC_MAX_BUFFER, all)
	              : -ENOMEM;

	free(all);
	return rc;
}

/* As many as a quarter of the host's free memory holds. */
static uint64_t pending_affordable(void)
{
	struct sysinfo info;

	return sysinfo(&info) ? 0 : (uint64_t)info.freeram * info.mem_unit / 4 / PENDING_COST;
}

/*
 * Enqueues until KVM refuses. A list that is refused in its middle is pending
 * up to there, so what is pending then is counted by reading it.
 */
static void pending_limit(const struct kvm_fd *flic, struct reporter *r, const struct probe_limit *limit,
                          uint32_t type)
{
	struct kvm_s390_irq *irqs = calloc(BATCH, sizeof(*irqs));
	uint64_t pending = 0, affordable = pending_affordable();
	uint64_t bound = affordable < PENDING_TRIED ? affordable : PENDING_TRIED;
	long rc = irqs ? 0 : -ENOMEM;

	for (size_t i = 0; irqs && i < BATCH; i++)
		irqs[i].type = type;
	for (; !rc && pending + BATCH <= bound; pending += rc ? 0 : BATCH)
		rc = kvm_attr_set(flic, "ENQUEUE", KVM_DEV_FLIC_ENQUEUE, BATCH * ENTRY, irqs);
	free(irqs);
	if (rc == -EBUSY) {
		long count = count_pending(flic);

		if (count >= 0)
			probe_report_limit(r, limit, (uint64_t)count, false, error_name((int)rc));
		else
			probe_report_limit(r, limit, pending, true, error_name((int)count));
	} else if (rc && rc != -ENOMEM) {
		probe_report_unknown(r, limit, error_name((int)rc));
	} else {
		probe_report_limit(r, limit, pending, true,
		                   rc || bound == affordable ? "the host's free memory"
		                                             : "the most that is tried");
	}
	kvm_attr_set(flic, "CLEAR_IRQS", KVM_DEV_FLIC_CLEAR_IRQS, 0, NULL);
}

static void adapter_limit(const struct kvm_fd *flic, struct reporter *r, const struct probe_limit *limit)
{
	struct kvm_s390_io_adapter adapter = { .id = 0 };
	long rc = 0;

	for (; adapter.id < ADAPTERS_TRIED; adapter.id++) {
		rc = kvm_attr_set(flic, "ADAPTER_REGISTER", KVM_DEV_FLIC_ADAPTER_REGISTER, 0, &adapter);
		if (rc < 0)
			break;
	}
	probe_report_limit(r, limit, adapter.id, rc != -EINVAL,
	                   rc < 0 ? error_name((int)rc) : "the most that is tried");
}

static const struct probe_limit flic_limits[] = {
	{ "get_all_irqs", "bytes", "longest buffer of GET_ALL_IRQS" },
	{ "enqueue", "entries", "longest list of ENQUEUE" },
	{ "pending_io", "irqs", "I/O interrupts pending at once" },
	{ "pending_pfault_done", "irqs", "page-fault completions pending at once" },
	{ "pending_virtio", "irqs", "virtio interrupts pending at once" },
	{ "adapters", "ids", "I/O adapters, ids 0 upwards" },
};

static void report_flic_limits(struct kvm_fd *flic, struct reporter *r)
{
	const struct probe_limit *limit = flic_limits;

	probe_search(r, limit++, 1, BUFFER_TRIED, try_get_all, flic);
	probe_search(r, limit++, 1, BUFFER_TRIED / ENTRY, try_enqueue, flic);
	pending_limit(flic, r, limit++, KVM_S390_INT_IO(0, 0, 0, 0));
	pending_limit(flic, r, limit++, KVM_S390_INT_PFAULT_DONE);
	pending_limit(flic, r, limit++, KVM_S390_INT_VIRTIO);
	adapter_limit(flic, r, limit);
}

static void event_limit(const struct kvm_fd *kvm, struct reporter *r)
{
	static const struct probe_limit limit = { "event_signals", "irqs",
		                                  "interruptions that follow one event's service signal" };
	uint32_t parm[EVENT_SIGNALS];
	struct error err;
	int n = event_try(kvm, parm, &err);

	if (n < 0)
		probe_report_unknown(r, &limit, error_name(n));
	else
		probe_report_limit(r, &limit, (uint64_t)n, false, NULL);
}

void arch_probe(const struct kvm_fd *kvm, const struct kvm_fd *vm, struct reporter *r)
{
	struct error err;
	struct kvm_fd flic;
	int rc = probe_create_device(vm, KVM_DEV_TYPE_FLIC, "FLIC", &flic, &err);

	probe_report_device(r, &flic_device, &flic, rc ? &err : NULL);
	probe_report_device(r, &vm_device, vm, NULL);
	if (!rc)
		report_flic_limits(&flic, r);
	for (size_t i = 0; rc && i < sizeof(flic_limits) / sizeof(flic_limits[0]); i++)
		probe_report_unknown(r, &flic_limits[i], error_name(rc));
	irq_state_limit(vm, r);
	event_limit(kvm, r);
	kvm_close(&flic);
}
