# The guest SDK (build/sdk) and the default root filesystem, step by step. Everything here is made from
# Debian source packages, once; afterwards make only compares a few dates.

DL	?= $B/dl
SDK	:= $B/sdk
ROOTFS	:= $B/rootfs.cpio.gz
GR	:= guest-rootfs
IN_GR	= DL=$(DL) LOG=$B/log JOBS=$(JOBS)

# $(call once,COMMAND): make $@ with COMMAND, one make at a time (two may be run in the same folder), unless
# the one that was waited for has just made it.
once = @exec 9>$B/.lock; flock 9; \
	stale=; for f in $^; do [ $@ -nt $$f ] || stale=yes; done; [ -z "$$stale" ] || { $1 && touch $@; }

.PHONY: sdk rootfs rootfs.romfs rootfs.cramfs
sdk: $(SDK)/.done $(SDK)/.fdpic			## the guest compiler: build/sdk/bin/flat32-cc

$B/src/.done: $(GR)/sources.sh $(wildcard $(GR)/musl/src/*/*/*) | deps-run
	@mkdir -p $B
	$(call once,$(IN_GR) $(GR)/sources.sh $(@D))

$(SDK)/.done: $B/src/.done $(GR)/sdk.sh $(GR)/flat32-cc.cfg $(wildcard $(GR)/uapi/asm/*.h)
	$(call once,$(IN_GR) $(GR)/sdk.sh $B/src $(@D))

$B/busybox/.done: $(SDK)/.done $(GR)/busybox.sh $(GR)/busybox.config
	$(call once,$(IN_GR) $(GR)/busybox.sh $B/src $(SDK) $(@D))

rootfs: $(ROOTFS)				## the default image: build/rootfs.cpio.gz
$(ROOTFS): $B/busybox/.done $(GR)/rootfs.sh $(GR)/mkimage $(wildcard $(GR)/rootfs/* $(GR)/rootfs/*/* $(GR)/rootfs/*/*/*)
	$(call once,$(IN_GR) $(GR)/rootfs.sh $B/busybox $B/rootfs $@)

# Images that are executed where they lie: of a program of the host, from the same folder.
MKROM	:= $B/mkrom
check-programs: $(MKROM)
$(MKROM): $(wildcard $(GR)/mkrom/*.[ch]) | deps-run
	@echo "  HOST    $@"
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 $(WARN) -O2 -g -o $@ $(filter %.c,$^) -lz

rootfs.romfs: $B/rootfs.romfs			## the default image as a romfs: build/rootfs.romfs
rootfs.cramfs: $B/rootfs.cramfs			## as a cramfs: build/rootfs.cramfs
$B/rootfs.romfs $B/rootfs.cramfs: $B/rootfs.%: $(ROOTFS) $(MKROM) $(GR)/mkimage
	@echo "  IMAGE   $@"
	@FLAT32_MKROM=$(MKROM) $(GR)/mkimage $B/rootfs $@

# FDPIC, in parts: what flat32-cc -mfdpic compiles with (a plugin of clang's, the only C++ here), what it links with, and the C
# library made by both. `make run` wants none of it.
FDPIC	:= $(GR)/fdpic
FDPIC_PASS := $(patsubst %.cpp,$B/%.o,$(wildcard $(FDPIC)/pass/*.cpp))
FDPIC_LINK := $(patsubst %.c,$B/%.o,$(wildcard $(FDPIC)/link/*.c))
CXX_PASS = g++ -std=c++17 $(WARN) -O1 -g0 -fPIC -fno-rtti -fno-exceptions -fvisibility=hidden -isystem $$(llvm-config-19 --includedir)

check-programs: $(SDK)/.fdpic

# clang, which loads it, has all that it leaves undefined. A new SDK is without these; make must not remember that they were there.
$(SDK)/lib/flat32-fdpic.so: $(FDPIC_PASS) $(SDK)/.done
	@echo "  LINK    $@"
	@mkdir -p $(@D)
	@g++ -shared -o $@ $(FDPIC_PASS)

$(FDPIC_PASS): $B/%.o: %.cpp $(FDPIC)/pass/pass.h | deps-sdk
	@echo "  HOST    $<"
	@mkdir -p $(@D)
	@$(CXX_PASS) -c -o $@ $<

$(SDK)/bin/flat32-ld-fdpic: $(FDPIC_LINK) $(SDK)/.done
	@echo "  LINK    $@"
	@$(CC) -o $@ $(FDPIC_LINK) -lelf

$(FDPIC_LINK): $B/%.o: %.c $(wildcard $(FDPIC)/link/*.h) | deps-sdk
	@echo "  HOST    $<"
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -I$(FDPIC)/link -O2 -g -c -o $@ $<

# sdk.sh has put the script there; a change of it is no reason to build musl again.
$(SDK)/bin/flat32-cc: $(GR)/flat32-cc | $(SDK)/.done
	@cp $< $@

$(SDK)/etc/flat32-fdpic.cfg: $(FDPIC)/flat32-fdpic.cfg $(SDK)/.done
	@cp $< $@

FDPIC_MAKES := $(SDK)/etc/flat32-fdpic.cfg $(SDK)/lib/flat32-fdpic.so $(SDK)/bin/flat32-ld-fdpic
FDPIC_TOOLS := $(SDK)/bin/flat32-cc $(FDPIC_MAKES)

# The pass and the link tool make libc: when they are others, so is it.
$(SDK)/sysroot-fdpic/.done: $(SDK)/.done $(FDPIC)/musl.sh $(FDPIC)/musl.patch $(FDPIC_MAKES) \
		$(wildcard $(FDPIC)/musl/*/*/* $(FDPIC)/musl/*/*/*/*) | $(SDK)/bin/flat32-cc
	$(call once,$(IN_GR) $(FDPIC)/musl.sh $B/src $(SDK))

$(SDK)/.fdpic: $(SDK)/.done $(FDPIC_TOOLS) $(SDK)/sysroot-fdpic/.done
	@touch $@
