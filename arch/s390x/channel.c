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

#include "cpu.h"
#include "instruction.h"
#include "flic.h"
#include "devices.h"
#include "vmm/hook.h"
#include "vmm/worker.h"

#define CONSOLE       0 /* its subchannel */
#define CONSOLE_DEVNO 9

struct channel {
	struct vm *vm;
	pthread_mutex_t lock; /* for all below */
	struct css css;
	struct con3215 console;
	int rc; /* the first failure of KVM in the call that is under way, with its reason */
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

/* --- its life ----------------------------------------------------------- */

int channel_create(struct vm *vm, struct channel **out, struct error *err)
{
	struct channel *ch = calloc(1, sizeof(*ch));

	*out = ch;
	if (!ch)
		return error_set(err, -ENOMEM, "out of memory");
	ch->vm = vm;
	pthread_mutex_init(&ch->lock, NULL);
	ch->css.host = (struct css_host){ .arg = ch,
		                          .interrupt = raise_io,
		                          .withdraw = withdraw_io,
		                          .report = raise_report,
		                          .work = need_work };
	ch->css.memory = (struct ccw_memory){ .ram = &vm->ram, .key = storage_key, .arg = ch };
	con3215_init(&ch->console, vm->config->console);
	css_attach(&ch->css, CONSOLE_DEVNO, &ch->console.dev);
	return 0;
}

void channel_destroy(struct channel *ch)
{
	if (ch)
		pthread_mutex_destroy(&ch->lock);
	free(ch);
}

int channel_enable(struct vcpu *vcpu, struct error *err)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_S390_CSS_SUPPORT };
	long rc = kvm_call(&vcpu->fd, KVM_ENABLE_CAP, &cap);

	return rc < 0 ? kvm_failed(err, rc, &vcpu->fd, NULL, "KVM_ENABLE_CAP(S390_CSS_SUPPORT)") : 0;
}

void channel_reset(struct vm *vm)
{
	struct channel *ch = vm->devices->channel;

	css_reset(&ch->css);
	ch->console.state = (struct con3215_state){ .len = 0 };
}

void channel_save(const struct vm *vm, struct css_state *css, struct con3215_state *console)
{
	*css = vm->devices->channel->css.state;
	*console = vm->devices->channel->console.state;
}

int channel_load(struct vm *vm, const struct css_state *css, const struct con3215_state *console,
                 struct error *err)
{
	bool active = false;

	vm->devices->channel->css.state = *css;
	vm->devices->channel->console.state = *console;
	/* A snapshot does not say whether such a program waits for its device or has used up its slice. */
	for (unsigned i = 0; i < css->count; i++)
		active |= css->subchannels[i].program.phase == CCW_CHAINING ||
		          css->subchannels[i].program.phase == CCW_COMMAND;
	return active ? worker_need(&vm->worker, err) : 0;
}

int channel_fits(const struct vm *vm, const struct css_state *css, struct error *err)
{
	const struct css_state *here = &vm->devices->channel->css.state;
	bool same = here->count == css->count;

	for (unsigned i = 0; same && i < here->count; i++)
		same = here->subchannels[i].devno == css->subchannels[i].devno;
	return same ? 0 : error_set(err, -EBUSY, "it has other subchannels than the VM");
}

/* --- from outside --------------------------------------------------------- */

static struct channel *channel_lock(struct vm *vm)
{
	struct channel *ch = vm->devices->channel;

	pthread_mutex_lock(&ch->lock);
	ch->rc = 0;
	return ch;
}

/* 0, or what KVM has failed with since channel_lock(). */
static int channel_unlock(struct channel *ch, struct error *err)
{
	int rc = ch->rc;

	if (rc)
		*err = ch->why;
	pthread_mutex_unlock(&ch->lock);
	return rc;
}

int channel_work(struct vm *vm, struct error *err)
{
	struct channel *ch = channel_lock(vm);

	css_work(&ch->css);
	return channel_unlock(ch, err);
}

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

/* The operand's address in storage, in the addressing mode of the PSW. */
static uint64_t operand(struct vcpu *vcpu, uint64_t address)
{
	uint64_t mode = vcpu->run->psw_mask & PSW_64;

	return mode == PSW_64 ? address : address & (mode ? 0x7fffffff : 0xffffff);
}

