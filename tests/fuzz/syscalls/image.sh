#!/bin/sh
# image.sh PROGRAM IMAGE: the root file system the fuzzer boots: itself as /bin/sh, and nothing of the host.
set -e
here=${0%/*}
root=$(mktemp -d)
mkdir -p "$root/bin" "$root/dev" "$root/proc" "$root/tmp" "$root/none"
cp "$1" "$root/bin/sh"
"$here/../../../guest-rootfs/mkimage" "$root" "$2"
rm -rf "$root"
