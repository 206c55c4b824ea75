/* SPDX-License-Identifier: BSD-2-Clause */
/* ram.c: see ram.h. */
#include "ram.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "mapping.h"

/*
 * Whether the host has size bytes of free memory. Linux would
 * allocate more than it has, and kill a process later.
 */
static bool host_has(uint64_t size, uint64_t *available)
{
	struct sysinfo info;
	char line[128];
	uint64_t kib;
	FILE *f;

	*available = UINT64_MAX;
	/* The amount of free memory is a fast system call; memory that caches can release is shown only in a
	 * file. */
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

int ram_create_sparse(struct ram *ram, uint64_t size, uint64_t align, struct error *err)
{
	int code;

	*ram = (struct ram){ .fd = -1 };
	ram->fd = memfd_create("guest RAM", MFD_CLOEXEC);
	if (ram->fd < 0 || ftruncate(ram->fd, (off_t)size) < 0)
		goto fail;
	ram->host = mapping_open(size, align, ram->fd, 0);
	if (ram->host == MAP_FAILED) {
		ram->host = NULL;
		goto fail;
	}
	ram->size = size;
	ram->page = (uint64_t)sysconf(_SC_PAGESIZE);
	ram->pages = (size + ram->page - 1) / ram->page;
	/* The size of KVM's log of changed pages: whole doublewords. */
	ram->asked = calloc((ram->pages + 63) / 64, 8);
	ram->always = calloc((ram->pages + 63) / 64, 8);
	ram->zeros = mmap(NULL, RAM_ZEROS, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (ram->zeros == MAP_FAILED)
		goto fail;
	if (ram->asked && ram->always)
		return 0;
	errno = ENOMEM;
fail:
	code = errno;
	error_set(err, -code, "guest memory of %" PRIu64 " MiB: %s%s", size >> 20, strerror(code),
	          code == EFBIG ? "; raise the limit of a file's size (ulimit -f): it is a file in memory"
	                        : "");
	ram_destroy(ram);
	return -code;
}

int ram_create(struct ram *ram, uint64_t size, uint64_t align, struct error *err)
{
	uint64_t available;

	*ram = (struct ram){ .fd = -1 };
	if (!size || size % align)
		return error_set(err, -ERANGE,
		                 "guest memory of 0x%" PRIx64 " bytes: must be a multiple of 0x%" PRIx64,
		                 size, align);
	if (!host_has(size, &available))
		return error_set(err, -ENOMEM,
		                 "guest memory of %" PRIu64 " MiB: the host has only %" PRIu64 " MiB free",
		                 size >> 20, available >> 20);
	return ram_create_sparse(ram, size, align, err);
}

void ram_destroy(struct ram *ram)
{
	if (ram->host)
		mapping_close(ram->host, ram->size);
	if (ram->fd >= 0)
		close(ram->fd);
	if (ram->zeros && ram->zeros != MAP_FAILED)
		munmap(ram->zeros, RAM_ZEROS);
	free(ram->asked);
	free(ram->always);
	*ram = (struct ram){ .fd = -1 };
}

/* An atomic operation only if the bit is not set: most pages are requested again and again.
 */
static void mark(uint8_t *bitmap, const struct ram *ram, gpa_t gpa, uint64_t len)
{
	if (!bitmap || !len) /* RAM that is not ram_create()'s is never reverted */
		return;
	for (uint64_t page = gpa / ram->page; page <= (gpa + len - 1) / ram->page; page++) {
		uint8_t bit = (uint8_t)(1u << page % 8);

		if (!(__atomic_load_n(&bitmap[page / 8], __ATOMIC_RELAXED) & bit))
			__atomic_fetch_or(&bitmap[page / 8], bit, __ATOMIC_RELAXED);
	}
}

const void *ram_see(const struct ram *ram, gpa_t gpa, uint64_t len)
{
	return gpa <= ram->size && len <= ram->size - gpa ? ram->host + gpa : NULL;
}

void *ram_at(const struct ram *ram, gpa_t gpa, uint64_t len)
{
	if (!ram_see(ram, gpa, len))
		return NULL;
	mark(ram->asked, ram, gpa, len);
	return ram->host + gpa;
}

void ram_always(const struct ram *ram, gpa_t gpa, uint64_t len)
{
	if (gpa <= ram->size && len <= ram->size - gpa)
		mark(ram->always, ram, gpa, len);
}

void ram_forget(struct ram *ram)
{
	memset(ram->asked, 0, (size_t)(ram->pages + 7) / 8);
}
