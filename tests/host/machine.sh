# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# The two emulated machines: what run and shell have in common. Sourced.
#
# machine_new makes a directory for one boot and enters it; the caller adds to
# ./job what the init there reads; machine_emulator makes the machine, and
# machine_watch boots it. Uses arch, cpus, mib (may be empty), port (of a
# console on s390x; empty: none), kernel_args and mine (empty, or the directory
# of -d) from the caller.

default_mib()
{
	case $arch in
	s390x) echo 1024 ;;
	power9) echo 2048 ;;
	esac
}

# A boot's directory is boot/PID, its log's is log/DATE-TIME.PID: ended DIR says
# whether that process is no more.
ended()
{
	[ ! -d "/proc/${1##*[./]}" ]
}

# Removes what boots have left behind that were killed before they could clean
# up, and all but the last four logs. watch.py keeps the logs of failures in
# failed/, which nothing removes but "make clean": a test run boots more hosts
# than that before anybody can read them.
remove_old()
{
	local old logs

	for old in "$build/$arch"/boot/*; do
		! ended "$old" || rm -rf "$old"
	done
	logs=("$build/$arch"/log/*)
	for old in "${logs[@]:0:$((${#logs[@]} > 4 ? ${#logs[@]} - 4 : 0))}"; do
		! ended "$old" || rm -rf "$old"
	done
}

# find_dirs DIR: sets dir, which is for /work, and makes mine absolute.
find_dirs()
{
	[ -d "$1" ] || die "$1: no such directory"
	dir=$(cd "$1" && pwd)
	[ -z "$mine" ] || {
		[ -d "$mine" ] || die "$mine: no such directory"
		mine=$(cd "$mine" && pwd)
	}
}

# both_dirs TO: copies dir, and over it mine without what came back before.
both_dirs()
{
	mkdir -p "$1"
	cp -R "$dir/." "$1"
	[ -z "$mine" ] || (cd "$mine" && tar -c --exclude=./out .) | tar -x -C "$1"
}

# boot_seconds: how long a host may take to boot: two minutes, and as many times that as there is more work for each CPU
# of this machine; or HOST_BOOT.
boot_seconds()
{
	local load

	read -r load _ </proc/loadavg
	echo "${HOST_BOOT:-$((120 * (1 + ${load%.*} / $(nproc))))}"
}

# machine_new DIR: DIR is for /work.
machine_new()
{
	find_dirs "$1"
	mib=${mib:-$(default_mib)}
	host_names
	[ "$arch" != power9 ] || qemu_command
	"$host_dir/build-host" "$arch"

	mkdir -p "$build/$arch"/{boot,log}
	remove_old
	work=$build/$arch/boot/$$
	rm -rf "$work"
	mkdir "$work"
	trap 'rm -rf "$work"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	cd "$work" || exit
	# Links, as build-host may replace the directory later.
	exec 9>"$build/$arch/host.lock"
	flock -s 9
	ln "$host"/* .
	exec 9>&-
	mkdir job
	[ -z "$mine" ] || : >job/results
	mark=@zpvm-$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')@
	echo "$mark" >job/mark
}

# Sets emulator, the command, and disk, the image that disklog writes, if any.
machine_emulator()
{
	local base job need

	if [ -n "$mine" ]; then
		both_dirs work
	else
		ln -s "$dir" work
	fi
	{
		find job -print0
		find work/ -mindepth 1 -print0
	} | cpio -0 -o -H newc --quiet -R 0:0 >job.cpio

	# It is in memory twice while the kernel unpacks it.
	base=$(stat -c %s initrd.cpio)
	job=$(stat -c %s job.cpio)
	need=$((((base + job) >> 19) + 256))
	[ $need -le "$mib" ] ||
		die "$dir: $((job >> 20)) MiB are too much for a host of $mib MiB" \
		    "-m $((need + 256)) gives it more memory"
	# QEMU loads no more than 128 MiB.
	[ "$arch" != power9 ] || [ $((base + job)) -le $((128 << 20)) ] ||
		die "$dir: $((job >> 20)) MiB are too much, the most is" \
		    "$(((128 << 20) - base >> 20)) MiB"
	disk=
	"machine_$arch"
}

# machine_watch PROGRAM OPTION...: does not return.
machine_watch()
{
	local program=$host_dir/$1

	shift
	log=$build/$arch/log/$(date +%Y%m%d-%H%M%S).$$
	mkdir "$log"
	cp job/command "$log" 2>/dev/null || echo "(shell)" >"$log/command"
	trap - EXIT INT TERM HUP
	exec /usr/bin/python3 -B "$program" --arch "$arch" --mark "$mark" --work "$work" \
		--log "$log" ${disk:+--disk "$disk"} ${mine:+--results "$mine/out"} \
		"$@" "${emulator[@]}"
}

# Hercules. The kernel's two parts, the initrd's two parts one after the other
# (the kernel takes zeros between them), the command line and, in the kernel's
# parameter area, the initrd's address and size: arch/s390/include/asm/setup.h.
machine_s390x()
{
	local at=$((0x2000000)) job_at size payload_addr free_addr

	eval "$(cat layout)"
	[ $((free_addr)) -le $at ] || at=$(((free_addr + 0xfffff) & ~0xfffff))
	job_at=$((at + ($(stat -c %s initrd.cpio) + 4095) / 4096 * 4096))
	size=$((job_at - at + $(stat -c %s job.cpio)))
	# shellcheck disable=SC2059
	printf "$(printf '%016x%016x' $at $size | sed 's/../\\x&/g')" >initrd.where
	printf '%s ' nokaslr cryptomgr.notests loglevel=1 oops=panic \
		initcall_blacklist=load_system_certificate_list \
		${port:+conmode=3215 condev=0x0009 console=ttyS0} "$kernel_args" >cmdline
	disk=$work/log.img
	truncate -s 1G "$disk"

	cat >kernel.ins <<-EOF
		* Linux, see machine.sh
		kernel.img 0x00000000
		${payload_addr:+vmlinux.bin $payload_addr}
		initrd.cpio $(printf 0x%x $at)
		job.cpio $(printf 0x%x $job_at)
		cmdline 0x00010480
		initrd.where 0x00010408
	EOF
	sed -i '/^$/d' kernel.ins
	cat >hercules.cnf <<-EOF
		ARCHMODE z/Arch
		CPUSERIAL 012345
		CPUMODEL 2817
		MAINSIZE $mib
		HERCPRIO $(nice)
		CPUPRIO $(nice)
		TIMERINT 500
		NUMCPU $cpus
		MAXCPU $cpus
		OSTAILOR QUIET
		PANRATE SLOW
		${port:+CNSLPORT 127.0.0.1:$port}
		${port:+0009 3215}
		000C 3505 kernel.ins
		0200 9336 log.img
	EOF
	# Hercules' automatic operator ends Hercules when a CPU stops in a disabled
	# wait (panic), with the storage saved in which the kernel's log is, when
	# Linux closes the console (power-off), and when Hercules itself fails.
	cat >hercules.rc <<-EOF
		hao tgt HHCCP011I
		hao cmd savecore core 0 $free_addr
		hao tgt HHCPN102E
		hao cmd savecore core 0 $free_addr
		hao tgt HHCPN1(70I|05E|48E)
		hao cmd quit
		hao tgt HHCCP042I
		hao cmd quit
	EOF
	# Hercules boots Linux now, or when someone comes to the console.
	if [ -z "$port" ]; then
		echo "ipl kernel.ins" >>hercules.rc
	else
		printf 'hao %s\n' "tgt HHCTE009I" "cmd ipl kernel.ins" >>hercules.rc
	fi
	emulator=(env HERCULES_RC=hercules.rc hercules -d -f hercules.cnf)
}

# QEMU. No PCI bridge: the firmware would train six empty links. The two IPMI
# devices are what power-off needs.
machine_power9()
{
	cat initrd.cpio job.cpio >initrd
	emulator=("${qemu_runs[@]}" -M powernv9 -m "$mib" -smp "$cpus${HOST_THREADS:+,threads=$HOST_THREADS}"
		-nodefaults -display none -monitor none -no-reboot
		-chardev "stdio,id=console,signal=off" -serial chardev:console
		-device "ipmi-bmc-sim,id=bmc" -device "isa-ipmi-bt,bmc=bmc,irq=10"
		-kernel vmlinux -initrd initrd
		-append "console=hvc0 loglevel=1 oops=panic panic=-1 $kernel_args")
}
