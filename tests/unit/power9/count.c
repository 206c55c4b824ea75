/* SPDX-License-Identifier: BSD-2-Clause */
/* count.c: the signals in eventfds, counted, added and taken away. */
#include <errno.h>
#include <stdlib.h>

#include "arch/power9/codec.h"
#include "tests/unit/tap.h"
#include "tests/unit/words.h"
#include "vmm/arch_state.h"

static struct error err;

int main(void)
{
	struct irq signal = irq_of("irqfd gsi=0x1000"), trigger = irq_of("source 0x1000"),
		   none = irq_of("irqfd gsi=0x1001"), nowhere = irq_of("irqfd gsi=0x2000");
	struct arch_state *state = arch_codec->create();

	state->sources = calloc(2, sizeof(*state->sources));
	state->sources[0].lisn = 0x1000;
	state->sources[1].lisn = 0x1001;
	state->source_count = 2;
	state->lines = calloc(1, sizeof(*state->lines));
	state->lines[0] = (struct p9_line){ .source = 0x1000, .on = true };
	state->line_count = 1;
	is(arch_state_count(state, &signal), 0, "nothing is signalled");
	is(arch_state_add(state, &signal, &err), 0, "a signal is added");
	ok(state->lines[0].count == 1 && !state->sources[0].pending, "and is in the eventfd");
	is(arch_state_count(state, &signal), 1, "it is due");
	is(arch_state_add(state, &trigger, &err), 0, "the source is triggered besides");
	is(arch_state_count(state, &trigger), 2, "which makes two");
	is(arch_state_add(state, &signal, &err), -EEXIST, "a third would merge with one of them");
	is(arch_state_add(state, &none, &err), -EOPNOTSUPP, "a source without an irqfd");
	has(err.text, "source 0x1001 has no irqfd", "is said");
	is(arch_state_add(state, &nowhere, &err), -EOPNOTSUPP, "one that there is not");
	is(arch_state_drop(state, &signal, &err), 0, "one goes away");
	ok(!state->lines[0].count, "the signal first");
	is(arch_state_drop(state, &signal, &err), 0, "and the other");
	is(arch_state_drop(state, &signal, &err), -ENOENT, "then there is none");
	arch_codec->free(state);
	return tap_done();
}
