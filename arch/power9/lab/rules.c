/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules.c: the rules of the order of a save and of a restore on power9, and how
 * each can be broken. See vmm/rule.h and state.c. Each has a scenario, which
 * goes wrong when it is broken: tests/scenarios/rules/power9.
 */
#include "vmm/lab/arch_lab.h"

const struct state_rule arch_rules[] = {
	{ "irqfds-off", "The save notes the irqfds as it turns them off, with the signals that they keep.",
	  arch_save_steps, "irqfds off", RULE_LEAVE_OUT, NULL },
	{ "release-sources", "The VM that was saved goes on: its sources get back the PQ bits they had.",
	  arch_save_steps, "release sources", RULE_LEAVE_OUT, NULL },
	{ "irqfds-on-again",
	  "The VM that was saved goes on: the irqfds that the save turned off are on again.", arch_save_steps,
	  "irqfds on", RULE_LEAVE_OUT, NULL },
	{ "reset-first", "What a VM has that has run is gone before anything is loaded into it.",
	  arch_load_steps, "reset what the VM has", RULE_LEAVE_OUT, NULL },
	{ "forget-wakes",
	  "KVM still has wake-ups of before: an external interrupt of no source, and an H_PROD that ends the "
	  "next "
	  "H_CEDE.",
	  arch_load_steps, "forget what wakes", RULE_LEAVE_OUT, NULL },
	{ "forget-interrupts",
	  "A restore of interrupts alone forgets the external interrupt of no source, but no H_PROD.",
	  arch_load_steps, "forget interrupts", RULE_LEAVE_OUT, NULL },
	{ "reset-before-interrupts",
	  "The reset is a new controller: what was loaded into the old one is gone.", arch_load_steps,
	  "reset what the VM has", RULE_BEHIND, "PQ bits" },
	{ "ram-before-queues",
	  "KVM holds on to the pages that queues are in: RAM loaded later has new ones, where no event "
	  "arrives.",
	  arch_load_steps, "RAM", RULE_BEHIND, "event queues" },
	{ "sources-before-targets",
	  "A level-sensitive source is made with its line's level, which takes its target away.",
	  arch_load_steps, "sources", RULE_BEHIND, "targets" },
	{ "queues-before-targets",
	  "A source is pointed at a queue that is there; KVM would look for another vCPU that has one.",
	  arch_load_steps, "targets", RULE_BEFORE, "event queues" },
	{ "clock", "The time base goes on where it was, or a timer that is relative to it comes too early.",
	  arch_load_steps, "time base", RULE_LEAVE_OUT, NULL },
	{ "contexts",
	  "An event in a queue is presented by its vCPU's thread context: without it nobody looks.",
	  arch_load_steps, "thread contexts", RULE_LEAVE_OUT, NULL },
	{ "targets-before-pq", "A trigger goes where its source points.", arch_load_steps, "PQ bits",
	  RULE_BEFORE, "targets" },
	{ "pq-once", "A trigger that is sent twice is taken twice.", arch_load_steps, "PQ bits", RULE_REPEAT,
	  NULL },
	{ "pq-before-irqfds",
	  "A source is off until its PQ bits are loaded: a signal that waits in an eventfd would be "
	  "dropped.",
	  arch_load_steps, "irqfds", RULE_BEFORE, "PQ bits" },
	{ 0 },
};
