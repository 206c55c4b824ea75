/* SPDX-License-Identifier: BSD-2-Clause */
/* flic.c: see flic.h. Read next: state.c. */
#include "flic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "irq.h"
#include "vmm/arch.h"

/* codec.h must not include a KVM header, so its numbers are compared here. */
_Static_assert(S390_IO_MAX == KVM_S390_INT_IO_MAX && S390_STOP == KVM_S390_SIGP_STOP &&
                       S390_PROGRAM == KVM_S390_PROGRAM_INT && S390_SET_PREFIX == KVM_S390_SIGP_SET_PREFIX &&
                       S390_RESTART == KVM_S390_RESTART && S390_PFAULT_INIT == KVM_S390_INT_PFAULT_INIT &&
                       S390_PFAULT_DONE == KVM_S390_INT_PFAULT_DONE && S390_MCHK == KVM_S390_MCHK &&
                       S390_EMERGENCY == KVM_S390_INT_EMERGENCY &&
                       S390_EXTERNAL_CALL == KVM_S390_INT_EXTERNAL_CALL &&
                       S390_CLOCK_COMP == KVM_S390_INT_CLOCK_COMP &&
                       S390_CPU_TIMER == KVM_S390_INT_CPU_TIMER && S390_SERVICE == KVM_S390_INT_SERVICE &&
                       S390_VIRTIO == KVM_S390_INT_VIRTIO && S390_ADAPTER == KVM_S390_INT_IO(1, 0, 0, 0),
               "interrupt types are KVM's");
_Static_assert(sizeof(struct kvm_s390_irq) == 72, "the interface's entry size");

struct irqchip {
	struct kvm_fd fd;
	bool ais; /* adapter-interruption suppression is offered, and on */
	struct s390_adapter adapters[S390_ADAPTERS];
	bool registered[S390_ADAPTERS];
};

/* --- KVM's struct and ours -------------------------------------------- */

static struct kvm_s390_irq to_kvm(const struct s390_irq *irq)
{
	struct kvm_s390_irq k = { .type = irq->type };

	if (irq->type <= S390_IO_MAX) {
		k.u.io.subchannel_id = irq->io.subchannel_id;
		k.u.io.subchannel_nr = irq->io.subchannel_nr;
		k.u.io.io_int_parm = irq->io.parm;
		k.u.io.io_int_word = irq->io.word;
		return k;
	}
	switch (irq->type) {
	case S390_PROGRAM:
		k.u.pgm.trans_exc_code = irq->pgm.trans_exc_code;
		k.u.pgm.mon_code = irq->pgm.mon_code;
		k.u.pgm.per_address = irq->pgm.per_address;
		k.u.pgm.data_exc_code = irq->pgm.data_exc_code;
		k.u.pgm.code = irq->pgm.code;
		k.u.pgm.mon_class_nr = irq->pgm.mon_class_nr;
		k.u.pgm.per_code = irq->pgm.per_code;
		k.u.pgm.per_atmid = irq->pgm.per_atmid;
		k.u.pgm.exc_access_id = irq->pgm.exc_access_id;
		k.u.pgm.per_access_id = irq->pgm.per_access_id;
		k.u.pgm.op_access_id = irq->pgm.op_access_id;
		k.u.pgm.flags = irq->pgm.flags;
		break;
	case S390_MCHK:
		k.u.mchk.cr14 = irq->mchk.cr14;
		k.u.mchk.mcic = irq->mchk.mcic;
		k.u.mchk.failing_storage_address = irq->mchk.failing_storage_address;
		k.u.mchk.ext_damage_code = irq->mchk.ext_damage_code;
		memcpy(k.u.mchk.fixed_logout, irq->mchk.fixed_logout, sizeof(k.u.mchk.fixed_logout));
		break;
	case S390_SET_PREFIX: k.u.prefix.address = irq->prefix; break;
	case S390_STOP: k.u.stop.flags = irq->stop_flags; break;
	case S390_EMERGENCY: k.u.emerg.code = irq->source; break;
	case S390_EXTERNAL_CALL: k.u.extcall.code = irq->source; break;
	default: k.u.ext.ext_params = irq->ext.parm; k.u.ext.ext_params2 = irq->ext.parm64;
	}
	return k;
}

