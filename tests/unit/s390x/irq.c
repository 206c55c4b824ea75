/* SPDX-License-Identifier: BSD-2-Clause */
/* irq.c: the s390x interrupts of a scenario: parsed, matched, shown. */
#include "arch/s390x/lab/irq.h"

#include <errno.h>
#include <limits.h>

#include "tests/unit/tap.h"
#include "tests/unit/words.h"
#include "vmm/lab/irq_trace.h"
#include "vmm/trace/print.h"

static struct error err;

static int parse(const char *line, struct irq *irq)
{
	struct word words[WORDS_MAX];
	unsigned count = words_cut(line, words);

	err.text[0] = 0;
	return irq_parse(words, count, irq, &err);
}

static int parse_op(const char *line, struct irqchip_op *op)
{
	struct word words[WORDS_MAX];
	unsigned count = words_cut(line, words);

	err.text[0] = 0;
	return irqchip_parse(words, count, op, &err);
}

static const struct {
	const char *line;
	struct irq want;
	const char *text; /* of the record it leaves */
	unsigned depth;
} good[] = {
	{ "io isc=3 schid=1",
	  { "io", KIND_IO, IRQ_ANY_CPU, 0x00010001, 0, 0x18000000,
	    .want = { .kind = ABI_IO, .number = 0x00010001, .parm2 = 0x18000000 } },
	  "I/O subchannel 00010001 ISC 3 parameter 00000000",
	  UINT_MAX },
	{ "io isc=7 ssid=3 schid=0xffff parm=0xcafe0001",
	  { "io", KIND_IO, IRQ_ANY_CPU, 0x0007ffff, 0xcafe0001, 0x38000000,
	    .want = { .kind = ABI_IO, .number = 0x0007ffff, .parm = 0xcafe0001, .parm2 = 0x38000000 } },
	  "I/O subchannel 0007ffff ISC 7 parameter cafe0001",
	  UINT_MAX },
	{ "service parm=0x7000",
	  { "service", KIND_SERVICE, IRQ_ANY_CPU, 0, 0x7000, 0,
	    .want = { .kind = ABI_EXT, .number = 0x2401, .parm = 0x7000 } },
	  "external 2401 parameter 00007000",
	  1 },
	{ "mchk",
	  { "mchk", KIND_MCHK, IRQ_ANY_CPU, 0, 0x00400f1d40330000, 0x10000000,
	    .want = { .kind = ABI_MCHK, .parm = 0x00400f1d40330000 } },
	  "machine check 00400f1d40330000",
	  1 },
	{ "mchk cpu=2 mcic=0xffffffffffffffff cr14=5",
	  { "mchk", KIND_MCHK, 2, 0, UINT64_MAX, 5, .want = { .kind = ABI_MCHK, .parm = UINT64_MAX } },
	  "machine check ffffffffffffffff",
	  1 },
	{ "emergency",
	  { "emergency", KIND_EMERGENCY, 0, 0, 0, 0, .want = { .kind = ABI_EXT, .number = 0x1201 } },
	  "external 1201 parameter 00000000",
	  1 },
	{ "emergency from=9 cpu=65534",
	  { "emergency", KIND_EMERGENCY, 65534, 9, 0, 0,
	    .want = { .kind = ABI_EXT, .number = 0x1201, .parm = 9 } },
	  "external 1201 parameter 00000009",
	  1 },
	{ "extcall cpu=1 from=65535",
	  { "extcall", KIND_EXTERNAL_CALL, 1, 65535, 0, 0,
	    .want = { .kind = ABI_EXT, .number = 0x1202, .parm = 65535 } },
	  "external 1202 parameter 0000ffff",
	  1 },
	{ "restart cpu=3",
	  { "restart", KIND_RESTART, 3, 0, 0, 0, .want = { .kind = ABI_RESTART } },
	  "restart",
	  1 },
	{ "mchk ext-damage-code=7 failing-storage-address=9",
	  { "mchk", KIND_MCHK, IRQ_ANY_CPU, 7, 0x00400f1d40330000, 0x10000000, .extra = { 9 },
	    .want = { .kind = ABI_MCHK, .parm = 0x00400f1d40330000 } },
	  "machine check 00400f1d40330000",
	  1 },
	{ "mchk cpu=0 mcic=0x0400000000000000 cr14=1 ext-damage-code=7 failing-storage-address=9",
	  { "mchk", KIND_MCHK, 0, 7, 0x0400000000000000, 1, .extra = { 9 },
	    .want = { .kind = ABI_MCHK, .number = 7, .parm = 0x0400000000000000, .parm2 = 9 } },
	  "machine check 0400000000000000 damage 00000007 address 9",
	  1 },
	{ "pfault-init cpu=1 parm=0xffffffffffffffff",
	  { "pfault-init", KIND_PFAULT_INIT, 1, 0, UINT64_MAX, 0,
	    .want = { .kind = ABI_EXT, .number = 0x2603, .parm = UINT64_MAX, .parm2 = 0x600 } },
	  "external 2603 subcode 0600 parameter ffffffffffffffff",
	  1 },
	{ "pfault-done parm=1",
	  { "pfault-done", KIND_PFAULT_DONE, IRQ_ANY_CPU, 0, 1, 0,
	    .want = { .kind = ABI_EXT, .number = 0x2603, .parm = 1, .parm2 = 0x680 } },
	  "external 2603 subcode 0680 parameter 0000000000000001",
	  UINT_MAX },
	{ "virtio parm=2",
	  { "virtio", KIND_VIRTIO, IRQ_ANY_CPU, 0, 2, 0,
	    .want = { .kind = ABI_EXT, .number = 0x2603, .parm = 2, .parm2 = 0xd00 } },
	  "external 2603 subcode 0d00 parameter 0000000000000002",
	  UINT_MAX },
	{ "airq id=63 isc=5",
	  { "airq", KIND_AIRQ, IRQ_ANY_CPU, 63, 0, 0xa8000000,
	    .want = { .kind = ABI_IO, .parm2 = 0xa8000000 } },
	  "I/O of an adapter ISC 5",
	  UINT_MAX },
	{ "irqfd gsi=9 isc=5",
	  { "irqfd", KIND_IRQFD, IRQ_ANY_CPU, 9, 0, 0xa8000000,
	    .want = { .kind = ABI_IO, .parm2 = 0xa8000000 } },
	  "I/O of an adapter ISC 5",
	  UINT_MAX },
	{ "airq id=0 isc=9",
	  { "airq", KIND_AIRQ, IRQ_ANY_CPU, 0, 0, 0xc8000000,
	    .want = { .kind = ABI_IO, .parm2 = 0xc8000000 } },
	  "I/O of an adapter ISC 1",
	  UINT_MAX },
};

