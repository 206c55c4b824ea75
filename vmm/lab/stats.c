/* SPDX-License-Identifier: BSD-2-Clause */
/* stats.c: see stats.h. */
#include "stats.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm/cpu_op.h"

#define MOST      1000 /* counters of one object, values of one counter */
#define MOST_NAME 256  /* bytes */

/* --- one object --------------------------------------------------------- */

static bool read_at(int fd, void *buf, size_t len, uint64_t at)
{
	return pread(fd, buf, len, (off_t)at) == (ssize_t)len;
}

/* A histogram is the sum of its values. */
static bool read_value(int fd, const struct kvm_stats_header *h, const struct kvm_stats_desc *d,
                       uint64_t *sum)
{
	uint64_t value[MOST];

	*sum = 0;
	if (d->size > MOST ||
	    !read_at(fd, value, d->size * sizeof(*value), h->data_offset + (uint64_t)d->offset))
		return false;
	for (unsigned i = 0; i < d->size; i++)
		*sum += value[i];
	return true;
}

static bool allocate(struct stats_of *of, const struct kvm_stats_header *h)
{
	if (h->num_desc > MOST || h->name_size > MOST_NAME)
		return false;
	of->number = h->num_desc;
	of->name_size = h->name_size;
	of->names = calloc(of->number, of->name_size + 1);
	of->values = calloc(of->number, sizeof(*of->values));
	of->counts = calloc(of->number, sizeof(*of->counts));
	return of->names && of->values && of->counts;
}

static bool read_all(int fd, struct stats_of *of)
{
	union {
		struct kvm_stats_desc desc;
		char bytes[sizeof(struct kvm_stats_desc) + MOST_NAME];
	} d;
	struct kvm_stats_header h;

	if (!read_at(fd, &h, sizeof(h), 0) || !allocate(of, &h))
		return false;
	for (unsigned i = 0; i < of->number; i++) {
		size_t len = sizeof(d.desc) + of->name_size;

		if (!read_at(fd, &d, len, h.desc_offset + i * len) ||
		    !read_value(fd, &h, &d.desc, &of->values[i]))
			return false;
		memcpy(of->names + i * of->name_size, d.desc.name, of->name_size);
		of->counts[i] = (d.desc.flags & KVM_STATS_TYPE_MASK) != KVM_STATS_TYPE_INSTANT &&
		                (d.desc.flags & KVM_STATS_TYPE_MASK) != KVM_STATS_TYPE_PEAK;
	}
	return true;
}

static int read_object(const struct kvm_fd *k, struct stats_of *of, struct error *err)
{
	long fd = kvm_call_value(k, KVM_GET_STATS_FD, 0);
	bool good;

	if (fd < 0)
		return kvm_failed(err, fd == -ENOTTY ? -EOPNOTSUPP : fd, k, "this host's KVM does not count",
		                  "KVM_GET_STATS_FD");
	good = read_all((int)fd, of);
	close((int)fd);
	return good ? 0 : error_set(err, -EIO, "%s: KVM's counters cannot be read", k->name);
}

/* --- all ---------------------------------------------------------------- */

int stats_read(const struct vm *vm, struct stats *s, struct error *err)
{
	int rc = 0;

	*s = (struct stats){ .of = calloc(vm->vcpu_count + 1, sizeof(*s->of)) };
	if (!s->of)
		return error_set(err, -ENOMEM, "out of memory");
	for (; s->count <= vm->vcpu_count && !rc; s->count++)
		rc = read_object(s->count ? &vm->vcpus[s->count - 1].fd : &vm->fd, &s->of[s->count], err);
	if (rc)
		stats_free(s);
	return rc;
}

void stats_free(struct stats *s)
{
	for (unsigned i = 0; i < s->count; i++) {
		free(s->of[i].names);
		free(s->of[i].values);
		free(s->of[i].counts);
	}
	free(s->of);
	*s = (struct stats){ 0 };
}

static uint64_t difference(const struct stats *s, const struct stats *since, unsigned object, unsigned i)
{
	const struct stats_of *of = &s->of[object];

	return of->values[i] - (object < since->count && of->counts[i] ? since->of[object].values[i] : 0);
}

static bool add_value(const struct stats *s, const struct stats *since, const char *name, unsigned object,
                      uint64_t *value)
{
	const struct stats_of *of = &s->of[object];

	for (unsigned i = 0; i < of->number; i++)
		if (!strncmp(of->names + i * of->name_size, name, of->name_size)) {
			*value += difference(s, since, object, i);
			return true;
		}
	return false;
}

bool stats_value(const struct stats *s, const struct stats *since, const char *name, unsigned cpu,
                 uint64_t *value)
{
	bool found;

	*value = 0;
	if (cpu != VCPU_ALL)
		return cpu + 1 < s->count && add_value(s, since, name, cpu + 1, value);
	found = add_value(s, since, name, 0, value);
	for (unsigned i = 1; i < s->count && (i > 1 || !found); i++)
		found = add_value(s, since, name, i, value);
	return found;
}

void stats_print(const struct stats *s, const struct stats *since, FILE *out)
{
	for (unsigned object = 0; object < s->count; object++) {
		const struct stats_of *of = &s->of[object];

		if (object)
			fprintf(out, "      vCPU %u:", object - 1);
		else
			fputs("      VM:", out);
		for (unsigned i = 0; i < of->number; i++)
			if (difference(s, since, object, i))
				fprintf(out, " %.*s=%" PRIu64, (int)of->name_size,
				        of->names + i * of->name_size, difference(s, since, object, i));
		fputc('\n', out);
	}
}
