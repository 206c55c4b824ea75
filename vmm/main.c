/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c: the subcommands. Read next: vm.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "arch.h"
#include "input.h"
#include "options.h"
#include "run.h"

#ifndef ZPVM_VERSION
#error "the Makefile defines ZPVM_VERSION"
#endif

#define FILE_MAX   (64 << 20)
#define FOREVER_MS (100000000ULL * 1000) /* three years */

static int complain(int status, const struct error *err)
{
	fflush(stdout);
	fprintf(stderr, "zpvm: %s\n", err->text);
	return status;
}

/* All of a file, for the caller to free(). What fstat() says of its size is a hint: it may be a pipe. */
static int read_file(const char *path, uint8_t **bytes, size_t *len, struct error *err)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	uint8_t *p = NULL;
	size_t room = 0, n = 1;

	*len = 0;
	if (!f)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	if (!fstat(fileno(f), &st) && st.st_size < FILE_MAX)
		room = (size_t)st.st_size;
	for (; n && *len <= FILE_MAX; *len += n) {
		if (!p || *len == room) {
			uint8_t *more = realloc(p, room = p ? 2 * room : room + 1);

			if (!more)
				break;
			p = more;
		}
		n = fread(p + *len, 1, room - *len, f);
	}
	if (n || ferror(f)) {
		error_set(err, -EIO, "%s: %s", path,
		          ferror(f)         ? "cannot be read"
		          : *len > FILE_MAX ? "too large"
		                            : "out of memory for it");
		free(p);
		fclose(f);
		return -EIO;
	}
	fclose(f);
	*bytes = p;
	return 0;
}

/* Which interrupt controller the VMs get; the option overrides the scenario. 0 or an exit status. */
static int choose_irqchip(const struct options *o, const struct scenario *scenario, const struct kvm_fd *kvm,
                          struct vm_config *vm, struct error *err)
{
	const char *word = o->irqchip ? o->irqchip : scenario ? scenario->irqchip : NULL;
	int rc = arch_choose_irqchip(kvm, word, &vm->irqchip, err);

	if (rc)
		return rc == -EOPNOTSUPP ? EXIT_MISSING : o->irqchip ? EXIT_USAGE : EXIT_DATA;
	word = word && strcmp(word, "auto") ? "" : " (auto)";
	trace_line(vm->trace, "kvm", "interrupt controller %s%s", vm->irqchip, word);
	if (scenario && !o->quiet && !*o->command)
		printf("interrupt controller %s%s\n", vm->irqchip, word);
	return 0;
}

/* The words of a command for the test guest as a scenario. */
static int command_text(char *const *words, char **text, size_t *len, struct error *err)
{
	FILE *f = open_memstream(text, len);

	if (!f)
		return error_set(err, -ENOMEM, "out of memory");
	fputs("input stdin\nrun\nguest", f);
	for (; *words; words++)
		fprintf(f, " %s", *words);
	fputs("\nrun\nguest stop\nrun until=stop\n", f);
	return fclose(f) ? error_set(err, -ENOMEM, "out of memory") : 0;
}

/* Of a file, or of the command line. Returns an exit status. */
static int read_scenario(const struct options *o, struct scenario *scenario, struct error *err)
{
	const char *name = o->scenario ? o->scenario : "command";
	uint8_t *text;
	size_t len;
	int rc;

	if (o->scenario ? read_file(o->scenario, &text, &len, err)
	                : command_text(o->command, (char **)&text, &len, err))
		return EXIT_DATA;
	rc = scenario_parse(scenario, (char *)text, len, name, arch_info.name, err);
	free(text);
	return !rc ? 0 : o->scenario ? EXIT_DATA : EXIT_USAGE;
}

static int with_kvm(const struct options *o, const struct scenario *scenario, struct run_config *config,
                    struct vm_config *vm, struct error *err)
{
	struct kvm_fd kvm;
	int rc = kvm_open(&kvm, vm->trace, err);

