#!/bin/sh
# run.sh FLAT32 IMAGE CALLS [SEED] [EACH]: random system calls until CALLS of them are made, EACH (60000) a machine, every
# machine with a seed of its own.
#
# The guest may die of what it does: that is its affair, and the next machine begins. What must not be: a report of a
# sanitizer, a signal of the host, a machine that hangs, kernel records that are wrong (--self-check), or a file outside.
# A failure says which seed; the same seed is the same run (--deterministic).  Every other machine is interpreted: programs
# that live as briefly as these are little more than translated otherwise.
#
# The guest has no share, no network and no descriptor of the host's but its output. The emulator runs all the same in a
# folder of its own, as a user who may do nothing, if we are root and can become one.
set -u
name=$0 flat32=$(realpath "$1") image=$(realpath "$2") calls=$3 seed=${4:-1} each=${5:-60000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
echo untouched >"$folder/canary"
mkdir "$folder/work"
chmod 755 "$folder"
chmod 777 "$folder/work"
cd "$folder/work" || exit 2
cp "$flat32" "$folder/flat32" && cp "$image" "$folder/image" && chmod 755 "$folder/flat32" && chmod 644 "$folder/image"
as=
[ "$(id -u)" != 0 ] || as='setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --inh-caps=-all'
ulimit -c 0
# CPU time, however busy the host is; timeout(1) is for one that sleeps. A task whose timer fires all the time is slow, not stuck.
limit=${LIMIT:-240}
ulimit -t "$limit"
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"

# fail WHY: says it, with what the emulator said, and how to see it again
fail() {
	echo "not ok: seed $seed: $1"
	grep -v '^calls ' "$folder/out" | tail -c 6000 | sed 's/^/# /'
	echo "# again: $name FLAT32 IMAGE $each $seed $each"
	exit 1
}

engines=$("$flat32" --version | sed -n 's/^Engines: //p')
made=0 machines=0 early=0
while [ "$made" -lt "$calls" ]; do
	# The first or the last there is.
	[ $((seed % 2)) = 0 ] && engine=${engines%% *} || engine=${engines##* }
	start=$(date +%s)
	read -r began _ </proc/uptime
	# shellcheck disable=SC2086
	timeout -k 5 1500 $as "$folder/flat32" boot --engine "$engine" ${OPTIONS-} -m 16M --flash :256K:16K --flash-time 1 --deterministic --self-check \
		--log emerg --exec "$seed $each" "$folder/image" >"$folder/out" 2>&1 </dev/null
	status=$?
	grep -aq 'Sanitizer\|runtime error:\|self-check:' "$folder/out" && fail "a report"
	case $status in
	124) fail "it does not end" ;;
	137 | 152)	# or the supervisor ended by such a signal
		read -r now _ </proc/uptime
		[ $((${now%.*} - ${began%.*})) -lt "$limit" ] || fail "it does not end"
		;;
	125 | 126 | 127) fail "status $status" ;;
	esac
	read -r canary <"$folder/canary" && [ "$canary" = untouched ] || fail "the canary was touched"
	n=$(sed -n 's/^calls \([0-9]*\) .*/\1/p' "$folder/out" | tail -n 1)
	[ -n "$n" ] && [ "$n" -le $((each * 4)) ] || early=$((early + 1)) n=$((each / 8))
	[ -z "${VERBOSE-}" ] || echo "# seed $seed: $(tail -n 1 "$folder/out"), $(($(date +%s) - start)) s"
	made=$((made + n)) machines=$((machines + 1)) seed=$((seed + 1))
done
[ -z "$(ls -A "$folder/work")" ] || fail "files appeared on the host"
echo "ok: $made calls, $machines machines, $early ended early"
