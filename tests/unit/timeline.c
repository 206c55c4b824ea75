/* SPDX-License-Identifier: BSD-2-Clause */
/* timeline.c: traces that are read or refused, what is made of their events, and the forms of the picture. */
#include "vmm/tool/timeline_build.h"
#include "vmm/tool/timeline_draw.h"
#include "vmm/tool/timeline_read.h"

#include <errno.h>
#include <stdlib.h>

#include "tap.h"

#define FIRST "{\"schema\":\"zpvm-trace\",\"version\":1,\"arch\":\"s390x\",\"start\":1000}\n"

static struct timeline_trace trace;
static struct timeline_model model;
static struct error err;
static char *bytes, *drawn;

static int read_text(const char *text)
{
	free(bytes);
	bytes = strdup(text);
	err.text[0] = 0;
	return timeline_read(&trace, "t", bytes, strlen(text), &err);
}

/* Whether it is refused with this sentence. */
static void refused(const char *lines, const char *why)
{
	char text[4096];

	snprintf(text, sizeof(text), "%s%s", FIRST, lines);
	ok(read_text(text) == -EBADMSG && !strcmp(err.text, why), "refused: %s", why);
	if (strcmp(err.text, why))
		printf("# got \"%s\"\n", err.text);
}

static void model_of(const char *lines, const struct timeline_wish *wish)
{
	char text[8192];

	snprintf(text, sizeof(text), "%s%s", FIRST, lines);
	if (!ok(!read_text(text) && !timeline_build(&model, &trace, wish, &err), "it is read"))
		printf("# %s\n", err.text);
}

static void forget(void)
{
	timeline_model_free(&model);
	timeline_free(&trace);
}

typedef int draw_fn(const struct timeline_model *m, FILE *out, struct error *err);

static const char *draw(draw_fn *form)
{
	size_t len;
	FILE *out;

	free(drawn);
	out = open_memstream(&drawn, &len);
	form(&model, out, &err);
	fclose(out);
	return drawn;
}

/* --- reading ------------------------------------------------------------------ */

#define EVENT(id, parent, ts, dur, rest) \
	"{\"id\":" #id ",\"parent\":" #parent ",\"ts\":" #ts ",\"dur\":" #dur ",\"kind\":" rest "}\n"
#define NOTE(id, ts) EVENT(id, 0, ts, 0, "\"note\",\"name\":\"n\"")

#define EIGHT "[[[[[[[["

