#!/bin/sh
# make bench: flat32 beside qemu-riscv32 and the host itself, in one run.
#
# Environment: FLAT32, the emulator; D, the folder with the programs (guest ones as NAME, native ones as
# NAME.native) and of the results; SHORT=1, one quick round to see that everything works; T, patterns of cases.
set -u
: "${FLAT32:?}" "${D:?}"
SHORT=${SHORT:-}
here=${0%/*}

# What was measured, on what.
qemu=$(command -v qemu-riscv32 || true)
echo "flat32     $("$FLAT32" --version | head -n 1) ($(git -C "$here" rev-parse --short HEAD 2>/dev/null || echo 'no git'))"
[ -n "$qemu" ] && echo "qemu       $($qemu --version | head -n 1)"
if [ -e "$D/../linux/Image" ] && command -v qemu-system-riscv32 >/dev/null; then
	version=$(strings "$D/../linux/Image" | sed -n 's/^Linux version \([^ ]*\).*/\1/p' | head -n 1)
	echo "real       Linux $version, RV32 without MMU, under $(qemu-system-riscv32 --version | head -n 1)"
fi
echo "guest cc   $("$D/../sdk/bin/flat32-cc" --version | head -n 1), -O2, musl"
echo "native cc  $(${CC:-gcc} --version | head -n 1), -O2"
echo "host       $(uname -srm), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) processors"
echo "load       $(cut -d' ' -f1-3 /proc/loadavg)"

wanted() {
	[ -n "${T:-}" ] || return 0
	set -f		# patterns, not files
	for pattern in $T; do
		# shellcheck disable=SC2254
		case $1 in $pattern) set +f && return 0 ;; esac
	done
	set +f
	return 1
}

# one NAME KIND ROUNDS TITLE: a case of the plan; what to run is read from stdin, LABEL COMMAND a line
one() {
	wanted "$1" || return 0
	if [ -n "$SHORT" ]; then rounds=1; else rounds=$3; fi
	case $2 in
	ms/*) kind=$2; [ -z "$SHORT" ] || kind=ms/2 ;;
	*) kind=$2 ;;
	esac
	echo "case $1 $kind $rounds $4"
	while read -r label command; do
		[ "$label" != qemu-riscv32 ] || [ -n "$qemu" ] || continue
		case $command in
		"- "*) echo "note $label ${command#- }" ;;
		*) echo "run $label $command" ;;
		esac
	done
}

# Each contender does as much as takes it about a tenth of a second.
if [ -n "$SHORT" ]; then
	calls="20000 20000 20000" trips="1000 1000 1000" spawns="5 2 5" cpu_rounds=1
else
	calls="2000000 200000 500000" trips="100000 5000 10000" spawns="1000 10 100" cpu_rounds=5
fi
# shellcheck source=tests/bench/memory.sh
. "$here/memory.sh"
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
	one getpid rate 7 "getpid" <<-END
		flat32 $FLAT32 run $D/getpid $(nth 1 "$calls")
		qemu-riscv32 $qemu $D/getpid $(nth 2 "$calls")
		native $D/getpid.native $(nth 3 "$calls")
	END
	memory
	forget="mean -"
	for source in "$here"/cpu/*.c; do
		name=${source##*/}
		name=${name%.c}
		case $SHORT-$name in
		-* | ?*-crc | ?*-fib) ;;
		*) continue ;;
		esac
		wanted "cpu/$name" || continue
		insns=$("$FLAT32" run --deterministic "$D/insns" "$D/cpu/$name" 2>/dev/null || echo 0)
		[ -z "$forget" ] || echo "$forget"
		forget=
		one "cpu/$name" "mips:$insns" $cpu_rounds "$name" <<-END
			flat32 $FLAT32 run $D/cpu/$name
			qemu-riscv32 $qemu $D/cpu/$name
			native $D/cpu/$name.native
		END
	done
	[ -n "$forget" ] || echo "mean All programs"
} >"$D/plan"
"$D/measure" "$D/results.tsv" <"$D/plan"
status=$?
echo
echo "all numbers and commands: $D/results.tsv"
if grep -q '^mm/' "$D/results.tsv"; then
	awk -f "$here/plot.awk" "$D/results.tsv" >"$D/memory.svg"
	echo "a picture of memory's: $D/memory.svg"
fi
exit $status
