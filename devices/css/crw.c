/* SPDX-License-Identifier: BSD-2-Clause */
/* crw.c: channel reports (Principles of Operation, ch. 17), and the instructions for paths.
 * See css.h. Pure. */
#include <string.h>

#include "css.h"

#define CRW_SOLICITED   0x40000000u
#define CRW_OVERFLOW    0x20000000u
#define CRW_CHAINED     0x10000000u
#define CRW_SUBCHANNEL  0x03000000u
#define CRW_CHPID       0x04000000u
#define CRW_INITIALIZED 0x00020000u
#define CRW_PARAMETERS  0x00040000u /* installed parameters initialized: a device came or went */

static void queue(struct css *css, uint32_t crw)
{
	struct css_state *s = &css->state;

	if (s->crw_count == CSS_CRWS)
		s->crw[CSS_CRWS - 1] |= CRW_OVERFLOW;
	else
		s->crw[s->crw_count++] = crw;
	if (s->crw_unannounced)
		css->host.report(css->host.arg);
	s->crw_unannounced = false;
}

void css_report_device(struct css *css, unsigned number)
{
	uint32_t crw = CRW_SUBCHANNEL | CRW_PARAMETERS;

	if (!css->state.mss)
		return queue(css, crw | number);
	/* With subchannel sets there are two words; the second one has the set, 0. */
	queue(css, crw | CRW_CHAINED | number);
	queue(css, crw);
}

int css_report(const struct css *css, uint32_t *crw)
{
	*crw = css->state.crw_count ? css->state.crw[0] : 0;
	return css->state.crw_count ? 0 : 1;
}

/* A new machine check is made only after the guest has found that no report is left. */
void css_reported(struct css *css)
{
	struct css_state *s = &css->state;

	if (!s->crw_count) {
		s->crw_unannounced = true;
		return;
	}
	memmove(s->crw, s->crw + 1, --s->crw_count * sizeof(s->crw[0]));
}

int css_reset_path(struct css *css, uint64_t r1)
{
	if (r1 & 0xff00ff00 || r1 & 0x00ff0000)
		return -PGM_OPERAND;
	if ((r1 & 0xff) != CSS_CHPID)
		return 3;
	queue(css, CRW_SOLICITED | CRW_CHPID | CRW_INITIALIZED | CSS_CHPID);
	return 0;
}

int css_address_limit(uint64_t r1)
{
	return r1 & 0x8000ffff ? -PGM_OPERAND : 0;
}
