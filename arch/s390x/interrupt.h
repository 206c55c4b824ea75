/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * interrupt.h: an interrupt in our own struct, and its origins: adapters, routes, notifications. Pure: no KVM
 * header; kvmirq.c checks that the numbers are KVM's.
 */
#ifndef ARCH_S390X_INTERRUPT_H
#define ARCH_S390X_INTERRUPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * An interrupt's type, as in struct kvm_s390_irq (kvm api.rst, KVM_S390_IRQ). Up to S390_IO_MAX it is an I/O
 * interrupt: adapter bit, subchannel set and number.
 */
#define S390_IO_MAX        0xfffdffffu
#define S390_ADAPTER       0x04000000u /* of an adapter: no subchannel */
#define S390_STOP          0xfffe0000u
#define S390_PROGRAM       0xfffe0001u
#define S390_SET_PREFIX    0xfffe0002u
#define S390_RESTART       0xfffe0003u
#define S390_PFAULT_INIT   0xfffe0004u
#define S390_PFAULT_DONE   0xfffe0005u
#define S390_MCHK          0xfffe1000u
#define S390_EMERGENCY     0xffff1201u
#define S390_EXTERNAL_CALL 0xffff1202u
#define S390_CLOCK_COMP    0xffff1004u
#define S390_CPU_TIMER     0xffff1005u
#define S390_SERVICE       0xffff2401u
#define S390_VIRTIO        0xffff2603u

/* The local interrupts that can be pending at once: KVM accepts (vCPUs + 32) entries. */
#define S390_LOCAL_MAX    (255 + 32)
#define S390_IO_QUEUE     266250           /* the I/O interrupts that can be pending */
#define S390_VIRTIO_QUEUE 87381            /* the same for virtio */
#define S390_PFAULT_QUEUE 16320            /* the same for completed page faults */
#define S390_FLOATING_MAX (0x2000000 / 72) /* KVM's largest buffer */

struct s390_irq {
	uint32_t type;
	union {
		struct {
			uint16_t subchannel_id, subchannel_nr;
			uint32_t parm, word;
		} io;
		struct { /* service, virtio, page fault, and types without parameters */
			uint32_t parm;
			uint64_t parm64;
		} ext;
		struct {
			uint64_t trans_exc_code, mon_code, per_address;
			uint32_t data_exc_code;
			uint16_t code, mon_class_nr;
			uint8_t per_code, per_atmid, exc_access_id, per_access_id, op_access_id, flags;
		} pgm;
		struct {
			uint64_t cr14, mcic, failing_storage_address;
			uint32_t ext_damage_code;
			uint8_t fixed_logout[16];
		} mchk;
		uint32_t prefix;     /* set prefix */
		uint32_t stop_flags; /* stop */
		uint16_t source;     /* emergency, external call: CPU address of the sender */
	};
};

/*
 * The machine check of a channel report: its interruption code, its subclass in CR14 (PoP ch. 11, 17). The
 * code says that all stored registers are valid, except those of the vector and the guarded-storage facility:
 * KVM clears their bits unless the guest has the facility, and it has it only if the capability was enabled
 * (KVM_CAP_S390_VECTOR_REGISTERS, _GS). A machine that enables them must set the bits here.
 */
#define S390_MCIC_CHANNEL_REPORT 0x00400f1d40330000
#define S390_CR14_CHANNEL_REPORT 0x10000000

/*
 * The conditions that make a local machine check pending: exigent (system damage, instruction-processing
 * damage) or repressible (external damage, degradation, warning). KVM accepts any other condition too, and
 * ignores it.
 */
#define S390_MCIC_LOCAL 0xc580000000000000

/* A service signal's parameter: the address of an SCCB; events are pending. */
#define S390_SERVICE_SCCB  0xfffffff8u
#define S390_SERVICE_EVENT 3u

/* An interrupt that is raised (vmm/hook.h), for this vCPU, or floating. */
#define ARCH_IRQ_FLOATING UINT16_MAX
struct arch_irq {
	const struct s390_irq *irq;
	uint16_t cpu; /* index */
	bool alone;   /* KVM has shown that none is pending that it could merge with */
};

#define S390_ADAPTERS 64 /* KVM's, 0 and up */

/* An adapter as it was registered, and its mask: KVM returns neither. */
struct s390_adapter {
	uint32_t id;
	uint8_t isc, maskable, swap, flags;
	uint8_t masked;
};

/* Adapter-interruption suppression: a bit for each ISC (ISC 0 the first) that is in SINGLE mode; and for each
 * of these that has had its one interruption. */
struct s390_ais {
	uint8_t offered; /* by this host's KVM */
	uint8_t simm, nimm;
};

#define S390_GSIS     4096 /* KVM's, 0 and up */
#define S390_NOTIFIES 1024 /* ours */

/*
 * A route: the bits set in guest memory, and the adapter that interrupts, when the GSI is signalled. A bit is
 * counted from its address, within the page, in the order that the adapter's swap says (KVM:
 * KVM_IRQ_ROUTING_S390_ADAPTER).
 */
struct s390_route {
	uint32_t gsi, adapter;
	uint64_t indicator, indicator_bit;
	uint64_t summary;
	uint32_t summary_bit;
	uint8_t irqfd;    /* S390_IRQFD_* */
	uint64_t signals; /* in the eventfd, and not yet in KVM */
};
enum { S390_IRQFD_NONE, S390_IRQFD_OFF, S390_IRQFD_ON };

/* Notifications of a subchannel's virtqueue by DIAGNOSE 500; count: those that nobody has read. */
struct s390_notify {
	uint32_t subchannel; /* subsystem-identification word */
	uint64_t queue;
	uint64_t count;
};

/* The result of routes_get(); both lists must be freed. */
struct s390_routing {
	struct s390_route *routes; /* in the order of their GSIs */
	size_t route_count;
	struct s390_notify *notifies;
	size_t notify_count;
};

/* Whether several of it can be pending: the other floating ones, service signal and machine check, merge. */
bool s390_irq_queues(const struct s390_irq *irq);

/* How many of a list KVM has accepted before it refused one, if it has queued `queued` of them. */
size_t s390_irqs_taken(const struct s390_irq *irqs, size_t count, size_t queued);

/* Why the route is invalid (KVM checks no bit numbers), or NULL. memory is the size of RAM in bytes. */
const char *s390_route_wrong(const struct s390_route *route, uint64_t memory);

/* Writes the interrupt into text: "I/O 00010001 isc 3 parm cafe0001". */
void s390_irq_text(const struct s390_irq *irq, char *text, size_t size);

/* A subchannel's I/O interrupt; id: the subsystem-identification word. KVM's type repeats set and number. */
struct s390_irq s390_irq_io(uint32_t id, uint32_t parm, unsigned isc);

/* The interruption subclass in an I/O-interruption-identification word (Principles of Operation, ch. 17). */
static inline unsigned s390_isc(uint32_t word)
{
	return word >> 27 & 7;
}

/* An adapter's interruption-identification word. KVM does not check the ISC: one above 7 overflows. */
#define S390_ADAPTER_BIT 0x80000000u
static inline uint32_t s390_adapter_word(uint8_t isc)
{
	return S390_ADAPTER_BIT | (uint32_t)isc << 27;
}

#endif
