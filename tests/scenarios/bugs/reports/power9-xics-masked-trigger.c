/* SPDX-License-Identifier: BSD-2-Clause */
/* See power9-xics-masked-trigger.md. Built by: gcc -O2 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define OPEN   0x1000
#define MASKED 0x1001
#define WAITS  (KVM_XICS_PENDING | KVM_XICS_QUEUED)

static int must(int rc, const char *what)
{
	if (rc < 0) {
		printf("%s: %s\n", what, strerror(errno));
		exit(2);
	}
	return rc;
}

static void source(int xics, int call, uint64_t nr, uint64_t *value)
{
	struct kvm_device_attr a = { 0, KVM_DEV_XICS_GRP_SOURCES, nr, (uintptr_t)value };

	must(ioctl(xics, call, &a), "SOURCES");
}

int main(void)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_XICS };
	struct kvm_enable_cap papr = { .cap = KVM_CAP_PPC_PAPR }, join = { .cap = KVM_CAP_IRQ_XICS };
	int kvm = must(open("/dev/kvm", O_RDWR), "/dev/kvm"), vm, vcpu;
	uint64_t value[2] = { 5ULL << KVM_XICS_PRIORITY_SHIFT };

	value[1] = value[0] | KVM_XICS_MASKED;
	vm = must(ioctl(kvm, KVM_CREATE_VM, 1), "KVM_CREATE_VM");
	if (ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_PPC_IRQ_XIVE) <= 0) {
		printf("cannot be tried: no XICS on XIVE\n");
		return 77;
	}
	must(ioctl(vm, KVM_CREATE_DEVICE, &device), "XICS");
	vcpu = must(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	must(ioctl(vcpu, KVM_ENABLE_CAP, &papr), "PAPR");
	join.args[0] = device.fd;
	must(ioctl(vcpu, KVM_ENABLE_CAP, &join), "IRQ_XICS");
	for (int i = 0; i < 2; i++)
		source((int)device.fd, KVM_SET_DEVICE_ATTR, OPEN + i, &value[i]);
	for (int i = 0; i < 2; i++) {
		struct kvm_irq_level line = { .irq = OPEN + i, .level = 1 };

		must(ioctl(vm, KVM_IRQ_LINE, &line), "KVM_IRQ_LINE");
	}
	for (int i = 0; i < 2; i++)
		source((int)device.fd, KVM_GET_DEVICE_ATTR, OPEN + i, &value[i]);
	if (!(value[0] & WAITS) || !(value[1] & KVM_XICS_MASKED)) {
		printf("neither: %llx, %llx\n", (unsigned long long)value[0], (unsigned long long)value[1]);
		return 2;
	}
	if (value[1] & WAITS)
		printf("right: the masked source that was triggered is %llx\n", (unsigned long long)value[1]);
	else
		printf("wrong: the masked source that was triggered is %llx: neither pending nor queued\n",
		       (unsigned long long)value[1]);
	return !(value[1] & WAITS);
}
