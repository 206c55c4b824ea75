/* SPDX-License-Identifier: BSD-2-Clause */
/* channel_state.h: the state of a channel subsystem with its devices, and its section of a snapshot. Pure. */
#ifndef DEVICES_CSS_CHANNEL_STATE_H
#define DEVICES_CSS_CHANNEL_STATE_H

#include "con3215.h"
#include "css.h"

#define CSS_TAG SNAP_TAG('C', 'S', 'S', ' ')

struct channel_state {
	struct css_state css;
	struct con3215_state console;
};

struct device_section;
extern const struct device_section css_section;

#endif
