/* SPDX-License-Identifier: BSD-2-Clause */
/* choose.c: see choose.h. Pure. */
#include "choose.h"

#include <errno.h>
#include <string.h>

/*
 * On a POWER9 that was booted with its XIVE off, KVM (6.1) takes a vCPU's
 * first H_XIRR, H_CPPR, H_EOI, H_IPI or H_IPOLL for one of XICS on XIVE, and
 * follows a pointer that is not there: the host is down.
 */
static bool xics_is_deadly(const struct choice *host)
{
	return host->bare_metal && !host->xive;
}

int choose_irqchip(const struct choice *host, const char *word, const char **name, struct error *err)
{
	static const char xive_missing[] = "this host's KVM lacks KVM_CAP_PPC_IRQ_XIVE (for the XIVE "
					   "interrupt controller; load kvm-hv on "
					   "bare metal, booted without xive=off)";
	static const char deadly[] =
		"its XICS would bring the host down at the guest's first hypercall to it";
	bool any = !word || !strcmp(word, "auto");

	if (!any && strcmp(word, "xive") && strcmp(word, "xics"))
		return error_set(err, -EINVAL, "irqchip %s: this machine has xive, xics or auto", word);
	if (any && host->xive)
		word = "xive";
	if (word && !strcmp(word, "xive")) {
		*name = "xive";
		return host->xive ? 0 : error_set(err, -EOPNOTSUPP, "%s", xive_missing);
	}
	*name = "xics";
	if (xics_is_deadly(host))
		return error_set(err, -EOPNOTSUPP, "%s, and %s", xive_missing, deadly);
	if (!host->xics)
		return error_set(err, -EOPNOTSUPP,
		                 "%s%sthis host's KVM lacks KVM_CAP_IRQ_XICS (for the XICS)",
		                 any ? xive_missing : "", any ? ", and " : "");
	return 0;
}
