/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio_console.h: a console of one port. Source: virtio 1.2, 5.3. Pure. */
#ifndef DEVICES_VIRTIO_VIRTIO_CONSOLE_H
#define DEVICES_VIRTIO_VIRTIO_CONSOLE_H

#include <stdio.h>

#include "devices/fifo.h"
#include "virtio.h"

struct virtio_console {
	struct virtio_device dev;
	FILE *out;              /* not owned; writing to it never waits */
	uint16_t columns, rows; /* 0: not known */
	bool announced;         /* to the driver, since it started or was loaded */
	struct fifo in;         /* typed and not read */
};

/* columns and rows: of the terminal, 0 if they are not known. */
void virtio_console_open(struct virtio_console *con, FILE *out, uint16_t columns, uint16_t rows);

/* The terminal's size has changed: the driver is interrupted. */
void virtio_console_resize(struct virtio_console *con, uint16_t columns, uint16_t rows);

/* Types len bytes; returns how many there was room for. */
size_t virtio_console_input(struct virtio_console *con, const uint8_t *bytes, size_t len);

/* Data of a snapshot. */
struct virtio_console_state {
	struct virtio_state virtio;
	struct fifo in;
};

#define VIRTIO_CONSOLE_TAG SNAP_TAG('V', 'C', 'O', 'N')
struct device_section;
extern const struct device_section virtio_console_section;

/* As in struct device_ops, of a struct virtio_console and a struct virtio_console_state. */
int virtio_console_save(void *self, void *state, struct error *err);
int virtio_console_load(void *self, const void *state, struct error *err);
int virtio_console_fits(const void *self, const void *state, struct error *err);

#endif
