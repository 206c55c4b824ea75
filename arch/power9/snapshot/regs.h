/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * regs.h: the registers of a power9 vCPU that KVM_GET_ONE_REG knows and a
 * snapshot has, by the names of the Power ISA. Pure; cpu.c checks that the
 * numbers are KVM's.
 */
#ifndef ARCH_POWER9_SNAPSHOT_REGS_H
#define ARCH_POWER9_SNAPSHOT_REGS_H

#include <stddef.h>
#include <stdint.h>

/* KVM's name and its id, which has the size; in the order they are set: first what gives others their
 * meaning. */
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

/* Where each stands in the table. */
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

/* How many there are; the nth of them; the one with this id: name NULL if there is none. */
size_t p9_reg_count(void);
struct p9_reg_name p9_reg_nth(size_t i);
struct p9_reg_name p9_reg_find(uint64_t id);

#endif
