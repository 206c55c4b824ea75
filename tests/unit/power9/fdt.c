/* SPDX-License-Identifier: BSD-2-Clause */
/* fdt.c: the device tree: what the guest and Linux rely on, read back with libfdt. */
#include "arch/power9/fdt.h"

#include <errno.h>
#include <libfdt.h>
#include <stdlib.h>

#include "arch/power9/platform.h"
#include "tests/unit/tap.h"

#define TIMA 0x6030203180000
#define STUB 0x3fff000

static struct error err;
static const void *tree;

static int node(const char *path)
{
	int offset = fdt_path_offset(tree, path);

	ok(offset >= 0, "there is %s", path);
	return offset;
}

/* A property that is these cells. */
static void cells(int offset, const char *name, unsigned count, const uint32_t *want)
{
	int len = 0;
	const uint32_t *p = fdt_getprop(tree, offset, name, &len);
	bool same = p && (unsigned)len == 4 * count;

	for (unsigned i = 0; same && i < count; i++)
		same = fdt32_ld(p + i) == want[i];
	ok(same, "%s", name);
}

#define CELLS(offset, name, ...) \
	cells(offset, name, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4, (uint32_t[]){ __VA_ARGS__ })

static void string(int offset, const char *name, const char *want)
{
	int len = 0;
	const char *p = fdt_getprop(tree, offset, name, &len);

	ok(p && (size_t)len == strlen(want) + 1 && !strcmp(p, want), "%s is \"%s\"", name, want);
}

static const struct rtas_service services[] = {
	{ .name = "power-off", .token = P9_RTAS_POWER_OFF },
	{ .name = "ibm,os-term", .token = P9_RTAS_OS_TERM },
	{ .name = "start-cpu", .token = P9_RTAS_START_CPU },
	{ .name = "stop-self", .token = P9_RTAS_STOP_SELF },
	{ .name = "query-cpu-stopped-state", .token = P9_RTAS_QUERY_CPU },
	{ .name = "ibm,set-xive", .token = P9_RTAS_SET_XIVE, .xics = true },
	{ .name = "ibm,get-xive", .token = P9_RTAS_GET_XIVE, .xics = true },
	{ .name = "ibm,int-on", .token = P9_RTAS_INT_ON, .xics = true },
	{ .name = "ibm,int-off", .token = P9_RTAS_INT_OFF, .xics = true },
	{ .name = "system-reboot", .token = P9_RTAS_REBOOT },
	{ .name = "get-time-of-day", .token = P9_RTAS_TIME_OF_DAY },
	{ .name = "set-time-of-day", .token = P9_RTAS_SET_TIME_OF_DAY },
	{ .name = NULL },
};

/* clang-format off */
#define MACHINE(size, count, stride, with_xics, page, shift)                                  \
	{ .memory = (size), .vcpus = (count), .vcpu_stride = (stride), .xics = (with_xics),   \
	  .xive = !(with_xics), .tima = (page), .page_shift = (shift), .rtas = STUB,          \
	  .services = services }
/* clang-format on */

