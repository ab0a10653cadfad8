# make fuzz-isa [N=10000] [SEED=n] [ENGINES=interp,jit,qemu]: random programs on our engines and on qemu-riscv32, compared.
N	?= 10000
FUZZ_ISA := $O/tests/fuzz-isa
FUZZ_ISA_SRC := $(wildcard tests/fuzz/isa/*.c)

$(FUZZ_ISA): $(FUZZ_ISA_SRC) $(wildcard tests/fuzz/isa/*.h) $(LIB)
	@echo "  LINK    $@"
	@mkdir -p $(@D)
	@$(COMPILE) $(FUZZ_ISA_SRC) $(LIB) -o $@

.PHONY: run-fuzz-isa
run-fuzz-isa: $(FUZZ_ISA)
	$(FUZZ_ISA) -n $(N) $(if $(SEED),-s $(SEED)) $(if $(ENGINES),-e $(ENGINES))

fuzz-isa: run-fuzz-isa

check-programs: $(FUZZ_ISA)
