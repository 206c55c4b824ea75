/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio_console.c: see virtio_console.h. Pure. */
#include "virtio_console.h"

/* 5.3.3, 5.3.4 */
#define F_SIZE       (1ull << 0)
#define CONFIG_COLS  0
#define CONFIG_ROWS  2
#define CONFIG_BYTES 4

enum { RECEIVE, TRANSMIT, QUEUES };

static void config(struct virtio_device *dev, uint8_t *c)
{
	const struct virtio_console *con = dev->device;

	virtio_put16(c + CONFIG_COLS, con->columns);
	virtio_put16(c + CONFIG_ROWS, con->rows);
}

static void receive(struct virtio_console *con)
{
	struct virtqueue_chain chain;

	while (con->in.len && virtio_next(&con->dev, RECEIVE, &chain)) {
		uint8_t bytes[FIFO_ROOM];
		size_t n = fifo_get(&con->in, bytes, chain.in.len);

		virtqueue_write(&chain.in, bytes, n);
		virtio_done(&con->dev, RECEIVE, &chain, (uint32_t)n);
	}
}

static void transmit(struct virtio_console *con)
{
	struct virtqueue_chain chain;

	while (virtio_next(&con->dev, TRANSMIT, &chain)) {
		for (unsigned i = 0; i < chain.out.count; i++)
			fwrite(chain.out.at[i].iov_base, 1, chain.out.at[i].iov_len, con->out);
		virtio_done(&con->dev, TRANSMIT, &chain, 0);
	}
	fflush(con->out);
}

static void run(struct virtio_device *dev, unsigned queue)
{
	if (queue == RECEIVE)
		receive(dev->device);
	else
		transmit(dev->device);
}

static void reset(struct virtio_device *dev)
{
	((struct virtio_console *)dev->device)->announced = false;
}

/*
 * Linux looks at the size when it changes, and not when it starts; a driver that was loaded from a snapshot
 * knows the size of another terminal. So a change is announced when the first key is typed: then somebody is
 * there who sees the difference, and the driver has long started.
 */
static void announce_size(struct virtio_console *con)
{
	if (con->announced || !con->columns || !virtio_has(&con->dev, F_SIZE))
		return;
	con->announced = true;
	virtio_config_changed(&con->dev);
}

static const struct virtio_type type = {
	.name = "virtio-console",
	.id = VIRTIO_ID_CONSOLE,
	.queues = QUEUES,
	.queue_size = 64,
	.config_size = CONFIG_BYTES,
	.run = run,
	.config = config,
	.reset = reset,
};

void virtio_console_open(struct virtio_console *con, FILE *out, uint16_t columns, uint16_t rows)
{
	*con = (struct virtio_console){ .out = out, .columns = columns, .rows = rows };
	/* Always, as a driver that knows the feature may come from a snapshot. */
	virtio_init(&con->dev, &type, con, F_SIZE);
}

void virtio_console_resize(struct virtio_console *con, uint16_t columns, uint16_t rows)
{
	if (con->columns == columns && con->rows == rows)
		return;
	con->columns = columns;
	con->rows = rows;
	con->announced = true;
	virtio_config_changed(&con->dev);
}

size_t virtio_console_input(struct virtio_console *con, const uint8_t *bytes, size_t len)
{
	size_t n = fifo_put(&con->in, bytes, len);

	if (n)
		announce_size(con);
	virtio_run(&con->dev, RECEIVE);
	return n;
}

int virtio_console_save(void *self, void *state, struct error *err)
{
	const struct virtio_console *con = self;
	struct virtio_console_state *to = state;

	(void)err;
	virtio_save(&con->dev, &to->virtio);
	to->in = con->in;
	return 0;
}

int virtio_console_load(void *self, const void *state, struct error *err)
{
	const struct virtio_console_state *from = state;
	struct virtio_console *con = self;

	(void)err;
	virtio_load(&con->dev, &from->virtio);
	con->in = from->in;
	return 0;
}

int virtio_console_fits(const void *self, const void *state, struct error *err)
{
	return virtio_fits(&((const struct virtio_console *)self)->dev,
	                   &((const struct virtio_console_state *)state)->virtio, err);
}
