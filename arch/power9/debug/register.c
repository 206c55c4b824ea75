/* SPDX-License-Identifier: BSD-2-Clause */
/* register.c: arch_pc() and arch_register(). See vmm/debug/arch_debug.h. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "guest_run.h"
#include "arch/power9/registers.h"
#include "vmm/debug/arch_debug.h"
#include "vmm/vm_clock.h"

int arch_pc(struct vcpu *vcpu, uint64_t *pc, struct error *err)
{
	struct kvm_regs regs;
	int rc = guest_get_regs(vcpu, &regs, err);

	if (!rc)
		*pc = regs.pc;
	return rc;
}

/* The registers of struct kvm_regs by name; those of which there are many have a number behind it. */
#define REGS_AT(field) offsetof(struct kvm_regs, field)
static const struct {
	const char *name;
	size_t at;
	unsigned count; /* 0: no number */
} named[] = {
	{ "pc", REGS_AT(pc), 0 },     { "msr", REGS_AT(msr), 0 },    { "cr", REGS_AT(cr), 0 },
	{ "lr", REGS_AT(lr), 0 },     { "ctr", REGS_AT(ctr), 0 },    { "xer", REGS_AT(xer), 0 },
	{ "srr0", REGS_AT(srr0), 0 }, { "srr1", REGS_AT(srr1), 0 },  { "pid", REGS_AT(pid), 0 },
	{ "r", REGS_AT(gpr), 32 },    { "sprg", REGS_AT(sprg0), 8 },
};

/* The number behind a name of that length, or -1. */
static int number_behind(const char *name, size_t len, unsigned count)
{
	unsigned n = 0;

	if (!name[len] || (name[len] == '0' && name[len + 1]))
		return -1;
	for (const char *c = name + len; *c; c++) {
		if (*c < '0' || *c > '9' || n >= count)
			return -1;
		n = 10 * n + (unsigned)(*c - '0');
	}
	return n < count ? (int)n : -1;
}

/* In struct kvm_regs; -1: there is no such register. */
static long place_of(const char *name)
{
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		size_t len = strlen(named[i].name);
		int number;

		if (strncmp(named[i].name, name, len))
			continue;
		if (!named[i].count && !name[len])
			return (long)named[i].at;
		number = named[i].count ? number_behind(name, len, named[i].count) : -1;
		if (number >= 0)
			return (long)(named[i].at + 8 * (size_t)number);
	}
	return -1;
}

/* One of KVM_GET_ONE_REG; the id's size must be one that fits. */
static uint64_t id_of(const char *name)
{
	for (size_t i = 0; i < p9_reg_count(); i++) {
		struct p9_reg_name reg = p9_reg_nth(i);

		if (reg.number < 0 && p9_reg_size(reg.id) <= 8 && !strcasecmp(reg.name, name))
			return reg.id;
	}
	if (!strcmp(name, "lpcr"))
		return KVM_REG_PPC_LPCR_64;
	return 0;
}

/* One of KVM_GET_ONE_REG. */
static int get_one(struct vcpu *vcpu, const char *name, uint64_t id, uint64_t *value, struct error *err)
{
	uint32_t narrow = 0;
	long rc = p9_reg_size(id) == 4 ? kvm_reg_get(&vcpu->fd, id, &narrow)
	                               : kvm_reg_get(&vcpu->fd, id, value);

	if (rc < 0)
		return kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_GET_ONE_REG(%s)", name);
	if (p9_reg_size(id) == 4)
		*value = narrow;
	return 0;
}

/* The guest's time stands still while the VM is paused. */
static int get_clock(struct vcpu *vcpu, bool decrementer, uint64_t *value, struct error *err)
{
	uint64_t expiry = 0;
	int rc = clock_hold(vcpu->vm, err);

	if (!rc && decrementer)
		rc = get_one(vcpu, "DEC_EXPIRY", KVM_REG_PPC_DEC_EXPIRY, &expiry, err);
	*value = decrementer ? expiry - vcpu->vm->clock.at.low : vcpu->vm->clock.at.low;
	return rc;
}

int arch_register(struct vcpu *vcpu, const char *name, uint64_t *value, struct error *err)
{
	uint64_t id = id_of(name);
	long place = place_of(name);
	struct kvm_regs regs;
	int rc;

	if (!strcmp(name, "tb") || !strcmp(name, "dec"))
		return get_clock(vcpu, *name == 'd', value, err);
	if (id)
		return get_one(vcpu, name, id, value, err);
	if (place < 0)
		return error_set(err, -ENOENT, "a POWER9 has no register \"%s\"", name);
	rc = guest_get_regs(vcpu, &regs, err);
	if (!rc)
		memcpy(value, (const uint8_t *)&regs + place, sizeof(*value));
	return rc;
}
