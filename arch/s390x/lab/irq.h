/* SPDX-License-Identifier: BSD-2-Clause */
/* irq.h: struct irq's code on s390x. Pure. */
#ifndef ARCH_S390X_LAB_IRQ_H
#define ARCH_S390X_LAB_IRQ_H

#include "arch/s390x/snapshot/codec.h"
#include "vmm/lab/irq.h"

/* External interruption codes (Principles of Operation, ch. 6). */
#define EXT_CLOCK_COMP    0x1004
#define EXT_CPU_TIMER     0x1005
#define EXT_EMERGENCY     0x1201
#define EXT_EXTERNAL_CALL 0x1202
#define EXT_SERVICE       0x2401
#define EXT_CP_SERVICE    0x2603

/* What EXT_CP_SERVICE is about, in the CPU address (the kernel's asm/kvm_para.h and virtio-s390). */
#define CP_PFAULT_INIT 0x0600
#define CP_PFAULT_DONE 0x0680
#define CP_VIRTIO      0x0d00

/*
 * The kinds of interrupt that a scenario can name, and the timers that a guest sets.
 * X(kind, word, type for KVM, record that it leaves, its external code, its subcode, own words)
 * The words of a kind are its own, those of its type's fields (S390_IRQ_FIELDS), and cpu= if it can be local.
 * Snapshots have a kind's number: a new one comes last.
 */
#define S390_KINDS(X)                                                                                       \
	X(IO, "io", IO_MAX, ABI_IO, 0, 0, { "isc", 7, true }, { "ssid", 3 }, { "schid", UINT16_MAX, true }, \
	  { "parm", UINT32_MAX })                                                                           \
	X(SERVICE, "service", SERVICE, ABI_EXT, EXT_SERVICE, 0)                                             \
	X(MCHK, "mchk", MCHK, ABI_MCHK, 0, 0)                                                               \
	X(EMERGENCY, "emergency", EMERGENCY, ABI_EXT, EXT_EMERGENCY, 0)                                     \
	X(EXTERNAL_CALL, "extcall", EXTERNAL_CALL, ABI_EXT, EXT_EXTERNAL_CALL, 0)                           \
	X(RESTART, "restart", RESTART, ABI_RESTART, 0, 0)                                                   \
	X(STOP, "stop", STOP, 0, 0, 0, { "store-status", 1 })                                               \
	X(PROGRAM, "program", PROGRAM, ABI_PROGRAM, 0, 0, { "logged", 1 })                                  \
	X(PREFIX, "prefix", SET_PREFIX, 0, 0, 0)                                                            \
	X(CLOCK_COMP, "clock-comp", CLOCK_COMP, 0, 0, 0)                                                    \
	X(CPU_TIMER, "cpu-timer", CPU_TIMER, 0, 0, 0)                                                       \
	X(PFAULT_INIT, "pfault-init", PFAULT_INIT, ABI_EXT, EXT_CP_SERVICE, CP_PFAULT_INIT)                 \
	X(PFAULT_DONE, "pfault-done", PFAULT_DONE, ABI_EXT, EXT_CP_SERVICE, CP_PFAULT_DONE)                 \
	X(VIRTIO, "virtio", VIRTIO, ABI_EXT, EXT_CP_SERVICE, CP_VIRTIO)                                     \
	X(AIRQ, "airq", ADAPTER, ABI_IO, 0, 0, { "isc", UINT8_MAX, true }, { "id", UINT32_MAX, true },      \
	  { "suppressed", 1 })                                                                              \
	X(IRQFD, "irqfd", ADAPTER, ABI_IO, 0, 0, { "isc", UINT8_MAX, true }, { "gsi", UINT32_MAX, true },   \
	  { "quiet", 1 })                                                                                   \
	X(TIMER, "timer", CLOCK_COMP, ABI_EXT, 0, 0)

#define S390_KIND_NUMBER(kind, ...) KIND_##kind,
enum s390_kind { S390_KINDS(S390_KIND_NUMBER) KINDS };

#define S390_KIND_WORDS 4
struct s390_kind_row {
	const char *word;
	uint32_t type;
	uint16_t record, code, subcode;
	struct {
		const char *word;
		uint64_t max;
		bool needed;
	} own[S390_KIND_WORDS];
};
extern const struct s390_kind_row s390_kinds[KINDS]; /* possible.c */

/* The subsystem-identification word: bit 15 is one (Principles of Operation, ch. 14). */
static inline uint32_t subsystem_word(uint64_t set, uint64_t number)
{
	return (uint32_t)(set << 17 | 1 << 16 | number);
}

/* struct irqchip_op's code. */
enum s390_op {
	OP_CLEAR,    /* all floating interrupts */
	OP_CLEAR_IO, /* one of a subchannel; arg[0]: its subsystem-identification word */
	OP_APF_ENABLE,
	OP_APF_DISABLE,      /* and wait until those in progress are done */
	OP_ADAPTER_REGISTER, /* arg[]: id, ISC, maskable, swap, flags */
	OP_ADAPTER_MASK,     /* arg[]: id, mask */
	OP_AIS,              /* adapter-interruption suppression; arg[]: ISC, mode */
	OP_DEVICE_ON,        /* arg[0]: subchannel number */
	OP_DEVICE_OFF,       /* the same */
	OP_AIS_ALL,          /* arg[]: the masks of SINGLE mode and of NO-INTERRUPTIONS mode */
	OP_ROUTE,            /* arg[]: GSI, adapter, indicator's address and bit, summary's address and bit */
	OP_IRQFD,            /* on; arg[0]: GSI */
	OP_IRQFD_OFF,        /* arg[0]: GSI */
	OP_ADAPTER_MAP,      /* arg[]: id, address of a page of indicators */
	OP_ADAPTER_UNMAP,    /* the same */
	OP_ROUTE_OFF,        /* arg[0]: GSI */
	OP_NOTIFY,           /* an eventfd; arg[]: subsystem-identification word, queue */
	OP_NOTIFY_TAKE,      /* take the notifications; arg[]: the same, and their expected number */
};

/* The interrupt of a subchannel (id: its subsystem-identification word); that of a channel report. */
struct irq irq_of_io(uint32_t id, uint32_t parm, unsigned isc);
/* An interrupt of the virtio devices' adapter, whose number is the ISC. */
struct irq irq_of_adapter(unsigned isc);
struct irq irq_of_report(void);
/* The service signal with this parameter. */
struct irq irq_of_service(uint32_t parm);

/* Sets the record that it leaves. */
void irq_set_record(struct irq *irq);

/* Converts an interrupt that is pending on vCPU cpu to a scenario's; false: it leaves no record. */
bool irq_of_local(const struct s390_irq *s, uint16_t cpu, struct irq *irq);

/* Converts it for KVM; not for a timer, which cannot be injected. */
struct s390_irq irq_to_s390(const struct irq *irq);

#endif
