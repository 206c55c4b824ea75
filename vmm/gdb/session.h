/* SPDX-License-Identifier: BSD-2-Clause */
/* session.h: what gdb has said so far, and how the VM runs for it; shared by the files of this folder. */
#ifndef VMM_GDB_SESSION_H
#define VMM_GDB_SESSION_H

#include "gdb.h"
#include "history.h"
#include "link.h"
#include "vmm/debug/arch_debug.h"

#define SIGNAL_INT  2
#define SIGNAL_TRAP 5
#define SIGNAL_ABRT 6
#define SIGNAL_STOP 17 /* as gdb numbers them */

#define BREAKS_MAX 32
#define WATCH_MAX  64 /* bytes */

/* A breakpoint of gdb's, or something that it watches. */
struct gdb_point {
	uint64_t
		type; /* as in Z packets: 0, 1: breakpoints, which are the same here; 2: writes are watched */
	struct break_point at;
	/* While vCPUs are stepped: */
	gpa_t gpa;
	uint8_t was[WATCH_MAX];
};

/* Why the VM stands. */
struct stop {
	enum { STOP_ASKED, STOP_STEP, STOP_BREAK, STOP_CHANGE, STOP_BEGIN, STOP_IDLE, STOP_ENDED } why;
	unsigned cpu;
	const struct gdb_point *point; /* STOP_BREAK, STOP_CHANGE; NULL: it is not there any more */
	uint64_t address;              /* STOP_CHANGE */
};

struct gdb_session {
	const struct gdb_config *config;
	struct run_config run; /* the laboratory's */
	struct runner r;
	struct scenario scenario; /* the root of those that `monitor` makes: empty */
	struct link link;
	struct history history;
	struct vm_run *past_of; /* the VM whose history it is */
	struct gdb_point points[BREAKS_MAX];
	unsigned point_count;
	unsigned cpu;     /* for registers and memory */
	unsigned run_cpu; /* for steps that name none */
	bool run_any;     /* rather `cpu` */
	unsigned next;    /* of the vCPUs in turn */
	uint64_t asleep;  /* a bit for each vCPU that waited for an interrupt when it was last seen */
	struct stop stop;
	uint64_t deadline; /* of time_now(); 0: none */
	bool detached;     /* the guest runs until a gdb comes */
	bool over;
	char *xml;
	struct gdb_request request;
	struct gdb_reply reply;
};

static inline struct vm *gdb_vm(struct gdb_session *s)
{
	return &s->r.current->vm;
}

bool gdb_late(const struct gdb_session *s);

/* For gdb's user, while the guest runs. */
void gdb_say(struct gdb_session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The functions below return 0 or a negative errno value of something that ends the session. */

/* free.c: runs until something stops it, and sets s->stop. */
int free_run(struct gdb_session *s);

/* Whether there is a breakpoint at which another vCPU has parked meanwhile. */
bool free_other(struct gdb_session *s);

/*
 * exact.c: the same by single steps, which are remembered. exact_step() makes one of vCPU cpu. The other two
 * go back. A step that is not possible is said to gdb's user.
 */
int exact_run(struct gdb_session *s);
int exact_step(struct gdb_session *s, unsigned cpu);
int exact_back(struct gdb_session *s);
int exact_step_back(struct gdb_session *s, unsigned cpu);

/* Steps until the VM is where it was after so many units. */
int exact_go(struct gdb_session *s, uint64_t at);

/* serve.c: does what s->request asks for, and answers. */
int serve(struct gdb_session *s);

/* monitor.c: executes a step, or a command of the debugger's own, and sends what it says. */
int monitor(struct gdb_session *s, const char *text);

#endif
