# shellcheck shell=sh disable=SC2154
# Sourced by bench.sh: what each of twenty BusyBox shells at once takes of the RAM: as a PIE, as an FDPIC program, and as one
# with a shared libc, from the file systems that can show text where it lies and from one that cannot. Not measured with a clock: exact.

ram_shells=20

# What is free before there are shells and while they wait for input. The reader is the same at both times.
ram_script='
free() { sed -n "s/^MemFree: *\([0-9]*\) kB/\1/p" /proc/meminfo; }
mkfifo /tmp/f; exec 3<>/tmp/f
sh </tmp/f & sleep 0.3
before=$(free) n=0
while [ $n -lt '$ram_shells' ]; do sh </tmp/f & n=$((n + 1)); done
sleep 0.5
after=$(free)
echo "free $before $after $(ps | grep -c " sh$")"'

# ram_row NAME FOLDER TYPE: FOLDER has what is laid over the root
ram_row() {
	image=$D/ram/$1.$3
	"$here/../../guest-rootfs/mkimage" "$D/../rootfs" "$2" "$image" >"$D/ram/log" 2>&1 || { cat "$D/ram/log"; return 1; }
	"$FLAT32" boot -m 64M --exec "$ram_script" "$image" 2>"$D/ram/log" |
		awk -v n=$ram_shells -v name="$1" -v type="$3" -v text="$(ram_text "$2")" '
		$1 == "free" { printf "%-14s %-7s %8.0f KiB %8s\n", name, type, ($2 - $3) / n, text; found = 1 }
		END { if (!found) printf "%-14s %-7s failed\n", name, type }'
}

# KiB of text that BusyBox has.
ram_text() {
	size=$("$D/../sdk/bin/flat32-size" "$1/bin/busybox" | awk 'NR == 2 { print int($1 / 1024) }')
	echo "$size KiB"
}

ram() {
	wanted ram || return 0
	rm -rf "$D/ram"
	mkdir -p "$D/ram/pie/bin"
	cp "$D/../busybox/busybox" "$D/ram/pie/bin/"
	for how in static shared; do
		from=$D/../busybox-fdpic-$how
		[ -e "$from/busybox" ] || continue
		mkdir -p "$D/ram/fdpic-$how/bin" "$D/ram/fdpic-$how/lib"
		cp "$from/busybox" "$D/ram/fdpic-$how/bin/"
		[ $how = static ] || cp "$D/../sdk/sysroot-fdpic/usr/lib/libc.so" "$D/ram/fdpic-$how/lib/ld-musl-riscv32-fdpic.so.1"
	done
	echo
	echo "RAM that each of $ram_shells more BusyBox shells takes (its stack of 128 KiB is part of it)"
	printf '%-14s %-7s %12s %8s\n' program from "each" text
	for name in pie fdpic-static fdpic-shared; do
		[ -e "$D/ram/$name" ] || { printf '%-14s not built\n' $name; continue; }
		for type in cpio romfs cramfs; do ram_row $name "$D/ram/$name" $type; done
	done
}
