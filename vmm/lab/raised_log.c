/* SPDX-License-Identifier: BSD-2-Clause */
/* raised_log.c: see raised_log.h. Pure. */
#include "raised_log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void raised_log_init(struct raised_log *log)
{
	*log = (struct raised_log){ .on = false };
	pthread_mutex_init(&log->lock, NULL);
}

void raised_log_destroy(struct raised_log *log)
{
	pthread_mutex_destroy(&log->lock);
	free(log->list);
}

/* Removes one from the log that the guest cannot have taken, because the guest's log has not grown since. */
static bool take_back(struct raised_log *log, const struct irq *irq, unsigned taken)
{
	for (unsigned i = log->count; i && log->list[i - 1].taken == taken; i--) {
		struct raised *r = &log->list[i - 1];

		if (r->withdrawn || !irq_equal(&r->irq, irq))
			continue;
		if (!--r->times)
			memmove(r, r + 1, (--log->count - (i - 1)) * sizeof(*r));
		return true;
	}
	return false;
}

void raised_log_add(struct raised_log *log, const struct irq *irq, unsigned taken, bool withdrawn)
{
	struct raised *last;

	pthread_mutex_lock(&log->lock);
	if (log->on && !log->list)
		log->list = calloc(RAISED_LOG_MAX, sizeof(*log->list));
	last = log->count ? &log->list[log->count - 1] : NULL;
	if (!log->on || (withdrawn && take_back(log, irq, taken)))
		;
	else if (last && last->taken == taken && last->withdrawn == withdrawn && irq_equal(&last->irq, irq))
		last->times++;
	else if (log->list && log->count < RAISED_LOG_MAX)
		log->list[log->count++] = (struct raised){ *irq, 1, taken, withdrawn };
	else
		log->full = true;
	pthread_mutex_unlock(&log->lock);
}

static int enter(const struct raised *r, struct ledger *l, struct error *err)
{
	int rc = 0;

	if (r->withdrawn)
		ledger_withdraw(l, &r->irq, r->times);
	else
		rc = ledger_inject(l, NULL, &r->irq, r->times, err);
	return rc;
}

static int read_log(struct ledger *l, const struct abi_record *records, unsigned taken, struct error *err)
{
	int rc = ledger_read(l, records, taken);

	return rc ? error_set(err, rc, "the guest's log cannot be added to the ledger: %s", strerror(-rc))
	          : 0;
}

int raised_log_enter(struct raised_log *log, struct ledger *l, const struct abi_record *records,
                     unsigned taken, struct error *err)
{
	int rc = 0;

	pthread_mutex_lock(&log->lock);
	for (unsigned i = 0; i < log->count && !rc; i++) {
		const struct raised *r = &log->list[i];

		rc = read_log(l, records, r->taken < taken ? r->taken : taken, err);
		if (!rc)
			rc = enter(r, l, err);
	}
	if (!rc && log->full)
		rc = error_set(err, -EOVERFLOW,
		               "the machine raised more interrupts than can be accounted for");
	log->count = 0;
	log->full = false;
	pthread_mutex_unlock(&log->lock);
	return rc ? rc : read_log(l, records, taken, err);
}
