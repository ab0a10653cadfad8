# Programs of others for make bench-cpu: Lua, SQLite and BusyBox's gzip. The first two are built from Debian's source packages
# for both sides; the guest's BusyBox is that of the image, the native one has its gzip alone.

BENCH_SRC	:= $B/bench/src
# Lua's hashes without a seed from the clock, SQLite for one thread: the same work every time.
BENCH_lua	= -std=gnu99 -O2 -DLUA_USE_POSIX '-Dluai_makeseed(L)=0u' -o $@ \
	$$(ls $(BENCH_SRC)/lua5.4/src/*.c | grep -v -e /luac.c) -lm
BENCH_sqlite	= -std=gnu11 -O2 -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION -I$(BENCH_SRC)/sqlite3 -o $@ \
	tests/bench/apps/sqlite.c $(BENCH_SRC)/sqlite3/sqlite3.c -lm

$(BENCH_SRC)/.done: tests/bench/apps/sources.sh | deps-bench
	@DL=$(DL) LOG=$B/log tests/bench/apps/sources.sh $(@D)
	@touch $@

$(addprefix $B/bench/cpu/,lua sqlite): $B/bench/cpu/%: $(BENCH_SRC)/.done tests/bench/apps/sqlite.c $B/sdk/.done
	@echo "  GUEST   $@"
	@mkdir -p $(@D)
	@$B/sdk/bin/flat32-cc $(BENCH_$*)

$(addprefix $B/bench/native/,lua sqlite): $B/bench/native/%: $(BENCH_SRC)/.done tests/bench/apps/sqlite.c $B/bench/native-cc
	@echo "  NATIVE  $@"
	@mkdir -p $(@D)
	@$(NATIVE_CC) $(BENCH_$*)

$B/bench/cpu/gzip: $B/busybox/.done $B/bench/text $B/bench/text-short
	@mkdir -p $(@D)
	@cp $B/busybox/busybox $@

$B/bench/native/gzip: $B/busybox/.done tests/bench/apps/gzip.sh $B/bench/native-cc
	@LOG=$B/log JOBS=$(JOBS) NATIVE_CC='$(NATIVE_CC)' tests/bench/apps/gzip.sh $B/src/busybox $B/busybox/.config $B/bench/gzip $@

$B/bench/text: tests/bench/apps/text.awk
	@mkdir -p $(@D)
	@awk -f $< -v lines=80000 >$@
$B/bench/text-short: tests/bench/apps/text.awk
	@mkdir -p $(@D)
	@awk -f $< -v lines=2000 >$@
