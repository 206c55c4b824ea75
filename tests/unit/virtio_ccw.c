/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio_ccw.c: a virtio device driven by channel programs, on a subchannel or without one. */
#include "devices/virtio/virtio_ccw.h"

#include "ccw.h"
#include "devices/css/css.h"
#include "devices/virtio/virtio_console.h"
#include "vmm/snapshot/device_section.h"

#define CHAIN     0x20000u /* long programs */
#define SUMMARY   0x9000u
#define BITS      0xa000u
#define CONFIG    0xb000u
#define DESC      0xc000u
#define AVAIL     0xd000u
#define USED      0xe000u
#define REJECTED  (DSTAT_END | DSTAT_UNIT_CHECK) /* for its data */
#define FIRST_BIT 13                             /* of the adapter's indicators: in the second byte */

static struct virtio_console console;
static struct virtio_ccw v;
static struct ccw_program program;
static struct {
	unsigned attentions, adapters, works, isc;
	enum ccw_end idle; /* how a program went on */
} seen;
static struct css *kicked; /* gets attention; NULL: nobody */

static void attention(void *arg)
{
	(void)arg;
	seen.attentions++;
	if (kicked)
		css_attention(kicked, 0);
}

static void adapter(void *arg, unsigned isc)
{
	(void)arg;
	seen.adapters++;
	seen.isc = isc;
}

static void work(void *arg)
{
	(void)arg;
	seen.works++;
}

static enum ccw_end go(void)
{
	return ccw_run(&program, &memory, &v.channel);
}

/* As css_kick() does. */
static void idle(void *arg)
{
	(void)arg;
	seen.idle = program.phase == CCW_COMMAND ? go() : CCW_MORE;
}

static const struct virtio_ccw_host host = {
	.attention = attention, .adapter = adapter, .work = work, .idle = idle
};

/* One command, with these flags; its data are at ROOM. True: it has ended with this status. */
static bool does(uint8_t command, uint8_t flags, uint16_t count, uint8_t dstat, uint8_t cstat)
{
	put64(AT, F1(command, flags, count, (uint64_t)ROOM));
	ccw_start(&program, AT, 0, CCW_FORMAT_1);
	return go() == CCW_ENDED && program.dstat == dstat && program.cstat == cstat &&
	       (!(dstat & DSTAT_UNIT_CHECK) || program.sense[0] == SENSE_COMMAND_REJECT);
}

static bool good(uint8_t command, uint16_t count)
{
	return does(command, 0, count, DSTAT_END, 0) && !program.count;
}

static bool rejected(uint8_t command, uint16_t count)
{
	return does(command, 0, count, REJECTED, 0);
}

static bool revision(uint16_t number, uint16_t length)
{
	put16(ram.host + ROOM, number);
	put16(ram.host + ROOM + 2, length);
	return good(0x83, 4);
}

static void interrupt(int queue)
{
	v.dev->host.interrupt(v.dev->host.arg, queue);
}

/* A device that knows no driver; then one whose driver has set the revision. */
static void fresh(void)
{
	prepare(NULL, 0);
	memset(&seen, 0, sizeof(seen));
	memset(&program, 0, sizeof(program));
	kicked = NULL;
	virtio_console_open(&console, NULL, 80, 25);
	virtio_ccw_init(&v, &console.dev, &ram, &host);
}

static void known(void)
{
	fresh();
	ok(revision(2, 0), "revision 2 is set");
}

/* --- revisions -------------------------------------------------------- */

