/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * line.c: the two ways to a source through KVM: KVM_IRQ_LINE_STATUS and irqfds. See line.h. Source: kernel
 * api.rst, 4.25, 4.75; a GSI is the number of a source; there is no routing table.
 *
 * An irqfd that is switched on fires once if there are signals in its eventfd, however many there are, but a
 * source can take two (P and Q). So if there were several, the eventfd is signalled once more. KVM
 * empties the eventfd when the irqfd is switched off.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "line.h"
#include "platform.h"
#include "vmm/hook.h"

static struct irqfd *find(struct irqchip *chip, uint32_t source)
{
	for (unsigned i = 0; i < chip->line_count; i++)
		if (chip->lines[i].gsi == source)
			return &chip->lines[i];
	return NULL;
}

bool line_is_on(const struct irqchip *chip, uint32_t source)
{
	for (unsigned i = 0; i < chip->line_count; i++)
		if (chip->lines[i].gsi == source)
			return chip->lines[i].on;
	return false;
}

/* Reports the signals that are about to fire and that the source will drop. */
static int report_dropped(struct irqchip *chip, const struct irqfd *line, struct error *err)
{
	const struct p9_source *s = irqchip_source(chip, line->gsi);
	const struct arch_irq irq = { line->gsi };
	unsigned dropped = chip->ops->drops(chip, s);
	uint64_t count;
	int rc = irqfd_count(line, &count, err);

	for (; !rc && !line->on && count && dropped; count--, dropped--)
		hook_raised(chip->vm, &irq, true);
	return rc;
}

static int fire(struct irqchip *chip, struct irqfd *line, struct error *err)
{
	uint64_t count;
	int rc = irqfd_count(line, &count, err);

	if (!rc)
		rc = irqfd_on(&chip->vm->fd, line, err);
	/* KVM fires from a work queue; switching the irqfd off and on waits for that. */
	if (!rc && count)
		rc = irqfd_settle(&chip->vm->fd, line, err);
	return !rc && count > 1 ? irqfd_signal(line, 1, err) : rc;
}

static int open_line(struct irqchip *chip, uint32_t source, struct irqfd **line, struct error *err)
{
	const struct p9_source *s = irqchip_source(chip, source);
	int rc;

	if (!s)
		return error_set(err, -EINVAL,
		                 "there is no source 0x%x; KVM would take the irqfd and ignore its signals",
		                 source);
	if (s->lsi)
		return error_set(err, -EINVAL,
		                 "source 0x%x is level-sensitive; KVM would raise it and never lower it",
		                 source);
	*line = find(chip, source);
	if (*line)
		return 0;
	if (chip->line_count == P9_LINES_MAX)
		return error_set(err, -ENOSPC, "there are %d irqfds already", P9_LINES_MAX);
	rc = irqfd_open(&chip->lines[chip->line_count], source, err);
	if (!rc)
		*line = &chip->lines[chip->line_count++];
	return rc;
}

int line_on(struct irqchip *chip, uint32_t source, struct error *err)
{
	struct irqfd *line;
	int rc = open_line(chip, source, &line, err);

	if (!rc)
		rc = report_dropped(chip, line, err);
	return rc ? rc : fire(chip, line, err);
}

int line_off(struct irqchip *chip, uint32_t source, struct error *err)
{
	struct irqfd *line = find(chip, source);

	if (!line)
		return error_set(err, -ENOENT, "source 0x%x has no irqfd", source);
	return irqfd_off(&chip->vm->fd, line, err);
}

int line_signal(struct irqchip *chip, uint32_t source, struct error *err)
{
	struct irqfd *line = find(chip, source);

	if (!line)
		return error_set(err, -ENOENT, "source 0x%x has no irqfd", source);
	return irqfd_signal(line, 1, err);
}

/* --- level-sensitive sources ------------------------------------------- */

static struct resample *resample_of(struct irqchip *chip, uint32_t source)
{
	uint32_t i = source - P9_LSI_BASE;

	return source >= P9_LSI_BASE && i < IRQCHIP_LSI_SOURCES ? &chip->resamples[i] : NULL;
}

static void resample_close(struct resample *r)
{
	if (r->fd > 0)
		close(r->fd);
	if (r->back > 0)
		close(r->back);
	*r = (struct resample){ 0 };
}

