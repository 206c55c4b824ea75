/* SPDX-License-Identifier: BSD-2-Clause */
/* codec.c: the state of an s390x machine: what comes back, and what is refused. */
#include "arch/s390x/snapshot/codec.h"

#include "arch/s390x/lab/irq.h"
#include "arch/s390x/watchdog_state.h"
#include "devices/css/channel_state.h"
#include "devices/sclp/sclp.h"
#include "tests/unit/codec.h"

static struct error err;

static const struct s390_irq local[] = {
	{ .type = S390_STOP, .stop_flags = 0x01020304 },
	{ .type = S390_PROGRAM,
	  .pgm = { 0x1112131415161718, 0x2122232425262728, 0x3132333435363738, 0x41424344, 0x5152, 0x6162,
	           0x71, 0x72, 0x73, 0x74, 0x75, 0x76 } },
	{ .type = S390_SET_PREFIX, .prefix = 0x7ffe000 },
	{ .type = S390_RESTART, .ext = { 1, 2 } },
	{ .type = S390_PFAULT_INIT, .ext = { 0x81828384, 0x9192939495969798 } },
	{ .type = S390_MCHK,
	  .mchk = { 0x10000000,
	            0x00400f1d40330000,
	            0xa1a2a3a4a5a6a7a8,
	            0xb1b2b3b4,
	            { 0x3031323334353637, 0x3839616263646500 } } },
	{ .type = S390_EMERGENCY, .source = 0xc1c2 },
	{ .type = S390_EXTERNAL_CALL, .source = 0xd1d2 },
	{ .type = S390_CLOCK_COMP, .ext = { 3, 4 } },
	{ .type = S390_CPU_TIMER, .ext = { 5, 6 } },
};

