# make fuzz-devices [N=1000000] [SEED=1] [MODE=asan]: random loads, stores, ioctls on all devices, in MODE's build.
FUZZ_DEVICES	:= $B/fuzz/devices
FUZZ_DEVICES_SRC := $(wildcard tests/fuzz/devices/*.c)

$(FUZZ_DEVICES)/fuzz: $(FUZZ_DEVICES_SRC) tests/fuzz/devices/fuzz.h $B/sdk/.done
	@echo "  GUEST   $@"
	@mkdir -p $(@D)
	@$B/sdk/bin/flat32-cc -std=gnu11 -O2 -g $(WARN) -D_GNU_SOURCE -o $@ $(FUZZ_DEVICES_SRC)

$(FUZZ_DEVICES)/image.cpio: $(FUZZ_DEVICES)/fuzz tests/fuzz/syscalls/image.sh
	@tests/fuzz/syscalls/image.sh $< $@

.PHONY: fuzz-devices
fuzz-devices: $(FLAT32) $(FUZZ_DEVICES)/image.cpio	## random accesses and ioctls on all devices (N=1000000 SEED=1 MODE=asan)
	tests/fuzz/devices/run.sh $(FLAT32) $(FUZZ_DEVICES)/image.cpio $(if $(filter file,$(origin N)),1000000,$(N)) $(or $(SEED),1)

check-programs: $(FUZZ_DEVICES)/image.cpio
