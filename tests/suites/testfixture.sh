#!/bin/sh
# SQLite's main body of tests: test/*.test and those of its extensions, which testfixture runs, a Tcl with SQLite in it. The set is its
# own "veryquick": all but the simulation of failures of malloc() and disks, and what is large.
#
#   testfixture.sh build | run		lib.sh says more
#   testfixture.sh compile FILE	one object (build runs this, several at once)
#
# Each file is a process, and a test; of one with failures each test that failed is named instead.
. "${0%/*}/lib.sh"
tcl=$src/tcl8.6
sqlite=$B/bench/src/sqlite3
guests=8

# The flags that main.mk has for it, and the functions log() and so on, which some tests want.
compile() {
	cd "$sqlite" && "$cc" -O1 -w -I. -Isrc -Iext/rtree -Iext/icu -Iext/fts3 -Iext/async -Iext/session -Iext/misc -Iext/userauth \
		-I"$src/zlib" -I"$tcl/generic" -I"$tcl/unix" -DSQLITE_THREADSAFE=1 -DSQLITE_NO_SYNC=1 -DSQLITE_TEST=1 -DSQLITE_CRASH_TEST=1 \
		-DSQLITE_SERVER=1 -DSQLITE_PRIVATE= -DSQLITE_CORE -DSQLITE_SERIES_CONSTRAINT_VERIFY=1 -DSQLITE_DEFAULT_PAGE_SIZE=1024 \
		-DSQLITE_ENABLE_STMTVTAB -DSQLITE_ENABLE_DBPAGE_VTAB -DSQLITE_ENABLE_BYTECODE_VTAB -DTCLSH_INIT_PROC=sqlite3TestInit \
		-DSQLITE_CKSUMVFS_STATIC -DSQLITE_STATIC_RANDOMJSON -DSQLITE_STRICT_SUBTYPE=1 -DSQLITE_OMIT_LOAD_EXTENSION \
		-DSQLITE_ENABLE_MATH_FUNCTIONS \
		-c -o "$out/objects/$(echo "$1" | tr / :).o" "$1"
}

# The largest first.
sources() {
	echo sqlite3.c
	# shellcheck disable=SC2016
	make -s -C "$sqlite" -f main.mk TOP=. --eval 'print: ; @echo $(TESTSRC)' print | tr ' ' '\n' | sed -n 's,^\./,,p' | sort -u
	echo ext/session/test_session.c
	echo src/tclsqlite.c
}

# The names of the set's files, as testfixture itself knows them.
list() {
	cat >"$out/list.tcl" <<-EOF
		set argv0 $sqlite/test/list.test
		set testdir $sqlite/test
		source \$testdir/permutations.test
		array set set \$::testspec(veryquick)
		foreach file \$set(-files) { puts "= [string map {$sqlite/ {} test/../ {}} [file join \$testdir \$file]]" }
	EOF
	"$FLAT32" run -E "TCL_LIBRARY=$tcl/library" "$out/testfixture" "$out/list.tcl" | sed -n 's/^= //p' | sort -u >"$out/list"
	[ "$(wc -l <"$out/list")" -gt 900 ]
}

compile_all() {
	"$top/tests/suites/tcl.sh" build && sources | xargs -P "$JOBS" -n 1 "$0" compile &&
		"$cc" -s -Wl,-z,stack-size=2097152 -o "$out/testfixture" "$out"/objects/*.o "$D/tcl/libtcl.a" -lm && rm -rf "$out/objects" && cd "$out" && list
}

build() {
	fresh "$out/.done" "$0" "$top/tests/suites/limit.c" "$src/.done" "$B/bench/src/.done" "$sdk/.done" && return
	rm -rf "$out"
	mkdir -p "$out/objects"
	step 1/1 'building testfixture' suites-testfixture 0 compile_all
	build_limit && touch "$out/.done"
}

# The guest's part. A list's line: a file's name.
guest_script() {
	cat <<-'EOF'
		#!/bin/sh
		export TCL_LIBRARY=/tcl/library HOME=/tmp
		chmod 1777 /tmp
		cd /tmp
		while read -r name; do
			/limit -u 65534 300 /testfixture /sqlite/$name >/out 2>&1 </dev/null
			echo "@ $? $name"
			grep -a '^!\|errors out of' /out || tail -n 3 /out
			echo
			rm -rf /tmp/*
		done </list
		echo END
	EOF
}

guest_files() {
	mkdir -p "$1/sqlite" "$1/tcl"
	cp -R "$tcl/library" "$1/tcl/"
	(cd "$sqlite" && tar -c --exclude='fuzzdata*' $(ls -d test ext/*/test ext/*/*.test ext/*/*.tcl)) | tar -x -C "$1/sqlite"
	ln "$out/testfixture" "$1/" || return 1
	options='-m 512M'
}

verdicts() {
	tr -d '\000' | awk -v OFS='\t' '
		function finish(    i, n, test) {
			sub(/\.test$/, "", file)
			sub(/^test\//, "", file)
			if (file == "")
				return
			if (status == 0)
				print "pass", file, ""
			n = split(failures, test, " ")
			for (i = 1; i <= n; i++)
				print "fail", file "/" test[i], got[test[i]]
			if (status != 0 && n == 0)
				print "fail", file, (status == 124 ? "stopped: took too long" : status > 128 ? "signal " status - 128 : said)
			file = failures = said = ""
		}
		{ sub(/\r$/, ""); gsub(/\t/, " ") }
		/^@ [0-9]+ [^ ]+$/ { finish(); status = $2; file = $3; next }
		$0 == "END" { finish(); next }
		/^! .* got: / { name = $2; sub(/.* got: */, "got "); got[name] = $0; next }
		/^!Failures on these tests: / { sub(/^[^:]*: /, ""); failures = $0; next }
		{ said = $0 }'
}

run() {
	rm -rf "$out/run"
	mkdir -p "$out/run"
	expected skip | sed 's/$/.test/' >"$out/run/skip"
	sed 's,^test/,,' "$out/list" | grep -vxFf "$out/run/skip" | sed '/^ext\//!s,^,test/,' >"$out/run/list"
	sed "s,\(.*\)\.test,skip$tab\1$tab," "$out/run/skip"
	guests "$guests"
	for log in "$out"/run/*.log; do
		verdicts <"$log"
	done
}

case ${1-} in
build) build ;;
compile) compile "$2" ;;
run) run ;;
esac
