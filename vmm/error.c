/* SPDX-License-Identifier: BSD-2-Clause */
/* error.c: sentences for the user. Pure. */
#include "error.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Part of the text may come from an untrusted file, so it must not contain control characters. */
static void clean(struct error *err)
{
	for (char *p = err->text; *p; p++)
		if ((uint8_t)*p < ' ' || *p == 0x7f)
			*p = '?';
}

int error_set(struct error *err, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	clean(err);
	err->fault = FAULT_UNKNOWN;
	return code;
}

int error_blame(struct error *err, int code, enum fault fault)
{
	if (code)
		err->fault = fault;
	return code;
}

int error_prefix(struct error *err, int code, const char *fmt, ...)
{
	struct error old = *err;
	size_t len;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, ": %s", old.text);
	clean(err);
	return code;
}

const char *error_name(int code)
{
	const char *name = strerrorname_np(code < 0 ? -code : code);

	return name ? name : "E?";
}