/* These leave no record; as KVM has them. */
static const struct {
	const char *line;
	uint16_t cpu;
	struct s390_irq irq;
} silent[] = {
	{ "stop", 0, { .type = S390_STOP } },
	{ "stop cpu=3 store-status=1", 3, { .type = S390_STOP, .stop_flags = 1 } },
	{ "stop flags=0x80000002", 0, { .type = S390_STOP, .stop_flags = 0x80000002 } },
	{ "program code=0xffff", 0, { .type = S390_PROGRAM, .pgm = { .code = 0xffff } } },
	{ "program cpu=1 code=1 trans-exc=2 data-exc=3 mon-code=4 mon-class=5 per-address=6 per-code=7 "
	  "per-atmid=8 "
	  "exc-access=9 per-access=10 op-access=11 flags=12",
	  1,
	  { .type = S390_PROGRAM,
	    .pgm = { .code = 1,
	             .trans_exc_code = 2,
	             .data_exc_code = 3,
	             .mon_code = 4,
	             .mon_class_nr = 5,
	             .per_address = 6,
	             .per_code = 7,
	             .per_atmid = 8,
	             .exc_access_id = 9,
	             .per_access_id = 10,
	             .op_access_id = 11,
	             .flags = 12 } } },
	{ "prefix cpu=2 address=0xfffffff8", 2, { .type = S390_SET_PREFIX, .prefix = 0xfffffff8 } },
	{ "clock-comp cpu=1", 1, { .type = S390_CLOCK_COMP } },
	{ "cpu-timer", 0, { .type = S390_CPU_TIMER } },
	{ "mchk cpu=0 mcic=1 cr14=2", 0, { .type = S390_MCHK, .mchk = { .mcic = 1, .cr14 = 2 } } },
	{ "irqfd gsi=9 isc=1 quiet=1", IRQ_ANY_CPU, { .type = S390_ADAPTER, .io = { .word = 0x88000000 } } },
	{ "airq id=2 isc=1 suppressed=1",
	  IRQ_ANY_CPU,
	  { .type = S390_ADAPTER, .io = { .word = 0x88000000 } } },
};

