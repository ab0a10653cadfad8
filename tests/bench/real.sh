#!/bin/sh
# Run a benchmark on a real RV32 no-MMU kernel, booted in QEMU for it alone, and print what it prints.
#
#	real.sh DIR PROGRAM ARGUMENT...		DIR has the kernel in ../linux/Image and the image in real.cpio.gz
#
# The time is the guest's own clock, without -icount: it is the emulator's time that is measured, booting left out.
set -u
dir=$1
shift
out=$(timeout 120 qemu-system-riscv32 -M virt -bios none -kernel "$dir/../linux/Image" -m 1G -nographic -no-reboot \
	-initrd "$dir/real.cpio.gz" -append "console=ttyS0 panic=-1 loglevel=1 bench=$(echo "$*" | tr ' ' ,)" </dev/null |
	tr -d '\r' | sed -n 's/^result: //p')
[ -n "$out" ] && echo "$out"
