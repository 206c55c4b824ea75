/* SPDX-License-Identifier: BSD-2-Clause */
/* identity.c: see identity.h. Pure. */
#include "identity.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_NAME "zpvm"

bool identity_is_name(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (name[i] < ' ' || name[i] > '~')
			return false;
	return len && len <= IDENTITY_NAME_MAX;
}

bool identity_set_name(struct identity *identity, const char *text)
{
	if (!identity_is_name(text, strlen(text)))
		return false;
	strcpy(identity->name, text);
	return true;
}

/* The value of a hexadecimal digit; -1: it is none. */
static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool has_hyphen_before(size_t byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

bool identity_set_uuid(struct identity *identity, const char *text)
{
	uint8_t uuid[16];

	for (size_t i = 0; i < sizeof(uuid); i++) {
		int high, low;

		if (has_hyphen_before(i) && *text++ != '-')
			return false;
		high = digit(text[0]);
		low = high < 0 ? -1 : digit(text[1]);
		if (low < 0)
			return false;
		uuid[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	if (*text)
		return false;
	memcpy(identity->uuid, uuid, sizeof(uuid));
	return true;
}

bool identity_given(const struct identity *identity)
{
	char uuid[IDENTITY_UUID_TEXT];

	return *identity->name || identity_uuid_text(identity, uuid);
}

const char *identity_name(const struct identity *identity)
{
	return identity && *identity->name ? identity->name : DEFAULT_NAME;
}

bool identity_uuid_text(const struct identity *identity, char text[IDENTITY_UUID_TEXT])
{
	static const uint8_t none[IDENTITY_UUID_SIZE];

	*text = 0;
	if (!identity || !memcmp(identity->uuid, none, sizeof(none)))
		return false;
	for (size_t i = 0; i < sizeof(identity->uuid); i++)
		text += sprintf(text, "%s%02x", has_hyphen_before(i) ? "-" : "", identity->uuid[i]);
	return true;
}
