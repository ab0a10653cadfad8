# make fuzz-fdpic [N=200] [SEED=1] [LEVELS='0 1 2 3 s']: csmith's programs natively, as PIE, and as FDPIC, static and shared.
.PHONY: fuzz-fdpic
fuzz-fdpic: $(FLAT32) $(SDK)/.fdpic | deps-check	## random C programs: native, PIE, FDPIC (N=200 SEED=1 LEVELS='0 1 2 3 s')
	tests/fuzz/fdpic/run.sh $(FLAT32) $(SDK) $B/fuzz/fdpic $(if $(filter file,$(origin N)),200,$(N)) $(or $(SEED),1)
