/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * platform.c: the device tree, flattened (Devicetree Specification, ch. 5), as
 * far as the guest asks: which interrupt controller, which servers. No node's
 * place matters: what is looked for is found by the property alone.
 */
#include "guest.h"
#include "power9/cpu.h"

/* The header: big-endian words. */
#define FDT_MAGIC      0xd00dfeed
#define FDT_AT_STRUCT  2
#define FDT_AT_STRINGS 3

/* Tokens of the structure block; other ones have nothing behind them. */
#define FDT_BEGIN_NODE 1 /* name, NUL, padding */
#define FDT_PROP       3 /* length, name's offset in the strings, value, padding */
#define FDT_END        9

struct platform platform;

static uint32_t word(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int same(const uint8_t *text, const char *other)
{
	while (*other && *text == (uint8_t)*other) {
		text++;
		other++;
	}
	return *text == (uint8_t)*other;
}

static void property(const uint8_t *name, const uint8_t *value, uint32_t length)
{
	if (same(name, "compatible") && same(value, "IBM,ppc-xicp"))
		platform.xics = 1;
	if (same(name, "ibm,ppc-interrupt-server#s") && length == 4 && platform.cpus < ABI_CPUS)
		platform.servers[platform.cpus++] = word(value);
}

void platform_read(const uint8_t *fdt)
{
	const uint8_t *at = fdt + word(fdt + 4 * FDT_AT_STRUCT);
	const uint8_t *strings = fdt + word(fdt + 4 * FDT_AT_STRINGS);
	uint32_t token, length;

	if (word(fdt) != FDT_MAGIC)
		crash("there is no device tree");
	while ((token = word(at)) != FDT_END) {
		at += 4;
		if (token == FDT_BEGIN_NODE) {
			for (length = 1; at[length - 1]; length++)
				;
			at += (length + 3) & ~3u;
		} else if (token == FDT_PROP) {
			length = word(at);
			property(strings + word(at + 4), at + 8, length);
			at += 8 + ((length + 3) & ~3u);
		}
	}
}

unsigned int platform_cpu(uint64_t server)
{
	unsigned int cpu = 0;

	while (cpu < platform.cpus && platform.servers[cpu] != server)
		cpu++;
	return cpu < platform.cpus ? cpu : ABI_CPUS;
}
