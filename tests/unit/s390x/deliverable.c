/* SPDX-License-Identifier: BSD-2-Clause */
/* deliverable.c: each reason why an s390x interrupt is not delivered, and the order of those that are. */
#include <stdlib.h>

#include "arch/s390x/snapshot/describe.h"
#include "tests/unit/answer_of.h"

#define OPEN 0x0304000000000000 /* I/O, external, machine check */

static const uint8_t flags[4] = { SECTION_ONLINE, SECTION_ONLINE, SECTION_ONLINE, SECTION_ONLINE };
static struct codec_scope scope = { SNAP_VM, 2, 1, 1 << 20, flags };

static const struct s390_irq io = { .type = 3, .io = { 1, 3, 0xcafe, 3 << 27 } };

/* Two vCPUs that are open for all, with one interrupt, which floats or is the first one's. */
static struct arch_state *build(const struct s390_irq *irq, bool local, unsigned cpus)
{
	struct arch_state *state = s390x_codec.create();
	struct s390_irq *copy = malloc(2 * sizeof(*copy)); /* room for one more */

	copy[0] = copy[1] = *irq;
	state->cpu_count = scope.vcpus = cpus;
	state->cpus = calloc(cpus, sizeof(*state->cpus));
	for (unsigned i = 0; i < cpus; i++) {
		state->cpus[i] = (struct s390_cpu){ .psw_mask = OPEN, .mp_state = S390_MP_OPERATING };
		state->cpus[i].reg[S390_REG_CLOCK_COMP] = UINT64_MAX;
		memset(state->cpus[i].cr, 0xff, sizeof(state->cpus[i].cr));
	}
	if (local) {
		state->cpus[0].irqs = copy;
		state->cpus[0].irq_count = 1;
	} else {
		state->floating = copy;
		state->floating_count = 1;
	}
	return state;
}

static void says(const struct arch_state *state, const char *what)
{
	answer_has(answer_of(&s390x_codec, state, &scope, false), what);
}

/* --- each mask ----------------------------------------------------------- */

static const struct {
	struct s390_irq irq;
	const char *name;
	uint64_t psw;
	unsigned cr;
	uint64_t bit;
	const char *psw_reason, *cr_reason;
} masks[] = {
	{ { .type = S390_EMERGENCY, .source = 1 },
	  "emergency signal from CPU 1",
	  0x0100000000000000,
	  0,
	  0x4000,
	  "PSW external mask is 0",
	  "CR0 has emergency signal closed" },
	{ { .type = S390_EXTERNAL_CALL },
	  "external call from CPU 0",
	  0x0100000000000000,
	  0,
	  0x2000,
	  "PSW external mask is 0",
	  "CR0 has external call closed" },
	{ { .type = S390_CLOCK_COMP },
	  "clock comparator",
	  0x0100000000000000,
	  0,
	  0x800,
	  "PSW external mask is 0",
	  "CR0 has clock comparator closed" },
	{ { .type = S390_CPU_TIMER },
	  "CPU timer",
	  0x0100000000000000,
	  0,
	  0x400,
	  "PSW external mask is 0",
	  "CR0 has CPU timer closed" },
	{ { .type = S390_PFAULT_INIT },
	  "page fault started, token 0000000000000000",
	  0x0100000000000000,
	  0,
	  0,
	  "PSW external mask is 0",
	  NULL },
	{ { .type = S390_MCHK, .mchk = { .cr14 = 0x4000000, .mcic = 0x0100000000000000 } },
	  "machine check 0100000000000000, CR14 4000000",
	  0x0004000000000000,
	  14,
	  0x4000000,
	  "PSW machine-check mask is 0",
	  "CR14 has the subclass degradation closed" },
	{ { .type = S390_MCHK, .mchk = { .cr14 = 0x10000000, .mcic = 0x8000000000000000 } },
	  "machine check 8000000000000000, CR14 10000000",
	  0x0004000000000000,
	  0,
	  0,
	  "PSW machine-check mask is 0",
	  NULL },
	{ { .type = S390_RESTART }, "restart", 0, 0, 0, NULL, NULL },
	{ { .type = S390_STOP }, "stop", 0, 0, 0, NULL, NULL },
	{ { .type = S390_PROGRAM, .pgm.code = 1 }, "program interruption 0001", 0, 0, 0, NULL, NULL },
};

