#!/bin/sh
# The emulator without a JIT, as it is on hosts for which there is no backend and with JIT=no: build/flat32-nojit.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
nojit=${O:-$B}/flat32-nojit
plan 15

same "--version names the one engine" "$("$nojit" --version | sed -n 's/^Engines: *//p')" interp
ok "nothing of the JIT is in it" sh -c '! nm "$1" | grep -q "host_prologue\|code_translate"' - "$nojit"

cat >hot.c <<'C'
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
	unsigned x = 1, n = argc > 1 ? (unsigned)atoi(argv[1]) : 1000000;
	volatile double d = 1;
	for (unsigned i = 0; i < n; i++) {
		x = x * 1664525u + (x >> 13) + i;
		d = d / 3 + x;
	}
	printf("%u %.17g\n", x, d);
	return 3;
}
C
"$FLAT32_CC" -O1 -o hot hot.c || { echo "Bail out! cannot build the guest program"; exit 2; }

"$nojit" run ./hot >out 2>err
same "it runs programs" $? 3
same "and does not mention the JIT" "$(cat err)" ""
same "with the results of the other build" "$(cat out)" "$("$FLAT32" run ./hot)"
"$nojit" run --engine interp ./hot >out 2>err
same "--engine interp" $? 3
"$nojit" run --engine jit ./hot >out 2>err
same "--engine jit: 125" $? 125
same "and why" "$(cat err)" "flat32: --engine jit: there is no JIT for this host; --engine interp runs everywhere"
"$nojit" boot --engine jit --exec true "$B/rootfs.cpio.gz" >out 2>err
same "boot --engine jit: 125" $? 125
same "boot" "$("$nojit" boot --exec 'echo $((6 * 7)); exit 5' "$B/rootfs.cpio.gz" 2>&1)" 42
"$nojit" run --stats ./hot 2>err >out
ok "--stats counts" grep -qE '[0-9]{7} +instructions retired' err
"$nojit" run --profile report --perf-map ./hot 30000000 >out 2>err
same "--profile and --perf-map" $? 3
ok "the interpreter is where the time goes" grep -q '%  \[interpreter\]' report
"$FLAT32" run --deterministic --strace -o with ./hot >/dev/null
"$nojit" run --deterministic --strace -o without ./hot >/dev/null
ok "the same system calls" cmp with without
"$nojit" run "$B/guest-tests/signal_stack" >out 2>&1
ok "faults of the host find their guest instructions" sh -c '! grep -q "^not ok" out && grep -q "^ok" out'
finish
