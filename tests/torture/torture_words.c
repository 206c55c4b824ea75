/* SPDX-License-Identifier: BSD-2-Clause */
/* torture_words.c: see torture_words.h. Pure. */
#include "torture_words.h"

#include <stdarg.h>
#include <stdio.h>

struct torture_group *torture_add_group(struct torture_words *w, unsigned cpus, unsigned depth)
{
	struct torture_group *g = &w->groups[w->group_count++];

	*g = (struct torture_group){ .cpus = (uint8_t)cpus, .depth = (uint8_t)depth };
	return g;
}

struct torture_irq *torture_add_irq(struct torture_words *w, const char *fmt, ...)
{
	struct torture_irq *irq = &w->irqs[w->irq_count++];
	va_list ap;

	*irq = (struct torture_irq){ .group = (uint8_t)(w->group_count - 1) };
	va_start(ap, fmt);
	vsnprintf(irq->text, sizeof(irq->text), fmt, ap);
	va_end(ap);
	return irq;
}
