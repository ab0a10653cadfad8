# flat32: the emulator, its guest SDK and its tests. `make help` lists what can be made.
#
#   MODE=release|debug|asan|ubsan|san	release is built in build/, the others in build/MODE/; san is both sanitizers
#   CC=gcc|clang			changing CC or flags rebuilds what they touch
#   JIT=no				leave the JIT out (as where there is no backend for the host)
#   DEPS=no				never install packages; say what is missing
#   JOBS=N				commands at once (default: one per processor)
#   T='unit/* guest/futex'		make check: only these tests
#
# Sources are found by name: a .c file in a room belongs to the emulator, tests/unit/test_*.c is a unit
# test, tests/guest/*.c runs inside the emulator. A room or a test folder may have a rules.mk with flags
# for one file (CFLAGS_cpu/interp.c = ...), for one unit test (LDFLAGS_test_x = ...) or targets of its own.

MODE	?= release
DEPS	?= yes
PREFIX	?= /usr/local
JOBS	?= $(shell nproc 2>/dev/null || echo 2)
ifeq ($(origin CC),default)
CC	= gcc
endif

MAKEFLAGS += --no-builtin-rules --no-print-directory -j$(JOBS)
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all

B	:= build
O	:= $(if $(filter release,$(MODE)),$B,$B/$(MODE))

FLAGS_release	= -O2 -g
FLAGS_debug	= -O0 -g -DFLAT32_DEBUG
FLAGS_asan	= -O1 -g -fno-omit-frame-pointer -fsanitize=address
FLAGS_ubsan	= -O1 -g -fno-omit-frame-pointer -fsanitize=undefined -fno-sanitize-recover=all
FLAGS_san	= -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
ifndef FLAGS_$(MODE)
$(error MODE=$(MODE): should be release, debug, asan, ubsan or san)
endif

CFLAGS	?=
LDFLAGS	?=
WARN	= -Wall -Wextra -Wshadow -Werror
COMPILE	= $(CC) -std=gnu11 $(WARN) -I. $(FLAGS_$(MODE)) $(CFLAGS)
LINK	= $(CC) $(FLAGS_$(MODE)) $(LDFLAGS)
LIBS	= -lelf -lz -lfdt -lm -lpthread
# For the emulator, archives where there are any (and they need nothing more), and addresses packed: half of a short run is the
# dynamic loader's.
START	= -Wl,-z,pack-relative-relocs -Wl,-Bstatic -lelf -lz -lfdt -Wl,-Bdynamic -lm -lpthread
LIBS_FLAT32 = $(shell echo 'int main(void) { return 0; }' | \
	$(LINK) -Wl,-u,elf_compress -x c -o /dev/null - $(START) 2>/dev/null && echo '$(START)' || echo '$(LIBS)')

# The JIT has a backend for these hosts, by the compiler's name of them. How regions are formed depends on no host.
JIT	?= $(if $(filter x86_64%,$(shell $(CC) -dumpmachine 2>/dev/null)),yes,no)

ROOMS	:= cpu mm devices loader emu
JIT_NONE := cpu/jit/none.c
JIT_SRC	:= $(filter-out $(JIT_NONE) cpu/jit/region.c,$(wildcard cpu/jit/*.c))
SRC	:= $(filter-out $(if $(filter no,$(JIT)),$(JIT_SRC),$(JIT_NONE)),$(wildcard $(ROOMS:%=%/*.c) $(ROOMS:%=%/*/*.c)))
OBJ	:= $(SRC:%.c=$O/obj/%.o)
LIB	:= $O/libflat32.a
FLAT32	:= $O/flat32
RULES	:= $(wildcard $(ROOMS:%=%/rules.mk) tests/*/rules.mk tests/*/*/rules.mk)

