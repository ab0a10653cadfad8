#!/bin/sh
# make bench-cpu: the programs of programs.txt natively, on each of flat32's engines, on qemu-riscv32 and on others that are
# named, in turns within one run.
#
# Environment: FLAT32, the emulator; D, the folder with the programs (guest ones as cpu/NAME, native ones as cpu/NAME.native)
# OUT, the folder of the results; NATIVE_CC, what compiled the latter; and as asked for:
#	T		patterns of programs (T='fib vm_*')
#	SHORT=1		one quick round of small sizes
#	ROUNDS		how many otherwise (default 5)
#	RIVALS		more contenders: 'NAME=COMMAND PREFIX,NAME=...'; the prefix is followed by the program and its arguments
#	CONTENDERS	only these labels (CONTENDERS='native flat32-jit')
set -u
: "${FLAT32:?}" "${D:?}" "${OUT:?}" "${NATIVE_CC:?}"
SHORT=${SHORT:-}
here=${0%/*}
# shellcheck source=tests/bench/common.sh
. "$here/common.sh"
programs=$here/programs.txt

# Which engines there are, the default first.
engines() {
	if "$FLAT32" run --help | grep -q -e '--engine'; then echo jit interp; else echo interp; fi
}

engine_option() {
	if [ "$(engines)" != interp ]; then echo " --engine $1"; fi
}

# contenders GUEST NATIVE ARGUMENTS...: a line for each; NATIVE is - where there is none
contenders() {
	guest=$1 native=$2
	shift 2
	if [ "$native" = - ]; then
		echo "native - no native program"
	else
		echo "native $native $*"
	fi
	for engine in $(engines); do
		echo "flat32-$engine $FLAT32 run$(engine_option "$engine") $guest $*"
	done
	echo "qemu-riscv32 $qemu $guest $*"
	[ -z "${RIVALS:-}" ] || echo "$RIVALS" | tr ',' '\n' | while IFS='=' read -r label prefix; do
		echo "$label $prefix $guest $*"
	done
}

# those CONTENDERS names, of the lines on stdin
chosen() {
	if [ -z "${CONTENDERS:-}" ]; then
		cat
	else
		awk -v names="$CONTENDERS" 'BEGIN { n = split(names, a); for (i = 1; i <= n; i++) want[a[i]] = 1 } $1 in want'
	fi
}

plan() {
	grep -v -e '^#' -e '^$' "$programs" | while read -r name _ short title; do
		[ -n "$SHORT" ] || short=
		contenders "$D/cpu/$name" "$D/cpu/$name.native" "$short" | chosen | one "$name" cpu "${ROUNDS:-5}" "$name: $title"
	done
}

heading "$NATIVE_CC"
plan >"$OUT/cpu.plan"
"$D/measure" "$OUT/cpu.tsv" <"$OUT/cpu.plan"
status=$?
awk -f "$here/table.awk" "$programs" "$OUT/cpu.tsv" | tee "$OUT/cpu.txt"
echo "load       $(cut -d' ' -f1-3 /proc/loadavg) at the end"
echo "all numbers and commands: $OUT/cpu.tsv; these tables: $OUT/cpu.txt"
exit $status
