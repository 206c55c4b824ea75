/* SPDX-License-Identifier: BSD-2-Clause */
/* json.c: any bytes as JSON: read or refused, and what is read is well formed. */
#include "vmm/tool/json_read.h"

#include <errno.h>
#include <string.h>

#include "fuzz.h"

static size_t count(const struct json_doc *doc, const struct json_node *node)
{
	size_t all = 1, n = 0;

	for (const struct json_node *m = json_first(doc, node); m; m = json_next(doc, m), n++) {
		must((node->type == JSON_OBJECT) == (m->key != NULL));
		must(!m->key || json_find(doc, node, m->key) == m || node->count > 100);
		all += count(doc, m);
	}
	must(n == node->count);
	must((node->text != NULL) == (node->type == JSON_NUMBER || node->type == JSON_STRING));
	return all;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1); /* no byte behind it */
	struct json_doc doc;
	struct error err = { .text = "" };
	int64_t value;
	int rc;

	if (size)
		memcpy(copy, data, size);
	rc = json_read(&doc, copy, size, &err);
	must(!rc == !err.text[0]);
	must(!rc || rc == -EBADMSG);
	if (!rc) {
		must(count(&doc, json_root(&doc)) == doc.count);
		must(json_equal(&doc, json_root(&doc), &doc, json_root(&doc)));
		json_int(json_root(&doc), &value);
		json_free(&doc);
	}
	free(copy);
	return 0;
}
