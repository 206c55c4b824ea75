/* SPDX-License-Identifier: BSD-2-Clause */
/* irqchip.c: see irqchip.h. Read next: xive.c, xics.c, line.c. */
#include "irqchip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "choose.h"
#include "cpu.h"
#include "line.h"
#include "platform.h"
#include "vmm/arch.h"
#include "vmm/hook.h"
#include "vmm/vcpu.h"
#include "vmm/vm.h"
#include "xics.h"
#include "xive.h"

/* --- create and destroy ----------------------------------------------- */

int arch_choose_irqchip(const struct kvm_fd *kvm, const char *word, const char **name, struct error *err)
{
	struct choice host = {
		.xive = kvm_extension(kvm, KVM_CAP_PPC_IRQ_XIVE) > 0,
		.xics = kvm_extension(kvm, KVM_CAP_IRQ_XICS) > 0,
		.bare_metal =
			!access("/proc/device-tree/ibm,opal", F_OK), /* its firmware; partitions have none */
		.page_size = (unsigned long)sysconf(_SC_PAGESIZE),
	};

	return choose_irqchip(&host, word, name, err);
}

int irqchip_create(struct vm *vm, struct error *err)
{
	struct irqchip *chip = calloc(1, sizeof(*chip));
	const char *name;
	int rc;

	if (!chip)
		return error_set(err, -ENOMEM, "out of memory");
	chip->vm = vm;
	chip->fd.fd = -1;
	vm->irqchip = chip;
	rc = arch_choose_irqchip(vm->kvm, vm->config->irqchip, &name, err);
	if (!rc) {
		chip->xics = name[2] == 'c';
		rc = irqchip_make_shadow(chip, err);
	}
	if (!rc)
		rc = chip->xics ? xics_create(chip, err) : xive_create(chip, err);
	return rc;
}

/*
 * KVM_DEV_XIVE_RESET leaves an event that is pending in the thread context, from where only its guest could
 * take it. What is on its way has to be there before we look.
 */
static int is_clean(struct irqchip *chip, bool *clean, struct error *err)
{
	struct p9_cpu cpu;
	int rc;

	*clean = !chip->xics && !xive_is_worn(chip);
	rc = *clean ? xive_sync(chip, err) : 0;
	for (unsigned i = 0; i < chip->vm->vcpu_count && *clean && !rc; i++) {
		rc = cpu_save_vp(&chip->vm->vcpus[i], &cpu, err);
		*clean = !P9_VP_IPB(&cpu);
	}
	return rc;
}

/*
 * XIVE's pages stay where they are in the guest's memory: to take them out of that and put them in again
 * would be most of the time.
 */
static int renew(struct irqchip *chip, struct error *err)
{
	int rc;

	if (!chip->xics)
		xive_leave(chip);
	kvm_close(&chip->fd);
	rc = irqchip_make_shadow(chip, err);
	if (rc)
		return rc;
	return chip->xics ? xics_create(chip, err) : xive_create(chip, err);
}

int irqchip_reset(struct irqchip *chip, bool *renewed, struct error *err)
{
	bool clean;
	int rc;

	lines_close(chip);
	rc = is_clean(chip, &clean, err);
	*renewed = !clean;
	if (rc)
		return rc;
	return clean ? xive_reset(chip, err) : renew(chip, err);
}

void irqchip_destroy(struct irqchip *chip)
{
	if (!chip)
		return;
	lines_close(chip);
	if (!chip->xics)
		xive_destroy(chip);
	kvm_close(&chip->fd);
	free(chip->sources);
	free(chip);
}

int irqchip_connect(struct irqchip *chip, struct vcpu *vcpu, struct error *err)
{
	return chip->xics ? xics_connect(chip, vcpu, err) : xive_connect(chip, vcpu, err);
}

/* --- sources ---------------------------------------------------------- */

int irqchip_level(struct irqchip *chip, uint32_t number, bool level, struct error *err)
{
	struct p9_source *s = irqchip_source(chip, number);

	s->asserted = level;
	if (!chip->xics) {
		xive_present(chip, s);
		return 0;
	}
	if (level)
		hook_raised(chip->vm, &(struct arch_irq){ number }, false);
	return line_set(chip, number, level, err);
}

int irqchip_check_on(const struct irqchip *chip, const struct p9_source *s, struct error *err)
{
	if (!chip->xics && xive_pq(chip, s->lisn) == PQ_OFF)
		return error_set(err, -EPERM, "source 0x%x is off; the guest must route it first", s->lisn);
	return 0;
}

int irqchip_trigger(struct irqchip *chip, const struct p9_source *s, struct error *err)
{
	if (chip->xics)
		return line_set(chip, s->lisn, true, err);
	xive_trigger(chip, s->lisn);
	return 0;
}

/* With XICS the state of one source is that of all, and says nothing of what came while one was masked. */
static bool get_source(struct irqchip *chip, struct p9_source *s)
{
	struct p9_source *all;
	struct error ignored;
	bool good;

	if (!chip->xics) {
		s->pq = xive_pq(chip, s->lisn);
		return true;
	}
	if (vm_running(chip->vm))
		return false;
	all = malloc(chip->source_count * sizeof(*all));
	if (!all)
		return false;
	memcpy(all, chip->sources, chip->source_count * sizeof(*all));
	good = !xics_get_sources(chip, all, &ignored);
	if (good)
		*s = all[irqchip_source(chip, s->lisn) - chip->sources];
	free(all);
	return good && !s->target.masked;
}

bool irqchip_room(struct irqchip *chip, const struct p9_source *source, bool signals, unsigned *dropped,
                  unsigned *room)
{
	struct p9_source s = *source;
	struct p9_lines lines = { 0 };
	struct error ignored;
	bool idle, held, good;

	if (!get_source(chip, &s))
		return false;
	/* A signal waits while the irqfd is off. */
	held = signals && !line_is_on(chip, s.lisn);
	/* The source takes it, and gets P; the event is dropped where the mask is, behind the source. */
	idle = !chip->xics && s.target.masked && !s.pq && !held;
	*dropped = idle;
	s.pq |= idle ? PQ_P : 0;
	/* KVM's thread may not be done with signals of before. */
	good = (!signals || held || idle) && !lines_look(chip, &lines, &ignored);
	if (good)
		*room = p9_source_room(chip->xics, &lines, &s);
	free(lines.all);
	return good;
}
