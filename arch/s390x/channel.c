/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * channel.c: see channel.h. The operands of an instruction are fetched and
 * stored through KVM_S390_MEM_OP, which knows translation and protection and makes the
 * program interruption of an access exception; channel programs and their data
 * are at absolute addresses. Read next: devices/css/css.h.
 */
#include "channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "cpu.h"
#include "flic.h"
#include "devices.h"
#include "devices/css/channel_state.h"
#include "vmm/hook.h"
#include "vmm/worker.h"

#define CONSOLE       0 /* its subchannel */
#define CONSOLE_DEVNO 9

struct channel {
	struct vm *vm;
	/* Under the lock of the bus, which is that of virtio devices, too: a channel program calls them. */
	struct css css;
	struct con3215 console;
	int rc; /* the first failure of KVM that no call has returned, with its reason */
	struct error why;
};

/* --- what the channel subsystem asks of the machine --------------------- */

static void failed(struct channel *ch, int rc, const struct error *why)
{
	if (!rc || ch->rc)
		return;
	ch->rc = rc;
	ch->why = *why;
}

/* One that was raised before, or is now. */
static void requeue(struct channel *ch, const struct s390_irq *irq)
{
	struct error why;

	failed(ch, flic_enqueue(ch->vm->irqchip, irq, 1, NULL, &why), &why);
}

static void enqueue(struct channel *ch, const struct s390_irq *irq)
{
	hook_raised(ch->vm, &(struct arch_irq){ irq, ARCH_IRQ_FLOATING, false }, false);
	requeue(ch, irq);
}

static void raise_io(void *arg, uint32_t id, uint32_t parm, unsigned isc)
{
	struct s390_irq irq = s390_irq_io(id, parm, isc);

	enqueue(arg, &irq);
}

static void withdraw_io(void *arg, uint32_t id, uint32_t parm, unsigned isc)
{
	struct s390_irq irq = s390_irq_io(id, parm, isc);
	struct channel *ch = arg;
	struct error why;

	failed(ch, flic_clear_io(ch->vm->irqchip, id, &why), &why);
	hook_raised(ch->vm, &(struct arch_irq){ &irq, ARCH_IRQ_FLOATING, false }, true);
}

/* KVM has the adapters' interrupts in its own queue, with the others: each is one more. */
void channel_adapter_interrupt(struct vm *vm, unsigned isc)
{
	const struct s390_irq irq = { .type = S390_ADAPTER, .io.word = s390_adapter_word((uint8_t)isc) };
	struct error why;
	int rc;

	hook_raised(vm, &(struct arch_irq){ &irq, ARCH_IRQ_FLOATING, false }, false);
	rc = adapter_inject(vm->irqchip, isc, irq.io.word, &why);
	if (!rc)
		return;
	hook_raised(vm, &(struct arch_irq){ &irq, ARCH_IRQ_FLOATING, false }, true);
	failed(vm->devices->channel, rc, &why);
}

static void raise_report(void *arg)
{
	static const struct s390_irq irq = { .type = S390_MCHK,
		                             .mchk.mcic = S390_MCIC_CHANNEL_REPORT,
		                             .mchk.cr14 = S390_CR14_CHANNEL_REPORT };

	enqueue(arg, &irq);
}

static void need_work(void *arg)
{
	struct channel *ch = arg;
	struct error why;

	failed(ch, worker_need(&ch->vm->worker, &why), &why);
}

static uint64_t now(void *arg)
{
	(void)arg;
	return time_now();
}

/* A guest that has never set a key has them all 0. */
static uint8_t storage_key(void *arg, gpa_t page)
{
	struct channel *ch = arg;
	uint8_t key = 0;
	struct kvm_s390_skeys keys = { .start_gfn = page >> 12,
		                       .count = 1,
		                       .skeydata_addr = (uintptr_t)&key };
	long rc = kvm_call(&ch->vm->fd, KVM_S390_GET_SKEYS, &keys);
	struct error why;

	if (rc < 0)
		failed(ch,
		       kvm_failed(&why, rc, &ch->vm->fd, NULL, "KVM_S390_GET_SKEYS(page %llx)",
		                  (unsigned long long)page),
		       &why);
	return key;
}

/* --- one at a time ------------------------------------------------------ */

static struct channel *channel_lock(struct vm *vm)
{
	struct channel *ch = vm->devices->channel;

	pthread_mutex_lock(&vm->bus.lock);
	return ch;
}

/* 0, or what KVM has failed with; or before, in the I/O thread. */
static int channel_unlock(struct channel *ch, struct error *err)
{
	int rc = ch->rc;

	if (rc)
		*err = ch->why;
	ch->rc = 0;
	pthread_mutex_unlock(&ch->vm->bus.lock);
	return rc;
}

