/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * peer.c: how long QEMU takes to save and restore a whole VM with the test
 * guest in it, which stands at its first checkpoint. Beside zpvm's own figures.
 *
 *   peer [-n] ARCH ROUNDS QEMU GUEST.elf      -n: lines "qemu-NAME-ns N" instead of the table
 *
 * savevm and loadvm are between a VM and a qcow2 image, migrate goes to a file,
 * and incoming is a new process that takes the file in: from its exec, and (load)
 * from when it is ready. The files lie in TMPDIR, else /tmp, which should be a
 * tmpfs. QEMU is spoken to in its machine protocol (QMP).
 *
 * QEMU does not know the checkpoint's call: the guest says so on its console and
 * ends, as a crashed one does, and QEMU pauses it there. So nothing runs while it
 * is saved, as in zpvm.
 */
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "floor.h"

#define SECONDS  240 /* after which a QEMU that hangs is ended */
#define SAMPLES  100
#define MIGRATES 3
#define DISK     (1 << 20)
#define LINE     8192

enum name { START, SAVEVM, LOADVM, MIGRATE, INCOMING, LOAD, NAMES };

struct machine {
	const char *options;  /* of -M */
	const char *mib;      /* s390x as zpvm by default; of pseries QEMU makes no smaller one */
	const char *firmware; /* the option that the guest goes by */
	const char *place;    /* in "info registers": what the next instruction's address comes after */
};

struct peer {
	const struct machine *machine;
	const char *qemu, *guest, *accel;
	pid_t pid;
	FILE *in, *out;
	bool stopped, reset, migrated; /* events */
	char line[LINE];
	double sample[NAMES][SAMPLES];
	int samples[NAMES];
	double zpvm[NAMES]; /* what zpvm takes for it; 0: it has no such thing */
};

/* The beginning of a file; nothing if there is none. */
static void beginning(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "r");

	text[f ? fread(text, 1, size - 1, f) : 0] = 0;
	if (f)
		fclose(f);
}

static void fail(const char *what, const char *why)
{
	char text[512];

	beginning("qemu.err", text, sizeof(text));
	fprintf(stderr, "peer: %s: %s\n%s", what, why, text);
	exit(1);
}

static void add(struct peer *p, enum name name, uint64_t since)
{
	if (p->samples[name] < SAMPLES)
		p->sample[name][p->samples[name]++] = (double)(now() - since);
}

/* --- QMP: a message is a line -------------------------------------------- */

/* The next one; false if QEMU has ended. */
static bool hear(struct peer *p)
{
	if (!fgets(p->line, sizeof(p->line), p->out))
		return false;
	p->stopped |= strstr(p->line, "\"event\": \"STOP\"") != NULL;
	p->reset |= strstr(p->line, "\"event\": \"RESET\"") != NULL;
	p->migrated |= strstr(p->line, "\"status\": \"completed\"") != NULL;
	if (strstr(p->line, "\"status\": \"failed\""))
		fail("migration", p->line);
	return true;
}

static void wait_for(struct peer *p, const bool *event)
{
	while (!*event)
		if (!hear(p))
			fail("QEMU has ended", p->line);
}

/* The answer is in p->line. */
static void say(struct peer *p, const char *command)
{
	fprintf(p->in, "%s\n", command);
	fflush(p->in);
	do
		if (!hear(p))
			fail(command, "QEMU has ended");
	while (strncmp(p->line, "{\"return\"", 9) && strncmp(p->line, "{\"error\"", 8));
	if (p->line[2] == 'e')
		fail(command, p->line);
}

/* As a person types it at QEMU's monitor: says nothing if all went well. */
static void type(struct peer *p, const char *command)
{
	char text[200];

	snprintf(text, sizeof(text),
	         "{\"execute\": \"human-monitor-command\", \"arguments\": {\"command-line\": \"%s\"}}",
	         command);
	say(p, text);
}

static void type_quietly(struct peer *p, const char *command)
{
	type(p, command);
	if (strncmp(p->line, "{\"return\": \"\"}", 14))
		fail(command, p->line);
}

/* --- a QEMU -------------------------------------------------------------- */

static void child(const struct peer *p, int in, int out, const char *incoming)
{
	char machine[256], drive[] = "if=none,format=raw,snapshot=on,file=disk";

	snprintf(machine, sizeof(machine), "%s,accel=%s", p->machine->options, p->accel);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(in, 0);
	dup2(out, 1);
	dup2(must(open("qemu.err", O_WRONLY | O_CREAT | O_TRUNC, 0600)), 2);
	/* A drive that is a snapshot of another has a new qcow2 image. */
	execl(p->qemu, p->qemu, "-M", machine, "-cpu", strcmp(p->accel, "kvm") ? "max" : "host", "-m",
	      p->machine->mib, "-nodefaults", "-display", "none", p->machine->firmware, p->guest, "-action",
	      "panic=pause", "-drive", drive, "-serial", "file:console", "-qmp", "stdio", "-S", incoming,
	      incoming ? "defer" : NULL, NULL);
	fail(p->qemu, "cannot be run");
}

