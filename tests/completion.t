#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# completion.t: what bash, zsh and fish make of the beginning of a command line: real shells, whose keys are typed at a
# terminal. TAP. COMPLETION=DIR: not the files here, but installed ones (DIR is a prefix's share), of the zpvm in PATH.
cd "$(dirname "$0")/.." || exit
export LC_ALL=C.UTF-8
if [ -n "${COMPLETION:-}" ]; then
	bash_file=$COMPLETION/bash-completion/completions/zpvm
	zsh_dir=$COMPLETION/zsh/vendor-completions
	fish_file=$COMPLETION/fish/vendor_completions.d/zpvm.fish
else
	case $(uname -m) in
	s390x) PATH=$PWD/build/s390x:$PATH ;;
	ppc64le) PATH=$PWD/build/power9:$PATH ;;
	*) PATH=$PWD/build:$PATH ;;
	esac
	bash_file=$PWD/doc/completion/zpvm.bash zsh_dir=$PWD/doc/completion fish_file=$PWD/doc/completion/zpvm.fish
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home" "$work/files"
touch "$work/files/vm.snap" "$work/files/vm two.snap" "$work/files/other"

# What is typed, and the words that it can become, in any order.
cat >"$work/cases" <<'END'
zpvm in|inspect
zpvm help ti|timeline
zpvm run --irqc|--irqchip=
zpvm run --irqchip=x|xics xive
zpvm run --irqchip |auto flic none xics xive
zpvm run --trace=he|help
zpvm run -q --clock=|follow stand
zpvm run --restore=vm|vm two.snap vm.snap
zpvm run -k oth|other
zpvm run -s vm|vm two.snap vm.snap
zpvm inspect --c|--core=
zpvm inspect --core=oth|other
zpvm check vm|vm two.snap vm.snap
zpvm diff --i|--irq
zpvm timeline --irq=|
zpvm run --nonsense|
zpvm probe --irqc|
END
cut -d '|' -f 1 "$work/cases" >"$work/typed"

# bash: M-* inserts all that a Tab would offer; C-o is ours, and writes the line.
bash_says()
{
	cat >"$work/rc" <<-END
		PS1='ready>'
		cd "$work/files"
		bind 'set enable-bracketed-paste off'
		bind -x '"\\C-o": printf "%s\\n" "\$READLINE_LINE" >>"$work/bash"'
		source "$bash_file"
	END
	/usr/bin/python3 -B tests/typed.py "$work/typed" "$work/bash" bash --noprofile --rcfile "$work/rc" -i
}

# zsh: the same, by its completer for all matches.
zsh_says()
{
	cat >"$work/home/.zshrc" <<-END
		PS1='ready>'
		cd "$work/files"
		fpath=("$zsh_dir" \$fpath)
		autoload -U compinit
		compinit -u -D
		zle -C all complete-word _generic
		zstyle ':completion:all:*' completer _all_matches _complete
		zstyle ':completion:all:*' insert yes
		bindkey '^[*' all
		dump() { print -r -- "\$BUFFER" >>"$work/zsh" }
		zle -N dump
		bindkey '^O' dump
		bindkey '^U' kill-whole-line
		unsetopt zle_bracketed_paste 2>/dev/null
	END
	HOME=$work/home ZDOTDIR=$work/home /usr/bin/python3 -B tests/typed.py "$work/typed" "$work/zsh" zsh -o no_global_rcs -i
}

fish_says()
{
	(
		cd "$work/files" || exit
		while IFS='|' read -r typed _; do
			HOME=$work/home XDG_CONFIG_HOME=$work/home fish --no-config -c 'source $argv[1]; complete -C $argv[2]' \
				"$fish_file" "$typed" | cut -f1 | sed "s/.*=\(.\)/\1/" | paste -s -d ' '
		done <"$work/cases" >"$work/fish"
	)
}

# words TYPED LINE: what has been put in place of the last word that was typed, sorted.
words()
{
	local rest=$2 last=${1##* }

	[ "$1" != "$2" ] || return
	case $last in
	--*=*) last=${last#*=} ;;
	esac
	rest=${rest#"${1%"$last"}"}
	# zsh has the option before each of them.
	eval "printf '%s\n' $rest" | sed 's/^--[a-z]*=\(.\)/\1/' | sort | paste -s -d ' '
}

n=0
for shell in bash zsh fish; do
	if ! command -v "$shell" >/dev/null; then
		n=$((n + 1))
		echo "not ok $n - $shell is not installed (tests/host/packages check installs it)"
		continue
	fi
	"${shell}_says" >"$work/said" 2>&1 </dev/null
	exec 8<"$work/$shell"
	while IFS='|' read -r typed want; do
		IFS= read -r -u 8 line
		got=$line
		# fish says no = behind an option.
		[ $shell != fish ] || want=${want%=}
		[ $shell = fish ] || got=$(words "$typed" "$line")
		n=$((n + 1))
		if [ "$got" = "$want" ]; then
			echo "ok $n - $shell: $typed"
		else
			echo "not ok $n - $shell: $typed"
			printf '# it says %s, expected %s; the line: %s\n' "$got" "$want" "$line"
			tr -d '\0' <"$work/said" | cat -v | head -c 300 | sed 's/^/# /; $a\'
		fi
	done <"$work/cases"
done
echo "1..$n"
