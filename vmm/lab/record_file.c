/* SPDX-License-Identifier: BSD-2-Clause */
/* record_file.c: see record_file.h. Pure. */
#include "record_file.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "vmm/sandbox.h"
#include "vmm/trace.h"

struct record_file {
	FILE *stream;
	pthread_t thread;
	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t change;
	bool quit;
	int failed; /* a negative errno value */
};

/* Under the lock. */
static void flush(struct record_file *file)
{
	errno = 0;
	if (fflush(file->stream) && !file->failed)
		file->failed = errno ? -errno : -EIO;
}

static void *record_thread(void *arg)
{
	struct record_file *file = arg;

	sandbox_thread(SANDBOX_OUTPUT);
	pthread_mutex_lock(&file->lock);
	while (!file->quit) {
		struct timespec next = time_in(RECORD_DELAY_MS);

		pthread_cond_timedwait(&file->change, &file->lock, &next);
		flush(file);
	}
	pthread_mutex_unlock(&file->lock);
	return NULL;
}

int record_open(struct record_file **opened, const char *path, bool append)
{
	struct record_file *file = calloc(1, sizeof(*file));
	pthread_condattr_t attr;
	int rc;

	*opened = NULL;
	if (!file)
		return -ENOMEM;
	file->stream = fopen(path, append ? "ae" : "we");
	if (!file->stream) {
		rc = -errno;
		free(file);
		return rc;
	}
	pthread_mutex_init(&file->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&file->change, &attr);
	pthread_condattr_destroy(&attr);
	rc = pthread_create(&file->thread, NULL, record_thread, file);
	if (rc) {
		fclose(file->stream);
		free(file);
		return -rc;
	}
	*opened = file;
	return 0;
}

FILE *record_stream(const struct record_file *file)
{
	return file->stream;
}

int record_flush(struct record_file *file)
{
	int rc;

	pthread_mutex_lock(&file->lock);
	flush(file);
	rc = file->failed;
	pthread_mutex_unlock(&file->lock);
	return rc;
}

int record_failed(struct record_file *file)
{
	int rc;

	pthread_mutex_lock(&file->lock);
	rc = file->failed;
	pthread_mutex_unlock(&file->lock);
	return rc;
}

int record_close(struct record_file *file)
{
	int rc;

	if (!file)
		return 0;
	pthread_mutex_lock(&file->lock);
	file->quit = true;
	pthread_cond_signal(&file->change);
	pthread_mutex_unlock(&file->lock);
	pthread_join(file->thread, NULL);
	rc = file->failed;
	errno = 0;
	if (fclose(file->stream) && !rc)
		rc = errno ? -errno : -EIO;
	pthread_cond_destroy(&file->change);
	pthread_mutex_destroy(&file->lock);
	free(file);
	return rc;
}
