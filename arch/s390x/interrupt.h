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

#include "vmm/section.h"

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

/* In KVM's layout (kvmirq.c proves it), so that a list is given to KVM as it is. */
struct s390_irq {
	uint32_t none, type; /* KVM's type has 64 bits */
	union {
		uint8_t bytes[64]; /* zero where the type has no field */
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
			uint64_t fixed_logout[2];
		} mchk;
		uint32_t prefix;     /* set prefix */
		uint32_t stop_flags; /* stop */
		uint16_t source;     /* emergency, external call: CPU address of the sender */
	};
};

/* --- the table of types and fields, which all that reads or writes an interrupt follows ------ */

enum {
	S390_LOCAL = 1,      /* it can be pending on a vCPU */
	S390_FLOATS = 2,     /* it can be floating */
	S390_QUEUES = 4,     /* several can be pending; of any other type one */
	S390_PER_SENDER = 8, /* one from each sender can be pending */
};

/* X(type, KVM's name, payload, how it is pending, name, name of several, how many KVM holds) */
#define S390_IRQ_TYPES(X)                                                                                    \
	X(IO_MAX, KVM_S390_INT_IO_MAX, IO, S390_FLOATS | S390_QUEUES, "I/O", "I/O interrupts",               \
	  S390_IO_QUEUE)                                                                                     \
	X(STOP, KVM_S390_SIGP_STOP, STOP, S390_LOCAL, "stop", NULL, 1)                                       \
	X(PROGRAM, KVM_S390_PROGRAM_INT, PROGRAM, S390_LOCAL, "program interruption", NULL, 1)               \
	X(SET_PREFIX, KVM_S390_SIGP_SET_PREFIX, PREFIX, S390_LOCAL, "set prefix", NULL, 1)                   \
	X(RESTART, KVM_S390_RESTART, PLAIN, S390_LOCAL, "restart", NULL, 1)                                  \
	X(PFAULT_INIT, KVM_S390_INT_PFAULT_INIT, TOKEN, S390_LOCAL, "page fault started", NULL, 1)           \
	X(VIRTIO, KVM_S390_INT_VIRTIO, VIRTIO, S390_FLOATS | S390_QUEUES, "virtio", "virtio interrupts",     \
	  S390_VIRTIO_QUEUE)                                                                                 \
	X(PFAULT_DONE, KVM_S390_INT_PFAULT_DONE, TOKEN, S390_FLOATS | S390_QUEUES, "page fault completed",   \
	  "completed page faults", S390_PFAULT_QUEUE)                                                        \
	X(MCHK, KVM_S390_MCHK, MCHK, S390_LOCAL | S390_FLOATS, "machine check", "machine checks", 1)         \
	X(EMERGENCY, KVM_S390_INT_EMERGENCY, SENDER, S390_LOCAL | S390_PER_SENDER, "emergency signal", NULL, \
	  1)                                                                                                 \
	X(EXTERNAL_CALL, KVM_S390_INT_EXTERNAL_CALL, SENDER, S390_LOCAL, "external call", NULL, 1)           \
	X(CLOCK_COMP, KVM_S390_INT_CLOCK_COMP, PLAIN, S390_LOCAL, "clock comparator", NULL, 1)               \
	X(CPU_TIMER, KVM_S390_INT_CPU_TIMER, PLAIN, S390_LOCAL, "CPU timer", NULL, 1)                        \
	X(SERVICE, KVM_S390_INT_SERVICE, SERVICE, S390_FLOATS, "service signal", "service signals", 1)

enum s390_payload {
	S390_PAYLOAD_IO,
	S390_PAYLOAD_TOKEN,
	S390_PAYLOAD_VIRTIO,
	S390_PAYLOAD_PLAIN,
	S390_PAYLOAD_SERVICE,
	S390_PAYLOAD_PROGRAM,
	S390_PAYLOAD_MCHK,
	S390_PAYLOAD_PREFIX,
	S390_PAYLOAD_STOP,
	S390_PAYLOAD_SENDER,
	S390_PAYLOADS,
};