/* --- its life ----------------------------------------------------------- */

static int create(struct vm *vm, struct device *device, struct error *err)
{
	struct channel *ch = calloc(1, sizeof(*ch));

	vm->devices->channel = device->self = ch;
	if (!ch)
		return error_set(err, -ENOMEM, "out of memory");
	ch->vm = vm;
	ch->css.host = (struct css_host){ .arg = ch,
		                          .interrupt = raise_io,
		                          .withdraw = withdraw_io,
		                          .report = raise_report,
		                          .work = need_work,
		                          .now = now };
	ch->css.memory = (struct ccw_memory){ .ram = &vm->ram, .key = storage_key, .arg = ch };
	con3215_init(&ch->console, vm->config->console);
	css_attach(&ch->css, CONSOLE_DEVNO, &ch->console.dev);
	return 0;
}

static void destroy(void *self)
{
	free(self);
}

/* To the initial state; interruptions stay pending. */
static void reset(void *self)
{
	struct channel *ch = channel_lock(((struct channel *)self)->vm);

	css_reset(&ch->css);
	ch->console.state = (struct con3215_state){ .len = 0 };
	pthread_mutex_unlock(&ch->vm->bus.lock);
}

static int save(void *self, void *state, struct error *err)
{
	const struct channel *ch = self;
	struct channel_state *to = state;

	(void)err;
	to->css = ch->css.state;
	to->console = ch->console.state;
	return 0;
}

static int load(void *self, const void *state, struct error *err)
{
	const struct channel_state *from = state;
	struct channel *ch = self;
	bool active = false;

	ch->css.state = from->css;
	ch->console.state = from->console;
	/* A snapshot does not say whether such a program waits for its device or has used up its slice. */
	for (unsigned i = 0; i < from->css.count; i++)
		active |= from->css.subchannels[i].program.phase == CCW_CHAINING ||
		          from->css.subchannels[i].program.phase == CCW_COMMAND;
	return active ? worker_need(&ch->vm->worker, err) : 0;
}

/* The VM must have the same subchannels. */
static int fits(const void *self, const void *state, struct error *err)
{
	const struct css_state *here = &((const struct channel *)self)->css.state;
	const struct css_state *css = &((const struct channel_state *)state)->css;
	bool same = here->count == css->count;

	for (unsigned i = 0; same && i < here->count; i++)
		same = here->subchannels[i].devno == css->subchannels[i].devno;
	return same ? 0 : error_set(err, -EBUSY, "it has other subchannels than the VM");
}

/* Continues long channel programs for a while. */
static int work(void *self, struct error *err)
{
	struct channel *ch = channel_lock(((struct channel *)self)->vm);

	css_work(&ch->css);
	return channel_unlock(ch, err);
}

const struct device_ops css_device = {
	.name = "channel subsystem",
	.tag = CSS_TAG,
	.create = create,
	.reset = reset,
	.save = save,
	.load = load,
	.fits = fits,
	.work = work,
	.destroy = destroy,
};

int channel_enable(struct vcpu *vcpu, struct error *err)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_S390_CSS_SUPPORT };
	long rc = kvm_call(&vcpu->fd, KVM_ENABLE_CAP, &cap);

	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_ENABLE_CAP(S390_CSS_SUPPORT)") : 0;
}

/* --- virtio devices ------------------------------------------------------- */

int channel_attach(struct vm *vm, uint16_t devno, const struct ccw_device *dev)
{
	return css_attach(&vm->devices->channel->css, devno, dev);
}

void channel_attention(struct vm *vm, unsigned number)
{
	css_attention(&vm->devices->channel->css, number);
}

void channel_go_on(struct vm *vm, unsigned number)
{
	css_kick(&vm->devices->channel->css, number);
}

/* --- from outside --------------------------------------------------------- */

int channel_input(struct vm *vm, const uint8_t *bytes, size_t len, struct error *err)
{
	struct channel *ch = channel_lock(vm);
	int taken = (int)con3215_input(&ch->console, bytes, len), rc;

	css_kick(&ch->css, CONSOLE);
	rc = channel_unlock(ch, err);
	return rc ? rc : taken;
}

int channel_vary(struct vm *vm, uint32_t id, bool on, struct error *err)
{
	struct channel *ch = channel_lock(vm);
	int rc = css_vary(&ch->css, id & 0xffff, on), kvm = channel_unlock(ch, err);

	if (!rc)
		return kvm;
	return error_set(err, -EINVAL,
	                 rc == -ENODEV ? "there is no subchannel %x"
	                 : on          ? "subchannel %x has its device already"
	                               : "subchannel %x has no device",
	                 id & 0xffff);
}

