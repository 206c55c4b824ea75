/* SPDX-License-Identifier: BSD-2-Clause */
/* device_option.h: the devices that the command line asks for. Pure. */
#ifndef VMM_DEVICE_OPTION_H
#define VMM_DEVICE_OPTION_H

#define DEVICE_OPTIONS_MAX 32

enum device_kind {
	DEVICE_DISK,    /* -d FILE[,ro][,cow] */
	DEVICE_NET,     /* -n tap=NAME|stream=SOCKET[,mac=ADDRESS] */
	DEVICE_RNG,     /* --rng[=FILE] */
	DEVICE_CONSOLE, /* --virtio-console */
};

struct device_option {
	enum device_kind kind;
	const char *text; /* as it was written, not yet looked at; NULL: the option has no argument */
};

/* In the order of the command line. */
struct device_options {
	unsigned count;
	struct device_option list[DEVICE_OPTIONS_MAX];
};

#endif
