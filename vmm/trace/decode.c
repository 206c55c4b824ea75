/* SPDX-License-Identifier: BSD-2-Clause */
/* decode.c: see decode.h. Read next: calls.c. */
#include "decode.h"

#include <stdio.h>
#include <string.h>

#include "calls.h"

const char *decode_find(const struct decode_name *names, uint64_t number)
{
	while (names->name && names->number != number)
		names++;
	return names->name;
}

void decode_name(struct trace_event *event, const char *arg, const struct decode_name *names, uint64_t number)
{
	const char *name = decode_find(names, number);

	if (name)
		trace_text(event, arg, "%s", name);
	else
		trace_hex(event, arg, number);
}

void decode_bits(struct trace_event *event, const char *arg, const struct decode_name *names, uint64_t bits)
{
	char text[160] = "";

	for (; bits && names->name; names++) {
		size_t len = strlen(text);

		if (bits & names->number)
			snprintf(text + len, sizeof(text) - len, "%s%s", len ? "|" : "", names->name);
		bits &= ~names->number;
	}
	if (bits) {
		size_t len = strlen(text);

		snprintf(text + len, sizeof(text) - len, "%s0x%llx", len ? "|" : "",
		         (unsigned long long)bits);
	}
	if (*text)
		trace_text(event, arg, "%s", text);
}

static const struct decode_call *find(unsigned long number)
{
	const struct decode_call *row = decode_calls;

	while (row->number && row->number != number)
		row++;
	if (row->number)
		return row;
	for (row = arch_decode_calls; row->number && row->number != number; row++)
		;
	return row->number ? row : NULL;
}

void decode_request(const struct kvm_request *request, struct trace_event *event)
{
	const struct decode_call *row = find(request->number);

	if (row && row->decode)
		row->decode(request, (const void *)request->arg, event);
	else if (!row)
		trace_hex(event, "argument", request->arg);
}
