/* SPDX-License-Identifier: BSD-2-Clause */
/* elf_core.c: see elf_core.h. Pure. Source: elf(5). */
#include "elf_core.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmm/snapshot/core_notes.h"
#include "vmm/snapshot/ram_image.h"

#define PAGE     4096
#define SEGMENTS 2 /* notes, RAM */

/* --- the beginning of the file ------------------------------------------- */

static void put_header(struct core_notes *h, const struct core_arch *arch)
{
	static const uint8_t magic[] = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64 };

	for (unsigned i = 0; i < sizeof(magic); i++)
		core_put(h, magic[i], 1);
	core_put(h, arch->little ? ELFDATA2LSB : ELFDATA2MSB, 1);
	core_put(h, EV_CURRENT, 1);
	core_pad(h, EI_NIDENT);
	core_put(h, ET_CORE, 2);
	core_put(h, arch->machine, 2);
	core_put(h, EV_CURRENT, 4);
	core_put(h, 0, 8);                  /* entry */
	core_put(h, sizeof(Elf64_Ehdr), 8); /* program headers */
	core_put(h, 0, 8);                  /* section headers */
	core_put(h, arch->flags, 4);
	core_put(h, sizeof(Elf64_Ehdr), 2);
	core_put(h, sizeof(Elf64_Phdr), 2);
	core_put(h, SEGMENTS, 2);
	core_pad(h, sizeof(Elf64_Ehdr));
}

/* Its addresses are real ones. */
static void put_segment(struct core_notes *h, uint32_t type, uint64_t offset, uint64_t size)
{
	bool load = type == PT_LOAD;

	core_put(h, type, 4);
	core_put(h, load ? PF_R | PF_W | PF_X : 0, 4);
	core_put(h, offset, 8);
	core_put(h, 0, 8);
	core_put(h, 0, 8);
	core_put(h, size, 8);
	core_put(h, load ? size : 0, 8);
	core_put(h, load ? PAGE : 4, 8);
}

/* Header, segments and notes; *ram is where RAM follows. */
static void put_all(const struct parsed_snapshot *in, struct core_notes *head, uint64_t *ram)
{
	const struct core_arch *arch = in->codec->core;
	struct core_notes notes = { .little = arch->little };
	uint64_t begin = sizeof(Elf64_Ehdr) + SEGMENTS * sizeof(Elf64_Phdr);

	for (unsigned i = 0; i < in->vm.scope.vcpus; i++)
		in->codec->core_notes(in->state, i, &notes);
	*ram = (begin + notes.len + PAGE - 1) / PAGE * PAGE;
	*head = (struct core_notes){ .little = arch->little };
	put_header(head, arch);
	put_segment(head, PT_NOTE, begin, notes.len);
	put_segment(head, PT_LOAD, *ram, in->vm.scope.memory);
	for (size_t i = 0; i < notes.len; i++)
		core_put(head, notes.bytes[i], 1);
	head->bad |= notes.bad;
	free(notes.bytes);
}

/* --- the file --------------------------------------------------------------- */

static int write_at(int fd, const uint8_t *bytes, uint64_t len, uint64_t at)
{
	while (len) {
		ssize_t n = pwrite(fd, bytes, len < 1 << 30 ? len : 1 << 30, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		at += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return 0;
}

static int write_ram(const struct parsed_snapshot *in, int fd, uint64_t at)
{
	struct snap_reader r = snap_open(&in->snap, TAG_RAM, 0, 1);
	struct ram_run run = { 0 };
	struct error none;
	int rc = ftruncate(fd, (off_t)(at + in->vm.scope.memory)) ? -errno : 0;

	while (!rc && snap_left(&r) && !ram_next_run(&r, in->vm.scope.memory, &run, &none))
		rc = write_at(fd, run.bytes, run.end - run.start, at + run.start);
	return rc;
}

/* To a temporary file beside it, which gets its name when it is complete. */
static int write_file(const struct parsed_snapshot *in, const struct core_notes *head, uint64_t ram,
                      const char *path)
{
	char *temporary;
	int fd, rc;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(temporary, O_CLOEXEC);
	rc = fd < 0 ? -errno : write_at(fd, head->bytes, head->len, 0);
	if (!rc)
		rc = write_ram(in, fd, ram);
	if (fd >= 0 && close(fd) && !rc)
		rc = -errno;
	if (!rc && rename(temporary, path))
		rc = -errno;
	if (fd >= 0 && rc)
		unlink(temporary);
	free(temporary);
	return rc;
}

int elf_core_write(const struct parsed_snapshot *in, const char *path, struct error *err)
{
	struct core_notes head;
	struct stat st;
	uint64_t ram;
	int rc;

	if (in->vm.scope.kind != SNAP_VM)
		return error_set(err, -EINVAL,
		                 "%s: a snapshot of interrupts alone has neither RAM nor registers", path);
	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		return error_set(err, -EINVAL, "%s: not a regular file", path);
	put_all(in, &head, &ram);
	rc = head.bad ? -ENOMEM : write_file(in, &head, ram, path);
	free(head.bytes);
	return rc ? error_set(err, rc, "%s: %s", path, strerror(-rc)) : 0;
}
