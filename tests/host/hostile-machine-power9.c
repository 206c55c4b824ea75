/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hostile-machine-power9.c: see hostile.h: hypercalls and RTAS calls with any arguments, from the test guest
 * (guest/power9/fuzz.c); and loads and stores of every size at the edges of the interrupt controller's pages,
 * of the devices and of RAM. Wild: what those leave out, and queue pages, areas and buffers in this program.
 */
#include "arch/power9/platform.h"
#include "guest/guest.h"
#include "guest/power9/cpu.h"
#include "hostile.h"

/* Loads and stores (Power ISA Book I, ch. 3): D and X forms with target 4, base 5, index 6. */
static const uint32_t accesses[] = {
	0x88850000, /* lbz */ 0xa0850000,    /* lhz */ 0x80850000,    /* lwz */ 0xe8850000,    /* ld */
	0x98850000, /* stb */ 0xb0850000,    /* sth */ 0x90850000,    /* stw */ 0xf8850000,    /* std */
	0xa8850000, /* lha */ 0xe8850002,    /* lwa */ 0x8c850000,    /* lbzu */ 0x9c850000,   /* stbu */
	0x7c85362c, /* lhbrx */ 0x7c85342c,  /* lwbrx */ 0x7c853428,  /* ldbrx */ 0x7c85372c,  /* sthbrx */
	0x7c85352c, /* stwbrx */ 0x7c853528, /* stdbrx */ 0xe0c50000, /* lq */ 0xf8c50002,     /* stq */
	0x7c853028, /* lwarx */ 0x7c8530a8,  /* ldarx */ 0x7c85312d,  /* stwcx. */ 0x7c8531ad, /* stdcx. */
	0x7c0537ec, /* dcbz */ 0x7c0530ac,   /* dcbf */ 0x7c853634,   /* lhzcix */ 0x7c8536b4, /* lbzcix */
	0x7c8536f4, /* ldcix */ 0x7c8537f4,  /* stdcix */ 0x7c853774, /* sthcix */ 0x7c8534aa, /* lswi */
	0x7c8535aa, /* stswi */ 0xb8a50000,  /* lmw */ 0xbfc50000,    /* stmw */ 0xc8250000,   /* lfd */
	0xd8250000, /* stfd */ 0x7c2536ee, /* lxvw4x-like, or not there */
};

/* In the windows of devices that answer every access; wild: at their edges, too, and anywhere. */
static uint64_t place(int wild)
{
	uint64_t in = once_in(3) ? below(0x1000) : below(8) << (8 + below(5));
	uint64_t page = below(wild ? 40 : 8);

	switch (below(wild ? 9 : 4)) {
	case 0: return P9_TIMA + (wild ? below(4) : 2) * 0x10000 + in; /* KVM maps the third page alone */
	case 1:
		/* Only the IPIs of vCPUs: what lies between them and the message sources is not there. */
		return P9_ESB + (wild ? page * 0x10000 : below(2) * 0x10000) + (in & 0xffff);
	case 2: return P9_ESB + (2 * P9_MSI_BASE + page) * 0x10000 + (in & 0xffff);
	case 3: return SANDBOX + below(SANDBOX_BYTES - 0x100);
	case 4: return RAM_BYTES - 20 + below(40);
	case 5: return P9_PCI + below(DEVICES + 2) * 0x10000 + in;
	case 6: return P9_PCI + (once_in(2) ? P9_PCI_SIZE - 20 + below(40) : 0) - below(20);
	case 7: return P9_LEVEL - 8 + below(80);
	default: return any() & (once_in(2) ? ~0ull : 0x7ffffffffffff);
	}
}

static void access_memory(int wild)
{
	struct abi_mailbox m = { 0 };
	struct abi_order order;
	uint64_t result[ABI_RESULTS];

	for (int i = 0; i < 16; i++)
		order.reg[i] = any();
	order.reg[5] = place(wild);
	order.reg[6] = 0;
	if (!once_in(6))
		order.reg[5] &= ~7ull << below(2);
	m.arg[0] = (uint64_t)accesses[below(sizeof(accesses) / sizeof(accesses[0]))] << 32;
	m.arg[1] = 4;
	arch_instruction(&m, &order, result);
}

/* What fuzz() would not give away, or would not do. */
static void wild_call(void)
{
	static const uint16_t numbers[] = { 0x24,  0x2c,  0xdc,  0xe0,  0xe4,   0xe8,  0x31c,
		                            0x37c, 0x3ac, 0x3b8, 0x3b8, 0xf000, 0xf100 };
	uint64_t in[5], out[4], at = below(0x80) << 12;
	uint32_t *words = (uint32_t *)(SANDBOX + (below(SANDBOX_BYTES - 0x100) & ~3u));
	uint64_t number = once_in(9) ? below(0x500) : numbers[below(sizeof(numbers) / 2)];

	if (once_in(3))
		at = once_in(2) ? RAM_BYTES - (below(3) << 16) : hostile_address();
	for (int i = 0; i < 5; i++)
		in[i] = once_in(3) ? any() : below(9);
	switch (number) {
	case 0xdc: /* VPA, dispatch trace log, SLB shadow */
		in[0] = (uint64_t)below(8) << 45;
		in[2] = at;
		break;
	case 0x3b8: /* event queue */
		in[0] = below(2);
		in[3] = once_in(2) ? at & ~0xffffull : at;
		in[4] = once_in(4) ? below(20) : 16;
		break;
	case 0xf000:
		for (int i = 0; i < 20; i++)
			words[i] = __builtin_bswap32(i < 3        ? below(26)
			                             : once_in(3) ? (uint32_t)any()
			                                          : below(100));
		in[0] = once_in(3) ? at : (uint64_t)words;
		break;
	case 0x2c:
		in[0] = below(4) << 14;
		in[1] = at & ~0xfffull;
		in[2] = once_in(2) ? 0 : hostile_address() & ~0xfffull;
		break;
	default: break;
	}
	hcall(number, in, out);
}

void machine_nonsense(unsigned cpu, uint64_t count, int wild)
{
	for (uint64_t done = 0; done < count; done++) {
		if (wild && once_in(2))
			wild_call();
		else if (once_in(40))
			done += fuzz(any(), below(100));
		else
			access_memory(wild);
	}
	(void)cpu;
}
