/* SPDX-License-Identifier: BSD-2-Clause */
/* serve.c: what gdb asks for. A packet's kind is a row of serve()'s table. See session.h. */
#include <errno.h>
#include <string.h>

#include "session.h"

/* Waiting: for an interrupt. */
static const char *state_text(enum vcpu_state state, bool asleep)
{
	switch (state) {
	case VCPU_OFFLINE:
	case VCPU_SUSPENDED: return "stopped";
	case VCPU_HELD: return "at a checkpoint";
	case VCPU_WAITING: return "in a disabled wait";
	case VCPU_ENDED: return "has ended the VM";
	default: return asleep ? "waiting" : "running";
	}
}

/* --- answers ------------------------------------------------------------------------ */

static void ok(struct gdb_session *s)
{
	gdb_text(&s->reply, "OK");
}

/* The number means nothing, and gdb shows no sentence. */
static void failed(struct gdb_session *s)
{
	s->reply.len = 0;
	gdb_text(&s->reply, "E01");
}

/* Of a thread's number; false: there is no such vCPU. */
static bool cpu_of(struct gdb_session *s, uint64_t thread, unsigned any, unsigned *cpu)
{
	*cpu = thread && thread != GDB_ALL_THREADS ? (unsigned)thread - 1 : any;
	return thread == GDB_ALL_THREADS || thread <= gdb_vm(s)->vcpu_count;
}

static struct vcpu *current(struct gdb_session *s)
{
	return &gdb_vm(s)->vcpus[s->cpu];
}

/* --- why it stands -------------------------------------------------------------------- */

/* The VM has ended: what zpvm's exit status will be, as far as gdb shows it. */
static void explain_end(struct gdb_session *s, const struct event *event)
{
	if (event->why.text[0])
		gdb_say(s, "%s\n", event->why.text);
	if (event->kind == EVENT_STOP)
		gdb_text(&s->reply, "W%02x", (unsigned)(event->value & 0xff));
	else if (event->kind == EVENT_REBOOT)
		gdb_text(&s->reply, "W42"); /* 66 */
	else
		gdb_text(&s->reply, "X%02x", SIGNAL_ABRT);
}

static int ended(struct gdb_session *s)
{
	struct event event;

	vm_event(gdb_vm(s), s->stop.cpu, &event);
	s->over = true;
	explain_end(s, &event);
	return run_ended(gdb_vm(s), s->stop.cpu, s->r.outcome, s->r.err);
}

static const char *signal_of(const struct stop *stop)
{
	return stop->why == STOP_ASKED   ? "T02"
	       : stop->why == STOP_IDLE  ? "T11"
	       : stop->why == STOP_ENDED ? "T06"
	                                 : "T05";
}

static void explain_stop(struct gdb_session *s)
{
	const struct stop *stop = &s->stop;

	gdb_text(&s->reply, "%sthread:%x;", signal_of(stop), stop->cpu + 1);
	if (stop->why == STOP_BREAK && stop->point)
		gdb_text(&s->reply, "%s:;", stop->point->type ? "hwbreak" : "swbreak");
	if (stop->why == STOP_CHANGE)
		gdb_text(&s->reply, "watch:%llx;", (unsigned long long)stop->address);
	if (stop->why == STOP_BEGIN)
		gdb_text(&s->reply, "replaylog:begin;");
}

/* The guest has run. A crash can be looked at, and undone, before it is the end. */
static int has_run(struct gdb_session *s)
{
	struct event event;

	s->cpu = s->stop.cpu;
	s->run_any = true;
	if (s->stop.why == STOP_IDLE)
		gdb_say(s, "no vCPU runs: each is stopped, in a disabled wait, or at a checkpoint, where it "
		           "waits for `monitor guest ...`\n");
	if (s->stop.why == STOP_ENDED) {
		vm_event(gdb_vm(s), s->stop.cpu, &event);
		if (event.kind != EVENT_CRASH || !s->history.most)
			return ended(s);
		gdb_say(s, "%s\n", event.why.text);
	}
	explain_stop(s);
	return 0;
}

/* --- what gdb asks for --------------------------------------------------------------------- */

static int status(struct gdb_session *s)
{
	explain_stop(s);
	return 0;
}

static int get_registers(struct gdb_session *s)
{
	uint8_t bytes[GDB_REGISTERS_MAX];
	size_t at = 0, size = gdb_target_size(&arch_target);
	struct error why;

	if (s->request.kind == GDB_GET_ONE && !gdb_target_find(&arch_target, s->request.number, &at, &size))
		failed(s);
	else if (arch_registers_get(current(s), bytes, &why))
		failed(s);
	else
		gdb_hex(&s->reply, bytes + at, size);
	return 0;
}

static int set_registers(struct gdb_session *s)
{
	uint8_t bytes[GDB_REGISTERS_MAX];
	size_t at = 0, size = gdb_target_size(&arch_target);
	struct error why;

	if (s->request.kind == GDB_SET_ONE && !gdb_target_find(&arch_target, s->request.number, &at, &size)) {
		failed(s);
		return 0;
	}
	if (s->request.count != size || arch_registers_get(current(s), bytes, &why)) {
		failed(s);
		return 0;
	}
	memcpy(bytes + at, s->request.bytes, size);
	s->history.changed = true;
	if (arch_registers_set(current(s), bytes, &why))
		failed(s);
	else
		ok(s);
	return 0;
}

