#!/bin/sh
# Build BusyBox for the guest.
#
#   busybox.sh SRC SDK OUT	SRC has the unpacked busybox; OUT gets busybox, busybox.links (the path of
#				each applet, one a line) and the .config used. Environment: JOBS, LOG

set -u
unset MAKEFLAGS MFLAGS MAKELEVEL CC CFLAGS LDFLAGS
here=${0%/*}
src=$1/busybox
build=$1/busybox-build
sdk=$2
out=$3
jobs=${JOBS:-2}
# shellcheck source=guest-rootfs/step.sh
. "$here/step.sh"

# set_option NAME VALUE: in .config; VALUE n leaves it out.
set_option() {
	sed -i -e "/^CONFIG_$1=/d" -e "/^# CONFIG_$1 is not set/d" .config
	if [ "$2" = n ]; then
		echo "# CONFIG_$1 is not set" >>.config
	else
		echo "CONFIG_$1=$2" >>.config
	fi
}

folder_off() {
	find "$src/$1" \( -name '*.c' -o -name Config.src \) -exec \
		sed -n 's/^\(\/\/config:\)\{0,1\}config \([A-Z0-9_]*\).*/\2/p' {} + |
		while read -r name; do
			set_option "$name" n
		done
}

configure() {
	make -C "$src" O="$build" defconfig || return 1
	while read -r line; do
		case $line in
		'' | '#'*) ;;
		-*/) folder_off "${line#-}" ;;
		-*) set_option "${line#-}" n ;;
		+*=*) line=${line#+} && set_option "${line%%=*}" "${line#*=}" ;;
		+*) set_option "${line#+}" y ;;
		*) echo "busybox.config: $line?" && return 1 ;;
		esac
	done <"$config"
	yes '' | make oldconfig
}

all() {
	mkdir -p "$out" && rm -rf "$build" && mkdir -p "$build" || return 1
	src=$(cd "$src" && pwd) && sdk=$(cd "$sdk" && pwd) && out=$(cd "$out" && pwd) &&
		config=$(cd "$here" && pwd)/busybox.config && build=$(cd "$build" && pwd) || return 1
	# BusyBox tells its build date; the package's instead, so that the same sources give the same bytes
	SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -l "$src/debian/changelog" -STimestamp) || return 1
	export SOURCE_DATE_EPOCH
	cd "$build" && configure || return 1
	make -j"$jobs" CC="$sdk/bin/flat32-cc" AR="$sdk/bin/flat32-ar" NM="$sdk/bin/flat32-nm" \
		STRIP="$sdk/bin/flat32-strip" OBJCOPY="$sdk/bin/flat32-objcopy" HOSTCC=gcc SKIP_STRIP=y \
		busybox busybox.links || return 1
	"$sdk/bin/flat32-strip" -o "$out/busybox" busybox_unstripped && cp busybox.links .config "$out/"
}

step 4/5 'building BusyBox' busybox 2850 all