/* False if it refuses. */
static bool start(struct peer *p, const char *incoming)
{
	int in[2], out[2];

	must(pipe2(in, O_CLOEXEC));
	must(pipe2(out, O_CLOEXEC));
	p->stopped = p->migrated = false;
	p->pid = must(fork());
	if (!p->pid)
		child(p, in[0], out[1], incoming);
	close(in[0]);
	close(out[1]);
	p->in = fdopen(in[1], "w");
	p->out = fdopen(out[0], "r");
	if (!hear(p)) {
		fclose(p->in);
		fclose(p->out);
		waitpid(p->pid, NULL, 0);
		return false;
	}
	say(p, "{\"execute\": \"qmp_capabilities\"}");
	say(p,
	    "{\"execute\": \"migrate-set-capabilities\", \"arguments\": {\"capabilities\": [{\"capability\": "
	    "\"events\", \"state\": true}]}}");
	say(p,
	    "{\"execute\": \"migrate-set-parameters\", \"arguments\": {\"max-bandwidth\": 1000000000000}}");
	return true;
}

static void end(struct peer *p)
{
	kill(p->pid, SIGKILL);
	waitpid(p->pid, NULL, 0);
	fclose(p->in);
	fclose(p->out);
}

/* Where the guest is: what shows that a VM was restored. */
static uint64_t place(struct peer *p)
{
	const char *found;

	type(p, "info registers");
	found = strstr(p->line, p->machine->place);
	if (!found)
		fail("info registers", p->line);
	return strtoull(found + strlen(p->machine->place), NULL, 16);
}

/* To the guest's first checkpoint: it must have come there. */
static void run(struct peer *p)
{
	char text[256];

	say(p, "{\"execute\": \"cont\"}");
	wait_for(p, &p->stopped);
	beginning("console", text, sizeof(text));
	if (!strstr(text, "guest crash: "))
		fail("the guest has not run", text);
}

/* --- what is measured ---------------------------------------------------- */

static void snapshots(struct peer *p, int rounds)
{
	uint64_t since, was = place(p);
	char command[32];

	for (int i = 0; i < rounds; i++) {
		snprintf(command, sizeof(command), "savevm s%d", i);
		since = now();
		type_quietly(p, command);
		add(p, SAVEVM, since);
		p->reset = false;
		say(p, "{\"execute\": \"system_reset\"}");
		wait_for(p, &p->reset);
		if (place(p) == was)
			fail("system_reset", "the guest is where it was");
		snprintf(command, sizeof(command), "loadvm s%d", i);
		since = now();
		type_quietly(p, command);
		add(p, LOADVM, since);
		if (place(p) != was)
			fail(command, "the guest is not where it was");
	}
}

/* A VM that has been migrated cannot be once more: the one that took it in can. */
static void migrate(struct peer *p)
{
	uint64_t begun, since, was = place(p);

	for (int i = 0; i < MIGRATES; i++) {
		p->migrated = false; /* savevm says so too */
		since = now();
		say(p, "{\"execute\": \"migrate\", \"arguments\": {\"uri\": \"exec:cat >file\"}}");
		wait_for(p, &p->migrated);
		add(p, MIGRATE, since);
		end(p);

		begun = now();
		if (!start(p, "-incoming"))
			fail(p->qemu, "does not start");
		since = now();
		say(p, "{\"execute\": \"migrate-incoming\", \"arguments\": {\"uri\": \"exec:cat file\"}}");
		wait_for(p, &p->migrated);
		add(p, INCOMING, begun);
		add(p, LOAD, since);
		if (place(p) != was)
			fail("incoming", "the guest is not where it was");
	}
	end(p);
}

/* --- the machines -------------------------------------------------------- */

static const struct machine s390x = {
	.options = "s390-ccw-virtio", .mib = "64", .firmware = "-kernel", .place = " addr "
};

/*
 * The guest goes in as the firmware, which starts at 0x100 with the device tree
 * in r3: what the guest wants. The capabilities are those that QEMU asks KVM for
 * by default and the emulated processor does not have.
 */
static const struct machine power9 = {
	.options = "pseries,ic-mode=xive,kernel-irqchip=on,cap-ccf-assist=off,cap-cfpc=broken,"
		   "cap-sbbc=broken,cap-ibs=broken",
	.mib = "256",
	.firmware = "-bios",
	.place = "NIP ",
};

#define FIRMWARE (1 << 20)

/* It is entered in big-endian, the guest is little-endian. */
static void write_firmware(struct peer *p)
{
	static char image[FIRMWARE];
	uint64_t entry = load_elf(p->guest, image);
	uint32_t enter[] = {
		0x3d400000, /* lis r10, entry@h */
		0x614a0000, /* ori r10, r10, entry@l */
		0x7d5a03a6, /* mtsrr0 r10 */
		0x7d6000a6, /* mfmsr r11 */
		0x616b0001, /* ori r11, r11, MSR_LE */
		0x7d7b03a6, /* mtsrr1 r11 */
		0x4c000024, /* rfid */
	};
	FILE *f = fopen("firmware", "w");

	enter[0] |= (uint32_t)(entry >> 16) & 0xffff;
	enter[1] |= (uint32_t)entry & 0xffff;
	for (size_t i = 0; i < sizeof(enter) / 4; i++)
		for (int k = 0; k < 4; k++)
			image[0x100 + 4 * i + k] = (char)(enter[i] >> (24 - 8 * k));
	if (!f || fwrite(image, 1, sizeof(image), f) != sizeof(image) || fclose(f))
		fail("firmware", "cannot be written");
	p->guest = "firmware";
}

