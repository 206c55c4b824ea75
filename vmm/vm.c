/* SPDX-License-Identifier: BSD-2-Clause */
/* vm.c: see vm.h. Read next: vcpu.c, arch.h, then arch/ARCH/machine.c. */
#include "vm.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "arch.h"
#include "hook.h"
#include "vm_clock.h"
#include "vm_virtio.h"
#include "worker.h"

#define PAUSE_TIME_MS 10000

/* --- stop ------------------------------------------------------------- */

/* Under the lock: the number of the first vCPU that runs, or vcpu_count. */
static unsigned first_running(const struct vm *vm)
{
	unsigned i = 0;

	while (i < vm->vcpu_count && vm->vcpus[i].state != VCPU_RUNNING)
		i++;
	return i;
}

static int stop_world(struct vm *vm, struct error *err)
{
	struct timespec deadline = time_in(PAUSE_TIME_MS);
	unsigned i;
	int rc = 0;

	pthread_mutex_lock(&vm->lock);
	vm->stopped = true; /* a vCPU that is started from now on waits */
	for (i = 0; i < vm->vcpu_count; i++)
		if (vm->vcpus[i].state == VCPU_RUNNING)
			vcpu_kick(&vm->vcpus[i]);
	while (!rc && (first_running(vm) < vm->vcpu_count || vm->inside))
		rc = pthread_cond_timedwait(&vm->change, &vm->lock, &deadline);
	i = first_running(vm);
	if (i < vm->vcpu_count)
		rc = error_set(err, -ETIMEDOUT, "vcpu %u did not stop within %d s", i, PAUSE_TIME_MS / 1000);
	else if (vm->inside)
		rc = error_set(err, -ETIMEDOUT, "%u threads of devices did not stop within %d s", vm->inside,
		               PAUSE_TIME_MS / 1000);
	else
		rc = 0;
	pthread_mutex_unlock(&vm->lock);
	return rc;
}

/* --- create and destroy ----------------------------------------------- */

int vm_in_time(const struct vm *vm, const char *parts, struct error *err)
{
	if (!vm->create_by || time_now() < vm->create_by)
		return 0;
	return error_set(err, -ETIMEDOUT, "the VM's %s could not be made within %llu s", parts,
	                 (unsigned long long)vm->config->create_ms / 1000);
}

static int create_vcpus(struct vm *vm, struct error *err)
{
	const uint16_t *order = vm->config->vcpu_order;
	int rc = 0;

	vm->vcpus = calloc(vm->config->vcpus, sizeof(*vm->vcpus));
	if (!vm->vcpus)
		return error_set(err, -ENOMEM, "out of memory for %u vCPUs", vm->config->vcpus);
	for (unsigned i = 0; i < vm->config->vcpus; i++)
		vm->vcpus[i].fd.fd = -1;
	vm->vcpu_count = vm->config->vcpus -
	                 vm->config->vcpus_late; /* vm_destroy() also cleans up those that there are not */
	for (unsigned i = 0; i < vm->vcpu_count && !rc; i++) {
		rc = vm_in_time(vm, "vCPUs", err);
		if (!rc)
			rc = vcpu_create(vm, order ? order[i] : (uint16_t)i, err);
	}
	return rc;
}

int vm_add_vcpu(struct vm *vm, struct error *err)
{
	struct vcpu *vcpu = &vm->vcpus[vm->vcpu_count];
	bool running = vm_running(vm);
	int rc;

	if (vm->vcpu_count == vm->config->vcpus)
		return error_set(err, -ENOSPC, "there are all %u vCPUs", vm->vcpu_count);
	rc = vcpu_create(vm, (uint16_t)vm->vcpu_count, err);
	if (!rc)
		rc = vm_pause(vm, err);
	if (rc) {
		vcpu_destroy(vcpu);
		return rc;
	}
	pthread_mutex_lock(&vm->lock);
	vm->vcpu_count++;
	pthread_mutex_unlock(&vm->lock);
	rc = vcpu_start_thread(vcpu, err);
	if (running && !rc)
		vm_resume(vm);
	return rc;
}

/* Threads are created last: until then only this thread accesses the VM. */
static int start_threads(struct vm *vm, struct error *err)
{
	int rc = 0;

	for (unsigned i = 0; i < vm->vcpu_count && !rc; i++)
		rc = vcpu_start_thread(&vm->vcpus[i], err);
	return rc;
}

/* Creates the hooks' part of a VM; on failure there is none. */
static int create_hooks(struct vm *vm, struct error *err)
{
	const struct vm_hooks *hooks = vm->config->hooks;
	int rc = hooks && hooks->create ? hooks->create(vm, err) : 0;

	vm->hooked = hooks && !rc;
	return rc;
}

int vm_map_ram(struct vm *vm, uint32_t flags, struct error *err)
{
	struct kvm_userspace_memory_region slot = { .slot = 0, .flags = flags };
	long rc;

	slot.memory_size = vm->ram.size;
	slot.userspace_addr = (uintptr_t)vm->ram.host;
	rc = kvm_call(&vm->fd, KVM_SET_USER_MEMORY_REGION, &slot);
	return rc < 0 ? kvm_failed(err, rc, &vm->fd, NULL,
	                           "KVM_SET_USER_MEMORY_REGION(slot 0, flags %u, address 0, %llu MiB of RAM)",
	                           flags, (unsigned long long)vm->ram.size >> 20)
	              : 0;
}

