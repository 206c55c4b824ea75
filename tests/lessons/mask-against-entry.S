/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mask-against-entry.S: a queue whose consumer, CPU 0, asks for signals (C) when it has found it empty, as virtio's
 * drivers do; the producer, CPU 1, puts an entry into it (A) and signals if it is asked to. The wrong version sleeps
 * then, though an entry may have come just before it asked; the right one looks again.
 */
#include LESSON

	begin
waiter:
1:	if_set	A, 2f
	put	C, 1
#ifdef right
	fence
	if_set	A, 2f
#endif
	doze
	again	1b
2:	put	B, 1
	forever

	handler_begins
	return_closed

waker:
	put	A, 1
	fence
	if_set	C, 1f
	forever
1:	signal
	forever
