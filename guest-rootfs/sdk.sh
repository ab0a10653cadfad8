#!/bin/sh
# Build the guest SDK: compiler wrapper, kernel headers, libgcc, musl.
#
#   sdk.sh SRC SDK		SRC has the unpacked musl; SDK is replaced when all went well
#				environment: JOBS, LOG
#
# SDK/bin/flat32-cc and friends, SDK/etc/flat32-cc.cfg, SDK/sysroot/usr/{include,lib}.

set -u
unset MAKEFLAGS MFLAGS MAKELEVEL CC CFLAGS LDFLAGS
here=${0%/*}
src=$1
build=$1/musl-build
final=$2
sdk=$2.new
jobs=${JOBS:-2}
# shellcheck source=guest-rootfs/step.sh
. "$here/step.sh"

tools() {
	mkdir -p "$sdk/bin" "$sdk/etc" &&
		cp "$here/flat32-cc" "$sdk/bin/flat32-cc" &&
		cp "$here/flat32-cc.cfg" "$sdk/etc/" || return 1
	for tool in ar nm objcopy objdump ranlib readelf size strip strings addr2line; do
		ln -sf "$(command -v llvm-$tool-19)" "$sdk/bin/flat32-$tool" || return 1
	done
}

# The kernel's user-space headers: the machine's own linux-libc-dev has the same ones for every
# architecture, but for asm/. There riscv's are the generic ones, save those in uapi/.
kernel_headers() {
	mkdir -p "$usr/include/asm" || return 1
	for dir in linux asm-generic mtd misc sound video; do
		[ ! -d "/usr/include/$dir" ] || cp -RL "/usr/include/$dir" "$usr/include/" || return 1
	done
	for header in "$usr"/include/asm-generic/*.h; do
		header=${header##*/}
		echo "#include <asm-generic/$header>" >"$usr/include/asm/$header"
	done
	cp "$here"/uapi/asm/*.h "$usr/include/asm/"
}

# libgcc comes from the bare-metal gcc, the one package that has it for rv32. Its code has no absolute
# relocations, so it links into a PIE. clang's driver also names crtbegin and crtend, in which musl's C
# programs need nothing.
run_time() {
	mkdir -p "$usr/lib" || return 1
	cp "$(riscv64-unknown-elf-gcc -march=rv32imafdc -mabi=ilp32d -print-libgcc-file-name)" "$usr/lib/" &&
		for crt in crtbeginS crtendS crtbeginT crtend; do
			"$cc" -x assembler -c -o "$usr/lib/$crt.o" /dev/null || return 1
		done
}

# musl 1.2.5 says that riscv32's sigaction has an sa_restorer. It has none, so the kernel would take the
# restorer's address for the signal mask. (riscv64 has it right.)
#
# -g1 is enough for a debugger to walk through libc's frames; stripping removes it.
musl() {
	sed -i '/define SA_RESTORER/d' "$src/musl/arch/riscv32/bits/signal.h" &&
		cd "$build" &&
		"$src/musl/configure" --target=riscv32 --prefix=/usr --disable-shared --disable-wrapper \
			CC="$cc" AR="$sdk/bin/flat32-ar" RANLIB="$sdk/bin/flat32-ranlib" \
			CFLAGS="-O2 -g1 -ffile-prefix-map=$src/=" LIBCC="$usr/lib/libgcc.a" &&
		make -j"$jobs" &&
		make install DESTDIR="$sdk/sysroot" &&
		"$sdk/bin/flat32-ar" rc "$usr/lib/libatomic.a"	# for -latomic; libc has it
}

all() {
	rm -rf "$sdk" "$build"
	mkdir -p "$sdk" "$build" || return 1
	src=$(cd "$src" && pwd) && sdk=$(cd "$sdk" && pwd) && build=$(cd "$build" && pwd) || return 1
	usr=$sdk/sysroot/usr
	cc=$sdk/bin/flat32-cc
	tools && kernel_headers && run_time && (musl) || return 1
	rm -rf "$final" && mv "$sdk" "$final"
}

step 3/5 'building musl and the guest SDK' sdk 1500 all
