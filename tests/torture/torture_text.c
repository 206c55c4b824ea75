/* SPDX-License-Identifier: BSD-2-Clause */
/* torture_text.c: see torture_text.h. Pure. What the actions are: torture_act.c. */
#include "torture_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "torture_act.h"

/* With what the body needs: routes, adapters, names. */
static void write_beginning(struct torture_writer *w, FILE *out, const struct torture_program *p)
{
	/* The host may be an emulator with much to do. */
	fprintf(out, "# seed %llu\n%svcpus %u\ntimeout 60\n", (unsigned long long)p->seed, w->words.head,
	        w->cpus);
	if (p->irqchip)
		fprintf(out, "irqchip-model %s\n", p->irqchip);
	fputs("run\n", out);
	for (unsigned n = 0; n < w->cpus; n++) {
		if (n)
			fprintf(out, "guest start vcpu=%u\nrun\n", n);
		if (*w->words.begin)
			fprintf(out, "guest %s cpu=%u\nrun\n", w->words.begin, n);
	}
	for (unsigned i = 0; i < w->words.group_count; i++)
		if (w->used[i])
			fputs(w->words.groups[i].setup, out);
	for (unsigned i = 0; i < w->words.send_count; i++)
		if (w->sent[i] && *w->words.sends[i].name)
			fprintf(out, "%s\n", w->words.sends[i].name);
}

static void write_body(struct torture_writer *w, const struct torture_program *p)
{
	w->cpus = p->cpus;
	w->r = (struct prng){ p->seed };
	arch_torture_words(&w->words, p->cpus, p->irqchip, &w->r);
	w->vm = w->vms;
	w->vm->there = true;
	for (unsigned n = 0; n < p->cpus; n++)
		w->vm->cpus[n] = (struct torture_cpu){ .doing = DOING_READY };
	for (size_t i = 0; i < p->count; i++)
		torture_act(w, p->actions[i]);
	w->r = (struct prng){ ~p->seed };
	torture_finish(w);
}

int torture_program_text(const struct torture_program *p, char **text, size_t *len,
                         struct torture_count *count, struct error *err)
{
	struct torture_writer *w = calloc(1, sizeof(*w));
	char *body = NULL;
	size_t size;
	FILE *out;

	*text = NULL;
	if (w)
		w->out = open_memstream(&body, &size);
	out = w && w->out ? open_memstream(text, len) : NULL;
	if (out) {
		write_body(w, p);
		fclose(w->out);
		write_beginning(w, out, p);
		fputs(body, out);
		fclose(out);
		*count = w->count;
	} else if (w && w->out) {
		fclose(w->out);
	}
	free(body);
	free(w);
	return *text ? 0 : error_set(err, -ENOMEM, "out of memory for a program");
}

int torture_program_make(struct torture_program *p, uint64_t seed, unsigned cpus, const char *irqchip,
                         size_t steps, struct error *err)
{
	struct prng r = { seed };

	*p = (struct torture_program){ .seed = seed, .irqchip = irqchip, .count = steps };
	p->cpus = 1 + prng_below(&r, 4);
	if (cpus)
		p->cpus = cpus;
	p->actions = calloc(steps, sizeof(*p->actions));
	if (!p->actions)
		return error_set(err, -ENOMEM, "out of memory for a program");
	for (size_t i = 0; i < steps; i++)
		p->actions[i] = prng_next(&r);
	return 0;
}

void torture_program_free(struct torture_program *p)
{
	free(p->actions);
	*p = (struct torture_program){ .actions = NULL };
}