static const struct s390_irq floating[] = {
	{ .type = 0, .io = { 0xe1e2, 0xe3e4, 0xe5e6e7e8, 0x28000000 } },
	{ .type = S390_IO_MAX, .io = { 1, 2, 3, 4 } },
	{ .type = 0x04000007, .io = { 5, 6, 7, 8 } },
	{ .type = S390_ADAPTER, .io = { 0, 0, 0, 0xa0000000 } },
	{ .type = S390_SERVICE, .ext = { 0xf1f2f3f4, 0 } },
	{ .type = S390_VIRTIO, .ext = { 0x0d00, 0x0102030405060708 } },
	{ .type = S390_PFAULT_DONE, .ext = { 0, 0x1112131415161718 } },
	{ .type = S390_MCHK, .mchk = { 1, 2, 3, 4, { 0x6665646362613938, 0x3736353433323100 } } },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct s390_irq *copy_irqs(const struct s390_irq *irqs, size_t count)
{
	struct s390_irq *copy = calloc(count, sizeof(*copy));

	memcpy(copy, irqs, count * sizeof(*copy));
	return copy;
}

/* Every byte of the registers different from its neighbours. */
static void fill_cpu(struct s390_cpu *cpu, uint8_t first)
{
	for (size_t i = 0; i <= offsetof(struct s390_cpu, mp_state); i++)
		((uint8_t *)cpu)[i] = (uint8_t)(first + i + i / 256);
}

static const struct s390_adapter adapters[] = { { 0, 1, 1, 0, 2, 1 },
	                                        { 9, 255, 1, 1, 255, 0 },
	                                        { 63, 7, 0, 1, 1, 0 } };

/* Every field differs from the others as far as the architecture lets it. */
static const struct subchannel subchannel = {
	.devno = 0x0102,
	.valid = true,
	.intparm = 0x03040506,
	.flags = 0x28d4,
	.mbi = 0x0708,
	.lpm = 0x09,
	.pnom = 0x0a,
	.lpum = 0x0b,
	.pom = 0x0c,
	.concurrent_sense = true,
	.ctrl = 0x580b4cc1,
	.cpa = 0x0d0e0f10,
	.dstat = 0x11,
	.cstat = 0x12,
	.count = 0x1314,
	.ecw_bytes = 32,
	.ecw = "fedcba9876543210FEDCBA987654321",
	.program = { .phase = CCW_COMMAND,
	             .key = 5,
	             .orb = 0x16,
	             .first = true,
	             .resume = true,
	             .data = true,
	             .begun = true,
	             .command = 0x17,
	             .flags = 0x18,
	             .count = 0x191a,
	             .address = 0x1b1c1d1e,
	             .moved = 0x1f202122,
	             .next = 0x23242526,
	             .dstat = 0x27,
	             .cstat = 0x28,
	             .sense = "0123456789abcdef0123456789ABCDE" },
};

static void fill_channel(struct channel_state *channel)
{
	channel->css = (struct css_state){
		.mss = true,
		.crw_unannounced = true,
		.crw_count = 2,
		.crw = { 0x83828180, 0x87868584 },
		.count = 3,
		.subchannels = { subchannel,
		                 { .devno = 7 },
		                 { .valid = true, .ctrl = 0x4020, .program.phase = CCW_SUSPENDED } },
	};
	channel->console = (struct con3215_state){ .attention = true, .len = 5, .typed = "a\nbcd" };
}
static const struct s390_route routes[] = {
	{ 0, 0, 0x1000, 32767, 0xffff8, 63, S390_IRQFD_NONE, 0 },
	{ 0x201, 9, 0x2345, 0x1234, 0xabcde, 0x56, S390_IRQFD_OFF, 0x0102030405060708 },
	{ 4095, 63, MEMORY - 1, 7, 0, 0, S390_IRQFD_ON, 1 },
};
static const struct s390_notify notifies[] = { { 0x01020304, 0x1112131415161718, 0x2122232425262728 },
	                                       { 0x01020304, 0, 0 } };

static struct channel_state *channel_of(const struct arch_state *state)
{
	return device_states_find(&state->devices, CSS_TAG, 0);
}

static struct sclp_state *sclp_of(const struct arch_state *state)
{
	return device_states_find(&state->devices, SCLP_TAG, 0);
}

static struct watchdog_state *watchdog_of(const struct arch_state *state)
{
	return device_states_find(&state->devices, WATCHDOG_TAG, 0);
}

static struct arch_state *build(void)
{
	struct arch_state *state = arch_codec->create();
	struct channel_state *channel = device_states_add(&state->devices, &css_section, 0);
	struct sclp_state *sclp = device_states_add(&state->devices, &sclp_section, 0);
	struct watchdog_state *watchdog = device_states_add(&state->devices, &watchdog_section, 0);

	state->cpus = calloc(VCPUS, sizeof(*state->cpus));
	state->cpu_count = VCPUS;
	for (unsigned i = 0; i < VCPUS; i++)
		fill_cpu(&state->cpus[i], (uint8_t)(100 * i + 1));
	state->cpus[0].irqs = copy_irqs(local, COUNT(local));
	state->cpus[0].irq_count = COUNT(local);
	state->floating = copy_irqs(floating, COUNT(floating));
	state->floating_count = COUNT(floating);
	memcpy(state->adapters, adapters, sizeof(adapters));
	state->adapter_count = COUNT(adapters);
	state->ais = (struct s390_ais){ 1, 0x5a, 0x18 };
	fill_channel(channel);
	state->routing.routes = malloc(sizeof(routes));
	memcpy(state->routing.routes, routes, sizeof(routes));
	state->routing.route_count = COUNT(routes);
	state->routing.notifies = malloc(sizeof(notifies));
	memcpy(state->routing.notifies, notifies, sizeof(notifies));
	state->routing.notify_count = COUNT(notifies);
	sclp->receive = 0x8182838485868788;
	sclp->mask_length = 0x0308;
	sclp->quiesce = true;
	sclp->line_mode = true;
	fifo_put(&sclp->ascii, (const uint8_t *)"ascii", 5);
	fifo_put(&sclp->line, (const uint8_t *)"a line\n", 7);
	sclp->waiting_count = 2;
	sclp->waiting[0] = 0x7ffffff8;
	sclp->waiting[1] = 0x12345678;
	watchdog->left = 15000000001;
	state->tod_epoch = 0x77;
	state->tod = 0xd7d6d5d4d3d2d1d0;
	state->key_count = MEMORY / 4096;
	state->keys = malloc(state->key_count);
	for (size_t i = 0; i < state->key_count; i++)
		state->keys[i] = (uint8_t)(i * 7);
	return state;
}

static void round_trip(struct snapshot *snap)
{
	struct arch_state *state = build(), *back = arch_codec->create();

	is(encode_state(state, snap, &err), 0, "encode");
	is(decode_state(back, snap, VCPUS, MEMORY, &err), 0, "decode");
	is(back->cpu_count, VCPUS, "both vCPUs");
	for (unsigned i = 0; i < VCPUS; i++)
		ok(!memcmp(&state->cpus[i], &back->cpus[i], offsetof(struct s390_cpu, mp_state) + 1),
		   "all registers of vCPU %u", i);
	is(back->cpus[0].irq_count, COUNT(local), "vCPU 0's interrupts");
	for (size_t i = 0; i < COUNT(local) && i < back->cpus[0].irq_count; i++)
		ok(!memcmp(&local[i], &back->cpus[0].irqs[i], sizeof(local[i])), "local, type %08x",
		   local[i].type);
	is(back->cpus[1].irq_count, 0, "none of vCPU 1");
	is(back->floating_count, COUNT(floating), "floating interrupts");
	for (size_t i = 0; i < COUNT(floating) && i < back->floating_count; i++)
		ok(!memcmp(&floating[i], &back->floating[i], sizeof(floating[i])), "floating, type %08x",
		   floating[i].type);
	is(back->adapter_count, COUNT(adapters), "the adapters");
	ok(!memcmp(back->adapters, adapters, sizeof(adapters)), "as they were");
	ok(!memcmp(&back->ais, &state->ais, sizeof(back->ais)), "suppression");
	ok(!memcmp(channel_of(back), channel_of(state), sizeof(struct channel_state)),
	   "channel subsystem and console");
	is(back->routing.route_count, COUNT(routes), "the routes");
	for (size_t i = 0; i < COUNT(routes) && i < back->routing.route_count; i++) {
		const struct s390_route *a = &routes[i], *b = &back->routing.routes[i];

		ok(a->gsi == b->gsi && a->adapter == b->adapter && a->indicator == b->indicator &&
		           a->indicator_bit == b->indicator_bit && a->summary == b->summary &&
		           a->summary_bit == b->summary_bit && a->irqfd == b->irqfd &&
		           a->signals == b->signals,
		   "route of GSI %u", a->gsi);
	}
	is(back->routing.notify_count, COUNT(notifies), "the notifications");
	for (size_t i = 0; i < COUNT(notifies) && i < back->routing.notify_count; i++)
		ok(notifies[i].subchannel == back->routing.notifies[i].subchannel &&
		           notifies[i].queue == back->routing.notifies[i].queue &&
		           notifies[i].count == back->routing.notifies[i].count,
		   "notification %zu", i);
	ok(!memcmp(sclp_of(back), sclp_of(state), sizeof(struct sclp_state)), "the SCLP");
	is(watchdog_of(back)->left, 15000000001, "the watchdog");
	ok(back->tod == state->tod && back->tod_epoch == 0x77, "the clock");
	ok(back->key_count == state->key_count && !memcmp(back->keys, state->keys, state->key_count),
	   "the storage keys");
	arch_codec->free(back);
	arch_codec->free(state);
}

static void pending(void)
{
	struct arch_state *state = build();
	unsigned count;
	char *text = pending_lines(state, VCPUS, &count);

	is(count, COUNT(local) + COUNT(floating) + 2, "all are pending");
	is(arch_codec->pending(state), count, "and are counted");
	is(lines(text), count, "a line each");
	has(text, "floating  I/O subchannel e1.1.e3e4 ISC 5 parameter 0xe5e6e7e8", "an I/O interrupt");
	has(text, "floating  I/O of an adapter ISC 4", "an adapter's interrupt");
	has(text, "eventfd   signal of GSI 4095 for adapter 63 (1x)", "a signal that is not KVM's yet");
	has(text, "floating  service signal, parameter f1f2f3f4", "a service signal");
	has(text, "floating  page fault completed, token 1112131415161718", "a completed page fault");
	has(text, "floating  virtio, parameter 0102030405060708", "virtio");
	has(text, "vCPU 0    stop, flags 1020304", "stop");
	has(text,
	    "vCPU 0    program interruption 5152, translation exception 1112131415161718, data exception "
	    "41424344",
	    "a program interruption");
	has(text, "vCPU 0    set prefix 07ffe000", "set prefix");
	has(text, "vCPU 0    restart", "restart");
	has(text, "vCPU 0    page fault started, token 9192939495969798", "a started page fault");
	has(text, "vCPU 0    machine check 00400f1d40330000", "a machine check");
	has(text, "vCPU 0    emergency signal from CPU 49602", "an emergency signal");
	has(text, "vCPU 0    external call from CPU 53714", "an external call");
	has(text, "vCPU 0    clock comparator", "the clock comparator");
	has(text, "vCPU 0    CPU timer", "the CPU timer");
	free(text);
	arch_codec->free(state);
	state = arch_codec->create();
	is(arch_codec->pending(state), 0, "nothing is pending in an empty state");
	state->routing.routes = calloc(1, sizeof(*state->routing.routes));
	state->routing.route_count = 1;
	state->routing.routes[0].signals = 1;
	is(arch_codec->pending(state), 1, "the first route's signal is");
	arch_codec->free(state);
}

/* Each interrupt of a scenario, as KVM has it, is found among those that are pending. */
static void counting(void)
{
	static const struct {
		struct word words[5];
		unsigned count;
		uint32_t type;
		unsigned number; /* of the state's that it is */
	} all[] = {
		{ { { NULL, "io" }, { "isc", "3" }, { "ssid", "1" }, { "schid", "7" }, { "parm", "9" } },
		  5,
		  0x00010007,
		  2 },
		{ { { NULL, "io" }, { "isc", "3" }, { "schid", "7" }, { "ssid", "1" }, { "parm", "10" } },
		  5,
		  0x00010007,
		  1 },
		{ { { NULL, "io" }, { "isc", "4" }, { "schid", "7" }, { "ssid", "1" }, { "parm", "9" } },
		  5,
		  0x00010007,
		  0 },
		{ { { NULL, "service" }, { "parm", "0x7000" } }, 2, S390_SERVICE, 1 },
		{ { { NULL, "service" }, { "parm", "0x7008" } }, 2, S390_SERVICE, 0 },
		{ { { NULL, "mchk" }, { "mcic", "5" }, { "cr14", "6" } }, 3, S390_MCHK, 1 },
		{ { { NULL, "mchk" }, { "mcic", "5" }, { "cr14", "6" }, { "cpu", "1" } }, 4, S390_MCHK, 0 },
		{ { { NULL, "mchk" }, { "mcic", "5" }, { "ext-damage-code", "4" } }, 3, S390_MCHK, 1 },
		{ { { NULL, "mchk" }, { "cpu", "1" }, { "mcic", "7" }, { "ext-damage-code", "4" } },
		  4,
		  S390_MCHK,
		  1 },
		{ { { NULL, "mchk" }, { "cpu", "1" }, { "mcic", "7" }, { "ext-damage-code", "3" } },
		  4,
		  S390_MCHK,
		  0 },
		{ { { NULL, "program" }, { "cpu", "1" }, { "code", "7" }, { "data-exc", "3" } },
		  4,
		  S390_PROGRAM,
		  1 },
		{ { { NULL, "program" }, { "cpu", "1" }, { "code", "7" }, { "data-exc", "4" } },
		  4,
		  S390_PROGRAM,
		  0 },
		{ { { NULL, "program" }, { "cpu", "1" }, { "code", "4" }, { "data-exc", "3" } },
		  4,
		  S390_PROGRAM,
		  0 },
		{ { { NULL, "emergency" }, { "from", "9" }, { "cpu", "1" } }, 3, S390_EMERGENCY, 1 },
		{ { { NULL, "emergency" }, { "from", "8" }, { "cpu", "1" } }, 3, S390_EMERGENCY, 0 },
		{ { { NULL, "emergency" }, { "from", "9" }, { "cpu", "0" } }, 3, S390_EMERGENCY, 0 },
		{ { { NULL, "emergency" }, { "from", "9" }, { "cpu", "7" } }, 3, S390_EMERGENCY, 0 },
		{ { { NULL, "extcall" }, { "from", "2" }, { "cpu", "1" } }, 3, S390_EXTERNAL_CALL, 1 },
		{ { { NULL, "restart" }, { "cpu", "1" } }, 2, S390_RESTART, 1 },
		{ { { NULL, "pfault-init" }, { "cpu", "1" }, { "parm", "3" } }, 3, S390_PFAULT_INIT, 1 },
		{ { { NULL, "pfault-init" }, { "cpu", "1" }, { "parm", "4" } }, 3, S390_PFAULT_INIT, 0 },
		{ { { NULL, "pfault-done" }, { "parm", "3" } }, 2, S390_PFAULT_DONE, 2 },
		{ { { NULL, "pfault-done" }, { "parm", "4" } }, 2, S390_PFAULT_DONE, 0 },
		{ { { NULL, "virtio" }, { "parm", "3" } }, 2, S390_VIRTIO, 1 },
		{ { { NULL, "airq" }, { "id", "8" }, { "isc", "3" } }, 3, S390_ADAPTER, 1 },
		{ { { NULL, "airq" }, { "id", "8" }, { "isc", "2" } }, 3, S390_ADAPTER, 0 },
	};
	static const struct s390_irq mine[] = {
		{ .type = S390_EMERGENCY, .source = 9 },
		{ .type = S390_EXTERNAL_CALL, .source = 2 },
		{ .type = S390_RESTART },
		{ .type = S390_CPU_TIMER },
		{ .type = S390_PFAULT_INIT, .ext = { 0, 3 } },
		{ .type = S390_MCHK, .mchk = { .mcic = 7, .ext_damage_code = 4 } },
		{ .type = S390_PROGRAM, .pgm = { .code = 7, .data_exc_code = 3 } },
	};
	static const struct s390_irq theirs[] = {
		{ .type = 0x00010007, .io = { 3, 7, 9, 3 << 27 } },
		{ .type = 0x00010007, .io = { 3, 7, 10, 3 << 27 } },
		{ .type = 0x00010007, .io = { 3, 7, 9, 3 << 27 } },
		{ .type = S390_SERVICE, .ext = { 0x7001, 0 } }, /* an event, too */
		{ .type = S390_MCHK, .mchk = { .mcic = 5, .cr14 = 6 } },
		{ .type = S390_PFAULT_DONE, .ext = { 0, 3 } },
		{ .type = S390_PFAULT_DONE, .ext = { 0, 3 } },
		{ .type = S390_VIRTIO, .ext = { 0, 3 } },
		{ .type = S390_ADAPTER, .io = { 0, 0, 0, 0x98000000 } },
	};
	struct arch_state *state = build();
	struct irq irq;

	free(state->floating);
	state->cpus[1].irqs = copy_irqs(mine, COUNT(mine));
	state->cpus[1].irq_count = COUNT(mine);
	state->floating = copy_irqs(theirs, COUNT(theirs));
	state->floating_count = COUNT(theirs);
	for (size_t i = 0; i < COUNT(all); i++) {
		const struct word *w = all[i].words;

		is(irq_parse(w, all[i].count, &irq, &err), 0, "%s %s=%s", w[0].text, w[1].key, w[1].text);
		is(irq_to_s390(&irq).type, all[i].type, "  its type");
		is(arch_state_count(state, &irq), all[i].number, "  so many are pending");
	}
	irq = irq_of_timer(ABI_TIMER_CPU, 1);
	is(arch_state_count(state, &irq), 0, "a timer is not in KVM's list but in its register: count.c");
	arch_codec->free(state);
}

/* One interrupt in the place of all others; does it pass? */
static bool passes(const struct s390_irq *irq, bool as_local)
{
	struct arch_state *state = build();
	struct snapshot snap;
	int rc;

	free(as_local ? state->cpus[1].irqs : state->floating);
	if (as_local) {
		state->cpus[1].irqs = copy_irqs(irq, 1);
		state->cpus[1].irq_count = 1;
	} else {
		state->floating = copy_irqs(irq, 1);
		state->floating_count = 1;
	}
	snap_init(&snap, "s390x");
	encode_state(state, &snap, &err);
	rc = decode_only(&snap);
	ok(!rc || rc == -EBADMSG, "  one way or the other");
	snap_free(&snap);
	arch_codec->free(state);
	return !rc;
}

/* An interrupt is local or floating; only a machine check can be either. */
static void places(void)
{
	static const uint32_t unknown[] = { S390_IO_MAX + 1 + 9, 0xfffe0006, 0xfffe1001, 0xffff1203,
		                            0xffffffff };

	for (size_t i = 0; i < COUNT(local); i++) {
		ok(passes(&local[i], true), "type %08x is taken as local", local[i].type);
		is(passes(&local[i], false), local[i].type == S390_MCHK, "type %08x as floating",
		   local[i].type);
	}
	for (size_t i = 0; i < COUNT(floating); i++) {
		ok(passes(&floating[i], false), "type %08x is taken as floating", floating[i].type);
		is(passes(&floating[i], true), floating[i].type == S390_MCHK, "type %08x as local",
		   floating[i].type);
	}
	for (size_t i = 0; i < COUNT(unknown); i++) {
		const struct s390_irq irq = { .type = unknown[i] };

		ok(!passes(&irq, true) && !passes(&irq, false), "type %08x is unknown", unknown[i]);
	}
}

/* Numbers of entries that cannot be. */
static void counts(const struct snapshot *good)
{
	static const uint32_t tries[] = {
		0, 1, COUNT(local) + 1, S390_LOCAL_MAX + 1, S390_FLOATING_MAX, UINT32_MAX
	};
	struct snapshot snap;
	unsigned wrong = 0;

	largest = 0;
	for (size_t i = 0; i < good->count; i++) {
		uint32_t tag = good->sections[i].tag;

		if (tag != SNAP_TAG('L', 'I', 'R', 'Q') && tag != SNAP_TAG('F', 'I', 'R', 'Q'))
			continue;
		if (good->sections[i].len == 4)
			continue;
		for (size_t k = 0; k < COUNT(tries); k++) {
			copy_sections(&snap, good, i, good->sections[i].len, false);
			for (int b = 0; b < 4; b++)
				snap.sections[i].bytes[b] = (uint8_t)(tries[k] >> 8 * (3 - b));
			wrong += decode_only(&snap) != -EBADMSG;
			snap_free(&snap);
		}
	}
	is(wrong, 0, "a list with a wrong number of entries is refused");
	ok(largest && largest < 1 << 20, "without a large allocation (%zu)", largest);
}

/* Adapters that cannot have been registered, modes that cannot have been set. */
static void wrong_adapters(void)
{
	for (int i = 0; i < 9; i++) {
		struct arch_state *state = build();
		struct snapshot snap;

		switch (i) {
		case 0: break; /* good */
		case 1: state->adapters[2].id = S390_ADAPTERS; break;
		case 2: state->adapters[2].id = 9; break;
		case 3: state->adapters[0].id = 10; break;
		case 4: state->adapters[1].maskable = 2; break;
		case 5: state->adapters[1].swap = 2; break;
		case 6: state->adapters[2].masked = 1; break;
		case 7: state->ais.offered = 2; break;
		case 8: state->ais.offered = 0; break;
		}
		snap_init(&snap, "s390x");
		encode_state(state, &snap, &err);
		is(decode_only(&snap), i ? -EBADMSG : 0, "adapters, try %d", i);
		snap_free(&snap);
		arch_codec->free(state);
	}
}

/* What a subchannel says of its program, and what it is, must agree; nothing is longer than there is room. */
static void wrong_channel(void)
{
	static const struct subchannel wrong[] = {
		{ .valid = true, .program.phase = CCW_COMMAND },
		{ .valid = true, .ctrl = 0x40c0 },
		{ .valid = true, .ctrl = 0x40c0, .program.phase = CCW_SUSPENDED },
		{ .valid = true, .ctrl = 0x00c0, .program.phase = CCW_COMMAND },
		{ .valid = true, .ctrl = 0x4002 },
		{ .valid = true, .flags = 0x8000 },
		{ .valid = true, .ecw_bytes = 33 },
		{ .valid = true, .program.phase = CCW_PHASES },
		{ .valid = true, .program.key = 16 },
		{ .valid = true, .program.orb = CCW_ORB_ALL + 1 },
		{ .ctrl = 0x1001 },
		{ .flags = 0x80 },
	};

	for (size_t i = 0; i <= COUNT(wrong) + 3; i++) {
		struct arch_state *state = build();
		struct snapshot snap;

		snap_init(&snap, "s390x");
		if (i < COUNT(wrong))
			channel_of(state)->css.subchannels[2] = wrong[i];
		else if (i == COUNT(wrong))
			channel_of(state)->console.typed[1] = ' '; /* attention, and no line */
		else if (i == COUNT(wrong) + 1)
			channel_of(state)->css.crw_count = CSS_CRWS;
		else if (i == COUNT(wrong) + 2)
			channel_of(state)->css.count = CSS_SUBCHANNELS;
		encode_state(state, &snap, &err);
		is(decode_only(&snap), i > COUNT(wrong) ? 0 : -EBADMSG, "channel subsystem %zu", i);
		snap_free(&snap);
		arch_codec->free(state);
	}
}

/* Routes that KVM must not be given, irqfds and notifications that cannot have been. */
static void wrong_routes(void)
{
	for (int i = 0; i < 13; i++) {
		struct arch_state *state = build();
		struct snapshot snap;

		switch (i) {
		case 0: break; /* good */
		case 1: state->routing.routes[2].gsi = S390_GSIS; break;
		case 2: state->routing.routes[1].gsi = 0; break;
		case 3: state->routing.routes[1].adapter = 1; break;
		case 4: state->routing.routes[0].indicator = MEMORY; break;
		case 5: state->routing.routes[0].indicator_bit = 32768; break;
		case 6: state->routing.routes[0].summary = UINT64_MAX; break;
		case 7: state->routing.routes[0].summary_bit = 64; break;
		case 8: state->routing.routes[0].irqfd = 3; break;
		case 9: state->routing.routes[0].signals = 1; break;
		case 10: state->routing.routes[1].signals = UINT64_MAX; break;
		case 11: state->routing.notifies[0].count = UINT64_MAX; break;
		case 12: state->routing.notifies[1].queue = state->routing.notifies[0].queue; break;
		}
		snap_init(&snap, "s390x");
		encode_state(state, &snap, &err);
		is(decode_only(&snap), i ? -EBADMSG : 0, "routes, try %d", i);
		snap_free(&snap);
		arch_codec->free(state);
	}
}

/* A signal that KVM has not had yet is an interrupt of the route's adapter. */
static void signalled(void)
{
	static const struct word four[] = { { NULL, "irqfd" }, { "gsi", "0x201" }, { "isc", "255" } },
				 seven[] = { { NULL, "irqfd" }, { "gsi", "4095" }, { "isc", "7" } },
				 one[] = { { NULL, "irqfd" }, { "gsi", "0" }, { "isc", "1" } };
	struct arch_state *state = build();
	struct irq irq;

	irq_parse(four, 3, &irq, &err);
	is(arch_state_count(state, &irq), 1, "signalled many times: one interrupt");
	irq_parse(seven, 3, &irq, &err);
	is(arch_state_count(state, &irq), 1, "signalled once: one interrupt");
	irq_parse(one, 3, &irq, &err);
	is(arch_state_count(state, &irq), 0, "not signalled: none");
	arch_codec->free(state);
}

static void keys(const struct snapshot *good)
{
	struct arch_state *state = arch_codec->create();

	is(decode_state(state, good, VCPUS, MEMORY + 4096, &err), -EBADMSG, "keys for less memory");
	has(err.text, "SKEY", "are named");
	arch_codec->free(state);
	state = arch_codec->create();
	is(decode_state(state, good, VCPUS + 1, MEMORY, &err), -EBADMSG, "too few vCPUs");
	has(err.text, "section CPU 2", "the one that is missing is named");
	arch_codec->free(state);
}

/* With an argument: writes the good state to that file. */
int main(int argc, char **argv)
{
	struct snapshot snap;

	allocation_watch();
	snap_init(&snap, "s390x");
	round_trip(&snap);
	if (argc > 1) {
		int rc = write_seed(&snap, argv[1]);

		snap_free(&snap);
		return rc;
	}
	check_sections(&snap,
	               (const uint32_t[]){ S390_TAG_KEYS, SCLP_WAITING_TAG, SCLP_LINE_TAG, WATCHDOG_TAG, 0 });
	counts(&snap);
	keys(&snap);
	wrong_adapters();
	wrong_channel();
	wrong_routes();
	signalled();
	snap_free(&snap);
	pending();
	counting();
	places();
	return tap_done();
}
