/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm.h: the central types, and the life of a VM: create, boot, run, pause,
 * destroy. A process may have any number of VMs; there are no globals.
 *
 * Threads. Each vCPU has one, which alone calls KVM_RUN; a machine that has work
 * of its own has one more (worker.h). All other functions here belong to the VM's
 * controller (one thread). A vCPU is parked unless
 * its `running` is set; only then may the controller touch its registers.
 */
#ifndef VMM_VM_H
#define VMM_VM_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "bus.h"
#include "clock.h"
#include "console.h"
#include "elf.h"
#include "guest/abi.h"
#include "kvm.h"
#include "vmm/lab/raised.h"
#include "ram.h"
#include "vmm/lab/scenario.h"
#include "worker.h"

/* Why a vCPU stopped running. */
enum event_kind {
	EVENT_NONE,
	EVENT_PAUSED,     /* vm_pause() */
	EVENT_CHECKPOINT, /* waits for a command; value: checkpoint id */
	EVENT_OFFLINE,    /* stopped itself; another vCPU can start it */
	EVENT_WAIT,       /* waits for what only another vCPU can do; value: 0 an orderly end, if none does */
	EVENT_STOP,       /* the guest ended the VM in the architected way */
	EVENT_REBOOT,     /* the guest asked to be started anew: that is a new VM */
	EVENT_CRASH,      /* the guest did what no guest may do, or said that it crashed */
	EVENT_ERROR,      /* KVM or the host failed */
};

struct event {
	enum event_kind kind;
	uint64_t value;
	bool waited;      /* EVENT_STOP, EVENT_CRASH: it was EVENT_WAIT, and nobody was left to end that */
	struct error why; /* EVENT_WAIT, EVENT_CRASH, EVENT_ERROR; EVENT_STOP if it waited */
};

struct vcpu {
	struct vm *vm;
	uint16_t index; /* in vm->vcpus; what scenarios and the test guest call it */
	uint16_t id;    /* KVM's vCPU id; the guest's CPU address or server number */
	struct kvm_fd fd;
	struct kvm_run *run; /* shared with the kernel */
	size_t run_size;
	pthread_t thread;
	bool has_thread;
	/*
	 * Below: under vm->lock. Its own `online` a vCPU that runs may read without it: while it does, nobody
	 * else changes that. The controller may touch all of them when the world has stopped (vm_pause()).
	 */
	pid_t tid;    /* the thread, as the kernel calls it; 0 until it runs */
	bool online;  /* started; only such a vCPU runs */
	bool running; /* in or on the way to KVM_RUN */
	bool held;    /* at a checkpoint, without a command */
	struct event event;
};

struct state_rule;

struct vm_config {
	uint64_t memory; /* bytes */
	unsigned vcpus;
	unsigned vcpu_stride; /* vCPU ids are multiples of it; 0 is 1 */
	uint64_t create_ms;   /* to create a VM in; 0: any time */
	unsigned sources;     /* message sources of the interrupt controller, where it has such; 0: 64 */
	const char *irqchip;  /* the architecture's word for a controller; NULL: the best there is */
	FILE *console;        /* what the guest prints; not owned; writing to it never waits */
	const struct consoles *consoles; /* a vCPU waits until they have room; NULL: there are none */
	const struct trace *trace;
	enum clock_policy clock;
	const struct state_rule *broken; /* by every save and restore; NULL: none */
};

struct irqchip;
struct devices;

/*
 * What one vCPU, or the controller, has done to another: see vm_order(). It is
 * called under vm->lock with the vCPU parked (or in the exit handler that
 * ordered it, when it is the sender's own), and may call vcpu_online() and
 * vcpu_offline(). What it returns is vm_order()'s.
 */
typedef int order_fn(struct vcpu *vcpu, void *arg, struct error *err);
struct order;

/* See dirty.h. */
struct dirty {
	uint64_t like; /* which snapshot RAM was like when the log began anew; 0: none */
	void *changed; /* room for KVM's bitmap; NULL: there is no log */
};

struct vm {
	const struct vm_config *config; /* must outlive the VM */
	const struct trace *trace;
	const struct kvm_fd *kvm;
	struct kvm_fd fd;
	struct ram ram;
	struct dirty dirty;
	struct vm_clock clock; /* the controller's */
	struct bus bus;
	struct irqchip *irqchip;
	struct devices *devices; /* the machine's; see arch/<arch>/machine.c */
	struct vcpu *vcpus;
	unsigned vcpu_count;
	uint64_t create_by; /* time_now() when the VM is to be there; 0: it is, or there is no hurry */
	gpa_t shared; /* struct abi_shared, known since the first checkpoint; 0 before; atomic: vCPUs set it
	               */
	pthread_mutex_t lock;
	pthread_cond_t change; /* a vCPU parked, or may run */
	struct order *order;   /* waits for a vCPU to park, or NULL */
	bool quit;
	bool dead; /* a save or a restore has left it half done: nothing but vm_destroy() is to be called */
	bool stopped; /* from vm_pause() to vm_resume(), and before the first: no vCPU is let run */
	struct raised_log raised; /* what devices have raised */
	struct worker worker;     /* what is done while all vCPUs wait */
};