static void platform(const struct fdt_machine *m)
{
	static const char hypertas[] = "hcall-interrupt\0hcall-term\0hcall-splpar\0hcall-set-mode\0hcall-vio";
	uint64_t user = m->tima + (3ULL << m->page_shift), os = m->tima + (2ULL << m->page_shift);
	char path[60];
	const uint8_t *p;
	int n = node("/"), len;

	CELLS(n, "#address-cells", 2);
	CELLS(n, "#size-cells", 2);
	string(n, "device_type", "chrp");
	string(n, "model", "zpvm power9");
	is(fdt_node_check_compatible(tree, n, "zpvm,power9"), 0, "compatible with zpvm,power9");
	is(fdt_node_check_compatible(tree, n, "qemu,pseries"), 0, "and with qemu,pseries");
	string(node("/hypervisor"), "compatible", "linux,kvm");
	CELLS(n, "ibm,plat-res-int-priorities", 7, 0xf8);
	string(n, "ibm,partition-name", "zpvm");
	string(node("/ibm,platform-facilities/ibm,random-v1"), "compatible", "ibm,random");
	n = node("/memory@0");
	string(n, "device_type", "memory");
	CELLS(n, "reg", 0, 0, (uint32_t)(m->memory >> 32), (uint32_t)m->memory);
	n = node("/chosen");
	string(n, "stdout-path", "/vdevice/vty@30000000");
	string(n, "linux,stdout-path", "/vdevice/vty@30000000");
	p = fdt_getprop(tree, n, "ibm,architecture-vec-5", &len);
	ok(p && len == 27 && p[0] == 26 && p[23] == 0x40 && p[24] == 0x40 && p[26] == 0x40,
	   "ibm,architecture-vec-5: XIVE exploitation, radix, GTSE");
	n = node("/rtas");
	CELLS(n, "power-off", P9_RTAS_POWER_OFF);
	CELLS(n, "ibm,os-term", P9_RTAS_OS_TERM);
	CELLS(n, "start-cpu", P9_RTAS_START_CPU);
	CELLS(n, "stop-self", P9_RTAS_STOP_SELF);
	CELLS(n, "query-cpu-stopped-state", P9_RTAS_QUERY_CPU);
	CELLS(n, "system-reboot", P9_RTAS_REBOOT);
	CELLS(n, "get-time-of-day", P9_RTAS_TIME_OF_DAY);
	CELLS(n, "set-time-of-day", P9_RTAS_SET_TIME_OF_DAY);
	ok(!fdt_getprop(tree, n, "ibm,set-xive", NULL), "no ibm,set-xive");
	ok(fdt_getprop(tree, n, "ibm,extended-os-term", &len) && !len, "ibm,extended-os-term");
	CELLS(n, "linux,rtas-base", STUB);
	CELLS(n, "linux,rtas-entry", STUB);
	CELLS(n, "rtas-size", FDT_RTAS_SIZE);
	p = fdt_getprop(tree, n, "ibm,hypertas-functions", &len);
	ok(p && len == sizeof(hypertas) && !memcmp(p, hypertas, sizeof(hypertas)), "ibm,hypertas-functions");
	snprintf(path, sizeof(path), "/interrupt-controller@%" PRIx64, user);
	n = node(path);
	string(n, "compatible", "ibm,power-ivpe");
	CELLS(n, "reg", (uint32_t)(user >> 32), (uint32_t)user, 0, 1u << m->page_shift, (uint32_t)(os >> 32),
	      (uint32_t)os, 0, 1u << m->page_shift);
	CELLS(n, "ibm,xive-lisn-ranges", 0, (m->vcpus - 1) * m->vcpu_stride + 1);
	CELLS(n, "ibm,xive-eq-sizes", 16);
	CELLS(n, "#interrupt-cells", 2);
	ok(fdt_getprop(tree, n, "interrupt-controller", &len) && !len, "interrupt-controller");
	CELLS(node("/"), "interrupt-parent", fdt_get_phandle(tree, n));
	n = node("/vdevice/vty@30000000");
	CELLS(n, "reg", P9_VTY);
	string(n, "compatible", "hvterm1");
	CELLS(n, "interrupts", P9_VTY_SOURCE, 0);
	string(n, "device_type", "serial");
	n = node("/vdevice");
	CELLS(n, "#address-cells", 1);
	CELLS(n, "#size-cells", 0);
}

static void one_cpu(int n, unsigned id)
{
	int len;
	const uint8_t *p = fdt_getprop(tree, n, "ibm,pa-features", &len);

	ok(p && len == 68 && p[0] == 66 && !p[1] && p[2 + 5] & 0x80 && p[2 + 40] & 0x80,
	   "ibm,pa-features: little-endian, radix");
	ok(p && !p[2 + 22], "and no transactional memory");
	ok(!fdt_getprop(tree, n, "ibm,vmx", NULL) && !fdt_getprop(tree, n, "ibm,dfp", NULL),
	   "nor vectors and decimal floating point, which this host does not have");
	string(n, "device_type", "cpu");
	CELLS(n, "reg", id);
	CELLS(n, "ibm,ppc-interrupt-server#s", id);
	CELLS(n, "timebase-frequency", 512000000);
	CELLS(n, "d-cache-line-size", 128);
	CELLS(n, "i-cache-line-size", 128);
	CELLS(n, "ibm,processor-radix-AP-encodings", 0x0000000c, 0xa0000010, 0x20000015, 0x4000001e);
}

static void cpus(unsigned count, unsigned stride)
{
	int n, last = -1, parent = node("/cpus");
	unsigned found = 0, wrong = 0;

	CELLS(parent, "#address-cells", 1);
	CELLS(parent, "#size-cells", 0);
	fdt_for_each_subnode(n, tree, parent)
	{
		const uint32_t *reg = fdt_getprop(tree, n, "reg", NULL);
		char name[40];

		snprintf(name, sizeof(name), "PowerPC,POWER9@%x", found * stride);
		wrong += !reg || fdt32_ld(reg) != found * stride ||
		         strcmp(fdt_get_name(tree, n, NULL), name) != 0;
		found++;
		last = n;
	}
	is(found, count, "as many CPU nodes as vCPUs");
	is(wrong, 0, "numbered and named in order");
	if (last >= 0)
		one_cpu(last, (count - 1) * stride);
}

