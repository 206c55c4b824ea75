/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api_clock.c: what the guest's clock says after a pause and a restore, also of a file from a host whose own
 * clock was an hour ahead, which is what the time base of a host is that is up for an hour more. TAP; argv[1]
 * is the test guest.
 */
#include <time.h>

#include "api.h"
#ifdef KVM_REG_PPC_TB_OFFSET
#include "arch/power9/devices.h"
#else
#include "arch/s390x/clock.h"
#endif
#include "vmm/snapshot/section_vm.h"
#include "vmm/vm_clock.h"

/* KVM's register that says how far a vCPU's clock is from the host's. */
#ifdef KVM_REG_PPC_TB_OFFSET
#define OFFSET KVM_REG_PPC_TB_OFFSET
#define UNITS  512 /* of a microsecond */

/* RTAS get-time-of-day. */
static uint64_t time_of_day(const struct vm *vm, uint64_t wall, uint64_t clock)
{
	(void)clock;
	return (wall + (uint64_t)vm->devices->modes.time_offset) / 1000;
}
#else
#define OFFSET KVM_REG_S390_EPOCHDIFF
#define UNITS  4096

/* What the TOD clock says. */
static uint64_t time_of_day(const struct vm *vm, uint64_t wall, uint64_t clock)
{
	(void)vm;
	(void)wall;
	return clock - TOD_1970 / UNITS;
}
#endif
#define MS    1000ULL
#define HOUR  (3600 * 1000 * MS)
#define SLACK (5000 * MS) /* for a host that is busy; in microseconds, as all below */
#define CPUS  2

static struct error err;

