#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# mutate.t: mutate puts into a file what a table says, and refuses what is not there. TAP. Needs no KVM: the file is a toy.
cd "$(dirname "$0")" || exit
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

mkdir -p "$dir/virt/kvm"
cat >"$dir/virt/kvm/kvm_main.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
#define EXPORT_SYMBOL_GPL(x) struct pair
#define module_param(...) struct pair
#define module_param_array(...) struct pair
#define for_each(i, to) for (i = 0; i < to; i++)

struct pair { int left, right; };
static int log_of, depth;

static void add(int what)
{
	log_of = log_of * 10 + what;
}

/* add(9) in a comment, and "add(9);" in a text, are none. */
static int sum(int a, int b)
{
	struct pair p = { .left = a, .right = 2 };
	int i, total = a + b;

	if (a > 3 && b > 3 ||
	    !(a == b))
		total++;
	else
		total += 2;
	for_each(i, p.right)
		total += 3;
	for (i = 0; i < 2; i++)
		add(1);
	do {
		add(2);
	} while (depth++ < 0);
	switch (b) {
	case 1:
		add(3);
		break;
	default:
		add(4);
	}
	if (total < 0)
		goto out;
	add(5);
out:
	return total - p.left;
}

int main(int argc, char **argv)
{
	int total;

	MUTANT = atoi(argv[1]);
	total = sum(4, 1);
	printf("%d %d %d\n", total, log_of, MUTANT ? REACHED[MUTANT] : argc - 1);
	return 0;
}
END

# What the toy prints with each: its sum, and its log. (A third number says that the place was executed.)
cat >"$dir/rows" <<'END'
8 1135|change: skip add 2
9 11235|change: true a==b
8 11235|change: negate b>3
9 11235|change: negate a>3 b>3 a==b
5 11235|change: replace 2 1 in .right
8 1235|change: replace 2 1 in i<
2 11235|change: replace 3 0 in total+=
6 11235|change: replace + - in a+b
8 1125|change: skip add 3
8 11245|change: replace b 2 in b #3
55 0|change: return 55
-8 11235|change: swap total p.left in return
8 911235|change: insert start: add(9);
8 1123935|change: insert before add 5: add(9); add(3);
8 112935|change: insert after add 2: add(9);
8 1123|change: true total<0
8 9112359|change: insert start: add(9);+change: insert after add 5: add(9);
END
i=0
while IFS='|' read -r wanted changes; do
	i=$((i + 1))
	printf 'mutant: m%d\nin: virt/kvm/kvm_main.c sum\n%s\nbug: one\n\n' $i "${changes//+change/$'\n'change}"
done <"$dir/rows" >"$dir/table"
cp -R "$dir/virt" "$dir/before"
is 'as many mutants as rows' "$i mutants in 1 files" "$(./mutate "$dir/table" "$dir")"
cc -DMUTANT=zpvm_mutant -DREACHED=zpvm_reached -Wall -Werror -Wno-parentheses -Wno-unused-value -o "$dir/toy" "$dir/virt/kvm/kvm_main.c" 2>"$dir/errors"
is 'it compiles' '' "$(cat "$dir/errors")"
is 'no mutant' '8 11235 1' "$("$dir/toy" 0)"
i=0
while IFS='|' read -r wanted changes; do
	i=$((i + 1))
	is "$changes" "$wanted 1" "$("$dir/toy" $i)"
done <"$dir/rows"
is 'a tree that has mutants' "mutate: $dir: has mutants already" "$(./mutate "$dir/table" "$dir" 2>&1)"

mkdir "$dir/other" && mv "$dir/before" "$dir/other/virt"
# refused NAME TABLE ERROR
refused()
{
	printf 'mutant: x\nin: virt/kvm/kvm_main.c sum\n%b\nbug: one\n' "$2" >"$dir/wrong"
	got=$(./mutate -n "$dir/wrong" "$dir/other" 2>&1)
	is "$1: exit status" 2 $?
	is "$1" "mutate: $dir/wrong:$3" "$got"
}
refused 'a place that is not there' 'change: skip nowhere' '3: mutant x: sum has nothing with nowhere'
refused 'a place that is there twice' 'change: skip add 1 #7' '3: mutant x: sum has 1 places with add 1, no #7'
refused 'several places' 'change: skip add' '3: mutant x: sum has 5 places with add: say #1 to #5'
refused 'a verb that there is not' 'change: drop add' \
	"3: mutant x: 'drop' is not one of skip, true, false, negate, replace, swap, return, insert"
refused 'no change' 'fix: 1' '1: mutant x has no change:'
refused 'a function that is not there' 'in: virt/kvm/kvm_main.c none\nchange: return' \
	"4: mutant x: $dir/other/virt/kvm/kvm_main.c: function none is there 0 times"
refused 'a key that there is not' 'colour: red' \
	'3: a line is one of bug, change, equivalent, fix, in, mutant, see, survives, unreachable, a colon, and what is to be said'
echo "1..$n"
