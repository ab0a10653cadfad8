#!/bin/sh
# make bench-cpu in short: every contender has numbers, all print the same, and one that does not is found out.
. "${0%/*}/lib/tap.sh"
top=$(cd "${0%/*}/../.." && pwd)
plan 13

bench() {
	D=$B/bench OUT=$TMPDIR SHORT=1 NATIVE_CC=clang-19 "$top/tests/bench/cpu.sh" >"$TMPDIR/said" 2>&1
}

# outputs CONTENDER: what it printed, program by program
outputs() {
	awk -F'\t' -v who="$1" '$2 == who && $1 ~ /^(fib|dhry|nbody_sf)$/ { print $9 }' "$TMPDIR/cpu.tsv"
}

T='fib dhry nbody_sf hello rss/boot'
export T
same "three programs are measured" "$(bench; echo $?)" 0
contenders="native $("$FLAT32" --version | sed -n 's/^Engines: //p' | tr -d , | sed 's/[^ ]*/flat32-&/g') qemu-riscv32"
# (The start is measured also as people run things, without --engine: "flat32".)
same "by all contenders" "$(sed 1d "$TMPDIR/cpu.tsv" | cut -f2 | grep -vx flat32 | sort -u | xargs)" \
	"$(echo "$contenders" | tr ' ' '\n' | sort | xargs)"
for who in $contenders; do
	[ "$(outputs "$who")" = "$(outputs native)" ] || echo "$who prints something else"
	awk -F'\t' -v who="$who" '$2 == who && $1 !~ /^(hello|rss)/ && $3 > 0 && $4 > 0 && $7 > 0 { n++ }
		END { if (n != 3) print who, n }' \
		"$TMPDIR/cpu.tsv"
done >"$TMPDIR/wrong"
same "all print the same and have numbers" "$(cat "$TMPDIR/wrong")" ""
same "a checksum each" "$(outputs native | grep -c '^[a-z_]* [0-9a-f]\{8\}$')" 3
same "and they are in the table of means" "$(grep -c '^mean, alike .*(3 programs)' "$TMPDIR/said")" 2
same "a picture has a bar for each" "$(grep -c '<rect.*fill="#' "$TMPDIR/cpu.svg")" "$(echo "$contenders" | awk '{ print (NF - 1) * 5 }')"
same "start and memory are measured" "$(cut -f1 "$TMPDIR/cpu.tsv" | grep -e hello -e rss | sort -u | xargs)" "hello rss/boot"
same "memory is in a table of its own" "$(awk '/^Memory: the most/ { t = NR } t && NR == t + 2 && $1 == "boot" && $3 > 1 { print "yes" }' \
	"$TMPDIR/said")" yes
if [ "$("$FLAT32" --version | grep -c 'Engines:.*jit')" = 1 ]; then
	same "and so is the code of the JIT" "$(awk '/^Memory: code/ { t = NR }
		t && $1 == "dhry" && $2 > 1000 && $3 > $2 && $4 >= $3 && $5 > 1 { print "yes" }' "$TMPDIR/said")" yes
else
	skip 1 "no JIT"
fi
same "hardware's and software's planets are at the same places" \
	"$("$B/bench/native/nbody" 1000 | cut -d' ' -f2)" "$("$B/bench/native/nbody_sf" 1000 | cut -d' ' -f2)"

T=fib
export RIVALS='wrong=echo,broken=false'
same "a contender that prints something else fails the run" "$(bench; echo $?)" 1
same "as does one that fails" "$(sed -n 's/^2 FAILED/yes/p' "$TMPDIR/said" | cut -d' ' -f1)" yes
same "and which is said" "$(awk -F'\t' '$2 == "wrong" || $2 == "broken" { print $2, $3 }' "$TMPDIR/cpu.tsv")" "wrong differs
broken failed"
finish
