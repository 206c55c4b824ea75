#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# kernel.t: what tests/host/build-host makes of a kernel of one's own: what is missing is named before anything boots, and an
# s390x kernel is decompressed whatever it was compressed by. TAP. (bisect.t boots hosts with other KVMs, matrix.t with other kernels.)
cd "$(dirname "$0")/../.." || exit
. tests/host/common.sh
arch_names s390x
if is_native; then
	echo '1..0 # SKIP this machine is not booted again for a test'
	exit
fi
tests/host/fetch s390x
tests/host/fetch power9
unset HOST_KERNEL HOST_MODULES KVM_SRC
export HOST_NAME=kernel-test

. tests/host/tap.sh

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
: >"$tmp/out"

# --- a kernel of one's own: what is missing is named before anything boots
own=$tmp/own
mkdir "$own"
cp "$build"/cache/power9/root/boot/vmlinux-* "$own/vmlinux"
# refuses TEXT CONFIG-SCRIPT ARCH VARIABLE...: making a host ends with 2 and this text.
refuses()
{
	local text=$1 script=$2 arch=$3

	shift 3
	sed "$script" "$build"/cache/power9/root/boot/config-* >"$own/.config"
	ends 2 "$text" env "$@" tests/host/build-host "$arch"
}
report 'no such kernel' refuses 'nowhere: no such file' '' power9 HOST_KERNEL="$own/nowhere" HOST_MODULES="$own"
report 'a kernel that is none' refuses 'not a kernel image for s390x' '' s390x HOST_KERNEL="$own/vmlinux" HOST_MODULES="$own"
report 'a kernel of the other architecture' refuses 'not a kernel for ppc64el' '' power9 \
	HOST_KERNEL="$(kernel_in build/cache/s390x/root)" HOST_MODULES="$own"
report 'one without initrd' refuses 'without CONFIG_BLK_DEV_INITRD' '/CONFIG_BLK_DEV_INITRD=/d' power9 \
	HOST_KERNEL="$own/vmlinux" HOST_MODULES="$own"
report 'one without a console' refuses 'without CONFIG_HVC_OPAL' 's/CONFIG_HVC_OPAL=y/# CONFIG_HVC_OPAL is not set/' power9 \
	HOST_KERNEL="$own/vmlinux" HOST_MODULES="$own"
report 'one without KVM' refuses 'without CONFIG_KVM$' '/CONFIG_KVM=/d' power9 HOST_KERNEL="$own/vmlinux" HOST_MODULES="$own"
report 'one whose modules nobody named' refuses 'HOST_MODULES=DIR says where' '' power9 HOST_KERNEL="$own/vmlinux"
report 'one whose modules are not there' refuses 'no kernel module kvm in ' '' power9 \
	HOST_KERNEL="$own/vmlinux" HOST_MODULES="$own"
report 'pages of 4 KiB are said' grep -q 'VMs get a XICS' <(sed 's/PPC_64K/PPC_4K/' "$own/.config" >"$own/config" && rm "$own/.config" &&
	env HOST_KERNEL="$own/vmlinux" HOST_MODULES="$own" tests/host/build-host power9 2>&1)

# --- its configuration is in it: CONFIG_IKCONFIG
rm -f "$own"/.config "$own"/config
with_config()
{
	printf IKCFG_ST
	sed '/CONFIG_DASD_FBA=/d; /CONFIG_HVC_OPAL=/d' build/cache/"$1"/root/boot/config-* | gzip -9
	printf IKCFG_ED
}
with_config power9 | cat "$own/vmlinux" - >"$own/vmlinux-inside"
report 'the configuration that is in a kernel' ends 2 'without CONFIG_HVC_OPAL' \
	env HOST_KERNEL="$own/vmlinux-inside" HOST_MODULES="$own" tests/host/build-host power9

# --- compressions. An image like Linux's: its entry, where it runs (twice) and how large it is, what is compressed.
with_config s390x | cat TUTORIAL.md - >"$tmp/payload"
be64()
{
	printf "$(printf %016x "$1" | sed 's/../\\x&/g')"
}
# image COMMAND...: what it makes of its standard input is the payload of the kernel $own/bzImage, but for "file FILE".
image()
{
	local size

	size=$(stat -c %s "$tmp/payload")
	{
		head -c $((0x10008)) /dev/zero
		printf S390EP
		head -c 4082 /dev/zero
		be64 $((0x100000)) && be64 $((0x100000)) && be64 "$size" && be64 4096
		"$@" <"$tmp/payload"
		# The kernel's make appends the size.
		printf '%b' "$(printf '\\x%02x\\x%02x\\x%02x\\0' $((size & 255)) $((size >> 8 & 255)) $((size >> 16)))"
	} >"$own/bzImage"
	truncate -s %4096 "$own/bzImage"
}
# decompressed COMMAND...: there is the payload, and in its place an empty file, as this command sees it.
decompressed()
{
	mkdir -p "$tmp/parts"
	rm -f "$tmp/parts"/*
	/usr/bin/python3 tests/host/s390x-kernel.py "$own/bzImage" "$tmp/parts" >"$tmp/layout" 2>"$tmp/out" || return
	cat "$tmp/layout" >>"$tmp/out"
	grep -q 'payload_addr=0x' "$tmp/layout" && cmp "$tmp/payload" "$tmp/parts/vmlinux.bin" >>"$tmp/out" 2>&1 || return
	# For lz4 the end of the file is its end; for the kernel, which has more behind it, a length of 0.
	/usr/bin/python3 -B - "$tmp" >>"$tmp/out" 2>&1 <<-'END' && "$@" <"$tmp/empty" >"$tmp/nothing" 2>>"$tmp/out" && [ ! -s "$tmp/nothing" ]
		import runpy, sys
		image = open(sys.argv[1] + "/parts/kernel.img", "rb").read()
		empty = [form[2] for form in runpy.run_path("tests/host/s390x-kernel.py")["FORMS"] if image.startswith(form[2], 0x11020)]
		open(sys.argv[1] + "/empty", "wb").write(empty[0][:4] if empty[0][0] == 2 else empty[0])
	END
}
while read -r command; do
	# shellcheck disable=SC2086 # words
	image $command
	report "a payload of ${command%% *}" decompressed ${command%% *} -d -c
done <<'END'
gzip -n -9
bzip2 -9
lzma -9
lzop -9
lz4 -l -9 - -
xz --check=crc32 --lzma2=dict=1MiB
zstd -19
END
report '... whose configuration is in it' ends 2 'without CONFIG_DASD_FBA' \
	env HOST_KERNEL="$own/bzImage" HOST_MODULES="$own" tests/host/build-host s390x
image tr a-z b-za
report 'one of something else boots as it is' ends 0 'boots as it is' /usr/bin/python3 tests/host/s390x-kernel.py "$own/bzImage" "$tmp/parts"
report '... which is not changed' cmp "$own/bzImage" "$tmp/parts/kernel.img"
echo "1..$n"
