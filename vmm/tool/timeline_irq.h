/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timeline_irq.h: finds what becomes of the interrupts of a trace, also when a VM is saved and restored.
 * Pure.
 */
#ifndef VMM_TOOL_TIMELINE_IRQ_H
#define VMM_TOOL_TIMELINE_IRQ_H

#include "timeline_model.h"

/* Both need m->order; without memory they set m->failed. */
void timeline_find_moves(struct timeline_model *m);

/* Rows and episodes, by the interrupts, saves and restores in the order of time; the moves are known. */
void timeline_find_episodes(struct timeline_model *m);

#endif
