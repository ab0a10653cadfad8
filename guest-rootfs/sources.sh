#!/bin/sh
# Fetch and unpack the guest's sources (musl, BusyBox) into build/src.
#
#   sources.sh DIR		environment: DL, where fetched files are kept; LOG

set -u
here=${0%/*}
src=$1
dl=${DL:-build/dl}
# shellcheck source=guest-rootfs/step.sh
. "$here/step.sh"

# musl before 1.2.5 has no riscv32. The epoch is Debian's.
musl=musl=1.2.5
busybox=busybox=1:1.35

newest() {
	for f in "$dl/$1"_*.dsc; do
		echo "$(sed -n 's/^Version: //p' "$f" | head -n 1) $f"
	done | sort -V | tail -n 1 | cut -d' ' -f2
}

unpack() {
	rm -rf "$src"
	mkdir -p "$src"
	for name in musl busybox; do
		# checks the files against the .dsc, which apt has checked
		dpkg-source --no-copy -x "$(newest $name)" "$src/$name" || return 1
	done
	cp -R "$here/musl/." "$src/musl/"
}

step 1/5 'fetching the sources of musl and BusyBox' fetch 0 "$here/fetch-source.sh" "$dl" "$musl" "$busybox"
step 2/5 'unpacking them' unpack 0 unpack
