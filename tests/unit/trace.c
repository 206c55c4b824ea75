/* SPDX-License-Identifier: BSD-2-Clause */
/* trace.c: events, their nesting, what --trace takes, and the lines that are written of them. */
#include "vmm/trace.h"

#include <errno.h>
#include <stdlib.h>

#include "tap.h"
#include "vmm/trace/print.h"
#include "vmm/trace/wish.h"

/* A sink that writes both forms, in memory. */
struct both {
	struct trace_print text, json;
	uint64_t ids;
};

static void receive(const struct trace *trace, struct trace_event *event, bool begins)
{
	struct both *both = trace->to;

	event->id = event->id ? event->id : ++both->ids;
	/* Lines that can be compared. */
	event->ns = 1000000000 + 1000 * event->id;
	event->duration = begins || event->kind == TRACE_NOTE ? 0 : 2500;
	if (begins)
		return;
	trace_print_json(&both->json, event);
	trace_print_text(&both->text, event);
}

static char *text, *json;
static size_t text_len, json_len;
static struct both both;
static struct trace trace;

static void begin(unsigned kinds, bool colour)
{
	both = (struct both){ .text = { open_memstream(&text, &text_len), 1000000000, colour },
		              .json = { open_memstream(&json, &json_len), 1000000000, false } };
	trace = (struct trace){ .kinds = kinds, .sink = receive, .to = &both, .vm = "first" };
}

static void end(void)
{
	fclose(both.text.out);
	fclose(both.json.out);
}

static void forget(void)
{
	free(text);
	free(json);
}

/* A scenario's line, an injection that it asks for, a call that this makes. */
static void happen(void)
{
	struct trace_event line, irq, call;

	trace_begin(&trace, &line, TRACE_STEP, -1, "inject io isc=3", NULL);
	if (line.id)
		trace_number(&line, "line", 12);
	trace_begin(&trace, &irq, TRACE_IRQ, -1, "injected", NULL);
	if (irq.id) {
		trace_text(&irq, "type", "io");
		trace_number(&irq, "isc", 3);
		trace_text(&irq, "by", "line 12");
	}
	if (trace_wants(&trace, TRACE_KVM)) {
		trace_init(&call, TRACE_KVM, 1, "KVM_S390_IRQ");
		trace_hex(&call, "parm", 0xcafe);
		trace_code(&call, -EINVAL);
		trace_point(&trace, &call);
	}
	trace_end(&trace, &irq);
	trace_end(&trace, &line);
}

static void test_nesting(void)
{
	begin(~0u, false);
	happen();
	end();
	ok(!strcmp(text, "    0.000001 first    line 12: inject io isc=3 {\n"
	                 "     +1.0 us first      irq injected io isc=3 by line 12 {\n"
	                 "     +1.0 us vcpu 1       KVM_S390_IRQ parm=0xcafe = EINVAL  2.5 us\n"
	                 "     +3.5 us first      }  2.5 us\n"
	                 "    0.000003 first    }  2.5 us\n"),
	   "a span with others has a line before them and its end after them");
	printf("# %s", text);
	has(json,
	    "{\"id\":3,\"parent\":2,\"ts\":3000,\"dur\":2500,\"kind\":\"kvm\",\"vm\":\"first\",\"vcpu\":1,"
	    "\"name\":\"KVM_S390_IRQ\",\"args\":{\"parm\":\"0xcafe\"},\"result\":\"EINVAL\"}\n",
	    "the call as JSON");
	has(json,
	    "\"kind\":\"irq\",\"vm\":\"first\",\"phase\":\"injected\",\"irq\":{\"type\":\"io\",\"isc\":3},"
	    "\"by\":\"line 12\"}\n",
	    "the interrupt");
	has(json, "{\"id\":1,\"parent\":0,", "a line has no cause");
	forget();

	begin(1u << TRACE_STEP | 1u << TRACE_KVM, false);
	happen();
	end();
	has(text, "     +1.0 us vcpu 1     KVM_S390_IRQ", "what is not wanted is left out of the nesting");
	has(json, "{\"id\":2,\"parent\":1,", "and its child is that of the span around it");
	forget();

	begin(1u << TRACE_IRQ, false);
	happen();
	end();
	ok(!strcmp(text, "    0.000001 first    irq injected io isc=3 by line 12  2.5 us\n"),
	   "a span without others is one line");
	forget();

	begin(0, false);
	happen();
	end();
	ok(!text_len && !json_len && !both.ids, "nothing is wanted: nothing is made");
	ok(!trace_wants(NULL, TRACE_KVM), "there is no trace");
	forget();
}

static void test_texts(void)
{
	struct trace_event event;
	char big[2 * TRACE_ROOM];

	memset(big, 'y', sizeof(big) - 1);
	big[sizeof(big) - 1] = 0;
	begin(~0u, true);
	trace_init(&event, TRACE_KVM, -1, "a \"name\"\n\x1b[2J");
	for (unsigned i = 0; i < 2 * TRACE_ARGS; i++)
		trace_text(&event, "x", "%s", big);
	trace_point(&trace, &event);
	trace_note(&trace, "%s: %d", "a note", 5);
	end();
	ok(strstr(text, "\033[2m") && strstr(text, "\033[0m\n"), "colours");
	ok(strstr(text, "a \"name\"??[2J") && !strchr(strchr(text, 'm') + 1, 1), "no control characters");
	has(json, "\"name\":\"a \\\"name\\\"??[2J\"", "quotes in JSON");
	has(text, "a note: 5", "a note");
	has(json, "\"kind\":\"note\",\"vm\":\"first\",\"name\":\"a note: 5\"}\n", "as JSON");
	forget();
}

static int parse(struct trace_wish *wish, const char *words, struct error *err)
{
	err->text[0] = 0;
	return trace_parse(wish, words, err);
}

static void test_words(void)
{
	struct trace_wish w;
	struct error err;

	ok(!parse(&w, NULL, &err) && !w.file && !w.json && w.kinds >> TRACE_KVM & 1 &&
	           !(w.kinds >> TRACE_VCPU & 1),
	   "nothing said: all but vcpu");
	ok(!parse(&w, "irq,kvm:f:g", &err) && !strcmp(w.file, "f:g") &&
	           w.kinds == (1u << TRACE_IRQ | 1u << TRACE_KVM | 1u << TRACE_NOTE),
	   "two of them, and a file");
	ok(!parse(&w, ":f", &err) && !strcmp(w.file, "f") && !(w.kinds >> TRACE_VCPU & 1), "a file alone");
	ok(!parse(&w, "json:f", &err) && w.json && w.kinds >> TRACE_VCPU & 1, "JSON has all");
	ok(!parse(&w, "json,irq", &err) && w.json && !(w.kinds >> TRACE_EXIT & 1), "unless less is said");
	ok(!parse(&w, "all", &err) && w.kinds >> TRACE_VCPU & 1, "all");
	is(parse(&w, "irq,nonsense", &err), -EINVAL, "a word that there is not");
	has(err.text, "nonsense is not one of irq, exit, kvm", "is refused with the list");
	is(parse(&w, "trace.txt", &err), -EINVAL, "a file without a colon");
	has(err.text, "--trace=:FILE", "leads to the right way");
	is(parse(&w, "irq:", &err), -EINVAL, "no file");
	for (unsigned i = 0; i < TRACE_NOTE; i++)
		ok(!parse(&w, trace_words[i].name, &err) && w.kinds == (1u << i | 1u << TRACE_NOTE) &&
		           trace_words[i].what,
		   "%s", trace_words[i].name);
}

int main(void)
{
	test_nesting();
	test_texts();
	test_words();
	return tap_done();
}
