#!/bin/sh
# Several programs at once map, unmap, share, spawn and exec at random in a full memory (helpers/mm_stress.c), with each
# page allocation strategy: nothing is lost or mixed up, and in the end as much is free as before.
#
# STRESS_STEPS=100000 for a long run.						timeout: 300, beside: yes
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
strategies=$("$FLAT32" run --alloc help | awk '{ print $1 }')
plan $((3 * ($(echo "$strategies" | wc -l) + 2)))

mkdir -p root
cp "$B/guest-tests/helpers/mm_stress" root/stress
cat >root/init.sh <<END
free() {
	{ read -r total; read -r name free unit; } </proc/meminfo
	echo "free \$free"
}
# The shell takes what it needs for itself.
/stress 4 20 || exit
free
/stress 4 ${STRESS_STEPS:-1000} || exit
free
END
"$B/../guest-rootfs/mkimage" "$B/rootfs" root image.cpio.gz >/dev/null || { echo "Bail out! no image"; exit 2; }

# stress NAME OPTION...
stress() {
	name=$1
	shift
	timeout 250 "$FLAT32" boot -m 4M --deterministic --log 1 "$@" --exec '. /init.sh' image.cpio.gz </dev/null >out 2>&1
	same "$name: status" $? 0
	same "$name: contents and errors" "$(grep -v '^free' out)" ""
	set -- $(sed -n 's/^free //p' out)
	same "$name: free in the end as in the beginning" "${2-}" "${1-nothing}"
}

for strategy in $strategies; do
	stress "$strategy" --alloc "$strategy"
done
stress "without trimming" --trim 0
stress "as Linux 6.12" --compat linux-6.12 --env EXEC_KILLS=1
finish
