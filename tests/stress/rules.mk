# The stressors (docs/stress.md): build/stress/stress for the guest, and stress.native, the same for the host.
STRESS		:= $B/stress/stress
STRESS_SRC	:= $(wildcard tests/stress/*.c tests/stress/*/*.c)
STRESS_DEPS	:= $(STRESS_SRC) tests/stress/stress.h tests/stress/stressors.def
STRESS_FLAGS	= -std=gnu11 -O2 -ffp-contract=off -D_GNU_SOURCE $(WARN)

.PHONY: stress
stress: $(STRESS) $(STRESS).native		## the stressors for the guest: build/stress/stress

$(STRESS): $(STRESS_DEPS) $B/sdk/.done
	@echo "  GUEST   $@"
	@mkdir -p $(@D)
	@$B/sdk/bin/flat32-cc $(STRESS_FLAGS) -o $@ $(STRESS_SRC)

$(STRESS).native: $(STRESS_DEPS)
	@echo "  NATIVE  $@"
	@mkdir -p $(@D)
	@$(CC) $(STRESS_FLAGS) -o $@ $(STRESS_SRC) -lm -lpthread -lrt

check-programs: $(STRESS) $(STRESS).native
