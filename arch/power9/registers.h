/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * registers.h: a vCPU's registers, and the modes that hypercalls have set, in our own structs, and the Power
 * ISA's names of the registers of KVM_GET_ONE_REG. Pure: no KVM header; cpu.c checks that the numbers are
 * KVM's.
 */
#ifndef ARCH_POWER9_REGISTERS_H
#define ARCH_POWER9_REGISTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define P9_REGS_MAX 160

/* One of KVM's registers: the id contains the size. */
struct p9_reg {
	uint64_t id;
	uint64_t value[2]; /* in KVM's order in memory; 4 bytes are a number in the first */
};

struct p9_cpu {
	uint64_t pc, msr, cr, ctr, lr, xer, srr0, srr1, pid, sprg[8], gpr[32];
	struct p9_reg regs[P9_REGS_MAX];
	unsigned reg_count;
	int64_t dec_left; /* after a look: ticks of the time base until the decrementer is negative */
	uint32_t server;
	uint64_t vp_state; /* XIVE: the bytes of its thread context, big-endian in memory: opaque */
	uint64_t icp;      /* XICS: its presentation controller, in the format of kernel devices/xics.rst */
};

/* The priorities pending, a bit for each (POWER9 XIVE, OS ring: NSR, CPPR, IPB). */
#define P9_VP_IPB(cpu)  (((const uint8_t *)&(cpu)->vp_state)[2])
#define P9_VP_CPPR(cpu) (((const uint8_t *)&(cpu)->vp_state)[1])

/* KVM_REG_PPC_ICP_STATE: the priority of a pending IPI (0xff: none); the interrupt taken (kernel
 * devices/xics.rst). */
#define P9_ICP_MFRR(icp) ((icp) >> 24 & 0xff)
#define P9_ICP_XISR(icp) ((uint32_t)((icp) >> 32 & 0xffffff))
#define P9_ICP_NONE      0xff

/* KVM's name and its id, which contains the size, in the order in which they are set: a register that others
 * depend on comes before these. */
#define P9_REG_LIST(X)                    \
	X(LPCR_64, 0x10300000000000b5)    \
	X(TB_OFFSET, 0x103000000000009c)  \
	X(DEC_EXPIRY, 0x10300000000000be) \
	X(PSSCR, 0x10300000000000bd)      \
	X(FSCR, 0x10300000000000a3)       \
	X(DSCR, 0x1030000000000009)       \
	X(DSISR, 0x102000000000000d)      \
	X(DAR, 0x103000000000000c)        \
	X(AMR, 0x103000000000000e)        \
	X(UAMOR, 0x103000000000000f)      \
	X(IAMR, 0x103000000000009f)       \
	X(PPR, 0x10300000000000b6)        \
	X(TAR, 0x10300000000000a8)        \
	X(BESCR, 0x10300000000000a7)      \
	X(EBBHR, 0x10300000000000a5)      \
	X(EBBRR, 0x10300000000000a6)      \
	X(PSPB, 0x10200000000000a4)       \
	X(DPDES, 0x10300000000000a9)      \
	X(VTB, 0x10300000000000ae)        \
	X(IC, 0x10300000000000ad)         \
	X(TIDR, 0x10300000000000bc)       \
	X(DAWR, 0x10300000000000aa)       \
	X(DAWRX, 0x10300000000000ab)      \
	X(CIABR, 0x10300000000000ac)      \
	X(PURR, 0x103000000000000a)       \
	X(SPURR, 0x103000000000000b)      \
	X(MMCR0, 0x1030000000000010)      \
	X(MMCR1, 0x1030000000000011)      \
	X(MMCRA, 0x1030000000000012)      \
	X(MMCR2, 0x1030000000000013)      \
	X(PMC1, 0x1020000000000018)       \
	X(PMC2, 0x1020000000000019)       \
	X(PMC3, 0x102000000000001a)       \
	X(PMC4, 0x102000000000001b)       \
	X(PMC5, 0x102000000000001c)       \
	X(PMC6, 0x102000000000001d)       \
	X(SIAR, 0x1030000000000015)       \
	X(SDAR, 0x1030000000000016)       \
	X(SIER, 0x1030000000000017)       \
	X(VRSAVE, 0x10200000000000b4)     \
	X(VSCR, 0x1020000000000081)       \
	X(FPSCR, 0x1030000000000080)      \
	X(VPA_ADDR, 0x1030000000000082)   \
	X(VPA_SLB, 0x1040000000000083)    \
	X(VPA_DTL, 0x1040000000000084)

/* The index of each in the table. */
#define P9_REG_INDEX(name, id) P9_REG_##name,
enum { P9_REG_LIST(P9_REG_INDEX) };

/* The vector-scalar registers: KVM has the second half of them as VR. */
#define P9_VSR(n) (0x1040000000000060 + (uint64_t)(n))
#define P9_VR(n)  (0x1040000000000040 + (uint64_t)(n))

struct p9_reg_name {
	const char *name; /* "VSR", "VR": one of many */
	uint64_t id;
	int number; /* of many; else -1 */
};

/* The number of registers; the nth one; the one with this id (name NULL: there is none). */
size_t p9_reg_count(void);
struct p9_reg_name p9_reg_nth(size_t i);
struct p9_reg_name p9_reg_find(uint64_t id);

/* The size in a KVM register id, in bytes: 4, 8 or 16; 0 for any other. */
unsigned p9_reg_size(uint64_t id);

/* The partition's modes that are set by hypercalls and are not in registers. */
struct p9_modes {
	uint64_t process_table; /* as in the partition table: address, and size in the last 5 bits; 0: none */
	bool gtse;
	bool vty_signals;    /* input at the terminal interrupts; true until H_VIO_SIGNAL turns it off */
	int64_t time_offset; /* the guest's time of day less the host's, in nanoseconds; atomic */
};

#endif
