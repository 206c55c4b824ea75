/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c: the subcommands. Read next: vm.h. */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "arch.h"
#include "file.h"
#include "vmm/tool/files.h"
#include "input.h"
#include "options.h"
#include "vmm/debug/symbols.h"
#include "vmm/gdb/gdb.h"
#include "vmm/lab/ledger_section.h"
#include "vmm/lab/checkpoint.h"
#include "vmm/lab/control.h"
#include "vmm/lab/ctl.h"
#include "vmm/lab/needs.h"
#include "vmm/lab/rule.h"
#include "vmm/lab/step_words.h"
#include "vmm/lab/session.h"
#include "vmm/lab/run.h"
#include "vmm/lab/transcript.h"
#include "vmm/snapshot/section_vm.h"
#include "vmm/snapshot/state.h"
#include "vmm/tool/arch_probe.h"
#include "vmm/trace/sink.h"
#include "status.h"
#include "vm_clock.h"

#ifndef ZPVM_VERSION
#error "the Makefile defines ZPVM_VERSION"
#endif

#define SCENARIO_MAX (64 << 20)            /* bytes */
#define TIMEOUT_MS   10000                 /* of a scenario, if nobody says another */
#define FOREVER_MS   (100000000ULL * 1000) /* three years */

/* What a run reads from files. The caller closes boot, and frees snapshot.bytes and scenario. */
struct run_inputs {
	bool has_steps; /* there is a scenario, or a command that becomes one */
	struct scenario scenario;
	struct state_bytes snapshot;
	struct section_vm of;     /* of the snapshot */
	struct identity identity; /* of the snapshot, or as options say */
	struct boot boot;
	struct symbols symbols; /* of --symbols */
	struct editor *editor;  /* of the scenario's steps, if they are typed; NULL: they are not */
	struct typed typed;
};

/* Which interrupt controller the VMs get: that of the snapshot, of the option, or of the scenario. */
static int choose_irqchip(const struct options *o, const struct scenario *scenario, const struct kvm_fd *kvm,
                          struct vm_config *vm, struct error *err)
{
	const char *word = vm->irqchip  ? vm->irqchip
	                   : o->irqchip ? o->irqchip
	                   : scenario   ? scenario->irqchip
	                                : NULL;
	int rc = arch_choose_irqchip(kvm, word, &vm->irqchip, err);
	bool any = !word || !strcmp(word, "auto");
	char how[sizeof(err->text) + 16] = "";

	if (rc == -EINVAL)
		error_blame(err, rc, o->irqchip ? FAULT_USAGE : FAULT_DATA);
	if (rc)
		return rc;
	if (any)
		snprintf(how, sizeof(how), " (auto%s%s)", err->text[0] ? ": " : "", err->text);
	trace_note(vm->trace, "interrupt controller %s%s", vm->irqchip, how);
	if (scenario && !o->quiet && o->scenario)
		printf("interrupt controller %s%s\n", vm->irqchip, how);
	return 0;
}

/* The words of a command for the test guest as a scenario; without any, a guest that runs by itself. */
static int command_text(char *const *words, char **text, size_t *len, struct error *err)
{
	FILE *f = open_memstream(text, len);
	bool command = *words;

	if (!f)
		return error_set(err, -ENOMEM, "out of memory");
	fputs(command ? "input stdin\nrun\nguest" : "input stdin\ntimeout 100000\nrun until=end", f);
	for (; *words; words++)
		fprintf(f, " %s", *words);
	fputs(command ? "\nrun\nguest stop\nrun until=stop\n" : "\n", f);
	return fclose(f) ? error_set(err, -ENOMEM, "out of memory") : 0;
}

/* Steps that are typed. A file in their place would say the same; what it has before them is read here. */
static int begin_typing(struct run_inputs *in, struct error *err)
{
	struct scenario *s = &in->scenario;
	int rc = editor_open(&in->editor, STDIN_FILENO, STDOUT_FILENO, err);

	if (rc)
		return rc;
	*s = (struct scenario){ .file = editor_is_terminal(in->editor) ? NULL : "-",
		                .arch = arch_info.name,
		                .typed = true };
	rc = session_settings(s, in->editor, &in->typed, err);
	return error_blame(err, rc, FAULT_DATA);
}

