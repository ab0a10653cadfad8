#!/bin/sh
# run.sh DIR FLASH: compiles drivers/mtd/chips of the kernel whose source package is installed, with the few headers of include/linux/mtd they are about, for
# the host, and has them drive our flash.  FLASH: the objects and libraries with it.
set -eu
dir=$1
shift
here=tests/linux-mtd
tarball=$(ls /usr/src/linux-source-6.*.tar.xz 2>/dev/null | sort -V | tail -n 1)
if [ -z "$tarball" ]; then
	echo "run.sh: no /usr/src/linux-source-6.*.tar.xz; install Debian's linux-source-6.12" >&2
	exit 1
fi
drivers='cfi_probe gen_probe cfi_util cfi_cmdset_0001 cfi_cmdset_0002'

if [ ! -e "$dir/src/.done" ]; then
	echo "  UNPACK  ${tarball##*/}: drivers/mtd"
	rm -rf "$dir/src"
	mkdir -p "$dir/src"
	tar -C "$dir/src" --strip-components=1 --wildcards -xf "$tarball" '*/drivers/mtd/chips/*' '*/include/linux/mtd/*'
	touch "$dir/src/.done"
fi

# The kernel's headers: ours, but those of the drivers themselves.
rm -rf "$dir/include"
mkdir -p "$dir/include/linux/mtd" "$dir/include/asm" "$dir/include/mtd"
for name in bitmap bitops bug compiler delay device init interrupt io kernel list module mutex notifier nvmem-provider of reboot sched slab \
	string uio unaligned wait; do
	echo '#include "tests/linux-mtd/kernel.h"' >"$dir/include/linux/$name.h"
done
for name in barrier byteorder div64 io; do
	echo '#include "tests/linux-mtd/kernel.h"' >"$dir/include/asm/$name.h"
done
for name in types errno; do		# the host's own, first
	printf '#include_next <linux/%s.h>\n#include "tests/linux-mtd/kernel.h"\n' $name >"$dir/include/linux/$name.h"
done
for name in cfi cfi_endian flashchip gen_probe map xip; do
	cp "$dir/src/include/linux/mtd/$name.h" "$dir/include/linux/mtd/"
done
cp $here/mtd.h "$dir/include/linux/mtd/mtd.h"
: >"$dir/include/mtd/mtd-abi.h"

cc="${CC:-gcc} -std=gnu11 -O1 -g -I."
objects=
for name in $drivers; do
	$cc -w -I"$dir/include" -c "$dir/src/drivers/mtd/chips/$name.c" -o "$dir/$name.o"
	objects="$objects $dir/$name.o"
done
$cc -w -I"$dir/include" -c $here/drive.c -o "$dir/drive.o"
$cc -Wall -Wextra -Werror -c $here/chip.c -o "$dir/chip.o"
# shellcheck disable=SC2086
$cc -o "$dir/drive" "$dir/drive.o" "$dir/chip.o" $objects "$@"

status=0
drive() {
	"$dir/drive" "$@" >"$dir/log" || status=1
	grep -v '^#' "$dir/log"
}

for set in intel amd; do
	drive $set 100 0x100000 0x10000 500
	drive $set 7 0x400000 0x8000 500
	drive $set 0 0x2000000 0x40000 200
done
exit $status
