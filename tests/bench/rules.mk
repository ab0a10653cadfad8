# make bench [SHORT=1] [T='hello cpu/*']: flat32 beside qemu-riscv32 and the host. Guest programs, and the same natively.

BENCH_OS	:= $(patsubst tests/bench/os/%.c,$B/bench/%,$(wildcard tests/bench/os/*.c))
BENCH_CPU	:= $(patsubst tests/bench/cpu/%.c,$B/bench/cpu/%,$(wildcard tests/bench/cpu/*.c))
BENCH_GUEST	:= $(BENCH_OS) $(BENCH_CPU)
BENCH_NATIVE	:= $(BENCH_GUEST:%=%.native)
BENCH_HEADERS	:= $(wildcard tests/bench/os/*.h tests/bench/cpu/*.h)

define bench_guest
	@echo "  GUEST   $@"
	@mkdir -p $(@D)
	@$B/sdk/bin/flat32-cc -std=gnu11 -O2 $(WARN) -o $@ $<
endef
define bench_native
	@echo "  NATIVE  $@"
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -O2 $(WARN) -o $@ $< -lm -lpthread
endef

$(BENCH_OS): $B/bench/%: tests/bench/os/%.c $(BENCH_HEADERS) $B/sdk/.done
	$(bench_guest)
$(BENCH_CPU): $B/bench/cpu/%: tests/bench/cpu/%.c $(BENCH_HEADERS) $B/sdk/.done
	$(bench_guest)
$(BENCH_OS:%=%.native): $B/bench/%.native: tests/bench/os/%.c $(BENCH_HEADERS)
	$(bench_native)
$(BENCH_CPU:%=%.native): $B/bench/cpu/%.native: tests/bench/cpu/%.c $(BENCH_HEADERS)
	$(bench_native)

$B/bench/measure: tests/bench/measure.c
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -O2 $(WARN) -o $@ $< -lm

# The real kernel's image: BusyBox, the memory's programs, and an init that runs the one it is told to.
$B/bench/real.cpio.gz: $B/bench/maps $B/bench/attach $B/bench/futex tests/bench/real-init $(ROOTFS)
	@rm -rf $B/bench/real
	@mkdir -p $B/bench/real/bench
	@cp $(filter $B/bench/%,$^) $B/bench/real/bench/
	@cp tests/bench/real-init $B/bench/real/init
	@guest-rootfs/mkimage $B/rootfs $B/bench/real $@

bench: $(FLAT32) $(BENCH_GUEST) $(BENCH_NATIVE) $B/bench/measure $B/bench/real.cpio.gz | deps-check
	@FLAT32=$(FLAT32) D=$B/bench SHORT=$(SHORT) T='$(T)' CC=$(CC) tests/bench/bench.sh
