/* SPDX-License-Identifier: BSD-2-Clause */
/* vm.c: see vm.h. Read next: arch.h, then arch/<arch>/machine.c and exits.c. */
#include "vm.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "arch.h"
#include "order.h"

#define PAUSE_TIME_MS 10000

/* --- one vCPU's thread ------------------------------------------------ */

static void kicked(int sig)
{
	(void)sig; /* the signal's work is to make KVM_RUN return */
}

/* THE run loop: until something happens that the controller has to know. */
static void run_until_event(struct vcpu *vcpu, struct event *event)
{
	const struct trace *trace = vcpu->vm->trace;

	while (event->kind == EVENT_NONE) {
		int rc;

		/* What the last exit printed is in a queue. A guest that prints faster than it is read stops
		 * here, between two instructions. */
		consoles_wait(vcpu->vm->config->consoles, &vcpu->run->immediate_exit);
		rc = kvm_run(&vcpu->fd);
		if (rc == -EINTR || rc == -EAGAIN) {
			if (__atomic_load_n(&vcpu->run->immediate_exit, __ATOMIC_SEQ_CST))
				event->kind = EVENT_PAUSED;
			continue;
		}
		if (rc == -EFAULT) {
			event->kind = EVENT_CRASH;
			error_set(&event->why, rc, "the guest used an address that KVM cannot map");
		} else if (rc < 0) {
			event->kind = EVENT_ERROR;
			kvm_failed(&event->why, rc, &vcpu->fd, NULL, "KVM_RUN");
		} else {
			if (trace_on(trace)) {
				char text[120];

				arch_exit_text(vcpu, text, sizeof(text));
				trace_line(trace, vcpu->fd.name, "exit %s", text);
			}
			arch_exit(vcpu, event);
		}
	}
}

/*
 * The answer to an exit (a loaded value, a hypercall's result) reaches the
 * registers at the next KVM_RUN. Enter once without running the guest, so
 * that a parked vCPU's registers are all there is to it.
 */
static void complete_exit(struct vcpu *vcpu, struct event *event)
{
	int rc;

	if (event->kind != EVENT_CHECKPOINT && event->kind != EVENT_OFFLINE && event->kind != EVENT_WAIT &&
	    event->kind != EVENT_STOP && event->kind != EVENT_REBOOT)
		return;
	vcpu_immediate_exit(vcpu, 1);
	rc = kvm_run(&vcpu->fd);
	if (rc != -EINTR) {
		event->kind = EVENT_ERROR;
		kvm_failed(&event->why, rc ? rc : -EPROTO, &vcpu->fd, NULL, "KVM_RUN with immediate_exit");
	}
}

/* Whether the guest will find a command in its mailbox. */
static bool has_command(const struct vcpu *vcpu)
{
	struct abi_shared *shared = vm_shared(vcpu->vm);

	return shared && vcpu->index < ABI_CPUS &&
	       __atomic_load_n(&shared->mailbox[vcpu->index].command, __ATOMIC_ACQUIRE) != ABI_CMD_NONE;
}

static void *vcpu_thread(void *arg)
{
	struct vcpu *vcpu = arg;
	struct vm *vm = vcpu->vm;

	pthread_mutex_lock(&vm->lock);
	vcpu->tid = gettid();
	for (;;) {
		struct event event = { .kind = EVENT_NONE };

		while (!vcpu->running && !vm->quit)
			pthread_cond_wait(&vm->change, &vm->lock);
		if (vm->quit)
			break;
		pthread_mutex_unlock(&vm->lock);
		run_until_event(vcpu, &event);
		complete_exit(vcpu, &event);
		pthread_mutex_lock(&vm->lock);
		/* Under the lock: vcpu_kick() sets it for a vCPU that still runs. */
		vcpu_immediate_exit(vcpu, 0);
		/* A command may have come between the checkpoint and here. */
		if (event.kind == EVENT_CHECKPOINT && has_command(vcpu))
			event.kind = EVENT_PAUSED;
		vcpu->event = event;
		vcpu->held = event.kind == EVENT_CHECKPOINT;
		vcpu->online = event.kind != EVENT_OFFLINE;
		vcpu->running = false;
		order_done(vcpu);
		if (!vm->stopped)
			vcpu_let_run(vcpu);
		pthread_cond_broadcast(&vm->change);
	}
	pthread_mutex_unlock(&vm->lock);
	return NULL;
}