/* It may be code: a processor need not notice that it has changed. */
static void write_memory(char *to, const uint8_t *bytes, uint64_t n)
{
	memcpy(to, bytes, n);
	__builtin___clear_cache(to, to + n);
}

/* Accesses memory piece by piece; bytes: what is stored, or NULL. Returns how many bytes there were. */
static uint64_t access_memory(struct gdb_session *s, uint64_t size, const uint8_t *bytes)
{
	struct vm *vm = gdb_vm(s);
	uint64_t done = 0, left;
	struct error why;
	gpa_t gpa;

	for (uint64_t n; done < size; done += n) {
		if (arch_translate(current(s), s->request.address + done, &gpa, &left, &why))
			break;
		n = left < size - done ? left : size - done;
		if (bytes)
			write_memory(ram_at(&vm->ram, gpa, n), bytes + done, n);
		else
			gdb_hex(&s->reply, ram_see(&vm->ram, gpa, n), n);
	}
	return done;
}

/* Of less than was asked for gdb gets what there is. */
static int load(struct gdb_session *s)
{
	uint64_t size = s->request.size < GDB_BYTES_MAX ? s->request.size : GDB_BYTES_MAX;

	if (!access_memory(s, size, NULL) && size)
		failed(s);
	return 0;
}

static int store(struct gdb_session *s)
{
	if (access_memory(s, s->request.count, s->request.bytes) < s->request.count)
		failed(s);
	else
		ok(s);
	s->history.changed |= s->request.count;
	return 0;
}

/* Types 0 and 1 are the same here: no instruction is replaced in memory. What is read cannot be watched. */
static int breakpoint(struct gdb_session *s)
{
	const struct gdb_request *q = &s->request;
	bool watched = q->number == 2;
	struct gdb_point *p = s->points, *end = s->points + s->point_count;

	if (q->number > 2)
		return 0; /* an empty answer: not supported */
	while (p < end &&
	       (p->type != q->number || p->at.address != q->address || (watched && p->at.size != q->size)))
		p++;
	if (q->kind == GDB_REMOVE && p < end)
		*p = s->points[--s->point_count];
	else if (q->kind == GDB_INSERT && p == end) {
		if (s->point_count == BREAKS_MAX || (watched && (!q->size || q->size > WATCH_MAX))) {
			failed(s);
			return 0;
		}
		*p = (struct gdb_point){ .type = q->number, .at = { watched, q->address, q->size } };
		s->point_count++;
	}
	ok(s);
	return 0;
}

/* All vCPUs are stepped if there is a history, or if KVM does not find breakpoints by itself. */
static bool is_exact(const struct gdb_session *s)
{
	return s->history.most || (s->point_count && !arch_has_breakpoints);
}

/* What the stepper or KVM refuses is said, and the guest stands where it did. */
static int after_run(struct gdb_session *s, int rc)
{
	if (rc == -EOPNOTSUPP || rc == -ENOSPC || rc == -EFAULT || rc == -EBUSY || rc == -ENOMEM) {
		gdb_say(s, "%s\n", s->r.err->text);
		*s->r.err = (struct error){ .text = "" };
		s->stop = (struct stop){ STOP_ASKED, s->stop.cpu, NULL, 0 };
		rc = vm_pause(gdb_vm(s), s->r.err);
	}
	return rc ? rc : has_run(s);
}

static int run_on(struct gdb_session *s)
{
	return after_run(s, is_exact(s) ? exact_run(s) : free_run(s));
}

/* That one is stepped which gdb has named, or looks at. */
static unsigned chosen(const struct gdb_session *s)
{
	return s->run_any ? s->cpu : s->run_cpu;
}

static int step(struct gdb_session *s)
{
	unsigned cpu;

	if (!cpu_of(s, s->request.thread, chosen(s), &cpu)) {
		failed(s);
		return 0;
	}
	return after_run(s, exact_step(s, cpu));
}

static int back(struct gdb_session *s)
{
	return after_run(s, s->request.kind == GDB_BACK ? exact_back(s) : exact_step_back(s, chosen(s)));
}

static int select_thread(struct gdb_session *s)
{
	unsigned cpu;

	if (!cpu_of(s, s->request.thread, s->stop.cpu, &cpu)) {
		failed(s);
		return 0;
	}
	if (s->request.kind == GDB_SELECT_RUN)
		s->run_any = !s->request.thread || s->request.thread == GDB_ALL_THREADS;
	*(s->request.kind == GDB_SELECT ? &s->cpu : &s->run_cpu) = cpu;
	ok(s);
	return 0;
}

static int is_alive(struct gdb_session *s)
{
	unsigned cpu;

	if (cpu_of(s, s->request.thread, 0, &cpu))
		ok(s);
	else
		failed(s);
	return 0;
}

