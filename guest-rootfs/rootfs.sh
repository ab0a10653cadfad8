#!/bin/sh
# Lay out the default root filesystem and pack it.
#
#   rootfs.sh BUSYBOX DIR IMAGE		BUSYBOX is busybox.sh's output; DIR is made anew

set -u
here=${0%/*}
busybox=$1
dir=$2
image=$3
# shellcheck source=guest-rootfs/step.sh
. "$here/step.sh"

all() {
	rm -rf "$dir"
	mkdir -p "$dir" || return 1
	for d in bin sbin usr/bin usr/sbin dev proc sys tmp root mnt etc var/log run; do
		mkdir -p "$dir/$d" || return 1
	done
	cp -R "$here/rootfs/." "$dir/" || return 1
	cp "$busybox/busybox" "$dir/bin/" || return 1
	while read -r link; do
		ln -s /bin/busybox "$dir$link" || return 1
	done <"$busybox/busybox.links"
	ln -s /proc/mounts "$dir/etc/mtab"
	ln -s /proc/net/pnp "$dir/etc/resolv.conf"	# --net user says there who answers for names
	# whatever the umask of the checkout was
	chmod -R u=rwX,go=rX "$dir"
	chmod 1777 "$dir/tmp"
	"$here/mkimage" "$dir" "$image"
}

step 5/5 'making the image' rootfs 0 all
