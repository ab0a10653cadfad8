#!/bin/sh
# Namespaces, as BusyBox's nsenter sees them.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 7

mkdir -p root/bin root/mnt
cp "$B/guest-tests/helpers/unshare" root/bin/
"$B/../guest-rootfs/mkimage" "$B/rootfs" root image.cpio.gz >/dev/null || { echo "Bail out! no image"; exit 2; }

# Somebody has a mount and a name of his own; visit does something meanwhile.
visit() {
	timeout 20 "$FLAT32" boot --exec "unshare -m -u sh -c 'mount -t tmpfs mine /mnt; touch /mnt/file; hostname inside; sleep 2' &
	sleep 0.5; $1; kill \$!" image.cpio.gz </dev/null 2>err
}

same "outside, nothing of it is seen" "$(visit 'ls /mnt; hostname')" flat32
same "nsenter -m: its mounts" "$(visit 'nsenter -t $! -m ls /mnt; nsenter -t $! -m hostname' | tr '\n' ' ')" "file flat32 "
same "nsenter -u: its name" "$(visit 'nsenter -t $! -u hostname; nsenter -t $! -u ls /mnt')" inside
same "nsenter of both" "$(visit 'nsenter -t $! -m -u sh -c "hostname; ls /mnt; grep -c ^mine /proc/mounts"' | tr '\n' ' ')" "inside file 1 "
same "nsenter by a file" "$(visit 'nsenter --mount=/proc/$!/ns/mnt ls /mnt')" file
same "/proc/PID/mounts is its own" "$(visit 'grep -c ^mine /proc/mounts /proc/$!/mounts' | sed 's/.*://' | tr '\n' ' ')" "0 1 "
same "the links: other numbers" "$(visit 'for l in /proc/self/ns/* /proc/$!/ns/*; do readlink $l; done' | sort -u | wc -l)" 4
finish
