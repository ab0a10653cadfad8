#!/bin/sh
# --deterministic: the same command gives the same run, call for call, whatever the host is like and on each engine.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 8

commands='for i in 1 2 3; do ls -l /proc/self/fd | wc -l; date; sleep 1; done
top -b -n 2 -d 1; cat /proc/sys/kernel/random/uuid /proc/uptime; ps; (sleep 5; echo late) & sleep 1; echo early; wait
dd if=/dev/urandom bs=64 count=1 2>/dev/null | md5sum'

# go NAME [OPTIONS...]
go() {
	name=$1
	shift
	"$FLAT32" boot --deterministic "$@" -o "trace.$name" --exec "$commands" "$B/rootfs.cpio.gz" >"out.$name" 2>&1 </dev/null
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
go interp --engine interp; same "interpreted only" $? 0
ok "the same output as translated" cmp -s out.1 out.interp
ok "and the same system calls" cmp -s trace.1 trace.interp
"$FLAT32" boot --exec 'cat /proc/sys/kernel/random/uuid' "$B/rootfs.cpio.gz" >a
"$FLAT32" boot --exec 'cat /proc/sys/kernel/random/uuid' "$B/rootfs.cpio.gz" >b
ok "without it two runs differ" test "$(cat a)" != "$(cat b)"
finish
