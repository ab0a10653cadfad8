# Guest programs, and the same natively, for:
#   make bench [SHORT=1] [T='hello mm/*']	flat32 beside qemu-riscv32 and the host: system calls, processes, memory
#   make bench-cpu [SHORT=1] [T='fib vm_*']	the processor; cpu.sh says what else can be set

# The same compiler for both sides of the processor's programs.
NATIVE_CC	?= clang-19

BENCH_OS	:= $(patsubst tests/bench/os/%.c,$B/bench/%,$(wildcard tests/bench/os/*.c))
BENCH_HEADERS	:= $(wildcard tests/bench/os/*.h tests/bench/cpu/*.h)

define bench_guest
	@echo "  GUEST   $@"
	@mkdir -p $(@D)
	@$B/sdk/bin/flat32-cc -std=gnu11 -O2 $(WARN) $(BENCH_FLAGS) -o $@ $<
endef
define bench_native
	@echo "  NATIVE  $@"
	@mkdir -p $(@D)
	@$(or $(BENCH_CC),$(CC)) -std=gnu11 -O2 $(WARN) $(BENCH_FLAGS) -o $@ $< -lm -lpthread
endef

$(BENCH_OS): $B/bench/%: tests/bench/os/%.c $(BENCH_HEADERS) $B/sdk/.done
	$(bench_guest)
$(BENCH_OS:%=%.native): $B/bench/%.native: tests/bench/os/%.c $(BENCH_HEADERS)
	$(bench_native)

$B/bench/native/%: BENCH_CC = $(NATIVE_CC)
$B/bench/cpu/% $B/bench/native/%: BENCH_FLAGS = -Itests/bench/cpu
$B/bench/cpu/%: tests/bench/cpu/%.c $(BENCH_HEADERS) $B/sdk/.done
	$(bench_guest)
$B/bench/native/%: tests/bench/cpu/%.c $(BENCH_HEADERS) $B/bench/native-cc | deps-run
	$(bench_native)
$B/bench/cpu/%: $B/bench/cpu/%.c $(BENCH_HEADERS) $B/sdk/.done
	$(bench_guest)
$B/bench/native/%: $B/bench/cpu/%.c $(BENCH_HEADERS) $B/bench/native-cc | deps-run
	$(bench_native)
# What the native ones were compiled with; rewritten only when it changes.
$B/bench/native-cc: FORCE
	@mkdir -p $(@D)
	@echo '$(NATIVE_CC)' | cmp -s - $@ || echo '$(NATIVE_CC)' >$@
$B/bench/cpu/cold.c: tests/bench/cpu/cold.awk
	@mkdir -p $(@D)
	@awk -f $< -v functions=6000 >$@

$B/bench/measure: tests/bench/measure.c
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -O2 $(WARN) -o $@ $<

# The real kernel's image: BusyBox, the memory's programs, and an init that runs the one it is told to.
$B/bench/real.cpio.gz: $B/bench/maps $B/bench/attach $B/bench/futex tests/bench/real-init $(ROOTFS)
	@rm -rf $B/bench/real
	@mkdir -p $B/bench/real/bench
	@cp $(filter $B/bench/%,$^) $B/bench/real/bench/
	@cp tests/bench/real-init $B/bench/real/init
	@guest-rootfs/mkimage $B/rootfs $B/bench/real $@

# The files' image: BusyBox and the program.
$B/bench/files.cpio.gz: $B/bench/files $(ROOTFS)
	@rm -rf $B/bench/files.root
	@mkdir -p $B/bench/files.root/tmp
	@cp $B/bench/files $B/bench/files.root/
	@guest-rootfs/mkimage $B/rootfs $B/bench/files.root $@

# What a shell takes of the RAM, as an FDPIC program: static, and with libc.so.
$B/busybox-fdpic-static/.done: BUSYBOX_FLAGS = -mfdpic -static
$B/busybox-fdpic-shared/.done: BUSYBOX_FLAGS = -mfdpic
$B/busybox-fdpic-%/.done: $B/busybox/.done $B/sdk/.fdpic guest-rootfs/fdpic/busybox.sh
	@$(IN_GR) LOG=$(@D) guest-rootfs/fdpic/busybox.sh $B/src $B/sdk $(@D) "$(BUSYBOX_FLAGS)"
	@touch $@
ifneq ($(filter-out ram,$(or $(T),ram)),$(or $(T),ram))
bench: $B/busybox-fdpic-static/.done $B/busybox-fdpic-shared/.done
endif

bench: $(FLAT32) $B/stress/stress $B/stress/stress.native $B/bench/files.cpio.gz $(BENCH_OS) $(BENCH_OS:%=%.native) $B/bench/measure $B/bench/real.cpio.gz | deps-check deps-bench
	@FLAT32=$(FLAT32) D=$B/bench SHORT=$(SHORT) T='$(T)' CC=$(CC) tests/bench/bench.sh

# Only what T names is built.
ifneq ($(filter bench-cpu,$(MAKECMDGOALS)),)
BENCH_NAMES	:= $(shell here=tests/bench T='$(T)'; . tests/bench/common.sh; names)
BENCH_WANTED	:= $(BENCH_NAMES:%=$B/bench/cpu/%) $(BENCH_NAMES:%=$B/bench/native/%)
endif
.PHONY: bench-cpu
bench-cpu: $(FLAT32) $(BENCH_WANTED) $B/bench/hello $B/bench/hello.native $B/bench/measure $(ROOTFS) | deps-check
	@FLAT32=$(FLAT32) D=$B/bench OUT=$B/bench SHORT=$(SHORT) T='$(T)' NATIVE_CC='$(NATIVE_CC)' ROUNDS='$(ROUNDS)' \
		RIVALS='$(RIVALS)' CONTENDERS='$(CONTENDERS)' tests/bench/cpu.sh

# What cli/bench_cpu runs of them.
BENCH_CHECK	:= fib dhry nbody nbody_sf
check-programs: $(BENCH_CHECK:%=$B/bench/cpu/%) $(BENCH_CHECK:%=$B/bench/native/%) $B/bench/measure \
	$B/bench/hello $B/bench/hello.native
# And cli/display_cost.
check-programs: $B/bench/fill $B/bench/sum

.PHONY: bench-fdpic
bench-fdpic: $(FLAT32) $(SDK)/.fdpic		## FDPIC beside PIE: instructions and bytes (T='fib vm_*')
	@FLAT32=$(FLAT32) SDK=$(SDK) D=$B/bench/fdpic T='$(T)' tests/bench/fdpic.sh
