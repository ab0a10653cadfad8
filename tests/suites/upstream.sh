#!/bin/sh
# Fetch and unpack upstream's part of a source package, for a suite that needs nothing of Debian's.
#
#   upstream.sh DIR NAME=VERSION	environment: DL, where fetched files are kept; LOG
set -u
top=${0%/*}/../..
out=$1
name=${2%%=*}
dl=${DL:-build/dl}
# shellcheck source=guest-rootfs/step.sh
. "$top/guest-rootfs/step.sh"
export UPSTREAM=yes

unpack() {
	rm -rf "$out" && mkdir -p "$out" &&
		tar -C "$out" --strip-components=1 -xf "$(printf '%s\n' "$dl/${name}_"*.orig.tar.*z* | grep -v '\.asc$' | sort -V | tail -n 1)"
}

step 1/2 "fetching $name" "suites-$name-fetch" 0 "$top/guest-rootfs/fetch-source.sh" "$dl" "$2"
step 2/2 'unpacking it' "suites-$name-source" 0 unpack
