#!/bin/sh
# Fetch and build the programs of others that the framebuffer and the input devices are tried with.
#
#   build.sh DIR SDK NAME=VERSION...	environment: DL, where fetched files are kept; LOG; JOBS
#
# Of each source package it takes upstream's part as Debian has it; Debian's own changes to these programs are about packaging.
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
		UPSTREAM=yes "$here/../../guest-rootfs/fetch-source.sh" "$DL" "$p" || return 1
	done
}

unpack() {
	rm -rf "$out/src" "$out/bin"
	mkdir -p "$out/bin" || return 1
	for p; do
		name=${p%%=*}
		mkdir -p "$out/src/$name"
		tar -C "$out/src/$name" --strip-components=1 -xf "$(printf '%s\n' "$DL/${name}_"*.orig.tar.* | sort -V | tail -n 1)" ||
			return 1
	done
}

# fbset's header has types of the kernel that C libraries once had, too
fbset() {
	make -C "$out/src/fbset" CC='flat32-cc -std=gnu89 -O2 -w -I. -include linux/types.h' fbset && cp "$out/src/fbset/fbset" "$out/bin/"
}

fbcat() {
	make -C "$out/src/fbcat" CC=flat32-cc CFLAGS=-O2 fbcat && cp "$out/src/fbcat/fbcat" "$out/bin/"
}

step 1/3 'fetching programs that draw' programs-fetch 0 fetch "$@"
step 2/3 'unpacking them' programs-sources 0 unpack "$@"
build() {
	fbset && fbcat
}
step 3/3 'building them' programs-build 0 build
