# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# Makes an initial RAM disk, without privileges, out of what fetch got: that of an
# emulated host and that of a Linux guest. Sourced.
#
# It is built in $new/tree. Uses root (what fetch unpacked), modules (an array of
# directories that have the kernel's modules) and cross from the caller.

# initrd_new INIT DIR...: begins one, with this init, busybox and these directories.
initrd_new()
{
	local usr=$root init=$1

	# Debian 13 has all under /usr, Debian 12 does not.
	[ -e "$usr/bin/busybox" ] || usr=$root/usr
	shift
	mkdir -p "$new"/tree/{bin,dev,etc,modules,proc,root,sys,tmp}
	for dir; do
		mkdir -p "$new/tree/$dir"
	done
	cp "$usr/bin/busybox" "$new/tree/bin/"
	cp "$init" "$new/tree/init"
}

# module NAME: into the initrd, after the modules that it depends on. A name
# may have - where another form of it has _.
module()
{
	local file dep deps name=${1//-/_} like=${1//[-_]/[-_]}
	local to=$new/tree/modules/$name.ko

	[ ! -e "$to" ] || return 0
	file=$(find "${modules[@]}" -name "$like.ko" -o -name "$like.ko.?z" -o -name "$like.ko.zst")
	file=${file%%$'\n'*}
	if [ -z "$file" ]; then
		find "${modules[@]}" -name modules.builtin -exec cat {} + | grep -q "/$like\.ko" && return
		die "no kernel module $1 in ${modules[*]}" \
		    "nor is it in a modules.builtin there: HOST_MODULES=DIR[:DIR] names other directories"
	fi
	case $file in
	*.xz) xz -dc "$file" >"$to" ;;
	*.gz) gzip -dc "$file" >"$to" ;;
	*.zst) zstd -qdc "$file" >"$to" ;;
	*) cp "$file" "$to" ;;
	esac
	"${cross}strip" --strip-debug "$to"
	deps=$(grep -azo '^depends=.*' "$to" | tr -d '\0')
	deps=${deps#depends=}
	for dep in ${deps//,/ }; do
		module "$dep"
	done
	echo "$name" >>"$new/tree/modules/order"
}

# initrd_pack FILE: writes it there.
initrd_pack()
{
	(cd "$new/tree" && find . | sort | cpio -o -H newc --quiet -R 0:0) >"$1"
	rm -rf "$new/tree"
}