int line_resample(struct irqchip *chip, uint32_t source, struct error *err)
{
	struct resample *r = resample_of(chip, source);
	struct kvm_irqfd k = { .gsi = source, .flags = KVM_IRQFD_FLAG_RESAMPLE };
	long rc;

	if (!r || r->fd)
		return error_set(err, r ? -EEXIST : -EINVAL, "source 0x%x %s", source,
		                 r ? "has such an irqfd" : "is not level-sensitive");
	r->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r->back = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	k.fd = (uint32_t)r->fd;
	k.resamplefd = (uint32_t)r->back;
	rc = r->fd > 0 && r->back > 0 ? kvm_call(&chip->vm->fd, KVM_IRQFD, &k) : -errno;
	if (rc >= 0)
		return 0;
	resample_close(r);
	return kvm_failed(err, rc, &chip->vm->fd, NULL, "KVM_IRQFD(GSI 0x%x, RESAMPLE)", source);
}

bool line_resamples(const struct irqchip *chip, uint32_t source)
{
	uint32_t i = source - P9_LSI_BASE;

	return source >= P9_LSI_BASE && i < IRQCHIP_LSI_SOURCES && chip->resamples[i].fd > 0;
}

int line_resample_signal(struct irqchip *chip, uint32_t source, struct error *err)
{
	const uint64_t one = 1;

	if (write(resample_of(chip, source)->fd, &one, sizeof(one)) == sizeof(one))
		return 0;
	return error_set(err, -errno, "eventfd: %s", strerror(errno));
}

int line_resample_take(struct irqchip *chip, uint32_t source, uint64_t count, struct error *err)
{
	uint64_t came = 0;

	if (!line_resamples(chip, source))
		return error_set(err, -ENOENT, "source 0x%x has no irqfd with resampling", source);
	if (read(resample_of(chip, source)->back, &came, sizeof(came)) < 0 && errno != EAGAIN)
		return error_set(err, -errno, "eventfd: %s", strerror(errno));
	return came == count ? 0
	                     : error_set(err, -ENOMSG,
	                                 "source 0x%x: KVM has said %llu times that it was ended, not %llu",
	                                 source, (unsigned long long)came, (unsigned long long)count);
}

int line_set(const struct irqchip *chip, uint32_t source, bool level, struct error *err)
{
	struct kvm_irq_level arg = { .irq = source, .level = level };
	long rc = kvm_call(&chip->vm->fd, KVM_IRQ_LINE_STATUS, &arg);

	/* The call itself succeeds whatever the source; the status is 0 or a negative errno value. */
	if (rc >= 0 && (int32_t)arg.status < 0)
		rc = (int32_t)arg.status;
	return rc < 0 ? kvm_failed(err, rc, &chip->vm->fd, rc == -EINVAL ? "there is no such source" : NULL,
	                           "KVM_IRQ_LINE_STATUS(source 0x%x, level %d)", source, level)
	              : 0;
}

int lines_look(const struct irqchip *chip, struct p9_lines *lines, struct error *err)
{
	lines->all = calloc(chip->line_count + 1, sizeof(*lines->all));
	if (!lines->all)
		return error_set(err, -ENOMEM, "out of memory");
	for (; lines->count < chip->line_count; lines->count++) {
		const struct irqfd *from = &chip->lines[lines->count];
		struct p9_line *to = &lines->all[lines->count];
		int rc = irqfd_count(from, &to->count, err);

		if (rc)
			return rc;
		to->source = from->gsi;
		to->on = from->on;
	}
	return 0;
}

int lines_hold(struct irqchip *chip, struct p9_lines *lines, struct error *err)
{
	int rc = lines_look(chip, lines, err); /* records which irqfds are on, for lines_release() */

	for (unsigned i = 0; i < lines->count && !rc; i++) {
		rc = irqfd_off(&chip->vm->fd, &chip->lines[i], err);
		if (!rc)
			rc = irqfd_count(&chip->lines[i], &lines->all[i].count, err);
	}
	return rc;
}

int lines_release(struct irqchip *chip, const struct p9_lines *lines, struct error *err)
{
	int rc = 0;

	for (unsigned i = 0; i < lines->count && !rc; i++)
		if (lines->all[i].on)
			rc = fire(chip, &chip->lines[i], err);
	return rc;
}

int lines_load(struct irqchip *chip, const struct p9_lines *lines, struct error *err)
{
	int rc = 0;

	for (unsigned i = 0; i < lines->count && !rc; i++) {
		const struct p9_line *from = &lines->all[i];
		struct irqfd *line;

		rc = open_line(chip, from->source, &line, err);
		if (!rc)
			rc = irqfd_signal(line, from->count, err);
		if (!rc && from->on)
			rc = fire(chip, line, err);
	}
	return rc;
}

void lines_close(struct irqchip *chip)
{
	for (unsigned i = 0; i < chip->line_count; i++)
		irqfd_close(&chip->vm->fd, &chip->lines[i]);
	chip->line_count = 0;
	for (unsigned i = 0; i < IRQCHIP_LSI_SOURCES; i++)
		resample_close(&chip->resamples[i]);
}