static void revisions(void)
{
	static const uint8_t commands[] = { 0x13, 0x33, 0x43, 0x53, 0x73, 0x12,
		                            0x22, 0x32, 0x72, 0x11, 0x21, 0x31 };

	fresh();
	ok(does(CCW_SENSE_ID, SLI, 64, DSTAT_END, 0) &&
	           !memcmp(ram.host + ROOM, (uint8_t[]){ 0xff, 0x38, 0x32, VIRTIO_ID_CONSOLE, 0, 0, 0 }, 7),
	   "sense ID");
	for (size_t i = 0; i < sizeof(commands); i++)
		ok(does(commands[i], SLI, 64, DSTAT_UNIT_CHECK, 0), "before a revision %02x is rejected",
		   commands[i]);
	ok(!revision(0, 0), "a legacy driver is rejected");
	ok(!revision(3, 0), "so is revision 3");
	ok(!revision(1, 1), "so are data of a revision that has none");
	ok(revision(1, 0), "revision 1 is set");
	ok(does(0x72, 0, 1, DSTAT_UNIT_CHECK, 0), "it has no READ STATUS");
	ok(!revision(2, 0), "another cannot be set");
	ok(revision(1, 0), "the same can");
	ok(good(0x33, 0) && v.state.revision == 1, "a reset of the device does not change it");
	v.channel.enabled(v.channel.device);
	ok(does(0x33, 0, 0, DSTAT_UNIT_CHECK, 0), "when the subchannel is enabled it is unset");
	ok(revision(2, 0), "revision 2 is set");
	ok(good(0x72, 1), "it has READ STATUS");
	ok(does(0x23, 0, 1, DSTAT_UNIT_CHECK, 0), "a command that virtio has not");
}

/* --- counts ----------------------------------------------------------- */

/* Each command that needs data, what it accepts, and how many bytes. */
static void counts(void)
{
	static const struct {
		uint8_t command, len;
	} all[] = { { 0x83, 4 }, { 0x13, 32 }, { 0x43, 8 }, { 0x53, 8 }, { 0x73, 25 },
		    { 0x12, 5 }, { 0x11, 5 },  { 0x32, 4 }, { 0x31, 1 } };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		uint8_t command = all[i].command, len = all[i].len;
		/* Of READ VQ CONF the index is there; the maximum has no room. */
		uint8_t shorter = command == 0x32 ? DSTAT_END : REJECTED;

		known();
		put16(ram.host + ROOM, command == 0x83 ? 2 : 0);
		ram.host[ROOM + 3] = 0;
		ok(does(command, 0, len - 1, shorter, CSTAT_INCORRECT_LENGTH), "%02x is one byte short",
		   command);
		ok(does(command, SLI, len - 1, shorter, 0), "with SLI, too");
		ok(does(command, 0, len + 1, DSTAT_END, CSTAT_INCORRECT_LENGTH) && program.count == 1,
		   "one byte too long");
		ok(does(command, SLI, len + 1, DSTAT_END, 0) && program.count == 1, "with SLI");
		ok(good(command, len), "the right length");
	}
}

static void more_counts(void)
{
	uint8_t config[VIRTIO_CONFIG_MAX + 1] = { 80, 0, 25, 0 };

	known();
	for (uint16_t n = 1; n <= VIRTIO_CONFIG_MAX; n++) {
		memset(ram.host + ROOM, 0xff, sizeof(config));
		config[4] = n > 4 ? 1 : 0;
		if (!good(0x22, n) || ram.host[ROOM + n] != 0xff ||
		    memcmp(ram.host + ROOM, config, n < 4 ? n : 4))
			ok(false, "READ CONF of %u bytes", n);
	}
	ok(does(0x22, 0, 65, DSTAT_END, CSTAT_INCORRECT_LENGTH), "READ CONF of more than there can be");
	ok(does(0x22, SLI, 65, DSTAT_END, 0), "with SLI");
	ok(does(0x22, 0, 0, DSTAT_END, CSTAT_INCORRECT_LENGTH), "and of nothing");
	ok(good(0x21, 8) && good(0x21, 1), "WRITE CONF is ignored, of whatever length");
	ok(good(0x22, 4) && !memcmp(ram.host + ROOM, config, 4), "READ CONF says so");
	ok(does(0x72, 0, 0, DSTAT_END, CSTAT_INCORRECT_LENGTH), "READ STATUS of nothing");
	ok(does(0x72, 0, 2, DSTAT_END, CSTAT_INCORRECT_LENGTH), "and of too much");
	ok(does(0x33, 0, 1, DSTAT_END, CSTAT_INCORRECT_LENGTH), "a reset has no data");
	ok(good(0x33, 0), "a reset without any");
	put64(AT, F1(0x11, 0, 5, RAM_SIZE - 2ull));
	ccw_start(&program, AT, 0, CCW_FORMAT_1);
	ok(go() == CCW_ENDED && program.cstat == CSTAT_PROGRAM_CHECK, "data outside of storage");
	put64(AT, F1(0x12, 0, 5, (uint64_t)ROOM));
	keys[ROOM / 4096] = 0x20;
	ccw_start(&program, AT, 1, CCW_FORMAT_1);
	ok(go() == CCW_ENDED && program.cstat == CSTAT_PROTECTION_CHECK,
	   "what may be fetched, but not stored");
}

