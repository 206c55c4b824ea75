/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hostile.h: a guest that is hostile to its virtio devices: hostile.c has what it does to the rings, which
 * all transports share; hostile-ARCH.c has what it does to the registers of its transport. It is the test
 * guest (guest/) with another main program.
 *
 * Whatever it makes a device write stays in the last pages of RAM, the sandbox, or is refused because it is
 * beyond RAM: what begins in the sandbox and is too long ends beyond RAM, too. So the guest harms nobody but
 * its devices, and does the same with the same seed.
 *
 * On the command "fuzz" a vCPU is hostile to the machine instead (hostile-machine-ARCH.c): the seed and the
 * number of instructions are the command's. With an even seed it comes to its end whatever else it does; with
 * an odd one it is wild: it may hurt itself, and only zpvm must not be hurt.
 */
#ifndef TESTS_HOST_HOSTILE_H
#define TESTS_HOST_HOSTILE_H

#include <stdint.h>

#define RAM_BYTES     (64ull << 20)
#define SANDBOX_BYTES 0x20000ull
#define SANDBOX       (RAM_BYTES - SANDBOX_BYTES)

#define STATUS_DRIVER      0x03 /* with ACKNOWLEDGE */
#define STATUS_DRIVER_OK   0x04
#define STATUS_FEATURES_OK 0x08
#define STATUS_NEEDS_RESET 0x40

#define DEVICES 5 /* in the order of the command line */

/* hostile.c: numbers at random: all of them; below n; true once in n times. */
uint64_t any(void);
uint32_t below(uint32_t n);
int once_in(uint32_t n);

/* An address where a device may write, or none that is in RAM. */
uint64_t hostile_address(void);

/* hostile-ARCH.c. A device is ready after transport_open(), whatever was done to it: reset, and with all that
 * a driver needs of the transport itself. */
void transport_open(unsigned dev);
void transport_reset(unsigned dev);
uint8_t transport_status(unsigned dev);
void transport_set_status(unsigned dev, uint8_t status);
void transport_accept(unsigned dev, unsigned window, uint32_t features);
/* Not 0: the transport says at once that this cannot be. */
int transport_queue(unsigned dev, unsigned queue, unsigned size, uint64_t desc, uint64_t avail,
                    uint64_t used);
void transport_notify(unsigned dev, unsigned queue);
/* Something that no driver would do. */
void transport_nonsense(unsigned dev);

/* hostile-machine-ARCH.c: so many instructions that leave the guest. The same from several vCPUs at once. */
void machine_nonsense(unsigned cpu, uint64_t count, int wild);

#endif
