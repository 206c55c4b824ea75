/* SPDX-License-Identifier: BSD-2-Clause */
/* device_section.c: see device_section.h. Pure. */
#include "device_section.h"

#include <errno.h>
#include <stdlib.h>

void *device_states_add(struct device_states *states, const struct device_section *section, unsigned id)
{
	struct device_state *all = realloc(states->all, (states->count + 1) * sizeof(*all));
	void *state = calloc(1, section->size);

	if (all)
		states->all = all;
	if (!all || !state) {
		free(state);
		return NULL;
	}
	all[states->count++] = (struct device_state){ section, id, state };
	return state;
}

void *device_states_find(const struct device_states *states, uint32_t tag, unsigned id)
{
	for (size_t i = 0; i < states->count; i++)
		if (states->all[i].section->tag == tag && states->all[i].id == id)
			return states->all[i].state;
	return NULL;
}

void device_states_free(struct device_states *states)
{
	for (size_t i = 0; i < states->count; i++) {
		if (states->all[i].section->release)
			states->all[i].section->release(states->all[i].state);
		free(states->all[i].state);
	}
	free(states->all);
	*states = (struct device_states){ 0 };
}

/* --- of a VM ---------------------------------------------------------- */

int device_states_save(struct device_states *states, const struct device_row *rows,
                       const struct device_list *list, struct error *err)
{
	int rc = 0;

	for (unsigned i = 0; i < list->count && !rc; i++) {
		const struct device *from = &list->all[i];
		const struct device_row *row = rows;
		void *to;

		if (!from->ops->tag)
			continue;
		while (row->section && row->section->tag != from->ops->tag)
			row++;
		if (!row->section || from->number >= row->max)
			return error_set(err, -EOPNOTSUPP, "snapshots have no section for device \"%s\" %u",
			                 from->ops->name, from->number);
		to = device_states_add(states, row->section, from->number);
		rc = to ? from->ops->save(from->self, to, err) : error_set(err, -ENOMEM, "out of memory");
	}
	return rc;
}

static const struct device *device_of(const struct device_state *state, const struct device_list *list)
{
	return device_find(list, state->section->tag, state->id);
}

int device_states_load(const struct device_states *states, const struct device_list *list, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < states->count && !rc; i++) {
		const struct device *to = device_of(&states->all[i], list);

		rc = to->ops->load(to->self, states->all[i].state, err);
	}
	return rc;
}

int device_states_fit(const struct device_states *states, const struct device_list *list, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < states->count && !rc; i++) {
		const struct device_state *from = &states->all[i];
		const struct device *to = device_of(from, list);

		if (!to)
			return error_set(err, -EBADMSG, "it has device \"%s\" %u, which the VM lacks",
			                 from->section->name, from->id);
		if (to->ops->fits)
			rc = to->ops->fits(to->self, from->state, err);
	}
	for (unsigned i = 0; i < list->count && !rc; i++) {
		const struct device *to = &list->all[i];

		if (to->ops->tag && !device_states_find(states, to->ops->tag, to->number))
			rc = error_set(err, -EBADMSG, "it lacks device \"%s\" %u, which the VM has",
			               to->ops->name, to->number);
	}
	return rc;
}

/* --- of a snapshot ---------------------------------------------------- */

void device_states_encode(const struct device_states *states, struct snapshot *snap)
{
	for (size_t i = 0; i < states->count; i++) {
		const struct device_state *at = &states->all[i];

		for (const struct device_section *of = at->section; of; of = of->more)
			if (!of->has || of->has(at->state))
				of->put(snap_add(snap, of->tag, at->id, of->version), at->state);
	}
}

static int decode_section(const struct device_section *of, unsigned id, void *state,
                          const struct snapshot *snap, uint64_t memory, struct error *err)
{
	const struct snap_section *s = snap_need(snap, of->tag, id, of->version, err);
	struct snap_reader r;

	if (!s)
		return -EBADMSG;
	r = snap_reader(s);
	return of->get(&r, state, memory) && !r.bad && !snap_left(&r) ? 0 : snap_wrong(s, &r, err);
}

/* If there is any of its sections, there must be all that are not optional. */
static int decode_device(struct device_states *states, const struct device_section *section, unsigned id,
                         bool here, const struct snapshot *snap, uint64_t memory, struct error *err)
{
	void *state;
	int rc = 0;

	for (const struct device_section *of = section; of && !here; of = of->more)
		here = snap_find(snap, of->tag, id);
	if (!here)
		return 0;
	state = device_states_add(states, section, id);
	if (!state)
		return error_set(err, -ENOMEM, "snapshot: out of memory");
	for (const struct device_section *of = section; of && !rc; of = of->more)
		if (!of->has || snap_find(snap, of->tag, id))
			rc = decode_section(of, id, state, snap, memory, err);
	return rc;
}

int device_states_decode(struct device_states *states, const struct device_row *rows,
                         const struct snapshot *snap, uint64_t memory, struct error *err)
{
	int rc = 0;

	for (; rows->section; rows++)
		for (unsigned id = 0; id < rows->max && !rc; id++)
			rc = decode_device(states, rows->section, id, id < rows->min, snap, memory, err);
	return rc;
}

bool device_section_known(const struct device_row *rows, const struct snap_section *s)
{
	for (; rows->section; rows++)
		for (const struct device_section *of = rows->section; of; of = of->more)
			if (of->tag == s->tag)
				return s->id < rows->max;
	return false;
}

void device_states_describe(const struct device_states *states, struct outline *out)
{
	for (size_t i = 0; i < states->count; i++)
		states->all[i].section->describe(states->all[i].state, states->all[i].id, out);
}

void device_states_check(const struct device_states *states, const struct snapshot *snap,
                         struct outline *wrong)
{
	for (size_t i = 0; i < states->count; i++)
		if (states->all[i].section->check)
			states->all[i].section->check(states->all[i].state, states->all[i].id, snap, wrong);
}