/* --- data chaining, indirect data, slices ------------------------------- */

/* The bytes at ROOM, in CCWs of one each. */
static void chained(uint8_t command, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		put64(AT + 8 * i, F1(command, i + 1 < n ? CD : 0, 1, (uint64_t)ROOM + i));
	ccw_start(&program, AT, 0, CCW_FORMAT_1);
	go();
}

static void chaining(void)
{
	known();
	virtio_put32(ram.host + ROOM, 0x12345678);
	ram.host[ROOM + 4] = 0;
	chained(0x11, 5);
	ok(program.dstat == DSTAT_END && !program.cstat, "features in five CCWs");
	is(virtio_accepted(v.dev, 0), 0x12345678, "are accepted");
	chained(0x12, 5);
	ok(program.dstat == REJECTED, "but the answer finds no way back to the first CCW");
	is(virtio_get32(ram.host + ROOM), 0x12345678, "nothing is stored");
	put16(ram.host + ROOM, 1);
	chained(0x32, 4);
	ok(program.dstat == DSTAT_END && !program.cstat && get16(ram.host + ROOM + 2) == 64,
	   "the answer about a queue lies behind the question");
	chained(0x32, 3);
	ok(program.cstat == CSTAT_INCORRECT_LENGTH, "and is too long for three");

	put64(DATA, (uint64_t)(ROOM + 4093) << 32 | (ROOM + 8192));
	memset(ram.host + ROOM, 0, 3 * 4096);
	ram.host[ROOM + 8192 + 1] = 1; /* the window, the last byte: it goes over a boundary of 2K */
	put64(AT, F1(0x12, IDA, 5, (uint64_t)DATA));
	ccw_start(&program, AT, 0, CCW_FORMAT_1);
	go();
	ok(program.dstat == DSTAT_END && !program.cstat && ram.host[ROOM + 4093] == 1 &&
	           !ram.host[ROOM + 8192] && ram.host[ROOM + 8192 + 1] == 1,
	   "features by two IDAWs");
}

/* A program so long that its slice ends at the command. */
static void slices(void)
{
	for (unsigned n = CCW_SLICE - 140; n <= CCW_SLICE; n++) {
		unsigned runs = 1;

		fresh();
		revision(2, 0);
		for (unsigned i = 0; i < n; i++)
			put64(CHAIN + 8 * i, F1(CCW_NOP, CC, 0, 0));
		for (unsigned i = 0; i < 5; i++)
			put64(CHAIN + 8 * (n + i), F1(0x11, i < 4 ? CD : 0, 1, (uint64_t)ROOM + i));
		virtio_put32(ram.host + ROOM, 0x12345678);
		ccw_start(&program, CHAIN, 0, CCW_FORMAT_1);
		while (go() == CCW_MORE)
			runs++;
		if (program.dstat != DSTAT_END || program.cstat || runs > 2 ||
		    virtio_accepted(v.dev, 0) != 0x12345678)
			ok(false, "a program of %u CCWs", n);
	}
	ok(virtio_accepted(v.dev, 0) == 0x12345678, "a slice that ends at a command loses nothing of it");
}