/*
 * Moves the operand, or only checks that it can be stored (bytes NULL). ar: the
 * access register, which has the number of the operand's base register; it counts in access-register mode.
 * False: the instruction is over: an access exception is pending, or KVM has failed.
 */
static bool access_operand(struct vcpu *vcpu, uint64_t address, unsigned ar, bool store, void *bytes,
                           uint32_t size, struct event *event)
{
	struct kvm_s390_mem_op op = {
		.gaddr = address,
		.size = size,
		.flags = KVM_S390_MEMOP_F_INJECT_EXCEPTION | (bytes ? 0 : KVM_S390_MEMOP_F_CHECK_ONLY),
		.op = store ? KVM_S390_MEMOP_LOGICAL_WRITE : KVM_S390_MEMOP_LOGICAL_READ,
		.buf = (uintptr_t)bytes,
		.ar = (uint8_t)ar,
	};
	long rc = kvm_call(&vcpu->fd, KVM_S390_MEM_OP, &op);

	if (rc < 0) {
		kvm_failed(&event->why, rc, &vcpu->fd, NULL,
		           "KVM_S390_MEM_OP(%s %u bytes at %llx, access register %u)",
		           store ? "store" : "fetch", size, (unsigned long long)address, ar);
		host_error(event);
	}
	return !rc;
}

/* --- instructions ------------------------------------------------------------- */

/* With an operand that is fetched. */
static int fetched(struct css *css, unsigned ipa, uint32_t id, const uint8_t *block)
{
	return ipa == 0xb232 ? css_modify(css, id, block) : css_start(css, id, block);
}

/* With an operand that is stored; *size is how much of it. */
static int stored(struct css *css, unsigned ipa, uint32_t id, uint8_t *block, uint32_t *size)
{
	uint32_t crw;
	int cc;

	if (ipa == 0xb234) {
		*size = SCHIB_SIZE;
		return css_store(css, id, block);
	}
	if (ipa == 0xb235) {
		*size = IRB_SIZE;
		return css_test(css, id, block);
	}
	cc = css_report(css, &crw);
	*size = sizeof(crw);
	memcpy(block, &crw, sizeof(crw)); /* the guest's byte order is the host's */
	return cc;
}

/* What follows when the operand has been stored. */
static void after_store(struct css *css, unsigned ipa, uint32_t id, int cc)
{
	if (ipa == 0xb235 && !cc)
		css_tested(css, id);
	else if (ipa == 0xb239)
		css_reported(css);
}

/* MSCH, SSCH; STSCH, TSCH, STCRW. Whether the instruction came to an end with this condition code. */
static bool storage_instruction(struct vcpu *vcpu, struct channel *ch, unsigned ipa, uint64_t address,
                                unsigned ar, struct event *event, int *cc)
{
	uint32_t id = (uint32_t)*gpr(vcpu, 1), size = ipa == 0xb232 ? SCHIB_SIZE : ORB_SIZE;
	uint8_t block[IRB_SIZE];
	bool fetch = ipa == 0xb232 || ipa == 0xb233;

	*cc = -PGM_SPECIFICATION;
	if (address & 3)
		return true;
	if (fetch) {
		if (!access_operand(vcpu, address, ar, false, block, size, event))
			return false;
		*cc = fetched(&ch->css, ipa, id, block);
		return true;
	}
	*cc = stored(&ch->css, ipa, id, block, &size);
	/* An access exception comes before an operand exception and condition code 3. */
	if (!access_operand(vcpu, address, ar, true, *cc < 0 || *cc == 3 ? NULL : block, size, event))
		return false;
	after_store(&ch->css, ipa, id, *cc);
	return true;
}

/* CHANNEL SUBSYSTEM CALL: the block is a page, the answer in it behind the request. */
static bool call(struct vcpu *vcpu, struct channel *ch, uint64_t address, unsigned ar, struct event *event,
                 int *cc)
{
	uint8_t block[CHSC_SIZE];

	*cc = -PGM_SPECIFICATION;
	if (address & (CHSC_SIZE - 1))
		return true;
	if (!access_operand(vcpu, address, ar, false, block, sizeof(block), event))
		return false;
	*cc = css_call(&ch->css, block);
	return *cc < 0 || access_operand(vcpu, address, ar, true, block, sizeof(block), event);
}

