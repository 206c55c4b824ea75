/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * api_late.c: what is triggered on power9 while a save is under way. The steps
 * of the save are data, so the test can come between them. TAP; argv[1] is the
 * test guest.
 */
#include "api.h"

static int command(struct vm *vm, uint32_t what, uint64_t a, uint64_t b, uint64_t c)
{
	const uint64_t arg[ABI_ARGS] = { a, b, c };
	struct error err;
	unsigned which;

	if (checkpoint_command(vm, 0, what, arg, &err))
		return -1;
	vm_resume(vm);
	return vm_wait(vm, 0, 20000, &which) || checkpoint_cpu_state(vm, 0) != CPU_READY;
}

/* A source is triggered, and an irqfd signalled, when the save has stopped both: they come afterwards, once.
 */
static void test_late_trigger(const char *irqchip)
{
	static const struct word source[] = { { NULL, "source" }, { NULL, "0x1000" } },
				 fd[] = { { NULL, "irqfd" }, { "gsi", "0x1001" } },
				 on[] = { { NULL, "irqfd" }, fd[1] };
	struct arch_state *state = arch_codec->create();
	struct vm_config c = config(arch_info.ram_min, 1);
	struct irq late, signal;
	struct irqchip_op op;
	struct error err = { .text = "" };
	struct vm vm;
	unsigned done;
	int rc;

	c.irqchip = irqchip;
	arch_codec->room(state, 1);
	rc = irq_parse(source, 2, &late, &err) || irq_parse(fd, 2, &signal, &err) ||
	     irqchip_parse(on, 2, &op, &err) || start(&vm, &c, &err);
	if (rc || command(&vm, ABI_CMD_ROUTE, 0x1000, 0, 5) || command(&vm, ABI_CMD_ROUTE, 0x1001, 0, 5) ||
	    vm_pause(&vm, &err) || arch_irqchip(&vm, &op, &err)) {
		ok(false, "a guest with sources (%s)", err.text);
		return;
	}
	for (const struct state_step *s = arch_save_steps; s->name && !rc; s++) {
		if (s->run == STATE_STEP_RAM && !s->each)
			rc = arch_inject(&vm, &late, 1, &done, &err) ||
			     arch_inject(&vm, &signal, 1, &done, &err);
		else
			rc = state_step_run(s, &vm, state, &err);
	}
	is(rc, 0, "%s: a save, a source triggered and an irqfd signalled in the middle of it (%s)", irqchip,
	   err.text);
	is(arch_codec->pending(state), 0, "the state that was saved has neither");
	is(checkpoint_shared(&vm)->taken, 0, "the guest has taken neither");
	is(command(&vm, ABI_CMD_ENABLE, 0, 0, 0), 0, "it goes on");
	is(checkpoint_shared(&vm)->taken, 2, "... and takes each once");
	is(command(&vm, ABI_CMD_ENABLE, 0, 0, 0), 0, "it opens its interrupts again");
	is(checkpoint_shared(&vm)->taken, 2, "... and no more come");
	arch_codec->free(state);
	vm_destroy(&vm);
}

int main(int argc, char **argv)
{
	if (api_begin(argc, argv))
		return 1;
	if (!skipped_for_pages("xive: what comes in the middle of a save"))
		test_late_trigger("xive");
	test_late_trigger("xics");
	return api_end();
}
