# shellcheck shell=sh disable=SC2154
# Sourced by bench.sh: what memory costs. The real no-MMU kernel runs beside the others if `make kernel` has built it.
#
# Pairs of mmap and munmap: of sizes that a page, a cache and neither of them hold; with live mappings around, every other
# page between them free; written to or not. On an MMU memory that is not written to costs nothing, without one it is
# cleared at once, so both are shown.

real="$here/real.sh $D"
[ -e "$D/../linux/Image" ] && [ -e "$D/real.cpio.gz" ] && command -v qemu-system-riscv32 >/dev/null || real=

# contenders FLAT32_N QEMU_N NATIVE_N REAL_N PROGRAM ARGUMENTS: each does as much as takes it about a tenth of a second
contenders() {
	f=$1 q=$2 n=$3 k=$4 program=$5
	shift 5
	if [ -n "$SHORT" ]; then
		f=100 q=100 n=100
		[ "$k" = - ] || k=100
	fi
	echo "flat32 $FLAT32 run -m 1G $D/$program $f $*"
	echo "qemu-riscv32 $qemu $D/$program $q $*"
	echo "native $D/$program.native $n $*"
	if [ "$k" = - ]; then
		echo "real-kernel - more than its largest block of 4 MiB"
	elif [ -n "$real" ]; then
		echo "real-kernel $real $program $k $*"
	else
		echo "real-kernel - not built: make kernel"
	fi
}

# Flash as a process maps it, beside RAM. (cli/flash_cost has both in one process.)
flash() {
	sums=1000
	[ -z "$SHORT" ] || sums=10
	one mm/flash rate 7 "1 MiB read a word at a time" <<-END
		flash $FLAT32 run --flash :1M $D/sum $sums flash
		ram $FLAT32 run --flash :1M $D/sum $sums ram
	END
}

memory() {
	r=7
	contenders 200000 3000 20000 5000 maps 4096 10 |
		one mm/4K rate $r "mmap and munmap of 4 KiB, 10 live regions"
	contenders 200000 3000 20000 5000 maps 4096 1000 |
		one mm/4K-1000 rate $r "mmap and munmap of 4 KiB, 1,000 live regions"
	# An MMU kernel has at most 65,530 mappings for a process (vm.max_map_count), and QEMU needs some itself.
	contenders 200000 1000 20000 5000 maps 4096 100000 | sed '/^qemu/s/100000$/30000/; /^native/s/100000$/60000/' |
		one mm/4K-100000 rate $r "mmap and munmap of 4 KiB, 100,000 live regions (native 60,000, qemu-riscv32 30,000)"
	for live in 10 1000 100000; do
		contenders 400000 - - - maps 4096 $live | sed -n "s/^flat32/live-$live/p"
	done | one mm/live rate 15 "mmap and munmap of 4 KiB in flat32, by live regions"
	contenders 200000 3000 5000 5000 maps 4096 10 touch |
		one mm/4K-touch rate $r "the same of 4 KiB, written to"
	contenders 100000 2000 20000 2000 maps 65536 10 |
		one mm/64K rate $r "mmap and munmap of 64 KiB"
	contenders 100000 500 2000 2000 maps 65536 10 touch |
		one mm/64K-touch rate $r "the same of 64 KiB, written to"
	contenders 10000 200 20000 - maps 16777216 10 |
		one mm/16M rate $r "mmap and munmap of 16 MiB"
	contenders 10 2 20 - maps 16777216 10 touch |
		one mm/16M-touch rate $r "the same of 16 MiB, written to"
	contenders 10000 20 20000 - maps 268435456 10 |
		one mm/256M rate $r "mmap and munmap of 256 MiB"
	contenders 100000 10000 10000 5000 attach |
		one mm/shm rate $r "shmat and shmdt"
	contenders 100000 10000 10000 5000 futex |
		one mm/futex rate $r "round trips through a futex, between threads"
	pairs=200000
	[ -z "$SHORT" ] || pairs=100
	for around in 10 1000 100000; do
		strategies | while read -r name; do
			echo "$name $FLAT32 run -m 1G --alloc $name $D/maps $pairs 4096 $around"
		done | one "mm/alloc-$around" rate $r "mmap and munmap of 4 KiB, $around live regions, by strategy"
	done
}

# Names of the page allocation strategies, the default first.
strategies() {
	"$FLAT32" run --alloc help | awk '{ print $1 }'
}
