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
	cd "$build" && configure || return 1
	# The build date would make every build another one.
	make -j"$jobs" CC="$sdk/bin/flat32-cc" AR="$sdk/bin/flat32-ar" NM="$sdk/bin/flat32-nm" \
		STRIP="$sdk/bin/flat32-strip" OBJCOPY="$sdk/bin/flat32-objcopy" HOSTCC=gcc SKIP_STRIP=y \
		KBUILD_BUILD_TIMESTAMP= busybox busybox.links || return 1
	"$sdk/bin/flat32-strip" -o "$out/busybox" busybox_unstripped && cp busybox.links .config "$out/"
}

step 4/5 'building BusyBox' busybox 2850 all
