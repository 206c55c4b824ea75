/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exits.c: what an s390x guest leaves SIE for. Reads as a specification: one
 * case, one meaning. What the architecture answers with a program
 * interruption is answered so; what cannot be is a crash with a register dump.
 *
 * Source: Principles of Operation, ch. 5, 6; KVM's api.rst,
 * KVM_EXIT_S390_SIEIC; interception codes as in the kernel's
 * arch/s390/include/asm/kvm_host.h.
 */
#include <errno.h>

#include "channel.h"
#include "cpu.h"
#include "instruction.h"
#include "platform.h"
#include "service.h"
#include "sysib.h"
#include "watchdog.h"
#include "vmm/arch.h"
#include "vmm/hook.h"

/* Interception codes that reach user space. */
#define ICPT_INSTRUCTION 0x04
#define ICPT_WAIT        0x1c
#define ICPT_EXT_LOOP    0x14 /* the external new PSW is enabled for what was just taken */
#define ICPT_STOP        0x28
#define ICPT_OPERATION   0x2c /* the program new PSW leads to an operation exception again */

#define WAIT_QUIESCED 0xfff

#define DIAG 0x83u
#define TSCH 0xb235

/* The one subfunction of virtio's hypervisor call (asm/virtio-ccw.h). */
#define VIRTIO_CCW_NOTIFY 3

/* --- DIAGNOSE --------------------------------------------------------- */

static int private_call(const struct instruction *i)
{
	uint64_t id = *gpr(i->vcpu, i->r1), at = *gpr(i->vcpu, i->r2);

	if (!hook_private_call(i->vcpu, id, at, i->event))
		return -PGM_SPECIFICATION;
	*gpr(i->vcpu, i->r1) = 0;
	return INSTRUCTION_OVER;
}

/* KVM itself takes a notification of a queue that has an eventfd (a scenario's). */
static int virtio(const struct instruction *i)
{
	return *gpr(i->vcpu, 1) == VIRTIO_CCW_NOTIFY ? channel_notify(i) : -PGM_SPECIFICATION;
}

static int unknown_diagnose(const struct instruction *i)
{
	(void)i;
	return -PGM_SPECIFICATION;
}

/* --- PERFORM TOPOLOGY FUNCTION ---------------------------------------- */

/* Function codes, in the last byte of a register; reasons for condition code 2, in the byte before. */
enum { POLARIZE_HORIZONTALLY, POLARIZE_VERTICALLY, CHECK_TOPOLOGY_CHANGE };
enum { NO_REASON, ALREADY_POLARIZED };

/*
 * The topology is flat, horizontal, and does not change. A guest may see the configuration-topology facility
 * where the host's STFLE is not filtered, and Linux calls this once a minute then.
 */
static int perform_topology_function(const struct instruction *i)
{
	uint64_t *r1 = gpr(i->vcpu, i->r1), function = *r1;

	if (function > CHECK_TOPOLOGY_CHANGE)
		return -PGM_SPECIFICATION;
	if (function == CHECK_TOPOLOGY_CHANGE)
		return 0;
	*r1 |= (function == POLARIZE_HORIZONTALLY ? ALREADY_POLARIZED : NO_REASON) << 8;
	return 2;
}

/* --- STORE SYSTEM INFORMATION ----------------------------------------- */

/* Moves the block that KVM has stored. False: there is no other thing to do, as the guest has made the page
 * inaccessible meanwhile, or the event says that KVM failed. */
static bool move_block(struct vcpu *vcpu, uint8_t *block, unsigned op, struct event *event)
{
	const struct kvm_run *run = vcpu->run;
	struct kvm_s390_mem_op move = {
		.gaddr = run->s390_stsi.addr,
		.size = SYSIB_SIZE,
		.op = op,
		.buf = (uintptr_t)block,
		.ar = run->s390_stsi.ar,
	};
	long rc = kvm_call(&vcpu->fd, KVM_S390_MEM_OP, &move);

	if (rc < 0)
		host_error(event, kvm_failed(&event->why, rc, &vcpu->fd, NULL,
		                             "KVM_S390_MEM_OP(name the VM in the block at %llx)",
		                             (unsigned long long)move.gaddr));
	return !rc;
}