static struct s390_irq from_kvm(const struct kvm_s390_irq *k)
{
	struct s390_irq irq = { .type = (uint32_t)k->type };

	if (irq.type <= S390_IO_MAX) {
		irq.io.subchannel_id = k->u.io.subchannel_id;
		irq.io.subchannel_nr = k->u.io.subchannel_nr;
		irq.io.parm = k->u.io.io_int_parm;
		irq.io.word = k->u.io.io_int_word;
		return irq;
	}
	switch (irq.type) {
	case S390_PROGRAM:
		irq.pgm.trans_exc_code = k->u.pgm.trans_exc_code;
		irq.pgm.mon_code = k->u.pgm.mon_code;
		irq.pgm.per_address = k->u.pgm.per_address;
		irq.pgm.data_exc_code = k->u.pgm.data_exc_code;
		irq.pgm.code = k->u.pgm.code;
		irq.pgm.mon_class_nr = k->u.pgm.mon_class_nr;
		irq.pgm.per_code = k->u.pgm.per_code;
		irq.pgm.per_atmid = k->u.pgm.per_atmid;
		irq.pgm.exc_access_id = k->u.pgm.exc_access_id;
		irq.pgm.per_access_id = k->u.pgm.per_access_id;
		irq.pgm.op_access_id = k->u.pgm.op_access_id;
		irq.pgm.flags = k->u.pgm.flags;
		break;
	case S390_MCHK:
		irq.mchk.cr14 = k->u.mchk.cr14;
		irq.mchk.mcic = k->u.mchk.mcic;
		irq.mchk.failing_storage_address = k->u.mchk.failing_storage_address;
		irq.mchk.ext_damage_code = k->u.mchk.ext_damage_code;
		memcpy(irq.mchk.fixed_logout, k->u.mchk.fixed_logout, sizeof(irq.mchk.fixed_logout));
		break;
	case S390_SET_PREFIX: irq.prefix = k->u.prefix.address; break;
	case S390_STOP: irq.stop_flags = k->u.stop.flags; break;
	case S390_EMERGENCY: irq.source = k->u.emerg.code; break;
	case S390_EXTERNAL_CALL: irq.source = k->u.extcall.code; break;
	default: irq.ext.parm = k->u.ext.ext_params; irq.ext.parm64 = k->u.ext.ext_params2;
	}
	return irq;
}

static struct kvm_s390_irq *array_to_kvm(const struct s390_irq *irqs, size_t count, struct error *err)
{
	struct kvm_s390_irq *k = calloc(count, sizeof(*k));

	if (!k)
		error_set(err, -ENOMEM, "out of memory for %zu interrupts", count);
	for (size_t i = 0; k && i < count; i++)
		k[i] = to_kvm(&irqs[i]);
	return k;
}

static int array_from_kvm(const struct kvm_s390_irq *k, size_t count, struct s390_irq **irqs,
                          struct error *err)
{
	*irqs = count ? calloc(count, sizeof(**irqs)) : NULL;
	if (count && !*irqs)
		return error_set(err, -ENOMEM, "out of memory for %zu interrupts", count);
	for (size_t i = 0; i < count; i++)
		(*irqs)[i] = from_kvm(&k[i]);
	return 0;
}

/* --- floating --------------------------------------------------------- */

