#!/bin/sh
# QuickJS: its own tests (make test), run by its shell qjs: the language, big numbers, files and processes (test_std), threads
# (test_worker). And bzip2's own (make test).
#
#   quickjs.sh build | run	lib.sh says more
. "${0%/*}/lib.sh"
js=$src/quickjs
bzip2=$src/bzip2

# The shell's built-in script is compiled by a program for this machine.
compile() {
	version="-DCONFIG_VERSION=\"$(cat "$js/VERSION")\""
	engine="quickjs.c dtoa.c libregexp.c libunicode.c cutils.c quickjs-libc.c"
	cd "$js" || return 1
	# shellcheck disable=SC2086
	gcc -O1 -w -D_GNU_SOURCE "$version" -DCONFIG_CC='"gcc"' -DCONFIG_PREFIX='"/usr"' -o "$out/qjsc" qjsc.c $engine -lm -ldl -lpthread &&
		"$out/qjsc" -s -c -o "$out/repl.c" -m repl.js &&
		"$cc" -O2 -w -s -D_GNU_SOURCE "$version" -I. -Wl,-z,stack-size=1048576 -o "$out/files/qjs" qjs.c "$out/repl.c" $engine -latomic -lm || return 1
	cd "$bzip2" && "$cc" -O2 -w -s -o "$out/files/bzip2" bzip2.c blocksort.c huffman.c crctable.c randtable.c compress.c \
		decompress.c bzlib.c
}

build() {
	fresh "$out/.done" "$0" "$src/.done" "$sdk/.done" && return
	rm -rf "$out"
	mkdir -p "$out/files"
	step 1/1 'building QuickJS and bzip2' suites-quickjs 0 compile
	cp -R "$js/tests" "$out/files/"
	cp "$bzip2"/sample* "$out/files/"
	build_limit && touch "$out/.done"
}

cases() {
	for t in closure language builtin loop bigint std worker cyclic_import; do
		echo "quickjs/test_$t${tab}120${tab}cp -R /files/tests . && /files/qjs --std tests/test_$t.js"
	done
	for n in 1 2 3; do
		echo "bzip2/compress$n${tab}60${tab}/files/bzip2 -$n </files/sample$n.ref >x && cmp x /files/sample$n.bz2"
		echo "bzip2/decompress$n${tab}60${tab}/files/bzip2 -d </files/sample$n.bz2 >x && cmp x /files/sample$n.ref"
	done
	echo "bzip2/decompress-small${tab}60${tab}/files/bzip2 -ds </files/sample3.bz2 >x && cmp x /files/sample3.ref"
}

run() {
	rm -rf "$out/run"
	mkdir -p "$out/run/guest"
	cp -Rl "$out/files" "$out/run/guest/"
	cases | commands "$out/run/guest" 256M
}

case ${1-} in
build) build ;;
run) run ;;
esac