	if (rc)
		return EXIT_HOST;
	rc = kvm_check_needs(&kvm, arch_info.needs, err);
	if (rc) {
		kvm_close(&kvm);
		return EXIT_MISSING;
	}
	config->kvm = &kvm;
	rc = choose_irqchip(o, scenario, &kvm, vm, err);
	if (rc) {
		kvm_close(&kvm);
		return rc;
	}
	vm->vcpu_stride = (unsigned)(o->vcpu_stride ? o->vcpu_stride : scenario ? scenario->vcpu_stride : 0);
	vm->memory = o->memory                      ? o->memory
	             : scenario && scenario->memory ? scenario->memory
	                                            : arch_info.ram_default;
	vm->vcpus = (unsigned)(o->vcpus ? o->vcpus : scenario && scenario->vcpus ? scenario->vcpus : 1);
	vm->sources = scenario ? (unsigned)scenario->sources : 0;
	config->timeout_ms = o->timeout_ms                      ? o->timeout_ms
	                     : input_is_terminal(config->input) ? FOREVER_MS
	                     : scenario                         ? scenario->timeout_ms
	                                                        : 10000;
	rc = scenario ? run_scenario(config, scenario, err) : run_guest(config, err);
	kvm_close(&kvm);
	return rc;
}

/* Before any other thread is: see input.h. */
static int with_input(const struct options *o, const struct scenario *scenario, struct run_config *config,
                      struct vm_config *vm, struct error *err)
{
	int rc;

	config->console = o->console;
	if (!scenario || scenario->input) {
		config->input = input_open(o->console, err);
		if (!config->input)
			return EXIT_HOST;
	}
	rc = with_kvm(o, scenario, config, vm, err);
	input_close(config->input);
	return rc;
}

static int run(const struct options *o)
{
	struct trace trace = { .out = NULL };
	struct vm_config vm = { .console = stdout, .trace = &trace };
	struct run_config config = { .vm = &vm, .quiet = o->quiet || *o->command };
	bool steps = o->scenario || *o->command;
	struct scenario scenario = { .file = NULL };
	uint8_t *guest = NULL;
	struct error err = { "" };
	int rc = 0;

	if (o->trace && trace_open(&trace, o->trace_file, &err))
		return complain(EXIT_USAGE, &err);
	if (read_file(o->guest, &guest, &config.guest_size, &err))
		rc = EXIT_DATA;
	else if (steps)
		rc = read_scenario(o, &scenario, &err);
	if (!rc) {
		config.guest = guest;
		rc = with_input(o, steps ? &scenario : NULL, &config, &vm, &err);
		if (steps)
			scenario_free(&scenario);
	}
	free(guest);
	trace_close(&trace);
	return rc && err.text[0] ? complain(rc, &err) : rc;
}

static int probe_host(const struct options *o)
{
	struct kvm_fd kvm;
	struct error err;

	if (kvm_open(&kvm, NULL, &err))
		return complain(EXIT_HOST, &err);
	probe(&kvm, stdout, o->json);
	kvm_close(&kvm);
	return 0;
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

/* What was printed is only worth its status if it got there. */
static int written(int status)
{
	struct error err;

	if (!fflush(stdout) && !ferror(stdout))
		return status;
	error_set(&err, 0, "cannot write to standard output");
	return complain(EXIT_HOST, &err);
}

int main(int argc, char **argv)
{
	struct options options;
	struct error err;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (options_parse(argc, argv, &options, &err))
		return complain(EXIT_USAGE, &err);
	switch (options.action) {
	case ACTION_VERSION: printf("zpvm %s for %s\n", ZPVM_VERSION, arch_info.name); return written(0);
	case ACTION_HELP: fputs(options_help, stdout); return written(0);
	case ACTION_RUN_HELP: fputs(options_run_help, stdout); return written(0);
	case ACTION_PROBE_HELP: fputs(options_probe_help, stdout); return written(0);
	case ACTION_PROBE: return written(probe_host(&options));
	case ACTION_RUN: break;
	}
	raise_file_limit();
	return written(run(&options));
}
