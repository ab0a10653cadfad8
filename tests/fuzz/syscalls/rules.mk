# make fuzz-syscalls [N=1000000] [SEED=1] [MODE=asan]: random system calls from inside, in MODE's build.
FUZZ_CALLS	:= $B/fuzz/syscalls
FUZZ_CALLS_SRC	:= $(wildcard tests/fuzz/syscalls/*.c)

$(FUZZ_CALLS)/fuzz: $(FUZZ_CALLS_SRC) tests/fuzz/syscalls/fuzz.h emu/sys/syscalls.def $B/sdk/.done
	@echo "  GUEST   $@"
	@mkdir -p $(@D)
	@$B/sdk/bin/flat32-cc -std=gnu11 -O2 -g $(WARN) -Wno-unused-result -I. -D_GNU_SOURCE -o $@ $(FUZZ_CALLS_SRC)

$(FUZZ_CALLS)/image.cpio: $(FUZZ_CALLS)/fuzz tests/fuzz/syscalls/image.sh
	@tests/fuzz/syscalls/image.sh $< $@

.PHONY: fuzz-syscalls
fuzz-syscalls: $(FLAT32) $(FUZZ_CALLS)/image.cpio	## random system calls from inside (N=1000000 SEED=1 MODE=asan)
	tests/fuzz/syscalls/run.sh $(FLAT32) $(FUZZ_CALLS)/image.cpio $(if $(filter file,$(origin N)),1000000,$(N)) $(or $(SEED),1)

check-programs: $(FUZZ_CALLS)/image.cpio
