#!/bin/sh
# SQLite's programs for testing that need no Tcl: of Debian's sqlite3 the fuzz cases with their checks (fuzzcheck),
# threads (threadtest3), processes that share a database and crash (mptester), speedtest1 and kvtest, and the shell.
#
#   sqlite.sh build | run	lib.sh says more
#   sqlite.sh guest NAME	one of the guests: fuzz0 to fuzz2, threads, processes, speed
#
# Several guests at once. SQLite's main body of tests is testfixture.sh's.
. "${0%/*}/lib.sh"
sqlite=$B/bench/src/sqlite3

# All that one of the programs asks for in SQLite's main.mk, so that one object serves them all.
flags="-std=gnu11 -O2 -w -s -I$sqlite -I$sqlite/src -I$sqlite/test -I$sqlite/ext/recover
	-DSQLITE_THREADSAFE=1 -DSQLITE_ENABLE_MEMSYS5 -DSQLITE_PRINTF_PRECISION_LIMIT=1000
	-DSQLITE_ENABLE_FTS4 -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE -DSQLITE_ENABLE_GEOPOLY -DSQLITE_ENABLE_DBSTAT_VTAB
	-DSQLITE_ENABLE_BYTECODE_VTAB -DSQLITE_ENABLE_DBPAGE_VTAB -DSQLITE_ENABLE_STMTVTAB -DSQLITE_STRICT_SUBTYPE=1
	-DSQLITE_STATIC_RANDOMJSON -DSQLITE_ENABLE_OFFSET_SQL_FUNC
	-Wl,-z,stack-size=1048576"

# program NAME FILE...
program() {
	name=$1
	shift
	# shellcheck disable=SC2086
	"$cc" $flags -o "$out/files/$name" "$@" "$out/sqlite3.o"
}

# It has SQLite in itself, with options of its own.
sessionfuzz() {
	"$cc" -O2 -w -s -DHAVE_UNISTD_H -I"$sqlite" -I"$src/zlib" -Wl,-z,stack-size=1048576 -o "$out/files/sessionfuzz" \
		"$sqlite/test/sessionfuzz.c" "$src"/zlib/*.c
}

compile() {
	# shellcheck disable=SC2086
	make -C "$sqlite" shell.c && "$cc" $flags -c -o "$out/sqlite3.o" "$sqlite/sqlite3.c" || return 1
	cd "$sqlite" &&
		program sqlite3 shell.c &&
		program fuzzcheck -DSQLITE_OSS_FUZZ test/fuzzcheck.c test/ossfuzz.c test/vt02.c test/fuzzinvariants.c ext/recover/dbdata.c \
			ext/recover/sqlite3recover.c ext/misc/randomjson.c &&
		program threadtest3 test/threadtest3.c src/test_multiplex.c &&
		program mptester mptest/mptest.c &&
		program speedtest1 test/speedtest1.c &&
		program kvtest test/kvtest.c &&
		sessionfuzz
}

build() {
	fresh "$out/.done" "$0" "$B/bench/src/.done" "$src/.done" "$sdk/.done" && return
	rm -rf "$out"
	mkdir -p "$out/files"
	step 1/1 "building SQLite's tests" suites-sqlite 0 compile
	cp "$sqlite"/test/fuzzdata*.db "$sqlite"/test/sessionfuzz-data1.db "$sqlite"/mptest/*test "$out/files/"
	build_limit && touch "$out/.done"
}

# orm needs longer strings than the fuzz cases may have (SQLITE_PRINTF_PRECISION_LIMIT), trigger the tables of main.
#
# cases: GUEST|NAME|SECONDS|COMMAND. fuzzcheck has thousands of cases in each file, and says itself which of them fails.
cases() {
	for n in 1 2 3 4 5 6 7 8; do
		echo "fuzz$((n % 3))|fuzzcheck/fuzzdata$n|1500|/files/fuzzcheck -q --timeout 600000 /files/fuzzdata$n.db"
	done
	for test in walthread1 walthread2 walthread3 walthread4 walthread5 cgt_pager_1 dynamic_triggers checkpoint_starvation_1 \
		checkpoint_starvation_2 create_drop_index_1 lookaside1 vacuum1 stress1 stress2 shared1; do
		echo "threads|threadtest3/$test|150|/files/threadtest3 $test"
	done
	for mode in DELETE WAL PERSIST TRUNCATE; do
		for script in crash01 multiwrite01; do
			echo "processes|mptester/$script-$mode|150|/files/mptester mp.db /files/$script.test --journalmode $mode"
		done
	done
	for set in main cte fp rtree parsenumber debug1; do
		echo "speed|speedtest1/$set|300|/files/speedtest1 --size 10 --verify --testset $set sp.db"
	done
	echo 'speed|kvtest/blobs|120|/files/kvtest init kv.db --count 500 --size 10000 && /files/kvtest run kv.db --count 500 --integrity-check'
	echo 'speed|kvtest/files|120|/files/kvtest init kv.db --count 500 --size 10000 && mkdir kv && /files/kvtest export kv.db kv && /files/kvtest run kv --count 500'
	echo 'speed|sessionfuzz|120|/files/sessionfuzz run /files/sessionfuzz-data1.db'
	echo 'speed|shell/selftest|60|/files/sqlite3 t.db "create table t(a primary key, b); insert into t select value, randomblob(100) from generate_series(1, 2000);" ".selftest --init" ".selftest"'
	echo 'speed|shell/backup|60|/files/sqlite3 t.db "create table t(a, b); insert into t select value, hex(value) from generate_series(1, 5000);" ".backup u.db" && /files/sqlite3 t.db .dump >1 && /files/sqlite3 u.db .dump >2 && cmp 1 2'
	echo 'speed|shell/wal|60|/files/sqlite3 t.db "pragma journal_mode=wal; create table t(a); insert into t values(1);" && /files/sqlite3 t.db "select count(*) from t" | grep -qx 1'
}

# group NAME: its cases in a guest. Much memory: of checkpoint_starvation_1 the log grows as fast as the machine is.
group() {
	root=$out/run/$1
	mkdir -p "$root"
	cp -Rl "$out/files" "$root/"
	cases | sed -n "s/^$1|//p" | sed "s/|/$tab/; s/|/$tab/" | commands "$root" 1536M >"$root.results"
}

run() {
	rm -rf "$out/run"
	mkdir -p "$out/run"
	groups=$(cases | sed 's/|.*//' | sort -u)
	for g in $groups; do
		group "$g" &
	done
	wait
	for g in $groups; do
		cat "$out/run/$g.results"
	done
	for test in config01 config02; do
		printf 'skip\tmptester/%s\tno MMU: a database that is mapped by others cannot be cut (ETXTBSY), nor its mapping enlarged (EPERM)\n' $test
	done
	for test in orm trigger; do
		printf 'skip\tspeedtest1/%s\tthe suite: wants another build, or the tables of main\n' $test
	done
}

case ${1-} in
build) build ;;
run) run ;;
guest) guest "$2" && cat "$out/run/$2.results" ;;
esac