/* Suppression is software's: KVM offers it on any machine, but only before there are vCPUs. */
static int enable_ais(struct vm *vm, struct irqchip *flic, struct error *err)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_S390_AIS };
	long rc;

	if (!kvm_extension(vm->kvm, KVM_CAP_S390_AIS) || !kvm_extension(vm->kvm, KVM_CAP_S390_AIS_MIGRATION))
		return 0;
	rc = kvm_call(&vm->fd, KVM_ENABLE_CAP, &cap);
	if (rc < 0)
		return kvm_failed(err, rc, &vm->fd, NULL, "KVM_ENABLE_CAP(S390_AIS)");
	flic->ais = true;
	return 0;
}

struct irqchip *flic_create(struct vm *vm, struct error *err)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_FLIC };
	struct irqchip *flic = calloc(1, sizeof(*flic));
	long rc;

	if (!flic) {
		error_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	rc = kvm_call(&vm->fd, KVM_CREATE_DEVICE, &device);
	if (rc < 0) {
		kvm_failed(err, rc, &vm->fd, NULL, "KVM_CREATE_DEVICE(FLIC)");
		free(flic);
		return NULL;
	}
	kvm_fd_set(&flic->fd, (int)device.fd, vm->trace, "flic");
	if (enable_ais(vm, flic, err)) {
		flic_destroy(flic);
		return NULL;
	}
	return flic;
}

void flic_destroy(struct irqchip *flic)
{
	if (flic)
		kvm_close(&flic->fd);
	free(flic);
}

int flic_enqueue(struct irqchip *flic, const struct s390_irq *irqs, size_t count, struct error *err)
{
	struct kvm_s390_irq *k = array_to_kvm(irqs, count, err);
	char text[96];
	long rc;

	if (!k)
		return -ENOMEM;
	rc = kvm_attr_set(&flic->fd, "ENQUEUE", KVM_DEV_FLIC_ENQUEUE, count * sizeof(*k), k);
	free(k);
	if (rc >= 0)
		return 0;
	s390_irq_text(&irqs[0], text, sizeof(text));
	return kvm_failed(err, rc, &flic->fd,
	                  rc == -EBUSY ? "as many are pending as KVM holds; let the guest take some" : NULL,
	                  "ENQUEUE(%zu interrupts: %s%s)", count, text, count > 1 ? ", ..." : "");
}

static bool any_adapter(const struct irqchip *flic)
{
	for (size_t i = 0; i < S390_ADAPTERS; i++)
		if (flic->registered[i])
			return true;
	return false;
}

/*
 * A GISA holds the adapters' interrupts where there is one, before all else
 * in what GET_ALL_IRQS gives, and the call takes them from it, whatever the
 * document says. A second call has that many fewer: those are given back. (No
 * GISA in the emulated host: there it finds nothing missing.)
 */
static int give_back(struct irqchip *flic, struct kvm_s390_irq *all, size_t count, struct error *err)
{
	struct kvm_s390_irq *again;
	long rc;

	if (!count || all[0].type != S390_ADAPTER)
		return 0;
	again = malloc(KVM_S390_FLIC_MAX_BUFFER);
	if (!again)
		return error_set(err, -ENOMEM, "out of memory for the pending interrupts");
	rc = kvm_attr_get(&flic->fd, "GET_ALL_IRQS", KVM_DEV_FLIC_GET_ALL_IRQS, KVM_S390_FLIC_MAX_BUFFER,
	                  again);
	free(again);
	if (rc >= 0 && (size_t)rc < count)
		rc = kvm_attr_set(&flic->fd, "ENQUEUE", KVM_DEV_FLIC_ENQUEUE,
		                  (count - (size_t)rc) * sizeof(*all), all);
	return rc < 0 ? kvm_failed(err, rc, &flic->fd, NULL, "GET_ALL_IRQS, what it took from the GISA") : 0;
}

