#!/bin/sh
# make bench-cpu: the programs of programs.txt natively, on each of flat32's engines, on qemu-riscv32 and on others that are
# named, in turns within one run.
#
# Environment: FLAT32, the emulator; D, the folder with the programs (guest ones as cpu/NAME, native ones as native/NAME);
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

# Which engines are built in.
engines() {
	"$FLAT32" --version | sed -n 's/^Engines: //p' | tr -d ,
}

engine_option() {
	case $(engines) in
	*' '*) echo " --engine $1" ;;
	esac
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

# program NAME ARGUMENTS...: its contenders
program() {
	name=$1
	shift
	contenders "$D/cpu/$name" "$D/native/$name" "$@" | chosen
}

plan() {
	grep -v -e '^#' -e '^$' "$programs" | while read -r name _ short title; do
		[ -n "$SHORT" ] || short=
		case $name in
		gzip) program gzip -c "$D/text${short:+-short}" ;;
		lua) program lua "$here/apps/workload.lua" "$short" ;;
		*) program "$name" "$short" ;;
		esac | one "$name" cpu "${ROUNDS:-5}" "$name: $title"
	done
}

# What a start costs, and how much memory.
around() {
	{
		contenders "$D/hello" "$D/hello.native"
		# As it is run by people: the JIT is made when there is something for it.
		echo "flat32 $FLAT32 run $D/hello"
	} | chosen | one hello ms/20 11 "hello world, start to exit"
	for engine in $(engines); do
		echo "flat32-$engine $FLAT32 boot$(engine_option "$engine") --exec true $D/../rootfs.cpio.gz"
	done | chosen | one rss/boot rss 3 "resident memory: BusyBox's system booted and left again"
	contenders "$D/../busybox/busybox" - sh -c true | chosen | one rss/sh rss 3 "resident memory: BusyBox's shell alone"
	program cold | one rss/cold rss 3 "resident memory: cold, a megabyte of code"
}

# What the JIT made of each program, run once more as the results say it was: bytes of guest code that became hot, of host
# code, of the cache in use at the end, and how many times as many they are.
code_caches() {
	awk -F'\t' '$2 == "flat32-jit" && $1 != "hello" && $3 > 0 && !seen[$1]++ { sub("^rss/", "", $1); print $1, $8 }' "$OUT/cpu.tsv" |
		while read -r name emulator command rest; do
			# shellcheck disable=SC2086	# words, as in measure's plan
			"$emulator" "$command" --stats $rest 2>&1 >/dev/null </dev/null | awk -v name="$name" '
				/bytes of guest code/ { guest = $1 }
				/bytes of host code$/ { host = $1 }
				/code cache in use/ { print name, guest + 0, host + 0, $1 }'
		done | awk '
		function row(name, guest, host, cache) {
			printf "%-12s %14d %14d %14s %14s\n", name, guest, host, cache, guest ? sprintf("%.1f", host / guest) : "-"
		}
		NR == 1 {
			printf "\nMemory: code of flat32-jit, in bytes\n%-12s %14s %14s %14s %14s\n", "", "hot guest code", "host code",
				"cache in use", "host/guest"
		}
		!seen[$1]++ { row($1, $2, $3, $4); guest += $2; host += $3 }
		END { if (NR) row("all", guest, host, "") }'
}

report() {
	heading "$NATIVE_CC"
	contenders PROGRAM NATIVE ARGUMENTS | chosen | awk '{ label = $1; $1 = ""; printf "%-15s%s\n", label, $0 }'
	{
		plan
		around
	} >"$OUT/cpu.plan"
	"$D/measure" "$OUT/cpu.tsv" <"$OUT/cpu.plan"
	status=$?
	awk -f "$here/table.awk" "$programs" "$OUT/cpu.tsv"
	code_caches
	echo "load       $(cut -d' ' -f1-3 /proc/loadavg) at the end"
	return $status
}

# The status of the first of a pipe, by way of a file.
{
	report
	echo $? >"$OUT/cpu.status"
} | tee "$OUT/cpu.txt"
read -r status <"$OUT/cpu.status"
rm "$OUT/cpu.status"
echo "this report: $OUT/cpu.txt; all numbers and commands: $OUT/cpu.tsv"
if awk -f "$here/svg.awk" -f "$here/bars.awk" "$programs" "$OUT/cpu.tsv" >"$OUT/cpu.svg"; then
	echo "a picture: $OUT/cpu.svg"
else
	rm "$OUT/cpu.svg"
fi
exit "$status"
