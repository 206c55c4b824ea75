/* SPDX-License-Identifier: BSD-2-Clause */
/* ccw.c: see ccw.h. Pure. Read next: css.c. */
#include "ccw.h"

#include <string.h>

#include "devices/bytes.h"

/* A CCW's flags (ch. 15, "Channel-Command Word"). */
#define CHAIN_DATA    0x80
#define CHAIN_COMMAND 0x40
#define SUPPRESS_IL   0x20
#define SKIP          0x10
#define PCI           0x08
#define INDIRECT      0x04
#define SUSPEND       0x02
#define MODIFIED_IDA  0x01

#define LIMIT_0 0x00ffffffu /* addresses in a format-0 CCW */
#define LIMIT_1 0x7fffffffu

#define PAGE 4096u

#define KEY_FETCH 0x08 /* of a storage key: fetch protection */

struct ccw_stream {
	struct ccw_program *p;
	const struct ccw_memory *m;
	unsigned slice; /* what is left of the slice */
	bool again;     /* the slice was used up within a command */
	bool longer;    /* the device had, or wanted, more data than the program did */
	bool chained;   /* data: the current CCW is not the command's first */
};

static uint32_t limit(const struct ccw_program *p)
{
	return p->orb & CCW_FORMAT_1 ? LIMIT_1 : LIMIT_0;
}

static void *check(struct ccw_program *p, uint8_t cstat)
{
	p->cstat |= cstat;
	return NULL;
}

void *ccw_storage(const struct ccw_memory *m, uint64_t address, uint64_t len, uint8_t key, bool store,
                  uint8_t *cstat)
{
	void *bytes = store ? ram_at(m->ram, address, len) : (void *)ram_see(m->ram, address, len);
	uint8_t page;

	if (!bytes) {
		*cstat |= CSTAT_PROGRAM_CHECK;
		return NULL;
	}
	if (!key)
		return bytes;
	page = m->key(m->arg, address & ~(uint64_t)(PAGE - 1));
	if (page >> 4 == key || !(store || page & KEY_FETCH))
		return bytes;
	*cstat |= CSTAT_PROTECTION_CHECK;
	return NULL;
}

/* The same under the program's key. */
static void *storage(struct ccw_stream *s, uint64_t address, uint32_t len, bool store)
{
	return ccw_storage(s->m, address, len, s->p->key, store, &s->p->cstat);
}

/* --- CCWs ------------------------------------------------------------- */

struct ccw {
	uint8_t command, flags;
	uint16_t count;
	uint32_t address;
};

/* Fetches the CCW at `next`, and advances `next`. False: a check. */
static bool fetch_one(struct ccw_stream *s, struct ccw *ccw)
{
	struct ccw_program *p = s->p;
	uint32_t at = p->next;
	const uint8_t *bytes;
	uint8_t b[8];

	p->next += 8;
	if (at & 7 || at > limit(p))
		return check(p, CSTAT_PROGRAM_CHECK);
	bytes = storage(s, at, sizeof(b), false);
	if (!bytes)
		return false;
	memcpy(b, bytes, sizeof(b)); /* once: the guest may be changing it */
	ccw->command = b[0];
	if (p->orb & CCW_FORMAT_1) {
		ccw->flags = b[1];
		ccw->count = get16(b + 2);
		ccw->address = get32(b + 4);
	} else {
		ccw->flags = b[4];
		ccw->count = get16(b + 6);
		ccw->address = get32(b) & LIMIT_0;
	}
	return ccw->address <= limit(p) || check(p, CSTAT_PROGRAM_CHECK);
}

/* Transfer in channel; of format 1, the rest of the CCW must be zero. */
static bool is_tic(const struct ccw_program *p, const struct ccw *ccw, bool *valid)
{
	if ((ccw->command & 0x0f) != 0x08)
		return false;
	*valid = !(p->orb & CCW_FORMAT_1) || (ccw->command == 0x08 && !ccw->flags && !ccw->count);
	return true;
}

static bool valid(const struct ccw_program *p, const struct ccw *ccw, bool chained_data)
{
	if (!chained_data && !(ccw->command & 0x0f))
		return false;
	if (ccw->flags & MODIFIED_IDA)
		return false;
	if (ccw->flags & SUSPEND && (chained_data || !(p->orb & CCW_MAY_SUSPEND)))
		return false;
	/* A count of zero: in format 1 only, and without data chaining. */
	return ccw->count || (p->orb & CCW_FORMAT_1 && !chained_data && !(ccw->flags & CHAIN_DATA));
}

/* Makes the next CCW the current one, by command or data chaining. False: a check. */
static bool fetch(struct ccw_stream *s, bool chained_data)
{
	struct ccw_program *p = s->p;
	bool may_tic = !p->first, good;
	struct ccw ccw;

	s->slice -= s->slice > 0;
	for (;;) {
		if (!fetch_one(s, &ccw))
			return false;
		if (!is_tic(p, &ccw, &good))
			break;
		/* Neither the first CCW nor the target of a transfer in channel may be one. */
		if (!good || !may_tic)
			return check(p, CSTAT_PROGRAM_CHECK);
		may_tic = false;
		p->next = ccw.address;
	}
	if (!valid(p, &ccw, chained_data))
		return check(p, CSTAT_PROGRAM_CHECK);
	if (!chained_data)
		p->command = ccw.command;
	p->flags = ccw.flags;
	p->count = ccw.count;
	p->address = ccw.address;
	p->moved = 0;
	return true;
}

