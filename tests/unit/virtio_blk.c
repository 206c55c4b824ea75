/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio_blk.c: a disk's requests, what it is kept in, its state in a snapshot. */
#include "devices/virtio/virtio_blk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "devices/virtio/virtio_rng.h"
#include "tap.h"
#include "virtio_driver.h"
#include "vmm/snapshot/device_section.h"

enum { IN = 0, OUT = 1, FLUSH = 4, GET_ID = 8, DISCARD = 11, ZEROES = 13 };
enum { OK, IOERR, UNSUPP, NONE = 0xff };

#define SECTORS 41u /* so that the last block is a short one */
#define HEADER  (DATA - 64)
#define STATUS  (DATA - 32)
#define F_FLUSH (1ull << 9)

static struct virtio_blk blk;
static struct error err;
static char path[] = "/tmp/virtio_blk.XXXXXX";

/* --- the file ------------------------------------------------------------------ */

/* Byte i of sector s. */
static uint8_t pattern(unsigned s, unsigned i)
{
	return (uint8_t)(s * 7 + i + 1);
}

static void fresh_file(void)
{
	int fd = open(path, O_RDWR | O_TRUNC);
	uint8_t bytes[DISK_SECTOR];

	for (unsigned s = 0; s < SECTORS; s++) {
		for (unsigned i = 0; i < DISK_SECTOR; i++)
			bytes[i] = pattern(s, i);
		if (write(fd, bytes, sizeof(bytes)) != sizeof(bytes))
			perror(path);
	}
	close(fd);
}

static uint8_t file_byte(unsigned offset)
{
	int fd = open(path, O_RDONLY);
	uint8_t byte = 0;

	if (pread(fd, &byte, 1, offset) != 1)
		perror(path);
	close(fd);
	return byte;
}

static void open_disk(const char *words, uint64_t features)
{
	char text[100];

	snprintf(text, sizeof(text), "%s%s", path, words);
	is(virtio_blk_open(&blk, text, &err), 0, "a disk '%s'", words);
	is(start(&blk.dev, features), 0, "is started");
}

/* --- requests -------------------------------------------------------------------- */

/* A request with len bytes at DATA; its status. */
static uint8_t ask(uint32_t type, uint64_t sector, uint32_t len)
{
	bool in = type == IN || type == GET_ID;
	struct part parts[] = { { HEADER, 16, false },
		                { DATA, len / 2, in },
		                { DATA + len / 2, len - len / 2, in },
		                { STATUS, 1, true } };

	virtio_put32(at(HEADER), type);
	virtio_put64(at(HEADER + 8), sector);
	*at(STATUS) = NONE;
	request(0, parts, 4);
	virtio_notify(&blk.dev, 0);
	return *at(STATUS);
}

static bool has_pattern(unsigned sector, unsigned count)
{
	for (unsigned s = 0; s < count; s++)
		for (unsigned i = 0; i < DISK_SECTOR; i++)
			if (*at(DATA + s * DISK_SECTOR + i) != pattern(sector + s, i))
				return false;
	return true;
}

static bool holds(unsigned sector, uint8_t byte)
{
	if (ask(IN, sector, DISK_SECTOR) != OK)
		return false;
	for (unsigned i = 0; i < DISK_SECTOR; i++)
		if (*at(DATA + i) != byte)
			return false;
	return true;
}

static uint8_t write_byte(unsigned sector, uint8_t byte, unsigned sectors)
{
	memset(at(DATA), byte, (size_t)sectors * DISK_SECTOR);
	return ask(OUT, sector, sectors * DISK_SECTOR);
}

static uint8_t range(uint32_t type, uint64_t sector, uint32_t sectors, uint32_t flags)
{
	virtio_put64(at(DATA), sector);
	virtio_put32(at(DATA + 8), sectors);
	virtio_put32(at(DATA + 12), flags);
	return ask(type, 0, 16);
}

