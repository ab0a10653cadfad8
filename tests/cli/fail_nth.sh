#!/bin/sh
# Every host allocation and call of a run fails once, one run each: an error message or a guest's errno, never a crash.
# timeout: 400, beside: yes
. "${0%/*}/lib/tap.sh"
peer=$(cd "${0%/*}/../guest/helpers" && pwd)/peer.c
cd "$TMPDIR" || exit 2
plan 19
INJECT=$O/flat32-inject
most=${FAIL_MOST:-400}

# sweep NAME COMMAND...: runs it with each call from the $first on failing (evenly spread ones when there are more than $most)
first=1
sweep() {
	name=$1
	shift
	FLAT32_FAIL_COUNT=count timeout 60 "$@" >out 2>err </dev/null
	same "$name: runs when nothing fails" $? 0
	total=$(cat count)
	step=$(((total - first + most) / most))
	[ $step -gt 0 ] || step=1
	n=$first crashes=0 refused=0 survived=0
	while [ $n -le "$total" ]; do
		FLAT32_FAIL=$n timeout 60 "$@" >out 2>err </dev/null
		status=$?
		# A program of the guest's may be out of luck: the emulator says so, and is not.
		[ $status != 139 ] || ! grep -q '^flat32: .*unhandled signal' err || status=1
		case $status in
		0) survived=$((survived + 1)) ;;
		124 | 134 | 135 | 136 | 139)
			crashes=$((crashes + 1))
			echo "# $name: failing call $n gives status $status: $(tail -n 1 err | cut -c 1-150)" ;;
		*)
			refused=$((refused + 1))
			if grep -q 'Sanitizer' err; then
				crashes=$((crashes + 1))
				echo "# $name: failing call $n: $(grep -m 1 Sanitizer err)"
			fi ;;
		esac
		n=$((n + step))
	done
	same "$name: no crash, no hang in $((survived + refused + crashes)) runs of $total calls" $crashes 0
	ok "$name: $refused failures were reported" [ $refused -gt 0 ]
}

cat >hello.c <<'C'
#include <stdio.h>
int main(void) { return puts("hello") < 0; }
C
"$FLAT32_CC" -O1 -o hello hello.c || { echo "Bail out! cannot build the guest program"; exit 2; }
sweep run "$INJECT" run ./hello
sweep boot "$INJECT" boot --exec 'ls -l /bin | wc -l; cat /proc/meminfo | head -n 3; echo done' "$B/rootfs.cpio.gz"

# A flash, and a guest that drives it.
sweep flash sh -c 'rm -f flash; exec "$@"' - "$INJECT" run --flash flash:1M:64K "$B/guest-tests/helpers/flash_writer" time
sweep display sh -c 'rm -rf frames shot.png; exec "$@"' - "$INJECT" run --display 64x48,headless --screenshot shot.png --record frames \
	"$B/guest-tests/helpers/fb_flip" 2

# A server of this host's, and the guest's connections to it.
gcc -O2 -pthread -o peer "$peer" || exit 2
./peer serve 0 600 >port &
server=$!
while [ ! -s port ] && kill -0 $server; do
	sleep 0.1
done
FLAT32_FAIL_COUNT=count "$INJECT" run "$B/guest-tests/helpers/peer" >/dev/null 2>&1
first=$(($(cat count) / 2))
sweep "--net user" "$INJECT" run --net user "$B/guest-tests/helpers/peer" many 10.0.2.2 "$(cat port)" 2
kill $server
first=1

# What comes before the commands is in the sweep above.
mkdir share outside
echo canary >outside/canary
cat >files <<'SH'
cd /mnt/share && mkdir d && echo one >d/a && echo two >>d/a && ln d/a b && ln -s a d/c && mv b e && mkfifo d/p && cp e f || bad=1
ls -lR . ; cat d/a d/c e f; chmod 600 f; chown 1:1 f; touch -d @1000000000 f; truncate -s 3 f; df . ; cp /bin/busybox true && ./true || bad=1
: >f; cat ../share/nothere; mv -f e f; rmdir d; find . | wc -l; rm -rf /mnt/share/* || bad=1; ls; exit ${bad:-0}
SH
FLAT32_FAIL_COUNT=count "$INJECT" boot --share share --exec true "$B/rootfs.cpio.gz" >/dev/null
first=$(cat count)
sweep share sh -c 'rm -rf share/*; exec "$@"' - "$INJECT" boot --share share --exec "$(cat files)" "$B/rootfs.cpio.gz"
# What failed may be left, what was removed is gone; nothing is anywhere else.
same "nothing beside the share" "$(ls outside; cat outside/canary)" "canary
canary"
finish
