/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subchannel.h: a subchannel, and its control blocks as they are in the guest's storage. Source: Principles
 * of Operation, ch. 14 to 16.
 */
#ifndef DEVICES_CSS_SUBCHANNEL_H
#define DEVICES_CSS_SUBCHANNEL_H

#include "ccw.h"

/* Operand sizes in bytes. */
#define SCHIB_SIZE 52
#define IRB_SIZE   64

/* A subchannel: data only. */
struct subchannel {
	uint16_t devno;
	bool valid; /* a device is there; else the rest is as after a reset */
	/* The path-management-control word. */
	uint32_t intparm;
	uint16_t flags; /* PMCW_*, without V */
	uint16_t mbi;
	uint8_t lpm, pnom, lpum, pom;
	bool concurrent_sense;
	bool block_1; /* its measurement block is of format 1, at: */
	uint64_t mba;
	/* The subchannel-status word. */
	uint32_t ctrl; /* SCSW_* */
	uint32_t cpa;
	uint8_t dstat, cstat;
	uint16_t count;
	uint8_t ecw_bytes; /* bytes of sense data in the extended-control word */
	uint8_t ecw[CCW_SENSE_BYTES];
	uint64_t connected; /* nanoseconds for which the program was executed, while that is measured */
	uint16_t dcti;      /* of the extended-status word: the same, in its units, when it has ended */
	struct ccw_program program;
};

/* The channel path: its CHPID, and its bit in all masks. */
#define CSS_CHPID 0
#define CSS_PATH  0x80

/* The operation-request block, second word. */
#define ORB_SUSPEND     0x08000000u
#define ORB_FORMAT      0x00800000u
#define ORB_IDAW_2      0x00020000u
#define ORB_IDAW_2K     0x00010000u
#define ORB_SUPPRESS_IL 0x00000080u
#define ORB_INVALID     0x0004007fu /* transport mode, MIDAWs, extension, reserved */

/* The path-management-control word: the first half of its second word. */
#define PMCW_ISC             0x3800
#define PMCW_ISC_SHIFT       11
#define PMCW_ENABLED         0x0080
#define PMCW_LIMIT           0x0060
#define PMCW_MEASURE_BLOCK   0x0010
#define PMCW_MEASURE_CONNECT 0x0008
#define PMCW_VALID           0x0001
#define PMCW_INVALID         0xc300 /* bits 0, 1, 6 and 7; bit 5 is ignored (MODIFY SUBCHANNEL) */
#define PMCW_SETTABLE        0x38fc /* by MODIFY SUBCHANNEL: ISC, enabled, limit, measurement, multipath */

#define MBO_ALIGN 32 /* of the origin of those of format 0 */
#define MBA_ALIGN 64 /* of the address of a format-1 measurement block */

/* The subchannel-status word, first word. */
#define SCSW_OF_ORB            0xf8f80000u /* key and control bits, as in the ORB */
#define SCSW_NO_SUSPENDED      0x00080000u /* no interruption for a suspension */
#define SCSW_INITIAL_STATUS    0x00200000u
#define SCSW_ZERO_CC           0x00040000u
#define SCSW_EXTENDED          0x00020000u /* there is an extended-control word */
#define SCSW_FUNCTION          0x00007000u
#define SCSW_START             0x00004000u
#define SCSW_HALT              0x00002000u
#define SCSW_CLEAR             0x00001000u
#define SCSW_ACTIVITY          0x00000fe0u
#define SCSW_RESUME_PENDING    0x00000800u
#define SCSW_SUBCHANNEL_ACTIVE 0x00000080u
#define SCSW_DEVICE_ACTIVE     0x00000040u
#define SCSW_SUSPENDED         0x00000020u
#define SCSW_STATUS            0x0000001fu
#define SCSW_ALERT             0x00000010u
#define SCSW_INTERMEDIATE      0x00000008u
#define SCSW_PRIMARY           0x00000004u
#define SCSW_SECONDARY         0x00000002u
#define SCSW_PENDING           0x00000001u

/* The subchannel-information block. */
void css_schib(const struct subchannel *sch, uint8_t schib[SCHIB_SIZE]);

/* Whether the block is valid for MODIFY SUBCHANNEL; copies the fields that it sets. */
bool css_schib_valid(const uint8_t schib[SCHIB_SIZE]);
void css_schib_modify(struct subchannel *sch, const uint8_t schib[SCHIB_SIZE]);

/* The interruption-response block. */
void css_irb(const struct subchannel *sch, uint8_t irb[IRB_SIZE]);

#endif
