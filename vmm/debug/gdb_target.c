/* SPDX-License-Identifier: BSD-2-Clause */
/* gdb_target.c: see gdb_target.h. Pure. */
#include "gdb_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Calls `each` for all registers, in gdb's order, until it returns true. */
struct place {
	const struct gdb_register *reg;
	unsigned number; /* of those with this name */
	uint64_t n;
	size_t at; /* among the bytes of all */
};
static bool for_each(const struct gdb_target *t, bool (*each)(const struct place *p, void *arg), void *arg,
                     struct place *p)
{
	*p = (struct place){ .reg = NULL };
	for (const struct gdb_feature *f = t->features; f < t->features + GDB_FEATURES_MAX && f->name; f++)
		for (p->reg = f->registers; p->reg < f->registers + f->count; p->reg++)
			for (p->number = 0; p->number < p->reg->count; p->number++) {
				if (each(p, arg))
					return true;
				p->n++;
				p->at += p->reg->bytes;
			}
	return false;
}

static bool nothing(const struct place *p, void *arg)
{
	(void)p;
	(void)arg;
	return false;
}

size_t gdb_target_size(const struct gdb_target *t)
{
	struct place p;

	for_each(t, nothing, NULL, &p);
	return p.at;
}

static bool is_number(const struct place *p, void *arg)
{
	return p->n == *(const uint64_t *)arg;
}

bool gdb_target_find(const struct gdb_target *t, uint64_t n, size_t *at, size_t *bytes)
{
	struct place p;

	if (!for_each(t, is_number, &n, &p))
		return false;
	*at = p.at;
	*bytes = p.reg->bytes;
	return true;
}

struct copy {
	uint8_t *cpu, *bytes;
	bool set;
};

static bool copy_one(const struct place *p, void *arg)
{
	const struct copy *c = arg;
	uint8_t *cpu = c->cpu + p->reg->at + p->number * p->reg->apart, *bytes = c->bytes + p->at;

	memcpy(c->set ? cpu : bytes, c->set ? bytes : cpu, p->reg->bytes);
	return false;
}

void gdb_target_get(const struct gdb_target *t, const void *cpu, uint8_t *bytes)
{
	struct copy c = { (uint8_t *)(uintptr_t)cpu, bytes, false };
	struct place p;

	for_each(t, copy_one, &c, &p);
}

void gdb_target_set(const struct gdb_target *t, void *cpu, const uint8_t *bytes)
{
	struct copy c = { cpu, (uint8_t *)(uintptr_t)bytes, true };
	struct place p;

	for_each(t, copy_one, &c, &p);
}

static void print_register(FILE *f, const struct gdb_register *reg)
{
	char name[32], type[16];

	snprintf(type, sizeof(type), "uint%u", 8 * reg->bytes);
	for (unsigned i = 0; i < reg->count; i++) {
		size_t len = strcspn(reg->name, "%");

		if (reg->name[len])
			snprintf(name, sizeof(name), "%.*s%u%s", (int)len, reg->name, i, reg->name + len + 2);
		else
			snprintf(name, sizeof(name), "%s", reg->name);
		fprintf(f, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\"", name, 8 * reg->bytes,
		        reg->type ? reg->type : type);
		if (reg->group)
			fprintf(f, " group=\"%s\"", reg->group);
		fputs("/>\n", f);
	}
}

char *gdb_target_xml(const struct gdb_target *t)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fprintf(f,
	        "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
	        "<target version=\"1.0\">\n<architecture>%s</architecture>\n",
	        t->architecture);
	for (const struct gdb_feature *feature = t->features;
	     feature < t->features + GDB_FEATURES_MAX && feature->name; feature++) {
		fprintf(f, "<feature name=\"%s\">\n", feature->name);
		for (unsigned i = 0; i < feature->count; i++)
			print_register(f, &feature->registers[i]);
		fputs("</feature>\n", f);
	}
	fputs("</target>\n", f);
	if (!fclose(f))
		return text;
	free(text);
	return NULL;
}
