#!/bin/sh
# The hardware clock and the watchdog, as BusyBox's hwclock, rtcwake and watchdog use them.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
image=$B/rootfs.cpio.gz
plan 9

# in_guest COMMANDS: with a clock of its own, which passes over what is slept through
in_guest() {
	timeout 60 "$FLAT32" boot --deterministic --exec "$1" "$image" </dev/null 2>err
}

same "hwclock -w, -s" "$(in_guest 'date -s 2030-05-06 >/dev/null; hwclock -w; date -s 2020-01-01 >/dev/null; hwclock -s; date +%F')" 2030-05-06
same "hwclock shows it" "$(in_guest 'date -s 2030-05-06 >/dev/null; hwclock -w -u; hwclock -u' | cut -c1-10,20-24)" "Mon May  6 2030"
# rtcwake adds a second, so as not to be late.
same "rtcwake wakes in its time" "$(in_guest 'a=$(date +%s); rtcwake -m on -s 100 >/dev/null; b=$(date +%s); echo $((b - a))')" 101
same "the watchdog's keeper keeps the machine alive" "$(in_guest 'watchdog -F -T 5 -t 1 /dev/watchdog & sleep 100; echo alive')" alive
in_guest 'watchdog -F -T 5 -t 1 /dev/watchdog & sleep 10; kill -9 $!; sleep 100; echo alive' >out
same "without him it ends, with a status of its own" "$? $(cat out)" "142 "
ok "and a line says why" grep -q 'watchdog0: nobody has written for 5 s: reset' err
in_guest 'watchdog -F -T 5 -t 1 /dev/watchdog & sleep 10; kill $!; wait; sleep 100; echo alive; exit 3' >out
same "if he is told to stop, so does the watchdog" "$? $(cat out)" "3 alive"
in_guest 'exec 3>/dev/watchdog; exit 4'
same "the machine's own end comes first" "$?" 4
timeout 20 "$FLAT32" boot --deterministic --dump-devices --exec 'rtcwake -m on -s 60 >/dev/null & exec 3>/dev/watchdog; sleep 2; reboot -f' \
	"$image" </dev/null 2>err
ok "--dump-devices tells of both" sh -c 'grep -q "^  alarm on, interrupt enabled" err && grep -q "^  running, timeout 60 s, 5. s left" err'
finish
