# Test suites of others, run in the guest: make suites [T='busybox posix'], docs/suites.md. KIND=fdpic-static, fdpic-shared,
# fdpic-shared-O2, pie-O2 and so on: with programs of that kind (guest-rootfs/sdk-kind.sh), in a folder of its own.
SUITES_D	:= $B/suites
SUITES_SDK	:= $(SDK)$(KIND:%=-%)
SUITES_SRC	:= posixtestsuite=1.5 lua-lpeg=1.0 lua-filesystem=1.8 quickjs=2021 bzip2=1.0 mtd-utils=2.1 libuv1=1.40 zlib=1:1.2 tcl8.6=8.6.10 fio=3.33 memtester=4.6 ioping=1.3 strace=6.1
SUITES_LUA	:= $(if $(filter lua,$(or $(T),lua)),$(SUITES_D)/src/lua/.done $(SDK)/.fdpic)
SUITES_LIBC	:= $(if $(filter libc,$(or $(T),libc)),$(SUITES_D)/src/picolibc/.done)

# The emulator of strace's tests: with memory that ends (fence.c).
FENCED		:= $O/flat32-fenced
FENCED_WRAP	:= flat_span flat_span_write flat_read flat_write flat_clear flat_read_string sys_munmap sys_execve sys_exit_group

$(FENCED): $O/obj/tests/suites/fence.o $O/obj/emu/main.o $(LIB)
	@echo "  LINK    $@"
	@$(LINK) $(FENCED_WRAP:%=-Wl,--wrap=%) -o $@ $^ $(LIBS)
-include $O/obj/tests/suites/fence.d

.PHONY: suites suites-doc
suites: $(FLAT32) $(FENCED) rootfs $(SUITES_D)/src/.done $(SUITES_LUA) $(SUITES_LIBC) $B/bench/src/.done $(SUITES_SDK)/.done	## test suites of others in the guest (half an hour; KIND=fdpic-shared)
	@$(if $(KIND),mkdir -p $(SUITES_D)-$(KIND) && ln -sfn ../suites/src $(SUITES_D)-$(KIND)/src)
	@FLAT32=$(abspath $(FLAT32)) FENCED=$(abspath $(FENCED)) B=$(abspath $B) D=$(abspath $(SUITES_D))$(KIND:%=-%) SDK=$(abspath $(SUITES_SDK)) LOG=$(abspath $B/log) \
		JOBS=$(JOBS) tests/suites/run.sh $(T)

$(SDK)-%/.done: $(SDK)/.fdpic $(GR)/sdk-kind.sh
	@$(GR)/sdk-kind.sh $(SDK) $* $(@D)
	@touch $@

suites-doc: suites			## the same, and write docs/suites.md
	@cp $(SUITES_D)/suites.md docs/suites.md

$(SUITES_D)/src/.done: tests/suites/sources.sh tests/suites/rules.mk | deps-check
	@DL=$(DL) LOG=$B/log tests/suites/sources.sh $(@D) $(SUITES_SRC)
	@touch $@

$(SUITES_D)/src/lua/.done: $(SUITES_D)/src/.done tests/suites/lua-source.sh
	@DL=$(DL) LOG=$B/log tests/suites/lua-source.sh $(@D) wesnoth-1.18=1.18.5
	@touch $@

$(SUITES_D)/src/picolibc/.done: $(SUITES_D)/src/.done tests/suites/upstream.sh
	@DL=$(DL) LOG=$B/log tests/suites/upstream.sh $(@D) picolibc=1.8.10
	@touch $@
