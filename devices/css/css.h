/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * css.h: the channel subsystem: subchannels and the I/O instructions. Each instruction is a function of its
 * operands, which are bytes already fetched or yet to be stored, and returns the condition code, or minus a
 * program-interruption code. There is one CSS with subchannel set 0 and one channel path. Pure: its needs of
 * the machine are in struct css_host.
 *
 * A start function is executed at once, in the instruction that starts it; the guest cannot notice, because
 * its interruption comes later. A function that cannot be completed at once (a console waits for its user, a
 * program is suspended, long or without an end) is kept in struct subchannel, which is data only, so a
 * snapshot contains all of it.
 *
 * Facilities that are not provided: address limits, extended measurement words, transport mode, MIDAWs.
 *
 * The caller ensures that one function is called at a time.
 *
 * Source: z/Architecture Principles of Operation, ch. 13 to 17; CHSC, which is not in it: the kernel's
 * drivers/s390/cio.
 */
#ifndef DEVICES_CSS_CSS_H
#define DEVICES_CSS_CSS_H

#include "subchannel.h"
#include "vmm/section.h"

#define CSS_SUBCHANNELS 16
#define CSS_CRWS        32 /* channel reports; one more is an overflow */

/* Operand sizes in bytes, besides those of subchannel.h. */
#define ORB_SIZE  12
#define CHSC_SIZE 4096

/* Program-interruption codes. */
#define PGM_OPERAND 0x15

struct css_state {
	bool mss;             /* the multiple-subchannel-set facility is enabled */
	bool crw_unannounced; /* the guest has not yet been told that there are channel reports */
	uint8_t crw_count;
	uint32_t crw[CSS_CRWS]; /* in the order in which they will be stored */
	/* As SET CHANNEL MONITOR says: its mode bits (measure.c), the key and the origin of measurement
	 * blocks. */
	uint8_t measure, measure_key;
	uint64_t measure_origin;
	uint16_t count; /* subchannels */
	struct subchannel subchannels[CSS_SUBCHANNELS];
};

/* Functions of the machine for the CSS. */
struct css_host {
	void *arg;
	/* Makes an I/O interruption pending; removes one that may be pending. */
	void (*interrupt)(void *arg, uint32_t id, uint32_t parm, unsigned isc);
	void (*withdraw)(void *arg, uint32_t id, uint32_t parm, unsigned isc);
	/* Makes the machine check "channel report pending" pending. */
	void (*report)(void *arg);
	/* A program has used up its slice: css_work() must be called, but not at once. */
	void (*work)(void *arg);
	/* Nanoseconds since any moment. */
	uint64_t (*now)(void *arg);
};

struct css {
	struct css_state state;
	struct css_host host;
	struct ccw_memory memory;
	const struct ccw_device *devices[CSS_SUBCHANNELS];
};

/* host and memory have been set; dev must outlive the css. -ENOSPC if all subchannels are in use. */
int css_attach(struct css *css, uint16_t devno, const struct ccw_device *dev);

/* Resets all to the state after css_attach(); removed devices are back. No interruption is withdrawn. */
void css_reset(struct css *css);

/* The instructions. id is general register 1, as far as it names a subchannel. */
int css_start(struct css *css, uint32_t id, const uint8_t orb[ORB_SIZE]);
int css_store(struct css *css, uint32_t id, uint8_t schib[SCHIB_SIZE]);
int css_modify(struct css *css, uint32_t id, const uint8_t schib[SCHIB_SIZE]);
int css_clear(struct css *css, uint32_t id);
int css_halt(struct css *css, uint32_t id);
int css_resume(struct css *css, uint32_t id);
int css_cancel(struct css *css, uint32_t id);

/* TEST SUBCHANNEL in two steps: the first gives the block to store; after a result of 0 or 1, and when the
 * block is stored, the second clears the status. */
int css_test(struct css *css, uint32_t id, uint8_t irb[IRB_SIZE]);
void css_tested(struct css *css, uint32_t id);

/* The subchannel's interruption. 0: it has status pending; 1: it has not; 3: there is no such subchannel. */
int css_interruption(struct css *css, uint32_t id, uint32_t *parm, unsigned *isc_of);

/* STORE CHANNEL REPORT WORD, in two steps too: 0: *crw is a report; 1: it is zero. */
int css_report(const struct css *css, uint32_t *crw);
void css_reported(struct css *css);

/* CHANNEL SUBSYSTEM CALL on the block, which receives the answer (chsc.c). */
int css_call(struct css *css, uint8_t block[CHSC_SIZE]);

/* RESET CHANNEL PATH, SET CHANNEL MONITOR, SET ADDRESS LIMIT, with general registers 1 and 2. Only the first
 * sets the condition code. */
int css_reset_path(struct css *css, uint64_t r1);
int css_monitor(struct css *css, uint64_t r1, uint64_t r2);
int css_address_limit(uint64_t r1);

/* DIAGNOSE 0x500: the device of the subchannel is notified. False: it is no virtio device, or has no such
 * queue. */
bool css_notify(struct css *css, uint32_t id, uint64_t queue);

/* The device has new data: it continues its command, or presents attention. */
void css_kick(struct css *css, unsigned number);

/* The same for a device that has nothing for a command that waits: no program is run, so it may be in one. */
void css_attention(struct css *css, unsigned number);

/* Continues programs that have used up their slice, for one slice each: the guest may wait for their end. */
void css_work(struct css *css);

/* A device disappears or comes back, which a channel report announces. -ENODEV, -EEXIST, -ENXIO: there is no
 * such subchannel, or nothing would change. */
int css_vary(struct css *css, unsigned number, bool on);

/* The subsystem-identification word. */
static inline uint32_t css_id(unsigned number)
{
	return 1u << 16 | number;
}

/* --- the parts of the CSS for each other ------------------------------- */

/* Queues the report of css_vary(). */
void css_report_device(struct css *css, unsigned number);

/* The host's time in nanoseconds; 0 if this subchannel is not measured (measure.c). */
uint64_t css_measure_now(const struct css *css, const struct subchannel *sch);

/* START or RESUME SUBCHANNEL has been accepted. */
void css_measure_start(const struct css *css, struct subchannel *sch);

/* The start function has ended, or is suspended: it has been connected for sch->connected nanoseconds. */
void css_measure_end(const struct css *css, struct subchannel *sch);

#endif