static int current_thread(struct gdb_session *s)
{
	gdb_text(&s->reply, "QC%x", s->cpu + 1);
	return 0;
}

/* Those of which the numbers fit into a packet: more vCPUs than anybody has. */
static int first_threads(struct gdb_session *s)
{
	for (unsigned i = 0; i < gdb_vm(s)->vcpu_count && s->reply.len + 16 < GDB_PACKET_MAX; i++)
		gdb_text(&s->reply, "%c%x", i ? ',' : 'm', i + 1);
	return 0;
}

static int more_threads(struct gdb_session *s)
{
	gdb_text(&s->reply, "l");
	return 0;
}

static int thread_info(struct gdb_session *s)
{
	char text[40];
	unsigned cpu;
	bool asleep;

	if (!cpu_of(s, s->request.thread, 0, &cpu)) {
		failed(s);
		return 0;
	}
	asleep = cpu < 64 && s->asleep >> cpu & 1;
	snprintf(text, sizeof(text), "CPU %u: %s", cpu, state_text(gdb_vm(s)->vcpus[cpu].state, asleep));
	gdb_hex(&s->reply, text, strlen(text));
	return 0;
}

static int supported(struct gdb_session *s)
{
	gdb_text(&s->reply,
	         "PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;swbreak+;hwbreak+;vContSupported+;"
	         "ReverseStep+;ReverseContinue+",
	         GDB_PACKET_MAX - 1);
	return 0;
}

/* "m" and a part, "l" and the last part. */
static int features(struct gdb_session *s)
{
	size_t len = strlen(s->xml), part;

	if (strcmp(s->request.text, "target.xml") || s->request.address > len) {
		failed(s);
		return 0;
	}
	part = len - s->request.address;
	part = part < s->request.size ? part : s->request.size;
	part = part < GDB_BYTES_MAX ? part : GDB_BYTES_MAX;
	gdb_text(&s->reply, "%c", s->request.address + part == len ? 'l' : 'm');
	gdb_raw(&s->reply, s->xml + s->request.address, part);
	return 0;
}

/* The guest was there before gdb: when gdb leaves, it detaches. */
static int attached(struct gdb_session *s)
{
	gdb_text(&s->reply, "1");
	return 0;
}

static int symbol(struct gdb_session *s)
{
	ok(s);
	return 0;
}

static int do_monitor(struct gdb_session *s)
{
	int rc = monitor(s, (const char *)s->request.bytes);

	s->reply.len = 0;
	if (s->past_of != s->r.current && !rc) {
		s->past_of = s->r.current;
		s->cpu = s->stop.cpu = 0;
		s->run_any = true;
		rc = history_begin(&s->history, &s->r, s->history.most);
	}
	ok(s);
	return rc;
}

static int no_ack(struct gdb_session *s)
{
	ok(s);
	link_send(&s->link, &s->reply);
	s->reply.len = 0;
	s->link.acks = false;
	return 0;
}

static int can(struct gdb_session *s)
{
	gdb_text(&s->reply, "vCont;c;C;s;S");
	return 0;
}

static int detach(struct gdb_session *s)
{
	ok(s);
	s->detached = true;
	return 0;
}

static int kill_guest(struct gdb_session *s)
{
	s->over = true;
	ok(s);
	return 0;
}

int serve(struct gdb_session *s)
{
	static int (*const functions[])(struct gdb_session *) = {
		[GDB_STATUS] = status,
		[GDB_GET_ALL] = get_registers,
		[GDB_SET_ALL] = set_registers,
		[GDB_GET_ONE] = get_registers,
		[GDB_SET_ONE] = set_registers,
		[GDB_LOAD] = load,
		[GDB_STORE] = store,
		[GDB_INSERT] = breakpoint,
		[GDB_REMOVE] = breakpoint,
		[GDB_CONTINUE] = run_on,
		[GDB_STEP] = step,
		[GDB_BACK] = back,
		[GDB_STEP_BACK] = back,
		[GDB_SELECT] = select_thread,
		[GDB_SELECT_RUN] = select_thread,
		[GDB_IS_ALIVE] = is_alive,
		[GDB_CURRENT] = current_thread,
		[GDB_FIRST_THREADS] = first_threads,
		[GDB_MORE_THREADS] = more_threads,
		[GDB_THREAD_INFO] = thread_info,
		[GDB_SUPPORTED] = supported,
		[GDB_FEATURES] = features,
		[GDB_ATTACHED] = attached,
		[GDB_SYMBOL] = symbol,
		[GDB_MONITOR] = do_monitor,
		[GDB_NO_ACK] = no_ack,
		[GDB_ACTIONS] = can,
		[GDB_DETACH] = detach,
		[GDB_KILL] = kill_guest,
	};
	bool answered = s->request.kind == GDB_NO_ACK;
	int rc = 0;

	s->reply.len = 0;
	if (s->request.kind == GDB_MALFORMED)
		failed(s);
	else if (s->request.kind != GDB_UNKNOWN)
		rc = functions[s->request.kind](s);
	if (!rc && !answered)
		link_send(&s->link, &s->reply);
	if (s->detached)
		link_hang_up(&s->link);
	return rc;
}