/* Those whose operands are registers. SIGA: there is no such subchannel; STCPS, without the facility, does
 * nothing. */
static int register_instruction(struct vcpu *vcpu, struct css *css, unsigned ipa)
{
	uint64_t r1 = *gpr(vcpu, 1);
	unsigned cc = vcpu->run->psw_mask >> PSW_CC_SHIFT & 3;
	int rc = 0;

	switch (ipa) {
	case 0xb230: return css_clear(css, (uint32_t)r1);
	case 0xb231: return css_halt(css, (uint32_t)r1);
	case 0xb238: return css_resume(css, (uint32_t)r1);
	case 0xb276: return css_cancel(css, (uint32_t)r1);
	case 0xb23b: return css_reset_path(css, r1);
	case 0xb274: return 3;
	case 0xb237: rc = css_address_limit(r1); break;
	case 0xb23c: rc = css_monitor(r1, *gpr(vcpu, 2)); break;
	}
	return rc ? rc : (int)cc;
}

/* Under the lock, one I/O instruction. Whether it came to an end. */
static bool execute(struct vcpu *vcpu, struct channel *ch, unsigned ipa, uint32_t ipb, struct event *event,
                    int *cc)
{
	uint64_t address = operand(vcpu, base_displacement(vcpu, ipb));
	unsigned ar = ipa == 0xb25f ? ipb >> 20 & 15 : ipb >> 28; /* R1, or the base */

	switch (ipa) {
	case 0xb25f: return call(vcpu, ch, operand(vcpu, *gpr(vcpu, ar)), ar, event, cc);
	case 0xb232:
	case 0xb233:
	case 0xb234:
	case 0xb235:
	case 0xb239: return storage_instruction(vcpu, ch, ipa, address, ar, event, cc);
	default: *cc = register_instruction(vcpu, &ch->css, ipa); return true;
	}
}

/* Gives the lock back and, if the instruction came to an end, finishes it. */
static void end_instruction(struct vcpu *vcpu, struct channel *ch, bool done, int cc, struct event *event)
{
	if (channel_unlock(ch, &event->why))
		host_error(event);
	else if (done)
		finish(vcpu, cc, event);
}

bool channel_instruction(struct vcpu *vcpu, unsigned ipa, uint32_t ipb, struct event *event)
{
	struct channel *ch;
	bool done;
	int cc;

	if (!((ipa >= 0xb230 && ipa <= 0xb23c && ipa != 0xb236) || ipa == 0xb25f || ipa == 0xb274 ||
	      ipa == 0xb276))
		return false;
	ch = channel_lock(vcpu->vm);
	done = execute(vcpu, ch, ipa, ipb, event, &cc);
	end_instruction(vcpu, ch, done, cc, event);
	return true;
}

/*
 * KVM takes an interruption of the subchannel off the queue, if there is one, and only then lets us know.
 * What becomes of it depends on the status that is pending now, under the lock: another vCPU may have tested
 * it or cleared it since, and there may be new status with an interruption of its own. cc is the condition
 * code, or negative if the instruction did not test the status.
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

void channel_test(struct vcpu *vcpu, struct event *event)
{
	const struct kvm_run *run = vcpu->run;
	uint32_t id = (uint32_t)run->s390_tsch.subchannel_id << 16 | run->s390_tsch.subchannel_nr;
	const struct s390_irq irq =
		s390_irq_io(id, run->s390_tsch.io_int_parm, s390_isc(run->s390_tsch.io_int_word));
	struct channel *ch = channel_lock(vcpu->vm);
	int cc = 0;
	bool done = execute(vcpu, ch, 0xb235, run->s390_tsch.ipb, event, &cc);

	if (run->s390_tsch.dequeued)
		settle_dequeued(ch, id, &irq, done ? cc : -1);
	end_instruction(vcpu, ch, done, cc, event);
}
