/* SPDX-License-Identifier: BSD-2-Clause */
/* interrupt.c: see interrupt.h: what KVM does not say or check of an interrupt. Pure. */
#include "interrupt.h"

#include <stdio.h>

#define PAGE 4096

bool s390_irq_queues(const struct s390_irq *irq)
{
	return irq->type <= S390_IO_MAX || irq->type == S390_VIRTIO || irq->type == S390_PFAULT_DONE;
}

struct s390_irq s390_irq_io(uint32_t id, uint32_t parm, unsigned isc)
{
	struct s390_irq irq = { .type = (id >> 17 & 3) << 16 | (id & 0xffff) };

	irq.io.subchannel_id = (uint16_t)(id >> 16);
	irq.io.subchannel_nr = (uint16_t)id;
	irq.io.parm = parm;
	irq.io.word = isc << 27;
	return irq;
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

void s390_irq_text(const struct s390_irq *irq, char *text, size_t size)
{
	if (irq->type == S390_ADAPTER) {
		snprintf(text, size, "I/O of an adapter ISC %u", s390_isc(irq->io.word));
		return;
	}
	if (irq->type <= S390_IO_MAX) {
		snprintf(text, size, "I/O subchannel %04x%04x ISC %u parameter %08x", irq->io.subchannel_id,
		         irq->io.subchannel_nr, s390_isc(irq->io.word), irq->io.parm);
		return;
	}
	switch (irq->type) {
	case S390_STOP: snprintf(text, size, "stop, flags %x", irq->stop_flags); break;
	case S390_PROGRAM:
		snprintf(text, size,
		         "program interruption %04x, translation exception %llx, data exception %x",
		         irq->pgm.code, (unsigned long long)irq->pgm.trans_exc_code, irq->pgm.data_exc_code);
		break;
	case S390_SET_PREFIX: snprintf(text, size, "set prefix %08x", irq->prefix); break;
	case S390_RESTART: snprintf(text, size, "restart"); break;
	case S390_PFAULT_INIT:
		snprintf(text, size, "page fault started, token %016llx",
		         (unsigned long long)irq->ext.parm64);
		break;
	case S390_PFAULT_DONE:
		snprintf(text, size, "page fault completed, token %016llx",
		         (unsigned long long)irq->ext.parm64);
		break;
	case S390_MCHK:
		snprintf(text, size, "machine check %016llx", (unsigned long long)irq->mchk.mcic);
		break;
	case S390_EMERGENCY: snprintf(text, size, "emergency signal from CPU %u", irq->source); break;
	case S390_EXTERNAL_CALL: snprintf(text, size, "external call from CPU %u", irq->source); break;
	case S390_CLOCK_COMP: snprintf(text, size, "clock comparator"); break;
	case S390_CPU_TIMER: snprintf(text, size, "CPU timer"); break;
	case S390_SERVICE: snprintf(text, size, "service signal, parameter %08x", irq->ext.parm); break;
	case S390_VIRTIO:
		snprintf(text, size, "virtio, parameter %016llx", (unsigned long long)irq->ext.parm64);
		break;
	default: snprintf(text, size, "type %08x", irq->type);
	}
}
