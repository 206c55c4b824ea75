/* SPDX-License-Identifier: BSD-2-Clause */
/* css.c: see css.h. Pure. Read next: subchannel.c, crw.c, chsc.c, measure.c. */
#include "css.h"

#include <errno.h>
#include <string.h>

#include "devices/bytes.h"

/* A subsystem-identification word (ch. 14): bit 15 is one; subchannel sets need the facility; there is only
 * one CSS. */
#define ID_ONE      0x00010000u
#define ID_SET      0x00060000u
#define ID_RESERVED 0xfff80000u

/* --- subchannels ------------------------------------------------------ */

static void reset_subchannel(struct css *css, unsigned n, bool there)
{
	struct subchannel *sch = &css->state.subchannels[n];

	*sch = (struct subchannel){ .devno = sch->devno, .valid = there };
	if (there) {
		sch->lpm = CSS_PATH;
		sch->pom = 0xff;
	}
}

int css_attach(struct css *css, uint16_t devno, const struct ccw_device *dev)
{
	unsigned n = css->state.count;

	if (n == CSS_SUBCHANNELS)
		return -ENOSPC;
	css->devices[n] = dev;
	css->state.subchannels[n].devno = devno;
	css->state.count++;
	css->state.crw_unannounced = true;
	reset_subchannel(css, n, true);
	return 0;
}

void css_reset(struct css *css)
{
	for (unsigned n = 0; n < css->state.count; n++)
		reset_subchannel(css, n, true);
	css->state.mss = false;
	css->state.measure = 0;
	css->state.measure_key = 0;
	css->state.measure_origin = 0;
	css->state.crw_unannounced = true;
	css->state.crw_count = 0;
}

static unsigned number_of(const struct css *css, const struct subchannel *sch)
{
	return (unsigned)(sch - css->state.subchannels);
}

/* 0 with *sch; 3: not provided; or an operand exception. */
static int find(struct css *css, uint32_t id, struct subchannel **sch)
{
	unsigned n = id & 0xffff;

	*sch = NULL;
	if (!(id & ID_ONE) || id & ID_RESERVED || (id & ID_SET && !css->state.mss))
		return -PGM_OPERAND;
	if (id & ID_SET || n >= css->state.count)
		return 3;
	*sch = &css->state.subchannels[n];
	return 0;
}

/* The same for a subchannel that must have a device and be enabled. */
static int find_operational(struct css *css, uint32_t id, struct subchannel **sch)
{
	int cc = find(css, id, sch);

	if (!cc && (!(*sch)->valid || !((*sch)->flags & PMCW_ENABLED)))
		cc = 3;
	return cc;
}

static unsigned isc(const struct subchannel *sch)
{
	return (sch->flags & PMCW_ISC) >> PMCW_ISC_SHIFT;
}

/* Makes status pending; the first one also makes an interruption pending, until the status has been tested.
 */
static void present(struct css *css, struct subchannel *sch, uint32_t status)
{
	bool pending = sch->ctrl & SCSW_PENDING;

	sch->ctrl |= status | SCSW_PENDING;
	if (!pending)
		css->host.interrupt(css->host.arg, css_id(number_of(css, sch)), sch->intparm, isc(sch));
}

/* Clears status that was not tested, and withdraws its interruption. */
static void forget_status(struct css *css, struct subchannel *sch)
{
	if (sch->ctrl & SCSW_PENDING)
		css->host.withdraw(css->host.arg, css_id(number_of(css, sch)), sch->intparm, isc(sch));
	sch->ctrl &= ~SCSW_STATUS;
}

/* Unsolicited status, when the subchannel is free for it. */
static void present_attention(struct css *css, struct subchannel *sch)
{
	const struct ccw_device *dev = css->devices[number_of(css, sch)];

	if (!sch->valid || !(sch->flags & PMCW_ENABLED) || sch->ctrl & (SCSW_FUNCTION | SCSW_PENDING) ||
	    !dev->attention(dev->device))
		return;
	sch->ctrl = 0;
	sch->cpa = 0;
	sch->dstat = DSTAT_ATTENTION;
	sch->cstat = 0;
	sch->count = 0;
	present(css, sch, SCSW_ALERT);
}