static void requests(void)
{
	uint8_t config[60];

	open_disk("", F_FLUSH);
	virtio_config(&blk.dev, 0, config, sizeof(config));
	is(virtio_get64(config), SECTORS, "its capacity");
	is(virtio_get32(config + 12), 254, "segments");
	is(virtio_get32(config + 20), 512, "and block size");
	is(ask(IN, 1, 3 * DISK_SECTOR), OK, "three sectors are read");
	ok(has_pattern(1, 3), "and are these");
	is(used_len(0), 3 * DISK_SECTOR + 1, "with this length");
	is(ask(IN, SECTORS - 1, DISK_SECTOR), OK, "the last one");
	is(ask(IN, SECTORS - 1, 2 * DISK_SECTOR), IOERR, "one more than there are");
	is(ask(IN, UINT64_MAX, DISK_SECTOR), IOERR, "a sector whose offset wraps");
	is(ask(IN, UINT64_MAX / DISK_SECTOR + 1, DISK_SECTOR), IOERR, "one that would be number 0 in bytes");
	is(ask(IN, 0, 100), IOERR, "a piece of a sector");
	is(write_byte(3, 0xab, 2), OK, "two sectors are written");
	ok(file_byte(3 * 512) == 0xab && file_byte(5 * 512 - 1) == 0xab &&
	           file_byte(5 * 512) == pattern(5, 0) && file_byte(3 * 512 - 1) == pattern(2, 511),
	   "to their places in the file");
	is(ask(FLUSH, 0, 0), OK, "a flush");
	is(write_byte(SECTORS, 1, 1), IOERR, "a write behind the end");
	is(file_byte(SECTORS * 512 - 1), pattern(SECTORS - 1, 511), "writes nothing");
	is(ask(GET_ID, 0, 20), OK, "its name");
	ok(!strncmp((char *)at(DATA), "virtio_blk.", 11), "is the file's");
	is(ask(GET_ID, 0, 10), IOERR, "which needs room");
	is(ask(99, 0, 0), UNSUPP, "an unknown request");
	virtio_blk_close(&blk);
}

static void ranges(void)
{
	open_disk("", F_FLUSH);
	is(range(ZEROES, 2, 9, 0), OK, "zeros are written");
	ok(holds(2, 0) && holds(10, 0) && !holds(11, 0) && !holds(1, 0), "where they should be");
	is(range(ZEROES, 16, 8, 1), OK, "zeros that may be a hole");
	ok(holds(16, 0) && holds(23, 0) && !holds(24, 0) && !holds(15, 0), "are zeros");
	is(range(ZEROES, SECTORS - 1, 2, 0), IOERR, "zeros behind the end");
	is(range(ZEROES, 0, UINT32_MAX, 0), IOERR, "more than the device takes");
	is(range(ZEROES, 0, 1, 2), UNSUPP, "a reserved flag");
	is(range(DISCARD, 24, 8, 0), OK, "a discard");
	is(range(DISCARD, 24, 8, 1), UNSUPP, "not with unmap");
	is(range(DISCARD, SECTORS, 1, 0), IOERR, "not behind the end");
	is(range(ZEROES, 0, 0, 0), OK, "no zeros at all");
	is(ask(ZEROES, 0, 32), IOERR, "two ranges");
	is(ask(DISCARD, 0, 8), IOERR, "half a range");
	virtio_blk_close(&blk);
	fresh_file();
}

/* Header, data and status may be in any parts (2.7.4). */
static void layouts(void)
{
	const struct part split[] = { { HEADER, 7, false }, { HEADER + 7, 9, false }, { DATA, 513, true } };
	const struct part none[] = { { HEADER, 16, false } };
	const struct part brief[] = { { HEADER, 15, false }, { STATUS, 1, true } };

	open_disk("", F_FLUSH);
	virtio_put32(at(HEADER), IN);
	virtio_put64(at(HEADER + 8), 4);
	request(0, split, 3);
	virtio_notify(&blk.dev, 0);
	ok(used_len(0) == 513 && has_pattern(4, 1) && *at(DATA + 512) == OK, "a status behind the data");
	request(0, brief, 2);
	virtio_notify(&blk.dev, 0);
	ok(used_len(0) == 1 && *at(STATUS) == IOERR, "a header that is too short");
	request(0, none, 1);
	virtio_notify(&blk.dev, 0);
	ok(virtio_status(&blk.dev) & VIRTIO_NEEDS_RESET, "no room for a status");
	virtio_blk_close(&blk);
}