/* --- stop ------------------------------------------------------------- */

/* Under the lock; the number of the first vCPU that runs, or vcpu_count. */
static unsigned first_running(const struct vm *vm)
{
	unsigned i = 0;

	while (i < vm->vcpu_count && !vm->vcpus[i].running)
		i++;
	return i;
}

static int stop_world(struct vm *vm, struct error *err)
{
	struct timespec deadline = deadline_in(PAUSE_TIME_MS);
	unsigned i;
	int rc = 0;

	pthread_mutex_lock(&vm->lock);
	vm->stopped = true; /* a vCPU that is started from now on waits */
	for (i = 0; i < vm->vcpu_count; i++)
		if (vm->vcpus[i].running)
			vcpu_kick(&vm->vcpus[i]);
	while (!rc && first_running(vm) < vm->vcpu_count)
		rc = pthread_cond_timedwait(&vm->change, &vm->lock, &deadline);
	i = first_running(vm);
	if (i < vm->vcpu_count)
		rc = error_set(err, -ETIMEDOUT, "vcpu %u did not stop within %d s", i, PAUSE_TIME_MS / 1000);
	else
		rc = 0;
	pthread_mutex_unlock(&vm->lock);
	return rc;
}

/* --- create and destroy ----------------------------------------------- */

unsigned vm_vcpu_id(const struct vm *vm, unsigned index)
{
	return index * (vm->config->vcpu_stride ? vm->config->vcpu_stride : 1);
}

struct vcpu *vm_vcpu(const struct vm *vm, uint64_t id)
{
	unsigned stride = vm_vcpu_id(vm, 1);

	return id % stride || id / stride >= vm->vcpu_count ? NULL : &vm->vcpus[id / stride];
}

static int create_vcpu(struct vm *vm, uint16_t index, struct error *err)
{
	unsigned id = vm_vcpu_id(vm, index);
	struct vcpu *vcpu = &vm->vcpus[index];
	long rc = kvm_call_value(&vm->fd, KVM_CREATE_VCPU, id), size;
	void *run;

	vcpu->vm = vm;
	vcpu->index = index;
	vcpu->id = (uint16_t)id;
	vcpu->fd.fd = -1;
	vm->vcpu_count = index + 1u; /* for vm_destroy() */
	if (rc < 0)
		return kvm_failed(err, rc, &vm->fd,
		                  rc == -EMFILE ? "raise the limit of open files (ulimit -n)" : NULL,
		                  "KVM_CREATE_VCPU(%u)", id);
	kvm_fd_set(&vcpu->fd, (int)rc, vm->trace, "vcpu %u", id);
	size = kvm_call_value(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < (long)sizeof(*vcpu->run))
		return kvm_failed(err, size < 0 ? size : -EPROTO, vm->kvm, NULL,
		                  "KVM_GET_VCPU_MMAP_SIZE = %ld", size);
	run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd.fd, 0);
	if (run == MAP_FAILED)
		return kvm_failed(err, -errno, &vcpu->fd, NULL, "mmap of kvm_run, %ld bytes", size);
	vcpu->run = run;
	vcpu->run_size = (size_t)size;
	return arch_vcpu_create(vcpu, err);
}

int vm_in_time(const struct vm *vm, const char *parts, struct error *err)
{
	if (!vm->create_by || time_now() < vm->create_by)
		return 0;
	return error_set(err, -ETIMEDOUT, "the VM's %s could not be made within %llu s", parts,
	                 (unsigned long long)vm->config->create_ms / 1000);
}

