/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table.c: the table of interrupts (S390_IRQ_TYPES, S390_IRQ_FIELDS, S390_KINDS) is complete: whatever has a
 * row is encoded, decoded, described, named by a scenario and kept in the account. kvmirq.c compares it with
 * KVM's struct.
 */
#include <glob.h>
#include <limits.h>

#include "arch/s390x/lab/irq.h"
#include "arch/s390x/snapshot/describe.h"
#include "devices/css/channel_state.h"
#include "devices/sclp/sclp.h"
#include "tests/unit/codec.h"
#include "tests/unit/fields.h"
#include "tests/unit/words.h"
#include "vmm/lab/ledger_section.h"

static struct error err;

#define EACH_FIELD(f, t) \
	(const struct s390_irq_field *f = s390_irq_first((t)->payload); f->payload == (t)->payload; f++)

/* --- types -------------------------------------------------------------- */

static void types(void)
{
	for (const struct s390_irq_type *t = s390_irq_types; t < s390_irq_types_end; t++) {
		bool floats = t->pending & S390_FLOATS, queues = t->pending & S390_QUEUES;

		ok(t->name && *t->name, "type %08x has a name", t->type);
		ok(s390_irq_type(t->type) == t, "... and one row");
		ok(t->pending & (S390_LOCAL | S390_FLOATS), "... and can be pending somewhere");
		ok(!floats || t->several, "... what floats has a name for several");
		ok(queues ? floats && t->max > 1 : t->max == 1, "... what queues floats, up to a number");
		ok(s390_irq_first(t->payload)->payload == t->payload, "... its payload has fields");
	}
	ok(!s390_irq_type(0xfffe0006), "no other type is known");
}

/* By payload: the bytes of the struct's members in the union, without padding. */
static void payloads(void)
{
	static const struct s390_irq *none;
	static const size_t bytes[S390_PAYLOADS] = {
		[S390_PAYLOAD_IO] = sizeof(none->io),
		[S390_PAYLOAD_TOKEN] = sizeof(none->ext) - 4,
		[S390_PAYLOAD_VIRTIO] = sizeof(none->ext) - 4,
		[S390_PAYLOAD_PLAIN] = sizeof(none->ext) - 4,
		[S390_PAYLOAD_SERVICE] = sizeof(none->ext) - 4,
		[S390_PAYLOAD_PROGRAM] = sizeof(none->pgm) - 2,
		[S390_PAYLOAD_MCHK] = sizeof(none->mchk) - 4,
		[S390_PAYLOAD_PREFIX] = sizeof(none->prefix),
		[S390_PAYLOAD_STOP] = sizeof(none->stop_flags),
		[S390_PAYLOAD_SENDER] = sizeof(none->source),
	};
	size_t sum[S390_PAYLOADS] = { 0 };
	unsigned places[S390_PAYLOADS] = { 0 }, fields[S390_PAYLOADS] = { 0 };
	const struct s390_irq_field *f;

	for (f = s390_irq_fields; f->payload < S390_PAYLOADS; f++) {
		sum[f->payload] += f->size;
		if (f->shown)
			places[f->payload] |= 1u << f->shown;
		fields[f->payload] += f->shown != 0;
		ok(f == s390_irq_fields || f[-1].payload == f->payload || s390_irq_first(f->payload) == f,
		   "payload %u: its fields stand together", f->payload);
	}
	for (unsigned p = 0; p < S390_PAYLOADS; p++) {
		is(sum[p], bytes[p], "payload %u: every member is a field", p);
		is(__builtin_popcount(places[p]), fields[p], "... none is shown in another one's place");
	}
}

/* --- fields -------------------------------------------------------------- */

static struct arch_state *holding(const struct s390_irq *irq, bool local)
{
	struct arch_state *state = arch_codec->create();
	struct s390_irq *list = malloc(sizeof(*list));

	*list = *irq;
	state->cpus = calloc(VCPUS, sizeof(*state->cpus));
	state->cpu_count = VCPUS;
	device_states_add(&state->devices, &css_section, 0);
	device_states_add(&state->devices, &sclp_section, 0);
	if (local) {
		state->cpus[0].irqs = list;
		state->cpus[0].irq_count = 1;
	} else {
		state->floating = list;
		state->floating_count = 1;
	}
	state->key_count = MEMORY / 4096;
	state->keys = calloc(state->key_count, 1);
	return state;
}

static void comes_back(const struct s390_irq *irq, bool local)
{
	struct arch_state *state = holding(irq, local), *back = arch_codec->create();
	struct s390_irq *got;
	struct snapshot snap;

	snap_init(&snap, arch_codec->arch);
	is(encode_state(state, &snap, &err), 0, "  encoded");
	is(decode_state(back, &snap, VCPUS, MEMORY, &err), 0, "  decoded: %s", err.text);
	got = local ? back->cpus[0].irqs : back->floating;
	ok(got && !memcmp(got, irq, sizeof(*irq)), "  %s: it is the same", local ? "local" : "floating");
	snap_free(&snap);
	arch_codec->free(state);
	arch_codec->free(back);
}

/* With one field that is not zero. */
static void one_field(const struct s390_irq_type *t, const struct s390_irq_field *f)
{
	struct s390_irq zero = { .type = t->type == S390_IO_MAX ? 0 : t->type }, irq = zero;
	char text[S390_IRQ_ALL], empty[S390_IRQ_ALL];

	s390_irq_set(&irq, f, f->size == 4 ? 1u << 27 : 1); /* in an identification word: an ISC */
	s390_irq_all(&irq, text);
	s390_irq_all(&zero, empty);
	ok(strcmp(text, empty), "a description shows it: %s", text);
	if (t->pending & S390_LOCAL)
		comes_back(&irq, true);
	if (t->pending & S390_FLOATS)
		comes_back(&irq, false);
}

