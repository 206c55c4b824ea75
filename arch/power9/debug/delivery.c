/* SPDX-License-Identifier: BSD-2-Clause */
/* delivery.c: interrupts by their vectors. See vmm/debug/arch_debug.h; Power ISA 3.0, Book III, ch. 6.5. */
#include <inttypes.h>
#include <stdio.h>

#include "arch/power9/cpu.h"
#include "step_clock.h"
#include "vmm/debug/arch_debug.h"

static const struct {
	uint16_t vector;
	const char *name;
} vectors[] = {
	{ 0x100, "system reset" },
	{ 0x200, "machine check" },
	{ 0x300, "data storage" },
	{ 0x380, "data segment" },
	{ 0x400, "instruction storage" },
	{ 0x480, "instruction segment" },
	{ 0x500, "external" },
	{ 0x600, "alignment" },
	{ 0x700, "program" },
	{ 0x800, "floating-point unavailable" },
	{ 0x900, "decrementer" },
	{ 0xa00, "directed privileged doorbell" },
	{ 0xc00, "system call" },
	{ 0xd00, "trace" },
	{ 0xf00, "performance monitor" },
	{ 0xf20, "vector unavailable" },
	{ 0xf40, "VSX unavailable" },
	{ 0xf60, "facility unavailable" },
};

void arch_delivery_text(struct vcpu *vcpu, unsigned delivered, char *text, size_t size)
{
	const char *name = NULL;

	(void)vcpu;
	*text = '\0';
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		if (vectors[i].vector == delivered)
			name = vectors[i].name;
	if (name)
		snprintf(text, size, "%s interrupt", name);
	else if (delivered)
		snprintf(text, size, "interrupt 0x%x", delivered);
}

void arch_sleep_text(struct vcpu *vcpu, char *text, size_t size)
{
	uint64_t expiry, left;
	long rc = kvm_reg_get(&vcpu->fd, KVM_REG_PPC_DEC_EXPIRY, &expiry);

	left = expiry - vcpu->vm->clock.at.low;
	if (rc < 0 || (int64_t)left < 0)
		snprintf(text, size, "external, decrementer");
	else
		snprintf(text, size, "external, decrementer; its timer expires in %" PRIu64 " us",
		         left / STEP_TICKS);
}
