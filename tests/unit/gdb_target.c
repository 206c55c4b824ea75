/* SPDX-License-Identifier: BSD-2-Clause */
/* gdb_target.c: the registers that an architecture describes to gdb. */
#include <stdlib.h>
#include <string.h>

#include "arch/power9/registers.h"
#include "arch/s390x/registers.h"
#include "tap.h"
#include "vmm/debug/gdb_target.h"

/* Any architecture's registers are in it. */
static union {
	struct s390_cpu s390x;
	struct p9_cpu power9;
	uint8_t bytes[1];
} cpu, back;

static uint8_t bytes[GDB_REGISTERS_MAX], again[GDB_REGISTERS_MAX];

static unsigned count(const char *text, const char *part)
{
	unsigned n = 0;

	while ((text = strstr(text, part))) {
		n++;
		text += strlen(part);
	}
	return n;
}

static void test_registers(void)
{
	size_t size = gdb_target_size(&arch_target), at, len, sum = 0;
	uint64_t n;

	for (n = 0; gdb_target_find(&arch_target, n, &at, &len); n++) {
		if (at != sum)
			break;
		sum += len;
	}
	ok(n > 50 && sum == size && size <= GDB_REGISTERS_MAX,
	   "%" PRIu64 " registers of %zu bytes, one behind the other", n, size);
	ok(!gdb_target_find(&arch_target, n, &at, &len) &&
	           !gdb_target_find(&arch_target, UINT64_MAX, &at, &len),
	   "there is none behind them");
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(7 * i + 1);
	gdb_target_set(&arch_target, &cpu, bytes);
	gdb_target_get(&arch_target, &cpu, again);
	ok(!memcmp(bytes, again, size), "each has a place of its own");
	memset(again, 0, sizeof(again));
	gdb_target_set(&arch_target, &cpu, again);
	ok(!memcmp(&cpu, &back, sizeof(cpu)), "and nothing else is touched");
}

static void test_xml(void)
{
	char *xml = gdb_target_xml(&arch_target);
	size_t at, len;
	uint64_t n = 0;

	while (gdb_target_find(&arch_target, n, &at, &len))
		n++;
	is(count(xml, "<reg name="), n, "as many in the description");
	ok(count(xml, "<feature ") == count(xml, "</feature>") && count(xml, "</target>") == 1 &&
	           !strchr(xml, '%'),
	   "which is whole");
	has(xml, "<reg name=\"r15\" bitsize=\"64\"", "with names and sizes");
	free(xml);
}

int main(void)
{
	test_registers();
	test_xml();
	return tap_done();
}
