// SPDX-License-Identifier: BSD-2-Clause
/*
 * disklog DISK: copies its standard input to a disk, to be read while it grows
 * by whoever has the disk's image. Runs inside the emulated s390x host, whose
 * console loses lines. The reader is watch.py.
 *
 * The disk: one block whose first eight bytes are how many bytes there are so
 * far, big-endian; then these bytes. O_SYNC, so that a write() that has
 * returned is in the image, even if the host dies next; and the count follows
 * the bytes, so that the reader never sees bytes that are not there yet.
 */
#define _DEFAULT_SOURCE
#include <endian.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 4096

/*
 * A line after a silence goes out at once; in a burst, where each would cost
 * two synchronous writes, lines gather in the pipe for this long.
 */
static const struct timespec pause_time = { .tv_nsec = 10000000 };

static char buf[16 * BLOCK];

int main(int argc, char **argv)
{
	uint64_t count = 0, count_be;
	ssize_t n;
	int fd;

	if (argc != 2) {
		fprintf(stderr, "usage: disklog DISK\n");
		return 2;
	}
	fd = open(argv[1], O_WRONLY | O_SYNC);
	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	while ((n = read(STDIN_FILENO, buf, sizeof(buf))) > 0) {
		count_be = htobe64(count + n);
		if (pwrite(fd, buf, n, BLOCK + count) != n ||
		    pwrite(fd, &count_be, sizeof(count_be), 0) < 0) {
			perror(argv[1]);
			return 1;
		}
		count += n;
		nanosleep(&pause_time, NULL);
	}
	return 0;
}
