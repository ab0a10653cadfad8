#!/bin/sh
# flat32 inspect --gdb: what a stock gdb makes of the core file of an FDPIC program, whose text and data lie anywhere.
. "${0%/*}/lib/tap.sh"
here=$(cd "${0%/*}" && pwd)
cd "$TMPDIR" || exit 2
plan 31

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

# --- With a libc: static, threads and a crash in a signal handler; and with libraries ---
# frames: the functions of the backtrace in gdb.out that are the program's own
frames() {
	sed -n '/^---/,$s/^#[0-9]* .*\(innermost\|middle\|outer\|main\|deep\|lib_call\|back\|handler\|signal handler called\)\( (.*\|>.*\)*$/\1/p' gdb.out | tr '\n' ' '
}
# debug PROGRAM OPTIONS...: crashes it and has gdb look at the core
debug() {
	program=$1
	shift
	rm -rf cores; mkdir cores
	"$FLAT32" run --crash-report=off --core-dir cores --scatter 9 "$@" "./$program" $arg >out 2>err
	"$FLAT32" inspect --gdb cores/core.* >cmds 2>err2
	timeout 60 "$GDB" -nx -batch -ex 'set width 0' -x cmds -ex 'echo ---\n' -ex bt -ex 'p kept' -ex 'x/s filled' -ex 'info threads' >gdb.out 2>&1
}
if [ -e "$B/sdk/sysroot-fdpic/usr/lib/libc.a" ] && command -v "$GDB" >/dev/null; then
	"$B/sdk/bin/flat32-cc" -mfdpic -static -g -O1 "$here/../guest/helpers/crash.c" -o crash || exit 2
	arg='' debug crash
	same "static: the backtrace" "$(frames)" "innermost middle outer main "
	ok "a variable, which was 2.5" has '^\$1 = 5$' gdb.out
	ok "a string" has 'what a debugger reads from memory' gdb.out
	arg=threads debug crash
	same "a thread: the backtrace" "$(frames)" "innermost middle outer "
	same "three threads" "$(grep -c '^[* ] [123] ' gdb.out)" 3
	cat >handled.c <<'C'
#include <signal.h>
double kept = 1;
char filled[] = "unused";
__attribute__((noinline)) void innermost(volatile int *p) { *p = (int)kept++; }
static void handler(int signo) { innermost((int *)(long)signo); kept++; }
int main(void) { signal(SIGUSR1, handler); raise(SIGUSR1); return 0; }
C
	"$B/sdk/bin/flat32-cc" -mfdpic -static -g -O1 handled.c -o handled || exit 2
	arg='' debug handled
	# gdb 13 looks for the registers in the frame where RV64 has them: with a PIE it goes no further either.
	same "down to a signal handler's frame" "$(frames)" "innermost handler signal handler called "
else
	skip 6 "no libc for FDPIC, or no $GDB"
fi
if [ -e "$B/sdk/sysroot-fdpic/usr/lib/libc.so" ] && command -v "$GDB" >/dev/null; then
	cp "$B/sdk/sysroot-fdpic/usr/lib/libc.so" ld.so
	cat >lib.c <<'C'
int kept = 4;
__attribute__((noinline)) static int deep(volatile int *p, int d) { kept++; *p = d; return *p; }
__attribute__((noinline)) int lib_call(int (*cb)(int), int x, int *p) { for (volatile int i = 0; i < 20000; i++); return x > 3 ? deep(p, x) + 1 : cb(x + 1) + 1; }
C
	cat >main.c <<'C'
#include <stdio.h>
char filled[] = "in the executable";
int lib_call(int (*cb)(int), int x, int *p);
__attribute__((noinline)) static int back(int x) { return lib_call(back, x + 1, (int *)0x10) + 1; }
int main(void) { puts("begins"); return lib_call(back, 1, NULL) + 1; }
C
	"$B/sdk/bin/flat32-cc" -mfdpic -shared -fPIC -g -O1 lib.c -o libdeep.so -Wl,-soname,libdeep.so &&
		"$B/sdk/bin/flat32-cc" -mfdpic -g -O1 main.c -o shared libdeep.so -Wl,-rpath,"$PWD" -Wl,--dynamic-linker="$PWD/ld.so" ||
		exit 2
	arg='' debug shared
	same "with libraries: the backtrace" "$(frames)" "deep lib_call back lib_call back lib_call main "
	ok "a variable of the library" has '^\$1 = 5$' gdb.out
	ok "a string of the executable" has 'in the executable' gdb.out
	"$FLAT32" run ./shared >out 2>err
	ok "the crash report: the library and the line" has 'pc .*<deep+0x.* in libdeep.so> at lib.c:2' err
	"$FLAT32" run --crash-report=off --profile-exact prof ./shared >out 2>err
	ok "--profile-exact: functions of the library" has ' libdeep\.so:lib_call$' prof
	ok "and of libc, by its interpreter's name" has ' ld\.so:' prof
	"$FLAT32" inspect shared >out
	ok "inspect: relocations by type" has '^  relocations .*[1-9] FUNCDESC' out
	ok "the libraries" has '^  libraries  *libdeep.so' out
	mkdir root && cp --parents "$PWD/libdeep.so" root
	rm libdeep.so
	"$FLAT32" inspect --gdb --root root cores/core.* >cmds
	ok "--root: a library from there" has 'add-symbol-file "root/' cmds
else
	skip 9 "no libc.so for FDPIC, or no $GDB"
fi
"$FLAT32" run --crash-report=off --core-dir cores ./raw 2>err

mv raw moved
"$FLAT32" inspect --gdb cores/core.raw.* >out 2>err; same "the program is gone: 126" $? 126
"$FLAT32" inspect --gdb cores/core.raw.* moved >out 2>err; same "it is named: 0" $? 0
finish