/* The compiler of device trees reads it. */
static void compiler(const void *blob)
{
	FILE *dtc = popen("dtc -q -I dtb -O dts -o /dev/null", "w");

	fwrite(blob, 1, fdt_totalsize(blob), dtc);
	is(pclose(dtc), 0, "dtc reads it without errors");
}

static void build(unsigned vcpus, unsigned stride, uint64_t memory)
{
	const struct fdt_machine m = MACHINE(memory, vcpus, stride, false, TIMA, 16);
	uint32_t room = fdt_room(vcpus), size, wrong = 0;
	uint8_t *blob = malloc(room);

	memset(blob, 0xff, room);
	is(fdt_build(&m, blob, room, &err), 0, "a tree for %u vCPUs", vcpus);
	size = fdt_totalsize(blob);
	is(fdt_check_full(blob, room), 0, "is well formed");
	ok(size <= room, "%u of %u bytes", size, room);
	tree = blob;
	platform(&m);
	cpus(vcpus, stride);
	compiler(blob);
	free(blob);
	/* A buffer of just that size, so that the address sanitizer sees every step beyond it. */
	for (uint32_t less = 0; less < size; less += vcpus == 1 || less < 64 || less + 64 > size ? 1 : 4099) {
		blob = malloc(less);
		if (fdt_build(&m, blob, less, &err) != -ENOSPC)
			wrong++;
		free(blob);
	}
	is(wrong, 0, "less room is refused");
}

/* What stands in the buffer beforehand must not matter: not even a tree that was being built. */
static void stale(void)
{
	const struct fdt_machine m = MACHINE(64 << 20, 1, 1, false, TIMA, 16);
	uint8_t buffer[4096], before[4096];

	memset(buffer, 0, sizeof(buffer));
	fdt_create(buffer, sizeof(buffer));
	fdt_finish_reservemap(buffer);
	memcpy(before, buffer, sizeof(buffer));
	is(fdt_build(&m, buffer, 16, &err), -ENOSPC, "no room even for the header");
	has(err.text, "(16 bytes)", "it says how little");
	ok(!memcmp(buffer + 16, before + 16, sizeof(buffer) - 16), "nothing is written beyond");
}

/* What Linux is given, and what the host's processor has. */
static void linux_guest(void)
{
	struct fdt_machine m = MACHINE(64 << 20, 1, 1, false, TIMA, 16);
	struct identity id = { .name = "the name", .uuid = { 0x80, [15] = 1 } };
	const char *uuid = "80000000-0000-0000-0000-000000000001";
	char params[5000], *end = params + sizeof(params) - 1;
	uint32_t room = fdt_room(1) + sizeof(params);
	uint8_t *blob = malloc(room);
	int n;

	memset(params, 'x', sizeof(params));
	*end = 0;
	m.params = params;
	m.vmx = m.dfp = true;
	m.identity = &id;
	m.initrd = 0x123450000;
	m.initrd_end = 0x123456789;
	is(fdt_build(&m, blob, room, &err), 0, "a tree with long parameters");
	tree = blob;
	n = node("/chosen");
	string(n, "bootargs", params);
	CELLS(n, "linux,initrd-start", 1, 0x23450000);
	CELLS(n, "linux,initrd-end", 1, 0x23456789);
	n = node("/cpus/PowerPC,POWER9@0");
	CELLS(n, "ibm,vmx", 2);
	CELLS(n, "ibm,dfp", 1);
	n = node("/");
	string(n, "ibm,partition-name", id.name);
	string(n, "ibm,partition-uuid", uuid);
	string(n, "system-id", uuid);
	string(n, "vm,uuid", uuid);
	m.identity = NULL;
	m.params = NULL;
	m.initrd_end = 0;
	is(fdt_build(&m, blob, room, &err), 0, "and one without");
	string(node("/"), "ibm,partition-name", "zpvm");
	ok(!fdt_getprop(tree, node("/"), "vm,uuid", NULL), "no UUID");
	n = node("/chosen");
	string(n, "bootargs", "");
	ok(!fdt_getprop(tree, n, "linux,initrd-start", NULL), "no initial RAM disk");
	compiler(blob);
	free(blob);
}

