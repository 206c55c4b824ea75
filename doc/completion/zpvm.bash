# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# bash's completion of zpvm: what `zpvm --completion` (options_table() in vmm/options.c) says. Sourced.

# _zpvm_values ZPVM SUBCOMMAND NAME ARGUMENT: the words that this argument can be. Those that only an option's own
# help knows are asked for there.
_zpvm_values()
{
	local word

	for word in ${4//[=|\[\]]/ }; do
		case $word in
		help)
			echo help
			"$1" "$2" "--$3=help" 2>/dev/null | sed -n 's/^\(  \)\{0,1\}\([a-z][a-z-]*\)\( .*\)\{0,1\}$/\2/p'
			;;
		[a-z0-9]*) echo "$word" ;;
		esac
	done
}

_zpvm()
{
	local zpvm=${COMP_WORDS[0]/#\~/$HOME} sub=${COMP_WORDS[1]} cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local table of letter name arg before='' words=() values=''

	COMPREPLY=()
	table=$("$zpvm" --completion 2>/dev/null) || return
	# Readline takes "--name=value" for three words, unless COMP_WORDBREAKS was changed.
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}
	elif [[ $cur == --*=* ]]; then
		prev=${cur%%=*} before=${cur%%=*}= cur=${cur#*=}
	fi

	if [[ $COMP_CWORD == 1 || $COMP_CWORD == 2 && $sub == help ]]; then
		mapfile -t words < <(sed -n 's/\t-\t-\t-\t.*//p' <<<"$table")
		[[ $COMP_CWORD == 2 ]] || words+=(help --help --version)
		mapfile -t COMPREPLY < <(compgen -W "${words[*]}" -- "$cur")
		return
	fi
	while IFS=$'\t' read -r of letter name arg _; do
		[[ $of == "$sub" && $name != - ]] || continue
		case $arg in
		-) words+=("--$name") ;;
		\[*) words+=("--$name" "--$name=") ;;
		*) words+=("--$name=") ;;
		esac
		[[ $arg != - && ($prev == "--$name" || $prev == "-$letter" && $arg != \[*) ]] || continue
		[[ $arg != \[* || ${COMP_WORDS[COMP_CWORD-1]} == = || ${COMP_WORDS[COMP_CWORD]} == = || $before ]] || continue
		case $arg in
		*FILE* | OUT | SOCKET | WHERE) values="file" ;;
		*) values=$(_zpvm_values "$zpvm" "$sub" "$name" "$arg") values=${values:-none} ;;
		esac
	done <<<"$table"

	case $values in
	none) ;;
	'' | file)
		if [[ ! $values && $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "${words[*]}" -- "$cur")
			[[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
			return
		fi
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -P "$before" -f -- "$cur")
		;;
	*) mapfile -t COMPREPLY < <(compgen -P "$before" -W "$values" -- "$cur") ;;
	esac
}
complete -F _zpvm zpvm
