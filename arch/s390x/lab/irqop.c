/* SPDX-License-Identifier: BSD-2-Clause */
/* irqop.c: what a scenario can do to the FLIC beside injecting. Pure. See vmm/lab/irq.h; done by inject.c. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "irq.h"
#include "vmm/lab/words.h"

#define ARGS 6

enum key {
	KEY_SSID,
	KEY_SCHID,
	KEY_ID,
	KEY_ISC,
	KEY_MASKABLE,
	KEY_SWAP,
	KEY_FLAGS,
	KEY_MASK,
	KEY_MODE,
	KEY_SIMM,
	KEY_NIMM,
	KEY_GSI,
	KEY_ADAPTER,
	KEY_INDICATOR,
	KEY_INDICATOR_BIT,
	KEY_SUMMARY,
	KEY_SUMMARY_BIT,
	KEY_QUEUE,
	KEY_COUNT,
	KEY_ADDRESS,
	KEYS
};

static const struct word_key keys[KEYS] = {
	[KEY_SSID] = { "ssid", 3 },
	[KEY_SCHID] = { "schid", UINT16_MAX },
	[KEY_ID] = { "id", UINT32_MAX },
	[KEY_ISC] = { "isc", UINT8_MAX },
	[KEY_MASKABLE] = { "maskable", 1 },
	[KEY_SWAP] = { "swap", 1 },
	[KEY_FLAGS] = { "flags", UINT8_MAX },
	[KEY_MASK] = { "mask", 1 },
	[KEY_MODE] = { "mode", UINT16_MAX },
	[KEY_SIMM] = { "simm", UINT8_MAX },
	[KEY_NIMM] = { "nimm", UINT8_MAX },
	[KEY_GSI] = { "gsi", UINT32_MAX },
	[KEY_ADAPTER] = { "adapter", UINT32_MAX },
	[KEY_INDICATOR] = { "indicator", UINT64_MAX },
	[KEY_INDICATOR_BIT] = { "indicator-bit", UINT64_MAX },
	[KEY_SUMMARY] = { "summary", UINT64_MAX },
	[KEY_SUMMARY_BIT] = { "summary-bit", UINT32_MAX },
	[KEY_QUEUE] = { "queue", UINT64_MAX },
	[KEY_ADDRESS] = { "address", UINT64_MAX },
	[KEY_COUNT] = { "count", UINT64_MAX },
};

#define BIT(key)  KEY_BIT(KEY_##key)
#define ALL_ROUTE (BIT(GSI) | BIT(ADAPTER) | BIT(INDICATOR) | BIT(SUMMARY))

/* arg[] are the values of these keys, in this order. */
static const struct op {
	const char *name;
	enum s390_op code;
	bool drops;
	uint64_t needed;
	unsigned count;
	enum key arg[ARGS];
} ops[] = {
	{ "clear", OP_CLEAR, true, 0, 0, { 0 } },
	{ "clear-io", OP_CLEAR_IO, true, BIT(SCHID), 2, { KEY_SSID, KEY_SCHID } },
	{ "device-on", OP_DEVICE_ON, false, BIT(SCHID), 1, { KEY_SCHID } },
	{ "device-off", OP_DEVICE_OFF, false, BIT(SCHID), 1, { KEY_SCHID } },
	{ "apf-enable", OP_APF_ENABLE, false, 0, 0, { 0 } },
	{ "apf-disable", OP_APF_DISABLE, false, 0, 0, { 0 } },
	{ "adapter-register",
	  OP_ADAPTER_REGISTER,
	  false,
	  BIT(ID) | BIT(ISC),
	  5,
	  { KEY_ID, KEY_ISC, KEY_MASKABLE, KEY_SWAP, KEY_FLAGS } },
	{ "adapter-mask", OP_ADAPTER_MASK, false, BIT(ID) | BIT(MASK), 2, { KEY_ID, KEY_MASK } },
	{ "ais", OP_AIS, false, BIT(ISC) | BIT(MODE), 2, { KEY_ISC, KEY_MODE } },
	{ "ais-all", OP_AIS_ALL, false, BIT(SIMM) | BIT(NIMM), 2, { KEY_SIMM, KEY_NIMM } },
	{ "route",
	  OP_ROUTE,
	  false,
	  ALL_ROUTE,
	  6,
	  { KEY_GSI, KEY_ADAPTER, KEY_INDICATOR, KEY_INDICATOR_BIT, KEY_SUMMARY, KEY_SUMMARY_BIT } },
	{ "irqfd", OP_IRQFD, false, BIT(GSI), 1, { KEY_GSI } },
	{ "irqfd-off", OP_IRQFD_OFF, false, BIT(GSI), 1, { KEY_GSI } },
	{ "ioeventfd", OP_NOTIFY, false, BIT(SCHID), 3, { KEY_SSID, KEY_SCHID, KEY_QUEUE } },
	{ "ioeventfd-take",
	  OP_NOTIFY_TAKE,
	  false,
	  BIT(SCHID) | BIT(COUNT),
	  4,
	  { KEY_SSID, KEY_SCHID, KEY_QUEUE, KEY_COUNT } },
	{ "adapter-map", OP_ADAPTER_MAP, false, BIT(ID) | BIT(ADDRESS), 2, { KEY_ID, KEY_ADDRESS } },
	{ "adapter-unmap", OP_ADAPTER_UNMAP, false, BIT(ID) | BIT(ADDRESS), 2, { KEY_ID, KEY_ADDRESS } },
	{ "route-off", OP_ROUTE_OFF, false, BIT(GSI), 1, { KEY_GSI } },
};

static int unknown(const char *word, struct error *err)
{
	char all[240] = "";

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		size_t len = strlen(all);

		snprintf(all + len, sizeof(all) - len, "%s%s", i ? ", " : "", ops[i].name);
	}
	return error_set(err, -EINVAL, "irqchip: %s is not one of: %s", word, all);
}

int irqchip_parse(const struct word *words, unsigned count, struct irqchip_op *op, struct error *err)
{
	uint64_t value[KEYS] = { 0 }, allowed = 0, given;
	const struct op *o = ops;
	unsigned a = 0, from = 0;
	char what[32];

	while (o < ops + sizeof(ops) / sizeof(ops[0]) && strcmp(o->name, words[0].text))
		o++;
	if (o == ops + sizeof(ops) / sizeof(ops[0]))
		return unknown(words[0].text, err);
	for (unsigned i = 0; i < o->count; i++)
		allowed |= KEY_BIT(o->arg[i]);
	*op = (struct irqchip_op){ .name = o->name, .code = o->code, .drops = o->drops };
	snprintf(what, sizeof(what), "irqchip %s", op->name);
	if (words_parse(what, words, count, keys, KEYS, allowed, o->needed, value, &given, err))
		return -EINVAL;
	/* A subchannel set and a number are one word. */
	if (o->count && o->arg[0] == KEY_SSID) {
		op->arg[a++] = subsystem_word(value[KEY_SSID], value[KEY_SCHID]);
		from = 2;
	}
	for (unsigned i = from; i < o->count; i++)
		op->arg[a++] = value[o->arg[i]];
	return 0;
}