/* --- operands --------------------------------------------------------------- */

/* An operand's address in storage, in the addressing mode of the PSW. */
static uint64_t operand(const struct vcpu *vcpu, uint64_t address)
{
	uint64_t mode = vcpu->run->psw_mask & PSW_64;

	return mode == PSW_64 ? address : address & (mode ? 0x7fffffff : 0xffffff);
}

/*
 * Moves the operand, or only checks that it can be stored (bytes NULL). ar: the
 * access register, which has the number of the operand's base register; it counts in access-register mode.
 * Returns 0 or INSTRUCTION_OVER: an access exception is pending, or KVM has failed.
 */
static int access_operand(const struct instruction *i, uint64_t address, unsigned ar, bool store, void *bytes,
                          uint32_t size)
{
	struct kvm_s390_mem_op op = {
		.gaddr = address,
		.size = size,
		.flags = KVM_S390_MEMOP_F_INJECT_EXCEPTION | (bytes ? 0 : KVM_S390_MEMOP_F_CHECK_ONLY),
		.op = store ? KVM_S390_MEMOP_LOGICAL_WRITE : KVM_S390_MEMOP_LOGICAL_READ,
		.buf = (uintptr_t)bytes,
		.ar = (uint8_t)ar,
	};
	long rc = kvm_call(&i->vcpu->fd, KVM_S390_MEM_OP, &op);

	if (rc < 0) {
		kvm_failed(&i->event->why, rc, &i->vcpu->fd, NULL,
		           "KVM_S390_MEM_OP(%s %u bytes at %llx, access register %u)",
		           store ? "store" : "fetch", size, (unsigned long long)address, ar);
		host_error(i->event, (int)rc);
	}
	return rc ? INSTRUCTION_OVER : 0;
}

/* The operand that base and displacement name, a number of words. */
static int word_operand(const struct instruction *i, bool store, void *bytes, uint32_t size)
{
	uint64_t address = operand(i->vcpu, base_displacement(i->vcpu, i->ipb));

	return address & 3 ? -PGM_SPECIFICATION
	                   : access_operand(i, address, i->ipb >> 28, store, bytes, size);
}

/* Stores the operand of an instruction with this answer, which is the answer then. */
static int store_operand(const struct instruction *i, void *bytes, uint32_t size, int answer)
{
	/* An access exception comes before an operand exception and condition code 3. */
	int rc = word_operand(i, true, answer < 0 || answer == 3 ? NULL : bytes, size);

	return rc ? rc : answer;
}

/* --- instructions ------------------------------------------------------------- */

/* General register 1, as far as it names a subchannel. */
static uint32_t subchannel(const struct instruction *i)
{
	return (uint32_t)*gpr(i->vcpu, 1);
}

/* Gives the lock back. */
static int end_instruction(const struct instruction *i, struct channel *ch, int answer)
{
	int rc = channel_unlock(ch, &i->event->why);

	return rc ? host_error(i->event, rc) : answer;
}

int channel_execute(const struct instruction *i, int (*what)(struct css *css, uint32_t id))
{
	struct channel *ch = channel_lock(i->vcpu->vm);

	return end_instruction(i, ch, what(&ch->css, subchannel(i)));
}

int channel_modify(const struct instruction *i)
{
	struct channel *ch = channel_lock(i->vcpu->vm);
	uint8_t schib[SCHIB_SIZE];
	int rc = word_operand(i, false, schib, sizeof(schib));

	return end_instruction(i, ch, rc ? rc : css_modify(&ch->css, subchannel(i), schib));
}

int channel_start(const struct instruction *i)
{
	struct channel *ch = channel_lock(i->vcpu->vm);
	uint8_t orb[ORB_SIZE];
	int rc = word_operand(i, false, orb, sizeof(orb));

	return end_instruction(i, ch, rc ? rc : css_start(&ch->css, subchannel(i), orb));
}

int channel_store(const struct instruction *i)
{
	struct channel *ch = channel_lock(i->vcpu->vm);
	uint8_t schib[SCHIB_SIZE];
	int cc = css_store(&ch->css, subchannel(i), schib);

	return end_instruction(i, ch, store_operand(i, schib, sizeof(schib), cc));
}

int channel_report(const struct instruction *i)
{
	struct channel *ch = channel_lock(i->vcpu->vm);
	uint32_t crw; /* the guest's byte order is the host's */
	int cc = css_report(&ch->css, &crw), answer = store_operand(i, &crw, sizeof(crw), cc);

	if (answer == cc)
		css_reported(&ch->css);
	return end_instruction(i, ch, answer);
}