/* --- the start function ----------------------------------------------- */

/* Concurrent sense: the sense bytes come with the status. */
static void take_sense(struct subchannel *sch)
{
	if (!sch->concurrent_sense)
		return;
	memcpy(sch->ecw, sch->program.sense, sizeof(sch->ecw));
	memset(sch->program.sense, 0, sizeof(sch->program.sense));
	sch->ecw_bytes = sizeof(sch->ecw);
	sch->ctrl |= SCSW_EXTENDED;
}

static void end_program(struct css *css, struct subchannel *sch)
{
	uint32_t status = SCSW_PRIMARY | SCSW_SECONDARY;

	sch->ctrl &= ~SCSW_ACTIVITY;
	css_measure_end(css, sch);
	sch->dstat = sch->program.dstat;
	if (sch->dstat & DSTAT_UNIT_CHECK)
		take_sense(sch);
	if (sch->dstat & DSTAT_UNIT_CHECK || sch->cstat & ~(CSTAT_PCI | CSTAT_INCORRECT_LENGTH))
		status |= SCSW_ALERT;
	present(css, sch, status);
}

/* Runs the program until it ends, waits, or its slice is used up. */
static void run(struct css *css, struct subchannel *sch)
{
	struct ccw_program *p = &sch->program;
	bool first = p->first;
	uint64_t since = css_measure_now(css, sch);
	enum ccw_end end = ccw_run(p, &css->memory, css->devices[number_of(css, sch)]);
	bool active = end == CCW_ACTIVE || end == CCW_MORE;

	sch->connected += css_measure_now(css, sch) - since;
	sch->cpa = p->next;
	sch->count = p->count;
	sch->cstat |= p->cstat;
	/* The device has accepted the first command and not completed it (ch. 16, "Zero Condition Code"). */
	if (active && first && sch->ctrl & SCSW_INITIAL_STATUS) {
		sch->ctrl |= SCSW_ZERO_CC;
		present(css, sch, SCSW_INTERMEDIATE);
	}
	if (end != CCW_ENDED && p->cstat & CSTAT_PCI)
		present(css, sch, SCSW_INTERMEDIATE);
	p->cstat = 0;
	sch->ctrl &= ~SCSW_ACTIVITY;
	sch->ctrl |= p->resume ? SCSW_RESUME_PENDING : 0;
	if (end == CCW_MORE)
		css->host.work(css->host.arg);
	if (active) {
		sch->ctrl |= SCSW_SUBCHANNEL_ACTIVE | SCSW_DEVICE_ACTIVE;
	} else if (end == CCW_STOPPED) {
		sch->ctrl |= SCSW_SUSPENDED;
		css_measure_end(css, sch);
		if (!(sch->ctrl & SCSW_NO_SUSPENDED))
			present(css, sch, SCSW_INTERMEDIATE);
	} else {
		end_program(css, sch);
	}
}

/* Continues a program that had used up its slice; called before each access to the subchannel, too. */
static void go_on(struct css *css, struct subchannel *sch)
{
	uint8_t phase = sch->program.phase;

	if (phase == CCW_CHAINING || phase == CCW_COMMAND)
		run(css, sch);
}

void css_work(struct css *css)
{
	for (unsigned n = 0; n < css->state.count; n++)
		go_on(css, &css->state.subchannels[n]);
}

static uint8_t program_flags(uint32_t word)
{
	return (uint8_t)((word & ORB_FORMAT ? CCW_FORMAT_1 : 0) | (word & ORB_SUSPEND ? CCW_MAY_SUSPEND : 0) |
	                 (word & ORB_IDAW_2 ? CCW_IDAW_2 : 0) | (word & ORB_IDAW_2K ? CCW_IDAW_2K : 0) |
	                 (word & ORB_SUPPRESS_IL ? CCW_SUPPRESS_IL : 0));
}

