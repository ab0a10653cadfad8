#!/bin/sh
# mtd-utils: no test suite but the programs themselves, as people use them, on a flash that takes a tenth of the time of a real one. Its own
# tests are kernel modules, or take hours.
#
#   mtd.sh build | run	lib.sh says more
. "${0%/*}/lib.sh"
mtd=$src/mtd-utils

# program FILE [FILE...]: from these and the library
program() {
	name=${1##*/}
	for f; do set -- "$@" "$mtd/$f.c"; shift; done
	"$cc" -std=gnu99 -O2 -w -s -D_GNU_SOURCE -DVERSION='"2"' -I"$mtd/include" -I"$mtd/lib" -o "$out/files/$name" "$@" \
		"$mtd"/lib/libmtd.c "$mtd"/lib/libmtd_legacy.c "$mtd"/lib/libcrc32.c "$mtd"/lib/common.c
}

compile() {
	for f in flash_erase flashcp flash_lock flash_unlock flash_otp_info mtd_debug mtdpart; do
		program misc-utils/$f || return 1
	done
	program ubi-utils/mtdinfo lib/libubigen lib/libubi && program misc-utils/lsmtd misc-utils/lsmtd_scan lib/libubi
}

build() {
	fresh "$out/.done" "$0" "$src/.done" "$sdk/.done" && return
	rm -rf "$out"
	mkdir -p "$out/files"
	step 1/1 'building mtd-utils' suites-mtd 0 compile
	build_limit && touch "$out/.done"
}

run() {
	rm -rf "$out/run"
	mkdir -p "$out/run/guest"
	cp -Rl "$out/files" "$out/run/guest/"
	options='--flash :1M:64K --flash-time 10'
	pre='PATH=/files:$PATH; [ -d /sys/class ] || mount -t sysfs sysfs /sys; head -c 150000 /dev/urandom >i;'
	commands "$out/run/guest" 64M <<-EOF2
		mtdinfo${tab}20${tab}$pre mtdinfo -a | grep -q "Present MTD devices: *mtd0" && mtdinfo /dev/mtd0 | grep -q "Amount of eraseblocks: *16 "
		lsmtd${tab}20${tab}$pre lsmtd | grep -q "mtd0 *90:0 *flash0 nor *1M"
		flash_erase${tab}60${tab}$pre echo x >/dev/mtd0; flash_erase -q /dev/mtd0 0 0 && [ \$(tr -d "\\377" </dev/mtd0 | wc -c) = 0 ]
		flash_erase/part${tab}60${tab}$pre echo abcdef >/dev/mtd0; flash_erase -q /dev/mtd0 65536 2 && head -c 6 /dev/mtd0 | grep abcdef
		flashcp${tab}60${tab}$pre flashcp -v i /dev/mtd0 && head -c 150000 /dev/mtd0 | cmp - i
		flashcp/partition${tab}60${tab}$pre flashcp -p i /dev/mtd0 && dd if=/dev/urandom of=i bs=1000 count=1 conv=notrunc && flashcp -p i /dev/mtd0 && head -c 150000 /dev/mtd0 | cmp - i
		flashcp/erase-all${tab}90${tab}$pre flashcp -A i /dev/mtd0 && head -c 150000 /dev/mtd0 | cmp - i
		flashcp/too-large${tab}20${tab}$pre head -c 2000000 /dev/zero >j; ! flashcp j /dev/mtd0
		flash_lock${tab}20${tab}$pre flash_lock /dev/mtd0 131072 2 && flash_lock -i /dev/mtd0 131072 1 | grep "status: locked" && flash_erase -q /dev/mtd0 131072 1 2>&1 | grep "Read-only file system"
		flash_unlock${tab}20${tab}$pre flash_unlock /dev/mtd0 131072 2 && flash_unlock -i /dev/mtd0 131072 1 | grep unlocked && flash_erase -q /dev/mtd0 131072 1
		mtd_debug${tab}60${tab}$pre mtd_debug info /dev/mtd0 | grep MTD_NORFLASH && mtd_debug erase /dev/mtd0 0 262144 && mtd_debug write /dev/mtd0 777 150000 i && mtd_debug read /dev/mtd0 777 150000 j && cmp i j
		mtdpart${tab}60${tab}$pre mtdpart add /dev/mtd0 data 65536 131072 && flashcp i /dev/mtd1; [ \$? != 0 ] && head -c 100000 i >j && flashcp j /dev/mtd1 && dd if=/dev/mtd0 bs=65536 skip=1 2>/dev/null | head -c 100000 | cmp - j && mtdpart del /dev/mtd0 1 && [ ! -e /dev/mtd1 ] && [ ! -e /sys/class/mtd/mtd1 ]
		flash_otp_info${tab}20${tab}$pre ! flash_otp_info -u /dev/mtd0
		two-at-once${tab}90${tab}$pre flash_erase -q /dev/mtd0 0 8 & flash_erase -q /dev/mtd0 524288 8; wait; [ \$(tr -d "\\377" </dev/mtd0 | wc -c) = 0 ]
	EOF2
}

case ${1-} in
build) build ;;
run) run ;;
esac