static int create(struct vm *vm, struct error *err)
{
	const struct vm_config *config = vm->config;
	int max = kvm_extension(vm->kvm, KVM_CAP_MAX_VCPUS, err);
	long rc;

	if (max < 0)
		return max;
	if (!config->vcpus || config->vcpus > (unsigned)max)
		return error_set(err, -ERANGE, "%u vCPUs: this host's KVM has 1 to %d", config->vcpus, max);
	if (vcpu_id(vm, config->vcpus - 1) > UINT16_MAX)
		return error_set(err, -ERANGE, "%u vCPUs with ids %u apart: the last would have id %u",
		                 config->vcpus, config->vcpu_stride, vcpu_id(vm, config->vcpus - 1));
	if (config->memory < arch_info.ram_min)
		return error_set(err, -ERANGE, "guest memory of %llu bytes: %s needs at least %llu MiB%s",
		                 (unsigned long long)config->memory, arch_info.name,
		                 (unsigned long long)arch_info.ram_min >> 20,
		                 config->memory < 1 << 20 ? "; a size is in bytes, or has a unit: 256M" : "");
	rc = kvm_call_value(vm->kvm, KVM_CREATE_VM, arch_info.vm_type);
	if (rc < 0)
		return kvm_failed(err, rc, vm->kvm, arch_info.vm_remedy, "KVM_CREATE_VM(%lu)",
		                  arch_info.vm_type);
	kvm_fd_set(&vm->fd, (int)rc, vm->trace, "vm");
	rc = ram_create(&vm->ram, config->memory, arch_info.ram_align, err);
	if (rc)
		return (int)rc;
	rc = vm_map_ram(vm, 0, err);
	if (rc)
		return arch_ram_refused(vm, (int)rc, err);
	rc = arch_machine_create(vm, err);
	if (!rc)
		rc = create_vcpus(vm, err);
	if (!rc)
		rc = create_hooks(vm, err);
	if (!rc)
		rc = start_threads(vm, err);
	return (int)rc;
}

int vm_create(struct vm *vm, const struct kvm_fd *kvm, const struct vm_config *config, struct error *err)
{
	pthread_condattr_t attr;
	int rc;

	*vm = (struct vm){ .config = config, .kvm = kvm, .fd.fd = -1, .ram.fd = -1, .stopped = true };
	if (config->trace) {
		vm->traced = *config->trace;
		vm->traced.vm = config->label ? config->label : "vm";
		vm->trace = &vm->traced;
	}
	pthread_mutex_init(&vm->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&vm->change, &attr);
	pthread_condattr_destroy(&attr);
	bus_init(&vm->bus);
	worker_init(&vm->worker, vm);
	if (config->create_ms)
		vm->create_by = time_now() + config->create_ms * 1000000;
	rc = create(vm, err);
	vm->create_by = 0;
	if (rc)
		vm_destroy(vm);
	return rc;
}

void vm_destroy(struct vm *vm)
{
	struct error ignored;

	stop_world(vm, &ignored);
	vm_virtio_end(vm);
	worker_destroy(&vm->worker);
	pthread_mutex_lock(&vm->lock);
	vm->quit = true;
	pthread_cond_broadcast(&vm->change);
	pthread_mutex_unlock(&vm->lock);
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		vcpu_destroy(&vm->vcpus[i]);
	if (vm->hooked && vm->config->hooks->destroy)
		vm->config->hooks->destroy(vm);
	arch_machine_destroy(vm);
	kvm_close(&vm->fd);
	ram_destroy(&vm->ram);
	free(vm->dirty.changed);
	bus_destroy(&vm->bus);
	free(vm->vcpus);
	pthread_cond_destroy(&vm->change);
	pthread_mutex_destroy(&vm->lock);
	*vm = (struct vm){ .fd.fd = -1, .ram.fd = -1 };
}

int vm_boot(struct vm *vm, const struct boot *boot, struct error *err)
{
	struct image image;
	char text[80];
	int rc = image_load(&boot->kernel, &arch_info.images, &vm->ram, &image, text, sizeof(text), err);

	if (rc)
		return rc;
	trace_note(vm->trace, "%s: %s, loaded at 0x%llx to 0x%llx, entry 0x%llx", boot->kernel.name, text,
	           (unsigned long long)image.low, (unsigned long long)image.high,
	           (unsigned long long)image.entry);
	rc = arch_boot(vm, &image, boot, err);
	if (rc)
		return rc;
	pthread_mutex_lock(&vm->lock); /* its thread may just have begun, and be looking */
	vcpu_online(&vm->vcpus[0]);
	pthread_mutex_unlock(&vm->lock);
	return 0;
}

/* --- run, pause, wait ------------------------------------------------- */