/* KVM has stored the block and completed the instruction; the name in it is that of any KVM's guest. */
static void name_machine(struct vcpu *vcpu, struct event *event)
{
	const struct kvm_run *run = vcpu->run;
	uint8_t block[SYSIB_SIZE];

	if (run->s390_stsi.fc != 3 || run->s390_stsi.sel1 != 2 || run->s390_stsi.sel2 != 2 ||
	    !move_block(vcpu, block, KVM_S390_MEMOP_LOGICAL_READ, event))
		return;
	sysib_name(block, vcpu->vm->config->identity);
	move_block(vcpu, block, KVM_S390_MEMOP_LOGICAL_WRITE, event);
}

/* --- all of them ------------------------------------------------------ */

/* The instructions that this machine has besides KVM's; all of them are privileged. */
static const struct row {
	uint32_t code; /* its first two bytes, or the first alone; of DIAGNOSE the first, then the code */
	const char *name;
	instruction_fn *run;
	int (*css)(struct css *css, uint32_t id); /* instead: see channel_execute() */
} instructions[] = {
	{ DIAG << 16 | 0x288, "DIAG watchdog", .run = watchdog_diagnose },
	{ DIAG << 16 | 0x308, "DIAG ipl", .run = ipl_diagnose },
	{ DIAG << 16 | 0x500, "DIAG virtio", .run = virtio },
	{ DIAG << 16 | S390_PRIVATE_DIAG, "DIAG private", .run = private_call },
	{ DIAG, "DIAG", .run = unknown_diagnose },
	{ 0xae, "SIGP", .run = sigp },
	{ 0xb220, "SERVC", .run = service_call },
	{ 0xb230, "CSCH", .css = css_clear },
	{ 0xb231, "HSCH", .css = css_halt },
	{ 0xb232, "MSCH", .run = channel_modify },
	{ 0xb233, "SSCH", .run = channel_start },
	{ 0xb234, "STSCH", .run = channel_store },
	{ TSCH, "TSCH", .run = channel_test },
	{ 0xb237, "SAL", .run = channel_address_limit },
	{ 0xb238, "RSCH", .css = css_resume },
	{ 0xb239, "STCRW", .run = channel_report },
	{ 0xb23a, "STCPS", .run = channel_path_status },
	{ 0xb23b, "RCHP", .run = channel_reset_path },
	{ 0xb23c, "SCHM", .run = channel_monitor },
	{ 0xb25f, "CHSC", .run = channel_call },
	{ 0xb274, "SIGA", .run = channel_signal_adapter },
	{ 0xb276, "XSCH", .css = css_cancel },
	{ 0xb9a2, "PTF", .run = perform_topology_function },
	{ .name = NULL },
};

/* NULL: this machine does not have it. */
static const struct row *find(const struct vcpu *vcpu, unsigned ipa, uint32_t ipb)
{
	uint32_t code = ipa >> 8 == DIAG ? DIAG << 16 | (base_displacement(vcpu, ipb) & 0xffff) : ipa;

	for (const struct row *row = instructions; row->name; row++)
		if (row->code == (row->code > 0xff ? code : ipa >> 8))
			return row;
	return NULL;
}

static int execute(struct vcpu *vcpu, unsigned ipa, uint32_t ipb, struct event *event)
{
	const struct row *row = find(vcpu, ipa, ipb);
	unsigned registers = ipa < 0xb200 ? ipa : ipb >> 16; /* where its format, RS or RRE, has them */
	struct instruction i = { vcpu, registers >> 4 & 15, registers & 15, ipb, event };

	if (!row)
		return -PGM_OPERATION;
	if (vcpu->run->psw_mask & PSW_PROBLEM_STATE)
		return -PGM_PRIVILEGED;
	return row->css ? channel_execute(&i, row->css) : row->run(&i);
}

