#!/bin/sh
# Build a native BusyBox that has gzip alone, configured and compiled as the guest's.
#
#   gzip.sh SRC CONFIG BUILD OUT	SRC has the unpacked busybox, CONFIG is the guest's; environment: NATIVE_CC, JOBS, LOG
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL CC CFLAGS LDFLAGS
top=${0%/*}/../../..
# shellcheck source=guest-rootfs/step.sh
. "$top/guest-rootfs/step.sh"
src=$1 config=$2 build=$3 out=$4

all() {
	rm -rf "$build" && mkdir -p "$build" "${out%/*}" && build=$(cd "$build" && pwd) || return 1
	make -C "$src" O="$build" allnoconfig || return 1
	grep -e '^CONFIG_\(FEATURE_\)\{0,1\}GZIP' -e '^CONFIG_LFS=' -e '^CONFIG_EXTRA_CFLAGS=' "$config" >"$build/wanted"
	sed 's/=.*//' "$build/wanted" | while read -r name; do
		sed -i -e "/^$name=/d" -e "/^# $name /d" "$build/.config"
	done
	cat "$build/wanted" >>"$build/.config"
	yes '' | make -C "$build" oldconfig || return 1
	make -C "$build" -j"${JOBS:-2}" CC="$NATIVE_CC" HOSTCC=gcc SKIP_STRIP=y busybox && cp "$build/busybox" "$out"
}

step 1/1 "building a native BusyBox gzip" bench-gzip 0 all
