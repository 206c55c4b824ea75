/* SPDX-License-Identifier: BSD-2-Clause */
/* choose.c: which interrupt controller, on which host. */
#include "arch/power9/choose.h"

#include <errno.h>

#include "tests/unit/tap.h"

#define NO_XIVE "lacks KVM_CAP_PPC_IRQ_XIVE (for "
#define DEADLY  "bring the host down"
#define NO_XICS "lacks KVM_CAP_IRQ_XICS"

int main(void)
{
	static const struct choice both = { true, true, true, 65536 }, off = { false, true, true, 65536 },
				   partition = { false, true, false, 65536 },
				   none = { false, false, false, 65536 },
				   large = { true, true, false, 1 << 21 }, small = { true, true, true, 4096 },
				   almost = { true, true, true, 32768 },
				   small_alone = { true, false, true, 4096 },
				   small_off = { false, true, true, 4096 };
	static const struct {
		const struct choice *host;
		const char *word, *name; /* NULL: refused */
		int code;
		const char *why;
	} all[] = {
		{ &both, NULL, "xive", 0, "" },
		{ &both, "auto", "xive", 0, "" },
		{ &both, "xive", "xive", 0, "" },
		{ &both, "xics", "xics", 0, "" },
		{ &both, "flic", NULL, -EINVAL, "irqchip flic: this machine has xive, xics, none or auto" },
		{ &both, "none", "none", 0, "" },
		{ &off, "none", "none", 0, "" },
		{ &both, "", NULL, -EINVAL, "this machine has" },
		{ &off, "auto", NULL, -EOPNOTSUPP, NO_XIVE },
		{ &off, "auto", NULL, -EOPNOTSUPP, DEADLY },
		{ &off, "xive", NULL, -EOPNOTSUPP, NO_XIVE },
		{ &off, "xics", NULL, -EOPNOTSUPP, DEADLY },
		{ &partition, NULL, "xics", 0, NO_XIVE },
		{ &partition, "auto", "xics", 0, NO_XIVE },
		{ &partition, "xics", "xics", 0, "" },
		{ &partition, "xive", NULL, -EOPNOTSUPP, NO_XIVE },
		{ &none, "auto", NULL, -EOPNOTSUPP, NO_XIVE },
		{ &none, "auto", NULL, -EOPNOTSUPP, NO_XICS },
		{ &none, "xics", NULL, -EOPNOTSUPP, NO_XICS },
		{ &large, "auto", "xive", 0, "" },
		{ &small, NULL, "xics", 0, "pages are of 4 KiB" },
		{ &small, "auto", "xics", 0, "linux-image-powerpc64le-64k" },
		{ &small, "xics", "xics", 0, "" },
		{ &small, "xive", NULL, -EOPNOTSUPP, "linux-image-powerpc64le-64k" },
		{ &almost, "auto", "xics", 0, "pages are of 32 KiB" },
		{ &small_alone, "auto", NULL, -EOPNOTSUPP, "pages are of 4 KiB" },
		{ &small_alone, "auto", NULL, -EOPNOTSUPP, NO_XICS },
		{ &small_off, "auto", NULL, -EOPNOTSUPP, NO_XIVE },
		{ &small_off, "auto", NULL, -EOPNOTSUPP, DEADLY },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct error err = { .text = "of something before" };
		const char *name = "";

		is(choose_irqchip(all[i].host, all[i].word, &name, &err), all[i].code, "%s",
		   all[i].word ? all[i].word : "nothing said");
		if (all[i].name)
			ok(!strcmp(name, all[i].name), "is %s", name);
		if (all[i].name && !*all[i].why)
			ok(!*err.text, "and there is nothing to say");
		else
			has(err.text, all[i].why, "%s: %s", all[i].name ? "not XIVE" : "refused", err.text);
	}
	return tap_done();
}
