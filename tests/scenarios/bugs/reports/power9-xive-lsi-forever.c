/* SPDX-License-Identifier: BSD-2-Clause */
/* See power9-xive-lsi-forever.md. Built by: gcc -O2 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#define SOURCE 16

static int must(int rc, const char *what)
{
	if (rc < 0) {
		printf("%s: %s\n", what, strerror(errno));
		exit(2);
	}
	return rc;
}

static int attr(int device, uint32_t group, uint64_t nr, void *value)
{
	struct kvm_device_attr a = { 0, group, nr, (uintptr_t)value };

	return ioctl(device, KVM_SET_DEVICE_ATTR, &a);
}

/* Whether KVM's list of sources in debugfs, as root sees it, calls ours level-sensitive. */
static int listed_as_lsi(void)
{
	char name[64], line[200];
	int lsi = -1;
	glob_t g;
	FILE *f;

	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	snprintf(name, sizeof(name), "/sys/kernel/debug/kvm/%d-*/xive", getpid());
	if (glob(name, 0, NULL, &g) || !(f = fopen(g.gl_pathv[0], "r"))) {
		printf("cannot be tried: no %s\n", name);
		exit(77);
	}
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, "00000010 ", 9))
			lsi = strstr(line, "LSI") != NULL;
	fclose(f);
	return lsi;
}

int main(void)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_XIVE };
	int kvm = must(open("/dev/kvm", O_RDWR), "/dev/kvm"), vm, xive, lsi, msi;
	uint64_t type = KVM_XIVE_LEVEL_SENSITIVE;
	uint32_t servers = 1;

	vm = must(ioctl(kvm, KVM_CREATE_VM, 1), "KVM_CREATE_VM");
	if (!ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_PPC_IRQ_XIVE)) {
		printf("cannot be tried: no XIVE\n");
		return 77;
	}
	must(ioctl(vm, KVM_CREATE_DEVICE, &device), "XIVE");
	xive = (int)device.fd;
	must(attr(xive, KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_NR_SERVERS, &servers), "NR_SERVERS");
	must(attr(xive, KVM_DEV_XIVE_GRP_SOURCE, SOURCE, &type), "SOURCE, LSI");
	lsi = listed_as_lsi();
	must(attr(xive, KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_RESET, NULL), "RESET");
	type = 0;
	must(attr(xive, KVM_DEV_XIVE_GRP_SOURCE, SOURCE, &type), "SOURCE, MSI");
	msi = listed_as_lsi();
	printf("%s: a source that is created as LSI, reset, and created as MSI is listed as %s, then %s\n",
	       lsi == 1 && msi == 0 ? "right" : "wrong", lsi ? "LSI" : "MSI", msi ? "LSI" : "MSI");
	return lsi != 1 || msi != 0;
}
