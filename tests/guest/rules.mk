# The guest test that looks at the registers before the C library does.
CFLAGS_tests/guest/differences.c = -Wl,-e,keep_registers
# A program to be debugged by one that follows frame pointers.
CFLAGS_tests/guest/helpers/debuggee.c = -O0 -fno-omit-frame-pointer

# The same programs as FDPIC, static and with libc.so: make check-fdpic [OPT=-O0] [T='guest/signal*']
OPT	?= -O2
FDPIC_FLAGS_static = -static
FDPIC_RUN_shared = -L $(abspath $(SDK)/sysroot-fdpic)
FDPIC_DIR = $B/fdpic$(OPT)-$1
# Their own assembly is of PIE: at the entry; that reaches data from the pc.
FDPIC_TESTS = $(patsubst tests/guest/%.c,$(call FDPIC_DIR,$1)/%,$(filter-out %/differences.c %/rseq_basic.c,$(wildcard tests/guest/*.c)))

define FDPIC_RULES
$(call FDPIC_DIR,$1)/%: tests/guest/%.c $(wildcard tests/guest/*.h) $(SDK)/.fdpic
	@echo "  FDPIC   $$< ($1 $(OPT))"
	@mkdir -p $$(@D)
	@$(SDK)/bin/flat32-cc -mfdpic $(FDPIC_FLAGS_$1) -std=gnu11 $(OPT) -g $(WARN) -Itests/guest $$(CFLAGS_$$<) -o $$@ $$<

.PHONY: check-fdpic-$1
check-fdpic-$1: $(FLAT32) $(call FDPIC_TESTS,$1)
	@echo "guest tests as FDPIC, $1, $(OPT):"
	@O=$O B=$B GUEST=$(abspath $(call FDPIC_DIR,$1)) RUN='$(FDPIC_RUN_$1)' tests/check.sh $(or $(filter guest/%,$(T)),'guest/*')
endef
$(foreach how,static shared,$(eval $(call FDPIC_RULES,$(how))))

.PHONY: check-fdpic
check-fdpic:					## the guest tests as FDPIC programs, static and shared (OPT=-O0)
	@$(MAKE) check-fdpic-static
	@$(MAKE) check-fdpic-shared
