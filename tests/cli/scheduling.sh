#!/bin/sh
# Scheduling on a virtual clock, where one instruction is one ns: who gets how much, who waits how long; and what an idle
# machine costs the host.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 17
image=$B/rootfs.cpio.gz
crowd() { timeout 120 "$FLAT32" run --deterministic "$B/guest-tests/helpers/crowd" "$@" 2>err; }
between() { [ "${1:-0}" -ge "$2" ] && [ "$1" -le "$3" ]; }

# A slice is a million instructions.
n=$(crowd sleep 1000); ok "beside 1000 that compute a sleeper is late by a slice at most ($n us)" between "$n" 0 1100
n=$(crowd pipe 1000); ok "and so is a reader of a pipe ($n us)" between "$n" 0 1100
n=$(crowd sleep 1); ok "beside one it is the same ($n us)" between "$n" 0 1100

# shares WHAT LOW HIGH ARGUMENTS...: what the first of two gets, in thousandths
shares() {
	what=$1 low=$2 high=$3
	shift 3
	n=$(crowd "$@")
	ok "$what ($n)" between "${n%% *}" "$low" "$high"
}
shares "nice 0 and 5: 1024 to 335" 748 760 share 0 0 0 5
shares "nice 0 and 0: half each" 495 505 share 0 0 0 0
shares "nice -5 and 5: 3121 to 335" 895 910 share 0 -5 0 5
shares "nice 0 and 19: 1024 to 15" 980 990 share 0 0 0 19
shares "SCHED_BATCH is as good as SCHED_OTHER" 495 505 share 3 0 0 0
shares "SCHED_IDLE gets what is left: 3 to 1024" 1 5 share 5 0 0 0
shares "SCHED_FIFO leaves a twentieth" 940 960 share 1 5 0 0
shares "SCHED_RR takes turns" 450 550 share 2 5 2 5
shares "but not with a lower priority" 995 1000 share 2 6 2 5
shares "SCHED_DEADLINE has its runtime and no more" 190 210 deadline

same "an hour's sleep is no load" \
	"$(timeout 60 "$FLAT32" boot --deterministic --exec 'sleep 3600; cut -d" " -f1-3 /proc/loadavg' "$image" </dev/null)" \
	"0.00 0.00 0.00"

# What it costs the host, in us, when for two seconds nothing happens; of all threads.
used() { cat /proc/"$1"/task/*/schedstat | awk '{ n += $1 } END { printf "%d\n", n / 1000 }'; }
idle() {
	sleep 1
	before=$(used "$1")
	sleep 2
	echo $(($(used "$1") - before))
}
if [ -r /proc/self/schedstat ]; then
	"$FLAT32" run "$B/busybox/busybox" sleep 60 </dev/null & pid=$!
	n=$(idle $pid); kill $pid
	ok "a program that sleeps takes less than 1 ms of 2 s ($n us)" between "$n" 0 999
	mkfifo keyboard
	"$FLAT32" boot "$image" <keyboard >/dev/null 2>&1 & pid=$!
	exec 9>keyboard
	n=$(idle $pid); exec 9>&-; kill $pid
	ok "and so does a shell that waits for a key ($n us)" between "$n" 0 999
	"$FLAT32" run "$B/guest-tests/helpers/crowd" asleep 1000 </dev/null & pid=$!
	n=$(idle $pid); kill $pid
	ok "and 1000 tasks that wait for each other ($n us)" between "$n" 0 999
else
	skip 3 "the host does not say what its threads use"
fi
finish