static void test_refusals(void)
{
	is(read_text(""), -EBADMSG, "an empty file");
	has(err.text, "t:1: empty", "which it says");
	is(read_text("hello\nworld\n"), -EBADMSG, "no trace");
	has(err.text, "t:1: not a trace", "which it says");
	is(read_text("{\"schema\":\"zpvm-tr"), -EBADMSG, "one that is cut in its first line");
	has(err.text, "t:1: not a trace: the first line is cut", "which it says");
	is(read_text("{\"schema\":\"other\",\"version\":1,\"arch\":\"a\",\"start\":1}\n"), -EBADMSG,
	   "of others");
	has(err.text, "t:1: the schema is not zpvm-trace", "which it says");
	is(read_text("{\"schema\":\"zpvm-trace\",\"version\":2,\"arch\":\"a\",\"start\":1}\n"), -EBADMSG,
	   "a new one");
	has(err.text, "t:1: version 2 of the schema: this zpvm reads 1", "which it says");
	is(read_text("{\"schema\":\"zpvm-trace\",\"version\":1,\"start\":1}\n"), -EBADMSG,
	   "one of no machine");
	has(err.text, "t:1: arch or start is missing", "which it says");
	refused(NOTE(1, 5) "[]\n", "t:3: no object: is this a trace of zpvm run --trace=json?");
	refused(NOTE(1, 5) "\n", "t:3: no object: is this a trace of zpvm run --trace=json?");
	refused(NOTE(7, 5) NOTE(8, 6) NOTE(7, 9), "t:4: the id 7 is that of line 2");
	refused(EVENT(2, 1, 5, 0, "\"note\",\"name\":\"n\"") EVENT(1, 0, 6, 9, "\"step\",\"name\":\"s\""),
	        "t:2: time runs backwards: it is not within its cause, line 3");
	refused(EVENT(2, 1, 5, 8, "\"kvm\",\"name\":\"n\"") EVENT(1, 0, 5, 7, "\"step\",\"name\":\"s\""),
	        "t:2: time runs backwards: it is not within its cause, line 3");
	refused(EVENT(1, 0, 5, 7, "\"step\",\"name\":\"s\"") EVENT(2, 1, 6, 0, "\"kvm\",\"name\":\"n\""),
	        "t:3: its cause was over before it");
	refused(EVENT(1, 1, 5, 7, "\"step\",\"name\":\"s\""), "t:2: an event is its own cause");
	refused(NOTE(0, 5), "t:2: an id is 0");
	refused(NOTE(99999999999999999999, 5), "t:2: a number is too large");
	refused(NOTE(1, 9999999999999999999), "t:2: a number is too large");
	refused(EVENT(1, 0, 4611686018427387904, 1, "\"note\",\"name\":\"n\""), "t:2: a time is too large");
	refused(NOTE(1, -5), "t:2: a number is missing, whole and not negative");
	refused(NOTE(1, 05), "t:2: offset 25: a comma or } is missing here");
	refused(NOTE(1, 5.5), "t:2: a number is missing, whole and not negative");
	refused(EVENT(1, 0, 5, 0, "\"party\",\"name\":\"n\""), "t:2: there is no such kind of event");
	refused(EVENT(1, 0, 5, 0, "\"note\""), "t:2: id, parent, ts, dur, kind or name is missing");
	refused(EVENT(1, 0, 5, 0, "\"note\",\"name\":\"n\",\"id\":2"),
	        "t:2: offset 59: the member \"id\" is there already");
	refused(EVENT(1, 0, 5, 0, "\"note\",\"name\":\"n\",\"phase\":\"n\""), "t:2: a member is there twice");
	refused(EVENT(1, 0, 5, 0, "\"note\",\"name\":\"n\",\"args\":{\"a\":1,\"a\":2}"),
	        "t:2: offset 73: the member \"a\" is there already");
	refused(EVENT(1, 0, 5, 0, "\"note\",\"name\":\"n\",\"vcpu\":65536"), "t:2: a number is too large");
	refused(EVENT(1, 0, 5, 0, "\"note\",\"name\":\"n\\q\""), "t:2: offset 57: no such escape sequence");
	refused(EVENT(1, 0, 5, 0, "\"note\",\"name\":\"n\\u12\""),
	        "t:2: offset 57: \\u is followed by no character");
	refused(EVENT(1, 0, 5, 0, "\"note\",\"name\":\"n\t\""),
	        "t:2: offset 57: a control character in a string");
	refused(EVENT(1, 0, 5, 0, "\"note\",\"name\":\"n"), "t:2: offset 55: a string without an end");
	refused(EVENT(1, 0, 5, 0, "\"note\",\"name\":\"n\"}"), "t:2: offset 59: more follows the value");
	refused(EVENT(1, 0, 5, 0,
	              "\"note\",\"name\":\"n\",\"new\":" EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT),
	        "t:2: offset 128: too many values in one another");
	refused("{\"schema\":\"zpvm-trace\",\"version\":1,\"arch\":\"power9\",\"start\":1001}\n",
	        "t:2: another architecture goes on");
}

/* A line of this size needs much memory, a whole trace of it does not. */
static void test_long_line(size_t size)
{
	char *text = malloc(size + sizeof(FIRST) + 1);

	memset(text, ' ', size + sizeof(FIRST));
	memcpy(text, FIRST, strlen(FIRST));
	memcpy(text + strlen(FIRST), NOTE(1, 5), strlen(NOTE(1, 5)) - 1);
	strcpy(text + strlen(FIRST) + size, "\n");
	is(read_text(text), size > 1 << 20 ? -EBADMSG : 0, "a line of %zu bytes", size);
	if (size > 1 << 20)
		has(err.text, "t:2: a line of more than 1 MiB", "which it says");
	else
		timeline_free(&trace);
	free(text);
}

