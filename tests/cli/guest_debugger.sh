#!/bin/sh
# ptrace(2) as its users know it: a debugger inside of the guest, strace's lines, --compat, and requests without sense.
# engines: all
. "${0%/*}/lib/tap.sh"
recorded=$(cd "${0%/*}/../conformance/recorded" && pwd)
cd "$TMPDIR" || exit 2
plan 18
helpers=$B/guest-tests/helpers

"$FLAT32" run "$helpers/debugger" "$helpers/debuggee" inner 6 >out 2>&1
same "the debugger's end" $? 0
same "stops at a function, walks up its callers, takes steps, and lets it end" "$(cat out)" "breakpoint: inner, argument 18
#0 inner
#1 in middle
#2 in main
6 steps, 6 moves
it ends with 42"
"$FLAT32" run --deterministic "$helpers/debugger" "$helpers/debuggee" middle 20 >first 2>&1
"$FLAT32" run --deterministic "$helpers/debugger" "$helpers/debuggee" middle 20 >second 2>&1
same "a step is one instruction" "$(sed -n '/steps/p' first)" "20 steps, 20 moves"
ok "the same each time" cmp first second

# --- As strace shows it ---
"$FLAT32" run --strace -o trace "$helpers/debugger" "$helpers/debuggee" inner 2 >out
shown() {
	ok "strace: $1" grep -qE "$1" trace
}
shown 'ptrace\(PTRACE_TRACEME\) += 0'
shown 'si_code=CLD_TRAPPED, si_pid=[0-9]+, si_uid=0, si_status=SIGTRAP'
shown 'ptrace\(PTRACE_GETFDPIC, [0-9]+, PTRACE_GETFDPIC_EXEC, \[0x[0-9a-f]+\]\) = 0'
shown 'ptrace\(PTRACE_POKETEXT, [0-9]+, 0x[0-9a-f]+, 0x[0-9a-f]+\) = 0'
shown 'ptrace\(PTRACE_GETREGSET, [0-9]+, NT_PRSTATUS, \[\{iov_base=0x[0-9a-f]+, iov_len=128\}\]\) = 0'
shown 'ptrace\(PTRACE_SINGLESTEP, [0-9]+, NULL, 0\) += 0'
shown 'ptrace\(PTRACE_CONT, [0-9]+, NULL, 0\) += 0'

# --- What riscv's kernel has not ---
"$FLAT32" run --compat linux-6.12 "$B/guest-tests/ptrace_step" >out 2>&1
same "--compat: no single steps, as recorded of the real kernel" "$(sed -n 's/^\(not \)*ok [0-9]* - /\1ok /p' out)" \
	"$(cat "$recorded/ptrace_step.txt")"
"$FLAT32" run --compat linux-6.12 "$B/guest-tests/ptrace_memory" >out 2>&1
same "--compat: no process_vm_readv" "$(grep -c '^not ok .*process_vm' out)" "$(grep -c '^not ok .*process_vm' \
	"$recorded/ptrace_memory.txt")"

# --- Requests without sense: what comes of them does not matter, as long as all goes on ---
for seed in 1 2 3; do
	"$FLAT32" run "$helpers/ptrace_storm" $seed 4000 >out 2>log
	same "a storm of requests, seed $seed" "$(cat out)" "4000 rounds"
done
"$FLAT32" run --deterministic "$helpers/wait_storm" 1 2000 >out 2>>log
same "a storm of calls that wait, of threads that are traced and killed" "$(cat out)" "2000 rounds"
ok "no sanitizer complains" sh -c '! grep -E "runtime error|Sanitizer" log'
finish
