/* SPDX-License-Identifier: BSD-2-Clause */
/* image.h: finds out what kind of guest a file is, and loads it into guest memory. Pure. */
#ifndef VMM_IMAGE_H
#define VMM_IMAGE_H

#include <stddef.h>

#include "elf.h"

enum image_kind {
	IMAGE_ELF,
	IMAGE_S390_LINUX, /* loaded at 0 as it is: what arch/s390's make bzImage, and a distribution, has */
};

struct image {
	enum image_kind kind;
	gpa_t entry;
	gpa_t low, high; /* the bytes loaded lie in [low, high) */
	bool big_endian;
};

/* What a machine can boot. */
struct image_machine {
	struct elf_machine elf;
	bool s390_linux;
};

/* What a guest is given. */
struct boot {
	struct payload kernel;
	struct payload initrd; /* its name is NULL if there is none */
	const char *params;    /* NULL: none */
};

/*
 * Loads the file and describes in text (of size bytes) what it is. -ENOEXEC: it is nothing that this machine
 * can boot, which says what it is instead, or it does not fit; -EIO: see payload_read().
 */
int image_load(const struct payload *file, const struct image_machine *machine, const struct ram *ram,
               struct image *image, char *text, size_t size, struct error *err);

#endif