static void local_masks(void)
{
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		struct arch_state *state = build(&masks[i].irq, true, 1);
		char want[160];

		says(state, masks[i].name);
		says(state, ": deliverable, first\n");
		state->cpus[0].psw_mask = ~masks[i].psw;
		says(state, masks[i].psw_reason ? masks[i].psw_reason : ": deliverable, first\n");
		if (masks[i].cr_reason) {
			state->cpus[0].cr[masks[i].cr] &= ~masks[i].bit;
			snprintf(want, sizeof(want), "not deliverable: %s, %s\n", masks[i].psw_reason,
			         masks[i].cr_reason);
			says(state, want);
			state->cpus[0].psw_mask = OPEN;
			snprintf(want, sizeof(want), "not deliverable: %s\n", masks[i].cr_reason);
			says(state, want);
		} else {
			state->cpus[0].psw_mask = OPEN;
			memset(state->cpus[0].cr, 0, sizeof(state->cpus[0].cr));
			says(state, ": deliverable, first\n");
		}
		state->cpus[0].mp_state = S390_MP_STOPPED;
		says(state, "not deliverable: stopped");
		s390x_codec.free(state);
	}
}

/* --- floating ones -------------------------------------------------------- */

static void of_several(void)
{
	struct arch_state *state = build(&io, false, 4);

	says(state, "1 interrupt is pending, deliverable\n");
	says(state,
	     "deliverable, vCPU 0 takes it first; vCPU 1 takes it first; vCPU 2 takes it first; vCPU 3");
	state->cpus[0].psw_mask = 0;
	state->cpus[1].cr[6] = 0xef000000;
	says(state, "deliverable, vCPU 2 takes it first; vCPU 3 takes it first\n");
	state->cpus[2].mp_state = state->cpus[3].mp_state = S390_MP_STOPPED;
	says(state, "1 interrupt is pending, not deliverable\n"
	            "floating  I/O subchannel 0.0.0003 ISC 3 parameter 0x0000cafe:\n"
	            "           not deliverable: vCPU 0 PSW I/O mask is 0; vCPU 1 CR6 has ISC 3 closed; "
	            "vCPUs 2, 3 stopped\n");
	state->cpus[1].mp_state = S390_MP_CHECK_STOP;
	says(state, "; vCPU 1 in the check-stop state; vCPUs 2, 3 stopped\n");
	state->cpus[1].mp_state = S390_MP_STOPPED;
	says(state, "vCPUs 1-3 stopped\n");
	scope.kind = SNAP_IRQ;
	says(state, "unknown whether deliverable: the registers are not in this snapshot\n");
	scope.kind = SNAP_VM;
	s390x_codec.free(state);
}

