# The emulator as it is on hosts for which there is no JIT: build/flat32-nojit. none.c comes before the library, which then
# has nothing to add of cpu/jit/.
$O/flat32-nojit: $O/obj/emu/main.o $O/obj/cpu/jit/none.o $(LIB)
	@echo "  LINK    $@"
	@$(LINK) -o $@ $(filter %.o,$^) $(LIB) $(LIBS)

check-programs: $O/flat32-nojit