/* --- features, status, queues ------------------------------------------- */

static uint32_t read_features(uint8_t window)
{
	memset(ram.host + ROOM, 0xff, 5);
	ram.host[ROOM + 4] = window;
	ok(good(0x12, 5) && ram.host[ROOM + 4] == window, "READ FEAT, window %u", window);
	return virtio_get32(ram.host + ROOM);
}

static void accept(uint8_t window, uint32_t features)
{
	virtio_put32(ram.host + ROOM, features);
	ram.host[ROOM + 4] = window;
	ok(good(0x11, 5), "WRITE FEAT, window %u", window);
}

static uint8_t status(void)
{
	ram.host[ROOM] = 0xff;
	ok(good(0x72, 1), "READ STATUS");
	return ram.host[ROOM];
}

static bool set_status(uint8_t s)
{
	ram.host[ROOM] = s;
	return good(0x31, 1);
}

static void features(void)
{
	known();
	is(read_features(0), virtio_features(v.dev, 0), "the first 32");
	is(read_features(1), 1, "VERSION_1");
	is(read_features(255), 0, "none");
	accept(1, 3);
	ok(set_status(VIRTIO_ACKNOWLEDGE) && set_status(VIRTIO_DRIVER), "the driver knows the device");
	ok(!set_status(VIRTIO_ACKNOWLEDGE | VIRTIO_FEATURES_OK | VIRTIO_FAILED) && program.dstat == REJECTED,
	   "features that were not offered: the status is rejected");
	is(status(), VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER, "and is what it was");
	accept(1, 1);
	ok(set_status(VIRTIO_FEATURES_OK), "those that were");
	accept(1, 0);
	is(virtio_accepted(v.dev, 1), 1, "then it is too late");
	ok(set_status(0), "a status of 0");
	is(status(), 0, "resets the device");
}

static void info(uint64_t desc, uint16_t queue, uint16_t size, uint64_t used)
{
	put64(ROOM, desc);
	put32(ram.host + ROOM + 8, 0xffffffff);
	put16(ram.host + ROOM + 12, queue);
	put16(ram.host + ROOM + 14, size);
	put64(ROOM + 16, AVAIL);
	put64(ROOM + 24, used);
}

static void queues(void)
{
	const struct virtqueue_state *q;

	known();
	put32(ram.host + ROOM, 0x00010000);
	ok(good(0x32, 4) && get32(ram.host + ROOM) == 0x00010040, "queue 1 has 64 entries");
	put16(ram.host + ROOM, 2);
	ok(does(0x32, 0, 4, REJECTED, CSTAT_INCORRECT_LENGTH), "there is no queue 2, so no answer");
	info(DESC, 2, 8, USED);
	ok(rejected(0x13, 32), "which cannot be set");
	info(0, 2, 8, USED);
	ok(rejected(0x13, 32), "nor disabled");
	info(DESC, 0, 7, USED);
	ok(rejected(0x13, 32), "a size that is no power of two");
	info(DESC, 0, 0, USED);
	ok(rejected(0x13, 32), "none");
	info(DESC, 0, 128, USED);
	ok(rejected(0x13, 32), "too large a one");
	ok(!status(), "all that without harm");
	info(DESC, 0, 8, USED);
	ok(good(0x13, 32), "a good one");
	q = virtio_queue(v.dev, 0);
	ok(q->enabled && q->size == 8 && q->desc == DESC && q->avail == AVAIL && q->used == USED, "is set");
	info(DESC, 0, 8, USED);
	ok(rejected(0x13, 32), "not twice");
	info(0, 0, 0, 0);
	ok(good(0x13, 32) && !q->enabled, "without a descriptor table it is disabled");
	info(DESC, 0, 8, RAM_SIZE - 8);
	ok(rejected(0x13, 32) && !q->enabled, "rings that are not in memory");
	is(status(), VIRTIO_NEEDS_RESET, "are a driver's error");
	ok(good(0x33, 0), "which a reset forgets");
	ok(!status(), "it is gone");
}

