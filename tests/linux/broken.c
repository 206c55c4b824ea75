// SPDX-License-Identifier: BSD-2-Clause
/*
 * broken.c: broken DEVICE FILE FIRST LAST: FILE as a block device (/dev/nbd0) some of whose sectors, FIRST to
 * LAST, cannot be read or written: the kernel answers EIO, as it does for a real disk that fails. At SIGUSR1
 * the device becomes half as large. Ends when it is killed.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nbd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECTOR 512

static int device;
static off_t size;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void halve(int sig)
{
	(void)sig;
	ioctl(device, NBD_SET_SIZE_BLOCKS, size / SECTOR / 2);
}

/* All of it; false: the other side is gone. */
static int move(int fd, void *bytes, size_t len, ssize_t (*how)(int, void *, size_t))
{
	for (size_t done = 0; done < len;) {
		ssize_t n = how(fd, (char *)bytes + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		done += (size_t)n;
	}
	return 1;
}

static ssize_t put(int fd, void *bytes, size_t len)
{
	return write(fd, bytes, len);
}

static int serve(int fd, int file, off_t first, off_t last)
{
	static char data[1 << 25]; /* more than the kernel asks for at once */
	struct nbd_request ask;

	while (move(fd, &ask, sizeof(ask), read)) {
		off_t from = (off_t)be64toh(ask.from), len = be32toh(ask.len);
		int is_read = be32toh(ask.type) == NBD_CMD_READ,
		    is_write = be32toh(ask.type) == NBD_CMD_WRITE;
		int bad =
			(is_read || is_write) && from / SECTOR <= last && (from + len - 1) / SECTOR >= first;
		struct nbd_reply reply = { .magic = htobe32(NBD_REPLY_MAGIC),
			                   .error = htobe32(bad ? EIO : 0) };

		memcpy(reply.handle, ask.handle, sizeof(reply.handle));
		if (is_write && !move(fd, data, (size_t)len, read))
			return 1;
		if (is_write && !bad && pwrite(file, data, (size_t)len, from) != len)
			die("write");
		if (is_read && !bad && pread(file, data, (size_t)len, from) != len)
			die("read");
		move(fd, &reply, sizeof(reply), put);
		if (is_read && !bad)
			move(fd, data, (size_t)len, put);
	}
	return 1;
}

int main(int argc, char **argv)
{
	int file = argc == 5 ? open(argv[2], O_RDWR) : -1, pair[2];

	device = file < 0 ? -1 : open(argv[1], O_RDWR);
	size = lseek(file, 0, SEEK_END);
	if (device < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		die("usage: broken DEVICE FILE FIRST LAST");
	if (ioctl(device, NBD_SET_BLKSIZE, SECTOR) || ioctl(device, NBD_SET_SIZE_BLOCKS, size / SECTOR) ||
	    ioctl(device, NBD_SET_FLAGS, NBD_FLAG_HAS_FLAGS | NBD_FLAG_SEND_FLUSH) ||
	    ioctl(device, NBD_SET_SOCK, pair[0]))
		die(argv[1]);
	if (!fork()) {
		close(pair[1]);
		ioctl(device, NBD_DO_IT);
		_exit(0);
	}
	close(pair[0]);
	signal(SIGUSR1, halve);
	return serve(pair[1], file, atoll(argv[3]), atoll(argv[4]));
}