static const struct {
	const char *line;
	struct irqchip_op want;
} ops[] = {
	{ "clear", { "clear", OP_CLEAR, true, { 0 } } },
	{ "clear-io schid=7 ssid=1", { "clear-io", OP_CLEAR_IO, true, { 0x00030007 } } },
	{ "apf-enable", { "apf-enable", OP_APF_ENABLE, false, { 0 } } },
	{ "apf-disable", { "apf-disable", OP_APF_DISABLE, false, { 0 } } },
	{ "adapter-register id=4294967295 isc=255 maskable=1",
	  { "adapter-register", OP_ADAPTER_REGISTER, false, { UINT32_MAX, 255, 1 } } },
	{ "adapter-register id=1 isc=2 swap=1 flags=255",
	  { "adapter-register", OP_ADAPTER_REGISTER, false, { 1, 2, 0, 1, 255 } } },
	{ "adapter-mask id=1 mask=1", { "adapter-mask", OP_ADAPTER_MASK, false, { 1, 1 } } },
	{ "ais isc=8 mode=2", { "ais", OP_AIS, false, { 8, 2 } } },
	{ "device-off schid=0", { "device-off", OP_DEVICE_OFF, false, { 0 } } },
	{ "device-on schid=3", { "device-on", OP_DEVICE_ON, false, { 3 } } },
	{ "ais-all simm=128 nimm=1", { "ais-all", OP_AIS_ALL, false, { 128, 1 } } },
	{ "route gsi=1 adapter=2 indicator=3 indicator-bit=4 summary=5 summary-bit=6",
	  { "route", OP_ROUTE, false, { 1, 2, 3, 4, 5, 6 } } },
	{ "route gsi=4096 adapter=64 indicator=0xffffffffffffffff summary=0",
	  { "route", OP_ROUTE, false, { 4096, 64, UINT64_MAX, 0, 0, 0 } } },
	{ "irqfd gsi=7", { "irqfd", OP_IRQFD, false, { 7 } } },
	{ "irqfd-off gsi=7", { "irqfd-off", OP_IRQFD_OFF, false, { 7 } } },
	{ "ioeventfd schid=7 ssid=1 queue=3", { "ioeventfd", OP_NOTIFY, false, { 0x00030007, 3 } } },
	{ "ioeventfd-take schid=7 count=2 queue=1",
	  { "ioeventfd-take", OP_NOTIFY_TAKE, false, { 0x00010007, 1, 2 } } },
};

