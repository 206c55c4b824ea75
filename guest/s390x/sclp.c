/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sclp.c: the console, by way of the service-call logical processor. SERVICE
 * CALL hands over a control block (SCCB) and is answered twice: at once by a
 * response code in the block, and later by a service signal, an external
 * interruption that names the block. (Not in the Principles of Operation; as
 * Linux has it in drivers/s390/char/sclp.h.)
 *
 * The signal is floating and there is one of it: any vCPU may take it, and
 * while one with a block's address is pending KVM drops a second. It must
 * neither show up in the log, which is the VMM's, nor push out one that does
 * belong there. So after each SERVICE CALL only the service signal is opened,
 * until one with a block's address has come. If that is ours, nobody hears of
 * it. If not, the VMM's was pending before: it is logged as ever, and ours is
 * the one that was dropped. An event without a block's address does not count.
 */
#include "guest.h"
#include "s390x/lowcore.h"

#define SCLP_WRITE_EVENT_DATA 0x00760005
#define SCLP_BUSY             2          /* condition code */
#define SCLP_NORMAL           0x0020     /* response code */
#define SCLP_VT220            0x1a       /* event type: ASCII text */
#define SCLP_PARM_SCCB        0xfffffff8 /* of the service signal's parameter; the rest announces events */

/* Below 2G, on a doubleword and within a page: its alignment is its size. */
static struct {
	uint16_t length;
	uint8_t function;
	uint8_t control[3];
	uint16_t response;
	struct {
		uint16_t length;
		uint8_t type;
		uint8_t flags;
		uint16_t reserved;
		char text[242];
	} event;
} __attribute__((aligned(256))) sccb;
_Static_assert(sizeof(sccb) == 256, "SCCB");
_Static_assert(sizeof(((struct line *)0)->text) <= sizeof(sccb.event.text), "a line fits");

static uint32_t answered;

int sclp_service_signal(uint32_t parm)
{
	if (parm & SCLP_PARM_SCCB)
		__atomic_store_n(&answered, 1, __ATOMIC_RELEASE);
	return parm == (uint32_t)(uint64_t)&sccb;
}

static unsigned int service_call(uint32_t command)
{
	unsigned int cc;

	asm volatile(".insn	rre,0xb2200000,%[command],%[sccb]\n"
	             "	ipm	%[cc]\n"
	             "	srl	%[cc],28"
	             : [cc] "=d"(cc)
	             : [command] "d"(command), [sccb] "d"(&sccb)
	             : "cc", "memory");
	return cc;
}

/* Spins, for another vCPU may take the signal, and nobody would wake this one. */
static void service_signal_await(void)
{
	uint64_t cr0 = cr0_store();

	cr0_load(CR0_SERVICE);
	psw_switch(PSW_64 | PSW_EXT);
	while (!__atomic_load_n(&answered, __ATOMIC_ACQUIRE))
		;
	psw_switch(PSW_CLOSED);
	cr0_load(cr0);
}

void arch_write(const char *text, unsigned int length)
{
	unsigned int i, cc;

	sccb.function = 0;
	sccb.response = 0;
	sccb.event.type = SCLP_VT220;
	sccb.event.flags = 0;
	sccb.event.length = (uint16_t)(offsetof(__typeof__(sccb.event), text) + length);
	sccb.length = (uint16_t)(offsetof(__typeof__(sccb), event) + sccb.event.length);
	for (i = 0; i < length; i++)
		sccb.event.text[i] = text[i];

	__atomic_store_n(&answered, 0, __ATOMIC_RELEASE);
	do
		cc = service_call(SCLP_WRITE_EVENT_DATA);
	while (cc == SCLP_BUSY);
	/* Nobody will read this; the second try to say it ends the VM. */
	if (cc || sccb.response != SCLP_NORMAL)
		crash("SCLP: condition code %u, response 0x%04x", cc, sccb.response);
	/* A crash may have come out of a handler: it must not let another in. */
	if (!crashing)
		service_signal_await();
}
