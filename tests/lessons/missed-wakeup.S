/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * missed-wakeup.S: CPU 0 waits until CPU 1 has set A, and then sets B. The wrong version looks at A with interrupts
 * open: a signal that comes between its look and its sleep is taken too early, and nobody wakes it again. The right
 * one keeps them closed until it sleeps.
 */
#include LESSON

	begin
waiter:
#ifndef right
	open
#endif
1:	if_set	A, 2f
	doze
	again	1b
2:	put	B, 1
	forever

	handler_begins
#ifdef right
	return_closed
#else
	return_open
#endif

waker:
	put	A, 1
	signal
	forever