/*
 * No interrupt ends a disabled wait, only another vCPU: by a restart, a reset or a stop. An operating system
 * that has shut down says so by address 0 or, after signal quiesce, 0xfff. Any other address is the guest's
 * own code for what went wrong.
 */
static void disabled_wait(struct vcpu *vcpu, struct event *event)
{
	uint64_t addr = vcpu->run->psw_addr;
	bool shut_down = !addr || addr == WAIT_QUIESCED;

	error_set(&event->why, -EIO, "disabled wait, PSW %016llx %016llx%s",
	          (unsigned long long)vcpu->run->psw_mask, (unsigned long long)addr,
	          shut_down ? ": the guest has shut down" : "");
	if (hook_stopped(vcpu, addr, event))
		return;
	event->kind = EVENT_WAIT;
	event->value = !shut_down;
}

void arch_exit(struct vcpu *vcpu, struct event *event)
{
	struct kvm_run *run = vcpu->run;
	int rc;

	if (run->exit_reason == KVM_EXIT_S390_TSCH)
		return finish(vcpu, execute(vcpu, TSCH, run->s390_tsch.ipb, event), event);
	if (run->exit_reason == KVM_EXIT_S390_STSI)
		return name_machine(vcpu, event);
	if (run->exit_reason == KVM_EXIT_S390_RESET) {
		event->kind = EVENT_REBOOT; /* of DIAGNOSE 0x308 what KVM takes: subcodes 3 and 4 */
		return;
	}
	if (run->exit_reason == KVM_EXIT_DEBUG) {
		/* While it is single-stepped debug/single_step.c looks at the exit. */
		if (!vcpu->alone)
			event->kind = EVENT_BREAK;
		return;
	}
	if (run->exit_reason != KVM_EXIT_S390_SIEIC) {
		event->kind = EVENT_CRASH;
		error_set(&event->why, -EIO, "exit %s (%u), which this machine has no use for",
		          kvm_exit_name(run->exit_reason), run->exit_reason);
		return;
	}
	switch (run->s390_sieic.icptcode) {
	case ICPT_INSTRUCTION:
		finish(vcpu, execute(vcpu, run->s390_sieic.ipa, run->s390_sieic.ipb, event), event);
		break;
	case ICPT_WAIT: disabled_wait(vcpu, event); break;
	case ICPT_STOP:
		event->kind = EVENT_OFFLINE;
		rc = cpu_set_mp_state(vcpu, KVM_MP_STATE_STOPPED, &event->why);
		if (rc)
			host_error(event, rc);
		break;
	case ICPT_EXT_LOOP:
		event->kind = EVENT_CRASH;
		error_set(&event->why, -EIO,
		          "external interruption loop: the new PSW is enabled for what it takes");
		break;
	case ICPT_OPERATION:
		event->kind = EVENT_CRASH;
		error_set(&event->why, -EIO,
		          "operation exception loop: the program new PSW leads to another");
		break;
	default:
		event->kind = EVENT_CRASH;
		error_set(&event->why, -EIO, "interception code 0x%x", run->s390_sieic.icptcode);
	}
}

const char *arch_exit_name(const struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	const struct row *row;

	switch (run->exit_reason) {
	case KVM_EXIT_S390_TSCH: return "TSCH";
	case KVM_EXIT_S390_STSI: return "STSI";
	case KVM_EXIT_S390_RESET: return "DIAG ipl";
	case KVM_EXIT_S390_SIEIC: break;
	default: return kvm_exit_name(run->exit_reason);
	}
	switch (run->s390_sieic.icptcode) {
	case ICPT_INSTRUCTION:
		row = find(vcpu, run->s390_sieic.ipa, run->s390_sieic.ipb);
		return row ? row->name : "instruction";
	case ICPT_WAIT: return "disabled wait";
	case ICPT_STOP: return "stop";
	case ICPT_EXT_LOOP: return "external interruption loop";
	case ICPT_OPERATION: return "operation exception loop";
	default: return "interception";
	}
}
