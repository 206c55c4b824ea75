/* SPDX-License-Identifier: BSD-2-Clause */
/* adapter.c: see adapter.h. Read next: route.c. */
#include "adapter.h"

#include <errno.h>

int adapter_register(struct irqchip *flic, const struct s390_adapter *a, struct error *err)
{
	struct kvm_s390_io_adapter k = {
		.id = a->id, .isc = a->isc, .maskable = a->maskable, .swap = a->swap, .flags = a->flags
	};
	long rc = flic_set(flic, "ADAPTER_REGISTER", KVM_DEV_FLIC_ADAPTER_REGISTER, 0, &k);

	if (rc < 0)
		return kvm_failed(err, rc, &flic->fd,
		                  rc != -EINVAL            ? NULL
		                  : a->id >= S390_ADAPTERS ? "KVM has adapters 0 to 63"
		                                           : "it is registered already",
		                  "ADAPTER_REGISTER(adapter %u, ISC %u)", a->id, a->isc);
	flic->adapters[a->id] = *a;
	flic->adapters[a->id].masked = false;
	flic->registered[a->id] = true;
	return 0;
}

int adapter_mask(struct irqchip *flic, uint32_t id, bool mask, struct error *err)
{
	struct kvm_s390_io_adapter_req k = { .id = id, .type = KVM_S390_IO_ADAPTER_MASK, .mask = mask };
	long rc = flic_set(flic, "ADAPTER_MODIFY", KVM_DEV_FLIC_ADAPTER_MODIFY, 0, &k);

	if (rc < 0)
		return kvm_failed(err, rc, &flic->fd,
		                  rc != -EINVAL                                  ? NULL
		                  : id >= S390_ADAPTERS || !flic->registered[id] ? "there is no such adapter"
		                                                                 : "it is not maskable",
		                  "ADAPTER_MODIFY(adapter %u, mask %u)", id, mask);
	flic->adapters[id].masked = mask;
	return 0;
}

int adapter_map(struct irqchip *flic, uint32_t id, uint64_t address, bool map, struct error *err)
{
	struct kvm_s390_io_adapter_req k = {
		.id = id,
		.type = map ? KVM_S390_IO_ADAPTER_MAP : KVM_S390_IO_ADAPTER_UNMAP,
		.addr = address,
	};
	long rc = flic_set(flic, "ADAPTER_MODIFY", KVM_DEV_FLIC_ADAPTER_MODIFY, 0, &k);

	return rc < 0 ? kvm_failed(err, rc, &flic->fd, rc == -EINVAL ? "there is no such adapter" : NULL,
	                           "ADAPTER_MODIFY(adapter %u, %s 0x%llx)", id, map ? "map" : "unmap",
	                           (unsigned long long)address)
	              : 0;
}

size_t adapters_get(const struct irqchip *flic, struct s390_adapter adapters[S390_ADAPTERS])
{
	size_t count = 0;

	for (size_t i = 0; i < S390_ADAPTERS; i++)
		if (flic->registered[i])
			adapters[count++] = flic->adapters[i];
	return count;
}

static bool same_adapter(const struct s390_adapter *a, const struct s390_adapter *b)
{
	return a->id == b->id && a->isc == b->isc && a->maskable == b->maskable && a->swap == b->swap &&
	       a->flags == b->flags;
}

int adapters_check(const struct irqchip *flic, const struct s390_adapter *adapters, size_t count,
                   struct error *err)
{
	for (size_t id = 0; id < S390_ADAPTERS; id++) {
		size_t i = 0;

		if (!flic->registered[id])
			continue;
		while (i < count && !same_adapter(&adapters[i], &flic->adapters[id]))
			i++;
		if (i == count)
			return error_set(
				err, -EBUSY,
				"the VM's adapter %zu is not in the snapshot, and KVM cannot forget it; "
				"restore into a new VM",
				id);
	}
	return 0;
}

