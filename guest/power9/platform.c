/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * platform.c: what the platform is, read from the device tree that the guest is
 * given at its start (Devicetree Specification, "Flattened Devicetree Format";
 * the nodes: PAPR appendix B and C). A tree is a sequence of big-endian words:
 * tokens, each with what belongs to it; a node's properties come before its
 * subnodes.
 */
#include "guest.h"
#include "arch/power9/platform.h"
#include "power9/cpu.h"

/* So that a crash can be told before the tree is read. */
struct platform platform = { .vty = P9_VTY, .rtas_os_term = P9_RTAS_OS_TERM };

#define FDT_MAGIC      0xd00dfeed
#define FDT_BEGIN_NODE 1
#define FDT_PROP       3
#define FDT_END        9

/* The header's words. */
enum {
	MAGIC,
	TOTAL_SIZE,
	OFF_STRUCT,
	OFF_STRINGS,
	OFF_RESERVED,
	VERSION,
	COMPATIBLE,
	BOOT_CPU,
	SIZE_STRINGS,
	SIZE_STRUCT
};

static struct tree {
	const uint8_t *tokens;
	const char *strings;
	uint32_t size, strings_size; /* bytes */
} tree;

static uint32_t word(const void *at)
{
	return __builtin_bswap32(*(const uint32_t *)at);
}

static int same(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	return *a == *b;
}

/* A token, and where the next one is. name and value: of a property. */
struct token {
	uint32_t kind, next;
	const char *name;
	const uint8_t *value;
	uint32_t length;
};

static struct token token_at(uint32_t at)
{
	struct token t = { .kind = FDT_END, .next = at };

	if (at > tree.size - 4)
		return t;
	t.kind = word(tree.tokens + at);
	t.next = at + 4;
	if (t.kind == FDT_BEGIN_NODE) {
		while (t.next < tree.size && tree.tokens[t.next])
			t.next++;
		t.next = (t.next + 4) & ~3u;
	} else if (t.kind == FDT_PROP) {
		uint32_t name;

		if (tree.size - at < 12)
			crash("the device tree ends within a property");
		t.length = word(tree.tokens + at + 4);
		name = word(tree.tokens + at + 8);
		t.value = tree.tokens + at + 12;
		if (t.length > tree.size - at - 12 || name >= tree.strings_size)
			crash("the device tree has a property of %u bytes at %u", t.length, at);
		t.name = tree.strings + name;
		t.next = (at + 12 + t.length + 3) & ~3u;
	}
	return t;
}

/* A list of strings; NULL is in every one. */
static int has_string(const struct token *t, const char *text)
{
	for (uint32_t i = 0; text && i < t->length; i++)
		if ((!i || !t->value[i - 1]) && !t->value[t->length - 1] &&
		    same((const char *)t->value + i, text))
			return 1;
	return !text;
}

/* The first node from *at on that has a property with that string: its first token; *at is behind it. */
static uint32_t find(uint32_t *at, const char *property, const char *text)
{
	struct token t = token_at(*at);
	uint32_t node = 0;

	for (; t.kind != FDT_END; t = token_at(t.next)) {
		if (t.kind == FDT_BEGIN_NODE)
			node = t.next;
		if (t.kind == FDT_PROP && same(t.name, property) && has_string(&t, text)) {
			*at = t.next;
			return node;
		}
	}
	return 0;
}

static uint32_t find_only(const char *property, const char *text)
{
	uint32_t at = 0, node = find(&at, property, text);

	if (!node)
		crash("the device tree has no node whose %s is %s", property, text ? text : "there");
	return node;
}

/* A property's number of cells, 0 if there is none. */
static uint32_t cells(uint32_t node, const char *name, const uint8_t **value)
{
	for (struct token t = token_at(node); t.kind == FDT_PROP; t = token_at(t.next))
		if (same(t.name, name)) {
			*value = t.value;
			return t.length / 4;
		}
	return 0;
}

static uint32_t cell(uint32_t node, const char *name, uint32_t index)
{
	const uint8_t *value;

	if (cells(node, name, &value) <= index)
		crash("the device tree has no %s with %u cells", name, index + 1);
	return word(value + 4 * index);
}

static void read_interrupts(void)
{
	uint32_t at = 0, node = find(&at, "device_type", "power-ivpe");

	if (!node) {
		at = 0;
		platform.xics = find(&at, "compatible", "IBM,ppc-xicp") != 0;
		return;
	}
	platform.xive = 1;
	/* Two pages, address and size of two cells each: the user's and the operating system's. */
	platform.tima = (uint64_t)cell(node, "reg", 4) << 32 | cell(node, "reg", 5);
	platform.ipi_first = cell(node, "ibm,xive-lisn-ranges", 0);
	platform.ipis = cell(node, "ibm,xive-lisn-ranges", 1);
	platform.queue_shift = cell(node, "ibm,xive-eq-sizes", 0);
}

static void read_cpus(void)
{
	uint32_t at = 0, node;
	const uint8_t *servers;

	platform.timebase = cell(find_only("device_type", "cpu"), "timebase-frequency", 0);
	while ((node = find(&at, "device_type", "cpu"))) {
		uint32_t threads = cells(node, "ibm,ppc-interrupt-server#s", &servers);

		for (uint32_t i = 0; i < threads && platform.cpus < ABI_CPUS; i++)
			platform.servers[platform.cpus++] = word(servers + 4 * i);
	}
}

void platform_read(const void *fdt)
{
	const uint8_t *at = fdt;
	uint32_t node, total;

	if (word(at) != FDT_MAGIC)
		crash("there is no device tree at 0x%lx", (uint64_t)fdt);
	total = word(at + 4 * TOTAL_SIZE);
	tree.size = word(at + 4 * SIZE_STRUCT);
	tree.strings_size = word(at + 4 * SIZE_STRINGS);
	if (tree.size < 4 || tree.size > total || word(at + 4 * OFF_STRUCT) > total - tree.size ||
	    tree.strings_size > total || word(at + 4 * OFF_STRINGS) > total - tree.strings_size)
		crash("the device tree's blocks are outside its %u bytes", total);
	tree.tokens = at + word(at + 4 * OFF_STRUCT);
	tree.strings = (const char *)at + word(at + 4 * OFF_STRINGS);
	read_interrupts();
	read_cpus();
	platform.vty = cell(find_only("compatible", "hvterm1"), "reg", 0);
	node = find_only("ibm,hypertas-functions", NULL);
	platform.rtas_power_off = cell(node, "power-off", 0);
	platform.rtas_reboot = cell(node, "system-reboot", 0);
	platform.rtas_os_term = cell(node, "ibm,os-term", 0);
	platform.rtas_start_cpu = cell(node, "start-cpu", 0);
	platform.rtas_stop_self = cell(node, "stop-self", 0);
	platform.rtas_query_cpu = cell(node, "query-cpu-stopped-state", 0);
}

unsigned int platform_cpu(uint64_t server)
{
	unsigned int cpu = 0;

	while (cpu < platform.cpus && platform.servers[cpu] != server)
		cpu++;
	return cpu < platform.cpus ? cpu : ABI_CPUS;
}
