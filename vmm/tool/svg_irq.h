/* SPDX-License-Identifier: BSD-2-Clause */
/* svg_irq.h: a row for each interrupt: how long it is pending, who raised it and who takes it. Pure. */
#ifndef VMM_TOOL_SVG_IRQ_H
#define VMM_TOOL_SVG_IRQ_H

#include "svg.h"

/* The VM's rows that have something to show, into s->rows; *left_out: how many there are beyond SVG_ROWS. */
size_t svg_find_rows(struct svg *s, const char *vm, size_t *left_out);

void svg_draw_row(struct svg *s, uint32_t row);

#endif
