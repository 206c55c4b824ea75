/* SPDX-License-Identifier: BSD-2-Clause */
/* options.c: any words as a command line, of zpvm and of torture; they end in a newline or NUL. */
#include "vmm/options.h"

#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "tests/torture/options.h"

#define MAX_WORDS 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1), *argv[MAX_WORDS + 2] = { (char[]){ "zpvm" } };
	struct torture_config torture = { .guest = NULL };
	struct options o;
	struct error err = { .text = "" };
	int argc = 1, rc;
	bool help;

	memcpy(copy, data, size);
	copy[size] = 0;
	for (size_t i = 0; i < size && argc <= MAX_WORDS; i += strlen(copy + i) + 1) {
		argv[argc] = copy + i;
		argv[argc++][strcspn(copy + i, "\n")] = 0;
	}
	rc = options_parse(argc, argv, &o, &err);
	must(rc == 0 || rc == -EINVAL);
	must(!rc == !err.text[0]);
	if (!rc && o.action == ACTION_RUN) {
		must((o.guest || o.restore) && o.vcpus <= UINT16_MAX && o.timeout_ms <= 1000000000);
		must(o.trace || !o.trace_what);
	}
	rc = torture_options(argc, argv, &torture, &help, &err);
	must(rc == 0 || rc == -EINVAL);
	if (!rc && !help && torture.restore && !torture.guest)
		must(torture.shrink);
	else if (!rc && !help)
		must(torture.guest && torture.steps && torture.vcpus <= 8 &&
		     (torture.rounds || torture.seconds));
	free(copy);
	return 0;
}
