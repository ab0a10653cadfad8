#!/bin/sh
# --deterministic: the same command gives the same run, call for call, whatever the host is like.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 5

commands='for i in 1 2 3; do ls -l /proc/self/fd | wc -l; date; sleep 1; done
top -b -n 2 -d 1; cat /proc/sys/kernel/random/uuid /proc/uptime; ps; (sleep 5; echo late) & sleep 1; echo early; wait
dd if=/dev/urandom bs=64 count=1 2>/dev/null | md5sum'

go() {
	"$FLAT32" boot --deterministic -o "trace.$1" --exec "$commands" "$B/rootfs.cpio.gz" >"out.$1" 2>&1 </dev/null
}

go 1; same "the first run" $? 0
sleep 1.1
# Another time of day, another folder, another load on the host.
(while :; do :; done) & busy=$!
mkdir elsewhere && cd elsewhere && go 2; same "the second" $? 0
kill $busy
cd ..
ok "the same output" cmp -s out.1 elsewhere/out.2
ok "the same system calls" cmp -s trace.1 elsewhere/trace.2
"$FLAT32" boot --exec 'cat /proc/sys/kernel/random/uuid' "$B/rootfs.cpio.gz" >a
"$FLAT32" boot --exec 'cat /proc/sys/kernel/random/uuid' "$B/rootfs.cpio.gz" >b
ok "without it two runs differ" test "$(cat a)" != "$(cat b)"
finish
