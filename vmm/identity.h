/* SPDX-License-Identifier: BSD-2-Clause */
/* identity.h: the name and the UUID that a user gives a VM, and that its guest can read. Pure. */
#ifndef VMM_IDENTITY_H
#define VMM_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IDENTITY_NAME_MAX  255 /* what block 3.2.2 of STSI has room for, and a NUL */
#define IDENTITY_UUID_SIZE 16
#define IDENTITY_UUID_TEXT 37 /* with the NUL */

struct identity {
	char name[IDENTITY_NAME_MAX + 1]; /* printable ASCII; "": not given */
	uint8_t uuid[IDENTITY_UUID_SIZE]; /* as RFC 4122 orders the bytes; all zero: none */
};

/* Whether a name of len bytes can be a VM's. */
bool identity_is_name(const char *name, size_t len);

/* False, and nothing is changed: the text is no name, or no UUID (8-4-4-4-12 hexadecimal digits). */
bool identity_set_name(struct identity *identity, const char *text);
bool identity_set_uuid(struct identity *identity, const char *text);

/* Whether it has a name or a UUID. */
bool identity_given(const struct identity *identity);

/* The name that a guest sees; identity may be NULL. */
const char *identity_name(const struct identity *identity);

/* The UUID, in lowercase; false and "" if there is none. identity may be NULL. */
bool identity_uuid_text(const struct identity *identity, char text[IDENTITY_UUID_TEXT]);

#endif
