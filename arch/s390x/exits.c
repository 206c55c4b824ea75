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
#include "flic.h"
#include "instruction.h"
#include "ipl.h"
#include "local.h"
#include "platform.h"
#include "service.h"
#include "sigp.h"
#include "vmm/arch.h"
#include "vmm/hook.h"

/* Interception codes that reach user space. */
#define ICPT_INSTRUCTION 0x04
#define ICPT_WAIT        0x1c
#define ICPT_EXT_LOOP    0x14 /* the external new PSW is enabled for what was just taken */
#define ICPT_STOP        0x28
#define ICPT_OPERATION   0x2c /* the program new PSW leads to an operation exception again */

#define WAIT_QUIESCED 0xfff

/* virtio's hypervisor call, and the one subfunction of it that there is (asm/virtio-ccw.h). */
#define VIRTIO_DIAG       0x500
#define VIRTIO_CCW_NOTIFY 3

/* --- DIAGNOSE --------------------------------------------------------- */

/* False: there is no such call. */
static bool private_call(struct vcpu *vcpu, unsigned r1, unsigned r3, struct event *event)
{
	uint64_t id = *gpr(vcpu, r1), at = *gpr(vcpu, r3);

	if (!hook_private_call(vcpu, id, at, event))
		return false;
	*gpr(vcpu, r1) = 0;
	return true;
}

/*
 * KVM itself takes a notification of a queue that has an eventfd, so what comes here names a subchannel or a
 * queue that nobody listens to.
 */
static void virtio_diagnose(struct vcpu *vcpu, struct event *event)
{
	if (*gpr(vcpu, 1) == VIRTIO_CCW_NOTIFY)
		*gpr(vcpu, 2) = (uint64_t)-EINVAL;
	else
		program_check(vcpu, PGM_SPECIFICATION, event);
}

static void diagnose(struct vcpu *vcpu, unsigned ipa, uint32_t ipb, struct event *event)
{
	uint64_t code = base_displacement(vcpu, ipb);

	if (vcpu->run->psw_mask & PSW_PROBLEM_STATE)
		program_check(vcpu, PGM_PRIVILEGED, event);
	else if ((code & 0xffff) == IPL_DIAG)
		ipl_diagnose(vcpu, ipa >> 4 & 15, ipa & 15, event);
	else if ((code & 0xffff) == VIRTIO_DIAG)
		virtio_diagnose(vcpu, event);
	else if ((code & 0xffff) != S390_PRIVATE_DIAG || !private_call(vcpu, ipa >> 4 & 15, ipa & 15, event))
		program_check(vcpu, PGM_SPECIFICATION, event);
}

/* --- SERVICE CALL ----------------------------------------------------- */

static void service_call(struct vcpu *vcpu, uint32_t ipb, struct event *event)
{
	struct vm *vm = vcpu->vm;
	uint32_t prefix = (uint32_t)vcpu->run->s.regs.prefix;
	uint32_t command = (uint32_t)*gpr(vcpu, ipb >> 20 & 15);
	uint64_t sccb = *gpr(vcpu, ipb >> 16 & 15);
	int cc;

	/* Outside the 64-bit mode an address has no upper half. */
	if ((vcpu->run->psw_mask & PSW_64) != PSW_64)
		sccb = (uint32_t)sccb;
	/* The SCCB is named by a real address, 8-byte aligned, below 2G, and may not touch the prefix area.
	 */
	if (vcpu->run->psw_mask & PSW_PROBLEM_STATE)
		return program_check(vcpu, PGM_PRIVILEGED, event);
	if (sccb & ~0x7ffffff8ULL || sccb < 0x2000 || (sccb & ~0x1fffULL) == prefix)
		return program_check(vcpu, PGM_SPECIFICATION, event);
	if (!ram_at(&vm->ram, sccb, 8))
		return program_check(vcpu, PGM_ADDRESSING, event);
	if (service_execute(vm, command, (uint32_t)sccb, &cc, &event->why))
		return host_error(event);
	finish(vcpu, cc, event);
}

/* --- PERFORM TOPOLOGY FUNCTION ---------------------------------------- */

