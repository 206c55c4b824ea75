/* SPDX-License-Identifier: BSD-2-Clause */
/* sink.c: see sink.h. */
#include "sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "decode.h"
#include "vmm/arch.h"

static void decode(struct trace_event *event, bool begins)
{
	if (event->kind == TRACE_KVM && event->raw)
		decode_request(event->raw, event);
	else if (event->kind == TRACE_EXIT && event->raw && begins)
		arch_decode_exit(event->raw, event);
	else if (event->kind == TRACE_EXIT && event->raw)
		arch_decode_answer(event->raw, event);
}

static void receive(const struct trace *trace, struct trace_event *event, bool begins)
{
	struct trace_sink *sink = trace->to;

	if (!event->id)
		event->id = __atomic_add_fetch(&sink->ids, 1, __ATOMIC_RELAXED);
	decode(event, begins);
	if (begins) {
		event->asked = event->args;
		return;
	}
	if (sink->json)
		trace_print_json(&sink->print, event);
	else
		trace_print_text(&sink->print, event);
}

int sink_open(struct trace_sink *sink, const struct trace_wish *wish, bool go_on, struct error *err)
{
	const char *plain = getenv("NO_COLOR");
	FILE *out;

	*sink = (struct trace_sink){ .json = wish->json };
	if (!wish->kinds)
		return 0;
	out = wish->file ? fopen(wish->file, go_on ? "ae" : "we") : stderr;
	if (!out)
		return error_set(err, -errno, "cannot write the trace to %s: %s", wish->file,
		                 strerror(errno));
	sink->owned = wish->file;
	setvbuf(out, NULL, _IOLBF, 0);
	sink->print = (struct trace_print){ .out = out,
		                            .start = time_now(),
		                            .colour = isatty(fileno(out)) && (!plain || !*plain) };
	sink->trace = (struct trace){ .kinds = wish->kinds, .sink = receive, .to = sink };
	return 0;
}

void sink_begin(const struct trace_sink *sink)
{
	struct timespec now;

	if (!sink->json)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	trace_print_schema(&sink->print, arch_info.name,
	                   (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec -
	                           (time_now() - sink->print.start));
}

void sink_close(struct trace_sink *sink)
{
	if (sink->print.out && sink->owned)
		fclose(sink->print.out);
	sink->print.out = NULL;
}

void sink_help(FILE *out)
{
	fputs("--trace=[WHAT[,WHAT]][:FILE] shows these:\n", out);
	for (unsigned i = 0; i < TRACE_NOTE; i++)
		fprintf(out, "  %-9s %s\n", trace_words[i].name, trace_words[i].what);
	fputs("  all       all of them (without WHAT: all but vcpu)\n"
	      "  json      lines of JSON, for programs: see zpvm-trace(5)\n",
	      out);
}