int flic_get_all(struct irqchip *flic, struct s390_irq **irqs, size_t *count, struct error *err)
{
	/*
	 * A call that fails for want of room may lose interrupts of adapters
	 * (they are taken from a GISA before the test), so with an adapter
	 * only the largest buffer will do. Without one: start small.
	 */
	bool adapters = any_adapter(flic);
	size_t room = adapters ? KVM_S390_FLIC_MAX_BUFFER : 4096;
	long rc;

	for (;;) {
		struct kvm_s390_irq *k = malloc(room);

		if (!k)
			return error_set(err, -ENOMEM, "out of memory for the pending interrupts");
		rc = kvm_attr_get(&flic->fd, "GET_ALL_IRQS", KVM_DEV_FLIC_GET_ALL_IRQS, room, k);
		if (rc >= 0) {
			*count = (size_t)rc;
			rc = adapters ? give_back(flic, k, *count, err) : 0;
			if (!rc)
				rc = array_from_kvm(k, *count, irqs, err);
			free(k);
			return (int)rc;
		}
		free(k);
		if (rc != -ENOMEM || room == KVM_S390_FLIC_MAX_BUFFER)
			break;
		room = room * 8 > KVM_S390_FLIC_MAX_BUFFER ? KVM_S390_FLIC_MAX_BUFFER : room * 8;
	}
	return kvm_failed(err, rc, &flic->fd, rc == -ENOBUFS ? "the host's kernel is out of memory" : NULL,
	                  "GET_ALL_IRQS(%zu bytes)", room);
}

static int set_attr(struct irqchip *flic, const char *name, uint32_t group, struct error *err)
{
	long rc = kvm_attr_set(&flic->fd, name, group, 0, NULL);

	return rc < 0 ? kvm_failed(err, rc, &flic->fd, NULL, "%s", name) : 0;
}

static int clear(struct irqchip *flic, struct error *err)
{
	return set_attr(flic, "CLEAR_IRQS", KVM_DEV_FLIC_CLEAR_IRQS, err);
}

int flic_clear_io(struct irqchip *flic, uint32_t id, struct error *err)
{
	long rc = kvm_attr_set(&flic->fd, "CLEAR_IO_IRQ", KVM_DEV_FLIC_CLEAR_IO_IRQ, sizeof(id), &id);

	return rc < 0 ? kvm_failed(err, rc, &flic->fd, NULL, "CLEAR_IO_IRQ(subchannel %08x)", id) : 0;
}

/* --- adapters --------------------------------------------------------- */

