# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# What run needs where nothing is emulated, as this machine has the KVM. Sourced.
# Uses dir, mine, seconds and silence of the caller.

# changed: in the working directory, the files that are not as in dir and mine.
changed()
{
	local file

	find . -type f | while IFS= read -r file; do
		cmp -s "$file" "$mine/$file" || { [ ! -e "$mine/$file" ] && cmp -s "$file" "$dir/$file"; } ||
			printf '%s\n' "$file"
	done
}

# watched COMMAND...: ends it when it has written nothing for as long as -i says.
watched()
{
	local line pid status=0

	exec 8< <(exec timeout -k 5 "${seconds:-0}" "$@" </dev/null 2>&1)
	pid=$!
	while IFS= read -r ${silence:+-t "$silence"} -u 8 line || status=$?; [ $status = 0 ]; do
		printf '%s\n' "$line"
	done
	printf '%s' "$line"
	if [ $status -gt 128 ]; then
		kill -TERM -- "-$pid"
		say "no output for $silence s"
		return 124
	fi
	wait "$pid"
}
