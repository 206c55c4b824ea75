/* SPDX-License-Identifier: BSD-2-Clause */
/* fdt.c: see fdt.h. Pure. */
#include "fdt.h"

#include <errno.h>
#include <libfdt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "platform.h"

/* Interrupt controller's phandle. */
#define PHANDLE_IRQCHIP 1

/* A tree under construction; the first failure stays in rc. */
struct tree {
	void *buf;
	int rc;
};

static void note(struct tree *t, int rc)
{
	if (!t->rc)
		t->rc = rc;
}

static void begin(struct tree *t, const char *name)
{
	note(t, fdt_begin_node(t->buf, name));
}

static void end(struct tree *t)
{
	note(t, fdt_end_node(t->buf));
}

static void text(struct tree *t, const char *name, const char *value)
{
	note(t, fdt_property_string(t->buf, name, value));
}

static void cell(struct tree *t, const char *name, uint32_t value)
{
	note(t, fdt_property_u32(t->buf, name, value));
}

static void wide(struct tree *t, const char *name, uint64_t value)
{
	note(t, fdt_property_u64(t->buf, name, value));
}

static void cells(struct tree *t, const char *name, const uint32_t *values, unsigned count)
{
	void *to = NULL;

	note(t, fdt_property_placeholder(t->buf, name, (int)(4 * count), &to));
	for (unsigned i = 0; to && !t->rc && i < count; i++)
		fdt32_st((uint32_t *)to + i, values[i]);
}

static void bytes(struct tree *t, const char *name, const void *value, size_t len)
{
	note(t, fdt_property(t->buf, name, value, (int)len));
}

static void chosen(struct tree *t, const struct fdt_machine *m)
{
	/* What client-architecture-support would have agreed on: XIVE exploitation, radix, GTSE (LoPAR, B.5).
	 */
	uint8_t vec5[27] = { [0] = 26, [23] = m->xive ? 0x40 : 0, [24] = 0x40, [26] = 0x40 };

	begin(t, "chosen");
	text(t, "bootargs", m->params ? m->params : "");
	if (m->initrd_end) {
		wide(t, "linux,initrd-start", m->initrd);
		wide(t, "linux,initrd-end", m->initrd_end);
	}
	text(t, "linux,stdout-path", "/vdevice/vty@30000000");
	text(t, "stdout-path", "/vdevice/vty@30000000");
	bytes(t, "ibm,architecture-vec-5", vec5, sizeof(vec5));
	if (m->function_count) /* virtio addresses memory directly */
		note(t, fdt_property(t->buf, "linux,iommu-off", NULL, 0));
	end(t);
}

/* That there is one, for Linux and who looks in /proc/device-tree. */
static void hypervisor(struct tree *t)
{
	begin(t, "hypervisor");
	text(t, "compatible", "linux,kvm");
	end(t);
}

/*
 * ibm,pa-features (LoPAR C.6.2): of a processor of Power ISA 3.0, as KVM
 * offers it; bits count from the left. Transactional memory is not there.
 */
static const struct {
	uint8_t byte, bits;
} features[] = {
	{ 0, 0xf6 },  /* MMU, FPU, SLB, RUN, DABR, no-execute */
	{ 1, 0x1f },  /* fri[nzpm], DABRX, SPRG3 readable, SLB 0, PP 110 */
	{ 2, 0xc7 },  /* virtual page class keys, instructions of 2.02, 2.05 and 2.06, PPR */
	{ 3, 0xc0 },  /* large segments, unaligned vectors */
	{ 5, 0xf0 },  /* little-endian, CFAR, elementary barriers, load and store quadword */
	{ 6, 0x80 },  /* instructions of 2.07 */
	{ 16, 0x80 }, /* vector */
	{ 18, 0x80 }, /* vector-scalar */
	{ 20, 0x80 }, /* vector XOR */
	{ 24, 0x80 }, /* external decrement */
	{ 26, 0x80 }, /* 64-bit */
	{ 28, 0x80 }, /* performance monitor */
	{ 30, 0x80 }, /* memory-mapped registers */
	{ 32, 0x80 }, /* little-endian atomics */
	{ 34, 0xc0 }, /* event-based branches */
	{ 36, 0x80 }, /* stream options */
	{ 38, 0x80 }, /* copy and paste */
	{ 40, 0x80 }, /* radix */
	{ 42, 0x80 }, /* performance monitor of 3.0 */
	{ 44, 0x80 }, /* addpcis */
	{ 46, 0x80 }, /* system call vectored */
	{ 48, 0x80 }, /* SIMD of 3.0 */
	{ 50, 0x80 }, /* quad-precision */
	{ 52, 0x80 }, /* strings */
	{ 54, 0x80 }, /* decimal floating point */
	{ 56, 0x80 }, /* decimal integer */
	{ 58, 0x80 }, /* SHA */
	{ 60, 0x80 }, /* atomics near memory */
};

