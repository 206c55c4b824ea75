/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * eoi-against-trigger.S: CPU 1 is a device that counts its items in A and triggers after each; what it triggers before the
 * handler has ended its interrupt (XICS: empties the slot of the IPI, and H_EOI; s390x: turns the adapter's indicator off)
 * is no interrupt of its own. The wrong handler looks at its device, and ends the interrupt then: an item that came in
 * between stays there until the next one. The right handler ends it before it looks.
 */
#include LESSON

	begin
waiter:
1:	doze
	again	1b

	handler_takes
#ifdef right
	end_interrupt
	fence
	copy	B, A
#else
	copy	B, A
	end_interrupt
#endif
	return_closed

waker:
	put	A, 1
	trigger
second:
	put	A, 2
	trigger
	forever
