#!/bin/sh
# Fetch and build the programs of others that the framebuffer, the input devices, the sound and the network are tried with.
#
#   build.sh DIR SDK NAME=VERSION...	environment: DL, where fetched files are kept; LOG; JOBS
#
# It takes upstream's part as Debian has it, because Debian's own changes to these are about packaging, and a mirror may not have all
# of them. SDL does not build without Debian's.
# DIR/src/NAME is the unpacked source, DIR/bin has the programs, DIR/inst what they need: libraries, headers, pictures, sounds.
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
	rm -rf "${out:?}/src" "${out:?}/bin" "${out:?}/inst"
	mkdir -p "$out/bin" "$out/src" "$out/inst" || return 1
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

# Its event has the time as 32-bit C libraries once had it: now they are two fields of other names.
input_utils() {
	cd "$out/src/input-utils" && sed -i 's/event->time\.tv_\(u\{0,1\}sec\)/event->input_event_\1/' input.c &&
		make CC=flat32-cc CFLAGS='-O2 -w' lsinput input-events && cp lsinput input-events "$out/bin/"
}

# SDL for framebuffer and OSS alone, and test programs of its own. Its configure knows no RISC-V; of the host's name it takes nothing
# but that it is Linux and no machine with assembly. X11 is not looked for, so that the host's headers are not.
sdl() {
	cd "$out/src/libsdl1.2" && mkdir -p build || return 1
	./configure --host=m68k-unknown-linux-gnu CC=flat32-cc CFLAGS='-O2 -w' --prefix="$out/inst" --disable-shared --disable-joystick \
		--enable-oss --disable-alsa --disable-esd --disable-pulseaudio --disable-arts --disable-nas --disable-diskaudio \
		--disable-cdrom --disable-sdl-dlopen --disable-assembly --without-x --disable-video-x11 --disable-video-opengl \
		--disable-video-directfb --disable-video-svga --disable-video-aalib --disable-video-caca --disable-video-dummy \
		--enable-video-fbcon && make -j"${JOBS:-1}" build/libSDL.la && make install-bin install-hdrs install-lib || return 1
	for t in checkkeys testbitmap testsprite; do
		flat32-cc -O2 -w -Iinclude -o "$out/bin/$t" "test/$t.c" build/.libs/libSDL.a || return 1
	done
	cp test/icon.bmp "$out/bin/"
}

# WAV files only
sdl_mixer() {
	cd "$out/src/sdl-mixer1.2" && mkdir -p build &&
		./configure --host=m68k-unknown-linux-gnu CC=flat32-cc CFLAGS='-O2 -w' SDL_CONFIG="$out/inst/bin/sdl-config" \
			--prefix="$out/inst" --disable-shared --disable-sdltest --disable-music-cmd --disable-music-mod --disable-music-midi \
			--disable-music-ogg --disable-music-flac --disable-music-mp3 &&
		make -j"${JOBS:-1}" build/libSDL_mixer.la && make install-hdrs install-lib
}

# A game of 2002, whose C is that of its time. Two of its bugs would end it: a list of a menu without an end, which it reads beyond,
# and a picture that one file calls static and the header does not.
heroes() {
	cd "$out/src/heroes" || return 1
	sed -i '/^a_menu_entry editor_entries/,/^};/s/"GO BACK").*/&, { 0, 0 }/' src/menus.c &&
		sed -i 's/^static a_pcx_image tile_set_img/a_pcx_image tile_set_img/' src/hedlite.c || return 1
	old='-std=gnu89 -fcommon -Wno-int-conversion -Wno-incompatible-function-pointer-types'
	./configure --host=m68k-unknown-linux-gnu CC=flat32-cc CFLAGS="-O2 -w $old" --prefix="$out/inst" \
		SDL_CONFIG="$out/inst/bin/sdl-config" --with-sdl="$out/inst" --with-sdl-mixer="$out/inst" \
		--with-sdl-mixer-include="$out/inst/include/SDL" --without-ggi --without-gii --without-mikmod --disable-joystick \
		--disable-nls --disable-dependency-tracking && make -C lib && make -C src heroes && cp src/heroes "$out/bin/" || return 1
	data=$out/inst/share/heroes
	mkdir -p "$data/etc" "$data/sfx" && cp src/etc/heroesrc "$data/etc/" && cp -r ../heroes-data/levels ../heroes-data/pics \
		../heroes-data/tilesets "$data/" && cp ../heroes-sound-effects/*.wav ../heroes-sound-effects/sfx.conf "$data/sfx/"
}

# Without fork(): each connection is a process of nc's (-i), and a shell is started by vfork().
dropbear() {
	cd "$out/src/dropbear" && ./configure --host=riscv32-unknown-linux-musl CC=flat32-cc AR=flat32-ar RANLIB=flat32-ranlib CFLAGS='-O2 -w' \
		ac_cv_func_fork=no --disable-zlib --disable-pam --disable-lastlog --disable-utmp --disable-utmpx --disable-wtmp \
		--disable-wtmpx --disable-syslog --disable-harden --enable-bundled-libtom && make -j"${JOBS:-1}" PROGRAMS='dropbear dropbearkey' &&
		cp dropbear dropbearkey "$out/bin/"
}

# Later ones come without a configure script. Its modules are in the program. glibc's sys/queue.h, which musl has not, needs nothing else of glibc's.
lighttpd() {
	cd "$out/src/lighttpd" && mkdir -p queue/sys && cp /usr/include/*/sys/queue.h queue/sys/ &&
		printf 'PLUGIN_INIT(mod_%s)\n' access dirlisting indexfile staticfile >src/plugin-static.h &&
		./configure --host=riscv32-unknown-linux-musl CC=flat32-cc AR=flat32-ar RANLIB=flat32-ranlib CFLAGS='-O2 -w' \
			CPPFLAGS="-idirafter $PWD/queue -DLIGHTTPD_STATIC" LIGHTTPD_STATIC=yes --disable-shared --enable-static --without-pcre2 \
			--without-zlib --without-bzip2 && make -C src versionstamp parsers && make -j"${JOBS:-1}" -C src lighttpd &&
		cp src/lighttpd "$out/bin/"
}

# Version 8 wants a library of C++'s. Not jemalloc, which wants to release parts of mappings. libatomic is libc's.
redis() {
	cd "$out/src/redis" && make -j"${JOBS:-1}" -C src redis-server redis-cli redis-benchmark MALLOC=libc CC='flat32-cc -w' AR=flat32-ar \
		RANLIB=flat32-ranlib OPTIMIZATION=-O2 uname_S=Linux uname_M=riscv32 USE_SYSTEMD=no &&
		cp src/redis-server src/redis-cli src/redis-benchmark "$out/bin/"
}

step 1/3 'fetching programs that draw, and servers' programs-fetch 0 fetch "$@"
step 2/3 'unpacking them' programs-sources 0 unpack "$@"
build() {
	fbset && fbcat && (input_utils) && (sdl) && (sdl_mixer) && (heroes) && (dropbear) && (lighttpd) && (redis)
}
step 3/3 'building them' programs-build 0 build
