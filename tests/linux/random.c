// SPDX-License-Identifier: BSD-2-Clause
/* random.c: random FILE SECONDS: a program of the Linux guest. Prints how many blocks of 4 KiB per second it
 * reads from FILE, each from a random place, one after the other and past the page cache. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 4096

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	static char block[BLOCK] __attribute__((aligned(BLOCK)));
	int fd = argc == 3 ? open(argv[1], O_RDONLY | O_DIRECT) : -1;
	off_t blocks = fd < 0 ? 0 : lseek(fd, 0, SEEK_END) / BLOCK;
	double begin = now(), end = begin;
	unsigned long reads = 0;

	if (!blocks) {
		fprintf(stderr, "usage: random FILE SECONDS; FILE has blocks of 4 KiB\n");
		return 2;
	}
	for (; end - begin < atof(argv[2]); end = now(), reads++)
		if (pread(fd, block, BLOCK, random() % blocks * BLOCK) != BLOCK) {
			perror(argv[1]);
			return 1;
		}
	printf("%.0f\n", (double)reads / (end - begin));
	return 0;
}
