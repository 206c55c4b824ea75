/* SPDX-License-Identifier: BSD-2-Clause */
/* types.h: the central types: a VM, its vCPUs, and its parts. No functions. Read next: vm.h, vcpu.h. */
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
#include "device.h"
#include "device_option.h"
#include "error.h"
#include "identity.h"
#include "kvm.h"
#include "ram.h"

/*
 * The states of a vCPU.
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
	VCPU_SUSPENDED, /* stopped from outside while it was held: it is held again when it is started */
	VCPU_PARKED,    /* it runs as soon as the VM does */
	VCPU_HELD,      /* it has made the private call (hook.h), and waits for vcpu_release() */
	VCPU_WAITING,   /* only another vCPU can end its wait, by vcpu_wake() */
	VCPU_RUNNING,   /* in KVM_RUN or about to enter it */
	VCPU_ENDED,     /* the VM has ended; vcpu->event says how */
};

/* Why a vCPU stopped running. */
enum event_kind {
	EVENT_NONE,
	EVENT_PAUSED,  /* vm_pause(), or work is done on the vCPU (vcpu_work()) */
	EVENT_HELD,    /* the private call: the vCPU waits; value: its id */
	EVENT_OFFLINE, /* it stopped itself; another vCPU can start it */
	EVENT_WAIT,    /* only another vCPU can end its wait; value: 0: it is an orderly end if none does */
	EVENT_BREAK,   /* a debugger's breakpoint: no vCPU enters the guest any more until vm_resume() */
	EVENT_STOP,    /* the guest ended the VM in the architected way; value: its status */
	EVENT_REBOOT,  /* the guest asked for a reboot, which takes a new VM */
	EVENT_CRASH,   /* the guest did something forbidden, or reported that it crashed */
	EVENT_ERROR,   /* KVM or the host failed; code: the errno value */
};

struct event {
	enum event_kind kind;
	uint64_t value;
	int code;    /* EVENT_ERROR: a negative errno value */
	bool waited; /* EVENT_STOP, EVENT_CRASH: it was EVENT_WAIT, and no vCPU was left to end the wait */
	struct error why; /* EVENT_WAIT, EVENT_CRASH, EVENT_ERROR; EVENT_STOP if it waited; EVENT_REBOOT: may
	                     be "" */
};

struct vm;

struct vcpu {
	struct vm *vm;
	uint16_t index; /* in vm->vcpus; its number in scenarios and in the test guest */
	uint16_t id;    /* KVM's vCPU id; the guest's CPU address or server number */
	struct kvm_fd fd;
	struct kvm_run *run; /* shared with the kernel */
	size_t run_size;
	pthread_t thread;
	bool has_thread;
	/*
	 * The fields below are under vm->lock. A running vCPU may read its own state without it, because
	 * nobody else changes the state then. The controller may access all of them while the VM is paused
	 * (vm_pause()).
	 */
	pid_t tid;   /* the kernel's id of the thread; 0 until it runs */
	int blocked; /* of kvm_run_sleeps(): the controller opens it, as a vCPU's thread may not */
	enum vcpu_state state;
	bool woken; /* by vcpu_wake() since it began to run: a wait that begins now may be over already */
	struct event event;             /* why it parked last */
	const struct vcpu_alone *alone; /* runs instead of the run loop: see vcpu_run_alone(); or NULL */
};

struct vm_hooks; /* hook.h */

struct vm_config {
	uint64_t memory; /* bytes */
	unsigned vcpus;
	unsigned vcpu_stride;       /* vCPU ids are multiples of it; 0 is 1 */
	unsigned vcpus_late;        /* so many of them are not made before vm_add_vcpu() */
	const uint16_t *vcpu_order; /* in which KVM is to make them: each number once; NULL: 0, 1, 2 ... */
	uint64_t create_ms;         /* the time limit for creating the VM; 0: none */
	unsigned sources;           /* message sources of the interrupt controller, if it has any; 0: 64 */
	const char *irqchip;        /* the architecture's word for a controller; NULL: the best one */
	const struct device_options *devices; /* what it has besides the machine's own; NULL: nothing */
	bool io_thread;           /* virtio devices work in the I/O thread, not in exits: see vm_virtio.h */
	const char *console_name; /* the console that the user has chosen; NULL: the machine's default */
	const struct identity *identity; /* the VM's name and UUID; NULL: none were given */
	int64_t clock_offset; /* nanoseconds that the clock of a guest that boots is ahead of the host's time;
	                         0: its clock is the host's */
	FILE *console;        /* the guest's output; not owned; writing to it never waits */
	const struct consoles *consoles; /* a vCPU waits until they have room; NULL: there are none */
	enum clock_policy clock;
	const struct trace *trace;    /* NULL: none */
	const char *label;            /* what the trace calls the VM */
	const struct vm_hooks *hooks; /* NULL: none */
	const void *hook_arg;         /* for them */
};

struct worker {
	struct vm *vm;
	pthread_mutex_t lock;
	pthread_cond_t change;
	pthread_t thread;
	bool started, go, due, busy, quit; /* under the lock */
	/* While it goes, the time (time_now()) when the alarm rings, else what is left; 0: none. Under the
	 * lock. */
	uint64_t alarm;
};

struct irqchip;
struct devices;
struct vm_virtio;

/* The pages that have changed since a snapshot: see snapshot/dirty.h. */
struct dirty {
	uint64_t like; /* the snapshot that RAM was equal to when the log was restarted; 0: none */
	void *changed; /* a buffer for KVM's bitmap; NULL: there is no log */
};

/* What the guest's clock was when it began to run: only for a trace of interrupts. */
#define TRACE_CLOCKS 16
struct trace_clock {
	uint64_t ns;    /* time_now() */
	uint64_t guest; /* as the guest reads it; 0: this one is not used */
};

struct vm {
	const struct vm_config *config; /* must outlive the VM */
	const struct trace *trace;      /* NULL, or: */
	struct trace traced;            /* the configuration's, with the VM's name */
	const struct kvm_fd *kvm;
	struct kvm_fd fd;
	struct ram ram;
	struct dirty dirty;
	struct vm_clock clock; /* accessed by the controller only */
	struct bus bus;
	struct irqchip *irqchip;
	struct devices *devices;        /* the machine's; see arch/ARCH/machine.c */
	struct device_list device_list; /* the same: what a save, a restore and a reset process */
	struct vcpu *vcpus;
	unsigned vcpu_count;
	uint64_t create_by; /* deadline (time_now()) for creating the VM; 0: it exists, or there is none */
	gpa_t shared;       /* the hooks' block in guest memory; 0: not found; atomic; part of a snapshot */
	pthread_mutex_t lock;
	pthread_cond_t change; /* a vCPU parked, or may run */
	struct work *work;     /* waits for a vCPU to park, or NULL */
	bool quit;
	bool dead;    /* a save or a restore failed in the middle: only vm_destroy() may be called */
	bool stopped; /* from vm_pause() to vm_resume(), and before the first vm_resume(): no vCPU runs, and
	                 vm_enter() returns false */
	struct trace_clock clocks[TRACE_CLOCKS]; /* by the number of the resume; accessed by the controller */
	uint64_t resumes;     /* how often it was resumed; accessed by the controller only */
	unsigned inside;      /* threads between vm_enter() and vm_leave() */
	struct worker worker; /* work that can be done while all vCPUs wait */
	struct vm_virtio *virtio[DEVICE_OPTIONS_MAX]; /* see vm_virtio.h */
	unsigned virtio_count;
	void *hook_data;
	bool hooked; /* hooks->create() has succeeded */
};

#endif
