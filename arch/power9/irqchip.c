/* SPDX-License-Identifier: BSD-2-Clause */
/* irqchip.c: see irqchip.h. Read next: xive.c, xics.c, line.c. */
#include "irqchip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "choose.h"
#include "line.h"
#include "vmm/arch.h"
#include "vmm/vcpu.h"
#include "vmm/vm.h"
#include "xive.h"

/* --- create and destroy ----------------------------------------------- */

int arch_choose_irqchip(const struct kvm_fd *kvm, const char *word, const char **name, struct error *err)
{
	int xive = kvm_extension(kvm, KVM_CAP_PPC_IRQ_XIVE, err);
	int xics = xive < 0 ? xive : kvm_extension(kvm, KVM_CAP_IRQ_XICS, err);
	struct choice host = {
		.xive = xive > 0,
		.xics = xics > 0,
		.bare_metal = choose_tree_has(NULL, "ibm,opal"), /* partitions have no such firmware */
		.page_size = (unsigned long)sysconf(_SC_PAGESIZE),
	};

	return xics < 0 ? xics : choose_irqchip(&host, word, name, err);
}

const struct irqchip_ops none_ops = { .model = &p9_none };

static const struct irqchip_ops *const all[] = { &xive_ops, &xics_ops, &none_ops };

static int create(struct irqchip *chip, struct error *err)
{
	struct kvm_create_device device = { .type = chip->ops->type };
	int rc = irqchip_make_shadow(chip, err);

	if (rc || !chip->ops->type)
		return rc;
	rc = (int)kvm_call(&chip->vm->fd, KVM_CREATE_DEVICE, &device);
	if (rc < 0)
		return kvm_failed(err, rc, &chip->vm->fd,
		                  rc == -EEXIST ? "the VM has a controller already" : NULL,
		                  "KVM_CREATE_DEVICE(%s)", chip->ops->model->title);
	kvm_fd_set(&chip->fd, (int)device.fd, chip->vm->trace, chip->ops->model->name);
	return chip->ops->create(chip, err);
}

int irqchip_create(struct vm *vm, struct error *err)
{
	struct irqchip *chip;
	const char *name;
	int rc = arch_choose_irqchip(vm->kvm, vm->config->irqchip, &name, err);

	if (rc)
		return rc;
	chip = calloc(1, sizeof(*chip));
	if (!chip)
		return error_set(err, -ENOMEM, "out of memory");
	chip->vm = vm;
	chip->fd.fd = -1;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(name, all[i]->model->name))
			chip->ops = all[i];
	vm->irqchip = chip;
	return create(chip, err);
}

int irqchip_reset(struct irqchip *chip, bool *renewed, struct error *err)
{
	bool done = false;
	int rc;

	lines_close(chip);
	rc = chip->ops->reset ? chip->ops->reset(chip, &done, err) : 0;
	*renewed = !done;
	if (rc || done)
		return rc;
	kvm_close(&chip->fd);
	return create(chip, err);
}

void irqchip_destroy(struct irqchip *chip)
{
	if (!chip)
		return;
	lines_close(chip);
	if (chip->ops->destroy)
		chip->ops->destroy(chip);
	kvm_close(&chip->fd);
	free(chip->sources);
	free(chip);
}

/* What an error of KVM means, or NULL; few of these are documented. */
static const char *connect_error(int code)
{
	switch (code) {
	case -ENXIO: return "the host has no XIVE";
	case -EPERM: return "the device is of another kind or another VM";
	case -EBUSY: return "the vCPU has connected already";
	case -EINVAL: return "the server is not below NR_SERVERS, or the vCPU has no PVR, or not PAPR";
	case -ENODEV: return "the VM has no such device";
	case -ENOSPC: return "the host's controller has no virtual processors left";
	case -EEXIST: return "another vCPU has that server number";
	case -EIO: return "the host's firmware refused it";
	default: return NULL;
	}
}

int irqchip_connect(struct irqchip *chip, struct vcpu *vcpu, struct error *err)
{
	struct kvm_enable_cap cap = { .cap = chip->ops->connect };
	long rc;

	if (!chip->ops->type)
		return 0;
	cap.args[0] = (uint64_t)chip->fd.fd;
	cap.args[1] = vcpu->id;
	rc = kvm_call(&vcpu->fd, KVM_ENABLE_CAP, &cap);
	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd, connect_error((int)rc),
	                           "KVM_ENABLE_CAP(%s, server %u)", chip->ops->connect_name, vcpu->id)
	              : 0;
}

/* --- sources ---------------------------------------------------------- */

int irqchip_level(struct irqchip *chip, uint32_t number, bool level, struct error *err)
{
	struct p9_source *s = irqchip_source(chip, number);

	if (!s) /* without a controller the line leads nowhere */
		return 0;
	s->asserted = level;
	return chip->ops->level(chip, s, err);
}

int irqchip_check_on(const struct irqchip *chip, const struct p9_source *s, struct error *err)
{
	if (chip->ops->drops(chip, s) > 1)
		return error_set(err, -EPERM, "source 0x%x is off; the guest must route it first", s->lisn);
	return 0;
}

bool irqchip_room(struct irqchip *chip, const struct p9_source *source, bool signals, unsigned *dropped,
                  unsigned *room)
{
	struct p9_source s = *source;
	struct p9_lines lines = { 0 };
	struct error ignored;
	bool idle, held, good;

	if (!chip->ops->look(chip, &s))
		return false;
	/* While the irqfd is off, a signal stays in the eventfd. */
	held = signals && !line_is_on(chip, s.lisn);
	/* A masked source that is idle takes the event and sets P; the mask, which comes after PQ, drops it.
	 */
	idle = s.target.masked && !s.pq && !held;
	*dropped = idle;
	s.pq |= idle ? PQ_P : 0;
	/* KVM's thread may still be handling earlier signals. */
	good = (!signals || held || idle) && !lines_look(chip, &lines, &ignored);
	if (good)
		*room = p9_source_room(chip->ops->model, &lines, &s);
	free(lines.all);
	return good;
}
