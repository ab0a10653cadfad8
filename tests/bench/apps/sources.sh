#!/bin/sh
# Fetch and unpack the sources of Lua and SQLite for make bench-cpu, and make SQLite's one C file of its many.
#
#   sources.sh DIR		environment: DL, where fetched files are kept; LOG
set -u
top=${0%/*}/../../..
src=$1
dl=${DL:-build/dl}
# shellcheck source=guest-rootfs/step.sh
. "$top/guest-rootfs/step.sh"

# unpack NAME: the newest that was fetched; dpkg-source checks the files against the .dsc, which apt has checked
unpack() {
	for f in "$dl/$1"_*.dsc; do
		echo "$(sed -n 's/^Version: //p' "$f" | head -n 1) $f"
	done | sort -V | tail -n 1 | cut -d' ' -f2 | xargs -I{} dpkg-source --no-copy -x {} "$src/$1"
}

all() {
	rm -rf "$src" && mkdir -p "$src" && unpack lua5.4 && unpack sqlite3 || return 1
	# Debian's Lua wants to know where modules for this machine are; there are none
	echo '#define DEB_HOST_MULTIARCH "none"' >"$src/lua5.4/src/lua5.4-deb-multiarch.h"
	cd "$src/sqlite3" && ./configure --disable-tcl --disable-readline && make sqlite3.c
}

step 1/2 'fetching the sources of Lua and SQLite' bench-fetch 0 "$top/guest-rootfs/fetch-source.sh" "$dl" lua5.4=5.4 sqlite3=3.40
unset MAKEFLAGS MFLAGS MAKELEVEL
step 2/2 'unpacking them' bench-sources 0 all