static bool is_asked(uint32_t gpa)
{
	return ram.asked[gpa / ram.page / 8] & 1u << gpa / ram.page % 8;
}

/* A page of guest memory counts as changed when the device writes there (ram.h). */
static void changes(void)
{
	uint8_t asked[RAM_BYTES / 4096 / 8] = { 0 };

	open_disk("", F_FLUSH);
	ram.page = 4096;
	ram.asked = asked;
	is(write_byte(0, pattern(0, 0), 1), OK, "a write to the disk");
	ok(!is_asked(DATA) && !is_asked(AVAIL(0)) && !is_asked(DESC(0)), "leaves what the driver gave");
	ok(is_asked(STATUS) && is_asked(USED(0)), "and changes the status and the used ring");
	is(ask(IN, 0, DISK_SECTOR), OK, "a read");
	ok(is_asked(DATA), "changes more");
	ram.asked = NULL;
	ram.page = 0;
	virtio_blk_close(&blk);
	fresh_file();
}

static void read_only(void)
{
	open_disk(",ro", 1u << 5 | F_FLUSH);
	is(virtio_features(&blk.dev, 0) & (1u << 5 | 1u << 13 | 1u << 14), 1u << 5, "ro: is what it says");
	is(write_byte(0, 1, 1), IOERR, "ro: no write");
	is(range(ZEROES, 0, 1, 0), IOERR, "ro: no zeros");
	is(range(DISCARD, 0, 8, 0), IOERR, "ro: no discard");
	is(ask(IN, 0, DISK_SECTOR), OK, "ro: but a read");
	is(ask(FLUSH, 0, 0), OK, "ro: and a flush");
	is(file_byte(0), pattern(0, 0), "ro: the file is as before");
	virtio_blk_close(&blk);
}

/* The file becomes shorter while it is used. */
static void shrunk(void)
{
	const struct error *trouble;

	open_disk("", F_FLUSH);
	if (truncate(path, 5 * DISK_SECTOR + 100))
		perror(path);
	is(ask(IN, 4, DISK_SECTOR), OK, "a sector that is still there");
	is(ask(IN, SECTORS, DISK_SECTOR), IOERR, "one that never was");
	ok(!virtio_blk_trouble(&blk), "is no trouble with the file");
	is(ask(IN, 4, 4 * DISK_SECTOR), IOERR, "some that are not all there");
	trouble = virtio_blk_trouble(&blk);
	ok(trouble && strstr(trouble->text, ": cannot read: Input/output error;"), "is some");
	is(used_len(0), 513, "the first had data");
	is(used_len(0), 1, "the second a status");
	is(used_len(0), 1, "and the third");
	close(blk.disk.fd);
	blk.disk.fd = open("/dev/null", O_RDONLY);
	is(write_byte(0, 1, 1), IOERR, "a file that cannot be written");
	is(ask(FLUSH, 0, 0), IOERR, "nor synced");
	ok(!virtio_blk_trouble(&blk), "trouble is told once");
	virtio_blk_close(&blk);
	fresh_file();
}