/* --- indicators --------------------------------------------------------- */

static bool set_classic(uint8_t command, uint64_t address)
{
	put64(ROOM, address);
	return good(command, 8);
}

static bool set_adapter(uint64_t summary, uint64_t at, uint64_t bit, uint8_t isc)
{
	put64(ROOM, summary);
	put64(ROOM + 8, at);
	put64(ROOM + 16, bit);
	ram.host[ROOM + 24] = isc;
	return good(0x73, 25);
}

static bool presents(void)
{
	return v.channel.attention(v.channel.device);
}

static void classic(void)
{
	known();
	interrupt(0);
	interrupt(-1);
	ok(!seen.attentions && !presents(), "without indicators nobody is interrupted");
	ok(!set_classic(0x43, RAM_SIZE - 7), "indicators that are not in memory");
	ok(!set_classic(0x43, UINT64_MAX), "nor in any");
	ok(set_classic(0x43, BITS), "indicators");
	ram.host[BITS + 7] = 0x80;
	interrupt(1);
	is(ram.host[BITS + 7], 0x82, "a queue's bit, counted from the right");
	ok(seen.attentions == 1 && presents() && !presents(), "with attention, once");
	ok(!set_adapter(SUMMARY, BITS, 0, 3), "adapter interruptions exclude them");
	interrupt(-1);
	is(seen.attentions, 1, "of the configuration nobody wants to know");
	ok(!set_classic(0x53, RAM_SIZE), "an indicator of it that is not in memory");
	ok(set_classic(0x53, CONFIG), "one that is");
	interrupt(-1);
	ok(ram.host[CONFIG + 7] == 1 && presents(), "the configuration has changed");
	ok(set_classic(0x43, 0), "no indicators any more");
	interrupt(0);
	ok(ram.host[BITS + 7] == 0x82 && !presents(), "so none is set");
	ok(set_adapter(SUMMARY, BITS, 0, 3), "adapter interruptions can be had now");
	ok(set_classic(0x53, 0), "none of the configuration");
	interrupt(-1);
	ok(!presents(), "that is quiet, too");
}

static void adapters(void)
{
	known();
	ok(!set_adapter(SUMMARY, BITS, FIRST_BIT, 8), "there are 8 ISCs");
	ok(!set_adapter(RAM_SIZE, BITS, FIRST_BIT, 3), "a summary that is not in memory");
	ok(!set_adapter(SUMMARY, BITS, 8ull * (RAM_SIZE - BITS), 3), "bits that are not");
	ok(!set_adapter(SUMMARY, BITS, UINT64_MAX, 3), "nor can be");
	ok(!set_adapter(SUMMARY, UINT64_MAX, 8, 3), "an area that is not");
	interrupt(0);
	ok(!seen.adapters, "none of these is used");
	ok(set_adapter(SUMMARY, BITS, FIRST_BIT, 3), "a good one");
	interrupt(1);
	ok(ram.host[BITS + 1] == 0x80 >> 6 && ram.host[SUMMARY] == 1, "a queue's bit, counted from the left");
	ok(seen.adapters == 1 && seen.isc == 3, "and an interruption");
	interrupt(0);
	is(ram.host[BITS + 1], 0x80 >> 6 | 0x80 >> 5, "another bit");
	is(seen.adapters, 1, "but no interruption while the summary is set");
	ram.host[SUMMARY] = 0;
	interrupt(0);
	ok(seen.adapters == 2 && ram.host[SUMMARY] == 1, "then there is one again");
	ok(!presents() && !seen.attentions, "no attention");
	ok(!set_classic(0x43, BITS), "classic ones are excluded");
	ok(set_classic(0x53, CONFIG), "but for the configuration");
	ok(set_adapter(SUMMARY, BITS, 0, 4), "the place may change");
	ok(good(0x33, 0), "a reset of the device");
	ram.host[SUMMARY] = 0;
	interrupt(0);
	interrupt(-1);
	ok(!ram.host[SUMMARY] && !presents(), "forgets all of them");
	set_adapter(SUMMARY, BITS, FIRST_BIT, 3);
	ok(set_adapter(SUMMARY, 0, 0, 3) && set_classic(0x43, BITS), "address 0: none any more");
}