/* The number of bytes, the kind of list, and they. */
static void pa_features(struct tree *t)
{
	uint8_t list[2 + 66] = { 66, 0 };

	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		list[2 + features[i].byte] = features[i].bits;
	bytes(t, "ibm,pa-features", list, sizeof(list));
}

static void cpu(struct tree *t, const struct fdt_machine *m, unsigned id)
{
	/* Radix page sizes 4K, 64K, 2M, 1G: the AP encoding in the top three bits, the shift in the rest. */
	static const uint32_t ap[] = { 0x0000000c, 0xa0000010, 0x20000015, 0x4000001e };
	char name[32];

	snprintf(name, sizeof(name), "PowerPC,POWER9@%x", id);
	begin(t, name);
	text(t, "device_type", "cpu");
	text(t, "compatible", "PowerPC,POWER9");
	cell(t, "reg", id);
	cells(t, "ibm,ppc-interrupt-server#s", &id, 1);
	cell(t, "timebase-frequency", TIMEBASE_HZ);
	cell(t, "clock-frequency", 2000000000);
	cell(t, "d-cache-line-size", 128);
	cell(t, "i-cache-line-size", 128);
	cell(t, "d-cache-block-size", 128);
	cell(t, "i-cache-block-size", 128);
	cell(t, "ibm,slb-size", 32);
	cells(t, "ibm,processor-radix-AP-encodings", ap, 4);
	/* 2: VMX and VSX. Linux looks here, not at ibm,pa-features. */
	if (m->vmx)
		cell(t, "ibm,vmx", 2);
	if (m->dfp)
		cell(t, "ibm,dfp", 1);
	pa_features(t);
	end(t);
}

static void cpus(struct tree *t, const struct fdt_machine *m)
{
	begin(t, "cpus");
	cell(t, "#address-cells", 1);
	cell(t, "#size-cells", 0);
	for (unsigned i = 0; i < m->vcpus; i++)
		cpu(t, m, i * m->vcpu_stride);
	end(t);
}

static void memory(struct tree *t, uint64_t size)
{
	uint32_t reg[] = { 0, 0, (uint32_t)(size >> 32), (uint32_t)size };

	begin(t, "memory@0");
	text(t, "device_type", "memory");
	cells(t, "reg", reg, 4);
	end(t);
}

static void rtas(struct tree *t, const struct fdt_machine *m)
{
	/* What the hypervisor does for this partition, one string after the other. */
	static const char functions[] =
		"hcall-interrupt\0hcall-term\0hcall-splpar\0hcall-set-mode\0hcall-vio";

	begin(t, "rtas");
	cell(t, "rtas-version", 1);
	bytes(t, "ibm,hypertas-functions", functions, sizeof(functions));
	for (const struct rtas_service *s = m->services; s->name; s++)
		if ((!s->xics || m->xics) && (!s->pci || m->function_count))
			cell(t, s->name, s->token);
	/* What ibm,os-term is told is for people: without it Linux does not call it. */
	note(t, fdt_property(t->buf, "ibm,extended-os-term", NULL, 0));
	/* For systems that call it as a function. */
	cell(t, "linux,rtas-base", m->rtas);
	cell(t, "linux,rtas-entry", m->rtas);
	cell(t, "rtas-size", FDT_RTAS_SIZE);
	end(t);
}

static uint32_t servers(const struct fdt_machine *m)
{
	return (m->vcpus - 1) * m->vcpu_stride + 1;
}