static void other_floating(void)
{
	static const struct {
		struct s390_irq irq;
		const char *text, *why;
	} rows[] = {
		{ { .type = S390_ADAPTER, .io.word = 0xa8000000 },
		  "I/O of an adapter ISC 5",
		  "CR6 has ISC 5 closed" },
		{ { .type = 0x20003, .io = { 5, 3, 0, 0 } },
		  "I/O subchannel 0.2.0003 ISC 0",
		  "CR6 has ISC 0 closed" },
		{ { .type = S390_SERVICE, .ext.parm = 0x7000 },
		  "service signal, parameter 00007000",
		  "CR0 has service signal closed" },
		{ { .type = S390_MCHK, .mchk = { .cr14 = 0x10000000 } },
		  "machine check",
		  "CR14 has the subclass channel report" },
		{ { .type = S390_VIRTIO }, "virtio", NULL },
		{ { .type = S390_PFAULT_DONE }, "page fault completed", NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arch_state *state = build(&rows[i].irq, false, 1);

		says(state, rows[i].text);
		memset(state->cpus[0].cr, 0, sizeof(state->cpus[0].cr));
		says(state, rows[i].why ? rows[i].why : "deliverable, vCPU 0 takes it first");
		state->cpus[0].psw_mask = 0;
		says(state, "mask is 0");
		s390x_codec.free(state);
	}
}

/* --- who comes first --------------------------------------------------------- */

static void order(void)
{
	struct arch_state *state = build(&io, false, 1);

	state->cpus[0].irqs = calloc(2, sizeof(*state->cpus[0].irqs));
	state->cpus[0].irq_count = 2;
	state->cpus[0].irqs[0] = (struct s390_irq){ .type = S390_STOP };
	state->cpus[0].irqs[1] = (struct s390_irq){ .type = S390_EMERGENCY, .source = 1 };
	says(state, "3 interrupts are pending, all deliverable\n");
	says(state, "parameter 0x0000cafe:\n           deliverable, vCPU 0 takes it after 1 other\n");
	says(state, "emergency signal from CPU 1: deliverable, first\n");
	says(state, "stop, flags 0: deliverable, after 2 others\n");
	state->floating[state->floating_count++] = (struct s390_irq){ .type = 9, .io = { 1, 9, 0, 1 << 27 } };
	says(state, "ISC 1 parameter 0x00000000:\n           deliverable, vCPU 0 takes it after 1 other\n");
	says(state, "ISC 3 parameter 0x0000cafe:\n           deliverable, vCPU 0 takes it after 2 others\n");
	state->cpus[0].psw_mask = 0;
	says(state, "4 interrupts are pending, 1 of them deliverable\n");
	s390x_codec.free(state);
}

/* --- signals, suppression, timers ---------------------------------------------- */

static void signals(void)
{
	struct arch_state *state = build(&io, false, 1);
	struct s390_route *route = calloc(1, sizeof(*route));

	state->routing.routes = route;
	state->routing.route_count = 1;
	*route = (struct s390_route){ .gsi = 7, .adapter = 3, .irqfd = S390_IRQFD_OFF, .signals = 2 };
	says(state, "eventfd   signal of GSI 7 for adapter 3 (2x):\n"
	            "           not deliverable: its irqfd is off, adapter 3 is not registered\n");
	state->adapters[0] =
		(struct s390_adapter){ .id = 3, .isc = 2, .maskable = 1, .masked = 1, .flags = 1 };
	state->adapter_count = 1;
	says(state, "its irqfd is off, adapter 3 is masked\n");
	state->adapters[0].masked = 0;
	says(state, "its irqfd is off\n");
	route->irqfd = S390_IRQFD_ON;
	state->ais = (struct s390_ais){ 1, 0x20, 0 };
	says(state, "KVM injects it when the VM goes on\n");
	state->ais.nimm = 0x20;
	says(state, "goes on, suppressed (AIS): ISC 2 has had its one interruption in SINGLE mode\n");
	state->adapters[0].flags = 0;
	says(state, "KVM injects it when the VM goes on\n");
	s390x_codec.free(state);
}

static void timers(void)
{
	static const struct s390_irq restart = { .type = S390_RESTART },
				     comparator = { .type = S390_CLOCK_COMP };
	struct arch_state *state = build(&restart, true, 1);

	state->tod = 1000;
	state->cpus[0].reg[S390_REG_CLOCK_COMP] = 1000;
	says(state, "1 interrupt is pending");
	state->cpus[0].reg[S390_REG_CLOCK_COMP] = 999;
	says(state, "vCPU 0    clock comparator, its time has come: deliverable, ");
	state->cpus[0].psw_mask = 0;
	says(state,
	     "vCPU 0    clock comparator, its time has come: not deliverable: PSW external mask is 0\n");
	state->cpus[0].cr[0] &= ~0x800ull;
	says(state, "1 interrupt is pending");
	state->cpus[0].reg[S390_REG_CPU_TIMER] = 1ull << 63;
	says(state, "vCPU 0    CPU timer, its time has come: not deliverable");
	s390x_codec.free(state);
	state = build(&comparator, true, 1);
	state->tod = 1000;
	state->cpus[0].reg[S390_REG_CLOCK_COMP] = 999;
	says(state, "1 interrupt is pending");
	s390x_codec.free(state);
}

static void words(void)
{
	struct arch_state *state = build(&io, false, 1);

	state->cpus[0].cr[0] = 0x4200;
	state->cpus[0].cr[6] = 0xb1000000;
	state->cpus[0].cr[14] = 0x11000000;
	state->cpus[0].psw_mask = 0x0103000000000000;
	says(state, "\nvCPU 0    operating; PSW masks I/O 0, external 1, machine check 0; problem state, "
	            "waits; CR0 opens emergency "
	            "signal, service signal; CR6 opens ISC 0, 2-3, 7; CR14 opens channel report, warning\n");
	memset(state->cpus[0].cr, 0, sizeof(state->cpus[0].cr));
	says(state, "CR0 opens nothing; CR6 opens no ISC; CR14 opens nothing\n");
	s390x_codec.free(state);
}

static void as_json(void)
{
	struct arch_state *state = build(&io, false, 1);
	const char *text;

	state->cpus[0].psw_mask = 0;
	text = answer_of(&s390x_codec, state, &scope, true);
	ok(strstr(text, "{\n  \"type\": \"io\",\n  \"where\": \"floating\",\n  \"vcpu\": null,\n  \"schid\": "
	                "\"0.0.0003\",\n"
	                "  \"isc\": 3,\n  \"parm\": \"0xcafe\",\n"
	                "  \"text\": \"I/O subchannel 0.0.0003 ISC 3 parameter 0x0000cafe\",\n"
	                "  \"deliverable\": false,\n  \"after\": null,\n  \"why\": \"vCPU 0 PSW I/O mask is "
	                "0\"\n}\n"),
	   "an object with named members");
	s390x_codec.free(state);
}

int main(void)
{
	local_masks();
	of_several();
	other_floating();
	order();
	signals();
	timers();
	words();
	as_json();
	return tap_done();
}
