/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * irqfd.h: eventfds between zpvm and KVM. An irqfd makes its GSI's interrupt pending when it is signalled; an
 * ioeventfd is signalled by KVM when a guest notifies. Source: kernel Documentation/virt/kvm/api.rst,
 * KVM_IRQFD, KVM_IOEVENTFD.
 *
 * No signal is lost when an irqfd is turned off: KVM takes a signal's count out of the eventfd while it is
 * being signalled, and KVM_IRQFD_FLAG_DEASSIGN returns when the injection is done. From then on the count
 * stays, and causes one injection when the irqfd is turned on again.
 */
#ifndef VMM_IRQFD_H
#define VMM_IRQFD_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "kvm.h"

struct irqfd {
	int fd; /* the eventfd; -1: none */
	uint32_t gsi;
	bool on;
};

/* Opens an eventfd, which KVM does not know yet. -EMFILE and the like. */
int irqfd_open(struct irqfd *f, uint32_t gsi, struct error *err);

/* Turns the irqfd off, if it is on, and closes it; never fails. A f->fd of -1 is no error. */
void irqfd_close(const struct kvm_fd *vm, struct irqfd *f);

/* The GSI must have a route, or the signals in the eventfd are lost. If nothing changes it is no error. */
int irqfd_on(const struct kvm_fd *vm, struct irqfd *f, struct error *err);
int irqfd_off(const struct kvm_fd *vm, struct irqfd *f, struct error *err);

/* Returns when KVM has handled every signal so far. The irqfd is on, and stays on. */
int irqfd_settle(const struct kvm_fd *vm, struct irqfd *f, struct error *err);

/* Signals it count times, which may be 0. */
int irqfd_signal(struct irqfd *f, uint64_t count, struct error *err);

/*
 * The signals that have not been injected: 0 if the irqfd is on, because KVM will inject them.
 * -ENOTRECOVERABLE: the signals are lost.
 */
int irqfd_count(const struct irqfd *f, uint64_t *count, struct error *err);

struct ioeventfd {
	int fd; /* the eventfd; -1: none */
	bool on;
	struct kvm_ioeventfd at; /* address, length, data and flags; its fd is set by ioeventfd_on() */
};

/* Opens an eventfd, which KVM does not know yet. After an error f->fd is -1. */
int ioeventfd_open(struct ioeventfd *f, struct error *err);

/*
 * KVM signals it from now on, if the guest notifies at f->at; -EEXIST if KVM has one there. When it is off,
 * it keeps the notifications that have come.
 */
int ioeventfd_on(const struct kvm_fd *vm, struct ioeventfd *f, struct error *err);
void ioeventfd_off(const struct kvm_fd *vm, struct ioeventfd *f);

/* Turns it off, if it is on, and closes it; never fails. A f->fd of -1 is no error. */
void ioeventfd_close(const struct kvm_fd *vm, struct ioeventfd *f);

/* Adds to the notifications that have come. */
int ioeventfd_add(struct ioeventfd *f, uint64_t count, struct error *err);

/* The notifications that have come; take removes them. The vCPUs are parked. Errors as irqfd_count(). */
int ioeventfd_count(const struct ioeventfd *f, bool take, uint64_t *count, struct error *err);

#endif
