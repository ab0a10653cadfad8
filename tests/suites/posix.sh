#!/bin/sh
# The Open POSIX Test Suite (Debian's posixtestsuite): threads, signals, timers, message queues, semaphores, shared memory,
# scheduling, asynchronous I/O.
#
#   posix.sh build | run	lib.sh says more
#   posix.sh compile FILE	one program (build runs this, several at once)
#
# All programs of conformance/interfaces, each a process of its own in a booted guest, several guests at once: most
# tests sleep. A test is named as its file, "sigaction/1-1". What a status means is in the suite's include/posixtest.h.
. "${0%/*}/lib.sh"
tests=$src/posixtestsuite/conformance/interfaces
guests=12
limit=60

# The suite's own flags (its LDFLAGS file and Makefile) but for -Werror; musl needs no libraries.
compile() {
	name=${1#"$tests/"} name=${name%.c}
	program=$out/programs/$(echo "$name" | tr / :)
	"$cc" -std=gnu99 -O2 -w -s -D_GNU_SOURCE -D_POSIX_C_SOURCE=200112L -include "$top/tests/suites/posix.h" \
		-I"$src/posixtestsuite/include" -o "$program" "$1" 2>"$out/errors/${program##*/}" &&
		rm "$out/errors/${program##*/}"
}

# programs: the files that are a program. The others are included by these, or are meant to be compiled only, or are
# the second half of a shell script.
programs() {
	find "$tests" -name '*.c' -path '*/[0-9]*-[0-9]*.c' ! -name '*buildonly*' | sort |
		xargs grep -lE '\bmain\b'
}

build() {
	fresh "$out/.done" "$0" "$top/tests/suites/limit.c" "$src/.done" "$top/tests/suites/posix.h" "$sdk/.done" && return
	rm -rf "$out"
	mkdir -p "$out/programs" "$out/errors"
	step 1/1 'building the POSIX test suite' suites-posix 0 compile_all
	build_limit && touch "$out/.done"
}

compile_all() {
	programs >"$out/list"
	xargs -P "$JOBS" -n 1 "$0" compile <"$out/list"
	[ "$(find "$out/programs" -type f | wc -l)" -gt 1500 ]
}

# forks FILE: whether it calls fork(), outside of comments
forks() {
	awk '{
		gsub(/\/\*[^*]*\*\//, "")
		if (inside) {
			if (!sub(/.*\*\//, ""))
				next
			inside = 0
		}
		if (sub(/\/\*.*/, ""))
			inside = 1
		if (/(^|[^a-zA-Z_])fork *\(/)
			found = 1
	}
	END { exit !found }' "$1"
}

# sort_out: says which programs are not run, and why; the others are listed in $out/run/list
sort_out() {
	expected skip >"$out/run/skip"
	while read -r file; do
		name=${file#"$tests/"} name=${name%.c}
		program=$(echo "$name" | tr / :)
		if [ -e "$out/errors/$program" ]; then
			why=$(sed -n 's/.*undefined symbol: \([a-z_]*\).*/musl has no \1()/p' "$out/errors/$program" | head -n 1)
			printf 'skip\t%s\t%s\n' "$name" "${why:-does not compile}"
		elif grep -qxF "$name" "$out/run/skip"; then
			printf 'skip\t%s\t\n' "$name"
		elif forks "$file"; then
			printf 'skip\t%s\tcalls fork()\n' "$name"
		else
			echo "$program" >>"$out/run/list"
		fi
	done <"$out/list"
}

# The guest's part.
guest_script() {
	cat <<-EOF
		#!/bin/sh
		cd /tmp
		for program in /suite/*; do
			/limit $limit \$program >/out 2>&1 </dev/null
			echo "@ \$? \${program##*/} \$(tail -n 1 /out | tr '\\t' ' ')"
			rm -rf /tmp/* /dev/shm/*
		done
		echo END
	EOF
}

guest_files() {
	mkdir -p "$1/suite"
	while read -r program; do
		ln "$out/programs/$program" "$1/suite/" || return 1
	done <"$1/list"
}

run() {
	rm -rf "$out/run"
	mkdir -p "$out/run"
	sort_out
	guests "$guests"
	# [hh:mm:ss] is when
	sed -n 's/\r$//; s/^@ //p' "$out"/run/*.log | awk '{
		status = $1
		name = $2
		gsub(/:/, "/", name)
		sub(/^[^ ]* [^ ]* */, "")
		gsub(/\[[0-9:]*\]/, "")
		result = status == 0 ? "pass" : status == 4 || status == 5 ? "skip" : "fail"
		why = status == 0 ? "" : status == 4 ? "the test says: not supported" : status == 5 ? "the test says: not tested" : \
			status == 124 ? "stopped after '$limit' s" : status > 128 ? "signal " status - 128 : $0
		printf "%s\t%s\t%s\n", result, name, why
	}' | sort -V
}

case ${1-} in
build) build ;;
compile) compile "$2" ;;
run) run ;;
esac