static void xics(struct tree *t, const struct fdt_machine *m)
{
	uint32_t ranges[] = { 0, servers(m) };

	begin(t, "interrupt-controller");
	text(t, "device_type", "PowerPC-External-Interrupt-Presentation");
	text(t, "compatible", "IBM,ppc-xicp");
	cells(t, "ibm,interrupt-server-ranges", ranges, 2);
	note(t, fdt_property(t->buf, "interrupt-controller", NULL, 0));
	cell(t, "#interrupt-cells", 2);
	cell(t, "phandle", PHANDLE_IRQCHIP);
	end(t);
}

static void xive(struct tree *t, const struct fdt_machine *m)
{
	uint64_t size = 1ULL << m->page_shift, user = m->tima + 3 * size, os = m->tima + 2 * size;
	/* The user page, then the one that the operating system uses. */
	uint32_t reg[] = { (uint32_t)(user >> 32), (uint32_t)user, 0, (uint32_t)size,
		           (uint32_t)(os >> 32),   (uint32_t)os,   0, (uint32_t)size };
	uint32_t ranges[] = { 0, servers(m) }, eq_size = 16;
	char name[40];

	snprintf(name, sizeof(name), "interrupt-controller@%llx", (unsigned long long)user);
	begin(t, name);
	text(t, "device_type", "power-ivpe");
	text(t, "compatible", "ibm,power-ivpe");
	cells(t, "reg", reg, 8);
	cells(t, "ibm,xive-eq-sizes", &eq_size, 1);
	cells(t, "ibm,xive-lisn-ranges", ranges, 2);
	note(t, fdt_property(t->buf, "interrupt-controller", NULL, 0));
	cell(t, "#interrupt-cells", 2);
	cell(t, "phandle", PHANDLE_IRQCHIP);
	end(t);
}

static void vdevice(struct tree *t, const struct fdt_machine *m)
{
	static const uint32_t interrupt[] = { P9_VTY_SOURCE, 0 }; /* 0: message-signalled */

	begin(t, "vdevice");
	text(t, "device_type", "vdevice");
	text(t, "compatible", "IBM,vdevice");
	cell(t, "#address-cells", 1);
	cell(t, "#size-cells", 0);
	begin(t, "vty@30000000");
	text(t, "device_type", "serial");
	text(t, "compatible", "hvterm1");
	cell(t, "reg", P9_VTY);
	if (m->xics || m->xive)
		cells(t, "interrupts", interrupt, 2);
	end(t);
	end(t);
}

static void function(struct tree *t, const struct fdt_function *f, unsigned slot)
{
	/* Configuration space; then the BAR, 32-bit memory, and its address: not relocatable (IEEE 1275, PCI
	 * binding, 2.2.1.1). */
	uint32_t config = slot << 11, at = 0x02000010 | config;
	uint32_t reg[] = { config, 0, 0, 0, 0, at, 0, 0, 0, f->bar_size };
	uint32_t assigned[] = { at | 0x80000000, 0, f->bar, 0, f->bar_size };
	char name[32];

	snprintf(name, sizeof(name), "virtio@%x", slot);
	begin(t, name);
	cells(t, "reg", reg, 10);
	cells(t, "assigned-addresses", assigned, 5);
	cell(t, "vendor-id", f->vendor);
	cell(t, "device-id", f->device);
	cell(t, "revision-id", f->revision);
	cell(t, "class-code", f->class);
	cell(t, "subsystem-vendor-id", f->vendor);
	cell(t, "subsystem-id", f->subsystem);
	cell(t, "ibm,req#msi-x", f->vectors);
	end(t);
}

static void pci(struct tree *t, const struct fdt_machine *m)
{
	uint32_t reg[] = { P9_PCI_BUID >> 32, P9_PCI_BUID & 0xffffffff, 0, 0 }, buses[] = { 0, 0 };
	uint32_t window[] = {
		0x02000000, 0, P9_PCI_MEMORY, P9_PCI >> 32, P9_PCI & 0xffffffff, 0, P9_PCI_SIZE
	};
	uint32_t vectors = 0;
	char name[32];

	for (unsigned i = 0; i < m->function_count; i++)
		vectors += m->functions[i].vectors;
	snprintf(name, sizeof(name), "pci@%llx", (unsigned long long)P9_PCI_BUID);
	begin(t, name);
	text(t, "device_type", "pci");
	text(t, "compatible", "IBM,Logical_PHB");
	cell(t, "#address-cells", 3);
	cell(t, "#size-cells", 2);
	cells(t, "reg", reg, 4);
	cells(t, "bus-range", buses, 2);
	cells(t, "ranges", window, 7);
	cell(t, "ibm,pe-total-#msi", vectors); /* Linux follows a null pointer without it */
	for (unsigned i = 0; i < m->function_count; i++)
		function(t, &m->functions[i], i);
	end(t);
}