static void test_reading(void)
{
	ok(!read_text(FIRST) && !trace.count && !*trace.note, "a trace without events");
	timeline_free(&trace);
	ok(!read_text(FIRST NOTE(1, 5) "{\"id\":2,\"par") && trace.count == 1, "one that is cut");
	has(trace.note, "t:3: the last line is cut", "which it says");
	timeline_free(&trace);
	ok(!read_text(FIRST EVENT(
		   1, 0, 5, 0,
		   "\"note\",\"new\":{\"a\":[1,-2.5e3,true,null,\"x\"]},\"name\":\"a\\u0041\\\"\\n\"")) &&
	           !strcmp(trace.events[0].name, "aA\"?"),
	   "members that are not known, and escapes");
	timeline_free(&trace);
	ok(!read_text(FIRST EVENT(1, 0, 5, 0, "\"note\",\"name\":\"\xc3\xa9=\\u20ac\",\"result\":\"\"")) &&
	           !strcmp(trace.events[0].name, "?=?") && !*trace.events[0].result,
	   "characters that are no ASCII");
	timeline_free(&trace);
	ok(!read_text(FIRST NOTE(1, 5) "{\"schema\":\"zpvm-trace\",\"version\":1,\"arch\":\"s390x\","
	                               "\"start\":1500}\n" NOTE(1, 5)) &&
	           trace.count == 2 && trace.processes == 2 && trace.events[1].ts == 505 && !*trace.note,
	   "another process goes on, with ids of its own");
	timeline_free(&trace);
	ok(!read_text(FIRST NOTE(1, 800) "{\"schema\":\"zpvm-trace\",\"version\":1,\"arch\":\"s390x\","
	                                 "\"start\":900}\n" NOTE(1, 5)) &&
	           trace.events[1].ts == 805,
	   "which is behind the first one if the host's clock went back");
	has(trace.note, "t:3: the host's clock went back", "and it says so");
	timeline_free(&trace);
}

/* --- what is made of it --------------------------------------------------------- */

#define IRQ(id, ts, vm, phase, rest) \
	EVENT(id, 0, ts, 0, "\"irq\",\"vm\":\"" vm "\",\"phase\":\"" phase "\",\"irq\":{" rest "}")
#define IO3 "\"label\":\"disk\",\"type\":\"io\",\"isc\":3"
#define TAKE                                                                           \
	EVENT(9, 0, 900, 0,                                                            \
	      "\"irq\",\"vm\":\"second\",\"vcpu\":0,\"phase\":\"taken\",\"irq\":{" IO3 \
	      "},\"by\":\"vcpu 0\"")

static const char fork_text[] = EVENT(1, 0, 100, 0, "\"vcpu\",\"vm\":\"first\",\"vcpu\":0,\"name\":\"held\"")
	EVENT(3, 2, 210, 5,
              "\"irq\",\"vm\":\"first\",\"phase\":\"injected\",\"irq\":{" IO3
              "},\"by\":\"line 4\"") EVENT(2, 0, 200, 20,
                                           "\"step\",\"vm\":\"first\",\"name\":\"inject io isc=3 "
                                           "as=disk\",\"args\":{\"line\":4}")
		EVENT(5, 4, 310, 5,
                      "\"snapshot\",\"vm\":\"first\",\"name\":\"RAM\",\"args\":{\"of\":\"save\"}")
			EVENT(4, 0, 300, 20,
                              "\"step\",\"vm\":\"first\",\"name\":\"snapshot S\",\"args\":{\"line\":5}")
				EVENT(7, 6, 410, 5,
                                      "\"snapshot\",\"vm\":\"second\",\"name\":\"RAM\",\"args\":{\"of\":"
                                      "\"restore\"}") EVENT(6, 0, 400, 20,
                                                            "\"step\",\"vm\":\"first\",\"name\":\"restore S "
                                                            "second\",\"args\":{\"line\":6}")
					EVENT(8, 0, 500, 0,
                                              "\"vcpu\",\"vm\":\"second\",\"vcpu\":0,\"name\":\"running\"")
						TAKE;

