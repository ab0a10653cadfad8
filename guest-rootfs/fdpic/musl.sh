#!/bin/sh
# Build musl for FDPIC programs: static libc, dynamic linker (which is libc.so) and start files.
#
#   musl.sh SRC SDK	SRC has the unpacked musl, SDK a flat32-cc that takes -mfdpic;
#			SDK/sysroot-fdpic gets headers and libraries. Environment: JOBS, LOG
#
# The source is the SDK's with the files of musl/ laid over it and musl.patch applied; the ordinary musl is not
# touched. What FDPIC needs: a start that finds gp by the loadmap, relocation segment by segment, descriptors
# where assembly is given a function, and the generic FDPIC parts of the dynamic linker put right.

set -u
unset MAKEFLAGS MFLAGS MAKELEVEL CC CFLAGS LDFLAGS
here=$(cd "${0%/*}" && pwd)
src=$(cd "$1" && pwd) sdk=$(cd "$2" && pwd) || exit 1
copy=$src/musl-fdpic build=$src/musl-fdpic-build
final=$sdk/sysroot-fdpic sysroot=$sdk/sysroot-fdpic.new
name=ld-musl-riscv32-fdpic.so.1
# shellcheck source=guest-rootfs/step.sh
. "$here/../step.sh"

patched() {
	cp -R "$src/musl" "$copy" &&
		rm "$copy/src/process/riscv32/vfork.s" &&
		cp -R "$here/musl/." "$copy/" &&
		# ours: funcdesc.h
		sed -i '/^static void makefuncdescs/,/^}/d' "$copy/ldso/dynlink.c" &&
		# see guest-rootfs/sdk.sh
		sed -i '/define SA_RESTORER/d' "$copy/arch/riscv32/bits/signal.h" &&
		patch -s -d "$copy" -p1 <"$here/musl.patch"
}

# libgcc is the ordinary one. Its members have no writable data, call through no pointers and reach constants and jump tables from
# the pc, so that they are marked as what FDPIC programs may have; but for the unwinder and the constructors' list of other systems.
libgcc() {
	"$sdk/bin/flat32-objcopy" --add-section .note.fdpic=/dev/null "$sdk/sysroot/usr/lib/libgcc.a" "$sysroot/usr/lib/libgcc.a" &&
		"$sdk/bin/flat32-ar" d "$sysroot/usr/lib/libgcc.a" unwind-dw2.o unwind-dw2-fde.o unwind-c.o _ctors.o
}

all() {
	rm -rf "$copy" "$build" "$sysroot"
	mkdir -p "$build" "$sysroot/usr/lib" "$sysroot/lib" && patched &&
		libgcc && cp "$sdk"/sysroot/usr/lib/crtbegin*.o "$sdk"/sysroot/usr/lib/crtend*.o "$sysroot/usr/lib/" &&
		# the kernel's headers, as old as they are: musl's own are put over them
		cp -Rp "$sdk/sysroot/usr/include" "$sysroot/usr/include" &&
		cd "$build" &&
		"$copy/configure" --target=riscv32 --prefix=/usr --disable-wrapper \
			CC="$sdk/bin/flat32-cc -mfdpic" AR="$sdk/bin/flat32-ar" RANLIB="$sdk/bin/flat32-ranlib" \
			CFLAGS="-O2 -g1 -ffile-prefix-map=$copy/=" LDFLAGS=-Wl,-soname,libc.so LIBCC="$sysroot/usr/lib/libgcc.a" &&
		make -j"${JOBS:-2}" &&
		make install LDSO_PATHNAME=/lib/$name DESTDIR="$sysroot" &&
		"$sdk/bin/flat32-ar" rc "$sysroot/usr/lib/libatomic.a" &&
		# one file by two names: where programs look for it and where the linker does
		mv "$sysroot/usr/lib/libc.so" "$sysroot/lib/$name" &&
		ln -s "../../lib/$name" "$sysroot/usr/lib/libc.so" || return 1
	rm -rf "$final" && mv "$sysroot" "$final"
}

step 1/1 'building musl for FDPIC programs' sdk-fdpic 1600 all