/* --- on a subchannel ------------------------------------------------------ */

static struct css css;
static unsigned interruptions;

static void io(void *arg, uint32_t id, uint32_t parm, unsigned isc)
{
	(void)arg, (void)id, (void)parm, (void)isc;
	interruptions++;
}

static void withdraw(void *arg, uint32_t id, uint32_t parm, unsigned isc)
{
	(void)arg, (void)id, (void)parm, (void)isc;
}

static void nothing(void *arg)
{
	(void)arg;
}

static void modify(uint16_t flags)
{
	uint8_t schib[SCHIB_SIZE] = { 0 };

	put16(schib + 4, flags);
	schib[8] = 0x80;
	css_modify(&css, css_id(0), schib);
}

static int start(uint8_t command, uint16_t count)
{
	uint8_t orb[ORB_SIZE] = { 0 };

	put64(AT, F1(command, 0, count, (uint64_t)ROOM));
	put32(orb + 4, 0x0080ff00);
	put32(orb + 8, AT);
	return css_start(&css, css_id(0), orb);
}

/* TEST SUBCHANNEL: device status, or -1 if none is pending. */
static int test(void)
{
	uint8_t irb[IRB_SIZE];

	if (css_test(&css, css_id(0), irb))
		return -1;
	css_tested(&css, css_id(0));
	return irb[8];
}

static void subchannel(void)
{
	fresh();
	css = (struct css){
		.host = { .interrupt = io, .withdraw = withdraw, .report = nothing, .work = nothing },
		.memory = memory
	};
	css_attach(&css, 0x100, &v.channel);
	kicked = &css;
	interruptions = 0;
	ok(!css_notify(&css, css_id(0), 0), "a subchannel that is not enabled is not notified");
	modify(0x80);
	ok(css_notify(&css, css_id(0), 1), "one that is");
	ok(!css_notify(&css, css_id(0), 2), "no queue that is not there");
	ok(!css_notify(&css, css_id(0), UINT64_MAX), "none at all like that");
	ok(!css_notify(&css, css_id(1), 0) && !css_notify(&css, 0, 0), "nor a subchannel that is not there");
	put32(ram.host + ROOM, 0x00020000);
	ok(!start(0x83, 4) && test() == DSTAT_END, "revision 2");
	put64(ROOM, CONFIG);
	ok(!start(0x53, 8) && test() == DSTAT_END, "indicators");
	interruptions = 0;
	interrupt(-1);
	ok(interruptions == 1 && test() == DSTAT_ATTENTION, "attention");
	is(test(), -1, "once");
	start(0x72, 1);
	interrupt(-1);
	is(interruptions, 2, "while status is pending it waits");
	ok(test() == DSTAT_END && interruptions == 3 && test() == DSTAT_ATTENTION, "until that is tested");

	/* A queue that is wrong interrupts from within its own command. */
	virtio_accept(v.dev, 1, 1);
	virtio_set_status(v.dev, VIRTIO_FEATURES_OK);
	virtio_set_status(v.dev, VIRTIO_DRIVER_OK);
	info(DESC, 0, 8, RAM_SIZE - 8);
	ok(!start(0x13, 32) && test() == REJECTED && test() == DSTAT_ATTENTION, "an error within a command");

	modify(0x80);
	ok(!start(0x72, 1) && test() == DSTAT_END, "modified, but enabled all the time: the same revision");
	modify(0);
	modify(0x80);
	ok(!start(0x72, 1) && test() == DSTAT_UNIT_CHECK, "disabled and enabled: no revision");
	is(virtio_status(v.dev), VIRTIO_FEATURES_OK | VIRTIO_DRIVER_OK | VIRTIO_NEEDS_RESET, "else the same");
	css_vary(&css, 0, false);
	ok(!virtio_status(v.dev) && !v.state.configuration, "a device that is taken away is reset");
	ok(!css_notify(&css, css_id(0), 0), "and not notified");
}