static void test_fork(void)
{
	const struct timeline_wish wish = { .width = 0 };

	model_of(fork_text, &wish);
	is(model.lanes.count, 2, "a lane for the vCPU of each VM");
	is(model.states.count, 2, "and its states");
	is(model.moves.count, 2, "a save and a restore");
	ok(model.moves.count == 2 && model.moves.all[1].restore && model.moves.all[1].source == 0 &&
	           !strcmp(model.moves.all[1].name, "S"),
	   "of that save");
	is(model.rows.count, 2, "the interrupt in each VM");
	ok(model.episodes.count == 2 && model.episodes.all[0].begin == TIMELINE_INJECTED &&
	           model.episodes.all[0].close == TIMELINE_OPEN && model.episodes.all[0].from == 210 &&
	           model.episodes.all[1].begin == TIMELINE_RESTORED && model.episodes.all[1].from == 415 &&
	           model.episodes.all[1].close == TIMELINE_TAKEN && model.episodes.all[1].to == 900,
	   "pending in the first one, taken in the second one");
	has(draw(timeline_svg), "class=\"fork\"", "the picture shows the fork");
	has(drawn, "4  inject io isc=3", "and the line");
	has(drawn, "taken by vcpu 0", "and who took it");
	ok(strstr(drawn, "class=\"a\"") && strstr(drawn, "class=\"r\""), "with arrows");
	ok(!strstr(drawn, "http:") || strstr(drawn, "http:") == strstr(drawn, "http://www.w3.org/2000/svg"),
	   "and needs nothing else");
	has(draw(timeline_html), "<script>", "the page has a script");
	has(draw(timeline_chrome), "\"ph\":\"f\"", "Chrome's format has arrows");
	has(draw(timeline_print), "disk by vcpu 0", "the text says who took it");
	forget();
}

static void test_phases(void)
{
	const struct timeline_wish wish = { .width = 0 };

	model_of(IRQ(1, 10, "v", "injected", IO3) IRQ(2, 20, "v", "injected", IO3)
	                 IRQ(3, 30, "v", "merged", IO3) IRQ(4, 40, "v", "taken", IO3)
	                         IRQ(5, 50, "v", "ended", IO3) IRQ(6, 60, "v", "pending", IO3)
	                                 IRQ(7, 70, "v", "pending", IO3) IRQ(8, 80, "v", "withdrawn", IO3)
	                                         IRQ(9, 90, "v", "taken", "\"type\":\"mchk\""),
	         &wish);
	is(model.rows.count, 2, "equal interrupts are in one row");
	ok(model.episodes.count == 4 && model.episodes.all[0].close == TIMELINE_MERGED &&
	           model.episodes.all[1].close == TIMELINE_TAKEN && model.episodes.all[1].ended == 50 &&
	           model.episodes.all[2].begin == TIMELINE_FOUND && model.episodes.all[2].from == 60 &&
	           model.episodes.all[2].close == TIMELINE_WITHDRAWN &&
	           model.episodes.all[3].begin == TIMELINE_UNSEEN,
	   "merged, taken and ended, found and withdrawn, never seen before");
	forget();
}

/* Its label, count and number in the log are not what an interrupt is. */
static void test_identity(void)
{
	const struct timeline_wish wish = { .width = 0 };

	model_of(IRQ(1, 10, "v", "injected", "\"type\":\"io\",\"isc\":3,\"count\":2")
	                 IRQ(2, 20, "v", "taken", IO3 ",\"record\":0") IRQ(3, 30, "w", "taken", IO3),
	         &wish);
	ok(model.rows.count == 2 && !strcmp(model.rows.all[0].label, "disk") &&
	           model.rows.all[0].episodes == 1,
	   "an interrupt whose label comes later is the same, that of another VM is not");
	forget();
}

