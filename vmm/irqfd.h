/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * irqfd.h: eventfds between zpvm and KVM. An irqfd makes its GSI's interrupt
 * pending when it is signalled; an ioeventfd is signalled by KVM when a guest
 * notifies. Source: kernel Documentation/virt/kvm/api.rst, KVM_IRQFD,
 * KVM_IOEVENTFD.
 *
 * Nothing is lost at an irqfd's going off: KVM takes a signal's count out of
 * the eventfd in the act of signalling, and KVM_IRQFD_FLAG_DEASSIGN returns
 * when the injection is done. From then on the count stays, and fires, once,
 * when the irqfd goes on again.
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

/* An eventfd, and nothing of KVM's yet. -EMFILE and the like. */
int irqfd_open(struct irqfd *f, uint32_t gsi, struct error *err);

/* Off first, if it is on; never fails. A f->fd of -1 is no error. */
void irqfd_close(const struct kvm_fd *vm, struct irqfd *f);

/* The GSI is routed already, or what the eventfd holds is lost. Going where it is, is no error. */
int irqfd_on(const struct kvm_fd *vm, struct irqfd *f, struct error *err);
int irqfd_off(const struct kvm_fd *vm, struct irqfd *f, struct error *err);

/* Returns when KVM has done with every signal until now. It is on, and stays so. */
int irqfd_settle(const struct kvm_fd *vm, struct irqfd *f, struct error *err);

/* count times; 0 is none. */
int irqfd_signal(struct irqfd *f, uint64_t count, struct error *err);

/*
 * What is signalled and not injected. Of one that is on: 0, as KVM is to have it. -ENOTRECOVERABLE: the
 * signals are lost.
 */
int irqfd_count(const struct irqfd *f, uint64_t *count, struct error *err);

struct ioeventfd {
	int fd;
	struct kvm_ioeventfd at; /* address, length, data and flags; its fd is set by ioeventfd_open() */
};

/* f->at says where. -EEXIST when KVM has one there. After an error f->fd is -1. */
int ioeventfd_open(const struct kvm_fd *vm, struct ioeventfd *f, struct error *err);
void ioeventfd_close(const struct kvm_fd *vm, struct ioeventfd *f);

/* Adds to what has come. */
int ioeventfd_add(struct ioeventfd *f, uint64_t count, struct error *err);

/* What has come; it stays, or (take) is gone. The vCPUs are parked. Errors as irqfd_count(). */
int ioeventfd_count(const struct ioeventfd *f, bool take, uint64_t *count, struct error *err);

#endif
