/* SPDX-License-Identifier: BSD-2-Clause */
/* irq.h: struct irq's code on s390x. Pure. */
#ifndef ARCH_S390X_LAB_IRQ_H
#define ARCH_S390X_LAB_IRQ_H

#include "arch/s390x/snapshot/codec.h"
#include "vmm/lab/irq.h"

enum s390_kind {
	KIND_IO,      /* number: subsystem-identification word, parm, parm2: identification word */
	KIND_SERVICE, /* parm */
	KIND_MCHK,    /* parm: interruption code, parm2: its subclass in CR14, number: external-damage code */
	KIND_EMERGENCY,     /* number: CPU address of the sender */
	KIND_EXTERNAL_CALL, /* the same */
	KIND_RESTART,
	KIND_STOP,        /* number: flags */
	KIND_PROGRAM,     /* number: code, parm: translation exception, parm2: data exception */
	KIND_PREFIX,      /* number: address */
	KIND_CLOCK_COMP,  /* injected; KVM decides whether the timer has expired */
	KIND_CPU_TIMER,   /* the same */
	KIND_PFAULT_INIT, /* parm: token */
	KIND_PFAULT_DONE, /* the same */
	KIND_VIRTIO,      /* the same */
	KIND_AIRQ,        /* number: adapter, parm2: identification word */
	KIND_IRQFD,       /* number: GSI, parm2: identification word of its adapter */
	KIND_TIMER,       /* number: external code; set by the guest */
};

/* External interruption codes (Principles of Operation, ch. 6). */
#define EXT_CLOCK_COMP    0x1004
#define EXT_CPU_TIMER     0x1005
#define EXT_EMERGENCY     0x1201
#define EXT_EXTERNAL_CALL 0x1202
#define EXT_SERVICE       0x2401
#define EXT_CP_SERVICE    0x2603

/* struct irq's extra[], by kind. */
enum { MCHK_FAILING_STORAGE };
enum {
	PGM_MON_CODE,
	PGM_MON_CLASS,
	PGM_PER_ADDRESS,
	PGM_PER_CODE,
	PGM_PER_ATMID,
	PGM_EXC_ACCESS,
	PGM_PER_ACCESS,
	PGM_OP_ACCESS,
	PGM_FLAGS,
};

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
	OP_NOTIFY,           /* an eventfd; arg[]: subsystem-identification word, queue */
	OP_NOTIFY_TAKE,      /* take the notifications; arg[]: the same, and their expected number */
};

/* The interrupt of a subchannel (id: its subsystem-identification word); that of a channel report. */
struct irq irq_of_io(uint32_t id, uint32_t parm, unsigned isc);
struct irq irq_of_report(void);
/* The service signal with this parameter. */
struct irq irq_of_service(uint32_t parm);

/* Sets the record that it leaves. */
void irq_want(struct irq *irq, uint16_t kind, uint32_t number, uint64_t parm, uint64_t parm2);

/* Converts an interrupt that is pending on vCPU cpu to a scenario's; false: it leaves no record. */
bool irq_of_local(const struct s390_irq *s, uint16_t cpu, struct irq *irq);

/* Converts it for KVM; not for a timer, which cannot be injected. */
struct s390_irq irq_to_s390(const struct irq *irq);

#endif
