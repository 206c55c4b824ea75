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
	static const struct choice both = { true, true, true }, off = { false, true, true },
				   partition = { false, true, false }, none = { false, false, false };
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
		{ &both, "flic", NULL, -EINVAL, "irqchip flic: this machine has xive, xics or auto" },
		{ &both, "", NULL, -EINVAL, "this machine has" },
		{ &off, "auto", NULL, -EOPNOTSUPP, NO_XIVE },
		{ &off, "auto", NULL, -EOPNOTSUPP, DEADLY },
		{ &off, "xive", NULL, -EOPNOTSUPP, NO_XIVE },
		{ &off, "xics", NULL, -EOPNOTSUPP, DEADLY },
		{ &partition, NULL, "xics", 0, "" },
		{ &partition, "auto", "xics", 0, "" },
		{ &partition, "xics", "xics", 0, "" },
		{ &partition, "xive", NULL, -EOPNOTSUPP, NO_XIVE },
		{ &none, "auto", NULL, -EOPNOTSUPP, NO_XIVE },
		{ &none, "auto", NULL, -EOPNOTSUPP, NO_XICS },
		{ &none, "xics", NULL, -EOPNOTSUPP, NO_XICS },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct error err = { "" };
		const char *name = "";

		is(choose_irqchip(all[i].host, all[i].word, &name, &err), all[i].code, "%s",
		   all[i].word ? all[i].word : "nothing said");
		if (all[i].name)
			ok(!strcmp(name, all[i].name), "is %s", name);
		else
			has(err.text, all[i].why, "refused: %s", err.text);
	}
	return tap_done();
}
