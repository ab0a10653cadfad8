# The emulator with host calls that can be made to fail (see inject.c, control.c): build/flat32-inject.
INJECT_WRAP = malloc calloc realloc free strdup strndup mmap mprotect madvise dup eventfd pread open openat \
	pwrite ftruncate fstat fstatfs fchmod chmod fchownat utimensat readlink readlinkat mkdirat mknodat symlinkat linkat \
	unlinkat renameat fdopendir syscall sys_prctl

$O/flat32-inject: $O/obj/tests/inject/inject.o $O/obj/tests/inject/control.o $O/obj/emu/main.o $(LIB)
	@echo "  LINK    $@"
	@$(LINK) $(INJECT_WRAP:%=-Wl,--wrap=%) -o $@ $^ $(LIBS)

check-programs: $O/flat32-inject

# The link tool of flat32-cc -mfdpic in the same way; with libelf's own calls, where there is an archive of it.
INJECT_TOOL_WRAP = $(filter-out sys_prctl,$(INJECT_WRAP)) read write mkostemp mkdtemp rename fopen fwrite posix_spawnp vasprintf
INJECT_TOOL_OBJ = $O/obj/tests/inject/inject.o $O/obj/tests/inject/tool.o

$O/ld-fdpic-inject: $(INJECT_TOOL_OBJ) $(FDPIC_LINK) $(SDK)/.done
	@echo "  LINK    $@"
	@$(LINK) $(INJECT_TOOL_WRAP:%=-Wl,--wrap=%) -o $@ $(filter %.o,$^) $(LIBS_FLAT32)

check-programs: $O/ld-fdpic-inject
-include $O/obj/tests/inject/tool.d
-include $O/obj/tests/inject/inject.d $O/obj/tests/inject/control.d