/* Of a file, or of the command line. */
static int read_scenario(const struct options *o, struct scenario *scenario, struct error *err)
{
	struct error why;
	uint8_t *text;
	size_t len;
	int rc;

	rc = o->scenario ? file_read(o->scenario, SCENARIO_MAX, &text, &len, err)
	                 : command_text(o->command, (char **)&text, &len, err);
	if (rc)
		return error_blame(err, rc, FAULT_DATA);
	if (o->replay &&
	    (len < strlen(RECORDING_MAGIC) || memcmp(text, RECORDING_MAGIC, strlen(RECORDING_MAGIC)))) {
		free(text);
		rc = error_set(err, -EINVAL, "%s:1: this is no recording (" RECORDING_MAGIC ")", o->replay);
		return error_blame(err, rc, FAULT_DATA);
	}
	rc = scenario_parse(scenario, (char *)text, len, o->scenario, arch_info.name, err);
	free(text);
	why = *err;
	if (rc && !o->scenario)
		error_set(err, rc, "%s; a command is for the test guest: Linux has -i and -p", why.text);
	return error_blame(err, rc, o->scenario ? FAULT_DATA : FAULT_USAGE);
}

/* As options say, or the scenario. */
static void make_machine(const struct options *o, const struct scenario *scenario, struct vm_config *vm)
{
	vm->vcpu_stride = (unsigned)(o->vcpu_stride ? o->vcpu_stride : scenario ? scenario->vcpu_stride : 0);
	vm->memory = o->memory                      ? o->memory
	             : scenario && scenario->memory ? scenario->memory
	                                            : arch_info.ram_default;
	vm->vcpus = (unsigned)(o->vcpus ? o->vcpus : scenario && scenario->vcpus ? scenario->vcpus : 1);
	vm->sources = scenario ? (unsigned)scenario->sources : 0;
	vm->vcpus_late = scenario && scenario->vcpus_late < vm->vcpus ? (unsigned)scenario->vcpus_late : 0;
	vm->vcpu_order = scenario && scenario->vcpu_order_count == vm->vcpus ? scenario->vcpu_order : NULL;
}

/* As the snapshot says. */
static int restore_machine(const char *path, struct run_inputs *in, struct vm_config *vm, struct error *err)
{
	struct state_bytes *snapshot = &in->snapshot;
	struct section_vm *of = &in->of;
	struct snapshot snap;
	int rc = snap_read(path, &snapshot->bytes, &snapshot->len, err);

	if (rc)
		return error_blame(err, rc, FAULT_DATA);
	rc = snap_decode(&snap, snapshot->bytes, snapshot->len, true, err);
	if (!rc && strcmp(snap.arch, arch_info.name))
		rc = error_set(err, -EBADMSG, "made on %s, this is %s", snap.arch, arch_info.name);
	if (!rc)
		rc = section_vm_get(&snap, of, err);
	if (!rc)
		rc = section_name_get(&snap, &in->identity, err);
	if (!rc && of->scope.kind != SNAP_VM)
		rc = error_set(err, -EBADMSG, "it has interrupts alone: a scenario's step `load` reads them");
	snap_free(&snap);
	if (rc) {
		error_prefix(err, rc, "%s", path);
		return error_blame(err, rc, FAULT_DATA);
	}
	vm->memory = of->scope.memory;
	vm->vcpus = of->scope.vcpus;
	vm->vcpu_stride = of->scope.stride;
	vm->sources = of->sources;
	vm->irqchip = of->irqchip;
	return 0;
}

/* A guest that runs by itself, although there is a scenario. */
static bool is_free(const struct options *o)
{
	return !o->scenario && !*o->command;
}

