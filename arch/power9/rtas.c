/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rtas.c: Run-Time Abstraction Services, which a guest calls by H_RTAS with an
 * argument buffer in its memory (LoPAR 7). The tokens are in the device tree.
 */
#include <endian.h>
#include <errno.h>
#include <time.h>

#include "cpu.h"
#include "hcall.h"
#include "platform.h"
#include "vmm/hook.h"
#include "vmm/vcpu.h"
#include "vmm/vm.h"

#define RTAS_SUCCESS   0
#define RTAS_BUSY      (-2)
#define RTAS_PARAMETER (-3)
#define RTAS_UNKNOWN   (-1) /* hardware error: there is no such service */

/* query-cpu-stopped-state */
#define CPU_STOPPED     0
#define CPU_NOT_STOPPED 2

#define ARGS    3 /* the most that a service here has */
#define RESULTS 7 /* after the status */

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
static int power_off(struct vcpu *vcpu, const uint32_t *arg, uint32_t *result, struct event *event)
{
	(void)arg;
	(void)result;
	if (!hook_stopped(vcpu, 0, event))
		event->kind = EVENT_STOP;
	return RTAS_SUCCESS;
}

static int system_reboot(struct vcpu *vcpu, const uint32_t *arg, uint32_t *result, struct event *event)
{
	(void)vcpu;
	(void)arg;
	(void)result;
	event->kind = EVENT_REBOOT;
	return RTAS_SUCCESS;
}

/* The argument is the address of a string that says what happened. */
static int os_term(struct vcpu *vcpu, const uint32_t *arg, uint32_t *result, struct event *event)
{
	char text[128] = "";

	(void)result;
	for (size_t i = 0; i + 1 < sizeof(text); i++) {
		const char *c = ram_at(&vcpu->vm->ram, (uint64_t)arg[0] + i, 1);
		char copy = c ? *c : 0;

		if (copy < ' ' || copy > '~')
			break;
		text[i] = copy;
	}
	event->kind = EVENT_CRASH;
	error_set(&event->why, -EIO, "ibm,os-term: the guest says that it crashed%s%s", text[0] ? ": " : "",
	          text);
	return RTAS_SUCCESS;
}

/* Server, address, r3. */
static int start_cpu(struct vcpu *vcpu, const uint32_t *arg, uint32_t *result, struct event *event)
{
	struct start s = { arg[1], arg[2] };
	struct vcpu *target = vcpu_with_id(vcpu->vm, arg[0]);
	int rc = target ? vcpu_work(target, vcpu, start, &s, &event->why) : -ESRCH;

	(void)result;
	return rc == -EAGAIN ? RTAS_BUSY : rc ? RTAS_PARAMETER : RTAS_SUCCESS;
}

static int stop_self(struct vcpu *vcpu, const uint32_t *arg, uint32_t *result, struct event *event)
{
	(void)vcpu;
	(void)arg;
	(void)result;
	event->kind = EVENT_OFFLINE;
	return RTAS_SUCCESS;
}

static int query_cpu(struct vcpu *vcpu, const uint32_t *arg, uint32_t *result, struct event *event)
{
	const struct vcpu *asked = vcpu_with_id(vcpu->vm, arg[0]);
	enum vcpu_state state;

	(void)event;
	if (!asked)
		return RTAS_PARAMETER;
	state = vm_vcpu_state(vcpu->vm, asked->index);
	result[0] = state == VCPU_OFFLINE || state == VCPU_SUSPENDED ? CPU_STOPPED : CPU_NOT_STOPPED;
	return RTAS_SUCCESS;
}

/* Year, month, day, hour, minute, second, nanoseconds: the host's, in UTC. */
static int time_of_day(struct vcpu *vcpu, const uint32_t *arg, uint32_t *result, struct event *event)
{
	struct timespec now;
	struct tm tm;

	(void)vcpu;
	(void)arg;
	(void)event;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	result[0] = (uint32_t)tm.tm_year + 1900;
	result[1] = (uint32_t)tm.tm_mon + 1;
	result[2] = (uint32_t)tm.tm_mday;
	result[3] = (uint32_t)tm.tm_hour;
	result[4] = (uint32_t)tm.tm_min;
	result[5] = (uint32_t)tm.tm_sec;
	result[6] = (uint32_t)now.tv_nsec;
	return RTAS_SUCCESS;
}

static const struct service {
	uint32_t token, args, results; /* how many the caller must give, and have room for */
	int (*call)(struct vcpu *vcpu, const uint32_t *arg, uint32_t *result, struct event *event);
} services[] = {
	{ P9_RTAS_POWER_OFF, 2, 1, power_off },     { P9_RTAS_OS_TERM, 1, 1, os_term },
	{ P9_RTAS_START_CPU, 3, 1, start_cpu },     { P9_RTAS_STOP_SELF, 0, 0, stop_self },
	{ P9_RTAS_QUERY_CPU, 1, 2, query_cpu },     { P9_RTAS_REBOOT, 0, 1, system_reboot },
	{ P9_RTAS_TIME_OF_DAY, 0, 8, time_of_day },
};

/* Token, number of arguments, of results, then both, in big-endian words (LoPAR 7.2.7). Each word is read
 * once. */
long hcall_rtas(struct vcpu *vcpu, uint64_t buffer, struct event *event)
{
	const struct ram *ram = &vcpu->vm->ram;
	const uint32_t *head = ram_at(ram, buffer, 12);
	uint32_t token, args, results, arg[ARGS] = { 0 }, result[RESULTS] = { 0 };
	int status = RTAS_UNKNOWN;
	uint32_t *words;

	if (!head || buffer & 3)
		return H_PARAMETER;
	token = be32toh(head[0]);
	args = be32toh(head[1]);
	results = be32toh(head[2]);
	if (args > 16 || results > 16)
		return H_PARAMETER;
	words = ram_at(ram, buffer + 12, 4 * (uint64_t)(args + results));
	if (!words)
		return H_PARAMETER;
	for (uint32_t i = 0; i < args && i < ARGS; i++)
		arg[i] = be32toh(words[i]);
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		if (services[i].token != token)
			continue;
		status = RTAS_PARAMETER;
		if (args == services[i].args && results >= services[i].results)
			status = services[i].call(vcpu, arg, result, event);
	}
	if (results)
		words[args] = htobe32((uint32_t)status);
	for (uint32_t i = 1; i < results && i <= RESULTS; i++)
		words[args + i] = htobe32(result[i - 1]);
	return H_SUCCESS;
}
