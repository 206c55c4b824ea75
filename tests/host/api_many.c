/* SPDX-License-Identifier: BSD-2-Clause */
/* api_many.c: what VMs with a controller leave behind on power9, when there were many. TAP. */
#include "api_irqchip.h"

/* If nobody says how many servers there are, KVM takes virtual processors for as many as it can have. */
#define MANY 200
static struct machine many[MANY];

/* Makes VMs until one's vCPU cannot connect; how many there are then, with that one, and why it could not. */
static unsigned fill(long *rc)
{
	unsigned count = 0;

	*rc = 0;
	while (count < MANY && !*rc) {
		many[count] = build(KVM_DEV_TYPE_XIVE);
		*rc = connect_xive(&many[count].vcpu[0], many[count].dev.fd, 0);
		count++;
	}
	return count;
}

static void close_many(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		close_all(&many[i]);
}

static void test_no_room(void)
{
	long rc;
	unsigned count = fill(&rc);
	struct machine *last = &many[count - 1];

	is(-rc, ENOSPC, "without NR_SERVERS the host is full after %u VMs: ENOSPC", count - 1);
	ok(count > 2, "... it has room for some");
	ctrl_servers(last, 1);
	is(connect_xive(&last->vcpu[0], last->dev.fd, 0), 0, "... though one server finds room");
	close_many(count);
	is(fill(&rc), count, "when they have ended, as many find room again");
	close_many(count);
}

/* A queue that is set anew leaves its old page. Older kernels kept it, after the VM's end, too. */
static void test_old_pages(void)
{
	enum { VMS = 64 };
	int64_t before = free_kib(), gone;

	for (unsigned i = 0; i < VMS; i++) {
		struct machine m = build(KVM_DEV_TYPE_XIVE);

		ctrl_servers(&m, 2);
		connect_xive(&m.vcpu[0], m.dev.fd, 0);
		for (uint64_t page = 0; page < RAM; page += PAGE)
			if (queue(&m, 0, PRIO, 1, 16, page))
				ok(false, "a queue at 0x%" PRIx64, page);
		madvise(m.ram, RAM, MADV_REMOVE); /* a part of the mapping stays until the end */
		close_all(&m);
	}
	gone = gone_kib(before, VMS * RAM / 1024 / 2);
	ok(gone < (int64_t)(VMS * RAM / 1024 / 2),
	   "the pages of old queues are free again (%" PRId64 " of %lu KiB are not)", gone, VMS * RAM / 1024);
}

/* The pages of the queues that a VM has at its end are free again, too. */
static void test_last_pages(void)
{
	enum { VMS = 100 };
	int64_t before = free_kib(), gone;

	for (unsigned i = 0; i < VMS; i++) {
		struct machine m = build(KVM_DEV_TYPE_XIVE);

		ctrl_servers(&m, 2);
		for (uint64_t server = 0; server < 2; server++)
			if (connect_xive(&m.vcpu[server], m.dev.fd, server) ||
			    queue(&m, server, PRIO, 1, 16, server * PAGE))
				ok(false, "the queue of server %" PRIu64, server);
		madvise(m.ram, RAM, MADV_REMOVE);
		close_all(&m);
	}
	gone = gone_kib(before, VMS * 2 * PAGE / 1024 / 2);
	ok(gone < (int64_t)(VMS * 2 * PAGE / 1024 / 2),
	   "the pages of last queues are (%" PRId64 " of %lu KiB are not)", gone, VMS * 2 * PAGE / 1024);
}

int main(int argc, char **argv)
{
	if (api_begin(argc, argv))
		return 1;
	test_no_room();
	if (!skipped_for_pages("the pages of queues")) {
		test_old_pages();
		test_last_pages();
	}
	return api_end();
}
