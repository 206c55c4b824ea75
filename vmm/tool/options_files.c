/* SPDX-License-Identifier: BSD-2-Clause */
/* options_files.c: the command line of zpvm inspect, diff and check. See options.h. Pure. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "vmm/options.h"

const char options_files_help[] =
	"usage: zpvm inspect [--json] FILE\n"
	"       zpvm diff FILE FILE\n"
	"       zpvm check FILE...\n"
	"\n"
	"Reads snapshots of either architecture, on any machine; - is standard input.\n"
	"\n"
	"inspect prints the machine, every pending interrupt, source, queue and register\n"
	"(what is zero or unused is left out), a line each; with --json one JSON object.\n"
	"diff prints the lines that only the first (-) or the second (+) file has.\n"
	"check looks for what cannot be in a snapshot that zpvm made, and names it.\n"
	"\n"
	"Exit status: 0; 64 wrong usage; 65 a file is no good. Of diff as of diff(1): 0 the\n"
	"same, 1 different, 2 trouble.\n";

int options_parse_files(int argc, char *const argv[], struct options *o, struct error *err)
{
	const char *word = argv[0];
	enum action action = *word == 'i' ? ACTION_INSPECT : *word == 'd' ? ACTION_DIFF : ACTION_CHECK;
	int least = action == ACTION_DIFF ? 2 : 1, most = action == ACTION_CHECK ? INT_MAX : least, at = 1;

	o->action = action;
	for (; at < argc && argv[at][0] == '-' && argv[at][1]; at++) {
		if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h")) {
			o->action = ACTION_FILES_HELP;
			return 0;
		}
		if (!strcmp(argv[at], "--")) {
			at++;
			break;
		}
		if (action != ACTION_INSPECT || strcmp(argv[at], "--json"))
			return error_set(err, -EINVAL, "%s: unknown option; see zpvm %s --help", argv[at],
			                 argv[0]);
		o->json = true;
	}
	if (argc - at < least || argc - at > most)
		return error_set(err, -EINVAL, "%s snapshot files; see zpvm %s --help",
		                 argc - at < least ? "too few" : "too many", argv[0]);
	o->files = argv + at;
	return 0;
}
