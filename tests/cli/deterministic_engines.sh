#!/bin/sh
# timeout: 120
# --deterministic: the JIT and the interpreter make the same run, system call for system call and to the last
# instruction: the virtual clock counts instructions, tasks are switched on their number.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
guests='thread_sync thread_cancel signal_action signal_queue signal_restart time_timers time_clocks futex_pi poll_wait
	process_wait sem_ops mqueue_basic wait_limit ptrace_step ptrace_signals'
# shellcheck disable=SC2086
plan $((2 + 2 * $(echo $guests | wc -w)))

# both NAME ARGUMENT...: runs the command on both engines
both() {
	name=$1 command=$2
	shift 2
	for engine in interp jit; do
		"$FLAT32" "$command" --engine $engine --deterministic --strace -o "$engine.trace" "$@" \
			>"$engine.out" 2>&1 </dev/null
		echo "status $?" >>"$engine.out"
	done
	ok "$name: the same output" cmp interp.out jit.out
	ok "$name: the same system calls" cmp interp.trace jit.trace
}

for guest in $guests; do
	both "$guest" run "$B/guest-tests/$guest"
done

# Pipelines, timers, signals, and loops long enough to be translated and to be interrupted in the middle.
both boot boot --exec '
for i in 1 2 3 4 5; do seq 1 300 | sort -r | awk "{ s += \$1 * NR } END { print s }"; done
i=0; while [ $i -lt 400 ]; do i=$((i + 1)); done; echo $i
dd if=/dev/urandom bs=1k count=20 2>/dev/null | gzip | md5sum
(sleep 2; echo late) & sleep 1; echo early; wait
trap "echo alarmed" ALRM; (sleep 1; kill -ALRM $$) & n=0; while [ $n -lt 3000 ]; do n=$((n + 1)); done; wait; wait
yes | head -n 2000 | wc; find / -name "*e*" | grep -c .; top -b -n 2 -d 1 | tail -3; cat /proc/uptime' "$B/rootfs.cpio.gz"
finish
