#!/bin/sh
# timeout: 300
# FDPIC programs with libraries: at every level of optimisation, with segments at random places, from an image.
. "${0%/*}/lib/tap.sh"
here=$(cd "${0%/*}/../guest/fdpic" && pwd)
cc="$FLAT32_CC -mfdpic -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wshadow -Werror"
cd "$TMPDIR" || exit 2
plan 16

# build LEVEL DIR
build() {
	mkdir -p "$2"
	for lib in one two plug; do
		needs=
		[ $lib = one ] || needs="-L$2 -lone"
		# shellcheck disable=SC2086
		$cc "$1" -g -fPIC -shared -Wl,-soname,lib$lib.so -o "$2/lib$lib.so" "$here/$lib.c" $needs || return 1
	done
	$cc "$1" -g -rdynamic -o "$2/main" "$here/main.c" -L"$2" -lone -ltwo &&
		cp "${FLAT32_CC%/bin/*}"/sysroot-fdpic/lib/*.so.1 "$2/"
}

# judged FILE: that it is the output of a program that came to its end, and nothing in it failed
judged() {
	grep '^not ok' "$1" && return 1
	[ "$(grep -c '^ok' "$1")" = "$(sed -n 's/^1\.\.//p' "$1")" ] && [ "$(tail -n 2 "$1")" = "$ends" ] || { cat "$1"; return 1; }
}
ends='# two ends after 2
# one ends'

for level in -O0 -O1 -O2 -O3 -Os; do
	build $level "root$level"; same "$level: the libraries and the program are built" $? 0
	"$FLAT32" run --share "$TMPDIR/root$level:/lib:ro" "root$level/main" /lib/libplug.so >out 2>&1
	same "$level: and work" $? 0
	ok "$level: all of it" judged out
done
export FLAT32
ok "a hundred layouts" sh -c '
	for seed in $(seq 1 100); do
		"$FLAT32" run --scatter $seed --share "$TMPDIR/root-O2:/lib:ro" root-O2/main /lib/libplug.so >out 2>&1 && ! grep "^not ok" out || exit 1
	done'
finish
