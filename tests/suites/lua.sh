#!/bin/sh
# Lua: the tests of LPeg (lua-lpeg, by Lua's authors) and of LuaFileSystem (lua-filesystem), and Debian's own of lua5.4. Lua's
# test suite proper is in no source package of Debian that could be had.
#
#   lua.sh build | run	lib.sh says more
. "${0%/*}/lib.sh"
lua=$B/bench/src/lua5.4/src
lpeg=$src/lua-lpeg
lfs=$src/lua-filesystem

compile() {
	"$cc" -std=gnu99 -O2 -w -DLUA_USE_POSIX -DluaL_openlibs=lua_own_openlibs -c -o "$out/linit.o" "$lua/linit.c" &&
		"$cc" -std=gnu99 -O2 -w -s -DLUA_USE_POSIX -I"$lua" -Wl,-z,stack-size=1048576 -o "$out/files/lua" "$out/linit.o" \
			"$top/tests/suites/lua-open.c" "$lpeg"/lp*.c "$lfs/src/lfs.c" \
			$(ls "$lua"/*.c | grep -v -e /luac.c -e /linit.c) -lm
}

build() {
	fresh "$out/.done" "$0" "$top/tests/suites/lua-open.c" "$src/.done" "$B/bench/src/.done" "$sdk/.done" && return
	rm -rf "$out"
	mkdir -p "$out/files"
	step 1/1 'building Lua' suites-lua 0 compile
	cp "$lpeg/test.lua" "$out/files/lpeg-test.lua"
	cp "$lfs/tests/test.lua" "$out/files/lfs-test.lua"
	cp "$lpeg/re.lua" "$B/bench/src/lua5.4/debian/tests/interpreter" "$out/files/"
	build_limit && touch "$out/.done"
}

run() {
	rm -rf "$out/run"
	mkdir -p "$out/run/guest"
	cp -Rl "$out/files" "$out/run/guest/"
	commands "$out/run/guest" 256M <<-EOF2
		lpeg/test.lua${tab}120${tab}LUA_PATH=/files/?.lua /files/lua /files/lpeg-test.lua
		lfs/test.lua${tab}60${tab}mkdir sub && cd sub && /files/lua /files/lfs-test.lua
		debian/interpreter${tab}60${tab}PATH=/files:\$PATH sh /files/interpreter
	EOF2
}

case ${1-} in
build) build ;;
run) run ;;
esac