/* The block is a page, the answer in it behind the request. */
int channel_call(const struct instruction *i)
{
	uint64_t address = operand(i->vcpu, *gpr(i->vcpu, i->r1));
	struct channel *ch = channel_lock(i->vcpu->vm);
	uint8_t block[CHSC_SIZE];
	int cc = -PGM_SPECIFICATION;

	if (!(address & (CHSC_SIZE - 1)))
		cc = access_operand(i, address, i->r1, false, block, sizeof(block));
	if (!cc)
		cc = css_call(&ch->css, block);
	if (cc >= 0 && cc != INSTRUCTION_OVER &&
	    access_operand(i, address, i->r1, true, block, sizeof(block)))
		cc = INSTRUCTION_OVER;
	return end_instruction(i, ch, cc);
}

int channel_reset_path(const struct instruction *i)
{
	struct channel *ch = channel_lock(i->vcpu->vm);

	return end_instruction(i, ch, css_reset_path(&ch->css, *gpr(i->vcpu, 1)));
}

/* These two leave the condition code alone. */
int channel_address_limit(const struct instruction *i)
{
	int rc = css_address_limit(*gpr(i->vcpu, 1));

	return rc ? rc : INSTRUCTION_OVER;
}

int channel_monitor(const struct instruction *i)
{
	struct channel *ch = channel_lock(i->vcpu->vm);
	int rc = css_monitor(&ch->css, *gpr(i->vcpu, 1), operand(i->vcpu, *gpr(i->vcpu, 2)));

	return end_instruction(i, ch, rc ? rc : INSTRUCTION_OVER);
}

/* General register 2 names the subchannel, 3 the queue; 4 is what the last call answered. */
int channel_notify(const struct instruction *i)
{
	struct channel *ch = channel_lock(i->vcpu->vm);
	bool there = css_notify(&ch->css, (uint32_t)*gpr(i->vcpu, 2), *gpr(i->vcpu, 3));

	*gpr(i->vcpu, 2) = there ? *gpr(i->vcpu, 4) : (uint64_t)-EINVAL;
	return end_instruction(i, ch, INSTRUCTION_OVER);
}

/* There is no such subchannel. */
int channel_signal_adapter(const struct instruction *i)
{
	(void)i;
	return 3;
}

/* Without the facility it does nothing. */
int channel_path_status(const struct instruction *i)
{
	(void)i;
	return INSTRUCTION_OVER;
}

/*
 * KVM takes an interruption of the subchannel off the queue, if there is one, and only then lets us know.
 * What becomes of it depends on the status that is pending now, under the lock: another vCPU may have tested
 * it or cleared it since, and there may be new status with an interruption of its own. cc is 0 if the
 * instruction has tested the status.
 */
static void settle_dequeued(struct channel *ch, uint32_t id, const struct s390_irq *irq, int cc)
{
	uint32_t parm = 0;
	unsigned isc = 0;
	int status = css_interruption(&ch->css, id, &parm, &isc);
	struct error why;

	/* Tested: css_tested() has taken off what is queued, and said so. */
	if (!cc)
		return;
	/* It was for status that is no more. */
	if (status == 1)
		return hook_raised(ch->vm, &(struct arch_irq){ irq, ARCH_IRQ_FLOATING, false }, true);
	/* That of the status is queued once, be it this one or a new one that is in the queue. */
	if (!status && parm == irq->io.parm && isc == s390_isc(irq->io.word))
		failed(ch, flic_clear_io(ch->vm->irqchip, id, &why), &why);
	requeue(ch, irq);
}

/* Of KVM the exit has what it took off the queue. */
int channel_test(const struct instruction *i)
{
	const struct kvm_run *run = i->vcpu->run;
	uint32_t id = (uint32_t)run->s390_tsch.subchannel_id << 16 | run->s390_tsch.subchannel_nr;
	const struct s390_irq irq =
		s390_irq_io(id, run->s390_tsch.io_int_parm, s390_isc(run->s390_tsch.io_int_word));
	struct channel *ch = channel_lock(i->vcpu->vm);
	uint8_t irb[IRB_SIZE];
	int cc = store_operand(i, irb, sizeof(irb), css_test(&ch->css, subchannel(i), irb));

	if (!cc)
		css_tested(&ch->css, subchannel(i));
	if (run->exit_reason == KVM_EXIT_S390_TSCH && run->s390_tsch.dequeued)
		settle_dequeued(ch, id, &irq, cc);
	return end_instruction(i, ch, cc);
}
