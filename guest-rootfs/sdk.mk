# The guest SDK (build/sdk) and the default root filesystem.

SDK	:= $B/sdk
ROOTFS	:= $B/rootfs.cpio.gz

.PHONY: sdk rootfs
