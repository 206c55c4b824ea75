/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sclp.h: the service-call logical processor: it describes the machine's configuration, and provides the
 * event facility, through which the operator and the guest communicate. Knows no KVM: a service call comes as
 * a struct io (IO_SCLP, addr = command word, arg = SCCB), the answer goes into the SCCB, and the io asks for
 * the service signal of the completion, whose last bit says that an event waits to be read.
 *
 * A machine has one console: the ASCII console (a VT220) goes both ways; the operator's line mode takes
 * messages from the guest and gives it commands. With both, Linux would print each message twice. Signal
 * quiesce asks the guest to shut down. sclp.c has the commands, sclp_event.c the event
 * facility.
 *
 * Source: Linux arch/s390/include/asm/sclp.h and drivers/s390/char/sclp*.[ch] name the commands, structures
 * and response codes.
 */
#ifndef DEVICES_SCLP_SCLP_H
#define DEVICES_SCLP_SCLP_H

#include <stdio.h>

#include "devices/fifo.h"
#include "vmm/bus.h"
#include "vmm/ram.h"

/* The parts of the service signal's parameter: this bit, and the SCCB's address. */
#define SCLP_EVENT_PENDING 0x00000001u
#define SCLP_SCCB          0xfffffff8u

/* The longest event mask in bytes: two masks with their header fit into an event buffer. */
#define SCLP_MASK_LENGTH_MAX 1021

/* The most signals of completed calls that can wait until there is room for them. */
#define SCLP_WAITING_MAX 16

/* The state in a snapshot. */
struct sclp_state {
	uint64_t receive;     /* the guest's mask of events that it receives; type 1 is the first bit */
	uint16_t mask_length; /* bytes of the mask that it wrote last; 0: never written */
	bool quiesce;         /* must be signalled */
	bool line_mode;       /* the console is that of the operator; else it is the ASCII console */
	struct fifo ascii;    /* typed at the ASCII console */
	struct fifo line;     /* the operator's commands, each with its newline */
	/* SCCBs of calls that are complete and not signalled yet: in this order, none twice. */
	uint8_t waiting_count;
	uint32_t waiting[SCLP_WAITING_MAX];
};

struct sclp {
	const struct ram *ram; /* the guest's; not owned */
	FILE *out;             /* for its output; not owned */
	unsigned cpus;
	struct sclp_state state;
};

/*
 * A bus_fn. The caller has checked that the SCCB is on a doubleword boundary and its first 8 bytes are in
 * RAM. If the SCCB is shorter than its header, nothing is done and no signal is requested (io->raise stays
 * false): that is a specification exception.
 */
int sclp_io(void *device, struct io *io, struct error *err);

/* Type input; return how many bytes had room. The caller raises an event signal if one is pending. */
size_t sclp_type(struct sclp *sclp, const uint8_t *bytes, size_t len);
size_t sclp_type_line(struct sclp *sclp, const uint8_t *bytes, size_t len);

/* Asks the guest to shut down. False: the guest does not receive this event. */
bool sclp_quiesce(struct sclp *sclp);

/* Whether there is an event that the guest receives. */
bool sclp_event_pending(const struct sclp *sclp);

/* Whether the signal of this SCCB waits. */
static inline bool sclp_waits(const struct sclp_state *s, uint32_t sccb)
{
	unsigned i = 0;

	while (i < s->waiting_count && s->waiting[i] != sccb)
		i++;
	return i < s->waiting_count;
}

/* The waiting signals have a section of their own, if there are any, and the operator's console has one. */
#define SCLP_TAG         SNAP_TAG('S', 'C', 'L', 'P')
#define SCLP_WAITING_TAG SNAP_TAG('S', 'I', 'G', 'S')
#define SCLP_LINE_TAG    SNAP_TAG('L', 'I', 'N', 'E')
struct device_section;
extern const struct device_section sclp_section, sclp_waiting_section;

#endif