int css_start(struct css *css, uint32_t id, const uint8_t orb[ORB_SIZE])
{
	uint32_t parm = get32(orb), word = get32(orb + 4), address = get32(orb + 8);
	struct subchannel *sch;
	int cc;

	if (word & ORB_INVALID || address & 0x80000000u)
		return -PGM_OPERAND;
	cc = find_operational(css, id, &sch);
	if (cc)
		return cc;
	go_on(css, sch);
	if (sch->ctrl & SCSW_PENDING)
		return 1;
	if (sch->ctrl & SCSW_FUNCTION)
		return 2;
	if (!(word >> 8 & sch->lpm & CSS_PATH))
		return 3;
	sch->intparm = parm;
	sch->lpum = CSS_PATH;
	sch->pnom = 0;
	/* Key and control bits are at the same places in the SCSW as in the ORB. */
	sch->ctrl = (word & SCSW_OF_ORB) | SCSW_START;
	sch->cstat = 0;
	sch->ecw_bytes = 0;
	sch->dcti = 0;
	css_measure_start(css, sch);
	ccw_start(&sch->program, address, (uint8_t)(word >> 28), program_flags(word));
	run(css, sch);
	return 0;
}

int css_resume(struct css *css, uint32_t id)
{
	struct subchannel *sch;
	int cc = find_operational(css, id, &sch);

	if (cc)
		return cc;
	go_on(css, sch);
	if (sch->ctrl & SCSW_PENDING)
		return 1;
	if ((sch->ctrl & SCSW_FUNCTION) != SCSW_START || sch->ctrl & SCSW_RESUME_PENDING ||
	    !(sch->program.orb & CCW_MAY_SUSPEND))
		return 2;
	css_measure_start(css, sch);
	if (sch->ctrl & SCSW_SUSPENDED) {
		sch->dcti = 0;
		run(css, sch);
	} else {
		sch->program.resume = true;
		sch->ctrl |= SCSW_RESUME_PENDING;
	}
	return 0;
}

/* --- CLEAR, HALT, RESUME and CANCEL ------------------------------------ */

static void stop_program(struct subchannel *sch)
{
	sch->program.phase = CCW_IDLE;
	sch->program.resume = false;
	sch->connected = 0;
	sch->dcti = 0;
	sch->ctrl &= ~SCSW_ACTIVITY;
}

int css_clear(struct css *css, uint32_t id)
{
	struct subchannel *sch;
	int cc = find_operational(css, id, &sch);

	if (cc)
		return cc;
	forget_status(css, sch);
	stop_program(sch);
	sch->program = (struct ccw_program){ .phase = CCW_IDLE };
	sch->ctrl = SCSW_CLEAR;
	sch->cpa = 0;
	sch->dstat = sch->cstat = 0;
	sch->count = 0;
	sch->ecw_bytes = 0;
	sch->lpum = sch->pnom = 0;
	sch->pom = 0xff;
	present(css, sch, 0);
	return 0;
}

int css_halt(struct css *css, uint32_t id)
{
	struct subchannel *sch;
	int cc = find_operational(css, id, &sch);
	uint32_t status, was;

	if (cc)
		return cc;
	was = sch->ctrl & SCSW_ACTIVITY;
	status = sch->ctrl & SCSW_STATUS;
	if (status == SCSW_PENDING || status & (SCSW_ALERT | SCSW_PRIMARY | SCSW_SECONDARY))
		return 1;
	if (sch->ctrl & (SCSW_HALT | SCSW_CLEAR))
		return 2;
	forget_status(css, sch);
	stop_program(sch);
	sch->ctrl |= SCSW_HALT;
	sch->cstat = 0;
	sch->dstat = was & SCSW_DEVICE_ACTIVE ? DSTAT_END : 0;
	/* An active device ends its command, and a suspended program ends without the device; else there is
	 * nothing to end. */
	present(css, sch,
	        was & SCSW_DEVICE_ACTIVE ? SCSW_PRIMARY | SCSW_SECONDARY
	        : was & SCSW_SUSPENDED   ? SCSW_PRIMARY
	                                 : 0);
	return 0;
}

int css_cancel(struct css *css, uint32_t id)
{
	struct subchannel *sch;
	int cc = find_operational(css, id, &sch);

	if (cc)
		return cc;
	go_on(css, sch);
	if (sch->ctrl & SCSW_PENDING)
		return 1;
	/* Only a suspended program has not begun. */
	if ((sch->ctrl & SCSW_FUNCTION) != SCSW_START || !(sch->ctrl & SCSW_SUSPENDED))
		return 2;
	stop_program(sch);
	sch->ctrl &= ~SCSW_FUNCTION;
	present_attention(css, sch);
	return 0;
}

