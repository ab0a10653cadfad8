#!/bin/sh
# Each host allocation, host call and page allocation inside the system calls fails, once each: an errno, and nothing is
# left behind. The guest programs arm the failures themselves (tests/guest/nth.h); by hand: fail_calls.sh files pipe splice.
# timeout: 300, beside: yes
. "${0%/*}/lib/tap.sh"
INJECT=$O/flat32-inject
parts='files mounts memory process net event rest disks'
if [ $# -gt 0 ]; then
	parts=$1
	shift
fi
only=$*
cd "$TMPDIR" || exit 2

mkdir -p root
printf '#!/bin/sh\nexit 0\n' >root/script
chmod +x root/script
for part in $parts; do
	cp "$B/guest-tests/helpers/fail_$part" root/
done
"$B/../guest-rootfs/mkimage" "$B/rootfs" root image.cpio.gz >/dev/null || { echo "Bail out! no image"; exit 2; }

mkdir -p tree/folder
head -c 100000 "$B/guest-tests/helpers/fail_files" >tree/folder/file
if ! { mke2fs -q -t ext2 -d tree ext2.img 2M && "$B/mkrom" tree disk.romfs && "$B/mkrom" -x none tree disk.cramfs; } >/dev/null 2>&1; then
	echo "Bail out! no disks"
	exit 2
fi

plan $((3 * $(echo "$parts" | wc -w) + 3))

# run NAME PROGRAM OPTIONS...
run() {
	part=$1 program=$2
	shift 2
	# The interpreter: translations would be allocations too, other ones each time.
	timeout 120 "$INJECT" boot --engine interp --log 0 "$@" --exec "$program $only" image.cpio.gz >out 2>&1 </dev/null
	same "fail_$part: status" $? 0
	sed -n 's/^not ok/# &/p; /^# .*\(fails\|end\)/p; /inject:/s/^/# /p; /Sanitizer/s/^/# /p' out
	ok "fail_$part: no case left anything behind or gave a strange errno" [ -z "$(grep -E '^(not ok|Bail)|Sanitizer' out)" ]
	ok "fail_$part: $(sed -n 's/^# \([0-9]* failures\)$/\1/p' out) were made" grep -q '^# [1-9][0-9]* failures' out
}

for part in $parts; do
	case $part in
	disks) set -- --flash :256K:64K --flash-time 1 --disk ext2.img --disk disk.romfs:ro --disk disk.cramfs:ro ;;
	*) set -- ;;
	esac
	run "$part" "/fail_$part" "$@"
done
# The same on a folder of the host, which asks the host for more.
mkdir share
run "${parts%% *}, in a share" "/fail_${parts%% *}" --share share:/tmp
finish
