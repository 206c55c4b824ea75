/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bare.c: bare DIR ID PROGRAM [ARGUMENT]...: executes the program as user and group ID, which are in no other
 * group and have no capability, with DIR as the root directory.
 */
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned id = argc > 3 ? (unsigned)atoi(argv[2]) : 0;
	char *none[] = { NULL };

	if (!id || chdir(argv[1]) || chroot(".") || setgroups(0, NULL) || setgid(id) || setuid(id)) {
		perror("bare");
		return 125;
	}
	execve(argv[3], argv + 3, none);
	perror(argv[3]);
	return 126;
}
