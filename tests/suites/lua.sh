#!/bin/sh
# Lua 5.4: its authors' test suite (lua-source.sh), the tests of LPeg (lua-lpeg, by the same) and of LuaFileSystem (lua-filesystem), and
# Debian's own of lua5.4.
#
#   lua.sh build | run	lib.sh says more
#
# The suite is run in the three forms its authors have. A test is "FORM/FILE":
#	user		all.lua as a whole, as users are asked to run it
#	complete	each file that all.lua runs, for itself (lua-alone.awk)
#	internal	the same and all.lua as a whole, with Lua's ltests.c: the API from below, limits of memory, what the collector and
#			the compiler do. An FDPIC program with shared libraries whatever KIND is, for the files that load libraries
# and each function of heavy.lua, which goes to the limits of memory and of sizes.
. "${0%/*}/lib.sh"
debian=$B/bench/src/lua5.4
lua=$src/lua
lpeg=$src/lua-lpeg
lfs=$src/lua-filesystem

# What all programs of this suite are built from and with.
sources() { printf '%s\n' "$1"/*.c | grep -v -e /luac.c -e /ltests.c -e /onelua.c; }
flags="-std=gnu99 -O2 -w -Wl,-z,stack-size=1048576"

# lua with LPeg and LuaFileSystem
compile_modules() {
	# shellcheck disable=SC2046,SC2086
	"$cc" $flags -DLUA_USE_POSIX -DluaL_openlibs=lua_own_openlibs -c -o "$out/linit.o" "$debian/src/linit.c" &&
		"$cc" $flags -s -DLUA_USE_POSIX -I"$debian/src" -o "$out/files/lua" "$out/linit.o" \
			"$top/tests/suites/lua-open.c" "$lpeg"/lp*.c "$lfs/src/lfs.c" $(sources "$debian/src" | grep -v /linit.c) -lm
}

# The suite's: lua of its own sources, and libraries for dlopen().
compile_suite() {
	readline="-include $top/tests/suites/lua-readline.h"
	dynamic="$B/sdk/bin/flat32-cc -mfdpic"
	libs=$out/files/testes/libs
	# shellcheck disable=SC2046,SC2086
	"$cc" $flags $readline -s -DLUA_USE_POSIX -o "$out/files/complete" $(sources "$lua") -lm &&
		$dynamic $flags $readline -DLUA_USE_LINUX -DLUA_USER_H='"ltests.h"' -o "$out/files/internal" \
			$(sources "$lua") "$lua/ltests.c" -Wl,-E -lm || return 1
	for l in lib1:lib1 lib11:lib11 lib2:lib2 lib21:lib21 lib2-v2:lib22; do
		$dynamic -O2 -w -fPIC -shared -I"$lua" -o "$libs/${l%:*}.so" "$libs/${l#*:}.c" || return 1
	done
}

compile() { compile_modules && compile_suite; }

# files: those that all.lua runs
files() { grep -o '[a-z0-9]*\.lua' "$out/files/testes/all.lua" | grep -v -e '^all\.lua' -e '^tracegc\.lua' | awk '!seen[$0]++'; }
heavy() { sed -n 's/^function \([a-z]*\).*/\1/p; s/^local function \(teststring\).*/\1/p' "$lua/testes/heavy.lua"; }

build() {
	fresh "$out/.done" "$0" "$top/tests/suites/lua-open.c" "$top/tests/suites/lua-readline.h" "$top/tests/suites/lua-alone.awk" \
		"$top/tests/suites/lua.patch" "$src/.done" "$lua/.done" "$B/bench/src/.done" "$sdk/.done" && return
	rm -rf "$out"
	mkdir -p "$out/files"
	cp -R "$lua/testes" "$out/files/"
	patch -s -d "$out/files" -p1 <"$top/tests/suites/lua.patch" || exit 1
	step 1/1 'building Lua' suites-lua 0 compile
	cp "$lpeg/test.lua" "$out/files/lpeg-test.lua"
	cp "$lfs/tests/test.lua" "$out/files/lfs-test.lua"
	cp "$lpeg/re.lua" "$debian/debian/tests/interpreter" "$out/files/"
	for f in $(files); do
		awk -f "$top/tests/suites/lua-alone.awk" -v want="$f" "$lua/testes/all.lua" >"$out/files/testes/all-$f"
	done
	for f in $(heavy); do
		sed "s/^toomanyidx()/$f()/" "$lua/testes/heavy.lua" >"$out/files/testes/heavy-$f.lua"
	done
	# stdin is one where nobody can seek; the last line said is where it failed
	cat >"$out/files/try" <<-'END'
		#!/bin/sh
		cd /files/testes
		: | "$@" >/tmp/said 2>&1
		status=$?
		tail -n 40 /tmp/said
		echo
		grep '[a-z]\.lua:[0-9]*: ' /tmp/said | head -n 1
		exit $status
	END
	chmod +x "$out/files/try"
	build_limit && touch "$out/.done"
}

modules() {
	cat <<-END
		lpeg/test.lua${tab}120${tab}LUA_PATH=/files/?.lua /files/lua /files/lpeg-test.lua
		lfs/test.lua${tab}60${tab}mkdir sub && cd sub && /files/lua /files/lfs-test.lua
		debian/interpreter${tab}60${tab}PATH=/files:\$PATH sh /files/interpreter
		user/all.lua${tab}60${tab}/files/try ../complete -e "_U = true" all.lua
	END
	for f in $(heavy); do
		printf '%s\t600\t%s\n' "heavy/$f" "/files/try ../complete heavy-$f.lua"
	done
}

# form NAME
form() {
	for f in $(files); do
		printf '%s\t300\t%s\n' "$1/$f" "/files/try ../$1 all-$f"
	done
}

# in_guest NAME MEMORY: runs the tests that stdin has
in_guest() {
	mkdir -p "$out/run/$1/lib"
	cp -Rl "$out/files" "$out/run/$1/"
	cp "$B"/sdk/sysroot-fdpic/lib/*.so.1 "$out/run/$1/lib/"
	commands "$out/run/$1" "$2" >"$out/run/$1.results"
}

run() {
	rm -rf "$out/run"
	mkdir -p "$out/run"
	modules | in_guest modules 1024M &
	form complete | in_guest complete 256M &
	{ form internal && printf '%s\t600\t%s\n' internal/all.lua '/files/try ../internal all.lua'; } | in_guest internal 256M &
	wait
	cat "$out"/run/*.results
}

case ${1-} in
build) build ;;
run) run ;;
esac
