#!/bin/sh
# run.sh FLAT32 IMAGE ACCESSES [SEED] [EACH]: random loads and stores in the windows of all devices, and random lives of descriptors
# of all nodes in /dev (a tenth as many), until ACCESSES are made, EACH (100000) a machine, every machine with a seed of its own.
#
# What must not be: a report of a sanitizer, a signal of the host, a machine that hangs, kernel records that are wrong
# (--self-check), or a guest that finds anything but values, SIGSEGV and SIGBUS. A failure says which seed; the same seed is the
# same run (--deterministic). ENGINE=interp: without the JIT.
set -u
name=$0 flat32=$(realpath "$1") image=$(realpath "$2") accesses=$3 seed=${4:-1} each=${5:-100000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
cd "$folder" || exit 2
ulimit -c 0
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"

# Every device this build has an option for.
options="--ramdisk 1M${ENGINE:+ --engine $ENGINE}"
known=$("$flat32" boot --help)
with() {
	case $known in
	*"--$1 "* | *"--$1["*) options="$options --$1 $2" ;;
	esac
}
with display 320x200x16,headless
with flash "$folder/flash.img:1M"
with disk "$folder/disk.img"
with mtdparts 'flash0:256K(boot)ro,512K(data),100K(odd),-(rest)'
with audio "$folder/sound.wav"
with input "$folder/user"

# A user who is busy all the time, so that there is something to read on the input devices and terminals.
awk 'BEGIN {
	split("a up leftshift f1 enter capslock leftalt+f2 leftalt+f1 leftctrl+c btn_left kp1 102nd", keys, " ")
	srand(1)
	for (i = 0; i < 2000; i++) {
		print "wait 0.01"
		r = int(rand() * 4)
		if (r == 0) print "press " keys[1 + int(rand() * 12)]
		if (r == 1) print "move " int(rand() * 400 - 200) " " int(rand() * 400 - 200)
		if (r == 2) print "touch " int(rand() * 10) " " int(rand() * 320) " " int(rand() * 200)
		if (r == 3) print "lift " int(rand() * 10)
	}
}' >user

fail() {
	echo "not ok: seed $seed: $1"
	tail -c 6000 out | sed 's/^/# /'
	echo "# again: $name FLAT32 IMAGE $each $seed $each"
	exit 1
}

made=0 machines=0
while [ "$made" -lt "$accesses" ]; do
	# Each fourth has some of them without their drivers.
	left=
	[ $((seed % 4)) != 3 ] || left="--uio rtc0 --uio flash0"
	rm -f flash.img disk.img
	truncate -s 1M disk.img
	# shellcheck disable=SC2086
	timeout -k 5 "${LIMIT:-240}" "$flat32" boot $options $left -m 16M --deterministic --self-check --log emerg \
		--exec "$seed $each $((each / 10))" "$image" >out 2>&1 </dev/null
	status=$?
	grep -aq 'Sanitizer\|runtime error:' out && fail "a report"
	grep -aq 'self-check:' out && fail "kernel records"
	case $status in
	124 | 137) fail "it does not end" ;;
	0) ;;
	*) fail "status $status" ;;
	esac
	grep -q '^done: ' out || fail "it ended early"
	made=$((made + each)) machines=$((machines + 1)) seed=$((seed + 1))
done
sed -n 's/^/# /p' out
echo "ok: $made accesses, $machines machines"