static const struct {
	const char *line, *message;
} bad_ops[] = {
	{ "frob", "frob is not one of: clear, clear-io, device-on, device-off, apf-enable, apf-disable, "
	          "adapter-register, adapter-mask, ais, ais-all, route, irqfd, irqfd-off, ioeventfd, " },
	{ "clear isc=1", "irqchip clear: isc=1 is not understood" },
	{ "clear-io", "schid= is missing" },
	{ "device-on", "schid= is missing" },
	{ "device-off schid=1 ssid=1", "ssid" },
	{ "adapter-register id=1", "isc= is missing" },
	{ "adapter-register id=0x100000000 isc=1", "id=0x100000000 is not a number up to 0xffffffff" },
	{ "adapter-register id=1 isc=256", "isc=256 is not a number up to 0xff" },
	{ "adapter-register id=1 isc=1 maskable=2", "maskable=2 is not a number up to 0x1" },
	{ "adapter-register id=1 isc=1 flags=256", "flags=256 is not a number up to 0xff" },
	{ "adapter-mask id=1", "mask= is missing" },
	{ "ais isc=1", "mode= is missing" },
	{ "ais isc=1 mode=65536", "mode=65536 is not a number up to 0xffff" },
	{ "ais-all simm=1", "nimm= is missing" },
	{ "ais-all simm=256 nimm=0", "simm=256 is not a number up to 0xff" },
	{ "route gsi=1 adapter=2 indicator=3", "summary= is missing" },
	{ "route gsi=1 adapter=2 indicator=3 summary=5 summary-bit=0x100000000", "summary-bit=0x100000000" },
	{ "route schid=1", "irqchip route: schid=1 is not understood" },
	{ "irqfd", "gsi= is missing" },
	{ "ioeventfd queue=1", "schid= is missing" },
	{ "ioeventfd schid=1 count=1", "count=1 is not understood" },
	{ "ioeventfd-take schid=1", "count= is missing" },
};

static const struct {
	const char *line, *message;
} bad[] = {
	{ "frob",
	  "frob is not one of: io, service, mchk, emergency, extcall, restart, stop, program, prefix, " },
	{ "source 1", "source is not one of" },
	{ "timer", "timer is not one of" },
	{ "io", "inject io: isc= is missing" },
	{ "io isc=3", "inject io: schid= is missing" },
	{ "io isc=8 schid=1", "inject io: isc=8 is not a number up to 0x7" },
	{ "io isc=1 schid=0x10000", "schid=0x10000 is not a number up to 0xffff" },
	{ "io isc=1 schid=1 ssid=4", "ssid=4 is not a number up to 0x3" },
	{ "io isc=1 schid=1 parm=0x100000000", "parm=0x100000000 is not a number" },
	{ "io isc=1 schid=1 cpu=0", "inject io: cpu=0 is not understood" },
	{ "io isc=1 schid=1 now", "inject io: now is not understood" },
	{ "io isc=1 schid=1 isc=2", "inject io: isc= stands twice" },
	{ "service", "inject service: parm= is missing" },
	{ "service parm=4", "parm=0x4 is no SCCB address" },
	{ "service parm=0x7007", "parm=0x7007 is no SCCB address" },
	{ "emergency cpu=65535", "cpu=65535 is not a number up to 0xfffe" },
	{ "emergency parm=1", "inject emergency: parm=1 is not understood" },
	{ "extcall from=65536", "from=65536 is not a number up to 0xffff" },
	{ "restart from=1", "inject restart: from=1 is not understood" },
	{ "restart cpu=one", "cpu=one is not a number" },
	{ "service parm=0x100000000", "inject service: parm=0x100000000 is not a number up to 0xffffffff" },
	{ "stop store-status=2", "store-status=2 is not a number up to 0x1" },
	{ "program", "inject program: code= is missing" },
	{ "program code=0x10000", "code=0x10000 is not a number up to 0xffff" },
	{ "program code=1 flags=256", "inject program: flags=256 is not a number up to 0xff" },
	{ "prefix", "address= is missing" },
	{ "clock-comp parm=1", "parm=1 is not understood" },
	{ "pfault-init", "parm= is missing" },
	{ "irqfd gsi=1", "isc= is missing" },
	{ "pfault-done parm=1 cpu=0", "cpu=0 is not understood" },
	{ "airq id=1", "isc= is missing" },
	{ "airq id=1 isc=256", "isc=256 is not a number up to 0xff" },
};

/* Of what KVM holds for a vCPU, the interrupt that a scenario would have named. */
static void local(void)
{
	static const char *const lines[] = {
		"emergency cpu=2 from=5",
		"extcall cpu=2 from=5",
		"restart cpu=2",
		"pfault-init cpu=2 parm=7",
		"mchk cpu=2 mcic=0x4000000000000000 cr14=1 ext-damage-code=2 failing-storage-address=3",
	};
	struct s390_irq stop = { .type = S390_STOP };
	struct irq irq, back;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct s390_irq s;

		is(parse(lines[i], &irq), 0, "%s", lines[i]);
		s = irq_to_s390(&irq);
		ok(irq_of_local(&s, 2, &back) && irq_equal(&irq, &back), "and back");
	}
	ok(!irq_of_local(&stop, 2, &back), "a stop leaves no record");
}