static void cow(void)
{
	open_disk(",cow", F_FLUSH);
	is(range(ZEROES, 17, 2, 0), OK, "cow: zeros in a block that nobody has changed");
	ok(holds(17, 0) && holds(18, 0), "cow: are read back");
	is(ask(IN, 16, DISK_SECTOR), OK, "cow: the sector before");
	ok(has_pattern(16, 1), "cow: is as before");
	is(ask(IN, 19, DISK_SECTOR), OK, "cow: the one behind");
	ok(has_pattern(19, 1), "cow: too");
	for (unsigned k = 0; k < 2 * DISK_SECTOR; k++)
		*at(DATA + k) = pattern(17 + k / DISK_SECTOR, k % DISK_SECTOR);
	is(ask(OUT, 17, 2 * DISK_SECTOR), OK, "cow: what was there is written again");
	is(ask(IN, UINT64_MAX, 2 * DISK_SECTOR), IOERR, "cow: sectors whose end wraps");
	is(write_byte(3, 0xcd, 1), OK, "cow: one sector of a block");
	ok(holds(3, 0xcd), "cow: is read back");
	is(ask(IN, 0, SECTORS * DISK_SECTOR), OK, "cow: all of the disk, in one request");
	memset(at(DATA + 3 * 512), 0, 512);
	for (unsigned i = 0; i < 512; i++)
		*at(DATA + 3 * 512 + i) = pattern(3, i);
	ok(has_pattern(0, SECTORS), "cow: everything else is the file's");
	is(write_byte(7, 0xee, 18), OK, "cow: parts of two blocks, and two between");
	ok(holds(7, 0xee) && holds(24, 0xee) && holds(3, 0xcd), "cow: are read back");
	is(ask(IN, 25, DISK_SECTOR), OK, "cow: the sector behind");
	ok(has_pattern(25, 1), "cow: is as before");
	is(write_byte(40, 0x11, 1), OK, "cow: the short block at the end");
	ok(holds(40, 0x11), "cow: is read back");
	is(range(ZEROES, 9, 2, 0), OK, "cow: zeros");
	ok(holds(9, 0) && holds(10, 0) && holds(8, 0xee) && holds(11, 0xee), "cow: are read back");
	is(range(DISCARD, 8, 8, 0), OK, "cow: a discard");
	ok(file_byte(3 * 512) == pattern(3, 0) && file_byte(9 * 512) == pattern(9, 0) &&
	           file_byte(40 * 512) == pattern(40, 0),
	   "cow: the file is as before");
}

/* --- snapshots --------------------------------------------------------------------- */

static struct snap_section saved;

/* Where the part of the disk begins, and its blocks. */
#define OWN    (14 + 33)
#define BLOCKS (OWN + 34)

static int save(struct snap_section *s)
{
	struct virtio_blk_state state = { 0 };
	int rc = virtio_blk_save(&blk, &state, &err);

	virtio_blk_section.put(s, &state);
	virtio_blk_section.release(&state);
	return rc;
}

static bool get(const struct snap_section *s, size_t len, struct virtio_blk_state *state)
{
	struct snap_reader r = { s->bytes, s->bytes + len, false, false };

	*state = (struct virtio_blk_state){ 0 };
	return virtio_blk_section.get(&r, state, RAM_BYTES) && !snap_left(&r);
}

static bool load(struct virtio_blk *to)
{
	struct virtio_blk_state state;

	return get(&saved, saved.len, &state) && !virtio_blk_fits(to, &state, &err) &&
	       !virtio_blk_load(to, &state, &err);
}

/* The state again has the queue that the driver has forgotten: the requests that follow are after those. */
static bool go_back(void)
{
	bool good = load(&blk);

	return good && !start(&blk.dev, F_FLUSH);
}

static int fits(void)
{
	struct virtio_blk_state state;

	return get(&saved, saved.len, &state) ? virtio_blk_fits(&blk, &state, &err) : 1;
}

static void snapshot_cow(void)
{
	struct snap_section again = { .tag = 1 };

	is(save(&saved), 0, "cow: what is in memory goes into a snapshot");
	is(saved.len, BLOCKS + 5 * (8 + DISK_BLOCK), "cow: which are these blocks");
	write_byte(3, 1, 1);
	write_byte(33, 1, 1);
	ok(go_back(), "cow: the disk goes back");
	ok(holds(3, 0xcd) && holds(7, 0xee) && holds(9, 0) && holds(40, 0x11),
	   "cow: changed sectors are as saved");
	is(ask(IN, 33, DISK_SECTOR), OK, "cow: one that was changed later");
	ok(has_pattern(33, 1), "cow: is the file's again");
	virtio_blk_close(&blk);
	open_disk(",cow", F_FLUSH);
	ok(load(&blk), "cow: a new process loads it");
	save(&again);
	ok(again.len == saved.len && !memcmp(again.bytes, saved.bytes, saved.len),
	   "cow: and would save the same");
	free(again.bytes);
	start(&blk.dev, F_FLUSH);
	ok(holds(3, 0xcd) && holds(7, 0xee) && holds(40, 0x11), "cow: and has the sectors");
	virtio_blk_close(&blk);
	open_disk("", F_FLUSH);
	is(fits(), -EINVAL, "cow: a disk without it does not fit");
	virtio_blk_close(&blk);
}

