#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# own.t: mutate changes what it says, and the unit tests see some fixed mutants of pure files, but not those that change
# nothing. A part of "make mutants-own". TAP. Needs the unit tests' objects (make unit-programs).
cd "$(dirname "$0")/../../.." || exit
own=tests/mutants/own
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0

# is NAME WANTED GOT
is()
{
	n=$((n + 1))
	[ "$2" = "$3" ] && echo "ok $n - $1" && return
	echo "not ok $n - $1"
	printf 'wanted: %s\ngot: %s\n' "$2" "$3" | sed 's/^/# /'
}

# The Makefile's value of an expression.
value()
{
	printf 'own-value: ; @echo %s\n' "$1" | make --no-print-directory -s -f Makefile -f - own-value
}

# --- a toy: what becomes of it with each mutant
cat >"$dir/toy.c" <<'END_OF_TOY'
#include <stdbool.h>
#include <stdio.h>

static int log_of;

static void add(int what)
{
	log_of = 10 * log_of + what;
}

static int sum(int a, bool b)
{
	int total = a;

	/* if (a < 1) in a comment, and "if (a < 1)" in a text, are none. */
	if (a < 4 && b)
		add(1);
	else
		add(2);
	switch (a) {
	case 4:
		total += b ? 1 : 2;
	}
	return total;
}

int main(void)
{
	int result = sum(4, true);

	printf("%d %d\n", result, log_of);
	return 0;
}
END_OF_TOY
cat >"$dir/wanted" <<'END_OF_LIST'
add|do nothing|5 0
add|10 to 11 in log_of = 10 * log_of + what|5 2
add|drop log_of = 10 * log_of + what|5 0
sum|a < 4 to <= in a < 4 && b|5 1
sum|4 to 5 in a < 4 && b|5 1
sum|a < 4 && b to |||5 1
sum|negate b in a < 4 && b|5 2
sum|1 to 2 in add(1)|5 2
sum|drop add(1)|5 2
sum|2 to 3 in add(2)|5 3
sum|drop add(2)|5 0
sum|negate b in total += b ? 1 : 2|6 2
sum|1 to 2 in total += b ? 1 : 2|6 2
sum|2 to 3 in total += b ? 1 : 2|5 2
sum|drop total += b ? 1 : 2|4 2
sum|return 0, not total|0 2
main|4 to 5 in sum(4, true)|5 2
main|true to false in sum(4, true)|6 2
main|drop printf("%d %d\n", result, log_of)|
main|0 to 1|5 2
END_OF_LIST
cp "$dir/toy.c" "$dir/was.c"
$own/mutate "$dir" toy.c >"$dir/list"
gcc -w -o "$dir/toy" "$dir/toy.c"
is 'a toy without a mutant' '5 2' "$("$dir/toy")"
while IFS='	' read -r number _ _ function change; do
	echo "$function|$change|$(ZPVM_MUTANT=$number "$dir/toy")"
done <"$dir/list" | sort >"$dir/got"
is 'a toy with each of its mutants' '' "$(sort "$dir/wanted" | diff - "$dir/got")"
truncate -s 65536 "$dir/reached"
ZPVM_REACHED=$dir/reached "$dir/toy" >"$dir/out"
is 'the places that it did not execute' "1 to 2 in add(1),2 to 3 in total += b ? 1 : 2,drop add(1),negate b in a < 4 && b" \
	"$(cmp -l "$dir/reached" /dev/zero 2>&1 | awk '{ print $1 - 1 }' | awk -F '	' '
		NR == FNR { reached[$1] = 1; next }
		!reached[$1] { print $5 }' - "$dir/list" | sort | paste -sd ,)"

# --- pure files
read -ra flags <<<"$(value '$(COMMON) $(sanitize)')"

# try SOURCE TEST VERDICT FUNCTION: CHANGE; the build of a source with a test is used again.
try()
{
	local source=$1 program number
	program=$dir/$(echo "$1-$2" | tr / -)

	if [ ! -e "$program" ]; then
		mkdir -p "$dir/${source%/*}" && cp "$source" "$dir/$source"
		$own/mutate "$dir" "$source" >"$program.list"
		case $source in arch/power9/*) archives='build/unit/power9.a build/unit/s390x.a' ;; *) archives='build/unit/s390x.a build/unit/power9.a' ;; esac
		# shellcheck disable=SC2086 # they are words
		gcc "${flags[@]}" -O0 -MF "$program.d" -w -iquote "${source%/*}" "$dir/$source" "build/unit/obj/tests/unit/$2.o" $archives -lfdt -o "$program"
		ZPVM_MUTANT=0 "$program" >"$program.out" 2>&1
		is "$source, $2 without a mutant" 0 $?
	fi
	number=$(name=$4 awk -F '	' '$4 ": " $5 == ENVIRON["name"] { print $1 }' "$program.list")
	[ -n "$number" ] || { is "$source has $4" yes no; return; }
	# One that loops is killed: the whole test takes a tenth of a second.
	got=killed
	{ (ulimit -t 3 && ZPVM_MUTANT=$number exec "$program") && got=survived; } >"$program.out" 2>&1
	is "$source $4" "$3" $got
}

while IFS='	' read -r source test verdict name; do
	try "$source" "$test" "$verdict" "$name"
done <$own/fixed

# --- the list of those that change nothing names mutants that there are
for source in $(sed -n 's/^mutant: \([^ ]*\) .*/\1/p' $own/equivalent | sort -u); do
	mkdir -p "$dir/all/${source%/*}" && cp "$source" "$dir/all/$source"
	echo "$source"
done | xargs $own/mutate "$dir/all" | awk -F '	' '{ print $2 " " $4 ": " $5 }' | sort >"$dir/names"
is 'each mutant that is called equivalent is there' '' "$(sed -n 's/^mutant: //p' $own/equivalent | sort | comm -23 - "$dir/names")"
is '... once' '' "$(sed -n 's/^mutant: //p' $own/equivalent | sort | uniq -d)"
echo "1..$n"
