# Programs of others that draw and read input, built from Debian's source packages: make real-programs, docs/framebuffer.md.
PROGRAMS_D	:= $B/programs
PROGRAMS_SRC	:= fbset=2.1 fbcat=0.5 libsdl1.2=1.2.15

.PHONY: real-programs
real-programs: $(PROGRAMS_D)/.done check-programs	## fbset, fbcat and SDL of Debian drive the guest's framebuffer and input
	@for t in check sdl; do \
		O=$(abspath $O) B=$(abspath $B) FLAT32=$(abspath $(FLAT32)) CC="$(CC)" tests/programs/$$t.sh || exit 1; done

$(PROGRAMS_D)/.done: tests/programs/build.sh tests/programs/rules.mk $(SDK)/.done | deps-check deps-long
	@DL=$(DL)/upstream LOG=$B/log JOBS=$(JOBS) tests/programs/build.sh $(@D) $(SDK) $(PROGRAMS_SRC)
	@touch $@