static bool same(const struct irq *a, const struct irq *b)
{
	return !strcmp(a->kind, b->kind) && a->code == b->code && a->cpu == b->cpu &&
	       a->number == b->number && a->parm == b->parm && a->parm2 == b->parm2 &&
	       !memcmp(a->extra, b->extra, sizeof(a->extra)) && !memcmp(&a->want, &b->want, sizeof(a->want));
}

/* Its record matches, on its CPU; with any field changed it does not. */
static void matching(const struct irq *irq)
{
	struct abi_record record = irq->want, other;

	record.seq = 77;
	record.cpu = irq->cpu == IRQ_ANY_CPU ? 5 : irq->cpu;
	ok(irq_matches(irq, &record), "its record matches");
	other = record;
	other.cpu++;
	is(irq_matches(irq, &other), irq->cpu == IRQ_ANY_CPU, "on another CPU");
	other = record;
	other.kind++;
	ok(!irq_matches(irq, &other), "another kind does not");
	other = record;
	other.number++;
	ok(!irq_matches(irq, &other), "another number does not");
	other = record;
	other.parm++;
	ok(!irq_matches(irq, &other), "another parameter does not");
	other = record;
	other.parm2++;
	ok(!irq_matches(irq, &other), "another identification word does not");
}

static void without_record(void)
{
	struct irq irq;

	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
		struct s390_irq kvm;

		is(parse(silent[i].line, &irq), 0, "%s", silent[i].line);
		is(irq.cpu, silent[i].cpu, "goes there");
		is(irq.want.kind, 0, "leaves no record");
		kvm = irq_to_s390(&irq);
		ok(!memcmp(&kvm, &silent[i].irq, sizeof(kvm)), "is that for KVM");
	}
}

static void operations(void)
{
	struct irqchip_op op;

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		is(parse_op(ops[i].line, &op), 0, "%s", ops[i].line);
		ok(!strcmp(op.name, ops[i].want.name) && op.code == ops[i].want.code &&
		           op.drops == ops[i].want.drops && !memcmp(op.arg, ops[i].want.arg, sizeof(op.arg)),
		   "is that operation");
	}
	for (size_t i = 0; i < sizeof(bad_ops) / sizeof(bad_ops[0]); i++) {
		is(parse_op(bad_ops[i].line, &op), -EINVAL, "refused: %s", bad_ops[i].line);
		has(err.text, bad_ops[i].message, "because: %s", bad_ops[i].message);
	}
}

/* What a device raises is what a scenario names, so that a label is for both. */
static void raised(void)
{
	static const struct word io[] = { { NULL, "io" },
		                          { "isc", "5" },
		                          { "schid", "9" },
		                          { "parm", "0xcafe" } },
				 mchk[] = { { NULL, "mchk" } };
	struct irq named, raised = irq_of_io(0x10009, 0xcafe, 5);

	irq_parse(io, 4, &named, &err);
	ok(irq_equal(&named, &raised) && !memcmp(&named.want, &raised.want, sizeof(named.want)),
	   "a subchannel's interruption");
	irq_parse(mchk, 1, &named, &err);
	raised = irq_of_report();
	ok(irq_equal(&named, &raised) && !memcmp(&named.want, &raised.want, sizeof(named.want)),
	   "a channel report's machine check");
}