UNIT	:= $(patsubst tests/unit/%.c,$O/unit/%,$(wildcard tests/unit/test_*.c))
UNIT_HELP := $(patsubst %.c,$O/obj/%.o,$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)))
GUEST	:= $(patsubst tests/guest/%.c,$B/guest-tests/%,$(wildcard tests/guest/*.c tests/guest/helpers/*.c))

.PHONY: all run check check-programs bench fuzz-isa fresh-check install clean distclean help FORCE
.PHONY: deps-run deps-sdk deps-check deps-bench deps-programs deps-long
FORCE:

all: $(FLAT32)					## the emulator: build/flat32

run: $(FLAT32) rootfs				## everything, then a BusyBox shell in the emulator
	@exec $(FLAT32) boot $(ROOTFS)

check: check-programs				## all tests (T='unit/*' for some)
	@O=$O B=$B tests/check.sh $(T)

check-programs: $(FLAT32) $(UNIT) $(GUEST) rootfs

bench:						## measurements, beside qemu-riscv32
bench-cpu:					## the processor's: engines, qemu-riscv32, native, RIVALS
fuzz-isa:					## random programs: interpreter, JIT and qemu-riscv32 in lockstep

cross-check:					## an emulator for AArch64, tested under qemu-aarch64
fresh-check: | deps-long			## make run and make check in a bare Debian 12
	tests/fresh-check.sh

install: $(FLAT32)				## into DESTDIR PREFIX: emulator, man page, completion
	install -D -m 755 $(FLAT32) $(DESTDIR)$(PREFIX)/bin/flat32
	$(if $(wildcard docs/flat32.1),install -D -m 644 docs/flat32.1 $(DESTDIR)$(PREFIX)/share/man/man1/flat32.1)
	$(if $(wildcard docs/flat32.bash),install -D -m 644 docs/flat32.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/flat32)

clean:						## remove what was built, but not the guest SDK
	rm -rf $(addprefix $B/,flat32 libflat32.a flags obj unit check debug asan ubsan san guest-tests)

distclean:					## remove all of build/, downloads too
	rm -rf $B

help:						## this list
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

# --- packages: looked up every time (about 10 ms), installed only when one is missing

deps-run deps-sdk deps-check deps-bench deps-programs deps-long:
	@DEPS=$(DEPS) LOG=$B/log ./deps.sh $(@:deps-%=%)

# --- the emulator

$(FLAT32): $O/obj/emu/main.o $(LIB)
	@echo "  LINK    $@"
	@$(LINK) -o $@ $^ $(LIBS_FLAT32)

$(LIB): $(filter-out %/emu/main.o,$(OBJ))
	@echo "  AR      $@"
	@rm -f $@
	@ar rcs $@ $^

$O/obj/%.o: %.c $O/flags | deps-run
	@echo "  CC      $<"
	@mkdir -p $(@D)
	@$(COMPILE) $(CFLAGS_$<) -MMD -MP -c -o $@ $<

# The command and flags everything was compiled with; rewritten only when they change.
$O/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(COMPILE) $(LINK) JIT=$(JIT)' | cmp -s - $@ || echo '$(COMPILE) $(LINK) JIT=$(JIT)' >$@

# --- unit tests: one program per file; other .c files in tests/unit are linked to each

$(patsubst $O/unit/%,$O/obj/tests/unit/%.o,$(UNIT)) $(UNIT_HELP): | deps-check

$(UNIT): $O/unit/%: $O/obj/tests/unit/%.o $(UNIT_HELP) $(LIB)
	@echo "  LINK    $@"
	@mkdir -p $(@D)
	@$(LINK) -o $@ $^ $(LDFLAGS_$*) $$(pkg-config --libs check) $(LIBS)

# --- guest tests: the same programs for every MODE. Programs in helpers/ are built, but only run by tests

$B/guest-tests/%: tests/guest/%.c $(wildcard tests/guest/*.h) $B/sdk/.done
	@echo "  GUEST   $<"
	@mkdir -p $(@D)
	@$B/sdk/bin/flat32-cc -std=gnu11 -O2 -g $(WARN) -Itests/guest $(CFLAGS_$<) -o $@ $<

include guest-rootfs/sdk.mk
-include $(RULES)
$(OBJ): $(RULES)
-include $(OBJ:.o=.d) $(patsubst %.c,$O/obj/%.d,$(wildcard tests/unit/*.c))