enum {
	S390_NEEDED = 1, /* the scenario must give it */
	S390_SEEN = 2,   /* the guest's log shows it: the account compares it */
};
/* Where the account of interrupts has a field (vmm/lab/irq.h): number, parm, parm2, extra[]. */
enum { S390_NUMBER = 1, S390_PARM, S390_PARM2, S390_EXTRA };
/* Of extra[] what is merged. */
enum { MCHK_FAILING_STORAGE = 0 };
enum { PGM_PER_ADDRESS = 2, PGM_PER_CODE, PGM_PER_ATMID, PGM_PER_ACCESS = 6, PGM_FLAGS = 8 };
#define S390_SHORT   3    /* the fields of a short text come first: they are never left out */
#define S390_DECIMAL 0xff /* instead of the number of hexadecimal digits */

/*
 * X(payload, field, KVM's field, word in a scenario, flags, place in the account, place in a text, digits,
 * text before it), each payload's fields together, in the order in which a snapshot has them.
 */
#define S390_IRQ_FIELDS(X)                                                                                   \
	X(IO, io.subchannel_id, io.subchannel_id, NULL, S390_SEEN, 0, 0, 0, NULL)                            \
	X(IO, io.subchannel_nr, io.subchannel_nr, NULL, S390_SEEN, 0, 0, 0, NULL)                            \
	X(IO, io.parm, io.io_int_parm, NULL, S390_SEEN, S390_PARM, 0, 0, NULL)                               \
	X(IO, io.word, io.io_int_word, NULL, S390_SEEN, S390_PARM2, 0, 0, NULL)                              \
	X(TOKEN, ext.parm, ext.ext_params, NULL, 0, 0, 4, 0, ", 32-bit parameter ")                          \
	X(TOKEN, ext.parm64, ext.ext_params2, "parm", S390_NEEDED | S390_SEEN, S390_PARM, 1, 16, ", token ") \
	X(VIRTIO, ext.parm, ext.ext_params, NULL, 0, 0, 4, 0, ", 32-bit parameter ")                         \
	X(VIRTIO, ext.parm64, ext.ext_params2, "parm", S390_NEEDED | S390_SEEN, S390_PARM, 1, 16,            \
	  ", parameter ")                                                                                    \
	X(PLAIN, ext.parm, ext.ext_params, NULL, 0, 0, 4, 0, ", parameter ")                                 \
	X(PLAIN, ext.parm64, ext.ext_params2, NULL, 0, 0, 5, 0, ", 64-bit parameter ")                       \
	X(SERVICE, ext.parm, ext.ext_params, "parm", S390_NEEDED | S390_SEEN, S390_PARM, 1, 8,               \
	  ", parameter ")                                                                                    \
	X(SERVICE, ext.parm64, ext.ext_params2, NULL, 0, 0, 4, 0, ", 64-bit parameter ")                     \
	X(PROGRAM, pgm.trans_exc_code, pgm.trans_exc_code, "trans-exc", S390_SEEN, S390_PARM, 2, 0,          \
	  ", translation exception ")                                                                        \
	X(PROGRAM, pgm.mon_code, pgm.mon_code, "mon-code", 0, S390_EXTRA, 4, 0, ", monitor code ")           \
	X(PROGRAM, pgm.per_address, pgm.per_address, "per-address", 0, S390_EXTRA + PGM_PER_ADDRESS, 6, 0,   \
	  ", PER address ")                                                                                  \
	X(PROGRAM, pgm.data_exc_code, pgm.data_exc_code, "data-exc", S390_SEEN, S390_PARM2, 3, 0,            \
	  ", data exception ")                                                                               \
	X(PROGRAM, pgm.code, pgm.code, "code", S390_NEEDED | S390_SEEN, S390_NUMBER, 1, 4, " ")              \
	X(PROGRAM, pgm.mon_class_nr, pgm.mon_class_nr, "mon-class", 0, S390_EXTRA + 1, 5, 0,                 \
	  ", monitor class ")                                                                                \
	X(PROGRAM, pgm.per_code, pgm.per_code, "per-code", 0, S390_EXTRA + PGM_PER_CODE, 7, 0,               \
	  ", PER code ")                                                                                     \
	X(PROGRAM, pgm.per_atmid, pgm.per_atmid, "per-atmid", 0, S390_EXTRA + PGM_PER_ATMID, 8, 0,           \
	  ", PER ATMID ")                                                                                    \
	X(PROGRAM, pgm.exc_access_id, pgm.exc_access_id, "exc-access", 0, S390_EXTRA + 5, 9, 0,              \
	  ", exception access ")                                                                             \
	X(PROGRAM, pgm.per_access_id, pgm.per_access_id, "per-access", 0, S390_EXTRA + PGM_PER_ACCESS, 10,   \
	  0, ", PER access ")                                                                                \
	X(PROGRAM, pgm.op_access_id, pgm.op_access_id, "op-access", 0, S390_EXTRA + 7, 11, 0,                \
	  ", operand access ")                                                                               \
	X(PROGRAM, pgm.flags, pgm.flags, "flags", 0, S390_EXTRA + PGM_FLAGS, 12, 0, ", flags ")              \
	X(MCHK, mchk.cr14, mchk.cr14, "cr14", 0, S390_PARM2, 4, 0, ", CR14 ")                                \
	X(MCHK, mchk.mcic, mchk.mcic, "mcic", S390_SEEN, S390_PARM, 1, 16, " ")                              \
	X(MCHK, mchk.failing_storage_address, mchk.failing_storage_address, "failing-storage-address",       \
	  S390_SEEN, S390_EXTRA + MCHK_FAILING_STORAGE, 6, 0, ", failing storage address ")                  \
	X(MCHK, mchk.ext_damage_code, mchk.ext_damage_code, "ext-damage-code", S390_SEEN, S390_NUMBER, 5, 0, \
	  ", external damage ")                                                                              \
	X(MCHK, mchk.fixed_logout[0], mchk.fixed_logout[0], NULL, 0, 0, 7, 0, ", fixed logout ")             \
	X(MCHK, mchk.fixed_logout[1], mchk.fixed_logout[8], NULL, 0, 0, 8, 0,                                \
	  ", fixed logout, second half ")                                                                    \
	X(PREFIX, prefix, prefix.address, "address", S390_NEEDED, S390_NUMBER, 1, 8, " ")                    \
	X(STOP, stop_flags, stop.flags, "flags", 0, S390_NUMBER, 1, 0, ", flags ")                           \
	X(SENDER, source, emerg.code, "from", S390_SEEN, S390_NUMBER, 1, S390_DECIMAL, " from CPU ")

