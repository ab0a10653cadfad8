# shellcheck shell=sh disable=SC2154
# Sourced by bench.sh: what each of twenty BusyBox shells at once takes of the RAM: as a PIE, as an FDPIC program, and as one
# with a shared libc; from file systems that can show text where it lies, and from a folder of the host, which cannot: there the first
# shell also brings the one copy of the text. No clock is read: the numbers are exact.

ram_shells=20

# What is free before there are shells, with one, and with twenty more, all waiting for input. The reader is the same each time.
ram_script='
free() { sed -n "s/^MemFree: *\([0-9]*\) kB/\1/p" /proc/meminfo; }
mkfifo /tmp/f; exec 3<>/tmp/f
none=$(free)
$SHELL_ sh </tmp/f & sleep 0.3
one=$(free) n=0
while [ $n -lt '$ram_shells' ]; do $SHELL_ sh </tmp/f & n=$((n + 1)); done
sleep 0.5
echo "free $none $one $(free)"'

# ram_row NAME FROM BUSYBOX OPTIONS...: boots; BUSYBOX is its path in the guest
ram_row() {
	ram_name=$1 ram_from=$2
	ram_exec="SHELL_=$3$ram_script"
	shift 3
	"$FLAT32" boot -m 64M --exec "$ram_exec" "$@" 2>"$D/ram/log" |
		awk -v n=$ram_shells -v name="$ram_name" -v from="$ram_from" '
		$1 == "free" { printf "%-14s %-7s %8.0f KiB %8.0f KiB\n", name, from, $2 - $3, ($3 - $4) / n; found = 1 }
		END { if (!found) printf "%-14s %-7s failed\n", name, from }'
}

# ram_root NAME: a folder to be laid over the root. False: this BusyBox is not built.
ram_root() {
	case $1 in
	pie) from=$D/../busybox ;;
	*) from=$D/../busybox-$1 ;;
	esac
	[ -e "$from/busybox" ] || return 1
	mkdir -p "$D/ram/$1/bin" "$D/ram/$1/lib"
	cp "$from/busybox" "$D/ram/$1/bin/"
	[ "$1" != fdpic-shared ] || cp "$D/../sdk/sysroot-fdpic/usr/lib/libc.so" "$D/ram/$1/lib/ld-musl-riscv32-fdpic.so.1"
}

ram() {
	wanted ram || return 0
	rm -rf "$D/ram"
	mkdir -p "$D/ram"
	echo
	echo "RAM that BusyBox shells take, by what they are and where from: the first, and each of $ram_shells more (128 KiB is its stack)"
	printf '%-14s %-7s %12s %12s\n' program from "the first" "each more"
	for name in pie fdpic-static fdpic-shared; do
		ram_root $name || { printf '%-14s not built\n' $name; continue; }
		for type in cpio romfs cramfs; do
			"$here/../../guest-rootfs/mkimage" "$D/../rootfs" "$D/ram/$name" "$D/ram/$name.$type" >"$D/ram/log" 2>&1 &&
				ram_row $name $type /bin/busybox "$D/ram/$name.$type"
		done
		[ $name != fdpic-static ] ||
			ram_row $name share /mnt/bin/busybox --share "$D/ram/$name:/mnt:ro" "$D/ram/pie.romfs"
	done
}