/* The current CCW takes control: handles the flags that have an effect at once. */
static void take_control(struct ccw_program *p)
{
	p->first = false;
	if (p->flags & PCI)
		p->cstat |= CSTAT_PCI;
}

/* --- data ------------------------------------------------------------- */

/* IDAW number i of the current CCW. */
static bool idaw(struct ccw_stream *s, uint64_t i, uint64_t *address)
{
	const struct ccw_program *p = s->p;
	uint32_t size = p->orb & CCW_IDAW_2 ? 8 : 4;
	uint64_t at = p->address + i * size;
	const uint8_t *bytes;
	uint8_t b[8];

	if (at % size || at > limit(p))
		return check(s->p, CSTAT_PROGRAM_CHECK);
	bytes = storage(s, at, size, false);
	if (!bytes)
		return false;
	memcpy(b, bytes, size);
	*address = size == 8 ? (uint64_t)get32(b) << 32 | get32(b + 4) : get32(b);
	return size == 8 || *address <= LIMIT_1 || check(s->p, CSTAT_PROGRAM_CHECK);
}

/* The address of the next byte according to the IDAWs, and how many bytes are contiguous (ch. 15, "Indirect
 * Data Addressing"). */
static bool indirect(struct ccw_stream *s, uint64_t *address, uint32_t *room)
{
	const struct ccw_program *p = s->p;
	uint32_t block = p->orb & CCW_IDAW_2 && !(p->orb & CCW_IDAW_2K) ? 4096 : 2048;
	uint64_t first, at, offset;

	if (!idaw(s, 0, &first))
		return false;
	at = (first & (block - 1)) + p->moved;
	offset = at & (block - 1);
	*room = (uint32_t)(block - offset);
	if (at < block) {
		*address = first + p->moved;
		return true;
	}
	if (!idaw(s, at / block, address))
		return false;
	if (*address & (block - 1))
		return check(s->p, CSTAT_PROGRAM_CHECK);
	*address += offset;
	return true;
}

/* Up to len contiguous bytes of the current CCW: *len of them at *bytes (NULL: skipped). False: a check. */
static bool piece(struct ccw_stream *s, bool store, size_t *len, uint8_t **bytes)
{
	const struct ccw_program *p = s->p;
	uint64_t address = (uint64_t)p->address + p->moved;
	uint32_t room = PAGE - (uint32_t)(address & (PAGE - 1));

	*len = *len < p->count ? *len : p->count;
	*bytes = NULL;
	if (store && p->flags & SKIP)
		return true;
	if (p->flags & INDIRECT && !indirect(s, &address, &room))
		return false;
	*len = *len < room ? *len : room;
	if (!(p->flags & INDIRECT) && address > limit(p))
		return check(s->p, CSTAT_PROGRAM_CHECK);
	*bytes = storage(s, address, (uint32_t)*len, store);
	return *bytes;
}

static bool more_by_chaining(struct ccw_stream *s)
{
	if (!(s->p->flags & CHAIN_DATA) || !fetch(s, true))
		return false;
	take_control(s->p);
	s->chained = true;
	return true;
}

/* A check ends the transfer; PCI does not. */
static bool failed(const struct ccw_program *p)
{
	return p->cstat & ~CSTAT_PCI;
}

static void moved(struct ccw_program *p, size_t len)
{
	p->moved += (uint32_t)len;
	p->count -= (uint16_t)len;
}

size_t ccw_get(struct ccw_stream *s, void *to, size_t len)
{
	size_t done = 0;

	s->p->data = true;
	while (done < len && !failed(s->p) && (s->p->count || more_by_chaining(s))) {
		size_t n = len - done, work;
		uint8_t *bytes;

		if (!s->slice) {
			s->again = true;
			break;
		}
		if (!piece(s, false, &n, &bytes))
			break;
		memcpy((uint8_t *)to + done, bytes, n);
		done += n;
		moved(s->p, n);
		work = 1 + n / 64;
		s->slice -= (unsigned)(work < s->slice ? work : s->slice);
	}
	return done;
}

/* When the count of a CCW is used up, the next one is fetched at once: the length is compared with its count.
 */
size_t ccw_put(struct ccw_stream *s, const void *from, size_t len)
{
	size_t done = 0;

	s->p->data = true;
	while (done < len && !failed(s->p) && (s->p->count || more_by_chaining(s))) {
		size_t n = len - done;
		uint8_t *bytes;

		if (!piece(s, true, &n, &bytes))
			break;
		if (bytes)
			memcpy(bytes, (const uint8_t *)from + done, n);
		done += n;
		moved(s->p, n);
		if (!s->p->count && s->p->flags & CHAIN_DATA)
			more_by_chaining(s);
	}
	s->longer = done < len && !failed(s->p);
	return done;
}

