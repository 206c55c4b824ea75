/* SPDX-License-Identifier: BSD-2-Clause */
/* landlock.c: see landlock.h. Pure. */
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/landlock.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "file.h"

/* Since versions 3 and 4, which headers that are older do not have. */
#define FS_TRUNCATE (1ULL << 14)
#define NET_TCP     3 /* bind, connect */

#define READS  (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITES (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE)
#define CHANGES                                                                        \
	(READS | WRITES | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE)

/* What only a directory can give. */
#define OF_FILES (WRITES | LANDLOCK_ACCESS_FS_EXECUTE)

/* As the kernel has them; what it does not know of is left out. */
struct attributes {
	uint64_t fs, net;
};

/* All that this version knows; that of ioctl() on devices (version 5) is seccomp's affair. */
static uint64_t handled(const struct landlock *l)
{
	unsigned rights = l->version >= 3 ? 15 : l->version == 2 ? 14 : 13;

	return (1ULL << rights) - 1;
}

int landlock_begin(struct landlock *l, struct error *err)
{
	struct attributes all;
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	*l = (struct landlock){ .version = version > 0 ? (int)version : 0, .rules = -1 };
	if (!l->version)
		return 0;
	all = (struct attributes){ handled(l), NET_TCP };
	l->rules = (int)syscall(SYS_landlock_create_ruleset, &all,
	                        l->version >= 4 ? sizeof(all) : offsetof(struct attributes, net), 0);
	return l->rules < 0 ? error_set(err, -errno, "Landlock: %s", strerror(errno)) : 0;
}

/* Gives rights to what is at the path; nothing may be there. */
static int allow(struct landlock *l, const char *path, uint64_t rights, struct error *err)
{
	struct landlock_path_beneath_attr below = { .parent_fd = open(path, O_PATH | O_CLOEXEC) };
	struct stat st;
	int rc = 0;

	if (below.parent_fd < 0)
		return 0;
	if (!fstat(below.parent_fd, &st) && !S_ISDIR(st.st_mode))
		rights &= OF_FILES;
	below.allowed_access = rights & handled(l);
	if (below.allowed_access &&
	    syscall(SYS_landlock_add_rule, l->rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0))
		rc = -errno;
	close(below.parent_fd);
	/* -EBADFD: a pipe, or another file that no directory has: Landlock leaves these alone. */
	return rc && rc != -EBADFD ? error_set(err, rc, "Landlock, %s: %s", path, strerror(-rc)) : 0;
}

static int allow_replace(struct landlock *l, const char *path, struct error *err)
{
	char *target = file_resolve(path);
	struct stat st;
	int rc = 0;

	if (!target)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	if (!stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISSOCK(st.st_mode))
		rc = allow(l, path, WRITES, err);
	else
		rc = allow(l, dirname(target), CHANGES, err);
	free(target);
	return rc;
}

int landlock_allow(struct landlock *l, const char *path, enum file_use use, struct error *err)
{
	static const uint64_t rights[] = {
		[FILE_READ] = READS,
		[FILE_WRITE] = WRITES,
		[FILE_EXECUTE] = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE,
		[FILE_ANYTHING] = ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE,
	};

	if (l->rules < 0)
		return 0;
	return use == FILE_REPLACE ? allow_replace(l, path, err) : allow(l, path, rights[use], err);
}

int landlock_apply(struct landlock *l, struct error *err)
{
	if (l->rules >= 0 && syscall(SYS_landlock_restrict_self, l->rules, 0))
		return error_set(err, -errno, "Landlock: %s", strerror(errno));
	return 0;
}

void landlock_end(struct landlock *l)
{
	if (l->rules >= 0)
		close(l->rules);
	l->rules = -1;
}