/* XICS: no XIVE node, no XIVE in the vector, RTAS calls for sources. */
static void older_controller(void)
{
	const struct fdt_machine m = MACHINE(64 << 20, 2, 4, true, 0, 0);
	uint8_t *blob = malloc(fdt_room(2));
	const uint8_t *p;
	int n, len;

	is(fdt_build(&m, blob, fdt_room(2), &err), 0, "a tree with XICS");
	is(fdt_check_full(blob, fdt_room(2)), 0, "is well formed");
	tree = blob;
	n = node("/interrupt-controller");
	string(n, "compatible", "IBM,ppc-xicp");
	string(n, "device_type", "PowerPC-External-Interrupt-Presentation");
	CELLS(n, "ibm,interrupt-server-ranges", 0, 5);
	CELLS(node("/"), "interrupt-parent", fdt_get_phandle(tree, n));
	is(fdt_node_offset_by_compatible(tree, -1, "ibm,power-ivpe"), -FDT_ERR_NOTFOUND, "no XIVE");
	p = fdt_getprop(tree, node("/chosen"), "ibm,architecture-vec-5", &len);
	ok(p && len == 27 && !p[23], "nor in ibm,architecture-vec-5");
	n = node("/rtas");
	CELLS(n, "ibm,set-xive", P9_RTAS_SET_XIVE);
	CELLS(n, "ibm,get-xive", P9_RTAS_GET_XIVE);
	CELLS(n, "ibm,int-on", P9_RTAS_INT_ON);
	CELLS(n, "ibm,int-off", P9_RTAS_INT_OFF);
	compiler(blob);
	free(blob);
}

/* No controller, so nobody has an interrupt. */
static void no_controller(void)
{
	const struct fdt_machine m = {
		.memory = 64 << 20, .vcpus = 1, .vcpu_stride = 1, .services = services
	};
	uint8_t *blob = malloc(fdt_room(1));
	const uint8_t *p;

	is(fdt_build(&m, blob, fdt_room(1), &err), 0, "a tree without a controller");
	is(fdt_check_full(blob, fdt_room(1)), 0, "is well formed");
	tree = blob;
	ok(!fdt_getprop(tree, node("/"), "interrupt-parent", NULL), "there is no interrupt parent");
	is(fdt_node_offset_by_compatible(tree, -1, "ibm,power-ivpe"), -FDT_ERR_NOTFOUND, "no XIVE");
	is(fdt_node_offset_by_compatible(tree, -1, "IBM,ppc-xicp"), -FDT_ERR_NOTFOUND, "no XICS");
	ok(!fdt_getprop(tree, node("/vdevice/vty@30000000"), "interrupts", NULL), "the terminal has none");
	p = fdt_getprop(tree, node("/chosen"), "ibm,architecture-vec-5", NULL);
	ok(p && !p[23], "no XIVE in ibm,architecture-vec-5");
	free(blob);
}

/* What a 32-bit big-endian caller executes, and that nobody else uses its memory. */
static void stub(void)
{
	static const uint8_t code[] = { 0x7c, 0x64, 0x1b, 0x78, 0x3c, 0x60, 0,    0,    0x60, 0x63,
		                        0xf0, 0,    0x44, 0,    0,    0x22, 0x4e, 0x80, 0,    0x20 };
	const struct fdt_machine m = MACHINE(64 << 20, 1, 1, false, TIMA, 16);
	uint8_t at[FDT_RTAS_SIZE + 1] = { [FDT_RTAS_SIZE] = 0x55 }, *blob = malloc(fdt_room(1));
	uint64_t addr = 0, size = 0;

	fdt_rtas_stub(at);
	ok(!memcmp(at, code, sizeof(code)) && at[FDT_RTAS_SIZE] == 0x55, "the RTAS stub: sc 1 with H_RTAS");
	fdt_build(&m, blob, fdt_room(1), &err);
	fdt_get_mem_rsv(blob, 0, &addr, &size);
	ok(addr == STUB && size == FDT_RTAS_SIZE && fdt_num_mem_rsv(blob) == 1, "it is reserved");
	free(blob);
}

int main(void)
{
	stub();
	build(1, 1, 64 << 20);
	build(8, 1, 1ULL << 32);
	build(8, 8, 1ULL << 32);
	build(2048, 1, (1ULL << 40) + 65536);
	linux_guest();
	older_controller();
	no_controller();
	stale();
	return tap_done();
}