struct s390_irq_type {
	uint32_t type;
	uint8_t payload; /* S390_PAYLOAD_* */
	uint8_t pending; /* S390_LOCAL, S390_FLOATS, ... */
	const char *name, *several;
	size_t max;
};

struct s390_irq_field {
	uint8_t payload, at, size; /* where it is in struct s390_irq */
	uint8_t flags, account, shown, digits;
	const char *word, *text;
};

/* The tables, in the order above, and their ends. */
extern const struct s390_irq_type s390_irq_types[], *const s390_irq_types_end;
extern const struct s390_irq_field s390_irq_fields[];

/* NULL: there is no such type. */
const struct s390_irq_type *s390_irq_type(uint32_t type);

/* The fields of a type's payload: of this one, and on as long as the payload is the same. */
const struct s390_irq_field *s390_irq_first(unsigned payload);

static inline uint64_t s390_irq_get(const struct s390_irq *irq, const struct s390_irq_field *f)
{
	return snap_number((const uint8_t *)irq + f->at, f->size);
}

static inline void s390_irq_set(struct s390_irq *irq, const struct s390_irq_field *f, uint64_t value)
{
	snap_set_number((uint8_t *)irq + f->at, f->size, value);
}

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

/* Gives back the room behind a list from malloc(); NULL if the list is empty. */
struct s390_irq *s390_irqs_trim(struct s390_irq *irqs, size_t count);

/* Whether KVM keeps only one of the two. */
bool s390_irq_excludes(const struct s390_irq *a, const struct s390_irq *b);

/* How many of a list KVM has accepted before it refused one, if it has queued `queued` of them. */
size_t s390_irqs_taken(const struct s390_irq *irqs, size_t count, size_t queued);

/* Why the route is invalid (KVM checks no bit numbers), or NULL. memory is the size of RAM in bytes. */
const char *s390_route_wrong(const struct s390_route *route, uint64_t memory);

/* Writes the interrupt into text: "I/O subchannel 00010001 ISC 3 parameter cafe0001". */
void s390_irq_text(const struct s390_irq *irq, char *text, size_t size);
/* Adds the fields that the short text leaves out, if they are not zero. */
void s390_irq_text_rest(const struct s390_irq *irq, char *text, size_t size);

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
