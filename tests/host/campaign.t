#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# campaign.t: random scenarios on power9 in three parts: on GNU parallel and as a Slurm array (tests/host/slurm), where
# one part is killed each time, and is done again; and how their files are merged. TAP. Needs build/power9/stage.
cd "$(dirname "$0")/../.." || exit
top=$PWD
dir=$(mktemp -d)
# shellcheck disable=SC2317 # by the trap
end()
{
	[ ! -d "$dir/slurm" ] || tests/host/slurm -k "$dir/slurm"
	rm -rf "$dir"
}
trap end EXIT
n=0
export SEED=1 TORTURE_ROUNDS=6 HOST_BOOT=900 kind=torture-power9 dir top

# report STATUS NAME: what is in $dir/out explains a failure.
report()
{
	n=$((n + 1))
	[ "$1" = 0 ] && echo "ok $n - $2" && return
	echo "not ok $n - $2"
	sed 's/^/# /' "$dir/out"
}

# What the engines call in place of campaign: the second part is killed, with its host, as soon as that is there; once.
cat >"$dir/node" <<'END_OF_NODE'
#!/bin/bash
cd "$top" || exit
if [[ $2 != 2/* ]] || ! mkdir "$dir/killed.$ENGINE" 2>/dev/null; then
	echo "$2" >>"$dir/done.$ENGINE"
	exec tests/host/campaign "$@"
fi
setsid tests/host/campaign "$@" &
pid=$!
for ((i = 0; i < 2400; i++)); do
	! ps -o args= -s "$pid" | grep -q qemu-system || break
	sleep 0.1
done
kill -KILL -- "-$pid"
exit 137
END_OF_NODE
chmod +x "$dir/node"

# merged ENGINE: its report, as TAP, in $dir/ENGINE.tap, and whether all is good.
merged()
{
	tests/host/campaign -m "$dir/$1.json" "$dir/$1"/[0-9].json >"$dir/$1.tap" 2>"$dir/out"
	local good=$?

	cat "$dir/$1.tap" >>"$dir/out"
	return $good
}

# --- GNU parallel
mkdir "$dir/parallel"
export ENGINE=parallel
parallel --will-cite -j "${NODES:-2}" --retries 3 --joblog "$dir/log" "$dir/node" $kind '{}/3' "$dir/parallel/{}.json" ::: 1 2 3 >"$dir/out" 2>&1
report $? 'GNU parallel: all parts are done'
[ -d "$dir/killed.parallel" ] && [ "$(sort "$dir/done.parallel" | tr '\n' ' ')" = '1/3 2/3 3/3 ' ]
report $? '... the one that was killed once more, the others once'
merged parallel && grep -q "3 of 3 parts, 6 tests, 0 not good, [1-9][0-9]* injections, [1-9][0-9]* restores$" "$dir/out"
report $? '... and the report has all seeds'
grep -c ' - torture-power9: seed [1-6]$' "$dir/parallel.tap" >"$dir/out"
[ "$(cat "$dir/out")" = 6 ]
report $? '... each once'

# --- what is merged
parallel --will-cite -j "${NODES:-2}" --retries 3 "$dir/node" $kind '{}/3' "$dir/parallel/{}.json" ::: 1 2 3 >"$dir/out" 2>&1
before=$(md5sum "$dir/parallel.tap")
merged parallel && [ "$(md5sum "$dir/parallel.tap")" = "$before" ]
report $? 'what was done is not done again: the report is the same'
tests/host/campaign -m "$dir/twice.json" "$dir/parallel"/[123].json "$dir/parallel/2.json" >"$dir/out" 2>&1 && cmp "$dir/out" "$dir/parallel.tap" &&
	cmp "$dir/twice.json" "$dir/parallel.json"
report $? 'a part that is given twice is counted once'
tests/host/campaign -m "$dir/less.json" "$dir/parallel"/[13].json >"$dir/out" 2>&1
[ $? = 1 ] && grep -q '^not ok 1 - torture-power9: part 2 of 3$' "$dir/out" && grep -q '2 of 3 parts, 4 tests, 1 not good' "$dir/out"
report $? 'a part that is missing is a failure'
mkdir "$dir/some" && cp "$dir/parallel/1.json" "$dir/some"
head -c 300 "$dir/parallel/3.json" >"$dir/some/3.json"
[ "$(tests/host/campaign -l 3 "$dir/some")" = 2,3 ]
report $? '... and the engine hears which; half a file is none'
sed 's/"TORTURE_ROUNDS": "6"/"TORTURE_ROUNDS": "7"/' "$dir/parallel/2.json" >"$dir/some/2.json"
tests/host/campaign -m "$dir/less.json" "$dir/parallel"/[13].json "$dir/some/2.json" >"$dir/out" 2>&1
[ $? = 1 ] && grep -q '2.json is of another campaign: variables' "$dir/out"
report $? 'a part of another campaign is not counted'
sed 's/"ok": true/"ok": false/' "$dir/parallel/2.json" >"$dir/some/2.json"
tests/host/campaign -m "$dir/less.json" "$dir/parallel"/[13].json "$dir/some/2.json" >"$dir/out" 2>&1
[ $? = 1 ] && grep -q '^not ok 3 - torture-power9: seed 3$' "$dir/out" && grep -q '3 of 3 parts, 6 tests, 2 not good' "$dir/out"
report $? 'a test that was not good is not'

# --- Slurm
tests/host/slurm "$dir/slurm" >"$dir/out" 2>&1
report $? 'a Slurm cluster of this machine'
export ENGINE=slurm SLURM_CONF=$dir/slurm/slurm.conf CAMPAIGN=$dir/node KIND=$kind PARTS=3 OUT=$dir/array
sbatch --array=1-3 --output="$dir/task.%a" tests/host/campaign.sbatch >"$dir/out" 2>&1
report $? '... takes the array'
for ((i = 0; i < 1200; i++)); do
	[ -n "$(squeue -h 2>>"$dir/out")" ] || break
	sleep 0.5
done
cat "$dir"/task.* >>"$dir/out"
[ -d "$dir/killed.slurm" ] && [ "$(sort "$dir/done.slurm" | tr '\n' ' ')" = '1/3 2/3 3/3 ' ]
report $? '... which is done, the part that was killed once more'
merged array && cmp "$dir/array.tap" "$dir/parallel.tap" >>"$dir/out"
report $? '... and the report is that of GNU parallel'
echo "1..$n"
