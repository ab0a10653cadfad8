#!/bin/sh
# zlib's own tests, as its Makefiles run them: example, minigzip, infcover, minizip and miniunz. And the programs of examples/ that
# check what they do; and gzip of the guest, which has another's code.
#
#   zlib.sh build | run	lib.sh says more
. "${0%/*}/lib.sh"
z=$src/zlib

# program NAME FILE...
program() {
	name=$1
	shift
	"$cc" -O2 -w -s -DHAVE_UNISTD_H -D_LARGEFILE64_SOURCE=1 -I"$z" -I"$z/contrib/minizip" -o "$out/files/$name" "$@" "$out/libz.a"
}

compile() {
	mkdir "$out/objects" && cd "$out/objects" || return 1
	"$cc" -O2 -w -DHAVE_UNISTD_H -D_LARGEFILE64_SOURCE=1 -c "$z"/*.c && "$sdk/bin/flat32-ar" rcs "$out/libz.a" ./*.o || return 1
	cd "$z" && program example test/example.c && program minigzip test/minigzip.c && program infcover test/infcover.c &&
		program zpipe examples/zpipe.c && program gun examples/gun.c && program enough examples/enough.c &&
		cd contrib/minizip &&
		program minizip minizip.c zip.c ioapi.c && program miniunz miniunz.c unzip.c ioapi.c
}

build() {
	fresh "$out/.done" "$0" "$src/.done" "$sdk/.done" && return
	rm -rf "$out"
	mkdir -p "$out/files"
	step 1/1 "building zlib's tests" suites-zlib 0 compile
	cp "$z/ChangeLog" "$out/files/"
	build_limit && touch "$out/.done"
}

run() {
	rm -rf "$out/run"
	mkdir -p "$out/run/guest"
	cp -Rl "$out/files" "$out/run/guest/"
	commands "$out/run/guest" 256M <<-EOF2
		example${tab}60${tab}/files/example /tmp/example.gz
		infcover${tab}60${tab}/files/infcover
		minigzip/pipe${tab}60${tab}echo hello world | /files/minigzip | /files/minigzip -d | grep -qx "hello world"
		minigzip/file${tab}60${tab}cp /files/ChangeLog x && /files/minigzip -9 x && [ ! -e x ] && /files/minigzip -d x.gz && cmp x /files/ChangeLog
		minigzip/to-gzip${tab}60${tab}/files/minigzip </files/ChangeLog | gzip -dc | cmp - /files/ChangeLog
		minigzip/from-gzip${tab}60${tab}gzip -c /files/ChangeLog | /files/minigzip -d | cmp - /files/ChangeLog
		minizip${tab}60${tab}echo hello hello hello >test.txt && /files/minizip test test.txt && /files/miniunz -l test.zip && mv test.txt test.old && /files/miniunz test.zip && cmp test.txt test.old
		minizip/to-unzip${tab}60${tab}cp /files/ChangeLog . && /files/minizip -9 x.zip ChangeLog && unzip -p x.zip | cmp - /files/ChangeLog
		examples/zpipe${tab}60${tab}/files/zpipe </files/ChangeLog >x && /files/zpipe -d <x | cmp - /files/ChangeLog
		examples/gun${tab}60${tab}gzip -c /files/ChangeLog >x.gz && /files/gun -t x.gz && /files/gun x.gz && cmp x /files/ChangeLog
		examples/enough${tab}60${tab}/files/enough 30 6 15 | grep -q "maximum of 592 table entries" && /files/enough 286 9 15 | grep -q "maximum of 852 table entries"
	EOF2
}

case ${1-} in
build) build ;;
run) run ;;
esac
