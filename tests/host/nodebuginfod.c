/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nodebuginfod.c: stands in for libdebuginfod, through which gdb would get symbols from the network: the real
 * one brings thirty libraries, which an emulated host would have to load each time.
 */
#include <errno.h>
#include <stddef.h>

void *debuginfod_begin(void);
void debuginfod_end(void *client);
void debuginfod_set_progressfn(void *client, void *fn);
void debuginfod_set_user_data(void *client, void *value);
void *debuginfod_get_user_data(void *client);
int debuginfod_find_debuginfo(void *client, const unsigned char *id, int len, char **path);
int debuginfod_find_executable(void *client, const unsigned char *id, int len, char **path);
int debuginfod_find_source(void *client, const unsigned char *id, int len, const char *name, char **path);

void *debuginfod_begin(void)
{
	return NULL;
}

void debuginfod_end(void *client)
{
	(void)client;
}

void debuginfod_set_progressfn(void *client, void *fn)
{
	(void)client;
	(void)fn;
}

void debuginfod_set_user_data(void *client, void *value)
{
	(void)client;
	(void)value;
}

void *debuginfod_get_user_data(void *client)
{
	(void)client;
	return NULL;
}

int debuginfod_find_debuginfo(void *client, const unsigned char *id, int len, char **path)
{
	(void)client;
	(void)id;
	(void)len;
	(void)path;
	return -ENOSYS;
}

int debuginfod_find_executable(void *client, const unsigned char *id, int len, char **path)
{
	return debuginfod_find_debuginfo(client, id, len, path);
}

int debuginfod_find_source(void *client, const unsigned char *id, int len, const char *name, char **path)
{
	(void)name;
	return debuginfod_find_debuginfo(client, id, len, path);
}
