/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rtas.c: Run-Time Abstraction Services, which a guest calls by H_RTAS with an
 * argument buffer in its memory (LoPAR 7). The tokens are in the device tree.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "cpu.h"
#include "devices.h"
#include "fdt.h"
#include "hcall.h"
#include "pci.h"
#include "platform.h"
#include "vmm/date.h"
#include "vmm/hook.h"
#include "vmm/vcpu.h"
#include "vmm/vm.h"
#include "vmm/vm_clock.h"

/* query-cpu-stopped-state */
#define CPU_STOPPED     0
#define CPU_NOT_STOPPED 2

struct start {
	uint64_t pc, r3;
};

static int start(struct vcpu *vcpu, void *arg, struct error *err)
{
	const struct start *s = arg;
	int rc = vcpu_is_online(vcpu) ? error_set(err, -EBUSY, "vCPU %u is started already", vcpu->id)
	                              : cpu_start(vcpu, s->pc, s->r3, err);

	if (!rc)
		vcpu_online(vcpu);
	return rc;
}

/* The arguments say what may power on again. */
static int power_off(struct rtas_call *c)
{
	if (!hook_stopped(c->vcpu, 0, c->event))
		c->event->kind = EVENT_STOP;
	return RTAS_SUCCESS;
}

static int system_reboot(struct rtas_call *c)
{
	c->event->kind = EVENT_REBOOT;
	return RTAS_SUCCESS;
}

/* The argument is the address of a string that says what happened. */
static int os_term(struct rtas_call *c)
{
	char text[128] = "";

	for (size_t i = 0; i + 1 < sizeof(text); i++) {
		const char *from = ram_at(&c->vcpu->vm->ram, (uint64_t)c->arg[0] + i, 1);
		char copy = from ? *from : 0;

		if (copy < ' ' || copy > '~')
			break;
		text[i] = copy;
	}
	c->event->kind = EVENT_CRASH;
	error_set(&c->event->why, -EIO, "ibm,os-term: the guest says that it crashed%s%s",
	          text[0] ? ": " : "", text);
	return RTAS_SUCCESS;
}

/* Server, address, r3. */
static int start_cpu(struct rtas_call *c)
{
	struct start s = { c->arg[1], c->arg[2] };
	struct vcpu *target = vcpu_with_id(c->vcpu->vm, c->arg[0]);
	int rc = target ? vcpu_work(target, c->vcpu, start, &s, &c->event->why) : -ESRCH;

	return rc == -EAGAIN ? RTAS_BUSY : rc ? RTAS_PARAMETER : RTAS_SUCCESS;
}

static int stop_self(struct rtas_call *c)
{
	c->event->kind = EVENT_OFFLINE;
	return RTAS_SUCCESS;
}

static int query_cpu(struct rtas_call *c)
{
	const struct vcpu *asked = vcpu_with_id(c->vcpu->vm, c->arg[0]);
	enum vcpu_state state;

	if (!asked)
		return RTAS_PARAMETER;
	state = vm_vcpu_state(c->vcpu->vm, asked->index);
	c->result[0] = state == VCPU_OFFLINE || state == VCPU_SUSPENDED ? CPU_STOPPED : CPU_NOT_STOPPED;
	return RTAS_SUCCESS;
}

/* --- the time of day ---------------------------------------------------- */

/* Year, month, day, hour, minute, second, nanoseconds: the host's time and the guest's offset, in UTC. */
static int get_time_of_day(struct rtas_call *c)
{
	const struct devices *d = c->vcpu->vm->devices;
	int64_t ns, offset = __atomic_load_n(&d->modes.time_offset, __ATOMIC_RELAXED);
	time_t seconds;
	struct tm tm;

	/* That of a snapshot may have been set when the host's time was another. */
	if (__builtin_add_overflow((int64_t)clock_wall(), offset, &ns))
		ns = INT64_MAX;
	if (ns < 0)
		ns = 0;
	seconds = ns / NS_PER_SECOND;
	gmtime_r(&seconds, &tm);
	c->result[0] = (uint32_t)tm.tm_year + 1900;
	c->result[1] = (uint32_t)tm.tm_mon + 1;
	c->result[2] = (uint32_t)tm.tm_mday;
	c->result[3] = (uint32_t)tm.tm_hour;
	c->result[4] = (uint32_t)tm.tm_min;
	c->result[5] = (uint32_t)tm.tm_sec;
	c->result[6] = (uint32_t)(ns % NS_PER_SECOND);
	return RTAS_SUCCESS;
}

/* The same seven as arguments. The years are those whose nanoseconds fit into 64 bits with a sign. */
static int set_time_of_day(struct rtas_call *c)
{
	const uint32_t *a = c->arg;
	struct tm tm = {
		.tm_year = (int)a[0] - 1900,
		.tm_mon = (int)a[1] - 1,
		.tm_mday = (int)a[2],
		.tm_hour = (int)a[3],
		.tm_min = (int)a[4],
		.tm_sec = (int)a[5],
	};
	struct tm same = tm;
	int64_t ns;

	if (a[0] < 1970 || a[0] > 2261 || a[6] >= NS_PER_SECOND)
		return RTAS_PARAMETER;
	/* timegm() makes the first of May out of April 31. */
	ns = (int64_t)timegm(&same) * NS_PER_SECOND + a[6];
	if (same.tm_mon != tm.tm_mon || same.tm_mday != tm.tm_mday || same.tm_hour != tm.tm_hour ||
	    same.tm_min != tm.tm_min || same.tm_sec != tm.tm_sec)
		return RTAS_PARAMETER;
	__atomic_store_n(&c->vcpu->vm->devices->modes.time_offset, ns - (int64_t)clock_wall(),
	                 __ATOMIC_RELAXED);
	return RTAS_SUCCESS;
}