/* Says what will be needed; the sandbox is entered when the first VM is ready. */
static int confine(const struct options *o, const struct scenario *scenario, struct run_config *config,
                   struct error *err)
{
	bool terminal = input_is_terminal(config->input) || editor_is_terminal(config->editor) ||
	                isatty(STDOUT_FILENO);
	int rc =
		needs_of(config->sandbox, o, scenario, config->editor || o->control || o->gdb, terminal, err);

	return error_blame(err, rc, FAULT_HOST);
}

static int with_kvm(const struct options *o, const struct scenario *scenario, struct run_config *config,
                    struct vm_config *vm, struct outcome *outcome, struct error *err)
{
	struct kvm_fd kvm;
	int rc = kvm_open(&kvm, vm->trace, err);

	if (rc)
		return error_blame(err, rc, FAULT_HOST);
	/* cppcheck-suppress autoVariables; it is used no longer than this function runs. */
	config->kvm = &kvm;
	rc = kvm_check_needs(&kvm, arch_info.needs, err);
	if (!rc)
		rc = choose_irqchip(o, scenario, &kvm, vm, err);
	if (rc) {
		kvm_close(&kvm);
		return rc;
	}
	if (!config->restore)
		make_machine(o, scenario, vm);
	vm->clock = o->clock || !scenario ? o->clock : scenario->clock;
	config->timeout_ms = o->timeout_ms                                     ? o->timeout_ms
	                     : o->gdb                                          ? TIMEOUT_MS /* of a step */
	                     : scenario && !is_free(o) && scenario->timeout_ms ? scenario->timeout_ms
	                     : !scenario || is_free(o) || input_is_terminal(config->input) ||
	                                     editor_is_terminal(config->editor)
	                             ? FOREVER_MS
	                             : TIMEOUT_MS;
	vm->create_ms = config->timeout_ms;
	rc = confine(o, scenario, config, err);
	if (rc) {
		kvm_close(&kvm);
		return rc;
	}
	if (o->gdb)
		rc = run_gdb(config, &(struct gdb_config){ o->gdb, (unsigned)o->history, o->timeout_ms },
		             outcome, err);
	else
		rc = scenario ? run_scenario(config, scenario, outcome, err)
		              : run_guest(config, outcome, err);
	kvm_close(&kvm);
	return rc;
}

/* Before any other thread is: see input.h. */
static int with_input(const struct options *o, const struct scenario *scenario, struct run_config *config,
                      struct vm_config *vm, struct outcome *outcome, struct error *err)
{
	int code, rc = 0;

	config->console = o->console;
	if (!scenario || scenario->input)
		rc = input_open(&config->input, o->console, vm->consoles, o->continue_input, err);
	if (rc)
		return error_blame(err, rc, FAULT_HOST);
	if (editor_is_terminal(config->editor)) {
		rc = interrupt_open(&config->interrupt, config->editor, vm->consoles, err);
		consoles_around(vm->consoles, editor_around, config->editor);
	}
	rc = rc ? error_blame(err, rc, FAULT_HOST) : with_kvm(o, scenario, config, vm, outcome, err);
	consoles_around(vm->consoles, NULL, NULL);
	interrupt_close(config->interrupt);
	if (rc || outcome->kind != OUTCOME_CONTINUED) {
		input_close(config->input, NULL);
		return rc;
	}
	code = input_close(config->input, &config->next->input);
	if (code)
		error_set(err, code, "standard input for a new process: %s", strerror(-code));
	return error_blame(err, code, FAULT_HOST);
}

/* How long to wait for who reads the output, in the end. */
static uint64_t patience(const struct options *o, const struct run_config *config)
{
	bool any = !config->timeout_ms || (config->timeout_ms == FOREVER_MS && !isatty(STDIN_FILENO));

	return any && !o->timeout_ms ? TIMEOUT_MS : config->timeout_ms;
}

/* What the guests print is read on its way, where a recording or a step is about it. */
static int with_transcript(const struct options *o, const struct scenario *scenario,
                           struct run_config *config, struct vm_config *vm, struct outcome *outcome,
                           struct error *err)
{
	bool listens = scenario && (o->record || scenario_listens(scenario));
	struct transcript *transcript = listens ? transcript_open(stdout) : NULL;
	int rc;

