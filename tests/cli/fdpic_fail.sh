#!/bin/sh
# The linker of flat32-cc -mfdpic when the host fails it: each allocation, file operation and start of lld fails once, one link each.
# Either the file comes out as it should be, or there is a message, the old file is as it was, and nothing is left behind.
# timeout: 600, beside: yes
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 8
most=${FAIL_MOST:-150}
tool=$O/ld-fdpic-inject

cat >lib.c <<'END'
static int n = 1;
int f(int x) { return x + n; }
int (*pointer(void))(int) { return f; }
END
cat >main.c <<'END'
#include <stdio.h>
int f(int);
int (*pointer(void))(int);
_Thread_local int t = 3;
static int (*own)(int) = f;
int main(void) { return printf("%d %d %d\n", f(1), pointer() == own, t) < 0; }
END
export ASAN_OPTIONS=detect_leaks=0	# a linker frees nothing
cc="$FLAT32_CC -mfdpic --ld-path=$tool"

# sweep NAME FILE COMMAND...: as in fail_nth.sh; FILE is what is linked
sweep() {
	name=$1 file=$2
	shift 2
	mkdir -p tmp
	FLAT32_FAIL_COUNT=$TMPDIR/count "$@" 2>err
	same "$name: links when nothing fails" $? 0
	cp "$file" good
	total=$(cat count) wrong=0 refused=0 silent=0 n=1
	step=$(((total - 1 + most) / most))
	while [ $n -le "$total" ]; do
		echo old >"$file"
		TMPDIR=$TMPDIR/tmp FLAT32_FAIL=$n timeout 60 "$@" >out 2>err
		status=$?
		case $status in
		0) cmp -s "$file" good || { wrong=$((wrong + 1)); echo "# $name: call $n fails, and another file comes out"; } ;;
		1)
			refused=$((refused + 1))
			grep -q 'flat32-ld-fdpic: error:' err || { silent=$((silent + 1)); echo "# $name: call $n: no message"; }
			[ "$(cat "$file")" = old ] || { wrong=$((wrong + 1)); echo "# $name: call $n fails, and the old file is no more"; } ;;
		*) wrong=$((wrong + 1)); echo "# $name: call $n gives status $status: $(tail -n 1 err)" ;;
		esac
		left=$(find tmp ./*.?????? -name 'fdpic-*' -o -name "$file.??????" 2>/dev/null)
		[ -z "$left" ] || { wrong=$((wrong + 1)); echo "# $name: call $n leaves $left"; find $left -delete; }
		n=$((n + step))
	done
	same "$name: all or nothing, of $total calls" $wrong 0
	same "$name: each failure has a message" $silent 0
	ok "$name: $refused were refused" [ $refused -gt 0 ]
}

# The command that clang would run: it would remove the file when that fails.
link() {
	$cc "$@" -### 2>&1 | tail -n 1 >command
	eval "set -- $(cat command)"
	sweep "$name" "$file" "$@"
}

$FLAT32_CC -mfdpic -O1 -fPIC -c lib.c && $FLAT32_CC -mfdpic -O1 -c main.c || { echo 'Bail out! cannot compile'; exit 2; }
name=library file=liba.so
link -shared -o liba.so lib.o
cp good liba.so
name=program file=main
link -o main main.o -L. -la
finish
