#!/bin/sh
# flat32 inspect --gdb: what a stock gdb makes of the core file of an FDPIC program, whose text and data lie anywhere.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 16

GDB=${GDB:-gdb-multiarch}
# A program without a libc that reaches nothing but its stack: with the draft's marks (e_flags 0x65) it is FDPIC.
cat >raw.c <<'C'
int kept = 5, zeroed;
char text[] = "in the data segment";
__attribute__((noinline)) int innermost(volatile int *p, int depth) { *p = depth; return depth + 1; }
__attribute__((noinline)) int middle(volatile int *p, int depth) { return innermost(p, depth + 1) * 2; }
__attribute__((noinline)) int outer(volatile int *p) { return middle(p, 40) + 1; }
void _start(void) { outer((int *)0x10); for (;;); }
C
"$B/sdk/bin/flat32-cc" -g -O1 -fno-stack-protector -nostdlib -nostartfiles -static-pie -Wl,-e,_start raw.c -o raw || exit 2
printf '\145' | dd of=raw bs=1 seek=36 conv=notrunc 2>/dev/null

has() {
	grep -q -- "$1" "$2"
}
hasnot() {
	! grep -q -- "$1" "$2"
}
ok "inspect: an FDPIC file" sh -c '"$0" inspect raw | grep -q "FDPIC: each segment at a place of its own"' "$FLAT32"
for seed in 1 2 3; do
	rm -rf cores; mkdir cores
	"$FLAT32" run --scatter $seed --core-dir cores ./raw 2>err
	same "a crash, scattered by $seed" $? 139
	"$FLAT32" inspect --gdb cores/core.raw.* >cmds 2>err2
	if command -v "$GDB" >/dev/null; then
		timeout 60 "$GDB" -nx -batch -ex 'set width 0' -x cmds -ex bt -ex 'p kept' -ex 'p text' -ex 'p &zeroed' >gdb.out 2>&1
		same "the backtrace" "$(sed -n 's/^#\([0-3]\) .* in \([a-z_]*\) .*/\1 \2/p' gdb.out | sort -u | tr '\n' ' ')" \
			"0 innermost 1 middle 2 outer 3 _start "
		# lld puts .bss where the data segment's file bytes end: 0x6c in memory, its last four bytes.
		ok "and the data segment" sh -c 'grep -q "^\$1 = 5" gdb.out && grep -q "in the data segment" gdb.out && grep -q "<zeroed>" gdb.out'
	else
		skip 2 "no $GDB"
	fi
done
ok "the log says how" has 'flat32 inspect --gdb CORE' err
"$FLAT32" inspect --gdb raw >out 2>err; same "what is no core file: 126" $? 126
ok "and why" has 'raw: it is no core file' err
"$FLAT32" inspect --gdb nothere >out 2>err; same "none at all: 127" $? 127
mv raw moved
"$FLAT32" inspect --gdb cores/core.raw.* >out 2>err; same "the program is gone: 126" $? 126
"$FLAT32" inspect --gdb cores/core.raw.* moved >out 2>err; same "it is named: 0" $? 0
finish