static int create_vcpus(struct vm *vm, struct error *err)
{
	vm->vcpus = calloc(vm->config->vcpus, sizeof(*vm->vcpus));
	if (!vm->vcpus)
		return error_set(err, -ENOMEM, "out of memory for %u vCPUs", vm->config->vcpus);
	for (unsigned i = 0; i < vm->config->vcpus; i++) {
		int rc = vm_in_time(vm, "vCPUs", err);

		if (!rc)
			rc = create_vcpu(vm, (uint16_t)i, err);
		if (rc)
			return rc;
	}
	return 0;
}

static int create_threads(struct vm *vm, struct error *err)
{
	/* KVM_RUN returns EINTR all the same. */
	struct sigaction kick = { .sa_handler = kicked, .sa_flags = SA_RESTART };
	pthread_attr_t attr;
	int rc = 0;

	sigaction(VCPU_KICK, &kick, NULL);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 * 1024);
	for (unsigned i = 0; i < vm->vcpu_count && !rc; i++) {
		rc = pthread_create(&vm->vcpus[i].thread, &attr, vcpu_thread, &vm->vcpus[i]);
		vm->vcpus[i].has_thread = !rc;
	}
	pthread_attr_destroy(&attr);
	return rc ? error_set(err, -rc, "cannot start a vCPU's thread: %s", strerror(rc)) : 0;
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
	int max = kvm_extension(vm->kvm, KVM_CAP_MAX_VCPUS);
	long rc;

	if (!config->vcpus || config->vcpus > (unsigned)max)
		return error_set(err, -ERANGE, "%u vCPUs: this host's KVM has 1 to %d", config->vcpus, max);
	if (vm_vcpu_id(vm, config->vcpus - 1) > UINT16_MAX)
		return error_set(err, -ERANGE, "%u vCPUs with ids %u apart: the last would have id %u",
		                 config->vcpus, config->vcpu_stride, vm_vcpu_id(vm, config->vcpus - 1));
	if (config->memory < arch_info.ram_min)
		return error_set(err, -ERANGE, "guest memory of %llu bytes: %s needs at least %llu MiB",
		                 (unsigned long long)config->memory, arch_info.name,
		                 (unsigned long long)arch_info.ram_min >> 20);
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
		return (int)rc;
	rc = arch_machine_create(vm, err);
	if (!rc)
		rc = create_vcpus(vm, err);
	if (!rc)
		rc = create_threads(vm, err);
	return (int)rc;
}

int vm_create(struct vm *vm, const struct kvm_fd *kvm, const struct vm_config *config, struct error *err)
{
	pthread_condattr_t attr;
	int rc;

	*vm = (struct vm){ .config = config,
		           .trace = config->trace,
		           .kvm = kvm,
		           .fd.fd = -1,
		           .ram.fd = -1,
		           .stopped = true };
	pthread_mutex_init(&vm->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&vm->change, &attr);
	pthread_condattr_destroy(&attr);
	bus_init(&vm->bus);
	raised_init(&vm->raised);
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
	worker_destroy(&vm->worker);
	pthread_mutex_lock(&vm->lock);
	vm->quit = true;
	pthread_cond_broadcast(&vm->change);
	pthread_mutex_unlock(&vm->lock);
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		struct vcpu *vcpu = &vm->vcpus[i];

		if (vcpu->has_thread)
			pthread_join(vcpu->thread, NULL);
		if (vcpu->run)
			munmap(vcpu->run, vcpu->run_size);
		kvm_close(&vcpu->fd);
	}
	arch_machine_destroy(vm);
	kvm_close(&vm->fd);
	ram_destroy(&vm->ram);
	free(vm->dirty.changed);
	bus_destroy(&vm->bus);
	raised_destroy(&vm->raised);
	free(vm->vcpus);
	pthread_cond_destroy(&vm->change);
	pthread_mutex_destroy(&vm->lock);
	*vm = (struct vm){ .fd.fd = -1, .ram.fd = -1 };
}