int adapters_set(struct irqchip *flic, const struct s390_adapter *adapters, size_t count, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < count && !rc; i++) {
		const struct s390_adapter *a = &adapters[i];

		if (!flic->registered[a->id])
			rc = adapter_register(flic, a, err);
		if (!rc && a->masked != flic->adapters[a->id].masked)
			rc = adapter_mask(flic, a->id, a->masked, err);
	}
	return rc;
}

int adapter_inject(struct irqchip *flic, uint32_t id, uint32_t word, struct error *err)
{
	long rc;

	if (id < S390_ADAPTERS && flic->registered[id] && s390_adapter_word(flic->adapters[id].isc) != word)
		return error_set(err, -EINVAL, "airq: adapter %u has ISC %u", id, flic->adapters[id].isc);
	rc = flic_set(flic, "AIRQ_INJECT", KVM_DEV_FLIC_AIRQ_INJECT, id, NULL);
	return rc < 0 ? kvm_failed(err, rc, &flic->fd, rc == -EINVAL ? "there is no such adapter" : NULL,
	                           "AIRQ_INJECT(adapter %u)", id)
	              : 0;
}

/* --- adapter-interruption suppression ----------------------------------- */

static int ais_failed(struct irqchip *flic, long rc, const char *call, struct error *err)
{
	return kvm_failed(err, rc, &flic->fd,
	                  rc == -EOPNOTSUPP
	                          ? "this host's KVM does not offer adapter-interruption suppression"
	                  : rc == -EINVAL ? "ISCs are 0 to 7; modes are 0 (ALL) and 1 (SINGLE)"
	                                  : NULL,
	                  "%s", call);
}

int ais_enable(struct irqchip *flic, struct error *err)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_S390_AIS };
	const struct vm *vm = flic->vm;
	long rc = kvm_extension(vm->kvm, KVM_CAP_S390_AIS, err);

	if (rc > 0)
		rc = kvm_extension(vm->kvm, KVM_CAP_S390_AIS_MIGRATION, err);
	if (rc < 0)
		return (int)rc;
	if (!rc || !flic->has[KVM_DEV_FLIC_AISM] || !flic->has[KVM_DEV_FLIC_AISM_ALL])
		return 0;
	rc = kvm_call(&vm->fd, KVM_ENABLE_CAP, &cap);
	if (rc < 0)
		return kvm_failed(err, rc, &vm->fd, NULL, "KVM_ENABLE_CAP(S390_AIS)");
	flic->ais = true;
	return 0;
}

int ais_set_mode(struct irqchip *flic, uint8_t isc, uint16_t mode, struct error *err)
{
	struct kvm_s390_ais_req req = { .isc = isc, .mode = mode };
	long rc = flic_set(flic, "AISM", KVM_DEV_FLIC_AISM, 0, &req);

	return rc < 0 ? ais_failed(flic, rc, "AISM", err) : 0;
}

int ais_get(struct irqchip *flic, struct s390_ais *ais, struct error *err)
{
	struct kvm_s390_ais_all all = { 0 };
	long rc;

	*ais = (struct s390_ais){ .offered = flic->ais };
	if (!flic->ais)
		return 0;
	rc = kvm_attr_get(&flic->fd, "AISM_ALL", KVM_DEV_FLIC_AISM_ALL, sizeof(all), &all);
	ais->simm = all.simm;
	ais->nimm = all.nimm;
	return rc < 0 ? ais_failed(flic, rc, "AISM_ALL", err) : 0;
}

int ais_set(struct irqchip *flic, const struct s390_ais *ais, struct error *err)
{
	struct kvm_s390_ais_all all = { .simm = ais->simm, .nimm = ais->nimm };
	long rc;

	if (!flic->ais && !ais->simm && !ais->nimm)
		return 0;
	rc = flic_set(flic, "AISM_ALL", KVM_DEV_FLIC_AISM_ALL, sizeof(all), &all);
	return rc < 0 ? ais_failed(flic, rc, "AISM_ALL", err) : 0;
}
