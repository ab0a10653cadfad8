# The emulator with host calls that can be made to fail (see inject.c, control.c): build/flat32-inject.
INJECT_WRAP = malloc calloc realloc free strdup strndup mmap mprotect madvise dup eventfd pread open openat \
	pwrite ftruncate fstat fstatfs fchmod chmod fchownat utimensat readlink readlinkat mkdirat mknodat symlinkat linkat \
	unlinkat renameat fdopendir syscall sys_prctl

$O/flat32-inject: $O/obj/tests/inject/inject.o $O/obj/tests/inject/control.o $O/obj/emu/main.o $(LIB)
	@echo "  LINK    $@"
	@$(LINK) $(INJECT_WRAP:%=-Wl,--wrap=%) -o $@ $^ $(LIBS)

check-programs: $O/flat32-inject
-include $O/obj/tests/inject/inject.d $O/obj/tests/inject/control.d
