#!/bin/sh
# Run the tests and add up their TAP.
#
#   check.sh [PATTERN...]	which tests, as "unit/test_x", "guest/futex", "cli/*"; default: all
#
#   unit/NAME	build/unit/NAME, from tests/unit/NAME.c		(MODE's build)
#   guest/NAME	build/guest-tests/NAME run in the emulator, from tests/guest/NAME.c
#   cli/NAME	tests/cli/NAME.sh
#
# Environment: O, the folder of the build to test (build, build/asan, ...); B, the top build folder;
# TIMEOUT, seconds for one test (60; four times that for a MODE with checks). A test that needs more has a
# line with "timeout: SECONDS" near the top of its source. Tests find FLAT32 (the emulator), FLAT32_CC, O
# and B in their environment, and a scratch folder of their own in TMPDIR. All that a test printed is in
# O/check/ROOM/NAME.log: of a test that printed more than KEEP bytes (16 MiB), all but the first and the last half of that is gone
# when it has ended.
#
# GUEST is the folder of the guest programs, if not B/guest-tests, and RUN more options for them (make check-fdpic): then those that
# are there are run, on the default engine.
#
# A guest test that needs a machine of its own kind has a line with "flat32: OPTIONS" near the top.
#
# Tests run one after another, as many measure time. A script that does not, and is long, has a line with "beside: yes" near
# the top: such ones run in a second row beside the others, if there is a processor for it, and are shown in the end.
#
# Guest tests, and scripts with a line "engines: all" near the top, are run once more on each engine that is not the default:
# "guest/futex (interp)", in O/check/guest/futex-interp.log. A pattern chooses a test on all engines.
#
# A test passes or fails line by line, as its TAP says. It fails once more if it ends by a signal, in time-out
# or with a status other than 0 that no "not ok" explains, if it prints no plan, or not as many results as
# planned.

set -u
cd "${0%/*}/.." || exit 2
B=${B:-build} O=${O:-build}
B=$(cd "$B" && pwd) && O=$(cd "$O" && pwd) || exit 2
FLAT32=$O/flat32 FLAT32_CC=$B/sdk/bin/flat32-cc
export B O FLAT32 FLAT32_CC
export CK_TAP_LOG_FILE_NAME=- CK_VERBOSITY=silent CK_FORK=no
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
slow=1 keep=${KEEP:-16777216}
[ "$O" = "$B" ] || slow=4

if [ -t 1 ]; then
	red=$(printf '\033[31m') plain=$(printf '\033[m')
else
	red='' plain=''
fi

# The default is named first.
others=$("$FLAT32" --version | sed -n 's/^Engines: [^ ]* *//p')

[ -z "${GUEST-}" ] || others=

# on_engine NAME: makes a command of its own of the emulator with that engine
on_engine() {
	cat >"$O/check/flat32-$1" <<-EOF
		#!/bin/sh
		case \${1-} in
		run | boot) command=\$1; shift; exec "$O/flat32" "\$command" --engine $1 "\$@" ;;
		esac
		exec "$O/flat32" "\$@"
	EOF
	chmod +x "$O/check/flat32-$1"
}