/* The node by which Linux knows that there is H_RANDOM. */
static void random_numbers(struct tree *t)
{
	begin(t, "ibm,platform-facilities");
	text(t, "device_type", "ibm,platform-facilities");
	cell(t, "#address-cells", 1);
	cell(t, "#size-cells", 0);
	begin(t, "ibm,random-v1");
	text(t, "device_type", "ibm,random");
	text(t, "compatible", "ibm,random");
	cell(t, "reg", 0);
	end(t);
	end(t);
}

/* In 32-bit big-endian real mode, the buffer in r3: H_RTAS (0xf000) with it. */
void fdt_rtas_stub(void *at)
{
	static const uint32_t code[FDT_RTAS_SIZE / 4] = {
		0x7c641b78, /* mr   r4,r3 */
		0x3c600000, /* lis  r3,0 */
		0x6063f000, /* ori  r3,r3,0xf000 */
		0x44000022, /* sc   1 */
		0x4e800020, /* blr */
	};

	for (unsigned i = 0; i < FDT_RTAS_SIZE / 4; i++)
		fdt32_st((uint32_t *)at + i, code[i]);
}

/* The partition's. Linux shows the name; QEMU's guests look for the other two names of the UUID. */
static void identity(struct tree *t, const struct identity *id)
{
	char uuid[IDENTITY_UUID_TEXT];

	text(t, "ibm,partition-name", identity_name(id));
	cell(t, "ibm,partition-no", 1);
	if (!identity_uuid_text(id, uuid))
		return;
	text(t, "ibm,partition-uuid", uuid);
	text(t, "system-id", uuid);
	text(t, "vm,uuid", uuid);
}

int fdt_build(const struct fdt_machine *m, void *buffer, uint32_t room, struct error *err)
{
	static const uint32_t priorities[] = { 7, 0xf8 }; /* 7 and below are not the guest's */
	/* There are programs that look for the machine that is known by this name. */
	static const char compatible[] = "zpvm,power9\0qemu,pseries";
	struct tree t = { .buf = buffer };

	/* Looking for names that are there already takes most of the time, and more with each CPU. */
	note(&t, fdt_create_with_flags(buffer, (int)room, FDT_CREATE_FLAG_NO_NAME_DEDUP));
	if (t.rc) /* there is no tree, and the calls below would read one from the buffer */
		return error_set(err, -ENOSPC, "the device tree: %s (%u bytes)", fdt_strerror(t.rc), room);
	note(&t, fdt_add_reservemap_entry(buffer, m->rtas, FDT_RTAS_SIZE));
	note(&t, fdt_finish_reservemap(buffer));
	begin(&t, "");
	text(&t, "device_type", "chrp");
	text(&t, "model", "zpvm power9");
	bytes(&t, "compatible", compatible, sizeof(compatible));
	identity(&t, m->identity);
	cell(&t, "#address-cells", 2);
	cell(&t, "#size-cells", 2);
	cells(&t, "ibm,plat-res-int-priorities", priorities, 2);
	if (m->xics || m->xive)
		cell(&t, "interrupt-parent", PHANDLE_IRQCHIP);
	chosen(&t, m);
	hypervisor(&t);
	cpus(&t, m);
	memory(&t, m->memory);
	rtas(&t, m);
	if (m->xics)
		xics(&t, m);
	if (m->xive)
		xive(&t, m);
	vdevice(&t, m);
	if (m->function_count)
		pci(&t, m);
	random_numbers(&t);
	end(&t);
	note(&t, fdt_finish(buffer));
	if (t.rc)
		return error_set(err, -ENOSPC, "the device tree: %s (%u bytes)", fdt_strerror(t.rc), room);
	return 0;
}
