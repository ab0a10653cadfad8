# Programs of others that draw and read input, and servers, built from Debian's source packages: make real-programs, docs/framebuffer.md,
# docs/sockets.md.
PROGRAMS_D	:= $B/programs
PROGRAMS_SRC	:= fbset=2.1 fbcat=0.5 input-utils=1.3 libsdl1.2=1.2.15 sdl-mixer1.2=1.2.12 \
		   heroes=0.21 heroes-data=1.5 heroes-sound-effects=1.0 \
		   dropbear=2022 lighttpd=1.4.69..1.4.70 redis=7..8

.PHONY: real-programs
real-programs: $(PROGRAMS_D)/.done check-programs	## programs of Debian, a game among them, drive the guest's framebuffer, input and sound; servers answer
	@for t in check input sdl game servers; do \
		O=$(abspath $O) B=$(abspath $B) FLAT32=$(abspath $(FLAT32)) CC="$(CC)" tests/programs/$$t.sh || exit 1; done

$(PROGRAMS_D)/.done: tests/programs/build.sh tests/programs/rules.mk $(SDK)/.done | deps-programs
	@DL=$(DL)/upstream LOG=$B/log JOBS=$(JOBS) tests/programs/build.sh $(@D) $(SDK) $(PROGRAMS_SRC)
	@touch $@