static void bad_sections(void)
{
	uint8_t *own = saved.bytes + OWN, *blocks = saved.bytes + BLOCKS;
	struct virtio_blk_state state;
	unsigned accepted = 0;

	for (size_t len = 0; len < saved.len; len++)
		accepted += get(&saved, len, &state);
	is(accepted, 0, "a section that is cut anywhere is refused");
	blocks[7] ^= 4; /* the number of the first block */
	ok(!get(&saved, saved.len, &state), "so are blocks that do not ascend");
	blocks[7] ^= 4;
	blocks[4 * (8 + DISK_BLOCK) + 7]++; /* of the last */
	ok(!get(&saved, saved.len, &state), "and a block behind the end");
	blocks[4 * (8 + DISK_BLOCK) + 7]--;
	own[26]++;
	ok(!get(&saved, saved.len, &state), "and a huge number of blocks");
	own[26]--;
	own[1] = 0;
	ok(!get(&saved, saved.len, &state), "and blocks without cow");
	own[1] = 1;
	ok(get(&saved, saved.len, &state), "(all this was changed back)");
	free(saved.bytes);
	saved = (struct snap_section){ .tag = 1 };
}

static void snapshot_raw(void)
{
	open_disk("", F_FLUSH);
	save(&saved);
	is(fits(), 0, "a disk that nobody changed fits");
	/* A file system's clock has ticks: until the next one a change looks like none. */
	do
		write_byte(0, 1, 1);
	while (!fits());
	is(fits(), -ESTALE, "one that was changed does not");
	has(err.text, "was changed after the snapshot", "as the error says");
	virtio_blk_close(&blk);
	if (truncate(path, 34 * DISK_SECTOR))
		perror(path);
	open_disk("", F_FLUSH);
	is(fits(), -EINVAL, "nor does one of another size");
	virtio_blk_close(&blk);
	free(saved.bytes);
	fresh_file();
}

/* --- open --------------------------------------------------------------------------- */

static void errors(void)
{
	char text[5000];

	is(virtio_blk_open(&blk, "/nonexistent/disk", &err), -ENOENT, "no such file");
	has(err.text, "/nonexistent/disk", "named in the error");
	is(err.fault, FAULT_DATA, "not a fault of the host");
	is(virtio_blk_open(&blk, "/tmp,ro", &err), -EINVAL, "a directory");
	has(err.text, "a file or a block device", "is no disk");
	is(virtio_blk_open(&blk, "/dev/null", &err), -EINVAL, "nor is another device");
	is(virtio_blk_open(&blk, "", &err), -EINVAL, "no name");
	is(virtio_blk_open(&blk, ",ro", &err), -EINVAL, "no name but words");
	snprintf(text, sizeof(text), "%s,rw", path);
	is(virtio_blk_open(&blk, text, &err), -EINVAL, "an unknown word");
	has(err.text, "'rw'", "named in the error");
	is(err.fault, FAULT_USAGE, "a fault of the command line");
	if (truncate(path, 1000))
		perror(path);
	is(virtio_blk_open(&blk, path, &err), -EINVAL, "a size that is no multiple of 512");
	has(err.text, "multiple of 512", "as the error says");
	if (truncate(path, 0))
		perror(path);
	is(virtio_blk_open(&blk, path, &err), -EINVAL, "an empty file");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	is(virtio_blk_open(&blk, text, &err), -ENAMETOOLONG, "a name that is too long");
	is(err.fault, FAULT_USAGE, "a fault of the command line, too");
}