bool ccw_get_all(struct ccw_stream *s, void *to, size_t len)
{
	size_t done = ccw_get(s, to, len);

	s->longer = done < len && !failed(s->p);
	return done == len;
}

/* A byte may cost a CCW and a piece. */
bool ccw_room(struct ccw_stream *s, size_t len)
{
	s->again = s->slice < 2 * len;
	return !s->again;
}

size_t ccw_count(const struct ccw_stream *s)
{
	return s->p->count;
}

bool ccw_rewind(struct ccw_stream *s)
{
	struct ccw_program *p = s->p;

	if (s->chained)
		return false;
	p->count += (uint16_t)p->moved;
	p->moved = 0;
	return true;
}

bool ccw_unfinished(const struct ccw_stream *s)
{
	return s->again;
}

uint8_t ccw_unit_check(struct ccw_stream *s, uint8_t sense)
{
	s->p->sense[0] = sense;
	return DSTAT_UNIT_CHECK;
}

/* --- the program ------------------------------------------------------ */

void ccw_start(struct ccw_program *p, uint32_t address, uint8_t key, uint8_t orb)
{
	struct ccw_program fresh = {
		.phase = CCW_CHAINING, .key = key, .orb = orb, .first = true, .next = address
	};

	memcpy(fresh.sense, p->sense, sizeof(fresh.sense));
	*p = fresh;
}

static uint8_t command(struct ccw_stream *s, const struct ccw_device *dev)
{
	struct ccw_program *p = s->p;
	uint8_t sense[CCW_SENSE_BYTES];

	switch (p->command) {
	case CCW_NOP: return DSTAT_END;
	case CCW_SENSE:
		memcpy(sense, p->sense, sizeof(sense));
		memset(p->sense, 0, sizeof(p->sense));
		ccw_put(s, sense, sizeof(sense));
		return DSTAT_END;
	case CCW_SENSE_ID: ccw_put(s, dev->id, sizeof(dev->id)); return DSTAT_END;
	}
	if (!p->begun)
		memset(p->sense, 0, sizeof(p->sense));
	p->begun = true;
	return dev->command(dev->device, p->command, s);
}

/* Whether the lengths of program and device differ and this must be indicated (ch. 16). */
static bool incorrect_length(const struct ccw_stream *s)
{
	const struct ccw_program *p = s->p;

	if (!(p->dstat & DSTAT_CHANNEL_END))
		return false;
	if (p->flags & CHAIN_DATA)
		return true;
	if (!p->count && !s->longer)
		return false;
	if (!p->data && (!(p->orb & CCW_FORMAT_1) || p->orb & CCW_SUPPRESS_IL))
		return false;
	return !(p->flags & SUPPRESS_IL);
}

/* Fetches the next command's CCW. False: the program does not continue, for the reason in *end. */
static bool next_command(struct ccw_stream *s, enum ccw_end *end)
{
	struct ccw_program *p = s->p;

	*end = CCW_ENDED;
	if (!fetch(s, false))
		return false;
	if (p->flags & SUSPEND && !p->resume) {
		p->phase = CCW_SUSPENDED;
		*end = CCW_STOPPED;
		return false;
	}
	p->resume = p->resume && !(p->flags & SUSPEND);
	p->phase = CCW_COMMAND;
	p->data = p->begun = false;
	take_control(p);
	return true;
}

/* Lets the device execute the current command. False: the program does not continue. */
static bool do_command(struct ccw_stream *s, const struct ccw_device *dev, enum ccw_end *end)
{
	struct ccw_program *p = s->p;

	s->again = s->longer = s->chained = false;
	p->dstat = command(s, dev);
	*end = CCW_ENDED;
	if (failed(p)) {
		p->dstat |= DSTAT_END;
		return false;
	}
	if (!p->dstat || s->again) {
		p->dstat = 0;
		*end = s->again ? CCW_MORE : CCW_ACTIVE;
		return false;
	}
	if (incorrect_length(s))
		p->cstat |= CSTAT_INCORRECT_LENGTH;
	if (failed(p) || p->dstat & ~(DSTAT_END | DSTAT_MODIFIER) || !(p->dstat & DSTAT_DEVICE_END) ||
	    !(p->flags & CHAIN_COMMAND))
		return false;
	p->next += p->dstat & DSTAT_MODIFIER ? 8 : 0;
	p->dstat = 0;
	p->phase = CCW_CHAINING;
	return true;
}

enum ccw_end ccw_run(struct ccw_program *p, const struct ccw_memory *m, const struct ccw_device *dev)
{
	struct ccw_stream s = { .p = p, .m = m, .slice = CCW_SLICE };
	enum ccw_end end = CCW_MORE;
	bool on = true;

	if (p->phase == CCW_SUSPENDED) {
		p->next -= 8; /* the CCW is fetched again: the program has changed it */
		p->phase = CCW_CHAINING;
	}
	while (on && s.slice)
		on = p->phase == CCW_CHAINING ? next_command(&s, &end) : do_command(&s, dev, &end);
	if (on)
		return CCW_MORE;
	if (end == CCW_ENDED)
		p->phase = CCW_IDLE;
	return end;
}
