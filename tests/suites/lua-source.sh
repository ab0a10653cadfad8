#!/bin/sh
# Fetch Lua's sources with its test suite.
#
#   lua-source.sh DIR NAME=VERSION	environment: DL, where fetched files are kept; LOG
#
# Debian's package of Lua has no tests, and nobody packages them; but a game, wesnoth, has Lua's repository whole, untouched, in
# src/modules/lua of its source: 462 MB to fetch for 1 MB. Of what apt has fetched and checked only this is kept, as
# $DL/lua_of_NAME_VERSION.tar, and nothing is fetched while that is there.
set -u
top=${0%/*}/../..
out=$1
package=${2%%=*}
dl=${DL:-build/dl}
kept=$dl/lua_of_${package}_${2#*=}.tar
# shellcheck source=guest-rootfs/step.sh
. "$top/guest-rootfs/step.sh"

# shown COMMAND...: a line for each 4 MB that it has fetched, of which step makes percents
shown() {
	"$@" &
	pid=$!
	said=0
	while kill -0 $pid 2>/dev/null; do
		sleep 0.5
		bytes=$(find "$dl" -name "${package}_*.orig.tar.*" -printf '%s\n' | sort -n | tail -n 1)
		while [ $said -lt $((${bytes:-0} / 4000000)) ]; do
			said=$((said + 1))
			echo "$said"
		done
	done
	wait $pid
}

# extract: what is wanted of the newest
extract() {
	tarball=$(printf '%s\n' "$dl/${package}_"*.orig.tar.* | sort -V | tail -n 1)
	rm -rf "$dl/lua-tests" && mkdir "$dl/lua-tests" || return 1
	tar -C "$dl/lua-tests" --strip-components=4 --checkpoint=600 --checkpoint-action=echo -xf "$tarball" --wildcards '*/src/modules/lua/*' &&
		tar -C "$dl/lua-tests" --exclude=.git -cf "$kept.new" . && mv "$kept.new" "$kept" && rm -rf "$dl/lua-tests" "$tarball"
}

if [ ! -e "$kept" ]; then
	UPSTREAM=yes
	export UPSTREAM
	step 1/2 "fetching Lua's test suite (462 MB)" suites-lua-fetch 115 shown "$top/guest-rootfs/fetch-source.sh" "$dl" "$2"
	step 2/2 'unpacking it' suites-lua-source 80 extract
fi
rm -rf "$out" && mkdir -p "$out" && tar -C "$out" -xf "$kept"
