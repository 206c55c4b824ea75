/* SPDX-License-Identifier: BSD-2-Clause */
/* describe.c: an s390x machine's state in words, and what cannot be in one. */
#include "arch/s390x/snapshot/describe.h"

#include "arch/s390x/watchdog_state.h"
#include "devices/css/channel_state.h"
#include "devices/sclp/sclp.h"
#include "tests/unit/words_of.h"
#include "vmm/snapshot/json.h"

static const uint8_t flags[2] = { SECTION_ONLINE, 0 };
static const struct codec_scope vm = { SNAP_VM, 2, 1, 1 << 20, flags },
				irq = { SNAP_IRQ, 2, 1, 1 << 20, flags };

static struct s390_irq *list(const struct s390_irq *irqs, size_t count)
{
	struct s390_irq *copy = malloc((count + 1) * sizeof(*copy)); /* room for one more */

	memcpy(copy, irqs, count * sizeof(*copy));
	return copy;
}

static const struct s390_irq local[] = {
	{ .type = S390_EMERGENCY, .source = 0 },
	{ .type = S390_EMERGENCY, .source = 1 },
	{ .type = S390_STOP, .stop_flags = 1 },
	{ .type = S390_SET_PREFIX, .prefix = 0x8000 },
	{ .type = S390_PROGRAM, .pgm = { .code = 0x80, .per_address = 0x1234, .per_code = 0x40 } },
	{ .type = S390_MCHK,
	  .mchk = { .mcic = 0x8000000000000000, .cr14 = 0x10000000, .ext_damage_code = 3 } },
};

static const struct s390_irq floating[] = {
	{ .type = 5, .io = { 1, 5, 0xcafe, 0x18000000 } },
	{ .type = 0x20007, .io = { 5, 7, 0xbeef, 0x28000000 } },
	{ .type = S390_ADAPTER, .io = { .word = 0x90000000 } },
	{ .type = S390_SERVICE, .ext = { 0x7000, 0 } },
	{ .type = S390_VIRTIO, .ext = { 0, 0x1122 } },
};

static struct arch_state *build(void)
{
	struct arch_state *state = s390x_codec.create();
	struct channel_state *channel = device_states_add(&state->devices, &css_section, 0);
	struct sclp_state *sclp = device_states_add(&state->devices, &sclp_section, 0);
	struct watchdog_state *watchdog = device_states_add(&state->devices, &watchdog_section, 0);

	state->cpu_count = 2;
	state->cpus = calloc(2, sizeof(*state->cpus));
	state->cpus[0].psw_mask = 0x0002000180000000;
	state->cpus[0].gpr[15] = 0x15;
	state->cpus[0].reg[S390_REG_CLOCK_COMP] = 0x99;
	state->cpus[0].mp_state = S390_MP_OPERATING;
	state->cpus[1].mp_state = S390_MP_STOPPED;
	state->cpus[1].prefix = 0x4000;
	state->cpus[0].irqs = list(local, 6);
	state->cpus[0].irq_count = 6;
	state->floating = list(floating, 5);
	state->floating_count = 5;
	state->adapters[0] = (struct s390_adapter){ .id = 3, .isc = 2, .maskable = 1 };
	state->adapter_count = 1;
	state->ais = (struct s390_ais){ 1, 0x80, 0 };
	state->routing.route_count = 1;
	state->routing.routes = calloc(1, sizeof(*state->routing.routes));
	state->routing.routes[0] = (struct s390_route){ 7, 3, 0x1000, 9, 0x2000, 5, S390_IRQFD_OFF, 4 };
	state->routing.notify_count = 1;
	state->routing.notifies = calloc(1, sizeof(*state->routing.notifies));
	state->routing.notifies[0] = (struct s390_notify){ 0x10004, 1, 2 };
	channel->css.count = 1;
	channel->css.crw_count = 1;
	channel->css.crw[0] = 0x84001234;
	channel->css.subchannels[0] =
		(struct subchannel){ .devno = 9, .valid = true, .ctrl = 0x4007, .dstat = 0xc };
	sclp->line_mode = true;
	sclp->line.len = 2;
	memcpy(sclp->line.bytes, "q\n", 2);
	sclp->waiting_count = 1;
	sclp->waiting[0] = 0x12000;
	watchdog->left = 15000000001;
	state->tod = 0xd0d0;
	state->key_count = 256;
	state->keys = calloc(256, 1);
	memset(state->keys + 16, 0x30, 3);
	return state;
}