static int adapter_register(struct irqchip *flic, const struct s390_adapter *a, struct error *err)
{
	struct kvm_s390_io_adapter k = {
		.id = a->id, .isc = a->isc, .maskable = a->maskable, .swap = a->swap, .flags = a->flags
	};
	long rc = kvm_attr_set(&flic->fd, "ADAPTER_REGISTER", KVM_DEV_FLIC_ADAPTER_REGISTER, 0, &k);

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

static int adapter_mask(struct irqchip *flic, uint32_t id, bool mask, struct error *err)
{
	struct kvm_s390_io_adapter_req k = { .id = id, .type = KVM_S390_IO_ADAPTER_MASK, .mask = mask };
	long rc = kvm_attr_set(&flic->fd, "ADAPTER_MODIFY", KVM_DEV_FLIC_ADAPTER_MODIFY, 0, &k);

	if (rc < 0)
		return kvm_failed(err, rc, &flic->fd,
		                  rc != -EINVAL                                  ? NULL
		                  : id >= S390_ADAPTERS || !flic->registered[id] ? "there is no such adapter"
		                                                                 : "it is not maskable",
		                  "ADAPTER_MODIFY(adapter %u, mask %u)", id, mask);
	flic->adapters[id].masked = mask;
	return 0;
}

size_t flic_adapters(const struct irqchip *flic, struct s390_adapter adapters[S390_ADAPTERS])
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

int flic_check_adapters(const struct irqchip *flic, const struct s390_adapter *adapters, size_t count,
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

int flic_set_adapters(struct irqchip *flic, const struct s390_adapter *adapters, size_t count,
                      struct error *err)
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

static int airq_inject(struct irqchip *flic, const struct irq *irq, struct error *err)
{
	uint32_t id = irq->number;
	long rc;

	/* KVM takes the ISC from the adapter; that of the scenario says what the guest is to see. */
	if (id < S390_ADAPTERS && flic->registered[id] && adapter_word(flic->adapters[id].isc) != irq->parm2)
		return error_set(err, -EINVAL, "airq: adapter %u has ISC %u", id, flic->adapters[id].isc);
	rc = kvm_attr_set(&flic->fd, "AIRQ_INJECT", KVM_DEV_FLIC_AIRQ_INJECT, id, NULL);
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

static int ais_mode(struct irqchip *flic, uint8_t isc, uint16_t mode, struct error *err)
{
	struct kvm_s390_ais_req req = { .isc = isc, .mode = mode };
	long rc = kvm_attr_set(&flic->fd, "AISM", KVM_DEV_FLIC_AISM, 0, &req);

	return rc < 0 ? ais_failed(flic, rc, "AISM", err) : 0;
}

static int ais_set_all(struct irqchip *flic, uint8_t simm, uint8_t nimm, struct error *err)
{
	struct kvm_s390_ais_all all = { .simm = simm, .nimm = nimm };
	long rc = kvm_attr_set(&flic->fd, "AISM_ALL", KVM_DEV_FLIC_AISM_ALL, sizeof(all), &all);

	return rc < 0 ? ais_failed(flic, rc, "AISM_ALL", err) : 0;
}

int flic_get_ais(struct irqchip *flic, struct s390_ais *ais, struct error *err)
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

int flic_set_ais(struct irqchip *flic, const struct s390_ais *ais, struct error *err)
{
	if (!flic->ais && !ais->simm && !ais->nimm)
		return 0;
	return ais_set_all(flic, ais->simm, ais->nimm, err);
}

int flic_reset(struct irqchip *flic, struct error *err)
{
	static const struct s390_ais none;
	int rc = clear(flic, err);

	for (uint32_t id = 0; id < S390_ADAPTERS && !rc; id++)
		if (flic->adapters[id].masked)
			rc = adapter_mask(flic, id, false, err);
	return rc ? rc : flic_set_ais(flic, &none, err);
}

/* --- local ------------------------------------------------------------ */

/* What EINVAL and EBUSY mean for each type (api.rst, KVM_S390_IRQ). */
static const char *local_remedy(uint32_t type, long rc)
{
	if (rc == -EBUSY)
		return type == S390_SET_PREFIX      ? "the vCPU must be stopped"
		       : type == S390_STOP          ? "a stop is pending already"
		       : type == S390_EXTERNAL_CALL ? "an external call is pending already"
		                                    : NULL;
	if (rc == -EINVAL && type == S390_STOP)
		return "the one flag is 1, store status";
	if (rc == -EINVAL && (type == S390_EXTERNAL_CALL || type == S390_EMERGENCY))
		return "the sender must be a vCPU of this VM";
	return NULL;
}

int local_inject(struct vcpu *vcpu, const struct s390_irq *irq, struct error *err)
{
	struct kvm_s390_irq k = to_kvm(irq);
	long rc = kvm_call(&vcpu->fd, KVM_S390_IRQ, &k);
	char text[96];

	if (rc >= 0)
		return 0;
	s390_irq_text(irq, text, sizeof(text));
	return kvm_failed(err, rc, &vcpu->fd, local_remedy(irq->type, rc), "KVM_S390_IRQ(%s)", text);
}

int local_get_all(struct vcpu *vcpu, struct s390_irq **irqs, size_t *count, struct error *err)
{
	size_t room = 4;
	long rc;

	for (;;) {
		struct kvm_s390_irq *k = calloc(room, sizeof(*k));
		struct kvm_s390_irq_state get = { .buf = (uintptr_t)k, .len = (uint32_t)(room * sizeof(*k)) };

		if (!k)
			return error_set(err, -ENOMEM, "out of memory for the pending interrupts");
		rc = kvm_call(&vcpu->fd, KVM_S390_GET_IRQ_STATE, &get);
		if (rc >= 0) {
			*count = (size_t)rc / sizeof(*k);
			rc = array_from_kvm(k, *count, irqs, err);
			free(k);
			return (int)rc;
		}
		free(k);
		if (rc != -ENOBUFS || room >= S390_LOCAL_MAX)
			break;
		room *= 4;
	}
	return kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_S390_GET_IRQ_STATE(%zu entries)", room);
}

int local_set_all(struct vcpu *vcpu, const struct s390_irq *irqs, size_t count, struct error *err)
{
	struct kvm_s390_irq_state set = { .len = (uint32_t)(count * sizeof(struct kvm_s390_irq)) };
	struct kvm_s390_irq *k;
	long rc;

	if (!count) /* a length of 0 is EINVAL */
		return 0;
	k = array_to_kvm(irqs, count, err);
	if (!k)
		return -ENOMEM;
	set.buf = (uintptr_t)k;
	rc = kvm_call(&vcpu->fd, KVM_S390_SET_IRQ_STATE, &set);
	free(k);
	if (rc < 0)
		return kvm_failed(err, rc, &vcpu->fd,
		                  rc == -EBUSY ? "interrupts are pending already; reset the vCPU" : NULL,
		                  "KVM_S390_SET_IRQ_STATE(%zu entries)", count);
	return 0;
}

/* --- from a scenario -------------------------------------------------- */

int arch_inject(struct vm *vm, const struct irq *irq, struct error *err)
{
	struct s390_irq s = irq_to_s390(irq);

	if (irq->code == KIND_TIMER)
		return error_set(err, -EINVAL, "%s cannot be injected", irq->kind);
	if (irq->code == KIND_AIRQ)
		return airq_inject(vm->irqchip, irq, err);
	if (irq->cpu == IRQ_ANY_CPU)
		return flic_enqueue(vm->irqchip, &s, 1, err);
	if (irq->cpu >= vm->vcpu_count)
		return error_set(err, -EINVAL, "there is no vCPU %u", irq->cpu);
	return local_inject(&vm->vcpus[irq->cpu], &s, err);
}

int arch_irqchip(struct vm *vm, const struct irqchip_op *op, struct error *err)
{
	const struct s390_adapter adapter = {
		.id = (uint32_t)op->arg[0],
		.isc = (uint8_t)op->arg[1],
		.maskable = !!(op->arg[2] & ADAPTER_MASKABLE),
		.swap = !!(op->arg[2] & ADAPTER_SWAP),
		.flags = (uint8_t)op->arg[3],
	};

	switch ((enum s390_op)op->code) {
	case OP_CLEAR: return clear(vm->irqchip, err);
	case OP_CLEAR_IO: return flic_clear_io(vm->irqchip, (uint32_t)op->arg[0], err);
	case OP_DEVICE_ON:
	case OP_DEVICE_OFF: return channel_vary(vm, (uint32_t)op->arg[0], op->code == OP_DEVICE_ON, err);
	case OP_APF_ENABLE: return set_attr(vm->irqchip, "APF_ENABLE", KVM_DEV_FLIC_APF_ENABLE, err);
	case OP_APF_DISABLE:
		return set_attr(vm->irqchip, "APF_DISABLE_WAIT", KVM_DEV_FLIC_APF_DISABLE_WAIT, err);
	case OP_ADAPTER_REGISTER: return adapter_register(vm->irqchip, &adapter, err);
	case OP_ADAPTER_MASK: return adapter_mask(vm->irqchip, (uint32_t)op->arg[0], op->arg[1], err);
	case OP_AIS: return ais_mode(vm->irqchip, (uint8_t)op->arg[0], (uint16_t)op->arg[1], err);
	case OP_AIS_ALL: return ais_set_all(vm->irqchip, (uint8_t)op->arg[0], (uint8_t)op->arg[1], err);
	}
	return error_set(err, -EINVAL, "%s: no such operation", op->name);
}
