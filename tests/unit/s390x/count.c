/* SPDX-License-Identifier: BSD-2-Clause */
/* count.c: the signals in eventfds, counted, added and taken away. */
#include <errno.h>
#include <stdlib.h>

#include "arch/s390x/codec.h"
#include "tests/unit/tap.h"
#include "tests/unit/words.h"
#include "vmm/arch_state.h"

static struct error err;

int main(void)
{
	static const struct s390_route routes[] = { { .gsi = 7, .adapter = 3, .irqfd = S390_IRQFD_ON },
		                                    { .gsi = 8, .adapter = 3 } };
	struct irq signal = irq_of("irqfd gsi=7 isc=2"), adapter = irq_of("airq id=3 isc=2"),
		   none = irq_of("irqfd gsi=8 isc=2"), nowhere = irq_of("irqfd gsi=9 isc=2");
	struct arch_state *state = arch_codec->create();

	state->routes = malloc(sizeof(routes));
	memcpy(state->routes, routes, sizeof(routes));
	state->route_count = 2;
	state->adapters[0] = (struct s390_adapter){ .id = 3, .isc = 2 };
	state->adapter_count = 1;
	is(arch_state_count(state, &signal), 0, "nothing is signalled");
	is(arch_state_add(state, &signal, &err), 0, "a signal is added");
	ok(state->routes[0].signals == 1 && !state->floating_count, "and is in the eventfd");
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
	return tap_done();
}
