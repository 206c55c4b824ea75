// SPDX-License-Identifier: BSD-2-Clause
/*
 * kexec.c: kexec KERNEL INITRD PARAMETERS: a program of the Linux guest on s390x, which goes on as another
 * Linux without a reset of the machine. KERNEL is a raw image. (Debian's kernel for power9 has only
 * kexec_load(), too, and wants more there: a program between the two, and a device tree.)
 */
#include <fcntl.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0) {
		perror(path);
		exit(1);
	}
	return fd;
}

#define PAGE     0x1000ul
#define BEGIN    0x10000ul /* what is below is not used: it would load the kernel from a reader */
#define WHERE    0x10408   /* the initial RAM disk's address and size */
#define COMMAND  0x10480   /* the parameters */
#define COMMANDS 896

static uint8_t *read_file(const char *path, size_t *len)
{
	int fd = open_file(path);
	struct stat st;
	uint8_t *bytes;
	size_t done = 0;
	ssize_t n;

	fstat(fd, &st);
	bytes = calloc(1, (size_t)st.st_size + PAGE);
	while (bytes && (n = read(fd, bytes + done, (size_t)st.st_size - done)) > 0)
		done += (size_t)n;
	*len = (done + PAGE - 1) & ~(PAGE - 1);
	return bytes;
}

/* The initial RAM disk is behind what the kernel uses before it looks for it, and where there is memory. */
static long load(const char *kernel, const char *initrd, const char *parameters)
{
	size_t kernel_len, initrd_len;
	uint8_t *image = read_file(kernel, &kernel_len), *disk = read_file(initrd, &initrd_len);
	uint64_t where[2] = { 0x8000000, initrd_len };
	struct kexec_segment segments[2] = {
		{ image + BEGIN, kernel_len - BEGIN, (void *)BEGIN, kernel_len - BEGIN },
		{ disk, initrd_len, (void *)where[0], initrd_len },
	};

	memcpy(image + WHERE, where, sizeof(where));
	strncpy((char *)image + COMMAND, parameters, COMMANDS - 1);
	return syscall(SYS_kexec_load, BEGIN, 2, segments, KEXEC_ARCH_S390);
}

/* What kernels from 6.12 on have instead. */
static long load_files(const char *kernel, const char *initrd, const char *parameters)
{
	return syscall(SYS_kexec_file_load, open_file(kernel), open_file(initrd), strlen(parameters) + 1,
	               parameters, 0ul);
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: kexec KERNEL INITRD PARAMETERS\n");
		return 2;
	}
	if (!load(argv[1], argv[2], argv[3]) || !load_files(argv[1], argv[2], argv[3]))
		syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC, NULL);
	perror("kexec");
	return 1;
}
