#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# install.t: make install and make uninstall, manual pages, versions, and what tests/host/packages says. TAP.
cd "$(dirname "$0")/.." || exit
# As someone would type it, not as a part of the make that runs this.
unset MAKEFLAGS MAKELEVEL MFLAGS ARCH DESTDIR prefix
export LC_ALL=C
n=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# report NAME COMMAND...: succeeds; what it says explains a failure.
report()
{
	local name=$1

	n=$((n + 1))
	shift
	if "$@" >"$tmp/out" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		tail -n 20 "$tmp/out" | sed 's/^/# /'
	fi
}

there()
{
	for file; do
		[ -f "$tmp/to/opt/zpvm/$file" ] || { echo "no $file"; return 1; }
	done
}

# --- installed, used, and removed
report "make install" make -s install DESTDIR="$tmp/to" prefix=/opt/zpvm
report "... installs the program, completion and documents" there bin/zpvm share/bash-completion/completions/zpvm \
	share/zsh/site-functions/_zpvm share/fish/vendor_completions.d/zpvm.fish share/doc/zpvm/{README,CHANGELOG}.md
case $(uname -m) in
s390x | ppc64le) report "... guests and scenarios" there lib/zpvm/{guest,hello}.elf share/zpvm/demo.scn ;;
esac
for page in *.[1-8]; do
	report "man finds $page" sh -c 'MANPAGER=cat MANWIDTH=80 man -M "$1" "$3" "$2" | grep -q "^NAME"' sh \
		"$tmp/to/opt/zpvm/share/man" "${page%.*}" "${page##*.}"
done
report "what is installed runs" "$tmp/to/opt/zpvm/bin/zpvm" --version
mkdir -p "$tmp/to/opt/zpvm/share/zpvm"
touch "$tmp/to/opt/zpvm/bin/other" "$tmp/to/opt/zpvm/share/zpvm/mine"
report "make uninstall" make -s uninstall DESTDIR="$tmp/to" prefix=/opt/zpvm
left()
{
	(cd "$tmp/to/opt/zpvm" && find . -type f -o -path '*/zpvm' -type d | sort | paste -s -d ' ') | tee /dev/stderr | grep -x "$1"
}
report "... leaves what it has not installed, and nothing else" left './bin/other ./share/zpvm ./share/zpvm/mine'

# --- manual pages
lint()
{
	# Lines are as long as the project's; a page refers to Linux's and others that are not here.
	! mandoc -T lint -W warning "$1" | grep -v 'outdated mandoc.db' | grep .
}
for page in *.[1-8]; do
	report "mandoc has no warning of $page" lint "$page"
	report "groff has none" sh -c '! groff -man -mdoc -ww -b -z -Tutf8 "$1" 2>&1 | grep .' sh "$page"
done

# --- versions: of a tag, some commits behind it, and of an archive
says()
{
	make -s --no-print-directory -f Makefile -f - says <<<'says: ; @echo $(VERSION)'
}
of_repository()
(
	cp Makefile CHANGELOG.md "$tmp/repo" && cd "$tmp/repo" && rm -f .version || return
	[ "$1" = - ] || {
		git init -q . && git config user.email a@b.example && git config user.name a && git add . && git commit -q -m one
		[ "$1" = none ] || git tag v9.8.7
		[ "$1" != behind ] || git commit -q --allow-empty -m two
	}
	[ "$1" != - ] || echo 5.4.3 >.version
	says
)
for case in none:0.1.0 tag:9.8.7 'behind:9.8.7-1-g[0-9a-f]*' -:5.4.3; do
	rm -rf "$tmp/repo"
	mkdir "$tmp/repo"
	got=$(of_repository "${case%%:*}" 2>"$tmp/err")
	# shellcheck disable=SC2254 # it is a pattern
	report "the version of a tree: ${case%%:*}: $got" sh -c 'case $1 in '"${case#*:}"') ;; *) exit 1 ;; esac' sh "$got"
done
from_archive()
(
	make -s dist >"$tmp/dist" && tar -x -z -C "$tmp" -f "$(sed -n 's/.* \(build\/zpvm-.*\.tar\.gz\)$/\1/p' "$tmp/dist")" || return
	version=$(says) && cd "$tmp/zpvm-$version" && [ "$(says)" = "$version" ] && make -n all >/dev/null
)
[ ! -e .git ] || report "make dist: the archive has its version, and a Makefile that works" from_archive

# --- what must be installed: dpkg with nothing in its database, for one who is not root
missing()
{
	local as=() got=0

	[ "$(id -u)" != 0 ] || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	mkdir -p "$tmp/dpkg" "$tmp/bin"
	: >"$tmp/dpkg/status"
	# No sudo there.
	for p in bash dirname uname dpkg-query id sed cat mkdir; do ln -sf "$(command -v $p)" "$tmp/bin/$p"; done
	chmod 755 "$tmp"
	"${as[@]}" env PATH="$tmp/bin" DPKG_ADMINDIR="$tmp/dpkg" tests/host/packages build </dev/null 2>&1 || got=$?
	[ $got = 2 ]
}
report "without root, tests/host/packages fails" missing
cp "$tmp/out" "$tmp/said"
report "... names each package, with its purpose" grep -Eq '^    gcc +to compile' "$tmp/said"
report "... and the command" grep -q '^ *apt-get install .*gcc' "$tmp/said"
report "when all is there it says nothing" sh -c '[ -z "$(tests/host/packages build check 2>&1)" ]'
echo "1..$n"
