#!/bin/sh
# Tcl 8.6 and its own tests (tests/*.test): the language, its compiler, regular expressions, strings and encodings, clocks, channels,
# sockets, pipelines of processes (by vfork()), files, notifiers.
#
#   tcl.sh build | run	lib.sh says more
#
# Each file is a process; a test is "FILE/NAME". What Tcl is built into, $out/tcltest and $out/libtcl.a, testfixture.sh takes too.
. "${0%/*}/lib.sh"
tcl=$src/tcl8.6
guests=8

# What configure would find out by running programs. It knows of vfork() for other systems only.
compile() {
	cd "$out/build" || return 1
	tcl_cv_strstr_unbroken=ok tcl_cv_strtoul_unbroken=ok tcl_cv_strtod_buggy=ok ac_cv_func_memcmp_working=yes CC="$cc -DUSE_VFORK" \
		AR="$sdk/bin/flat32-ar" RANLIB="$sdk/bin/flat32-ranlib" CFLAGS='-O2 -w' LDFLAGS=-Wl,-z,stack-size=1048576 \
		"$tcl/unix/configure" --host=riscv32-linux-musl --disable-shared --disable-load --disable-rpath &&
		make -j "$JOBS" tcltest && "$sdk/bin/flat32-strip" -o "$out/tcltest" tcltest && cp libtcl8.6.a "$out/libtcl.a"
}

build() {
	fresh "$out/.done" "$0" "$top/tests/suites/limit.c" "$src/.done" "$sdk/.done" && return
	rm -rf "$out"
	mkdir -p "$out/build"
	step 1/1 'building Tcl' suites-tcl 0 compile
	rm -rf "$out/build"
	build_limit && touch "$out/.done"
}

# The guest's part. A list's line: a file's name.
guest_script() {
	cat <<-'EOF'
		#!/bin/sh
		export TCL_LIBRARY=/tcl/library HOME=/home/nobody LANG=en_US.UTF-8
		chmod 1777 /tmp
		mkdir -p $HOME
		chown -R 65534:65534 /home /tcl/tests
		cd /tmp
		while read -r name; do
			/limit -t -u 65534 300 /tcl/tcltest /tcl/tests/$name.test -verbose 'start pass skip body error' -tmpdir /tmp >/out 2>&1 </dev/null
			echo "@ $? $name"
			cat /out
			echo
			rm -rf /tmp/*
		done </list
		echo END
	EOF
}

guest_files() {
	mkdir -p "$1/tcl"
	cp -R "$tcl/library" "$tcl/tests" "$1/tcl/"
	ln "$out/tcltest" "$1/tcl/" || return 1
	options='-m 512M'
}

# verdicts: from the guests' logs. A test that was begun and of which nothing more is heard has ended its process.
verdicts() {
	tr -d '\000' | awk -v OFS='\t' '
		function result(what, name, why) {
			gsub(/\t/, " ", why)
			print what, file "/" name, why
			begun = ""
		}
		{ sub(/\r$/, "") }
		/^@ [0-9]+ [^ ]+$/ {
			if (begun != "")
				result("fail", begun, "the process ended in it")
			if (status != 0)
				result("fail", "exit", "status " status)
			status = $2; file = $3; begun = ""
		}
		/^---- [^ ]+ start$/ { begun = $2 }
		/^\+\+\+\+ [^ ]+ PASSED$/ { result("pass", $2, "") }
		/^\+\+\+\+ [^ ]+ SKIPPED: / { name = $2; sub(/.*SKIPPED: /, ""); result("skip", name, "the suite: its constraint " $0) }
		/^==== [^ ]+ .*FAILED$/ && $2 != last { last = $2; result("fail", $2, $0) }
		$0 == "END" {
			if (begun != "")
				result("fail", begun, "the process ended in it")
			if (status != 0)
				result("fail", "exit", "status " status)
		}'
}

run() {
	rm -rf "$out/run"
	mkdir -p "$out/run"
	expected skip | sed -n 's,/\*$,,p' >"$out/run/skip"
	(cd "$tcl/tests" && ls ./*.test) | sed 's,^\./,,; s,\.test$,,' | grep -v '^win\|^macOSX' | grep -vxFf "$out/run/skip" >"$out/run/list"
	sed "s,.*,skip$tab&/*$tab," "$out/run/skip"
	guests "$guests"
	for log in "$out"/run/*.log; do
		verdicts <"$log"
	done
}

case ${1-} in
build) build ;;
run) run ;;
esac