	if (listens && !transcript)
		return error_set(err, -ENOMEM, "out of memory");
	/* cppcheck-suppress autoVariables; as below. */
	config->transcript = transcript;
	vm->console = transcript ? transcript_stream(transcript) : stdout;
	rc = with_input(o, scenario, config, vm, outcome, err);
	transcript_close(transcript);
	return rc;
}

/*
 * What is printed from here to the end goes through queues. A guest that is still printing when it ends, or
 * zpvm itself, so has as long as a step for somebody to read it.
 */
static int with_consoles(const struct options *o, const struct scenario *scenario, struct run_config *config,
                         struct vm_config *vm, struct trace_sink *sink, struct outcome *outcome,
                         struct error *err)
{
	struct consoles consoles = { .queue = { NULL } };
	int code, rc = consoles_open(&consoles, err);

	if (!rc && sink->owned)
		rc = consoles_trace(&consoles, &sink->print.out, err);
	error_blame(err, rc, FAULT_HOST);
	if (sink_on(sink) && !sink->owned)
		sink->print.out = stderr;
	if (!rc && sink_on(sink))
		sink_begin(sink);
	vm->consoles = &consoles;
	if (!rc)
		rc = with_transcript(o, scenario, config, vm, outcome, err);
	status_explain(rc, outcome, err);
	err->text[0] = outcome->why.text[0] = 0;
	if (!sink->owned)
		sink->print.out = NULL;
	vm->consoles = NULL;
	/* The guest may have ended well, but not all of its output was written. */
	code = consoles_close(&consoles, patience(o, config));
	if (code && !rc && (outcome->kind <= OUTCOME_STOPPED || outcome->kind == OUTCOME_CONTINUED))
		rc = error_blame(err, code, FAULT_HOST);
	return rc;
}

