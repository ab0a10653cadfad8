#!/bin/sh
# Two thousand processes, one after the other, leave everything as it was: guest memory, open files, host memory.
# engines: all
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 4

# host_memory N: resident kilobytes of the emulator after N children
host_memory() {
	mkfifo in out
	"$FLAT32" run "$B/guest-tests/helpers/spawner" "$1" <in >out &
	exec 3>in 4<out
	read -r line <&4
	echo "$line" >"result.$1"
	rss=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' /proc/$!/status)
	echo go >&3
	exec 3>&- 4<&-
	wait $!
	echo $? >"status.$1"
	rm -f in out
}

# The first two thousand fill the hart's cache of decoded blocks; the next two show what is left behind.
host_memory 2000
few=$rss
host_memory 4000
many=$rss
same "the run ends well" "$(cat status.2000)" 0
same "guest memory and open files are as before" "$(cat result.2000)" "memory 0 files 0"
ok "the host's memory is known ($few kB, $many kB)" [ "${few:-0}" -gt 0 ]
if nm "$FLAT32" 2>/dev/null | grep -q __asan_init; then
	skip 1 "AddressSanitizer keeps freed memory for a while"
else
	ok "2000 more processes cost the host less than 256 kB" [ $((many - few)) -lt 256 ]
fi
finish
