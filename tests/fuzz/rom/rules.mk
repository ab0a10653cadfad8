# make fuzz-rom [TIME=seconds]: any bytes as a romfs or cramfs, under ASan and UBSan, with libFuzzer.
# What it finds is kept in build/fuzz/rom/corpus and is where the next run goes on. unit/test_rom_damage is the short form.
# make fuzz-rom-replay: the same inputs again, without libFuzzer, in MODE's build.

.PHONY: fuzz-rom fuzz-rom-replay

FUZZ_ROM	:= $B/fuzz/rom
FUZZ_ROM_SRC	:= $(FUZZ_CPIO_SRC) devices/ramdisk.c

$(FUZZ_ROM)/fuzz: tests/fuzz/rom/fuzz_rom.c tests/fuzz/fs.h tests/fuzz/rom/poke.h $(FUZZ_ROM_SRC) $(wildcard emu/fs/*.h mm/*.h mm/*/*.h) | deps-long
	@echo "  FUZZ    $@"
	@mkdir -p $(@D)/corpus $(@D)/found
	@$(or $(FUZZ_CC),clang-19) -std=gnu11 -O1 -g $(WARN) -I. -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -o $@ $< $(FUZZ_ROM_SRC) -lz

$(FUZZ_ROM)/seeds/.done: tests/fuzz/rom/seeds.sh $(MKROM)
	@MKROM=$(MKROM) sh $< $(@D)
	@touch $@

fuzz-rom: $(FUZZ_ROM)/fuzz $(FUZZ_ROM)/seeds/.done	## romfs and cramfs against any bytes (TIME=60 seconds)
	$< -max_total_time=$(or $(TIME),60) -max_len=32768 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix=$(FUZZ_ROM)/found/ $(FUZZ_ROM)/corpus $(FUZZ_ROM)/seeds

fuzz-rom-replay: $(FUZZ_ROM)/seeds/.done $(LIB)
	@mkdir -p $(FUZZ_ROM)
	@$(COMPILE) -DREPLAY -o $(FUZZ_ROM)/replay tests/fuzz/rom/fuzz_rom.c $(LIB) $(LIBS)
	@$(FUZZ_ROM)/replay $(wildcard $(FUZZ_ROM)/corpus/* $(FUZZ_ROM)/seeds/*)
