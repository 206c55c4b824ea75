/* SPDX-License-Identifier: BSD-2-Clause */
/* check.c: what KVM does not say or check, reckoned by us. Pure. See codec.h. */
#include "codec.h"

#define PAGE 4096

bool s390_irq_queues(const struct s390_irq *irq)
{
	return irq->type <= S390_IO_MAX || irq->type == S390_VIRTIO || irq->type == S390_PFAULT_DONE;
}

/* Those that are no floating interrupt KVM refuses as soon as it comes to them. */
static bool floats(const struct s390_irq *irq)
{
	return s390_irq_queues(irq) || irq->type == S390_SERVICE || irq->type == S390_MCHK;
}

size_t s390_irqs_taken(const struct s390_irq *irqs, size_t count, size_t queued)
{
	size_t i;

	for (i = 0; i < count && floats(&irqs[i]); i++)
		if (s390_irq_queues(&irqs[i]) && !queued--)
			break;
	return i;
}

/* Whether a bit counted from an address lies in the address's page (KVM reaches that page, and adds the bit).
 */
static bool in_page(uint64_t address, uint64_t bit)
{
	return bit < 8 * (PAGE - address % PAGE);
}

const char *s390_route_wrong(const struct s390_route *route, uint64_t memory)
{
	if (route->gsi >= S390_GSIS)
		return "GSIs are 0 to 4095";
	if (route->indicator >= memory || route->summary >= memory)
		return "the address is outside memory";
	if (!in_page(route->indicator, route->indicator_bit))
		return "the indicator bit is outside the page of its address";
	if (!in_page(route->summary, route->summary_bit))
		return "the summary bit is outside the page of its address";
	return NULL;
}
