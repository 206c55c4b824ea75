# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2034
# What the scripts in tests/host share. Sourced, never run.
#
# An architecture is named as in the rest of the project, s390x or power9;
# what Debian, the kernel and the compiler call it comes from arch_names.

set -euo pipefail

# Messages and sort orders must not depend on the user's locale.
export LC_ALL=C

host_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$host_dir/../.." && pwd)
build=$top/build

say()
{
	printf '%s\n' "$*" >&2
}

# die MESSAGE [DETAIL...]
die()
{
	printf '%s: %s\n' "${0##*/}" "$1" >&2
	shift
	[ $# = 0 ] || printf '%s\n' "$@" | sed 's/^/    /' >&2
	exit 2
}

# usage: prints the comment block at the top of the calling script.
usage()
{
	sed -n '3,/^$/s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

# arch_names ARCH: sets arch, deb_arch, kernel_meta, cross, and QEMU's program
# that emulates it (qemu) with the package that this is in.
arch_names()
{
	arch=$1
	case $arch in
	s390x)
		deb_arch=s390x
		kernel_meta=linux-image-s390x
		qemu="qemu-system-s390x"
		qemu_package="qemu-system-misc"
		cross=s390x-linux-gnu-
		;;
	power9)
		deb_arch=ppc64el
		kernel_meta=linux-image-powerpc64le
		qemu="qemu-system-ppc64"
		qemu_package="qemu-system-ppc"
		cross=powerpc64le-linux-gnu-
		;;
	*)
		die "unknown architecture '$arch': s390x or power9"
		;;
	esac
}

# host_names: sets host, the directory of the emulated host that arch_names was
# told and the environment means. Without any of these it is Debian's kernel:
#   HOST_KERNEL=FILE        another kernel: a vmlinuz (s390x), a vmlinux (power9);
#                           or a directory that has it and its modules, as
#                           "fetch ARCH kernel" makes them
#   HOST_MODULES=DIR[:DIR]  where its modules are, at any depth; the first that has
#                           one wins. Without HOST_KERNEL Debian's come last.
#   KVM_SRC=TREE            KVM's modules are built from this kernel tree (kvm-modules),
#                           and go before all others
#   HOST_NAME=NAME          keeps that host beside others ("own" if it is not said);
#                           alone: the host that was made with this name
host_names()
{
	local name=${HOST_NAME:-}

	[ -z "${HOST_KERNEL:-}${HOST_MODULES:-}${KVM_SRC:-}" ] || name=${name:-own}
	host=$build/$arch/host${name:+-$name}
}

# qemu_command: sets qemu_runs, the words that run the QEMU which emulates the power9 host:
# the system's, or another one by
#   QEMU=FILE   a qemu-system-ppc64
#   QEMU=DIR    one with its libraries and its firmware, as "fetch power9 emulator" makes them
#   QEMU=SUITE  that of this Debian suite, which is fetched
qemu_command()
{
	local dir=${QEMU:-} linker

	qemu_runs=("$qemu")
	[ -n "$dir" ] || return 0
	case $dir in
	*/*) ;;
	*)
		DEBIAN_SUITE=$dir KERNEL_PACKAGE='' "$host_dir/fetch" power9 emulator
		dir=$build/cache/power9/emulator-$dir ;;
	esac
	if [ -d "$dir" ]; then
		dir=$(realpath "$dir")
		for linker in "$dir"/lib/ld*.so.*; do
			qemu_runs=("$linker" --library-path "$dir/lib" "$dir/bin/$qemu" -L "$dir/share/qemu")
		done
	else
		[ -x "$dir" ] || die "QEMU=$dir: no such program"
		qemu_runs=("$(realpath "$dir")")
	fi
	"${qemu_runs[@]}" --version >/dev/null || die "QEMU=$QEMU does not run"
}

# kernel_in DIR: the kernel that was unpacked there, in the older place or the newer.
kernel_in()
{
	local file

	for file in "$1"/boot/vmlinu[xz]-* "$1"{,/usr}/lib/modules/*/vmlinu[xz]; do
		[ ! -s "$file" ] || { echo "$file"; return; }
	done
}

# kernel_root: the directory of Debian's kernel that the environment means, as fetch
# made it; kernel_release: that kernel's release, as uname -r says it.
kernel_root()
{
	if [ -z "${HOST_KERNEL:-}" ]; then
		echo "$build/cache/$arch/root"
	elif [ -f "$HOST_KERNEL/.wanted" ]; then
		realpath "$HOST_KERNEL"
	else
		die "$HOST_KERNEL: not a directory that tests/host/fetch $arch kernel made" \
		    "only for such a kernel Debian has headers and the source"
	fi
}

kernel_release()
{
	local from release

	from=$(kernel_root)
	for release in "$from"{,/usr}/lib/modules/*; do
		[ ! -d "$release" ] || { basename "$release"; return; }
	done
	die "$from: no kernel's modules are in it"
}

# is_native: this machine is of the architecture that arch_names was told.
is_native()
{
	case $(uname -m)-$arch in
	s390x-s390x | ppc64le-power9) true ;;
	*) false ;;
	esac
}

# qemu_there: prints the commands that precede QEMU's program in the emulated host, where
# /work/qemu is what "fetch ARCH qemu" got. Its dynamic linker goes where the program
# wants it, as the host's root is all ours: started by that linker it would have no PGSTEs.
qemu_there()
{
	printf '%s; ' 'mkdir -p /lib /lib64' \
		'ln -s /work/qemu/lib/ld64.so.* /lib' \
		'ln -s /work/qemu/lib/ld64.so.* /lib64'
	printf 'LD_LIBRARY_PATH=/work/qemu/lib '
}

# need COMMAND PACKAGE: dies if there is no such command.
need()
{
	command -v "$1" >/dev/null ||
		die "$1 is not installed (Debian package $2)" \
		    "tests/host/packages installs all that is needed"
}

# The monotonic clock in tenths of a second, and how long ago one such was.
now()
{
	local up

	read -r up _ </proc/uptime
	up=${up%?}
	printf '%s\n' "${up/./}"
}

since()
{
	local d=$(($(now) - $1))

	printf '%d.%d s\n' $((d / 10)) $((d % 10))
}

megabytes()
{
	printf '%d.%d MB\n' $(($1 / 1000000)) $(($1 / 100000 % 10))
}
