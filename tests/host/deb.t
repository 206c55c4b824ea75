#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# deb.t [full | WHAT...]: Debian packages: made, clean to lintian, installed by dpkg in the emulated hosts, and used there. TAP.
# WHAT is as in tests/host/deb; without any only those of the fastest host; full (make deb-check): all, made twice, and in chroots.
cd "$(dirname "$0")/../.." || exit
. tests/host/common.sh
kinds=${*:-power9} full=
[ "$kinds" != full ] || kinds='power9 s390x files' full=full
if arch_names s390x && is_native; then kinds=s390x; fi
if arch_names power9 && is_native; then kinds=power9; fi
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

# shellcheck disable=SC2086 # they are words
report "packages are made" tests/host/deb -o "$tmp/deb" $kinds
clean()
{
	lintian --allow-root --fail-on error,warning "$tmp"/deb/*.deb
}
report "lintian has no error and no warning" clean

# No name of this machine, and no path of it.
anonymous()
{
	mkdir -p "$tmp/all"
	for deb in "$tmp"/deb/*.deb; do
		dpkg-deb -x "$deb" "$tmp/all" && dpkg-deb -f "$deb" >>"$tmp/all/control" || return
	done
	! grep -rl -e "$top" "$tmp/all"
}
report "nothing in them tells where they were made" anonymous

if [ -n "$full" ]; then
	mkdir "$tmp/first"
	cp "$tmp"/deb/*.deb "$tmp/first"
	again()
	{
		# shellcheck disable=SC2086
		tests/host/deb -o "$tmp/deb" $kinds && (cd "$tmp/first" && sha256sum -- *.deb) >"$tmp/sums" &&
			(cd "$tmp/deb" && sha256sum -c "$tmp/sums")
	}
	report "made again, they are the same, byte for byte" again
fi

# --- in a host: dpkg is busybox's there, which installs, and asks for no library
for arch in $kinds; do
	[ "$arch" != files ] || continue
	arch_names "$arch"
	stage=$tmp/stage-$arch
	mkdir -p "$stage"
	cp "$tmp"/deb/zpvm*_"$deb_arch".deb "$stage"
	cat >"$stage/try" <<-'END'
		set -e
		mkdir -p /var/lib/dpkg/info
		touch /var/lib/dpkg/status
		dpkg --force-depends -i zpvm_*.deb zpvm-guest_*.deb
		rm -f /work/*.deb
		cd /tmp
		export PATH=/usr/bin:/bin
		zpvm --version
		zpvm run -s /usr/share/zpvm/demo.scn /usr/lib/zpvm/guest.elf
		zpvm run /usr/lib/zpvm/hello.elf
		[ "$(uname -m)" = s390x ] || xics=--irqchip=xics
		zpvm run -q $xics -s /usr/share/zpvm/lessons/missed-wakeup.scn /usr/lib/zpvm/lessons/missed-wakeup-right.elf
		for s in /usr/share/zpvm/scenarios/both/snapshot*.scn; do
			zpvm run -q -s $s /usr/lib/zpvm/guest.elf
		done
		dpkg -r zpvm-guest zpvm
		! ls /usr/bin/zpvm /usr/lib/zpvm
	END
	if is_native; then
		report "$arch: unpacked, they run the demo" sh -c 'mkdir "$1/root" && for d in "$1"/*.deb; do
			dpkg-deb -x "$d" "$1/root" || exit; done; "$1/root/usr/bin/zpvm" run -s "$1/root/usr/share/zpvm/demo.scn" \
			"$1/root/usr/lib/zpvm/guest.elf"' sh "$stage"
	else
		report "$arch: installed in its host, they run the demo, guests and scenarios, and are removed" \
			tests/host/run -q -i 300 "$arch" "$stage" 'sh try'
	fi
	cp "$tmp/out" "$tmp/said"
	sed -n 's/.*lost 0 /# &/p' "$tmp/said" | tail -n 2
	report "$arch: ... without a loss" grep -q 'lost 0  *duplicate 0' "$tmp/said"
done

# --- on this machine, unpacked
case " $kinds " in
*" files "*)
	root=$tmp/root
	mkdir "$root"
	dpkg-deb -x "$tmp"/deb/zpvm_*_"$(dpkg --print-architecture)".deb "$root"
	gunzip -c tests/golden/1/s390x-irq.zs.gz >"$tmp/irq.zs"
	report "zpvm for files: inspect" "$root/usr/bin/zpvm" inspect "$tmp/irq.zs"
	report "... check" "$root/usr/bin/zpvm" check "$tmp/irq.zs"
	report "... says on what machines run works" sh -c '! "$1/usr/bin/zpvm" run x 2>&1 | grep -v "needs s390x or POWER9"' sh "$root"
	for page in zpvm.1 zpvm-scenario.5 zpvm-snapshot.5 zpvm-trace.5 zpvm-guest.7; do
		report "man finds $page" sh -c 'LC_ALL=C MANPAGER=cat MANWIDTH=80 man -M "$1/usr/share/man" "$3" "$2" | grep -q "^NAME"' \
			sh "$root" "${page%.*}" "${page#*.}"
	done
	[ -z "$full" ] || report "completion by the installed files" env "PATH=$root/usr/bin:$PATH" COMPLETION="$root/usr/share" tests/completion.t
	;;
esac

# --- in Debian, by apt, with what they depend on
[ -z "$full" ] || for suite in bookworm trixie; do
	if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
		echo "ok $((n += 1)) - $suite # SKIP a chroot needs root"
		continue
	fi
	mkdir -p build/deb
	cp "$tmp"/deb/zpvm_*_"$(dpkg --print-architecture)".deb tests/deb-for-test.deb
	report "$suite: apt installs it, it works, apt removes it" tests/host/chroot "$suite" 'set -e
		apt-get install -y --no-install-recommends ./tests/deb-for-test.deb
		gunzip -c tests/golden/1/s390x-irq.zs.gz >/tmp/irq.zs
		cd / && zpvm --version && zpvm check /tmp/irq.zs && zpvm inspect /tmp/irq.zs | head -n 3
		dpkg -V zpvm
		apt-get purge -y zpvm && ! command -v zpvm'
	rm -f tests/deb-for-test.deb
done
echo "1..$n"
