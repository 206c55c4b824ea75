/* SPDX-License-Identifier: BSD-2-Clause */
/* sysib.c: see sysib.h. Pure. Source: the kernel's arch/s390/include/asm/sysinfo.h. */
#include "sysib.h"

#include <string.h>

#include "devices/ebcdic.h"

#define COUNT          31 /* in its last four bits, of the virtual machines below */
#define COUNT_MAX      8
#define NAME           44 /* of the first one */
#define NAME_SIZE      8
#define LONG_NAME_CODE 75 /* how its long name is encoded: */
#define UTF_8          2
#define UUID           80
#define LONG_NAMES     2048
#define LONG_NAME_SIZE 256

void sysib_name(uint8_t block[SYSIB_SIZE], const struct identity *identity)
{
	const char *name = identity_name(identity);
	size_t len = strlen(name), below = block[COUNT] & 15;
	uint8_t *long_names = block + LONG_NAMES;

	if (below > 1 && below <= COUNT_MAX)
		memmove(long_names + LONG_NAME_SIZE, long_names, (below - 1) * LONG_NAME_SIZE);
	memset(long_names, 0, LONG_NAME_SIZE);
	memcpy(long_names, name, len);
	block[LONG_NAME_CODE] = UTF_8;
	memset(block + NAME, ' ', NAME_SIZE);
	memcpy(block + NAME, name, len < NAME_SIZE ? len : NAME_SIZE);
	ebcdic_from_ascii(block + NAME, NAME_SIZE);
	if (identity)
		memcpy(block + UUID, identity->uuid, sizeof(identity->uuid));
}