/* Function codes, in the last byte of a register; reasons for condition code 2, in the byte before. */
enum { POLARIZE_HORIZONTALLY, POLARIZE_VERTICALLY, CHECK_TOPOLOGY_CHANGE };
enum { NO_REASON, ALREADY_POLARIZED };

/*
 * The topology is flat, horizontal, and does not change. A guest may see the configuration-topology facility
 * where the host's STFLE is not filtered, and Linux calls this once a minute then.
 */
static void perform_topology_function(struct vcpu *vcpu, uint32_t ipb, struct event *event)
{
	uint64_t *r1 = gpr(vcpu, ipb >> 20 & 15), function = *r1;

	if (vcpu->run->psw_mask & PSW_PROBLEM_STATE)
		return program_check(vcpu, PGM_PRIVILEGED, event);
	if (function > CHECK_TOPOLOGY_CHANGE)
		return program_check(vcpu, PGM_SPECIFICATION, event);
	if (function != CHECK_TOPOLOGY_CHANGE)
		*r1 |= (function == POLARIZE_HORIZONTALLY ? ALREADY_POLARIZED : NO_REASON) << 8;
	set_cc(vcpu, function == CHECK_TOPOLOGY_CHANGE ? 0 : 2);
}

/* --- all of them ------------------------------------------------------ */

static void instruction(struct vcpu *vcpu, struct event *event)
{
	unsigned ipa = vcpu->run->s390_sieic.ipa;
	uint32_t ipb = vcpu->run->s390_sieic.ipb;

	if (ipa >> 8 == 0x83)
		diagnose(vcpu, ipa, ipb, event);
	else if (ipa >> 8 == 0xae)
		sigp(vcpu, ipa, ipb, event);
	else if (ipa == 0xb220)
		service_call(vcpu, ipb, event);
	else if (ipa == 0xb9a2)
		perform_topology_function(vcpu, ipb, event);
	else if (channel_instruction(vcpu, ipa, ipb, event))
		;
	else /* an instruction that this machine does not have */
		program_check(vcpu, PGM_OPERATION, event);
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

	if (run->exit_reason == KVM_EXIT_S390_TSCH)
		return channel_test(vcpu, event);
	if (run->exit_reason == KVM_EXIT_S390_RESET) {
		event->kind = EVENT_REBOOT; /* what KVM takes of ipl.h: subcodes 3 and 4 */
		return;
	}
	if (run->exit_reason != KVM_EXIT_S390_SIEIC) {
		event->kind = EVENT_CRASH;
		error_set(&event->why, -EIO, "exit %s (%u), which this machine has no use for",
		          kvm_exit_name(run->exit_reason), run->exit_reason);
		return;
	}
	switch (run->s390_sieic.icptcode) {
	case ICPT_INSTRUCTION: instruction(vcpu, event); break;
	case ICPT_WAIT: disabled_wait(vcpu, event); break;
	case ICPT_STOP:
		event->kind = EVENT_OFFLINE;
		if (cpu_set_mp_state(vcpu, KVM_MP_STATE_STOPPED, &event->why))
			host_error(event);
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

void arch_exit_text(const struct vcpu *vcpu, char *text, size_t size)
{
	const struct kvm_run *run = vcpu->run;

	if (run->exit_reason == KVM_EXIT_S390_SIEIC)
		snprintf(text, size, "SIEIC code 0x%x ipa %04x ipb %08x at %llx", run->s390_sieic.icptcode,
		         run->s390_sieic.ipa, run->s390_sieic.ipb, (unsigned long long)run->psw_addr);
	else if (run->exit_reason == KVM_EXIT_S390_TSCH)
		snprintf(text, size, "S390_TSCH ipb %08x%s at %llx", run->s390_tsch.ipb,
		         run->s390_tsch.dequeued ? " dequeued" : "", (unsigned long long)run->psw_addr);
	else if (run->exit_reason == KVM_EXIT_S390_RESET)
		snprintf(text, size, "S390_RESET flags 0x%llx", (unsigned long long)run->s390_reset_flags);
	else
		snprintf(text, size, "%s (%u)", kvm_exit_name(run->exit_reason), run->exit_reason);
}