static void trace_resume(struct vm *vm)
{
	struct clock_reading now = { .wall = 0 };
	struct error ignored;
	uint64_t ns;

	if (!trace_wants(vm->trace, TRACE_IRQ))
		return;
	ns = time_now(); /* before the trace writes what the call was */
	if (!arch_clock_get(vm, &now, &ignored))
		vm->clocks[vm->resumes % TRACE_CLOCKS] = (struct trace_clock){ ns, now.low };
}

void vm_resume(struct vm *vm)
{
	struct event failed = { .kind = EVENT_ERROR };

	vm->resumes++;
	failed.code = clock_release(vm, &failed.why);
	trace_resume(vm);
	pthread_mutex_lock(&vm->lock);
	vm->stopped = failed.code;
	if (failed.code)
		vcpu_end(&vm->vcpus[0], &failed);
	for (unsigned i = 0; i < vm->vcpu_count && !failed.code; i++)
		vcpu_wake(&vm->vcpus[i]);
	pthread_mutex_unlock(&vm->lock);
	worker_go(&vm->worker);
	vm_virtio_go(vm);
}

int vm_pause(struct vm *vm, struct error *err)
{
	struct error ignored;
	int rc = stop_world(vm, err), held;

	worker_hold(&vm->worker);
	held = vm_virtio_hold(vm, PAUSE_TIME_MS, rc ? &ignored : err);
	rc = rc ? rc : held;
	return rc ? rc : clock_hold(vm, err);
}

/* Under the lock: whether the VM can do nothing any more by itself, because each vCPU is offline or waits for
 * another one. */
static bool has_ended(struct vm *vm, unsigned *which)
{
	struct vcpu *end = NULL;

	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		struct vcpu *vcpu = &vm->vcpus[i];

		if (vcpu_is_online(vcpu) && vcpu->state != VCPU_WAITING)
			return false;
		if (!vcpu_is_online(vcpu) || (end && !vcpu->event.value))
			continue;
		end = vcpu;
		*which = i;
	}
	if (!end)
		return false;
	end->event.kind = end->event.value ? EVENT_CRASH : EVENT_STOP;
	end->event.waited = true;
	vcpu_end(end, &end->event);
	return true;
}

bool vm_enter(struct vm *vm)
{
	bool in;

	pthread_mutex_lock(&vm->lock);
	in = !vm->stopped;
	vm->inside += in;
	pthread_mutex_unlock(&vm->lock);
	return in;
}

void vm_leave(struct vm *vm)
{
	pthread_mutex_lock(&vm->lock);
	vm->inside--;
	pthread_cond_broadcast(&vm->change);
	pthread_mutex_unlock(&vm->lock);
}

/* Under the lock: whether the wait is over, and which vCPU ended it. */
static bool wait_over(struct vm *vm, unsigned cpu, unsigned *which)
{
	bool running = false;

	*which = 0;
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		if (vm->vcpus[i].state == VCPU_ENDED || vm->vcpus[i].event.kind == EVENT_BREAK) {
			*which = i;
			return true;
		}
		if (vm->vcpus[i].state == VCPU_RUNNING && (cpu == VCPU_ALL || cpu == i))
			running = true;
	}
	if (has_ended(vm, which))
		return true;
	if (cpu != VCPU_ALL)
		*which = cpu;
	return !running;
}

int vm_wait(struct vm *vm, unsigned cpu, uint64_t timeout_ms, unsigned *which)
{
	struct timespec deadline = time_in(timeout_ms);
	int rc = 0;

	pthread_mutex_lock(&vm->lock);
	while (!wait_over(vm, cpu, which) && !rc)
		rc = pthread_cond_timedwait(&vm->change, &vm->lock, &deadline);
	rc = wait_over(vm, cpu, which) ? 0 : -ETIMEDOUT;
	pthread_mutex_unlock(&vm->lock);
	return rc;
}

bool vm_running(struct vm *vm)
{
	bool running;

	pthread_mutex_lock(&vm->lock);
	running = first_running(vm) < vm->vcpu_count;
	pthread_mutex_unlock(&vm->lock);
	return running;
}

bool vm_vcpu_asleep(struct vm *vm, unsigned cpu)
{
	struct vcpu *vcpu = &vm->vcpus[cpu];
	bool asleep;

	pthread_mutex_lock(&vm->lock);
	asleep = vcpu->state == VCPU_RUNNING && kvm_run_sleeps(vcpu->tid, &vcpu->blocked);
	pthread_mutex_unlock(&vm->lock);
	return asleep;
}

void vm_event(struct vm *vm, unsigned cpu, struct event *event)
{
	pthread_mutex_lock(&vm->lock);
	*event = vm->vcpus[cpu].event;
	pthread_mutex_unlock(&vm->lock);
}

enum vcpu_state vm_vcpu_state(struct vm *vm, unsigned cpu)
{
	enum vcpu_state state;

	pthread_mutex_lock(&vm->lock);
	state = vm->vcpus[cpu].state;
	pthread_mutex_unlock(&vm->lock);
	return state;
}

void vm_end(struct vm *vm, unsigned cpu, const struct event *why)
{
	pthread_mutex_lock(&vm->lock);
	vcpu_end(&vm->vcpus[cpu], why);
	pthread_mutex_unlock(&vm->lock);
}
