# make fuzz-loader [TIME=seconds]: any bytes as a program, under ASan and UBSan, with libFuzzer.
# What it finds is kept in build/fuzz/loader/corpus and is where the next run goes on.
# make fuzz-loader-replay: the same inputs again, without libFuzzer, in MODE's build.

.PHONY: fuzz-loader fuzz-loader-replay

FUZZ_LOADER	:= $B/fuzz/loader
FUZZ_LOADER_SRC	:= $(wildcard loader/*.c mm/*.c mm/*/*.c)
FUZZ_CC		?= clang-19
FUZZ_FLAGS	= -std=gnu11 -O1 -g $(WARN) -I. -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all

$(FUZZ_LOADER)/fuzz: tests/fuzz/loader/fuzz_loader.c $(FUZZ_LOADER_SRC) $(wildcard loader/*.h mm/*.h mm/*/*.h) | deps-long
	@echo "  FUZZ    $@"
	@mkdir -p $(@D)/corpus $(@D)/found
	@$(FUZZ_CC) $(FUZZ_FLAGS) -o $@ $< $(FUZZ_LOADER_SRC) -lelf -lz

$(FUZZ_LOADER)/seeds/.done: tests/fuzz/loader/seeds.c
	@mkdir -p $(@D)
	@$(COMPILE) -o $(FUZZ_LOADER)/seeds-writer $< -lz
	@$(FUZZ_LOADER)/seeds-writer $(@D)
	@touch $@

fuzz-loader: $(FUZZ_LOADER)/fuzz $(FUZZ_LOADER)/seeds/.done	## the loaders against any bytes (TIME=60 seconds)
	$< -max_total_time=$(or $(TIME),60) -max_len=8192 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-dict=tests/fuzz/loader/loader.dict -artifact_prefix=$(FUZZ_LOADER)/found/ \
		$(FUZZ_LOADER)/corpus $(FUZZ_LOADER)/seeds

fuzz-loader-replay: $(FUZZ_LOADER)/seeds/.done $(LIB)
	@$(COMPILE) -DREPLAY -o $(FUZZ_LOADER)/replay tests/fuzz/loader/fuzz_loader.c $(LIB) $(LIBS)
	@$(FUZZ_LOADER)/replay $(wildcard $(FUZZ_LOADER)/corpus/* $(FUZZ_LOADER)/seeds/*)
