/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fdt.h: the device tree of a power9 machine, built with libfdt. Pure. Source: PAPR (LoPAR) chapters B, C;
 * Linux reads it in arch/powerpc/kernel/prom.c, sysdev/xive/spapr.c.
 */
#ifndef ARCH_POWER9_FDT_H
#define ARCH_POWER9_FDT_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/error.h"
#include "vmm/identity.h"

/* A service of RTAS. rtas.c has the table, whose last row has no name. */
struct rtas_call;
struct rtas_service {
	const char *name;
	uint32_t token;         /* platform.h */
	uint32_t args, results; /* how many the caller must give, and have room for */
	int (*call)(struct rtas_call *call);
	bool xics; /* KVM does it, and only with XICS */
	bool pci;  /* only if the machine has a PCI host bridge */
};
extern const struct rtas_service rtas_services[];

/* A function on the PCI bus: what its configuration space says, and its BAR 0. */
struct fdt_function {
	uint32_t vendor, device, revision, class, subsystem;
	uint32_t bar, bar_size, vectors;
};

struct fdt_machine {
	uint64_t memory;
	unsigned vcpus;
	unsigned vcpu_stride; /* between their server numbers */
	bool xics, xive;      /* the interrupt controller; neither: there is none; XIVE has: */
	uint64_t tima;        /* address of its first page */
	unsigned page_shift;
	uint32_t rtas;                       /* address of the RTAS stub */
	const struct rtas_service *services; /* rtas_services */
	/* The functions on the PCI bus, one in each slot; 0: the machine has no PCI host bridge. */
	unsigned function_count;
	const struct fdt_function *functions;
	bool vmx, dfp;                   /* the processors have VMX and VSX; decimal floating point */
	const char *params;              /* NULL: none */
	const struct identity *identity; /* NULL: nothing was given */
	uint64_t initrd, initrd_end;     /* addresses of the initial RAM disk; 0: there is none */
};

/* The length of the stub, which fdt_rtas_stub() writes. */
#define FDT_RTAS_SIZE 20
void fdt_rtas_stub(void *at);

/* Room that suffices for any tree without functions and parameters; most of it is for the CPUs. */
static inline uint32_t fdt_room(unsigned vcpus)
{
	return 8192 + 1024 * vcpus;
}

#define FDT_FUNCTION_ROOM 512 /* for each function on the PCI bus */

/* Writes the tree into room bytes at buffer. -ENOSPC if they do not suffice. */
int fdt_build(const struct fdt_machine *machine, void *buffer, uint32_t room, struct error *err);

#endif
