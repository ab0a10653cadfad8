#!/bin/sh
# --stats, --profile and --perf-map: they say what can be checked against a program whose hot place is known.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 25

# like NAME TEXT PATTERN
like() {
	printf '%s\n' "$2" >text
	ok "$1" grep -qE -e "$3" text
}

cat >hot.c <<'C'
#include <stdio.h>
#include <stdlib.h>
__attribute__((noinline)) unsigned boiling(unsigned n)
{
	unsigned x = 1;
	for (unsigned i = 0; i < n; i++)
		x = x * 1664525u + (x >> 13) + i;
	return x;
}
int main(int argc, char **argv)
{
	printf("%u\n", boiling(argc > 1 ? (unsigned)atoi(argv[1]) : 1000));
	return 3;
}
C
$FLAT32_CC -O1 -o hot hot.c || exit 2

jit=$("$FLAT32" --version | grep -c 'Engines:.*jit')
plain=$("$FLAT32" run ./hot 100000000)
"$FLAT32" run --stats --profile report ./hot 100000000 >out 2>stats
same "exit status is the guest's" $? 3
same "the guest prints what it printed" "$(cat out)" "$plain"
like "instructions are counted" "$(cat stats)" '[0-9]{9} +instructions retired'
like "time is told" "$(cat stats)" '[0-9.]+ ms  in all'
ok "so is processor time: most of it the guest's, and some at least" awk \
	'/processor time, of guest/ { t = $1 } /processor time, of the host/ { k = $1 } END { exit !(t > 10 && t > k) }' stats
like "the report has a head" "$(head -n 1 report)" '^# [0-9]+ samples'
if [ "$jit" = 1 ]; then
	like "the hot function comes first" "$(sed -n 4p report)" '^ *[5-9][0-9]\.[0-9]+%  boiling$|^ *100.00%  boiling$'
	like "its block is disassembled" "$(cat report)" 'mul'
	"$FLAT32" run --perf-map ./hot 1000000 >/dev/null &
	pid=$!
	wait $pid
	like "perf's map names it" "$(cat "/tmp/perf-$pid.map")" '^[0-9a-f]+ [0-9a-f]+ guest boiling'
	rm -f "/tmp/perf-$pid.map"
	# perf looks there only for anonymous memory: ask it, where it may count.
	perf record -q -e cpu-clock -o data -- "$FLAT32" run --perf-map ./hot 100000000 >/dev/null 2>&1
	# Its status is the guest's.
	if [ $? -eq 3 ] && [ -s data ]; then
		like "perf finds the name" "$(perf report -i data --stdio 2>/dev/null)" 'guest boiling'
		# The map's name has the number of the process that perf started.
		rm -f "/tmp/perf-$(perf script -i data -F pid 2>/dev/null | awk 'NF { print $1; exit }').map"
	else
		skip 1 "no perf here, or it may not count"
	fi
else
	skip 4 "no JIT on this host"
fi
like "the interpreter is one place" "$("$FLAT32" run --engine interp --profile - ./hot 20000000 2>&1)" '%  \[interpreter\]'
"$FLAT32" run --profile /nowhere/report ./hot >out 2>err
same "a report that cannot be written" $? 125
like "and the error says so" "$(cat err)" 'profile to /nowhere/report: No such file'

# Exact counts: what boiling() retires is known from its instructions, and all of it from --stats.
for engine in $("$FLAT32" --version | sed -n 's/^Engines: //p' | tr -d ,); do
	"$FLAT32" run --engine "$engine" --stats --profile-exact exact ./hot 1000000 >out 2>stats
	same "$engine: exit status is the guest's" $? 3
	like "$engine: all that retired is in the report" "$(head -n 1 exact)" \
		"^# $(awk '/instructions retired/ { print $1 }' stats) instructions retired\$"
	# 1,000,000 rounds of N instructions, and a few around them.
	rounds=$(awk '$1 == 1000000' exact | wc -l)
	same "$engine: the hot function comes first, with each of its rounds" \
		"$(awk -v n="$rounds" 'NR == 2 { print $3, (n > 3 && $2 >= n * 1000000 && $2 < n * 1000000 + 20) }' exact)" "boiling 1"
	like "$engine: and the block with its counts" "$(cat exact)" '^ +1000000 +[0-9a-f]{8}:  mul'
	mv exact "exact.$engine"
done
[ "$jit" = 1 ] || skip 4 "one engine only"
if [ "$jit" = 1 ]; then
	ok "both engines count the same" cmp exact.jit exact.interp
else
	skip 1 "one engine only"
fi
"$FLAT32" run --profile sampled --profile-exact - ./hot 2000000 >out 2>exact
like "to stderr, beside the samples" "$(head -n 1 exact) $(head -n 1 sampled)" '^# [0-9]+ instructions retired # [0-9]+ samples'
"$FLAT32" run --profile report --profile-exact /nowhere/report ./hot >out 2>err
same "a second report that cannot be written" $? 125
like "and the error says which" "$(cat err)" 'profile to /nowhere/report: No such file'
finish
