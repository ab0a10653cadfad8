#!/bin/sh
# --deterministic: whatever the guest loops in, SIGTERM ends it.
# engines: all, beside: yes
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
loops='busy call sleep poll yield pingpong timer register flash block'
plan 20

mkdir -p root/bin
cp "$B/guest-tests/helpers/loop" root/bin/
"$B/../guest-rootfs/mkimage" "$B/rootfs" root image.cpio.gz >/dev/null || { echo "Bail out! no image"; exit 2; }

# ends HOW LOOP ARGUMENTS...: begins, and is ended; a hang is the shell's 137
ends() {
	how=$1 loop=$2
	shift 2
	case $loop in
	register) set -- --uio rtc0 "$@" ;;
	flash | block) set -- --flash :256K:64K --flash-time 100 "$@" ;;
	esac
	timeout -k 10 20 "$FLAT32" "$how" --deterministic "$@" >out 2>err </dev/null &
	pid=$!
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		grep -q begin out && break
		sleep 0.2
	done
	sleep 0.2
	kill -TERM "$pid"
	wait "$pid"
	same "$how: $loop" "$?" 143
}

for loop in $loops; do
	ends run "$loop" "$B/guest-tests/helpers/loop" "$loop"
	ends boot "$loop" --exec "loop $loop" image.cpio.gz
done
finish
