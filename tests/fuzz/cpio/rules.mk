# make fuzz-cpio [TIME=seconds]: any bytes as an initial image, under ASan and UBSan, with libFuzzer.
# What it finds is kept in build/fuzz/cpio/corpus and is where the next run goes on.
# make fuzz-cpio-replay: the same inputs again, without libFuzzer, in MODE's build.

.PHONY: fuzz-cpio fuzz-cpio-replay

FUZZ_CPIO	:= $B/fuzz/cpio
FUZZ_CPIO_SRC	:= $(filter-out emu/fs/mqueuefs.c,$(wildcard emu/fs/*.c mm/*.c mm/*/*.c)) emu/host/clock.c emu/host/confine.c \
		   emu/host/entropy.c emu/kernel/klog.c emu/kernel/log.c emu/kernel/wait.c

$(FUZZ_CPIO)/fuzz: tests/fuzz/cpio/fuzz_cpio.c tests/fuzz/fs.h $(FUZZ_CPIO_SRC) $(wildcard emu/fs/*.h mm/*.h mm/*/*.h) | deps-long
	@echo "  FUZZ    $@"
	@mkdir -p $(@D)/corpus $(@D)/found
	@$(or $(FUZZ_CC),clang-19) -std=gnu11 -O1 -g $(WARN) -I. -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -o $@ $< $(FUZZ_CPIO_SRC) -lz

$(FUZZ_CPIO)/seeds/.done: tests/fuzz/cpio/seeds.sh | deps-run
	@sh $< $(@D)
	@touch $@

fuzz-cpio: $(FUZZ_CPIO)/fuzz $(FUZZ_CPIO)/seeds/.done	## the image unpacker against any bytes (TIME=60 seconds)
	$< -max_total_time=$(or $(TIME),60) -max_len=16384 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-dict=tests/fuzz/cpio/cpio.dict -artifact_prefix=$(FUZZ_CPIO)/found/ \
		$(FUZZ_CPIO)/corpus $(FUZZ_CPIO)/seeds

fuzz-cpio-replay: $(FUZZ_CPIO)/seeds/.done $(LIB)
	@mkdir -p $(FUZZ_CPIO)
	@$(COMPILE) -DREPLAY -o $(FUZZ_CPIO)/replay tests/fuzz/cpio/fuzz_cpio.c $(LIB) $(LIBS)
	@$(FUZZ_CPIO)/replay $(wildcard $(FUZZ_CPIO)/corpus/* $(FUZZ_CPIO)/seeds/*)
