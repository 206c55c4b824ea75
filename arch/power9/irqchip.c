/* SPDX-License-Identifier: BSD-2-Clause */
/* irqchip.c: see irqchip.h. Read next: xive.c, xics.c, line.c. */
#include "irqchip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "choose.h"
#include "cpu.h"
#include "arch/power9/lab/irq.h"
#include "arch/power9/snapshot/look.h"
#include "machine.h"
#include "vmm/arch.h"
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

unsigned irqchip_servers(const struct vm *vm)
{
	return vm_vcpu_id(vm, vm->config->vcpus - 1) + 1;
}

/* IPIs first (XICS has no sources for them), then level-sensitive sources, then messages. */
static int make_shadow(struct irqchip *chip, struct error *err)
{
	unsigned messages = chip->vm->config->sources;
	size_t count;

	chip->ipis = chip->xics ? 0 : irqchip_servers(chip->vm);
	chip->messages = messages ? messages : IRQCHIP_MSI_SOURCES;
	if (chip->messages > P9_SOURCES_MAX - ABI_MSI_BASE)
		return error_set(err, -EINVAL, "%u message sources: KVM has %d", messages,
		                 P9_SOURCES_MAX - ABI_MSI_BASE);
	count = chip->ipis + IRQCHIP_LSI_SOURCES + chip->messages;
	/* Made anew it has as many. */
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
		                     : s->lsi       ? ABI_LSI_BASE + other
		                                    : ABI_MSI_BASE + other - IRQCHIP_LSI_SOURCES);
		s->target.masked = true;
	}
	return 0;
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
		rc = make_shadow(chip, err);
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
	rc = make_shadow(chip, err);
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

const char *irqchip_connect_error(int code)
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
	return chip->xics ? xics_connect(chip, vcpu, err) : xive_connect(chip, vcpu, err);
}

/* --- sources ---------------------------------------------------------- */

struct p9_source *irqchip_source(const struct irqchip *chip, uint64_t number)
{
	struct p9_source *lsis = chip->sources + chip->ipis;

	if (number < chip->ipis)
		return &chip->sources[number];
	if (number >= ABI_LSI_BASE && number - ABI_LSI_BASE < IRQCHIP_LSI_SOURCES)
		return lsis + (number - ABI_LSI_BASE);
	if (number >= ABI_MSI_BASE && number - ABI_MSI_BASE < chip->messages)
		return lsis + IRQCHIP_LSI_SOURCES + (number - ABI_MSI_BASE);
	return NULL;
}

int irqchip_level(struct irqchip *chip, uint32_t number, bool level, struct error *err)
{
	struct p9_source *s = irqchip_source(chip, number);
	struct irq irq = irq_of_source(number);

	s->asserted = level;
	if (!chip->xics) {
		xive_present(chip, s);
		return 0;
	}
	if (level)
		vm_raised(chip->vm, &irq);
	return line_set(chip, number, level, err);
}

/* --- from a scenario -------------------------------------------------- */

/* With XIVE the controller drops what an off source sends; nobody could account for it. */
static int check_on(const struct irqchip *chip, const struct p9_source *s, struct error *err)
{
	if (!chip->xics && xive_pq(chip, s->lisn) == PQ_OFF)
		return error_set(err, -EPERM, "source 0x%x is off; the guest must route it first", s->lisn);
	return 0;
}

static int trigger(struct irqchip *chip, const struct p9_source *s, struct error *err)
{
	if (chip->xics)
		return line_set(chip, s->lisn, true, err);
	xive_trigger(chip, s->lisn);
	return 0;
}

static int inject(struct irqchip *chip, const struct irq *irq, struct error *err)
{
	const struct p9_source *s = irqchip_source(chip, irq->number);
	int rc;

	if (irq->code == KIND_TIMER || irq->code == KIND_IPI)
		return error_set(err, -EINVAL, "%s cannot be injected: a guest makes it", irq->kind);
	if (!s && irq->code == KIND_LINE)
		return line_set(chip, irq->number, true, err);
	if (!s)
		return error_set(err, -ENOENT, "there is no source 0x%x", irq->number);
	if (s->lsi)
		return error_set(err, -EINVAL, "source 0x%x is level-sensitive: its line goes up and down",
		                 irq->number);
	rc = check_on(chip, s, err);
	if (rc)
		return rc;
	switch ((enum p9_kind)irq->code) {
	case KIND_LINE: return line_set(chip, s->lisn, true, err);
	case KIND_IRQFD: return line_signal(chip, s->lisn, err);
	default: return trigger(chip, s, err);
	}
}