int vm_boot(struct vm *vm, const uint8_t *file, size_t size, struct error *err)
{
	struct elf_image image;
	int rc = elf_load(file, size, arch_info.elf_machine, arch_info.elf_big_endian, &vm->ram, &image, err);

	if (!rc)
		rc = arch_boot(vm, &image, err);
	if (!rc)
		vm->vcpus[0].online = true;
	return rc;
}

/* --- run, pause, wait ------------------------------------------------- */

void vm_resume(struct vm *vm)
{
	struct event failed = { .kind = EVENT_ERROR };
	int rc = clock_release(vm, &failed.why);

	pthread_mutex_lock(&vm->lock);
	vm->stopped = rc;
	if (rc)
		vm->vcpus[0].event = failed;
	for (unsigned i = 0; i < vm->vcpu_count && !rc; i++)
		vcpu_wake(&vm->vcpus[i]);
	pthread_mutex_unlock(&vm->lock);
	worker_go(&vm->worker);
}

int vm_pause(struct vm *vm, struct error *err)
{
	int rc = stop_world(vm, err);

	worker_hold(&vm->worker);
	return rc ? rc : clock_hold(vm, err);
}

/* Under the lock: whether nothing can happen any more but from outside, as vCPUs wait for what nobody will
 * do. */
static bool has_ended(struct vm *vm, unsigned *which)
{
	struct event *end = NULL;

	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		struct vcpu *vcpu = &vm->vcpus[i];

		if (vcpu->online && vcpu->event.kind != EVENT_WAIT)
			return false;
		if (!vcpu->online || (end && !vcpu->event.value))
			continue;
		end = &vcpu->event;
		*which = i;
	}
	if (!end)
		return false;
	end->kind = end->value ? EVENT_CRASH : EVENT_STOP;
	end->waited = true;
	return true;
}

/* Under the lock: whether the wait is over, and which vCPU ended it. */
static bool wait_over(struct vm *vm, unsigned cpu, unsigned *which)
{
	bool running = false;

	*which = 0;
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		if (vm->vcpus[i].event.kind >= EVENT_STOP) {
			*which = i;
			return true;
		}
		if (vm->vcpus[i].running && (cpu == STEP_ALL_CPUS || cpu == i))
			running = true;
	}
	if (has_ended(vm, which))
		return true;
	if (cpu != STEP_ALL_CPUS)
		*which = cpu;
	return !running;
}

int vm_wait(struct vm *vm, unsigned cpu, uint64_t timeout_ms, unsigned *which)
{
	struct timespec deadline = deadline_in(timeout_ms);
	int rc = 0;

	pthread_mutex_lock(&vm->lock);
	while (!wait_over(vm, cpu, which) && !rc)
		rc = pthread_cond_timedwait(&vm->change, &vm->lock, &deadline);
	rc = wait_over(vm, cpu, which) ? 0 : -ETIMEDOUT;
	pthread_mutex_unlock(&vm->lock);
	return rc;
}

/* --- the guest's shared block ----------------------------------------- */

struct abi_shared *vm_shared(const struct vm *vm)
{
	gpa_t at = __atomic_load_n(&vm->shared, __ATOMIC_RELAXED);
	struct abi_shared *shared = at ? ram_at(&vm->ram, at, sizeof(*shared)) : NULL;

	if (!shared || at % _Alignof(struct abi_shared) || shared->magic != ABI_MAGIC ||
	    shared->version != ABI_VERSION || shared->taken > ABI_LOG)
		return NULL;
	return shared;
}

void vm_checkpoint(struct vcpu *vcpu, uint64_t id, gpa_t at, struct event *event)
{
	if (id == ABI_CP_NOP)
		return;
	__atomic_store_n(&vcpu->vm->shared, at, __ATOMIC_RELAXED);
	if (id != ABI_CP_READY || vcpu->index >= ABI_CPUS || !vm_shared(vcpu->vm)) {
		event->kind = EVENT_CRASH;
		error_set(&event->why, -EIO, "checkpoint %llu with no valid shared block at 0x%llx",
		          (unsigned long long)id, (unsigned long long)at);
		return;
	}
	/* A command that came while the last one was under way is there already. */
	if (has_command(vcpu))
		return;
	event->kind = EVENT_CHECKPOINT;
	event->value = id;
}

