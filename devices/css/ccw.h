/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ccw.h: channel programs, and their interface to devices. The subchannel (css.h) starts a program; it runs
 * here, CCW by CCW, until it has ended, waits for its device, or is suspended; its whole state is in struct
 * ccw_program. A device gets each command with a stream of data: chaining, indirect addressing, counts and
 * keys are handled here. Pure.
 *
 * A program without an end is not an error in the architecture: it runs until HALT or CLEAR SUBCHANNEL. So
 * that it does not block the VM, ccw_run() returns after CCW_SLICE of work, with the program still active;
 * its caller continues it a moment later (css_work()).
 *
 * Source: z/Architecture Principles of Operation, ch. 15 and 16.
 */
#ifndef DEVICES_CSS_CCW_H
#define DEVICES_CSS_CCW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/ram.h"

/* Device status. */
#define DSTAT_ATTENTION   0x80
#define DSTAT_MODIFIER    0x40
#define DSTAT_CHANNEL_END 0x08
#define DSTAT_DEVICE_END  0x04
#define DSTAT_UNIT_CHECK  0x02
#define DSTAT_EXCEPTION   0x01
#define DSTAT_END         (DSTAT_CHANNEL_END | DSTAT_DEVICE_END)

/* Subchannel status. */
#define CSTAT_PCI              0x80
#define CSTAT_INCORRECT_LENGTH 0x40
#define CSTAT_PROGRAM_CHECK    0x20
#define CSTAT_PROTECTION_CHECK 0x10

/* Commands of all devices; ch. 15, "Commands". */
#define CCW_NOP      0x03
#define CCW_SENSE    0x04
#define CCW_SENSE_ID 0xe4

#define SENSE_COMMAND_REJECT 0x80 /* first sense byte */

#define CCW_SENSE_BYTES 32
#define CCW_SLICE       16384 /* CCWs, or 64 bytes moved to the device, each */

/* The bits of the ORB that concern the program. */
enum {
	CCW_FORMAT_1 = 1,
	CCW_MAY_SUSPEND = 2,
	CCW_IDAW_2 = 4,      /* format-2 IDAWs */
	CCW_IDAW_2K = 8,     /* ... for blocks of 2K, not 4K */
	CCW_SUPPRESS_IL = 16 /* incorrect-length-suppression mode */
};
#define CCW_ORB_ALL 31

enum ccw_phase {
	CCW_IDLE,
	CCW_CHAINING,  /* the CCW at `next` must be fetched */
	CCW_COMMAND,   /* the device has the current CCW's command */
	CCW_SUSPENDED, /* the CCW before `next` was not executed */
	CCW_PHASES
};

struct ccw_program {
	uint8_t phase; /* enum ccw_phase */
	uint8_t key;   /* 0 to 15 */
	uint8_t orb;   /* CCW_FORMAT_1 ... */
	bool first;    /* no CCW has been executed */
	bool resume;   /* RESUME SUBCHANNEL came before a suspension */
	bool data;     /* the command asked for data: it is not an immediate one */
	bool begun;    /* the device has seen the command */
	uint8_t command, flags;
	uint16_t count;          /* remaining count of the current CCW */
	uint32_t address, moved; /* of the current CCW: its data address, bytes done */
	uint32_t next;           /* address of the next CCW */
	uint8_t dstat, cstat;
	uint8_t sense[CCW_SENSE_BYTES];
};

/* Where programs and their data are. key(arg, page) is the storage key of the page, if it is set. */
struct ccw_memory {
	const struct ram *ram;
	uint8_t (*key)(void *arg, gpa_t page);
	void *arg;
};

/*
 * len bytes within a page, accessed with this key; NULL, and a bit is added to *cstat: a program or
 * protection check.
 */
void *ccw_storage(const struct ccw_memory *m, uint64_t address, uint64_t len, uint8_t key, bool store,
                  uint8_t *cstat);

struct ccw_stream;

struct ccw_device {
	void *device;
	uint8_t id[7]; /* what SENSE ID answers */
	/*
	 * Executes a command that is not one of the basic ones. Returns device status, or 0: it is not done,
	 * and is called again by the next ccw_run(). It stops when data are short.
	 */
	uint8_t (*command)(void *device, uint8_t command, struct ccw_stream *s);
	/* Whether attention must be presented; if so it is presented, and the device's request is cleared. */
	bool (*attention)(void *device);
	/* DIAGNOSE 0x500 for this queue. False: there is none. NULL: the device is not a virtio device. */
	bool (*notify)(void *device, uint64_t queue);
	/* The subchannel is enabled; the device is taken away (css_vary). NULL: it does not matter. */
	void (*enabled)(void *device);
	void (*removed)(void *device);
};

enum ccw_end {
	CCW_ENDED,  /* dstat, cstat, count and next say how */
	CCW_ACTIVE, /* the device waits */
	CCW_MORE,   /* the slice is used up */
	CCW_STOPPED /* suspended */
};

/* Starts a program: initializes everything but the sense bytes. */
void ccw_start(struct ccw_program *p, uint32_t address, uint8_t key, uint8_t orb);

/* Runs a program that is not idle, or resumes one that is suspended. */
enum ccw_end ccw_run(struct ccw_program *p, const struct ccw_memory *m, const struct ccw_device *dev);

/*
 * For a device: moves len bytes from the program's storage, or to it. Fewer are moved if the counts are used
 * up or storage cannot be accessed. ccw_put() must be given all data in one call.
 */
size_t ccw_get(struct ccw_stream *s, void *to, size_t len);
size_t ccw_put(struct ccw_stream *s, const void *from, size_t len);

/*
 * The same of all len bytes, or of none: the command needs them. False: storage cannot be accessed, or the
 * counts are too small, which is an incorrect length. Preceded by ccw_room() of as many.
 */
bool ccw_get_all(struct ccw_stream *s, void *to, size_t len);

/*
 * Whether len bytes can be moved in this slice, however they are chained. If not, the command must return 0
 * without having moved any, and is called again.
 */
bool ccw_room(struct ccw_stream *s, size_t len);

/* How many bytes the current CCW has room for; by data chaining more may follow. */
size_t ccw_count(const struct ccw_stream *s);

/*
 * What is moved next is the first byte of the command's data again. False, and nothing is changed, if they
 * have been chained.
 */
bool ccw_rewind(struct ccw_stream *s);

/* Whether ccw_get() moved less because the slice is used up: the command will be called again. */
bool ccw_unfinished(const struct ccw_stream *s);

/* Sets the first sense byte; returns unit check, to be returned from command(). */
uint8_t ccw_unit_check(struct ccw_stream *s, uint8_t sense);

#endif
