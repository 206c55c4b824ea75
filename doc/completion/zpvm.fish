# SPDX-License-Identifier: BSD-2-Clause
# fish's completion of zpvm: what `zpvm --completion` (options_table() in vmm/options.c) says.

# The words that only the help of an option knows.
function __zpvm_help -a sub name
    zpvm $sub --$name=help 2>/dev/null | string replace -rf '^(?:  )?([a-z][a-z-]*)(?: .*)?$' '$1'
end

for row in (zpvm --completion 2>/dev/null)
    set -l field (string split \t -- $row)
    if test "$field[3]" = -
        for before in __fish_use_subcommand '__fish_seen_subcommand_from help'
            complete -c zpvm -f -n $before -a $field[1] -d $field[5]
        end
        continue
    end
    set -l option -n "__fish_seen_subcommand_from $field[1]; and not __fish_seen_subcommand_from help" -l $field[3] -d $field[5]
    test "$field[2]" = -; or set -a option -s $field[2]
    set -l words (string match -ra '[a-z0-9]+' -- $field[4])
    switch $field[4]
        case -
        case '*FILE*' OUT SOCKET WHERE
            set -a option -F
        case '*'
            set -a option -f
    end
    switch $field[4]
        case - '[*'
        case '*'
            set -a option -r
    end
    contains help $words; and set -a words "(__zpvm_help $field[1] $field[3])"
    test -z "$words"; or set -a option -a "$words"
    complete -c zpvm $option
end
complete -c zpvm -f -n __fish_use_subcommand -a help -d 'print the help of a command'
complete -c zpvm -f -n __fish_use_subcommand -l help -d 'print what there is'
complete -c zpvm -f -n __fish_use_subcommand -l version -d 'print the version'
