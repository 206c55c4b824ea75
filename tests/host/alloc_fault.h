/* SPDX-License-Identifier: BSD-2-Clause */
/* alloc_fault.h: what faults.c and the allocations of the program under test share, in a file. */
#ifndef TESTS_HOST_ALLOC_FAULT_H
#define TESTS_HOST_ALLOC_FAULT_H

#include <stdint.h>

#define ALLOC_FAULT "ALLOC_FAULT" /* the environment variable that names the file */

struct alloc_fault {
	uint32_t nth;   /* the allocation that fails; 0: none */
	uint32_t count; /* of those that there were */
	uint32_t fired;
	uint64_t caller; /* whose allocation failed */
};

#endif