static void sleep_ms(long ms)
{
	const struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

/* What the clock of a VM that is paused says now, in KVM. */
static uint64_t now(struct vm *vm)
{
	struct clock_reading reading = { 0 };

	return arch_clock_get(vm, &reading, &err) ? 0 : reading.low / UNITS;
}

static bool run(struct vm *vm, uint32_t command, uint64_t a)
{
	const uint64_t arg[ABI_ARGS] = { a };
	unsigned which;
	bool ready;

	if (checkpoint_command(vm, 0, command, arg, &err))
		return false;
	vm_resume(vm);
	ready = !vm_wait(vm, 0, 20000, &which) && checkpoint_cpu_state(vm, 0) == CPU_READY;
	return !vm_pause(vm, &err) && ready;
}

static bool same_offsets(struct vm *vm)
{
	uint64_t first = 0, other = 1;

	return kvm_reg_get(&vm->vcpus[0].fd, OFFSET, &first) >= 0 &&
	       kvm_reg_get(&vm->vcpus[1].fd, OFFSET, &other) >= 0 && first == other;
}

static void between(uint64_t value, uint64_t low, uint64_t high, const char *what)
{
	if (!ok(value >= low && value <= high, "%s", what))
		printf("# %" PRIu64 " us, not %" PRIu64 " to %" PRIu64 "\n", value, low, high);
}

/* A VM that is paused; its clock is an hour ahead of where it would be. */
static bool begin(struct vm *vm, struct vm_config *c)
{
	if (start(vm, c, &err) || vm_pause(vm, &err))
		return false;
	vm->clock.at.low += HOUR * UNITS;
	vm->clock.loaded = true;
	return run(vm, ABI_CMD_EXITS, 1);
}

static void test_pause(enum clock_policy policy)
{
	struct vm_config c = config(arch_info.ram_min, CPUS);
	uint64_t before, gap;
	struct vm vm;

	c.clock = policy;
	if (!ok(!start(&vm, &c, &err) && !vm_pause(&vm, &err), "a VM (%s)", err.text))
		return;
	before = vm.clock.at.low / UNITS;
	sleep_ms(2000);
	between(now(&vm) - before, 2000 * MS, 2000 * MS + SLACK, "KVM's clock goes on over a pause");
	vm_resume(&vm);
	gap = vm_pause(&vm, &err) ? 0 : vm.clock.at.low / UNITS - before;
	if (policy == CLOCK_FOLLOW)
		between(gap, 2000 * MS, 2000 * MS + SLACK, "follow: the guest sees it");
	else
		between(gap, 0, 1500 * MS, "stand: the guest does not");
	ok(same_offsets(&vm), "all vCPUs have the same clock");
	/* What has not been stopped is not set back. */
	before = vm.clock.at.low / UNITS;
	vm_resume(&vm);
	sleep_ms(2000);
	gap = vm_pause(&vm, &err) ? 0 : vm.clock.at.low / UNITS - before;
	between(gap, 2000 * MS, 2000 * MS + SLACK, "it goes on while the VM runs");
	vm_destroy(&vm);
}

/* The snapshot, made an hour earlier by real time. */
static bool make_older(struct state_bytes *bytes)
{
	struct state_bytes made = { .like = bytes->like };
	struct snapshot snap;
	uint64_t wall;
	bool good = !snap_decode(&snap, bytes->bytes, bytes->len, false, &err) &&
	            !section_wall_get(&snap, &wall, &err) && wall;

	snap_remove(&snap, TAG_WALL, 0);
	if (good)
		section_wall_put(&snap, wall - HOUR * 1000);
	good = good && !snap_encode(&snap, &made.bytes, &made.len, &err);
	snap_free(&snap);
	free(bytes->bytes);
	*bytes = made;
	return good;
}

/* One that does not say when it was made, as the first ones in files. */
static void test_undated(struct vm *vm, const struct state_bytes *bytes)
{
	struct state_bytes undated = { 0 };
	struct snapshot snap;
	bool good = !snap_decode(&snap, bytes->bytes, bytes->len, false, &err);

	snap_remove(&snap, TAG_WALL, 0);
	good = good && !snap_encode(&snap, &undated.bytes, &undated.len, &err);
	snap_free(&snap);
	is(good ? state_load(vm, &undated, true, &err) : 0, -EBADMSG, "nothing can follow what has no date");
	has(err.text, "does not say when it was made", "... which is the reason");
	err.text[0] = 0;
	free(undated.bytes);
}

/* What time the guest has in microseconds since 1970; the VM is paused. */
static uint64_t guest_time(struct vm *vm)
{
	return time_of_day(vm, clock_wall(), now(vm));
}

/* Ten years in the past, in a snapshot too: whether it stands or follows. */
static void test_start(void)
{
	struct vm_config c = config(arch_info.ram_min, CPUS), follow = c;
	const uint64_t ago = 10 * 365 * 24 * HOUR;
	struct state_bytes bytes = { 0 };
	uint64_t began, then;
	struct vm vm, next;

	follow.clock = CLOCK_FOLLOW;
	c.clock_offset = -(int64_t)ago * 1000;
	began = clock_wall() / 1000 - ago;
	if (!ok(!start(&vm, &c, &err) && !vm_pause(&vm, &err), "a clock that starts ten years ago (%s)",
	        err.text))
		return;
	between(guest_time(&vm) - began, 0, SLACK, "the guest has that time");
	is(state_save(&vm, SNAP_VM, &bytes, &err), 0, "a snapshot (%s)", err.text);
	/* As make_older() will say. */
	then = time_of_day(&vm, vm.clock.at.wall - HOUR * 1000, vm.clock.at.low / UNITS);
	vm_destroy(&vm);
	sleep_ms(1000);
	if (!ok(make_older(&bytes) && !vm_create(&next, &kvm, &c, &err) &&
	                !state_load(&next, &bytes, true, &err) && run(&next, ABI_CMD_EXITS, 1),
	        "an hour later (%s)", err.text))
		return;
	between(guest_time(&next) - then, 0, SLACK, "stand: that hour has not been");
	vm_destroy(&next);
	if (!ok(!vm_create(&next, &kvm, &follow, &err) && !state_load(&next, &bytes, true, &err) &&
	                run(&next, ABI_CMD_EXITS, 1),
	        "and again (%s)", err.text))
		return;
	between(guest_time(&next) - then, HOUR + 1000 * MS, HOUR + 1000 * MS + 2 * SLACK,
	        "follow: it has gone by");
	vm_destroy(&next);
	free(bytes.bytes);
}

static void test_restore(void)
{
	struct vm_config c = config(arch_info.ram_min, CPUS), follow = c;
	struct state_bytes bytes = { 0 };
	uint64_t then, since;
	struct vm vm, next;

	follow.clock = CLOCK_FOLLOW;
	if (!ok(begin(&vm, &c) && run(&vm, ABI_CMD_TIMER, 3000 * MS), "an hour ahead, with a timer (%s)",
	        err.text))
		return;
	is(state_save(&vm, SNAP_VM, &bytes, &err), 0, "a snapshot (%s)", err.text);
	then = vm.clock.at.low / UNITS;
	vm_destroy(&vm);

	if (!ok(!vm_create(&next, &kvm, &c, &err) && !state_load(&next, &bytes, true, &err),
	        "in a new VM, whose clock would be an hour behind (%s)", err.text))
		return;
	sleep_ms(3500);
	ok(run(&next, ABI_CMD_ENABLE, 0) && !checkpoint_shared(&next)->taken, "the timer has not expired");
	between(now(&next) - then, 0, 2900 * MS, "the clock goes on from the snapshot");
	ok(same_offsets(&next), "all vCPUs have the same clock");
	since = time_now();
	ok(run(&next, ABI_CMD_WAIT, 1) && checkpoint_shared(&next)->taken == 1, "the timer comes (%s)",
	   err.text);
	between((time_now() - since) / 1000, 100 * MS, 3000 * MS + SLACK, "... when it is due");
	vm_destroy(&next);

	if (!ok(make_older(&bytes) && !vm_create(&next, &kvm, &follow, &err), "an hour later (%s)", err.text))
		return;
	test_undated(&next, &bytes);
	/* Asleep: it is KVM that has to see that the time is past, before the host's own began. */
	ok(!state_load(&next, &bytes, true, &err) && run(&next, ABI_CMD_WAIT, 1), "in another one (%s)",
	   err.text);
	between(now(&next) - then, HOUR + 3500 * MS, HOUR + 3500 * MS + 4 * SLACK, "follow: by an hour");
	is(checkpoint_shared(&next)->taken, 1, "the timer is overdue, and comes at once");
	ok(same_offsets(&next), "all vCPUs have the same clock");
	vm_destroy(&next);
	free(bytes.bytes);
}

int main(int argc, char **argv)
{
	if (api_begin(argc, argv))
		return 1;
	test_pause(CLOCK_NOT_SAID);
	test_pause(CLOCK_FOLLOW);
	test_restore();
	test_start();
	return api_end();
}