/* --- who the partition is ----------------------------------------------- */

/* System parameters, and answers (LoPAR 7.3, ibm,get-system-parameter): there is no such parameter; the
 * buffer is wrong. */
#define PARAMETER_UUID      48
#define PARAMETER_NAME      55
#define PARAMETER_NOT_THERE (-3)
#define PARAMETER_NO_BUFFER (-9999)

/* Its length in two bytes, then as much of it as there is room for: length bytes in all. */
static int put_parameter(struct rtas_call *c, const void *from, size_t len)
{
	size_t room = c->arg[2], some = len + 2 < room ? len : room - 2;
	uint8_t *to = room < 2 ? NULL : ram_at(&c->vcpu->vm->ram, c->arg[1], some + 2);

	if (!to)
		return PARAMETER_NO_BUFFER;
	to[0] = (uint8_t)(len >> 8);
	to[1] = (uint8_t)len;
	memcpy(to + 2, from, some);
	return RTAS_SUCCESS;
}

/* Which one, and where it goes. */
static int get_parameter(struct rtas_call *c)
{
	const struct identity *id = c->vcpu->vm->config->identity;
	const char *name = identity_name(id);
	char uuid[IDENTITY_UUID_TEXT];

	if (c->arg[0] == PARAMETER_NAME)
		return put_parameter(c, name, strlen(name) + 1);
	if (c->arg[0] == PARAMETER_UUID && identity_uuid_text(id, uuid))
		return put_parameter(c, id->uuid, sizeof(id->uuid));
	return PARAMETER_NOT_THERE;
}

/* --- all of them -------------------------------------------------------- */

const struct rtas_service rtas_services[] = {
	{ "power-off", P9_RTAS_POWER_OFF, 2, 1, .call = power_off },
	{ "ibm,os-term", P9_RTAS_OS_TERM, 1, 1, .call = os_term },
	{ "start-cpu", P9_RTAS_START_CPU, 3, 1, .call = start_cpu },
	{ "stop-self", P9_RTAS_STOP_SELF, 0, 0, .call = stop_self },
	{ "query-cpu-stopped-state", P9_RTAS_QUERY_CPU, 1, 2, .call = query_cpu },
	{ "ibm,set-xive", P9_RTAS_SET_XIVE, .xics = true },
	{ "ibm,get-xive", P9_RTAS_GET_XIVE, .xics = true },
	{ "ibm,int-on", P9_RTAS_INT_ON, .xics = true },
	{ "ibm,int-off", P9_RTAS_INT_OFF, .xics = true },
	{ "system-reboot", P9_RTAS_REBOOT, 0, 1, .call = system_reboot },
	{ "get-time-of-day", P9_RTAS_TIME_OF_DAY, 0, 8, .call = get_time_of_day },
	{ "set-time-of-day", P9_RTAS_SET_TIME_OF_DAY, 7, 1, .call = set_time_of_day },
	{ "ibm,get-system-parameter", P9_RTAS_GET_PARAMETER, 3, 1, .call = get_parameter },
	{ "ibm,read-pci-config", P9_RTAS_READ_PCI, 4, 2, .call = pci_rtas_read, .pci = true },
	{ "ibm,write-pci-config", P9_RTAS_WRITE_PCI, 5, 1, .call = pci_rtas_write, .pci = true },
	{ "ibm,change-msi", P9_RTAS_CHANGE_MSI, 6, 3, .call = pci_rtas_change_msi, .pci = true },
	{ "ibm,query-interrupt-source-number", P9_RTAS_QUERY_SOURCE, 4, 3, .call = pci_rtas_query_source,
	  .pci = true },
	{ .name = NULL },
};

static const struct rtas_service *find(uint32_t token)
{
	const struct rtas_service *s = rtas_services;

	while (s->name && s->token != token)
		s++;
	return s->name ? s : NULL;
}

const char *rtas_name(const struct vcpu *vcpu, uint64_t buffer)
{
	const uint32_t *token = buffer & 3 ? NULL : ram_at(&vcpu->vm->ram, buffer, sizeof(*token));
	const struct rtas_service *s = token ? find(be32toh(*token)) : NULL;

	return s ? s->name : NULL;
}

/* Token, number of arguments, of results, then both, in big-endian words (LoPAR 7.2.7). Each word is read
 * once. */
long hcall_rtas(struct hcall *c)
{
	const struct ram *ram = &c->vm->ram;
	const uint32_t *head = ram_at(ram, c->arg[0], 12);
	struct rtas_call call = { .vcpu = c->vcpu, .event = c->event };
	const struct rtas_service *service;
	uint32_t args, results, *words;
	int status = RTAS_UNKNOWN;

	if (!head || c->arg[0] & 3)
		return H_PARAMETER;
	service = find(be32toh(head[0]));
	args = be32toh(head[1]);
	results = be32toh(head[2]);
	if (args > RTAS_WORDS || results > RTAS_WORDS)
		return H_PARAMETER;
	words = ram_at(ram, c->arg[0] + 12, 4 * (uint64_t)(args + results));
	if (!words)
		return H_PARAMETER;
	for (uint32_t i = 0; i < args; i++)
		call.arg[i] = be32toh(words[i]);
	if (service && service->call)
		status = args == service->args && results >= service->results ? service->call(&call)
		                                                              : RTAS_PARAMETER;
	if (results)
		words[args] = htobe32((uint32_t)status);
	for (uint32_t i = 1; i < results; i++)
		words[args + i] = htobe32(call.result[i - 1]);
	return H_SUCCESS;
}