/* --- the table ----------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* What bench has left of zpvm's own figures, of the same guest. */
static void read_zpvm(struct peer *p)
{
	FILE *f = fopen("zpvm.ns", "r");

	if (f && fscanf(f, "%lf %lf", &p->zpvm[SAVEVM], &p->zpvm[LOADVM]) == 2) {
		p->zpvm[MIGRATE] = p->zpvm[SAVEVM];
		p->zpvm[LOAD] = p->zpvm[LOADVM];
	}
	if (f)
		fclose(f);
}

static void row(const char *what, double median, double least, double zpvm)
{
	printf("  %-45s %11.2f %11.2f ms", what, median / 1e6, least / 1e6);
	if (zpvm > 0)
		printf("  zpvm %.2f ms: %.0f times faster", zpvm / 1e6, median / zpvm);
	putchar('\n');
}

static void table(struct peer *p, bool numbers, const char *refused)
{
	static const struct {
		const char *name, *what;
	} rows[NAMES] = {
		[START] = { "start", "exec to the guest's checkpoint" },
		[SAVEVM] = { "savevm", "savevm; zpvm's snapshot" },
		[LOADVM] = { "loadvm", "loadvm; zpvm's restore" },
		[MIGRATE] = { "migrate", "migrate to a file; zpvm's snapshot" },
		[INCOMING] = { "incoming", "exec of a new QEMU to the file being in it" },
		[LOAD] = { "load", "  without its start; zpvm's restore" },
	};
	char title[80];

	if (!numbers && refused[0])
		printf("QEMU refuses this KVM:\n  %s\nSo it emulates the guest: the same savevm and loadvm, "
		       "of its own state instead of KVM's.\n",
		       refused);
	snprintf(title, sizeof(title), "QEMU, the same guest in %s MiB, accel=%s", p->machine->mib, p->accel);
	if (!numbers)
		printf("%-47s %11s %11s\n", title, "median", "least");
	for (int i = 0; i < NAMES; i++) {
		double *sample = p->sample[i], median;

		qsort(sample, (size_t)p->samples[i], sizeof(double), compare);
		median = sample[p->samples[i] / 2];
		if (numbers)
			printf("qemu-%s-ns %.0f\n", rows[i].name, median);
		else
			row(rows[i].what, median, sample[0], p->zpvm[i]);
	}
}

/* Into a new directory; the paths stay right. */
static void prepare(struct peer *p, char *dir)
{
	static char qemu[PATH_MAX], guest[PATH_MAX];
	const char *tmp = getenv("TMPDIR");

	if (!realpath(p->qemu, qemu) || !realpath(p->guest, guest))
		fail("no such file", p->qemu);
	p->qemu = qemu;
	p->guest = guest;
	snprintf(dir, PATH_MAX, "%s/qemu.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir) || chdir(dir) || setenv("TMPDIR", dir, 1))
		fail(dir, "no such directory");
	must(ftruncate(must(open("disk", O_WRONLY | O_CREAT, 0600)), DISK));
	if (p->machine == &power9)
		write_firmware(p);
}

static void clean_up(const char *dir)
{
	static const char *const files[] = { "disk", "file", "console", "firmware", "qemu.err" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(files[i]);
	rmdir(dir);
}

int main(int argc, char **argv)
{
	static struct peer peer;
	static char dir[PATH_MAX], refused[LINE];
	bool numbers = argc > 1 && !strcmp(argv[1], "-n");
	int rounds = 0;
	uint64_t since;

	argv += numbers;
	if (argc - numbers == 5)
		rounds = atoi(argv[2]);
	if (rounds < 1 || rounds > SAMPLES) {
		fprintf(stderr, "usage: peer [-n] ARCH ROUNDS QEMU GUEST.elf\n");
		return 2;
	}
	peer = (struct peer){ .machine = strcmp(argv[1], "power9") ? &s390x : &power9,
		              .qemu = argv[3],
		              .guest = argv[4],
		              .accel = "kvm" };
	alarm(SECONDS);
	signal(SIGPIPE, SIG_IGN);
	read_zpvm(&peer); /* before it goes to another directory */
	prepare(&peer, dir);

	since = now();
	if (!start(&peer, NULL)) {
		beginning("qemu.err", refused, sizeof(refused));
		refused[strcspn(refused, "\n")] = 0;
		peer.accel = "tcg";
		since = now();
		if (!start(&peer, NULL))
			fail(peer.qemu, "does not start");
	}
	run(&peer);
	add(&peer, START, since);
	snapshots(&peer, rounds);
	migrate(&peer);
	table(&peer, numbers, refused);
	clean_up(dir);
	return 0;
}