# tests: "room/name source [engine]" of every test there is
tests() {
	for source in tests/unit/test_*.c tests/guest/*.c tests/cli/*.sh; do
		[ -e "$source" ] || continue
		[ -z "${GUEST-}" ] || [ -e "$GUEST/$(basename "$source" .c)" ] || continue
		name=${source#tests/}
		echo "${name%.*} $source"
		case $source in
		tests/unit/*) continue ;;
		tests/cli/*) sed 20q "$source" | grep -q '^# engines: all' || continue ;;
		esac
		for engine in $others; do
			echo "${name%.*} $source $engine"
		done
	done
}

chosen() {
	[ $# -gt 1 ] || return 0
	name=$1
	shift
	for pattern; do
		# shellcheck disable=SC2254
		case $name in
		$pattern) return 0 ;;
		esac
	done
	return 1
}

options() {
	sed -n '1,20s/.*flat32: \(--.*\)/\1/p' "$1"
}

run() {
	case $1 in
	unit/*) set -- "$O/$1" ;;
	# shellcheck disable=SC2046,SC2086
	guest/*) set -- "$FLAT32" run $(options "$2") ${RUN-} "${GUEST:-$B/guest-tests}/${1#guest/}" ;;
	cli/*) set -- "$2" ;;
	esac
	timeout -k 5 "$limit" "$@" </dev/null
}

# verdict LOG STATUS: prints "passed failed skipped" and then a line for each failure (of many the first twenty)
verdict() {
	awk -v status="$2" -v limit="$limit" '
		function fault(text) {
			failed++
			if (ended || listed < 20) { listed++; list = list substr(text, 1, 400) "\n" }
		}
		/^1\.\.[0-9]+/ { planned = substr($1, 4) + 0; plan = 1; if (planned == 0) { skipped++ } next }
		/^ok( |$)/ { seen++; if (toupper($0) ~ /# *SKIP/) skipped++; else passed++; next }
		/^not ok/ { seen++; if (toupper($0) ~ /# *TODO/) skipped++; else { bad = 1; fault($0) } next }
		/^Bail out!/ { fault($0); bailed = 1 }
		END {
			ended = 1
			if (status == 124 || status == 137 && !bailed)
				fault("stopped after " limit " s (time-out)")
			else if (status > 128)
				fault("ended by signal " status - 128)
			else if (status != 0 && !bad && !bailed)
				fault("ended with status " status)
			else if (!plan && !bailed)
				fault("printed no TAP plan")
			else if (plan && seen != planned && !bailed)
				fault("planned " planned " results, printed " seen + 0)
			printf "%d %d %d\n%s", passed, failed, skipped, list
			if (failed > listed)
				print "and " failed - listed " more"
		}' "$1"
}

# shorten LOG: of one that is too long, beginning and end are kept
shorten() {
	size=$(wc -c <"$1") half=$((keep / 2))
	[ "$size" -gt "$keep" ] || return 0
	{
		head -c $half "$1"
		printf '\n# check.sh: %d bytes of %d are left out\n' $((size - keep)) "$size"
		tail -c $half "$1"
	} >"$1.short"
	mv "$1.short" "$1"
}

# One at a time in one folder: results are files there.
exec 8>"$O/.check-lock"
flock -n 8 || { echo "waiting for another make check in $O" && flock 8; }

started=$(date +%s)
failures=$O/check/failures
rm -rf "$O/check"
mkdir -p "$O/check"
: >"$failures"
for engine in $others; do
	on_engine "$engine"
done

# one NAME SOURCE [ENGINE]: runs it, prints what came of it, leaves "passed failed skipped" in a file beside its log
one() {
	name=$1 source=$2 engine=${3-}
	FLAT32=$O/${engine:+check/}flat32${engine:+-$engine}
	title=$name${engine:+ ($engine)}
	log=$O/check/$name${engine:+-$engine}.log
	TMPDIR=$O/check/$name${engine:+-$engine}.tmp
	export TMPDIR
	mkdir -p "$TMPDIR"
	limit=$(sed -n '1,20s/.*timeout: \([0-9][0-9]*\).*/\1/p' "$source" | head -n 1)
	limit=$((${limit:-${TIMEOUT:-60}} * slow))
	before=$(date +%s)
	run "$name" "$source" >"$log" 2>&1 8>&-
	status=$?
	took=$(($(date +%s) - before))
	rm -rf "$TMPDIR"
	verdict "$log" $status >"${log%.log}.verdict"
	shorten "$log"
	{
		read -r p f s
		note="$p passed"
		[ "$f" = 0 ] || note="$note, ${red}$f failed$plain"
		[ "$s" = 0 ] || note="$note, $s skipped"
		[ $took -lt 5 ] || note="$note ($took s)"
		printf '%-36s %s\n' "$title" "$note"
		while read -r line; do
			echo "    $red$line$plain"
			echo "$title: $line" >>"$failures"
		done
		[ "$f" = 0 ] || sed 's/^/    | /' "$log" | grep -v '    | ok' | tail -n 15
	} <"${log%.log}.verdict"
}

# row LIST: runs what is in the list
row() {
	while read -r name source engine <&3; do
		one "$name" "$source" "$engine"
	done 3<"$1"
}

tests | while read -r name source engine; do
	chosen "$name" "$@" || continue
	row=row
	case $source in *.sh) sed 20q "$source" | grep -q '^#.*beside: yes' && row=beside ;; esac
	echo "$name $source $engine" >>"$O/check/$row"
done
touch "$O/check/row" "$O/check/beside"
if [ -s "$O/check/row" ] && [ "$(nproc 2>/dev/null || echo 1)" -gt 1 ]; then
	row "$O/check/beside" >"$O/check/beside.out" &
	# What runs in the background does not hear of an interrupt at the terminal.
	trap 'trap - INT TERM; kill 0' INT
	trap 'kill $!; exit 143' TERM
	row "$O/check/row"
	wait
	cat "$O/check/beside.out"
else
	row "$O/check/row"
	row "$O/check/beside"
fi
patterns=$*
# shellcheck disable=SC2046
set -- $(find "$O/check" -name '*.verdict' -exec awk 'FNR == 1' {} + | awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }')
passed=$1 failed=$2 skipped=$3

if [ $((passed + failed + skipped)) = 0 ]; then
	echo "check.sh: no test matches $patterns" >&2
	exit 2
fi
[ $skipped = 0 ] || echo "$skipped skipped: $(grep -lri '^ok.*# *skip\|^1\.\.0' "$O/check" --include=*.log |
	sed "s|^$O/check/||; s|\.log$||" | tr '\n' ' ')"
if [ $failed != 0 ]; then
	echo "failed:"
	sed 's/^/  /' "$failures"
fi
echo "in $(($(date +%s) - started)) s"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