/*
 * A VM with RAM, devices, irqchip and vCPUs, all parked and offline, vCPU
 * registers as after a reset. kvm is from kvm_open() and must outlive it.
 * On failure nothing is left. -ERANGE: no host could make that machine, or this one's KVM has not so many
 * vCPUs.
 */
int vm_create(struct vm *vm, const struct kvm_fd *kvm, const struct vm_config *config, struct error *err);

/* For what creates a VM's many parts: -ETIMEDOUT when the time for it is up. */
int vm_in_time(const struct vm *vm, const char *parts, struct error *err);

/* Stops the vCPU threads first, whatever they do. */
void vm_destroy(struct vm *vm);

/* Tells KVM of the RAM, with these flags (KVM_MEM_*). Errors: KVM's. */
int vm_map_ram(struct vm *vm, uint32_t flags, struct error *err);

/* Loads the guest and makes vCPU 0 ready to enter it. -ENOEXEC as elf_load(). */
int vm_boot(struct vm *vm, const uint8_t *file, size_t size, struct error *err);

/*
 * Lets every vCPU run that is online and not held; the guest's clock goes on as the policy says. If KVM does
 * not let it, none runs, and vCPU 0 has an EVENT_ERROR.
 */
void vm_resume(struct vm *vm);

/*
 * Stops the world: returns when every vCPU is parked and its last exit is
 * complete, whatever it was doing, and the guest's clock has been read.
 * -ETIMEDOUT if one does not park within ten seconds (a bug in KVM or here).
 */
int vm_pause(struct vm *vm, struct error *err);

/*
 * Waits until vCPU cpu (STEP_ALL_CPUS: every vCPU that runs) has parked, or
 * any vCPU has ended the VM, crashed or failed, or timeout_ms have passed
 * (-ETIMEDOUT). *which is the vCPU that ended the wait, else 0. Once every vCPU
 * is offline or waits for another one the VM has ended: EVENT_WAIT of one of
 * them has become EVENT_STOP (value 0) or EVENT_CRASH.
 */
int vm_wait(struct vm *vm, unsigned cpu, uint64_t timeout_ms, unsigned *which);

/*
 * Calls order on vcpu while it is parked: at once when it is, else it is
 * made to park for it and goes on afterwards, unless it has been taken
 * offline. Returns when that is done, so no order outlives its sender's
 * instruction, and a pause or a snapshot never finds one under way. For exit
 * handlers and the controller (sender NULL), also of the sender's own vCPU.
 *
 * One order at a time makes a vCPU park: -EAGAIN tells a vCPU that this is
 * another's turn (it must go on: it may be the one that is to park); the
 * controller waits for its own. Else what order returns.
 */
int vm_order(struct vcpu *vcpu, const struct vcpu *sender, order_fn *order, void *arg, struct error *err);

/*
 * Returns when a vCPU has parked, or a millisecond later. For a sender that is
 * going to be told "busy": orders again and again would make the vCPU that it
 * waits for park each time before that has run.
 */
void vm_give_way(struct vm *vm);

/* Under vm->lock: something was made pending for the vCPU, which may end its EVENT_WAIT. */
void vcpu_wake(struct vcpu *vcpu);

/* For orders: from now on the vCPU runs when the VM does; from now on it does not, and no command is waited
 * for. */
void vcpu_online(struct vcpu *vcpu);
void vcpu_offline(struct vcpu *vcpu);

/*
 * The checkpoint call of guest/abi.h, for exit handlers: sets event unless
 * the vCPU has nothing to wait for.
 */
void vm_checkpoint(struct vcpu *vcpu, uint64_t id, gpa_t shared, struct event *event);

/* The guest's shared block, checked; NULL while it is not known. */
struct abi_shared *vm_shared(const struct vm *vm);

/* Gives a vCPU that is held its next command. -EBUSY when it is not held, -ESRCH when it is not there,
 * -EINVAL beyond ABI_CPUS. */
int vm_command(struct vm *vm, unsigned cpu, uint32_t command, const uint64_t arg[ABI_ARGS],
               struct error *err);

/*
 * For whoever makes an interrupt pending that no scenario asked for: says so
 * to the books, before KVM is told. Any thread may, with any lock held.
 */
void vm_raised(struct vm *vm, const struct irq *irq);

/* One that was raised is pending no more, and nobody took it. After KVM has been told. */
void vm_withdrawn(struct vm *vm, const struct irq *irq);

/* What a vCPU stopped for; EVENT_NONE while it runs. */
void vm_event(struct vm *vm, unsigned cpu, struct event *event);

/* The VM is not what it was, and ends: vCPU 0 says why. It is paused. */
void vm_fail(struct vm *vm, const struct error *why);

/* Whether any vCPU runs. */
bool vm_running(struct vm *vm);

/* Whether the vCPU runs and its guest waits for an interrupt: an enabled wait (s390x), H_CEDE (POWER9). */
bool vm_cpu_asleep(struct vm *vm, unsigned cpu);

enum cpu_state vm_cpu_state(struct vm *vm, unsigned cpu);

/* The vCPU with this id, or NULL. */
struct vcpu *vm_vcpu(const struct vm *vm, uint64_t id);

/* The id of vCPU `index`, be it made already or not. */
unsigned vm_vcpu_id(const struct vm *vm, unsigned index);

#endif
