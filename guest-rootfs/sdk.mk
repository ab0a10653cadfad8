# The guest SDK (build/sdk) and the default root filesystem, step by step. Everything here is made from
# Debian source packages, once; afterwards make only compares a few dates.

DL	?= $B/dl
SDK	:= $B/sdk
ROOTFS	:= $B/rootfs.cpio.gz
GR	:= guest-rootfs
IN_GR	= DL=$(DL) LOG=$B/log JOBS=$(JOBS)

.PHONY: sdk rootfs
sdk: $(SDK)/.done				## the guest compiler: build/sdk/bin/flat32-cc

$B/src/.done: $(GR)/sources.sh $(wildcard $(GR)/musl/src/*/*/*) | deps-run
	@$(IN_GR) $(GR)/sources.sh $(@D)
	@touch $@

$(SDK)/.done: $B/src/.done $(GR)/sdk.sh $(GR)/flat32-cc $(GR)/flat32-cc.cfg $(wildcard $(GR)/uapi/asm/*.h)
	@$(IN_GR) $(GR)/sdk.sh $B/src $(@D)
	@touch $@

$B/busybox/.done: $(SDK)/.done $(GR)/busybox.sh $(GR)/busybox.config
	@$(IN_GR) $(GR)/busybox.sh $B/src $(SDK) $(@D)
	@touch $@

rootfs: $(ROOTFS)				## the default image: build/rootfs.cpio.gz
$(ROOTFS): $B/busybox/.done $(GR)/rootfs.sh $(GR)/mkimage $(wildcard $(GR)/rootfs/* $(GR)/rootfs/*/* $(GR)/rootfs/*/*/*)
	@$(IN_GR) $(GR)/rootfs.sh $B/busybox $B/rootfs $@
