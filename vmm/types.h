/* SPDX-License-Identifier: BSD-2-Clause */
/* types.h: the central types: a VM, its vCPUs, and what it is made of. No functions. Read next: vm.h, vcpu.h.
 */
#ifndef VMM_TYPES_H
#define VMM_TYPES_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "bus.h"
#include "clock.h"
#include "console.h"
#include "error.h"
#include "kvm.h"
#include "ram.h"

/*
 * What a vCPU does.
 *
 *                  started                  goes
 *      OFFLINE ----------------> PARKED --------------> RUNNING
 *         ^                       ^ ^ ^                  | | |  \
 *         |  stops itself, reset  | | '--- is paused ----' | |   '--> ENDED
 *         '-----------------------|-|----------------------' |        stop, reboot,
 *                                 | | woken                  |        crash, error
 *                                 | '----------- WAITING <---+ disabled wait
 *                                 | released                 |
 *      SUSPENDED <------------> HELD <-----------------------'
 *                 from outside          makes the private call
 *
 * A vCPU is parked in every state but RUNNING: only then may another thread touch its registers. A restore
 * puts it into any state but RUNNING and ENDED. All changes are made by one function in vcpu.c, under
 * vm->lock.
 */
enum vcpu_state {
	VCPU_OFFLINE,   /* not started, or stopped: another vCPU or the operator can start it */
	VCPU_SUSPENDED, /* stopped from outside while it was held: is held again when it is started */
	VCPU_PARKED,    /* runs as soon as the VM does */
	VCPU_HELD,      /* has made the private call (hook.h), and waits for vcpu_release() */
	VCPU_WAITING,   /* waits for what only another vCPU can do; vcpu_wake() */
	VCPU_RUNNING,   /* in KVM_RUN or on the way there */
	VCPU_ENDED,     /* the VM is at its end; vcpu->event says how */
};

/* Why a vCPU stopped running. */
enum event_kind {
	EVENT_NONE,
	EVENT_PAUSED,  /* vm_pause(), or something is done to the vCPU (vcpu_work()) */
	EVENT_HELD,    /* the private call: to wait; value: its id */
	EVENT_OFFLINE, /* stopped itself; another vCPU can start it */
	EVENT_WAIT,    /* waits for what only another vCPU can do; value: 0 an orderly end, if none does */
	EVENT_STOP,    /* the guest ended the VM in the architected way; value: its status */
	EVENT_REBOOT,  /* the guest asked to be started anew: that is a new VM */
	EVENT_CRASH,   /* the guest did what no guest may do, or said that it crashed */
	EVENT_ERROR,   /* KVM or the host failed */
};

struct event {
	enum event_kind kind;
	uint64_t value;
	bool waited;      /* EVENT_STOP, EVENT_CRASH: it was EVENT_WAIT, and nobody was left to end that */
	struct error why; /* EVENT_WAIT, EVENT_CRASH, EVENT_ERROR; EVENT_STOP if it waited */
};

struct vm;

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
	 * Below: under vm->lock. A vCPU that runs may read its own state without it: nobody else changes that
	 * then. The controller may touch all of them when the world has stopped (vm_pause()).
	 */
	pid_t tid; /* the thread, as the kernel calls it; 0 until it runs */
	enum vcpu_state state;
	struct event event; /* why it parked last */
};

struct vm_hooks; /* hook.h */

struct vm_config {
	uint64_t memory; /* bytes */
	unsigned vcpus;
	unsigned vcpu_stride; /* vCPU ids are multiples of it; 0 is 1 */
	uint64_t create_ms;   /* to create a VM in; 0: any time */
	unsigned sources;     /* message sources of the interrupt controller, where it has such; 0: 64 */
	const char *irqchip;  /* the architecture's word for a controller; NULL: the best there is */
	FILE *console;        /* what the guest prints; not owned; writing to it never waits */
	const struct consoles *consoles; /* a vCPU waits until they have room; NULL: there are none */
	enum clock_policy clock;
	const struct trace *trace;
	const struct vm_hooks *hooks; /* NULL: none */
	const void *hook_arg;         /* for them */
};

/* A little of the work. It calls worker_need() if that was not all, and is called again a moment later. */
typedef int worker_fn(struct vm *vm, struct error *err);

struct worker {
	struct vm *vm;
	worker_fn *fn; /* the machine's */
	pthread_mutex_t lock;
	pthread_cond_t change;
	pthread_t thread;
	bool started, go, due, busy, quit; /* under the lock */
};

struct irqchip;
struct devices;

/* What has changed since a snapshot: see snapshot/dirty.h. */
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
	struct devices *devices; /* the machine's; see arch/ARCH/machine.c */
	struct vcpu *vcpus;
	unsigned vcpu_count;
	uint64_t create_by; /* time_now() when the VM is to be there; 0: it is, or there is no hurry */
	gpa_t shared; /* what the hooks have found in guest memory; 0: nothing; atomic. A snapshot has it */
	pthread_mutex_t lock;
	pthread_cond_t change; /* a vCPU parked, or may run */
	struct work *work;     /* waits for a vCPU to park, or NULL */
	bool quit;
	bool dead; /* a save or a restore has left it half done: nothing but vm_destroy() is to be called */
	bool stopped;    /* from vm_pause() to vm_resume(), and before the first: no vCPU is let run, nobody
	                    enters */
	unsigned inside; /* threads between vm_enter() and vm_leave() */
	struct worker worker; /* what is done while all vCPUs wait */
	void *hook_data;
	bool hooked; /* hooks->create() has succeeded */
};

#endif
