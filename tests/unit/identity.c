/* SPDX-License-Identifier: BSD-2-Clause */
/* identity.c: what is a VM's name, what is a UUID, and what a guest is shown of them. */
#include "vmm/identity.h"

#include "tap.h"

static const char text[] = "01234567-89ab-cdef-fedc-ba9876543210";
static const uint8_t bytes[16] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
	                           0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10 };

static void names(void)
{
	char name[IDENTITY_NAME_MAX + 2];
	struct identity id = { 0 };

	ok(!strcmp(identity_name(NULL), "zpvm") && !strcmp(identity_name(&id), "zpvm"),
	   "zpvm, if none is given");
	ok(!identity_given(&id), "which is known");
	ok(identity_set_name(&id, "a b~") && !strcmp(identity_name(&id), "a b~"), "a name");
	ok(identity_given(&id), "is given");
	ok(!identity_set_name(&id, "") && !identity_set_name(&id, "tab\t") &&
	           !identity_set_name(&id, "\x7f") && !identity_set_name(&id, "Z\xc3\xbcrich"),
	   "none, and what is not printable ASCII, is refused");
	memset(name, 'n', sizeof(name));
	name[IDENTITY_NAME_MAX + 1] = 0;
	ok(!identity_set_name(&id, name), "one that is too long");
	ok(!strcmp(id.name, "a b~"), "... and the name stays");
	name[IDENTITY_NAME_MAX] = 0;
	ok(identity_set_name(&id, name) && !strcmp(id.name, name), "the longest");
}

static void uuids(void)
{
	static const char *const bad[] = {
		"",
		"-",
		"0123456789abcdeffedcba9876543210",
		"01234567-89ab-cdef-fedc-ba987654321",
		"01234567-89ab-cdef-fedc-ba98765432100",
		"01234567-89ab-cdef-fedc-ba987654321g",
		"0123456789ab--cdef-fedc-ba9876543210",
		"{1234567-89ab-cdef-fedc-ba987654321}",
		" 1234567-89ab-cdef-fedc-ba9876543210",
		"01234567-89ab-cdef-fedc_ba9876543210",
	};
	char again[IDENTITY_UUID_TEXT];
	struct identity id = { 0 };

	ok(!identity_uuid_text(NULL, again) && !*again && !identity_uuid_text(&id, again), "no UUID");
	ok(identity_set_uuid(&id, text) && !memcmp(id.uuid, bytes, sizeof(bytes)), "one: its bytes in order");
	ok(identity_uuid_text(&id, again) && !strcmp(again, text), "its text is the same");
	ok(identity_given(&id) && !strcmp(identity_name(&id), "zpvm"), "without a name");
	ok(identity_set_uuid(&id, "01234567-89AB-CDEF-FEDC-BA9876543210") && !memcmp(id.uuid, bytes, 16),
	   "in capitals");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!identity_set_uuid(&id, bad[i]), "\"%s\" is none", bad[i]);
	ok(!memcmp(id.uuid, bytes, sizeof(bytes)), "... and nothing is changed");
	ok(identity_set_uuid(&id, "00000000-0000-0000-0000-000000000000") && !identity_given(&id),
	   "all zero is the same as none");
}

int main(void)
{
	names();
	uuids();
	return tap_done();
}
