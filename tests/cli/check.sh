#!/bin/sh
# tests/check.sh itself: what it makes of tests that pass, fail, flood, hang or say nothing.
# beside: yes
. "${0%/*}/lib/tap.sh"
plan 16

tree=$TMPDIR/tree
mkdir -p "$tree/tests/cli" "$tree/build"
cp tests/check.sh "$tree/tests/"
printf '#!/bin/sh\necho "Engines: interp"\n' >"$tree/build/flat32"
chmod +x "$tree/build/flat32"

# a NAME: a test of this name is what comes from the standard input
a() {
	{ echo '#!/bin/sh'; cat; } >"$tree/tests/cli/$1.sh"
	chmod +x "$tree/tests/cli/$1.sh"
}
# check PATTERN...: what check.sh says, without times
check() {
	env -u B -u O KEEP=100000 TIMEOUT="${limit:-60}" "$tree/tests/check.sh" "$@" >"$TMPDIR/out" 2>&1
	status=$?
}
says() { ok "$1" grep -qF -- "$2" "$TMPDIR/out"; }

a good <<'T'
echo 1..3
echo ok 1 - one
echo 'ok 2 # SKIP two'
echo 'not ok 3 # TODO three'
T
check cli/good; same "a good test: 0" $status 0
says "it passed" "1 passed, 2 skipped"

a bad <<'T'
echo 1..2
echo ok 1
echo not ok 2 - wrong
exit 1
T
check cli/bad; same "a bad one: 1" $status 1
says "its failure is named" "cli/bad: not ok 2 - wrong"
says "and is one" "1 passed, 1 failed"

a silent </dev/null
check cli/silent; says "a test that says nothing" "printed no TAP plan"
a short <<'T'
echo 1..2
echo ok 1
T
check cli/short; says "one that says too little" "planned 2 results, printed 1"
a killed <<'T'
echo 1..1
echo ok 1
kill -TERM $$
T
check cli/killed; says "one that a signal ends" "ended by signal 15"
a slow <<'T'
echo 1..1
sleep 30
T
limit=1 check cli/slow; says "one that does not end" "stopped after 1 s (time-out)"
check cli/nothing; same "no test of this name: 2" $status 2

# Two million lines that are failures, for which the verdict may not take longer than reading them.
a flood <<'T'
yes 'not ok 1 - again' | head -n 2000000
kill -TERM $$
T
limit=20 check cli/flood; same "a flood: 1" $status 1
says "its failures are counted" "0 passed, 2000001 failed"
same "few are listed" "$(grep -c '^  cli/flood: not ok 1 - again$' "$TMPDIR/out")" 20
says "the others are not" "cli/flood: and 1999980 more"
says "how it ended is" "cli/flood: ended by signal 15"
same "of its log beginning and end are kept" "$(wc -c <"$tree/build/check/cli/flood.log" | awk '{ print ($1 > 100000 && $1 < 100200) }')" 1
finish
