#!/bin/sh
# make bench: flat32 beside qemu-riscv32 and the host itself, in one run: system calls, processes, memory. What the processor
# costs is cpu.sh's.
#
# Environment: FLAT32, the emulator; D, the folder with the programs (guest ones as NAME, native ones as
# NAME.native) and of the results; SHORT=1, one quick round to see that everything works; T, patterns of cases.
set -u
: "${FLAT32:?}" "${D:?}"
SHORT=${SHORT:-}
here=${0%/*}

# shellcheck source=tests/bench/common.sh
. "$here/common.sh"

heading "${CC:-gcc}"
if [ -e "$D/../linux/Image" ] && command -v qemu-system-riscv32 >/dev/null; then
	version=$(strings "$D/../linux/Image" | sed -n 's/^Linux version \([^ ]*\).*/\1/p' | head -n 1)
	echo "real       Linux $version, RV32 without MMU, under $(qemu-system-riscv32 --version | head -n 1)"
fi

# Each contender does as much as takes it about a tenth of a second.
if [ -n "$SHORT" ]; then
	calls="20000 20000 20000" trips="1000 1000 1000" spawns="5 2 5" events="1000 1000 1000"
else
	calls="2000000 200000 500000" trips="100000 5000 10000" spawns="1000 10 100" events="500000 50000 100000"
fi
# shellcheck source=tests/bench/memory.sh
. "$here/memory.sh"
# shellcheck source=tests/bench/files.sh
. "$here/files.sh"
# shellcheck source=tests/bench/ram.sh
. "$here/ram.sh"
# shellcheck source=tests/bench/stressors.sh
. "$here/stressors.sh"
# shellcheck source=tests/bench/display.sh
. "$here/display.sh"
nth() { echo "$2" | cut -d' ' -f"$1"; }

{
	one hello ms/20 11 "hello world, start to exit" <<-END
		flat32 $FLAT32 run $D/hello
		qemu-riscv32 $qemu $D/hello
		native $D/hello.native
	END
	one spawn rate 7 "vfork, execve and wait of hello world" <<-END
		flat32 $FLAT32 run $D/spawn $(nth 1 "$spawns") $D/hello
		qemu-riscv32 $qemu $D/spawn $(nth 2 "$spawns") $qemu $D/hello
		native $D/spawn.native $(nth 3 "$spawns") $D/hello.native
	END
	one pipes rate 7 "round trips through two pipes, between threads" <<-END
		flat32 $FLAT32 run $D/pipes $(nth 1 "$trips")
		qemu-riscv32 $qemu $D/pipes $(nth 2 "$trips")
		native $D/pipes.native $(nth 3 "$trips")
	END
	for many in 10 1000; do
		one epoll-$many rate 7 "events, written, waited for with epoll among $many descriptors, read" <<-END
			flat32 $FLAT32 run $D/epoll $(nth 1 "$events") $many
			qemu-riscv32 $qemu $D/epoll $(nth 2 "$events") $many
			native $D/epoll.native $(nth 3 "$events") $many
		END
	done
	one socket_unix rate 7 "round trips through a pair of AF_UNIX sockets, between threads" <<-END
		flat32 $FLAT32 run $D/sockets $(nth 1 "$trips") unix
		qemu-riscv32 $qemu $D/sockets $(nth 2 "$trips") unix
		native $D/sockets.native $(nth 3 "$trips") unix
	END
	one socket_tcp rate 7 "round trips through a TCP connection on the loopback, between threads" <<-END
		flat32 $FLAT32 run $D/sockets $(nth 1 "$trips") tcp
		qemu-riscv32 $qemu $D/sockets $(nth 2 "$trips") tcp
		native $D/sockets.native $(nth 3 "$trips") tcp
	END
	one getpid rate 7 "getpid" <<-END
		flat32 $FLAT32 run $D/getpid $(nth 1 "$calls")
		qemu-riscv32 $qemu $D/getpid $(nth 2 "$calls")
		native $D/getpid.native $(nth 3 "$calls")
	END
	files
	memory
	flash
	display
	stressors
} >"$D/plan"
"$D/measure" "$D/results.tsv" <"$D/plan"
status=$?
ram
echo
echo "all numbers and commands: $D/results.tsv"
if grep -q '^mm/' "$D/results.tsv"; then
	awk -f "$here/svg.awk" -f "$here/plot.awk" "$D/results.tsv" >"$D/memory.svg"
	echo "a picture of memory's: $D/memory.svg"
fi
exit $status
