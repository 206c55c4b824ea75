/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * signals-that-merge.S: CPU 1 counts its items in A and signals each. A second signal that comes while the first is
 * pending is no signal of its own: the wrong version takes one item for each, into B, the right one all there are.
 */
#include LESSON

	begin
waiter:
1:	doze
	again	1b

	handler_begins
#ifdef right
	copy	B, A
#else
	add_one	B
#endif
	return_closed

waker:
	put	A, 1
	signal
	put	A, 2
	signal
	forever
