#!/bin/sh
# --log with categories, --log help, --log-file.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 15
boot() { "$FLAT32" boot "$@" --exec 'true; mkdir /tmp/m; mount -t tmpfs x /tmp/m; umount /tmp/m; sleep 0.01; kill -TERM $$' \
	"$B/rootfs.cpio.gz" >out 2>err </dev/null; }
has() { ok "$1" grep -q -- "$1" err; }

"$FLAT32" run --log help >out; same "help" $? 0
ok "lists the categories" grep -q '^mm  *mappings' out
"$FLAT32" run --log mm,none x 2>err; same "a mistake: 125" $? 125
ok "and which" grep -q "'none' is neither a level" err
boot; same "without it nothing is said" "$(grep -c '^flat32: \[' err)" 0
boot --log task,exec,signal,fs
has '^flat32: \[[0-9]*\.[0-9]*\] exec: sh\[[0-9]*\]: /bin/sh'
has 'task: sh\[[0-9]*\]: clone(0x[0-9a-f]*): [0-9]'
has 'task: sh\[[0-9]*\]: ends'
has 'signal: sh\[[0-9]*\]: SIGTERM'
has 'fs: .*tmpfs is mounted on /tmp/m'
boot --log mm:debug; has 'mm: sh\[[0-9]*\]: mmap'
ok "nothing of others" sh -c '! grep -q "exec: " err'
boot --log sched:debug; has 'sched: sh\[[0-9]*\]'
boot --log all:debug --log-file log; ok "--log-file" grep -q ' mm: ' log
same "stderr stays free" "$(cat err)" ""
finish
