/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api_dirty.c: which pages are in KVM's dirty log on power9, whoever has written them: the guest, KVM for the
 * guest, the interrupt controller; and that a page that the host takes away is gone for the guest, too. TAP;
 * argv[1] is the test guest.
 */
#include <string.h>
#include <sys/mman.h>

#include "api.h"
#include "arch/power9/source.h"

#define PAGE 65536UL     /* of the host; the log has a bit for each */
#define FAR  0x2000000UL /* pages that the guest never touches by itself */

#define H_REGISTER_VPA 0xdc
#define H_PAGE_INIT    0x2c
#define VPA_REGISTER   (1UL << 45) /* the function's number is in bits 45 to 47 */
#define VPA_BYTES      640
#define COPY_PAGE      0x4000

static struct error err;
static uint64_t dirty[64];
static struct vm vm;

static int command(uint32_t nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	const uint64_t arg[ABI_ARGS] = { a, b, c, d };
	unsigned which;
	int rc = checkpoint_command(&vm, 0, nr, arg, &err);

	if (rc)
		return rc;
	vm_resume(&vm);
	rc = vm_wait(&vm, VCPU_ALL, 20000, &which);
	return rc ? rc : vm_pause(&vm, &err);
}

/* Reads the log, which begins anew by that. */
static void read_log(void)
{
	struct kvm_dirty_log log = { .slot = 0, .dirty_bitmap = dirty };
	long rc;

	memset(dirty, 0, sizeof(dirty));
	rc = kvm_call(&vm.fd, KVM_GET_DIRTY_LOG, &log);
	if (rc)
		ok(false, "KVM_GET_DIRTY_LOG: %ld", rc);
}

static bool in_log(uint64_t address)
{
	return dirty[address / PAGE / 64] >> address / PAGE % 64 & 1;
}

static unsigned logged(void)
{
	unsigned n = 0;

	for (size_t i = 0; i < 64; i++)
		n += (unsigned)__builtin_popcountll(dirty[i]);
	return n;
}

static int store(uint64_t address, uint64_t value)
{
	return command(ABI_CMD_FILL, address, 1, value, 8);
}

static void test_guest(void)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_PPC_ENABLE_HCALL };

	read_log();
	read_log();
	is(logged(), 0, "what was read out of the log is not in it again");
	ok(!store(FAR, 1), "a guest stores (%s)", err.text);
	read_log();
	ok(in_log(FAR) && !in_log(FAR + PAGE), "... the log has its page, and not the next one");
	ok(!store(FAR, 2), "it stores there again (%s)", err.text);
	read_log();
	ok(in_log(FAR), "... the log has it again");
	/* By KVM, which zpvm does not ask to: it has this call itself. */
	cap.args[0] = H_PAGE_INIT;
	cap.args[1] = 1;
	is(kvm_call(&vm.fd, KVM_ENABLE_CAP, &cap), 0, "H_PAGE_INIT by KVM");
	ok(!command(ABI_CMD_HCALL, H_PAGE_INIT, COPY_PAGE, FAR + PAGE, FAR), "H_PAGE_INIT copies (%s)",
	   err.text);
	read_log();
	ok(in_log(FAR + PAGE) && !in_log(FAR), "... the log has the page that it wrote");
}

/* KVM counts in a vCPU's VPA how often it was dispatched. */
static void test_vpa(void)
{
	const uint64_t vpa = FAR + 2 * PAGE;
	uint8_t *p = ram_at(&vm.ram, vpa, VPA_BYTES);

	memset(p, 0, VPA_BYTES);
	p[4] = VPA_BYTES >> 8;
	p[5] = VPA_BYTES & 0xff;
	ok(!command(ABI_CMD_HCALL, H_REGISTER_VPA, VPA_REGISTER, 0, vpa), "a vCPU registers its VPA (%s)",
	   err.text);
	read_log();
	ok(!command(ABI_CMD_EXITS, 1, 0, 0, 0), "it runs (%s)", err.text);
	read_log();
	ok(in_log(vpa), "... the log has its VPA's page");
	ok(!command(ABI_CMD_HCALL, H_REGISTER_VPA, 5 * VPA_REGISTER, 0, 0), "the VPA is taken back");
	read_log();
	ok(!command(ABI_CMD_EXITS, 1, 0, 0, 0), "the vCPU runs");
	read_log();
	ok(!in_log(vpa), "... the log does not have it any more");
}

