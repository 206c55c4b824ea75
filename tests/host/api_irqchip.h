/* SPDX-License-Identifier: BSD-2-Clause */
/* api_irqchip.h: bare VMs with a controller of power9, and KVM's calls for it. */
#ifndef TESTS_HOST_API_IRQCHIP_H
#define TESTS_HOST_API_IRQCHIP_H

#include <sys/mman.h>
#include <unistd.h>

#include "api.h"

#define RAM  (1UL << 20)
#define PAGE 65536UL
#define PRIO 5

/* A VM with a controller and two vCPUs, which are not connected. */
struct machine {
	struct kvm_fd vm, dev, vcpu[2];
	uint8_t *ram;
};

static inline struct kvm_fd adopt(long fd)
{
	struct kvm_fd k;

	kvm_fd_set(&k, (int)fd, NULL, "fd");
	return k;
}

static inline struct kvm_fd new_device(const struct kvm_fd *vm, uint32_t type)
{
	struct kvm_create_device device = { .type = type };
	long rc = kvm_call(vm, KVM_CREATE_DEVICE, &device);

	return adopt(rc < 0 ? rc : (int)device.fd);
}

static inline struct machine build(uint32_t type)
{
	struct kvm_ppc_mmuv3_cfg mmu = { KVM_PPC_MMUV3_RADIX | KVM_PPC_MMUV3_GTSE, 1ULL << 63 };
	struct kvm_userspace_memory_region slot = { .memory_size = RAM };
	struct kvm_enable_cap papr = { .cap = KVM_CAP_PPC_PAPR };
	struct machine m = { .vm = adopt(kvm_call_value(&kvm, KVM_CREATE_VM, 1)) };
	uint8_t *p = mmap(NULL, RAM + PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	m.ram = (uint8_t *)(((uintptr_t)p + PAGE - 1) & ~(PAGE - 1));
	slot.userspace_addr = (uintptr_t)m.ram;
	kvm_call(&m.vm, KVM_SET_USER_MEMORY_REGION, &slot);
	kvm_call(&m.vm, KVM_PPC_CONFIGURE_V3_MMU, &mmu);
	m.dev = new_device(&m.vm, type);
	for (int i = 0; i < 2; i++) {
		m.vcpu[i] = adopt(kvm_call_value(&m.vm, KVM_CREATE_VCPU, (unsigned long)i));
		kvm_call(&m.vcpu[i], KVM_ENABLE_CAP, &papr);
	}
	return m;
}

static inline void close_all(struct machine *m)
{
	kvm_close(&m->vcpu[0]);
	kvm_close(&m->vcpu[1]);
	kvm_close(&m->dev);
	kvm_close(&m->vm);
	munmap(m->ram, RAM); /* what was aligned away stays until the end */
}

static inline long connect_cap(const struct kvm_fd *vcpu, uint32_t which, int fd, uint64_t server)
{
	struct kvm_enable_cap cap = { .cap = which };

	cap.args[0] = (uint64_t)fd;
	cap.args[1] = server;
	return kvm_call(vcpu, KVM_ENABLE_CAP, &cap);
}

static inline long connect_xive(const struct kvm_fd *vcpu, int fd, uint64_t server)
{
	return connect_cap(vcpu, KVM_CAP_PPC_IRQ_XIVE, fd, server);
}

/* --- the calls -------------------------------------------------------- */

static inline long ctrl_servers(const struct machine *m, uint32_t n)
{
	return kvm_attr_set(&m->dev, "", KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_NR_SERVERS, &n);
}

static inline long make(const struct machine *m, uint64_t source, uint64_t type)
{
	return kvm_attr_set(&m->dev, "", KVM_DEV_XIVE_GRP_SOURCE, source, &type);
}

static inline long target(const struct machine *m, uint64_t source, uint64_t server, uint64_t prio,
                          bool masked, uint64_t eisn)
{
	uint64_t value = eisn << KVM_XIVE_SOURCE_EISN_SHIFT |
	                 (uint64_t)masked << KVM_XIVE_SOURCE_MASKED_SHIFT |
	                 server << KVM_XIVE_SOURCE_SERVER_SHIFT | prio;

	return kvm_attr_set(&m->dev, "", KVM_DEV_XIVE_GRP_SOURCE_CONFIG, source, &value);
}

static inline uint64_t queue_id(uint64_t server, uint64_t prio)
{
	return server << KVM_XIVE_EQ_SERVER_SHIFT | prio;
}

static inline long queue(const struct machine *m, uint64_t server, uint64_t prio, uint32_t flags,
                         uint32_t shift, uint64_t addr)
{
	struct kvm_ppc_xive_eq eq = { .flags = flags, .qshift = shift, .qaddr = addr, .qtoggle = 1 };

	return kvm_attr_set(&m->dev, "", KVM_DEV_XIVE_GRP_EQ_CONFIG, queue_id(server, prio), &eq);
}

static inline long sync_source(const struct machine *m, uint64_t source)
{
	return kvm_attr_set(&m->dev, "", KVM_DEV_XIVE_GRP_SOURCE_SYNC, source, NULL);
}

static inline long xics_set(const struct machine *m, uint64_t source, uint64_t value)
{
	return kvm_attr_set(&m->dev, "", KVM_DEV_XICS_GRP_SOURCES, source, &value);
}

static inline long xics_get(const struct machine *m, uint64_t source, uint64_t *value)
{
	return kvm_attr_get(&m->dev, "", KVM_DEV_XICS_GRP_SOURCES, source, value);
}

static inline long line(const struct machine *m, unsigned long source, uint32_t level, int32_t *status)
{
	struct kvm_irq_level arg = { .irq = (uint32_t)source, .level = level };
	long rc = kvm_call(&m->vm, KVM_IRQ_LINE_STATUS, &arg);

	*status = (int32_t)arg.status;
	return rc;
}

#endif
