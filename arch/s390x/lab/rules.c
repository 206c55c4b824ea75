/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules.c: the rules of the order of a save and of a restore on s390x, and how
 * each can be broken. See vmm/lab/rule.h and snapshot/state.c. Each has a scenario, which
 * goes wrong when it is broken: tests/scenarios/rules/s390x.
 */
#include "vmm/lab/arch_lab.h"

const struct state_rule arch_rules[] = {
	{ "irqfds-on-again",
	  "The VM that was saved goes on: the irqfds that the save turned off are on again.", arch_save_steps,
	  "irqfds on again", RULE_LEAVE_OUT, NULL },
	{ "reset-first", "What a VM has that has run is gone before anything is loaded into it.",
	  arch_load_steps, "reset what the VM has", RULE_LEAVE_OUT, NULL },
	{ "reset-before-interrupts",
	  "The reset takes all that is pending: nothing is made pending before it.", arch_load_steps,
	  "reset what the VM has", RULE_BEHIND, "floating interrupts" },
	{ "adapters-before-routes",
	  "A route names its adapter; KVM takes one to an adapter that is not there, and drops its "
	  "interrupts without a word.",
	  arch_load_steps, "adapters", RULE_BEHIND, "routes, notifications" },
	{ "routes-before-irqfds", "An irqfd is of a route: a signal that finds none is lost.",
	  arch_load_steps, "irqfds", RULE_BEFORE, "routes, notifications" },
	{ "ram-before-irqfds", "A signal sets its indicator in RAM: that must not be written over.",
	  arch_load_steps, "RAM", RULE_BEHIND, "irqfds" },
	{ "clock", "The clock goes on where it was, or a timer that is relative to it comes too early.",
	  arch_load_steps, "TOD clock", RULE_LEAVE_OUT, NULL },
	{ "mp-state-before-local",
	  "A stop can only be pending for a vCPU that operates: KVM takes it for one that is stopped, and "
	  "forgets it.",
	  arch_load_steps, "local interrupts", RULE_BEFORE, "registers, MP state" },
	{ "suppression-before-irqfds",
	  "What is suppressed stays so: a signal that waits in an eventfd must find the modes.",
	  arch_load_steps, "suppression", RULE_BEHIND, "irqfds" },
	{ "floating-before-irqfds", "What came while the save was under way comes behind what was pending.",
	  arch_load_steps, "irqfds", RULE_BEFORE, "floating interrupts" },
	{ "floating-once", "Floating interrupts queue up: those that are enqueued twice are taken twice.",
	  arch_load_steps, "floating interrupts", RULE_REPEAT, NULL },
	{ 0 },
};
