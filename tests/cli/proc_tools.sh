#!/bin/sh
# BusyBox's tools that live on /proc tell the truth.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 27
image=$B/rootfs.cpio.gz

run() { timeout 20 "$FLAT32" boot --exec "$1" "$image" </dev/null 2>err; }

# Two that sleep, one that is stopped, one that computes, one that is dead and not yet waited for.
cat >busy.sh <<'S'
sleep 50 & sleep 51 & sleep 52 &
kill -STOP $!
(while :; do :; done) & spin=$!
sleep 1
S
with() { run "$(cat busy.sh)
$1
kill -9 \$spin; killall -9 sleep"; }

with 'ps -o pid,ppid,stat,comm,args' >out
same "ps: both sleepers" "$(grep -c ' S  *sleep  *sleep 5[01]$' out)" 2
same "ps: the stopped one is T" "$(grep -c ' T  *sleep  *sleep 52$' out)" 1
ok "ps: the busy one is R" grep -q ' R .* sh ' out
ok "ps: itself, with its arguments" grep -q 'ps  *ps -o pid,ppid,stat,comm,args' out
with 'ps -o pid,vsz,rss,comm' >out
ok "ps: sizes" [ "$(awk '$4 == "sleep" && $2 >= 100 && $3 >= 100' out | wc -l)" -eq 3 ]
with 'ps -o time,comm | grep sh; cat /proc/$spin/stat' >out
ok "the busy one has used most of a second" [ "$(awk '/^[0-9]+ \(sh\)/ && $14 > n { n = $14 } END { print n + 0 }' out)" -ge 60 ]
with 'top -b -n 2 -d 1' >out
ok "top: the processor is busy" [ "$(sed -n 's/^CPU: *\([0-9]*\).*usr.*/\1/p' out | tail -1)" -ge 80 ]
ok "top: and by whom" grep -Eq ' R .*([6-9][0-9]|100)\.[0-9] sh ' out
same "pgrep" "$(with 'pgrep sleep | wc -l')" 3
same "pgrep -f" "$(with 'pgrep -f "^sleep 51" | wc -l')" 1
same "pidof" "$(with 'pidof sleep | wc -w')" 3
same "killall" "$(with 'killall sleep; sleep 0.2; pgrep sleep | wc -l' | tail -1)" 1
same "pkill of the stopped one, too" "$(with 'pkill -9 sleep; sleep 0.2; pgrep sleep | wc -l')" 0
same "uptime" "$(run 'sleep 2; uptime' | grep -c 'up 0 min.*load average: [0-9.]*, [0-9.]*, [0-9.]*$')" 1
same "a busy machine's load grows" "$(run '(while :; do :; done) & sleep 6; cut -c1-4 /proc/loadavg; kill -9 $!' | awk '{ print ($1 > 0.05 && $1 < 1.1) }')" 1

run 'free -k; sed -n "s/MemTotal: *//p; s/MemFree: *//p" /proc/meminfo' >out
same "free: total" "$(awk '/^Mem:/ { print $2 }' out)" "$(sed -n '3p' out | cut -d' ' -f1)"
same "a RAM disk of 2 MiB is in Buffers" \
	"$(timeout 20 "$FLAT32" boot --ramdisk 2M --exec 'grep Buffers /proc/meminfo' "$image" </dev/null)" "Buffers:            2048 kB"
run 'head -c 4000000 /dev/zero >/tmp/file; sed -n "s/^Cached: *//p; s/^Shmem: *//p" /proc/meminfo' >shmem
same "what memory files hold is Cached and Shmem" "$(sort -u shmem | grep -vc '^0')" 1
same "with --compat there is no Shmem" \
	"$(timeout 20 "$FLAT32" boot --compat linux-6.12 --exec 'grep Shmem: /proc/meminfo' "$image" </dev/null)" "Shmem:                 0 kB"
run 'head -c 4000000 /dev/zero >/tmp/file; free -k' >after
ok "free: a file in memory takes its size" [ $(($(awk '/^Mem:/ { print $4 }' out) - $(awk '/^Mem:/ { print $4 }' after))) -ge 3900 ]
same "mount" "$(run 'mount' | grep -c '^proc on /proc type proc (rw')" 1
same "df" "$(run 'df /tmp' | awk 'END { print $NF }')" /tmp
same "umount" "$(run 'mkdir /m; mount -t tmpfs x /m; grep -c "^x /m " /proc/mounts; umount /m; grep -c "^x /m " /proc/mounts' | tr '\n' ' ')" "1 0 "
same "lsof" "$(run 'exec 9>/tmp/held; lsof | grep -c "/tmp/held"' | awk '{ print ($1 >= 1) }')" 1
same "fuser" "$(run 'sleep 5 9>/tmp/held & sleep 0.2; [ "$(fuser /tmp/held | tr -d " ")" = $! ] && echo same; kill $!')" same
same "/dev/stdin, /dev/fd and a pipe" "$(run 'echo x | cat /dev/stdin; echo y | cat /proc/self/fd/0' | tr '\n' ' ')" "x y "
same "pstree" "$(run 'sh -c "sleep 3 & sleep 0.3; pstree \$\$"' | grep -c 'sh-+-pstree\|sh-.-.*sleep')" 1
finish