static void words(void)
{
	struct arch_state *state = build();
	const char *text = described(&s390x_codec, state, &vm);

	has(text, "vcpu.0.mp-state operating\n", "the MP state by its name");
	has(text, "vcpu.1.mp-state stopped\n", "of the other one");
	has(text, "vcpu.0.psw.mask 0x2000180000000\n", "the PSW");
	has(text, "vcpu.0.clock-comparator 0x99\n", "the clock comparator");
	has(text, "vcpu.0.gpr.15 0x15\n", "a general register");
	ok(!strstr(text, "vcpu.0.gpr.14 "), "but none that is zero");
	has(text, "vcpu.0.pending emergency signal from CPU 1\n", "a local interrupt");
	has(text,
	    "program interruption 0080, translation exception 0, data exception 0, PER address 1234, PER "
	    "code 40\n",
	    "with all that it has");
	has(text, "machine check 8000000000000000, CR14 10000000, external damage 3\n",
	    "a machine check too");
	has(text, "floating I/O subchannel 00010005 ISC 3 parameter 0000cafe\n", "a floating one");
	has(text, "floating I/O of an adapter ISC 2\n", "of an adapter");
	has(text, "adapter.3.maskable yes\n", "an adapter");
	has(text, "suppression.single-mode 0x80\n", "suppression");
	has(text, "route.7.indicator 0x1000 bit 9\n", "a route");
	has(text, "route.7.signals 4\n", "its irqfd's signals");
	has(text, "notification.00010004.1 2\n", "a notification");
	has(text, "channel.report 0x84001234\n", "a channel report");
	has(text, "subchannel.0.status.meaning status pending\n", "a subchannel's status");
	has(text, "subchannel.0.status.device-status 0xc\n", "the device's");
	has(text, "sclp.typed-line q\\x0a\n", "what was typed");
	has(text, "sclp.signal-waits SCCB 00012000\n", "a service signal that waits");
	has(text, "sclp.console line\n", "the console");
	has(text, "watchdog.left 15000000001 ns\n", "the watchdog");
	has(text, "clock.tod 0xd0d0\n", "the clock");
	has(text, "storage-keys.run 0x10000, 3 pages: 0x30\n", "storage keys");
	text = described(&s390x_codec, state, &irq);
	ok(!strstr(text, "psw") && !strstr(text, "clock.tod") && strstr(text, "vcpu.0.pending"),
	   "of interrupts alone: no registers, no clock");
	s390x_codec.free(state);
}

/* A program need not parse the words. */
static void as_json(void)
{
	static char text[65536];
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct arch_state *state = build();
	struct outline o = { 0 };
	struct json j;

	s390x_codec.describe(state, &vm, &o);
	json_begin(&j, out);
	json_open(&j, NULL, '{');
	is(outline_json(&o, &j), 0, "as JSON");
	json_close(&j);
	fclose(out);
	has(text, "\"schid\": \"0.0.0005\"", "an interrupt's subchannel");
	has(text, "\"schid\": \"0.2.0007\"", "in another set");
	outline_free(&o);
	s390x_codec.free(state);
}

static void one(void (*spoil)(struct arch_state *state), const char *said)
{
	struct arch_state *state = build();

	spoil(state);
	one_wrong(&s390x_codec, state, &vm, said);
	s390x_codec.free(state);
}

static void isc_of_nobody(struct arch_state *state)
{
	state->floating[2].io.word = 0xa8000000;
}

static void adapter_bit(struct arch_state *state)
{
	state->floating[0].io.word |= 0x80000000;
}

static void other_subchannel(struct arch_state *state)
{
	state->floating[1].io.subchannel_nr = 8;
}

static void second_service(struct arch_state *state)
{
	state->floating[state->floating_count++] = state->floating[3];
}

static void sender(struct arch_state *state)
{
	state->cpus[0].irqs[1].source = 2;
}

static void second_local(struct arch_state *state)
{
	state->cpus[0].irqs[1].source = 0;
}

static void stop_flags(struct arch_state *state)
{
	state->cpus[0].irqs[2].stop_flags = 2;
}

static void stop_of_a_stopped(struct arch_state *state)
{
	state->cpus[1].irqs = list(&local[2], 1);
	state->cpus[1].irq_count = 1;
}

static void prefix_outside(struct arch_state *state)
{
	state->cpus[0].irqs[3].prefix = 1 << 20;
}

static void mp_state(struct arch_state *state)
{
	state->cpus[1].mp_state = 4;
}

static void check_stop(struct arch_state *state)
{
	state->cpus[1].mp_state = S390_MP_CHECK_STOP;
}

static void load(struct arch_state *state)
{
	state->cpus[0].mp_state = S390_MP_LOAD;
}

static void runs_stopped(struct arch_state *state)
{
	state->cpus[0].mp_state = S390_MP_STOPPED;
	state->cpus[0].irq_count = 2; /* without the stop */
}

static void fpc(struct arch_state *state)
{
	state->cpus[0].fpc = 0x00070008;
}

