#!/bin/sh
# Build musl for FDPIC programs: static libc, dynamic linker (which is libc.so) and start files.
#
#   musl.sh SRC SDK [static]	SRC has the unpacked musl, SDK a flat32-cc that takes -mfdpic;
#				SDK/sysroot-fdpic gets headers and libraries. static: no libc.so
#				environment: JOBS
#
# The source is the SDK's with the files of musl/ laid over it and musl.patch applied; the ordinary musl is not
# touched. What FDPIC needs: a start that finds gp by the loadmap, relocation segment by segment, descriptors
# where assembly is given a function, and the generic FDPIC parts of the dynamic linker put right.

set -eu
here=$(cd "${0%/*}" && pwd)
src=$(cd "$1" && pwd) sdk=$(cd "$2" && pwd)
what=${3:-all}
unset MAKEFLAGS MFLAGS MAKELEVEL CC CFLAGS LDFLAGS
copy=$src/musl-fdpic build=$src/musl-fdpic-build sysroot=$sdk/sysroot-fdpic
name=ld-musl-riscv32-fdpic.so.1

rm -rf "$copy" "$build" "$sysroot"
mkdir -p "$build" "$sysroot/usr/lib" "$sysroot/lib"
cp -R "$src/musl" "$copy"
rm "$copy/src/process/riscv32/vfork.s"
cp -R "$here/musl/." "$copy/"
patch -s -d "$copy" -p1 <"$here/musl.patch"
# See guest-rootfs/sdk.sh
sed -i '/define SA_RESTORER/d' "$copy/arch/riscv32/bits/signal.h"

# The kernel's headers and libgcc are the ordinary ones. libgcc's members have neither writable data nor calls
# through pointers, and reach their constants from the pc; the unwinder, which is otherwise, is not linked.
cp "$sdk"/sysroot/usr/lib/libgcc.a "$sdk"/sysroot/usr/lib/crtbegin*.o "$sdk"/sysroot/usr/lib/crtend*.o "$sysroot/usr/lib/"

cd "$build"
shared=--disable-shared
[ "$what" = static ] || shared=--enable-shared
"$copy/configure" --target=riscv32 --prefix=/usr --disable-wrapper $shared \
	CC="$sdk/bin/flat32-cc -mfdpic" AR="$sdk/bin/flat32-ar" RANLIB="$sdk/bin/flat32-ranlib" \
	CFLAGS="-O2 -g1 -ffile-prefix-map=$copy/=" LIBCC="$sysroot/usr/lib/libgcc.a"
make -j"${JOBS:-2}" install LDSO_PATHNAME=/lib/$name DESTDIR="$sysroot"
cp -Rn "$sdk/sysroot/usr/include/." "$sysroot/usr/include/"