/* KVM differs in which of its bits an event is delivered with. */
static void event(void)
{
	struct irq irq = irq_of_service(S390_SERVICE_EVENT), sccb = irq_of_service(0x7000),
		   empty = irq_of_service(0);

	matching(&irq);
	for (uint32_t parm = 0; parm < 8; parm++) {
		struct abi_record record = { .kind = ABI_EXT, .number = EXT_SERVICE, .parm = parm };

		is(irq_matches(&irq, &record), parm > 0 && parm < 4, "an event: parameter %u", parm);
		is(irq_matches(&empty, &record), parm == 0, "no event: parameter %u", parm);
		record.parm |= 0x7000;
		ok(!irq_matches(&irq, &record), "an event: with an SCCB too");
		is(irq_matches(&sccb, &record), parm == 0, "an SCCB: with event bits %u", parm);
	}
}

/* What the trace says of it. */
static void traced(const struct irq *irq, const char *label, unsigned count, const char *want)
{
	struct trace_event event;
	char text[200];

	trace_init(&event, TRACE_IRQ, -1, "injected");
	irq_trace_add(&event, irq, label, count);
	trace_text_of(&event, text, sizeof(text));
	ok(!strcmp(text, want), "%s", want);
}

static void trace(void)
{
	static const struct {
		const char *line, *want;
	} rows[] = {
		{ "io isc=3 ssid=1 schid=0x12 parm=0x5", "irq injected x: io isc=3 schid=0.1.0012 parm=0x5" },
		{ "emergency cpu=1 from=0", "irq injected x: emergency cpu=1 from=0" },
		{ "service parm=0x7008", "irq injected x: service parm=0x7008" },
		{ "airq isc=2 id=0", "irq injected x: airq isc=2" },
		{ "program cpu=0 code=0x10 trans-exc=0x2000",
		  "irq injected x: program cpu=0 trans-exc=0x2000 code=0x10" },
	};
	struct irq irq = irq_of_timer(ABI_TIMER_CPU, 2);

	traced(&irq, "cpu-timer", 0, "irq injected cpu-timer: cpu-timer cpu=2");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		is(parse(rows[i].line, &irq), 0, "%s", rows[i].line);
		traced(&irq, "x", 1, rows[i].want);
	}
	traced(&irq, NULL, 3, "irq injected program cpu=0 trans-exc=0x2000 code=0x10 count=3");
	is(irq_clock_ns(4096), 1000, "a microsecond of the TOD clock");
	is(irq_clock_ns(4096ULL * 1000000 * 86400 * 365), 1000000000ULL * 86400 * 365, "a year");
	ok(!irq_record_ends(&(struct abi_record){ .kind = ABI_IO }), "there is no EOI");
}

int main(void)
{
	raised();
	const struct abi_record unknown = { .kind = 99 };
	struct irq irq, made;
	char text[100];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		is(parse(good[i].line, &irq), 0, "%s", good[i].line);
		ok(same(&irq, &good[i].want), "is that interrupt");
		is(irq_depth(&irq), good[i].depth, "so many can be pending");
		irq_record_text(&irq.want, text, sizeof(text));
		ok(!strcmp(text, good[i].text), "%s", good[i].text);
		matching(&irq);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		is(parse(bad[i].line, &irq), -EINVAL, "refused: %s", bad[i].line);
		has(err.text, bad[i].message, "because: %s", bad[i].message);
	}
	trace();
	without_record();
	local();
	operations();
	irq = irq_of_timer(ABI_TIMER_CLOCK, 3);
	ok(irq.cpu == 3 && irq.want.kind == ABI_EXT && irq.want.number == 0x1004, "the clock comparator");
	irq = irq_of_timer(ABI_TIMER_CPU, 3);
	ok(irq.cpu == 3 && irq.want.kind == ABI_EXT && irq.want.number == 0x1005, "the CPU timer");
	is(irq_depth(&irq), 1, "pending once");
	matching(&irq);
	is(parse("service parm=0x7008", &irq), 0, "the service signal of an SCCB");
	made = irq_of_service(0x7008);
	ok(irq_equal(&irq, &made), "is the same whoever makes it");
	event();
	irq_record_text(&unknown, text, sizeof(text));
	ok(!strcmp(text, "unknown kind 99"), "a record of a kind that is not known");
	irq_record_text(&good[0].want.want, text, 10);
	ok(!strcmp(text, "I/O subch"), "a text that is cut to fit");
	return tap_done();
}
