#!/bin/sh
# Fetch and unpack the sources of the test suites, from Debian's source packages.
#
#   sources.sh DIR NAME=VERSION...	environment: DL, where fetched files are kept; LOG
#
# DIR/NAME is the unpacked source of each, with Debian's patches. BusyBox, Lua and SQLite are not asked for here: they are
# there for the default image and the benchmarks.
set -u
top=${0%/*}/../..
src=$1
shift
dl=${DL:-build/dl}
# shellcheck source=guest-rootfs/step.sh
. "$top/guest-rootfs/step.sh"

# unpack NAME...: the newest that was fetched; dpkg-source checks the files against the .dsc, which apt has checked
unpack() {
	rm -rf "$src" && mkdir -p "$src" || return 1
	for name; do
		dsc=$(for f in "$dl/${name%%=*}"_*.dsc; do
			echo "$(sed -n 's/^Version: //p' "$f" | head -n 1) $f"
		done | sort -V | tail -n 1 | cut -d' ' -f2)
		dpkg-source --no-copy -x "$dsc" "$src/${name%%=*}" || return 1
	done
}

step 1/2 'fetching the sources of the test suites' suites-fetch 0 "$top/guest-rootfs/fetch-source.sh" "$dl" "$@"
step 2/2 'unpacking them' suites-sources 0 unpack "$@"
