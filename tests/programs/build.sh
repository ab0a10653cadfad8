#!/bin/sh
# Fetch and build the programs of others that the framebuffer and the input devices are tried with.
#
#   build.sh DIR SDK NAME=VERSION...	environment: DL, where fetched files are kept; LOG; JOBS
#
# Of fbset and fbcat it takes upstream's part as Debian has it, because Debian's own changes to these are about packaging. SDL does
# not build without Debian's.
# DIR/src/NAME is the unpacked source, DIR/bin has the programs.
set -u
here=$(cd "${0%/*}" && pwd)
mkdir -p "$1" || exit 1
out=$(cd "$1" && pwd)
sdk=$(cd "$2" && pwd)
shift 2
PATH=$sdk/bin:$PATH
unset MAKEFLAGS MFLAGS MAKELEVEL
# shellcheck source=guest-rootfs/step.sh
. "$here/../../guest-rootfs/step.sh"

# Each alone: one that the archive cannot give must not take the others' place in the suite that is searched.
fetch() {
	for p; do
		case $p in
		libsdl*) part='' ;;
		*) part=yes ;;
		esac
		UPSTREAM=$part "$here/../../guest-rootfs/fetch-source.sh" "$DL" "$p" || return 1
	done
}

# newest PATTERN-OF-FILES...: of these the one with the highest version
newest() { printf '%s\n' "$@" | grep -v '\.asc$' | sort -V | tail -n 1; }

unpack() {
	rm -rf "${out:?}/src" "${out:?}/bin"
	mkdir -p "$out/bin" "$out/src" || return 1
	for p; do
		name=${p%%=*}
		case $name in
		libsdl*) dpkg-source --no-copy -x "$(newest "$DL/${name}_"*.dsc)" "$out/src/$name" || return 1 ;;
		*)
			mkdir -p "$out/src/$name"
			tar -C "$out/src/$name" --strip-components=1 -xf "$(newest "$DL/${name}_"*.orig.tar.*)" || return 1
			;;
		esac
	done
}

# fbset's header has types of the kernel that C libraries once had, too
fbset() {
	make -C "$out/src/fbset" CC='flat32-cc -std=gnu89 -O2 -w -I. -include linux/types.h' fbset && cp "$out/src/fbset/fbset" "$out/bin/"
}

fbcat() {
	make -C "$out/src/fbcat" CC=flat32-cc CFLAGS=-O2 fbcat && cp "$out/src/fbcat/fbcat" "$out/bin/"
}

# SDL for the framebuffer alone, and test programs of its own. Its configure knows no RISC-V; of the host's name it takes nothing
# but that it is Linux and no machine with assembly. X11 is not looked for, so that the host's headers are not.
sdl() {
	cd "$out/src/libsdl1.2" && mkdir -p build || return 1
	./configure --host=m68k-unknown-linux-gnu CC=flat32-cc CFLAGS='-O2 -w' --disable-shared --disable-audio --disable-joystick \
		--disable-cdrom --disable-sdl-dlopen --disable-assembly --without-x --disable-video-x11 --disable-video-opengl \
		--disable-video-directfb --disable-video-svga --disable-video-aalib --disable-video-caca --disable-video-dummy \
		--enable-video-fbcon && make -j"${JOBS:-1}" build/libSDL.la || return 1
	for t in checkkeys testbitmap testsprite; do
		flat32-cc -O2 -w -Iinclude -o "$out/bin/$t" "test/$t.c" build/.libs/libSDL.a || return 1
	done
	cp test/icon.bmp "$out/bin/"
}

step 1/3 'fetching programs that draw' programs-fetch 0 fetch "$@"
step 2/3 'unpacking them' programs-sources 0 unpack "$@"
build() {
	fbset && fbcat && sdl
}
step 3/3 'building them' programs-build 0 build
