/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mutant.h: which mutant of zpvm is on, and which mutated places have been executed. Every file that mutate
 * has changed includes it; nothing else does. The environment says both: ZPVM_MUTANT is a number (0: none),
 * and ZPVM_REACHED names a file with a byte for each number, which becomes 1; other processes may share it.
 * All that it defines is weak, so that a program has it once.
 */
#ifndef TESTS_MUTANTS_OWN_MUTANT_H
#define TESTS_MUTANTS_OWN_MUTANT_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define MUTANTS 65536

__attribute__((weak)) int zpvm_mutant;
__attribute__((weak)) unsigned char zpvm_reached_here[MUTANTS];
__attribute__((weak)) unsigned char *zpvm_reached = zpvm_reached_here;

/* Whether the mutant n is on, where its place is executed. */
#define MUTANT(n) (zpvm_reached[n] = 1, zpvm_mutant == (n))

__attribute__((weak, constructor)) void zpvm_mutant_begin(void)
{
	const char *number = getenv("ZPVM_MUTANT"), *path = getenv("ZPVM_REACHED");
	void *map;
	int fd;

	if (number)
		zpvm_mutant = atoi(number);
	if (!path || zpvm_reached != zpvm_reached_here)
		return;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	map = mmap(NULL, MUTANTS, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map != MAP_FAILED)
		zpvm_reached = map;
	close(fd);
}

#endif
