# shellcheck shell=sh disable=SC2154
# Sourced by bench.sh: pipes, switches, and files. gzip, Lua and SQLite are programs of cpu.sh.
#
# `flat32` works on the same folder of the host as the others; `flat32-boot` in its own memory, as a board with a RAM disk.
# find and tar are BusyBox's for all, the host's own package for native.

busybox=$D/../busybox/busybox
tree=$D/tree scratch=$D/scratch

# 2,000 files in 100 folders
plant() {
	[ ! -e "$tree/99/19" ] || return 0
	mkdir -p "$tree"
	for i in $(seq 0 99); do
		mkdir -p "$tree/$i"
		for j in $(seq 0 19); do
			echo "file $j of folder $i" >"$tree/$i/$j"
		done
	done
}

# by_all PROGRAM FLAT32_N QEMU_N NATIVE_N ARGUMENTS: each does as much as takes it about a tenth of a second
by_all() {
	name=$1 f=$2 q=$3 n=$4
	shift 4
	if [ -n "$SHORT" ]; then f=10 q=10 n=10; fi
	echo "flat32 $FLAT32 run $D/$name $f $*"
	echo "qemu-riscv32 $qemu $D/$name $q $*"
	echo "native $D/$name.native $n $*"
}

# tools COMMAND: a tool of BusyBox's
tools() {
	echo "flat32 $FLAT32 run $busybox $*"
	echo "qemu-riscv32 $qemu $busybox $*"
	if command -v busybox >/dev/null; then
		echo "native busybox $*"
	else
		echo "native - no busybox on this host"
	fi
}

files() {
	r=7
	mkdir -p "$scratch"
	by_all throughput 1000 100 300 | one throughput rate $r "MiB a second through a pipe"
	by_all yield 1000000 20000 50000 | one yield rate $r "switches between two threads by sched_yield"
	{
		by_all files 2000 500 2000 "$scratch"
		echo "flat32-boot $FLAT32 boot --exec /files $D/files.cpio.gz"
	} | one files rate $r "files created, written, looked at and removed"
	if wanted find || wanted tar; then plant; fi
	tools find "$tree" -type f -name '*7' | one find ms $r "find among 2,000 files"
	tools tar cf - "$tree" | one tar ms $r "tar of 2,000 files"
}