/* Before any thread is, as none must get the signal. -1: not wanted, or not possible. */
static int save_signal(const struct options *o)
{
	sigset_t set;

	if (!o->save)
		return -1;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The same command in a new process, which continues from there. Returns only if that fails. */
static int become(const struct options *o, const struct continuation *next, struct error *err)
{
	char option[80], **argv = calloc((size_t)o->argc + 2, sizeof(*argv));
	int count = 2, rc;

	snprintf(option, sizeof(option), "--continue=%d:%u:%d", next->fd, next->line, next->input);
	if (!argv)
		return error_set(err, -ENOMEM, "out of memory");
	argv[0] = o->argv[0];
	argv[1] = o->argv[1];
	argv[count++] = option;
	for (int i = 2; i < o->argc; i++)
		if (strncmp(o->argv[i], "--continue=", strlen("--continue=")))
			argv[count++] = o->argv[i];
	execv("/proc/self/exe", argv);
	rc = -errno;
	error_set(err, rc, "cannot continue in a new process: %s", strerror(-rc));
	free(argv);
	return error_blame(err, rc, FAULT_HOST);
}

/* Checked before anything is done: at the end there is no other place for what is to be written. */
static int can_write(const char *path, struct error *err)
{
	int rc = path ? file_can_write(path, err) : 0;

	return error_blame(err, rc, rc == -EACCES || rc == -EROFS ? FAULT_HOST : FAULT_USAGE);
}

static int open_guest(const struct options *o, struct boot *boot, struct error *err)
{
	int rc = payload_open(&boot->kernel, o->guest, err);

	if (!rc && o->initrd)
		rc = payload_open(&boot->initrd, o->initrd, err);
	if (!rc && o->initrd && !boot->initrd.size)
		rc = error_set(err, -ENOEXEC, "%s: an initial RAM disk of 0 bytes", o->initrd);
	return error_blame(err, rc, FAULT_DATA);
}

static int read_symbols(const char *path, struct symbols *symbols, struct error *err)
{
	struct payload file;
	int rc = payload_open(&file, path, err);

	if (rc)
		return error_blame(err, rc, FAULT_DATA);
	rc = symbols_read_any(symbols, &file, err);
	payload_close(&file);
	return rc ? error_blame(err, error_prefix(err, rc, "%s", path), FAULT_DATA) : 0;
}

/* What the run needs from files: the guest or a snapshot, and the scenario. */
static int read_files(const struct options *o, struct run_inputs *in, struct vm_config *vm, struct error *err)
{
	int rc;

	if (o->restore)
		rc = restore_machine(o->restore, in, vm, err);
	else
		rc = open_guest(o, &in->boot, err);
	if (!rc && in->has_steps && o->scenario && !o->replay && !strcmp(o->scenario, "-"))
		rc = begin_typing(in, err);
	else if (!rc && in->has_steps)
		rc = read_scenario(o, &in->scenario, err);
	if (!rc && o->symbols)
		rc = read_symbols(o->symbols, &in->symbols, err);
	if (!rc && in->scenario.restored && !o->restore) {
		rc = error_set(err, -EINVAL, "%s: start restored: --restore names no snapshot", o->scenario);
		error_blame(err, rc, FAULT_USAGE);
	}
	return rc;
}

/* What can be found wrong before a file is read, in this order. */
static int check_options(const struct options *o, struct vm_config *vm, struct trace_sink *sink,
                         struct error *err)
{
	struct trace_wish wish = { .kinds = 0 };
	int rc;

	vm->hook_arg = o->broken ? rule_find(o->broken, err) : NULL;
	if (o->broken && !vm->hook_arg)
		return error_blame(err, -EINVAL, FAULT_USAGE);
	rc = o->trace ? trace_parse(&wish, o->trace_what, err) : 0;
	if (!rc)
		rc = sink_open(sink, &wish, o->continue_fd >= 0, err);
	if (rc)
		return error_blame(err, rc, FAULT_USAGE);
	vm->trace = sink_on(sink) ? &sink->trace : NULL;
	rc = can_write(o->save, err);
	return rc ? rc : can_write(o->record, err);
}

/* The socket is there before the VM: who connects waits for it. */
static int with_control(const struct options *o, struct run_inputs *in, struct run_config *config,
                        struct vm_config *vm, struct trace_sink *sink, struct outcome *outcome,
                        struct error *err)
{
	bool stale;
	int rc = o->control ? control_open(&config->control, o->control, &stale, err) : 0;

	if (rc)
		return error_blame(err, rc, FAULT_USAGE);
	if (o->control && stale)
		fprintf(stderr, "zpvm: %s: nobody listened there any more; it is made anew\n", o->control);
	rc = with_consoles(o, in->has_steps ? &in->scenario : NULL, config, vm, sink, outcome, err);
	control_close(config->control);
	return rc;
}

static int run(const struct options *o, struct outcome *outcome, struct error *err)
{
	struct trace_sink sink = { .owned = false };
	struct vm_config vm = { .label = "first",
		                .hooks = &checkpoint_hooks,
		                .devices = &o->devices,
		                .io_thread = o->io_thread,
		                .console_name = o->console };
	struct run_config config = { .vm = &vm, .save_signal = -1, .quiet = o->quiet || !o->scenario };
	struct run_inputs in = { .has_steps = o->scenario || *o->command || o->record,
		                 .identity = o->identity,
		                 .boot = { .kernel.fd = -1, .initrd.fd = -1, .params = o->params } };
	struct continuation next = { .fd = -1 };
	struct sandbox sandbox = { .files.rules = -1 };
	int rc = check_options(o, &vm, &sink, err);

	if (!rc)
		rc = read_files(o, &in, &vm, err);
	if (!rc) {
		/* A snapshot without a name is as one was before there were names. */
		vm.identity = identity_given(&in.identity) ? &in.identity : NULL;
		vm.clock_offset = o->has_clock_start ? o->clock_start - (int64_t)clock_wall() : 0;
		config.sandbox = &sandbox;
		config.boot = &in.boot;
		config.again = o->again;
		config.misfit = o->memory || o->vcpus || o->vcpu_stride ? FAULT_USAGE : FAULT_DATA;
		config.restore = o->restore ? &in.snapshot : NULL;
		config.restore_file = o->restore;
		config.save = o->save;
		config.record = o->record;
		config.symbols = o->symbols ? &in.symbols : NULL;
		config.until = (unsigned)o->until;
		config.done = (unsigned)o->continue_line;
		config.next = o->scenario && !in.editor ? &next : NULL;
		config.editor = in.editor;
		config.typed_steps = &in.scenario;
		config.typed = &in.typed;
		config.status = status_of;
		config.save_signal = save_signal(o);
		rc = sandbox_begin(&sandbox, o->sandbox, o->continue_fd >= 0, err);
		if (!rc)
			rc = with_control(o, &in, &config, &vm, &sink, outcome, err);
	}
	sandbox_end(&sandbox);
	scenario_free(&in.scenario);
	editor_close(in.editor);
	symbols_free(&in.symbols);
	if (o->continue_fd >= 0)
		close(o->continue_fd);
	if (config.save_signal >= 0)
		close(config.save_signal);
	payload_close(&in.boot.kernel);
	payload_close(&in.boot.initrd);
	free(in.snapshot.bytes);
	sink_close(&sink);
	return rc || outcome->kind != OUTCOME_CONTINUED ? rc : become(o, &next, err);
}

static int probe_host(const struct options *o, struct error *err)
{
	struct kvm_fd kvm;
	int rc = kvm_open(&kvm, NULL, err);

	if (rc)
		return error_blame(err, rc, FAULT_HOST);
	probe(&kvm, stdout, o->json);
	kvm_close(&kvm);
	return 0;
}

/* The status is that zpvm's word. */
static int control_a_vm(const struct options *o)
{
	struct outcome outcome = { .kind = OUTCOME_DONE };
	struct error err = { .text = "" };
	int status, rc = ctl_run(o->files[0], o->files + 1, &status, &err);

	error_blame(&err, rc, FAULT_HOST);
	return rc ? status_explain(rc, &outcome, &err) : status;
}

/* A vCPU is a file descriptor, and the usual limit is 1024. */
static void raise_file_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

static int execute(const struct options *o, struct outcome *outcome, struct error *err)
{
	switch (o->action) {
	case ACTION_VERSION: printf("zpvm %s for %s\n", ZPVM_VERSION, arch_info.name); return 0;
	case ACTION_HELP: options_help(o, stdout); return 0;
	case ACTION_TABLE: options_table(stdout); return 0;
	case ACTION_RULES: rules_print(stdout); return 0;
	case ACTION_EVENTS: sink_help(stdout); return 0;
	case ACTION_STEPS: step_print_help(NULL, stdout); return 0;
	case ACTION_PROBE:
		return o->probe_diff ? files_command(o, &ledger_section, outcome, err) : probe_host(o, err);
	case ACTION_RUN:
		if (o->sandbox != SANDBOX_OFF)
			sandbox_close_others(o->argv);
		raise_file_limit();
		return run(o, outcome, err);
	default: return files_command(o, &ledger_section, outcome, err);
	}
}

int main(int argc, char **argv)
{
	struct outcome outcome = { .kind = OUTCOME_DONE };
	struct options options;
	struct error err = { .text = "" };
	int rc;

	status_begin();
	/* One heap for all threads: none allocates so often that it would wait for another. */
	mallopt(M_ARENA_MAX, 1);
	setvbuf(stdout, NULL, _IOLBF, 0);
	rc = options_parse(argc, argv, &options, &err);
	if (!rc && options.action == ACTION_CTL)
		return status_written(control_a_vm(&options));
	if (rc)
		error_blame(&err, rc, FAULT_USAGE);
	else
		rc = execute(&options, &outcome, &err);
	return status_written(status_explain(rc, &outcome, &err));
}