int vm_command(struct vm *vm, unsigned cpu, uint32_t command, const uint64_t arg[ABI_ARGS], struct error *err)
{
	struct abi_shared *shared = vm_shared(vm);
	struct abi_mailbox *box;
	int rc = 0;

	if (cpu >= vm->vcpu_count)
		return error_set(err, -ESRCH, "there is no vCPU %u", cpu);
	if (cpu >= ABI_CPUS || !shared)
		return error_set(err, -EINVAL, "vCPU %u takes no commands: %s", cpu,
		                 shared ? "the test guest knows fewer"
		                        : "the guest has not reached a checkpoint");
	box = &shared->mailbox[cpu];
	pthread_mutex_lock(&vm->lock);
	/* Besides a held vCPU, one that loops in ABI_CMD_CLOSED looks at its mailbox. */
	if (!vm->vcpus[cpu].online ||
	    (!vm->vcpus[cpu].held && __atomic_load_n(&box->command, __ATOMIC_ACQUIRE))) {
		rc = error_set(err, -EBUSY, "vCPU %u is not at a checkpoint", cpu);
	} else {
		memcpy(box->arg, arg, sizeof(box->arg));
		__atomic_store_n(&box->command, command, __ATOMIC_RELEASE);
		vm->vcpus[cpu].held = false;
	}
	pthread_mutex_unlock(&vm->lock);
	return rc;
}

/* --- the books -------------------------------------------------------- */

static unsigned records(const struct vm *vm)
{
	const struct abi_shared *shared = vm_shared(vm);

	return shared ? __atomic_load_n(&shared->taken, __ATOMIC_ACQUIRE) : 0;
}

void vm_raised(struct vm *vm, const struct irq *irq)
{
	raised_add(&vm->raised, irq, records(vm), false);
}

void vm_withdrawn(struct vm *vm, const struct irq *irq)
{
	raised_add(&vm->raised, irq, records(vm), true);
}

bool vm_running(struct vm *vm)
{
	bool running;

	pthread_mutex_lock(&vm->lock);
	running = first_running(vm) < vm->vcpu_count;
	pthread_mutex_unlock(&vm->lock);
	return running;
}

bool vm_cpu_asleep(struct vm *vm, unsigned cpu)
{
	const struct vcpu *vcpu = &vm->vcpus[cpu];
	bool asleep;

	pthread_mutex_lock(&vm->lock);
	asleep = vcpu->running && kvm_run_sleeps(vcpu->tid);
	pthread_mutex_unlock(&vm->lock);
	return asleep;
}

void vm_event(struct vm *vm, unsigned cpu, struct event *event)
{
	pthread_mutex_lock(&vm->lock);
	*event = vm->vcpus[cpu].event;
	pthread_mutex_unlock(&vm->lock);
}

void vm_fail(struct vm *vm, const struct error *why)
{
	pthread_mutex_lock(&vm->lock);
	vm->vcpus[0].event = (struct event){ .kind = EVENT_ERROR, .why = *why };
	pthread_mutex_unlock(&vm->lock);
}

enum cpu_state vm_cpu_state(struct vm *vm, unsigned cpu)
{
	const struct vcpu *vcpu = &vm->vcpus[cpu];
	enum cpu_state state;

	pthread_mutex_lock(&vm->lock);
	state = !vcpu->online                    ? CPU_OFFLINE
	        : vcpu->running                  ? CPU_RUNNING
	        : vcpu->held                     ? CPU_READY
	        : vcpu->event.kind == EVENT_WAIT ? CPU_WAITING
	                                         : CPU_PAUSED;
	pthread_mutex_unlock(&vm->lock);
	return state;
}
