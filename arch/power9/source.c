/* SPDX-License-Identifier: BSD-2-Clause */
/* source.c: see source.h. */
#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "platform.h"
#include "vmm/vcpu.h"

unsigned irqchip_servers(const struct vm *vm)
{
	return vcpu_id(vm, vm->config->vcpus - 1) + 1;
}

/* IPIs first (XICS has no sources for them), then level-sensitive sources, then messages. */
int irqchip_make_shadow(struct irqchip *chip, struct error *err)
{
	unsigned messages = chip->vm->config->sources;
	size_t count;

	if (!chip->ops->model->priorities)
		return 0;
	chip->ipis = chip->ops->model->has_ipis ? irqchip_servers(chip->vm) : 0;
	chip->messages = messages ? messages : IRQCHIP_MSI_SOURCES;
	if (chip->messages > P9_SOURCES_MAX - P9_MSI_BASE)
		return error_set(err, -EINVAL, "%u message sources: KVM has %d", messages,
		                 P9_SOURCES_MAX - P9_MSI_BASE);
	count = chip->ipis + IRQCHIP_LSI_SOURCES + chip->messages;
	/* A controller that is made anew has as many sources. */
	if (!chip->sources)
		chip->sources = calloc(count, sizeof(*chip->sources));
	if (!chip->sources)
		return error_set(err, -ENOMEM, "out of memory");
	chip->source_count = count;
	memset(chip->sources, 0, count * sizeof(*chip->sources));
	for (size_t i = 0; i < chip->source_count; i++) {
		struct p9_source *s = &chip->sources[i];
		size_t other = i - chip->ipis;

		s->lsi = i >= chip->ipis && other < IRQCHIP_LSI_SOURCES;
		s->lisn = (uint32_t)(i < chip->ipis ? i
		                     : s->lsi       ? P9_LSI_BASE + other
		                                    : P9_MSI_BASE + other - IRQCHIP_LSI_SOURCES);
		s->target.masked = true;
		s->target.priority = chip->ops->model->new_priority;
	}
	return 0;
}

struct p9_source *irqchip_source(const struct irqchip *chip, uint64_t number)
{
	struct p9_source *lsis = chip->sources + chip->ipis;

	if (!chip->source_count)
		return NULL;
	if (number < chip->ipis)
		return &chip->sources[number];
	if (number >= P9_LSI_BASE && number - P9_LSI_BASE < IRQCHIP_LSI_SOURCES)
		return lsis + (number - P9_LSI_BASE);
	if (number >= P9_MSI_BASE && number - P9_MSI_BASE < chip->messages)
		return lsis + IRQCHIP_LSI_SOURCES + (number - P9_MSI_BASE);
	return NULL;
}
