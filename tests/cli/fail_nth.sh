#!/bin/sh
# Every host allocation and call of a run fails once, one run each: an error message or a guest's errno, never a crash.
# timeout: 300
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 6
INJECT=$O/flat32-inject
most=${FAIL_MOST:-400}

# sweep NAME COMMAND...: runs it with each call failing (evenly spread ones when there are more than $most)
sweep() {
	name=$1
	shift
	FLAT32_FAIL_COUNT=count timeout 60 "$@" >out 2>err </dev/null
	same "$name: runs when nothing fails" $? 0
	total=$(cat count)
	step=$(((total + most - 1) / most))
	[ $step -gt 0 ] || step=1
	n=1 crashes=0 refused=0 survived=0
	while [ $n -le "$total" ]; do
		FLAT32_FAIL=$n timeout 60 "$@" >out 2>err </dev/null
		status=$?
		case $status in
		0) survived=$((survived + 1)) ;;
		124 | 134 | 135 | 136 | 139)
			crashes=$((crashes + 1))
			echo "# $name: failing call $n gives status $status: $(tail -n 1 err | cut -c 1-150)" ;;
		*)
			refused=$((refused + 1))
			if grep -q 'Sanitizer' err; then
				crashes=$((crashes + 1))
				echo "# $name: failing call $n: $(grep -m 1 Sanitizer err)"
			fi ;;
		esac
		n=$((n + step))
	done
	same "$name: no crash, no hang in $((survived + refused + crashes)) runs of $total calls" $crashes 0
	ok "$name: $refused failures were reported" [ $refused -gt 0 ]
}

cat >hello.c <<'C'
#include <stdio.h>
int main(void) { return puts("hello") < 0; }
C
"$FLAT32_CC" -O1 -o hello hello.c || { echo "Bail out! cannot build the guest program"; exit 2; }
sweep run "$INJECT" run ./hello
sweep boot "$INJECT" boot --exec 'ls -l /bin | wc -l; cat /proc/meminfo | head -n 3; echo done' "$B/rootfs.cpio.gz"
finish
