/* SPDX-License-Identifier: BSD-2-Clause */
/* choose.c: see choose.h. Pure. */
#include "choose.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TREE "/proc/device-tree"

/* Of a node, or "": the root. Whatever hinders the look: there may be one. */
static bool node_has(const char *node, const char *property)
{
	char path[sizeof(TREE) + 320];

	snprintf(path, sizeof(path), TREE "/%s/%s", node, property);
	return !access(path, F_OK) || errno != ENOENT;
}

bool choose_tree_has(const char *nodes, const char *property)
{
	DIR *dir = opendir(TREE);
	struct dirent *entry = NULL;
	bool has = !dir || (!nodes && node_has("", property));

	errno = 0;
	while (nodes && !has && (entry = readdir(dir)))
		has = !strncmp(entry->d_name, nodes, strlen(nodes)) && node_has(entry->d_name, property);
	has |= nodes && !entry && errno == ENOMEM;
	if (dir)
		closedir(dir);
	return has;
}

/*
 * On a POWER9 that was booted with its XIVE off, KVM (6.1) handles a vCPU's first H_XIRR, H_CPPR, H_EOI,
 * H_IPI or H_IPOLL as if XICS were built on XIVE, and dereferences a null pointer: the host crashes.
 */
static bool xics_is_deadly(const struct choice *host)
{
	return host->bare_metal && !host->xive;
}

/* True if a guest cannot use XIVE on this host, with the reason in why. */
static bool no_xive(const struct choice *host, struct error *why)
{
	if (host->xive && host->page_size >= CHOOSE_QUEUE_SIZE)
		return false;
	if (host->xive)
		error_set(why, 0,
		          "this host's pages are of %lu KiB, and KVM's XIVE wants one of 64 KiB for each "
		          "event queue "
		          "(boot a kernel with such pages: Debian's is linux-image-powerpc64le-64k)",
		          host->page_size >> 10);
	else
		error_set(
			why, 0,
			"this host's KVM lacks KVM_CAP_PPC_IRQ_XIVE (for the XIVE interrupt controller; load "
			"kvm-hv on bare metal, booted without xive=off)");
	return true;
}

int choose_irqchip(const struct choice *host, const char *word, const char **name, struct error *err)
{
	bool any = !word || !strcmp(word, "auto"), wants_xive = any || !strcmp(word, "xive");
	struct error why = { .text = "" };
	bool usable = !no_xive(host, &why);

	if (!any && !strcmp(word, "none")) {
		*name = "none";
		err->text[0] = 0;
		return 0;
	}
	if (!wants_xive && strcmp(word, "xics"))
		return error_set(err, -EINVAL, "irqchip %s: this machine has xive, xics, none or auto", word);
	*name = wants_xive && (usable || !any) ? "xive" : "xics";
	*err = wants_xive ? why : (struct error){ .text = "" };
	if (!strcmp(*name, "xive"))
		return usable ? 0 : -EOPNOTSUPP;
	if (xics_is_deadly(host))
		return error_set(
			err, -EOPNOTSUPP,
			"%s, and its XICS would bring the host down at the guest's first hypercall to it",
			why.text);
	if (!host->xics)
		return error_set(err, -EOPNOTSUPP,
		                 "%s%sthis host's KVM lacks KVM_CAP_IRQ_XICS (for the XICS)",
		                 err->text[0] ? why.text : "", any ? ", and " : "");
	return 0;
}
