/* SPDX-License-Identifier: BSD-2-Clause */
/* count.c: the signals in eventfds, counted, added and taken away. */
#include <errno.h>
#include <stdlib.h>

#include "arch/s390x/snapshot/codec.h"
#include "tests/unit/tap.h"
#include "tests/unit/words.h"
#include "vmm/snapshot/codec.h"

static struct error err;

/* A timer of vCPU 1 that was set to come within 1000 us. */
static enum timer_state timer(uint64_t type, uint64_t value, uint64_t tod)
{
	struct arch_state *state = arch_codec->create();
	struct irq irq = irq_of_timer(type, 1);
	enum timer_state is;

	state->cpus = calloc(2, sizeof(*state->cpus));
	state->cpu_count = 2;
	state->cpus[0].reg[S390_REG_CLOCK_COMP] = state->cpus[0].reg[S390_REG_CPU_TIMER] = INT64_MAX;
	state->cpus[1].reg[type == ABI_TIMER_CPU ? S390_REG_CPU_TIMER : S390_REG_CLOCK_COMP] = value;
	state->tod = tod;
	is = arch_state_timer(state, &irq, 1000);
	arch_codec->free(state);
	return is;
}

static void timers(void)
{
	enum { US = 4096 };
	struct arch_state *none = arch_codec->create();
	struct irq io = irq_of("io isc=3 schid=1"), clock = irq_of_timer(ABI_TIMER_CLOCK, 1);

	is(arch_state_timer(none, &io, 0), TIMER_NONE, "an I/O interrupt is no timer");
	is(arch_state_timer(none, &clock, 0), TIMER_OFF, "a vCPU that is not there has none");
	arch_codec->free(none);
	is(timer(ABI_TIMER_CLOCK, 7, 8), TIMER_DUE, "the clock has passed the comparator");
	is(timer(ABI_TIMER_CLOCK, 8, 8), TIMER_ARMED, "not when they are equal");
	is(timer(ABI_TIMER_CLOCK, 1000 * US, 0), TIMER_ARMED, "it will come in its time");
	is(timer(ABI_TIMER_CLOCK, (1000 + TIMER_SLACK) * (uint64_t)US, 0), TIMER_ARMED, "or a little later");
	is(timer(ABI_TIMER_CLOCK, (1001 + TIMER_SLACK) * (uint64_t)US, 0), TIMER_OFF, "it will not");
	is(timer(ABI_TIMER_CLOCK, UINT64_MAX, 1), TIMER_OFF, "nor ever");
	is(timer(ABI_TIMER_CPU, UINT64_MAX, 0), TIMER_DUE, "the CPU timer is negative");
	is(timer(ABI_TIMER_CPU, 0, UINT64_MAX), TIMER_ARMED, "not when it is 0");
	is(timer(ABI_TIMER_CPU, 1000 * US, 0), TIMER_ARMED, "it will come in its time");
	is(timer(ABI_TIMER_CPU, INT64_MAX, 0), TIMER_OFF, "it will not");
}

int main(void)
{
	static const struct s390_route routes[] = { { .gsi = 7, .adapter = 3, .irqfd = S390_IRQFD_ON },
		                                    { .gsi = 8, .adapter = 3 } };
	struct irq signal = irq_of("irqfd gsi=7 isc=2"), adapter = irq_of("airq id=3 isc=2"),
		   none = irq_of("irqfd gsi=8 isc=2"), nowhere = irq_of("irqfd gsi=9 isc=2");
	struct arch_state *state = arch_codec->create();

	state->routing.routes = malloc(sizeof(routes));
	memcpy(state->routing.routes, routes, sizeof(routes));
	state->routing.route_count = 2;
	state->adapters[0] = (struct s390_adapter){ .id = 3, .isc = 2 };
	state->adapter_count = 1;
	is(arch_state_count(state, &signal), 0, "nothing is signalled");
	is(arch_state_add(state, &signal, &err), 0, "a signal is added");
	ok(state->routing.routes[0].signals == 1 && !state->floating_count, "and is in the eventfd");
	is(arch_state_count(state, &signal), 1, "it is one interrupt");
	is(arch_state_add(state, &signal, &err), 0, "so are two");
	is(arch_state_count(state, &signal), 1, "of one irqfd");
	is(arch_state_add(state, &adapter, &err), 0, "another is pending by itself");
	is(arch_state_count(state, &adapter), 2, "which makes two");
	is(arch_state_add(state, &none, &err), -EOPNOTSUPP, "a GSI without an irqfd");
	has(err.text, "GSI 8 has no irqfd", "is said");
	is(arch_state_add(state, &nowhere, &err), -EOPNOTSUPP, "one without a route");
	is(arch_state_drop(state, &signal, &err), 0, "one goes away");
	is(arch_state_drop(state, &signal, &err), 0, "and the other");
	is(arch_state_drop(state, &signal, &err), -ENOENT, "then there is none");
	arch_codec->free(state);
	timers();
	return tap_done();
}