/* --- in a snapshot --------------------------------------------------------- */

static bool passes(const struct virtio_ccw_state *state)
{
	struct virtio_ccw_state back = { .revision = 0 };
	struct snapshot snap;
	struct snap_reader r;
	bool same;

	snap_init(&snap, "s390x");
	virtio_ccw_section.put(snap_add(&snap, 1, 0, 1), state);
	r = snap_open(&snap, 1, 0, 1);
	same = virtio_ccw_section.get(&r, &back, RAM_SIZE) && !snap_left(&r) &&
	       back.revision == state->revision && back.indicators == state->indicators &&
	       back.isc == state->isc && back.attention == state->attention && back.at == state->at &&
	       back.bit == state->bit && back.summary == state->summary &&
	       back.configuration == state->configuration;
	snap_free(&snap);
	return same;
}

static void snapshots(void)
{
	const struct virtio_ccw_state full = { 2,    VIRTIO_CCW_ADAPTER, 7,       true,
		                               BITS, FIRST_BIT,          SUMMARY, CONFIG };
	struct virtio_ccw_state state = full;

	ok(passes(&state), "all of it");
	ok(passes(&(struct virtio_ccw_state){ .revision = 0 }), "nothing");
	state.revision = 3;
	ok(!passes(&state), "no revision 3");
	state = full;
	state.indicators = VIRTIO_CCW_INDICATORS;
	ok(!passes(&state), "no other mechanism");
	state.indicators = VIRTIO_CCW_CLASSIC;
	ok(!passes(&state), "no summary of classic indicators");
	state = full;
	state.isc = 8;
	ok(!passes(&state), "no ISC 8");
	state = full;
	state.summary = RAM_SIZE;
	ok(!passes(&state), "a summary in memory");
	state = full;
	state.configuration = RAM_SIZE - 7;
	ok(!passes(&state), "indicators in memory");
	state = full;
	state.at = RAM_SIZE - 1;
	ok(!passes(&state), "bits in memory");
}

/* While the device executes requests, a command waits, but no thread does. */
static void busy(void)
{
	known();
	virtio_set_status(v.dev, VIRTIO_ACKNOWLEDGE);
	v.dev->busy = true;
	put64(AT, F1(0x33, 0, 0, (uint64_t)ROOM));
	ccw_start(&program, AT, 0, CCW_FORMAT_1);
	is(go(), CCW_ACTIVE, "a reset of a busy device is not over");
	ok(virtio_status(v.dev) && v.dev->wanted, "the device is to end what it does");
	is(go(), CCW_ACTIVE, "nor when it is looked at again");
	v.dev->busy = false;
	v.dev->host.idle(v.dev->host.arg);
	ok(seen.idle == CCW_ENDED && program.dstat == DSTAT_END, "when the device is idle the program ends");
	is(virtio_status(v.dev), 0, "and it is reset");
}

int main(void)
{
	ram.host = aligned_alloc(4096, RAM_SIZE);
	revisions();
	counts();
	more_counts();
	chaining();
	slices();
	features();
	queues();
	classic();
	adapters();
	subchannel();
	busy();
	snapshots();
	free(ram.host);
	return tap_done();
}