/* --- STORE, MODIFY and TEST -------------------------------------------- */

int css_store(struct css *css, uint32_t id, uint8_t schib[SCHIB_SIZE])
{
	struct subchannel *sch;
	int cc = find(css, id, &sch);

	if (cc)
		return cc;
	go_on(css, sch);
	css_schib(sch, schib);
	return 0;
}

int css_modify(struct css *css, uint32_t id, const uint8_t schib[SCHIB_SIZE])
{
	const struct ccw_device *dev;
	struct subchannel *sch;
	bool enabled;
	int cc;

	if (!css_schib_valid(schib))
		return -PGM_OPERAND;
	cc = find(css, id, &sch);
	if (cc)
		return cc;
	go_on(css, sch);
	if (sch->ctrl & SCSW_PENDING)
		return 1;
	if (sch->ctrl & SCSW_FUNCTION)
		return 2;
	if (!sch->valid)
		return 0;
	enabled = sch->flags & PMCW_ENABLED;
	css_schib_modify(sch, schib);
	dev = css->devices[number_of(css, sch)];
	if (!enabled && sch->flags & PMCW_ENABLED && dev->enabled)
		dev->enabled(dev->device);
	present_attention(css, sch);
	return 0;
}

int css_test(struct css *css, uint32_t id, uint8_t irb[IRB_SIZE])
{
	struct subchannel *sch;
	int cc = find_operational(css, id, &sch);

	if (cc)
		return cc;
	go_on(css, sch);
	css_irb(sch, irb);
	return sch->ctrl & SCSW_PENDING ? 0 : 1;
}

/* What is cleared: ch. 14, TEST SUBCHANNEL. Intermediate status leaves the function in progress. */
void css_tested(struct css *css, uint32_t id)
{
	struct subchannel *sch;

	if (find_operational(css, id, &sch) || !(sch->ctrl & SCSW_PENDING))
		return;
	if ((sch->ctrl & SCSW_STATUS) != (SCSW_INTERMEDIATE | SCSW_PENDING))
		sch->ctrl &= ~(SCSW_FUNCTION | SCSW_ACTIVITY);
	forget_status(css, sch);
	sch->ctrl &= ~(SCSW_EXTENDED | SCSW_ZERO_CC);
	sch->cstat = 0;
	sch->dstat = 0;
	sch->dcti = 0;
	sch->ecw_bytes = 0;
	present_attention(css, sch);
}

int css_interruption(struct css *css, uint32_t id, uint32_t *parm, unsigned *isc_of)
{
	struct subchannel *sch;

	if (find(css, id, &sch))
		return 3;
	*parm = sch->intparm;
	*isc_of = isc(sch);
	return sch->ctrl & SCSW_PENDING ? 0 : 1;
}

bool css_notify(struct css *css, uint32_t id, uint64_t queue)
{
	const struct ccw_device *dev;
	struct subchannel *sch;

	if (find_operational(css, id, &sch))
		return false;
	dev = css->devices[number_of(css, sch)];
	return dev->notify && dev->notify(dev->device, queue);
}

/* --- from the devices --------------------------------------------------- */

void css_kick(struct css *css, unsigned number)
{
	struct subchannel *sch = &css->state.subchannels[number];

	if (!sch->valid)
		return;
	go_on(css, sch);
	present_attention(css, sch);
}

void css_attention(struct css *css, unsigned number)
{
	present_attention(css, &css->state.subchannels[number]);
}

int css_vary(struct css *css, unsigned number, bool on)
{
	struct subchannel *sch = css->state.subchannels;

	if (number >= css->state.count)
		return -ENODEV;
	sch += number;
	if (sch->valid == on)
		return on ? -EEXIST : -ENXIO;
	forget_status(css, sch);
	reset_subchannel(css, number, on);
	if (!on && css->devices[number]->removed)
		css->devices[number]->removed(css->devices[number]->device);
	css_report_device(css, number);
	return 0;
}