static void todpr(struct arch_state *state)
{
	state->cpus[0].reg[S390_REG_TODPR] = 1ULL << 32;
}

static void quiet_check(struct arch_state *state)
{
	state->cpus[0].irqs[5].mchk.mcic = 1;
}

/* One more than KVM holds. */
static void queued(struct arch_state *state, const struct s390_irq *of, size_t count)
{
	free(state->floating);
	state->floating = calloc(count, sizeof(*state->floating));
	state->floating_count = count;
	for (size_t i = 0; i < count; i++)
		state->floating[i] = *of;
}

static void many_io(struct arch_state *state)
{
	queued(state, &floating[0], S390_IO_QUEUE + 1);
}

static void many_virtio(struct arch_state *state)
{
	queued(state, &floating[4], S390_VIRTIO_QUEUE + 1);
}

static void many_faults(struct arch_state *state)
{
	queued(state, &(struct s390_irq){ .type = S390_PFAULT_DONE }, S390_PFAULT_QUEUE + 1);
}

static void as_many_as_kvm_holds(struct arch_state *state)
{
	queued(state, &floating[0], S390_IO_QUEUE);
}

static void check_in_report(struct arch_state *state)
{
	queued(state, &(struct s390_irq){ .type = S390_MCHK, .mchk = { .mcic = 1, .cr14 = 0x08000000 } }, 1);
}

static void check_with_address(struct arch_state *state)
{
	queued(state, &(struct s390_irq){ .type = S390_MCHK, .mchk.failing_storage_address = 8 }, 1);
}

static void prefix_of_a_cpu(struct arch_state *state)
{
	state->cpus[1].prefix = 0x1000;
}

static void keys(struct arch_state *state)
{
	state->keys[7] = state->keys[9] = 1;
}

static void rules(void)
{
	struct arch_state *state = build();

	is(strlen(wrong_in(&s390x_codec, state, &vm)), 0, "nothing is wrong");
	mp_state(state);
	prefix_of_a_cpu(state);
	is(strlen(wrong_in(&s390x_codec, state, &irq)), 0, "nor of what is not there");
	s390x_codec.free(state);
	one(isc_of_nobody, "section FIRQ 0: interrupt 2: no adapter is registered with ISC 5");
	one(adapter_bit, "section FIRQ 0: interrupt 0: type 00000005, identification word 98000000: of an "
	                 "adapter or not?");
	one(other_subchannel, "section FIRQ 0: interrupt 1: type 00020007 is not of subchannel 00050008");
	one(second_service, "section FIRQ 0: interrupt 5: two service signals are pending");
	one(sender, "section LIRQ 0: emergency signal from CPU 2: there are 2 vCPUs");
	one(second_local, "section LIRQ 0: emergency signal from CPU 0: another one is pending");
	one(stop_flags, "section LIRQ 0: stop, flags 2: the one flag is 1");
	one(stop_of_a_stopped, "section LIRQ 1: stop, flags 1: the vCPU is stopped");
	one(prefix_outside, "section LIRQ 0: set prefix 00100000: there is no memory");
	one(mp_state, "section CPU 1: MP state 4: KVM takes 5 (stopped) and 7 (operating) alone");
	one(check_stop, "section CPU 1: MP state 6: KVM takes");
	one(load, "section CPU 0: MP state 8: KVM takes");
	one(runs_stopped, "section CPU 0: MP state 5, but section VM says that it runs");
	one(fpc, "section CPU 0: FPC 00070008 has bits that are reserved");
	one(todpr, "section CPU 0: the TOD programmable register has 32 bits: 100000000");
	one(quiet_check,
	    "section LIRQ 0: machine check 0000000000000001: it is neither exigent nor repressible");
	one(many_io, "section FIRQ 0: 266251 I/O interrupts are pending, and KVM holds 266250");
	one(many_virtio, "section FIRQ 0: 87382 virtio interrupts are pending, and KVM holds 87381");
	one(many_faults, "section FIRQ 0: 16321 completed page faults are pending, and KVM holds 16320");
	one(check_in_report,
	    "section FIRQ 0: interrupt 0: of a floating machine check KVM keeps the code and CR14 "
	    "10000000 alone");
	one(check_with_address, "section FIRQ 0: interrupt 0: of a floating machine check KVM keeps");
	state = build();
	as_many_as_kvm_holds(state);
	is(strlen(wrong_in(&s390x_codec, state, &vm)), 0, "as many as KVM holds are fine");
	s390x_codec.free(state);
	one(prefix_of_a_cpu, "section CPU 1: no prefix can be 00001000");
	one(keys, "section SKEY 0: 2 pages, the first at 0x7000: a key has no last bit");
}

int main(void)
{
	words();
	as_json();
	rules();
	return tap_done();
}
