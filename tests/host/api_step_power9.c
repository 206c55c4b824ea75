/* SPDX-License-Identifier: BSD-2-Clause */
/* api_step_power9.c */
#include "api.h"
#include "vmm/debug/arch_debug.h"

static struct error err;

int main(int argc, char **argv)
{
	struct vm_config c;
	struct vm vm;
	static const uint64_t arg[ABI_ARGS];
	struct step_limit limit = { .instructions = 100, .ms = 5000 };
	struct step_result result;

	if (api_begin(argc, argv))
		return 1;
	c = config(arch_info.ram_min, 1);
	if (start(&vm, &c, &err) || vm_pause(&vm, &err) ||
	    checkpoint_command(&vm, 0, ABI_CMD_ENABLE, arg, &err)) {
		printf("# %s\n", err.text);
		return 1;
	}
	for (int i = 0; i < 400; i++) {
		limit.instructions = 1;
		int rc = single_step(&vm.vcpus[0], &limit, &result, &err);
		uint64_t r3 = 0, msr = 0;
		arch_register(&vm.vcpus[0], "r3", &r3, &err);
		arch_register(&vm.vcpus[0], "msr", &msr, &err);
		printf("# %d: rc %d n %d last %d pc %lx r3 %lx msr %lx %s\n", i, rc, (int)result.instructions,
		       result.last, (long)result.pc, (long)r3, (long)msr, rc ? err.text : "");
		if (rc || result.last != STEPPED_INSTRUCTION)
			break;
	}
	vm_destroy(&vm);
	return api_end();
}