/* What nobody has seen again is only maybe pending, until another one comes. */
static void test_unknown(void)
{
	const struct timeline_wish wish = { .width = 0 };

	model_of(IRQ(1, 10, "v", "injected", IO3) IRQ(2, 500, "v", "pending", IO3)
	                 IRQ(3, 900, "v", "injected", IO3) NOTE(4, 1000),
	         &wish);
	ok(model.episodes.count == 2 && model.episodes.all[0].close == TIMELINE_OPEN &&
	           model.episodes.all[0].seen == 500 && !model.episodes.all[1].seen,
	   "two that the guest says nothing about, one of them was seen");
	draw(timeline_svg);
	ok(strstr(drawn, "class=\"p\"") && strstr(drawn, "class=\"o\"") && strstr(drawn, "maybe pending"),
	   "and are drawn so");
	forget();
}

static void test_wishes(void)
{
	const struct timeline_wish part = { .from = 250, .to = 350 }, late = { .from = 5000 };
	const struct timeline_wish irq = { .irq = "other" }, narrow = { .width = 700 };
	char text[8192];

	model_of(fork_text, &part);
	draw(timeline_svg);
	ok(!strstr(drawn, "4  inject") && strstr(drawn, "5  snapshot S"), "only a part of the time");
	forget();
	snprintf(text, sizeof(text), "%s%s", FIRST, fork_text);
	ok(!read_text(text) && timeline_build(&model, &trace, &late, &err) == -EINVAL, "from behind the end");
	has(err.text, "the trace ends at 0.000001 s", "which it says");
	timeline_free(&trace);
	model_of(fork_text, &irq);
	ok(!strstr(draw(timeline_svg), "disk:") && !strstr(draw(timeline_print), "disk by"),
	   "only one interrupt");
	forget();
	model_of(fork_text, &narrow);
	has(draw(timeline_svg), "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"700\"", "its width");
	forget();
	model_of("", &(struct timeline_wish){ .width = 0 });
	has(draw(timeline_svg), "There are no events in this trace.", "a trace without events");
	has(draw(timeline_print), "seconds  injected", "as text");
	has(draw(timeline_chrome), "\"traceEvents\":[", "in Chrome's format");
	forget();
	model_of(EVENT(1, 0, 5, 0, "\"note\",\"vm\":\"<&\\\"'>\",\"vcpu\":1,\"name\":\"<b>&\""), &narrow);
	ok(!strstr(draw(timeline_svg), "<b>") && strstr(drawn, "VM &lt;&amp;\"'&gt;"),
	   "what XML has signs for");
	forget();
}

/* As many as there are: the picture does not grow with them. */
static void test_many(void)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	const struct timeline_wish wish = { .width = 0 };

	fputs(FIRST, out);
	for (unsigned i = 0; i < 20000; i++)
		fprintf(out,
		        "{\"id\":%u,\"parent\":0,\"ts\":%u,\"dur\":700,\"kind\":\"exit\",\"vm\":\"first\","
		        "\"vcpu\":%u,"
		        "\"name\":\"DIAG\"}\n",
		        i + 1, i * 1000, i & 1);
	for (unsigned i = 0; i < 20000; i++)
		fprintf(out,
		        "{\"id\":%u,\"parent\":0,\"ts\":%u,\"dur\":0,\"kind\":\"irq\",\"vm\":\"first\","
		        "\"vcpu\":%u,"
		        "\"phase\":\"taken\",\"irq\":{\"type\":\"io\",\"isc\":%u},\"by\":\"vcpu 0\"}\n",
		        i + 20001, i * 1000, i & 1, i % 200);
	fclose(out);
	free(bytes);
	bytes = text;
	ok(!timeline_read(&trace, "t", bytes, len, &err) && !timeline_build(&model, &trace, &wish, &err),
	   "40000 events");
	draw(timeline_svg);
	ok(strlen(drawn) < 1500000, "make a picture of %zu bytes", strlen(drawn));
	has(drawn, "more interrupts are left out", "which says that it has no room for all interrupts");
	forget();
}

int main(void)
{
	test_refusals();
	test_long_line(1 << 20);
	test_long_line((1 << 20) + 1);
	test_reading();
	test_fork();
	test_phases();
	test_identity();
	test_unknown();
	test_wishes();
	test_many();
	free(bytes);
	free(drawn);
	return tap_done();
}
