/* SPDX-License-Identifier: BSD-2-Clause */
/* net_stream.h: how two programs meet at a UNIX stream socket, whoever comes first. Pure. */
#ifndef DEVICES_VIRTIO_NET_STREAM_H
#define DEVICES_VIRTIO_NET_STREAM_H

#include "vmm/error.h"

/*
 * Connects to the socket at path, of at most 107 characters; if nobody listens there, listens. Sets the one
 * or the other to a non-blocking descriptor, and leaves the other alone. Errors of socket(), connect(),
 * bind().
 */
int net_stream_open(const char *path, int *connection, int *listener, struct error *err);

/* A peer's connection, non-blocking, or -1: there is none yet. */
int net_stream_accept(int listener);

#endif