/* A disk that is written is one VM's; what is only read can be several VMs'. */
static void shared(void)
{
	static struct virtio_blk other;
	char ro[100], all[100];

	snprintf(ro, sizeof(ro), "%s,ro", path);
	snprintf(all, sizeof(all), "%s,cow", path);
	fresh_file();
	open_disk("", 0);
	is(virtio_blk_open(&other, path, &err), -EBUSY, "a disk that another VM writes");
	has(err.text, "another VM uses this disk; perhaps both", "cannot be written");
	is(virtio_blk_open(&other, ro, &err), -EBUSY, "nor read");
	has(err.text, "another VM uses this disk and writes it", "as the error says");
	virtio_blk_close(&blk);
	open_disk(",ro", 0);
	is(virtio_blk_open(&other, path, &err), -EBUSY, "one that another VM reads cannot be written");
	is(virtio_blk_open(&other, all, &err), 0, "but what is written can be forgotten");
	virtio_blk_close(&other);
	virtio_blk_close(&blk);
	is(virtio_blk_open(&other, path, &err), 0, "when they have ended, it can be written");
	virtio_blk_close(&other);
}

/* --- a slow disk ---------------------------------------------------------------------- */

static struct {
	pthread_mutex_t lock;
	pthread_cond_t change;
	bool slow;             /* a read waits until it is not */
	unsigned begun, ended; /* slow reads; threads */
} gate = { .lock = PTHREAD_MUTEX_INITIALIZER, .change = PTHREAD_COND_INITIALIZER };

/* Instead of libc's. */
ssize_t preadv(int fd, const struct iovec *iov, int count, off_t offset)
{
	pthread_mutex_lock(&gate.lock);
	gate.begun += gate.slow;
	pthread_cond_broadcast(&gate.change);
	while (gate.slow)
		pthread_cond_wait(&gate.change, &gate.lock);
	pthread_mutex_unlock(&gate.lock);
	return syscall(SYS_preadv, fd, iov, (unsigned long)count, (unsigned long)offset, 0ul);
}

static void set_slow(bool slow)
{
	pthread_mutex_lock(&gate.lock);
	gate.slow = slow;
	gate.begun = gate.ended = 0;
	pthread_cond_broadcast(&gate.change);
	pthread_mutex_unlock(&gate.lock);
}

/* Waits until *value is n, but not for ever. */
static bool becomes(const unsigned *value, unsigned n, unsigned ms)
{
	struct timespec then;
	bool good;

	clock_gettime(CLOCK_REALTIME, &then);
	then.tv_sec += (then.tv_nsec / 1000000 + ms) / 1000;
	then.tv_nsec = (then.tv_nsec / 1000000 + ms) % 1000 * 1000000;
	pthread_mutex_lock(&gate.lock);
	while (*value != n && !pthread_cond_timedwait(&gate.change, &gate.lock, &then))
		;
	good = *value == n;
	pthread_mutex_unlock(&gate.lock);
	return good;
}

/* The machine's lock, and what its threads do. */
static pthread_mutex_t machine = PTHREAD_MUTEX_INITIALIZER;
static unsigned idles;

static void count_idle(void *arg)
{
	(void)arg;
	idles++;
}

static void notify_disk(void)
{
	virtio_notify(&blk.dev, 0);
}

static void reset_disk(void)
{
	virtio_set_status(&blk.dev, 0);
}

static void *with_lock(void *what)
{
	pthread_mutex_lock(&machine);
	((void (*)(void))what)();
	pthread_mutex_unlock(&machine);
	pthread_mutex_lock(&gate.lock);
	gate.ended++;
	pthread_cond_broadcast(&gate.change);
	pthread_mutex_unlock(&gate.lock);
	return NULL;
}

static bool lock_in_time(void)
{
	struct timespec then;

	clock_gettime(CLOCK_REALTIME, &then);
	then.tv_sec += 2;
	return !pthread_mutex_timedlock(&machine, &then);
}