static uint8_t *host_page(uint64_t address)
{
	return ram_at(&vm.ram, address, PAGE);
}

static void test_taken_away(void)
{
	enum { OTHERS = 64 * PAGE };
	const uint64_t page = FAR + 3 * PAGE;
	volatile uint64_t *at;
	uint8_t *others;

	ok(!store(page, 1), "a guest stores (%s)", err.text);
	at = (volatile uint64_t *)host_page(page);
	is(madvise(host_page(page), PAGE, MADV_DONTNEED), 0, "the host drops the page from its tables");
	read_log();
	ok(in_log(page), "... the log has it all the same");
	ok(!store(page, 2), "the guest stores (%s)", err.text);
	is(madvise(host_page(page), PAGE, MADV_REMOVE), 0, "the host takes the page away for good");
	others = mmap(NULL, OTHERS, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (ok(others != MAP_FAILED, "... and gives it to somebody else"))
		memset(others, 0x55, OTHERS);
	is(*at, 0, "... there is another one, of zeros");
	ok(!store(page + 8, 3), "the guest stores beside it (%s)", err.text);
	ok(at[0] == 0 && at[1], "... into that one");
	munmap(others, OTHERS);
}

/* The controller writes events without KVM: EQ_SYNC says that it may have. */
static void test_queue(void)
{
	struct kvm_ppc_xive_eq eq = { 0 };

	ok(!command(ABI_CMD_ROUTE, 0x1000, 0, 5, 1), "a guest with a queue (%s)", err.text);
	is(kvm_attr_get(&vm.irqchip->fd, "", KVM_DEV_XIVE_GRP_EQ_CONFIG, 5, &eq), 0, "where it is");
	read_log();
	read_log();
	ok(eq.qshift == 16 && !in_log(eq.qaddr), "nothing was written to 0x%" PRIx64, (uint64_t)eq.qaddr);
	is(kvm_attr_set(&vm.irqchip->fd, "", KVM_DEV_XIVE_GRP_CTRL, KVM_DEV_XIVE_EQ_SYNC, NULL), 0,
	   "EQ_SYNC");
	read_log();
	ok(in_log(eq.qaddr) && logged() == 1, "... the log has the queue's page, and no other (%u)",
	   logged());
}

/* A log that begins has nothing of before. */
static void test_begins(void)
{
	const uint64_t page = FAR + 4 * PAGE;

	ok(!vm_map_ram(&vm, 0, &err), "no log (%s)", err.text);
	ok(!store(page, 1), "a guest stores (%s)", err.text);
	ok(!vm_map_ram(&vm, KVM_MEM_LOG_DIRTY_PAGES, &err), "a log again (%s)", err.text);
	read_log();
	is(logged(), 0, "... it has nothing of before");
	ok(!store(page + 8, 2), "the guest stores beside it (%s)", err.text);
	read_log();
	ok(in_log(page), "... the log has the page");
}

int main(int argc, char **argv)
{
	struct vm_config c = config(64UL << 20, 1);

	if (api_begin(argc, argv))
		return 1;
	if (skipped_for_pages("the dirty log"))
		return api_end();
	if (start(&vm, &c, &err) || vm_pause(&vm, &err) || vm_map_ram(&vm, KVM_MEM_LOG_DIRTY_PAGES, &err)) {
		ok(false, "a VM with a log (%s)", err.text);
		return api_end();
	}
	test_guest();
	test_vpa();
	test_taken_away();
	test_queue();
	test_begins();
	vm_destroy(&vm);
	return api_end();
}
