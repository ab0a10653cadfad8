# make cross-check [T='unit/* guest/futex']: the emulator for AArch64 (build/aarch64), tested under qemu-aarch64. Compiler and C
# library are Debian's cross packages; the other libraries are those of the architecture itself, in build/aarch64/sysroot.
CROSS	:= $B/aarch64
CROSS_TRIPLE := aarch64-linux-gnu
CROSS_PACKAGES := libelf1 libelf-dev zlib1g zlib1g-dev libfdt-dev check libsubunit0 libsubunit-dev
CROSS_ROOT := $(CURDIR)/$(CROSS)/sysroot
CROSS_LIB := $(CROSS_ROOT)/usr/lib/$(CROSS_TRIPLE)
# Programs name their loader and libraries by full paths: with qemu-aarch64's -L, "/" would be the sysroot for them. The old tag
# holds for the libraries' libraries as well.
CROSS_MAKE = MAKEFLAGS= $(MAKE) JOBS=$(JOBS) O=$(CROSS) CC=$(CROSS_TRIPLE)-gcc CFLAGS='-isystem $(CROSS_ROOT)/usr/include' \
	LDFLAGS='-L$(CROSS_LIB) -Wl,-rpath,$(CROSS_LIB):$(CROSS_ROOT)/lib/$(CROSS_TRIPLE):$(CROSS_ROOT)/lib \
	-Wl,--disable-new-dtags,--dynamic-linker,$(CROSS_ROOT)/lib/ld-linux-aarch64.so.1'

CROSS_PROGRAMS := $(addprefix $(CROSS)/,flat32 flat32-inject tests/fuzz-isa $(UNIT:$O/%=%))

$(CROSS)/sysroot/.done: tests/cross/sysroot.sh | deps-long
	@LOG=$B/log tests/cross/sysroot.sh arm64 $(@D) $(CROSS_PACKAGES)
	@cp -a /usr/$(CROSS_TRIPLE)/lib $(@D)/
	@touch $@

.PHONY: cross-check
cross-check: $(CROSS)/sysroot/.done $(GUEST) rootfs
	@$(CROSS_MAKE) $(CROSS_PROGRAMS)
	@B=$B tests/cross/cross.sh $(CROSS) $(T)
