/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api_watchdog.c: the time that the watchdog has left over a pause and in a snapshot, and its end. TAP;
 * argv[1] is the test guest.
 */
#include <time.h>

#include "api.h"
#include "arch/s390x/watchdog_state.h"

#define MS   1000000ULL
#define HOUR (3600 * 1000 * MS)

static struct error err;

static void sleep_ms(long ms)
{
	const struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static const struct device *watchdog(const struct vm *vm)
{
	return device_find(&vm->device_list, WATCHDOG_TAG, 0);
}

static uint64_t left(struct vm *vm)
{
	const struct device *device = watchdog(vm);
	struct watchdog_state state = { 0 };

	return device->ops->save(device->self, &state, &err) ? UINT64_MAX : state.left;
}

/* The VM is paused. */
static int set(struct vm *vm, uint64_t ns)
{
	const struct device *device = watchdog(vm);
	const struct watchdog_state state = { ns };

	return device->ops->load(device->self, &state, &err);
}

static bool run_for(struct vm *vm, long ms)
{
	vm_resume(vm);
	sleep_ms(ms);
	return !vm_pause(vm, &err);
}

static void test_pause(struct vm *vm)
{
	uint64_t before;

	is(left(vm), 0, "no watchdog is set");
	is(set(vm, HOUR), 0, "one is set while the VM is paused");
	sleep_ms(20);
	is(left(vm), HOUR, "its time stands still");
	ok(run_for(vm, 20), "the VM runs (%s)", err.text);
	before = left(vm);
	ok(before && before <= HOUR - 20 * MS, "as long as the VM runs, so does its time");
	sleep_ms(20);
	is(left(vm), before, "it stands still in the next pause");
	ok(run_for(vm, 20) && left(vm) && left(vm) <= before - 20 * MS, "and runs again");
}

static void test_snapshot(struct vm *vm, const struct vm_config *c)
{
	struct state_bytes with = { 0 }, none = { 0 };
	uint64_t before = left(vm);
	struct vm other;

	is(state_save(vm, SNAP_VM, &with, &err), 0, "a snapshot (%s)", err.text);
	is(left(vm), before, "leaves the time as it is");
	is(set(vm, 0), 0, "the watchdog is cancelled");
	is(left(vm), 0, "there is none");
	is(state_save(vm, SNAP_VM, &none, &err), 0, "a snapshot without (%s)", err.text);
	if (ok(!vm_create(&other, &kvm, c, &err) && !state_load(&other, &with, true, &err),
	       "a VM from the first one (%s)", err.text)) {
		is(left(&other), before, "has the same time left");
		vm_destroy(&other);
	}
	is(state_load(vm, &with, true, &err), 0, "the VM goes back to it (%s)", err.text);
	is(left(vm), before, "and has its time left again");
	is(state_load(vm, &none, true, &err), 0, "and to the second (%s)", err.text);
	is(left(vm), 0, "whose watchdog was not set");
	free(with.bytes);
	free(none.bytes);
}

/* The vCPU is in a loop: it gives no exit that could end the VM. */
static void test_end(struct vm *vm)
{
	const uint64_t arg[ABI_ARGS] = { 0 };
	struct event event;
	unsigned which;

	is(checkpoint_command(vm, 0, ABI_CMD_CLOSED, arg, &err), 0, "the guest loops");
	is(set(vm, 50 * MS), 0, "a watchdog of 50 ms");
	vm_resume(vm);
	is(vm_wait(vm, VCPU_ALL, 20000, &which), 0, "ends the wait for the VM");
	vm_event(vm, which, &event);
	is(event.kind, EVENT_REBOOT, "by a reboot");
	has(event.why.text, "watchdog", "which says why");
	is(left(vm), 0, "it is not set any more");
}

int main(int argc, char **argv)
{
	struct vm_config c = config(arch_info.ram_min, 2);
	struct vm vm;

	if (api_begin(argc, argv))
		return 1;
	if (ok(!start(&vm, &c, &err) && !vm_pause(&vm, &err), "a VM (%s)", err.text)) {
		test_pause(&vm);
		test_snapshot(&vm, &c);
		test_end(&vm);
		vm_destroy(&vm);
	}
	return api_end();
}