/* The subchannel's number is above its identification. */
static void adapter_subchannel(void)
{
	struct s390_irq irq = { .type = S390_ADAPTER, .io = { .subchannel_id = 3, .subchannel_nr = 5 } };
	char text[S390_IRQ_ALL];

	s390_irq_all(&irq, text);
	has(text, ", subchannel 30005", "an adapter's interrupt with a subchannel");
}

/* --- kinds --------------------------------------------------------------- */

/* The shortest line of a kind, with value for the words that it needs, and for one more. */
static int parse(const struct s390_kind_row *k, const char *more, unsigned value, struct irq *irq)
{
	const struct s390_irq_type *t = s390_irq_type(k->type);
	struct word words[WORDS_MAX] = { { NULL, k->word } };
	unsigned count = 1;
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	for (unsigned i = 0; i < S390_KIND_WORDS && k->own[i].word; i++)
		if (k->own[i].needed)
			words[count++] = (struct word){ k->own[i].word, "1" };
	for
		EACH_FIELD(f, t)
	if (f->word && f->flags & S390_NEEDED && (!more || strcmp(more, f->word)))
		words[count++] = (struct word){ f->word, "0" };
	if (more)
		words[count++] = (struct word){ more, text };
	if (t->pending & S390_LOCAL)
		words[count++] = (struct word){ "cpu", "0" };
	return irq_parse(words, count, irq, &err);
}

static void kind(const struct s390_kind_row *k)
{
	const struct s390_irq_type *t = s390_irq_type(k->type);
	struct irq irq, with;
	unsigned words = 0;

	ok(t && *k->word, "kind %s has a type", k->word);
	is(parse(k, NULL, 0, &irq), 0, "%s: parsed: %s", k->word, err.text);
	is(irq_depth(&irq) > 1, (t->pending & S390_QUEUES) != 0, "... it queues, or does not");
	if (irq.want.kind)
		ok(s390_irq_possible(&irq), "... it can be in an account");
	for
		EACH_FIELD(f, t)
		{
			struct s390_irq s;

			ok(!f->word || f->account, "... what has a word has a place in the account");
			if (!f->word)
				continue;
			words |= 1u << f->account;
			is(parse(k, f->word, 8, &with), 0, "... %s=8: %s", f->word, err.text);
			s = irq_to_s390(&with);
			is(s390_irq_get(&s, f), 8, "... is for KVM");
			ok(!irq_equal(&irq, &with), "... and another interrupt");
			if (f->flags & S390_SEEN) {
				struct arch_state *state = holding(&s, with.cpu != IRQ_ANY_CPU);

				is(arch_state_count(state, &with), 1, "... it is found in a state");
				is(arch_state_count(state, &irq), 0, "... and not taken for one without");
				arch_codec->free(state);
			}
		}
	for
		EACH_FIELD(f, t)
	words -= f->word ? 1u << f->account : 0;
	is(words, 0, "... no two words have one place");
}

/* --- what is written elsewhere ------------------------------------------- */

/* Whether a file of the repository, or one of several, has the text. */
static bool has_text(const char *pattern, const char *text)
{
	char *all = NULL;
	size_t size = 0;
	bool found = false;
	glob_t paths;

	if (glob(pattern, 0, NULL, &paths))
		return false;
	for (size_t i = 0; i < paths.gl_pathc && !found; i++) {
		FILE *f = fopen(paths.gl_pathv[i], "r");

		found = f && getdelim(&all, &size, 0, f) > 0 && strstr(all, text);
		if (f)
			fclose(f);
	}
	free(all);
	globfree(&paths);
	return found;
}

static void elsewhere(const struct s390_kind_row *k)
{
	const struct s390_irq_type *t = s390_irq_type(k->type);
	char text[64];

	snprintf(text, sizeof(text), ".It Cm %s", k->word);
	ok(has_text("zpvm-scenario.5", text), "%s is in zpvm-scenario(5)", k->word);
	for
		EACH_FIELD(f, t)
		{
			snprintf(text, sizeof(text), "%s=", f->word);
			ok(!f->word || has_text("zpvm-scenario.5", text), "... its %s, too",
			   f->word ? text : "payload");
		}
	snprintf(text, sizeof(text), "inject %s", k->word);
	ok(has_text("tests/scenarios/*/*", text), "... a scenario injects it");
	snprintf(text, sizeof(text), "\"%s", k->word);
	ok(!k->record || has_text("tests/torture/s390x.c", text),
	   "... random scenarios have it, if it leaves a record");
	snprintf(text, sizeof(text), "%08x", t->type);
	ok(has_text("zpvm-snapshot.5", t->type == S390_IO_MAX ? "fffdffff" : text),
	   "... its type is in zpvm-snapshot(5)");
}

int main(void)
{
	types();
	payloads();
	adapter_subchannel();
	for (const struct s390_irq_type *t = s390_irq_types; t < s390_irq_types_end; t++)
		for
			EACH_FIELD(f, t)
	one_field(t, f);
	for (unsigned k = 0; k < KINDS; k++)
		if (k != KIND_TIMER) {
			kind(&s390_kinds[k]);
			elsewhere(&s390_kinds[k]);
		}
	fields_complete("vCPU", s390_cpu_fields, offsetof(struct s390_cpu, irqs), 7, 1);
	fields_complete("adapter", s390_adapter_fields, sizeof(struct s390_adapter), 3, 1);
	fields_complete("suppression", s390_ais_fields, sizeof(struct s390_ais), 0, 0);
	return tap_done();
}