/* Makes a read of a sector available; its status is behind the others'. */
static void offer_read(unsigned n)
{
	struct part parts[] = { { HEADER, 16, false },
		                { DATA + n * DISK_SECTOR, DISK_SECTOR, true },
		                { STATUS + n, 1, true } };

	virtio_put32(at(HEADER), IN);
	virtio_put64(at(HEADER + 8), 1);
	*at(STATUS + n) = NONE;
	request(0, parts, 3);
}

/* The rings of another device, which has the same lock, are where those of queue 1 would be. */
static bool other_answers(void)
{
	static const struct part one = { DATA + 0x10000, 8, true };
	static struct virtio_rng rng;

	virtio_rng_open(&rng, NULL, NULL);
	virtio_connect(&rng.dev, &ram, &host);
	rng.dev.host.lock = &machine;
	virtio_accept(&rng.dev, 1, 1);
	virtio_set_status(&rng.dev, VIRTIO_FEATURES_OK);
	virtio_set_queue_size(&rng.dev, 0, ENTRIES);
	virtio_set_queue_address(&rng.dev, 0, VIRTIO_DESC, DESC(1));
	virtio_set_queue_address(&rng.dev, 0, VIRTIO_AVAIL, AVAIL(1));
	virtio_set_queue_address(&rng.dev, 0, VIRTIO_USED, USED(1));
	virtio_enable_queue(&rng.dev, 0);
	virtio_set_status(&rng.dev, VIRTIO_DRIVER_OK);
	request(1, &one, 1);
	virtio_notify(&rng.dev, 0);
	return used_len(1) == 8;
}

static void slow_start(pthread_t *thread)
{
	set_slow(true);
	open_disk("", F_FLUSH);
	blk.dev.host.lock = &machine;
	blk.dev.host.idle = count_idle;
	idles = 0;
	offer_read(0);
	pthread_create(thread, NULL, with_lock, notify_disk);
	ok(becomes(&gate.begun, 1, 10000), "slow: a read has begun");
}

/* No other thread waits because a disk does, unless it resets this very disk. */
static void slow(void)
{
	pthread_t reader, resetter;

	slow_start(&reader);
	if (!ok(lock_in_time(), "slow: the lock is free")) {
		set_slow(false);
		pthread_join(reader, NULL);
		return;
	}
	ok(other_answers(), "slow: another device answers");
	offer_read(1);
	virtio_notify(&blk.dev, 0);
	ok(*at(STATUS) == NONE && *at(STATUS + 1) == NONE, "slow: a notification does not wait");
	pthread_mutex_unlock(&machine);
	set_slow(false);
	pthread_join(reader, NULL);
	ok(*at(STATUS) == OK && *at(STATUS + 1) == OK, "slow: and both reads are done in the end");
	ok(!blk.dev.busy && !idles, "slow: nobody asked whether it is busy");
	virtio_blk_close(&blk);

	slow_start(&reader);
	offer_read(1);
	pthread_create(&resetter, NULL, with_lock, reset_disk);
	ok(!becomes(&gate.ended, 1, 50), "slow: a reset waits");
	ok(lock_in_time(), "slow: but without the lock");
	ok(virtio_status(&blk.dev) && virtio_busy(&blk.dev), "slow: the device is busy until then");
	pthread_mutex_unlock(&machine);
	set_slow(false);
	pthread_join(reader, NULL);
	pthread_join(resetter, NULL);
	ok(*at(STATUS) == OK && *at(STATUS + 1) == NONE, "slow: no request is begun when somebody waits");
	ok(!virtio_status(&blk.dev) && !virtio_queue(&blk.dev, 0)->enabled, "slow: then it is reset");
	is(idles, 1, "slow: and whoever asked hears that it is not busy any more");
	virtio_blk_close(&blk);
}

int main(void)
{
	close(mkstemp(path));
	make_ram();
	fresh_file();
	requests();
	fresh_file();
	ranges();
	layouts();
	changes();
	read_only();
	shrunk();
	cow();
	snapshot_cow();
	bad_sections();
	snapshot_raw();
	shared();
	slow();
	errors();
	unlink(path);
	free(ram.host);
	return tap_done();
}