int arch_inject(struct vm *vm, const struct irq *irq, unsigned count, unsigned *done, struct error *err)
{
	struct irqchip *chip = vm->irqchip;
	int rc = inject(chip, irq, err);

	/* What was true of the first is true of the others. */
	for (*done = !rc; *done < count && !rc && irq->code == KIND_SOURCE && !chip->xics; ++*done)
		xive_trigger(chip, irq->number);
	for (; *done < count && !rc; *done += !rc)
		rc = inject(chip, irq, err);
	return rc;
}

int arch_irq_vanishes(const struct vm *vm, const struct irq *irq, struct error *err)
{
	(void)vm;
	(void)irq;
	(void)err;
	return 0; /* no kernel is known whose XIVE or XICS does that */
}

/* With XICS the state of one source is that of all, and says nothing of what came while one was masked. */
static bool one_source(struct vm *vm, struct arch_state *state, struct p9_source *s)
{
	struct error ignored;
	struct arch_state all = { 0 };
	bool good;

	if (!state->xics) {
		s->pq = xive_pq(vm->irqchip, s->lisn);
		return true;
	}
	good = !vm_running(vm) && !look_sources(vm, &all, &ignored);
	if (good)
		*s = all.sources[irqchip_source(vm->irqchip, s->lisn) - vm->irqchip->sources];
	free(all.sources);
	return good && !s->target.masked;
}

bool arch_room(struct vm *vm, const struct irq *irq, unsigned *dropped, unsigned *room)
{
	const struct p9_source *there = irqchip_source(vm->irqchip, irq->number);
	struct arch_state state = { .xics = vm->irqchip->xics };
	struct p9_source s;
	struct error ignored;
	bool idle, held;

	if (!there || there->lsi || irq->code == KIND_TIMER || irq->code == KIND_IPI)
		return false;
	s = *there;
	if (!one_source(vm, &state, &s))
		return false;
	/* A signal waits while the irqfd is off. */
	held = irq->code == KIND_IRQFD && !line_is_on(vm->irqchip, s.lisn);
	/* The source takes it, and gets P; the event is dropped where the mask is, behind the source. */
	idle = !state.xics && s.target.masked && !s.pq && !held;
	*dropped = idle;
	s.pq |= idle ? PQ_P : 0;
	/* KVM's thread may not be done with signals of before. */
	if ((irq->code == KIND_IRQFD && !held && !idle) || lines_look(vm->irqchip, &state, &ignored)) {
		free(state.lines);
		return false;
	}
	*room = p9_room(&state, &s);
	free(state.lines);
	return true;
}

/* By the device that has the line: the guest sees it there too. */
static int set_level(struct vm *vm, const struct irqchip_op *op, struct error *err)
{
	const struct p9_source *s = irqchip_source(vm->irqchip, op->arg[0]);
	int rc;

	if (!s || !s->lsi)
		return error_set(err, -EINVAL, "source 0x%llx has no line: it is not level-sensitive",
		                 (unsigned long long)op->arg[0]);
	pthread_mutex_lock(&vm->bus.lock);
	rc = level_set(&vm->devices->level, s->lisn - ABI_LSI_BASE, op->arg[1], err);
	pthread_mutex_unlock(&vm->bus.lock);
	return rc;
}

int arch_irqchip(struct vm *vm, const struct irqchip_op *op, struct error *err)
{
	struct irqchip *chip = vm->irqchip;
	uint32_t source = (uint32_t)op->arg[0];

	switch ((enum p9_op)op->code) {
	case OP_LEVEL: return set_level(vm, op, err);
	case OP_IRQFD: return line_on(chip, source, err);
	case OP_IRQFD_OFF: return line_off(chip, source, err);
	case OP_RESET:
	case OP_EQ_SYNC:
	case OP_SYNC: break;
	}
	if (chip->xics)
		return error_set(err, -EOPNOTSUPP, "%s: XICS has no such operation", op->name);
	switch ((enum p9_op)op->code) {
	case OP_RESET: look_forget_queues(vm); return xive_reset(chip, err);
	case OP_EQ_SYNC: return xive_sync(chip, err);
	default: return xive_sync_source(chip, source, err);
	}
}
