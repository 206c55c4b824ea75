/* SPDX-License-Identifier: BSD-2-Clause */
/* local.c: see local.h. */
#include "local.h"

#include <errno.h>
#include <stdlib.h>

#include "cpu.h"

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
	long rc = kvm_call(&vcpu->fd, KVM_S390_IRQ, irq);
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
		struct s390_irq *k = calloc(room, sizeof(*k));
		struct kvm_s390_irq_state get = { .buf = (uintptr_t)k, .len = (uint32_t)(room * sizeof(*k)) };

		if (!k)
			return error_set(err, -ENOMEM, "out of memory for the pending interrupts");
		rc = kvm_call(&vcpu->fd, KVM_S390_GET_IRQ_STATE, &get);
		if (rc >= 0) {
			*count = (size_t)rc / sizeof(*k);
			*irqs = s390_irqs_trim(k, *count);
			return 0;
		}
		free(k);
		if (rc != -ENOBUFS || room >= S390_LOCAL_MAX)
			break;
		room *= 4;
	}
	return kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_S390_GET_IRQ_STATE(%zu entries)", room);
}

/*
 * KVM makes the interrupts pending one by one, and those before a refused one remain
 * pending. Only a reset of the vCPU removes them; its registers are saved before
 * the reset and loaded after it.
 */
static int take_back(struct vcpu *vcpu, struct error *err, int code)
{
	struct s390_cpu cpu = { 0 };
	struct error why;
	int rc = cpu_save(vcpu, &cpu, &why);

	if (!rc)
		rc = cpu_reset(vcpu, CPU_RESET_INITIAL, &why);
	if (!rc)
		rc = cpu_load(vcpu, &cpu, &why);
	return rc ? error_prefix(err, code, "%s; and before that", why.text) : code;
}

/* Checked beforehand, because KVM returns EBUSY for some entries too, and misses an external call in the SCA.
 */
static int check_none(struct vcpu *vcpu, struct error *err)
{
	struct s390_irq *irqs;
	size_t count;
	int rc = local_get_all(vcpu, &irqs, &count, err);

	if (rc)
		return rc;
	free(irqs);
	return count ? error_set(err, -EBUSY, "%s: %zu interrupts are pending already; reset the vCPU",
	                         vcpu->fd.name, count)
	             : 0;
}

int local_set_all(struct vcpu *vcpu, const struct s390_irq *irqs, size_t count, struct error *err)
{
	struct kvm_s390_irq_state set = { .buf = (uintptr_t)irqs, .len = (uint32_t)(count * sizeof(*irqs)) };
	long rc;

	if (!count) /* KVM refuses a length of 0 with EINVAL */
		return 0;
	rc = check_none(vcpu, err);
	if (rc)
		return (int)rc;
	rc = kvm_call(&vcpu->fd, KVM_S390_SET_IRQ_STATE, &set);
	if (rc >= 0)
		return 0;
	kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_S390_SET_IRQ_STATE(%zu entries)", count);
	return take_back(vcpu, err, (int)rc);
}
