/* SPDX-License-Identifier: BSD-2-Clause */
/* ram.c: see ram.h. */
#include "ram.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

/*
 * Whether the host could give size bytes without pushing anything out. Linux
 * would promise more than it has, and kill someone later.
 */
static bool host_has(uint64_t size, uint64_t *available)
{
	struct sysinfo info;
	char line[128];
	uint64_t kib;
	FILE *f;

	*available = UINT64_MAX;
	/* Free memory is quickly asked for; what caches would give up is in a file only. */
	if (!sysinfo(&info) && size <= (uint64_t)info.freeram * info.mem_unit)
		return true;
	f = fopen("/proc/meminfo", "re");
	if (!f)
		return true;
	*available = 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %" SCNu64, &kib) == 1 ||
		    sscanf(line, "SwapFree: %" SCNu64, &kib) == 1)
			*available += kib * 1024;
	fclose(f);
	return size <= *available;
}

int ram_create(struct ram *ram, uint64_t size, uint64_t align, struct error *err)
{
	uint64_t available, head;
	uint8_t *p;

	*ram = (struct ram){ .fd = -1 };
	if (!size || size % align)
		return error_set(err, -EINVAL,
		                 "guest memory of 0x%" PRIx64 " bytes: must be a multiple of 0x%" PRIx64,
		                 size, align);
	if (!host_has(size, &available))
		return error_set(err, -ENOMEM,
		                 "guest memory of %" PRIu64 " MiB: the host has only %" PRIu64 " MiB free",
		                 size >> 20, available >> 20);
	ram->fd = memfd_create("guest RAM", MFD_CLOEXEC);
	if (ram->fd < 0 || ftruncate(ram->fd, (off_t)size) < 0)
		goto fail;
	/* Reserve enough to align in, then lay the file over it. */
	p = mmap(NULL, size + align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		goto fail;
	head = -(uintptr_t)p & (align - 1);
	if (head)
		munmap(p, head);
	munmap(p + head + size, align - head);
	ram->host = mmap(p + head, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, ram->fd, 0);
	if (ram->host == MAP_FAILED) {
		ram->host = NULL;
		munmap(p + head, size);
		goto fail;
	}
	ram->size = size;
	return 0;
fail:
	error_set(err, -errno, "guest memory of %" PRIu64 " MiB: %s", size >> 20, strerror(errno));
	ram_destroy(ram);
	return -ENOMEM;
}

void ram_destroy(struct ram *ram)
{
	if (ram->host)
		munmap(ram->host, ram->size);
	if (ram->fd >= 0)
		close(ram->fd);
	*ram = (struct ram){ .fd = -1 };
}

void *ram_at(const struct ram *ram, gpa_t gpa, uint64_t len)
{
	if (gpa > ram->size || len > ram->size - gpa)
		return NULL;
	return ram->host + gpa;
}

int ram_save(struct ram *ram, struct snapshot *snap, struct error *err)
{
	struct snap_section *s = snap_add(snap, TAG_RAM, 0, 1);
	off_t start = 0, end;

	for (;;) {
		start = lseek(ram->fd, start, SEEK_DATA);
		if (start < 0 && errno == ENXIO)
			return 0; /* only a hole is left */
		end = start < 0 ? -1 : lseek(ram->fd, start, SEEK_HOLE);
		if (end < 0)
			return error_set(err, -errno, "guest memory: finding the touched pages: %s",
			                 strerror(errno));
		snap_put64(s, (uint64_t)start);
		snap_put64(s, (uint64_t)(end - start));
		snap_put(s, ram->host + start, (size_t)(end - start));
		start = end;
	}
}

/* The next run of bytes in the section, or NULL when it is wrong. */
static const void *next_run(struct snap_reader *r, uint64_t size, gpa_t *gpa, uint64_t *len,
                            struct error *err)
{
	const void *bytes;

	*gpa = snap_get64(r);
	*len = snap_get64(r);
	bytes = *len <= snap_left(r) ? snap_get(r, (size_t)*len) : NULL;
	if (r->bad || !bytes)
		error_set(err, -EBADMSG, "section RAM: cut short");
	else if (*gpa > size || *len > size - *gpa)
		error_set(err, -EBADMSG,
		          "section RAM: 0x%" PRIx64 " bytes at 0x%" PRIx64 " do not fit into 0x%" PRIx64,
		          *len, *gpa, size);
	else
		return bytes;
	return NULL;
}

int ram_check(const struct snapshot *snap, uint64_t size, struct error *err)
{
	struct snap_reader r = snap_open(snap, TAG_RAM, 0, 1);
	uint64_t len;
	gpa_t gpa;

	if (r.bad)
		return error_set(err, -EBADMSG, "no section RAM of version 1");
	while (snap_left(&r))
		if (!next_run(&r, size, &gpa, &len, err))
			return -EBADMSG;
	return 0;
}

int ram_load(struct ram *ram, struct snapshot *snap, struct error *err)
{
	int rc = ram_check(snap, ram->size, err);
	struct snap_reader r = snap_open(snap, TAG_RAM, 0, 1);

	if (rc)
		return rc;
	if (fallocate(ram->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)ram->size) < 0)
		return error_set(err, -errno, "guest memory: clearing it: %s", strerror(errno));
	while (snap_left(&r)) {
		uint64_t len;
		gpa_t gpa;
		const void *bytes = next_run(&r, ram->size, &gpa, &len, err);

		memcpy(ram_at(ram, gpa, len), bytes, len);
	}
	return 0;
}
